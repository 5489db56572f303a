//! HTTP as a server: what the stand-ins answer with, and later the staff page.

pub mod form;
pub mod serve;
