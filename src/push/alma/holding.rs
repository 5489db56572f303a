//! Holdings as Alma answers with them, and the body that goes back.

use super::bib::{Suppress, is_true};
use super::id::HoldingId;
use crate::xml::tree::{Element, tree};

/// What is known of a bib's holdings.
///
/// Alma answers a question about the holdings of a bib that does not exist with status 200 and a count of 0, just as for one
/// without holdings (recorded, api-eu, 2016). So an empty list says nothing until the bib was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holdings {
    OfKnownBib(Vec<HoldingLine>),
    /// There is no such bib.
    NoSuchBib,
}

/// A holdings record as the list of a bib shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldingLine {
    pub id: HoldingId,
    pub library: String,
    pub location: String,
    pub call_number: Option<String>,
    pub suppressed: Option<bool>,
}

/// A holdings record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    pub id: HoldingId,
    pub suppressed: Option<bool>,
    /// `<record>`, as it stands in the answer.
    pub record: String,
}

/// The body of a call that writes a holdings record; without a holding ID, which Alma takes from the path (University of Oregon).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldingBody(String);

impl HoldingBody {
    /// `record` is a `<record>` of MARCXML, without a prolog.
    pub fn new(record: &str, suppress: Suppress) -> Self {
        HoldingBody(format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<holding><suppress_from_publishing>{}\
             </suppress_from_publishing>{record}</holding>",
            suppress.as_str()
        ))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Holding {
    pub(super) fn read_one(xml: &str) -> Result<Self, String> {
        let holding = tree(xml).map_err(|error| error.to_string())?;
        if holding.local != "holding" {
            return Err(format!("<{}> instead of <holding>", holding.local));
        }
        Ok(Holding {
            id: id_of(&holding)?,
            suppressed: holding.text_of("suppress_from_publishing").map(is_true),
            record: holding.child("record").ok_or("no record")?.xml.to_owned(),
        })
    }
}

/// A list as Alma sent it.
#[derive(Debug)]
pub(super) struct HoldingList {
    pub(super) lines: Vec<HoldingLine>,
    /// Whether the list speaks of the bib, which then exists.
    pub(super) names_its_bib: bool,
}

impl HoldingList {
    pub(super) fn read(xml: &str) -> Result<Self, String> {
        let list = tree(xml).map_err(|error| error.to_string())?;
        if list.local != "holdings" {
            return Err(format!("<{}> instead of <holdings>", list.local));
        }
        let lines: Vec<HoldingLine> = list.children_named("holding").map(line).collect::<Result<_, String>>()?;
        let told = list.attribute("total_record_count").and_then(|count| count.trim().parse::<usize>().ok());
        if told.is_some_and(|told| told != lines.len()) {
            return Err(format!("{} holdings in a list of {}", lines.len(), told.unwrap_or_default()));
        }
        Ok(HoldingList { names_its_bib: list.child("bib_data").is_some() || !lines.is_empty(), lines })
    }
}

fn line(holding: &Element<'_>) -> Result<HoldingLine, String> {
    Ok(HoldingLine {
        id: id_of(holding)?,
        library: holding.text_of("library").unwrap_or_default().to_owned(),
        location: holding.text_of("location").unwrap_or_default().to_owned(),
        call_number: holding.text_of("call_number").map(str::to_owned),
        suppressed: holding.text_of("suppress_from_publishing").map(is_true),
    })
}

fn id_of(holding: &Element<'_>) -> Result<HoldingId, String> {
    HoldingId::parse(holding.text_of("holding_id").ok_or("no holding_id")?).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_an_empty_one_proves_nothing() {
        let list = HoldingList::read(
            "<holdings total_record_count=\"1\"><holding link=\"x\"><holding_id>22407</holding_id><library desc=\"Main Library\">MAIN</library>\
             <location desc=\"Stacks\">main</location><call_number>PG3366 .V6</call_number><suppress_from_publishing>false\
             </suppress_from_publishing></holding><bib_data link=\"y\"><mms_id>9911</mms_id></bib_data></holdings>",
        );
        let list = list.unwrap();
        assert!(list.names_its_bib);
        assert_eq!((list.lines[0].library.as_str(), list.lines[0].location.as_str()), ("MAIN", "main"));
        assert_eq!(list.lines[0].call_number.as_deref(), Some("PG3366 .V6"));
        let empty = HoldingList::read("<holdings total_record_count=\"0\"/>").unwrap();
        assert!(empty.lines.is_empty() && !empty.names_its_bib);
    }

    #[test]
    fn a_list_that_is_shorter_than_it_says_is_none() {
        assert!(
            HoldingList::read("<holdings total_record_count=\"2\"/>")
                .unwrap_err()
                .contains("0 holdings in a list of 2")
        );
        assert!(HoldingList::read("<holding/>").is_err());
        assert!(Holding::read_one("<holding><holding_id>1</holding_id></holding>").unwrap_err().contains("no record"));
    }
}
