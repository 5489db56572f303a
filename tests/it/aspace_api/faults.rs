//! Sessions that end, answers that fail, and what of a save nobody knows.

use super::{World, quilts, world};
use cartouche::failure::{Advise, Kind};
use cartouche::push::aspace::{Call, ChangeError, Client, Error};
use cartouche::push::mms_field::FieldError;
use cartouche::sandbox::aspace::{AspaceMood, USER};
use serde_json::{Value, json};
use std::time::Duration;

fn save(client: &Client) -> Result<u64, Error> {
    let mut record = client.resource(&quilts())?.expect("it is there").json;
    record["ead_id"] = json!("ours");
    client.save(&quilts(), &record).map(|saved| saved.lock_version)
}

fn stored(world: &World) -> Value {
    world.sandbox.aspace_record(&quilts().to_string()).unwrap()
}

#[test]
fn a_session_that_ended_is_begun_anew_for_reading_and_for_saving() {
    let world = world();
    let client = world.client("");
    client.resource(&quilts()).unwrap();
    for (number, expired) in [(2, true), (3, false)] {
        world.sandbox.end_aspace_sessions(expired);
        client.resource(&quilts()).unwrap();
        assert_eq!(client.calls()[&Call::LogIn], number);
    }
    world.sandbox.set_aspace_mood_once(AspaceMood::SessionEnds, 1);
    save(&client).unwrap();
    assert_eq!(client.calls()[&Call::LogIn], 4);
    assert_eq!(client.calls()[&Call::SaveResource], 2, "the first of them was refused with 412");
    assert_eq!(stored(&world)["ead_id"], "ours");
}

#[test]
fn a_session_that_ends_each_time_is_an_error_and_no_endless_loop() {
    let world = world();
    let client = world.client("retries = 3");
    world.sandbox.set_aspace_mood(AspaceMood::SessionEnds);
    let error = client.resource(&quilts()).unwrap_err();
    assert_eq!((error.kind(), error.concerns_all()), (Kind::Configuration, true), "{error:?}");
    assert!(error.hint().unwrap().contains("load balancer"));
    assert_eq!(client.calls()[&Call::ReadResource], 2);
    assert_eq!(client.calls()[&Call::LogIn], 2);
}

#[test]
fn a_wrong_password_and_a_missing_right_are_told_apart() {
    let world = world();
    std::fs::write(world.folder.path().join("password"), "wrong").unwrap();
    let error = world.client("retries = 3").resource(&quilts()).unwrap_err();
    assert!(matches!(error, Error::Login { .. }), "{error:?}");
    assert_eq!((error.kind(), world.ends()), (Kind::Configuration, vec!["POST 403".to_owned()]));
    std::fs::remove_file(world.folder.path().join("password")).unwrap();
    let aspace = world.aspace_at("http://127.0.0.1:9", USER, "");
    assert!(matches!(Client::new(&aspace), Err(Error::Password { .. })));
}

#[test]
fn a_save_is_sent_once_when_nobody_knows_whether_it_arrived() {
    let after = Duration::from_millis(900);
    let arrived = [AspaceMood::HtmlAfter, AspaceMood::ErrorAfter, AspaceMood::StallAfter(after)];
    let lost = [AspaceMood::ErrorBefore, AspaceMood::BadGateway, AspaceMood::StallBefore(after), AspaceMood::Html];
    for (moods, has_arrived) in [(&arrived[..], true), (&lost[..], false)] {
        for mood in moods {
            let world = world();
            let client = world.client("retries = 3\ntime-out = \"400ms\"");
            let record = client.resource(&quilts()).unwrap().unwrap();
            let mut changed = record.json.clone();
            changed["ead_id"] = json!("ours");
            world.sandbox.set_aspace_mood(*mood);
            let error = client.save(&quilts(), &changed).unwrap_err();
            assert!(matches!(error, Error::UnknownOutcome { .. }) && error.may_have_arrived(), "{mood:?}: {error:?}");
            assert_eq!(client.calls()[&Call::SaveResource], 1, "{mood:?}");
            std::thread::sleep(Duration::from_millis(700));
            world.sandbox.set_aspace_mood(AspaceMood::Fair);
            assert_eq!(stored(&world)["ead_id"] == "ours", has_arrived, "{mood:?}");
            assert_eq!(stored(&world)["lock_version"] != json!(record.lock_version), has_arrived, "{mood:?}");
        }
    }
}

