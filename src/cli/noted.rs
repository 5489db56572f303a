//! How far a run has come, noted in the store for whoever watches it, and whether somebody there has asked it to stop.

use super::now;
use crate::failure::Failure;
use crate::steps::News;
use crate::store::Store;
use serde_json::{Map, Value, json};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So often something is noted; a run of a million records must not notice it.
const PAUSE: Duration = Duration::from_secs(1);

/// The notes of one run.
pub struct Noted(Mutex<Notes>);

struct Notes {
    store: Store,
    run: i64,
    progress: Map<String, Value>,
    counts: Map<String, Value>,
    /// When each count began, for its rate.
    begun: Vec<(&'static str, Instant)>,
    last: Option<Instant>,
    is_asked_to_stop: bool,
}

impl Noted {
    /// `origin` is what is known of the run from its start, and stays: who started it, and why.
    pub fn new(store: &Store, run: i64, origin: Map<String, Value>) -> Result<Self, Failure> {
        let store = store.another()?.impatient()?;
        let (counts, begun) = (Map::new(), Vec::new());
        let notes = Notes { store, run, progress: origin, counts, begun, last: None, is_asked_to_stop: false };
        Ok(Noted(Mutex::new(notes)))
    }

    /// Takes in what a step tells; answers whether somebody has asked the run to stop.
    pub fn hear(&self, news: &News) -> bool {
        self.note(matches!(news, News::Begun { .. }), |notes| notes.take_in(news))
    }

    /// The same for what is no step of the round trip: how much of `name` is done.
    pub fn hear_count(&self, name: &'static str, done: u64, of: Option<u64>) -> bool {
        self.note(false, |notes| notes.count(name, done, of, None))
    }

    fn note(&self, is_new_step: bool, take_in: impl FnOnce(&mut Notes)) -> bool {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        take_in(&mut notes);
        if is_new_step || notes.last.is_none_or(|last| last.elapsed() >= PAUSE) {
            notes.write();
        }
        notes.is_asked_to_stop
    }
}

impl Notes {
    fn take_in(&mut self, news: &News) {
        match *news {
            News::Begun { step } => {
                self.progress.insert("step".to_owned(), json!(step));
                self.progress.insert("since".to_owned(), json!(now().to_string()));
            }
            News::Harvested { side, pages, records, complete_list_size } => {
                self.count(side, records, complete_list_size, Some(pages));
            }
            News::HarvestEnded { side } => {
                if let Some(count) = self.counts.get_mut(side).and_then(Value::as_object_mut) {
                    count.insert("ended".to_owned(), json!(true));
                }
            }
            News::Asked { done, of } => self.count("ask", done, Some(of), None),
            News::Prepared { done, of } => self.count("prepare", done, Some(of), None),
            News::Staged { done, of } => self.count("stage", done, Some(of), None),
            News::Applied { done, of } => self.count("apply", done, Some(of), None),
        }
    }

    fn count(&mut self, name: &'static str, done: u64, of: Option<u64>, pages: Option<u64>) {
        let begun = self.begun.iter().find(|(begun, _)| *begun == name).map(|(_, begun)| *begun);
        let begun = begun.unwrap_or_else(|| {
            self.begun.push((name, Instant::now()));
            Instant::now()
        });
        let seconds = begun.elapsed().as_secs_f64();
        let rate = if seconds > 0.5 { Some((done as f64 / seconds).round()) } else { None };
        let count = json!({"done": done, "of": of, "pages": pages, "per-second": rate});
        self.counts.insert(name.to_owned(), count);
    }

    fn write(&mut self) {
        self.last = Some(Instant::now());
        self.progress.insert("noted".to_owned(), json!(now().to_string()));
        self.progress.insert("counts".to_owned(), Value::Object(self.counts.clone()));
        let text = Value::Object(self.progress.clone()).to_string();
        // Whoever writes the run's own records goes first; a note that could not be made is made a second later.
        if let Ok(is_asked) = self.store.note_progress(self.run, &text) {
            self.is_asked_to_stop |= is_asked;
        }
    }
}
