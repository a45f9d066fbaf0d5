//! How fast the adapter reads and multiplies at best: two kernels that do nothing else, each the best of a few variants.

use ggweb_gpu::plan::Grid;
use ggweb_gpu::shader::{Access, Shader};

use crate::context::{Context, Job, Timing};
use crate::error::Result;

/// Bytes that one run reads: several fill the working set.
const READ_BYTES_SOFTWARE: u64 = 16 << 20;
const READ_BYTES_GPU: u64 = 128 << 20;
/// Multiply-adds per lane are 16 times this, times the chains.
const FMA_TURNS: u32 = 128;
const ROUNDS: u32 = 3;

/// A variant of one of the two kernels.
#[derive(Debug, Clone, Copy)]
enum Variant {
    Read {
        lanes: u32,
        loads: u32,
        near: u32,
        n_group: u32,
    },
    Fma {
        lanes: u32,
        chains: u32,
        fused: u32,
    },
}

/// The best of the variants of one kernel.
#[derive(Debug, Clone)]
pub(crate) struct Ceiling {
    kernel: Variant,
    /// Amount per microsecond, on the clock that rates are taken on.
    pub(crate) rate: f64,
    /// As `rate`, by wall time.
    pub(crate) wall_rate: f64,
    /// Which variant.
    pub(crate) variant: String,
}

/// Both ceilings.
#[derive(Debug, Clone)]
pub(crate) struct Ceilings {
    /// Bytes per microsecond.
    pub(crate) read: Ceiling,
    /// Operations per microsecond.
    pub(crate) fma: Ceiling,
}

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct ReadParams {
    n_vec4: u32,
    n_turn: u32,
}

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct FmaParams {
    n_turn: u32,
    seed: f32,
}

impl Ceilings {
    /// Measures both.
    pub(crate) async fn measure(context: &mut Context<'_>) -> Result<Self> {
        let is_software = context.device.is_software();
        let (lanes, nears): ([u32; 2], &[u32]) = if is_software {
            ([8, 64], &[0, 1])
        } else {
            ([64, 256], &[1])
        };
        let mut reads = Vec::new();
        let mut fmas = Vec::new();
        for lanes in lanes {
            for four_or_eight in [4, 8] {
                for &near in nears {
                    for n_group in [256, 2048] {
                        let loads = four_or_eight;
                        let kernel = Variant::Read {
                            lanes,
                            loads,
                            near,
                            n_group,
                        };
                        reads.push(one(context, kernel).await?);
                    }
                }
                for fused in [0, 1] {
                    let chains = four_or_eight;
                    let kernel = Variant::Fma {
                        lanes,
                        chains,
                        fused,
                    };
                    fmas.push(one(context, kernel).await?);
                }
            }
        }
        Ok(Self {
            read: best(reads),
            fma: best(fmas),
        })
    }

    /// Measures the best variants once more: a machine that others use, or that gets warm, does not keep its pace.
    pub(crate) async fn again(&self, context: &mut Context<'_>) -> Result<Self> {
        Ok(Self {
            read: one(context, self.read.kernel).await?,
            fma: one(context, self.fma.kernel).await?,
        })
    }
}

async fn one(context: &mut Context<'_>, kernel: Variant) -> Result<Ceiling> {
    let (amount, timing, variant) = match kernel {
        Variant::Read {
            lanes,
            loads,
            near,
            n_group,
        } => read(context, lanes, loads, near, n_group).await?,
        Variant::Fma {
            lanes,
            chains,
            fused,
        } => fma(context, lanes, chains, fused).await?,
    };
    Ok(Ceiling {
        kernel,
        rate: amount / timing.us(context.is_by_cpu()),
        wall_rate: amount / timing.wall_us,
        variant,
    })
}

fn best(all: Vec<Ceiling>) -> Ceiling {
    let fastest = all.into_iter().max_by(|a, b| a.rate.total_cmp(&b.rate));
    fastest.expect("there are variants")
}

/// Bytes of a run, its time, and the variant in words.
async fn read(
    context: &mut Context<'_>,
    lanes: u32,
    loads: u32,
    near: u32,
    n_group: u32,
) -> Result<(f64, Timing, String)> {
    let wanted = if context.device.is_software() {
        READ_BYTES_SOFTWARE
    } else {
        READ_BYTES_GPU
    };
    let room = context
        .arena
        .working_set_bytes()
        .min(context.device.max_binding_bytes());
    // A power of two, so that all lanes take equal shares.
    let bytes = 1_u64 << wanted.min(room).ilog2();
    let n_vec4 = (bytes / 16) as u32;
    let n_turn = (n_vec4 / (n_group * lanes * loads)).max(1);
    let n_group = n_vec4 / (n_turn * lanes * loads);
    let shader = Shader {
        name: "ceiling_read",
        parts: vec!["ceiling_read"],
        consts: vec![("WORKGROUP_SIZE", lanes), ("LOADS", loads), ("NEAR", near)],
        bindings: vec![
            (0, Access::Uniform),
            (1, Access::Read),
            (2, Access::ReadWrite),
        ],
        f16: false,
        subgroups: false,
    };
    let n_copy = (context.arena.working_set_bytes() / bytes) as u32;
    let words: Vec<_> = (0..n_copy).map(|_| context.arena.bits(bytes)).collect();
    let y = context.arena.scratch(0, 16);
    let params = ReadParams { n_vec4, n_turn };
    let job = Job {
        n_token: 1,
        n_copy,
        rounds_max: ROUNDS,
        record: &|rec, copy| {
            let bindings = [words[copy as usize].clone(), y.clone()];
            rec.dispatch(&shader, &params, &bindings, Grid::Linear(n_group));
        },
    };
    let timing = context.time(&job).await?;
    let order = if near == 1 { "side by side" } else { "apart" };
    let variant = format!("{n_group} groups of {lanes} lanes, {loads} loads {order}");
    Ok((bytes as f64, timing, variant))
}

/// Operations of a run, its time, and the variant in words.
async fn fma(
    context: &mut Context<'_>,
    lanes: u32,
    chains: u32,
    fused: u32,
) -> Result<(f64, Timing, String)> {
    let n_group = if context.device.is_software() {
        256
    } else {
        8192
    };
    let shader = Shader {
        name: "ceiling_fma",
        parts: vec!["ceiling_fma"],
        consts: vec![
            ("WORKGROUP_SIZE", lanes),
            ("CHAINS", chains),
            ("FUSED", fused),
        ],
        bindings: vec![(0, Access::Uniform), (1, Access::ReadWrite)],
        f16: false,
        subgroups: false,
    };
    let params = FmaParams {
        n_turn: FMA_TURNS,
        seed: 1.0 / 1024.0,
    };
    let y = context.arena.scratch(0, 16);
    let job = Job {
        n_token: 1,
        n_copy: 1,
        rounds_max: ROUNDS,
        record: &|rec, _| {
            rec.dispatch(
                &shader,
                &params,
                std::slice::from_ref(&y),
                Grid::Linear(n_group),
            );
        },
    };
    let timing = context.time(&job).await?;
    let per_lane = f64::from(FMA_TURNS) * 4.0 * 4.0 * f64::from(chains) * 2.0;
    let amount = per_lane * f64::from(n_group) * f64::from(lanes);
    let written = if fused == 1 { "fma()" } else { "a * m + m" };
    let variant = format!("{n_group} groups of {lanes} lanes, {chains} chains of {written}");
    Ok((amount, timing, variant))
}
