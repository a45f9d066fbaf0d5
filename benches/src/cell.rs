//! A cell's dispatches.

use ggweb_gguf::GgmlType;
use ggweb_gpu::ops::{
    ActivationType, AttentionShape, Epilogue, KvType, NormRows, NormedInput, Product,
    QuantizedBlock, RmsNorm, RopeKv, Step, argmax, attention, attention_merge, get_rows,
    matmul_tuned, matvec_tuned, partial_bytes, quantize, rms_norm, rope_kv,
};
use ggweb_gpu::tuning::Attention;
use ggweb_gpu::{Binding, BufferUse, Device, PlaneLayout, Weight};

use crate::context::{Context, Job, Timing};
use crate::error::Result;
use crate::shapes::{Matrix, Model};
use crate::tunings::Tuning;
use crate::work::Work;

/// Added to the mean square in norms.
const EPS: f32 = 1e-5;
/// Positions in a page of the cache.
const PAGE: u32 = 32;
/// Copies at most: each costs bind groups.
const COPIES_MAX: u64 = 1024;

/// Times `work` with `tuning`.
pub(crate) async fn time(
    context: &mut Context<'_>,
    work: &Work,
    (tuning, activations): (&Tuning, ActivationType),
    rounds_max: u32,
) -> Result<Timing> {
    match *work {
        Work::Product {
            model,
            matrix,
            ggml_type,
            columns,
        } => {
            let of = (model, matrix, ggml_type);
            product(context, of, columns, (tuning, activations), rounds_max).await
        }
        Work::GetRows {
            model,
            ggml_type,
            columns,
        } => rows(context, model, ggml_type, columns, rounds_max).await,
        Work::Attention {
            model,
            columns,
            n_kv,
        } => match tuning {
            Tuning::Attention(tuning) => {
                attend(context, model, (columns, n_kv), tuning, rounds_max).await
            }
            _ => panic!("attention takes parameters of its own"),
        },
        Work::RmsNorm { model, columns } => norm(context, model, columns, rounds_max).await,
        Work::RopeKv { model, columns } => rotate(context, model, columns, rounds_max).await,
        Work::Argmax { model } => {
            let n_vocab = model.n_vocab;
            let logits = context.arena.floats(u64::from(n_vocab) * 4);
            let tokens = context.arena.scratch(0, 16);
            let job = Job {
                n_token: 1,
                n_copy: 1,
                rounds_max,
                record: &|rec, _| argmax(rec, n_vocab, &logits, &tokens),
            };
            context.time(&job).await
        }
    }
}

/// Whether products with weights of a type take x in int8.
pub(crate) fn takes_int8(ggml_type: GgmlType) -> bool {
    PlaneLayout::new(ggml_type, ggml_type.block_size() as u32 * 4)
        .is_some_and(|layout| layout.takes_int8())
}

/// How many copies of `bytes` a model of `model_bytes` would read between two uses of one, within the working set.
pub(crate) fn n_copy(working_set_bytes: u64, model_bytes: u64, bytes: u64) -> u32 {
    let cycle = working_set_bytes.min(model_bytes);
    (cycle / bytes.max(1)).clamp(1, COPIES_MAX) as u32
}

