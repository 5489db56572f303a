use super::*;
use crate::profile::{HoldPolicy, Review, Risks};
use crate::push::bib_merge::LeaderRule;
use crate::push::in_words::Coded;
use crate::push::marc::{DataField, Field};
use crate::push::rules::Linking;
use crate::push::tag_rules::TagRules;
use serde_json::json;

const LEADER: &str = "00000npcaa2200000 u 4500";
const FIXED: &str = "220517i19682016xxu                 eng d";

fn rules(hold: HoldPolicy) -> PushRules {
    let risks = Risks { title_similarity: 0.4, require: Vec::new(), max_fields: None, max_ies: None };
    PushRules {
        mark: "(A)".to_owned(),
        tags: TagRules::default(),
        leader: LeaderRule::FromArchivesSpace,
        repairs: RepairSettings::default(),
        review: Review { hold, risks },
        linking: Linking { sets: None, published_only: false, create_when_unknown: false, write_back: true },
        holdings: None,
        items: None,
    }
}

fn resource(publish: bool) -> Resource {
    let json = json!({"uri": "/repositories/2/resources/1", "lock_version": 1, "publish": publish, "title": "Papers",
        "id_0": "MS", "create_time": "2022-05-17T00:00:00Z", "notes": [], "linked_agents": [], "subjects": [], "dates": []});
    Resource::read(json).unwrap()
}

fn field(tag: &str, value: &str) -> Field {
    Field::Data(DataField::new(tag, if tag == "245" { "00" } else { "  " }, &[("a", value)]))
}

fn record(fields: &[(&str, &str)]) -> MarcRecord {
    let mut all = vec![Field::control("008", FIXED)];
    all.extend(fields.iter().map(|(tag, value)| field(tag, value)));
    MarcRecord { leader: LEADER.to_owned(), fields: all }
}

impl Found {
    /// The same with another text in the place of one.
    fn replaced(self, from: &str, to: &str) -> Self {
        let Found::Bib(bib) = self else { panic!("no bib") };
        Found::Bib(Box::new(alma_bib(&bib.xml.replace(from, to))))
    }
}

/// Alma's answer with these fields, and further elements beside the record.
fn bib(fields: &[(&str, &str)], beside: &str) -> Found {
    let record = marc_text(&record(fields));
    let text = format!(
        "<bib><mms_id>991</mms_id><record_format>marc21</record_format>{beside}<suppress_from_publishing>false</suppress_from_publishing>{record}</bib>"
    );
    Found::Bib(Box::new(alma_bib(&text)))
}

fn marc_text(record: &MarcRecord) -> String {
    crate::push::marc::record(record, crate::push::marc::Namespace::None)
}

fn alma_bib(xml: &str) -> Bib {
    Bib { mms: MmsId::parse("991").unwrap(), xml: xml.to_owned() }
}

const OURS: (&str, &str) = ("035", "(A)/repositories/2/resources/1");

struct Case<'a> {
    marc: MarcRecord,
    publish: bool,
    rivals: Vec<String>,
    field_error: Option<&'a str>,
    malformed: Vec<String>,
    base: Option<BibImage>,
    adopted: Option<MmsId>,
    hold: HoldPolicy,
}

impl Case<'_> {
    fn new() -> Self {
        Case {
            marc: record(&[("245", "Papers")]),
            publish: true,
            rivals: Vec::new(),
            field_error: None,
            malformed: Vec::new(),
            base: None,
            adopted: None,
            hold: HoldPolicy::Risky,
        }
    }

    fn plan(&self, found: &Found) -> Plan {
        let resource = resource(self.publish);
        let subject = Subject {
            resource: &resource,
            marc: &self.marc,
            malformed: &self.malformed,
            field_error: self.field_error,
            rivals: &self.rivals,
            base: self.base.as_ref(),
            adopted: self.adopted.as_ref(),
        };
        plan(subject, found, &rules(self.hold)).unwrap()
    }

    /// The plan in a word, with the codes of what holds it.
    #[track_caller]
    fn check(&self, found: &Found, expected: &str) {
        let said = match self.plan(found) {
            Plan::Unchanged { .. } => "unchanged".to_owned(),
            Plan::Create { .. } => "create".to_owned(),
            Plan::Update { .. } => "update".to_owned(),
            Plan::Held { reasons, .. } => {
                format!("held {}", reasons.iter().map(Reason::code).collect::<Vec<_>>().join(" "))
            }
            Plan::Skip(why) => format!("skip {}", why.code()),
        };
        assert_eq!(said, expected);
    }
}

#[test]
fn what_alma_has_decides_between_a_new_bib_an_update_and_a_question() {
    let mms = || MmsId::parse("991").unwrap();
    let case = Case::new();
    case.check(&Found::Nothing, "create");
    case.check(&Found::Unknown(mms()), "held unknown-mms-id");
    case.check(&Found::Several(vec![mms(), mms()]), "held several-bibs");
    case.check(&bib(&[OURS, ("245", "Paper")], ""), "update");
    case.check(&bib(&[("245", "Papers")], ""), "held not-ours");
    case.check(&bib(&[("035", "(A)/repositories/2/resources/7"), ("245", "Papers")], ""), "held others-mark");
    let zone = "<linked_record_id type=\"NZ\">992</linked_record_id>";
    case.check(&bib(&[OURS, ("245", "Paper")], zone), "held linked");
    let shared = Case { rivals: vec!["/repositories/2/resources/9".to_owned()], ..Case::new() };
    shared.check(&bib(&[OURS, ("245", "Papers")], ""), "held shared-mms-id");
    let adopted = Case { adopted: Some(mms()), ..Case::new() };
    adopted.check(&bib(&[("245", "Papers")], ""), "update");
}

