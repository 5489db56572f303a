//! The client of ArchivesSpace's REST API against the stand-in's: what is read and saved, counted call by call.

mod faults;
mod feed;
mod marc;
mod peers;
mod secrets;
mod shapes;

use cartouche::model::fixity::Fixity;
use cartouche::model::time::Timestamp;
use cartouche::profile::{self, ArchivesSpace, Gathering};
use cartouche::push::aspace::{Call, ChangeError, Client, Error, MOST_AT_ONCE};
use cartouche::push::content_digest::content_digest;
use cartouche::push::facts_of_resource::facts_of;
use cartouche::push::gather::{Asking, Wanted, gather};
use cartouche::push::mms_field::{FieldError, MmsField};
use cartouche::push::resource_uri::{ContainerUri, ResourceUri};
use cartouche::push::top_container::{InAlma, set_in_alma};
use cartouche::push::watch::Watch;
use cartouche::sandbox::aspace::{PASSWORD, USER, VIEWER};
use cartouche::sandbox::{DataSource, Options, Sandbox};
use cartouche::steps::Go;
use cartouche::store::Store;
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;
use tempfile::TempDir;

pub struct World {
    folder: TempDir,
    pub sandbox: Sandbox,
}

pub fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("password"), format!("{PASSWORD}\n")).unwrap();
    let sandbox = Sandbox::start(Options { data: DataSource::Embedded, ..Options::default() }).unwrap();
    World { sandbox, folder }
}

impl World {
    /// [archivesspace] at a base URL, without repetitions unless the keys say otherwise.
    pub fn aspace_at(&self, base_url: &str, user: &str, keys: &str) -> ArchivesSpace {
        let retries = if keys.contains("retries") { "" } else { "retries = 0\n" };
        let text = format!(
            "[rosetta.feed]\nbase-url = \"http://127.0.0.1/\"\nmetadata-prefix = \"oai_dc\"\n[alma.feed]\nbase-url = \"http://127.0.0.1/\"\n\
             metadata-prefix = \"oai_dc\"\n[staging]\nfolder = \"f\"\n[archivesspace]\nbase-url = \"{base_url}\"\nuser = \"{user}\"\n\
             password-file = \"password\"\n{retries}{keys}\n"
        );
        profile::parse(&self.folder.path().join("p.toml"), &text).unwrap().archivesspace.unwrap()
    }

    pub fn client(&self, keys: &str) -> Client {
        Client::new(&self.aspace_at(&self.sandbox.aspace_base_url(), USER, keys)).unwrap()
    }

    /// `METHOD status` of every call so far.
    pub fn ends(&self) -> Vec<String> {
        self.sandbox.aspace_calls().iter().map(|call| format!("{} {}", call.method, call.status)).collect()
    }
}

pub fn quilts() -> ResourceUri {
    ResourceUri::new(2, 17)
}

fn calls(client: &Client) -> Vec<(Call, u64)> {
    client.calls().into_iter().collect()
}

#[test]
fn resources_are_listed_by_number_and_read_in_batches() {
    let world = world();
    let client = world.client("");
    let repositories = client.repositories().unwrap();
    let codes: Vec<(u64, &str)> = repositories.iter().map(|one| (one.number, one.code.as_str())).collect();
    assert_eq!(codes, [(2, "RC"), (4, "SCA")]);
    let ids = client.resource_ids(2, None).unwrap();
    assert_eq!((ids.len(), ids[0], ids.contains(&quilts())), (14, ResourceUri::new(2, 2), true));
    let wanted = [&ids[..], &[ResourceUri::new(2, 999), quilts(), ResourceUri::new(4, 8)]].concat();
    let resources = client.resources(&wanted).unwrap();
    assert_eq!(resources.len(), 15, "each once, and what is not there is missing");
    let expected = [(Call::LogIn, 1), (Call::ListRepositories, 1), (Call::ListResources, 1), (Call::ReadResources, 2)];
    assert_eq!(calls(&client), expected, "one call a repository and batch");
    let hidden = resources.iter().find(|resource| resource.uri == ResourceUri::new(2, 23)).unwrap();
    assert!(!hidden.visibility.is_public() && hidden.title() == "Mathilde Corvin collection");
    assert!(client.version().unwrap().starts_with("ArchivesSpace (v"));
}

