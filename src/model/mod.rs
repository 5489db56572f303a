//! The nouns: what the systems speak of, without I/O and without a clock.

pub mod dc;
pub mod decision;
pub mod event;
pub mod field_name;
pub mod fingerprint;
pub mod fixity;
pub mod id;
pub mod intent;
pub mod link_kind;
pub mod outcome;
pub mod record;
pub mod repair;
pub mod state;
pub mod time;
pub mod window;
