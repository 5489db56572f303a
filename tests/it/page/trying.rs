//! A stylesheet is tried on one record and counted over a sample, and nothing of it stays.

use super::{Browser, IE7, held, site};
use crate::support::saxon::saxons;
use crate::support::scenario::Scenario;
use std::time::{Duration, Instant};

fn sheet(version: &str, body: &str) -> String {
    format!(
        "<xsl:stylesheet version=\"{version}\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" exclude-result-prefixes=\"dc\">\n\
         <xsl:template match=\"/\">\n{body}\n</xsl:template>\n</xsl:stylesheet>"
    )
}

const SHOUTS: &str = "<dc:record><dc:title><xsl:value-of select=\"translate(//dc:title, 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')\"/></dc:title></dc:record><xsl:message>I shout</xsl:message>";

fn attempts<'b, 's>(browser: &'b mut Browser<'s>, what: &str, text: &str) -> &'b mut Browser<'s> {
    browser.get("/p/trip/run");
    browser.post("/p/trip/try", &[("id", "IE7"), ("what", what), ("text", text)])
}

#[test]
fn one_record_shows_what_it_would_become_and_nothing_is_kept() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/try?id=IE7").answers(200).shows("value=\"IE7\"").shows("&lt;xsl:stylesheet");
    let (before, version) = (scenario.outcomes(), scenario.store().version().unwrap());
    attempts(&mut browser, "one", &sheet("1.0", SHOUTS)).answers(200);
    browser.shows("<ins>SUNSET</ins>").shows("I shout").shows("MONTMAJOUR, 1888").shows("<del>ours</del>");
    browser.shows("every-change").shows("translate(//dc:title");
    attempts(&mut browser, "sample", &sheet("1.0", SHOUTS)).answers(200).shows("2 records, 2 IEs: 2 would become");
    assert_eq!((scenario.outcomes(), scenario.store().version().unwrap()), (before, version));
    browser.get("/p/trip/ie/IE7").hides("SUNSET");
    browser
        .get("/p/trip/run")
        .post("/p/trip/try", &[("id", "77"), ("text", &sheet("1.0", SHOUTS))])
        .shows("nothing is known of `77`");
    browser.get("/p/trip/run").post("/p/trip/try", &[("text", &sheet("1.0", SHOUTS))]).shows("Name a record");
    browser.get("/p/trip/run").post("/p/trip/try", &[("text", "  ")]).answers(400).shows("there is no stylesheet");
}

#[test]
fn a_sample_counts_outcomes_and_fields_of_both_stylesheets() {
    let mut scenario = Scenario::new();
    for number in 100..420 {
        let pid = format!("IE{number}");
        scenario.rosetta_has(crate::support::records::entity(&pid).titled(&format!("Title {number}")));
        scenario.alma_has(&format!("99{number}"), &format!("Title {number}"), &format!("oai:ros.example.org:{pid}"));
    }
    scenario.run("run").exits(0);
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    attempts(&mut browser, "sample", &sheet("1.0", SHOUTS))
        .answers(200)
        .shows("200 records, 200 IEs: 200 would become");
    let sample = scenario.store().sample_of_claims(200).unwrap();
    assert_eq!(sample.len(), 200);
    assert_eq!(scenario.store().sample_of_claims(1000).unwrap().len(), 320);
    assert!(sample.windows(2).all(|two| two[0] < two[1]) && *sample.last().unwrap() > 300, "{sample:?}");
    let half = "<xsl:if test=\"contains(//dc:title, '0')\"><xsl:message terminate=\"yes\">no &amp; zero</xsl:message></xsl:if><dc:record><dc:title>x</dc:title></dc:record>";
    attempts(&mut browser, "sample", &sheet("1.0", half))
        .shows("skipped transform")
        .shows("no &amp; zero")
        .shows("dc:title");
    assert!(browser.text().contains("href=\"/p/trip/ie/IE"), "examples are linked");
}

#[test]
fn what_is_wrong_with_a_stylesheet_is_told_with_its_line() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    attempts(&mut browser, "one", &sheet("1.0", "<xsl:value-of select=\"1 +\"/>")).answers(422).shows("line 3");
    browser.shows("3: <bdi>&lt;xsl:value-of").shows("select=&quot;1 +&quot;");
    attempts(&mut browser, "one", "<xsl:stylesheet").answers(422).shows("not well-formed");
    attempts(&mut browser, "one", "<html/>").answers(422).shows("cannot be used");
    attempts(&mut browser, "one", &sheet("9.0", "")).answers(422).shows("9.0");
    attempts(&mut browser, "one", &sheet("1.0", "<p>no record</p>")).answers(200).shows("no record");
    attempts(&mut browser, "one", "<script>alert(1)</script>").answers(422).hides("<script>alert");
}

