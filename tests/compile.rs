//! No kernel takes a driver long to compile: one at a time, in a fresh process, without any cache on disk, in CPU time,
//! which other work on the machine hardly moves.
//!
//! `GGWEB_WHOLE` in the environment tries every kernel; without it, products those with the largest epilogue and a few
//! types, attention those of the widest heads.

use std::process::Command;
use std::time::Duration;

use bytemuck::bytes_of;
use cpu_time::ProcessTime;
use ggweb_gpu::ops::Step;
use ggweb_gpu::plan::{Fetch, Grid};
use ggweb_gpu::shader::{Access, Pipelines, Shader};
use ggweb_gpu::{Binding, Buffer, BufferUse, Device, Readback, Recorder};
use ggweb_tests::data::report;
use ggweb_tests::gpu::every_option;
use ggweb_tests::shaders::shaders;

/// Set in the process that compiles.
const CHILD: &str = "GGWEB_COMPILES";

/// Types that are tried where not all are: bytes, and a large grid.
const FORMATS: [&str; 2] = ["q8_0", "iq2_s"];

/// The most that any of them may take.
fn limit(adapter: &str) -> Duration {
    Duration::from_secs(if adapter.contains("llvmpipe") { 2 } else { 5 })
}

#[test]
fn no_kernel_takes_long_to_compile() {
    if std::env::var_os(CHILD).is_some() {
        compile_all();
        return;
    }
    // Mesa keeps what it compiled on disk: then nothing would be measured.
    let child = Command::new(std::env::current_exe().expect("a test is a program"))
        .args(["--exact", "no_kernel_takes_long_to_compile", "--nocapture"])
        .env(CHILD, "1")
        .env("MESA_SHADER_CACHE_DISABLE", "true")
        .env("MESA_GLSL_CACHE_DISABLE", "true")
        .output()
        .expect("the program starts again");
    let [text, why] = [&child.stdout, &child.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    for line in text.lines().chain(why.lines()) {
        if let Some(at) = line.find("matrix: compiling") {
            report(&line[at..]);
        }
    }
    assert!(child.status.success(), "{text}\n{why}");
}

fn compile_all() {
    let whole = std::env::var_os("GGWEB_WHOLE").is_some();
    let mut known: Vec<Shader> = Vec::new();
    let mut times: Vec<(Duration, String)> = Vec::new();
    let mut adapter = String::new();
    for options in every_option("compile times") {
        let device = pollster::block_on(Device::open(&options)).expect("the device opened before");
        device.adapter().clone_into(&mut adapter);
        let bench = Bench::new(&device);
        for shader in shaders(device.caps()) {
            if known.contains(&shader) || !(whole || is_telling(&shader)) {
                continue;
            }
            let took = bench.time(&shader);
            let about = format!("{} {:?} {:?}", shader.name, shader.parts, shader.consts);
            times.push((took, about));
            known.push(shader);
        }
    }
    times.sort_by_key(|(took, _)| std::cmp::Reverse(*took));
    let Some((longest, about)) = times.first() else {
        return;
    };
    let n = times.len();
    let ms = longest.as_millis();
    report(&format!(
        "matrix: compiling {n} kernels on {adapter}: at most {ms} ms: {about}"
    ));
    for (took, about) in times.iter().skip(1).take(8) {
        report(&format!("{} ms: {about}", took.as_millis()));
    }
    assert!(*longest <= limit(&adapter), "{ms} ms: {about}");
}

/// Whether a kernel is of those that are always tried.
fn is_telling(shader: &Shader) -> bool {
    let has = |part: &&str| shader.parts.contains(part);
    let is_of_format = FORMATS.iter().any(has);
    match shader.name {
        "matmul" | "matvec" => has(&"epilogue/swiglu") && is_of_format,
        "get_rows" => is_of_format,
        "attention" | "attention_merge" => shader.consts.contains(&("HEAD_DIM", 256)),
        "repack" => shader.consts.contains(&("UNIT_BLOCKS", 1)),
        _ => true,
    }
}

/// Buffers for products that have nothing to do: all their counts are zero.
struct Bench<'a> {
    device: &'a Device,
    read: Binding,
    written: Buffer,
    step: Binding,
    readback: Readback,
}

impl<'a> Bench<'a> {
    fn new(device: &'a Device) -> Self {
        // Tables of some types are uniforms too.
        let step = device.buffer("step", 65_536, BufferUse::Uniform);
        device.write(&step, 0, bytes_of(&Step::default()));
        Self {
            device,
            read: device.buffer("read", 65_536, BufferUse::Storage).whole(),
            written: device.buffer("written", 4096, BufferUse::Storage),
            step: step.whole(),
            readback: Readback::new(device, 4),
        }
    }

    /// From the text to the end of its first dispatch: some drivers compile then.
    fn time(&self, shader: &Shader) -> Duration {
        let bindings: Vec<Binding> = shader.bindings[1..]
            .iter()
            .zip((0..).step_by(256))
            .map(|((_, access), apart)| match access {
                Access::Uniform => self.step.clone(),
                Access::Read => self.read.clone(),
                Access::ReadWrite => self.written.range(apart, 256),
            })
            .collect();
        let mut pipelines = Pipelines::new(self.device);
        let start = ProcessTime::now();
        let mut recorder = Recorder::new(&mut pipelines);
        recorder.dispatch(shader, &[0_u32; 64], &bindings, Grid::Linear(1));
        let recording = recorder.finish();
        pollster::block_on(pipelines.ready()).expect("the kernel compiles");
        let plan = recording.into_plan(&pipelines);
        let fetch = Fetch {
            from: &self.written.whole(),
            size_bytes: 4,
            into: &self.readback,
        };
        self.device
            .submit(&[&plan], 0, Some(fetch))
            .expect("the submit is accepted");
        let mut bytes = [0; 4];
        pollster::block_on(self.readback.read(&mut bytes)).expect("the copy arrives");
        start.elapsed()
    }
}
