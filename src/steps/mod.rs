//! The pipeline: each step is a function.

pub mod matching;
pub mod packaging;
pub mod validate;
