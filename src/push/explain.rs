//! Everything about one resource: both records, how its bib was found, repairs, findings, what a push would change, and what
//! was done before. Asks Alma, and writes nothing.

use super::alma::Bib;
use super::apply::Hands;
use super::bib_merge::{Change, difference};
use super::chain::{Known, planned, shelf_of};
use super::plan::{Draft, Found, Plan, Reason};
use super::pull::{self, fate::PullFate};
use super::resource_uri::ResourceUri;
use super::shelf::fate::{End, ShelfFate};
use super::trouble::Trouble;
use crate::failure::{Failure, Kind, stated};
use crate::push::in_words::Coded;
use crate::store::Store;
use crate::store::intents::Intent;
use crate::store::links::How;
use std::collections::HashMap;

/// What is known of a resource.
pub struct Told {
    pub known: Known,
    pub found: Found,
    pub plan: Plan,
    /// Each field of both records, unchanged ones too; empty where nothing could be drafted.
    pub difference: Vec<Change>,
    pub history: Vec<Intent>,
    /// Its holdings and items, where the profile has them.
    pub shelf: Option<ShelfFate>,
    /// What `push --pull` would do, where the profile pulls.
    pub pull: Option<PullFate>,
}

impl Told {
    pub fn draft(&self) -> Option<&Draft> {
        match &self.plan {
            Plan::Unchanged { draft, .. } | Plan::Create { draft } | Plan::Update { draft, .. } => Some(draft),
            Plan::Held { draft, .. } => draft.as_deref(),
            Plan::Skip(_) => None,
        }
    }

    /// What would be done now: as a word, and in words.
    pub fn verdict(&self) -> (&'static str, String) {
        let reasons = |reasons: &[Reason]| {
            reasons.iter().map(|reason| format!("{}: {reason}", reason.code())).collect::<Vec<_>>().join("; ")
        };
        match &self.plan {
            Plan::Unchanged { .. } => ("unchanged", "Alma's bib says it already".to_owned()),
            Plan::Create { .. } => ("create", "a new bib".to_owned()),
            Plan::Update { mms, .. } => ("update", format!("bib {mms}")),
            Plan::Held { reasons: all, .. } => ("held", reasons(all)),
            Plan::Skip(why) => ("skipped", why.to_string()),
        }
    }

    /// How the bib was found.
    pub fn evidence(&self) -> String {
        let field = match &self.known.field {
            Ok(Some(value)) => format!("the field holds {value}"),
            Ok(None) => "the field is empty".to_owned(),
            Err(why) => why.clone(),
        };
        let link = self.known.link.as_ref().map(|link| {
            let how = match link.how {
                How::Field => "named by the field",
                How::Mark => "found by our 035",
                How::Created => "made by this program",
                How::Adopted => "adopted",
            };
            format!("; linked with {}: {how}, {} ({})", link.mms, link.at, link.who)
        });
        let found = match &self.found {
            Found::Nothing => "no bib has our 035".to_owned(),
            Found::Unknown(mms) => format!("Alma has no bib {mms}"),
            Found::Bib(bib) => format!("Alma has the bib {}", bib.mms),
            Found::Several(all) => format!("{} bibs have our 035", all.len()),
        };
        format!("{field}{}; {found}", link.unwrap_or_default())
    }

    pub fn bib(&self) -> Option<&Bib> {
        match &self.found {
            Found::Bib(bib) => Some(bib),
            Found::Nothing | Found::Unknown(_) | Found::Several(_) => None,
        }
    }
}

pub fn explain(store: &mut Store, hands: &Hands<'_>, uri: &ResourceUri) -> Result<Told, Failure> {
    let hint = "`cartouche push PROFILE RESOURCE` asks ArchivesSpace for it";
    let known = match Known::read(store, hands, uri)? {
        Some(Ok(known)) => known,
        Some(Err(why)) => return Err(stated(Kind::Failed, format!("{uri} cannot be read: {why}"), hint)),
        None => return Err(stated(Kind::Failed, format!("nothing is known of {uri} yet"), hint)),
    };
    let (found, plan) = planned(store, hands, &known, &HashMap::new())?;
    let shelf = shelf_of(store, hands, &known, (&found, &plan))?;
    let history = store.intents_of(uri)?;
    let bib = match &found {
        Found::Bib(bib) => Some(bib.as_ref()),
        Found::Nothing | Found::Unknown(_) | Found::Several(_) => None,
    };
    let rules = hands.push.pull.as_ref();
    let pull = match rules.map(|rules| pull::run::foretold(store, hands, rules, (uri, bib))) {
        None => None,
        Some(Ok(fate)) => Some(fate),
        // What keeps this resource from being pulled hides nothing of the rest.
        Some(Err(Trouble::Record(why))) => Some(PullFate::of(uri, End::because("failed", "", why))),
        Some(Err(Trouble::Ends(failure))) => return Err(failure),
    };
    let mut told = Told { known, found, plan, difference: Vec::new(), history, shelf, pull };
    if let Some(draft) = told.draft() {
        told.difference = difference(draft.present.as_ref().map(|present| &present.record), &draft.merged);
    }
    Ok(told)
}
