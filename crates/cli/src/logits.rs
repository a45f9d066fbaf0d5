//! `ggweb logits`: what a model expects after some tokens, as a `.npy` file.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use ggweb_engine::{Abort, Model};

use crate::args::LogitsArgs;
use crate::{Result, interrupt, load, npy};

pub(crate) fn logits(args: &LogitsArgs) -> Result<()> {
    let abort = interrupt::on_ctrl_c()?;
    let mut model = pollster::block_on(load::load(&args.engine, &abort))?;
    // Beside the file and renamed when whole: an error leaves a former result as it was.
    let part = args.out.with_added_extension("part");
    let written = write(&mut model, args, &abort, &part);
    let renamed = written.and_then(|()| Ok(fs::rename(&part, &args.out)?));
    if renamed.is_err() {
        // It may not exist; what went wrong is said already.
        let _ = fs::remove_file(&part);
    }
    renamed
}

fn write(model: &mut Model, args: &LogitsArgs, abort: &Abort, part: &Path) -> Result<()> {
    let file =
        File::create(part).map_err(|error| format!("cannot write {}: {error}", part.display()))?;
    let mut out = BufWriter::new(file);
    match args.all {
        true => write_all(model, &args.tokens, abort, &mut out)?,
        false => {
            let logits = pollster::block_on(model.logits(&args.tokens, abort))?;
            npy::write_header(&mut out, &[logits.len()])?;
            npy::write_values(&mut out, &logits)?;
        }
    }
    out.flush()?;
    Ok(())
}

/// `[n_token, n_vocab]`, row by row as the model gives them.
fn write_all(model: &mut Model, ids: &[u32], abort: &Abort, out: &mut impl Write) -> Result<()> {
    npy::write_header(out, &[ids.len(), model.info().n_vocab as usize])?;
    let mut written: io::Result<()> = Ok(());
    let mut on_row = |_: usize, row: &[f32]| {
        if written.is_ok() {
            written = npy::write_values(out, row);
        }
    };
    pollster::block_on(model.logits_all(ids, abort, &mut on_row))?;
    Ok(written?)
}
