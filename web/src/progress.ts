import type { LoadProgress } from './types.js';

/** The speed shown is that of this last stretch. */
const WINDOW_MS = 3000;

/** Adds the speed to what is known of a load, and tells `onProgress`. */
export function createProgress(
  onProgress: ((progress: LoadProgress) => void) | undefined,
): (progress: Omit<LoadProgress, 'bytesPerSecond'>) => void {
  let marks: { readonly at: number; readonly loaded: number }[] = [];
  return (progress) => {
    const now = performance.now();
    marks = [...marks.filter((mark) => now - mark.at <= WINDOW_MS), { at: now, loaded: progress.loaded }];
    const first = marks[0];
    const elapsed = first === undefined ? 0 : (now - first.at) / 1000;
    const moved = first === undefined ? 0 : progress.loaded - first.loaded;
    const bytesPerSecond = progress.phase === 'download' && elapsed > 0 ? moved / elapsed : 0;
    onProgress?.({ ...progress, bytesPerSecond });
  };
}
