//! Times each op alone and prints one line per op, shape, format and parameter set.
//!
//! `cargo run -p ggweb-benches -- [--adapter NAME] [--tier base|f16|subgroups|auto] [--params software|gpu|auto] [FILTER]`
//!
//! A line gives the time of one dispatch, wall and CPU seconds of the process (a software adapter's work is all
//! there), the rate over the bytes of weights or of K and V, and how long the pipeline took to compile and run first.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::error::Error;

use ggweb_gguf::GgmlType;
use ggweb_gpu::ops::{
    AttentionShape, Epilogue, KvType, NormRows, Product, RmsNorm, Step, argmax, attention,
    attention_merge, matmul, matvec, partial_bytes, rms_norm,
};
use ggweb_gpu::plan::Fetch;
use ggweb_gpu::shader::Pipelines;
use ggweb_gpu::weight::{PlaneLayout, WeightPart};
use ggweb_gpu::{
    Binding, BufferUse, Clock, Device, DeviceOptions, ParamsChoice, Readback, Recorder, Weight,
};

/// Dispatches of one timed submit: enough that the submit itself does not show.
const REPEAT: u32 = 20;
/// Timed submits; the least is printed.
const ROUNDS: u32 = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let (options, filter) = arguments()?;
    // Both sets side by side, unless one is asked for: each has to stay right where the other is meant.
    let sets = match options.params {
        ParamsChoice::Auto => vec![ParamsChoice::Software, ParamsChoice::Gpu],
        one => vec![one],
    };
    for params in sets {
        let options = DeviceOptions {
            params,
            ..options.clone()
        };
        pollster::block_on(table(&options, &filter))?;
    }
    Ok(())
}

async fn table(options: &DeviceOptions, filter: &str) -> Result<(), Box<dyn Error>> {
    let device = Device::open(options).await?;
    let (tier, params) = (device.caps().tier(), device.caps().params());
    println!("adapter {}, tier {tier}, params {params}", device.adapter());
    println!(
        "{:44} {:>10} {:>10} {:>8} {:>8} {:>10}",
        "op/shape/format", "wall us", "cpu us", "GB/cpu-s", "GF/cpu-s", "first ms"
    );
    let filter = filter.to_owned();
    Bench { device, filter }.all().await
}

fn arguments() -> Result<(DeviceOptions, String), Box<dyn Error>> {
    let mut options = DeviceOptions::default();
    let mut filter = String::new();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} takes a value"));
        match word.as_str() {
            "--adapter" => options.adapter = Some(value()?),
            "--tier" => options.tier = value()?.parse()?,
            "--params" => options.params = value()?.parse()?,
            _ => filter = word,
        }
    }
    Ok((options, filter))
}

struct Bench {
    device: Device,
    filter: String,
}

impl Bench {
    async fn all(&self) -> Result<(), Box<dyn Error>> {
        for ggml_type in [GgmlType::Q4_0, GgmlType::Q8_0, GgmlType::F16] {
            for (n_out, n_in) in [(960, 576), (576, 576), (576, 1536), (49152, 576)] {
                self.product(ggml_type, n_out, n_in, Epilogue::Store, 1)
                    .await?;
            }
            self.product(ggml_type, 1536, 576, Epilogue::Swiglu, 1)
                .await?;
            self.product(ggml_type, 576, 576, Epilogue::Store, 128)
                .await?;
            self.product(ggml_type, 1536, 576, Epilogue::Swiglu, 128)
                .await?;
        }
        for ggml_type in GgmlType::of_weights() {
            for n_token in [1, 128] {
                self.product(ggml_type, 1536, 768, Epilogue::Store, n_token)
                    .await?;
            }
        }
        for n_kv in [128, 2048] {
            self.attention(1, n_kv).await?;
        }
        self.attention(128, 128).await?;
        self.small().await
    }

    /// A matrix of random bits through `matvec` (one token) or `matmul`.
    async fn product(
        &self,
        ggml_type: GgmlType,
        n_out: u32,
        n_in: u32,
        epilogue: Epilogue,
        n_token: u32,
    ) -> Result<(), Box<dyn Error>> {
        let op = if n_token == 1 { "matvec" } else { "matmul" };
        let kind = if epilogue == Epilogue::Swiglu {
            "swiglu"
        } else {
            "store"
        };
        let name = format!("{op}/{n_token}x{n_out}x{n_in}/{}/{kind}", ggml_type.name());
        let layout = PlaneLayout::new(ggml_type, n_in).ok_or("a type with kernels")?;
        let n_row = if epilogue == Epilogue::Swiglu {
            2 * n_out
        } else {
            n_out
        };
        let row_bytes = layout.plane_row_bytes();
        let plane = |bytes: u64| (bytes > 0).then(|| self.random(u64::from(n_row) * bytes));
        let weight = Weight {
            layout,
            parts: vec![WeightPart {
                row_begin: 0,
                n_row,
                planes: row_bytes.map(plane),
            }],
        };
        let bias = self.random(u64::from(n_out) * 4);
        let x = self.random(u64::from(n_token) * u64::from(layout.n_block()) * 128);
        let y = self.random(u64::from(n_token) * u64::from(n_out) * 4);
        let step = self.step(n_token, 0);
        let product = Product {
            weight: &weight,
            bias: &bias,
            x: &x,
            y: &y,
            y_stride: n_out,
            epilogue,
        };
        let bytes = u64::from(n_row) * row_bytes.iter().sum::<u64>();
        let flops = 2.0 * f64::from(n_row) * f64::from(n_in) * f64::from(n_token);
        self.time(
            &name,
            n_token,
            bytes as f64,
            flops,
            &y,
            &|rec| match n_token {
                1 => matvec(rec, &product, None),
                _ => matmul(rec, &product, &step),
            },
        )
        .await
    }

