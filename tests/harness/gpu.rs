//! Devices for the GPU tests, and what every one of them needs: buffers in, one dispatch, buffers out.
//!
//! `GPU_TESTS` in the environment: unset, the first adapter; `off`, none; else a part of an adapter's name.
//! `GPU_TESTS_CHECKS=on` runs the shaders with naga's bounds and loop checks.

use std::sync::OnceLock;

use bytemuck::{NoUninit, Pod, Zeroable};
use ggweb_gguf::GgmlType;
use ggweb_gpu::ops::Step;
use ggweb_gpu::plan::Fetch;
use ggweb_gpu::shader::{Pipelines, Shader};
use ggweb_gpu::weight::WeightPart;
use ggweb_gpu::{
    Binding, BufferUse, Device, DeviceOptions, Error, LimitsChoice, ParamsChoice, PlaneLayout,
    Readback, Recorder, Tier, Weight,
};
use ggweb_reference::formats::{repack, row_bytes};

use crate::data::report;
use crate::shaders::shaders;

/// Options for every tier that the adapter has, in both parameter sets; none with `GPU_TESTS=off`.
/// A pair whose kernels are all the ones of an earlier pair is printed and left out.
///
/// # Panics
/// If there is no adapter: that is a failure unless `GPU_TESTS=off` says otherwise.
#[must_use]
pub fn every_option(test: &str) -> Vec<DeviceOptions> {
    static FOUND: OnceLock<Vec<DeviceOptions>> = OnceLock::new();
    if std::env::var("GPU_TESTS").is_ok_and(|wanted| wanted == "off") {
        report(&format!("skipped: {test}, GPU_TESTS=off"));
        return Vec::new();
    }
    FOUND.get_or_init(find_options).clone()
}

/// The GPU set in workgroups of 128, if there is a device.
///
/// # Panics
/// As [`every_option`].
#[must_use]
pub fn compat_option(test: &str) -> Option<DeviceOptions> {
    let mut every = every_option(test).into_iter();
    let gpu = every.find(|options| options.params == ParamsChoice::Gpu)?;
    Some(DeviceOptions {
        limits: LimitsChoice::Compat,
        ..gpu
    })
}

fn find_options() -> Vec<DeviceOptions> {
    let mut every = Vec::new();
    let mut known: Vec<(String, Vec<Shader>)> = Vec::new();
    let mut line = String::new();
    for tier in [Tier::Base, Tier::F16, Tier::Subgroups, Tier::Auto] {
        for params in [ParamsChoice::Software, ParamsChoice::Gpu] {
            let options = DeviceOptions {
                adapter: std::env::var("GPU_TESTS").ok(),
                tier,
                params,
                runtime_checks: std::env::var("GPU_TESTS_CHECKS")
                    .is_ok_and(|checks| checks == "on"),
                ..Default::default()
            };
            let device = match pollster::block_on(Device::open(&options)) {
                Ok(device) => device,
                Err(Error::NoTier { .. }) => continue,
                Err(error) => panic!("{error}; GPU_TESTS=off runs the other tests"),
            };
            if line.is_empty() {
                line = format!("matrix: {}; tier/params:", device.adapter());
            }
            let name = format!("{}/{}", device.caps().tier(), device.caps().params());
            let kernels = shaders(device.caps());
            match known.iter().find(|(_, other)| *other == kernels) {
                Some((other, _)) => line += &format!(" {name} (kernels of {other})"),
                None => {
                    line += &format!(" {name}");
                    known.push((name, kernels));
                    every.push(options);
                }
            }
        }
    }
    report(&line);
    every
}

/// A device with its pipelines.
#[derive(Debug)]
pub struct Rig {
    device: Device,
    pipelines: Pipelines,
}

impl Rig {
    /// One for each of [`every_option`].
    ///
    /// # Panics
    /// If a device that opened once does not open again.
    #[must_use]
    pub fn every(test: &str) -> Vec<Self> {
        Self::open(every_option(test))
    }

    /// One for each of [`every_option`] and one with [`compat_option`], for ops whose workgroups differ there.
    ///
    /// # Panics
    /// As [`Rig::every`].
    #[must_use]
    pub fn every_width(test: &str) -> Vec<Self> {
        Self::open(every_option(test).into_iter().chain(compat_option(test)))
    }

