//! `ggweb bench`: speed of prefill and decode.

use cpu_time::ProcessTime;
use ggweb_engine::{BenchReport, ModelInfo, Rate};
use serde_json::{Value as Json, json};

use crate::args::BenchArgs;
use crate::{Result, interrupt, load, output};

pub(crate) fn bench(args: &BenchArgs) -> Result<()> {
    let abort = interrupt::on_ctrl_c()?;
    let mut model = pollster::block_on(load::load(&args.engine, &abort))?;
    let start = ProcessTime::now();
    // Of all threads, those of a software adapter too.
    let cpu_s = || start.elapsed().as_secs_f64();
    let sizes = (args.n_prefill, args.n_decode, args.n_repeat);
    let report = pollster::block_on(model.bench(sizes, Some(&cpu_s), &abort))?;
    match args.json {
        true => {
            let kl = model.gate().map(|gate| gate.mean_kl);
            output::line(json(model.info(), kl, &report).to_string())
        }
        false => output::line(table(args, model.info(), &report)),
    }
}

fn json(info: &ModelInfo, kl: Option<f64>, report: &BenchReport) -> Json {
    let rate = |rate: &Rate| json!({ "median": rate.median, "min": rate.min, "max": rate.max });
    json!({
        "prefill": {
            "tok_s": rate(&report.prefill_tok_s),
            "tok_cpu_s": report.prefill_tok_cpu_s.as_ref().map(rate),
        },
        "decode": {
            "tok_s": rate(&report.decode_tok_s),
            "tok_cpu_s": report.decode_tok_cpu_s.as_ref().map(rate),
        },
        "bytes_per_token": report.bytes_per_token,
        "gb_s": report.gb_s,
        "dispatches_per_token": report.dispatches_per_token,
        "adapter": info.adapter,
        "tier": info.tier,
        "params": info.params,
        "activations": info.activations,
        "activations_kl": kl,
        "logits_hash": format!("{:016x}", report.logits_hash),
    })
}

fn table(args: &BenchArgs, info: &ModelInfo, report: &BenchReport) -> String {
    let row = |name: String, rate: &Rate, cpu: Option<&Rate>| {
        let Rate { median, min, max } = rate;
        let cpu = cpu
            .map(|rate| format!(", {:.1} tok per CPU second", rate.median))
            .unwrap_or_default();
        format!(
            "{name:12} {median:9.1} tok/s ({min:.1} to {max:.1}), {:.2} ms/token{cpu}",
            1000.0 / median
        )
    };
    [
        row(format!("prefill_{}", args.n_prefill), &report.prefill_tok_s, report.prefill_tok_cpu_s.as_ref()),
        row(format!("decode_{}", args.n_decode), &report.decode_tok_s, report.decode_tok_cpu_s.as_ref()),
        format!(
            "{} bytes per token, {:.2} GB/s, {} dispatches per token, {}, {} tier, {} parameters, {} activations, logits {:016x}",
            report.bytes_per_token,
            report.gb_s,
            report.dispatches_per_token,
            info.adapter,
            info.tier,
            info.params,
            info.activations,
            report.logits_hash,
        ),
    ]
    .join("\n")
}
