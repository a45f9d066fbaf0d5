//! `cargo xtask test`: the README's other command, all checks as named steps.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::need::Software;
use crate::pairs::{locked, side_by_side};
use crate::{need, sh};

/// One named check.
struct Step {
    name: &'static str,
    /// What it shows, for `--list`.
    about: &'static str,
    needs: &'static [Software],
    /// Whether it is counted as skipped, and not as failed, where what it needs is missing.
    is_optional: bool,
    /// Whether it may run beside another one that may: nothing in it is timed, and SwiftShader, which compiles on one
    /// core, leaves the others idle.
    is_paired: bool,
    commands: fn() -> Vec<Command>,
}

/// In the order they start: cheap ones first, what is timed last and alone.
const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "Rust is formatted",
        needs: &[],
        is_optional: false,
        is_paired: false,
        // Modules that a macro names are not seen by `cargo fmt`.
        commands: || {
            vec![
                cargo(&["fmt", "--all", "--check"]),
                sh::rustfmt_check("crates/reference/src/formats"),
            ]
        },
    },
    Step {
        name: "clippy",
        about: "no lint warns",
        needs: &[],
        is_optional: false,
        is_paired: false,
        commands: || {
            let deny = ["--", "-D", "warnings"];
            let mut native = cargo(&["clippy", "--workspace", "--all-targets"]);
            native.args(deny);
            // What only a browser sees: the wasm skin and the platform files below it.
            let mut web = cargo(&["clippy", "--package", "ggweb-wasm"]);
            web.args(["--target", "wasm32-unknown-unknown"]).args(deny);
            vec![native, web]
        },
    },
    Step {
        name: "lavapipe",
        about: "all Rust tests, on Mesa's software Vulkan",
        needs: &[Software::Lavapipe],
        is_optional: false,
        is_paired: false,
        commands: || {
            // All failures of a run at once: it takes half an hour.
            let mut test = cargo(&["test", "--workspace", "--no-fail-fast"]);
            use_driver(&mut test, Software::Lavapipe);
            vec![test]
        },
    },
    Step {
        name: "wasi",
        about: "tokenizers and chat templates do the same in wasm, in Node",
        needs: &[],
        is_optional: false,
        is_paired: false,
        commands: || vec![this_task("wasi")],
    },
    Step {
        name: "web",
        about: "the npm package builds and keeps its size",
        needs: &[],
        is_optional: false,
        is_paired: false,
        commands: || vec![this_task("web")],
    },
    Step {
        name: "lint",
        about: "TypeScript's types, and Biome",
        needs: &[],
        is_optional: false,
        is_paired: false,
        commands: || vec![sh::in_web("npm", &["run", "--silent", "check"])],
    },
    Step {
        name: "unit",
        about: "the package's own logic, with an engine made by hand",
        needs: &[],
        is_optional: false,
        is_paired: false,
        commands: || vec![node_test("unit")],
    },
    Step {
        name: "weights",
        about: "every type of weights against exact arithmetic in headless Chromium",
        needs: &[Software::Chromium],
        is_optional: false,
        is_paired: true,
        commands: || vec![browser_test("chromium-weights", Software::Chromium)],
    },
    Step {
        name: "dawn",
        about: "the package in Node, on Dawn and SwiftShader",
        needs: &[Software::SwiftShader],
        is_optional: false,
        is_paired: true,
        commands: || {
            // Written by the workspace's build, whose features are compiled already.
            let texts = sh::target_dir().join("xtask").join("shaders.jsonl");
            let build = cargo(&["build", "--workspace", "--bin", "shaders"]);
            let mut write = Command::new(sh::target_dir().join("debug").join("shaders"));
            write.arg(&texts);
            let mut test = node_test("dawn");
            use_driver(&mut test, Software::SwiftShader);
            test.env("GGWEB_SHADERS", &texts);
            vec![build, write, test]
        },
    },
    Step {
        name: "goldens",
        about: "trained models against their goldens in headless Chromium",
        needs: &[Software::Chromium],
        is_optional: false,
        is_paired: true,
        commands: || vec![browser_test("chromium-goldens", Software::Chromium)],
    },
    Step {
        name: "swiftshader",
        about: "the GPU's Rust tests, on Chromium's software Vulkan",
        needs: &[Software::SwiftShader],
        is_optional: false,
        is_paired: true,
        commands: || {
            // Whole models run on this adapter in the steps `dawn`, `goldens` and `weights`. Of the workspace and not of
            // their package: other features would compile wgpu once more.
            let mut test = cargo(&["test", "--workspace", "--no-fail-fast"]);
            test.args(["--test", "ops", "--test", "counters"]);
            use_driver(&mut test, Software::SwiftShader);
            // With naga's checks of bounds and loops here, without them in the step before.
            test.env("GPU_TESTS_CHECKS", "on");
            vec![test]
        },
    },
    Step {
        name: "chromium",
        about: "the package and the demo page in headless Chromium",
        needs: &[Software::Chromium],
        is_optional: false,
        is_paired: false,
        commands: || vec![browser_test("chromium", Software::Chromium)],
    },
    Step {
        name: "firefox",
        about: "the package in headless Firefox",
        needs: &[Software::Firefox, Software::Lavapipe],
        is_optional: true,
        is_paired: false,
        commands: || vec![browser_test("firefox", Software::Firefox)],
    },
    Step {
        name: "package",
        about: "the packed tarball, installed as a stranger would",
        needs: &[Software::Chromium],
        is_optional: false,
        is_paired: false,
        commands: || vec![browser_test("package", Software::Chromium)],
    },
];

enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

/// Runs all steps, or those named; the exit code says whether none failed.
pub(crate) fn test(args: &[String]) -> Result<ExitCode> {
    if args.iter().any(|arg| arg == "--list") {
        for step in STEPS {
            println!("{:<12} {}", step.name, step.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let install = args.iter().any(|arg| arg == "--install");
    let names: Vec<&str> = args
        .iter()
        .map(String::as_str)
        .filter(|arg| *arg != "--install")
        .collect();
    if let Some(unknown) = names
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        bail!("there is no step `{unknown}`: see cargo xtask test --list");
    }
    let chosen: Vec<&Step> = STEPS
        .iter()
        .filter(|step| names.is_empty() || names.contains(&step.name))
        .collect();
    need::web_tools()?;
    Ok(run_all(&chosen, install))
}

fn run_all(steps: &[&Step], install: bool) -> ExitCode {
    let tally = Mutex::new(Tally::default());
    for batch in steps.chunk_by(|a, b| a.is_paired && b.is_paired) {
        side_by_side(batch, |step| run_and_tell(step, install, &tally));
    }
    let Tally {
        n_passed,
        failed,
        n_skipped,
    } = &*locked(&tally);
    // Last, where whoever sees a part of a long log sees them.
    for (step, why) in failed {
        println!("\n{:<12} FAILED  {why}", step.name);
        show_end(&log_of(step));
    }
    let n_failed = failed.len();
    println!("\n{n_passed} passed, {n_failed} failed, {n_skipped} skipped");
    if n_failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[derive(Default)]
struct Tally<'a> {
    n_passed: usize,
    failed: Vec<(&'a Step, String)>,
    n_skipped: usize,
}

fn log_of(step: &Step) -> PathBuf {
    sh::target_dir().join(format!("xtask/{}.log", step.name))
}

fn run_and_tell<'a>(step: &'a Step, install: bool, tally: &Mutex<Tally<'a>>) {
    let started = Instant::now();
    let log = log_of(step);
    let outcome =
        run_step(step, install, &log).unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")));
    let elapsed_s = started.elapsed().as_secs_f64();
    // Held to the end: what two steps print does not mix.
    let mut tally = locked(tally);
    let (word, detail) = match outcome {
        Outcome::Passed => {
            tally.n_passed += 1;
            ("passed", String::new())
        }
        Outcome::Failed(why) => {
            tally.failed.push((step, why.clone()));
            ("FAILED", why)
        }
        Outcome::Skipped(why) => {
            tally.n_skipped += 1;
            ("skipped", why)
        }
    };
    println!("{:<12} {word:<8} {elapsed_s:>7.1} s  {detail}", step.name);
    show_notes(&log);
}

/// Held while something may be installed: packagers bear no other one beside them.
static INSTALLING: Mutex<()> = Mutex::new(());

fn run_step(step: &Step, install: bool, log: &Path) -> Result<Outcome> {
    let _ = std::fs::remove_file(log);
    for software in step.needs {
        let found = {
            let _alone = locked(&INSTALLING);
            software.require(install)
        };
        match found {
            Ok(_) => {}
            // Whoever asks for an installation wants the step.
            Err(why) if step.is_optional && !install => {
                return Ok(Outcome::Skipped(why.to_string()));
            }
            Err(why) => return Ok(Outcome::Failed(why.to_string())),
        }
    }
    std::fs::create_dir_all(log.parent().unwrap_or(log))?;
    // A file, not a pipe: a browser that outlives its test would hold a pipe open for ever.
    let file = File::create(log).with_context(|| log.display().to_string())?;
    for mut command in (step.commands)() {
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file.try_clone()?);
        if let Err(why) = sh::run(&mut command) {
            return Ok(Outcome::Failed(why.to_string()));
        }
    }
    Ok(Outcome::Passed)
}

/// A log's end, and its first lines that say what failed: a long run goes on behind them.
fn show_end(log: &Path) {
    const TAIL_LINES: usize = 40;
    const FIRST_LINES: usize = 20;
    let text = read_lossy(log);
    let lines: Vec<&str> = text.lines().collect();
    let (before, tail) = lines.split_at(lines.len().saturating_sub(TAIL_LINES));
    let says_why = |line: &&&str| {
        ["panicked at", "... FAILED", "error[", "error: test", "✖"]
            .iter()
            .any(|word| line.contains(word))
    };
    for line in before.iter().filter(says_why).take(FIRST_LINES).chain(tail) {
        println!("  | {line}");
    }
    println!("  the whole log: {}", log.display());
}

/// What a log says was left out or tried, which nobody should miss.
fn show_notes(log: &Path) {
    for line in read_lossy(log).lines() {
        // Without threads a test's name is in front of what it prints.
        let line = match line.starts_with("test ") {
            true => line.split_once(" ... ").map_or(line, |(_, line)| line),
            false => line,
        };
        let line = line.trim_start_matches(['#', ' ']);
        if line.starts_with("skipped: ") || line.starts_with("matrix: ") {
            println!("  {line}");
        }
    }
}

/// A log's text; nothing where there is none.
fn read_lossy(log: &Path) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn cargo(args: &[&str]) -> Command {
    let mut command = sh::cargo();
    command.args(args);
    command
}

/// This program again, for a step that is a task of its own.
fn this_task(task: &str) -> Command {
    let mut command =
        Command::new(std::env::current_exe().unwrap_or_else(|_| PathBuf::from("cargo-xtask")));
    command.arg(task).current_dir(sh::root());
    command
}

fn node_test(name: &str) -> Command {
    let file = format!("test/{name}.test.mjs");
    sh::in_web(
        "node",
        &[
            "--test",
            "--test-reporter=spec",
            "--test-timeout=1800000",
            &file,
        ],
    )
}

/// A test that drives a browser, told where the browser is.
fn browser_test(name: &str, browser: Software) -> Command {
    let mut test = node_test(name);
    if let Some(program) = browser.find() {
        test.env("GGWEB_BROWSER", program);
    }
    test
}

/// Makes the Vulkan loader see this driver alone.
fn use_driver(command: &mut Command, software: Software) {
    if let Some(icd) = software.find() {
        command.env("VK_ICD_FILENAMES", &icd);
        command.env("VK_DRIVER_FILES", icd);
    }
}
