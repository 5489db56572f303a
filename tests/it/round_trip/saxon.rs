//! Stylesheets of version 2.0 and 3.0, through the whole round trip on each Saxon that there is.

use super::one_of_each;
use crate::support::saxon::saxons;
use crate::support::scenario::Scenario;
use std::collections::BTreeMap;

fn sheet(version: &str, top: &str, body: &str) -> String {
    format!(
        "<xsl:stylesheet version=\"{version}\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"\n\
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" exclude-result-prefixes=\"#all\">\n\
         {top}\n<xsl:template match=\"/\">{body}</xsl:template>\n</xsl:stylesheet>\n"
    )
}

/// Needs 2.0 for the function and 3.0 for the text value template.
const TITLE: &str = "<dc:record><dc:title xsl:expand-text=\"yes\">{string-join(reverse(tokenize(//dc:title, ' ')), ' ')}\
    </dc:title></dc:record>";

#[test]
fn a_stylesheet_of_version_3_goes_through_the_whole_round_trip() {
    for saxon in saxons() {
        let mut scenario = one_of_each();
        scenario.profile_says("transform.saxon", &format!("{saxon:?}")).stylesheet(&sheet("3.0", "", TITLE));
        scenario.run("check").says("sheet.xsl compiles").says("Saxon").says(&saxon);
        scenario.run("run").folder_holds(&["IE7"]).rosetta_applies("IE7").rosetta_shows("IE7", "Montmajour at Sunset");
        scenario.run("run").says("1 unchanged");
        scenario.profile_says("transform.parameters.collection", "\"Van Gogh\"").run("run").says("1 unchanged");
    }
}

#[test]
fn bad_results_are_skipped_or_held_each_with_its_reason() {
    let cases = [
        ("nothing", "", "skipped transform"),
        ("two roots", "<dc:record/><dc:record/>", "skipped transform"),
        ("text only", "just words", "skipped transform"),
        ("another namespace", "<record xmlns=\"urn:x\"><title>t</title></record>", "held not-flat"),
        ("another element", "<dc:title>t</dc:title>", "held not-flat"),
        ("gives up", "<xsl:message terminate=\"yes\">not ours</xsl:message>", "skipped transform"),
        ("fails", "<xsl:sequence select=\"1 idiv 0\"/>", "skipped transform"),
        ("good", "<dc:record><dc:title>é</dc:title></dc:record>", "package"),
    ];
    let branch =
        |(name, body, _): &(&str, &str, &str)| format!("<xsl:when test=\"//dc:title = '{name}'\">{body}</xsl:when>");
    let body = format!("<xsl:choose>{}</xsl:choose>", cases.iter().map(branch).collect::<String>());
    for saxon in saxons() {
        let mut scenario = Scenario::new();
        for (n, (name, ..)) in (1..).zip(&cases) {
            let (pid, mms) = (format!("IE{n}"), format!("991{n}"));
            scenario.rosetta_holds(&pid).alma_has(&mms, name, &format!("oai:ros.example.org:{pid}"));
        }
        let latin1 = "<xsl:output encoding=\"ISO-8859-1\"/>";
        scenario.profile_says("transform.saxon", &format!("{saxon:?}")).stylesheet(&sheet("3.0", latin1, &body));
        scenario.run("run").exits(3).folder_holds(&["IE8"]);
        for (n, (name, _, fate)) in (1..).zip(&cases) {
            eprintln!("{name} on {saxon}");
            scenario.fate(&format!("991{n}"), &format!("IE{n}"), fate);
        }
        scenario.run("list skipped --code transform").says("not ours").says("division by zero");
        scenario.rosetta_applies("IE8").rosetta_shows("IE8", "é");
    }
}

