//! Adapter choice, the device, its errors and its loss.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ggweb_gguf::Grid;

use crate::adapter;
use crate::buffer::{Binding, Buffer, BufferUse};
use crate::caps::{Caps, LimitsChoice, ParamSet, ParamsChoice, Tier, web_floor};
use crate::error::{Error, Result};
use crate::platform;

/// What to open.
#[derive(Debug, Clone, Default)]
pub struct DeviceOptions {
    /// A part of the adapter's name; the first adapter that has it is taken.
    pub adapter: Option<String>,
    /// Which optional features to use.
    pub tier: Tier,
    /// Which parameter set to use.
    pub params: ParamsChoice,
    /// Which limits to ask for.
    pub limits: LimitsChoice,
    /// Natively: run shaders with naga's bounds and loop checks. Browsers always do.
    pub runtime_checks: bool,
}

/// An open device with its queue. Clones share it.
#[derive(Debug, Clone)]
pub struct Device {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    raw: wgpu::Device,
    queue: wgpu::Queue,
    adapter: String,
    caps: Caps,
    software: bool,
    runtime_checks: bool,
    status: Arc<Mutex<Status>>,
    grids: Mutex<Vec<(Grid, Buffer)>>,
}

/// What the device said by itself, outside any call.
#[derive(Debug, Default)]
struct Status {
    lost: Option<String>,
    error: Option<String>,
}

