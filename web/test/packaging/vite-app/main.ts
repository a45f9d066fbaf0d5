import { GgwebError, load } from 'ggweb';

const out = document.querySelector('#out') as HTMLPreElement;
try {
  const model = await load('/models/stories260K-q8_0.gguf');
  const answer = model.generate('Once upon a time', { temperature: 0, maxTokens: 8 });
  for await (const piece of answer) out.textContent += piece;
  const { stopReason } = await answer.result;
  model.dispose();
  out.dataset.stop = stopReason;
} catch (error) {
  out.dataset.stop = error instanceof GgwebError ? `${error.code}: ${error.message}` : String(error);
}