async fn product(
    context: &mut Context<'_>,
    (model, matrix, ggml_type): (&Model, Matrix, GgmlType),
    columns: u32,
    (tuning, activations): (&Tuning, ActivationType),
    rounds_max: u32,
) -> Result<Timing> {
    let epilogue = matrix.epilogue();
    let rows_per_output = if epilogue == Epilogue::Swiglu { 2 } else { 1 };
    let (n_row, n_in) = matrix.shape(model);
    let n_out = n_row / rows_per_output;
    let arena = &context.arena;
    let layout = layout(ggml_type, n_in);
    let bytes = u64::from(n_row) * layout.plane_row_bytes().iter().sum::<u64>();
    let n_copy = n_copy(
        arena.working_set_bytes(),
        model.weight_bytes(ggml_type),
        bytes,
    );
    let weights: Vec<Weight> = (0..n_copy)
        .map(|_| arena.weight(layout, n_row, rows_per_output))
        .collect();
    let bias = arena.floats(u64::from(n_out) * 4);
    let floats = arena.floats(u64::from(columns) * u64::from(layout.n_block()) * 128);
    // Many columns in int8 are rounded before the product, which is timed with it.
    let x = match (activations, columns) {
        (ActivationType::F32, _) | (_, 1) => floats.clone(),
        (ActivationType::Int8, _) => {
            let n_block = u64::from(columns) * u64::from(layout.n_block());
            let size_bytes = n_block * size_of::<QuantizedBlock>() as u64;
            let buffer = context
                .device
                .buffer("quantized", size_bytes, BufferUse::Storage);
            buffer.whole()
        }
    };
    let y = arena.scratch(0, u64::from(columns) * u64::from(n_out) * 4);
    let step = step(&context.device, columns, 0);
    // As in a model: one token's norm goes into the matrices that read the residual stream.
    let norm_weight = arena.floats(u64::from(layout.n_block()) * 128);
    let norm = matches!(matrix, Matrix::Qkv | Matrix::GateUp).then_some(NormedInput {
        weight: &norm_weight,
        eps: EPS,
    });
    let job = Job {
        n_token: columns,
        n_copy,
        rounds_max,
        record: &|rec, copy| {
            let product = Product {
                weight: &weights[copy as usize],
                bias: &bias,
                x: &x,
                activations,
                y: &y,
                y_stride: n_out,
                epilogue,
            };
            if activations == ActivationType::Int8 && columns > 1 {
                quantize(rec, layout.n_block() * 32, &step, &floats, &x);
            }
            match tuning {
                Tuning::Matvec(tuning) => matvec_tuned(rec, &product, norm, tuning),
                Tuning::Matmul(tuning) => matmul_tuned(rec, &product, &step, tuning),
                _ => panic!("products take parameters of their own"),
            }
        },
    };
    context.time(&job).await
}

async fn rows(
    context: &mut Context<'_>,
    model: &Model,
    ggml_type: GgmlType,
    columns: u32,
    rounds_max: u32,
) -> Result<Timing> {
    let weight = context
        .arena
        .weight(layout(ggml_type, model.n_embd), model.n_vocab, 1);
    let ids: Vec<u32> = (0..columns.next_multiple_of(4))
        .map(|i| i.wrapping_mul(2_654_435_761) % model.n_vocab)
        .collect();
    let tokens = small(&context.device, &ids);
    let y = context
        .arena
        .scratch(0, u64::from(columns) * u64::from(model.n_embd) * 4);
    let job = Job {
        n_token: columns,
        n_copy: 1,
        rounds_max,
        record: &|rec, _| get_rows(rec, &weight, &tokens, &y),
    };
    context.time(&job).await
}

async fn attend(
    context: &mut Context<'_>,
    model: &Model,
    (columns, n_kv): (u32, u32),
    tuning: &Attention,
    rounds_max: u32,
) -> Result<Timing> {
    let q_stride = model.q_dim() + 2 * model.kv_dim();
    let shape = AttentionShape {
        n_head: model.n_head,
        n_head_kv: model.n_head_kv,
        head_dim: model.head_dim,
        q_stride,
        out_stride: model.q_dim(),
        scale: 1.0 / (model.head_dim as f32).sqrt(),
        page: PAGE,
        types: (KvType::F16, KvType::F16),
    };
    let pages: Vec<u32> = (0..n_kv.div_ceil(PAGE)).collect();
    let table = small(&context.device, &pages);
    let step = step(&context.device, columns, n_kv - columns);
    let arena = &context.arena;
    let q = arena.floats(u64::from(columns) * u64::from(q_stride) * 4);
    let kv_bytes = u64::from(n_kv.next_multiple_of(PAGE)) * u64::from(model.kv_dim()) * 2;
    // Between two uses of a layer's cache a model reads the other layers' and all weights.
    let n_copy = n_copy(arena.working_set_bytes(), u64::MAX, 2 * kv_bytes);
    let caches: Vec<_> = (0..n_copy)
        .map(|_| (arena.floats(kv_bytes), arena.floats(kv_bytes)))
        .collect();
    let out = arena.scratch(0, u64::from(columns) * u64::from(model.q_dim()) * 4);
    let is_split = tuning.splits > 1;
    // A buffer of its own: the merge reads it while it writes `out`.
    let partial_bytes = u64::from(columns) * partial_bytes(&shape, tuning);
    let partial_bytes = if is_split { partial_bytes } else { 16 };
    let partial = context
        .device
        .buffer("partial", partial_bytes, BufferUse::Storage)
        .whole();
    let to = if is_split { &partial } else { &out };
    let job = Job {
        n_token: columns,
        n_copy,
        rounds_max,
        record: &|rec, copy| {
            let (k, v) = caches[copy as usize].clone();
            let bindings = [step.clone(), table.clone(), q.clone(), k, v, to.clone()];
            attention(rec, &shape, tuning, &bindings);
            if is_split {
                attention_merge(rec, &shape, tuning, &step, &partial, &out);
            }
        },
    };
    context.time(&job).await
}

