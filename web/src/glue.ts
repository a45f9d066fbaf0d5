// The only file that imports generated code.

import init, { Loader, set_panic_handler } from '../pkg/engine.js';
import type { Engine, StartEngine } from './engine.js';
import { GgwebError } from './errors.js';

/** Fetches and starts the wasm module, and shows it as an `Engine`. */
export const startEngine: StartEngine = async (wasmUrl, onPanic): Promise<Engine> => {
  const url = wasmUrl ?? new URL('./engine.wasm', import.meta.url).href;
  try {
    await init({ module_or_path: await fetchModule(url) });
  } catch (error) {
    if (error instanceof GgwebError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new GgwebError('internal', `${url} could not be started: ${reason}`, { cause: error });
  }
  set_panic_handler(onPanic);
  return { open: (options) => Loader.open(options) };
};

async function fetchModule(url: string): Promise<Response> {
  const hint = 'engine.wasm must be served beside worker.js, or its address given as `wasmUrl`';
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new GgwebError('download-failed', `${url} could not be fetched; ${hint}`, { cause: error });
  }
  if (!response.ok) {
    throw new GgwebError('download-failed', `${url}: the server answered ${response.status}; ${hint}`);
  }
  // Servers of single-page apps answer with their page, and with 200, where there is no such file.
  if (response.headers.get('Content-Type')?.startsWith('text/html')) {
    throw new GgwebError('download-failed', `${url}: the server answered with an HTML page; ${hint}`);
  }
  return response;
}
