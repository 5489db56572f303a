//! One test for each way a server misbehaves, through the real program and real sockets.

mod broken_lists;
mod cutting;
mod lines;
mod protocol_errors;
mod quarantine;
mod recorded;
mod transport;
mod windows;

use crate::support::cartouche::{Cartouche, Ended};
use crate::support::fake_repository::{Asked, FakeRepository, Page, Reply, oai_dc, record};
use serde_json::Value;

/// The first of two bibs, which describes IE1.
fn first() -> String {
    bib(1)
}

/// The second, which describes IE2.
fn second() -> String {
    bib(2)
}

fn bib(number: u32) -> String {
    let metadata = oai_dc(&format!("Bib {number}"), &format!("oai:ros.example.org:IE{number}"));
    record(&format!("oai:alma:99{number}"), "2026-11-20T10:00:00Z", &metadata)
}

/// A list of two pages, one bib each; `t1` leads from one to the other.
fn two_pages(asked: &Asked) -> Reply {
    match asked.token() {
        None => Page::of(&[first()]).token("t1").reply(),
        Some("t1") => Page::of(&[second()]).reply(),
        Some(token) => panic!("nobody gave the token {token}"),
    }
}

/// What the pages after the first are, and the first as it should be.
fn then(rest: impl Fn(&Asked) -> Reply + Clone) -> impl Fn(&Asked) -> Reply + Clone {
    move |asked| if asked.token().is_some() { rest(asked) } else { two_pages(asked) }
}

/// Lists all records of a repository with `oai list-records`.
fn list_records(repository: &FakeRepository) -> Ended {
    Cartouche::new().run(&["oai", "list-records", &repository.base_url(), "--retries", "1", "--time-out", "2s"])
}

/// A Rosetta that behaves and shows IE1 and IE2, an Alma that may not, and the program between them.
struct RoundTrip {
    rosetta: FakeRepository,
    alma: FakeRepository,
    cartouche: Cartouche,
}

impl RoundTrip {
    fn with_alma(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let entity = |number: u32| {
            let identifier = format!("oai:ros.example.org:IE{number}");
            record(&identifier, "2026-11-20T10:00:00Z", &oai_dc("Untitled", "IE"))
        };
        let end_of = |record: String| record.split("<metadata>").next().unwrap().replace("<record>", "");
        let records = Page::of(&[entity(1), entity(2)]).raw_token("<resumptionToken/>").reply();
        let headers = Page::of(&[end_of(entity(1)), end_of(entity(2))]).of_verb("ListIdentifiers");
        let rosetta = FakeRepository::start(move |asked| match asked.verb() {
            "ListIdentifiers" => headers.clone(),
            _ => records.clone(),
        });
        let (alma, cartouche) = (FakeRepository::start(script), Cartouche::new());
        cartouche.write_profile(&rosetta.base_url(), &alma.base_url());
        RoundTrip { rosetta, alma, cartouche }
    }

    fn run(&self) -> Ended {
        self.cartouche.run(&["run", "p", "--json"])
    }
}

/// What `run --json` says of Alma's feed.
fn alma_feed(ended: &Ended) -> Value {
    ended.json()["feeds"]["alma"].clone()
}
