//! The file's metadata as hyperparameters, checked once.

use ggweb_gguf::{Header, Metadata};

use crate::error::{Error, Result};

/// Widest head that kernels are written for.
pub const HEAD_DIM_MAX: u32 = 256;
/// Heads are read in chunks of this many numbers.
pub const HEAD_DIM_STEP: u32 = 8;
/// Most numbers of a row: a batch's workgroups lie along one axis, of which WebGPU grants 65,535.
pub const WIDTH_MAX: u32 = 65_535;
/// Most layers that a file may have.
pub const N_LAYER_MAX: u32 = 1024;
/// Largest width, head count or context that is believed.
pub const SIZE_MAX: u32 = 1 << 24;

/// What a llama-like model is made of. Names are ggml's.
#[derive(Debug, Clone, PartialEq)]
pub struct Hparams {
    /// The architecture's name in the file.
    pub architecture: String,
    /// Vocabulary size.
    pub n_vocab: u32,
    /// Positions that the model was trained on.
    pub n_ctx_train: u32,
    /// Width of the residual stream.
    pub n_embd: u32,
    /// Blocks.
    pub n_layer: u32,
    /// Query heads.
    pub n_head: u32,
    /// Key/value heads.
    pub n_head_kv: u32,
    /// Width of a head.
    pub head_dim: u32,
    /// Inner width of the feed-forward network.
    pub n_ff: u32,
    /// How much of a head is rotated.
    pub n_rot: u32,
    /// Base of the rotation frequencies.
    pub rope_freq_base: f32,
    /// What positions are multiplied by: 1 over the linear scaling factor.
    pub rope_freq_scale: f32,
    /// Added to the mean square in norms.
    pub norm_rms_eps: f32,
    /// The output matrix is the embedding.
    pub tied: bool,
}

impl Hparams {
    /// Reads and checks the hyperparameters of `header`.
    ///
    /// # Errors
    /// [`Error::NotYet`] for other architectures and variants, [`Error::MissingKey`], [`Error::MissingTensor`] or
    /// [`Error::BadValue`].
    pub fn new(header: &Header) -> Result<Self> {
        let metadata = &header.metadata;
        let architecture = metadata
            .str("general.architecture")?
            .unwrap_or_default()
            .to_owned();
        if let Some(kind) = metadata
            .str("general.type")?
            .filter(|kind| *kind != "model")
        {
            return Err(Error::NotYet {
                what: match kind {
                    "adapter" => "LoRA adapters".to_owned(),
                    "mmproj" => "vision projectors".to_owned(),
                    other => format!("files of the type `{other}`"),
                },
                place: "`general.type`".to_owned(),
            });
        }
        if architecture != "llama" {
            return Err(Error::NotYet {
                what: format!("the architecture `{architecture}` (this version runs `llama`)"),
                place: "`general.architecture`".to_owned(),
            });
        }
        let keys = Keys {
            metadata,
            architecture: &architecture,
        };
        keys.refuse_later_parts()?;
        let embd = header
            .tensor("token_embd.weight")
            .ok_or_else(|| Error::MissingTensor {
                tensor: "token_embd.weight".to_owned(),
            })?;
        let n_vocab = embd
            .shape
            .first()
            .copied()
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(0);
        let n_embd = keys.size("embedding_length")?;
        let n_head = keys.size("attention.head_count")?;
        let n_head_kv = keys.size_or("attention.head_count_kv", n_head)?;
        let head_dim = keys.size_or("attention.key_length", n_embd / n_head)?;
        let hparams = Self {
            n_vocab,
            n_ctx_train: keys.size("context_length")?,
            n_embd,
            n_layer: keys.size("block_count")?,
            n_head,
            n_head_kv,
            head_dim,
            n_ff: keys.size("feed_forward_length")?,
            n_rot: keys.size_or("rope.dimension_count", head_dim)?,
            rope_freq_base: keys.float_or("rope.freq_base", 10_000.0)?,
            rope_freq_scale: keys.rope_freq_scale()?,
            norm_rms_eps: keys.float("attention.layer_norm_rms_epsilon")?,
            tied: header.tensor("output.weight").is_none(),
            architecture: architecture.clone(),
        };
        hparams.check(&keys)?;
        Ok(hparams)
    }

    /// Width of the rows [q | k | v].
    #[must_use]
    pub fn n_qkv(&self) -> u32 {
        (self.n_head + 2 * self.n_head_kv) * self.head_dim
    }

    /// Width of the attention's result.
    #[must_use]
    pub fn n_attn(&self) -> u32 {
        self.n_head * self.head_dim
    }

