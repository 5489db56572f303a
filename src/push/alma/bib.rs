//! A bib as Alma answers with it, and the body that goes back.

use crate::model::id::MmsId;
use crate::xml::escaped;
use crate::xml::tree::{Element, tree};

/// A bibliographic record of Alma's. Whoever holds one knows that the bib exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bib {
    pub mms: MmsId,
    /// Kept out of discovery; none when Alma does not say so.
    pub suppressed: Option<bool>,
    pub linked: Option<Linked>,
    /// What Alma's validation found and saved nevertheless, in its words.
    pub warnings: Vec<String>,
    /// `<record>`, as it stands in the answer.
    pub record: String,
    /// What of the answer is not the record and may be sent back, as it stands there.
    settings: Vec<String>,
}

/// The record that this one is a copy of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// `NZ`: only fields with $9 local can be changed here. `CZ`: nothing can.
    pub zone: String,
    pub mms: String,
}

/// What Alma makes itself out of the record, and does not read.
const OUTPUT_ONLY: [&str; 21] = [
    "mms_id",
    "linked_record_id",
    "title",
    "author",
    "issn",
    "isbn",
    "complete_edition",
    "network_numbers",
    "place_of_publication",
    "date_of_publication",
    "publisher_const",
    "holdings",
    "created_by",
    "created_date",
    "last_modified_by",
    "last_modified_date",
    "originating_system",
    "originating_system_id",
    "requests",
    "warnings",
    "record",
];

/// Whether a bib shall be kept out of discovery. Always said: Alma suppresses a new bib of which nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suppress {
    Yes,
    No,
}

impl Suppress {
    pub fn as_str(self) -> &'static str {
        match self {
            Suppress::Yes => "true",
            Suppress::No => "false",
        }
    }
}

/// The body of a call that writes a bib. It cannot be made without saying whether the bib is suppressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BibBody(String);

impl BibBody {
    /// For a new bib. `record` is a `<record>` of MARCXML, without a prolog; its namespace does not matter.
    pub fn new(record: &str, suppress: Suppress) -> Self {
        let settings = "<record_format>marc21</record_format>";
        BibBody(wrapped(settings, suppress, record))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn wrapped(settings: &str, suppress: Suppress, record: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<bib>{settings}<suppress_from_publishing>{}\
         </suppress_from_publishing>{record}</bib>",
        suppress.as_str()
    )
}

impl Bib {
    /// The body that gives this bib another record, and keeps what else Alma knows of it: PUT replaces the whole.
    pub fn with_record(&self, record: &str, suppress: Suppress) -> BibBody {
        let mms = format!("<mms_id>{}</mms_id>", escaped(self.mms.as_str()));
        // The schema has an order, in which the flag stands between these two groups.
        let (before, after): (Vec<&String>, Vec<&String>) =
            self.settings.iter().partition(|setting| setting.starts_with("<record_format"));
        let join = |parts: Vec<&String>| parts.into_iter().map(String::as_str).collect::<String>();
        BibBody(wrapped(&(mms + &join(before)), suppress, &(join(after) + record)))
    }

    /// Reads `<bib>`.
    pub(super) fn read(bib: &Element<'_>) -> Result<Self, String> {
        if bib.local != "bib" {
            return Err(format!("<{}> instead of <bib>", bib.local));
        }
        let mms = bib.text_of("mms_id").ok_or("no mms_id")?;
        let linked = bib.child("linked_record_id").filter(|linked| !linked.text.trim().is_empty());
        let warnings = bib.child("warnings").map(|it| it.children_named("warning").collect::<Vec<_>>());
        Ok(Bib {
            mms: MmsId::parse(mms).map_err(|error| error.to_string())?,
            suppressed: bib.text_of("suppress_from_publishing").map(is_true),
            linked: linked.map(|linked| Linked {
                zone: linked.attribute("type").unwrap_or_default().to_owned(),
                mms: linked.text.trim().to_owned(),
            }),
            warnings: warnings.iter().flatten().filter_map(|it| it.text_of("message")).map(str::to_owned).collect(),
            record: bib.child("record").ok_or("no record")?.xml.to_owned(),
            settings: bib.children.iter().filter(|it| is_setting(it)).map(|it| it.xml.to_owned()).collect(),
        })
    }

    /// One bib in an answer of its own.
    pub(super) fn read_one(xml: &str) -> Result<Self, String> {
        Bib::read(&tree(xml).map_err(|error| error.to_string())?)
    }

    /// The bibs of a list, of which none is no fault.
    pub(super) fn read_all(xml: &str) -> Result<Vec<Self>, String> {
        let bibs = tree(xml).map_err(|error| error.to_string())?;
        if bibs.local != "bibs" {
            return Err(format!("<{}> instead of <bibs>", bibs.local));
        }
        bibs.children_named("bib").map(Bib::read).collect()
    }
}

fn is_setting(element: &Element<'_>) -> bool {
    element.local != "suppress_from_publishing" && !OUTPUT_ONLY.contains(&element.local)
}

/// Alma writes booleans as words, in JSON too.
pub(super) fn is_true(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("true")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIB: &str = "<bib><mms_id>9911</mms_id><record_format>marc21</record_format><linked_record_id type=\"NZ\">9922</linked_record_id>\
        <title>T</title><holdings link=\"x\"/><suppress_from_publishing>true</suppress_from_publishing>\
        <suppress_from_external_search>false</suppress_from_external_search><cataloging_level desc=\"kat\">80</cataloging_level>\
        <something_new>1</something_new><record><leader>a</leader></record><warnings><warning><message>no 008</message></warning></warnings></bib>";

    #[test]
    fn a_bib_is_read_with_its_flag_its_link_and_alma_s_warnings() {
        let bib = Bib::read_one(BIB).unwrap();
        assert_eq!((bib.mms.as_str(), bib.suppressed), ("9911", Some(true)));
        assert_eq!(bib.linked.unwrap(), Linked { zone: "NZ".to_owned(), mms: "9922".to_owned() });
        assert_eq!(
            (bib.record.as_str(), bib.warnings),
            ("<record><leader>a</leader></record>", vec!["no 008".to_owned()])
        );
    }

    #[test]
    fn what_goes_back_keeps_alma_s_settings_and_always_says_whether_the_bib_is_suppressed() {
        let body = Bib::read_one(BIB).unwrap().with_record("<record>new</record>", Suppress::No);
        let expected = "<bib><mms_id>9911</mms_id><record_format>marc21</record_format><suppress_from_publishing>false\
            </suppress_from_publishing><suppress_from_external_search>false</suppress_from_external_search><cataloging_level desc=\"kat\">80\
            </cataloging_level><something_new>1</something_new><record>new</record></bib>";
        assert!(body.as_str().ends_with(expected), "{}", body.as_str());
        assert!(BibBody::new("<record/>", Suppress::Yes).as_str().contains("<suppress_from_publishing>true<"));
    }

    #[test]
    fn what_is_no_bib_is_said_to_be_none() {
        for (xml, why) in [
            ("<html/>", "<html> instead"),
            ("<bib><record/></bib>", "no mms_id"),
            ("<bib><mms_id>x</mms_id><record/></bib>", "not an MMS ID"),
            ("<bib><mms_id>1</mms_id></bib>", "no record"),
            ("<bib>", "ends inside"),
        ] {
            let error = Bib::read_one(xml).unwrap_err();
            assert!(error.contains(why), "{xml}: {error}");
        }
        assert_eq!(Bib::read_all("<bibs total_record_count=\"0\"/>").unwrap(), []);
        assert!(Bib::read_all("<bib/>").is_err());
    }
}
