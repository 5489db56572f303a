//! Which bib describes an IE: one with the IE's OAI identifier in 035, or one that an identifier of its description names.

use super::apply::Hands;
use super::describe::says;
use super::rules::Asked;
use super::subject::LinkSubject;
use crate::model::id::MmsId;
use crate::push::alma::Bib;
use crate::push::bib_image::BibImage;
use crate::push::marc::DataField;
use crate::push::trouble::Trouble;
use crate::store::Store;

/// What Alma has for an IE.
#[derive(Debug, Clone)]
pub enum Found {
    Nothing,
    Bib(Box<Bib>, How),
    /// Several bibs, and by what each was found.
    Several(Vec<(MmsId, How)>),
}

/// What Alma has, and what it has no more.
pub(super) struct Findings {
    pub found: Found,
    /// A bib that was made for the IE and is not in Alma any more.
    pub lost: Option<MmsId>,
}

/// How it is known that a bib describes an IE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// The IE's OAI identifier stands in its 035.
    OwnNumber,
    /// An identifier of the IE's description names it.
    Identifier(Asked),
    /// It was made for this IE.
    Created,
}

impl How {
    /// The name in the store and in `--json`: once written, never renamed.
    pub fn code(&self) -> &'static str {
        match self {
            How::OwnNumber => "own-035",
            How::Identifier(_) => "identifier",
            How::Created => "created",
        }
    }

    pub fn words(&self) -> String {
        match self {
            How::OwnNumber => "the OAI identifier stands in its 035".to_owned(),
            How::Identifier(asked) => format!("{asked} is an identifier of the IE"),
            How::Created => "it was made for the IE".to_owned(),
        }
    }
}

/// Asks Alma. Our own number decides; then the bib that was made for the IE, which Alma's index may not know yet; only where there is
/// neither, the identifiers of the description are asked for.
pub(super) fn find(store: &Store, hands: &Hands<'_>, subject: &LinkSubject) -> Result<Findings, Trouble> {
    let marked = marked(hands, subject.identifier.as_str())?;
    let mut found: Vec<(Bib, How)> = marked.into_iter().map(|bib| (bib, How::OwnNumber)).collect();
    let mut lost = None;
    if found.is_empty()
        && let Some(mms) = store.made_bib_of(&subject.ie)?.and_then(|made| made.about.mms)
    {
        match hands.alma.bib(&mms)? {
            Some(bib) => found.push((bib, How::Created)),
            None => lost = Some(mms),
        }
    }
    if found.is_empty() {
        for asked in hands.link.rules.asked(&subject.dc) {
            for bib in named(hands, &asked)? {
                if found.iter().all(|(other, _)| other.mms != bib.mms) {
                    found.push((bib, How::Identifier(asked.clone())));
                }
            }
        }
    }
    let found = match found.len() {
        0 => Found::Nothing,
        1 => {
            let (bib, how) = found.remove(0);
            Found::Bib(Box::new(bib), how)
        }
        _ => Found::Several(found.into_iter().map(|(bib, how)| (bib.mms, how)).collect()),
    };
    Ok(Findings { found, lost })
}

fn named(hands: &Hands<'_>, asked: &Asked) -> Result<Vec<Bib>, Trouble> {
    Ok(match asked {
        Asked::OtherSystemId(number) => {
            with_number(hands, number, |field| field.values("a").any(|it| it.trim() == number))?
        }
        Asked::Mms(mms) => match MmsId::parse(mms) {
            Ok(mms) => hands.alma.bib(&mms)?.into_iter().collect(),
            Err(_) => Vec::new(),
        },
    })
}

/// The bibs that have the OAI identifier of an IE in 035, with or without a prefix.
pub(super) fn marked(hands: &Hands<'_>, identifier: &str) -> Result<Vec<Bib>, Trouble> {
    with_number(hands, identifier, |field| says(field, identifier))
}

/// The bibs with an 035 that is meant. Alma normalizes what it searches, and `(X)1` is found for 1: each is looked into.
fn with_number(hands: &Hands<'_>, number: &str, is_meant: impl Fn(&DataField) -> bool) -> Result<Vec<Bib>, Trouble> {
    let mut found = hands.alma.bibs_by_other_id(number)?;
    found.retain(|bib| {
        // What cannot be read whole is kept: it may be the one, and a second bib is worse than a question.
        BibImage::of(bib).map_or(true, |image| image.record.data("035").any(&is_meant))
    });
    Ok(found)
}
