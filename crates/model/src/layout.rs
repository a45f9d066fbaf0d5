//! Which tensor of the file goes to which planes of which slab.
//!
//! Matrices that read the same input become one: q, k and v if their types agree, gate and up likewise, so that a
//! layer is few dispatches. A matrix larger than a binding is split by rows. Vectors (norms, biases) are small and
//! pass through the CPU.

use ggweb_gguf::Header;
use ggweb_gpu::PlaneLayout;
use ggweb_gpu::weight::{SlabPlan, Slot};

use crate::error::Result;
use crate::hparams::Hparams;
use crate::placer::Placer;

/// A matrix to be made of one or several tensors.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// How its rows lie.
    pub layout: PlaneLayout,
    /// Its parts.
    pub parts: Vec<MatrixPart>,
}

/// Rows of a [`Matrix`] with planes of their own.
#[derive(Debug, Clone, Copy)]
pub struct MatrixPart {
    /// The first output that the part makes.
    pub row_begin: u32,
    /// Its rows.
    pub n_row: u32,
    /// The planes that its type has.
    pub planes: [Option<Slot>; 3],
}

/// Where rows of a tensor go.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    /// Index into [`Layout::matrices`].
    pub matrix: usize,
    /// Index into its parts.
    pub part: usize,
    /// The first row of the tensor.
    pub src_row: u32,
    /// How many rows.
    pub n_row: u32,
    /// The first row in the part.
    pub dst_row: u32,
}

/// What becomes of a tensor.
#[derive(Debug, Clone)]
pub enum Target {
    /// Rows go to planes.
    Rows(PlaneLayout, Vec<Segment>),
    /// Numbers go to a range, this many bytes into it.
    Vector(Slot, u64),
    /// The CPU keeps it: rotation factors.
    RopeFactors,
    /// Nothing reads it.
    Unused,
}

/// Slots of one block.
#[derive(Debug, Clone)]
pub struct LayerLayout {
    /// `[n_embd]`.
    pub attn_norm: Slot,
    /// `[n_qkv]` of biases, if the file has any.
    pub qkv_bias: Option<Slot>,
    /// Indices of the matrices that make [q | k | v].
    pub qkv: Vec<usize>,
    /// `[n_embd, n_attn]`.
    pub attn_output: usize,
    /// `[n_embd]`, if the file has it.
    pub attn_output_bias: Option<Slot>,
    /// `[n_embd]`.
    pub ffn_norm: Slot,
    /// One matrix of gate and up rows, or gate and up apart.
    pub ffn_gate_up: Vec<usize>,
    /// `[n_embd, n_ff]`.
    pub ffn_down: usize,
}

/// All of a model's weights, placed.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Matrices in the order they were placed.
    pub matrices: Vec<Matrix>,
    /// `[n_vocab, n_embd]`.
    pub token_embd: usize,
    /// `[n_embd]`.
    pub output_norm: Slot,
    /// `[n_vocab, n_embd]`; the embedding where tied.
    pub output: usize,
    /// The blocks.
    pub layers: Vec<LayerLayout>,
    /// What becomes of each tensor of the header, in the header's order.
    pub targets: Vec<Target>,
    /// The slabs to allocate.
    pub slabs: SlabPlan,
    /// The largest vector of zeros that stands in for a missing bias.
    pub zeros: Slot,
}

impl Layout {
    /// Places every tensor of `header`.
    ///
    /// # Errors
    /// [`Error::MissingTensor`], [`Error::Shape`], [`Error::WeightType`], or [`Error::NotYet`] for tensors that this
    /// version would ignore.
    pub fn new(
        header: &Header,
        hparams: &Hparams,
        max_binding: u64,
        max_slab: u64,
    ) -> Result<Self> {
        let mut placer = Placer::new(header, max_binding, max_slab);
        let (n_embd, n_vocab) = (hparams.n_embd, hparams.n_vocab);
        let token_embd = placer.matrix(&[("token_embd.weight", n_vocab)], n_embd)?;
        let layers = (0..hparams.n_layer)
            .map(|il| placer.layer(il, hparams))
            .collect::<Result<_>>()?;
        let output_norm = placer.vector("output_norm.weight", n_embd)?;
        let output = if hparams.tied {
            token_embd
        } else {
            placer.matrix(&[("output.weight", n_vocab)], n_embd)?
        };
        let widest = n_vocab
            .max(hparams.n_qkv())
            .max(2 * hparams.n_ff)
            .max(n_embd);
        let zeros = placer.slabs.reserve(u64::from(widest) * 4);
        let targets = placer.finish(hparams)?;
        Ok(Self {
            matrices: placer.matrices,
            token_embd,
            output_norm,
            output,
            layers,
            targets,
            slabs: placer.slabs,
            zeros,
        })
    }
}
