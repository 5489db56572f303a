//! OAI-PMH 2.0: questions, answers, lists page by page, and the provider side that the sandbox speaks.

pub mod facts;
pub mod harvest;
pub mod listing;
pub mod page;
pub mod provider;
pub mod request;

/// The namespace of every OAI-PMH answer.
pub const NAMESPACE: &str = "http://www.openarchives.org/OAI/2.0/";
