//! The list of dispatches of one forward pass: recorded once, replayed each step.
//!
//! A [`Recorder`] collects dispatches; [`Recorder::finish`] makes the bind groups and gives a [`Plan`].
//! Replaying a plan creates nothing: it walks (pipeline, bind group, grid). A grid may depend on the number of
//! tokens in the batch and on nothing else; positions and lengths live in the step buffer.

use crate::buffer::{BINDING_ALIGNMENT_BYTES, Binding, Buffer, BufferUse};
use crate::device::Device;
use crate::error::Result;
use crate::readback::Readback;
use crate::shader::{PipelineId, Pipelines, Shader};

/// WebGPU's greatest number of workgroups along one axis.
const MAX_GROUPS_PER_AXIS: u32 = 65_535;

/// How many workgroups a dispatch has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grid {
    /// `n` workgroups whatever the batch; kernels number them `x + y * n_workgroup.x`.
    Linear(u32),
    /// `ceil(n_token * per_token / per_group)` workgroups along x, `y` along y.
    Tokens {
        /// Units of work per token.
        per_token: u32,
        /// Units of work per workgroup.
        per_group: u32,
        /// Workgroups along y.
        y: u32,
    },
}

impl Grid {
    fn groups(self, n_token: u32) -> [u32; 3] {
        match self {
            Self::Linear(n) => {
                let x = n.min(MAX_GROUPS_PER_AXIS);
                [x, n.div_ceil(x.max(1)), 1]
            }
            Self::Tokens {
                per_token,
                per_group,
                y,
            } => [(n_token * per_token).div_ceil(per_group), y, 1],
        }
    }
}

#[derive(Debug)]
struct Recorded {
    pipeline: PipelineId,
    name: &'static str,
    bindings: Vec<(u32, Binding)>,
    params_slot: usize,
    grid: Grid,
}

/// Collects the dispatches of a plan and asks for their pipelines.
#[derive(Debug)]
pub struct Recorder<'a> {
    pipelines: &'a mut Pipelines,
    recorded: Recording,
}

/// What was recorded, before the pipelines are compiled.
#[derive(Debug, Default)]
pub struct Recording {
    dispatches: Vec<Recorded>,
    params: Vec<u8>,
}

impl<'a> Recorder<'a> {
    /// Begins an empty recording.
    pub fn new(pipelines: &'a mut Pipelines) -> Self {
        Self {
            pipelines,
            recorded: Recording::default(),
        }
    }

    /// The device that the plan is for.
    #[must_use]
    pub fn device(&self) -> &Device {
        self.pipelines.device()
    }

    /// Records one dispatch of `shader`: `params` is binding 0, `bindings` the others in the shader's order.
    ///
    /// # Panics
    /// If the number of bindings differs from the shader's list.
    pub fn dispatch<P: bytemuck::Pod>(
        &mut self,
        shader: &Shader,
        params: &P,
        bindings: &[Binding],
        grid: Grid,
    ) {
        assert_eq!(
            bindings.len() + 1,
            shader.bindings.len(),
            "{}: bindings as the shader lists them",
            shader.name
        );
        let pipeline = self.pipelines.request(shader);
        let params_slot = self.recorded.params.len();
        self.recorded
            .params
            .extend_from_slice(bytemuck::bytes_of(params));
        let aligned = self
            .recorded
            .params
            .len()
            .next_multiple_of(BINDING_ALIGNMENT_BYTES as usize);
        self.recorded.params.resize(aligned, 0);
        let numbered = shader.bindings[1..]
            .iter()
            .map(|(number, _)| *number)
            .zip(bindings.iter().cloned());
        self.recorded.dispatches.push(Recorded {
            pipeline,
            name: shader.name,
            bindings: numbered.collect(),
            params_slot,
            grid,
        });
    }

    /// Ends the recording; the pipelines compile on.
    #[must_use]
    pub fn finish(self) -> Recording {
        self.recorded
    }
}

impl Recording {
    /// How many dispatches were recorded.
    #[must_use]
    pub fn len(&self) -> usize {
        self.dispatches.len()
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.dispatches.is_empty()
    }