#[test]
fn the_profile_chooses_by_repository_and_by_name_for_one_call_a_repository() {
    let world = world();
    let check = |keys: &str, expected: u64, lists: u64| {
        let aspace = world.aspace_at(&world.sandbox.aspace_base_url(), USER, keys);
        let client = Client::new(&aspace).unwrap();
        let mut store = Store::open(&world.folder.path().join(format!("{expected}-{lists}.db"))).unwrap();
        let gathering = Gathering { overlap: Duration::ZERO, compare_every: Duration::from_secs(86_400) };
        let (wanted, now) = (Wanted::default(), Timestamp::parse("2026-11-22T12:00:00Z").unwrap());
        let watch = Watch::new(&|_| Go::On);
        let made_by = Fixity::of(b"rules");
        let asking =
            Asking { client: &client, aspace: &aspace, gathering, wanted: &wanted, watch: &watch, made_by, now };
        assert_eq!(gather(&mut store, asking).unwrap().arrived.new, expected, "{keys}");
        assert_eq!(client.calls()[&Call::ListResources], lists, "{keys}");
    };
    check("", 21, 2);
    check("repositories = [4]", 7, 1);
    check("resources = [\"2/17\", \"oai:archivesspace//repositories/2/resources/18\", \"2/999\"]", 2, 1);
}

#[test]
fn only_what_was_saved_since_is_listed_and_a_touch_alone_changes_no_digest() {
    let world = world();
    let client = world.client("");
    let field = MmsField::parse("user_defined.string_2").unwrap();
    let digest = || content_digest(&client.resource(&quilts()).unwrap().unwrap().json, &[&field]);
    let (before, since) = (digest(), Timestamp::parse("2026-11-01T00:00:00Z"));
    assert_eq!(client.resource_ids(2, since).unwrap(), []);
    world.sandbox.set_now(Timestamp::parse("2026-11-02T00:00:00Z"));
    world.sandbox.touch_aspace(&quilts().to_string()).unwrap();
    assert_eq!(client.resource_ids(2, since).unwrap(), [quilts()]);
    assert_eq!(digest(), before, "a system job came by");
    world.sandbox.change_aspace(&quilts().to_string(), |_| {}).unwrap();
    assert_eq!(digest(), before, "a save without a change");
    client.change_resource(&quilts(), |record| field.write(record, Some("9912")).map(|()| true)).unwrap();
    assert_eq!(digest(), before, "our own write-back");
    world.sandbox.change_aspace(&quilts().to_string(), |record| record["title"] = json!("Quilts")).unwrap();
    assert_ne!(digest(), before, "a title");
}

#[test]
fn what_repairs_need_comes_with_the_resource() {
    let world = world();
    let resource = world.client("").resource(&quilts()).unwrap().unwrap();
    let facts = facts_of(&resource);
    assert_eq!(facts.identity.ids, ["A0053", "", "", ""].map(str::to_owned));
    assert_eq!(facts.languages.unwrap(), ["eng"]);
    assert_eq!(facts.repository.unwrap().country.as_deref(), Some("US"));
    let agents = facts.agents.unwrap();
    assert_eq!((agents.len(), agents[0].publish), (1, false));
    let terms = &facts.subjects.unwrap()[0].terms;
    assert_eq!(terms[..], [("Quilts".to_owned(), "topical".to_owned())]);
    let notes = facts.notes.unwrap();
    let arrangement = notes.iter().find(|note| note.kind == "arrangement").unwrap();
    assert!(arrangement.publish && arrangement.text.starts_with("The recordings were co"));
    let dates = facts.dates.unwrap();
    assert_eq!((dates[0].begin.as_deref(), dates[0].end.as_deref()), (Some("1923"), Some("2014")));
}

#[test]
fn the_mms_id_is_written_back_once_and_nothing_else_changes() {
    let world = world();
    let client = world.client("");
    let uri = quilts().to_string();
    let before = world.sandbox.aspace_record(&uri).unwrap();
    let field = MmsField::parse("user_defined.string_2").unwrap();
    let write = |record: &mut Value| -> Result<bool, FieldError> {
        if field.read(record)?.as_deref() == Some("9912") {
            return Ok(false);
        }
        field.write(record, Some("9912")).map(|()| true)
    };
    let saved = client.change_resource(&quilts(), write).unwrap().unwrap();
    assert_eq!(saved.lock_version, before["lock_version"].as_u64().unwrap() + 1);
    assert_eq!(client.change_resource(&quilts(), write).unwrap(), None, "it is there already");
    assert_eq!(client.calls()[&Call::SaveResource], 1);
    let mut after = world.sandbox.aspace_record(&uri).unwrap();
    assert_eq!(field.read(&after).unwrap().as_deref(), Some("9912"));
    for name in ["lock_version", "system_mtime", "user_mtime", "last_modified_by", "user_defined"] {
        after[name] = before[name].clone();
    }
    after.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    assert_eq!(after, before);
}

