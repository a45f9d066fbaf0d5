import type { GenerateResult, StopReason } from 'ggweb';
import { byId, el } from './dom.js';
import { duration, tokensPerSecond } from './format.js';

/** Screen readers hear the text in portions: a word at a time would never end. */
const SPEAK_EVERY_MS = 2000;

const STOP_WORDS: Readonly<Record<StopReason, string>> = {
  eog: 'the model',
  length: 'the token limit',
  context: 'the context’s end',
  aborted: 'you',
};

/** The text as it comes, and the numbers below it. */
export interface Output {
  /** Shows a piece; `tokens` is how many there are with it. */
  add(piece: string, tokens: number): void;
  /** Shows the final numbers; without a result, only that it is over. */
  end(result: GenerateResult | undefined): void;
}

export function startOutput(prompt: string): Output {
  const text = byId('text', HTMLParagraphElement);
  const live = byId('live', HTMLDivElement);
  const answer = document.createTextNode('');
  text.replaceChildren(el('span', 'prompt', prompt), answer);
  text.classList.add('busy');
  live.textContent = '';
  setStats('…', '…', '…', '…');

  const startedAt = performance.now();
  let firstAt: number | undefined;
  let firstTokens = 0;
  let unspoken = '';
  const speak = (): void => {
    if (unspoken !== '') live.append(unspoken);
    unspoken = '';
  };
  const timer = setInterval(speak, SPEAK_EVERY_MS);

  return {
    add(piece, tokens) {
      const now = performance.now();
      if (firstAt === undefined) {
        firstAt = now;
        firstTokens = tokens;
      }
      unspoken += piece;
      answer.appendData(piece);
      const seconds = (now - firstAt) / 1000;
      const speed = seconds > 0 ? tokensPerSecond((tokens - firstTokens) / seconds) : '…';
      setStats(speed, duration(firstAt - startedAt), String(tokens), '…');
    },
    end(result) {
      clearInterval(timer);
      speak();
      text.classList.remove('busy');
      if (result === undefined) {
        setStats('–', '–', '–', '–');
        return;
      }
      const { timings, ids, promptIds, stopReason } = result;
      setStats(
        tokensPerSecond(timings.decodeTokS),
        duration(timings.ttftMs),
        promptIds.length > 0 ? `${promptIds.length} + ${ids.length}` : String(ids.length),
        STOP_WORDS[stopReason],
      );
    },
  };
}

function setStats(speed: string, ttft: string, tokens: string, stop: string): void {
  byId('stat-speed', HTMLElement).textContent = speed;
  byId('stat-ttft', HTMLElement).textContent = ttft;
  byId('stat-tokens', HTMLElement).textContent = tokens;
  byId('stat-stop', HTMLElement).textContent = stop;
}
