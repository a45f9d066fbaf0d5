//! Which cells come first, and which no longer fit the budget.

use std::collections::HashMap;

use ggweb_gguf::GgmlType;

use crate::shapes::Matrix;
use crate::work::Work;

/// Runs that a cell takes at least: the first one, and two timed ones.
const RUNS_MIN: f64 = 3.0;
/// What part of the budget one cell may take at most: a slow adapter is better known by many small cells.
const SHARE_MAX: f64 = 1.0 / 20.0;
/// What part of the ceiling of multiply-adds a kind of cell that was not timed yet is thought to reach.
const GUESSED_SHARE: f64 = 1.0 / 3.0;

/// A place in the table: an op, under one of the parameter sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Index of the set.
    pub(crate) set: usize,
    pub(crate) work: Work,
}

/// Sorts the most telling cells to the front: decode and prefill of common types at the shapes of 1B first, under the
/// sets of which `is_main` says that they are what the adapter or the command line is about.
pub(crate) fn sort(cells: &mut [Cell], is_main: impl Fn(usize) -> bool) {
    let set_cost = |set: usize| if is_main(set) { 0 } else { 4 };
    cells.sort_by_key(|cell| set_cost(cell.set) + cost(&cell.work));
}

/// How little a cell tells. The parts are added, so that no type waits for all shapes of another.
fn cost(work: &Work) -> u32 {
    let model = match work.model().name {
        "1B" => 0,
        "4B" => 2,
        "135M" => 3,
        _ => 4,
    };
    let columns = match work.columns() {
        1 | 512 => 0,
        128 => 2,
        8 => 3,
        _ => 5,
    };
    let own = match *work {
        Work::Product {
            matrix,
            ggml_type,
            columns,
            ..
        } => type_cost(ggml_type) + matrix_cost(matrix, columns),
        Work::Attention { .. } => 1,
        Work::GetRows { ggml_type, .. } => 4 + type_cost(ggml_type),
        Work::RmsNorm { .. } | Work::RopeKv { .. } | Work::Argmax { .. } => 2,
    };
    model + columns + own
}

/// Common files first.
fn type_cost(ggml_type: GgmlType) -> u32 {
    match ggml_type {
        GgmlType::Q4_0 | GgmlType::Q4_K => 0,
        GgmlType::Q8_0 | GgmlType::Q6_K => 1,
        GgmlType::F16 | GgmlType::IQ4_XS => 2,
        GgmlType::Q4_1 | GgmlType::Q5_K => 3,
        GgmlType::Q2_K | GgmlType::Q3_K | GgmlType::IQ2_XXS | GgmlType::IQ3_S => 4,
        _ => 6,
    }
}

fn matrix_cost(matrix: Matrix, columns: u32) -> u32 {
    match matrix {
        Matrix::GateUp | Matrix::Down => 0,
        Matrix::Qkv | Matrix::AttnOutput => 1,
        Matrix::Head if columns == 1 => 1,
        Matrix::Head => 4,
    }
}

/// Knows how long cells of a kind took, and so whether another one fits what is left.
#[derive(Debug)]
pub(crate) struct Forecast {
    budget_ms: f64,
    /// Milliseconds per unit of work of a kind that was not timed yet.
    guessed_rate: f64,
    /// Milliseconds per unit of work, by set and op and, where it is known, type.
    rates: HashMap<(usize, &'static str, Option<GgmlType>), f64>,
}

impl Forecast {
    /// Nothing is known yet but the ceiling, in operations per microsecond of wall time.
    pub(crate) fn new(budget_ms: f64, fma_wall_rate: f64) -> Self {
        Self {
            budget_ms,
            guessed_rate: 1e-3 / (GUESSED_SHARE * fma_wall_rate),
            rates: HashMap::new(),
        }
    }

