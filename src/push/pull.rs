//! The other way: what Alma knows of a resource's bib and items goes into chosen fields of ArchivesSpace, after the same review.

mod act;
mod barcodes;
mod decided;
pub mod fate;
pub mod image;
pub mod plan;
pub mod reason;
pub mod report;
pub mod rules;
pub mod run;
pub mod source;
mod subject;
