//! Ctrl-C stops an answer; a second one ends the program.

use ggweb_engine::Abort;

use crate::Result;

/// The exit code of a program that was interrupted, as shells have it.
pub(crate) const EXIT_CODE: u8 = 130;

/// An abort that Ctrl-C triggers.
pub(crate) fn on_ctrl_c() -> Result<Abort> {
    let abort = Abort::new();
    let handle = abort.clone();
    ctrlc::set_handler(move || {
        if handle.is_aborted() {
            std::process::exit(EXIT_CODE.into());
        }
        handle.abort();
    })?;
    Ok(abort)
}
