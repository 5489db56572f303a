//! A record while it is read: its header, its metadata, and the first thing that is wrong with it.

use super::cursor::Cursor;
use super::manner::Manner;
use super::rescue::rescue;
use super::{Error, Page, Quarantined, characters, header, metadata};
use crate::model::id::OaiIdentifier;
use crate::model::record::{Body, Datestamp, Record};
use crate::model::repair::Repairs;
use quick_xml::events::BytesStart;

/// Reads one item of a list and files it: kept, put right and kept, or into quarantine with its bytes.
pub(super) fn one(
    cursor: &mut Cursor<'_>,
    tag: &BytesStart<'_>,
    manner: Manner<'_>,
    page: &mut Page,
) -> Result<(), Error> {
    let start = cursor.tag_start();
    let mut draft = Draft::default();
    draft.read(cursor, tag)?;
    let bytes = cursor.since(start);
    let read = draft.finish();
    let read = if manner.mends { read.or_else(|draft| rescue(bytes, &cursor.scope, *draft, manner)) } else { read };
    manner.file(read, bytes, start, page);
    Ok(())
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Draft {
    pub identifier: Option<OaiIdentifier>,
    pub datestamp: Option<Datestamp>,
    sets: Vec<String>,
    pub deleted: bool,
    /// The inner `Err` says why it cannot be used.
    metadata: Option<Result<String, String>>,
    /// Of the header, or of the record as a whole.
    problem: Option<String>,
}

impl Draft {
    /// Keeps the first problem: later ones are mostly its consequences.
    pub fn note(&mut self, problem: impl Into<String>) {
        self.problem.get_or_insert_with(|| problem.into());
    }

    /// Replaces whatever was noted.
    pub fn insist(&mut self, problem: impl Into<String>) {
        self.problem = Some(problem.into());
    }

    /// Reads the item whose tag was entered last, to its end.
    pub fn read(&mut self, cursor: &mut Cursor<'_>, tag: &BytesStart<'_>) -> Result<(), Error> {
        if tag.local_name().as_ref() == "header" { header::header(cursor, tag, self) } else { record(cursor, self) }
    }

    /// Takes what an element of the header says.
    pub fn take(&mut self, name: &str, text: &str) {
        // Most are short and plain, which a look at each byte tells sooner than a search.
        let is_plain = text.bytes().fold(true, |plain, b| plain & (b >= 0x20) & (b != 0xEF));
        if !is_plain && let Some(byte) = characters::control_character(text) {
            self.note(characters::forbidden(byte));
        }
        match name {
            _ if text.is_empty() => {}
            "identifier" if self.identifier.is_some() => self.note("the record has two identifiers"),
            "identifier" => self.identifier = Some(OaiIdentifier::new(text)),
            "datestamp" => self.datestamp = Some(Datestamp::new(text)),
            _ => self.sets.push(text.to_owned()),
        }
    }

    pub fn finish(mut self) -> Result<Record, Box<Draft>> {
        let body = match (self.deleted, self.metadata.take()) {
            // A deletion is told by the header alone: no metadata beside it can make it unreadable.
            (true, _) => Body::Deleted,
            (false, Some(Ok(metadata))) => Body::Metadata(metadata),
            (false, Some(Err(problem))) => {
                self.note(problem);
                return Err(Box::new(self));
            }
            (false, None) => Body::Absent,
        };
        match (&self.problem, self.identifier.take(), self.datestamp.take()) {
            (None, Some(identifier), datestamp) => {
                // A record without a datestamp can be had; only how far the list has come, it does not tell.
                let datestamp = datestamp.unwrap_or_else(|| Datestamp::new(""));
                Ok(Record { identifier, datestamp, sets: self.sets, body, repairs: Repairs::NONE })
            }
            (_, identifier, datestamp) => Err(Box::new(Draft { identifier, datestamp, ..self })),
        }
    }

    /// Keeps what an earlier attempt made out.
    pub fn or_as_before(mut self: Box<Self>, before: Draft) -> Box<Self> {
        self.identifier = self.identifier.or(before.identifier);
        self.datestamp = self.datestamp.or(before.datestamp);
        self
    }

    pub fn quarantined(self, text: &str, sent: Option<Vec<u8>>) -> Quarantined {
        Quarantined {
            identifier: self.identifier,
            datestamp: self.datestamp,
            text: text.to_owned(),
            sent,
            reason: self.problem.unwrap_or_else(|| "the record has no identifier".to_owned()),
        }
    }
}

fn record(cursor: &mut Cursor<'_>, draft: &mut Draft) -> Result<(), Error> {
    let mut headers = u32::from(header::plain(cursor, draft));
    while let Some(child) = cursor.next_child()? {
        match cursor.oai_name(&child) {
            Some("header") => {
                headers += 1;
                header::header(cursor, &child, draft)?;
            }
            Some("metadata") => {
                let captured = metadata::capture(cursor)?.transpose();
                draft.metadata = match draft.metadata.take() {
                    None => captured,
                    Some(Err(problem)) => Some(Err(problem)),
                    Some(Ok(_)) => Some(Err("the record has metadata twice".to_owned())),
                };
            }
            Some(_) | None => cursor.skip()?,
        }
    }
    if headers != 1 {
        draft.note(format!("the record has {headers} headers"));
    }
    Ok(())
}
