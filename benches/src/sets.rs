//! Parameter sets: the two built-in ones, and those of the command line.
//!
//! `--set "gpu matvec lanes_k=32 lanes_row=2 rows=8 matmul tile_n=2"`: a base first, `software` or `gpu`, or none for
//! the adapter's own; then `int8`, if products take their x so; then ops, each with what differs from the base.
//!
//! | op | keys |
//! |---|---|
//! | `matvec` | `lanes_k`, `lanes_row`, `rows` (4, 8), `runs` (1, 2), `reduce` (none, subgroup, workgroup), `shuffle` (none, 4, 8) |
//! | `matmul` | `lanes_m`, `lanes_n`, `rows` (4, 8), `tile_n`, `source` (direct, shuffle, staged) |
//! | `attention` | `teams`, `splits`, `split_min` |
//!
//! `reduce` and `shuffle` follow from the lanes where they are not given, and SwiGLU always has 8 rows.

use ggweb_gpu::ops::{ActivationType, Epilogue};
use ggweb_gpu::tuning::{Attention, Matmul, Matvec, Reduce, TileSource};
use ggweb_gpu::{Caps, ParamsChoice};

use crate::args::{Args, BuiltIn};
use crate::cell;
use crate::error::{Error, Result};
use crate::tunings::{Tuning, check_attention, check_matmul, check_matvec, reduce_of};
use crate::work::Work;

/// A parameter set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Set {
    /// What it is called in the table: `software`, `gpu`, or the text of `--set`.
    pub(crate) name: String,
    /// What the device is opened with.
    pub(crate) base: ParamsChoice,
    /// How products read their x, where the type of weights has both ways.
    pub(crate) activations: ActivationType,
    /// What differs, by op; none for a built-in set.
    changes: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    op: &'static str,
    pairs: Vec<(String, String)>,
}

/// The sets that `args` ask for.
pub(crate) fn chosen(args: &Args) -> Result<Vec<Set>> {
    let built_in = |name: &str, base| Set {
        name: name.to_owned(),
        base,
        activations: ActivationType::F32,
        changes: Vec::new(),
    };
    let mut sets = match args.params {
        BuiltIn::Auto => vec![built_in("auto", ParamsChoice::Auto)],
        BuiltIn::Both if args.tune => vec![built_in("auto", ParamsChoice::Auto)],
        BuiltIn::Software => vec![built_in("software", ParamsChoice::Software)],
        BuiltIn::Gpu => vec![built_in("gpu", ParamsChoice::Gpu)],
        BuiltIn::Both => vec![
            built_in("software", ParamsChoice::Software),
            built_in("gpu", ParamsChoice::Gpu),
        ],
        BuiltIn::None => Vec::new(),
    };
    for text in &args.sets {
        let set = parse(text).map_err(|reason| Error::Set {
            text: text.clone(),
            reason,
        })?;
        sets.push(set);
    }
    Ok(sets)
}

fn parse(text: &str) -> std::result::Result<Set, String> {
    let mut base = ParamsChoice::Auto;
    let mut activations = ActivationType::F32;
    let mut changes: Vec<Change> = Vec::new();
    for (i, word) in text.split_whitespace().enumerate() {
        match (word.split_once('='), OPS.iter().find(|op| **op == word)) {
            (Some((key, value)), _) => {
                let change = changes.last_mut().ok_or_else(|| {
                    format!(
                        "`{word}` stands before any op: {} come first",
                        OPS.join(", ")
                    )
                })?;
                try_change(change.op, key, value)?;
                change.pairs.push((key.to_owned(), value.to_owned()));
            }
            (None, Some(op)) => changes.push(Change {
                op,
                pairs: Vec::new(),
            }),
            (None, None) if i == 0 && word == "software" => base = ParamsChoice::Software,
            (None, None) if i == 0 && word == "gpu" => base = ParamsChoice::Gpu,
            (None, None) if changes.is_empty() && word == "int8" => {
                activations = ActivationType::Int8;
            }
            (None, None) => {
                return Err(format!(
                    "`{word}` is neither an op ({}) nor key=value; `software` or `gpu` come first",
                    OPS.join(", ")
                ));
            }
        }
    }
    let is_same = changes.iter().all(|change| change.pairs.is_empty());
    if is_same && activations == ActivationType::F32 {
        return Err(
            "nothing differs: give int8, or an op and what differs, as in matvec rows=8".to_owned(),
        );
    }
    Ok(Set {
        name: text.split_whitespace().collect::<Vec<_>>().join(" "),
        base,
        activations,
        changes,
    })
}

