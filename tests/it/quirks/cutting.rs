//! Lists that break off: what can be had is had, by windows and by identifiers, and the rest is named.

use super::*;
use crate::support::dated::{Dated, Item};
use crate::support::fake_repository::error;

fn sorted(mut identifiers: Vec<String>) -> Vec<String> {
    identifiers.sort();
    identifiers
}

/// Lists all records with these further arguments; everything must come, each record once.
#[track_caller]
fn check_all(
    dated: &Dated,
    fault: impl Fn(&Dated, &Asked) -> Option<Reply> + Send + Sync + 'static,
    further: &[&str],
) -> Vec<String> {
    let (shown, truth) = (dated.clone(), sorted(dated.identifiers()));
    let repository = FakeRepository::start(move |asked| fault(&shown, asked).unwrap_or_else(|| shown.answer(asked)));
    let base_url = repository.base_url();
    let arguments = [&["oai", "list-records", &base_url, "--retries", "1", "--time-out", "2s"], further].concat();
    let ended = Cartouche::new().run(&arguments).exits(0);
    assert_eq!(sorted(ended.identifiers()), truth, "{}", ended.stderr);
    repository.lists()
}

#[test]
fn windows_side_by_side_give_the_records_of_one_sequence() {
    let mut dated = Dated::hourly(240);
    for says_size in [false, true] {
        dated.says_size = says_size;
        for windows in ["1", "2", "8", "64"] {
            check_all(&dated, |_, _| None, &["--windows", windows]);
        }
    }
    dated.items.reverse();
    check_all(&dated, |_, _| None, &["--windows", "5"]);
}

#[test]
fn windows_lose_nothing_where_until_is_exclusive() {
    let mut dated = Dated::hourly(240);
    dated.until_is_exclusive = true;
    check_all(&dated, |_, _| None, &["--windows", "7"]);
}

#[test]
fn windows_fall_back_to_days_where_seconds_are_promised_and_refused() {
    let mut dated = Dated::hourly(240);
    dated.takes_days_only = true;
    check_all(&dated, |_, _| None, &["--windows", "7"]);
}

#[test]
fn a_list_whose_tokens_die_goes_on_from_its_last_datestamp() {
    // metha took a badResumptionToken for the end of the list: 1,600 of 6,000 records, exit code 0.
    let dies = |_: &Dated, asked: &Asked| {
        let dead = asked.verb() == "ListRecords" && asked.token().is_some_and(|token| token.ends_with("!10"));
        dead.then(|| error("badResumptionToken", "expired"))
    };
    let lists = check_all(&Dated::hourly(60), dies, &[]);
    assert_eq!(
        lists.iter().filter(|list| *list == "all").count(),
        2,
        "once for the list, once for the proof: {lists:?}"
    );
    assert!(lists.contains(&"from 2026-10-01T10:30:00Z".to_owned()), "{lists:?}");
}

#[test]
fn a_page_that_ends_a_list_early_hides_nothing() {
    // ArchivesSpace 4.2 drops records after paging: a page of which nothing is left ends the list.
    let mut dated = Dated::hourly(60);
    dated.items.reverse();
    let hidden = |_: &Dated, asked: &Asked| {
        let hidden = asked.token().is_some_and(|token| token.starts_with("!!") && token.ends_with("!20"));
        hidden.then(|| error("noRecordsMatch", "The list is empty"))
    };
    check_all(&dated, hidden, &[]);
}

#[test]
fn a_token_that_is_refused_once_is_asked_for_again() {
    let once = |_: &Dated, asked: &Asked| {
        let refused = asked.token().is_some_and(|token| token.ends_with("!10")) && asked.before == 0;
        refused.then(|| error("badResumptionToken", "for a moment"))
    };
    let lists = check_all(&Dated::hourly(30), once, &[]);
    assert_eq!(lists, ["all", "!!5", "!!10", "!!10", "!!15", "!!20", "!!25"]);
}

#[test]
fn a_page_that_is_empty_for_a_moment_does_not_end_the_list() {
    let once = |_: &Dated, asked: &Asked| {
        let empty = asked.token().is_some_and(|token| token.ends_with("!10")) && asked.before == 0;
        empty.then(|| Page::of(&[]).reply())
    };
    check_all(&Dated::hourly(30), once, &[]);
}

