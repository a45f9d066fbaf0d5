//! A clock that works in a browser, where `std::time::Instant` panics.

/// A point in time, for measuring how long something took.
///
/// ```
/// let clock = ggweb_gpu::Clock::start();
/// assert!(clock.elapsed_ms() >= 0.0);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start_ms: f64,
}

impl Clock {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self {
            start_ms: crate::platform::now_ms(),
        }
    }

    /// Time since the start.
    ///
    /// # Units
    /// Milliseconds.
    #[must_use]
    pub fn elapsed_ms(&self) -> f64 {
        crate::platform::now_ms() - self.start_ms
    }
}