#[test]
fn a_record_that_takes_too_long_or_too_much_is_skipped_and_the_others_are_not() {
    let top = "<xsl:template name=\"again\"><xsl:param name=\"n\"/><xsl:if test=\"$n gt 0\"><xsl:call-template name=\"again\">\
        <xsl:with-param name=\"n\" select=\"$n mod 7 + 1\"/></xsl:call-template></xsl:if></xsl:template>\
        <xsl:template name=\"double\"><xsl:param name=\"s\"/><xsl:choose><xsl:when test=\"string-length($s) gt 2000000000\"/>\
        <xsl:otherwise><xsl:call-template name=\"double\"><xsl:with-param name=\"s\" select=\"concat($s, $s)\"/></xsl:call-template>\
        </xsl:otherwise></xsl:choose></xsl:template>";
    let body = format!(
        "<xsl:if test=\"//dc:title = 'loop'\"><xsl:call-template name=\"again\"><xsl:with-param name=\"n\" select=\"1\"/>\
         </xsl:call-template></xsl:if><xsl:if test=\"//dc:title = 'eat'\"><xsl:call-template name=\"double\">\
         <xsl:with-param name=\"s\" select=\"'0123456789'\"/></xsl:call-template></xsl:if>{}",
        TITLE
    );
    for saxon in saxons() {
        let mut scenario = Scenario::new();
        let titles = ["good", "loop", "good", "eat", "good", "good"];
        for (n, title) in (1..).zip(titles) {
            let (pid, mms) = (format!("IE{n}"), format!("991{n}"));
            scenario.rosetta_holds(&pid).alma_has(&mms, title, &format!("oai:ros.example.org:{pid}"));
        }
        scenario.profile_says("transform.saxon", &format!("{saxon:?}")).stylesheet(&sheet("3.0", top, &body));
        scenario.profile_says("transform.time-limit", "\"4s\"").profile_says("transform.memory-limit", "\"256MB\"");
        scenario.run("run").says("4 package").folder_holds(&["IE1", "IE3", "IE5", "IE6"]);
        scenario.fate("9912", "IE2", "skipped transform").fate("9914", "IE4", "skipped transform");
        scenario.run("list skipped").says("longer than 4s").says("too much memory");
    }
}

#[test]
fn without_saxon_a_later_stylesheet_is_refused_with_the_command_that_installs_it() {
    for version in ["2.0", "3.0"] {
        let mut scenario = one_of_each();
        scenario.stylesheet(&sheet(version, "", TITLE));
        for command in ["check", "run"] {
            // No Java and no Python is as good as no Saxon.
            let output = scenario.starts().command(command).env("PATH", "/nowhere").output().unwrap();
            scenario.answered(command, output).exits(2);
        }
        scenario
            .complains(&format!("sheet.xsl is an XSLT {version} stylesheet and needs Saxon, which is not found here"));
        scenario.complains("apt-get install -y libsaxonhe-java").complains("pip install saxonche").folder_holds(&[]);
    }
}

#[test]
fn a_saxon_that_breaks_while_it_is_needed_ends_the_run_and_decides_nothing() {
    let Some(jar) = saxons().into_iter().find(|saxon| saxon.ends_with(".jar")) else { return };
    let mut scenario = one_of_each();
    let link = scenario.path("saxon.jar");
    std::os::unix::fs::symlink(jar, &link).unwrap();
    scenario.profile_says("transform.saxon", "\"saxon.jar\"").stylesheet(&sheet("3.0", "", TITLE));
    scenario.run("run").rosetta_applies("IE7").run("run").says("1 unchanged");
    std::fs::write(scenario.path("new.jar"), "this is no jar").unwrap();
    std::fs::rename(scenario.path("new.jar"), &link).unwrap();
    scenario.alma_edits("9912", "Another title").run("run").exits(2).complains("does not work").folder_holds(&[]);
    scenario.fate("9912", "IE7", "unchanged");
}

/// IE → the package's file, with this engine, from the sample data.
fn packages_by(engine: &str, prefix: &str, saxon: &str) -> (BTreeMap<String, String>, Vec<[String; 5]>) {
    let mut scenario = Scenario::with_sample_data();
    scenario.clock_stands_still().profile_says("alma.feed.metadata-prefix", &format!("\"{prefix}\""));
    scenario
        .profile_says("transform.engine", &format!("{engine:?}"))
        .profile_says("transform.saxon", &format!("{saxon:?}"));
    scenario.run("run").exits(3);
    let texts = scenario
        .all_files()
        .into_iter()
        .map(|(_, path)| (crate::support::scenario::pid_of(&path), std::fs::read_to_string(path).unwrap()));
    (texts.collect(), scenario.outcomes())
}

#[test]
fn the_stylesheets_of_the_program_make_the_same_of_the_sample_data_in_both_engines() {
    for prefix in ["oai_dc", "marc21"] {
        for saxon in saxons() {
            let ours = packages_by("libxslt", prefix, &saxon);
            assert!(!ours.0.is_empty() && ours.1.len() > 10, "{prefix}: {ours:?}");
            assert_eq!(packages_by("saxon", prefix, &saxon), ours, "{prefix} on {saxon}");
        }
    }
}
