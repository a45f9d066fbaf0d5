import type { GenerateOptions } from 'ggweb';
import { byId, el } from './dom.js';

type Name = 'maxTokens' | 'temperature' | 'topK' | 'topP' | 'minP' | 'repeatPenalty' | 'seed';

interface Setting {
  readonly name: Name;
  readonly label: string;
  readonly hint: string;
  readonly initial: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** Numbers without a natural end have no slider. */
  readonly hasSlider: boolean;
}

const SETTINGS: readonly Setting[] = [
  {
    name: 'maxTokens',
    label: 'Tokens at most',
    hint: 'How long the text may become',
    initial: 256,
    min: 1,
    max: 1024,
    step: 1,
    hasSlider: true,
  },
  {
    name: 'temperature',
    label: 'Temperature',
    hint: '0 always takes the most likely token',
    initial: 0.8,
    min: 0,
    max: 2,
    step: 0.05,
    hasSlider: true,
  },
  {
    name: 'topK',
    label: 'Top-k',
    hint: 'Choose among this many tokens; 0 is off',
    initial: 40,
    min: 0,
    max: 200,
    step: 1,
    hasSlider: true,
  },
  {
    name: 'topP',
    label: 'Top-p',
    hint: 'Choose among the most likely tokens up to this share; 1 is off',
    initial: 0.95,
    min: 0.01,
    max: 1,
    step: 0.01,
    hasSlider: true,
  },
  {
    name: 'minP',
    label: 'Min-p',
    hint: 'Leave out tokens below this share of the most likely one; 0 is off',
    initial: 0.05,
    min: 0,
    max: 1,
    step: 0.01,
    hasSlider: true,
  },
  {
    name: 'repeatPenalty',
    label: 'Repeat penalty',
    hint: 'Makes recent tokens less likely; 1 is off',
    initial: 1,
    min: 1,
    max: 2,
    step: 0.01,
    hasSlider: true,
  },
  {
    name: 'seed',
    label: 'Seed',
    hint: 'Same seed, same text',
    initial: 0,
    min: 0,
    max: 2 ** 32 - 1,
    step: 1,
    hasSlider: false,
  },
];

/** Builds the form; the returned function reads what it says now. */
export function createSettings(): () => Required<Pick<GenerateOptions, Name>> {
  const form = byId('settings', HTMLFormElement);
  const fields = new Map<Name, { readonly setting: Setting; readonly set: (value: number) => void }>();
  const values = new Map<Name, number>();
  for (const setting of SETTINGS) {
    const { row, set } = createRow(setting, (value) => values.set(setting.name, value));
    fields.set(setting.name, { setting, set });
    form.append(row);
    set(setting.initial);
  }
  const dice = el('button', 'quiet', 'New seed');
  dice.type = 'button';
  dice.addEventListener('click', () =>
    fields.get('seed')?.set(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0),
  );
  byId('setting-seed', HTMLInputElement).before(dice);
  form.addEventListener('submit', (event) => event.preventDefault());
  byId('reset', HTMLButtonElement).addEventListener('click', () => {
    for (const { setting, set } of fields.values()) set(setting.initial);
  });
  return () => Object.fromEntries(values) as Record<Name, number>;
}

function createRow(
  setting: Setting,
  onValue: (value: number) => void,
): { readonly row: HTMLElement; readonly set: (value: number) => void } {
  const number = createInput('number', setting);
  number.id = `setting-${setting.name}`;
  const label = el('label', '', setting.label);
  label.htmlFor = number.id;
  const slider = setting.hasSlider ? createInput('range', setting) : undefined;
  const hint = el('span', 'visually-hidden', setting.hint);
  hint.id = `${number.id}-hint`;
  number.setAttribute('aria-describedby', hint.id);
  const row = el('div', 'setting', label, number, hint);
  row.title = setting.hint;
  if (slider !== undefined) {
    // For the mouse and the finger: the keyboard has the number.
    slider.tabIndex = -1;
    slider.setAttribute('aria-label', `${setting.label}, slider`);
    slider.setAttribute('aria-describedby', hint.id);
    row.append(slider);
  }

  const set = (value: number): void => {
    const clamped = Math.min(
      Math.max(Number.isFinite(value) ? value : setting.initial, setting.min),
      setting.max,
    );
    const stepped = setting.step === 1 ? Math.round(clamped) : Number(clamped.toFixed(2));
    number.value = String(stepped);
    if (slider !== undefined) slider.value = String(stepped);
    onValue(stepped);
  };
  number.addEventListener('change', () => set(number.valueAsNumber));
  slider?.addEventListener('input', () => set(slider.valueAsNumber));
  return { row, set };
}

function createInput(type: 'number' | 'range', { min, max, step }: Setting): HTMLInputElement {
  const input = el('input', '');
  input.type = type;
  input.min = String(min);
  input.max = String(max);
  input.step = String(step);
  return input;
}