/// Ops whose parameters a set can change.
const OPS: [&str; 3] = ["matvec", "matmul", "attention"];

impl Set {
    /// Whether the set is one of the two of `crates/gpu/src/tuning.rs`.
    pub(crate) fn is_built_in(&self) -> bool {
        self.changes.is_empty() && self.activations == ActivationType::F32
    }

    /// How `work` reads its x with this set.
    pub(crate) fn activations(&self, work: &Work) -> ActivationType {
        match work {
            Work::Product { ggml_type, .. } if cell::takes_int8(*ggml_type) => self.activations,
            _ => ActivationType::F32,
        }
    }

    /// Whether the set has anything of its own to say of `work`: a changed set is its base in other ops.
    pub(crate) fn concerns(&self, work: &Work) -> bool {
        self.is_built_in()
            || self.activations(work) == ActivationType::Int8
            || self.changes.iter().any(|change| change.op == work.op())
    }

    /// The parameters of `work` on an adapter.
    pub(crate) fn tuning(&self, caps: &Caps, work: &Work) -> Result<Tuning> {
        let pairs: Vec<&(String, String)> = self
            .changes
            .iter()
            .filter(|change| change.op == work.op())
            .flat_map(|change| &change.pairs)
            .collect();
        let tuning = changed(Tuning::of_caps(caps, work), caps, epilogue(work), &pairs);
        tuning.map_err(|reason| Error::Set {
            text: self.name.clone(),
            reason: format!("{}: {reason}", work.name()),
        })
    }
}

fn epilogue(work: &Work) -> Epilogue {
    match work {
        Work::Product { matrix, .. } => matrix.epilogue(),
        _ => Epilogue::Store,
    }
}

fn changed(
    mut tuning: Tuning,
    caps: &Caps,
    epilogue: Epilogue,
    pairs: &[&(String, String)],
) -> std::result::Result<Tuning, String> {
    if pairs.is_empty() {
        return Ok(tuning);
    }
    let is_given = |name: &str| pairs.iter().any(|(key, _)| key == name);
    match &mut tuning {
        Tuning::Matvec(t) => {
            for (key, value) in pairs {
                change_matvec(t, key, value)?;
            }
            if !is_given("reduce") {
                t.reduce = reduce_of(t.lanes_k, caps);
            }
            if !is_given("shuffle") && (t.lanes_k, Some(t.lanes_row)) != (1, t.shuffle) {
                t.shuffle = None;
            }
            t.rows = if epilogue == Epilogue::Swiglu {
                8
            } else {
                t.rows
            };
            check_matvec(t, caps, epilogue)?;
        }
        Tuning::Matmul(t) => {
            for (key, value) in pairs {
                change_matmul(t, key, value)?;
            }
            if let (TileSource::Shuffle(_), Some(size)) = (t.source, caps.subgroup_size()) {
                t.source = TileSource::Shuffle(size);
            }
            t.rows = if epilogue == Epilogue::Swiglu {
                8
            } else {
                t.rows
            };
            check_matmul(t, caps, epilogue)?;
        }
        Tuning::Attention(t) => {
            for (key, value) in pairs {
                change_attention(t, key, value)?;
            }
            check_attention(t)?;
        }
        Tuning::Fixed => {}
    }
    Ok(tuning)
}

