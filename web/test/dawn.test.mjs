// The package in Node, on Dawn: every trained model against its golden, determinism, errors.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataDir, defaultModel, goldenModels, repoDir, tinyModel } from './data.mjs';
import { dawnWorker, load, nullDevice } from './dawn.mjs';
import { checkMatrix } from './golden.mjs';

/** In memory: Node cannot send a file's blob to a thread. */
const blobOf = (file) => new Blob([readFileSync(file)]);

const tiny = blobOf(join(repoDir, tinyModel));

for (const { name, model, golden } of goldenModels()) {
  test(`${name} agrees with its golden in every tier and parameter set`, async () => {
    const blob = blobOf(join(dataDir, model));
    const results = JSON.parse(readFileSync(join(dataDir, golden), 'utf8'));
    const whole = process.env.GGWEB_WHOLE;
    await checkMatrix({ load, source: () => blob, golden: results, name, whole, report: console.log });
  });
}

test('what loads compile in every tier and parameter set passes Tint', async () => {
  // Dawn's null backend computes nothing but has every feature, so that f16 shaders are compiled here too.
  const texts = new Set();
  const names = ['stories260K-f32', 'stories260K-q8_0', 'stories15M-q4_0'];
  const files = goldenModels().filter(({ name }) => names.includes(name));
  for (const { model } of files) {
    const blob = blobOf(join(dataDir, model));
    for (const tier of ['base', 'f16', 'subgroups', 'auto']) {
      for (const params of ['software', 'gpu']) {
        await collect(blob, { tier, params }, texts);
      }
    }
  }
  console.log(`matrix: Tint: ${texts.size} shaders`);
  assert.ok([...texts].some((text) => text.includes('enable f16;')));
});

/** Adds the shader texts of one load to `texts`; a text that Tint refuses fails the load. */
async function collect(blob, options, texts) {
  const worker = dawnWorker(['backend=null']);
  const loaded = await load(blob, { ...options, worker: () => worker });
  for (const text of await worker.shaders()) texts.add(text);
  loaded.dispose();
}

test('every text that the ops can join passes Tint', async (t) => {
  const path = process.env.GGWEB_SHADERS;
  if (path === undefined) {
    console.log('skipped: every text under Tint, `cargo xtask test dawn` writes them');
    t.skip();
    return;
  }
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const device = await nullDevice();
  const wrong = [];
  for (const { name, about, text } of lines.map((line) => JSON.parse(line))) {
    // Tint on SPIR-V leaves a variable without initializer as it was when a loop declares it again (Chromium 156).
    for (const bare of text.match(/^\s+var \w+: [^=]*;/gm) ?? []) wrong.push(`${name} of ${about}:${bare}`);
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ code: text });
    device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: name } });
    const error = await device.popErrorScope();
    if (error !== null) wrong.push(`${name} of ${about}: ${error.message}`);
  }
  device.destroy();
  assert.deepEqual(wrong, []);
  assert.ok(lines.length > 1000, `${lines.length} texts`);
  assert.ok(lines.some((line) => line.includes('enable subgroups;')));
  console.log(`matrix: Tint: ${lines.length} joined texts`);
});

test('the default model tells what it is, and a story', async () => {
  const phases = new Set();
  const onProgress = ({ phase }) => phases.add(phase);
  const model = await load(blobOf(join(repoDir, defaultModel)), { onProgress });
  assert.deepEqual([...phases], ['start', 'download', 'compile', 'ready']);
  const { info } = model;
  assert.equal(info.architecture, 'llama');
  assert.equal(info.vocabSize, 32000);
  assert.equal(info.contextLength, 256);
  assert.equal(info.layerCount, 6);
  assert.ok(info.isSoftware, info.adapter);
  assert.ok(info.bytes.weights > 8e6, JSON.stringify(info.bytes));

  const answer = model.generate('Once upon a time', { maxTokens: 24, temperature: 0 });
  let text = '';
  for await (const piece of answer) text += piece;
  const result = await answer.result;
  assert.equal(result.text, text);
  assert.match(text, /there was a little girl named Lily/);
  assert.equal(result.stopReason, 'length');
  assert.equal(result.ids.length, 24);
  assert.deepEqual(result.promptIds, [1, 9038, 2501, 263, 931]);
  assert.ok(result.timings.ttftMs > 0 && result.timings.decodeTokS > 0, JSON.stringify(result.timings));
  assert.equal(
    await model.detokenize(await model.tokenize('héllo 世界', { addSpecial: false })),
    'héllo 世界',
  );
  model.dispose();
});

