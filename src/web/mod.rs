//! HTTP as a server: the staff page, and what the stand-ins answer with.
//!
//! `respond` is a plain function from a request and the time to an answer. `serve` is the only async.

pub mod access;
pub mod ahead;
pub mod api;
pub mod form;
pub mod glance;
pub mod html;
pub mod origin;
pub mod pages;
pub mod places;
pub mod respond;
pub mod routes;
pub mod search;
pub mod secret;
pub mod serve;
pub mod sessions;
pub mod site;
pub mod under_way;
pub mod visit;

pub use respond::respond;
pub use site::Site;