#[test]
fn a_stylesheet_reads_no_file_and_no_server_and_ends_within_its_limits() {
    let mut scenario = held();
    std::fs::write(scenario.path("secret.xml"), "<secret>4711</secret>").unwrap();
    let secret = scenario.path("secret.xml").display().to_string();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    for place in [secret.as_str(), "/etc/passwd", "secret.xml", "http://127.0.0.1:1/"] {
        let body = format!("<dc:record><dc:title><xsl:copy-of select=\"document('{place}')\"/></dc:title></dc:record>");
        attempts(&mut browser, "one", &sheet("1.0", &body)).answers(200).hides("4711").hides("root:").shows("refused");
        let include =
            sheet("1.0", "").replace("<xsl:template", &format!("<xsl:include href=\"{place}\"/><xsl:template"));
        attempts(&mut browser, "one", &include).answers(422).hides("4711");
    }
    let write = sheet(
        "1.0",
        "<xsl:document href=\"/tmp/tried-stylesheet\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"/>",
    );
    attempts(&mut browser, "one", &write);
    assert!(!std::path::Path::new("/tmp/tried-stylesheet").exists());
    let endless = sheet("1.0", "<xsl:call-template name=\"t\"/>").replace(
        "</xsl:stylesheet>",
        "<xsl:template name=\"t\"><xsl:call-template name=\"t\"/></xsl:template></xsl:stylesheet>",
    );
    attempts(&mut browser, "one", &endless).answers(200).shows("too deeply");
    let begun = Instant::now();
    let many = "<xsl:for-each select=\"//node()|//@*\"><xsl:for-each select=\"//node()|//@*\"><xsl:for-each select=\"//node()|//@*\"><xsl:for-each select=\"//node()|//@*\"><xsl:for-each select=\"//node()|//@*\"><xsl:value-of select=\"count(//node())\"/></xsl:for-each></xsl:for-each></xsl:for-each></xsl:for-each></xsl:for-each>";
    attempts(&mut browser, "sample", &sheet("1.0", many)).answers(200).shows("too many steps");
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[test]
fn one_tries_at_a_time_and_who_only_looks_does_not_try() {
    let mut scenario = held();
    let site_of_all = site(&mut scenario);
    let turn = site_of_all.trial.lock().unwrap();
    let mut browser = Browser::new(&site_of_all);
    attempts(&mut browser, "one", &sheet("1.0", SHOUTS))
        .answers(503)
        .shows("Somebody else is trying")
        .shows("translate(");
    drop(turn);
    attempts(&mut browser, "one", &sheet("1.0", SHOUTS)).answers(200);
    let hash = cartouche::web::secret::hash("correct horse battery").unwrap();
    let account = format!("[{{ name = \"ben\", role = \"view\", password-hash = \"{hash}\" }}]");
    scenario.profile_says("serve.accounts", &account);
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/sign-in").post("/sign-in", &[("name", "ben"), ("password", "correct horse battery")]).answers(303);
    browser.get("/p/trip/try").answers(403).get("/p/trip/held").hides("Try a stylesheet");
    attempts(&mut browser, "one", &sheet("1.0", SHOUTS)).answers(403);
}

#[test]
fn a_file_goes_before_the_box_and_a_long_one_is_not_put_into_it() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    let token = browser.get("/p/trip/try").hidden("csrf").unwrap();
    let mut sends = |token: &str, file: &str| {
        let field =
            |head: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n");
        let body = field("name=\"csrf\"", token)
            + &field("name=\"id\"", "IE7")
            + &field("name=\"text\"", "<box/>")
            + &field("name=\"what\"", "one")
            + &field("name=\"file\"; filename=\"../../x.xsl\"", file)
            + "--b--\r\n";
        browser.sends("content-type", "multipart/form-data; boundary=b").ask("POST", "/p/trip/try", &body);
        (browser.last.status, browser.text())
    };
    let latin = format!(
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\r\n{}",
        sheet("1.0", &SHOUTS.replace("I shout", "caf\u{e9}"))
    );
    let (status, page) = sends(&token, &latin);
    assert!(status == 200 && page.contains("<ins>SUNSET</ins>") && page.contains("caf\u{e9}"), "{page}");
    let long = sheet("1.0", &format!("{SHOUTS}<!-- {} -->", "<>".repeat(60_000)));
    let (status, page) = sends(&token, &long);
    assert!(status == 200 && page.contains("too long to be edited here") && page.len() < 100_000, "{page}");
    assert_eq!(sends("", &latin).0, 403, "a form of another site");
    assert_eq!(sends(&token, "").0, 422, "without a file the box counts");
}

#[test]
fn a_stylesheet_may_include_what_the_profiles_own_may_include() {
    let mut scenario = held();
    std::fs::write(scenario.path("part.xsl"), sheet("1.0", SHOUTS)).unwrap();
    let including = "<xsl:stylesheet version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"><xsl:include href=\"part.xsl\"/></xsl:stylesheet>";
    scenario.stylesheet(&sheet("1.0", "<dc:record><dc:title>own</dc:title></dc:record>"));
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    attempts(&mut browser, "one", including).answers(200).shows("<ins>SUNSET</ins>");
    assert_eq!(
        std::fs::read_to_string(scenario.path("sheet.xsl")).unwrap(),
        sheet("1.0", "<dc:record><dc:title>own</dc:title></dc:record>")
    );
}

#[test]
fn later_versions_run_in_saxon_within_its_limits() {
    for saxon in saxons() {
        let mut scenario = held();
        scenario.profile_says("transform.saxon", &format!("{saxon:?}")).profile_says("transform.time-limit", "\"2s\"");
        let site = site(&mut scenario);
        let mut browser = Browser::new(&site);
        let upper =
            "<dc:record><dc:title><xsl:value-of select=\"upper-case((//dc:title)[1])\"/></dc:title></dc:record>";
        attempts(&mut browser, "one", &sheet("3.0", upper)).answers(200).shows("<ins>SUNSET</ins>");
        let endless = "<xsl:variable name=\"n\" select=\"count(//*)\"/><dc:record><dc:title><xsl:value-of select=\"count(for $a in 1 to 40000 * $n, $b in 1 to 40000 * $n return if (($a * $b) mod 7 = $n) then 1 else ())\"/></dc:title></dc:record>";
        attempts(&mut browser, "one", &sheet("3.0", endless)).answers(200).shows("takes longer than");
    }
}

#[test]
fn nothing_is_tried_on_what_is_not_known() {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").alma_has("9912", "One", IE7).run("harvest").exits(0);
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    attempts(&mut browser, "sample", &sheet("1.0", SHOUTS)).answers(200).shows("run the profile first");
}
