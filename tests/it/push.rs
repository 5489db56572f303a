//! The push, through the real program and both stand-ins: what is written, what is not, and how often anybody is asked.

mod counting;
mod creating;
pub mod deciding;
mod faults;
mod files;
pub mod holdings;
mod items;
mod kills;
mod limits;
mod looking;
mod pulling;
mod shelf_counting;
mod shelf_hands;
mod shelf_kills;
mod shelf_told;
mod undoing;
mod updating;

use crate::support::push::{PushScenario, QUILTS, SAHOLT};