/// Whether a key and its value make sense for an op, before any adapter is known.
fn try_change(op: &str, key: &str, value: &str) -> std::result::Result<(), String> {
    let caps = Caps {
        f16: false,
        subgroups: None,
        params: ggweb_gpu::caps::ParamSet::Gpu,
        max_lanes: 256,
        enable_subgroups: false,
    };
    match op {
        "matvec" => change_matvec(&mut caps.matvec(1, Epilogue::Store), key, value),
        "matmul" => change_matmul(&mut caps.matmul(Epilogue::Store, u32::MAX), key, value),
        _ => change_attention(&mut caps.attention(64, true), key, value),
    }
}

fn change_matvec(t: &mut Matvec, key: &str, value: &str) -> std::result::Result<(), String> {
    match key {
        "lanes_k" => t.lanes_k = number(key, value)?,
        "lanes_row" => t.lanes_row = number(key, value)?,
        "rows" => t.rows = number(key, value)?,
        "runs" => t.runs = number(key, value)?,
        "reduce" => {
            t.reduce = match value {
                "none" => Reduce::None,
                "subgroup" => Reduce::Subgroup,
                "workgroup" => Reduce::Workgroup,
                _ => return Err(unknown(key, value, "none, subgroup or workgroup")),
            };
        }
        "shuffle" if value == "none" => t.shuffle = None,
        "shuffle" => t.shuffle = Some(number(key, value)?),
        _ => {
            return Err(unknown(
                "matvec",
                key,
                "lanes_k, lanes_row, rows, runs, reduce or shuffle",
            ));
        }
    }
    Ok(())
}

fn change_matmul(t: &mut Matmul, key: &str, value: &str) -> std::result::Result<(), String> {
    match key {
        "lanes_m" => t.lanes_m = number(key, value)?,
        "lanes_n" => t.lanes_n = number(key, value)?,
        "rows" => t.rows = number(key, value)?,
        "tile_n" => t.tile_n = number(key, value)?,
        "source" => {
            t.source = match value {
                "direct" => TileSource::Direct,
                "shuffle" => TileSource::Shuffle(t.lanes_m),
                "staged" => TileSource::Staged,
                _ => return Err(unknown(key, value, "direct, shuffle or staged")),
            };
        }
        _ => {
            return Err(unknown(
                "matmul",
                key,
                "lanes_m, lanes_n, rows, tile_n or source",
            ));
        }
    }
    Ok(())
}

fn change_attention(t: &mut Attention, key: &str, value: &str) -> std::result::Result<(), String> {
    match key {
        "teams" => t.teams = number(key, value)?,
        "splits" => t.splits = number(key, value)?,
        "split_min" => t.split_min = number(key, value)?,
        _ => return Err(unknown("attention", key, "teams, splits or split_min")),
    }
    Ok(())
}

fn number(key: &str, value: &str) -> std::result::Result<u32, String> {
    let number = value.parse().ok().filter(|n| (1..=1024).contains(n));
    number.ok_or_else(|| unknown(key, value, "a number from 1 to 1024"))
}

