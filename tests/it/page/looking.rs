//! What the pages show.

use super::{Browser, IE7, IE8, held, site};
use crate::support::records::{bib, entity};
use crate::support::scenario::Scenario;

#[test]
fn the_overview_tells_what_most_needs_a_person_and_where_things_stand() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/").answers(200).shows("<strong>2 held</strong>").shows("A person has to look");
    browser.shows("3 records, complete ").shows("curator");
}

#[test]
fn one_ie_shows_both_sides_the_new_record_and_the_words_that_change() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/ie/IE7").answers(200);
    browser.shows("<bdi>Sunset <del>at</del> Montmajour</bdi>");
    browser.shows("<bdi>Sunset <ins>near</ins> Montmajour<ins>, 1888</ins></bdi>");
    browser
        .shows("<del>ours</del>")
        .shows("Alma, by the stylesheet")
        .shows("dc:identifier</bdi>: ")
        .shows("every-change");
    browser.get("/p/trip/ie/IE7/xml/rosetta").answers(200).shows("Sunset at Montmajour").shows("class=\"xt\"");
    browser.get("/p/trip/ie/IE7/xml/alma").answers(200).shows("Sunset near Montmajour");
    browser.get("/p/trip/ie/IE7/xml/package").answers(200).shows("near Montmajour").shows("PID");
    browser.get("/p/trip/ie/IE7/xml/before").answers(404);
    browser.get("/p/trip/ie/IE7/xml/package?format=plain").answers(200);
    assert!(browser.last.content_type.starts_with("text/plain"));
    for nowhere in ["/p/trip/ie/IE9", "/p/trip/ie/nonsense", "/p/trip/ie/IE7/xml/passwd", "/p/other/held", "/p/trip"] {
        browser.get(nowhere).answers(404);
    }
    browser.get("/p/trip/record?id=IE7").answers(303).goes_to("/p/trip/ie/IE7");
    browser.get("/p/trip/record?id=9912").answers(303).goes_to("/p/trip/ie/IE7");
    browser.get("/p/trip/record?id=9914").answers(200).shows("no-match");
    browser.get("/p/trip/record?id=77").answers(404).shows("nothing is known of `77`");
}

#[test]
fn a_merged_value_tells_its_side_and_its_rule() {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE7").titled("Ours").holds("dc:rights", "kept").holds("dc:subject", "a"));
    scenario.alma_has_bib(bib("9912", "Theirs").cites(IE7).field("650", 'a', "b"));
    scenario.profile_says("merge.policy", "\"merge\"").profile_says("merge.rosetta-owns", "[\"dc:rights\"]");
    scenario
        .profile_says("merge.union", "[\"dc:subject\"]")
        .profile_says("review.hold", "\"everything\"")
        .run("run")
        .exits(3);
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/ie/IE7").answers(200).shows("rosetta-owns dc:rights").shows("union dc:subject");
    browser.shows("Alma, Rosetta<br>").shows("named nowhere");
    let subjects = browser.text();
    let (_, subjects) = subjects.split_once("<th scope=\"row\" role=\"rowheader\">dc:subject</th>").unwrap();
    for told in [
        "<ins>b</ins></bdi></div><p class=\"source\">from Alma<",
        "<bdi>a</bdi></div><p class=\"source\">from Rosetta<",
    ] {
        assert!(subjects.contains(told), "{told}: {subjects}");
    }
}

