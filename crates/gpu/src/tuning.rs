//! The two parameter sets of every op, in one table: what a software adapter wants and what a GPU wants.
//!
//! Software adapters (lavapipe, SwiftShader) run a workgroup on one thread, a subgroup at a time: loads and workgroup
//! memory are dear whatever their pattern, registers and shuffles are cheap, so each lane takes whole rows and many of
//! them. GPUs want neighbouring lanes on neighbouring bytes and enough lanes in flight.
//! The software figures were measured on lavapipe (Mesa 22.3.6) and SwiftShader; the GPU ones are starting points
//! from published kernels, not timed here.

use crate::caps::{Caps, ParamSet};

/// Lanes of a subgroup that software kernels are written for where the adapter names no size.
const SOFTWARE_LANES: u32 = 8;

/// Work per lane of element-wise kernels.
pub const ELEMENTWISE_LANES: u32 = 64;

/// Where the lanes of a team add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduce {
    /// One lane has it all.
    None,
    /// By subgroup functions.
    Subgroup,
    /// In workgroup memory.
    Workgroup,
}

/// Parameters of `matvec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matvec {
    /// Lanes that share a row.
    pub lanes_k: u32,
    /// Teams of such lanes in a workgroup.
    pub lanes_row: u32,
    /// Rows per lane; even.
    pub rows: u32,
    /// How the lanes of a row add up.
    pub reduce: Reduce,
    /// The subgroup size, if x comes by shuffles.
    pub shuffle: Option<u32>,
}

/// Parameters of `matmul`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matmul {
    /// Lanes along rows.
    pub lanes_m: u32,
    /// Lanes along tokens.
    pub lanes_n: u32,
    /// Rows per lane; even.
    pub tile_m: u32,
    /// Tokens per lane.
    pub tile_n: u32,
    /// Where weights and x of a tile are kept.
    pub source: TileSource,
}

/// Where `matmul` keeps the weights and x of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileSource {
    /// Weights in registers, x loaded by each lane.
    Direct,
    /// Weights in registers, x loaded once per subgroup of this size.
    Shuffle(u32),
    /// Both in workgroup memory.
    Staged,
}

/// Parameters of `attention` and `attention_merge`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attention {
    /// Lanes that share a head.
    pub lanes_d: u32,
    /// Teams of such lanes in a workgroup.
    pub teams: u32,
    /// Query rows per team.
    pub rows: u32,
    /// Positions per turn.
    pub step: u32,
    /// Parts of the cache at most.
    pub splits: u32,
    /// Positions per part at least; a multiple of `step`.
    pub split_min: u32,
    /// How the lanes of a team add up.
    pub reduce: Reduce,
}

impl Caps {
    /// Parameters of `matvec` for `n_out` rows.
    #[must_use]
    pub fn matvec(&self, n_out: u32) -> Matvec {
        match self.params {
            ParamSet::Software => {
                let shuffle = self.small_subgroup();
                // Rows per lane trade loads of x against workgroups: few rows in all want both threads busy.
                let rows = if n_out < 512 { 4 } else { 8 };
                let lanes_row = shuffle.unwrap_or(SOFTWARE_LANES);
                Matvec { lanes_k: 1, lanes_row, rows, reduce: Reduce::None, shuffle }
            }
            ParamSet::Gpu => {
                let lanes_k = 32;
                let reduce =
                    if self.subgroup_size() == Some(lanes_k) { Reduce::Subgroup } else { Reduce::Workgroup };
                Matvec { lanes_k, lanes_row: 4, rows: 4, reduce, shuffle: None }
            }
        }
    }

    /// Parameters of `matmul`.
    #[must_use]
    pub fn matmul(&self) -> Matmul {
        match self.params {
            ParamSet::Software => {
                let (source, lanes_m) = match self.small_subgroup() {
                    Some(size) => (TileSource::Shuffle(size), size),
                    None => (TileSource::Direct, SOFTWARE_LANES),
                };
                Matmul { lanes_m, lanes_n: 1, tile_m: 4, tile_n: 8, source }
            }
            ParamSet::Gpu => Matmul { lanes_m: 16, lanes_n: 16, tile_m: 4, tile_n: 4, source: TileSource::Staged },
        }
    }

    /// Parameters of `attention` for one token, with `gqa` query heads to a KV head.
    #[must_use]
    pub fn attention_decode(&self, gqa: u32) -> Attention {
        let rows = gqa.min(4);
        match self.params {
            ParamSet::Software => {
                let (lanes_d, reduce) = match self.small_subgroup() {
                    Some(size) => (size, Reduce::Subgroup),
                    None => (SOFTWARE_LANES, Reduce::Workgroup),
                };
                Attention { lanes_d, teams: 1, rows, step: 4, splits: 8, split_min: 64, reduce }
            }
            ParamSet::Gpu => {
                let reduce = self.team_reduce(8);
                Attention { lanes_d: 8, teams: 8, rows, step: 4, splits: 32, split_min: 32, reduce }
            }
        }
    }

    /// Parameters of `attention` for many tokens.
    #[must_use]
    pub fn attention_prefill(&self) -> Attention {
        match self.params {
            ParamSet::Software => {
                let reduce = Reduce::None;
                Attention { lanes_d: 1, teams: SOFTWARE_LANES, rows: 1, step: 4, splits: 1, split_min: 4, reduce }
            }
            ParamSet::Gpu => {
                let reduce = self.team_reduce(8);
                Attention { lanes_d: 8, teams: 16, rows: 2, step: 4, splits: 1, split_min: 4, reduce }
            }
        }
    }

    /// Lanes of a workgroup that reduces one row, and how they add up.
    #[must_use]
    pub fn row_reduce(&self) -> (u32, Reduce) {
        match (self.params, self.small_subgroup()) {
            (ParamSet::Software, Some(size)) => (size, Reduce::Subgroup),
            (ParamSet::Software, None) => (SOFTWARE_LANES, Reduce::Workgroup),
            (ParamSet::Gpu, _) => (256, Reduce::Workgroup),
        }
    }

    /// The subgroup size, if it is known and at most 8: then a workgroup can be one subgroup with a role per lane.
    fn small_subgroup(&self) -> Option<u32> {
        self.subgroup_size().filter(|size| [2, 4, 8].contains(size))
    }

    fn team_reduce(&self, lanes_d: u32) -> Reduce {
        match self.subgroups {
            Some((min, _)) if min >= lanes_d => Reduce::Subgroup,
            _ => Reduce::Workgroup,
        }
    }
}
