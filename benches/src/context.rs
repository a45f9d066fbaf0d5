//! An open device, and how long something takes on it.

use ggweb_gpu::plan::Fetch;
use ggweb_gpu::shader::Pipelines;
use ggweb_gpu::{Clock, Device, DeviceOptions, ParamsChoice, Plan, Readback, Recorder};

use crate::arena::Arena;
use crate::args::Args;
use crate::bench::Host;
use crate::error::Result;

/// Kernels that are no op of a model.
const OWN_PARTS: &[(&str, &str)] = &[
    ("fill", include_str!("../shaders/fill.wgsl")),
    ("ceiling_read", include_str!("../shaders/ceiling_read.wgsl")),
    ("ceiling_fma", include_str!("../shaders/ceiling_fma.wgsl")),
];

/// Timed rounds of what is short.
const ROUNDS: u32 = 5;
/// Timed rounds of what takes `LONG_MS` or more.
const ROUNDS_LONG: u32 = 2;
const LONG_MS: f64 = 400.0;
/// A round takes at least this much, and this many times the wait for an empty submit.
const ROUND_MS_MIN: f64 = 10.0;
const ROUND_MS_MAX: f64 = 100.0;
const ROUND_WAITS: f64 = 25.0;
/// Runs in a round at most.
const RUNS_MAX: u32 = 4096;
/// Runs in a submit: while the GPU works on one, the next is encoded.
const RUNS_PER_SUBMIT: u32 = 128;
/// Software adapters slow down with very many pipelines alive.
const PIPELINES_MAX: usize = 64;

const MIB: u64 = 1 << 20;

/// A device with its pools.
pub(crate) struct Context<'a> {
    pub(crate) device: Device,
    pub(crate) arena: Arena,
    host: &'a Host<'a>,
    pipelines: Pipelines,
    fence: Readback,
    round_ms: f64,
    /// Wall time of an empty submit and the wait for it.
    pub(crate) wait_ms: f64,
}

/// What is timed.
pub(crate) struct Job<'a> {
    /// Tokens of the batch.
    pub(crate) n_token: u32,
    /// How many copies `record` knows.
    pub(crate) n_copy: u32,
    /// Timed rounds at most.
    pub(crate) rounds_max: u32,
    /// Records one run on a copy.
    pub(crate) record: &'a dyn Fn(&mut Recorder<'_>, u32),
}

/// How long one run took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Timing {
    /// Wall time of the fastest round.
    pub(crate) wall_us: f64,
    /// Wall time of the middle round.
    pub(crate) wall_median_us: f64,
    /// CPU time of the process, in the round that took least; `None` in a browser.
    pub(crate) cpu_us: Option<f64>,
    /// From recording to the end of the first run: mostly the compiler's time.
    pub(crate) first_ms: f64,
    /// Runs in a round.
    pub(crate) n_run: u32,
    /// Copies that were cycled through.
    pub(crate) n_copy: u32,
}

impl Timing {
    /// On the clock that tells more: CPU time where the work is done by the CPU.
    pub(crate) fn us(&self, by_cpu: bool) -> f64 {
        self.cpu_us.filter(|_| by_cpu).unwrap_or(self.wall_us)
    }
}

#[derive(Debug, Clone, Copy)]
struct Round {
    wall_ms: f64,
    cpu_ms: Option<f64>,
}

impl<'a> Context<'a> {
    /// Opens the adapter that `args` ask for with a parameter set, and fills the pools.
    pub(crate) async fn open(
        args: &Args,
        params: ParamsChoice,
        host: &'a Host<'a>,
    ) -> Result<Self> {
        let device = Device::open(&DeviceOptions {
            adapter: args.adapter.clone(),
            tier: args.tier,
            params,
            limits: args.limits,
            runtime_checks: false,
        })
        .await?;
        let default_mib = if device.is_software() { 64 } else { 256 };
        let working_set = args.working_set.unwrap_or(default_mib).max(1) * MIB;
        let arena = Arena::new(&device, working_set).await?;
        let mut context = Self {
            pipelines: Pipelines::with_parts(&device, OWN_PARTS),
            fence: Readback::new(&device, 4),
            device,
            arena,
            host,
            round_ms: ROUND_MS_MIN,
            wait_ms: 0.0,
        };
        let mut rec = Recorder::new(&mut context.pipelines);
        context.arena.fill(&mut rec);
        let recording = rec.finish();
        context.pipelines.ready().await?;
        let plan = recording.into_plan(&context.pipelines);
        context.round(&[plan], 1, 1, &mut 0).await?;
        context.measure_wait().await?;
        Ok(context)
    }

    async fn measure_wait(&mut self) -> Result<()> {
        let mut waits = Vec::new();
        for _ in 0..ROUNDS {
            waits.push(self.round(&[], 1, 0, &mut 0).await?.wall_ms);
        }
        self.wait_ms = median(&mut waits);
        self.round_ms = (ROUND_WAITS * self.wait_ms).clamp(ROUND_MS_MIN, ROUND_MS_MAX);
        Ok(())
    }