#[test]
fn a_bib_that_says_it_already_is_not_written() {
    let case = Case::new();
    let Plan::Update { draft, .. } = case.plan(&bib(&[OURS, ("245", "Paper")], "")) else { panic!("no update") };
    let text = format!(
        "<bib><mms_id>991</mms_id><suppress_from_publishing>false</suppress_from_publishing>{}</bib>",
        marc_text(&draft.merged.record)
    );
    let stored = |text: &str| Found::Bib(Box::new(alma_bib(text)));
    case.check(&stored(&text), "unchanged");
    case.check(&stored(&text.replace(">false<", ">true<")), "update");
    Case { publish: false, ..Case::new() }.check(&stored(&text), "update");
}

#[test]
fn what_cannot_be_sent_is_held_and_no_approval_helps() {
    let found = bib(&[OURS, ("245", "Papers")], "");
    Case { malformed: vec!["x".to_owned()], marc: record(&[("245", "Paper")]), ..Case::new() }
        .check(&found, "held malformed");
    Case { field_error: Some("two values"), ..Case::new() }.check(&found, "held mms-id-field");
    Case { marc: record(&[]), ..Case::new() }.check(&Found::Nothing, "held invalid");
    let dc = "<bib><mms_id>991</mms_id><record_format>dc</record_format><record><leader/></record></bib>";
    Case::new().check(&Found::Bib(Box::new(alma_bib(dc))), "held not-marc");
    for code in ["malformed", "mms-id-field", "invalid", "not-marc", "others-mark", "shared-mms-id", "several-bibs"] {
        assert!(!Reason::code_can_be_approved(code), "{code}");
    }
}

#[test]
fn a_risk_is_what_somebody_else_would_lose() {
    let theirs = bib(&[OURS, ("245", "Papers"), ("520", "by a cataloguer"), ("500", "x")], "");
    Case::new().check(&theirs, "held loses-fields");
    Case { hold: HoldPolicy::Nothing, ..Case::new() }.check(&theirs, "update");
    // What this program wrote itself may go without a question.
    let wrote = record(&[("245", "Papers"), ("520", "by a cataloguer"), ("500", "x")]);
    let base = Some(BibImage { suppress: Some(Suppress::Published), record: wrote });
    Case { base, ..Case::new() }.check(&theirs, "update");
    // A cataloguer has hidden it, or said what kind of record it is, since this program wrote it.
    let wrote = |leader: &str, suppress| {
        let record = MarcRecord { leader: leader.to_owned(), ..record(&[("245", "Paper")]) };
        Case { base: Some(BibImage { suppress: Some(suppress), record }), ..Case::new() }
    };
    let now = bib(&[OURS, ("245", "Paper")], "");
    wrote(LEADER, Suppress::Published).check(&now, "update");
    Case { publish: false, ..wrote(LEADER, Suppress::Published) }.check(&now, "update");
    Case { publish: false, ..wrote(LEADER, Suppress::Suppressed) }.check(&now, "held loses-fields");
    let other = |from: &str, to: &str| bib(&[OURS, ("245", "Paper")], "").replaced(from, to);
    wrote(LEADER, Suppress::Published).check(&other(LEADER, "00000ntcaa2200000 u 4500"), "held loses-fields");
    wrote(LEADER, Suppress::Published).check(&other("19682016xxu", "19682016ctu"), "held loses-fields");
    wrote(LEADER, Suppress::Published).check(&other("220517i", "190101i"), "update");
    Case::new().check(&bib(&[OURS, ("245", "Something else altogether")], ""), "held title-changed");
    Case { hold: HoldPolicy::Everything, ..Case::new() }.check(&Found::Nothing, "held every-change");
}

#[test]
fn every_reason_knows_whether_it_can_be_approved_by_its_code() {
    let mms = MmsId::parse("991").unwrap();
    let text = String::new;
    let all = [
        Reason::NotOurs(mms.clone()),
        Reason::OthersMark(Vec::new()),
        Reason::SharedMms { mms: mms.clone(), others: Vec::new() },
        Reason::SeveralBibs(Vec::new()),
        Reason::UnknownMms(mms),
        Reason::Linked { zone: text(), mms: text() },
        Reason::NotMarc(text()),
        Reason::Field(text()),
        Reason::Malformed(text()),
        Reason::Repair(text()),
        Reason::Invalid(text()),
        Reason::Loses(Vec::new()),
        Reason::TitleChanged { percent: 1 },
        Reason::ManyFields { count: 2, most: 1 },
        Reason::EveryChange,
    ];
    for reason in all {
        assert_eq!(Reason::code_can_be_approved(reason.code()), reason.can_be_approved(), "{}", reason.code());
    }
}
