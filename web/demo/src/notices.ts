import { GgwebError, type ModelInfo } from 'ggweb';
import { byId, el } from './dom.js';

/** A message above the page's content; each key has at most one. */
export function notice(key: string, kind: 'note' | 'bad', title: string, ...lines: (Node | string)[]): void {
  clearNotice(key);
  const box = el('div', kind === 'bad' ? 'notice bad' : 'notice', el('strong', '', title));
  box.dataset['key'] = key;
  for (const line of lines) box.append(el('span', '', line));
  byId(kind === 'bad' ? 'alerts' : 'notices', HTMLDivElement).append(box);
}

export function clearNotice(key: string): void {
  for (const box of document.querySelectorAll<HTMLElement>('.notice')) {
    if (box.dataset['key'] === key) box.remove();
  }
}

/** Says so where no GPU does the work. */
export function noticeAdapter(info: ModelInfo): void {
  clearNotice('adapter');
  if (!info.isSoftware) return;
  notice(
    'adapter',
    'note',
    'No GPU was found, so the CPU does the work.',
    'The browser’s software adapter gives the same text, only slower than a GPU would.',
  );
}

/** What went wrong, and what to do about it. */
export function noticeError(error: unknown): void {
  const { code, message } =
    error instanceof GgwebError ? error : { code: 'internal', message: String(error) };
  switch (code) {
    case 'webgpu-unavailable':
      notice('error', 'bad', 'WebGPU is not available in this browser.', message, ...webGpuHelp());
      return;
    case 'device-lost':
      notice(
        'error',
        'bad',
        'The GPU went away.',
        message,
        'Load the model again; if that fails, restart the browser.',
      );
      return;
    case 'out-of-memory':
      notice('error', 'bad', 'The model does not fit.', message, 'Close other tabs or take a smaller model.');
      return;
    case 'download-failed':
      notice('error', 'bad', 'The file could not be fetched.', message);
      return;
    case 'malformed-file':
      notice('error', 'bad', 'This is not a GGUF file that can be read.', message);
      return;
    case 'unsupported-model':
      notice('error', 'bad', 'This model is not supported yet.', message);
      return;
    default:
      notice('error', 'bad', 'That did not work.', message);
  }
}

/** The way to WebGPU in the browser at hand. */
function webGpuHelp(): (Node | string)[] {
  if (!globalThis.isSecureContext) {
    return [
      'Browsers offer WebGPU to pages from https addresses and from localhost only; this page is neither.',
    ];
  }
  const agent = navigator.userAgent;
  if (/Firefox\//.test(agent)) {
    const hint = el('span', '', 'Firefox has it from version 141 on Windows and 145 on Mac. On Linux, set ');
    hint.append(
      el('code', '', 'dom.webgpu.enabled'),
      ' to true in ',
      el('code', '', 'about:config'),
      ' and restart.',
    );
    return [hint];
  }
  if (/Chrom(e|ium)\//.test(agent)) {
    if (!/Linux/.test(agent) || /Android/.test(agent)) {
      return ['Update Chrome or Edge, and see in the browser’s settings that graphics acceleration is on.'];
    }
    const hint = el('span', '', 'On Linux, start it with ');
    const flags = '--enable-unsafe-webgpu --enable-features=Vulkan';
    hint.append(el('code', '', flags), '; on a machine without a GPU, with ');
    hint.append(el('code', '', '--enable-unsafe-webgpu --use-webgpu-adapter=swiftshader'), '.');
    return [hint];
  }
  if (/Safari\//.test(agent)) return ['Safari has it from version 26 on: update macOS, iOS or iPadOS.'];
  return ['It takes Chrome or Edge 113, Firefox 141 or Safari 26, or later.'];
}
