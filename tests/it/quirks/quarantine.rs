//! Records that cannot be read, records without metadata, deleted records.

use super::*;
use crate::support::fake_repository::{deleted, latin_1};

/// The second bib with a prefix that nobody declares.
fn unreadable() -> String {
    second().replace("<dc:title>", "<nobody:title/><dc:title>")
}

/// A record that does not say what it is.
fn nameless() -> String {
    second().replace("<identifier>oai:alma:992</identifier>", "")
}

fn quarantine(trip: &RoundTrip) -> Vec<Value> {
    let listed = trip.cartouche.run(&["list", "p", "quarantine", "--json"]).exits(0).json();
    listed["quarantine"].as_array().unwrap().clone()
}

#[test]
fn a_record_that_cannot_be_read_does_not_stop_the_others() {
    let script = |_: &Asked| Page::of(&[unreadable(), first()]).reply();
    let listed = list_records(&FakeRepository::start(script)).exits(3);
    let listed = listed.complains("quarantined: oai:alma:992: the prefix `nobody` is not declared");
    assert_eq!(listed.complains("partial: 1 records (0 deleted), 1 quarantined").identifiers(), ["oai:alma:991"]);

    let trip = RoundTrip::with_alma(script);
    let feed = alma_feed(&trip.run().exits(3));
    assert_eq!((&feed["complete"], &feed["records"], &feed["quarantined"]), (&true.into(), &1.into(), &1.into()));
    assert_eq!(trip.cartouche.staged(), ["IE1"]);
    let lines = quarantine(&trip);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["identifier"], "oai:alma:992");
    assert_eq!(lines[0]["feed"], "alma");
    assert_eq!(lines[0]["datestamp"], "2026-11-20T10:00:00Z");
    assert_eq!(lines[0]["reason"], "the prefix `nobody` is not declared");
    assert!(lines[0]["page"].as_str().unwrap().contains("verb=ListRecords"));
    let _ = trip.cartouche.run(&["status", "p"]).exits(3);
    // Nothing new comes, and it still lies there.
    let _ = trip.run().exits(3);
    assert_eq!(quarantine(&trip).len(), 1);
}

#[test]
fn the_bytes_of_a_record_in_latin_1_are_kept_as_they_came_and_its_ie_stays_claimed() {
    let bad = unreadable().replace("<dc:title>", "<dc:title>Café à ");
    let page = Page::of(&[bad.clone(), first()]);
    let trip = RoundTrip::with_alma(move |_: &Asked| page.reply().in_latin_1());
    let _ = trip.run().exits(3);
    let listed = trip.cartouche.run(&["list", "p", "quarantine", "--bytes", "sent", "--json"]).exits(0).json();
    let kept = trip.cartouche.bytes_of(&format!("sent/alma-{}.xml", listed["quarantine"][0]["number"]));
    assert_eq!(kept, latin_1(&bad));
    let explained = trip.cartouche.run(&["explain", "p", "IE2", "--json"]).exits(0);
    assert!(explained.stdout.contains("Café à "), "{}", explained.stdout);
    let _ = trip.cartouche.run(&["list", "p", "held", "--bytes", "x"]).exits(2);
}

#[test]
fn a_record_that_was_put_right_says_so_and_is_staged() {
    let spoilt = bib(1).replace("Bib 1", "Bib &nbsp;1 & more");
    let script = move |_: &Asked| Page::of(&[spoilt.clone(), second()]).reply();
    let listed = list_records(&FakeRepository::start(script.clone())).exits(0);
    let listed = listed.complains("complete with repairs: 2 records").complains("repaired: 1 (bare-ampersands)");
    assert!(listed.stdout.contains("\"repairs\":[\"bare-ampersands\",\"html-entities\"]"), "{}", listed.stdout);
    assert!(listed.stdout.contains("Bib \u{A0}1 &amp; more"), "{}", listed.stdout);
    let trip = RoundTrip::with_alma(script);
    let feed = alma_feed(&trip.run().exits(0));
    assert_eq!((&feed["state"], &feed["repaired"]["html-entities"]), (&"complete with repairs".into(), &1.into()));
    assert_eq!(trip.cartouche.staged(), ["IE1", "IE2"]);
    let explained = trip.cartouche.run(&["explain", "p", "991"]).exits(0);
    assert!(explained.stdout.contains("repaired (bare-ampersands html-entities)"), "{}", explained.stdout);
}

#[test]
fn a_repaired_record_leaves_the_quarantine_and_is_staged() {
    let trip = RoundTrip::with_alma(|_| Page::of(&[first(), unreadable()]).reply());
    let _ = trip.run().exits(3);
    let other = unreadable().replace("Bib 2", "Bib 2, spoilt otherwise");
    trip.alma.now(move |_| Page::of(std::slice::from_ref(&other)).reply());
    let _ = trip.run().exits(3);
    trip.alma.now(|_| Page::of(&[second()]).reply());
    let _ = trip.run().exits(0);
    assert!(quarantine(&trip).is_empty());
    assert_eq!(trip.cartouche.staged(), ["IE1", "IE2"]);
}

