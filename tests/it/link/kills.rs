//! The program killed at every point between two calls and two commits: what is made is made once.

use super::{LinkScenario, oai};
use serde_json::json;

#[test]
fn a_bib_and_its_representation_are_made_once_wherever_the_program_is_killed() {
    for point in 0.. {
        let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
        let was_killed = scenario.is_killed_at(point, "link --json");
        scenario.link(0);
        scenario.is_linked_once("IE7", &format!("killed at {point}"));
        assert_eq!(scenario.sandbox().api_bibs(), 1, "killed at {point}");
        let again = scenario.run("link --all --json", 0).story.json();
        assert_eq!(again["outcomes"], json!({"unchanged": 1}), "killed at {point}: {again}");
        scenario.story.check_journal();
        if !was_killed {
            assert!(point >= 8, "the program passes {point} points: are they still there?");
            return;
        }
    }
}

#[test]
fn a_second_kill_while_the_first_is_looked_into_changes_nothing() {
    let mut scenario = LinkScenario::harvested(&["IE7", "IE8"], |_| ());
    scenario.profile_says("alma.api.writers", "1");
    for point in [2, 0, 1, 0, 2, 6, 0] {
        scenario.is_killed_at(point, "link --json");
    }
    scenario.story.command("link").output().unwrap();
    for ie in ["IE7", "IE8"] {
        scenario.is_linked_once(ie, "after several kills");
    }
    assert_eq!(scenario.sandbox().api_bibs(), 2);
}

#[test]
fn a_representation_at_a_bib_that_is_there_is_made_once_wherever_the_program_is_killed() {
    for point in 0.. {
        let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
        let mms = scenario.alma_catalogues("Seven", &[&oai("IE7")]);
        let was_killed = scenario.is_killed_at(point, "link --json");
        scenario.link(0);
        assert_eq!(scenario.points(&mms), [(oai("IE7"), "IE7".to_owned())], "killed at {point}");
        if !was_killed {
            assert!(point >= 4, "the program passes {point} points: are they still there?");
            return;
        }
    }
}

#[test]
fn taking_back_is_ended_wherever_the_program_is_killed() {
    for point in 0.. {
        let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
        scenario.link(0);
        let was_killed = scenario.is_killed_at(point, "link undo IE7 --reason wrong");
        // The next run ends what a person asked for, although nobody asks again.
        let _ = scenario.story.command("link").output().unwrap();
        assert_eq!((scenario.bibs_of("IE7").len(), scenario.sandbox().api_bibs()), (0, 0), "killed at {point}");
        let rests = scenario.run("link --all --json", 0).story.json();
        assert_eq!(rests["links"][0]["code"], "undone", "killed at {point}: {rests}");
        scenario.story.check_journal();
        if !was_killed {
            assert!(point >= 8, "the program passes {point} points: are they still there?");
            return;
        }
    }
}

#[test]
fn several_writers_that_are_killed_at_once_make_everything_once() {
    let mut killed = 0;
    for point in (0..24).step_by(3) {
        let mut scenario = LinkScenario::harvested(&["IE1", "IE2", "IE3"], |_| ());
        scenario.profile_says("alma.api.writers", "3");
        killed += usize::from(scenario.is_killed_at(point, "link"));
        scenario.link(0);
        for ie in ["IE1", "IE2", "IE3"] {
            scenario.is_linked_once(ie, &format!("killed at {point}"));
        }
        assert_eq!(scenario.sandbox().api_bibs(), 3, "killed at {point}");
    }
    assert_eq!(killed, 8, "the program passes these points: are they still there?");
}

#[test]
fn whoever_changes_what_was_noted_is_found() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    scenario.link(0);
    scenario.story.run("audit verify").says("journal  whole");
    let store = scenario.story.path("trip.db");
    let change = |sql: &str| rusqlite::Connection::open(&store).unwrap().execute_batch(sql).unwrap();
    for (sql, back, expected) in [
        (
            "SET state = 'undone' WHERE id = 1",
            "SET state = 'done' WHERE id = 1",
            "link 1 of IE7 is undone, its last entry says done",
        ),
        ("SET ie = 'IE8' WHERE id = 2", "SET ie = 'IE7' WHERE id = 2", "link 2 is of IE8, its last entry says IE7"),
        ("SET id = 9 WHERE id = 2", "SET id = 2 WHERE id = 9", "link 9 of IE7 is done, and no entry tells of it"),
    ] {
        change(&format!("UPDATE link_intents {sql}"));
        scenario.story.run("audit verify").exits(1).says(expected);
        change(&format!("UPDATE link_intents {back}"));
    }
    scenario.story.run("audit verify").says("journal  whole");
}
