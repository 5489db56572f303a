//! Faults on the way to Alma: nothing twice, nothing lost, and the next run goes on.

use super::{LinkScenario, oai};
use cartouche::sandbox::alma_rest::{ApiLimits, ApiMood};
use serde_json::json;
use std::time::Duration;

#[test]
fn an_answer_that_is_lost_makes_nothing_twice_wherever_it_is_lost() {
    let moods =
        [ApiMood::ErrorAfter, ApiMood::HtmlAfter, ApiMood::ErrorBefore, ApiMood::BadGateway, ApiMood::PerSecond];
    for mood in moods {
        for call in 0..4 {
            let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
            scenario.sandbox().set_api_mood_once(mood, call);
            let _ = scenario.story.command("link --json").output().unwrap();
            let _ = scenario.story.command("link --json").output().unwrap();
            scenario.sandbox().set_api_mood(ApiMood::Fair);
            scenario.is_linked_once("IE7", &format!("{mood:?} at call {call}"));
            assert_eq!(scenario.sandbox().api_bibs(), 1, "{mood:?} at call {call}");
            assert_eq!(scenario.link(0)["outcomes"], json!({}), "{mood:?} at call {call}");
        }
    }
}

#[test]
fn what_alma_may_not_show_yet_is_not_made_again() {
    for call in [1, 2] {
        let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
        scenario.profile_says("link.index-lag", "\"1h\"");
        scenario.sandbox().set_api_mood_once(ApiMood::StallBefore(Duration::from_millis(10)), call);
        assert_eq!(scenario.link(3)["outcomes"], json!({"waiting": 1}), "call {call}");
        let before = scenario.writes();
        // Nothing was made, and Alma does not show it: for an hour that proves nothing.
        let report = scenario.link(3);
        assert_eq!(
            (&report["resumed"]["waiting"], &report["outcomes"]),
            (&json!(1), &json!({"waiting": 1})),
            "{report}"
        );
        assert_eq!(scenario.writes(), before, "call {call}");
        scenario.profile_says("link.index-lag", "\"0s\"");
        scenario.link(0);
        scenario.is_linked_once("IE7", &format!("after the hour, call {call}"));
    }
}

#[test]
fn the_calls_of_the_day_end_a_run_and_the_next_one_goes_on() {
    let mut scenario = LinkScenario::harvested(&["IE1", "IE2", "IE3"], |_| ());
    scenario.profile_says("alma.api.writers", "1").profile_says("alma.api.daily-floor", "0");
    for left in 1..8 {
        let used = scenario.sandbox().api_calls().len() as u64;
        scenario.sandbox().set_api_limits(ApiLimits { per_second: 100_000, daily: used + left });
        let _ = scenario.story.command("link --json").output().unwrap();
    }
    scenario.sandbox().set_api_limits(ApiLimits { per_second: 100_000, daily: 1_000_000 });
    let _ = scenario.story.command("link --json").output().unwrap();
    for ie in ["IE1", "IE2", "IE3"] {
        scenario.is_linked_once(ie, "after several days");
    }
    assert_eq!(scenario.sandbox().api_bibs(), 3);
}

#[test]
fn a_wrong_key_ends_it_before_anything_is_done() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    std::fs::write(scenario.story.path("key"), "no-such-key").unwrap();
    scenario.run("link", 2);
    scenario.story.conceals("no-such-key");
    std::fs::write(scenario.story.path("key"), cartouche::sandbox::alma_rest::KEY).unwrap();
    assert_eq!(scenario.link(0)["outcomes"], json!({"created": 1}));
}

#[test]
fn a_bib_that_cannot_be_read_is_not_passed_over() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    let mms = scenario.alma_catalogues("Seven", &[&oai("IE7")]);
    scenario.sandbox().break_bib(&mms);
    let before = scenario.writes();
    assert_eq!(scenario.link(3)["outcomes"], json!({"failed": 1}));
    assert_eq!(scenario.writes(), before, "no second bib for one that Alma cannot show");
}
