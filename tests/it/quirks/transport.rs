//! What goes wrong between the program and the server: HTTP, sockets, compression.

use super::*;
use std::net::TcpListener;
use std::time::{Duration, SystemTime};

/// Page 2 is spoilt for ever: the list is incomplete, what was got is kept, nothing is staged, and once the server is
/// well again the next run goes on where this one stopped.
#[track_caller]
fn check_incomplete(spoilt: impl Fn(Reply) -> Reply + Copy + Send + Sync + 'static) {
    let listed = list_records(&FakeRepository::start(then(move |asked| spoilt(two_pages(asked)))));
    let listed = listed.exits(1).complains("INCOMPLETE: 1 records");
    assert_eq!(listed.identifiers(), ["oai:alma:991"]);

    let trip = RoundTrip::with_alma(then(move |asked| spoilt(two_pages(asked))));
    let feed = alma_feed(&trip.run().exits(1).complains("alma's list is incomplete"));
    assert_eq!((&feed["complete"], &feed["records"], &feed["pages"]), (&false.into(), &1.into(), &1.into()));
    assert!(trip.cartouche.staged().is_empty());
    let _ = trip.cartouche.run(&["stage", "p"]).exits(1).complains("Alma's list is incomplete");

    trip.alma.taken();
    trip.alma.now(two_pages);
    let feed = alma_feed(&trip.run().exits(0));
    assert_eq!((&feed["complete"], &feed["records"], &feed["pages"]), (&true.into(), &2.into(), &2.into()));
    assert_eq!(trip.alma.lists(), ["t1"]);
    assert_eq!(trip.cartouche.staged(), ["IE1", "IE2"]);
}

#[test]
fn a_body_shorter_than_announced_is_no_page() {
    check_incomplete(Reply::cut_in_the_middle);
}

#[test]
fn a_connection_reset_in_the_middle_is_no_page() {
    check_incomplete(Reply::reset_in_the_middle);
}

#[test]
fn an_answer_that_ends_with_its_connection_may_be_cut_unseen_and_is_no_page() {
    check_incomplete(|reply| reply.http_1_0().cut_in_the_middle());
}

#[test]
fn a_chunked_answer_without_its_last_chunk_is_no_page() {
    check_incomplete(|reply| reply.chunked().cut_in_the_middle());
}

#[test]
fn a_compressed_answer_cut_short_is_no_page() {
    check_incomplete(|reply| reply.gzip().http_1_0().cut_in_the_middle());
}

#[test]
fn an_answer_that_stalls_is_given_up() {
    check_incomplete(|reply| reply.stalled_in_the_middle(Duration::from_secs(5)));
}

#[test]
fn a_sign_in_page_is_no_page() {
    check_incomplete(|_| Reply::new("<!DOCTYPE html><html><body>Please sign in</body></html>"));
}

#[test]
fn an_empty_body_is_no_page() {
    check_incomplete(|_| Reply::new(""));
}

#[test]
fn a_server_that_stays_broken_is_given_up() {
    check_incomplete(|_| Reply::status(500));
}

#[test]
fn an_answer_is_read_however_it_is_wrapped() {
    let wraps: [fn(Reply) -> Reply; 5] = [
        Reply::gzip,
        Reply::chunked,
        Reply::http_1_0,
        |reply| reply.gzip().chunked(),
        |reply| reply.header("Content-Type", "text/html; charset=ISO-8859-1"),
    ];
    for wrap in wraps {
        let listed = list_records(&FakeRepository::start(move |asked| wrap(two_pages(asked)))).exits(0);
        assert_eq!(listed.identifiers(), ["oai:alma:991", "oai:alma:992"]);
    }
}

/// Page 2 comes well at the second time of asking, and not before the server said.
#[track_caller]
fn check_passing(fault: impl Fn() -> Reply + Clone + Send + Sync + 'static, least: Duration) {
    let script = then(move |asked| if asked.before == 0 { fault() } else { two_pages(asked) });
    let repository = FakeRepository::start(script);
    let listed = list_records(&repository).exits(0).complains("complete: 2 records");
    assert_eq!(listed.identifiers(), ["oai:alma:991", "oai:alma:992"]);
    let asked = repository.taken();
    let [_, refused, answered] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(refused.target, answered.target);
    assert!(answered.at - refused.at >= least, "{:?}", answered.at - refused.at);
}

#[test]
fn a_passing_fault_is_asked_again() {
    check_passing(|| Reply::status(500), Duration::ZERO);
    check_passing(|| Reply::status(502), Duration::ZERO);
    check_passing(|| Reply::status(504).header("Retry-After", "soon"), Duration::ZERO);
    check_passing(|| Page::of(&[second()]).reply().cut_in_the_middle(), Duration::ZERO);
    check_passing(|| Reply::new("<html>Service is restarting</html>"), Duration::ZERO);
}

