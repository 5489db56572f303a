//! Linking, through the real program and both stand-ins: what is made, what is left alone, and how often Alma is asked.

mod afterwards;
mod checking;
mod counting;
mod deciding;
mod faults;
mod finding;
mod kills;
mod making;
mod undoing;

use crate::support::link::{LinkScenario, oai};
use crate::support::records::{bib, entity};
