//! Everything about one resource: both records, how its bib was found, repairs, findings, what a push would change, and what
//! was done before. Asks Alma, and writes nothing.

use super::alma::Bib;
use super::apply::Hands;
use super::bib_merge::{Change, difference};
use super::chain::{Known, planned, shelf_of};
use super::plan::{Draft, Found, Plan};
use super::resource_uri::ResourceUri;
use super::shelf::fate::ShelfFate;
use crate::failure::{Failure, Kind, stated};
use crate::store::Store;
use crate::store::intents::Intent;
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
}

impl Told {
    pub fn draft(&self) -> Option<&Draft> {
        match &self.plan {
            Plan::Unchanged { draft, .. } | Plan::Create { draft } | Plan::Update { draft, .. } => Some(draft),
            Plan::Held { draft, .. } => draft.as_deref(),
            Plan::Skip(_) => None,
        }
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
    let mut told = Told { known, found, plan, difference: Vec::new(), history, shelf };
    if let Some(draft) = told.draft() {
        told.difference = difference(draft.present.as_ref().map(|present| &present.record), &draft.merged);
    }
    Ok(told)
}
