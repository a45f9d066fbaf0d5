//! What an adapter can do, which part of that is used, and the limits asked for.

use std::fmt;
use std::str::FromStr;

/// Which optional features the kernels may use. Every kernel runs without any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tier {
    /// WGSL core: f32, no subgroups.
    Base,
    /// `shader-f16` alone.
    F16,
    /// Subgroups alone.
    Subgroups,
    /// All that the adapter has.
    #[default]
    Auto,
}

/// Which of the two parameter sets the kernels take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ParamsChoice {
    /// For adapters that run on the CPU.
    Software,
    /// For GPUs.
    Gpu,
    /// `Software` where the adapter is known to be software, else `Gpu`.
    #[default]
    Auto,
}

/// Which limits the device is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LimitsChoice {
    /// The floor that every browser gives, so that a native run meets the same walls.
    #[default]
    Web,
    /// The floor with the largest buffers and bindings that the adapter has.
    Adapter,
    /// The floor with workgroups of 128: what WebGPU's compatibility mode grants old GPUs.
    Compat,
}

macro_rules! names {
    ($type:ty, $what:literal, $($name:literal => $variant:path),+) => {
        impl FromStr for $type {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($name => Ok($variant),)+
                    _ => Err(format!("unknown {} `{text}`: expected one of {}", $what, [$($name),+].join(", "))),
                }
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($variant => $name),+ })
            }
        }
    };
}

names!(Tier, "tier", "base" => Self::Base, "f16" => Self::F16, "subgroups" => Self::Subgroups, "auto" => Self::Auto);
names!(ParamsChoice, "parameter set", "software" => Self::Software, "gpu" => Self::Gpu, "auto" => Self::Auto);
names!(LimitsChoice, "limits", "web" => Self::Web, "adapter" => Self::Adapter, "compat" => Self::Compat);

/// What the kernels may use on an opened device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// `shader-f16` is on.
    pub f16: bool,
    /// Subgroups are on; the smallest and the largest size the adapter may choose.
    pub subgroups: Option<(u32, u32)>,
    /// The parameter set in use.
    pub params: ParamSet,
    /// Most lanes of a workgroup, at most 256.
    pub max_lanes: u32,
    /// Shaders are written for a browser's compiler, which demands `enable subgroups;`.
    pub enable_subgroups: bool,
}

/// The parameter set in use, after `auto` is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamSet {
    /// Few wide rows per lane, no workgroup memory: adapters that run on the CPU.
    Software,
    /// Coalesced loads and enough lanes to fill a GPU.
    Gpu,
}

impl Caps {
    /// The tier's name: `base`, `f16`, `subgroups` or `f16+subgroups`.
    #[must_use]
    pub fn tier(&self) -> &'static str {
        match (self.f16, self.subgroups.is_some()) {
            (false, false) => "base",
            (true, false) => "f16",
            (false, true) => "subgroups",
            (true, true) => "f16+subgroups",
        }
    }

    /// The parameter set's name: `software` or `gpu`.
    #[must_use]
    pub fn params(&self) -> &'static str {
        match self.params {
            ParamSet::Software => "software",
            ParamSet::Gpu => "gpu",
        }
    }

    /// The subgroup size, if subgroups are on and the adapter has one size only.
    ///
    /// Kernels that give each lane of a subgroup its own role need to know the size when the text is joined.
    #[must_use]
    pub fn subgroup_size(&self) -> Option<u32> {
        self.subgroups
            .filter(|(min, max)| min == max)
            .map(|(min, _)| min)
    }
}

/// The limits that every WebGPU implementation grants: the specification's defaults.
///
/// wgpu's own defaults are those of the specification but for what only it has; naming them here keeps the floor
/// in our hands.
#[must_use]
pub fn web_floor() -> wgpu::Limits {
    wgpu::Limits {
        max_bind_groups: 4,
        max_storage_buffers_per_shader_stage: 8,
        max_uniform_buffer_binding_size: 64 << 10,
        max_storage_buffer_binding_size: 128 << 20,
        max_buffer_size: 256 << 20,
        max_compute_workgroup_storage_size: 16 << 10,
        max_compute_invocations_per_workgroup: 256,
        max_compute_workgroup_size_x: 256,
        max_compute_workgroup_size_y: 256,
        max_compute_workgroup_size_z: 64,
        max_compute_workgroups_per_dimension: 65_535,
        min_uniform_buffer_offset_alignment: 256,
        min_storage_buffer_offset_alignment: 256,
        ..wgpu::Limits::defaults()
    }
}
