pub mod form;
pub mod serve;
