//! Every step and every byte is paid for.

use std::cell::Cell;

/// What went wrong while a template ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// An operation that its operands do not have.
    Wrong(String),
    /// `raise_exception`.
    Raised(String),
    /// Out of steps, bytes or depth.
    Limit(String),
}

pub(crate) type Run<T> = Result<T, Fault>;

/// A fault with a message.
pub(crate) fn wrong<T>(message: impl Into<String>) -> Run<T> {
    Err(Fault::Wrong(message.into()))
}

/// What a render may spend.
#[derive(Debug)]
pub(crate) struct Budget {
    steps_max: u64,
    bytes_max: u64,
    steps: Cell<u64>,
    bytes: Cell<u64>,
}

impl Budget {
    pub(crate) fn new(steps_max: u64, bytes_max: u64) -> Self {
        Self {
            steps_max,
            bytes_max,
            steps: Cell::new(steps_max),
            bytes: Cell::new(bytes_max),
        }
    }

    /// Pays for the evaluation of `n` nodes.
    pub(crate) fn steps(&self, n: u64) -> Run<()> {
        match self.steps.get().checked_sub(n) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => Err(Fault::Limit(format!("{} steps", self.steps_max))),
        }
    }

    /// Pays for `n` bytes that are made, copied or searched. Bytes are never given back.
    pub(crate) fn bytes(&self, n: usize) -> Run<()> {
        match self.bytes.get().checked_sub(n as u64) {
            Some(left) => {
                self.bytes.set(left);
                Ok(())
            }
            None => Err(Fault::Limit(format!("{} bytes of text", self.bytes_max))),
        }
    }

    /// Pays for a list of `n` values.
    pub(crate) fn values(&self, n: usize) -> Run<()> {
        // A value is 32 bytes at most, and its entry in a dictionary has two.
        self.bytes(n.saturating_mul(64))
    }
}
