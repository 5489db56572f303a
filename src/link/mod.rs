//! Rosetta → Alma, where nothing names an IE: its bib is found or made, and a remote representation points at the IE, so that
//! the round trip can begin from Rosetta's side alone.

pub mod apply;
mod chain;
mod describe;
pub mod explain;
mod find;
pub mod plan;
mod reason;
pub mod report;
pub mod review;
pub mod rules;
pub mod run;
mod subject;
pub mod undo;

pub use describe::{Describer, builtin_stylesheet};
