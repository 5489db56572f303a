//! The client of Alma's REST API against the stand-in's: what is read and written, counted call by call.

mod faults;
mod peers;
mod quotas;
mod secrets;
mod shapes;
mod structure;

use cartouche::model::id::MmsId;
use cartouche::profile::{self, AlmaApi};
use cartouche::push::alma::{Bib, Call, Class, Client, Error, HoldingId, Holdings, ItemPid, RemoteRepresentation};
use cartouche::push::bib::{Suppress, bib_body, read_bib, warnings};
use cartouche::push::holding::{holding_body, read_holding};
use cartouche::push::item::{ItemField, changed_item, item_body, read_item};
use cartouche::push::marc;
use cartouche::sandbox::alma_rest::{ApiLimits, KEY, REPOSITORY};
use cartouche::sandbox::{DataSource, Options, Sandbox};
use std::fs;
use tempfile::TempDir;

pub struct World {
    folder: TempDir,
    pub sandbox: Sandbox,
}

pub fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let empty = "<alma institution=\"01X\" repository-identifier=\"alma.01X\"><set spec=\"s\" name=\"S\"/></alma>";
    fs::write(folder.path().join("alma.xml"), empty).unwrap();
    let empty = "<rosetta repository-identifier=\"ros.example.org\"><set spec=\"s\" name=\"S\"/></rosetta>";
    fs::write(folder.path().join("rosetta.xml"), empty).unwrap();
    fs::write(folder.path().join("key"), format!("{KEY}\n")).unwrap();
    let data = DataSource::Folder(folder.path().to_owned());
    let sandbox = Sandbox::start(Options { data, ..Options::default() }).unwrap();
    sandbox.set_api_limits(ApiLimits { per_second: 100_000, daily: 1_000_000 });
    World { sandbox, folder }
}

impl World {
    /// [alma.api] at a base URL, without pauses between calls unless the keys say otherwise.
    pub fn api_at(&self, base_url: &str, keys: &str) -> AlmaApi {
        let rate = if keys.contains("requests-per-second") { "" } else { "requests-per-second = 1000\n" };
        let retries = if keys.contains("retries") { "" } else { "retries = 0\n" };
        let text = format!(
            "[rosetta.feed]\nbase-url = \"http://127.0.0.1/\"\nmetadata-prefix = \"oai_dc\"\n[alma.feed]\nbase-url = \"http://127.0.0.1/\"\n\
             metadata-prefix = \"oai_dc\"\n[staging]\nfolder = \"f\"\n[alma.api]\nbase-url = \"{base_url}\"\nkey-file = \"key\"\n\
             {rate}{retries}{keys}\n"
        );
        profile::parse(&self.folder.path().join("p.toml"), &text).unwrap().alma_api.unwrap()
    }

    pub fn client(&self, keys: &str) -> Client {
        Client::new(&self.api_at(&self.sandbox.alma_api_base_url(), keys)).unwrap()
    }

    /// `METHOD status` of every call so far, and forgets nothing.
    pub fn ends(&self) -> Vec<String> {
        self.sandbox.api_calls().iter().map(|call| format!("{} {}", call.method, call.status)).collect()
    }
}

pub fn mms(text: &str) -> MmsId {
    MmsId::parse(text).unwrap()
}

/// A record with our own mark, without 001 and 005, as ArchivesSpace has it.
pub fn record(title: &str, number: &str) -> String {
    format!(
        "<record xmlns=\"http://www.loc.gov/MARC21/slim\"><leader>00000npcaa2200000 u 4500</leader><controlfield tag=\"008\">\
         261122i19001950xxu                 eng d</controlfield><datafield tag=\"035\" ind1=\" \" ind2=\" \"><subfield code=\"a\">\
         (ASPACE-X)/repositories/2/resources/{number}</subfield></datafield><datafield tag=\"245\" ind1=\"1\" ind2=\"0\">\
         <subfield code=\"a\">{title}</subfield></datafield></record>"
    )
}

