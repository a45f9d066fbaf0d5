//! The two parameter sets of every op, in one table: what a software adapter wants and what a GPU wants.
//!
//! Software adapters (lavapipe, SwiftShader) run a workgroup on one thread, a subgroup at a time: loads and workgroup
//! memory are dear whatever their pattern, registers and shuffles are cheap, so each lane takes whole rows and many of
//! them. GPUs want neighbouring lanes on neighbouring bytes and enough lanes in flight.
//! The software figures were measured on lavapipe (Mesa 22.3.6) and SwiftShader; the GPU ones are starting points
//! from published kernels, not timed here.

use crate::caps::{Caps, ParamSet};
use crate::ops::Epilogue;
use crate::shader::Access;

/// Lanes of a subgroup that software kernels are written for where the adapter names no size.
const SOFTWARE_LANES: u32 = 8;

/// Tokens up to which `matmul` has parameters of its own: other sequences' next ones, drafts, a prompt's end.
pub const FEW_TOKENS: u32 = 32;

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
    /// Rows per lane: 4 or 8.
    pub rows: u32,
    /// Runs of 32 weights per step: 1, or 2 that share scales.
    pub runs: u32,
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
    /// Rows per lane: 4 or 8.
    pub rows: u32,
    /// Tokens per lane.
    pub tile_n: u32,
    /// Where weights and x of a tile are kept.
    pub source: TileSource,
}

impl Matmul {
    /// Tokens that a workgroup computes, however few there are.
    #[must_use]
    pub fn tokens(&self) -> u32 {
        self.lanes_n * self.tile_n
    }
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
    /// Lanes that share a head, 8 elements each.
    pub lanes_d: u32,
    /// Teams of such lanes in a workgroup.
    pub teams: u32,
    /// Parts of the cache at most.
    pub splits: u32,
    /// Positions per part at least; a multiple of 4.
    pub split_min: u32,
    /// How the lanes of a team add up.
    pub reduce: Reduce,
}

impl Caps {
    /// Parameters of `matvec` for `n_out` rows.
    #[must_use]
    pub fn matvec(&self, n_out: u32, epilogue: Epilogue) -> Matvec {
        match self.params {
            ParamSet::Software => {
                let shuffle = self.small_subgroup();
                // Rows per lane trade loads of x against workgroups: few rows in all want both threads busy.
                let rows = if n_out < 512 && epilogue != Epilogue::Swiglu {
                    4
                } else {
                    8
                };
                let lanes_row = shuffle.unwrap_or(SOFTWARE_LANES);
                Matvec {
                    lanes_k: 1,
                    lanes_row,
                    rows,
                    // Twice the code, which SwiftShader, whose subgroups have four lanes, compiles too slowly.
                    runs: if shuffle == Some(4) { 1 } else { 2 },
                    reduce: Reduce::None,
                    shuffle,
                }
            }
            ParamSet::Gpu => {
                // A row for each subgroup, where its size is known: then nothing waits for other lanes.
                let (lanes_k, reduce) = match self.subgroup_size() {
                    Some(size @ 4..=64) => (size, Reduce::Subgroup),
                    _ => (32, Reduce::Workgroup),
                };
                let rows = if epilogue == Epilogue::Swiglu { 8 } else { 4 };
                Matvec {
                    lanes_k,
                    lanes_row: 128 / lanes_k,
                    rows,
                    // With two, half the lanes would have nothing to do in rows of 1024 weights.
                    runs: 1,
                    reduce,
                    shuffle: None,
                }
            }
        }
    }

    /// Parameters of `matmul` for batches of up to `n_token`.
    #[must_use]
    pub fn matmul(&self, epilogue: Epilogue, n_token: u32) -> Matmul {
        let rows = if epilogue == Epilogue::Swiglu { 8 } else { 4 };
        match self.params {
            ParamSet::Software => {
                // Eight rows for one load of x where that is a load for the whole subgroup. Four are half the code, which
                // SwiftShader, whose subgroups are smaller, compiles slowly.
                let (source, lanes_m, rows) = match self.small_subgroup() {
                    Some(8) => (TileSource::Shuffle(8), 8, 8),
                    Some(size) => (TileSource::Shuffle(size), size, rows),
                    None => (TileSource::Direct, SOFTWARE_LANES, rows),
                };
                Matmul {
                    lanes_m,
                    lanes_n: 1,
                    rows,
                    tile_n: 8,
                    source,
                }
            }
            // Each row is unpacked once for 16 tokens, and so are few rows that many groups have work.
            ParamSet::Gpu if n_token <= FEW_TOKENS => {
                let lanes_m = 32 / rows;
                Matmul {
                    lanes_m,
                    lanes_n: 64 / lanes_m,
                    rows,
                    tile_n: 16 * lanes_m / 64,
                    source: TileSource::Staged,
                }
            }
            // 64 rows by 64 tokens, all that 16 KiB of workgroup memory hold.
            ParamSet::Gpu => {
                let lanes_m = 64 / rows;
                let lanes_n = (self.max_lanes / lanes_m).min(16);
                Matmul {
                    lanes_m,
                    lanes_n,
                    rows,
                    tile_n: 64 / lanes_n,
                    source: TileSource::Staged,
                }
            }
        }
    }

    /// Parameters of `attention` for heads of `head_dim`: for one token the cache is split, to fill the machine.
    #[must_use]
    pub fn attention(&self, head_dim: u32, one_token: bool) -> Attention {
        let lanes_d = (head_dim / 8).next_power_of_two();
        let reduce = match self.subgroups {
            _ if lanes_d == 1 => Reduce::None,
            Some((min, _)) if min >= lanes_d => Reduce::Subgroup,
            _ => Reduce::Workgroup,
        };
        let (teams, splits, split_min) = match self.params {
            // One small workgroup is one thread's work; idle splits cost next to nothing.
            ParamSet::Software => (1, 8, 64),
            ParamSet::Gpu => ((64 / lanes_d).max(1), 32, 32),
        };
        if one_token {
            Attention {
                lanes_d,
                teams,
                splits,
                split_min,
                reduce,
            }
        } else {
            Attention {
                lanes_d,
                teams,
                splits: 1,
                split_min: 4,
                reduce,
            }
        }
    }

    /// Lanes of a workgroup that reduces one row, and how they add up.
    #[must_use]
    pub fn row_reduce(&self) -> (u32, Reduce) {
        match (self.params, self.small_subgroup()) {
            (ParamSet::Software, Some(size)) => (size, Reduce::Subgroup),
            (ParamSet::Software, None) => (SOFTWARE_LANES, Reduce::Workgroup),
            (ParamSet::Gpu, _) => (self.max_lanes.min(256), Reduce::Workgroup),
        }
    }

    /// The part that reads grids, and how they are bound.
    #[must_use]
    pub fn grid(&self) -> (&'static str, Access) {
        match self.params {
            ParamSet::Software => ("common/grid_uniform", Access::Uniform),
            ParamSet::Gpu => ("common/grid_storage", Access::Read),
        }
    }

    /// Whether kernels read f16 numbers by `shader-f16`. Software adapters load a vector a component at a time, so
    /// there sixteen packed bytes in one load and an unpack are cheaper.
    #[must_use]
    pub fn reads_f16(&self) -> bool {
        self.f16 && self.params == ParamSet::Gpu
    }

    /// The subgroup size, if it is 4 or 8: then a workgroup can be one subgroup with a role per lane.
    fn small_subgroup(&self) -> Option<u32> {
        self.subgroup_size().filter(|size| [4, 8].contains(size))
    }
}
