//! All of it in turn.

use std::path::PathBuf;

use clap::Parser;
use ggweb_gpu::caps::ParamSet;
use ggweb_gpu::{Clock, ParamsChoice};
use serde_json::{Value, json};

use crate::args::Args;
use crate::ceilings::Ceilings;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::order::{self, Cell, Forecast};
use crate::report::{self, Row, Run};
use crate::sets::{self, Set};
use crate::work::Work;
use crate::{cell, tune};

/// Timed rounds of a cell.
const ROUNDS: u32 = 5;

/// What a program or a page gives the bench.
#[expect(
    missing_debug_implementations,
    reason = "functions have nothing to show"
)]
#[derive(Clone, Copy)]
pub struct Host<'a> {
    /// Takes a line of the table.
    pub print: &'a dyn Fn(&str),
    /// CPU time of the process in seconds, where that can be had.
    pub cpu_seconds: &'a dyn Fn() -> Option<f64>,
}

/// What a run measured.
#[derive(Debug, Clone)]
pub struct Report {
    /// All of it, as JSON.
    pub json: String,
    /// Where the command line wants it.
    pub file: Option<PathBuf>,
}

/// Runs the bench with the words of a command line, without the program's name.
///
/// # Errors
/// [`Error`]: arguments that are wrong or ask for help, or a device that fails.
pub async fn bench(words: &[String], host: &Host<'_>) -> Result<Report> {
    let name = "ggweb-benches".to_owned();
    let args = Args::try_parse_from(std::iter::once(&name).chain(words))?;
    let clock = Clock::start();
    let sets = sets::chosen(&args)?;
    let mut bench = Bench {
        left_ms: &|| args.budget * 1000.0 - clock.elapsed_ms(),
        contexts: Vec::new(),
        args: &args,
        host,
        sets: &sets,
    };
    let first = sets.first().map_or(ParamsChoice::Auto, |set| set.base);
    let first = bench.open(first).await?;
    let context = &mut bench.contexts[first].1;
    let run = Run {
        ceilings: Ceilings::measure(context).await?,
        is_by_cpu: context.is_by_cpu(),
    };
    for line in report::head(context, &run) {
        (host.print)(&line);
    }
    let cells = bench.cells()?;
    bench.check(&cells).await?;
    let body = if args.tune {
        tune::tune(&mut bench, &cells, &run).await?
    } else {
        bench.table(&cells, &run).await?
    };
    let context = &mut bench.contexts[first].1;
    let end = run.ceilings.again(context).await?;
    (host.print)(&report::drift(&run, &end));
    let report = report::json(context, &run, &end, body);
    Ok(Report {
        json: format!("{report:#}"),
        file: args.json,
    })
}

/// A run under way.
pub(crate) struct Bench<'a> {
    pub(crate) left_ms: &'a dyn Fn() -> f64,
    /// One per base that a set has.
    pub(crate) contexts: Vec<(ParamsChoice, Context<'a>)>,
    pub(crate) args: &'a Args,
    pub(crate) host: &'a Host<'a>,
    pub(crate) sets: &'a [Set],
}

impl Bench<'_> {
    /// The index of the context with this base, opened if there is none yet.
    pub(crate) async fn open(&mut self, base: ParamsChoice) -> Result<usize> {
        let known = self.contexts.iter().position(|(known, _)| *known == base);
        if let Some(index) = known {
            return Ok(index);
        }
        let context = Context::open(self.args, base, self.host).await?;
        self.contexts.push((base, context));
        Ok(self.contexts.len() - 1)
    }

    /// All cells that the arguments let through, the most telling ones first.
    fn cells(&self) -> Result<Vec<Cell>> {
        let works = Work::all(self.args);
        let mut cells: Vec<Cell> = works
            .iter()
            .flat_map(|&work| (0..self.sets.len()).map(move |set| Cell { set, work }))
            .filter(|cell| self.sets[cell.set].concerns(&cell.work))
            .collect();
        if cells.is_empty() {
            let Args {
                words,
                types,
                columns,
                models,
                ..
            } = self.args;
            return Err(Error::Nothing {
                filters: format!(
                    "words {words:?}, types {types:?}, columns {columns:?}, models {models:?}"
                ),
            });
        }
        let own = if self.contexts[0].1.device.is_software() {
            ParamSet::Software
        } else {
            ParamSet::Gpu
        };
        order::sort(&mut cells, |set| is_main(&self.sets[set], own));
        Ok(cells)
    }

    /// Whether every set can run on this adapter, before anything is timed.
    async fn check(&mut self, cells: &[Cell]) -> Result<()> {
        for cell in cells {
            let set = &self.sets[cell.set];
            if !set.is_built_in() {
                let index = self.open(set.base).await?;
                set.tuning(self.contexts[index].1.device.caps(), &cell.work)?;
            }
        }
        Ok(())
    }

    async fn table(&mut self, cells: &[Cell], run: &Run) -> Result<Value> {
        (self.host.print)(&report::columns());
        let mut forecast = Forecast::new(self.args.budget * 1000.0, run.ceilings.fma.wall_rate);
        let (mut rows, mut left_out, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for &cell in cells {
            if !forecast.fits(&cell, (self.left_ms)()) {
                left_out.push(cell);
                continue;
            }
            let set = &self.sets[cell.set];
            let index = self.open(set.base).await?;
            let context = &mut self.contexts[index].1;
            let tuning = set.tuning(context.device.caps(), &cell.work)?;
            let timing = match cell::time(
                context,
                &cell.work,
                (&tuning, set.activations(&cell.work)),
                ROUNDS,
            )
            .await
            {
                Ok(timing) => timing,
                // A driver may refuse one text and take the others.
                Err(Error::Gpu(error @ ggweb_gpu::Error::Pipeline { .. })) => {
                    (self.host.print)(&format!("{}: {error}", cell.work.name()));
                    refused.push(cell);
                    continue;
                }
                Err(error) => return Err(error),
            };
            forecast.learn(&cell, timing.wall_us / 1000.0);
            let row = Row {
                cell,
                set,
                tuning,
                timing,
            };
            (self.host.print)(&row.line(run));
            rows.push(row.json(run));
        }
        for line in report::left_out(&left_out, self.sets, cells.len()) {
            (self.host.print)(&line);
        }
        let name = |cell: &Cell| format!("{} ({})", cell.work.name(), self.sets[cell.set].name);
        let names = |cells: &[Cell]| cells.iter().map(name).collect::<Vec<_>>();
        Ok(json!({
            "rows": rows,
            "left_out": names(&left_out),
            "refused": names(&refused),
        }))
    }
}

/// Whether a set is what the adapter would get, or what the command line names.
fn is_main(set: &Set, own: ParamSet) -> bool {
    let fits = match set.base {
        ParamsChoice::Auto => true,
        ParamsChoice::Software => own == ParamSet::Software,
        ParamsChoice::Gpu => own == ParamSet::Gpu,
    };
    fits || !set.is_built_in()
}
