//! Where the next harvest starts, and what starts it again.

use super::*;
use crate::support::fake_repository::{error, identify};
use std::time::Duration;

/// The date that the run after a harvest of these two pages asks from.
#[track_caller]
fn check_from(first: Page, second: Page, expected: &str) {
    let trip = RoundTrip::with_alma(move |asked| match asked.token() {
        None => first.clone().token("t1").reply(),
        Some(_) => second.reply(),
    });
    let _ = trip.run().exits(0);
    trip.alma.taken();
    let _ = trip.run().exits(0);
    assert_eq!(trip.alma.lists()[0], format!("from {expected}"));
}

fn dated(number: u32, datestamp: &str) -> String {
    record(&format!("oai:alma:99{number}"), datestamp, &oai_dc("Dated", "no IE"))
}

#[test]
fn the_next_window_starts_at_the_newest_record_however_the_pages_are_ordered() {
    let page = |dates: &[(u32, &str)]| Page::of(&dates.iter().map(|(n, date)| dated(*n, date)).collect::<Vec<_>>());
    let newest = page(&[(1, "2026-11-03T00:00:00Z"), (2, "2026-11-21T10:00:00Z"), (3, "2026-11-02T00:00:00Z")]);
    let older = page(&[(4, "2026-11-19T00:00:00Z"), (5, "2026-11-01T00:00:00Z")]);
    check_from(newest.clone(), older.clone(), "2026-11-21T09:45:00Z");
    check_from(older.clone(), newest.clone(), "2026-11-21T09:45:00Z");
    // Never later than the first answer: what changed since may not be in it.
    let future = page(&[(6, "2031-01-01T00:00:00Z")]);
    check_from(older.clone().date("2026-11-20T12:00:00Z"), future.clone(), "2026-11-20T11:45:00Z");
    check_from(older.date("2026-11-20T12:00:00Z"), newest.date("2026-11-22T00:00:00Z"), "2026-11-20T11:45:00Z");
    let deletion = Page::of(&[crate::support::fake_repository::deleted("oai:alma:997", "2026-11-21T20:00:00Z")]);
    check_from(page(&[(1, "2026-11-03T00:00:00Z")]), deletion, "2026-11-21T19:45:00Z");
}

#[test]
fn a_repository_of_days_is_asked_in_days() {
    let trip = RoundTrip::with_alma(two_pages);
    let days = FakeRepository::bare(|asked| match asked.verb() {
        "Identify" => identify("YYYY-MM-DD"),
        _ => Page::of(&[dated(1, "2026-11-21")]).reply(),
    });
    trip.cartouche.write_profile(&trip.rosetta.base_url(), &days.base_url());
    let _ = trip.run().exits(0);
    let _ = trip.run().exits(0);
    assert_eq!(days.lists(), ["all", "from 2026-11-20"]);
}

#[test]
fn what_changes_later_on_the_same_day_is_harvested_once() {
    let trip = RoundTrip::with_alma(|_| Page::of(&[first()]).reply());
    let _ = trip.run().exits(0);
    assert_eq!(trip.cartouche.staged(), ["IE1"]);
    // From and until are inclusive: the first record comes again.
    trip.alma.now(|_| Page::of(&[first(), second()]).reply());
    let again = trip.run().exits(0);
    assert_eq!(again.json()["staged"], 1);
    assert_eq!(trip.alma.lists(), ["all", "from 2026-11-20T09:45:00Z"]);
    assert_eq!(trip.cartouche.staged(), ["IE1", "IE2"]);
    let status = trip.cartouche.run(&["status", "p", "--json"]).exits(0).json();
    assert_eq!(status["feeds"]["alma"]["records"], 2);
    let nothing = trip.run().exits(0).json();
    assert_eq!(nothing["staged"], 0);
}

#[test]
fn an_empty_list_leaves_the_next_window_where_it_was() {
    let trip = RoundTrip::with_alma(two_pages);
    let _ = trip.run().exits(0);
    trip.alma.now(|_| error("noRecordsMatch", "empty"));
    for _ in 0..2 {
        trip.alma.taken();
        assert_eq!(alma_feed(&trip.run().exits(0))["from"], "2026-11-20T09:45:00Z");
        assert_eq!(trip.alma.lists(), ["from 2026-11-20T09:45:00Z"]);
    }
}

#[test]
fn an_incomplete_list_does_not_move_the_window() {
    let trip = RoundTrip::with_alma(two_pages);
    let _ = trip.run().exits(0);
    let newer = Page::of(&[dated(3, "2026-11-22T00:30:00Z")]).token("t9").reply();
    trip.alma.now(move |asked| if asked.token().is_none() { newer.clone() } else { error("badResumptionToken", "") });
    for _ in 0..2 {
        trip.alma.taken();
        let _ = trip.run().exits(1);
        assert_eq!(trip.alma.lists()[..2], ["from 2026-11-20T09:45:00Z", "t9"]);
    }
    trip.alma.taken();
    trip.alma.now(two_pages);
    let _ = trip.run().exits(0);
    assert_eq!(trip.alma.lists(), ["from 2026-11-20T09:45:00Z", "t1"]);
}

#[test]
fn full_starts_again_from_the_beginning() {
    let trip = RoundTrip::with_alma(two_pages);
    let _ = trip.run().exits(0);
    trip.alma.taken();
    trip.rosetta.taken();
    let _ = trip.cartouche.run(&["harvest", "p", "--full"]).exits(0);
    assert_eq!(trip.alma.lists(), ["all", "t1"]);
    assert_eq!(trip.rosetta.lists(), ["all"]);
    // A token of an unfinished list is forgotten, too.
    trip.alma.now(then(|_| Reply::status(500)));
    let _ = trip.cartouche.run(&["harvest", "p"]).exits(1);
    trip.alma.taken();
    trip.alma.now(two_pages);
    let _ = trip.cartouche.run(&["harvest", "p", "--full"]).exits(0);
    assert_eq!(trip.alma.lists(), ["all", "t1"]);
}

#[test]
fn a_second_run_of_a_profile_ends_at_once() {
    let trip = RoundTrip::with_alma(|asked| two_pages(asked).late(Duration::from_millis(1500)));
    trip.cartouche.write_profile(&trip.rosetta.base_url(), &trip.alma.base_url());
    let slow = trip.cartouche.start(&["run", "p", "--json"]);
    trip.alma.wait_for_a_list();
    for command in ["run", "harvest", "stage", "settle"] {
        let ended = trip.cartouche.run(&[command, "p"]).exits(4).complains("holds the lock");
        assert!(ended.took < Duration::from_secs(3), "{:?}", ended.took);
    }
    // To look is always allowed.
    let _ = trip.cartouche.run(&["status", "p"]).exits(0);
    assert_eq!(slow.wait().exits(0).json()["staged"], 2);
    let _ = trip.run().exits(0);
}