    fn check(&self, keys: &Keys<'_>) -> Result<()> {
        let bad = |key: &str, found: u32, expected: String| {
            Err(Error::BadValue {
                key: keys.name(key),
                found: found.to_string(),
                expected,
            })
        };
        let not_yet = |key: &str, found: u32, has: String| {
            Err(Error::NotYet {
                what: format!("{found} (this version has {has})"),
                place: format!("`{}`", keys.name(key)),
            })
        };
        if self.n_layer > N_LAYER_MAX {
            return not_yet(
                "block_count",
                self.n_layer,
                format!("at most {N_LAYER_MAX} blocks"),
            );
        }
        if !self.n_head.is_multiple_of(self.n_head_kv) {
            return bad(
                "attention.head_count_kv",
                self.n_head_kv,
                format!("a divisor of {}", self.n_head),
            );
        }
        if !self.head_dim.is_multiple_of(HEAD_DIM_STEP)
            || self.head_dim > HEAD_DIM_MAX
            || self.head_dim == 0
        {
            let has =
                format!("heads as wide as a multiple of {HEAD_DIM_STEP} up to {HEAD_DIM_MAX}");
            return not_yet("attention.key_length", self.head_dim, has);
        }
        let value_length = keys.size_or("attention.value_length", self.head_dim)?;
        if value_length != self.head_dim {
            return not_yet(
                "attention.value_length",
                value_length,
                format!("values as wide as keys, {}", self.head_dim),
            );
        }
        if self.n_rot > self.head_dim || !self.n_rot.is_multiple_of(2) {
            return bad(
                "rope.dimension_count",
                self.n_rot,
                format!("an even number up to {}", self.head_dim),
            );
        }
        for (key, value) in [
            ("embedding_length", self.n_embd),
            ("feed_forward_length", self.n_ff),
        ] {
            if !value.is_multiple_of(4) {
                return not_yet(key, value, "multiples of 4".to_owned());
            }
            if value > WIDTH_MAX {
                return not_yet(key, value, format!("rows of at most {WIDTH_MAX} numbers"));
            }
        }
        let n_head = u64::from(self.n_head) + 2 * u64::from(self.n_head_kv);
        if n_head * u64::from(self.head_dim) > u64::from(WIDTH_MAX) {
            let has = format!("queries, keys and values of at most {WIDTH_MAX} numbers in all");
            return not_yet("attention.head_count", self.n_head, has);
        }
        Ok(())
    }
}

/// The metadata under one architecture's prefix.
struct Keys<'a> {
    metadata: &'a Metadata,
    architecture: &'a str,
}

impl Keys<'_> {
    fn name(&self, key: &str) -> String {
        format!("{}.{key}", self.architecture)
    }

    fn missing(&self, key: &str) -> Error {
        Error::MissingKey {
            key: self.name(key),
            architecture: self.architecture.to_owned(),
        }
    }

    fn size_opt(&self, key: &str) -> Result<Option<u32>> {
        let name = self.name(key);
        let Some(value) = self.metadata.u32(&name)? else {
            return Ok(None);
        };
        if value == 0 || value > SIZE_MAX {
            let expected = format!("between 1 and {SIZE_MAX}");
            return Err(Error::BadValue {
                key: name,
                found: value.to_string(),
                expected,
            });
        }
        Ok(Some(value))
    }

    fn size(&self, key: &str) -> Result<u32> {
        self.size_opt(key)?.ok_or_else(|| self.missing(key))
    }

    fn size_or(&self, key: &str, default: u32) -> Result<u32> {
        Ok(self.size_opt(key)?.unwrap_or(default))
    }

    fn float_opt(&self, key: &str) -> Result<Option<f32>> {
        let name = self.name(key);
        let Some(value) = self.metadata.f32(&name)? else {
            return Ok(None);
        };
        if !value.is_finite() || value < 0.0 {
            let expected = "a finite number that is not negative".to_owned();
            return Err(Error::BadValue {
                key: name,
                found: value.to_string(),
                expected,
            });
        }
        Ok(Some(value))
    }

    fn float(&self, key: &str) -> Result<f32> {
        self.float_opt(key)?.ok_or_else(|| self.missing(key))
    }

    fn float_or(&self, key: &str, default: f32) -> Result<f32> {
        Ok(self.float_opt(key)?.unwrap_or(default))
    }

    /// Linear scaling divides positions by a factor; `rope.scale_linear` is its older name.
    fn rope_freq_scale(&self) -> Result<f32> {
        let kind = self
            .metadata
            .str(&self.name("rope.scaling.type"))?
            .unwrap_or("");
        let factor = match kind {
            "none" => None,
            "" | "linear" => match self.float_opt("rope.scaling.factor")? {
                Some(factor) => Some(factor),
                None => self.float_opt("rope.scale_linear")?,
            },
            other => {
                return Err(Error::NotYet {
                    what: format!(
                        "rope scaling of the type `{other}` (this version has `none` and `linear`)"
                    ),
                    place: format!("`{}`", self.name("rope.scaling.type")),
                });
            }
        };
        Ok(factor
            .filter(|factor| *factor > 0.0)
            .map_or(1.0, |factor| 1.0 / factor))
    }

    fn refuse_later_parts(&self) -> Result<()> {
        if let Some(n) = self
            .metadata
            .u32(&self.name("expert_count"))?
            .filter(|n| *n > 0)
        {
            return Err(Error::NotYet {
                what: format!("mixtures of experts (this file has {n} experts)"),
                place: format!("`{}`", self.name("expert_count")),
            });
        }
        if self.metadata.u64("split.count")?.is_some_and(|n| n > 1) {
            return Err(Error::NotYet {
                what: "models split over several files".to_owned(),
                place: "`split.count`".to_owned(),
            });
        }
        Ok(())
    }
}
