// A loaded model against the results of an independent reference. Runs in Node and in a page alike.

/** How near logits must come to the goldens. */
const BOUNDS = {
  /** f32 throughout: what differs is the order of sums. */
  f32: { margin: 0.01, logit: 2e-3, kl: 1e-6, nll: 1e-3 },
  /** f16 in the KV cache or the kernels. */
  f16: { margin: 0.1, logit: 5e-2, kl: 1e-4, nll: 1e-3 },
  /** A type of weights, f32 elsewhere. */
  weights: { margin: 0.01, logit: 2e-3, kl: 1e-6 },
};

/** One cell of the matrix that every file runs through. */
const CACHES = ['f32', 'f16'];

/**
 * Tokens decoded one by one behind each prompt with the GPU parameter set on a software adapter, which takes most of
 * a second for each; the software set gets all of them, as does either with `whole: 'all'`. What the golden says of every
 * step is checked in prefill with both.
 */
const DECODE_STEPS_GPU = 8;

/**
 * Weights of a model that the GPU parameter set gets through on a software adapter within a minute, tier by tier. A
 * workgroup with barriers costs such an adapter milliseconds: larger models run one cell there, in the tier with all
 * that the adapter has, and the beginning of the text. What is left out is said; `whole: 'cells'` runs these cells too,
 * `'all'` all of the text in each.
 */
const SMALL_BYTES = 4e6;

/** Ids of the text whose likelihood is checked in such a cell: two tiles of the matrix kernels. */
const TEXT_IDS_SLOW = 128;

/**
 * Compares one file with its golden in every tier that the adapter has, with both parameter sets.
 *
 * `load` is the package's, `source` makes a fresh source of the file, `report` gets one line per cell.
 */
export async function checkMatrix({ load, source, golden, name, report, whole, options = {} }) {
  const open = (cell) => load(source(), { ...options, activations: 'f32', ...cell });
  // The cell with all that the adapter has comes first: it says which others there are.
  const first = await open({ ...F32_CACHE, params: 'software' });
  const tiers = tiersOf(first.info.tier);
  const { adapter, isSoftware, bytes } = first.info;
  const isTooSlow = isSoftware && bytes.weights > SMALL_BYTES && whole !== 'all';

  const check = async (model, { params, cache, isCut }) => {
    const place = `${name}, ${adapter}, tier ${model.info.tier}, ${params}, ${cache} cache`;
    const isF16 = cache === 'f16' || model.info.tier.includes('f16');
    const isSlow = params === 'gpu' && isSoftware && whole !== 'all';
    const cut = {
      decodeSteps: isSlow ? DECODE_STEPS_GPU : Number.POSITIVE_INFINITY,
      textIds: isCut ? TEXT_IDS_SLOW : Number.POSITIVE_INFINITY,
    };
    const worst = await checkModel(model, golden, isF16 ? BOUNDS.f16 : BOUNDS.f32, place, cut);
    report(`matrix: ${place}: ${worst}`);
    if (isSlow) {
      const text =
        isCut && golden.nll.ids.length > TEXT_IDS_SLOW ? ` and ${TEXT_IDS_SLOW} ids of the text` : '';
      report(`skipped: ${place}: what is behind ${DECODE_STEPS_GPU} decoded${text}, GGWEB_WHOLE=all runs it`);
    }
    model.dispose();
  };
  const cells = tiers.flatMap((tier) =>
    ['software', 'gpu'].flatMap((params) =>
      // The f16 cache is one more storage type under the same kernels: once per parameter set is enough.
      (tier === 'base' ? CACHES : CACHES.slice(0, 1)).map((cache) => ({ tier, params, cache })),
    ),
  );

  const isFirst = ({ tier, params, cache }) =>
    tier === tiers.at(-1) && params === 'software' && cache === 'f32';
  await check(first, { params: 'software', cache: 'f32', isCut: false });
  for (const { tier, params, cache } of cells.filter((cell) => !isFirst(cell))) {
    const isCut = params === 'gpu' && isTooSlow;
    if (isCut && whole !== 'cells' && tier !== tiers.at(-1)) {
      report(
        `skipped: ${name}, ${adapter}, tier ${tier}, gpu, ${cache} cache: GGWEB_WHOLE=cells runs it, slowly`,
      );
      continue;
    }
    const model = await open({ tier, params, cacheTypeK: cache, cacheTypeV: cache });
    await check(model, { params, cache, isCut });
  }
}