    fn open(options: impl IntoIterator<Item = DeviceOptions>) -> Vec<Self> {
        let open = |options: DeviceOptions| {
            let device =
                pollster::block_on(Device::open(&options)).expect("the device opened before");
            Self {
                pipelines: Pipelines::new(&device),
                device,
            }
        };
        options.into_iter().map(open).collect()
    }

    /// The device.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Tier and parameter set.
    #[must_use]
    pub fn name(&self) -> String {
        let caps = self.device.caps();
        let (tier, params, lanes) = (caps.tier(), caps.params(), caps.max_lanes);
        format!("{tier}, {params}, {lanes} lanes")
    }

    /// A buffer of its own that holds `values`.
    pub fn storage<T: NoUninit>(&self, values: &[T]) -> Binding {
        self.buffer(bytemuck::cast_slice(values), BufferUse::Storage)
    }

    /// The step buffer of a batch.
    #[must_use]
    pub fn step(&self, step: Step) -> Binding {
        self.buffer(bytemuck::bytes_of(&step), BufferUse::Uniform)
    }

    fn buffer(&self, bytes: &[u8], buffer_use: BufferUse) -> Binding {
        let buffer = self.device.buffer("test", bytes.len() as u64, buffer_use);
        self.device.write(&buffer, 0, bytes);
        buffer.whole()
    }

    /// A weight whose rows `[n_out, n_in]` lie in parts of the given numbers of rows, each in buffers of its own.
    ///
    /// # Panics
    /// If the type has no kernels.
    #[must_use]
    pub fn weight(
        &self,
        ggml_type: GgmlType,
        bytes: &[u8],
        n_in: usize,
        parts: &[usize],
    ) -> Weight {
        let row_bytes = row_bytes(ggml_type, n_in);
        let mut rows = bytes.chunks_exact(row_bytes);
        let mut row_begin = 0;
        let parts = parts.iter().map(|&n_row| {
            let planes = repack(
                ggml_type,
                &rows.by_ref().take(n_row).collect::<Vec<_>>().concat(),
                n_in,
            );
            let part = WeightPart {
                row_begin,
                n_row: narrow(n_row),
                planes: planes
                    .0
                    .map(|words| (!words.is_empty()).then(|| self.storage(&words))),
            };
            row_begin += part.n_row;
            part
        });
        let parts = parts.collect();
        Weight {
            layout: PlaneLayout::new(ggml_type, narrow(n_in)).expect("the type has kernels"),
            parts,
        }
    }

    /// Records, compiles and runs once over `n_token` tokens.
    ///
    /// # Panics
    /// If the device refuses any of it.
    pub fn run(&mut self, n_token: usize, record: impl FnOnce(&mut Recorder<'_>)) {
        let mut recorder = Recorder::new(&mut self.pipelines);
        record(&mut recorder);
        let recording = recorder.finish();
        pollster::block_on(self.pipelines.ready()).expect("the kernels compile");
        let plan = recording.into_plan(&self.pipelines);
        self.device
            .submit(&[&plan], narrow(n_token), None)
            .expect("the submit is accepted");
    }

    /// The first `n` values of a buffer.
    ///
    /// # Panics
    /// If the device refuses.
    #[must_use]
    pub fn read<T: Pod + Zeroable>(&self, from: &Binding, n: usize) -> Vec<T> {
        let mut values = vec![T::zeroed(); n];
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut values);
        let size_bytes = bytes.len() as u64;
        let readback = Readback::new(&self.device, size_bytes);
        let fetch = Fetch {
            from,
            size_bytes,
            into: &readback,
        };
        self.device
            .submit(&[], 0, Some(fetch))
            .expect("the copy is accepted");
        pollster::block_on(readback.read(bytes)).expect("the copy arrives");
        values
    }
}

/// Numbers of the GPU are 32 bits wide.
///
/// # Panics
/// If `n` is not below 2^32.
#[must_use]
pub fn narrow(n: usize) -> u32 {
    u32::try_from(n).expect("a test's numbers are small")
}
