//! One integration binary: what the program promises, told from outside.

mod cli;
mod crash;
mod oai_answers;
mod profiles;
mod round_trip;
mod stylesheets;
mod support {
    pub mod listener;
    pub mod records;
    pub mod scenario;
}
