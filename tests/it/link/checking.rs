//! What `check` tells of a profile that links, before anything is linked.

use super::LinkScenario;

#[test]
fn check_tells_what_is_linked_and_whether_the_library_is_alma_s() {
    let mut scenario = LinkScenario::of(&["IE7"], |_| ());
    scenario.finds_by("[{ field = \"dc:identifier\", begins = \"ocm\", prefix = \"(OCoLC)\" }]");
    scenario.story.run("check").says("that no bib names; where none is found, one is made that is published");
    scenario.story.says("the remote repository ROSETTA in the library MAIN, as PRESERVATION_MASTER");
    scenario.story.says("dc:identifier that begins with `ocm`").says("rosetta-dc-to-marc21.xsl compiles");
    let calls = scenario.sandbox().api_calls().len();
    scenario.story.run("check --online").says("the library MAIN is Alma's");
    assert_eq!(scenario.sandbox().api_calls().len(), calls + 1, "one call");
    scenario.profile_says("link.library", "\"NOWHERE\"");
    scenario.run("check", 0);
    scenario.run("check --online", 2).story.says("Alma has no library NOWHERE").says("MAIN");
}

#[test]
fn check_finds_a_stylesheet_for_new_bibs_that_does_not_compile() {
    let mut scenario = LinkScenario::of(&["IE7"], |_| ());
    std::fs::write(scenario.story.path("to-marc.xsl"), "<xsl:stylesheet").unwrap();
    scenario.profile_says("link.stylesheet", "\"to-marc.xsl\"");
    let said = scenario.story.command("check").output().unwrap();
    assert_ne!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stdout));
    assert!(String::from_utf8_lossy(&said.stdout).contains("to-marc.xsl"));
}