fn lock(status: &Mutex<Status>) -> MutexGuard<'_, Status> {
    status.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Device {
    /// Opens the first adapter that fits `options`.
    ///
    /// # Errors
    /// [`Error::NoAdapter`], [`Error::NoDevice`] or [`Error::NoTier`].
    pub async fn open(options: &DeviceOptions) -> Result<Self> {
        let adapter = adapter::find(options.adapter.as_deref()).await?;
        let info = adapter.get_info();
        let name = adapter::describe(&info);
        let software = info.device_type == wgpu::DeviceType::Cpu || adapter::looks_software(&name);
        let (want_f16, want_subgroups) = wanted(options.tier);
        let has = adapter.features();
        let f16 = want_f16 && has.contains(wgpu::Features::SHADER_F16);
        if options.tier == Tier::F16 && !f16 {
            return Err(Error::NoTier {
                tier: "f16",
                adapter: name,
            });
        }

        // wgpu cannot name subgroups in a browser: they are asked for behind its back, if the adapter has them.
        platform::before_open(if want_subgroups { &["subgroups"] } else { &[] });
        let mut features = wgpu::Features::empty();
        features.set(wgpu::Features::SHADER_F16, f16);
        features.set(
            wgpu::Features::SUBGROUP,
            want_subgroups && has.contains(wgpu::Features::SUBGROUP),
        );
        let (raw, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("ggweb"),
                required_features: features,
                required_limits: limits(options.limits, &adapter.limits()),
                ..Default::default()
            })
            .await
            .map_err(|error| Error::NoDevice {
                adapter: name.clone(),
                reason: error.to_string(),
            })?;

        let name = platform::adapter_name(&raw).unwrap_or(name);
        adapter::must_fit(&name, options.adapter.as_deref())?;
        let software = software || adapter::looks_software(&name);
        let subgroups = want_subgroups && platform::has_subgroups(&raw);
        if options.tier == Tier::Subgroups && !subgroups {
            return Err(Error::NoTier {
                tier: "subgroups",
                adapter: name,
            });
        }
        let params = param_set(options.params, software);
        let caps = Caps {
            f16,
            subgroups: subgroups.then_some((info.subgroup_min_size, info.subgroup_max_size)),
            params,
            max_lanes: raw.limits().max_compute_invocations_per_workgroup,
            enable_subgroups: platform::ENABLE_SUBGROUPS,
        };
        let status = watch(&raw);
        let runtime_checks = options.runtime_checks;
        Ok(Self {
            shared: Arc::new(Shared {
                raw,
                queue,
                adapter: name,
                caps,
                software,
                runtime_checks,
                status,
                grids: Mutex::default(),
            }),
        })
    }

    /// The adapter's name, with its driver where that is known.
    #[must_use]
    pub fn adapter(&self) -> &str {
        &self.shared.adapter
    }

    /// Whether int8 activations are expected to be faster than f32 here.
    ///
    /// # Source
    /// On software adapters `benches`: with their own parameters lavapipe gains in prefill and SwiftShader loses; with the
    /// GPU's, which only tests take there, `matmul` gains (0.4 of the time on lavapipe). No GPU was timed: those of the
    /// makers named have instructions for packed products of bytes, and published WebGPU kernels gained by them
    /// (llama.cpp #23594 on NVIDIA, ONNX Runtime #23365, #23585 and #24408 on Intel, NVIDIA and Adreno). Apple's have
    /// none, and of an adapter without a name nothing is known.
    #[must_use]
    pub fn gains_by_int8(&self) -> bool {
        const MAKERS: [&str; 7] = [
            "nvidia", "geforce", "intel", "amd", "radeon", "adreno", "qualcomm",
        ];
        let name = self.shared.adapter.to_lowercase();
        match self.shared.caps.params {
            ParamSet::Software => self.shared.caps.subgroup_size() == Some(8),
            ParamSet::Gpu => {
                self.shared.software || MAKERS.iter().any(|maker| name.contains(maker))
            }
        }
    }

    /// What kernels may use here.
    #[must_use]
    pub fn caps(&self) -> &Caps {
        &self.shared.caps
    }

    /// Whether the adapter runs on the CPU.
    #[must_use]
    pub fn is_software(&self) -> bool {
        self.shared.software
    }

    /// The largest buffer.
    ///
    /// # Units
    /// Bytes.
    #[must_use]
    pub fn max_buffer_bytes(&self) -> u64 {
        self.shared.raw.limits().max_buffer_size
    }

    /// The largest range that one binding may show to a kernel.
    ///
    /// # Units
    /// Bytes.
    #[must_use]
    pub fn max_binding_bytes(&self) -> u64 {
        self.shared.raw.limits().max_storage_buffer_binding_size
    }

    /// Creates a buffer filled with zeros. Call it inside [`Device::guarded`] to learn of a refusal.
    #[must_use]
    pub fn buffer(&self, label: &str, size_bytes: u64, buffer_use: BufferUse) -> Buffer {
        Buffer::new(&self.shared.raw, label, size_bytes, buffer_use)
    }

    /// A table that weights are looked up in, a byte each: uploaded when a kernel first asks for it, and kept.
    pub(crate) fn grid(&self, grid: Grid) -> Binding {
        let mut grids = self
            .shared
            .grids
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, buffer)) = grids.iter().find(|(known, _)| *known == grid) {
            return buffer.whole();
        }
        let bytes = grid.bytes();
        let buffer = self.buffer("grid", bytes.len() as u64, BufferUse::Uniform);
        self.write(&buffer, 0, &bytes);
        let whole = buffer.whole();
        grids.push((grid, buffer));
        whole
    }

    /// Runs `allocate`, which creates buffers of `size_bytes` in all for `label`, and reports a refusal.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] if the device could not give the memory.
    pub async fn guarded<T>(
        &self,
        label: &str,
        size_bytes: u64,
        allocate: impl FnOnce(&Self) -> T,
    ) -> Result<T> {
        let memory = self
            .shared
            .raw
            .push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = self
            .shared
            .raw
            .push_error_scope(wgpu::ErrorFilter::Validation);
        let made = allocate(self);
        let (validation, memory) = (validation.pop(), memory.pop());
        let refused = validation.await.is_some() | memory.await.is_some();
        if refused {
            return Err(Error::OutOfMemory {
                label: label.to_owned(),
                bytes: size_bytes,
            });
        }
        self.check().map(|()| made)
    }

    /// Writes `bytes` (a multiple of 4 long) to `buffer` before the next submit.
    ///
    /// # Panics
    /// If the length or the offset is no multiple of 4.
    pub fn write(&self, buffer: &Buffer, offset_bytes: u64, bytes: &[u8]) {
        assert!(
            bytes.len().is_multiple_of(4) && offset_bytes.is_multiple_of(4),
            "writes are made of whole words"
        );
        self.shared
            .queue
            .write_buffer(buffer.raw(), offset_bytes, bytes);
    }

    /// Writes `size` bytes of `chunk` from `begin` on to `buffer`, without a copy in the wasm heap.
    ///
    /// # Panics
    /// If the size or the offset is no multiple of 4.
    pub fn upload(
        &self,
        buffer: &Buffer,
        offset_bytes: u64,
        chunk: &platform::Chunk,
        begin: usize,
        size: usize,
    ) {
        assert!(
            size.is_multiple_of(4) && offset_bytes.is_multiple_of(4),
            "uploads are made of whole words"
        );
        platform::upload(
            &self.shared.queue,
            buffer.raw(),
            offset_bytes,
            chunk,
            begin,
            size,
        );
    }

    /// Whether the device still works and has reported no error.
    ///
    /// # Errors
    /// [`Error::DeviceLost`], or [`Error::Device`] with the first error that it reported.
    pub fn check(&self) -> Result<()> {
        let status = lock(&self.shared.status);
        match (&status.lost, &status.error) {
            (Some(reason), _) => Err(Error::DeviceLost {
                reason: reason.clone(),
            }),
            (None, Some(reason)) => Err(Error::Device {
                reason: reason.clone(),
            }),
            (None, None) => Ok(()),
        }
    }

    /// Ends the device; all that was made on it is gone.
    pub fn destroy(&self) {
        self.shared.raw.destroy();
    }

    pub(crate) fn raw(&self) -> &wgpu::Device {
        &self.shared.raw
    }

    pub(crate) fn queue(&self) -> &wgpu::Queue {
        &self.shared.queue
    }

    pub(crate) fn runtime_checks(&self) -> bool {
        self.shared.runtime_checks
    }
}

