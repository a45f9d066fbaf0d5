//! What must be on the machine: found, installed where that is harmless, or named with the way to get it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::sh;

/// The oldest Node that runs the tools of `web/package.json`.
const NODE_VERSION_MIN: (u32, u32) = (20, 19);

/// Node, its packages, and Rust's wasm target: all that a build of the npm package takes.
pub(crate) fn web_tools() -> Result<()> {
    rust_target("wasm32-unknown-unknown")?;
    node()?;
    node_packages()
}

/// Rust's standard library for a target, added by rustup where it is missing.
pub(crate) fn rust_target(name: &str) -> Result<PathBuf> {
    let sysroot = sh::output_of("rustc", &["--print", "sysroot"])
        .context("rustc is not on the search path: install Rust from https://rustup.rs")?;
    let target = PathBuf::from(sysroot).join("lib/rustlib").join(name);
    if target.is_dir() {
        return Ok(target);
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", name]).current_dir(sh::root());
    sh::run(&mut rustup)
        .with_context(|| format!("Rust's target is missing: `rustup target add {name}`"))?;
    Ok(target)
}

/// A Node that is new enough.
pub(crate) fn node() -> Result<()> {
    let (major, minor) = NODE_VERSION_MIN;
    let wanted = format!("Node {major}.{minor} or later: https://nodejs.org");
    let Some(version) = sh::output_of("node", &["--version"]) else {
        bail!("node is not on the search path; needed is {wanted}");
    };
    let mut parts = version.trim_start_matches('v').split('.').map(str::parse);
    let found = (
        parts.next().and_then(Result::ok).unwrap_or(0),
        parts.next().and_then(Result::ok).unwrap_or(0),
    );
    if found < NODE_VERSION_MIN {
        bail!("node is {version}; needed is {wanted}");
    }
    Ok(())
}

/// The packages of `web/package-lock.json`, installed by npm unless they are there already.
fn node_packages() -> Result<()> {
    let dir = sh::web_dir();
    let installed = dir.join("node_modules/.package-lock.json");
    let is_fresh = match (
        installed.metadata().and_then(|meta| meta.modified()),
        dir.join("package-lock.json")
            .metadata()
            .and_then(|meta| meta.modified()),
    ) {
        (Ok(installed), Ok(wanted)) => installed >= wanted,
        _ => false,
    };
    if is_fresh {
        return Ok(());
    }
    // Not `npm ci`, which refuses a lock that leaves out packages for systems the registry at hand does not serve;
    // this takes the lock's versions all the same, and writes nothing but `node_modules`.
    sh::run(&mut sh::in_web(
        "npm",
        &["install", "--no-save", "--no-progress"],
    ))
    .context("the packages of web/package-lock.json could not be installed")
}

/// A piece of software that tests need, and Debian's package of it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Software {
    /// Mesa's software Vulkan.
    Lavapipe,
    /// Chromium's software Vulkan, as a Vulkan driver for others.
    SwiftShader,
    /// The browser.
    Chromium,
    /// The browser, long-term release.
    Firefox,
}

impl Software {
    /// Debian's package name.
    pub(crate) fn package(self) -> &'static str {
        match self {
            Self::Lavapipe => "mesa-vulkan-drivers",
            Self::SwiftShader | Self::Chromium => "chromium",
            Self::Firefox => "firefox-esr",
        }
    }

    /// Its driver file or program.
    pub(crate) fn find(self) -> Option<PathBuf> {
        let icd_dirs = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
        let chromium_dirs = [
            "/usr/lib/chromium",
            "/usr/lib/chromium-browser",
            "/opt/google/chrome",
            "/usr/lib64/chromium-browser",
        ];
        match self {
            Self::Lavapipe => sh::find_file(&icd_dirs, "lvp_icd", ".json"),
            Self::SwiftShader => sh::find_file(&chromium_dirs, "vk_swiftshader_icd", ".json"),
            Self::Chromium => sh::find_program(&["chromium", "chromium-browser", "google-chrome"]),
            Self::Firefox => sh::find_program(&["firefox-esr", "firefox"]),
        }
    }

    /// As [`Software::find`], after an `apt-get install` where `install` allows it.
    ///
    /// # Errors
    /// Where it is missing and stays so; the message has the command that installs it.
    pub(crate) fn require(self, install: bool) -> Result<PathBuf> {
        if let Some(found) = self.find() {
            return Ok(found);
        }
        let package = self.package();
        let is_root = sh::output_of("id", &["-u"]).as_deref() == Some("0");
        if install && is_root {
            // A fresh image has no lists of packages.
            for arguments in [
                &["update"][..],
                &["install", "--yes", "--no-install-recommends", package],
            ] {
                let mut apt = Command::new("apt-get");
                // A mirror that stumbles, and another packager at work, are no reason to fail.
                apt.args(["-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=120"]);
                apt.args(arguments);
                sh::run(&mut apt)?;
            }
        }
        self.find()
            .with_context(|| format!("{package} is missing: sudo apt-get install {package}"))
    }
}