#[test]
fn one_token_for_a_whole_list_is_followed_while_new_records_come() {
    let stateful = |dated: &Dated, asked: &Asked| {
        let start = if asked.token().is_some() { 5 * (asked.before + 1) } else { 0 };
        let page = Dated { items: dated.items.iter().skip(start).take(5).cloned().collect(), ..dated.clone() };
        let token = if start + 5 < dated.items.len() { "<resumptionToken>same</resumptionToken>" } else { "" };
        let records: Vec<String> =
            page.items.iter().map(|item| record(&item.identifier, &item.datestamp, &oai_dc("T", "x"))).collect();
        (asked.verb() == "ListRecords").then(|| Page::of(&records).raw_token(token).reply())
    };
    check_all(&Dated::hourly(23), stateful, &[]);
}

#[test]
fn a_list_that_goes_on_for_ever_is_ended() {
    let repository = FakeRepository::start(|asked| match asked.verb() {
        "ListRecords" => Page::of(&[first()]).token(&format!("t{}", asked.token().map_or(0, str::len))).reply(),
        _ => error("badVerb", "?"),
    });
    let count = std::sync::atomic::AtomicUsize::new(0);
    repository.now(move |asked| match asked.verb() {
        "ListRecords" => {
            let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Page::of(&[first()]).token(&format!("t{number}")).reply()
        }
        _ => error("badVerb", "?"),
    });
    let ended = list_records(&repository).exits(1).complains("the list has no end").complains("INCOMPLETE");
    assert_eq!(ended.identifiers(), ["oai:alma:991"]);
}

const POISON: &str = "oai:alma:9917";

fn poisoned(dated: &Dated, asked: &Asked) -> Option<Reply> {
    (asked.verb() != "ListIdentifiers" && dated.shows(asked, POISON)).then(|| Reply::status(500))
}

#[test]
fn a_record_that_the_server_stumbles_over_is_the_only_one_that_is_missing() {
    for reversed in [false, true] {
        let mut dated = Dated::hourly(60);
        if reversed {
            dated.items.reverse();
        }
        let shown = dated.clone();
        let repository =
            FakeRepository::start(move |asked| poisoned(&shown, asked).unwrap_or_else(|| shown.answer(asked)));
        let ended = list_records(&repository).exits(3).complains("partial: 59 records").complains(POISON);
        let mut expected = dated.identifiers();
        expected.retain(|identifier| identifier != POISON);
        assert_eq!(sorted(ended.identifiers()), sorted(expected));
    }
}

/// A profile whose Alma is this repository, with faults.
fn round_trip(dated: &Dated, fault: impl Fn(&Dated, &Asked) -> Option<Reply> + Send + Sync + 'static) -> RoundTrip {
    let shown = dated.clone();
    RoundTrip::with_alma(move |asked| fault(&shown, asked).unwrap_or_else(|| shown.answer(asked)))
}

#[test]
fn what_a_server_could_not_deliver_is_asked_for_again_by_the_next_run() {
    let dated = Dated::hourly(60);
    let trip = round_trip(&dated, poisoned);
    let feed = alma_feed(&trip.run().exits(3));
    assert_eq!((&feed["complete"], &feed["records"], &feed["state"]), (&true.into(), &59.into(), &"partial".into()));
    assert_eq!(trip.cartouche.staged(), ["IE1", "IE2"], "what is missing is known, so the rest may be staged");
    let lines = trip.cartouche.run(&["list", "p", "quarantine", "--json"]).exits(0).json();
    assert_eq!(lines["quarantine"][0]["identifier"], POISON);
    assert!(lines["quarantine"][0]["reason"].as_str().unwrap().contains("HTTP 500"));
    // Nothing new, and still ill.
    let again = alma_feed(&trip.run().exits(3));
    assert_eq!(again["state"], "partial");
    let shown = dated.clone();
    trip.alma.now(move |asked| shown.answer(asked));
    let well = alma_feed(&trip.run().exits(0));
    assert_eq!(well["state"], "complete");
    let lines = trip.cartouche.run(&["list", "p", "quarantine", "--json"]).exits(0).json();
    assert!(lines["quarantine"].as_array().unwrap().is_empty());
}

