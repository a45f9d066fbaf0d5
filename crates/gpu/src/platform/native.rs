//! The platform functions of a native program.

use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc;

use super::{PipelineRequest, compiler};
use crate::error::{Error, Result};

pub(crate) const BACKENDS: wgpu::Backends = wgpu::Backends::VULKAN
    .union(wgpu::Backends::METAL)
    .union(wgpu::Backends::DX12);

/// naga knows subgroup functions without being told, and refuses the `enable` line.
pub(crate) const ENABLE_SUBGROUPS: bool = false;

/// An adapter tells its name before it is opened.
pub(crate) const NAMES_ADAPTERS_EARLY: bool = true;

/// Bytes of a model file on their way to the GPU.
#[derive(Debug, Clone)]
pub struct Chunk {
    bytes: Vec<u8>,
}

impl From<Vec<u8>> for Chunk {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }
}

impl Chunk {
    /// How many bytes the chunk holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether the chunk holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Copies bytes `begin .. begin + into.len()` to the CPU.
    pub fn copy_to(&self, begin: usize, into: &mut [u8]) {
        into.copy_from_slice(&self.bytes[begin..begin + into.len()]);
    }
}

pub(crate) fn before_open(_features: &[&str]) {}

pub(crate) fn after_open(device: &wgpu::Device, on_error: impl Fn(String) + Send + Sync + 'static) {
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        on_error(error.to_string());
    }));
}

#[expect(
    unsafe_code,
    reason = "wgpu marks shaders without run-time checks unsafe"
)]
pub(crate) fn shader_module(
    device: &wgpu::Device,
    name: &str,
    text: &str,
    checks: bool,
) -> wgpu::ShaderModule {
    let descriptor = wgpu::ShaderModuleDescriptor {
        label: Some(name),
        source: wgpu::ShaderSource::Wgsl(text.into()),
    };
    if checks {
        return device.create_shader_module(descriptor);
    }
    // SAFETY: the text is one of our own, joined from `shaders/`, never a caller's. Each kernel clamps its own
    // indices, loops over bounds that the CPU has checked, and `cargo xtask test` runs the ops with checks on as well.
    unsafe {
        device.create_shader_module_trusted(descriptor, wgpu::ShaderRuntimeChecks::unchecked())
    }
}

/// Compiles on one of the [`compiler`]'s threads; a future that is dropped gives the compilation up, unless it has begun.
pub(crate) fn compile(
    device: &wgpu::Device,
    request: PipelineRequest,
) -> impl Future<Output = Result<wgpu::ComputePipeline>> + 'static {
    let device = device.clone();
    let name = request.name.clone();
    let compiled = compiler::run(move || {
        // Error scopes belong to the thread that opens them.
        let scope = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let pipeline = device.create_compute_pipeline(&request.descriptor());
        (pipeline, scope.pop())
    });
    async move {
        let refused = |reason: String| Error::Pipeline { name, reason };
        let Ok((pipeline, error)) = compiled.await else {
            return Err(refused("the compiler's thread has ended".to_owned()));
        };
        match error.await {
            None => Ok(pipeline),
            Some(error) => Err(refused(error.to_string())),
        }
    }
}

/// Nothing: in a browser, lets the event loop have a turn.
pub async fn turn() {}

pub(crate) async fn mapped(device: &wgpu::Device, buffer: &wgpu::Buffer) -> Result<()> {
    let (sender, receiver) = mpsc::channel();
    buffer.map_async(wgpu::MapMode::Read, .., move |result| {
        // The receiver is gone only if the wait was given up.
        let _ = sender.send(result);
    });
    device
        .poll(wgpu::PollType::wait_indefinitely())
        .map_err(|error| Error::DeviceLost {
            reason: error.to_string(),
        })?;
    match receiver.recv() {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Error::DeviceLost {
            reason: error.to_string(),
        }),
        Err(error) => Err(Error::DeviceLost {
            reason: error.to_string(),
        }),
    }
}

/// Writes `size` bytes of `chunk` from `begin` on to `buffer` at `offset_bytes`; all three multiples of 4 but `begin`.
pub(crate) fn upload(
    queue: &wgpu::Queue,
    buffer: &wgpu::Buffer,
    offset_bytes: u64,
    chunk: &Chunk,
    begin: usize,
    size: usize,
) {
    queue.write_buffer(buffer, offset_bytes, &chunk.bytes[begin..begin + size]);
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that the others are told to use"
)]
pub(crate) fn now_ms() -> f64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    ORIGIN.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0
}

pub(crate) async fn adapters(instance: &wgpu::Instance) -> Vec<wgpu::Adapter> {
    instance.enumerate_adapters(BACKENDS).await
}

pub(crate) fn has_subgroups(device: &wgpu::Device) -> bool {
    device.features().contains(wgpu::Features::SUBGROUP)
}

/// wgpu's own name is as good as any here.
pub(crate) fn adapter_name(_device: &wgpu::Device) -> Option<String> {
    None
}
