//! Readers of the expected results in `../shared/data`; its `MANIFEST.md` files define the fields.

use ggweb_gguf::GgmlType;
use serde_json::Value;

use crate::data::shared_file;
use crate::decode_f32s;

/// Every generated `llama` file that can be run, without its ending: for [`ArchGolden::read`].
pub const GENERATED: [&str; 19] = [
    "arch/llama-attnbias",
    "arch/llama-bigvocab",
    "arch/llama-gqa",
    "arch/llama-hd112",
    "arch/llama-hd128",
    "arch/llama-hd192",
    "arch/llama-hd256",
    "arch/llama-hd32",
    "arch/llama-hd40",
    "arch/llama-hd48",
    "arch/llama-hd64",
    "arch/llama-hd80",
    "arch/llama-hd96",
    "arch/llama-linear",
    "arch/llama-mha-tied",
    "arch/llama-rope3",
    "arch/llama-wide",
    "arch/llama-wideff",
    "arch/mistral",
];

/// The same of a small llama in each type of weights, and of mixtures of them.
#[must_use]
pub fn quantized() -> Vec<String> {
    let types = GgmlType::of_weights().map(|ggml_type| ggml_type.name());
    let mixed =
        ["Q2_K", "Q3_K_L", "Q4_K_M", "Q5_K_M"].map(|name| format!("quants/mix/llama256-{name}"));
    let pure = types.map(|name| format!("quants/llama256-{name}"));
    pure.chain(mixed).collect()
}

/// Expected results of a trained model: `models/golden/*.json`.
#[derive(Debug)]
pub struct ModelGolden {
    /// Its prompts.
    pub prompts: Vec<Prompt>,
    /// Ids of a real text.
    pub nll_ids: Vec<u32>,
    /// Negative log-likelihood of each id of the text after the first.
    pub token_nll: Vec<f64>,
}

/// One prompt of a trained model.
#[derive(Debug)]
pub struct Prompt {
    /// The prompt's ids.
    pub ids: Vec<u32>,
    /// Argmax and largest and smallest logit at each position of the prompt.
    pub per_position: Vec<Extremes>,
    /// The 16 largest logits at the last position.
    pub top_logits: Vec<(u32, f64)>,
    /// Their log-probabilities.
    pub top_logprobs: Vec<(u32, f64)>,
    /// What greedy decoding appends.
    pub greedy: Vec<Step>,
}

/// One step of greedy decoding.
#[derive(Debug)]
pub struct Step {
    /// The chosen id; the end-of-sequence id at a last step, which the golden does not print.
    pub id: u32,
    /// Largest minus second largest logit.
    pub margin: f64,
}

/// What a golden says of the logits at one position.
#[derive(Debug)]
pub struct Extremes {
    /// Id of the largest.
    pub argmax: u32,
    /// The largest.
    pub max: f64,
    /// The smallest.
    pub min: f64,
}

/// Expected results of a generated model: `arch/*.golden.json`, `quants/*.golden.json`.
#[derive(Debug)]
pub struct ArchGolden {
    /// The architecture's name.
    pub arch: String,
    /// Its prompts.
    pub prompts: Vec<ArchPrompt>,
}

/// One prompt of a generated model.
#[derive(Debug)]
pub struct ArchPrompt {
    /// The golden's name of it.
    pub name: String,
    /// The prompt's ids.
    pub ids: Vec<u32>,
    /// `[n_vocab]` at the last position.
    pub logits_last: Vec<f32>,
    /// `[n_token, n_vocab]`, where the golden has it.
    pub logits_all: Option<Vec<f32>>,
    /// `[n_layer + 1, n_embd]` at the last position, where the golden has it: the residual stream, the
    /// last row after the final norm.
    pub hidden_last: Option<Vec<f32>>,
    /// What greedy decoding appends.
    pub greedy: Vec<Step>,
    /// KL divergence that llama.cpp's own quantization of activations costs at the last position, where the golden
    /// has it.
    pub asrun_kl: Option<f64>,
}

impl ModelGolden {
    /// Reads `models/golden/{name}.json`.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        let json = read_json(&format!("models/golden/{name}.json"))?;
        let eos = id(&json["eos"]);
        let prompts = list(&json["prompts"]).iter();
        Some(Self {
            prompts: prompts
                .map(|prompt| Prompt::from_json(prompt, eos))
                .collect(),
            nll_ids: ids(&json["nll"]["ids"]),
            token_nll: numbers(&json["nll"]["token_nll"]),
        })
    }
}

impl Prompt {
    fn from_json(json: &Value, eos: u32) -> Self {
        Self {
            ids: ids(&json["ids"]),
            per_position: list(&json["per_position"])
                .iter()
                .map(Extremes::from_json)
                .collect(),
            top_logits: pairs(&json["last_top16_logits"]),
            top_logprobs: pairs(&json["last_top16_logprobs"]),
            greedy: steps(&json["greedy_ids"], &json["greedy_margin"], Some(eos)),
        }
    }
}

impl Extremes {
    fn from_json(json: &Value) -> Self {
        Self {
            argmax: id(&json["argmax"]),
            max: number(&json["max"]),
            min: number(&json["min"]),
        }
    }
}

impl ArchGolden {
    /// Reads `{path}.golden.json`, for example of `arch/llama-gqa`.
    #[must_use]
    pub fn read(path: &str) -> Option<Self> {
        let json = read_json(&format!("{path}.golden.json"))?;
        Some(Self {
            arch: json["arch"].as_str().unwrap_or_default().into(),
            prompts: list(&json["prompts"])
                .iter()
                .map(ArchPrompt::from_json)
                .collect(),
        })
    }
}

impl ArchPrompt {
    fn from_json(json: &Value) -> Self {
        let f32s = |key: &str| json[key].as_str().map(decode_f32s);
        Self {
            name: json["name"].as_str().expect("a prompt has a name").into(),
            ids: ids(&json["tokens"]),
            logits_last: f32s("logits_last_f32_b64").expect("a prompt has its last logits"),
            logits_all: f32s("logits_all_f32_b64"),
            hidden_last: f32s("hidden_last_pos_f32_b64"),
            greedy: steps(&json["greedy32"], &json["greedy_top2_gap"], None),
            asrun_kl: json["asrun_kl"].as_f64(),
        }
    }
}

fn read_json(path: &str) -> Option<Value> {
    let text = shared_file(path)?;
    Some(serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{path}: {error}")))
}

fn list(json: &Value) -> &[Value] {
    json.as_array().expect("the golden has a list here")
}

fn number(json: &Value) -> f64 {
    json.as_f64().expect("the golden has a number here")
}

fn id(json: &Value) -> u32 {
    let id = json.as_u64().expect("the golden has an id here");
    u32::try_from(id).expect("an id is 32 bits wide")
}

fn numbers(json: &Value) -> Vec<f64> {
    list(json).iter().map(number).collect()
}

fn ids(json: &Value) -> Vec<u32> {
    list(json).iter().map(id).collect()
}

fn pairs(json: &Value) -> Vec<(u32, f64)> {
    list(json)
        .iter()
        .map(|pair| (id(&pair[0]), number(&pair[1])))
        .collect()
}

/// Ids with their margins; one margin more than ids means that the step after them chose `eos`.
fn steps(chosen: &Value, margins: &Value, eos: Option<u32>) -> Vec<Step> {
    let chosen = ids(chosen).into_iter().chain(eos);
    chosen
        .zip(numbers(margins))
        .map(|(id, margin)| Step { id, margin })
        .collect()
}
