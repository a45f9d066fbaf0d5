//! The licences of the crates whose code the npm package's wasm module has in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand, Package};

use crate::sh;

/// How the names of files begin that hold a licence.
const FILES: [&str; 4] = ["license", "licence", "copying", "unlicense"];

const TARGET: &str = "wasm32-unknown-unknown";

/// What the names of files have in them whose licence may be taken in place of MIT.
const IN_ITS_PLACE: [&str; 4] = ["apache", "zlib", "unlicense", "bsl"];

const HEAD: &str = "\
ggweb is licensed under MIT or Apache-2.0, at your choice. Its engine.wasm also holds code of the Rust standard library
(MIT or Apache-2.0, the Rust Project Developers) and of the crates below. Where a crate offers a choice, it is taken
under MIT.
";

/// A text with names and licences of all crates in the wasm build of `package`.
pub(crate) fn of_wasm(package: &str) -> Result<String> {
    let mut command = MetadataCommand::new();
    command
        .current_dir(sh::root())
        .other_options(vec!["--locked".to_owned()]);
    let metadata = command.exec()?;
    let mut text = HEAD.to_owned();
    let mut by_text = BTreeMap::<String, Vec<String>>::new();
    for package in linked(&metadata, package)? {
        let name = format!("{} {}", package.name, package.version);
        let expression = package.license.as_deref().unwrap_or("see its file");
        let repository = package.repository.as_deref().unwrap_or_default();
        writeln!(text, "\n{name}: {expression}\n    {repository}")?;
        let folder = package.manifest_path.parent();
        let folder = folder.context("a manifest lies in a folder")?;
        let found = licences(folder.as_std_path(), expression)?;
        for licence in or_ours(found, package)? {
            by_text.entry(licence).or_default().push(name.clone());
        }
    }
    for (licence, names) in by_text {
        writeln!(
            text,
            "\n{}\n{}:\n\n{licence}",
            "-".repeat(100),
            names.join(", ")
        )?;
    }
    Ok(text)
}

/// The crates of others that `package` is linked with on wasm: no macros, no build scripts.
///
/// By `cargo tree`, since the graph of `cargo metadata` has the features of the whole workspace in it.
fn linked<'a>(metadata: &'a Metadata, package: &str) -> Result<Vec<&'a Package>> {
    let mut tree = sh::cargo();
    tree.args(["tree", "--locked", "--package", package, "--target", TARGET]);
    tree.args([
        "--edges",
        "normal,no-proc-macro",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    let output = tree.output()?;
    if !output.status.success() {
        bail!("cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    }
    let listed = String::from_utf8(output.stdout)?;
    // Its lines are `name v1.2.3`, and more behind it where the crate comes from a folder or a repository.
    let words = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let listed: BTreeSet<String> = listed.lines().map(words).collect();
    let packages = metadata.packages.iter();
    let is_linked = |package: &&Package| {
        package.source.is_some()
            && listed.contains(&format!("{} v{}", package.name, package.version))
    };
    Ok(packages.filter(is_linked).collect())
}

/// The texts of the licence files of a crate; where it offers the MIT licence, not those in its place.
fn licences(folder: &Path, expression: &str) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        if FILES.iter().any(|begin| name.starts_with(begin)) && path.is_file() {
            files.push((name, path));
        }
    }
    let is_choice = expression.contains(" OR ") || expression.contains('/');
    if is_choice && files.iter().any(|(name, _)| name.contains("mit")) {
        files.retain(|(name, _)| !IN_ITS_PLACE.iter().any(|other| name.contains(other)));
    }
    files.sort();
    let read = |(_, path): (String, _)| -> Result<String> {
        let text = std::fs::read_to_string(&path)?;
        // Line ends and margins differ from crate to crate, the text does not.
        let lines: Vec<&str> = text.trim().lines().map(str::trim).collect();
        Ok(lines.join("\n"))
    };
    files.into_iter().map(read).collect()
}

/// The licences that a crate has with it; of one that has none and names MIT, that text with its authors.
fn or_ours(found: Vec<String>, package: &Package) -> Result<Vec<String>> {
    if !found.is_empty() {
        return Ok(found);
    }
    let expression = package.license.as_deref().unwrap_or_default();
    if !expression.contains("MIT") {
        bail!(
            "{} {} has no licence file, and {expression:?} is none known here",
            package.name,
            package.version
        );
    }
    let mit = std::fs::read_to_string(sh::root().join("LICENSE-MIT"))?;
    let (_, terms) = mit
        .split_once("\n\nPermission")
        .context("LICENSE-MIT has its terms")?;
    let authors = match package.authors.is_empty() {
        true => format!("the authors of {}", package.name),
        false => package.authors.join(", "),
    };
    Ok(vec![format!(
        "Copyright (c) {authors}\n\nPermission{}",
        terms.trim_end()
    )])
}
