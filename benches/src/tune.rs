//! `--tune`: a grid of parameters for each op, shape and type, and what it says of the parameter table.

use std::collections::BTreeMap;

use ggweb_gpu::ops::Epilogue;
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::cell;
use crate::error::{Error, Result};
use crate::order::{Cell, Forecast};
use crate::report::{self, Run};
use crate::tunings::{Tuning, grid};
use crate::work::Work;

/// Timed rounds of one candidate.
const ROUNDS: u32 = 3;
/// How many of a class's parameters are printed.
const SHOWN: usize = 3;

/// What a cell took with each of the parameters that were tried, in microseconds; the set's own come first.
struct Tried {
    cell: Cell,
    n_grid: usize,
    times: Vec<(Tuning, f64)>,
}

impl Tried {
    fn best(&self) -> Option<(Tuning, f64)> {
        self.times
            .iter()
            .copied()
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// Tries the grid for every cell that has one, until the budget is spent, and prints the winners.
pub(crate) async fn tune(bench: &mut Bench<'_>, cells: &[Cell], run: &Run) -> Result<Value> {
    (bench.host.print)(
        "op/columns/model/matrix/type: the set's own us, the best us, how much faster, the best",
    );
    let mut forecast = Forecast::new(bench.args.budget * 1000.0, run.ceilings.fma.wall_rate);
    let (mut all, mut left_out) = (Vec::new(), Vec::new());
    let is_tunable =
        |cell: &&Cell| matches!(cell.work, Work::Product { .. } | Work::Attention { .. });
    let cells: Vec<Cell> = cells.iter().filter(is_tunable).copied().collect();
    for &cell in &cells {
        if !forecast.fits(&cell, (bench.left_ms)()) {
            left_out.push(cell);
            continue;
        }
        let tried = try_all(bench, cell, run, &mut forecast).await?;
        if let (Some(own), Some(best)) = (tried.times.first(), tried.best()) {
            (bench.host.print)(&format!(
                "{:38} {:10.1} {:10.1} {:5.2}  {}{}",
                cell.work.name(),
                own.1,
                best.1,
                own.1 / best.1,
                best.0.row(),
                match tried.times.len() {
                    n if n < tried.n_grid => format!(" ({n} of {} tried)", tried.n_grid),
                    _ => String::new(),
                },
            ));
        }
        all.push(tried);
    }
    let classes = classes(&all);
    for line in class_lines(&classes) {
        (bench.host.print)(&line);
    }
    for line in report::left_out(&left_out, bench.sets, cells.len()) {
        (bench.host.print)(&line);
    }
    let left_out: Vec<String> = left_out.iter().map(|cell| cell.work.name()).collect();
    Ok(json!({
        "tuned": all.iter().map(to_json).collect::<Vec<_>>(),
        "best_by_class": classes.iter().map(|(name, ranked)| json!({
            "class": name,
            "rows": ranked.iter().map(|it| json!({ "tuning": it.tuning.row(), "slower_than_best": it.factor }))
                .collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "left_out": left_out,
    }))
}

async fn try_all(
    bench: &mut Bench<'_>,
    cell: Cell,
    run: &Run,
    forecast: &mut Forecast,
) -> Result<Tried> {
    let set = &bench.sets[cell.set];
    let index = bench.open(set.base).await?;
    let left_ms = bench.left_ms;
    let context = &mut bench.contexts[index].1;
    let own = set.tuning(context.device.caps(), &cell.work)?;
    let mut candidates = grid(context.device.caps(), &cell.work);
    candidates.retain(|tuning| *tuning != own);
    candidates.insert(0, own);
    let activations = set.activations(&cell.work);
    let mut times = Vec::new();
    for tuning in &candidates {
        if !times.is_empty() && !forecast.fits(&cell, left_ms()) {
            break;
        }
        match cell::time(context, &cell.work, (tuning, activations), ROUNDS).await {
            Ok(timing) => {
                if *tuning == own {
                    forecast.learn(&cell, timing.wall_us / 1000.0);
                }
                times.push((*tuning, timing.us(run.is_by_cpu)));
            }
            // A driver may refuse one text and take the others.
            Err(Error::Gpu(ggweb_gpu::Error::Pipeline { reason, .. })) => {
                let text = format!("{} refuses {}: {reason}", cell.work.name(), tuning.row());
                (bench.host.print)(&text);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Tried {
        cell,
        n_grid: candidates.len(),
        times,
    })
}

fn to_json(tried: &Tried) -> Value {
    let times = tried
        .times
        .iter()
        .map(|(tuning, us)| json!({ "tuning": tuning.row(), "us": us }));
    json!({
        "name": tried.cell.work.name(),
        "grid": tried.n_grid,
        "tried": times.collect::<Vec<_>>(),
    })
}

/// Parameters, and how much slower than the best of each cell they are: a geometric mean.
struct Ranked {
    tuning: Tuning,
    factor: f64,
    n_cell: usize,
    is_own: bool,
}

/// What the parameter table could tell apart: op, SwiGLU or not, and rows or columns roughly.
fn class(work: &Work) -> String {
    match *work {
        Work::Product {
            model,
            matrix,
            columns,
            ..
        } => {
            let kind = if matrix.epilogue() == Epilogue::Swiglu {
                "SwiGLU"
            } else {
                "plain"
            };
            let n_row = matrix.shape(model).0;
            let size = match (columns, n_row) {
                (1, ..1024) => "fewer than 1024 rows",
                (1, ..8192) => "1024 to 8191 rows",
                (1, _) => "8192 rows or more",
                (..=8, _) => "2 to 8 columns",
                (..=32, _) => "32 columns",
                _ => "128 columns or more",
            };
            format!("{}, {kind}, {size}", work.op())
        }
        _ => {
            let phase = if work.columns() == 1 {
                "one token"
            } else {
                "many tokens"
            };
            format!("{}, head_dim {}, {phase}", work.op(), work.model().head_dim)
        }
    }
}

/// The parameters that every cell of a class tried, the best first, and where the sets' own stand.
fn classes(all: &[Tried]) -> BTreeMap<String, Vec<Ranked>> {
    let mut groups: BTreeMap<String, Vec<&Tried>> = BTreeMap::new();
    for tried in all.iter().filter(|tried| tried.times.len() == tried.n_grid) {
        groups
            .entry(class(&tried.cell.work))
            .or_default()
            .push(tried);
    }
    let rank = |group: &Vec<&Tried>| {
        let mut ranked: Vec<Ranked> = group[0]
            .times
            .iter()
            .filter_map(|(tuning, _)| ranked(*tuning, group))
            .collect();
        ranked.sort_by(|a, b| a.factor.total_cmp(&b.factor));
        ranked
    };
    groups
        .iter()
        .map(|(name, group)| (name.clone(), rank(group)))
        .collect()
}

fn ranked(tuning: Tuning, group: &[&Tried]) -> Option<Ranked> {
    let mut log = 0.0;
    for tried in group {
        let (_, us) = tried.times.iter().find(|(known, _)| *known == tuning)?;
        log += (us / tried.best()?.1).ln();
    }
    Some(Ranked {
        tuning,
        factor: (log / group.len() as f64).exp(),
        n_cell: group.len(),
        is_own: group.iter().any(|tried| tried.times[0].0 == tuning),
    })
}

fn class_lines(classes: &BTreeMap<String, Vec<Ranked>>) -> Vec<String> {
    let mut lines = vec![
        "rows of crates/gpu/src/tuning.rs: the best over all cells of a class, and how much slower than each cell's own best"
            .to_owned(),
    ];
    for (name, ranked) in classes {
        for (i, row) in ranked.iter().enumerate() {
            if i >= SHOWN && !row.is_own {
                continue;
            }
            let own = if row.is_own { ", the set's own" } else { "" };
            lines.push(format!(
                "// {name}: {:.2} over {} cells{own}",
                row.factor, row.n_cell
            ));
            lines.push(format!("{},", row.tuning.row()));
        }
    }
    lines
}
