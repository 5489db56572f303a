use super::*;
use crate::dc_xml::read_record;
use crate::link::rules::{NewBibs, Pointer};
use crate::model::time::Timestamp;
use crate::profile::{Review, Risks};
use crate::push::in_words::Coded;
use crate::push::marc::{DataField, Field};
use std::convert::Infallible;

fn rules(hold: HoldPolicy) -> LinkRules {
    let text = |text: &str| text.to_owned();
    let pointer = Pointer { repository: text("ROSETTA"), library: text("MAIN"), usage_type: text("DERIVATIVE_COPY") };
    let risks = Risks { title_similarity: 0.4, require: Vec::new(), max_fields: None, max_ies: None };
    LinkRules {
        pointer,
        new_bibs: Some(NewBibs { suppressed: false, collection: None }),
        find: Vec::new(),
        sets: None,
        parameters: Default::default(),
        review: Review { hold, risks },
    }
}

fn subject() -> LinkSubject {
    let xml = "<dc:record xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>Letters</dc:title></dc:record>";
    LinkSubject {
        ie: IePid::parse("IE7").unwrap(),
        identifier: OaiIdentifier::new("oai:ros:IE7"),
        dc: read_record(xml).unwrap().dc,
        digest: Fixity::of(b""),
        entered: "261122".to_owned(),
    }
}

fn link(representation: &str) -> IeLink {
    IeLink {
        ie: IePid::parse("IE7").unwrap(),
        mms: "991".to_owned(),
        representation: representation.to_owned(),
        how: String::new(),
        title: String::new(),
        at: Timestamp::parse("2026-11-22").unwrap(),
        outcome: "failed".to_owned(),
        why: (String::new(), String::new()),
    }
}

/// The codes for which a new bib is held, or none where it is made.
fn check(
    (before, former, quarantined): (Option<&str>, &[String], u64),
    faults: &[&str],
    hold: HoldPolicy,
    expected: &[&str],
) {
    let (subject, repository) = (subject(), RepositoryIdentifier::parse("ros").unwrap());
    let before = before.map(link);
    let known = Known {
        subject: &subject,
        repository: &repository,
        representations: &[],
        before: before.as_ref(),
        lost: None,
        rivals: &[],
        former,
        quarantined,
    };
    let title = Field::Data(DataField::new("245", "00", &[("a", "Letters")]));
    let record = MarcRecord { leader: "00000nam a2200000 u 4500".to_owned(), fields: vec![title] };
    let faults = faults.iter().map(|fault| (*fault).to_owned()).collect();
    let describe = || Ok::<_, Infallible>(Described { record, faults });
    let codes: Vec<&str> = match plan(&known, &Found::Nothing, &rules(hold), describe).unwrap() {
        Plan::Held { reasons, write: Some(Write::Make { .. }), .. } => reasons.iter().map(Reason::code).collect(),
        Plan::Do(Write::Make { image, pointer }) => {
            assert_eq!(image.suppress, Some(Suppress::Published));
            assert_eq!(
                (pointer.originating_record_id.as_str(), pointer.linking_parameter_1.as_str()),
                ("oai:ros:IE7", "IE7")
            );
            Vec::new()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(codes, expected);
}

#[test]
fn a_new_bib_waits_for_a_person_where_one_may_be_there_or_was() {
    let former = ["oai:alma:991".to_owned()];
    check((None, &[], 0), &[], HoldPolicy::Risky, &[]);
    check((None, &[], 2), &[], HoldPolicy::Nothing, &["quarantine"]);
    check((None, &former, 0), &[], HoldPolicy::Nothing, &["former-bib"]);
    check((Some("321"), &[], 0), &[], HoldPolicy::Nothing, &["taken-away"]);
    check((Some(""), &[], 0), &[], HoldPolicy::Nothing, &[]);
    check((None, &[], 0), &[], HoldPolicy::Everything, &["every-link"]);
    check((None, &[], 1), &["245 has no title"], HoldPolicy::Risky, &["invalid", "quarantine"]);
}

#[test]
fn what_cannot_be_approved_stays_held_whatever_was_decided() {
    let verdict = |verb| Verdict {
        verb,
        who: "anna".to_owned(),
        why: String::new(),
        at: Timestamp::parse("2026-11-22").unwrap(),
    };
    let write = || Write::Point {
        mms: MmsId::parse("991").unwrap(),
        how: How::OwnNumber,
        pointer: pointer(&subject(), &rules(HoldPolicy::Risky)),
    };
    let held = |reasons| Plan::Held { mms: None, reasons, write: Some(write()) };
    let (everything, invalid) = (|| Reason::EveryLink, || Reason::Invalid(String::new()));
    assert_eq!(judged(held(vec![everything()]), Some(&verdict(Verb::Approve))), Plan::Do(write()));
    let both = judged(held(vec![everything(), invalid()]), Some(&verdict(Verb::Approve)));
    assert_eq!(both, held(vec![invalid()]));
    assert!(matches!(judged(Plan::Do(write()), Some(&verdict(Verb::Reject))), Plan::Skip(SkipReason::Rejected(_))));
    assert_eq!(judged(held(vec![everything()]), None), held(vec![everything()]));
}
