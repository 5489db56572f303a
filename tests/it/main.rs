//! The tests that run the real program, over real sockets and real folders.

mod oai_answers;
mod quirks;
mod readme;
mod support {
    pub mod cartouche;
    pub mod fake_repository;
}
