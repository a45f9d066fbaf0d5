//! A clock: this thread's CPU time, or the wall's where there is no other.

#[cfg(not(target_family = "wasm"))]
pub(crate) struct Clock(cpu_time::ThreadTime);

#[cfg(not(target_family = "wasm"))]
impl Clock {
    pub(crate) fn start() -> Self {
        Self(cpu_time::ThreadTime::now())
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

#[cfg(target_family = "wasm")]
pub(crate) struct Clock(std::time::Instant);

#[cfg(target_family = "wasm")]
impl Clock {
    #[expect(clippy::disallowed_methods, reason = "under WASI it works")]
    pub(crate) fn start() -> Self {
        Self(std::time::Instant::now())
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}
