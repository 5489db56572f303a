//! Resumption tokens, and how lists end.

use super::*;
use crate::support::fake_repository::identify;

/// The server gives this token, and gets it back.
#[track_caller]
fn check_token(token: &'static str) {
    let script = move |asked: &Asked| match asked.token() {
        None => Page::of(&[first()]).token(token).reply(),
        Some(got) if got == token => Page::of(&[second()]).reply(),
        Some(_) => crate::support::fake_repository::error("noRecordsMatch", "no such token"),
    };
    let repository = FakeRepository::start(script);
    assert_eq!(list_records(&repository).exits(0).identifiers(), ["oai:alma:991", "oai:alma:992"]);
    let asked = repository.taken();
    let arguments: Vec<&str> = asked[1].arguments.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(arguments, ["verb", "resumptionToken"], "a token is an exclusive argument");
    let trip = RoundTrip::with_alma(script);
    let _ = trip.run().exits(0);
    assert_eq!(trip.alma.lists(), ["all", token]);
}

#[test]
fn a_token_comes_back_as_it_was_given() {
    // Rosetta's, with a + of an Oracle ROWID: State Library Victoria lost every list that had one, in 2021.
    check_token("20210119000000@20210131235959@Primo@oai_dc@AAAWxp+BY/AAABT8AAA=");
    check_token("2021-01-05T20:23:37Z@2021-01-08T02:23:37Z@all&more@marc21@12731235470003811");
    check_token("a%2Bb%3D c?d#e;f\"<g>'ü");
}

#[test]
fn a_list_ends_with_an_empty_a_blank_or_no_token() {
    let endings = [
        "",
        "<resumptionToken/>",
        "<resumptionToken></resumptionToken>",
        "<resumptionToken>\n  </resumptionToken>",
        "<resumptionToken completeListSize=\"2\" cursor=\"1\"/>",
    ];
    for ending in endings {
        let last = Page::of(&[second()]).raw_token(ending).reply();
        let script = then(move |_| last.clone());
        let listed = list_records(&FakeRepository::start(script.clone()));
        assert_eq!(listed.exits(0).complains("complete: 2 records").identifiers().len(), 2);
        let trip = RoundTrip::with_alma(script);
        assert_eq!(alma_feed(&trip.run().exits(0))["complete"], true);
        assert_eq!(trip.alma.lists(), ["all", "t1"]);
    }
}

#[test]
fn an_empty_page_with_a_token_does_not_end_the_list() {
    let repository = FakeRepository::start(|asked| match asked.token() {
        None => Page::of(&[]).token("t1").reply(),
        Some("t1") => Page::of(&[first()]).token("t2").reply(),
        _ => Page::of(&[]).reply(),
    });
    let _ = list_records(&repository).exits(0).complains("complete: 1 records (0 deleted), 0 quarantined, 3 pages");
}

#[test]
fn a_token_that_leads_back_to_itself_does_not_run_for_ever() {
    let next: [fn(&str) -> &'static str; 2] = [
        |_| "t1",
        |token| match token {
            "t1" => "t2",
            "t2" => "t3",
            _ => "t1",
        },
    ];
    for next in next {
        let script = then(move |asked| Page::of(&[second()]).token(next(asked.token().unwrap())).reply());
        let repository = FakeRepository::start(script.clone());
        let _ = list_records(&repository).exits(1).complains("turns in a circle").complains("INCOMPLETE");
        assert!(repository.taken().len() < 16);
        let trip = RoundTrip::with_alma(script);
        let _ = trip.run().exits(1).complains("turns in a circle");
        assert!(trip.cartouche.staged().is_empty());
        assert!(trip.alma.taken().len() < 17);
        trip.alma.now(two_pages);
        let _ = trip.run().exits(0);
        assert_eq!(trip.alma.lists(), ["all", "t1"], "the window begins again");
        assert_eq!(trip.cartouche.staged(), ["IE1", "IE2"]);
    }
}

#[test]
fn the_address_that_a_server_gives_itself_is_not_asked() {
    // Each answer of the stand-ins names another host in <request>, and so does baseURL of Identify.
    let trip = RoundTrip::with_alma(two_pages);
    let _ = trip.run().exits(0);
    assert_eq!(trip.alma.lists(), ["all", "t1"]);
    assert_eq!(trip.rosetta.lists(), ["all"]);
    let identity = FakeRepository::bare(|_| identify(""));
    let said = trip.cartouche.run(&["oai", "identify", &identity.base_url()]).exits(0);
    assert_eq!(said.json()["baseURL"], "rosetta.example.org:1801");
}

#[test]
fn fewer_records_than_announced_are_noted() {
    let token = "<resumptionToken completeListSize=\"90\">t1</resumptionToken>";
    let page = Page::of(&[first()]).raw_token(token).reply();
    let repository = FakeRepository::start(move |asked| match asked.token() {
        None => page.clone(),
        Some(_) => Page::of(&[second()]).reply(),
    });
    let _ = list_records(&repository).exits(0).complains("note: the server announced 90 records");
}

#[test]
fn a_list_of_sets_that_is_none_is_not_an_empty_one() {
    let cartouche = Cartouche::new();
    let other = FakeRepository::start(|_| Page::of(&[]).of_verb("ListIdentifiers"));
    for verb in ["list-sets", "list-metadata-formats"] {
        let ended = cartouche.run(&["oai", verb, &other.base_url()]).exits(1);
        assert_eq!(ended.complains("holds neither").stdout, "");
    }
    let circle = FakeRepository::start(|_| {
        Page::of(&["<set><setSpec>s</setSpec></set>".to_owned()]).token("t").of_verb("ListSets")
    });
    let _ = cartouche.run(&["oai", "list-sets", &circle.base_url()]).exits(1).complains("turns in a circle");
}
