//! The site's own stylesheet: its parameters, its mistakes, its changes.

use super::one_of_each;
use crate::support::scenario::Scenario;

/// A stylesheet with this body for the record's template.
fn sheet(version: &str, top: &str, body: &str) -> String {
    format!(
        "<xsl:stylesheet version=\"{version}\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"\n\
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" exclude-result-prefixes=\"dc\">\n\
         {top}\n\
         <xsl:template match=\"/\"><dc:record>{body}</dc:record></xsl:template>\n\
         </xsl:stylesheet>\n"
    )
}

const TITLE: &str = "<dc:title><xsl:value-of select=\"//dc:title\"/></dc:title>";

#[test]
fn a_changed_stylesheet_decides_every_record_anew_without_a_harvest() {
    let mut scenario = one_of_each();
    scenario.stylesheet(&sheet("1.0", "", TITLE)).run("run").rosetta_applies("IE7").run("run").says("1 unchanged");
    let more = format!("{TITLE}<dc:rights>Public domain</dc:rights>");
    scenario.stylesheet(&sheet("1.0", "", &more)).run("stage").says("staged  1 now").folder_holds(&["IE7"]);
    scenario.rosetta_applies("IE7").run("run").says("1 unchanged");
}

#[test]
fn a_changed_part_or_parameter_of_the_stylesheet_counts_as_a_change() {
    let mut scenario = one_of_each();
    let part = |right: &str| {
        let body = format!("<xsl:template name=\"r\"><dc:rights>{right}</dc:rights></xsl:template>");
        format!(
            "<xsl:stylesheet version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\">{body}</xsl:stylesheet>"
        )
    };
    std::fs::write(scenario.path("part.xsl"), part("One")).unwrap();
    let top = "<xsl:include href=\"part.xsl\"/><xsl:param name=\"collection\"/>";
    let body =
        format!("{TITLE}<xsl:call-template name=\"r\"/><dc:source><xsl:value-of select=\"$collection\"/></dc:source>");
    scenario.stylesheet(&sheet("1.0", top, &body)).run("run").rosetta_applies("IE7").run("run").says("1 unchanged");
    std::fs::write(scenario.path("part.xsl"), part("Two")).unwrap();
    scenario.run("stage").says("staged  1 now").rosetta_applies("IE7").run("run").says("1 unchanged");
    scenario.profile_says("transform.parameters.collection", "\"Van Gogh\"").run("stage").says("staged  1 now");
}

#[test]
fn a_broken_stylesheet_ends_the_run_with_file_and_line() {
    let mut scenario = one_of_each();
    scenario.stylesheet(&sheet("1.0", "<xsl:variable name=\"x\" select=\"no((\"/>", TITLE));
    scenario.run("run").exits(2).complains("sheet.xsl, line 3").folder_holds(&[]);
    scenario.run("check").exits(2).says("sheet.xsl, line 3");
    scenario.stylesheet("<xsl:stylesheet version=\"1.0\">\n<oops").run("run").exits(2).complains("sheet.xsl, line");
    scenario.stylesheet("<html/>").run("run").exits(2).complains("not a stylesheet: its root element is html");
    std::fs::remove_file(scenario.path("sheet.xsl")).unwrap();
    scenario.run("run").exits(2).complains("cannot read stylesheet");
}

#[test]
fn libxslt_refuses_a_stylesheet_of_another_version_by_name_and_never_runs_it() {
    for version in ["2.0", "3.0"] {
        let mut scenario = one_of_each();
        scenario.profile_says("transform.engine", "\"libxslt\"");
        scenario.stylesheet(&sheet(version, "", TITLE)).run("run").exits(2).folder_holds(&[]);
        scenario.complains(&format!("sheet.xsl is an XSLT {version} stylesheet")).complains("hint: ");
        scenario.complains("XSLT 1.0 only");
    }
}

#[test]
fn a_record_that_the_stylesheet_refuses_is_skipped_and_the_others_go_on() {
    let mut scenario = one_of_each();
    scenario.rosetta_holds("IE8").alma_has("9913", "Refuse me", "oai:ros.example.org:IE8");
    let refuse = "<xsl:if test=\"contains(//dc:title, 'Refuse')\">\
                  <xsl:message terminate=\"yes\">we do not publish this</xsl:message></xsl:if>";
    scenario.stylesheet(&sheet("1.0", "", &format!("{refuse}{TITLE}")));
    scenario.run("run").folder_holds(&["IE7"]).fate("9913", "IE8", "skipped transform");
    scenario.run("list skipped --code transform").says("we do not publish this");
    scenario.alma_edits("9913", "Welcome").run("run").folder_holds(&["IE7", "IE8"]);
}

#[test]
fn an_output_that_is_no_xml_is_a_skip_too() {
    let mut scenario = one_of_each();
    let text = sheet("1.0", "<xsl:output method=\"text\"/>", TITLE);
    scenario.stylesheet(&text).run("run").fate("9912", "IE7", "skipped transform");
    scenario.run("explain IE7").says("the stylesheet's output cannot be read");
}

#[test]
fn the_stylesheet_gets_the_profiles_parameters_and_what_is_in_hand() {
    let mut scenario = one_of_each();
    let names = ["collection", "repository-identifier", "ie-pid", "mms-id"];
    let top: String = names.iter().map(|name| format!("<xsl:param name=\"{name}\"/>")).collect();
    let body = "<dc:source><xsl:value-of select=\"concat($collection, '|', $repository-identifier, '|', $ie-pid, '|', $mms-id)\"/></dc:source>";
    scenario.stylesheet(&sheet("1.0", &top, &format!("{TITLE}{body}")));
    scenario.profile_says("transform.parameters.collection", "\"Quotes ' and \\\" both\"").run("run");
    let text = std::fs::read_to_string(scenario.only_file_of("IE7")).unwrap();
    assert!(text.contains("Quotes ' and \" both|ros.example.org|IE7|9912"), "{text}");
}

#[test]
fn a_value_that_ends_a_cdata_section_arrives_whole() {
    let mut scenario = Scenario::new();
    let title = "a ]]> b & <c> \u{1F600} d";
    scenario.rosetta_holds("IE7").alma_has("9912", title, "oai:ros.example.org:IE7");
    scenario.run("run").rosetta_applies("IE7").rosetta_shows("IE7", title).run("run").says("1 unchanged");
}
