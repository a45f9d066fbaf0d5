//! Parameters of an op: what a kernel can run with, and the grid that `--tune` tries.

use ggweb_gpu::Caps;
use ggweb_gpu::caps::ParamSet;
use ggweb_gpu::ops::Epilogue;
use ggweb_gpu::tuning::{Attention, Matmul, Matvec, Reduce, TileSource};

use crate::work::Work;

/// Invocations of a workgroup at most: WebGPU's floor.
const GROUP_MAX: u32 = 256;
/// Rows and tokens of a staged tile together at most: 128 bytes each, of the floor of 16 KiB.
const TILE_MAX: u32 = 128;

/// Parameters of one op.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tuning {
    Matvec(Matvec),
    Matmul(Matmul),
    Attention(Attention),
    /// The op has none of its own.
    Fixed,
}

impl Tuning {
    /// What the adapter's parameter set says.
    pub(crate) fn of_caps(caps: &Caps, work: &Work) -> Self {
        match *work {
            Work::Product {
                model,
                matrix,
                columns: 1,
                ..
            } => Self::Matvec(caps.matvec(matrix.shape(model).0, matrix.epilogue())),
            Work::Product {
                matrix, columns, ..
            } => Self::Matmul(caps.matmul(matrix.epilogue(), columns)),
            Work::Attention { model, columns, .. } => {
                Self::Attention(caps.attention(model.head_dim, columns == 1))
            }
            _ => Self::Fixed,
        }
    }

    /// As it stands in `crates/gpu/src/tuning.rs`.
    pub(crate) fn row(&self) -> String {
        let debug = match self {
            Self::Matvec(tuning) => format!("{tuning:?}"),
            Self::Matmul(tuning) => format!("{tuning:?}"),
            Self::Attention(tuning) => format!("{tuning:?}"),
            Self::Fixed => String::new(),
        };
        debug
            .replace("reduce: ", "reduce: Reduce::")
            .replace("source: ", "source: TileSource::")
    }
}

/// Why `matvec` cannot run so, if it cannot.
pub(crate) fn check_matvec(t: &Matvec, caps: &Caps, epilogue: Epilogue) -> Result<(), String> {
    check_group(t.lanes_k, t.lanes_row)?;
    check_rows(t.rows, epilogue)?;
    if ![1, 2].contains(&t.runs) {
        return Err(format!("runs is 1 or 2, not {}", t.runs));
    }
    let size = caps.subgroup_size();
    match t.reduce {
        Reduce::None if t.lanes_k != 1 => {
            return Err("reduce=none wants lanes_k=1: a lane has whole rows".to_owned());
        }
        Reduce::Subgroup if size != Some(t.lanes_k) => {
            return Err(format!(
                "reduce=subgroup wants lanes_k to be the subgroup size, here {}",
                shown(size)
            ));
        }
        _ => {}
    }
    match t.shuffle {
        Some(n) if size != Some(n) || ![4, 8].contains(&n) || t.lanes_k * t.lanes_row != n => {
            Err(format!(
                "shuffle={n} wants subgroups of 4 or 8, here {}, and lanes_k * lanes_row to be that",
                shown(size)
            ))
        }
        Some(_) if t.lanes_k != 1 => Err("a shuffle wants lanes_k=1".to_owned()),
        _ => Ok(()),
    }
}

/// Why `matmul` cannot run so, if it cannot.
pub(crate) fn check_matmul(t: &Matmul, caps: &Caps, epilogue: Epilogue) -> Result<(), String> {
    check_group(t.lanes_m, t.lanes_n)?;
    check_rows(t.rows, epilogue)?;
    if t.tile_n == 0 {
        return Err("tile_n is at least 1".to_owned());
    }
    match t.source {
        TileSource::Staged if t.lanes_m * t.rows + t.lanes_n * t.tile_n > TILE_MAX => Err(format!(
            "source=staged keeps lanes_m * rows + lanes_n * tile_n rows of 128 bytes in 16 KiB: at most {TILE_MAX}"
        )),
        TileSource::Staged => Ok(()),
        TileSource::Direct | TileSource::Shuffle(_) if t.lanes_n != 1 || t.tile_n != 8 => {
            Err("sources other than staged want lanes_n=1 and tile_n=8".to_owned())
        }
        TileSource::Shuffle(n)
            if caps.subgroup_size() != Some(n) || t.lanes_m != n || ![4, 8].contains(&n) =>
        {
            Err(format!(
                "source=shuffle wants lanes_m to be the subgroup size, 4 or 8, here {}",
                shown(caps.subgroup_size())
            ))
        }
        TileSource::Direct | TileSource::Shuffle(_) => Ok(()),
    }
}

/// Why `attention` cannot run so, if it cannot.
pub(crate) fn check_attention(t: &Attention) -> Result<(), String> {
    check_group(t.lanes_d, t.teams)?;
    if t.splits == 0 || t.split_min == 0 || !t.split_min.is_multiple_of(4) {
        return Err("splits is at least 1 and split_min a multiple of 4".to_owned());
    }
    Ok(())
}

fn check_group(a: u32, b: u32) -> Result<(), String> {
    let lanes = u64::from(a) * u64::from(b);
    if lanes == 0 || lanes > u64::from(GROUP_MAX) {
        return Err(format!(
            "a workgroup has 1 to {GROUP_MAX} lanes, not {a} x {b}"
        ));
    }
    Ok(())
}

