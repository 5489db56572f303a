//! What is made ready before somebody asks for it: counts, the coverage, the proof of the journal, the index of titles.
//!
//! With a million records each of these takes longer than a page may. `cartouche serve` has a thread that calls `step` again
//! and again; where nobody does, pages make what they need themselves.

use super::glance::Glance;
use super::site::{Desk, Site};
use crate::failure::Failure;
use crate::model::fixity::Fixity;
use crate::model::time::Timestamp;
use crate::store::journal::Proof;
use crate::store::titles::Titles;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// While a run writes, everything is surveyed no oftener than this: a million pairs take two seconds.
const PAUSE: Duration = Duration::from_secs(5 * 60);

/// Between two passes over all titles: each compares every record, and costs seconds where there are a million.
const BETWEEN_PASSES: Duration = Duration::from_secs(60);

/// What is ready of one profile.
#[derive(Default)]
pub struct Ready(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    is_made_ahead: bool,
    glance: Option<Arc<Glance>>,
    /// The version of the store that the coverage was counted of, and when.
    covered: Option<i64>,
    /// The version of the store that the index of titles is of.
    titled: Option<i64>,
    /// The digest that must be in the journal, when somebody has asked for a proof.
    asked: Option<Option<Fixity>>,
    proven: Option<Arc<Proven>>,
}

/// What a walk through the journal found, and when.
pub struct Proven {
    pub at: Timestamp,
    /// The digest that somebody had noted.
    pub head: Option<Fixity>,
    pub proof: Proof,
}

impl Proven {
    pub fn is_whole(&self) -> bool {
        self.proof.faults.is_empty() && (self.head.is_none() || self.proof.noted.is_some())
    }
}

impl Ready {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is a thread that works ahead.
    pub fn is_made_ahead(&self) -> bool {
        self.inside().is_made_ahead
    }

    /// How things stood when the thread looked last.
    pub fn glance(&self) -> Option<Arc<Glance>> {
        self.inside().glance.clone()
    }

    pub fn covers(&self) -> Option<i64> {
        self.inside().covered
    }

    pub fn note_covered(&self, version: i64) {
        self.inside().covered = Some(version);
    }

    pub fn titles_are_of(&self) -> Option<i64> {
        self.inside().titled
    }

    pub fn note_titled(&self, version: i64) {
        self.inside().titled = Some(version);
    }

    /// The last proof of the journal, and whether another one was asked for.
    pub fn proven(&self) -> (Option<Arc<Proven>>, bool) {
        let inside = self.inside();
        (inside.proven.clone(), inside.asked.is_some())
    }

    /// Asks the thread for a proof of the journal.
    pub fn ask_for_proof(&self, head: Option<Fixity>) {
        self.inside().asked = Some(head);
    }
}

/// Proves the journal when somebody has asked for it.
pub fn prove(desk: &Desk, now: Timestamp) -> Result<bool, Failure> {
    let Some(head) = desk.ready.inside().asked else { return Ok(false) };
    let proof = desk.with_store(|store| Ok(store.prove_journal(head.as_ref())?));
    let mut inside = desk.ready.inside();
    inside.asked = None;
    inside.proven = Some(Arc::new(Proven { at: now, head, proof: proof? }));
    Ok(true)
}

/// The thread's own memory: one turn for each profile.
pub struct Ahead {
    turns: Vec<Turn>,
}

#[derive(Default)]
struct Turn {
    covered: Option<(i64, Timestamp)>,
    titles: Option<Titles>,
    /// The version of the store when the pass over its titles began, and when that was.
    titled: Option<(i64, Timestamp)>,
    /// Whether that pass goes on.
    is_passing: bool,
}

impl Ahead {
    /// Everything that pages show first is counted here, before anybody asks.
    pub fn begin(site: &Site, now: Timestamp) -> Result<Self, Failure> {
        for desk in &site.desks {
            desk.ready.inside().is_made_ahead = true;
            // What cannot be counted is told on the page, which counts by itself as long as nothing is ready.
            if let Ok(glance) = desk.look(now) {
                desk.ready.inside().glance = Some(glance);
            }
        }
        Ok(Ahead { turns: site.desks.iter().map(|_| Turn::default()).collect() })
    }

    /// Does one piece of work for each profile; answers whether there is more to do at once.
    pub fn step(&mut self, site: &Site, now: Timestamp) -> Result<bool, Failure> {
        let mut has_more = false;
        for (turn, desk) in self.turns.iter_mut().zip(&site.desks) {
            let glance = desk.look(now);
            // An old number is worse than none where the store cannot be read any more.
            desk.ready.inside().glance = glance.as_ref().ok().cloned();
            glance?;
            // Coverage and titles are those of the round trip's feeds.
            has_more |= prove(desk, now)? || (desk.has_trip() && (turn.cover(desk, now)? || turn.title(desk, now)?));
        }
        Ok(has_more)
    }
}

impl Turn {
    fn cover(&mut self, desk: &Desk, now: Timestamp) -> Result<bool, Failure> {
        let version = desk.version()?;
        let is_due = match self.covered {
            None => true,
            Some((covered, at)) => covered != version && (now.since(at) >= PAUSE || now < at),
        };
        if is_due {
            desk.count_coverage(now)?;
            self.covered = Some((version, now));
        }
        Ok(is_due)
    }

    /// One step of the index of titles, which a pass takes from the first record to the last.
    fn title(&mut self, desk: &Desk, now: Timestamp) -> Result<bool, Failure> {
        let version = desk.version()?;
        if self.titles.as_ref().is_none_or(|titles| !titles.is_in_place()) {
            (self.titles, self.titled, self.is_passing) = (Some(Titles::open(&desk.started_with.state)?), None, false);
        }
        let is_due = match self.titled {
            None => true,
            Some((of, at)) => of != version && (now.since(at) >= BETWEEN_PASSES || now < at),
        };
        if !self.is_passing && !is_due {
            return Ok(false);
        }
        if !self.is_passing {
            self.titled = Some((version, now));
        }
        let mut titles = self.titles.take().expect("it was just opened");
        match desk.title_step(&mut titles) {
            Ok(goes_on) => {
                (self.titles, self.is_passing) = (Some(titles), goes_on);
                Ok(true)
            }
            Err(failure) => {
                self.is_passing = false;
                titles.discard_if_spoilt()?;
                Err(failure)
            }
        }
    }
}
