//! A resource whose fields are filled: what is kept of it, and the bib that describes it.

use super::rules::PullRules;
use crate::model::id::MmsId;
use crate::push::alma::Bib;
use crate::push::apply::{Hands, told};
use crate::push::bib::read_bib;
use crate::push::chain::{by_mark, by_number};
use crate::push::in_words::Coded;
use crate::push::marc::MarcRecord;
use crate::push::own_mark::Owner;
use crate::push::plan::{Found, Reason};
use crate::push::resource::Resource;
use crate::push::resource_uri::ResourceUri;
use crate::push::shelf::fate::End;
use crate::push::trouble::Trouble;
use crate::store::Store;
use std::collections::HashMap;

/// A resource as it was gathered, and the MMS ID that it, or else its link, names.
pub(super) struct Subject {
    pub resource: Resource,
    pub named: Option<MmsId>,
}

/// A bib that may be read for a resource.
pub(super) struct OwnBib {
    pub bib: Box<Bib>,
    pub record: MarcRecord,
}

impl Subject {
    /// Reads it from the store; an end where nothing can be pulled for it, whatever Alma says.
    pub fn read(store: &mut Store, hands: &Hands<'_>, uri: &ResourceUri) -> Result<Result<Self, End>, Trouble> {
        let Some(stored) = store.resource(uri)? else { return Ok(Err(End::of("skipped"))) };
        let json = serde_json::from_str(&stored.json).map_err(|error| error.to_string());
        let resource = match json.and_then(|json| Resource::read(json).map_err(|error| told(&error))) {
            Ok(resource) => resource,
            Err(why) => return Ok(Err(End::because("failed", "unreadable", why))),
        };
        let linking = &hands.push.rules.linking;
        if linking.sets.as_ref().is_some_and(|sets| !sets.has(&resource.json)) {
            let why = "it is in none of archivesspace.sets and archivesspace.sponsors";
            return Ok(Err(End::because("skipped", "not-in-set", why)));
        }
        if resource.visibility.suppressed {
            let why = "ArchivesSpace saves no suppressed resource";
            return Ok(Err(End::because("skipped", "suppressed", why)));
        }
        let field = hands.field.read(&resource.json).map_err(|error| error.to_string());
        let parsed = field.and_then(|text| text.map(|text| MmsId::parse(&text)).transpose().map_err(|e| e.to_string()));
        let named = match parsed {
            Ok(Some(mms)) => Some(mms),
            Ok(None) => store.link(uri)?.map(|link| link.mms),
            Err(why) => return Ok(Err(held(&Reason::Field(why)))),
        };
        Ok(Ok(Subject { resource, named }))
    }

    /// Its bib, or why nothing is taken from one: what stands in another resource's bib must not go into this one.
    pub fn bib(
        &self,
        store: &mut Store,
        hands: &Hands<'_>,
        rules: &PullRules,
        bibs: &HashMap<MmsId, Bib>,
    ) -> Result<Result<OwnBib, End>, Trouble> {
        let uri = &self.resource.uri;
        let found = match &self.named {
            Some(mms) => by_number(hands, uri, mms, bibs)?.0,
            None if rules.asks_mms_id() => by_mark(hands, uri)?,
            None => Found::Nothing,
        };
        let bib = match found {
            Found::Bib(bib) => bib,
            Found::Nothing => return Ok(Err(End::because("skipped", "no-bib", "no bib of it is known"))),
            Found::Unknown(mms) => {
                return Ok(Err(End::because("held", "unknown-mms-id", format!("Alma does not have the bib {mms}"))));
            }
            Found::Several(all) => return Ok(Err(held(&Reason::SeveralBibs(all)))),
        };
        let record = match read_bib(&bib.xml) {
            Ok(read) => read.record,
            Err(error) => return Ok(Err(held(&Reason::NotMarc(told(&error))))),
        };
        match hands.mark(uri)?.owner(&record) {
            // A bib that an archivist names need not be one that this program writes to.
            Owner::Ours | Owner::Nobody => {}
            Owner::Other(marks) => return Ok(Err(held(&Reason::OthersMark(marks)))),
        }
        let others = store.others_with_mms(uri, bib.mms.as_str())?;
        if !others.is_empty() {
            return Ok(Err(held(&Reason::SharedMms { mms: bib.mms.clone(), others })));
        }
        Ok(Ok(OwnBib { bib, record }))
    }
}

/// Nothing that a person could approve: it is mended in its system.
fn held(reason: &Reason) -> End {
    End::because("held", reason.code(), reason.to_string())
}
