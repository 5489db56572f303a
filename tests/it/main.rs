//! One integration binary: what the program promises, told from outside.

mod alma_api;
mod alma_bodies;
mod apply;
mod architecture;
mod aspace_api;
mod audit;
mod browser;
mod cli;
mod coverage;
mod crash;
mod faults;
mod link;
mod marc_push;
mod marc_repairs;
mod oai_answers;
mod page;
mod peers;
mod profiles;
mod push;
mod quirks;
mod readme;
mod review;
mod round_trip;
mod soap;
mod stopping;
mod stylesheets;
mod support {
    pub mod cartouche;
    pub mod dated;
    pub mod fake_repository;
    pub mod link;
    pub mod listener;
    pub mod log;
    pub mod push;
    pub mod records;
    pub mod saxon;
    pub mod scenario;
    pub mod shelf;
}
