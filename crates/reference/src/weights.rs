use ggweb_gguf::{Header, Parsed, parse};

use crate::error::{Error, Result};
use crate::formats;
use crate::hparams::Hparams;

/// A `llama` model with its weights as f32.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "weights are named as in GGUF, their shapes stand beside them"
)]
pub struct Model {
    pub hparams: Hparams,
    pub n_vocab: usize,
    pub token_embd: Vec<f32>,         // [n_vocab, n_embd]
    pub layers: Vec<Layer>,           // [n_layer]
    pub output_norm: Vec<f32>,        // [n_embd]
    pub output: Option<Vec<f32>>,     // [n_vocab, n_embd]; without it token_embd is used
    pub rope_freqs: Option<Vec<f32>>, // [n_rot / 2]
}

/// The weights of one layer.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "weights are named as in GGUF, their shapes stand beside them"
)]
pub struct Layer {
    pub attn_norm: Vec<f32>,                // [n_embd]
    pub attn_q: Vec<f32>,                   // [n_head * head_dim, n_embd]
    pub attn_q_bias: Option<Vec<f32>>,      // [n_head * head_dim]
    pub attn_k: Vec<f32>,                   // [n_head_kv * head_dim, n_embd]
    pub attn_k_bias: Option<Vec<f32>>,      // [n_head_kv * head_dim]
    pub attn_v: Vec<f32>,                   // [n_head_kv * head_dim, n_embd]
    pub attn_v_bias: Option<Vec<f32>>,      // [n_head_kv * head_dim]
    pub attn_output: Vec<f32>,              // [n_embd, n_head * head_dim]
    pub attn_output_bias: Option<Vec<f32>>, // [n_embd]
    pub ffn_norm: Vec<f32>,                 // [n_embd]
    pub ffn_gate_up: Vec<f32>, // [2 * n_ff, n_embd]: the rows of ffn_gate, then of ffn_up
    pub ffn_down: Vec<f32>,    // [n_embd, n_ff]
}

impl Model {
    /// Reads a whole file.
    ///
    /// # Errors
    /// A malformed file, one that is no plain `llama`, or a weight that is missing, of the wrong size
    /// or of a type without a twin.
    pub fn from_gguf(file: &[u8]) -> Result<Self> {
        let found = file.len() as u64;
        let header = match parse(file, Some(found))? {
            Parsed::Header(header) => header,
            Parsed::NeedMore { at_least } => return Err(Error::Truncated { at_least, found }),
        };
        let hparams = Hparams::from_metadata(&header.metadata)?;
        let h = &hparams;
        let weights = Weights {
            file,
            header: &header,
        };
        let token_embd = weights.any_size("token_embd.weight")?;
        let n_vocab = token_embd.len() / h.n_embd;
        let layers = (0..h.n_layer)
            .map(|i| weights.layer(h, i))
            .collect::<Result<_>>()?;
        Ok(Self {
            n_vocab,
            layers,
            output_norm: weights.required("output_norm.weight", h.n_embd)?,
            output: weights.optional("output.weight", token_embd.len())?,
            rope_freqs: weights.optional("rope_freqs.weight", h.n_rot / 2)?,
            token_embd,
            hparams,
        })
    }
}

struct Weights<'a> {
    file: &'a [u8],
    header: &'a Header,
}

impl Weights<'_> {
    fn layer(&self, h: &Hparams, i: usize) -> Result<Layer> {
        let n_q = h.n_head * h.head_dim;
        let n_kv = h.n_head_kv * h.head_dim;
        let name = |field: &str| format!("blk.{i}.{field}");
        let mut ffn_gate_up = self.required(&name("ffn_gate.weight"), h.n_ff * h.n_embd)?;
        ffn_gate_up.extend(self.required(&name("ffn_up.weight"), h.n_ff * h.n_embd)?);
        Ok(Layer {
            attn_norm: self.required(&name("attn_norm.weight"), h.n_embd)?,
            attn_q: self.required(&name("attn_q.weight"), n_q * h.n_embd)?,
            attn_q_bias: self.optional(&name("attn_q.bias"), n_q)?,
            attn_k: self.required(&name("attn_k.weight"), n_kv * h.n_embd)?,
            attn_k_bias: self.optional(&name("attn_k.bias"), n_kv)?,
            attn_v: self.required(&name("attn_v.weight"), n_kv * h.n_embd)?,
            attn_v_bias: self.optional(&name("attn_v.bias"), n_kv)?,
            attn_output: self.required(&name("attn_output.weight"), h.n_embd * n_q)?,
            attn_output_bias: self.optional(&name("attn_output.bias"), h.n_embd)?,
            ffn_norm: self.required(&name("ffn_norm.weight"), h.n_embd)?,
            ffn_gate_up,
            ffn_down: self.required(&name("ffn_down.weight"), h.n_embd * h.n_ff)?,
        })
    }

    fn required(&self, name: &str, expected: usize) -> Result<Vec<f32>> {
        self.optional(name, expected)?
            .ok_or_else(|| Error::MissingTensor { name: name.into() })
    }

    fn optional(&self, name: &str, expected: usize) -> Result<Option<Vec<f32>>> {
        if self.header.tensor(name).is_none() {
            return Ok(None);
        }
        let weights = self.any_size(name)?;
        let found = weights.len();
        if found != expected {
            return Err(Error::TensorSize {
                name: name.into(),
                expected,
                found,
            });
        }
        Ok(Some(weights))
    }

    fn any_size(&self, name: &str) -> Result<Vec<f32>> {
        let missing = || Error::MissingTensor { name: name.into() };
        let tensor = self.header.tensor(name).ok_or_else(missing)?;
        if !formats::is_supported(tensor.ggml_type) {
            let found = tensor.ggml_type.name().into();
            return Err(Error::Unsupported {
                what: "tensor type",
                found,
            });
        }
        // `parse` was given the file's length, so the range lies inside and the rows are whole.
        let bytes = &self.file[tensor.offset as usize..][..tensor.n_bytes as usize];
        let n_in = tensor.shape.last().copied().unwrap_or(1) as usize;
        Ok(formats::dequantize(tensor.ggml_type, bytes, n_in))
    }
}