#[test]
fn a_stale_record_is_a_conflict_and_is_read_again() {
    let world = world();
    let client = world.client("");
    let mut stale = client.resource(&quilts()).unwrap().unwrap().json;
    world.sandbox.change_aspace(&quilts().to_string(), |record| record["title"] = json!("Of a colleague")).unwrap();
    stale["ead_id"] = json!("x");
    let error = client.save(&quilts(), &stale).unwrap_err();
    assert!(error.is_conflict() && !error.may_have_arrived(), "{error:?}");
    let unlocked = json!({"title": "T", "id_0": "1"});
    assert!(matches!(client.save(&quilts(), &unlocked), Err(Error::Refused { .. })));
    assert!(matches!(
        client.change_resource(&ResourceUri::new(2, 999), |_| Ok::<_, FieldError>(true)),
        Err(ChangeError::Gone(_))
    ));

    world.sandbox.set_aspace_mood_once(cartouche::sandbox::aspace::AspaceMood::Conflict, 0);
    let set = |record: &mut Value| {
        record["ead_id"] = json!("ours");
        Ok::<_, FieldError>(true)
    };
    client.change_resource(&quilts(), set).unwrap();
    let stored = world.sandbox.aspace_record(&quilts().to_string()).unwrap();
    assert_eq!((stored["title"].as_str(), stored["ead_id"].as_str()), (Some("Of a colleague"), Some("ours")));
    world.sandbox.set_aspace_mood(cartouche::sandbox::aspace::AspaceMood::Conflict);
    let Err(ChangeError::Aspace(error)) = client.change_resource(&quilts(), set) else { panic!("saved") };
    assert!(error.is_conflict(), "somebody who never stops is a conflict in the end: {error:?}");
}

#[test]
fn what_archivesspace_does_not_take_is_told_field_by_field() {
    let world = world();
    let client = world.client("");
    let refused = |change: fn(&mut Value)| {
        let mut record = client.resource(&quilts()).unwrap().unwrap().json;
        change(&mut record);
        let error = client.save(&quilts(), &record).unwrap_err();
        error.refusal().unwrap_or_else(|| panic!("{error:?}")).fields.clone()
    };
    let field = |name: &str, text: &str| vec![(name.to_owned(), vec![text.to_owned()])];
    let missing = "Property is required but was missing";
    assert_eq!(refused(|record| record["title"] = json!("")), field("title", missing));
    let long = refused(|record| record["user_defined"] = json!({"string_2": "9".repeat(256)}));
    assert_eq!(long, field("user_defined/string_2", "Must be 255 characters or fewer"));
    world.sandbox.change_aspace(&quilts().to_string(), |record| record["suppressed"] = json!(true)).unwrap();
    let record = client.resource(&quilts()).unwrap().unwrap();
    assert!(record.visibility.publish && !record.visibility.is_public());
    let error = client.save(&quilts(), &record.json).unwrap_err();
    assert!(!error.is_conflict() && error.refusal().unwrap().message.contains("suppressed"), "{error:?}");
}

#[test]
fn boxes_are_found_by_their_resource_and_shared_ones_name_both() {
    let world = world();
    let client = world.client("");
    let of = ResourceUri::new(2, 18);
    let boxes = client.top_containers_of(&of).unwrap();
    assert!(boxes.len() >= 6 && boxes.iter().all(|one| one.holds_part_of(&of)));
    assert_eq!(calls(&client), [(Call::LogIn, 1), (Call::FindContainers, 1), (Call::ReadContainers, 1)]);
    let shared: Vec<_> = boxes.iter().filter(|one| one.is_shared()).collect();
    assert_eq!(shared.len(), 1);
    assert_eq!(shared[0].resources().collect::<Vec<_>>(), [of, ResourceUri::new(2, 19)]);
    let in_the_other = client.top_containers_of(&ResourceUri::new(2, 19)).unwrap();
    assert!(in_the_other.iter().any(|one| one.uri == shared[0].uri));
    assert_eq!(client.top_containers_of(&ResourceUri::new(2, 23)).unwrap(), []);

    let all = [2, 4].map(|repository| client.top_containers(repository, None).unwrap());
    assert_eq!(all.iter().map(Vec::len).sum::<usize>(), 100);
    assert_eq!(client.calls()[&Call::ListContainers], 2, "{MOST_AT_ONCE} come on a page");
    let with_place = all[0].iter().find(|one| one.current_place().is_some()).unwrap();
    let place = with_place.current_place().unwrap();
    assert!(place.location.as_ref().unwrap().building.is_some());
    assert_eq!(client.location(&place.uri).unwrap(), place.location);
    assert!(all[0].iter().any(|one| one.profile_name() == Some("Legal Document Box")));
}

