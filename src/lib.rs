//! Cartouche keeps descriptive metadata in step between Rosetta, Alma and ArchivesSpace.

pub mod dc_xml;
pub mod failure;
pub mod marc;
pub mod model;
pub mod steps;
pub mod xml;
