//! In what manner an answer is read, and what is known of it beside its text.

use super::decode::Stray;
use super::draft::Draft;
use super::sent::Sent;
use super::{Page, Quarantined};
use crate::model::id::OaiIdentifier;
use crate::model::record::Record;
use crate::model::repair::Repair;

#[derive(Clone, Copy)]
pub(super) struct Manner<'s> {
    /// The list element that is asked for.
    pub expected: &'static str,
    /// Whether a record that cannot be read as it was sent is put right.
    pub mends: bool,
    /// Whether HTML's names of characters mean what HTML says: under a DOCTYPE they may mean anything.
    pub html_names: bool,
    /// Where the text was not in the encoding of the rest, in order.
    pub strays: &'s [Stray],
    /// The answer as it came, where that is not the text.
    pub sent: Option<&'s Sent<'s>>,
    /// Where the text that is read begins in the text that `strays` and `sent` speak of.
    pub base: usize,
}

impl<'s> Manner<'s> {
    /// Takes everything as it was sent.
    pub fn strict(expected: &'static str) -> Self {
        Manner { expected, mends: false, html_names: false, strays: &[], sent: None, base: 0 }
    }

    /// Whether the list is one of headers without records.
    pub fn headers_alone(self) -> bool {
        self.expected == "ListIdentifiers"
    }

    /// Files an item: `text` is all of it, and `start` where it begins.
    pub fn file(self, read: Result<Record, Box<Draft>>, text: &str, start: usize, page: &mut Page) {
        let strays = self.strays_in(start, text.len());
        let lost = strays.iter().find_map(|stray| stray.lost);
        match (read, lost) {
            (Ok(mut record), None) => {
                if !strays.is_empty() {
                    record.repairs.add(Repair::Encoding);
                }
                page.records.push(record);
            }
            (Ok(record), Some(byte)) => page.quarantined.push(Quarantined {
                identifier: Some(record.identifier).filter(is_whole),
                datestamp: Some(record.datestamp),
                text: text.to_owned(),
                sent: self.sent(start, text.len()),
                reason: format!("a byte (0x{byte:02X}) that no encoding explains"),
            }),
            (Err(draft), lost) => {
                let mut quarantined = draft.quarantined(text, self.sent(start, text.len()));
                quarantined.identifier =
                    quarantined.identifier.filter(|identifier| lost.is_none() || is_whole(identifier));
                page.quarantined.push(quarantined);
            }
        }
    }

    /// The bytes of a stretch as they came, where they are not those of the text.
    pub fn sent(self, start: usize, length: usize) -> Option<Vec<u8>> {
        let begin = self.base + start;
        self.sent.map(|sent| sent.bytes_of(begin..begin + length).to_owned())
    }

    fn strays_in(self, start: usize, length: usize) -> &'s [Stray] {
        let begin = self.base + start;
        let from = self.strays.partition_point(|stray| stray.at < begin);
        let to = self.strays.partition_point(|stray| stray.at < begin + length);
        &self.strays[from..to]
    }
}

/// Whether nothing in an identifier stands for a byte that was not understood.
fn is_whole(identifier: &OaiIdentifier) -> bool {
    !identifier.as_str().contains(|c| matches!(c, '\u{80}'..='\u{9F}' | '\u{FFFD}'))
}
