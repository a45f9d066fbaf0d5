//! The table and the JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::ceilings::Ceilings;
use crate::context::{Context, Timing};
use crate::order::Cell;
use crate::sets::Set;
use crate::tunings::Tuning;

/// What is the same for all rows.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) ceilings: Ceilings,
    /// Rates are per CPU second and not per wall second.
    pub(crate) is_by_cpu: bool,
}

/// A cell that was timed.
#[derive(Debug, Clone)]
pub(crate) struct Row<'a> {
    pub(crate) cell: Cell,
    pub(crate) set: &'a Set,
    pub(crate) tuning: Tuning,
    pub(crate) timing: Timing,
}

impl Row<'_> {
    /// Bytes and operations per microsecond.
    fn rates(&self, run: &Run) -> (f64, f64) {
        let us = self.timing.us(run.is_by_cpu);
        (self.cell.work.bytes() / us, self.cell.work.flops() / us)
    }

    /// The line of the table.
    pub(crate) fn line(&self, run: &Run) -> String {
        let (bytes, flops) = self.rates(run);
        let Timing {
            wall_us,
            wall_median_us,
            cpu_us,
            first_ms,
            ..
        } = self.timing;
        let cpu = cpu_us.map_or_else(|| "-".to_owned(), |us| format!("{us:.1}"));
        let read = 100.0 * bytes / run.ceilings.read.rate;
        let fma = 100.0 * flops / run.ceilings.fma.rate;
        format!(
            "{:38} {wall_us:10.1} {wall_median_us:10.1} {cpu:>10} {:8.2} {:9.1} {read:5.1} {fma:5.1} {first_ms:8.0}  {}",
            self.cell.work.name(),
            bytes / 1e3,
            flops / 1e3,
            self.set.name,
        )
    }

    /// The row as JSON, with what the table has no room for.
    pub(crate) fn json(&self, run: &Run) -> Value {
        let (bytes, flops) = self.rates(run);
        let work = &self.cell.work;
        json!({
            "name": work.name(),
            "op": work.op(),
            "columns": work.columns(),
            "model": work.model().source,
            "type": work.ggml_type().map(|ggml_type| ggml_type.name()),
            "set": self.set.name,
            "tuning": self.tuning.row(),
            "wall_us": self.timing.wall_us,
            "wall_median_us": self.timing.wall_median_us,
            "cpu_us": self.timing.cpu_us,
            "first_ms": self.timing.first_ms,
            "runs_per_round": self.timing.n_run,
            "copies": self.timing.n_copy,
            "bytes": work.bytes(),
            "flops": work.flops(),
            "gb_s": bytes / 1e3,
            "gflop_s": flops / 1e3,
            "read_share": bytes / run.ceilings.read.rate,
            "fma_share": flops / run.ceilings.fma.rate,
        })
    }
}

/// The lines above the table.
pub(crate) fn head(context: &Context<'_>, run: &Run) -> Vec<String> {
    let Ceilings { read, fma } = &run.ceilings;
    let clock = if run.is_by_cpu {
        "CPU second of the process"
    } else {
        "wall second"
    };
    let mib = context.arena.working_set_bytes() >> 20;
    vec![
        format!(
            "adapter {}, tier {}, rates per {clock}, an empty submit and its wait {:.2} ms",
            context.device.adapter(),
            context.device.caps().tier(),
            context.wait_ms,
        ),
        format!(
            "weights, keys and values cycle through up to {mib} MiB: copies of a matrix in turn, as many as a whole \
             model of its type would fill"
        ),
        format!(
            "ceiling read  {:8.2} GB/s ({:.2} per wall second): {}",
            read.rate / 1e3,
            read.wall_rate / 1e3,
            read.variant
        ),
        format!(
            "ceiling fma   {:8.1} GFLOP/s ({:.1} per wall second): {}",
            fma.rate / 1e3,
            fma.wall_rate / 1e3,
            fma.variant
        ),
    ]
}

/// The line below the table: whether the machine kept its pace, and so what shares are worth.
pub(crate) fn drift(run: &Run, end: &Ceilings) -> String {
    let percent = |now: f64, then: f64| 100.0 * now / then;
    format!(
        "ceilings at the end: read {:.2} GB/s, {:.0} % of the first; fma {:.1} GFLOP/s, {:.0} %",
        end.read.rate / 1e3,
        percent(end.read.rate, run.ceilings.read.rate),
        end.fma.rate / 1e3,
        percent(end.fma.rate, run.ceilings.fma.rate),
    )
}

/// The names of the table's columns.
pub(crate) fn columns() -> String {
    format!(
        "{:38} {:>10} {:>10} {:>10} {:>8} {:>9} {:>5} {:>5} {:>8}  set",
        "op/columns/model/matrix/type",
        "wall us",
        "median",
        "cpu us",
        "GB/s",
        "GFLOP/s",
        "%read",
        "%fma",
        "first ms",
    )
}

/// What the budget left out, by set, op, columns and model, with the number of cells.
pub(crate) fn left_out(cells: &[Cell], sets: &[Set], n_all: usize) -> Vec<String> {
    if cells.is_empty() {
        return vec![format!("none of {n_all} cells was left out")];
    }
    // Shapes with their number of cells, by set and op.
    let mut groups = BTreeMap::<_, BTreeMap<_, usize>>::new();
    for cell in cells {
        let (work, shapes) = (&cell.work, groups.entry((cell.set, cell.work.op())));
        let shape = (work.columns(), work.model().name);
        *shapes.or_default().entry(shape).or_default() += 1;
    }
    let mut lines = vec![format!(
        "left out for the budget: {} of {n_all} cells, by columns/model and number",
        cells.len()
    )];
    for ((set, op), shapes) in groups {
        let shapes: Vec<String> = shapes
            .iter()
            .map(|((columns, model), n)| format!("{columns}/{model} {n}"))
            .collect();
        lines.push(format!(
            "  {op} ({}): {}",
            sets[set].name,
            shapes.join(", ")
        ));
    }
    lines
}

/// The report of a run.
pub(crate) fn json(context: &Context<'_>, run: &Run, end: &Ceilings, body: Value) -> Value {
    let Ceilings { read, fma } = &run.ceilings;
    let mut report = json!({
        "adapter": context.device.adapter(),
        "tier": context.device.caps().tier(),
        "is_software": context.device.is_software(),
        "rates_per": if run.is_by_cpu { "cpu_second" } else { "wall_second" },
        "empty_submit_ms": context.wait_ms,
        "working_set_bytes": context.arena.working_set_bytes(),
        "ceilings": {
            "read_gb_s": read.rate / 1e3,
            "read_gb_per_wall_s": read.wall_rate / 1e3,
            "read_variant": read.variant,
            "fma_gflop_s": fma.rate / 1e3,
            "fma_gflop_per_wall_s": fma.wall_rate / 1e3,
            "fma_variant": fma.variant,
            "read_gb_s_at_end": end.read.rate / 1e3,
            "fma_gflop_s_at_end": end.fma.rate / 1e3,
        },
    });
    if let (Value::Object(report), Value::Object(body)) = (&mut report, body) {
        report.extend(body);
    }
    report
}
