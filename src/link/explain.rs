//! Everything about one IE and its bib, from both systems and from the store. Asks Alma, and writes nothing.

use super::apply::Hands;
use super::chain::{Round, planned};
use super::plan::{Found, Plan};
use super::run::{asked_by_several, hands, must_be_known};
use super::subject::{LinkSubject, NoSubject};
use crate::failure::{Failure, Kind, stated};
use crate::model::id::{IePid, OaiIdentifier};
use crate::profile::LinkProfile;
use crate::push::apply::Clock;
use crate::store::Store;
use crate::store::ie_links::IeLink;
use crate::store::link_intents::LinkIntent;
use crate::store::verdicts::Verdict;

/// What is known of an IE.
pub struct Told {
    pub ie: IePid,
    pub identifier: OaiIdentifier,
    pub title: String,
    /// Alma records that name it: where and as what.
    pub named: Vec<(String, String)>,
    /// What the last run made of it.
    pub link: Option<IeLink>,
    /// What a run would make of it now; nothing for an IE that is left alone.
    pub plan: Option<(Plan, Option<Found>)>,
    pub history: Vec<LinkIntent>,
    pub verdicts: Vec<Verdict>,
}

pub fn explain(store: &mut Store, profile: &LinkProfile, clock: Clock<'_>, ie: &IePid) -> Result<Told, Failure> {
    let feeds = must_be_known(store, profile)?;
    let hands: Hands<'_> = hands(store, profile, 0, clock)?;
    let subject = match LinkSubject::read(store, feeds.rosetta, &hands.repository, ie)? {
        Ok(subject) => subject,
        Err(NoSubject::Gone) => {
            let hint = "`cartouche list PROFILE without-alma` shows IEs without a bib";
            return Err(stated(Kind::Failed, format!("Rosetta's feed does not show {ie}"), hint));
        }
        Err(NoSubject::Unreadable(why)) => {
            return Err(stated(Kind::Failed, format!("{ie}: {why}"), "`cartouche explain` shows its record"));
        }
    };
    let named: Vec<(String, String)> = store.claims_on(ie)?.into_iter().map(|(_, place, text)| (place, text)).collect();
    let quarantined = store.count_quarantined(&[feeds.alma])?;
    let rivals = asked_by_several(store, &hands, feeds)?;
    let round = Round { dry_run: true, named: false, rivals, quarantined };
    let plan = if named.is_empty() { Some(planned(store, &hands, &subject, &round)?) } else { None };
    Ok(Told {
        title: subject.title().to_owned(),
        identifier: subject.identifier,
        named,
        link: store.ie_link(ie)?,
        plan,
        history: store.link_intents_of(ie)?,
        verdicts: store.link_verdicts_of(ie)?,
        ie: ie.clone(),
    })
}
