//! Work that only so many may do at once, so that no crowd takes all of the machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many places, some of them taken.
#[derive(Debug)]
pub struct Places {
    taken: Arc<AtomicUsize>,
    all: usize,
}

/// A place that is taken until the last copy of this is dropped.
#[derive(Debug, Clone)]
pub struct Place(Arc<Taken>);

#[derive(Debug)]
struct Taken(Arc<AtomicUsize>);

impl Places {
    pub fn new(all: usize) -> Self {
        Places { taken: Arc::default(), all }
    }

    /// `None`: all are taken, and nobody is made to wait.
    pub fn take(&self) -> Option<Place> {
        let place = Place(Arc::new(Taken(Arc::clone(&self.taken))));
        (self.taken.fetch_add(1, Ordering::SeqCst) < self.all).then_some(place)
    }
}

/// A place is the same as its own copies only.
impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Place {}

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_last_copy_is_gone() {
        let places = Places::new(2);
        let (one, two) = (places.take().unwrap(), places.take().unwrap());
        assert!(places.take().is_none() && places.take().is_none());
        let copy = one.clone();
        drop(one);
        assert!(places.take().is_none());
        drop(copy);
        let again = places.take();
        assert!(again.is_some() && places.take().is_none());
        drop((two, again));
        assert!(places.take().is_some());
    }
}