/** Compares one large file with its golden: the software set in f32, in the tier with all that the adapter has. */
export async function checkLarge({ load, source, golden, name, report }) {
  const model = await load(source(), { ...F32_CACHE, params: 'software', activations: 'f32' });
  const { adapter, tier, params } = model.info;
  const place = `${name}, ${adapter}, tier ${tier}, ${params}, f32 cache`;
  const bounds = tier.includes('f16') ? BOUNDS.f16 : BOUNDS.f32;
  report(`matrix: ${place}: ${await checkModel(model, golden, bounds, place)}`);
  model.dispose();
}

/**
 * Compares a small model in one type of weights with exact arithmetic over its dequantized tensors, in the base tier
 * with a cache of f32: the logits behind each prompt, and the greedy ids by prefill. The decode kernels run the first
 * ids of each prompt.
 */
export async function checkWeights({ load, source, golden, name, report, params = 'software' }) {
  const model = await load(source(), { ...F32_CACHE, tier: 'base', params, activations: 'f32' });
  const worst = { logit: 0, kl: 0, steps: 0, near: 0, decoded: 0 };
  for (const prompt of golden.prompts) {
    const place = `${name}, prompt ${prompt.name}`;
    const { tokens, greedy32, greedy_top2_gap } = prompt;
    const rows = await rowsOf(model, [...tokens, ...greedy32.slice(0, -1)]);
    const last = rows[tokens.length - 1];
    const wanted = f32sOf(prompt.logits_last_f32_b64);
    ensure(last.length === wanted.length, `${place}: ${last.length} logits, not ${wanted.length}`);
    for (const [id, want] of wanted.entries())
      logitWithin(last[id], want, BOUNDS.weights, `${place}, id ${id}`, worst);
    klWithin(klOf(last, wanted), BOUNDS.weights, place, worst);
    const greedy = { ids: greedy32, margins: greedy_top2_gap };
    greedyAgrees(rows.slice(tokens.length - 1), greedy, BOUNDS.weights, place, worst);
    const decoded = { ids: tokens, greedy_ids: greedy32, greedy_margin: greedy_top2_gap };
    worst.decoded += await checkDecode(model, decoded, BOUNDS.weights, place, DECODE_STEPS_GPU);
  }
  const { logit, kl, steps, near, decoded } = worst;
  report(
    `matrix: ${name}, ${model.info.adapter}, ${params}: logit ${logit.toExponential(1)}, KL ${kl.toExponential(1)}, ${steps} greedy steps, ${near} near ties, ${decoded} decoded`,
  );
  model.dispose();
}

/** How much more int8 activations may cost than llama.cpp's own 8-bit ones, as in the native tests. */
const INT8_FACTOR = 2;

/**
 * The same file with int8 activations: the mean over the prompts of the KL divergence from exact arithmetic, beside
 * what llama.cpp's own quantization of activations costs. Nothing for types that have no such products.
 */
export async function checkInt8({ load, source, golden, name, report, params = 'software' }) {
  const model = await load(source(), { ...F32_CACHE, params, activations: 'int8' });
  if (model.info.activations === 'int8') {
    const ours = mean(await klsOf(model, golden));
    const theirs = mean(golden.prompts.map(({ asrun_kl }) => asrun_kl));
    ensure(ours <= INT8_FACTOR * theirs, `${name}: int8 activations cost ${ours}, llama.cpp's ${theirs}`);
    report(
      `matrix: ${name}, ${model.info.adapter}, ${params}: int8 activations cost ${ours.toExponential(1)}, llama.cpp's ${theirs.toExponential(1)}`,
    );
  }
  model.dispose();
}