async fn norm(
    context: &mut Context<'_>,
    model: &Model,
    columns: u32,
    rounds_max: u32,
) -> Result<Timing> {
    let bytes = u64::from(columns) * u64::from(model.n_embd) * 4;
    let (x, weight) = (context.arena.floats(bytes), context.arena.floats(bytes));
    let y = context.arena.scratch(0, bytes);
    let step = step(&context.device, columns, 0);
    let norm = RmsNorm {
        n_embd: model.n_embd,
        y_stride: model.n_embd,
        eps: EPS,
        rows: NormRows::Batch,
    };
    let job = Job {
        n_token: columns,
        n_copy: 1,
        rounds_max,
        record: &|rec, _| rms_norm(rec, norm, &step, &x, &weight, &y),
    };
    context.time(&job).await
}

async fn rotate(
    context: &mut Context<'_>,
    model: &Model,
    columns: u32,
    rounds_max: u32,
) -> Result<Timing> {
    let arena = &context.arena;
    let page_of = columns.next_multiple_of(PAGE);
    let table = small(
        &context.device,
        &(0..page_of.div_ceil(PAGE)).collect::<Vec<_>>(),
    );
    let step = step(&context.device, columns, 0);
    let rope = arena.floats(u64::from(page_of) * u64::from(model.head_dim) * 4);
    let width = u64::from(model.q_dim() + 2 * model.kv_dim());
    let qkv_bytes = (u64::from(columns) * width * 4).next_multiple_of(256);
    let kv_bytes = (u64::from(page_of) * u64::from(model.kv_dim()) * 2).next_multiple_of(256);
    let qkv = arena.scratch(0, qkv_bytes);
    let k_pages = arena.scratch(qkv_bytes, kv_bytes);
    let v_pages = arena.scratch(qkv_bytes + kv_bytes, kv_bytes);
    let op = RopeKv {
        n_head: model.n_head,
        n_head_kv: model.n_head_kv,
        head_dim: model.head_dim,
        n_rot: model.head_dim,
        page: PAGE,
        types: (KvType::F16, KvType::F16),
        step: &step,
        block_table: &table,
        rope: &rope,
        qkv: &qkv,
        k_pages: &k_pages,
        v_pages: &v_pages,
    };
    let job = Job {
        n_token: columns,
        n_copy: 1,
        rounds_max,
        record: &|rec, _| rope_kv(rec, &op),
    };
    context.time(&job).await
}

fn layout(ggml_type: GgmlType, n_in: u32) -> PlaneLayout {
    PlaneLayout::new(ggml_type, n_in)
        .expect("`Work::all` leaves out rows that a type does not have")
}

fn step(device: &Device, n_token: u32, pos: u32) -> Binding {
    let buffer = device.buffer("step", 256, BufferUse::Uniform);
    let step = Step {
        n_token,
        pos,
        ..Step::default()
    };
    device.write(&buffer, 0, bytemuck::bytes_of(&step));
    buffer.whole()
}

fn small(device: &Device, words: &[u32]) -> Binding {
    let buffer = device.buffer("small", words.len() as u64 * 4, BufferUse::Storage);
    device.write(&buffer, 0, bytemuck::cast_slice(words));
    buffer.whole()
}