fn check_rows(rows: u32, epilogue: Epilogue) -> Result<(), String> {
    match (rows, epilogue) {
        (8, _) | (4, Epilogue::Store | Epilogue::Add | Epilogue::Gated) => Ok(()),
        (4, Epilogue::Swiglu) => Err("SwiGLU wants rows=8: four gates and their ups".to_owned()),
        _ => Err(format!("rows is 4 or 8, not {rows}")),
    }
}

fn shown(size: Option<u32>) -> String {
    size.map_or_else(|| "not known".to_owned(), |size| size.to_string())
}

/// How the lanes of a row can add up, the natural way first.
pub(crate) fn reduce_of(lanes_k: u32, caps: &Caps) -> Reduce {
    match (lanes_k, caps.subgroup_size()) {
        (1, _) => Reduce::None,
        (n, Some(size)) if n == size => Reduce::Subgroup,
        _ => Reduce::Workgroup,
    }
}

/// What `--tune` tries for `work`, without what cannot run.
pub(crate) fn grid(caps: &Caps, work: &Work) -> Vec<Tuning> {
    match *work {
        Work::Product {
            matrix, columns: 1, ..
        } => matvec_grid(caps, matrix.epilogue()),
        Work::Product {
            matrix, columns, ..
        } => matmul_grid(caps, matrix.epilogue(), columns),
        Work::Attention { .. } => match Tuning::of_caps(caps, work) {
            Tuning::Attention(own) => attention_grid(own, work.columns() == 1),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn matvec_grid(caps: &Caps, epilogue: Epilogue) -> Vec<Tuning> {
    // A software adapter runs a workgroup on one thread; a GPU idles where one is smaller than a subgroup.
    let (lanes_k, groups) = match caps.params {
        ParamSet::Software => (&[1, 2, 4, 8][..], 4..=16),
        ParamSet::Gpu => (&[4, 8, 16, 32, 64][..], 32..=GROUP_MAX),
    };
    let mut all = Vec::new();
    for &lanes_k in lanes_k {
        for lanes_row in [1, 2, 4, 8, 16]
            .into_iter()
            .filter(|n| groups.contains(&(lanes_k * n)))
        {
            for (rows, runs) in [(4, 1), (4, 2), (8, 1), (8, 2)] {
                for reduce in [reduce_of(lanes_k, caps), Reduce::Workgroup] {
                    for shuffle in [None, caps.subgroup_size()] {
                        let tuning = Matvec {
                            lanes_k,
                            lanes_row,
                            rows,
                            runs,
                            reduce,
                            shuffle,
                        };
                        // Barriers for one lane are right and pointless.
                        let is_new = (lanes_k > 1 || reduce == Reduce::None)
                            && !all.contains(&Tuning::Matvec(tuning));
                        if is_new && check_matvec(&tuning, caps, epilogue).is_ok() {
                            all.push(Tuning::Matvec(tuning));
                        }
                    }
                }
            }
        }
    }
    all
}

fn matmul_grid(caps: &Caps, epilogue: Epilogue, columns: u32) -> Vec<Tuning> {
    let mut all = Vec::new();
    let mut add = |tuning: Matmul| {
        if check_matmul(&tuning, caps, epilogue).is_ok() {
            all.push(Tuning::Matmul(tuning));
        }
    };
    let direct = match caps.params {
        ParamSet::Software => [4, 8, 16],
        ParamSet::Gpu => [32, 64, 128],
    };
    for rows in [4, 8] {
        for lanes_m in direct {
            add(Matmul {
                lanes_m,
                lanes_n: 1,
                rows,
                tile_n: 8,
                source: TileSource::Direct,
            });
        }
        if let Some(size) = caps.subgroup_size() {
            let source = TileSource::Shuffle(size);
            add(Matmul {
                lanes_m: size,
                lanes_n: 1,
                rows,
                tile_n: 8,
                source,
            });
        }
        if caps.params == ParamSet::Software {
            continue;
        }
        for lanes_m in [8, 16] {
            for lanes_n in [2, 4, 8, 16, 32] {
                for tile_n in [1, 2, 4, 8] {
                    let lanes = lanes_m * lanes_n;
                    // A tile of twice the columns there are would idle.
                    if (32..=GROUP_MAX).contains(&lanes) && lanes_n * tile_n < 2 * columns.max(4) {
                        add(Matmul {
                            lanes_m,
                            lanes_n,
                            rows,
                            tile_n,
                            source: TileSource::Staged,
                        });
                    }
                }
            }
        }
    }
    all
}

fn attention_grid(own: Attention, is_decode: bool) -> Vec<Tuning> {
    let mut all = Vec::new();
    let splits: &[u32] = if is_decode { &[1, 4, 8, 16, 32] } else { &[1] };
    let split_mins: &[u32] = if is_decode { &[32, 64, 128] } else { &[4] };
    for teams in [1, 2, 4, 8] {
        for &splits in splits {
            for &split_min in split_mins {
                let tuning = Attention {
                    teams,
                    splits,
                    split_min,
                    ..own
                };
                if check_attention(&tuning).is_ok() {
                    all.push(Tuning::Attention(tuning));
                }
            }
        }
    }
    all
}