#[test]
fn a_server_that_names_a_pause_gets_it() {
    let second = Duration::from_secs(1);
    check_passing(|| Reply::status(503).header("Retry-After", "1"), second);
    check_passing(|| Reply::status(429).header("retry-after", " 1 "), second);
    let date = || httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(2));
    check_passing(move || Reply::status(503).header("Retry-After", &date()), second);
    check_passing(|| Reply::status(503).header("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"), Duration::ZERO);
}

#[test]
fn a_server_that_wants_a_pause_of_hours_is_not_waited_for() {
    let repository = FakeRepository::start(|_| Reply::status(503).header("Retry-After", "7200"));
    let ended = list_records(&repository).exits(1).complains("HTTP 503");
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
    assert_eq!(repository.lists(), ["all"]);
}

#[test]
fn a_redirection_is_followed() {
    let repository = FakeRepository::start(|asked| match asked.target.split_once("?") {
        Some(("/oai/request", query)) => Reply::status(302).header("Location", &format!("/moved?{query}")),
        _ => two_pages(asked),
    });
    assert_eq!(list_records(&repository).exits(0).identifiers().len(), 2);
}

#[test]
fn a_status_may_come_with_an_error_of_the_protocol() {
    // PubMed Central sends 404, Zenodo 422.
    let error = |asked: &Asked| match asked.token() {
        None => crate::support::fake_repository::error("noRecordsMatch", "empty").with_status(422),
        Some(_) => unreachable!("an empty list has no second page"),
    };
    let _ = list_records(&FakeRepository::start(error)).exits(0).complains("complete: 0 records");
    let page = |asked: &Asked| two_pages(asked).with_status(404);
    let _ = list_records(&FakeRepository::start(page)).exits(2).complains("HTTP 404");
}

#[test]
fn a_wrong_path_and_a_closed_door_are_the_configurations_fault() {
    for status in [401, 403, 404, 410] {
        let repository = FakeRepository::bare(move |_| Reply::status(status));
        let _ = list_records(&repository).exits(2).complains(&format!("HTTP {status}: Out of order"));
        assert_eq!(repository.lists(), ["all"]);
        let cartouche = Cartouche::new();
        cartouche.write_profile(&repository.base_url(), &repository.base_url());
        let _ = cartouche.run(&["run", "p"]).exits(2).complains(&format!("HTTP {status}"));
    }
}

#[test]
fn a_server_that_is_away_is_a_failure_and_no_empty_list() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base_url = format!("http://{address}/oai");
    let cartouche = Cartouche::new();
    let ended = cartouche.run(&["oai", "list-records", &base_url, "--retries", "1"]).exits(1);
    let ended = ended.complains("cannot reach").complains("2 attempts were made");
    assert_eq!(ended.stdout, "");
    cartouche.write_profile(&base_url, &base_url);
    let _ = cartouche.run(&["harvest", "p"]).exits(1).complains("cannot reach");
    assert_eq!(alma_feed(&cartouche.run(&["run", "p", "--json"]).exits(1))["complete"], false);
}

#[test]
fn no_secret_of_a_base_url_is_told_whatever_goes_wrong() {
    let bad = bib(2).replace("<dc:title>", "<nobody:title/><dc:title>");
    let faults: [fn(Reply) -> Reply; 5] = [
        |_| Reply::status(500),
        |_| Reply::status(403),
        |_| Reply::new("<html/>"),
        Reply::cut_in_the_middle,
        |_| crate::support::fake_repository::error("badArgument", "no"),
    ];
    for fault in faults {
        let page = Page::of(std::slice::from_ref(&bad)).token("t1").reply();
        let repository = FakeRepository::start(move |asked| match asked.token() {
            None => page.clone(),
            Some(_) => fault(two_pages(asked)),
        });
        let base_url = format!("{}?apikey=s3cret", repository.base_url());
        let cartouche = Cartouche::new();
        let listed = cartouche.run(&["-vv", "oai", "list-records", &base_url, "--retries", "1"]);
        cartouche.write_profile(&base_url, &base_url);
        let ran = cartouche.run(&["-vv", "run", "p"]);
        let looks = ["quarantine", "runs"].map(|what| cartouche.run(&["-vv", "list", "p", what, "--json"]));
        assert!(looks[0].stdout.contains("t1") || looks[0].stdout.contains("ListRecords"), "{looks:?}");
        for ended in [listed, ran].iter().chain(&looks) {
            assert!(!format!("{}{}", ended.stdout, ended.stderr).contains("s3cret"), "{ended:?}");
        }
        assert!(repository.taken().iter().all(|asked| asked.argument("apikey") == Some("s3cret")));
    }
    let away = Cartouche::new().run(&["-vv", "oai", "identify", "http://me:s3cret@127.0.0.1:1/", "--retries", "0"]);
    assert!(!away.exits(1).stderr.contains("s3cret"));
}
