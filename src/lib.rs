//! Cartouche keeps descriptive metadata in step between Rosetta, Alma and ArchivesSpace.

pub mod cli;
pub mod failure;
pub mod model;
pub mod oai;
pub mod sandbox;
pub mod web;