#[test]
fn a_record_deleted_in_the_meantime_leaves_the_quarantine() {
    let trip = RoundTrip::with_alma(|_| Page::of(&[first(), unreadable()]).reply());
    let _ = trip.run().exits(3);
    trip.alma.now(|_| Page::of(&[deleted("oai:alma:992", "2026-11-21T00:00:00Z")]).reply());
    let _ = trip.run().exits(0);
    assert!(quarantine(&trip).is_empty());
    assert_eq!(trip.cartouche.staged(), ["IE1"]);
}

#[test]
fn a_record_that_becomes_unreadable_is_not_staged_from_what_it_was() {
    let trip = RoundTrip::with_alma(two_pages);
    let _ = trip.cartouche.run(&["harvest", "p"]).exits(0);
    trip.alma.now(|_| Page::of(&[unreadable()]).reply());
    let ended = trip.run().exits(3).json();
    assert_eq!(ended["outcomes"]["skipped"]["quarantined"], 1);
    assert_eq!(trip.cartouche.staged(), ["IE1"]);
}

#[test]
fn a_record_that_nobody_can_name_makes_the_list_incomplete() {
    let script = then(|_| Page::of(&[nameless()]).reply());
    let listed = list_records(&FakeRepository::start(script.clone())).exits(3).complains("partial: 1 records");
    let listed = listed.complains("missing: 1 records without identifier");
    assert_eq!(listed.identifiers(), ["oai:alma:991"]);

    let trip = RoundTrip::with_alma(script);
    for _ in 0..2 {
        trip.alma.taken();
        let feed = alma_feed(&trip.run().exits(1).complains("have no identifier"));
        assert_eq!((&feed["complete"], &feed["quarantined"]), (&false.into(), &1.into()));
        assert_eq!(trip.alma.lists()[..2], ["all", "t1"], "the window begins again");
        assert!(trip.cartouche.staged().is_empty());
    }
    assert_eq!(quarantine(&trip).len(), 1);
    trip.alma.now(two_pages);
    let _ = trip.run().exits(0);
    assert!(quarantine(&trip).is_empty(), "the list came whole");
    assert_eq!(trip.cartouche.staged(), ["IE1", "IE2"]);
}

#[test]
fn a_nameless_record_on_the_first_page_is_not_forgotten_when_the_run_goes_on_later() {
    let whole = |asked: &Asked| match asked.token() {
        None => Page::of(&[first(), nameless()]).token("t1").reply(),
        Some(_) => Page::of(&[]).reply(),
    };
    let trip =
        RoundTrip::with_alma(move |asked| if asked.token().is_none() { whole(asked) } else { Reply::status(500) });
    let _ = trip.run().exits(1);
    trip.alma.now(whole);
    let _ = trip.run().exits(1).complains("have no identifier");
    assert!(trip.cartouche.staged().is_empty());
}

#[test]
fn deleted_records_and_records_without_metadata_are_skipped_each_for_its_reason() {
    let script = |_: &Asked| {
        let spoilt = "<metadata><nobody:x/></metadata></record>";
        Page::of(&[
            deleted("oai:alma:990", "2026-11-21T00:00:00Z"),
            first(),
            deleted("oai:alma:993", "2026-11-21T00:00:00Z").replace("</record>", spoilt),
            record("oai:alma:994", "2026-11-21T00:00:00Z", ""),
        ])
        .reply()
    };
    let _ = list_records(&FakeRepository::start(script)).exits(0).complains("complete: 4 records (2 deleted)");
    let trip = RoundTrip::with_alma(script);
    let ended = trip.run().exits(0);
    assert_eq!(alma_feed(&ended)["deleted"], 2);
    let skipped = &ended.json()["outcomes"]["skipped"];
    assert_eq!((&skipped["deleted"], &skipped["no-metadata"]), (&2.into(), &1.into()));
    assert_eq!(trip.cartouche.staged(), ["IE1"]);
}

#[test]
fn an_ie_that_rosetta_shows_as_deleted_gets_nothing() {
    let trip = RoundTrip::with_alma(two_pages);
    let gone = |_: &Asked| Page::of(&[deleted("oai:ros.example.org:IE1", "2026-11-21T00:00:00Z")]).reply();
    trip.rosetta.now(gone);
    let ended = trip.run().exits(0).json();
    assert_eq!(ended["outcomes"]["skipped"]["not-in-rosetta"], 2);
    assert!(trip.cartouche.staged().is_empty());
}
