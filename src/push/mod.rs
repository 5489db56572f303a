//! ArchivesSpace → Alma, the second river: a resource's MARC is repaired, merged with Alma's record, and written through Alma's API.

pub mod alma;
mod alma_xml;
pub mod bib;
pub mod bib_merge;
pub mod holding;
pub mod item;
pub mod marc;
pub mod marc_repairs;
pub mod marc_validation;
pub mod own_mark;
pub mod source_facts;
pub mod tag_rules;
pub mod template;
