//! Matching: which IEs an Alma record describes, and where in the record it says so.

mod citation;

use crate::dc_xml;
use crate::marc::{self, Marc};
use crate::model::id::{IePid, MmsId, RepositoryIdentifier};
use crate::model::outcome::{Evidence, Place};
use crate::steps::matching::citation::{delivered_by, ie_cited_in};
use crate::xml;
use std::collections::HashMap;
use std::sync::Arc;

/// What a profile says of matching.
pub struct Rules {
    /// The Rosetta whose IEs are meant: what stands between the colons of its OAI identifiers.
    pub repository: RepositoryIdentifier,
    /// The places to look at. Their order here does not matter: `Place` has the order of trust.
    pub places: Vec<Place>,
    /// The host whose delivery links name IEs. Without one, no link is evidence.
    pub delivery_host: Option<String>,
    /// The site's own table, by MMS ID.
    pub mms_map: Arc<HashMap<String, Vec<IePid>>>,
}

/// What the record says, as far as matching has to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// Each IE once, with the first place that names it, in order of trust.
    pub evidence: Vec<Evidence>,
    pub suppressed: bool,
    pub title: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Xml(#[from] xml::Error),
    #[error(transparent)]
    Marc(#[from] marc::Error),
}

/// Looks for IEs in the metadata of a harvested record, be it Dublin Core or MARC, and in the MMS map.
///
/// Citations (OAI identifiers) are sought in all places. Only when there is none, delivery links are asked, and after them
/// the MMS map: a link may be left over from before a migration, and a table from before an import.
pub fn look(metadata: &str, mms: Option<&MmsId>, rules: &Rules) -> Result<Looked, Error> {
    let mut finds = Finds { rules, cited: Vec::new(), linked: Vec::new() };
    let (suppressed, title) = if marc::is_marc(metadata) {
        let marc = marc::read(metadata)?;
        look_in_marc(&marc, &mut finds);
        (marc.suppressed(), marc.title())
    } else {
        (false, look_in_dc(metadata, &mut finds)?)
    };
    let mut evidence = finds.cited;
    if evidence.is_empty() {
        evidence = finds.linked;
    }
    if evidence.is_empty() {
        evidence = mapped(mms, rules);
    }
    evidence.sort_by_key(|found| found.place);
    Ok(Looked { evidence, suppressed, title })
}

/// Looks for citations in the bytes of a record that could not be read: enough to see a conflict, never to write.
pub fn scan_unreadable(bytes: &[u8], rules: &Rules) -> Vec<Evidence> {
    let citation = format!("oai:{}:IE", rules.repository);
    let mut evidence = Vec::new();
    for at in memchr::memmem::find_iter(bytes, citation.as_bytes()) {
        let after = &bytes[at + citation.len()..];
        let digits: String =
            after.iter().take_while(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect();
        if let Ok(ie) = IePid::parse(&format!("IE{digits}")) {
            add(&mut evidence, ie, Place::Unreadable, &format!("{citation}{digits}"));
        }
    }
    evidence
}

/// Evidence as it is found, before it is known which kind counts.
struct Finds<'a> {
    rules: &'a Rules,
    cited: Vec<Evidence>,
    linked: Vec<Evidence>,
}

impl Finds<'_> {
    /// A value that may cite an IE at this place, or be a link to one.
    fn consider(&mut self, value: &str, place: Place) {
        if self.rules.places.contains(&place)
            && let Some(ie) = ie_cited_in(value, &self.rules.repository)
        {
            add(&mut self.cited, ie, place, value.trim());
        }
    }

    fn consider_link(&mut self, value: &str) {
        if self.rules.places.contains(&Place::DeliveryLink)
            && let Some(host) = &self.rules.delivery_host
            && let Some(ie) = delivered_by(value, host)
        {
            add(&mut self.linked, ie, Place::DeliveryLink, value.trim());
        }
    }
}

/// The same IE twice is one match: Alma repeats an identifier as `dc:identifier` and from 035.
fn add(evidence: &mut Vec<Evidence>, ie: IePid, place: Place, text: &str) {
    if !evidence.iter().any(|found| found.ie == ie) {
        evidence.push(Evidence { ie, place, text: text.to_owned() });
    }
}

/// One pass over the record. Alma adds to `dc:identifier`, per representation, the OAI identifier, `alma_<MMS ID>` and a
/// delivery link, beside ISBNs and whatever else: only the form of a value tells what it is. Gives the title.
fn look_in_dc(metadata: &str, finds: &mut Finds) -> Result<Option<String>, xml::Error> {
    let mut title = None;
    dc_xml::walk(metadata, |element, _| {
        if !element.is_dc() {
            return;
        }
        let value = element.text.as_str();
        if element.start.local == "identifier" {
            finds.consider(value, Place::DcIdentifier);
            finds.consider_link(value);
        } else if element.start.local == "title" && title.is_none() && !value.trim().is_empty() {
            title = Some(value.trim().to_owned());
        }
    })?;
    Ok(title)
}

fn look_in_marc(marc: &Marc, finds: &mut Finds) {
    for value in marc.fields("035").flat_map(|field| field.values('a')) {
        finds.consider(value, Place::Marc035);
    }
    // A publishing profile chooses the subfields of AVD; a 2016 capture of BIG has the delivery link in $c, not in $h.
    for (_, value) in marc.fields("AVD").flat_map(|field| &field.subfields) {
        finds.consider(value, Place::Avd);
        finds.consider_link(value);
    }
    for value in marc.fields("856").flat_map(|field| field.values('u')) {
        finds.consider_link(value);
    }
}

fn mapped(mms: Option<&MmsId>, rules: &Rules) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    if rules.places.contains(&Place::MmsMap)
        && let Some(mms) = mms
        && let Some(ies) = rules.mms_map.get(mms.as_str())
    {
        for ie in ies {
            add(&mut evidence, ie.clone(), Place::MmsMap, mms.as_str());
        }
    }
    evidence
}

#[cfg(test)]
mod tests;
