//! What a cell of the table times, and what it moves and computes.

use ggweb_gguf::GgmlType;

use crate::args::Args;
use crate::shapes::{COLUMNS, MODELS, Matrix, Model, row_bytes};

/// Batches and cache depths that attention is timed at: tokens, and positions in the cache after them.
const ATTENTION: [(u32, u32); 6] = [
    (1, 128),
    (1, 2048),
    (1, 8192),
    (128, 128),
    (512, 512),
    (128, 2048),
];

/// An op with its shape and type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// `matvec` for one column, `matmul` for more.
    Product {
        model: &'static Model,
        matrix: Matrix,
        ggml_type: GgmlType,
        columns: u32,
    },
    GetRows {
        model: &'static Model,
        ggml_type: GgmlType,
        columns: u32,
    },
    Attention {
        model: &'static Model,
        columns: u32,
        n_kv: u32,
    },
    RmsNorm {
        model: &'static Model,
        columns: u32,
    },
    RopeKv {
        model: &'static Model,
        columns: u32,
    },
    Argmax {
        model: &'static Model,
    },
}

impl Work {
    /// Every op at every shape that exists and that `args` let through, in no telling order.
    pub(crate) fn all(args: &Args) -> Vec<Self> {
        let mut all = Vec::new();
        for model in &MODELS {
            for columns in COLUMNS {
                for ggml_type in GgmlType::of_weights() {
                    all.extend(products(model, ggml_type, columns));
                }
            }
            for columns in [1, 128] {
                all.push(Self::RmsNorm { model, columns });
                all.push(Self::RopeKv { model, columns });
                let types = GgmlType::of_weights()
                    .filter(|&ggml_type| row_bytes(ggml_type, model.n_embd).is_some());
                all.extend(types.map(|ggml_type| Self::GetRows {
                    model,
                    ggml_type,
                    columns,
                }));
            }
            all.extend(ATTENTION.map(|(columns, n_kv)| Self::Attention {
                model,
                columns,
                n_kv,
            }));
            all.push(Self::Argmax { model });
        }
        all.retain(|work| work.is_wanted(args));
        all
    }

    fn is_wanted(&self, args: &Args) -> bool {
        let name = self.name();
        let is_type_wanted = args.types.is_empty()
            || self
                .ggml_type()
                .is_some_and(|ggml_type| args.types.contains(&ggml_type));
        is_type_wanted
            && (args.columns.is_empty() || args.columns.contains(&self.columns()))
            && (args.models.is_empty() || args.models.iter().any(|m| m == self.model().name))
            && args.words.iter().all(|word| name.contains(word.as_str()))
    }

    pub(crate) fn op(&self) -> &'static str {
        match self {
            Self::Product { columns: 1, .. } => "matvec",
            Self::Product { .. } => "matmul",
            Self::GetRows { .. } => "get_rows",
            Self::Attention { .. } => "attention",
            Self::RmsNorm { .. } => "rms_norm",
            Self::RopeKv { .. } => "rope_kv",
            Self::Argmax { .. } => "argmax",
        }
    }

    /// op/columns/model and what else tells it apart.
    pub(crate) fn name(&self) -> String {
        let head = format!("{}/{}/{}", self.op(), self.columns(), self.model().name);
        match self {
            Self::Product {
                matrix, ggml_type, ..
            } => {
                format!("{head}/{}/{ggml_type}", matrix.name())
            }
            Self::GetRows { ggml_type, .. } => format!("{head}/token_embd/{ggml_type}"),
            Self::Attention { n_kv, .. } => format!("{head}/kv{n_kv}/F16"),
            _ => head,
        }
    }

    pub(crate) fn model(&self) -> &'static Model {
        match *self {
            Self::Product { model, .. }
            | Self::GetRows { model, .. }
            | Self::Attention { model, .. }
            | Self::RmsNorm { model, .. }
            | Self::RopeKv { model, .. }
            | Self::Argmax { model } => model,
        }
    }

    pub(crate) fn columns(&self) -> u32 {
        match *self {
            Self::Product { columns, .. }
            | Self::GetRows { columns, .. }
            | Self::Attention { columns, .. }
            | Self::RmsNorm { columns, .. }
            | Self::RopeKv { columns, .. } => columns,
            Self::Argmax { .. } => 1,
        }
    }

    pub(crate) fn ggml_type(&self) -> Option<GgmlType> {
        match *self {
            Self::Product { ggml_type, .. } | Self::GetRows { ggml_type, .. } => Some(ggml_type),
            _ => None,
        }
    }

    /// Bytes that cannot be kept from one run to the next: weights, or K and V; else what goes in and out.
    pub(crate) fn bytes(&self) -> f64 {
        let (model, n) = (self.model(), f64::from(self.columns()));
        let embd = f64::from(model.n_embd);
        match *self {
            Self::Product {
                matrix, ggml_type, ..
            } => {
                let (n_row, n_in) = matrix.shape(model);
                f64::from(n_row) * row_bytes(ggml_type, n_in).unwrap_or(0) as f64
            }
            Self::GetRows { ggml_type, .. } => {
                n * (row_bytes(ggml_type, model.n_embd).unwrap_or(0) as f64 + 4.0 * embd)
            }
            Self::Attention { n_kv, .. } => 4.0 * f64::from(n_kv) * f64::from(model.kv_dim()),
            Self::RmsNorm { .. } => 8.0 * n * embd,
            Self::RopeKv { .. } => {
                let (q, kv) = (f64::from(model.q_dim()), f64::from(model.kv_dim()));
                n * (8.0 * q + 2.0 * (4.0 + 2.0) * kv)
            }
            Self::Argmax { .. } => 4.0 * f64::from(model.n_vocab),
        }
    }

    /// Multiplications and additions of the mathematics; 0 where they are beside the point.
    pub(crate) fn flops(&self) -> f64 {
        let n = f64::from(self.columns());
        match *self {
            Self::Product { model, matrix, .. } => {
                let (n_row, n_in) = matrix.shape(model);
                2.0 * n * f64::from(n_row) * f64::from(n_in)
            }
            // Token t of a batch sees what stands before it and itself.
            Self::Attention {
                model,
                columns,
                n_kv,
            } => {
                let seen = f64::from(n_kv) - f64::from(columns - 1) / 2.0;
                4.0 * n * seen * f64::from(model.q_dim())
            }
            _ => 0.0,
        }
    }
}

fn products(
    model: &'static Model,
    ggml_type: GgmlType,
    columns: u32,
) -> impl Iterator<Item = Work> {
    Matrix::ALL.into_iter().filter_map(move |matrix| {
        let (_, n_in) = matrix.shape(model);
        row_bytes(ggml_type, n_in)?;
        // Of a prompt only the last column goes through the head.
        (matrix != Matrix::Head || columns <= 32).then_some(Work::Product {
            model,
            matrix,
            ggml_type,
            columns,
        })
    })
}
