//! What a bib holds or shall hold, as it is kept: the record and whether Alma publishes it, and nothing beside them.

use super::alma::Bib;
use super::bib::{self, Suppress, read_bib};
use super::bib_merge::Source;
use super::marc::{self, Field, MarcRecord, Namespace};
use crate::failure::Advise;
use crate::xml::tree::tree;

/// A bib's record and its one setting that the push decides about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BibImage {
    /// `None` where Alma's answer did not say.
    pub suppress: Option<Suppress>,
    pub record: MarcRecord,
}

/// A kept text that is no image of a bib.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what is kept of a bib cannot be read: {0}")]
pub struct NotAnImage(String);

impl Advise for NotAnImage {}

/// What Alma makes itself of each record that it stores.
const ALMA_S_OWN: [&str; 3] = ["001", "003", "005"];

impl BibImage {
    /// Of a bib as Alma answered with it; what is not MARC 21, or not whole, has none.
    pub fn of(bib: &Bib) -> Result<Self, bib::Error> {
        let read = read_bib(&bib.xml)?;
        Ok(BibImage { suppress: read.suppress, record: read.record })
    }

    pub fn text(&self) -> String {
        self.text_with("")
    }

    /// As `text`, with where each field of the record is from: what is Alma's today must not count as ours tomorrow.
    pub fn text_from(&self, sources: &[Source]) -> String {
        let letters: String = sources.iter().map(|source| source.letter()).collect();
        self.text_with(&format!("<sources>{letters}</sources>"))
    }

    fn text_with(&self, beside: &str) -> String {
        let flag = self.suppress.map(Suppress::as_str);
        let flag = flag.map(|flag| format!("<suppress_from_publishing>{flag}</suppress_from_publishing>"));
        format!("<bib>{}{beside}{}</bib>", flag.unwrap_or_default(), marc::record(&self.record, Namespace::None))
    }

    /// What this program wrote: a bib as it was left (`after`), without the fields that were Alma's when `body` was written.
    pub fn ours(after: &str, body: &str) -> Result<Self, NotAnImage> {
        let (mut left, written) = (Self::read(after)?, Self::read(body)?);
        let sources = tree(body).map_err(|error| NotAnImage(error.to_string()))?;
        let letters = sources.text_of("sources").unwrap_or_default().to_owned();
        let is_alma_s = |letter: char| letter == Source::Alma.letter();
        let theirs: Vec<&Field> = written
            .record
            .fields
            .iter()
            .zip(letters.chars())
            .filter(|(_, it)| is_alma_s(*it))
            .map(|(it, _)| it)
            .collect();
        left.record.fields.retain(|field| !theirs.contains(&field));
        Ok(left)
    }

    pub fn read(text: &str) -> Result<Self, NotAnImage> {
        let bib = tree(text).map_err(|error| NotAnImage(error.to_string()))?;
        let record = bib.child("record").ok_or_else(|| NotAnImage("it has no record".to_owned()))?;
        let record = marc::read(record.xml).and_then(marc::Reading::whole);
        Ok(BibImage {
            suppress: bib.text_of("suppress_from_publishing").and_then(Suppress::read),
            record: record.map_err(|error| NotAnImage(error.to_string()))?,
        })
    }

    /// Whether both are the same state of a bib: Alma's own fields among it, 005 with the time of the last change.
    pub fn is_same_state_as(&self, other: &BibImage) -> bool {
        self.suppress == other.suppress && self.record.says_the_same_as(&other.record)
    }

    /// Whether both say the same, whoever stored it and when.
    pub fn says_the_same_as(&self, other: &BibImage) -> bool {
        let plain = |image: &BibImage| {
            let mut record = image.record.clone();
            record.fields.retain(|field| !ALMA_S_OWN.contains(&field.tag()));
            record
        };
        self.suppress == other.suppress && plain(self).says_the_same_as(&plain(other))
    }

    /// The record to bring this state back into a bib whose present record is another: Alma's own fields stay the present
    /// ones, for 005 tells Alma which version is replaced.
    pub fn over(&self, present: &MarcRecord) -> MarcRecord {
        let is_own = |field: &Field| ALMA_S_OWN.contains(&field.tag());
        let own = present.fields.iter().filter(|field| is_own(field));
        let fields = own.chain(self.record.fields.iter().filter(|field| !is_own(field))).cloned().collect();
        MarcRecord { leader: self.record.leader.clone(), fields }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(version: &str, title: &str, suppress: Option<Suppress>) -> BibImage {
        let fields = vec![
            Field::control("001", "991"),
            Field::control("005", version),
            Field::Data(marc::DataField::new("245", "10", &[("a", title)])),
        ];
        BibImage { suppress, record: MarcRecord { leader: "00000npcaa2200000 u 4500".to_owned(), fields } }
    }

    #[test]
    fn an_image_is_read_back_as_it_was() {
        for suppress in [None, Some(Suppress::Published), Some(Suppress::Suppressed)] {
            let image = image("1", "Papers & <letters>", suppress);
            assert_eq!(BibImage::read(&image.text()), Ok(image));
        }
        assert!(BibImage::read("<bib/>").unwrap_err().to_string().contains("it has no record"));
        assert!(BibImage::read("<bib>").is_err());
    }

    #[test]
    fn what_was_alma_s_when_it_was_written_is_not_ours() {
        let written = image("1", "Papers", None);
        let body = written.text_from(&[Source::Alma, Source::Alma, Source::ArchivesSpace]);
        assert_eq!(BibImage::read(&body), Ok(written.clone()));
        let ours = BibImage::ours(&written.text(), &body).unwrap();
        assert_eq!(ours.record.fields.iter().map(Field::tag).collect::<Vec<_>>(), ["245"]);
        assert_eq!(BibImage::ours(&written.text(), &written.text()), Ok(written), "of whom nothing is said is ours");
    }

    #[test]
    fn the_time_of_a_change_is_a_state_and_says_nothing() {
        let published = Some(Suppress::Published);
        let (one, later) = (image("1", "Papers", published), image("2", "Papers", published));
        assert!(one.says_the_same_as(&later) && !one.is_same_state_as(&later));
        assert!(!one.says_the_same_as(&image("1", "Paper", published)));
        assert!(!one.says_the_same_as(&image("1", "Papers", Some(Suppress::Suppressed))));
        let back = image("1", "Papers", published).over(&image("7", "Other", published).record);
        assert_eq!((back.control("005"), back.fields.len()), (Some("7"), 3));
        assert!(back.fields[2].to_string().contains("Papers"));
    }
}
