//! Safe to leave alone: merging, holding, deciding, taking back, confirming.

mod deciding;
mod merging;
mod seeing;
mod stored;
mod undoing;
