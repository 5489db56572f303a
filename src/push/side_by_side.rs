//! Work on many resources at once: a few threads, each with its own connection to the store, until all is done or one says stop.

use crate::failure::Failure;
use crate::store::Store;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Does `work` for each item, in their order as far as several threads have one. The first failure stops all: what is under
/// way ends, and nothing further is begun. So does `go` when it answers `false`; it is told after each item how many are done.
pub(crate) fn side_by_side<T: Sync, R: Send>(
    store: &Store,
    threads: usize,
    items: &[T],
    go: &(dyn Fn(u64) -> bool + Sync),
    work: impl Fn(&mut Store, &T) -> Result<R, Failure> + Sync,
) -> (Vec<R>, Option<Failure>) {
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (done, failure) = (Mutex::new(Vec::new()), Mutex::new(None));
    let held = |failed: Failure| {
        stop.store(true, Ordering::Relaxed);
        failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failed);
    };
    let one_thread = |mut store: Store| {
        while !stop.load(Ordering::Relaxed) {
            let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
            match work(&mut store, item) {
                Ok(result) => {
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push(result);
                    if !go(done.len() as u64) {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
                Err(failed) => held(failed),
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, items.len().max(1)) {
            match store.another() {
                Ok(own) => _ = scope.spawn(|| one_thread(own)),
                Err(error) => held(error.into()),
            }
        }
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    (done, failure.into_inner().unwrap_or_else(PoisonError::into_inner))
}
