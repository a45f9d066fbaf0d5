//! A flag that ends work early.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use crate::error::{Error, Result};

/// Ends a running call at its next step. Clones share the flag.
#[derive(Debug, Clone, Default)]
pub struct Abort {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    is_up: AtomicBool,
    /// Who waits beside the flag.
    waiting: Mutex<Option<Waker>>,
}

impl Abort {
    /// A flag that is down.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises the flag for good.
    pub fn abort(&self) {
        self.shared.is_up.store(true, Ordering::SeqCst);
        let waiting = self.shared.waiting.lock();
        if let Some(waker) = waiting.unwrap_or_else(PoisonError::into_inner).take() {
            waker.wake();
        }
    }

    /// Whether the flag is up.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.shared.is_up.load(Ordering::SeqCst)
    }

    /// Does `work`, unless the flag comes up first: then `work` is dropped where it waits. One call at a time.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut work = pin!(work);
        poll_fn(|context| {
            let waiting = self.shared.waiting.lock();
            *waiting.unwrap_or_else(PoisonError::into_inner) = Some(context.waker().clone());
            // Looked at only now: a flag that comes up later finds the waker.
            if self.is_aborted() {
                return Poll::Ready(Err(Error::Aborted));
            }
            work.as_mut().poll(context)
        })
        .await
    }
}