    /// Attention of the 135M shape at a depth.
    async fn attention(&self, n_token: u32, n_kv: u32) -> Result<(), Box<dyn Error>> {
        let shape = AttentionShape {
            n_head: 9,
            n_head_kv: 3,
            head_dim: 64,
            q_stride: 960,
            out_stride: 576,
            scale: 0.125,
            page: 32,
            types: (KvType::F16, KvType::F16),
        };
        let tuning = self.device.caps().attention(64, n_token == 1);
        let pages: Vec<u32> = (0..n_kv.div_ceil(32)).collect();
        let table = self.random(pages.len() as u64 * 4);
        self.device
            .write(table.buffer(), 0, bytemuck::cast_slice(&pages));
        let kv_bytes = u64::from(n_kv.next_multiple_of(32)) * 3 * 64 * 2;
        let step = self.step(n_token, n_kv - n_token);
        let out = self.random(u64::from(n_token) * 576 * 4);
        let partial = self.random(partial_bytes(&shape, &tuning));
        let to = if tuning.splits > 1 {
            partial.clone()
        } else {
            out.clone()
        };
        let q = self.random(u64::from(n_token) * 960 * 4);
        let bindings = [
            step.clone(),
            table,
            q,
            self.random(kv_bytes),
            self.random(kv_bytes),
            to,
        ];
        let name = format!("attention/{n_token}x{n_kv}/gqa3x3x64/f16");
        let flops = 4.0 * 9.0 * 64.0 * f64::from(n_kv) * f64::from(n_token);
        self.time(&name, n_token, 2.0 * kv_bytes as f64, flops, &out, &|rec| {
            attention(rec, &shape, &tuning, &bindings);
            if tuning.splits > 1 {
                attention_merge(rec, &shape, &tuning, &step, &partial, &out);
            }
        })
        .await
    }

    async fn small(&self) -> Result<(), Box<dyn Error>> {
        let (x, y, weight) = (
            self.random(576 * 4),
            self.random(576 * 4),
            self.random(576 * 4),
        );
        let step = self.step(1, 0);
        let norm = RmsNorm {
            n_embd: 576,
            y_stride: 576,
            eps: 1e-5,
            rows: NormRows::Batch,
        };
        self.time("rms_norm/1x576", 1, 0.0, 0.0, &y, &|rec| {
            rms_norm(rec, norm, &step, &x, &weight, &y);
        })
        .await?;
        let logits = self.random(49152 * 4);
        let tokens = self.random(16);
        self.time("argmax/49152", 1, 0.0, 0.0, &tokens, &|rec| {
            argmax(rec, 49152, &logits, &tokens);
        })
        .await
    }

    fn step(&self, n_token: u32, pos: u32) -> Binding {
        let buffer = self.device.buffer("step", 256, BufferUse::Uniform);
        self.device.write(
            &buffer,
            0,
            bytemuck::bytes_of(&Step {
                n_token,
                pos,
                logits_row: 0,
                padding: 0,
            }),
        );
        buffer.range(0, 256)
    }

    /// Bytes that are small normal numbers as f32 and as f16: subnormal ones would time the host's slow path.
    fn random(&self, bytes: u64) -> Binding {
        let buffer = self.device.buffer("random", bytes, BufferUse::Storage);
        let mut state = 1_u32;
        let words: Vec<u32> = (0..buffer.size_bytes() / 4)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((state >> 3) & 0x007f_03ff) | 0x3c00_2c00
            })
            .collect();
        self.device.write(&buffer, 0, bytemuck::cast_slice(&words));
        buffer.whole()
    }

    async fn time(
        &self,
        name: &str,
        n_token: u32,
        bytes: f64,
        flops: f64,
        result: &Binding,
        record: &dyn Fn(&mut Recorder<'_>),
    ) -> Result<(), Box<dyn Error>> {
        if !name.contains(&self.filter) {
            return Ok(());
        }
        let fence = Readback::new(&self.device, 4);
        let clock = Clock::start();
        let mut pipelines = Pipelines::new(&self.device);
        let mut rec = Recorder::new(&mut pipelines);
        for _ in 0..REPEAT {
            record(&mut rec);
        }
        let recording = rec.finish();
        pipelines.ready().await?;
        let plan = recording.into_plan(&pipelines);
        let fetch = Some(Fetch {
            from: result,
            size_bytes: 4,
            into: &fence,
        });
        self.device.submit(&[&plan], n_token, fetch)?;
        fence.wait().await?;
        let first_ms = clock.elapsed_ms();
        let (mut wall, mut cpu) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..ROUNDS {
            let (clock, start) = (Clock::start(), cpu_time::ProcessTime::now());
            self.device.submit(&[&plan], n_token, fetch)?;
            fence.wait().await?;
            wall = wall.min(clock.elapsed_ms() * 1000.0 / f64::from(REPEAT));
            cpu = cpu.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(REPEAT));
        }
        let per = |amount: f64| amount / cpu / 1000.0;
        println!(
            "{name:44} {wall:10.1} {cpu:10.1} {:8.2} {:8.1} {first_ms:10.0}",
            per(bytes),
            per(flops)
        );
        Ok(())
    }
}
