//! Counts what libxml2 and libxslt allocate on this thread, and has them stopped when it is too much.
//!
//! libxml2 2.9 does not survive each refused allocation, so a budget that is passed does not refuse: it *trips*, which
//! tells the running parse or transform to come to an end (`cx_stop`), and goes on granting small requests until it has.
//! Only large ones, whose failure libxml2 does check (strings, buffers), get nothing once twice the budget is in use.
//!
//! The allocator is the one place that every deep recursion comes through, so it also watches the stack.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;

use libmimalloc_sys as _; // links mimalloc; the functions below are in its header but not in the crate

use super::ffi;

// These tell the size of a block while they have it at hand; asking for it afterwards costs a tenth of a transform.
unsafe extern "C" {
    fn mi_umalloc(size: usize, granted: *mut usize) -> *mut c_void;
    fn mi_urealloc(block: *mut c_void, size: usize, before: *mut usize, granted: *mut usize) -> *mut c_void;
    fn mi_ufree(block: *mut c_void, held: *mut usize);
}

/// Why the budget ended a parse or transform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trip {
    Memory,
    Stack,
    /// Bytes allocated in all, kept or not: work that libxslt's operation count does not see, like copying long strings.
    Volume,
}

/// A request of this size or less is granted even past the budget, up to `HEADROOM` times.
const SMALL: usize = 64 * 1024;
const HEADROOM: i64 = 8;
/// Each operation may allocate this much on average.
const VOLUME_PER_OPERATION: u64 = 64;

struct Account {
    used: Cell<i64>,
    limit: Cell<i64>,
    budget: Cell<i64>,
    volume: Cell<u64>,
    volume_limit: Cell<u64>,
    stack_floor: Cell<usize>,
    tripped: Cell<Option<Trip>>,
}

thread_local! {
    // Constant and without a destructor: a plain thread-local variable, still there when libxml2 cleans up a dying thread.
    static ACCOUNT: Account = const {
        Account {
            used: Cell::new(0),
            limit: Cell::new(i64::MAX),
            budget: Cell::new(0),
            volume: Cell::new(0),
            volume_limit: Cell::new(u64::MAX),
            stack_floor: Cell::new(0),
            tripped: Cell::new(None),
        }
    };
}

/// Runs `work` with a budget of `memory` bytes above what this thread holds now, and says whether it was passed.
pub(super) fn within<R>(memory: usize, operations: u64, work: impl FnOnce() -> R) -> (R, Option<Trip>) {
    let budget = i64::try_from(memory).unwrap_or(i64::MAX / 16).min(i64::MAX / 16);
    ACCOUNT.with(|account| {
        account.budget.set(budget);
        account.limit.set(account.used.get().saturating_add(budget));
        account.volume.set(0);
        account.volume_limit.set(operations.saturating_mul(VOLUME_PER_OPERATION));
        account.tripped.set(None);
        if account.stack_floor.get() == 0 {
            // SAFETY: asks the system about the calling thread only.
            account.stack_floor.set(unsafe { ffi::cx_stack_floor() }.max(1));
        }
    });
    let result = work();
    let tripped = ACCOUNT.with(|account| {
        account.limit.set(i64::MAX);
        account.volume_limit.set(u64::MAX);
        account.tripped.take()
    });
    (result, tripped)
}

impl Account {
    /// Whether a request may be granted; trips when it is the first one too many.
    fn admits(&self, size: usize) -> bool {
        let here = ptr::from_ref(&size).addr();
        let after = self.used.get().saturating_add_unsigned(size as u64);
        let volume = self.volume.get().saturating_add(size as u64);
        self.volume.set(volume);
        let fits = after <= self.limit.get();
        if fits && volume <= self.volume_limit.get() && here >= self.stack_floor.get() {
            return true;
        }
        if self.limit.get() == i64::MAX {
            return true; // outside a budget: start-up, and the clean-up after it
        }
        let cause = if !fits {
            Trip::Memory
        } else if here < self.stack_floor.get() {
            Trip::Stack
        } else {
            Trip::Volume
        };
        self.trip(cause);
        let past = after.saturating_sub(self.limit.get());
        past <= self.budget.get() || (size <= SMALL && past <= self.budget.get().saturating_mul(HEADROOM))
    }

    fn trip(&self, cause: Trip) {
        if self.tripped.get().is_none() {
            self.tripped.set(Some(cause));
        }
        // SAFETY: sets flags in structures of this thread that are alive while they are registered. Told again at each
        // request past the budget, since a parse may be followed by a transform before anyone looks.
        unsafe { ffi::cx_stop() };
    }

    fn count(&self, granted: usize) {
        self.used.set(self.used.get().saturating_add_unsigned(granted as u64));
    }

    fn discount(&self, held: usize) {
        self.used.set(self.used.get().saturating_sub_unsigned(held as u64));
    }
}

pub(super) unsafe extern "C" fn allocate(size: usize) -> *mut c_void {
    ACCOUNT.with(|account| {
        if !account.admits(size) {
            return ptr::null_mut();
        }
        let mut granted = 0;
        // SAFETY: mimalloc takes any size, and reports 0 when it has none.
        let block = unsafe { mi_umalloc(size, &mut granted) };
        account.count(granted);
        block
    })
}

pub(super) unsafe extern "C" fn reallocate(block: *mut c_void, size: usize) -> *mut c_void {
    ACCOUNT.with(|account| {
        if !account.admits(size) {
            return ptr::null_mut();
        }
        let (mut before, mut granted) = (0, 0);
        // SAFETY: libxml2 hands back what `allocate` gave, or null; the old block is gone unless the result is null.
        let moved = unsafe { mi_urealloc(block, size, &mut before, &mut granted) };
        if !moved.is_null() {
            account.discount(before);
            account.count(granted);
        }
        moved
    })
}

pub(super) unsafe extern "C" fn release(block: *mut c_void) {
    let mut held = 0;
    // SAFETY: libxml2 hands back what `allocate` gave, or null.
    unsafe { mi_ufree(block, &mut held) };
    ACCOUNT.with(|account| account.discount(held));
}
