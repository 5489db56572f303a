//! One integration binary: what the program promises, told from outside.

mod oai_answers;
mod round_trip;
mod support {
    pub mod records;
    pub mod scenario;
}
