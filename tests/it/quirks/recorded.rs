//! Answers recorded from live systems; fixtures/README.md says where they are from.

use super::*;

const ALMA_LAST_PAGE: &[u8] = include_bytes!("../fixtures/alma-bibsys-list-identifiers-last-page.xml");
const ARCHIVESSPACE: &[u8] = include_bytes!("../fixtures/archivesspace-list-identifiers.xml");

#[test]
fn a_page_of_archivesspace_and_one_of_alma_make_a_list() {
    let repository = FakeRepository::start(|asked| match asked.token() {
        None => Reply::new(ARCHIVESSPACE),
        Some(_) => Reply::new(ALMA_LAST_PAGE),
    });
    let ended = Cartouche::new().run(&["oai", "list-identifiers", &repository.base_url()]).exits(0);
    let ended = ended.complains("complete: 11 records (0 deleted), 0 quarantined, 2 pages");
    let lines: Vec<&str> = ended.stdout.lines().collect();
    let (resource, bib) = (
        r#"{"identifier":"oai:archivesspace:/repositories/2/resources/2","datestamp":"2025-11-11T14:28:08Z","deleted":false,"sets":[]}"#,
        r#"{"identifier":"oai:urm_publish:991501971444702201","datestamp":"2017-01-02T14:54:41Z","deleted":false,"sets":["oai_komplett"]}"#,
    );
    assert_eq!((lines[0], lines[10]), (resource, bib));
    let asked = repository.taken();
    let sent = std::str::from_utf8(ARCHIVESSPACE).unwrap();
    let token = sent.split_once("<resumptionToken>").unwrap().1.split_once('<').unwrap().0;
    assert!(token.ends_with('='));
    assert_eq!(asked[1].token(), Some(token));
}
