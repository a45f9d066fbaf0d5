//! What is written to the terminal: results to standard output, everything else to standard error.

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use crate::{Result, interrupt};

/// The exit code after an error, as clap's own is 2.
const EXIT_FAILURE: u8 = 1;

/// Writes one line of a result.
pub(crate) fn line(text: impl AsRef<[u8]>) -> Result<()> {
    let mut bytes = text.as_ref().to_vec();
    bytes.push(b'\n');
    self::text(bytes)
}

/// Writes text that ends its own lines.
pub(crate) fn text(text: impl AsRef<[u8]>) -> Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_ref())?;
    stdout.flush()?;
    Ok(())
}

/// Says what went wrong and why, and gives the exit code.
pub(crate) fn fail(error: &(dyn Error + 'static)) -> ExitCode {
    if is_closed_pipe(error) {
        // `ggweb … | head` has what it wanted.
        return ExitCode::SUCCESS;
    }
    if let Some(ggweb_engine::Error::Aborted) = error.downcast_ref() {
        return ExitCode::from(interrupt::EXIT_CODE);
    }
    let mut message = format!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        // A transparent error repeats its cause's words.
        let text = error.to_string();
        if !message.ends_with(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    // Nothing can be done where even this cannot be written.
    let _ = writeln!(io::stderr(), "{message}");
    ExitCode::from(EXIT_FAILURE)
}

fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
