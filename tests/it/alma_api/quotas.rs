//! The calls of a second and of a day: backed off from, stopped before, never spent for nothing.

use super::{body, make, record, world};
use cartouche::failure::{Advise, Kind};
use cartouche::model::time::Timestamp;
use cartouche::push::alma::{Call, Client, Error};
use cartouche::push::bib::Suppress;
use cartouche::sandbox::alma_rest::{ApiLimits, ApiMood};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[test]
fn a_full_second_is_waited_for_and_everything_is_made_exactly_once() {
    let world = world();
    world.sandbox.set_api_limits(ApiLimits { per_second: 8, daily: 1_000_000 });
    let client = world.client("");
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= 24 {
                        break;
                    }
                    client.create_bib(&body(&record("T", &number.to_string()), Suppress::Published)).unwrap();
                }
            });
        }
    });
    let ends = world.ends();
    assert_eq!(ends.iter().filter(|end| *end == "POST 200").count(), 24);
    assert!(ends.iter().any(|end| end == "POST 429"), "{ends:?}");
    assert_eq!((world.sandbox.api_bibs(), client.calls()[&Call::CreateBib] as usize), (24, ends.len()));
}

#[test]
fn within_its_rate_no_call_is_turned_away() {
    let world = world();
    world.sandbox.set_api_limits(ApiLimits { per_second: 25, daily: 1_000_000 });
    let client = world.client("requests-per-second = 20");
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..10 {
            let client = &client;
            scope.spawn(move || (0..4).for_each(|number| drop(make(client, "T", &format!("{thread}-{number}")))));
        }
    });
    assert_eq!(world.ends(), vec!["POST 200"; 40]);
    // Forty calls are thirty-nine pauses apart.
    assert!(begun.elapsed() >= Duration::from_millis(1900), "{:?}", begun.elapsed());
}

#[test]
fn the_end_of_the_day_is_not_asked_twice_and_the_next_day_goes_on() {
    let world = world();
    world.sandbox.set_now(Timestamp::parse("2026-11-22T23:59:59Z"));
    world.sandbox.set_api_limits(ApiLimits { per_second: 100, daily: 3 });
    let client = world.client("daily-floor = 0\nretries = 5");
    // Another program takes what is left behind our back.
    let other = world.client("daily-floor = 0");
    make(&client, "T", "1");
    make(&other, "T", "2");
    make(&other, "T", "3");
    let error = client.create_bib(&body(&record("T", "4"), Suppress::Published)).unwrap_err();
    assert!(matches!(error, Error::DailyLimit { .. }), "{error:?}");
    assert!(error.ends_the_day() && error.kind() == Kind::NeedsAPerson && !error.may_have_arrived());
    assert_eq!(world.ends(), ["POST 200", "POST 200", "POST 200", "POST 429"]);
    world.sandbox.set_now(Timestamp::parse("2026-11-23T00:00:00Z"));
    make(&world.client("daily-floor = 0"), "T", "4");
    assert_eq!(world.sandbox.api_bibs(), 4);
}

#[test]
fn the_floor_is_never_passed_however_many_call_at_once() {
    let world = world();
    world.sandbox.set_api_limits(ApiLimits { per_second: 1000, daily: 60 });
    let client = world.client("daily-floor = 25");
    let bib = make(&client, "T", "1");
    let stopped = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| {
                for _ in 0..10 {
                    match client.bib(&bib.mms) {
                        Ok(_) => {}
                        Err(Error::DailyFloor { floor: 25, .. }) => drop(stopped.fetch_add(1, Ordering::SeqCst)),
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
    });
    assert_eq!((client.remaining(), world.ends().len()), (Some(25), 35));
    assert_eq!(stopped.load(Ordering::SeqCst), 101 - 35);
}

/// How long so many writes take, with each of them taking a fifth of a second.
fn writes_in(client: &Client, writes: usize) -> Duration {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..writes {
            scope.spawn(move || make(client, "T", &number.to_string()));
        }
    });
    begun.elapsed()
}

#[test]
fn ten_writes_are_under_way_at_once_and_never_more_than_the_profile_says() {
    let world = world();
    world.sandbox.set_api_limits(ApiLimits { per_second: 1000, daily: 1_000_000 });
    world.sandbox.set_api_mood(ApiMood::Slow(Duration::from_millis(200)));
    let took = writes_in(&world.client(""), 20);
    assert!((Duration::from_millis(400)..Duration::from_millis(1800)).contains(&took), "{took:?}");
    let took = writes_in(&world.client("writers = 1"), 5);
    assert!(took >= Duration::from_millis(1000), "{took:?}");
}
