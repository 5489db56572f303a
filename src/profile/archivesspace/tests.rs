use super::*;
use crate::profile::{Profile, parse, parse_push};
use std::path::Path;

fn profile(keys: &str) -> Result<Profile, String> {
    let text = format!(
        "[rosetta.feed]\nbase-url = \"https://r.example.org/oai\"\nmetadata-prefix = \"oai_dc\"\n\
         [alma.feed]\nbase-url = \"https://a.example.org/oai\"\nmetadata-prefix = \"oai_dc\"\nset = \"s\"\n\
         [staging]\nfolder = \"f\"\n[archivesspace]\n{keys}\n"
    );
    parse(Path::new("/etc/cartouche/p.toml"), &text).map_err(|error| crate::failure::Failure::from(error).to_string())
}

fn aspace(keys: &str) -> Result<ArchivesSpace, String> {
    let base = "base-url = \"https://aspace.example.org/api\"\nuser = \"cartouche\"\npassword-env = \"P\"\n";
    profile(&format!("{base}{keys}")).map(|profile| profile.archivesspace.unwrap())
}

#[test]
fn the_base_url_keeps_its_path_and_loses_its_slash() {
    for url in ["https://h/api", "https://h/staff/api", "http://127.0.0.1:8089", "https://h"] {
        let keys = format!("base-url = \"{url}/\"\nuser = \"u\"\npassword-file = \"secret\"");
        let aspace = profile(&keys).unwrap().archivesspace.unwrap();
        assert_eq!(aspace.base_url, url);
        assert_eq!(aspace.password, SecretPlace::File("/etc/cartouche/secret".into()));
    }
}

#[test]
fn what_is_not_written_has_defaults() {
    let aspace = aspace("").unwrap();
    assert_eq!(aspace.mms_id_field, MmsField::UserDefined("string_2".to_owned()));
    assert_eq!(aspace.chosen, Chosen { repositories: None, resources: None, sets: None, published_only: false });
    assert_eq!((aspace.pace.requests_per_second, aspace.pace.retries), (None, 5));
    assert!(aspace.feed.is_none());
}

#[test]
fn contradictions_are_refused_by_the_name_of_their_key() {
    let refused = |keys: &str, expected: &str| {
        let error = aspace(keys).unwrap_err();
        assert!(error.contains(expected), "{keys}: {error}");
    };
    refused("password-file = \"k\"", "which one holds the password");
    refused("mms-id-field = \"title\"", "archivesspace.mms-id-field: `title` is no field");
    refused("repositories = []", "archivesspace.repositories");
    refused("resources = []", "archivesspace.resources");
    refused("resources = [\"2\"]", "archivesspace.resources: `2` is not a resource");
    refused("repositories = [4]\nresources = [\"2/1\"]", "/repositories/2/resources/1 is in none of");
    refused("requests-per-second = -1", "archivesspace.requests-per-second");
    refused("time-out = \"0s\"", "archivesspace.time-out");
    refused("session = \"x\"", "unknown field `session`");
    for url in ["https://me:SECRET@h/api", "https://h/api?password=SECRET", "h", "https://h//api"] {
        let error = profile(&format!("base-url = \"{url}\"\nuser = \"u\"\npassword-env = \"P\"")).unwrap_err();
        assert!(error.contains("archivesspace.base-url") && !error.contains("SECRET"), "{error}");
    }
    assert!(profile("base-url = \"https://h\"\nuser = \"u\"").unwrap_err().contains("needs password-env"));
    assert!(profile("base-url = \"https://h\"\nuser = \" \"\npassword-env = \"P\"").unwrap_err().contains("no name"));
}

#[test]
fn resources_are_chosen_by_repository_and_name_in_any_form() {
    let names = "resources = [\"2/1\", \"oai:archivesspace//repositories/4/resources/9\"]";
    let chosen = aspace(names).unwrap().chosen;
    assert!(chosen.has(&ResourceUri::new(2, 1)) && chosen.has(&ResourceUri::new(4, 9)));
    assert!(!chosen.has(&ResourceUri::new(2, 9)) && chosen.has_repository(4) && !chosen.has_repository(3));
    let chosen = aspace("repositories = [2]\npublished-only = true").unwrap().chosen;
    assert!(chosen.has(&ResourceUri::new(2, 7)) && !chosen.has(&ResourceUri::new(3, 7)) && chosen.published_only);
}

#[test]
fn its_feed_is_described_like_the_others() {
    let feed = "[archivesspace.feed]\nbase-url = \"https://aspace.example.org/oai\"\nmetadata-prefix = \"oai_marc\"";
    assert_eq!(aspace(feed).unwrap().feed.unwrap().metadata_prefix, "oai_marc");
    assert!(aspace(&format!("{feed}\nset = \"collection\"")).unwrap_err().contains("archivesspace.sets"));
    assert!(aspace(&feed.replace("oai_marc", "oai_dc")).unwrap_err().contains("must be \"oai_marc\""));
    assert!(aspace("sets = [\"boxes\"]").unwrap_err().contains("no level of description"));
    assert!(
        aspace("[archivesspace.feed]\nbase-url = \"x\"\nmetadata-prefix = \"oai_marc\"")
            .unwrap_err()
            .contains("archivesspace.feed.base-url")
    );
}

#[test]
fn a_password_in_the_clear_is_warned_of() {
    let warned = |url: &str| {
        let keys = format!("base-url = \"{url}\"\nuser = \"u\"\npassword-env = \"P\"");
        profile(&keys).unwrap().warnings.iter().any(|warning| warning.contains("readable for everybody"))
    };
    assert!(warned("http://aspace.example.org") && !warned("http://127.0.0.1:8089") && !warned("https://h"));
}

#[test]
fn a_profile_may_have_the_push_only() {
    let aspace = "[archivesspace]\nbase-url = \"https://h/api\"\nuser = \"u\"\npassword-env = \"P\"\n";
    let alma = "[alma.api]\nbase-url = \"https://api-eu.hosted.exlibrisgroup.com\"\nkey-env = \"K\"\nmark = \"(A)\"\n";
    let path = Path::new("/etc/cartouche/archives.toml");
    let push = parse_push(path, &format!("{aspace}{alma}")).unwrap();
    assert_eq!((push.name.as_str(), push.state.as_path()), ("archives", Path::new("/etc/cartouche/archives.db")));
    assert_eq!((push.archivesspace.user.as_str(), push.alma_api.pace.writers), ("u", 10));
    let refused = |text: &str| parse_push(path, text).unwrap_err().to_string();
    assert!(refused(aspace).contains("alma.api: missing") && refused(alma).contains("archivesspace: missing"));
    let error = parse(path, &format!("{aspace}{alma}")).unwrap_err().to_string();
    assert!(error.contains("this profile has the push only"), "{error}");
}