#[test]
fn packages_are_found_by_fate_run_date_field_and_words_and_as_csv() {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE7").locked()).rosetta_has(entity("IE8").titled("Two").holds("dc:rights", "x"));
    scenario.alma_has("9912", "Die Brücke", IE7).alma_has("9913", "Two", IE8);
    scenario.run("run").rosetta_runs_its_job().run("run").exits(3);
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    let today = browser.now.to_string()[..10].to_owned();
    let mut finds = |query: &str, ie7: bool, ie8: bool| {
        browser.get(&format!("/p/trip/packages?{query}")).answers(200);
        let page = browser.text();
        assert_eq!((page.contains("ie/IE7\""), page.contains("ie/IE8\"")), (ie7, ie8), "{query}: {page}");
    };
    finds("", true, true);
    finds("fate=error", true, false);
    finds("fate=done", false, true);
    finds("q=brucke", true, false);
    finds("q=br%C3%BC", true, false);
    finds("q=IE8", false, true);
    finds("q=9912", true, false);
    finds("q=%22%29%20OR%20*", false, false);
    finds("field=dc:title", true, false);
    finds("field=dc:rights", false, true);
    finds("field=dc:rights&fate=done", false, true);
    finds("field=dc:rights&fate=error", false, false);
    finds("run=1", true, true);
    finds("run=2", false, false);
    finds(&format!("since={today}&until={today}"), true, true);
    finds("until=2020-01-01", false, false);
    browser.get("/p/trip/packages?fate=nonsense").answers(400);
    browser
        .get("/p/trip/packages?format=csv&fate=error")
        .answers(200)
        .shows("IE,title,fate")
        .shows("IE7,Die Brücke,error");
    browser.hides("IE8");
    browser.get("/p/trip/ie/IE7").answers(200).shows("Rosetta refused it").shows("Retry: send the same content again");
    browser.get("/p/trip/ie/IE8/xml/before").answers(200).shows(">Two<");
}

#[test]
fn a_list_goes_on_from_page_to_page_and_shows_everything_once() {
    let mut scenario = Scenario::new();
    for number in 100..230 {
        let (pid, mms) = (format!("IE{number}"), format!("99{number}"));
        scenario.rosetta_holds(&pid).alma_has(&mms, &format!("Title {number}"), &format!("oai:ros.example.org:{pid}"));
    }
    scenario.run("run").profile_says("review.hold", "\"everything\"");
    for number in 100..230 {
        scenario.alma_edits(&format!("99{number}"), &format!("Other {number}"));
    }
    scenario.run("run").exits(3);
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    for list in
        ["packages", "held", "packages?fate=staged", "packages?q=title&fate=staged", "held?code=every-change&q=other"]
    {
        let (mut seen, mut next) = (Vec::new(), Some(format!("/p/trip/{list}")));
        while let Some(target) = next {
            let page = browser.get(&target).answers(200).text();
            seen.extend(page.split("/p/trip/ie/IE").skip(1).map(|rest| rest[..3].to_owned()));
            let link = page.split_once("rel=\"next\" href=\"").map(|(_, rest)| rest.split('"').next().unwrap());
            next = link.map(|link| link.replace("&amp;", "&"));
        }
        let mut distinct = seen.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!((seen.len(), distinct.len()), (130, 130), "{list}");
    }
}

#[test]
fn what_was_skipped_tells_its_reason_and_the_way_out() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/unmatched").answers(200).shows("no-match").shows("Add the representation or the 035 in Alma");
    browser
        .get("/p/trip/skipped?code=no-match&q=9914")
        .shows("9914")
        .get("/p/trip/skipped?q=nowhere")
        .shows("Nothing.");
    browser.get("/p/trip/unmatched?format=csv").shows("Alma record,IE,reason").shows("9914");
    for empty in ["conflicts", "quarantine", "waiting"] {
        browser.get(&format!("/p/trip/{empty}")).answers(200).shows("Nothing.");
    }
    browser.get("/p/trip/runs").answers(200).shows("2 held").get("/p/trip/windows").answers(200).shows("alma");
}

#[test]
fn links_lead_to_rosetta_and_alma_and_pages_do_not_follow_the_clock() {
    let mut scenario = held();
    scenario.profile_says("serve.rosetta-link", "\"https://ros.example.org/d?dps_pid={ie}\"");
    scenario.profile_says("serve.alma-link", "\"https://alma.example.org/{mms}\"");
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    let first = browser.get("/p/trip/ie/IE7").shows("https://ros.example.org/d?dps_pid=IE7").text();
    browser.shows("https://alma.example.org/9912");
    assert_eq!(browser.waits(1).get("/p/trip/ie/IE7").text(), first);
}
