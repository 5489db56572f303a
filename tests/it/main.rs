mod oai_answers;
mod quirks;
mod support {
    pub mod cartouche;
    pub mod fake_repository;
}