test('the tokenizer of a real vocabulary: ids, places, texts, types, roles', async () => {
  const model = await load(blobOf(join(repoDir, defaultModel)));
  const { tokenizer } = model;
  // Ids and pieces of Llama 2's vocabulary.
  const text = 'Once upon a time </s>';
  const ids = await tokenizer.encode(text);
  assert.deepEqual(ids.slice(0, 5), [1, 9038, 2501, 263, 931]);
  assert.ok(!ids.includes(2), 'a text that names a control token stays text');
  assert.equal((await tokenizer.encode(text, { parseSpecial: true })).at(-1), 2);
  assert.equal(await tokenizer.count(text), ids.length);
  const offsets = await tokenizer.encodeWithOffsets(text);
  assert.deepEqual(
    offsets.map(({ id }) => id),
    ids,
  );
  assert.deepEqual(offsets[0], { id: 1, start: 0, end: 0 });
  assert.equal(text.slice(offsets[2].start, offsets[2].end), ' upon');
  assert.equal(await tokenizer.decode(ids.slice(1)), text);
  assert.equal(await tokenizer.tokenText(2501), ' upon');
  const types = await Promise.all([0, 1, 3, 2501].map((id) => tokenizer.tokenType(id)));
  assert.deepEqual(types, ['unknown', 'control', 'byte', 'normal']);
  const { bos, eos, unk, eog } = await tokenizer.specialIds();
  assert.deepEqual({ bos, eos, unk, eog }, { bos: 1, eos: 2, unk: 0, eog: [2] });
  model.dispose();
});

test('same seed, same tokens; another seed, others', async () => {
  const run = async (seed) => {
    const model = await load(tiny);
    const { ids } = await model.generate('Once', { seed, maxTokens: 40, temperature: 0.8 }).result;
    model.dispose();
    return ids;
  };
  const [first, again, other] = [await run(7), await run(7), await run(8)];
  assert.deepEqual(first, again);
  assert.notDeepEqual(first, other);
});

test('a generation ends at the context’s end, and says so', async () => {
  const model = await load(tiny, { contextLength: 32 });
  const { ids, promptIds, stopReason } = await model.generate('Once upon', {
    maxTokens: 100,
    ignoreEos: true,
  }).result;
  assert.equal(stopReason, 'context');
  // The last token needs no place in the cache: nothing comes behind it.
  assert.equal(ids.length + promptIds.length, 33);
  const tooLong = Array(33).fill(403);
  await assert.rejects(model.generate(tooLong).result, { code: 'context-full' });
  await assert.rejects(model.logits(tooLong), { code: 'context-full' });
  assert.equal((await model.generate('Once', { maxTokens: 2 }).result).ids.length, 2, 'the model goes on');
  model.dispose();
});

test('files that are wrong are refused with their code', async () => {
  const bytes = new Uint8Array(await tiny.arrayBuffer());
  const wrongMagic = bytes.slice();
  wrongMagic[0] = 0x58;
  await assert.rejects(load(wrongMagic), { code: 'malformed-file' });
  await assert.rejects(load(bytes.slice(0, 1000)), { code: 'malformed-file' });
  await assert.rejects(load(bytes.slice(0, bytes.length - 1)), { code: 'malformed-file' });
  await assert.rejects(load(new Uint8Array(0)), { code: 'malformed-file' });
  const renamed = Buffer.from(bytes);
  renamed.write('xlama', renamed.indexOf('llama'));
  await assert.rejects(load(renamed), { code: 'unsupported-model' });
});

test('arguments the engine refuses are invalid-argument', async () => {
  const model = await load(tiny);
  await assert.rejects(model.logits([512]), { code: 'invalid-argument' });
  await assert.rejects(model.logits([]), { code: 'invalid-argument' });
  await assert.rejects(model.generate([99_999]).result, { code: 'invalid-argument' });
  model.dispose();
});