#[test]
fn a_change_looks_before_it_saves_again_so_that_it_is_saved_exactly_once() {
    for mood in [AspaceMood::ErrorAfter, AspaceMood::HtmlAfter, AspaceMood::BadGateway] {
        let world = world();
        let client = world.client("");
        let before = client.resource(&quilts()).unwrap().unwrap().lock_version;
        // The record is read first, which a mood for saves lets pass; a bad gateway would meet it.
        let calls_before = if mood == AspaceMood::BadGateway { 1 } else { 0 };
        world.sandbox.set_aspace_mood_once(mood, calls_before);
        let change = |record: &mut Value| {
            let is_new = record["ead_id"] != "ours";
            record["ead_id"] = json!("ours");
            Ok::<_, FieldError>(is_new)
        };
        client.change_resource(&quilts(), change).unwrap();
        assert_eq!(stored(&world)["lock_version"], json!(before + 1), "{mood:?}: saved once");
        assert_eq!(stored(&world)["ead_id"], "ours");
    }
}

#[test]
fn questions_are_repeated_and_a_connection_that_was_refused_is_known_not_to_have_saved() {
    let world = world();
    let client = world.client("retries = 2");
    for mood in [AspaceMood::BadGateway, AspaceMood::ErrorBefore] {
        world.sandbox.set_aspace_mood_once(mood, 0);
        assert!(client.resource(&quilts()).unwrap().is_some(), "{mood:?}");
    }
    assert_eq!(client.calls()[&Call::ReadResource], 4);
    world.sandbox.set_aspace_mood(AspaceMood::ErrorBefore);
    let error = client.resource(&quilts()).unwrap_err();
    assert_eq!((client.calls()[&Call::ReadResource], error.kind()), (7, Kind::Failed));
    assert!(error.refusal().unwrap().message.starts_with("undefined method"), "{error:?}");
    let nowhere = Client::new(&world.aspace_at("http://127.0.0.1:9", USER, "")).unwrap();
    let error = nowhere.save(&quilts(), &json!({})).unwrap_err();
    assert!(matches!(error, Error::Http { .. }) && !error.may_have_arrived(), "{error:?}");
}

#[test]
fn a_sign_in_page_and_a_wrong_path_are_matters_of_configuration() {
    let world = world();
    world.sandbox.set_aspace_mood(AspaceMood::Html);
    let error = world.client("").resource(&quilts()).unwrap_err();
    assert!(error.concerns_all() && error.hint().unwrap().contains("sign-in page"), "{error:?}");
    world.sandbox.set_aspace_mood(AspaceMood::Fair);
    let base_url = format!("{}/nowhere", world.sandbox.aspace_base_url());
    let error = Client::new(&world.aspace_at(&base_url, USER, "")).unwrap().resource(&quilts()).unwrap_err();
    assert!(error.concerns_all() && error.kind() == Kind::Configuration, "not `there is no such resource`: {error:?}");
}

#[test]
fn a_list_that_is_no_list_is_not_taken_for_an_empty_one() {
    let world = world();
    let client = world.client("");
    let error = client.resource_ids(99, None).unwrap_err();
    assert!(error.refusal().unwrap().fields[0].0 == "repo_id", "{error:?}");
    world
        .sandbox
        .change_aspace(&quilts().to_string(), |record| drop(record.as_object_mut().unwrap().remove("publish")))
        .unwrap();
    let error = client.resources(&[quilts()]).unwrap_err();
    assert!(matches!(&error, Error::Unreadable { why, .. } if why.contains("it has no `publish`")), "{error:?}");
    let gone = client
        .change_container(&cartouche::push::resource_uri::ContainerUri::new(2, 99_999), |_| Ok::<_, FieldError>(true));
    assert!(matches!(gone, Err(ChangeError::Gone(_))));
}