fn param_set(choice: ParamsChoice, is_software: bool) -> ParamSet {
    match (choice, is_software) {
        (ParamsChoice::Software, _) | (ParamsChoice::Auto, true) => ParamSet::Software,
        (ParamsChoice::Gpu, _) | (ParamsChoice::Auto, false) => ParamSet::Gpu,
    }
}

fn wanted(tier: Tier) -> (bool, bool) {
    match tier {
        Tier::Base => (false, false),
        Tier::F16 => (true, false),
        Tier::Subgroups => (false, true),
        Tier::Auto => (true, true),
    }
}

/// Lanes of a workgroup in WebGPU's compatibility mode.
const COMPAT_LANES: u32 = 128;

fn limits(choice: LimitsChoice, adapter: &wgpu::Limits) -> wgpu::Limits {
    let mut floor = web_floor();
    let lanes = match choice {
        LimitsChoice::Compat => COMPAT_LANES,
        LimitsChoice::Web | LimitsChoice::Adapter => floor.max_compute_invocations_per_workgroup,
    };
    let lanes = lanes.min(adapter.max_compute_invocations_per_workgroup);
    floor.max_compute_invocations_per_workgroup = lanes;
    floor.max_compute_workgroup_size_x = lanes;
    floor.max_compute_workgroup_size_y = lanes;
    match choice {
        LimitsChoice::Web | LimitsChoice::Compat => floor,
        LimitsChoice::Adapter => wgpu::Limits {
            max_storage_buffer_binding_size: adapter.max_storage_buffer_binding_size,
            max_buffer_size: adapter.max_buffer_size,
            ..floor
        },
    }
}

fn watch(device: &wgpu::Device) -> Arc<Mutex<Status>> {
    let status = Arc::new(Mutex::new(Status::default()));
    let on_error = Arc::clone(&status);
    platform::after_open(device, move |message| {
        log::error!("{message}");
        lock(&on_error).error.get_or_insert(message);
    });
    let on_lost = Arc::clone(&status);
    device.set_device_lost_callback(move |reason, message| {
        lock(&on_lost)
            .lost
            .get_or_insert(format!("{reason:?}: {message}"));
    });
    status
}