pub fn holding_record(location: &str) -> String {
    format!(
        "<record><leader>00000nx  a22000001n 4500</leader><controlfield tag=\"008\">2611222u    8   4001uueng0000000</controlfield>\
         <datafield tag=\"852\" ind1=\"8\" ind2=\" \"><subfield code=\"b\">SPEC</subfield><subfield code=\"c\">{location}</subfield>\
         <subfield code=\"h\">MS 15</subfield></datafield></record>"
    )
}

/// A bib's body, with the record's MARC as the program reads and writes it.
pub fn body(record: &str, suppress: Suppress) -> String {
    let record = marc::read(record).and_then(marc::Reading::whole).unwrap();
    bib_body(&record, None, suppress, &[])
}

/// A bib as it was read, with other words in it.
pub fn changed(bib: &Bib, from: &str, to: &str) -> String {
    let read = read_bib(&bib.xml).unwrap();
    bib_body(&read.record, Some(&bib.mms), Suppress::Published, &read.settings).replace(from, to)
}

pub fn holding(location: &str) -> String {
    let record = marc::read(&holding_record(location)).and_then(marc::Reading::whole).unwrap();
    holding_body(&record, Suppress::Published)
}

pub fn make(client: &Client, title: &str, number: &str) -> Bib {
    client.create_bib(&body(&record(title, number), Suppress::Published)).unwrap()
}

fn calls(client: &Client) -> Vec<(Call, u64)> {
    client.calls().into_iter().collect()
}

#[test]
fn a_bib_is_made_found_by_its_mark_read_and_replaced_whole() {
    let world = world();
    let client = world.client("");
    let made = make(&client, "Papers &amp; letters", "1");
    let read = read_bib(&made.xml).unwrap();
    assert!(made.mms.as_str().starts_with("99") && read.suppress == Some(Suppress::Published), "{made:?}");
    assert_eq!(read.record.control("001"), Some(made.mms.as_str()));

    let found = client.bibs_by_other_id("(ASPACE-X)/repositories/2/resources/1").unwrap();
    assert_eq!(found, std::slice::from_ref(&made));
    assert_eq!(client.bibs_by_other_id("(ASPACE-X)/repositories/2/resources/2").unwrap(), []);
    assert_eq!(client.bib(&made.mms).unwrap(), Some(made.clone()));
    assert_eq!(client.bib(&mms("9900000000001234")).unwrap(), None);

    // Replaced means replaced: the 035 goes when it is not sent.
    let mut bare = read.record.clone();
    bare.fields.retain(|field| field.tag() != "035");
    let bare = bib_body(&bare, Some(&made.mms), Suppress::Suppressed, &read.settings).replace(" &amp; letters", "");
    let updated = client.update_bib(&made.mms, &bare).unwrap();
    let now = read_bib(&updated.xml).unwrap();
    assert_eq!((&updated.mms, now.suppress), (&made.mms, Some(Suppress::Suppressed)));
    assert_ne!(now.record.control("005"), read.record.control("005"));
    assert!(updated.xml.contains(">Papers<") && !updated.xml.contains("letters"), "{}", updated.xml);
    assert_eq!(client.bibs_by_other_id("(ASPACE-X)/repositories/2/resources/1").unwrap(), []);
    client.delete_bib(&made.mms).unwrap();
    assert_eq!(client.bib(&made.mms).unwrap(), None);

    let counted =
        [(Call::ReadBib, 3), (Call::FindBibs, 3), (Call::CreateBib, 1), (Call::UpdateBib, 1), (Call::DeleteBib, 1)];
    assert_eq!(calls(&client), counted);
    assert_eq!(world.ends().len(), 9);
}

#[test]
fn no_bib_is_sent_of_which_it_is_not_said_whether_it_is_suppressed() {
    let world = world();
    let client = world.client("");
    let silent = format!("<bib>{}</bib>", record("T", "1"));
    for body in
        [silent.as_str(), "<bib>", "<holding><suppress_from_publishing>true</suppress_from_publishing></holding>"]
    {
        assert!(matches!(client.create_bib(body), Err(Error::NotSent { .. })), "{body}");
        assert!(matches!(client.update_bib(&mms("99"), body), Err(Error::NotSent { .. })), "{body}");
    }
    assert_eq!(world.ends().len(), 0);
}

