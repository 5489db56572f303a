//! A holding that a person asks for, at a place which the bib does not have yet.

use super::place::Place;
use crate::failure::{Failure, Kind, stated};
use crate::model::time::Timestamp;
use crate::profile::PushProfile;
use crate::push::resource_uri::ResourceUri;
use crate::store::Store;

/// Notes the wish; the next push looks whether Alma knows the place, and makes the holding. Alma is not asked here.
pub fn ask_for(
    store: &mut Store,
    profile: &PushProfile,
    uri: &ResourceUri,
    (place, why): (&str, &str),
    now: Timestamp,
) -> Result<Place, Failure> {
    let Some(rules) = &profile.push.rules.holdings else {
        let hint = "[push.holdings] says which holdings there are";
        return Err(stated(Kind::Configuration, "this profile has no holdings", hint));
    };
    let Some(place) = Place::parse(place).filter(|place| rules.offered.contains(place)) else {
        let all: Vec<String> = rules.offered.iter().map(ToString::to_string).collect();
        let hint = format!("it has {}", all.join(", "));
        return Err(stated(Kind::Configuration, format!("`{place}` is no place of this profile"), hint));
    };
    if store.resource(uri)?.is_none() {
        let hint = "`cartouche push PROFILE RESOURCE` asks ArchivesSpace for it";
        return Err(stated(Kind::Failed, format!("nothing is known of {uri} yet"), hint));
    }
    store.ask_for_place(uri, &place, why, now)?;
    Ok(place)
}
