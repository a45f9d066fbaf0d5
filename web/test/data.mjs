// Where test data lies. What is not there is counted and printed, never passed over in silence.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const webDir = join(import.meta.dirname, '..');
export const repoDir = join(webDir, '..');

const shared = join(repoDir, '../shared/data');

/** The shared folder beside the repository, or without it the small copies in the repository. */
export const dataDir = existsSync(shared) ? shared : join(repoDir, 'tests/data');

const MODELS = [
  { name: 'stories260K-f32', dir: 'stories260K' },
  { name: 'stories260K-f16', dir: 'stories260K' },
  { name: 'stories260K-q8_0', dir: 'stories260K' },
  { name: 'stories15M-f16', dir: 'stories15M' },
  { name: 'stories15M-q4_0', dir: 'stories15M' },
  { name: 'minimind2-small-q8_0', dir: 'minimind2-small' },
];

/** The trained models with a golden that are there, as paths below `dataDir`; says how many are not. */
export function goldenModels() {
  const all = MODELS.map(({ name, dir }) => ({
    name,
    model: `models/${dir}/${name}.gguf`,
    golden: `models/golden/${name}.json`,
  }));
  const there = all.filter(({ model }) => existsSync(join(dataDir, model)));
  if (there.length < all.length) {
    console.log(`skipped: ${all.length - there.length} of ${all.length} models, ../shared/data is not there`);
  }
  return there;
}

/** The folder of real files of hundreds of MB. */
export const largeDir = process.env.GGWEB_MODELS;

/** The real files that are there, as paths below `largeDir`; says which are not. */
export function largeModels() {
  const all = ['SmolLM2-135M-Instruct.Q4_1'].map((name) => ({
    name,
    model: `${name}.gguf`,
    golden: `models/golden/${name}.json`,
  }));
  return all.filter(({ name, model, golden }) => {
    const isThere =
      largeDir !== undefined && existsSync(join(largeDir, model)) && existsSync(join(dataDir, golden));
    if (!isThere) console.log(`skipped: ${name}, it is not in the folder GGWEB_MODELS`);
    return isThere;
  });
}

/** A small llama in every type of weights and in mixtures of them, as paths below `dataDir`; says how many are not there. */
export function weightModels() {
  const dir = join(dataDir, 'quants');
  if (!existsSync(dir)) {
    console.log('skipped: all models of one type of weights, ../shared/data is not there');
    return [];
  }
  const llamas = (below) =>
    readdirSync(join(dir, below))
      .filter((file) => file.startsWith('llama256-') && file.endsWith('.gguf'))
      .map((file) => join('quants', below, file.slice(0, -'.gguf'.length)));
  return [...llamas('.'), ...llamas('mix')].map((path) => ({
    name: path,
    model: `${path}.gguf`,
    golden: `${path}.golden.json`,
  }));
}

/** A tiny model that every checkout has. */
export const tinyModel = 'models/stories260K-q8_0.gguf';
/** The default model. */
export const defaultModel = 'models/stories15M-q4_0.gguf';
