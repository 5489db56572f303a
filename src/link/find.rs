//! Which bib describes an IE: one with the IE's OAI identifier in 035, or one that an identifier of its description names.

use super::apply::Hands;
use super::describe::says;
use super::rules::Asked;
use super::subject::LinkSubject;
use crate::model::id::MmsId;
use crate::push::alma::Bib;
use crate::push::bib_image::BibImage;
use crate::push::trouble::Trouble;

/// What Alma has for an IE.
#[derive(Debug, Clone)]
pub enum Found {
    Nothing,
    Bib(Box<Bib>, How),
    /// Several bibs, and by what each was found.
    Several(Vec<(MmsId, How)>),
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

/// Asks Alma. Our own number decides; only where no bib has it are the identifiers of the description asked for.
pub(super) fn find(hands: &Hands<'_>, subject: &LinkSubject) -> Result<Found, Trouble> {
    let mut found: Vec<(Bib, How)> =
        marked(hands, subject.identifier.as_str())?.into_iter().map(|bib| (bib, How::OwnNumber)).collect();
    if found.is_empty() {
        for asked in hands.link.rules.asked(&subject.dc) {
            for bib in named(hands, &asked)? {
                if found.iter().all(|(other, _)| other.mms != bib.mms) {
                    found.push((bib, How::Identifier(asked.clone())));
                }
            }
        }
    }
    Ok(match found.len() {
        0 => Found::Nothing,
        1 => {
            let (bib, how) = found.remove(0);
            Found::Bib(Box::new(bib), how)
        }
        _ => Found::Several(found.into_iter().map(|(bib, how)| (bib.mms, how)).collect()),
    })
}

fn named(hands: &Hands<'_>, asked: &Asked) -> Result<Vec<Bib>, Trouble> {
    Ok(match asked {
        Asked::OtherSystemId(number) => marked(hands, number)?,
        Asked::Mms(mms) => match MmsId::parse(mms) {
            Ok(mms) => hands.alma.bib(&mms)?.into_iter().collect(),
            Err(_) => Vec::new(),
        },
    })
}

/// The bibs that have exactly this number in 035. Alma normalizes what it searches: each is looked into.
pub(super) fn marked(hands: &Hands<'_>, number: &str) -> Result<Vec<Bib>, Trouble> {
    let mut found = hands.alma.bibs_by_other_id(number)?;
    found.retain(|bib| {
        // What cannot be read whole is kept: it may be the one, and a second bib is worse than a question.
        BibImage::of(bib).map_or(true, |image| image.record.data("035").any(|field| says(field, number)))
    });
    Ok(found)
}
