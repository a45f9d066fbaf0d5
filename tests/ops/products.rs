//! Ops that read a weight: `get_rows`, `matvec`, `matmul`.

use bytemuck::Zeroable;
use ggweb_gguf::GgmlType;
use ggweb_gpu::Weight;
use ggweb_gpu::ops::{
    self, ActivationType, Epilogue, MatvecInput, NormedInput, Product, QuantizedBlock, Step,
};
use ggweb_gpu::tuning::{FEW_TOKENS, Matmul};
use ggweb_reference::formats::{dequantize, row_bytes};
use ggweb_reference::ops as twin;
use ggweb_tests::gpu::{Rig, narrow};
use ggweb_tests::noise;
use ggweb_tests::shaders::activations_of;

use crate::{EXACT, F32, Seen, around, check};

/// Types of which every epilogue and every size is tried: one for each way of reading. What the others have of their
/// own, how a block becomes numbers, is the same whatever the matrix: they have `Store` and every width.
const TYPES: [GgmlType; 4] = [GgmlType::F32, GgmlType::F16, GgmlType::Q8_0, GgmlType::Q4_0];
/// Types that are tried in int8: with offsets, with signs, with minima. How a block becomes bytes is the same as in f32.
const INT8: [GgmlType; 3] = [GgmlType::Q4_0, GgmlType::Q8_0, GgmlType::Q4_K];
const EPILOGUES: [Epilogue; 4] = [
    Epilogue::Store,
    Epilogue::Add,
    Epilogue::Swiglu,
    Epilogue::Gated,
];

/// Row widths: one block, odd numbers of blocks, and for types without blocks rows that need padding.
fn widths(ggml_type: GgmlType) -> &'static [usize] {
    match ggml_type.block_size() {
        1 => &[4, 32, 172, 1056],
        32 => &[32, 96, 1056],
        64 => &[64, 192, 1088],
        128 => &[128, 384, 1152],
        _ => &[256, 768, 1280],
    }
}

#[test]
fn get_rows_agrees_with_its_twin() {
    for mut rig in Rig::every("ops: get_rows") {
        for ggml_type in GgmlType::of_weights() {
            // One row of 64 runs of 32 weights is what a workgroup takes at once.
            let block = ggml_type.block_size().max(32);
            let many = [64 * 32 - block, 64 * 32, 64 * 32 + block];
            for &n_embd in widths(ggml_type).iter().chain(&many) {
                get_rows(&mut rig, ggml_type, n_embd, &[11], &[0, 10, 3, 3]);
                get_rows(&mut rig, ggml_type, n_embd, &[4, 6, 1], &[10, 4, 3, 9]);
            }
        }
    }
}

fn get_rows(rig: &mut Rig, ggml_type: GgmlType, n_embd: usize, parts: &[usize], ids: &[u32]) {
    let bytes = noise::rows(4, ggml_type, parts.iter().sum(), n_embd);
    let mut want = vec![0.0; ids.len() * n_embd];
    twin::get_rows(
        ids,
        &dequantize(ggml_type, &bytes, n_embd),
        n_embd,
        &mut want,
    );
    let weight = rig.weight(ggml_type, &bytes, n_embd, parts);
    let (tokens, y) = (rig.storage(ids), rig.storage(&vec![0.0f32; want.len()]));
    rig.run(ids.len(), |rec| ops::get_rows(rec, &weight, &tokens, &y));
    let case = format!(
        "get_rows {} of {n_embd}, {parts:?}, {}",
        ggml_type.name(),
        rig.name()
    );
    check(&case, &rig.read(&y, want.len()), &want, EXACT);
}

#[test]
fn matvec_agrees_with_its_twin() {
    let mut seen = Seen::default();
    for mut rig in Rig::every("ops: matvec") {
        let caps = *rig.device().caps();
        // Few rows and many have tunings of their own.
        for n_row in [1, 512] {
            // More rows a lane are more of the same: of most types whole models show them.
            for base in Case::every().filter(|base| n_row == 1 || base.has_every_size()) {
                let tuning = caps.matvec(n_row, base.epilogue);
                let input = MatvecInput {
                    normed: true,
                    activations: base.activations,
                };
                let (ggml_type, epilogue) = (base.ggml_type, base.epilogue);
                if seen.first(ops::matvec_shader(
                    &caps, ggml_type, epilogue, &tuning, input,
                )) {
                    let group = (tuning.lanes_row * tuning.rows) as usize;
                    matvec(&mut rig, n_row, group, &base);
                }
            }
        }
    }
}

/// One text at sizes around its workgroup's.
fn matvec(rig: &mut Rig, n_row: u32, group: usize, base: &Case) {
    let sizes = match (n_row, base.has_every_size()) {
        (1, true) => around(group),
        (1, false) => vec![group + 1],
        _ => vec![512, 512 + group + 1],
    };
    let widths = widths(base.ggml_type);
    for n_out in sizes {
        product(rig, &base.of(1, widths[1], &[n_out]));
    }
    for &n_in in widths {
        let parts: &[usize] = if n_row == 1 { &[5, 1, 34] } else { &[513] };
        product(rig, &base.of(1, n_in, parts));
    }
}

