//! The models whose matrices are timed.

use ggweb_gguf::GgmlType;
use ggweb_gpu::PlaneLayout;
use ggweb_gpu::ops::Epilogue;

/// Columns of x: one for decode, few for parallel sequences and speculation, many for prompts.
pub(crate) const COLUMNS: [u32; 6] = [1, 2, 8, 32, 128, 512];

/// Hyperparameters of a published model.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Model {
    /// What it is called here: its size.
    pub(crate) name: &'static str,
    /// Whose shapes they are.
    pub(crate) source: &'static str,
    pub(crate) n_layer: u32,
    pub(crate) n_embd: u32,
    pub(crate) n_ff: u32,
    pub(crate) n_head: u32,
    pub(crate) n_head_kv: u32,
    pub(crate) head_dim: u32,
    pub(crate) n_vocab: u32,
}

/// By size. K and IQ types need rows of whole blocks of 256 and so do not exist at some widths of the small ones.
///
/// # Source
/// Each model's `config.json`.
pub(crate) const MODELS: [Model; 4] = [
    Model {
        name: "135M",
        source: "SmolLM2-135M",
        n_layer: 30,
        n_embd: 576,
        n_ff: 1536,
        n_head: 9,
        n_head_kv: 3,
        head_dim: 64,
        n_vocab: 49152,
    },
    Model {
        name: "0.5B",
        source: "Qwen2.5-0.5B",
        n_layer: 24,
        n_embd: 896,
        n_ff: 4864,
        n_head: 14,
        n_head_kv: 2,
        head_dim: 64,
        n_vocab: 151_936,
    },
    Model {
        name: "1B",
        source: "Llama-3.2-1B",
        n_layer: 16,
        n_embd: 2048,
        n_ff: 8192,
        n_head: 32,
        n_head_kv: 8,
        head_dim: 64,
        n_vocab: 128_256,
    },
    Model {
        name: "4B",
        source: "Gemma-3-4B",
        n_layer: 34,
        n_embd: 2560,
        n_ff: 10240,
        n_head: 8,
        n_head_kv: 4,
        head_dim: 256,
        n_vocab: 262_208,
    },
];

/// The distinct matrix products of a block, and the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matrix {
    /// q, k and v, stacked.
    Qkv,
    /// Back from the heads, added to the residual stream.
    AttnOutput,
    /// Gate and up, stacked, with SwiGLU.
    GateUp,
    /// Back from the feed-forward width, added to the residual stream.
    Down,
    /// To the logits.
    Head,
}

impl Matrix {
    pub(crate) const ALL: [Self; 5] = [
        Self::Qkv,
        Self::AttnOutput,
        Self::GateUp,
        Self::Down,
        Self::Head,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Qkv => "qkv",
            Self::AttnOutput => "attn_output",
            Self::GateUp => "gate_up",
            Self::Down => "down",
            Self::Head => "head",
        }
    }

    pub(crate) fn epilogue(self) -> Epilogue {
        match self {
            Self::Qkv | Self::Head => Epilogue::Store,
            Self::AttnOutput | Self::Down => Epilogue::Add,
            Self::GateUp => Epilogue::Swiglu,
        }
    }

    /// Rows of weights and their width.
    pub(crate) fn shape(self, model: &Model) -> (u32, u32) {
        match self {
            Self::Qkv => (model.q_dim() + 2 * model.kv_dim(), model.n_embd),
            Self::AttnOutput => (model.n_embd, model.q_dim()),
            Self::GateUp => (2 * model.n_ff, model.n_embd),
            Self::Down => (model.n_embd, model.n_ff),
            Self::Head => (model.n_vocab, model.n_embd),
        }
    }
}

impl Model {
    /// Width of all query heads.
    pub(crate) fn q_dim(&self) -> u32 {
        self.n_head * self.head_dim
    }

    /// Width of all key or value heads.
    pub(crate) fn kv_dim(&self) -> u32 {
        self.n_head_kv * self.head_dim
    }

    /// Bytes of all matrices in one type, where it has the widths.
    pub(crate) fn weight_bytes(&self, ggml_type: GgmlType) -> u64 {
        let bytes = |matrix: Matrix| {
            let (n_row, n_in) = matrix.shape(self);
            let times = if matrix == Matrix::Head {
                1
            } else {
                self.n_layer
            };
            let row_bytes = row_bytes(ggml_type, n_in).unwrap_or(0);
            u64::from(times) * u64::from(n_row) * row_bytes
        };
        Matrix::ALL.into_iter().map(bytes).sum()
    }
}

/// Bytes of a row in all planes, if the type has such rows.
pub(crate) fn row_bytes(ggml_type: GgmlType, n_in: u32) -> Option<u64> {
    let layout = PlaneLayout::new(ggml_type, n_in)?;
    Some(layout.plane_row_bytes().iter().sum())
}
