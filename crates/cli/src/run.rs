//! `ggweb run`: goes on with a prompt.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use ggweb_engine::{
    Abort, GenerateOptions, Generation, Model, ModelInfo, Prompt, SamplerOptions, StopReason,
};
use serde_json::json;

use crate::args::RunArgs;
use crate::{Result, interrupt, load, output};

pub(crate) fn run(args: &RunArgs) -> Result<ExitCode> {
    let abort = interrupt::on_ctrl_c()?;
    let mut model = pollster::block_on(load::load(&args.engine, &abort))?;
    let prompt = match (&args.input.tokens, &args.input.prompt) {
        (Some(ids), _) => Prompt::Tokens(ids.clone()),
        (None, prompt) => Prompt::Text(prompt.clone().unwrap_or_default()),
    };
    let options = GenerateOptions {
        n_predict: args.n_predict,
        ignore_eos: args.ignore_eos,
        sampler: SamplerOptions {
            temperature: args.temp,
            top_k: args.top_k,
            top_p: args.top_p,
            min_p: args.min_p,
            repeat_penalty: args.repeat_penalty,
            seed: args.seed,
            ..Default::default()
        },
    };
    let generation = generate(args, &mut model, prompt, &options, &abort)?;
    match args.json {
        true => output::line(json(&model, &generation).to_string())?,
        false => closing_line(&model, &generation)?,
    }
    Ok(match generation.stop_reason {
        StopReason::Aborted => interrupt::EXIT_CODE.into(),
        _ => ExitCode::SUCCESS,
    })
}

/// Generates, and streams what comes unless JSON is asked for.
fn generate(
    args: &RunArgs,
    model: &mut Model,
    prompt: Prompt,
    options: &GenerateOptions,
    abort: &Abort,
) -> Result<Generation> {
    let has_text = model.tokenizer().is_some();
    let mut stream = Stream {
        is_quiet: args.json,
        error: None,
    };
    if let Prompt::Text(text) = &prompt
        && io::stdout().is_terminal()
    {
        stream.write(text);
    }
    let mut on_piece = |text: &str, id: Option<u32>| match (has_text, id) {
        (true, _) => stream.write(text),
        (false, Some(id)) => stream.write(&format!("{id},")),
        (false, None) => (),
    };
    let generation = pollster::block_on(model.generate(&prompt, options, abort, &mut on_piece))?;
    stream.write("\n");
    match stream.error {
        Some(error) => Err(error.into()),
        None => Ok(generation),
    }
}

/// Standard output, written piece by piece; the first error is kept until the end.
struct Stream {
    is_quiet: bool,
    error: Option<io::Error>,
}

impl Stream {
    fn write(&mut self, text: &str) {
        if self.is_quiet || self.error.is_some() {
            return;
        }
        let mut stdout = io::stdout().lock();
        self.error = stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
            .err();
    }
}

fn json(model: &Model, generation: &Generation) -> serde_json::Value {
    let timings = &generation.timings;
    let info = model.info();
    json!({
        "prompt_tokens": generation.prompt_tokens,
        "tokens": generation.tokens,
        "text": generation.text,
        "stop_reason": generation.stop_reason.to_string(),
        "timings": {
            "load_ms": timings.load_ms,
            "ttft_ms": timings.ttft_ms,
            "prefill_ms": timings.prefill_ms,
            "decode_ms": timings.decode_ms,
            "prefill_tok_s": timings.prefill_tok_s,
            "decode_tok_s": timings.decode_tok_s,
        },
        "adapter": info.adapter,
        "tier": info.tier,
        "params": info.params,
        "activations": info.activations,
    })
}

/// One line on standard error: what was done, how fast, and by what.
fn closing_line(model: &Model, generation: &Generation) -> Result<()> {
    let (info, timings) = (model.info(), &generation.timings);
    let (n_prompt, n_generated) = (generation.prompt_tokens.len(), generation.tokens.len());
    let mut line = format!("{n_prompt} prompt + {n_generated} generated tokens");
    if n_generated > 0 {
        write!(line, ", TTFT {:.0} ms", timings.ttft_ms)?;
    }
    // The first token belongs to the prefill: one alone has no speed.
    let tok_s = timings.decode_tok_s;
    if tok_s > 0.0 {
        let ms_per_token = 1000.0 / tok_s;
        let gb_s = info.bytes_per_token as f64 * tok_s / 1e9;
        write!(
            line,
            ", {tok_s:.1} tok/s, {ms_per_token:.1} ms/token, {gb_s:.2} GB/s"
        )?;
    }
    let ModelInfo {
        adapter,
        tier,
        params,
        activations,
        ..
    } = info;
    writeln!(
        io::stderr(),
        "\n{line}, {adapter} ({tier} tier, {params} parameters, {activations} activations)"
    )?;
    Ok(())
}
