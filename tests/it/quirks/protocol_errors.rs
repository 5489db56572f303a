//! Errors of the protocol: on a first request they speak of the request, later they break a list.

use super::*;
use crate::support::fake_repository::error;

const CODES: [&str; 9] = [
    "badResumptionToken",
    "noRecordsMatch",
    "badArgument",
    "badVerb",
    "cannotDisseminateFormat",
    "idDoesNotExist",
    "noMetadataFormats",
    "noSetHierarchy",
    "internalError",
];

#[test]
fn an_error_on_a_later_page_is_never_the_end_of_the_list() {
    for code in CODES {
        let repository = FakeRepository::start(then(move |_| error(code, "The list is empty")));
        let listed = list_records(&repository).exits(1).complains("INCOMPLETE: 1 records").complains(code);
        assert_eq!(listed.identifiers(), ["oai:alma:991"]);
        assert_eq!(repository.lists()[..2], ["all", "t1"]);
    }
}

#[test]
fn after_an_error_on_a_later_page_the_next_run_begins_the_window_again() {
    for code in ["badResumptionToken", "noRecordsMatch", "badArgument", "internalError"] {
        let trip = RoundTrip::with_alma(then(move |_| error(code, "?")));
        let feed = alma_feed(&trip.run().exits(1).complains("alma's list is incomplete").complains(code));
        assert_eq!((&feed["complete"], &feed["records"]), (&false.into(), &1.into()), "{code}");
        assert!(trip.cartouche.staged().is_empty());
        trip.alma.taken();
        trip.alma.now(two_pages);
        let feed = alma_feed(&trip.run().exits(0));
        assert_eq!((&feed["complete"], &feed["records"]), (&true.into(), &2.into()), "{code}");
        assert_eq!(trip.alma.lists(), ["all", "t1"], "{code}");
        assert_eq!(trip.cartouche.staged(), ["IE1", "IE2"]);
    }
}

#[test]
fn a_token_that_died_between_two_runs_costs_the_window_and_no_third_run() {
    let deaths: [fn() -> Reply; 4] = [
        || error("badResumptionToken", "expired"),
        || error("noRecordsMatch", "The list is empty"),
        || Reply::status(400),
        || Reply::status(404),
    ];
    for death in deaths {
        let trip = RoundTrip::with_alma(then(|_| Reply::status(500)));
        let _ = trip.run().exits(1);
        trip.alma.taken();
        trip.alma.now(move |asked| match asked.token() {
            None => Page::of(&[first()]).token("new").reply(),
            Some("new") => Page::of(&[second()]).reply(),
            Some(_) => death(),
        });
        let feed = alma_feed(&trip.run().exits(0));
        assert_eq!((&feed["complete"], &feed["records"], &feed["pages"]), (&true.into(), &2.into(), &2.into()));
        let mut lists = trip.alma.lists();
        // Asked a second time, and whether dates could help.
        lists.retain(|list| !list.starts_with("from"));
        lists.dedup();
        assert_eq!(lists, ["t1", "all", "new"]);
        assert_eq!(trip.cartouche.staged(), ["IE1", "IE2"]);
    }
}

#[test]
fn nothing_new_is_a_complete_list() {
    let words =
        "The combination of the values of the from, until, set and metadataPrefix arguments results in an empty list.";
    let listed = list_records(&FakeRepository::start(move |_| error("noRecordsMatch", words)));
    assert_eq!(listed.exits(0).complains("complete: 0 records").stdout, "");
    let trip = RoundTrip::with_alma(move |_| error("noRecordsMatch", words));
    assert_eq!(alma_feed(&trip.run().exits(0))["complete"], true);
}

/// Whoever runs it has to change something: exit 2, from `oai`, `harvest` and `run`.
#[track_caller]
fn check_configuration(reply: Reply, words: &str) {
    let trip = RoundTrip::with_alma(move |_| reply.clone());
    let _ = list_records(&trip.alma).exits(2).complains(words);
    let _ = trip.cartouche.run(&["harvest", "p"]).exits(2).complains(words);
    assert_eq!(alma_feed(&trip.run().exits(2).complains(words))["complete"], false);
    assert_eq!(trip.alma.lists(), ["all", "all", "all"], "asking again would not help");
}

#[test]
fn a_set_or_publishing_profile_that_does_not_exist_is_not_nothing_new() {
    for words in [
        "No Publishing profile exists for given set and metadataPrefix",
        "The set vangogh does not exist",
        "set doesn't exist",
    ] {
        check_configuration(error("noRecordsMatch", words), words);
    }
}

#[test]
fn a_request_that_the_server_finds_wrong_is_the_configurations_fault() {
    check_configuration(error("cannotDisseminateFormat", "mods?"), "cannotDisseminateFormat: mods?");
    check_configuration(error("badArgument", "missing required set argument"), "missing required set argument");
    check_configuration(error("noSetHierarchy", "no sets"), "noSetHierarchy");
}

#[test]
fn an_error_beside_nothing_new_is_an_error() {
    let both = "<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\"><error code=\"noRecordsMatch\">empty</error>\
                <error code=\"badArgument\">no such set</error></OAI-PMH>";
    check_configuration(Reply::new(both), "badArgument: no such set");
}

#[test]
fn alma_refuses_a_machine_that_is_not_on_its_list() {
    let refusal = "<error><error_code>21</error_code><error_message>Unauthorized access to the OAI services</error_message></error>";
    check_configuration(Reply::new(refusal), "Unauthorized access to the OAI services");
    check_configuration(Reply::new(refusal).with_status(403), "Unauthorized access to the OAI services");
    check_configuration(Reply::new("OAI Repository is not active"), "OAI Repository is not active");
}

#[test]
fn a_rosetta_that_refuses_to_identify_itself_stops_the_run() {
    let refusal = "<error><error_code>21</error_code></error>";
    let trip = RoundTrip::with_alma(two_pages);
    let closed = FakeRepository::bare(move |_| Reply::new(refusal));
    trip.cartouche.write_profile(&closed.base_url(), &trip.alma.base_url());
    let ended = trip.run().exits(2).complains("rosetta's list is incomplete");
    assert_eq!(ended.json()["feeds"]["rosetta"]["complete"], false);
    assert_eq!(alma_feed(&ended)["complete"], true, "Alma's harvest is not lost");
    assert!(trip.cartouche.staged().is_empty());
}