#[test]
fn matmul_agrees_with_its_twin() {
    let mut seen = Seen::default();
    for mut rig in Rig::every_width("ops: matmul") {
        let caps = *rig.device().caps();
        for base in Case::every() {
            // A tile for few tokens reads weights as the other one does.
            let tiles = match TYPES.contains(&base.ggml_type) {
                true => &[FEW_TOKENS + 1, FEW_TOKENS][..],
                false => &[FEW_TOKENS + 1],
            };
            for &n_token_max in tiles {
                let base = Case {
                    n_token_max,
                    ..base.clone()
                };
                let (ggml_type, epilogue) = (base.ggml_type, base.epilogue);
                let tuning = caps.matmul(epilogue, n_token_max);
                let activations = base.activations;
                if seen.first(ops::matmul_shader(
                    &caps,
                    ggml_type,
                    epilogue,
                    &tuning,
                    activations,
                )) {
                    matmul(&mut rig, &tuning, &base);
                }
            }
        }
    }
}

/// One text at sizes around its tile's.
fn matmul(rig: &mut Rig, tuning: &Matmul, base: &Case) {
    let mut rows = around((tuning.lanes_m * tuning.rows) as usize);
    let mut tokens = around(tuning.tokens() as usize);
    if !base.has_every_size() {
        rows.drain(..rows.len() - 1);
        tokens.drain(..tokens.len() - 1);
    }
    let widths = widths(base.ggml_type);
    for n_token in tokens {
        let parts = &rows[rows.len() - 1..];
        product(rig, &base.of(n_token.max(2), widths[1], parts));
    }
    for &n_out in &rows {
        product(rig, &base.of(5, widths[0], &[n_out]));
    }
    for &n_in in widths {
        product(rig, &base.of(3, n_in, &[5, 1, 34]));
    }
}

#[derive(Debug, Clone)]
struct Case {
    ggml_type: GgmlType,
    epilogue: Epilogue,
    activations: ActivationType,
    n_token: usize,
    /// What `matmul` is told of the batches to come.
    n_token_max: u32,
    n_in: usize,
    /// Outputs of each part of the weight.
    parts: Vec<usize>,
}

impl Case {
    /// Types of weights, what becomes of the sums, how x is read; sizes are still to come.
    fn every() -> impl Iterator<Item = Self> {
        GgmlType::of_weights().flat_map(|ggml_type| {
            let epilogues = match TYPES.contains(&ggml_type) {
                true => &EPILOGUES[..],
                false => &EPILOGUES[..1],
            };
            let ways = activations_of(ggml_type).iter();
            let ways =
                ways.filter(move |way| **way == ActivationType::F32 || INT8.contains(&ggml_type));
            let pairs = epilogues.iter().flat_map(move |epilogue| {
                let ways = ways.clone();
                ways.map(move |activations| (*epilogue, *activations))
            });
            pairs.map(move |(epilogue, activations)| Self {
                ggml_type,
                epilogue,
                activations,
                n_token: 0,
                n_token_max: 1,
                n_in: 0,
                parts: Vec::new(),
            })
        })
    }

    fn of(&self, n_token: usize, n_in: usize, parts: &[usize]) -> Self {
        Self {
            n_token,
            n_in,
            parts: parts.to_vec(),
            ..self.clone()
        }
    }

    /// In int8 only how a block is multiplied is new.
    fn has_every_size(&self) -> bool {
        TYPES.contains(&self.ggml_type) && self.activations == ActivationType::F32
    }
}

fn product(rig: &mut Rig, case: &Case) {
    product_of(rig, case, false);
    // One token's x may go through a norm on its way, if it is whole blocks. What differs shows at every width and is
    // the same for every way of reading weights.
    let shows = case.parts.len() > 1 && TYPES.contains(&case.ggml_type);
    if shows && case.n_token == 1 && case.n_in.is_multiple_of(32) {
        product_of(rig, case, true);
    }
}

/// Added to the mean square in norms.
const EPS: f32 = 1e-5;

/// What a product is given, and what its twin makes of it.
struct Data {
    bytes: Vec<u8>,
    rows_per_output: usize,
    x: Vec<f32>,
    norm: Vec<f32>,
    /// None with `Swiglu`.
    bias: Option<Vec<f32>>,
    /// What stands in y before.
    before: Vec<f32>,
    want: Vec<f32>,
}