#[test]
fn a_hundred_bibs_are_read_in_one_call_and_what_is_not_there_is_missing() {
    let world = world();
    let client = world.client("");
    let mut wanted: Vec<MmsId> = (0..130).map(|number| make(&client, "T", &number.to_string()).mms).collect();
    let known = wanted.clone();
    wanted.push(mms("9900000000001234"));
    wanted.extend(known.iter().take(5).cloned());
    let mut read: Vec<MmsId> = client.bibs(&wanted).unwrap().into_iter().map(|bib| bib.mms).collect();
    read.sort();
    assert_eq!(read, known);
    assert_eq!(client.calls()[&Call::ReadBibs], 2);
    assert_eq!(client.bibs(&[mms("1")]).unwrap(), []);
    assert_eq!(client.bibs(&[]).unwrap(), []);
    assert_eq!(client.calls()[&Call::ReadBibs], 3);
}

#[test]
fn a_change_that_somebody_made_meanwhile_is_not_written_over() {
    let world = world();
    let client = world.client("");
    let made = make(&client, "Ours", "1");
    world.sandbox.catalogue_bib(made.mms.as_str(), "A cataloguer's").unwrap();
    let error = client.update_bib(&made.mms, &changed(&made, "", "")).unwrap_err();
    assert_eq!(error.refusal().unwrap().class(), Class::Stale, "{error:?}");
    assert!(client.bib(&made.mms).unwrap().unwrap().xml.contains("A cataloguer's"));
    world.sandbox.lock_bib(made.mms.as_str(), Some("mary")).unwrap();
    let fresh = client.bib(&made.mms).unwrap().unwrap();
    let error = client.update_bib(&made.mms, &changed(&fresh, "", "")).unwrap_err();
    assert!(error.refusal().unwrap().message.contains("locked by mary"), "{error:?}");
    // Who asks for it writes over both.
    let bold = world.client("stale-version-check = false\noverride-lock = true");
    bold.update_bib(&made.mms, &changed(&made, "", "")).unwrap();
    assert!(client.bib(&made.mms).unwrap().unwrap().xml.contains("Ours"));
}

#[test]
fn alma_s_checks_refuse_or_warn_as_the_profile_wants_it() {
    let world = world();
    let untitled = record("T", "1").replace("tag=\"245\"", "tag=\"246\"");
    let error = world.client("").create_bib(&body(&untitled, Suppress::Published)).unwrap_err();
    assert_eq!(error.refusal().unwrap().code, "4022032");
    let no_008 = record("T", "1").replace("tag=\"008\"", "tag=\"009\"");
    let warned = world.client("").create_bib(&body(&no_008, Suppress::Published)).unwrap();
    assert_eq!(warnings(&warned.xml).unwrap(), ["Field 008 is missing."]);
    let strict = world.client("override-warning = false");
    assert_eq!(strict.create_bib(&body(&no_008, Suppress::Published)).unwrap_err().refusal().unwrap().code, "4022033");
    let matching = world.client("validate = false\ncheck-match = true");
    let again = matching.create_bib(&body(&record("T", "1"), Suppress::Published)).unwrap();
    assert!(warnings(&again.xml).unwrap()[0].contains("A match was found"), "{again:?}");
    let unchecked = world.client("validate = false");
    unchecked.create_bib(&body(&untitled, Suppress::Published)).unwrap();
    assert_eq!(world.sandbox.api_bibs(), 3);
}

#[test]
fn no_holdings_are_told_from_no_bib() {
    let world = world();
    let client = world.client("");
    let bib = make(&client, "T", "1");
    assert_eq!(client.holdings(&mms("9900000000001234")).unwrap(), Holdings::NoSuchBib);
    assert_eq!(client.holdings(&bib.mms).unwrap(), Holdings::OfKnownBib(Vec::new()));
    // Two calls each: Alma's own answer is the same for both.
    assert_eq!((client.calls()[&Call::ListHoldings], client.calls()[&Call::ReadBib]), (2, 2));
    // Who has seen the bib needs no second call.
    assert_eq!(client.holdings_of(&bib).unwrap(), []);
    assert_eq!((client.calls()[&Call::ListHoldings], client.calls()[&Call::ReadBib]), (3, 2));
}

