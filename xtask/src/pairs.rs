//! Doing two things at once.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most that is done at once.
const N_AT_ONCE: usize = 2;

/// Does `work` for each item in turn, for [`N_AT_ONCE`] of them at once.
pub(crate) fn side_by_side<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let queue = Mutex::new(items.iter());
    std::thread::scope(|scope| {
        for _ in 0..N_AT_ONCE.min(items.len()) {
            scope.spawn(|| {
                loop {
                    // Not held while the work is done, as it would be in the head of a `while let`.
                    let next = locked(&queue).next();
                    let Some(item) = next else { break };
                    work(item);
                }
            });
        }
    });
}

/// A panic of another thread says nothing against what the lock holds.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::side_by_side;

    #[test]
    fn one_does_not_wait_for_the_other() {
        // Each ends only when it has heard of the other.
        let (to_first, first) = channel();
        let (to_second, second) = channel();
        let ends = [
            Mutex::new((to_second, first)),
            Mutex::new((to_first, second)),
        ];
        side_by_side(&ends, |end| {
            let (sender, receiver) = &*end.lock().expect("nobody else takes it");
            sender.send(()).expect("the other end is there");
            let heard = receiver.recv_timeout(Duration::from_secs(60));
            heard.expect("the other one runs too");
        });
    }

    #[test]
    fn each_is_done_once() {
        let seen = Mutex::new(Vec::new());
        side_by_side(&[1, 2, 3, 4, 5], |n| {
            seen.lock().expect("nobody panics").push(*n);
        });
        let mut seen = seen.into_inner().expect("nobody panics");
        seen.sort_unstable();
        assert_eq!(seen, [1, 2, 3, 4, 5]);
    }
}