#[test]
fn an_index_that_lags_or_tells_not_all_hides_no_box_that_a_list_shows() {
    let world = world();
    let client = world.client("");
    let of = ResourceUri::new(2, 18);
    let known = client.top_containers_of(&of).unwrap();
    world.sandbox.set_aspace_index(true, 3);
    assert_eq!(
        client.top_containers_of(&of).unwrap().len(),
        known.len(),
        "the list is asked when the index tells three of them"
    );
    assert_eq!(client.calls()[&Call::ListContainers], 1);
    // What the index says of a box is old: its record comes from the database.
    world.sandbox.set_aspace_index(false, 10_000);
    world.sandbox.change_aspace(&known[0].uri.to_string(), |record| record["barcode"] = json!("NEW")).unwrap();
    let found = client.top_containers_of(&of).unwrap();
    assert!(found.iter().any(|one| one.barcode.as_deref() == Some("NEW")));
    world.sandbox.delete_aspace(&known[1].uri.to_string()).unwrap();
    assert_eq!(client.top_containers_of(&of).unwrap().len(), known.len() - 1, "what is gone is not told");
}

#[test]
fn alma_s_numbers_are_written_onto_a_box_and_a_barcode_is_one_of_a_kind() {
    let world = world();
    let client = world.client("");
    let with_barcode = client.top_containers(2, None).unwrap().into_iter().filter(|one| one.barcode.is_some());
    let [one, other, ..] = &with_barcode.collect::<Vec<_>>()[..] else { panic!("the data has barcodes") };
    let in_alma = InAlma { holding: Some("22".to_owned()), item: Some("23".to_owned()), exported: None };
    let set = |record: &mut Value| {
        set_in_alma(record, &in_alma);
        Ok::<_, FieldError>(true)
    };
    client.change_container(&one.uri, set).unwrap().unwrap();
    let saved = client.top_container(&one.uri).unwrap().unwrap();
    assert_eq!((&saved.in_alma, &saved.barcode, saved.lock_version), (&in_alma, &one.barcode, one.lock_version + 1));
    let mut twice = saved.json.clone();
    twice["barcode"] = json!(other.barcode);
    let error = client.save_container(&one.uri, &twice).unwrap_err();
    assert!(error.refusal().unwrap().to_string().ends_with("barcode: A barcode must be unique within a repository"));
    assert_eq!(client.top_container(&ContainerUri::new(2, 99_999)).unwrap(), None);
}

#[test]
fn no_path_has_an_empty_part_and_every_form_of_the_base_url_works() {
    let world = world();
    let client = world.client("");
    client.top_containers_of(&ResourceUri::new(2, 18)).unwrap();
    client.resource(&quilts()).unwrap();
    assert!(world.sandbox.aspace_calls().iter().all(|call| !call.path.contains("//") && call.status == 200));
    for end in ["", "/", "/api", "/api/", "/staff/api"] {
        let base_url = format!("http://{}{end}", world.sandbox.aspace_address());
        let client = Client::new(&world.aspace_at(&base_url, USER, "")).unwrap();
        assert!(client.resource(&quilts()).unwrap().is_some(), "{end}");
    }
    let viewer = Client::new(&world.aspace_at(&world.sandbox.aspace_base_url(), VIEWER, "")).unwrap();
    let record = viewer.resource(&quilts()).unwrap().unwrap().json;
    let error = viewer.save(&quilts(), &record).unwrap_err();
    assert!(
        error.is_denied() && !error.concerns_all(), // rights are given by repository
        "{error}"
    );
    assert_eq!(error.to_string(), "cannot save resource /repositories/2/resources/17");
}
