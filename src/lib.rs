//! Cartouche keeps descriptive metadata in step between Rosetta, Alma and ArchivesSpace.

pub mod cli;
pub mod dc_xml;
pub mod failure;
pub mod marc;
pub mod model;
pub mod oai;
pub mod sandbox;
pub mod steps;
pub mod web;
pub mod xml;
