use ggweb_gguf::Metadata;

use crate::error::{Error, Result};

/// The numbers that define a `llama` model, by their names in ggml.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the table of names stands in ARCHITECTURE.md")]
pub struct Hparams {
    pub n_ctx_train: usize,
    pub n_embd: usize,
    pub n_layer: usize,
    pub n_head: usize,
    pub n_head_kv: usize,
    pub head_dim: usize,
    pub n_rot: usize,
    pub n_ff: usize,
    pub norm_rms_eps: f32,
    pub rope_freq_base: f32,
    pub rope_freq_scale: f32,
}

impl Hparams {
    /// Reads them from a file's metadata.
    ///
    /// # Errors
    /// Another architecture than `llama`, experts, a RoPE scaling other than linear, or a missing key.
    pub fn from_metadata(metadata: &Metadata) -> Result<Self> {
        let architecture = metadata.str("general.architecture")?.unwrap_or_default();
        if architecture != "llama" {
            return Err(Error::Unsupported {
                what: "architecture",
                found: architecture.into(),
            });
        }
        let optional = |key: &str| -> Result<Option<usize>> {
            Ok(metadata
                .u32(&format!("llama.{key}"))?
                .map(|value| value as usize))
        };
        let required = |key: &str| -> Result<usize> {
            optional(key)?.ok_or_else(|| Error::MissingKey {
                key: format!("llama.{key}"),
            })
        };
        let n_expert = optional("expert_count")?.unwrap_or(0);
        if n_expert > 0 {
            return Err(Error::Unsupported {
                what: "expert count",
                found: n_expert.to_string(),
            });
        }
        let n_embd = required("embedding_length")?;
        let n_head = required("attention.head_count")?;
        let head_dim = optional("attention.key_length")?.unwrap_or(n_embd / n_head);
        Ok(Self {
            n_ctx_train: required("context_length")?,
            n_embd,
            n_layer: required("block_count")?,
            n_head,
            n_head_kv: optional("attention.head_count_kv")?.unwrap_or(n_head),
            head_dim,
            n_rot: optional("rope.dimension_count")?.unwrap_or(head_dim),
            n_ff: required("feed_forward_length")?,
            norm_rms_eps: metadata
                .f32("llama.attention.layer_norm_rms_epsilon")?
                .ok_or_else(|| Error::MissingKey {
                    key: "llama.attention.layer_norm_rms_epsilon".into(),
                })?,
            rope_freq_base: metadata.f32("llama.rope.freq_base")?.unwrap_or(10000.0),
            rope_freq_scale: rope_freq_scale(metadata)?,
        })
    }
}

/// Linear scaling divides: a factor of 4 puts position 8 where position 2 was.
fn rope_freq_scale(metadata: &Metadata) -> Result<f32> {
    let factor = match metadata.f32("llama.rope.scaling.factor")? {
        Some(factor) => factor,
        // The key of files before 2023-10.
        None => metadata.f32("llama.rope.scale_linear")?.unwrap_or(1.0),
    };
    match metadata.str("llama.rope.scaling.type")?.unwrap_or("linear") {
        "none" => Ok(1.0),
        "linear" if factor == 0.0 => Ok(1.0),
        "linear" => Ok(1.0 / factor),
        other => Err(Error::Unsupported {
            what: "RoPE scaling",
            found: other.into(),
        }),
    }
}
