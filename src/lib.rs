//! Cartouche keeps descriptive metadata in step between Rosetta, Alma and ArchivesSpace.
//!
//! ```text
//! Rosetta OAI ─┐                                    pure middle (no I/O, no clock)
//!              ├─ harvest ─▶ [store: records] ─▶ matching ▸ transform ▸ packaging ─▶ stage ─▶ NFS folder
//! Alma OAI ────┘                                                                               │ Update
//!                            [store: packages] ◀──────────── settle ◀──── done/ · error/ ◀─────┘ Metadata Job
//! ```

// The nouns, and how a round trip is described.
pub mod failure;
pub mod model;
pub mod profile;

// The foreign languages, each behind its door.
pub mod dc_xml;
pub mod http;
pub mod marc;
pub mod oai;
pub mod process;
pub mod rosetta_soap;
pub mod staging;
pub mod store;
pub mod xml;
pub mod xslt;

// The river, and the second one.
pub mod link;
pub mod premis;
pub mod push;
pub mod report;
pub mod steps;

// Who talks to people, and the stand-ins.
pub mod cli;
pub mod sandbox;
pub mod web;
