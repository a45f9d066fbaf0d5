//! `cargo xtask demo`: the README's first command.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::need::Software;
use crate::serve::Server;
use crate::{sh, web};

const PORT: u16 = 8787;

/// Makes Chromium offer WebGPU on a machine without a GPU.
const SOFTWARE_FLAGS: [&str; 2] = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/// Builds everything, serves the page and opens it; runs until it is interrupted.
pub(crate) fn demo(args: &[String]) -> Result<()> {
    let options = Options::parse(args)?;
    web::build()?;
    let dir = sh::web_dir().join("pkg/demo");
    let server = Server::bind(&dir, options.port)
        .with_context(|| format!("port {} is taken: try --port 0", options.port))?;
    let url = format!("http://localhost:{}/", server.port()?);
    println!("\nThe demo page: {url}   (Ctrl-C ends it)");
    if !Path::new(&dir).join("models").is_dir() {
        println!("There is no default model in models/: open a GGUF file of yours in the page.");
    }
    let has_gpu = has_gpu();
    if !has_gpu {
        let flags = SOFTWARE_FLAGS.join(" ");
        println!(
            "This machine shows no GPU. Chromium computes on the CPU with: chromium {flags} {url}"
        );
    }
    if options.is_open {
        open(&url, has_gpu);
    }
    server.run()
}

struct Options {
    port: u16,
    is_open: bool,
}

impl Options {
    fn parse(args: &[String]) -> Result<Self> {
        let mut options = Self {
            port: PORT,
            is_open: true,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--no-open" => options.is_open = false,
                "--port" => {
                    let port = args.next().context("--port needs a number")?;
                    options.port = port.parse().with_context(|| {
                        format!("--port: expected a number up to 65535, found {port}")
                    })?;
                }
                other => bail!("demo has no option `{other}`; it has --port N and --no-open"),
            }
        }
        Ok(options)
    }
}

fn has_gpu() -> bool {
    !cfg!(target_os = "linux") || sh::find_file(&["/dev/dri"], "render", "").is_some()
}

/// Opens the page where there is a screen; that it cannot be opened is no failure, its address is printed.
fn open(url: &str, has_gpu: bool) {
    let has_screen = ["DISPLAY", "WAYLAND_DISPLAY"]
        .map(std::env::var_os)
        .iter()
        .any(Option::is_some);
    if cfg!(target_os = "linux") && !has_screen {
        return;
    }
    let mut command = match (has_gpu, Software::Chromium.find()) {
        (false, Some(chromium)) => {
            // A profile of its own: a Chromium that already runs would not take the flags.
            let profile = sh::target_dir().join("demo-profile");
            let mut command = Command::new(chromium);
            command.args(SOFTWARE_FLAGS).arg("--no-first-run");
            command.arg(format!("--user-data-dir={}", profile.display()));
            if sh::output_of("id", &["-u"]).as_deref() == Some("0") {
                command.arg("--no-sandbox");
            }
            command
        }
        _ if cfg!(target_os = "macos") => Command::new("open"),
        _ => Command::new("xdg-open"),
    };
    let _ = command
        .arg(url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}
