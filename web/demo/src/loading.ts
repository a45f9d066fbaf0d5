import type { LoadPhase, LoadProgress } from 'ggweb';
import { byId } from './dom.js';
import { bytes, duration } from './format.js';

const PHASES: Readonly<Record<LoadPhase, string>> = {
  start: 'Starting the engine',
  download: 'Reading the model',
  compile: 'Preparing the GPU programs',
  ready: 'Ready',
};

/** Shows how far a load is. */
export function showProgress({ phase, loaded, total, bytesPerSecond }: LoadProgress): void {
  byId('loading-phase', HTMLSpanElement).textContent = PHASES[phase];
  const bar = byId('loading-bar', HTMLProgressElement);
  if (phase === 'download' && total !== undefined) {
    bar.max = total;
    bar.value = loaded;
  } else {
    bar.removeAttribute('value');
  }
  byId('loading-detail', HTMLParagraphElement).textContent = detail(phase, loaded, total, bytesPerSecond);
}

export function setLoading(isLoading: boolean): void {
  byId('loading', HTMLDivElement).hidden = !isLoading;
}

function detail(phase: LoadPhase, loaded: number, total: number | undefined, bytesPerSecond: number): string {
  if (phase !== 'download') return total === undefined ? '\u00a0' : bytes(total);
  const parts = [total === undefined ? bytes(loaded) : `${bytes(loaded)} of ${bytes(total)}`];
  if (bytesPerSecond > 0) {
    parts.push(`${bytes(bytesPerSecond)}/s`);
    if (total !== undefined) parts.push(`${duration(((total - loaded) * 1000) / bytesPerSecond)} left`);
  }
  return parts.join(' · ');
}