#[test]
fn holdings_are_made_listed_replaced_and_deleted() {
    let world = world();
    let client = world.client("");
    let bib = make(&client, "T", "1");
    let made = client.create_holding(&bib.mms, &holding("manuscripts")).unwrap();
    assert!(made.id.as_str().starts_with("22"), "{made:?}");
    let Holdings::OfKnownBib(lines) = client.holdings(&bib.mms).unwrap() else { panic!("no bib") };
    assert_eq!((lines[0].library.as_str(), lines[0].location.as_str()), ("SPEC", "manuscripts"));
    assert_eq!((lines[0].call_number.as_deref(), lines[0].suppressed), (Some("MS 15"), Some(false)));
    let record = read_holding(&made.xml).unwrap().record;
    let moved = holding_body(&record, Suppress::Suppressed).replace(">manuscripts<", ">vault<");
    client.update_holding(&bib.mms, &made.id, &moved).unwrap();
    let read = read_holding(&client.holding(&bib.mms, &made.id).unwrap().unwrap().xml).unwrap();
    assert_eq!((read.place(), read.suppress), (Some(("SPEC", "vault")), Some(Suppress::Suppressed)));
    let error = client.create_holding(&bib.mms, &holding("cellar")).unwrap_err();
    assert!(error.refusal().unwrap().message.contains("cellar"), "{error:?}");
    assert_eq!(client.delete_bib(&bib.mms).unwrap_err().refusal().unwrap().code, "402214");
    client.delete_holding(&bib.mms, &made.id).unwrap();
    assert_eq!(client.holding(&bib.mms, &made.id).unwrap(), None);
    assert!(client.bib(&bib.mms).unwrap().is_some(), "a bib is kept when its last holding goes");
}

#[test]
fn items_are_listed_to_the_last_and_found_by_their_barcode() {
    let world = world();
    let client = world.client("");
    let bib = make(&client, "T", "1");
    let boxes = client.create_holding(&bib.mms, &holding("manuscripts")).unwrap().id;
    let maps = client.create_holding(&bib.mms, &holding("maps")).unwrap().id;
    for number in 0..205 {
        let barcode = format!("3000{number}");
        let values = [(ItemField::Barcode, barcode.as_str()), (ItemField::Description, "Box")];
        client.create_item(&bib.mms, &boxes, &item_body(boxes.as_str(), &values)).unwrap();
    }
    let map = item_body(maps.as_str(), &[(ItemField::Description, "Map")]);
    client.create_item(&bib.mms, &maps, &map).unwrap();
    assert_eq!(client.items_of(&bib, None).unwrap().len(), 206);
    assert_eq!(client.calls()[&Call::ListItems], 3);
    let of_maps = client.items_of(&bib, Some(&maps)).unwrap();
    let read = read_item(&of_maps[0].xml).unwrap();
    assert_eq!((of_maps.len(), read.barcode, read.description.as_deref()), (1, None, Some("Map")));
    assert_eq!(client.items_of(&bib, Some(&HoldingId::parse("22").unwrap())).unwrap(), []);

    let found = client.item_by_barcode("300077").unwrap().unwrap();
    let read = read_item(&found.xml).unwrap();
    assert_eq!((read.barcode.as_deref(), &found.key.holding), (Some("300077"), &boxes));
    assert_eq!(client.item_by_barcode("nobody's").unwrap(), None);
    assert_eq!((client.calls()[&Call::FindItem], client.calls()[&Call::ReadItem]), (2, 1));
    let twice = item_body(maps.as_str(), &[(ItemField::Barcode, "300077")]);
    let error = client.create_item(&bib.mms, &maps, &twice).unwrap_err();
    assert!(error.refusal().unwrap().message.contains("already exists"), "{error:?}");
}

