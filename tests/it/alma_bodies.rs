//! The bodies that are written to Alma's API, against the schemas that Alma publishes.
//!
//! Needs xmllint (Debian: libxml2-utils).

use cartouche::model::id::MmsId;
use cartouche::push::bib::{Suppress, bib_body, read_bib};
use cartouche::push::holding::{HoldingTemplate, holding_body, new_holding};
use cartouche::push::item::{ItemField, changed_item, item_body};
use cartouche::push::marc::{DataField, Field, MarcRecord, Namespace, collection, record};
use cartouche::push::source_facts::Identity;
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const MARC21: &str = "<record xmlns=\"http://www.loc.gov/MARC21/slim\">";

/// Validates a document; the schema is a file in `tests/it/xsd`.
fn validate(xml: &str, schema: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("body.xml");
    fs::write(&file, xml).unwrap();
    let schema = Path::new(ROOT).join("tests/it/xsd").join(schema);
    let mut xmllint = Command::new("xmllint");
    let output = xmllint.args(["--noout", "--nonet", "--schema"]).arg(schema).arg(file).output();
    let output = output.expect("xmllint is installed (Debian: libxml2-utils)");
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

fn bib() -> MarcRecord {
    MarcRecord {
        leader: "00000npcaa2200000 u 4500".to_owned(),
        fields: vec![
            Field::control("008", "220517i19682016xxu                 eng d"),
            Field::Data(DataField::new("245", "00", &[("a", "Papers & <letters>,"), ("f", "1968-2016")])),
        ],
    }
}

/// Alma's schema takes a record of any namespace and of none of its own, but what Alma sends, and takes, has no namespace.
fn in_marc21(body: &str) -> String {
    let dressed = body.replacen("<record>", MARC21, 1);
    assert_ne!(dressed, body, "the record has no namespace");
    dressed
}

#[test]
fn the_body_of_a_bib_is_what_alma_s_schema_describes() {
    let mms_id = MmsId::parse("991227850000541").unwrap();
    let answer = "<bib><mms_id>991</mms_id><suppress_from_external_search>false</suppress_from_external_search>\
        <sync_with_oclc>NONE</sync_with_oclc><cataloging_level desc=\"kat2\">80</cataloging_level><brief_level>01</brief_level>\
        <record><leader/></record></bib>";
    let settings = read_bib(answer).unwrap().settings;
    assert_eq!(settings.len(), 4);
    for (mms_id, settings) in [(None, &[][..]), (Some(&mms_id), &settings[..])] {
        let body = bib_body(&bib(), mms_id, Suppress::Published, settings);
        assert!(body.contains("<suppress_from_publishing>false</suppress_from_publishing>"));
        validate(&in_marc21(&body), "alma/rest_bib.xsd").unwrap();
    }
    let (_, rest) = bib_body(&bib(), None, Suppress::Suppressed, &[])
        .split_once("<record>")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    assert!(validate(&format!("<bib><record>{rest}"), "alma/rest_bib.xsd").is_err(), "the schema is looked at");
}

#[test]
fn a_record_is_what_the_schema_of_marcxml_describes() {
    validate(&record(&bib(), Namespace::Marc21), "MARC21slim.xsd").unwrap();
    validate(&collection([&bib(), &bib()]), "MARC21slim.xsd").unwrap();
    let mut broken = bib();
    broken.fields.push(Field::Data(DataField::new("650", " 0", &[("", "Teachers")])));
    assert!(validate(&record(&broken, Namespace::Marc21), "MARC21slim.xsd").is_err(), "an empty code is no MARCXML");
}

#[test]
fn the_body_of_a_holding_is_what_alma_s_schema_describes() {
    let identity = Identity { ids: ["MS", "7", "", ""].map(str::to_owned), ..Identity::default() };
    let template = HoldingTemplate::default();
    let plan = template.plan(("SPEC", "mss"), &identity, Suppress::Published, "220403").unwrap();
    let body = holding_body(&new_holding(&plan), plan.suppress);
    // The schema wants the id that Alma gives, and that a body must not have.
    let with_id = in_marc21(&body).replacen("<holding>", "<holding><holding_id>22</holding_id>", 1);
    validate(&with_id, "alma/rest_holding.xsd").unwrap();
    validate(&record(&new_holding(&plan), Namespace::Marc21), "MARC21slim.xsd").unwrap();
}

#[test]
fn the_body_of_an_item_is_what_alma_s_schema_describes() {
    let fields = [
        ItemField::Barcode,
        ItemField::Description,
        ItemField::PhysicalMaterialType,
        ItemField::Policy,
        ItemField::EnumerationA,
        ItemField::EnumerationB,
        ItemField::ChronologyI,
        ItemField::PublicNote,
        ItemField::FulfillmentNote,
        ItemField::InternalNote1,
        ItemField::InternalNote2,
        ItemField::InternalNote3,
        ItemField::StorageLocationId,
    ];
    let values = fields.map(|field| (field, "1"));
    let new = item_body("22", &values);
    validate(&new, "alma/rest_item.xsd").unwrap();
    let changes = fields.map(|field| (field, "2 & 3"));
    validate(&changed_item(&new, &changes).unwrap(), "alma/rest_item.xsd").unwrap();
    let empty = "<item><holding_data><holding_id>22</holding_id></holding_data><item_data/></item>";
    validate(&changed_item(empty, &changes).unwrap(), "alma/rest_item.xsd").unwrap();
}
