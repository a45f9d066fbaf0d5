import type { Connection } from './connection.js';
import { GgwebError } from './errors.js';
import type { EngineToken } from './messages.js';
import { textOf, tokenIds, typed, whole } from './options.js';
import type { TokenizeOptions, Tokenizer, TokenType } from './types.js';

/** llama.cpp's bits; of several the first here names the type. */
const TYPES: readonly (readonly [number, TokenType])[] = [
  [8, 'control'],
  [1, 'unknown'],
  [16, 'user-defined'],
  [32, 'byte'],
  [2, 'unused'],
  [4, 'normal'],
];

/** The tokenizer of the model behind a connection. */
export function createTokenizer(connection: Connection): Tokenizer {
  return {
    async encode(text, options) {
      return Array.from(
        await connection.request({ kind: 'tokenize', ...textAndFlags(text, options) }).answer,
      );
    },
    async encodeWithOffsets(text, options) {
      const spans = await connection.request({ kind: 'token-spans', ...textAndFlags(text, options) }).answer;
      return Array.from({ length: spans.length / 3 }, (_, i) => {
        const [id = 0, start = 0, end = 0] = spans.subarray(3 * i, 3 * i + 3);
        return { id, start, end };
      });
    },
    async decode(ids) {
      return connection.request({ kind: 'detokenize', ids: tokenIds('ids', ids) }).answer;
    },
    async count(text, options) {
      return connection.request({ kind: 'count-tokens', ...textAndFlags(text, options) }).answer;
    },
    async tokenText(id) {
      return (await token(connection, id)).text;
    },
    async tokenType(id) {
      const { attr } = await token(connection, id);
      return TYPES.find(([bit]) => (attr & bit) !== 0)?.[1] ?? 'undefined';
    },
    async specialIds() {
      return connection.request({ kind: 'special-ids' }).answer;
    },
  };
}

function textAndFlags(
  text: string,
  options: TokenizeOptions = {},
): { text: string; addSpecial: boolean; parseSpecial: boolean } {
  return {
    text: textOf('text', text),
    addSpecial: typed('addSpecial', options.addSpecial, 'boolean') ?? true,
    parseSpecial: typed('parseSpecial', options.parseSpecial, 'boolean') ?? false,
  };
}

async function token(connection: Connection, id: number): Promise<EngineToken> {
  const token = whole('id', id, 0) ?? 0;
  const found = await connection.request({ kind: 'token', token }).answer;
  if (found === undefined) {
    throw new GgwebError('invalid-argument', `id: ${id} is outside the vocabulary`);
  }
  return found;
}