impl Data {
    fn new(case: &Case, normed: bool) -> Self {
        let n_out: usize = case.parts.iter().sum();
        let (rows_per_output, epilogue) = match case.epilogue {
            Epilogue::Store => (1, twin::Epilogue::Store),
            Epilogue::Add => (1, twin::Epilogue::Add),
            Epilogue::Swiglu => (2, twin::Epilogue::Swiglu),
            Epilogue::Gated => (1, twin::Epilogue::Gated),
        };
        let bytes = noise::rows(5, case.ggml_type, n_out * rows_per_output, case.n_in);
        let n_x = case.n_token * case.n_in;
        let (x, norm): (_, Vec<f32>) = match case.activations {
            ActivationType::F32 => (noise::f32s(6, n_x), noise::f32s(9, case.n_in)),
            // What a block is multiplied by moves no value to another step.
            ActivationType::Int8 => {
                let norm = (0..case.n_in).map(|i| [2.0, -0.5][i / 32 % 2]);
                (noise::steps(6, n_x), norm.collect())
            }
        };
        let mut input = x.clone();
        if normed {
            twin::rms_norm(&x, &norm, case.n_in, EPS, &mut input);
        }
        if case.activations == ActivationType::Int8 {
            input = twin::quantized(&input);
        }
        let bias = (case.epilogue != Epilogue::Swiglu).then(|| noise::f32s(8, n_out));
        let before = noise::f32s(7, case.n_token * n_out);
        let mut want = before.clone();
        let w = dequantize(case.ggml_type, &bytes, case.n_in);
        let bias_of = bias.as_deref();
        twin::matmul(&w, &input, bias_of, case.n_in, epilogue, &mut want);
        Self {
            bytes,
            rows_per_output,
            x,
            norm,
            bias,
            before,
            want,
        }
    }
}

fn product_of(rig: &mut Rig, case: &Case, normed: bool) {
    let data = Data::new(case, normed);
    let n_out: usize = case.parts.iter().sum();
    let weight = weight(rig, case, &data.bytes, data.rows_per_output);
    let bias = rig.storage(data.bias.as_deref().unwrap_or(&[0.0; 4]));
    let x = rig.storage(&padded_rows(&data.x, case.n_in));
    let n_block = case.n_token * case.n_in.div_ceil(32);
    let blocks = rig.storage(&vec![QuantizedBlock::zeroed(); n_block]);
    // One token's x goes to int8 on its way; many tokens' went there before.
    let is_quantized = case.activations == ActivationType::Int8 && case.n_token > 1;
    // Rows of y lie further apart than they are long; what lies between must stay.
    let y_stride = n_out.next_multiple_of(4) + 4;
    let y = rig.storage(&spread(&data.before, n_out, y_stride));
    let product = Product {
        weight: &weight,
        bias: &bias,
        x: if is_quantized { &blocks } else { &x },
        activations: case.activations,
        y: &y,
        y_stride: narrow(y_stride),
        epilogue: case.epilogue,
    };
    let step = rig.step(Step {
        n_token: narrow(case.n_token),
        ..Step::default()
    });
    let norm = rig.storage(&data.norm);
    let norm = NormedInput {
        weight: &norm,
        eps: EPS,
    };
    rig.run(case.n_token, |rec| {
        if case.n_token == 1 {
            return ops::matvec(rec, &product, normed.then_some(norm));
        }
        if is_quantized {
            ops::quantize(rec, narrow(case.n_in), &step, &x, &blocks);
        }
        ops::matmul(rec, &product, &step, case.n_token_max);
    });
    let got = rig.read(&y, case.n_token * y_stride);
    let name = format!(
        "{} {:?} by {}, {} x {}{} -> {:?}, {}",
        case.ggml_type.name(),
        case.epilogue,
        case.activations.name(),
        case.n_token,
        case.n_in,
        if normed { " normed" } else { "" },
        case.parts,
        rig.name()
    );
    check(&name, &got, &spread(&data.want, n_out, y_stride), F32);
}

/// Each part holds its own outputs' rows: with `Swiglu` its gate rows, then its up rows.
fn weight(rig: &Rig, case: &Case, bytes: &[u8], rows_per_output: usize) -> Weight {
    let n_out: usize = case.parts.iter().sum();
    let rows: Vec<&[u8]> = bytes
        .chunks_exact(row_bytes(case.ggml_type, case.n_in))
        .collect();
    let mut ordered = Vec::with_capacity(bytes.len());
    let mut begin = 0;
    for &n in &case.parts {
        for half in 0..rows_per_output {
            for row in &rows[half * n_out + begin..half * n_out + begin + n] {
                ordered.extend_from_slice(row);
            }
        }
        begin += n;
    }
    let n_rows: Vec<usize> = case.parts.iter().map(|n| n * rows_per_output).collect();
    let mut weight = rig.weight(case.ggml_type, &ordered, case.n_in, &n_rows);
    // `row_begin` counts outputs.
    for part in &mut weight.parts {
        part.row_begin /= narrow(rows_per_output);
    }
    weight
}

/// Rows of x, padded with zeros to whole blocks of 32.
fn padded_rows(x: &[f32], n_in: usize) -> Vec<f32> {
    let mut padded = Vec::new();
    for row in x.chunks_exact(n_in) {
        padded.extend(row);
        padded.resize(padded.len().next_multiple_of(32), 0.0);
    }
    padded
}

/// Rows of y, `y_stride` apart, with a mark between them.
fn spread(y: &[f32], n_out: usize, y_stride: usize) -> Vec<f32> {
    let mut spread = Vec::new();
    for row in y.chunks_exact(n_out) {
        spread.extend(row);
        spread.resize(spread.len() + y_stride - n_out, 0.25);
    }
    spread
}