fn unknown(of: &str, found: &str, expected: &str) -> String {
    format!("{of}: expected {expected}, found `{found}`")
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use ggweb_gpu::caps::ParamSet;

    use super::*;

    const CAPS: Caps = Caps {
        f16: false,
        subgroups: Some((32, 32)),
        params: ParamSet::Gpu,
        max_lanes: 256,
        enable_subgroups: false,
    };

    fn work(word: &str) -> Work {
        typed("Q4_0", word)
    }

    fn typed(ggml_type: &str, word: &str) -> Work {
        let args = Args::parse_from(["ops", "--types", ggml_type, "--models", "1B", word]);
        Work::all(&args)[0]
    }

    #[test]
    fn a_set_changes_what_it_names_and_keeps_the_rest_of_its_base() {
        let set = parse(" gpu  matvec lanes_k=16 lanes_row=8 matmul tile_n=2 ").expect("a set");
        assert_eq!(
            set.name,
            "gpu matvec lanes_k=16 lanes_row=8 matmul tile_n=2"
        );
        assert_eq!(set.base, ParamsChoice::Gpu);
        let down = work("matvec/1/1B/down");
        let Tuning::Matvec(t) = set.tuning(&CAPS, &down).expect("it fits") else {
            panic!("another op");
        };
        let own = CAPS.matvec(2048, Epilogue::Add);
        // The adapter adds up 32 lanes by subgroups; 16 are no subgroup.
        assert_eq!(own.reduce, Reduce::Subgroup);
        let want = Matvec {
            lanes_k: 16,
            lanes_row: 8,
            reduce: Reduce::Workgroup,
            ..own
        };
        assert_eq!(t, want);
        let Tuning::Matmul(t) = set
            .tuning(&CAPS, &work("matmul/128/1B/down"))
            .expect("it fits")
        else {
            panic!("another op");
        };
        assert_eq!(
            t,
            Matmul {
                tile_n: 2,
                ..CAPS.matmul(Epilogue::Add, 128)
            }
        );
        assert!(set.concerns(&down) && !set.concerns(&work("get_rows/1/1B")));
    }

    #[test]
    fn int8_concerns_products_of_quants_alone() {
        let set = parse("software int8").expect("a set");
        let int8 = |work: Work| set.activations(&work) == ActivationType::Int8;
        assert!(int8(work("matvec/1/1B/down")) && int8(work("matmul/128/1B/down")));
        assert!(!int8(typed("F16", "matvec/1/1B/down")));
        assert!(!set.concerns(&work("get_rows/1/1B")) && !set.is_built_in());
    }

    #[test]
    fn lanes_that_are_no_subgroup_any_more_do_not_share_x() {
        let small = Caps {
            subgroups: Some((8, 8)),
            params: ParamSet::Software,
            ..CAPS
        };
        let shuffle = |text: &str| {
            let tuning = parse(text).and_then(|set| {
                let down = work("matvec/1/1B/down");
                set.tuning(&small, &down).map_err(|error| error.to_string())
            });
            match tuning {
                Ok(Tuning::Matvec(t)) => t.shuffle,
                other => panic!("{text}: {other:?}"),
            }
        };
        assert_eq!(shuffle("matvec rows=4"), Some(8));
        assert_eq!(shuffle("matvec lanes_k=2 lanes_row=4"), None);
        assert_eq!(shuffle("matvec lanes_row=16"), None);
    }

    #[test]
    fn what_cannot_run_is_refused_with_its_reason() {
        let refused = |text: &str| parse(text).expect_err(text);
        assert!(refused("matvec lanes=3").contains("lanes_k, lanes_row"));
        assert!(refused("matvec rows=many").contains("found `many`"));
        assert!(refused("rows=8").contains("before any op"));
        assert!(refused("matvec software").contains("`software` is neither"));
        assert!(refused("gpu").contains("nothing differs"));
        let down = work("matvec/1/1B/down");
        let reason = |text: &str| {
            let set = parse(text).expect(text);
            set.tuning(&CAPS, &down).expect_err(text).to_string()
        };
        assert!(reason("matvec lanes_k=64 lanes_row=8").contains("256 lanes, not 64 x 8"));
        assert!(reason("matvec rows=5").contains("rows is 4 or 8"));
        assert!(reason("matvec shuffle=8").contains("subgroups of 4 or 8, here 32"));
        assert!(reason("matvec lanes_k=16 reduce=subgroup").contains("here 32"));
    }

    #[test]
    fn both_built_in_sets_come_before_those_of_the_command_line() {
        let names = |words: &[&str]| -> Vec<String> {
            let args = Args::parse_from(["ops"].iter().chain(words));
            chosen(&args)
                .expect("sets")
                .into_iter()
                .map(|set| set.name)
                .collect()
        };
        assert_eq!(names(&[]), ["software", "gpu"]);
        assert_eq!(
            names(&["--set", "matvec rows=8"]),
            ["software", "gpu", "matvec rows=8"]
        );
        assert_eq!(
            names(&["--params", "none", "--set", "matvec rows=8"]),
            ["matvec rows=8"]
        );
    }
}
