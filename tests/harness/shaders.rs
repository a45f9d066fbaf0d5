//! Every text that the ops can join, over tiers, parameter sets, formats and cache types.

use ggweb_gguf::{GgmlType, Kind};
use ggweb_gpu::Caps;
use ggweb_gpu::caps::ParamSet;
use ggweb_gpu::ops::{
    ActivationType, AttentionShape, Epilogue, KvType, MatvecInput, argmax_shader,
    attention_merge_shader, attention_shader, get_rows_shader, matmul_shader, matvec_shader,
    quantize_shader, repack_shaders, rms_norm_shader, rope_kv_shader,
};
use ggweb_gpu::shader::Shader;
use ggweb_gpu::tuning::FEW_TOKENS;

/// What an adapter may report: none, one size as software adapters and GPUs have it, or a range.
const SUBGROUPS: [Option<(u32, u32)>; 6] = [
    None,
    Some((4, 4)),
    Some((8, 8)),
    Some((32, 32)),
    Some((64, 64)),
    Some((8, 32)),
];

/// Parameter sets and most lanes of a workgroup; fewer lanes first, so that a shader of both counts as one of them.
const SETS: [(ParamSet, u32); 3] = [
    (ParamSet::Software, 256),
    (ParamSet::Gpu, 128),
    (ParamSet::Gpu, 256),
];

const EPILOGUES: [Epilogue; 4] = [
    Epilogue::Store,
    Epilogue::Add,
    Epilogue::Swiglu,
    Epilogue::Gated,
];
const KV_TYPES: [(KvType, KvType); 4] = [
    (KvType::F32, KvType::F32),
    (KvType::F16, KvType::F16),
    (KvType::F16, KvType::F32),
    (KvType::F32, KvType::F16),
];

/// Widths of a head: one chunk of 8, whole powers of two of them, and others.
const HEAD_DIMS: [u32; 5] = [8, 16, 64, 80, 256];

/// Each distinct shader once, with capabilities that it was joined for.
#[must_use]
pub fn every_shader() -> Vec<(Caps, Shader)> {
    let mut every: Vec<(Caps, Shader)> = Vec::new();
    for f16 in [false, true] {
        for subgroups in SUBGROUPS {
            for (params, max_lanes) in SETS {
                let caps = Caps {
                    f16,
                    subgroups,
                    params,
                    max_lanes,
                    enable_subgroups: false,
                };
                for shader in shaders(&caps) {
                    if !every.iter().any(|(_, known)| *known == shader) {
                        every.push((caps, shader));
                    }
                }
            }
        }
    }
    every
}

/// What the ops join for one set of capabilities.
#[must_use]
pub fn shaders(caps: &Caps) -> Vec<Shader> {
    let mut shaders = vec![
        argmax_shader(caps),
        rms_norm_shader(caps),
        quantize_shader(caps),
    ];
    for ggml_type in GgmlType::of_weights() {
        shaders.push(get_rows_shader(caps, ggml_type));
        shaders.extend(repack_shaders(ggml_type));
        for &activations in activations_of(ggml_type) {
            for epilogue in EPILOGUES {
                for n_token in [FEW_TOKENS, FEW_TOKENS + 1] {
                    let tuning = caps.matmul(epilogue, n_token);
                    let shader = matmul_shader(caps, ggml_type, epilogue, &tuning, activations);
                    shaders.push(shader);
                }
                // Few rows, and many.
                for n_row in [1, 512] {
                    let tuning = caps.matvec(n_row, epilogue);
                    for normed in [false, true] {
                        let input = MatvecInput {
                            normed,
                            activations,
                        };
                        shaders.push(matvec_shader(caps, ggml_type, epilogue, &tuning, input));
                    }
                }
            }
        }
    }
    for types in KV_TYPES {
        shaders.push(rope_kv_shader(caps, types, 32));
        for head_dim in HEAD_DIMS {
            shaders.extend(attention_shaders(caps, types, head_dim));
        }
    }
    shaders
}

/// How products with weights of a type may read their x.
///
/// # Panics
/// If the type has no kernels.
#[must_use]
pub fn activations_of(ggml_type: GgmlType) -> &'static [ActivationType] {
    match ggml_type.format().expect("a type of weights").kind {
        Kind::plain => &[ActivationType::F32],
        Kind::unsigned | Kind::signed => &[ActivationType::F32, ActivationType::Int8],
    }
}

fn attention_shaders(caps: &Caps, types: (KvType, KvType), head_dim: u32) -> [Shader; 3] {
    let shape = AttentionShape {
        n_head: 1,
        n_head_kv: 1,
        head_dim,
        q_stride: head_dim,
        out_stride: head_dim,
        scale: 1.0,
        page: 32,
        types,
    };
    let decode = caps.attention(head_dim, true);
    [
        attention_shader(caps, &shape, &caps.attention(head_dim, false)),
        attention_shader(caps, &shape, &decode),
        attention_merge_shader(caps, &shape, &decode),
    ]
}
