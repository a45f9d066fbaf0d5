//! Threads that compile pipelines, so that a load goes on reading meanwhile and hears a stop.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::thread;

use futures_channel::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// Drivers gain little from more, and each compilation takes memory.
const N_THREAD_MAX: usize = 8;

/// Does `work` on one of the threads. Work whose receiver is gone before its turn is left out.
pub(super) fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> oneshot::Receiver<T> {
    static QUEUE: OnceLock<mpsc::Sender<Job>> = OnceLock::new();
    let (sender, receiver) = oneshot::channel();
    let job = Box::new(move || {
        if !sender.is_canceled() {
            // The receiver may be dropped while the work runs: then nobody wants it.
            let _ = sender.send(work());
        }
    });
    // Without any thread the job is dropped here, and with it the sender: the receiver hears that.
    let _ = QUEUE.get_or_init(start).send(job);
    receiver
}

fn start() -> mpsc::Sender<Job> {
    let (sender, queue) = mpsc::channel::<Job>();
    let queue = Arc::new(Mutex::new(queue));
    let n_thread = thread::available_parallelism().map_or(1, |n| n.get().min(N_THREAD_MAX));
    for _ in 0..n_thread {
        let queue = Arc::clone(&queue);
        // A thread that cannot be had leaves its work to the others.
        let _ = thread::Builder::new()
            .name("ggweb compiler".to_owned())
            .spawn(move || {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    match next {
                        Ok(job) => job(),
                        Err(_) => return,
                    }
                }
            });
    }
    sender
}
