//! WGSL parts joined into one text, and the pipelines made from it.
//!
//! A shader is a list of whole files of `shaders/`, joined in order after the constants of its parameter set.
//! There is no preprocessor: what differs between formats or tiers is another file with the same functions.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::future::Future;
use std::pin::Pin;

use crate::caps::Caps;
use crate::device::Device;
use crate::error::Result;
use crate::platform::{self, PipelineRequest};

/// How a kernel sees a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// `var<uniform>`.
    Uniform,
    /// `var<storage, read>`.
    Read,
    /// `var<storage, read_write>`.
    ReadWrite,
}

/// One kernel: its name, its parts and what is bound to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shader {
    /// The entry point, and the stem of the file that holds it.
    pub name: &'static str,
    /// Files of `shaders/` without their ending, in the order they are joined.
    pub parts: Vec<&'static str>,
    /// Constants written before the parts: the parameter set's numbers and the sizes of private arrays.
    pub consts: Vec<(&'static str, u32)>,
    /// Bindings of group 0: number and access. Binding 0 is always `params`.
    pub bindings: Vec<(u32, Access)>,
    /// The text uses f16 types.
    pub f16: bool,
    /// The text uses subgroup functions.
    pub subgroups: bool,
}

macro_rules! parts {
    ($($name:literal),+ $(,)?) => {
        /// Every file of `shaders/` but those of [`FORMATS`], by its path without the ending.
        pub const PARTS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../shaders/", $name, ".wgsl")))),+];
    };
}

parts! {
    "argmax",
    "attention",
    "attention/reduce_none",
    "attention/reduce_subgroup",
    "attention/reduce_workgroup",
    "attention/rows",
    "attention/split",
    "attention_merge",
    "common/dot_plain",
    "common/dot_signed",
    "common/dot_signed_i8",
    "common/dot_unsigned",
    "common/dot_unsigned_i8",
    "common/grid_storage",
    "common/grid_uniform",
    "common/reduce_subgroup",
    "common/reduce_workgroup",
    "common/rows_plain",
    "common/silu",
    "common/staging",
    "common/w_block",
    "common/w_signed",
    "common/w_unsigned",
    "common/w_words",
    "common/x_block",
    "common/x_block_i8",
    "common/x_share_4",
    "common/x_share_8",
    "epilogue/add",
    "epilogue/gated",
    "epilogue/store",
    "epilogue/swiglu",
    "formats/f16_native",
    "get_rows",
    "kv/k_load_f16",
    "kv/k_load_f16_native",
    "kv/k_load_f32",
    "kv/k_store_f16",
    "kv/k_store_f32",
    "kv/v_load_f16",
    "kv/v_load_f16_native",
    "kv/v_load_f32",
    "kv/v_store_f16",
    "kv/v_store_f32",
    "matmul",
    "matmul/registers",
    "matmul/rows_f32",
    "matmul/rows_i8",
    "matmul/staged",
    "matmul/staged_i8",
    "matmul/x_direct",
    "matmul/x_direct_i8",
    "matmul/x_each",
    "matmul/x_shuffle",
    "matmul/x_shuffle_4_i8",
    "matmul/x_shuffle_8_i8",
    "matvec",
    "matvec/reduce_none",
    "matvec/reduce_subgroup",
    "matvec/reduce_workgroup",
    "matvec/x_direct",
    "matvec/x_direct_i8",
    "matvec/x_normed",
    "matvec/x_plain",
    "matvec/x_shuffle",
    "matvec/x_shuffle_4_i8",
    "matvec/x_shuffle_8_i8",
    "matvec/x_total_rows",
    "matvec/x_total_subgroup",
    "quantize",
    "repack",
    "repack/words_1",
    "repack/words_4",
    "repack_words",
    "rms_norm",
    "rope_kv",
}

macro_rules! formats {
    ($(
        $variant:ident = $id:literal, $block_size:literal, $block_bytes:literal
        $(=> $stem:ident $kind:ident $p0:tt $p1:tt $p2:tt $($grid:ident)?)?;
    )*) => {
        /// The part of each type of weights, by its stem.
        pub const FORMATS: &[(&str, &str)] = &[$($((
            stringify!($stem),
            include_str!(concat!("../../../shaders/formats/", stringify!($stem), ".wgsl")),
        ),)?)*];
    };
}

ggweb_gguf::for_each_ggml_type!(formats);

/// The text of one part. Formats of [`FORMATS`] go by their stem alone.
///
/// # Panics
/// If there is no such file: the lists of parts are ours.
#[must_use]
pub fn part(name: &str) -> &'static str {
    PARTS
        .iter()
        .chain(FORMATS)
        .find(|(known, _)| *known == name)
        .unwrap_or_else(|| panic!("no shader part is called {name}"))
        .1
}

impl Shader {
    /// The joined text, with the `enable` lines that the target's compiler wants. Nothing else writes such lines.
    #[must_use]
    pub fn source(&self, caps: &Caps) -> String {
        self.join(caps, part)
    }

