import { GgwebError, type LoadOptions, load, type Model, type ModelInfo } from 'ggweb';
import { byId, el, row } from './dom.js';
import { bytes, count } from './format.js';
import { setLoading, showProgress } from './loading.js';
import { clearNotice, noticeAdapter, noticeError } from './notices.js';
import { startOutput } from './output.js';
import { createSettings } from './settings.js';

const MODEL_URL = 'models/stories15M-q4_0.gguf';
const EXAMPLES = ['Once upon a time', 'Lily found a key', 'The robot was sad'];

const prompt = byId('prompt', HTMLTextAreaElement);
const go = byId('go', HTMLButtonElement);
const settings = createSettings();
const query = new URLSearchParams(location.search);

let model: Model | undefined;
let loading: AbortController | undefined;
let generating: AbortController | undefined;

/** Loads a model in place of the one before; a load that still runs is given up. */
async function open(source: string | File): Promise<void> {
  loading?.abort();
  generating?.abort();
  const mine = new AbortController();
  loading = mine;
  model?.dispose();
  model = undefined;
  clearNotice('error');
  clearNotice('adapter');
  byId('facts', HTMLDListElement).replaceChildren();
  showNoModel('');
  setLoading(true);
  showButtons();
  try {
    const opened = await load(source, { ...engineOptions(), onProgress: showProgress, signal: mine.signal });
    model = opened;
    showInfo(opened.info, typeof source === 'string' ? source : source.name);
    noticeAdapter(opened.info);
  } catch (error) {
    const isCancelled = error instanceof GgwebError && error.code === 'aborted';
    if (!isCancelled) noticeError(error);
    // A load that another one replaced has nothing to say.
    if (loading === mine) {
      showNoModel(isCancelled ? 'Cancelled: no model is loaded.' : 'No model is loaded.');
    }
  } finally {
    if (loading === mine) {
      loading = undefined;
      setLoading(false);
    }
    showButtons();
  }
}

async function write(): Promise<void> {
  if (model === undefined) return;
  const mine = new AbortController();
  generating = mine;
  clearNotice('error');
  showButtons();
  const output = startOutput(prompt.value);
  try {
    const answer = model.generate(prompt.value, { ...settings(), signal: mine.signal });
    for await (const piece of answer) output.add(piece, answer.tokenCount);
    output.end(await answer.result);
  } catch (error) {
    output.end(undefined);
    const code = error instanceof GgwebError ? error.code : 'internal';
    if (code !== 'aborted') noticeError(error);
    if (code === 'device-lost' || code === 'internal') dropModel();
  } finally {
    if (generating === mine) generating = undefined;
    showButtons();
  }
}

function showButtons(): void {
  go.disabled = model === undefined;
  go.classList.toggle('stop', generating !== undefined);
  byId('go-label', HTMLSpanElement).textContent = generating === undefined ? 'Generate' : 'Stop';
  byId('go-key', HTMLElement).textContent = generating === undefined ? 'Ctrl ↵' : 'Esc';
}

/** Gives up a model whose device or engine is gone. */
function dropModel(): void {
  model?.dispose();
  model = undefined;
  byId('facts', HTMLDListElement).replaceChildren();
  showNoModel('No model is loaded.');
}

/** Says that there is no model, and offers one; with no text, neither. */
function showNoModel(text: string): void {
  byId('no-model', HTMLParagraphElement).textContent = text;
  byId('default', HTMLButtonElement).hidden = text === '';
}

function showInfo(info: ModelInfo, source: string): void {
  const total = Object.values(info.bytes).reduce((sum, part) => sum + part, 0);
  const file = source.split('/').at(-1) ?? source;
  byId('facts', HTMLDListElement).replaceChildren(
    row('File', file),
    row('Kind', `${info.architecture}, ${info.types.join(', ')}`),
    row('Parameters', count(info.parameterCount)),
    row('Context', `${info.contextLength} tokens`),
    row('Memory', bytes(total)),
    row('Adapter', info.adapter),
    row('Tier', `${info.tier}, ${info.params} kernels`),
  );
}

/** `?tier=base&params=gpu` and the like, for trying things out. */
function engineOptions(): LoadOptions {
  return Object.fromEntries(
    ['tier', 'params'].flatMap((name) => {
      const value = query.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

function listen(): void {
  byId('form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    if (generating === undefined) void write();
    else generating.abort();
  });
  prompt.addEventListener('keydown', (event) => {
    const isSend = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
    if (isSend && generating === undefined) void write();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') generating?.abort();
  });
  for (const text of EXAMPLES) {
    const chip = el('button', '', text);
    chip.type = 'button';
    chip.addEventListener('click', () => {
      prompt.value = text;
      prompt.focus();
    });
    byId('examples', HTMLDivElement).append(chip);
  }
  byId('cancel', HTMLButtonElement).addEventListener('click', () => loading?.abort());
  byId('default', HTMLButtonElement).addEventListener('click', () => void open(MODEL_URL));
  listenForFiles();
}

function listenForFiles(): void {
  const file = byId('file', HTMLInputElement);
  byId('open', HTMLButtonElement).addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    const chosen = file.files?.[0];
    if (chosen !== undefined) void open(chosen);
    file.value = '';
  });
  byId('url-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    void open(byId('url', HTMLInputElement).value);
  });

  const drop = byId('drop', HTMLDivElement);
  let depth = 0;
  const isFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
  addEventListener('dragenter', (event) => {
    if (isFile(event)) depth += 1;
    drop.hidden = depth === 0;
  });
  addEventListener('dragleave', (event) => {
    if (isFile(event)) depth -= 1;
    drop.hidden = depth === 0;
  });
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    depth = 0;
    drop.hidden = true;
    const dropped = event.dataTransfer?.files[0];
    if (dropped !== undefined) void open(dropped);
  });
}

/** On a narrow screen the settings start closed, below the text. */
function foldSettings(): void {
  byId('settings-card', HTMLDetailsElement).open = matchMedia('(min-width: 821px)').matches;
}

foldSettings();
listen();
void open(query.get('model') ?? MODEL_URL);
