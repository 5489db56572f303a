//! Reads one record by itself: as it was sent, and put right.

use super::Error;
use super::cursor::{Binding, Cursor};
use super::draft::Draft;
use super::manner::Manner;
use super::mend::mend;
use super::namespaces::WELL_KNOWN;
use crate::model::record::Record;
use crate::model::repair::{Repair, Repairs};
use std::borrow::Cow;

/// More namespaces than any envelope declares: each record that is read by itself goes through them.
pub(super) const MAX_SCOPE: usize = 200;

/// Reads an item cut out of its list, in the scope of the list.
pub(super) fn alone(text: &str, scope: &[Binding<'_>]) -> Result<Record, Box<Draft>> {
    let mut cursor = Cursor::within(text, scope.iter().map(Binding::lent).collect());
    let mut draft = Draft::default();
    let read = cursor.next_child().and_then(|tag| match tag {
        Some(tag) if cursor.tag_start() == 0 => draft.read(&mut cursor, &tag),
        Some(_) | None => Err(Error::CutShort { bytes: text.len() }),
    });
    match read {
        Ok(()) if text[cursor.position()..].trim().is_empty() => {}
        Ok(()) => draft.note("it is unclear where the record ends"),
        Err(error) => draft.note(match error {
            Error::CutShort { .. } => "the record ends in the middle of something".to_owned(),
            Error::NotWellFormed { message, .. } => message,
            Error::Doctype => "a DOCTYPE stands inside the record".to_owned(),
            Error::NotUtf8 { .. }
            | Error::NotOai { .. }
            | Error::Refused { .. }
            | Error::NoList { .. }
            | Error::Oai { .. } => error.to_string(),
        }),
    }
    draft.finish()
}

/// Puts a record right that could not be read as it was sent; `failed` is what was made out of it so far.
pub(super) fn rescue(
    text: &str,
    scope: &[Binding<'_>],
    failed: Draft,
    manner: Manner<'_>,
) -> Result<Record, Box<Draft>> {
    if scope.len() > MAX_SCOPE {
        return Err(Box::new(failed));
    }
    let (mended, repairs) = match mend(text, manner.html_names) {
        Some((mended, repairs)) => (Cow::Owned(mended), repairs),
        None => (Cow::Borrowed(text), Repairs::NONE),
    };
    let mut failed = Box::new(failed);
    if !repairs.is_empty() {
        match alone(&mended, scope) {
            Ok(record) => return Ok(Record { repairs: record.repairs.and(repairs), ..record }),
            Err(draft) => failed = draft.or_as_before(*failed),
        }
    }
    let known = WELL_KNOWN.iter().map(|(prefix, uri)| Binding::new((*prefix).into(), (*uri).into(), 0));
    let wider: Vec<Binding<'_>> = known.chain(scope.iter().map(Binding::lent)).collect();
    match alone(&mended, &wider) {
        Ok(record) => Ok(Record { repairs: repairs.and(Repairs::of(Repair::Namespaces)), ..record }),
        Err(_) => Err(failed),
    }
}
