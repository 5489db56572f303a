//! ArchivesSpace → Alma, the second river: a resource's MARC is repaired, merged with Alma's record, and written through Alma's API.

pub mod bib_merge;
pub mod marc;
pub mod own_mark;
pub mod tag_rules;