    /// Whether rates are best taken over CPU time: the adapter works on the CPU, and its time can be had.
    pub(crate) fn is_by_cpu(&self) -> bool {
        self.device.is_software() && (self.host.cpu_seconds)().is_some()
    }

    /// Times a job: as many runs in a round as its length takes, on as many copies as there are.
    pub(crate) async fn time(&mut self, job: &Job<'_>) -> Result<Timing> {
        if self.pipelines.len() >= PIPELINES_MAX {
            self.pipelines = Pipelines::with_parts(&self.device, OWN_PARTS);
        }
        let clock = Clock::start();
        let mut plans = vec![self.plan(job, 0).await?];
        let mut next = 0;
        self.round(&plans, job.n_token, 1, &mut next).await?;
        let first_ms = clock.elapsed_ms();

        let mut n_run = 1;
        let mut guess = self.round(&plans, job.n_token, n_run, &mut next).await?;
        // By steps: the first guess is mostly waiting.
        while guess.wall_ms < self.round_ms / 1.5 && n_run < RUNS_MAX {
            let factor = (self.round_ms / guess.wall_ms.max(0.01)).clamp(1.5, 32.0);
            n_run = ((f64::from(n_run) * factor).ceil() as u32).min(RUNS_MAX);
            for copy in plans.len() as u32..job.n_copy.min(n_run) {
                plans.push(self.plan(job, copy).await?);
            }
            guess = self.round(&plans, job.n_token, n_run, &mut next).await?;
        }
        // What is long needs no warming up.
        let (n_round, mut rounds) = if guess.wall_ms < LONG_MS {
            (ROUNDS.min(job.rounds_max), Vec::new())
        } else {
            (ROUNDS_LONG - 1, vec![guess])
        };
        for copy in plans.len() as u32..job.n_copy.min(n_run * n_round) {
            plans.push(self.plan(job, copy).await?);
        }
        for _ in 0..n_round {
            rounds.push(self.round(&plans, job.n_token, n_run, &mut next).await?);
        }
        Ok(timing(&rounds, first_ms, n_run, plans.len() as u32))
    }

    async fn plan(&mut self, job: &Job<'_>, copy: u32) -> Result<Plan> {
        let mut rec = Recorder::new(&mut self.pipelines);
        (job.record)(&mut rec, copy);
        let recording = rec.finish();
        if let Err(error) = self.pipelines.ready().await {
            // A refused pipeline is known and never there: what asks for it again is to be refused again.
            self.pipelines = Pipelines::with_parts(&self.device, OWN_PARTS);
            return Err(error.into());
        }
        Ok(recording.into_plan(&self.pipelines))
    }

    /// Runs `n_run` plans, beginning with `next`, and waits once.
    async fn round(
        &self,
        plans: &[Plan],
        n_token: u32,
        n_run: u32,
        next: &mut usize,
    ) -> Result<Round> {
        let result = self.arena.scratch(0, 16);
        let fetch = Some(Fetch {
            from: &result,
            size_bytes: 4,
            into: &self.fence,
        });
        let (clock, cpu) = (Clock::start(), (self.host.cpu_seconds)());
        let mut left = n_run;
        loop {
            let now = left.min(RUNS_PER_SUBMIT);
            let chosen: Vec<&Plan> = (0..now as usize)
                .map(|i| &plans[(*next + i) % plans.len()])
                .collect();
            *next += now as usize;
            left -= now;
            let fetch = if left == 0 { fetch } else { None };
            self.device.submit(&chosen, n_token, fetch)?;
            if left == 0 {
                break;
            }
        }
        self.fence.wait().await?;
        let wall_ms = clock.elapsed_ms();
        let cpu_after = (self.host.cpu_seconds)();
        let cpu_ms = cpu.zip(cpu_after).map(|(from, to)| (to - from) * 1000.0);
        Ok(Round { wall_ms, cpu_ms })
    }
}

fn timing(rounds: &[Round], first_ms: f64, n_run: u32, n_copy: u32) -> Timing {
    let per_run = |ms: f64| ms * 1000.0 / f64::from(n_run);
    let mut walls: Vec<f64> = rounds.iter().map(|round| per_run(round.wall_ms)).collect();
    let cpus = rounds.iter().filter_map(|round| round.cpu_ms).map(per_run);
    Timing {
        wall_us: walls.iter().copied().fold(f64::INFINITY, f64::min),
        wall_median_us: median(&mut walls),
        cpu_us: cpus.reduce(f64::min),
        first_ms,
        n_run,
        n_copy,
    }
}

/// The middle one; infinite if there are none.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values
        .get(values.len() / 2)
        .copied()
        .unwrap_or(f64::INFINITY)
}