#[test]
fn a_record_that_could_not_be_had_is_asked_for_again_although_newer_ones_came() {
    // More than are fetched one by one, so that windows beyond the ill record come as lists and move the checkpoint.
    let dated = Dated::hourly(400);
    let trip = round_trip(&dated, poisoned);
    assert_eq!(alma_feed(&trip.run().exits(3))["records"], 399);
    trip.alma.taken();
    let again = alma_feed(&trip.run().exits(3));
    assert_eq!((&again["state"], &again["complete"]), (&"partial".into(), &true.into()));
    assert!(trip.alma.taken().len() < 40, "only what is missing is asked for");
    trip.alma.now(move |asked| dated.answer(asked));
    assert_eq!(alma_feed(&trip.run().exits(0))["state"], "complete");
    let lines = trip.cartouche.run(&["list", "p", "quarantine", "--json"]).exits(0).json();
    assert!(lines["quarantine"].as_array().unwrap().is_empty());
}

#[test]
fn a_set_that_vanished_and_a_list_that_shrank_are_alarms() {
    let dated = Dated::hourly(60);
    let trip = round_trip(&dated, |_, _| None);
    let _ = trip.run().exits(0);
    trip.alma.now(|_| error("noRecordsMatch", "The list is empty"));
    // Nothing new is no alarm; a whole list that is empty is one.
    let _ = trip.run().exits(0);
    let ended = trip.cartouche.run(&["harvest", "p", "--full", "--json"]).exits(3).json();
    assert!(ended["limit"].as_str().unwrap().contains("shows 0 records where 60 were known"), "{ended}");
    let half = Dated { items: dated.items[..30].to_vec(), ..dated.clone() };
    trip.alma.now(move |asked| half.answer(asked));
    let ended = trip.cartouche.run(&["harvest", "p", "--full", "--json"]).exits(3).json();
    assert!(ended["limit"].as_str().unwrap().contains("50% fewer"), "{ended}");
}

#[test]
fn a_reconciliation_finds_what_vanished_and_what_came_in_behind_the_checkpoint() {
    let dated = Dated::hourly(60);
    let trip = round_trip(&dated, |_, _| None);
    let _ = trip.run().exits(0);
    assert_eq!(trip.cartouche.staged(), ["IE1", "IE2"]);
    let mut changed = dated.clone();
    // IE2's record is unpublished without a word, another comes with an old datestamp.
    changed.items.retain(|item| item.identifier != "oai:alma:992");
    let late = Item {
        identifier: "oai:alma:99700".to_owned(),
        datestamp: "2026-10-01T00:00:00Z".to_owned(),
        title: Some("Back-dated".to_owned()),
    };
    changed.items.push(late);
    trip.alma.now(move |asked| changed.answer(asked));
    let _ = trip.run().exits(0);
    let ended = trip.cartouche.run(&["harvest", "p", "--reconcile", "--json"]);
    let feed = alma_feed(&ended.exits(0));
    assert_eq!((&feed["gone"], &feed["fetched"]), (&1.into(), &1.into()));
    let ended = trip.run().exits(0).json();
    assert_eq!(ended["outcomes"]["skipped"]["gone"], 1, "{ended}");
    assert_eq!(trip.cartouche.staged(), ["IE1", "IE2"], "nothing is written because of it");
    // It comes back.
    let shown = dated.clone();
    trip.alma.now(move |asked| shown.answer(asked));
    let _ = trip.cartouche.run(&["harvest", "p", "--full"]).exits(0);
    assert!(trip.run().exits(0).json()["outcomes"]["skipped"].get("gone").is_none());
}

#[test]
fn a_list_of_identifiers_that_is_suddenly_short_calls_nothing_gone() {
    let dated = Dated::hourly(60);
    let trip = round_trip(&dated, |_, _| None);
    let _ = trip.run().exits(0);
    let few = Dated { items: dated.items[50..].to_vec(), ..dated.clone() };
    trip.alma.now(move |asked| few.answer(asked));
    let ended = trip.cartouche.run(&["harvest", "p", "--reconcile", "--json"]).exits(3).json();
    assert!(ended["limit"].as_str().unwrap().contains("none of them is called gone"), "{ended}");
    assert_eq!(ended["feeds"]["alma"]["gone"], 0);
}

#[test]
fn both_forms_of_archivesspaces_identifiers_are_one_record() {
    let old = record("oai:archivesspace//repositories/2/resources/1", "2026-10-01T00:00:00Z", &oai_dc("A", "x"));
    let new = record("oai:archivesspace:/repositories/2/resources/1", "2026-10-01T00:00:00Z", &oai_dc("A", "x"));
    let repository = FakeRepository::start(move |_| Page::of(&[old.clone(), new.clone()]).reply());
    let ended = list_records(&repository).exits(0).complains("complete: 1 records");
    assert_eq!(ended.identifiers().len(), 1);
}
