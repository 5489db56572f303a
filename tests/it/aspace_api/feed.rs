//! ArchivesSpace's OAI-PMH as a second source: harvested like any feed, and the same resources by both forms of their names.

use super::{World, quilts, world};
use cartouche::http::{Client, Options};
use cartouche::oai::listing::{Error, Repository};
use cartouche::oai::request::{Selection, Verb};
use cartouche::push::aspace::{OaiResource, Told, read_oai_resource};
use cartouche::push::resource_uri::ResourceUri;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// Every resource that the provider lists, page by page.
fn harvested(world: &World, set: Option<&str>) -> Result<Vec<OaiResource>, Error> {
    let options = Options { time_out: Duration::from_secs(10), retries: 0, requests_per_second: None };
    let (client, base_url) = (Client::new(options).unwrap(), world.sandbox.aspace_oai_base_url());
    let selection =
        Selection { metadata_prefix: Some("oai_marc".to_owned()), set: set.map(str::to_owned), ..Selection::default() };
    let repository = Repository { client: &client, base_url: &base_url };
    let (mut listing, mut found) = (repository.list(Verb::ListRecords, &selection), Vec::new());
    while let Some(page) = listing.next_page()? {
        assert_eq!(page.quarantined.len(), 0);
        assert!(page.records.iter().all(|record| record.sets.is_empty()), "its headers name no set");
        found.extend(page.records.iter().filter_map(|record| read_oai_resource(record).unwrap()));
    }
    Ok(found)
}

fn names(found: &[OaiResource]) -> BTreeSet<ResourceUri> {
    found.iter().map(|one| one.uri).collect()
}

/// A world with so many resources that a list has two pages.
fn with_two_pages() -> World {
    let world = world();
    let mut copy = world.sandbox.aspace_record(&quilts().to_string()).unwrap();
    for number in 101..=115 {
        copy["uri"] = json!(ResourceUri::new(2, number).to_string());
        world.sandbox.add_aspace(copy.clone());
    }
    world
}

#[test]
fn a_harvest_gives_the_resources_that_rest_calls_public_with_the_same_marc() {
    let world = with_two_pages();
    let found = harvested(&world, Some("collection")).unwrap();
    let client = world.client("");
    let ids = [2, 4].map(|repository| client.resource_ids(repository, None).unwrap()).concat();
    let public = client.resources(&ids).unwrap().into_iter().filter(|one| one.visibility.is_public());
    let public: BTreeSet<ResourceUri> = public.map(|one| one.uri).collect();
    assert_eq!((names(&found), found.len()), (public, 35));
    let told = found.iter().find(|one| one.uri == quilts()).unwrap();
    let Told::Marc(reading) = &told.told else { panic!("{told:?}") };
    let over_rest = client.marcxml(&quilts()).unwrap().unwrap();
    assert_eq!(reading.record, cartouche::push::marc::read(&over_rest).unwrap().record);
}

#[test]
fn the_names_of_old_and_new_versions_are_the_same_resources() {
    let world = with_two_pages();
    let new = names(&harvested(&world, None).unwrap());
    world.sandbox.set_aspace_oai(true, false);
    assert_eq!(names(&harvested(&world, None).unwrap()), new);
}

#[test]
fn a_real_deletion_leaves_a_tombstone_whatever_the_set_and_an_unpublished_resource_just_vanishes() {
    let world = world();
    let before = harvested(&world, None).unwrap().len();
    world.sandbox.delete_aspace(&quilts().to_string()).unwrap();
    let hidden = ResourceUri::new(4, 9);
    world.sandbox.change_aspace(&hidden.to_string(), |record| record["publish"] = json!(false)).unwrap();
    let found = harvested(&world, Some("file")).unwrap();
    assert_eq!(found, [OaiResource { uri: quilts(), told: Told::Deleted }]);
    let found = harvested(&world, None).unwrap();
    assert_eq!((found.len(), names(&found).contains(&hidden)), (before - 1, false));
    assert!(!world.client("").resource(&hidden).unwrap().unwrap().visibility.is_public(), "REST tells of it");
}

#[test]
fn a_page_of_hidden_records_that_ends_the_list_is_no_end() {
    let world = with_two_pages();
    world.sandbox.set_aspace_oai(false, true);
    let error = harvested(&world, None).unwrap_err();
    assert!(matches!(error, Error::BrokenOff { .. }), "{error:?}");
}
