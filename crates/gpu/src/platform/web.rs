//! The platform functions of a browser. The JavaScript half is `web.js` beside this file.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::prelude::{Closure, JsCast, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use super::PipelineRequest;
use crate::error::{Error, Result};

pub(crate) const BACKENDS: wgpu::Backends = wgpu::Backends::BROWSER_WEBGPU;

/// Browsers demand `enable subgroups;`.
pub(crate) const ENABLE_SUBGROUPS: bool = true;

/// Only the open device tells what the adapter is called.
pub(crate) const NAMES_ADAPTERS_EARLY: bool = false;

#[wasm_bindgen(module = "/src/platform/web.js")]
extern "C" {
    #[wasm_bindgen(js_name = beforeOpen)]
    fn before_open_js(features: &Array);
    #[wasm_bindgen(js_name = afterOpen)]
    fn after_open_js(device: &JsValue, on_error: &JsValue);
    #[wasm_bindgen(js_name = takeStarted)]
    fn take_started(device: &JsValue) -> Promise;
    #[wasm_bindgen(js_name = handIn)]
    fn hand_in(device: &JsValue, pipeline: &JsValue);
    #[wasm_bindgen(js_name = writeBuffer)]
    fn write_buffer(
        queue: &JsValue,
        buffer: &JsValue,
        offset: f64,
        bytes: &Uint8Array,
        begin: f64,
        size: f64,
    );
    #[wasm_bindgen(js_name = hasFeature)]
    fn has_feature_js(device: &JsValue, name: &str) -> bool;
    #[wasm_bindgen(js_name = adapterName)]
    fn adapter_name_js(device: &JsValue) -> String;
    #[wasm_bindgen(js_name = nowMs)]
    fn now_ms_js() -> f64;
    #[wasm_bindgen(js_name = turn)]
    fn turn_js() -> Promise;
}

/// Bytes of a model file on their way to the GPU: a handle, the bytes stay in JavaScript.
#[derive(Debug, Clone)]
pub struct Chunk {
    bytes: Uint8Array,
}

impl From<Uint8Array> for Chunk {
    fn from(bytes: Uint8Array) -> Self {
        Self { bytes }
    }
}

impl From<Vec<u8>> for Chunk {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            bytes: Uint8Array::from(bytes.as_slice()),
        }
    }
}

impl Chunk {
    /// How many bytes the chunk holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.length() as usize
    }

    /// Whether the chunk holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.length() == 0
    }

    /// Copies bytes `begin .. begin + into.len()` to the wasm heap: for the header and for odd bytes only.
    pub fn copy_to(&self, begin: usize, into: &mut [u8]) {
        self.bytes
            .subarray(begin as u32, (begin + into.len()) as u32)
            .copy_to(into);
    }
}

pub(crate) fn before_open(features: &[&str]) {
    before_open_js(
        &features
            .iter()
            .map(|name| JsValue::from_str(name))
            .collect(),
    );
}

fn js_device(device: &wgpu::Device) -> &JsValue {
    device
        .as_webgpu()
        .expect("a browser's device is a WebGPU device")
        .as_ref()
}

pub(crate) fn after_open(device: &wgpu::Device, on_error: impl Fn(String) + 'static) {
    let on_error = Closure::<dyn Fn(String)>::new(on_error);
    // Lives as long as the device does: one small closure per device.
    after_open_js(js_device(device), &on_error.into_js_value());
}

pub(crate) fn shader_module(
    device: &wgpu::Device,
    name: &str,
    text: &str,
    _checks: bool,
) -> wgpu::ShaderModule {
    device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(name),
        source: wgpu::ShaderSource::Wgsl(text.into()),
    })
}

/// Compilation begins at the call, not at the first poll: call for all, then await each.
pub(crate) fn compile(
    device: &wgpu::Device,
    request: PipelineRequest,
) -> impl Future<Output = Result<wgpu::ComputePipeline>> + 'static {
    drop(device.create_compute_pipeline(&request.descriptor()));
    let started = take_started(js_device(device));
    let device = device.clone();
    async move {
        match JsFuture::from(started).await {
            Ok(pipeline) => {
                hand_in(js_device(&device), &pipeline);
                Ok(device.create_compute_pipeline(&request.descriptor()))
            }
            Err(error) => Err(Error::Pipeline {
                name: request.name,
                reason: text_of(&error),
            }),
        }
    }
}

fn text_of(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(
        || format!("{error:?}"),
        |error| String::from(error.message()),
    )
}

pub(crate) async fn mapped(_device: &wgpu::Device, buffer: &wgpu::Buffer) -> Result<()> {
    // wgpu's callback form, turned into a promise; the pump in `web.js` makes it settle promptly everywhere.
    let outcome: Rc<RefCell<Option<std::result::Result<(), wgpu::BufferAsyncError>>>> =
        Rc::default();
    let promise = Promise::new(&mut |resolve, _reject| {
        let outcome = Rc::clone(&outcome);
        buffer.map_async(wgpu::MapMode::Read, .., move |result| {
            *outcome.borrow_mut() = Some(result);
            let _ = resolve.call0(&JsValue::UNDEFINED);
        });
    });
    let _ = JsFuture::from(promise).await;
    match outcome.take() {
        Some(Ok(())) => Ok(()),
        Some(Err(error)) => Err(Error::DeviceLost {
            reason: error.to_string(),
        }),
        None => Err(Error::DeviceLost {
            reason: "a read-back was given up".to_owned(),
        }),
    }
}

pub(crate) fn upload(
    queue: &wgpu::Queue,
    buffer: &wgpu::Buffer,
    offset_bytes: u64,
    chunk: &Chunk,
    begin: usize,
    size: usize,
) {
    let queue = queue
        .as_webgpu()
        .expect("a browser's queue is a WebGPU queue");
    let buffer = buffer
        .as_webgpu()
        .expect("a browser's buffer is a WebGPU buffer");
    write_buffer(
        queue.as_ref(),
        buffer.as_ref(),
        offset_bytes as f64,
        &chunk.bytes,
        begin as f64,
        size as f64,
    );
}

pub(crate) fn now_ms() -> f64 {
    now_ms_js()
}

/// Lets the event loop have a turn, where a task would hold it up for long: a stop is heard there.
pub async fn turn() {
    let _ = JsFuture::from(turn_js()).await;
}

pub(crate) async fn adapters(instance: &wgpu::Instance) -> Vec<wgpu::Adapter> {
    let options = wgpu::RequestAdapterOptions {
        power_preference: wgpu::PowerPreference::HighPerformance,
        ..Default::default()
    };
    instance
        .request_adapter(&options)
        .await
        .into_iter()
        .collect()
}

/// A browser names the adapter where wgpu does not look.
pub(crate) fn adapter_name(device: &wgpu::Device) -> Option<String> {
    Some(adapter_name_js(js_device(device))).filter(|name| !name.is_empty())
}

/// wgpu does not know of a browser's subgroups: the device itself is asked.
pub(crate) fn has_subgroups(device: &wgpu::Device) -> bool {
    has_feature_js(js_device(device), "subgroups")
}
