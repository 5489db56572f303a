//! Cartouche keeps descriptive metadata in step between Rosetta, Alma and ArchivesSpace.

pub mod cli;
pub mod failure;
pub mod http;
pub mod model;
pub mod oai;
pub mod profile;
pub mod report;
pub mod staging;
pub mod steps;
pub mod store;
