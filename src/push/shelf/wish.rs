//! A holding that a person asks for, at a place which the bib does not have yet; and asks for no more.

use super::place::Place;
use crate::failure::{Failure, Kind, stated};
use crate::model::time::Timestamp;
use crate::profile::PushProfile;
use crate::push::alma::HoldingId;
use crate::push::apply::Clock;
use crate::push::resource_uri::ResourceUri;
use crate::push::undo;
use crate::steps::review::Author;
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

/// Takes a wish back, with the holding that came of it, in a run of its own whose lock the caller holds; answers the holding that was
/// deleted. One that the rules want, too, stays.
pub fn ask_no_more(
    store: &mut Store,
    profile: &PushProfile,
    (uri, place): (&ResourceUri, &str),
    author: &Author,
    clock: Clock<'_>,
) -> Result<(Place, Option<HoldingId>), Failure> {
    let hint = "`cartouche push list PROFILE holdings` shows what was asked for, and by whom";
    let place = Place::parse(place).filter(|place| store.places_asked_for(uri).is_ok_and(|all| all.contains(place)));
    let Some(place) = place else {
        return Err(stated(Kind::NeedsAPerson, format!("nobody has asked for this holding of {uri}"), hint));
    };
    let (boxes, link) = (store.boxes_of(uri)?, store.link(uri)?);
    let is_wanted =
        profile.push.rules.holdings.as_ref().is_some_and(|rules| rules.wanted(&boxes, &[]).contains(&place));
    let made = link.map(|link| store.holding_made(uri, &link.mms, &place)).transpose()?.flatten();
    let Some(made) = made.filter(|_| !is_wanted) else {
        store.forget_wish(uri, &place, &author.why, clock())?;
        store.plan_again(uri)?;
        return Ok((place, None));
    };
    let undone = undo::in_a_run(store, profile, &[undo::Which::Intent(made.id)], author, clock)?;
    match (undone.stopped, undone.decided.refused.into_iter().next()) {
        (Some(failure), _) => Err(failure),
        (None, Some((_, why))) => {
            let what = format!("the holding of {uri} at {place} stays, and its wish with it: {why}");
            Err(stated(
                Kind::NeedsAPerson,
                what,
                "a holding is deleted only as it was made, and when nothing hangs on it",
            ))
        }
        // With the holding its wish is forgotten.
        (None, None) => Ok((place, made.target.spot.holding)),
    }
}
