//! ArchivesSpace → Alma, the second river: a resource's MARC is repaired, merged with Alma's record, and written through Alma's API.

pub mod alma;
mod alma_xml;
pub mod aspace;
pub mod bib;
pub mod bib_image;
pub mod bib_merge;
pub mod content_digest;
pub mod facts_of_resource;
pub mod holding;
pub mod item;
pub mod marc;
pub mod marc_repairs;
pub mod marc_validation;
pub mod mms_field;
pub mod own_mark;
pub mod plan;
pub mod resource;
pub mod resource_uri;
pub mod rules;
pub mod source_facts;
pub mod tag_rules;
pub mod template;
pub mod top_container;
