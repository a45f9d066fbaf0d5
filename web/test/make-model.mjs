// Writes a llama-shaped GGUF file of random F16 weights, for tests of size and not of sense.

const TYPE_U32 = 4;
const TYPE_F32 = 6;
const TYPE_STRING = 8;
const TYPE_ARRAY = 9;
const TYPE_I32 = 5;
const GGML_F32 = 0;
const GGML_F16 = 1;
const ALIGNMENT = 32;

/** As a `Blob`, so that it costs the caller no more memory than one tensor. */
export function makeModel({
  n_embd = 512,
  n_layer = 10,
  n_ff = 1536,
  n_head = 8,
  n_vocab = 32000,
  n_ctx = 256,
} = {}) {
  const tensors = [
    ['token_embd.weight', [n_embd, n_vocab]],
    ['output_norm.weight', [n_embd]],
    ['output.weight', [n_embd, n_vocab]],
  ];
  for (let i = 0; i < n_layer; i++) {
    tensors.push(
      [`blk.${i}.attn_norm.weight`, [n_embd]],
      [`blk.${i}.attn_q.weight`, [n_embd, n_embd]],
      [`blk.${i}.attn_k.weight`, [n_embd, n_embd]],
      [`blk.${i}.attn_v.weight`, [n_embd, n_embd]],
      [`blk.${i}.attn_output.weight`, [n_embd, n_embd]],
      [`blk.${i}.ffn_norm.weight`, [n_embd]],
      [`blk.${i}.ffn_gate.weight`, [n_embd, n_ff]],
      [`blk.${i}.ffn_up.weight`, [n_embd, n_ff]],
      [`blk.${i}.ffn_down.weight`, [n_ff, n_embd]],
    );
  }
  const words = ['<unk>', '<s>', '</s>', ...Array.from({ length: n_vocab - 3 }, (_, i) => `t${i}`)];
  const metadata = [
    ['general.architecture', TYPE_STRING, 'llama'],
    ['general.name', TYPE_STRING, 'random weights'],
    ['llama.context_length', TYPE_U32, n_ctx],
    ['llama.embedding_length', TYPE_U32, n_embd],
    ['llama.block_count', TYPE_U32, n_layer],
    ['llama.feed_forward_length', TYPE_U32, n_ff],
    ['llama.attention.head_count', TYPE_U32, n_head],
    ['llama.attention.head_count_kv', TYPE_U32, n_head],
    ['llama.attention.layer_norm_rms_epsilon', TYPE_F32, 1e-5],
    ['llama.rope.dimension_count', TYPE_U32, n_embd / n_head],
    ['tokenizer.ggml.model', TYPE_STRING, 'llama'],
    ['tokenizer.ggml.tokens', TYPE_ARRAY, { of: TYPE_STRING, values: words }],
    ['tokenizer.ggml.scores', TYPE_ARRAY, { of: TYPE_F32, values: words.map((_, i) => -i) }],
    ['tokenizer.ggml.token_type', TYPE_ARRAY, { of: TYPE_I32, values: words.map((_, i) => (i < 3 ? 3 : 1)) }],
    ['tokenizer.ggml.bos_token_id', TYPE_U32, 1],
    ['tokenizer.ggml.eos_token_id', TYPE_U32, 2],
  ];
  return new Blob(parts(metadata, tensors));
}

function parts(metadata, tensors) {
  const header = [bytes('GGUF'), u32(3), u64(tensors.length), u64(metadata.length)];
  for (const [key, type, value] of metadata) header.push(string(key), u32(type), ...typed(type, value));
  let offset = 0;
  const data = [];
  for (const [name, shape] of tensors) {
    const tensor = shape.length === 1 ? ones(shape[0]) : noise(shape[0] * shape[1]);
    const type = shape.length === 1 ? GGML_F32 : GGML_F16;
    header.push(string(name), u32(shape.length), ...shape.map(u64), u32(type), u64(offset));
    const pad = padding(tensor.byteLength);
    data.push(tensor, pad);
    offset += tensor.byteLength + pad.byteLength;
  }
  const size = header.reduce((sum, part) => sum + part.byteLength, 0);
  return [...header, padding(size), ...data];
}

function typed(type, value) {
  if (type === TYPE_STRING) return [string(value)];
  if (type === TYPE_F32) return [new Float32Array([value])];
  if (type === TYPE_I32) return [new Int32Array([value])];
  if (type === TYPE_U32) return [u32(value)];
  return [u32(value.of), u64(value.values.length), ...value.values.flatMap((item) => typed(value.of, item))];
}

let randomTensor = new Blob();
let randomLength = 0;

/** The same noise in every tensor of one size: making it is what takes the time. */
function noise(length) {
  if (length !== randomLength) {
    const values = new Uint16Array(length);
    // Sign and mantissa at random, exponents that give numbers between 1/64 and 1/32.
    for (let i = 0, state = 1; i < length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values[i] = ((state >>> 16) & 0x83ff) | (9 << 10);
    }
    randomTensor = new Blob([values]);
    randomLength = length;
  }
  return Object.assign(randomTensor, { byteLength: randomTensor.size });
}

function ones(length) {
  return new Float32Array(length).fill(1);
}

function padding(size) {
  return new Uint8Array((ALIGNMENT - (size % ALIGNMENT)) % ALIGNMENT);
}

function bytes(text) {
  return new TextEncoder().encode(text);
}

function string(text) {
  const body = bytes(text);
  const out = new Uint8Array(8 + body.length);
  out.set(u64Bytes(body.length));
  out.set(body, 8);
  return out;
}

function u32(value) {
  return new Uint32Array([value]);
}

function u64(value) {
  return u64Bytes(value);
}

function u64Bytes(value) {
  return new Uint8Array(new BigUint64Array([BigInt(value)]).buffer);
}