/** The same file with a cache in f16 and the fullest tier: the KL divergence from exact arithmetic of each prompt. */
export async function checkF16({ load, source, golden, name, report, params = 'software' }) {
  const model = await load(source(), { params, activations: 'f32' });
  const kl = Math.max(...(await klsOf(model, golden)));
  const place = `${name}, ${model.info.adapter}, ${params}, tier ${model.info.tier}, f16 cache`;
  ensure(kl <= BOUNDS.f16.kl, `${place}: KL ${kl}`);
  report(`matrix: ${place}: KL ${kl.toExponential(1)}`);
  model.dispose();
}

/** The KL divergence of the last position's logits from exact arithmetic, of each prompt. */
async function klsOf(model, golden) {
  const kls = [];
  for (const { tokens, logits_last_f32_b64 } of golden.prompts) {
    kls.push(klOf(await model.logits(tokens), f32sOf(logits_last_f32_b64)));
  }
  return kls;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const F32_CACHE = { cacheTypeK: 'f32', cacheTypeV: 'f32' };

/** Every tier that can be forced where `auto` means `auto`. */
export function tiersOf(auto) {
  const parts = auto === 'base' ? [] : auto.split('+');
  return ['base', ...parts, ...(parts.length > 1 ? ['auto'] : [])];
}

/** Throws where anything is out of bounds; returns the worst distances as a line. */
export async function checkModel(model, golden, bounds, place, cut = {}) {
  const { decodeSteps = Number.POSITIVE_INFINITY, textIds = Number.POSITIVE_INFINITY } = cut;
  const worst = { logit: 0, kl: 0, nll: 0, steps: 0, near: 0, decoded: 0 };
  for (const [i, prompt] of golden.prompts.entries()) {
    const where = `${place}, prompt ${i}`;
    await checkPrompt(model, prompt, golden.eos, bounds, where, worst);
    worst.decoded += await checkDecode(model, prompt, bounds, where, decodeSteps);
  }
  worst.nll = await checkText(model, golden.nll, bounds, place, textIds);
  const { logit, kl, nll, steps, near, decoded } = worst;
  return `logit ${logit.toExponential(1)}, KL ${kl.toExponential(1)}, NLL ${nll.toExponential(1)}, ${steps} greedy steps, ${near} near ties, ${decoded} decoded`;
}

async function checkPrompt(model, prompt, eos, bounds, place, worst) {
  const { ids, greedy_ids, greedy_margin } = prompt;
  // Where the reference met its end of text, its margins have one entry more than its ids.
  const greedy = greedy_margin.length > greedy_ids.length ? [...greedy_ids, eos] : greedy_ids;
  const rows = await rowsOf(model, [...ids, ...greedy.slice(0, -1)]);

  for (const [position, want] of prompt.per_position.entries()) {
    const row = rows[position];
    logitWithin(row[want.argmax], want.max, bounds, `${place}, position ${position}`, worst);
    logitWithin(minOf(row), want.min, bounds, `${place}, position ${position}`, worst);
  }
  const last = rows[ids.length - 1];
  for (const [id, want] of prompt.last_top16_logits)
    logitWithin(last[id], want, bounds, `${place}, id ${id}`, worst);
  klWithin(klOfTop(last, prompt.last_top16_logprobs), bounds, place, worst);
  const margins = greedy_margin;
  greedyAgrees(rows.slice(ids.length - 1), { ids: greedy, margins }, bounds, place, worst);
}

/** The largest logit of each row is the reference's id, wherever its margin leaves no doubt. */
function greedyAgrees(rows, { ids, margins }, bounds, place, worst) {
  for (const [step, id] of ids.entries()) {
    if (margins[step] <= bounds.margin) {
      worst.near += 1;
      continue;
    }
    const got = argmax(rows[step]);
    ensure(got === id, `${place}: greedy step ${step} is ${got}, not ${id}, at margin ${margins[step]}`);
    worst.steps += 1;
  }
}

/**
 * The same ids by generation: prefill, then decode step by step, with the argmax taken on the GPU. At a near tie the
 * golden's id is taken, and the generation goes on behind it.
 */
async function checkDecode(model, { ids, greedy_ids, greedy_margin }, bounds, place, steps) {
  const nSteps = Math.min(greedy_ids.length, steps);
  const nextTie = (begin) => {
    const tie = greedy_margin.findIndex((margin, step) => step >= begin && margin <= bounds.margin);
    return tie < 0 ? nSteps : Math.min(tie, nSteps);
  };
  let decoded = 0;
  for (let begin = 0, end = 0; begin < nSteps; begin = end + 1) {
    end = nextTie(begin);
    const sure = greedy_ids.slice(begin, end);
    if (sure.length === 0) continue;
    const prompt = [...ids, ...greedy_ids.slice(0, begin)];
    const options = { temperature: 0, maxTokens: sure.length, ignoreEos: true };
    const result = await model.generate(prompt, options).result;
    ensure(
      JSON.stringify(result.ids) === JSON.stringify(sure),
      `${place}: decoded ${result.ids} from step ${begin}, the golden says ${sure}`,
    );
    decoded += sure.length;
  }
  return decoded;
}

/** The likelihood of the golden's text, or of its first `textIds` ids. */
async function checkText(model, { ids: all, token_nll }, bounds, place, textIds) {
  const ids = all.slice(0, textIds);
  const rows = await rowsOf(model, ids);
  let nll = 0;
  let want = 0;
  for (let i = 0; i + 1 < ids.length; i++) {
    nll -= logSoftmax(rows[i])(ids[i + 1]);
    want += token_nll[i];
  }
  const relative = Math.abs(nll - want) / want;
  ensure(relative <= bounds.nll, `${place}: NLL of the text is ${nll}, the golden says ${want}`);
  return relative;
}

/** The logits after each id, as one row per id. */
async function rowsOf(model, ids) {
  const all = await model.logits(ids, { all: true });
  const width = all.length / ids.length;
  return ids.map((_, i) => all.subarray(i * width, (i + 1) * width));
}

function logitWithin(got, want, bounds, place, worst) {
  const diff = Math.abs(got - want);
  ensure(diff <= bounds.logit, `${place}: a logit is ${got}, the golden says ${want}`);
  worst.logit = Math.max(worst.logit, diff);
}

function klWithin(signed, bounds, place, worst) {
  // The golden's log-probabilities are rounded, so a sum may come out a little below zero.
  const kl = Math.abs(signed);
  ensure(kl <= bounds.kl, `${place}: KL is ${kl}, allowed ${bounds.kl}`);
  worst.kl = Math.max(worst.kl, kl);
}

/** KL divergence of one row of logits from the golden's. */
function klOf(got, want) {
  const [logprobGot, logprobWant] = [logSoftmax(got), logSoftmax(want)];
  return want.reduce((sum, _, id) => {
    const logprob = logprobWant(id);
    return sum + Math.exp(logprob) * (logprob - logprobGot(id));
  }, 0);
}

/** Little-endian f32 from base64. */
function f32sOf(base64) {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

/** KL divergence over the golden's ids and all others as one bucket. */
function klOfTop(row, top) {
  const logprob = logSoftmax(row);
  let kl = 0;
  let restWant = 1;
  let restGot = 1;
  for (const [id, want] of top) {
    const p = Math.exp(want);
    kl += p * (want - logprob(id));
    restWant -= p;
    restGot -= Math.exp(logprob(id));
  }
  return restWant > 0 && restGot > 0 ? kl + restWant * Math.log(restWant / restGot) : kl;
}

function logSoftmax(row) {
  const max = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (const logit of row) sum += Math.exp(logit - max);
  const logSum = max + Math.log(sum);
  return (id) => row[id] - logSum;
}

function argmax(row) {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i] > row[best]) best = i;
  return best;
}

function minOf(row) {
  return row.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function ensure(isTrue, message) {
  if (!isTrue) throw new Error(message);
}