    fn join(&self, caps: &Caps, part: impl Fn(&str) -> &'static str) -> String {
        let mut text = String::new();
        if self.f16 {
            text.push_str("enable f16;\n");
        }
        if self.subgroups && caps.enable_subgroups {
            text.push_str("enable subgroups;\n");
            // Tint cannot see that loops over blocks have the same bounds for a whole subgroup; they
            // depend on `params`, the step and the workgroup alone.
            text.push_str("diagnostic(off, subgroup_uniformity);\n");
        }
        for (name, value) in &self.consts {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "const {name}: u32 = {value}u;");
        }
        for name in &self.parts {
            text.push('\n');
            text.push_str(part(name));
        }
        text
    }
}

/// A pipeline of [`Pipelines`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PipelineId(usize);

/// A pipeline, or why it is none.
type Compiled = Result<wgpu::ComputePipeline>;

type Pending = Pin<Box<dyn Future<Output = Compiled>>>;

/// All pipelines of one model, one per distinct text. Asking starts the compilation; `ready` waits for all.
pub struct Pipelines {
    device: Device,
    own_parts: &'static [(&'static str, &'static str)],
    known: HashMap<Shader, PipelineId>,
    layouts: Vec<wgpu::BindGroupLayout>,
    pending: Vec<Option<Pending>>,
    pipelines: Vec<Option<Compiled>>,
}

impl fmt::Debug for Pipelines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipelines")
            .field("known", &self.known.len())
            .finish_non_exhaustive()
    }
}

impl Pipelines {
    /// No pipelines yet.
    #[must_use]
    pub fn new(device: &Device) -> Self {
        Self::with_parts(device, &[])
    }

    /// No pipelines yet; shaders may also name these parts, which are the caller's own and come before [`PARTS`].
    #[must_use]
    pub fn with_parts(device: &Device, own_parts: &'static [(&'static str, &'static str)]) -> Self {
        Self {
            device: device.clone(),
            own_parts,
            known: HashMap::new(),
            layouts: Vec::new(),
            pending: Vec::new(),
            pipelines: Vec::new(),
        }
    }

    /// The device that the pipelines are for.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// How many distinct pipelines were asked for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pipelines.len()
    }

    /// Whether nothing was asked for yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pipelines.is_empty()
    }

    /// Begins to compile `shader`, unless the same text was asked for before.
    pub fn request(&mut self, shader: &Shader) -> PipelineId {
        if let Some(&id) = self.known.get(shader) {
            return id;
        }
        let raw = self.device.raw();
        let own = |name: &str| self.own_parts.iter().find(|(known, _)| *known == name);
        let text = shader.join(self.device.caps(), |name| {
            own(name).map_or_else(|| part(name), |(_, text)| *text)
        });
        let module = platform::shader_module(raw, shader.name, &text, self.device.runtime_checks());
        let group = bind_group_layout(raw, shader);
        let layout = raw.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(shader.name),
            bind_group_layouts: &[Some(&group)],
            immediate_size: 0,
        });
        let request = PipelineRequest {
            name: shader.name.to_owned(),
            layout,
            module,
        };
        let id = PipelineId(self.pipelines.len());
        self.pending
            .push(Some(Box::pin(platform::compile(raw, request))));
        self.pipelines.push(None);
        self.layouts.push(group);
        self.known.insert(shader.clone(), id);
        id
    }

    /// Waits until every pipeline asked for so far is compiled.
    ///
    /// # Errors
    /// [`crate::Error::Pipeline`] with the compiler's words if one is refused.
    pub async fn ready(&mut self) -> Result<()> {
        self.settled().await?;
        self.check((0..self.len()).map(PipelineId))
    }

    /// Waits until every pipeline asked for so far is compiled or refused; [`Recording::check`] tells which.
    ///
    /// [`Recording::check`]: crate::plan::Recording::check
    ///
    /// # Errors
    /// [`crate::Error::DeviceLost`]: a device that is lost refuses everything, and that is the reason to give.
    pub async fn settled(&mut self) -> Result<()> {
        for (pending, pipeline) in self.pending.iter_mut().zip(&mut self.pipelines) {
            if let Some(pending) = pending.take() {
                let compiled = pending.await;
                if compiled.is_err() {
                    self.device.check()?;
                }
                *pipeline = Some(compiled);
            }
        }
        Ok(())
    }

    /// Whether none of `ids` was refused.
    pub(crate) fn check(&self, mut ids: impl Iterator<Item = PipelineId>) -> Result<()> {
        ids.try_for_each(|id| match &self.pipelines[id.0] {
            Some(Err(why)) => Err(why.clone()),
            _ => Ok(()),
        })
    }

    pub(crate) fn pipeline(&self, id: PipelineId) -> &wgpu::ComputePipeline {
        let compiled = self.pipelines[id.0].as_ref();
        compiled
            .and_then(|compiled| compiled.as_ref().ok())
            .expect("what a plan is made from was waited for and checked")
    }

    pub(crate) fn layout(&self, id: PipelineId) -> &wgpu::BindGroupLayout {
        &self.layouts[id.0]
    }
}

fn bind_group_layout(device: &wgpu::Device, shader: &Shader) -> wgpu::BindGroupLayout {
    let entries: Vec<wgpu::BindGroupLayoutEntry> = shader
        .bindings
        .iter()
        .map(|&(binding, access)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: match access {
                    Access::Uniform => wgpu::BufferBindingType::Uniform,
                    Access::Read => wgpu::BufferBindingType::Storage { read_only: true },
                    Access::ReadWrite => wgpu::BufferBindingType::Storage { read_only: false },
                },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        })
        .collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some(shader.name),
        entries: &entries,
    })
}