#[test]
fn an_item_is_replaced_by_its_full_record_and_a_part_of_one_breaks_alma() {
    let world = world();
    let client = world.client("");
    let bib = make(&client, "T", "1");
    let holding = client.create_holding(&bib.mms, &holding("maps")).unwrap().id;
    let first = [(ItemField::Barcode, "1"), (ItemField::Policy, "nc"), (ItemField::InternalNote1, "keep me")];
    let item = client.create_item(&bib.mms, &holding, &item_body(holding.as_str(), &first)).unwrap();
    let part = item_body(holding.as_str(), &[(ItemField::Barcode, "2")]);
    let error = client.update_item(&item.key, &part).unwrap_err();
    assert!(error.may_have_arrived() && error.refusal().unwrap().status == 500, "{error:?}");
    world.sandbox.set_item_process("1", "LOAN").unwrap();
    let item = client.item(&item.key).unwrap().unwrap();
    let read = read_item(&item.xml).unwrap();
    assert_eq!((read.process.as_deref(), read.is_in_place), (Some("LOAN"), false));
    let changes = [(ItemField::Barcode, "2"), (ItemField::Description, "Box 1")];
    let updated = client.update_item(&item.key, &changed_item(&item.xml, &changes).unwrap()).unwrap();
    let read = read_item(&updated.xml).unwrap();
    assert_eq!((read.barcode.as_deref(), read.description.as_deref()), (Some("2"), Some("Box 1")));
    // Neither a note nor the policy nor the loan is lost.
    assert_eq!(read.process.as_deref(), Some("LOAN"));
    assert!(updated.xml.contains(">keep me<") && updated.xml.contains(">nc<"), "{}", updated.xml);
    assert_eq!(client.item_by_barcode("1").unwrap(), None);
    let gone = cartouche::push::alma::ItemKey { pid: ItemPid::parse("23").unwrap(), ..updated.key };
    assert_eq!(client.item(&gone).unwrap(), None);
}

fn remote(pid: &str) -> RemoteRepresentation {
    RemoteRepresentation {
        library: "SPEC".to_owned(),
        usage_type: "DERIVATIVE_COPY".to_owned(),
        repository: REPOSITORY.to_owned(),
        originating_record_id: format!("oai:ros.example.org:{pid}"),
        linking_parameter_1: pid.to_owned(),
        label: Some("Letters".to_owned()),
        public_note: None,
    }
}

#[test]
fn remote_representations_are_made_and_found_by_their_originating_record() {
    let world = world();
    let client = world.client("");
    let bib = make(&client, "T", "1");
    for number in 0..12 {
        client.create_representation(&bib.mms, &remote(&format!("IE{number}"))).unwrap();
    }
    assert_eq!(client.representations_of(&bib, None).unwrap().len(), 12);
    let found = client.representations_of(&bib, Some("oai:ros.example.org:IE7")).unwrap();
    assert_eq!((found.len(), found[0].is_remote, found[0].label.as_deref()), (1, true, Some("Letters")));
    let whole = client.representation(&bib.mms, &found[0].id).unwrap().unwrap();
    assert_eq!(whole.linking_parameter_1.as_deref(), Some("IE7"));
    assert!(whole.delivery_url.unwrap().ends_with("dps_pid=IE7"));
    let none = cartouche::push::alma::RepresentationId::parse("32").unwrap();
    assert_eq!(client.representation(&bib.mms, &none).unwrap(), None);
    let unknown = RemoteRepresentation { repository: "ELSEWHERE".to_owned(), ..remote("IE99") };
    assert_eq!(client.create_representation(&bib.mms, &unknown).unwrap_err().refusal().unwrap().class(), Class::Record);
}

#[test]
fn a_bib_goes_into_a_collection_where_alma_wants_that_first() {
    let world = world();
    let client = world.client("");
    let bib = make(&client, "T", "1");
    world.sandbox.want_collection(true);
    let error = client.create_representation(&bib.mms, &remote("IE1")).unwrap_err();
    assert_eq!(error.refusal().unwrap().class(), Class::NoCollection);
    client.add_to_collection("8100", &bib.mms).unwrap();
    client.create_representation(&bib.mms, &remote("IE1")).unwrap();
}

#[test]
fn libraries_and_their_locations_are_listed() {
    let world = world();
    let client = world.client("");
    let codes: Vec<String> = client.libraries().unwrap().into_iter().map(|library| library.code).collect();
    assert_eq!(codes, ["MAIN", "SPEC"]);
    let places: Vec<String> = client.locations("SPEC").unwrap().into_iter().map(|place| place.code).collect();
    assert_eq!(places, ["manuscripts", "maps", "vault"]);
    assert!(matches!(client.locations("NOPE"), Err(Error::Refused { .. })));
}
