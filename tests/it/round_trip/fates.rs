//! What is never written: deleted, suppressed and empty records, and what waits for a person.

use super::one_of_each;
use crate::support::records::{bib, entity};
use crate::support::scenario::Scenario;

const IE7: &str = "oai:ros.example.org:IE7";

/// A stylesheet that makes the same fields of every record.
fn constant(fields: &str) -> String {
    format!(
        "<xsl:stylesheet version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n\
         <xsl:template match=\"/\"><dc:record>{fields}</dc:record></xsl:template></xsl:stylesheet>\n"
    )
}

#[test]
fn suppressed_deleted_and_empty_records_leave_their_ies_alone() {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").rosetta_holds("IE8").rosetta_holds("IE9");
    scenario.alma_has_bib(bib("9912", "Hidden").cites(IE7).suppressed());
    scenario.alma_has_bib(bib("9913", "Gone").cites("oai:ros.example.org:IE8").deleted());
    scenario.alma_has_bib(bib("9914", "Empty").cites("oai:ros.example.org:IE9").without_metadata());
    scenario.profile_says("alma.feed.metadata-prefix", "\"marc21\"").run("run").folder_holds(&[]);
    scenario.fate("9912", "", "skipped suppressed");
    scenario.fate("9913", "", "skipped deleted");
    scenario.fate("9914", "", "skipped no-metadata");
    scenario.run("list skipped").says("suppressed").says("deleted").says("no-metadata");
}

#[test]
fn a_bib_deleted_after_its_package_was_applied_leaves_rosetta_as_it_is() {
    let mut scenario = one_of_each();
    scenario.run("run").rosetta_applies("IE7").run("run");
    scenario.alma_deletes("9912").run("run").fate("9912", "", "skipped deleted").folder_holds(&[]);
    scenario.rosetta_shows("IE7", "Sunset at Montmajour");
}

fn check_held(fields: &str, code: &str) {
    let mut scenario = one_of_each();
    scenario.stylesheet(&constant(fields)).run("run").exits(3).folder_holds(&[]).packages("IE7", &[]);
    scenario.fate("9912", "IE7", &format!("held {code}")).run("list held").says(code);
}

#[test]
fn what_rosetta_could_not_take_is_held_with_its_reason_and_never_written() {
    check_held("", "empty");
    check_held("<dc:title>  </dc:title>", "empty");
    check_held("<dc:creator>Gogh</dc:creator>", "title-lost");
    check_held(&format!("<dc:title>{}</dc:title>", "é".repeat(2001)), "too-long");
    check_held("<dc:title>T</dc:title><dc:Creator>Gogh</dc:Creator>", "unknown-element");
    check_held("<dc:title>T</dc:title><dc:issued>1888</dc:issued>", "unknown-element");
    check_held("<dc:title xsi:type=\"hbz:id\">T</dc:title>", "undeclared-prefix");
    check_held("<dc:title>T<dc:date>1888</dc:date></dc:title>", "not-flat");
}

#[test]
fn the_limit_of_a_value_is_counted_in_bytes_and_may_be_lifted() {
    let mut scenario = one_of_each();
    scenario.stylesheet(&constant(&format!("<dc:title>{}</dc:title>", "é".repeat(2000))));
    scenario.run("run --dry-run").fate("9912", "IE7", "package");
    scenario.stylesheet(&constant(&format!("<dc:title>{}</dc:title>", "é".repeat(2001))));
    scenario.run("run --dry-run").exits(3).fate("9912", "IE7", "held too-long");
    scenario.profile_says("limits.max-value-bytes", "0").run("run").fate("9912", "IE7", "package");
}

#[test]
fn a_bib_without_title_is_held_only_where_rosetta_has_one() {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").alma_has_bib(bib("9912", "").without_title().cites(IE7));
    scenario.run("run").exits(3).fate("9912", "IE7", "held title-lost");
}

#[test]
fn the_profile_may_hold_every_change_or_only_those_that_remove_a_field() {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE7").holds("dc:rights", "Public domain")).rosetta_holds("IE8");
    scenario.alma_has("9912", "Sunset", IE7).alma_has("9913", "Sunrise", "oai:ros.example.org:IE8");
    scenario.profile_says("review.hold", "\"risky\"").profile_says("review.title-similarity", "\"0%\"");
    scenario.run("run --dry-run").exits(3);
    scenario.fate("9912", "IE7", "held field-removed").fate("9913", "IE8", "package");
    scenario.profile_says("review.hold", "\"everything\"").run("run").exits(3).folder_holds(&[]);
    scenario.fate("9912", "IE7", "held every-change").fate("9913", "IE8", "held every-change");
}

#[test]
fn too_many_skips_stop_the_run_before_it_stages() {
    let mut scenario = one_of_each();
    scenario.alma_has_bib(bib("9913", "Of no IE")).profile_says("limits.max-skips", "\"49%\"");
    scenario.run("run").exits(3).says("50.0% of all outcomes are skips, limits.max-skips is 49%").folder_holds(&[]);
    scenario.run("run --json").exits(3).tells("/staged", 0).tells("/waiting", 1);
    scenario.profile_says("limits.max-skips", "\"50%\"").run("run").folder_holds(&["IE7"]);
}

#[test]
fn too_many_changes_stop_the_run_before_it_stages() {
    let mut scenario = one_of_each();
    scenario.rosetta_holds("IE8").alma_has("9913", "Sunrise", "oai:ros.example.org:IE8");
    scenario.run("run").rosetta_runs_its_job().run("run").says("2 unchanged");
    scenario.profile_says("limits.max-changed", "\"50%\"").alma_edits("9912", "One").run("run").folder_holds(&["IE7"]);
    scenario.rosetta_runs_its_job().alma_edits("9912", "Two").alma_edits("9913", "Two").run("run").exits(3);
    scenario.says("100.0% of the matched IEs would change").folder_holds(&[]);
}
