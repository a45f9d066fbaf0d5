//! The formats, the particular ones before those whose marks they have too.

mod json;
mod other;
mod tags;

use super::format::{CallSyntax, OutputFormat};

const THINK: &[(&str, &str)] = &[("<think>", "</think>")];

/// Of most families.
const STOPS: &[&str] = &[
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end_of_text|>",
    "</s>",
    "<｜end▁of▁sentence｜>",
];

/// What most rows have in common.
const BASE: OutputFormat = OutputFormat {
    name: "",
    models: "",
    example: "",
    needles: &[],
    calls: CallSyntax::None,
    reasoning: THINK,
    skip: &[],
    stops: STOPS,
    messages: None,
};

/// Every format; the last one stands for models without tools.
pub const FORMATS: &[OutputFormat] = &[
    other::GPT_OSS,
    tags::MUSE,
    tags::DEEPSEEK_DSML,
    other::DEEPSEEK_V3,
    other::DEEPSEEK_V3_1,
    other::KIMI_K2,
    tags::KIMI_K3,
    tags::MINIMAX_M3,
    tags::MINIMAX_M2,
    tags::SEED_OSS,
    tags::HUNYUAN,
    tags::QWEN3_CODER,
    tags::GLM,
    other::GEMMA,
    other::FUNCTIONGEMMA,
    other::MISTRAL,
    json::COMMAND_R,
    json::COMMAND_R_PLUS,
    other::LFM2,
    other::SOLAR,
    other::FUNCTIONARY_V3_2,
    other::FUNCTIONARY_V3_1,
    tags::MINICPM5,
    json::TOOL_CALLS_JSON,
    json::REKA,
    json::HERMES,
    json::NEMOTRON,
    json::APERTUS,
    json::GIGACHAT,
    json::GRANITE,
    json::FIREFUNCTION,
    json::LLAMA3,
    other::TEXT,
];
