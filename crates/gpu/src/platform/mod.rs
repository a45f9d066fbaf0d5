//! What differs between a browser and a native program: five functions and a clock, wgpu types on both sides.
//!
//! | function | native | web |
//! |---|---|---|
//! | `before_open` | nothing | asks for features that wgpu cannot name there |
//! | `after_open` | error handler | error handler, pipeline trap, wait pump |
//! | `compile` | on a thread, in an error scope | asynchronous |
//! | `mapped` | `map_async` and poll | `map_async`, settled by the pump |
//! | `upload` | from a slice | from a JavaScript array, without a copy in the wasm heap |

#[cfg(not(target_arch = "wasm32"))]
mod compiler;
#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod web;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use native::{
    BACKENDS, ENABLE_SUBGROUPS, NAMES_ADAPTERS_EARLY, adapter_name, adapters, after_open,
    before_open, compile, has_subgroups, mapped, now_ms, shader_module, upload,
};
#[cfg(not(target_arch = "wasm32"))]
pub use native::{Chunk, turn};
#[cfg(target_arch = "wasm32")]
pub(crate) use web::{
    BACKENDS, ENABLE_SUBGROUPS, NAMES_ADAPTERS_EARLY, adapter_name, adapters, after_open,
    before_open, compile, has_subgroups, mapped, now_ms, shader_module, upload,
};
#[cfg(target_arch = "wasm32")]
pub use web::{Chunk, turn};

/// All that a compute pipeline is made from, owned, so that a compilation can outlive its caller's borrow.
#[derive(Debug, Clone)]
pub(crate) struct PipelineRequest {
    pub(crate) name: String,
    pub(crate) layout: wgpu::PipelineLayout,
    pub(crate) module: wgpu::ShaderModule,
}

impl PipelineRequest {
    fn descriptor(&self) -> wgpu::ComputePipelineDescriptor<'_> {
        wgpu::ComputePipelineDescriptor {
            label: Some(&self.name),
            layout: Some(&self.layout),
            module: &self.module,
            entry_point: Some(&self.name),
            compilation_options: wgpu::PipelineCompilationOptions {
                // Every kernel writes what it reads of workgroup memory; naga would clear it from one lane.
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        }
    }
}
