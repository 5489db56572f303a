//! What was found of everything that an earlier run began and did not end.

use crate::model::intent::IntentState;
use crate::report::line;
use serde_json::{Value, json};

/// What was found of an intent that has no end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resumed {
    pub done: u64,
    /// They were not done, and are decided anew.
    pub withdrawn: u64,
    /// Nobody can tell yet.
    pub waiting: u64,
}

impl Resumed {
    /// Counts one by the state in which a look has left it.
    pub fn count(&mut self, state: IntentState) {
        match state {
            IntentState::Done => self.done += 1,
            IntentState::Sent | IntentState::Unknown => self.waiting += 1,
            IntentState::Held
            | IntentState::Planned
            | IntentState::Failed
            | IntentState::Rejected
            | IntentState::Withdrawn
            | IntentState::Undone => self.withdrawn += 1,
        }
    }

    pub fn json(self) -> Value {
        json!({"done": self.done, "withdrawn": self.withdrawn, "waiting": self.waiting})
    }

    /// A line of a report, where there is anything to say.
    pub fn tell(self, text: &mut String) {
        if self != Resumed::default() {
            let told = format!("{} done, {} decided anew, {} unknown", self.done, self.withdrawn, self.waiting);
            line(text, "earlier", &told);
        }
    }
}