    /// Whether none of its pipelines was refused, once they are settled.
    ///
    /// # Errors
    /// [`crate::Error::Pipeline`] with the compiler's words.
    pub fn check(&self, pipelines: &Pipelines) -> Result<()> {
        pipelines.check(self.dispatches.iter().map(|recorded| recorded.pipeline))
    }

    /// Makes the bind groups. `pipelines` must be ready, or settled and this recording checked.
    #[must_use]
    pub fn into_plan(self, pipelines: &Pipelines) -> Plan {
        let device = pipelines.device();
        let params = device.buffer(
            "params",
            self.params.len().max(16) as u64,
            BufferUse::Uniform,
        );
        device.write(&params, 0, &self.params);
        let steps =
            self.dispatches.iter().map(|recorded| {
                let slot = params.range(recorded.params_slot as u64, BINDING_ALIGNMENT_BYTES);
                let mut entries = vec![wgpu::BindGroupEntry {
                    binding: 0,
                    resource: slot.resource(),
                }];
                entries.extend(recorded.bindings.iter().map(|(binding, bound)| {
                    wgpu::BindGroupEntry {
                        binding: *binding,
                        resource: bound.resource(),
                    }
                }));
                let bind_group = device.raw().create_bind_group(&wgpu::BindGroupDescriptor {
                    label: Some(recorded.name),
                    layout: pipelines.layout(recorded.pipeline),
                    entries: &entries,
                });
                Step {
                    pipeline: pipelines.pipeline(recorded.pipeline).clone(),
                    bind_group,
                    grid: recorded.grid,
                }
            });
        let steps = steps.collect();
        let mut held = vec![params.whole()];
        held.extend(
            self.dispatches
                .into_iter()
                .flat_map(|recorded| recorded.bindings)
                .map(|(_, bound)| bound),
        );
        Plan { steps, _held: held }
    }
}

/// A recorded list of dispatches, ready to be replayed.
#[derive(Debug)]
pub struct Plan {
    steps: Vec<Step>,
    /// What the bind groups name: a buffer is destroyed with its last handle.
    _held: Vec<Binding>,
}

#[derive(Debug)]
struct Step {
    pipeline: wgpu::ComputePipeline,
    bind_group: wgpu::BindGroup,
    grid: Grid,
}

impl Plan {
    /// How many dispatches the plan has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether the plan has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    fn replay(&self, pass: &mut wgpu::ComputePass<'_>, n_token: u32) {
        for step in &self.steps {
            let [x, y, z] = step.grid.groups(n_token);
            pass.set_pipeline(&step.pipeline);
            pass.set_bind_group(0, &step.bind_group, &[]);
            pass.dispatch_workgroups(x, y, z);
        }
    }
}

/// A copy at the end of a submit.
#[derive(Debug, Clone, Copy)]
pub struct Fetch<'a> {
    /// What is copied.
    pub from: &'a Binding,
    /// How much of it.
    pub size_bytes: u64,
    /// Where it is mapped afterwards.
    pub into: &'a Readback,
}

impl Device {
    /// Replays `plans` in one compute pass over `n_token` tokens, copies what is fetched, and submits once.
    ///
    /// # Errors
    /// What [`Device::check`] says.
    pub fn submit(&self, plans: &[&Plan], n_token: u32, fetch: Option<Fetch<'_>>) -> Result<()> {
        let mut encoder = self
            .raw()
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for plan in plans {
                plan.replay(&mut pass, n_token);
            }
        }
        if let Some(Fetch {
            from,
            size_bytes,
            into,
        }) = fetch
        {
            encoder.copy_buffer_to_buffer(
                from.buffer().raw(),
                from.offset_bytes(),
                into.raw(),
                0,
                size_bytes,
            );
        }
        self.queue().submit([encoder.finish()]);
        self.check()
    }

    /// Copies `size_bytes` between buffers in a submit of its own, for loading. Offsets are multiples of 4.
    ///
    /// # Errors
    /// What [`Device::check`] says.
    pub fn copy(
        &self,
        from: &Buffer,
        from_bytes: u64,
        to: &Buffer,
        to_bytes: u64,
        size_bytes: u64,
    ) -> Result<()> {
        let mut encoder = self
            .raw()
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(from.raw(), from_bytes, to.raw(), to_bytes, size_bytes);
        self.queue().submit([encoder.finish()]);
        self.check()
    }
}
