//! What the stand-in takes is what Alma's schemas take: compared with xmllint over rest_bib.xsd, rest_holding.xsd and rest_item.xsd.
//!
//! Needs xmllint (Debian: libxml2-utils).

use super::{World, body, holding, holding_record, make, record, world};
use cartouche::http::{self, Call, Method};
use cartouche::push::alma::Bib;
use cartouche::push::bib::Suppress;
use cartouche::push::item::{ItemField, item_body};
use cartouche::sandbox::alma_rest::KEY;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Whether a schema takes a document, with the two liberties that Alma's own answers take: `<record>` is in no namespace there,
/// and a holding that is sent has no ID.
fn schema_takes(kind: &str, xml: &str) -> bool {
    let mut xml = xml.replace("<record>", "<record xmlns=\"http://www.loc.gov/MARC21/slim\">");
    if kind == "holding" && !xml.contains("<holding_id>") {
        xml = xml.replace("<holding>", "<holding><holding_id>1</holding_id>");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sent.xml");
    std::fs::write(&file, xml).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/xsd/alma/rest_{kind}.xsd"));
    let output =
        Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schema).arg(file).output().unwrap();
    output.status.success()
}

struct Places {
    world: World,
    http: http::Client,
    bib: Bib,
    holding: String,
}

fn places() -> Places {
    let world = world();
    let client = world.client("");
    let bib = make(&client, "T", "1");
    let holding = client.create_holding(&bib.mms, &holding("maps")).unwrap();
    let options = http::Options { time_out: Duration::from_secs(10), retries: 0, requests_per_second: None };
    Places { world, http: http::Client::new(options).unwrap(), bib, holding: holding.id.to_string() }
}

impl Places {
    /// The status of a POST of this kind.
    fn send(&self, kind: &str, xml: &str) -> u16 {
        let mms = self.bib.mms.as_str();
        let path = match kind {
            "bib" => "/bibs".to_owned(),
            "holding" => format!("/bibs/{mms}/holdings"),
            _ => format!("/bibs/{mms}/holdings/{}/items", self.holding),
        };
        let url = format!("{}{path}", self.world.sandbox.alma_api_base_url());
        let key = format!("apikey {KEY}");
        let call = Call {
            method: Method::Post,
            url: &url,
            headers: &[("authorization", &key)],
            body: Some(("application/xml", xml)),
        };
        self.http.call(&call).unwrap().status
    }
}

fn cases(holding: &str) -> Vec<(&'static str, String, bool)> {
    let marc = record("T", "2").replace(" xmlns=\"http://www.loc.gov/MARC21/slim\"", "");
    let bib = |inside: &str| format!("<bib>{inside}</bib>");
    let flag = "<suppress_from_publishing>false</suppress_from_publishing>";
    let with_852 = holding_record("maps");
    let held = |inside: &str| format!("<holding>{inside}</holding>");
    let item = |holding_data: &str, item_data: &str| {
        format!("<item><holding_data>{holding_data}</holding_data><item_data>{item_data}</item_data></item>")
    };
    let of = format!("<holding_id>{holding}</holding_id>");
    let id = of.as_str();
    let pid = item_body(holding, &[(ItemField::Barcode, "b1"), (ItemField::Description, "A & B")]);
    vec![
        ("bib", body(&marc, Suppress::Published), true),
        ("bib", bib(&format!("<mms_id>1</mms_id>{marc}")), true),
        (
            "bib",
            bib(&format!(
                "<record_format>marc21</record_format>{flag}<cataloging_level desc=\"x\">80</cataloging_level>{marc}"
            )),
            true,
        ),
        ("bib", bib(&format!("<created_date>2026-11-22Z</created_date>{flag}{marc}")), true),
        ("bib", bib(&format!("{marc}<warnings><warning><message>x</message></warning></warnings>")), true),
        // The schema has an order.
        ("bib", bib(&format!("{flag}<mms_id>1</mms_id>{marc}")), false),
        ("bib", bib(&format!("{marc}{flag}")), false),
        ("bib", bib(&format!("{flag}{flag}{marc}")), false),
        ("bib", bib(&format!("<supress_from_publishing>false</supress_from_publishing>{marc}")), false),
        ("bib", bib(&format!("<created_date>yesterday</created_date>{marc}")), false),
        ("bib", bib(&format!("<created_date>2026-13-01</created_date>{marc}")), false),
        ("bib", bib(&format!("{marc}<requests>many</requests>")), false),
        ("bib", format!("<bibs>{}</bibs>", bib(&marc)), false),
        ("bib", "<bib><record>".to_owned(), false),
        ("holding", self::holding("maps"), true),
        ("holding", held(&format!("<holding_id>1</holding_id><created_by>a</created_by>{flag}{with_852}")), true),
        ("holding", held(&format!("{flag}<created_by>a</created_by>{with_852}")), false),
        ("holding", held(&format!("<library>SPEC</library>{with_852}")), false),
        ("item", pid, true),
        (
            "item",
            item(
                &format!("{id}<copy_id>1</copy_id><in_temp_location>false</in_temp_location>"),
                "<barcode>b2</barcode>",
            ),
            true,
        ),
        (
            "item",
            item(id, "<policy desc=\"x\">1</policy><barcode>b3</barcode><arrival_date>2026-11-22</arrival_date>"),
            true,
        ),
        ("item", format!("<item><item_data/><holding_data>{id}</holding_data></item>"), true),
        ("item", item("", "<barcode>b4</barcode>"), false),
        ("item", format!("<item><holding_data>{id}</holding_data></item>"), false),
        ("item", "<item><item_data><barcode>b5</barcode></item_data></item>".to_owned(), false),
        ("item", item(id, "<barcode>b6</barcode><barcode>b7</barcode>"), false),
        ("item", item(id, "<bar_code>b8</bar_code>"), false),
        ("item", item(&format!("{id}<in_temp_location>no</in_temp_location>"), "<barcode>b9</barcode>"), false),
        ("item", item(id, "<is_magnetic>maybe</is_magnetic>"), false),
        ("item", item(id, "<weeding_date>2026-11-2</weeding_date>"), false),
    ]
}

#[test]
fn what_alma_s_schemas_refuse_the_stand_in_refuses_and_what_it_takes_they_take() {
    let places = places();
    for (kind, xml, is_fine) in cases(&places.holding) {
        let status = places.send(kind, &xml);
        assert_eq!(status, if is_fine { 200 } else { 400 }, "{kind}: {xml}");
        assert_eq!(schema_takes(kind, &xml), is_fine, "xmllint on {kind}: {xml}");
    }
}

#[test]
fn marc_that_would_be_lost_in_part_is_refused() {
    let places = places();
    for (what, broken) in [
        ("an empty subfield code", record("T", "3").replace("code=\"a\"", "code=\"\"")),
        ("a long indicator", record("T", "3").replace("ind1=\"1\"", "ind1=\"10\"")),
        ("a field without tag", record("T", "3").replace("tag=\"245\"", "tag=\"\"")),
        ("no record", String::new()),
    ] {
        assert_eq!(places.send("bib", &format!("<bib>{broken}</bib>")), 400, "{what}");
    }
}
