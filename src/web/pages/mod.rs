//! The pages: one file each, and a line in `routes.rs`.

pub mod audit;
pub mod bulk;
pub mod conflict;
pub mod coverage;
pub mod decide;
pub mod difference;
pub mod held;
pub mod history;
pub mod list;
pub mod one;
pub mod overview;
pub mod packages;
pub mod quarantine;
pub mod raw;
pub mod resource;
pub mod resource_now;
pub mod resources;
pub mod running;
pub mod runs;
pub mod search;
pub mod sign_in;
pub mod skipped;
pub mod trial;
pub mod trying;
pub mod way_out;
pub mod windows;
