//! What Rosetta holds and Alma does not know survives, and what both changed is shown to a person.

use crate::support::records::{bib, entity};
use crate::support::scenario::Scenario;
use cartouche::model::id::IePid;

const IE7: &str = "oai:ros.example.org:IE7";

fn merging() -> Scenario {
    let mut scenario = Scenario::new();
    scenario.profile_says("merge.policy", "\"merge\"");
    scenario
}

fn holds(scenario: &mut Scenario, pid: &str, expected: &[(&str, &str)]) {
    let dc = scenario.sandbox().ie(&IePid::parse(pid).unwrap()).unwrap();
    let mut found: Vec<(String, String)> = dc.fields.iter().map(|field| (field.name(), field.value.clone())).collect();
    found.sort();
    let found: Vec<(&str, &str)> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn fields_are_written_by_their_owners_and_local_ones_stay() {
    let mut scenario = merging();
    let local =
        entity("IE7").holds("dc:rights", "Public domain").holds("dc:subject", "Sunsets").holds("dc:type", "Print");
    scenario.rosetta_has(local.holds("dc:date", "1888?"));
    let described = bib("9912", "Sunset at Montmajour").cites(IE7).field("650", 'a', "Oaks").field("260", 'c', "1888");
    scenario.alma_has_bib(described).stylesheet(SHEET);
    scenario.profile_says("merge.rosetta-owns", "[\"dc:rights\"]").profile_says("merge.union", "[\"dc:subject\"]");
    scenario.profile_says("merge.alma-owns", "[\"dc:type\"]");
    scenario.run("run").rosetta_applies("IE7");
    let expected = [
        ("dc:date", "1888"),
        ("dc:rights", "Public domain"),
        ("dc:subject", "Oaks"),
        ("dc:subject", "Sunsets"),
        ("dc:title", "Sunset at Montmajour"),
    ];
    holds(&mut scenario, "IE7", &expected);
    scenario.run("run").says("1 unchanged").folder_holds(&[]).packages("IE7", &["done"]);
}

/// Title, date, a subject and rights that are not ours.
const SHEET: &str = r#"<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" exclude-result-prefixes="oai_dc">
 <xsl:template match="/"><dc:record><dc:title><xsl:value-of select="//dc:title"/></dc:title><dc:date>1888</dc:date>
  <dc:subject>Oaks</dc:subject><dc:rights>All rights reserved</dc:rights></dc:record></xsl:template></xsl:stylesheet>"#;

#[test]
fn what_only_rosetta_changed_stays_and_what_both_changed_is_held_with_all_three_values() {
    let mut scenario = merging();
    scenario.rosetta_holds("IE7").alma_has("9912", "Sunset", IE7);
    scenario.run("run").rosetta_applies("IE7").run("run").says("1 unchanged");
    scenario.rosetta_edits("IE7", &[("title", "Sunset, corrected")]);
    scenario.run("run").says("1 unchanged").folder_holds(&[]).rosetta_shows("IE7", "Sunset, corrected");
    scenario.alma_edits("9912", "Sunset at Montmajour").run("run").exits(3).folder_holds(&[]);
    scenario.fate("9912", "IE7", "held merge-conflict");
    scenario
        .run("list held")
        .says("last applied “Sunset”, Rosetta now “Sunset, corrected”, Alma now “Sunset at Montmajour”");
    scenario.run("approve IE7").says("1 approved").run("run").folder_holds(&["IE7"]);
    scenario.rosetta_applies("IE7").rosetta_shows("IE7", "Sunset at Montmajour").run("run").says("1 unchanged");
}

#[test]
fn a_rejected_conflict_keeps_rosettas_value_until_alma_says_something_else() {
    let mut scenario = merging();
    scenario.rosetta_holds("IE7").alma_has("9912", "Sunset", IE7).run("run").rosetta_applies("IE7").run("run");
    scenario.rosetta_edits("IE7", &[("title", "Ours")]).alma_edits("9912", "Theirs").run("run").exits(3);
    scenario.run("reject IE7 --reason local").says("1 rejected").run("run").fate("9912", "IE7", "skipped rejected");
    scenario.run("list skipped --code rejected").says("local").rosetta_shows("IE7", "Ours").folder_holds(&[]);
    scenario.alma_edits("9912", "Theirs again").run("run").exits(3).fate("9912", "IE7", "held merge-conflict");
}

#[test]
fn nothing_is_merged_into_a_record_that_nobody_knows() {
    let mut scenario = merging();
    scenario.alma_has("9912", "Sunset", IE7).rosetta_holds("IE8").profile_says("match.require-in-rosetta", "false");
    scenario.run("run").exits(3).fate("9912", "IE7", "held rosetta-unreadable").folder_holds(&[]);
    scenario.run("approve IE7").exits(3).complains("no approval helps").run("run").exits(3).folder_holds(&[]);
}

#[test]
fn two_owners_of_one_field_and_names_of_no_field_are_refused() {
    let mut scenario = merging();
    scenario.rosetta_holds("IE7").alma_has("9912", "Sunset", IE7).profile_says("merge.union", "[\"dc:subject\"]");
    scenario.profile_says("merge.alma-owns", "[\"dc:subject\"]").run("check").exits(2).complains("another owner");
    scenario.profile_says("merge.alma-owns", "[\"subject\"]").run("check").exits(2).complains("no name of a field");
    scenario.profile_says("merge.alma-owns", "[\"dc:subject@dcterms:LCSH\", \"*\"]").run("check").says("* Alma's");
    scenario.profile_says("merge.policy", "\"replace\"").run("check").exits(2).complains("means nothing");
}