    /// Remembers that one run of `cell` took `run_ms`.
    pub(crate) fn learn(&mut self, cell: &Cell, run_ms: f64) {
        let (op, rate) = (cell.work.op(), run_ms / units(&cell.work));
        self.rates
            .insert((cell.set, op, cell.work.ggml_type()), rate);
        self.rates.insert((cell.set, op, None), rate);
    }

    /// Whether `cell` fits into `left_ms` and into its share of the budget.
    pub(crate) fn fits(&self, cell: &Cell, left_ms: f64) -> bool {
        let rate_of = |ggml_type| self.rates.get(&(cell.set, cell.work.op(), ggml_type));
        let known = rate_of(cell.work.ggml_type()).or_else(|| rate_of(None));
        let rate = known.copied().unwrap_or(self.guessed_rate);
        left_ms > 0.0
            && RUNS_MIN * rate * units(&cell.work) <= left_ms.min(SHARE_MAX * self.budget_ms)
    }
}

/// What the time of an op grows with.
fn units(work: &Work) -> f64 {
    work.flops().max(work.bytes())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::Args;

    fn cells(words: &[&str]) -> Vec<Cell> {
        let args = Args::parse_from(["ops"].iter().chain(words));
        let works = Work::all(&args);
        let both = works
            .iter()
            .flat_map(|&work| [1, 0].map(|set| Cell { set, work }));
        both.collect()
    }

    #[test]
    fn decode_and_prefill_of_common_types_at_1b_come_first_and_nothing_is_lost() {
        let all = cells(&[]);
        let mut sorted = all.clone();
        sort(&mut sorted, |set| set == 0);
        let first: Vec<String> = sorted[..8].iter().map(|cell| cell.work.name()).collect();
        for name in &first {
            let parts: Vec<&str> = name.split('/').collect();
            assert!(["matvec", "matmul"].contains(&parts[0]), "{first:?}");
            assert!(
                ["1", "512"].contains(&parts[1]) && parts[2] == "1B",
                "{first:?}"
            );
            assert!(["Q4_0", "Q4_K"].contains(&parts[4]), "{first:?}");
        }
        assert!(sorted[..8].iter().all(|cell| cell.set == 0));
        assert_eq!(sorted.len(), all.len());
        assert!(all.iter().all(|cell| sorted.contains(cell)));
        // Every type has a place, and the set that is not the adapter's own comes before the rarest cells of it.
        let types =
            GgmlType::of_weights().filter(|&t| all.iter().any(|c| c.work.ggml_type() == Some(t)));
        assert_eq!(types.count(), GgmlType::of_weights().count());
        let other = sorted.iter().position(|cell| cell.set == 1);
        let rare = sorted.iter().rposition(|cell| cell.set == 0);
        assert!(other < rare);
    }

    #[test]
    fn a_cell_too_long_for_what_is_left_is_refused_and_a_shorter_one_taken() {
        let all = cells(&["--types", "Q4_0", "--models", "1B", "down"]);
        let of = |columns| {
            *all.iter()
                .find(|cell| cell.work.columns() == columns)
                .expect("a cell")
        };
        let (small, large) = (of(8), of(512));
        // 512 columns are 17.2e9 operations: 51.5 ms of a third of this ceiling.
        let mut forecast = Forecast::new(1e6, 1e6);
        assert!(forecast.fits(&large, 160.0) && !forecast.fits(&large, 150.0));
        assert!(!forecast.fits(&of(1), 0.0), "nothing is left");
        forecast.learn(&small, 10.0);
        // 64 times the work, three times.
        assert!(forecast.fits(&large, 2000.0) && !forecast.fits(&large, 1900.0));
        assert!(forecast.fits(&small, 1900.0));
        assert!(forecast.fits(&of(1), 1.0), "another op");
        let mut short = Forecast::new(30_000.0, 1e6);
        short.learn(&small, 10.0);
        assert!(!short.fits(&large, 30_000.0), "more than its share");
        assert!(short.fits(&small, 30_000.0));
    }
}
