//! The bib of Alma's API: what an answer says of one, and the body that writes one.

use super::alma_xml::{self, Leaf};
use super::marc::{self, MarcRecord, Namespace};
use crate::failure::Advise;
use crate::model::id::{InvalidId, MmsId};
use crate::xml::{self, escaped, push_element};

/// Whether Alma publishes the record: its `suppress_from_publishing`, which no field of MARC holds.
///
/// Alma's own default for a new bib is suppressed; it is therefore always said (the README of the old plugin sends
/// librarians to un-suppress each record by hand).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suppress {
    Published,
    Suppressed,
}

impl Suppress {
    /// From the two flags of a resource: what is not published there, or suppressed, is not shown by Alma either.
    pub fn of_resource(publish: bool, suppressed: bool) -> Self {
        if publish && !suppressed { Suppress::Published } else { Suppress::Suppressed }
    }

    /// As Alma writes it: whether it is suppressed.
    pub fn as_str(self) -> &'static str {
        match self {
            Suppress::Published => "false",
            Suppress::Suppressed => "true",
        }
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        alma_xml::truth(text).map(|is| if is { Suppress::Suppressed } else { Suppress::Published })
    }
}

/// A setting of a bib beside its record, such as `cataloging_level`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub name: &'static str,
    pub value: String,
}

/// What one `<bib>` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bib {
    pub mms_id: MmsId,
    /// `None` where the answer does not say it.
    pub suppress: Option<Suppress>,
    /// The zone (`NZ`, `CZ`) and the record of a bib that is shared: there only local fields can be changed.
    pub linked: Option<(String, String)>,
    /// Control numbers, each with its prefix.
    pub network_numbers: Vec<String>,
    /// Dates as Alma writes them: `2016-07-08Z`.
    pub created: Option<String>,
    pub modified: Option<String>,
    /// What can be written beside the record, to be sent back as it is.
    pub settings: Vec<Setting>,
    pub record: MarcRecord,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("Alma's answer is not XML")]
    Xml(#[from] xml::Error),
    #[error("Alma's answer is a <{0}>, not a <bib>")]
    NotABib(String),
    #[error("Alma's answer has no MMS ID")]
    MmsId(#[from] InvalidId),
    #[error("the bib {mms_id} is {format} in Alma, not MARC 21")]
    Format { mms_id: MmsId, format: String },
    #[error("the record of the bib {mms_id} cannot be read")]
    Record { mms_id: MmsId, source: marc::Error },
}

impl Advise for Error {
    fn hint(&self) -> Option<String> {
        match self {
            Error::Xml(_) | Error::NotABib(_) | Error::MmsId(_) => None,
            Error::Format { .. } => {
                Some("only MARC 21 bibs can be merged; take this MMS ID off the resource".to_owned())
            }
            Error::Record { source, .. } => source.hint(),
        }
    }
}

/// What a PUT takes back beside the record, in the order of Alma's schema. `suppress_from_publishing` stands apart.
const SETTINGS: [&str; 6] = [
    "suppress_from_external_search",
    "suppress_from_metadoor",
    "sync_with_oclc",
    "sync_with_libraries_australia",
    "cataloging_level",
    "brief_level",
];

/// Reads one `<bib>`. Elements that are not known are passed over: Alma adds some with its releases.
pub fn read_bib(text: &str) -> Result<Bib, Error> {
    let leaves = alma_xml::leaves(text)?;
    let root = leaves.first().map(|leaf| leaf.path.split('/').next().unwrap_or_default()).unwrap_or_default();
    if root != "bib" {
        return Err(Error::NotABib(root.to_owned()));
    }
    let find = |name: &str| leaves.iter().find(|leaf| leaf.path.strip_prefix("bib/") == Some(name));
    let value = |name: &str| find(name).map(|leaf| leaf.value.trim().to_owned()).filter(|value| !value.is_empty());
    let mms_id = MmsId::parse(&value("mms_id").unwrap_or_default())?;
    match value("record_format").as_deref() {
        None | Some("marc21") => {}
        Some(other) => return Err(Error::Format { mms_id, format: other.to_owned() }),
    }
    let record = marc::read(text).and_then(marc::Reading::whole);
    let record = record.map_err(|source| Error::Record { mms_id: mms_id.clone(), source })?;
    let setting = |name: &&'static str| value(name).map(|value| Setting { name, value });
    let numbers = leaves.iter().filter(|leaf| leaf.path == "bib/network_numbers/network_number");
    Ok(Bib {
        suppress: value("suppress_from_publishing").and_then(|text| Suppress::read(&text)),
        linked: find("linked_record_id").and_then(linked),
        network_numbers: numbers.map(|leaf| leaf.value.clone()).collect(),
        created: value("created_date"),
        modified: value("last_modified_date"),
        settings: SETTINGS.iter().filter_map(setting).collect(),
        mms_id,
        record,
    })
}

/// The bibs of a `<bibs>`, each read or refused by itself.
pub fn read_bibs(text: &str) -> Result<Vec<Result<Bib, Error>>, Error> {
    Ok(alma_xml::parts(text, "bib")?.into_iter().map(read_bib).collect())
}

/// What Alma remarked when it took a record: the `<warnings>` of its answer.
pub fn warnings(text: &str) -> Result<Vec<String>, xml::Error> {
    let leaves = alma_xml::leaves(text)?.into_iter();
    Ok(leaves.filter(|leaf| leaf.path.ends_with("/warnings/warning/message")).map(|leaf| leaf.value).collect())
}

fn linked(leaf: &Leaf) -> Option<(String, String)> {
    let id = leaf.value.trim();
    (!id.is_empty()).then(|| (leaf.attribute("type").unwrap_or_default().to_owned(), id.to_owned()))
}

/// The body of a POST (without MMS ID) or PUT of a bib; `settings` are those of the bib as it was read.
pub fn bib_body(record: &MarcRecord, mms_id: Option<&MmsId>, suppress: Suppress, settings: &[Setting]) -> String {
    let mut body = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<bib>");
    if let Some(mms_id) = mms_id {
        push_element(&mut body, "mms_id", mms_id.as_str());
    }
    push_element(&mut body, "record_format", "marc21");
    push_element(&mut body, "suppress_from_publishing", suppress.as_str());
    for name in SETTINGS {
        for setting in settings.iter().filter(|setting| setting.name == name) {
            body += &format!("<{name}>{}</{name}>", escaped(&setting.value));
        }
    }
    body.push('\n');
    body + &marc::record(record, Namespace::None) + "</bib>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bib(inside: &str) -> String {
        format!("<bib><mms_id>991</mms_id>{inside}<record><leader>00000nam a2200000 a 4500</leader></record></bib>")
    }

    #[test]
    fn a_bib_is_written_back_with_its_settings_and_read_the_same() {
        let text = bib(
            "<linked_record_id type=\"NZ\">992</linked_record_id><network_numbers><network_number>(A)1 &amp; 2</network_number>\
             </network_numbers><created_date>2011-12-17Z</created_date><suppress_from_publishing>true</suppress_from_publishing>\
             <new_in_2030>x</new_in_2030><sync_with_oclc>NONE</sync_with_oclc><cataloging_level desc=\"kat2\">80</cataloging_level>",
        );
        let read = read_bib(&text).unwrap();
        assert_eq!(read.suppress, Some(Suppress::Suppressed));
        assert_eq!(read.linked, Some(("NZ".to_owned(), "992".to_owned())));
        assert_eq!(read.network_numbers, ["(A)1 & 2"]);
        let body = bib_body(&read.record, Some(&read.mms_id), Suppress::Published, &read.settings);
        let again = read_bib(&body).unwrap();
        assert_eq!((again.record, again.settings), (read.record, read.settings));
        assert_eq!(again.suppress, Some(Suppress::Published));
    }

    #[test]
    fn what_is_no_marc_bib_is_refused_by_name() {
        let check =
            |text: &str, expected: &str| assert_eq!(read_bib(text).unwrap_err().to_string(), expected, "{text}");
        check("<holding><a/></holding>", "Alma's answer is a <holding>, not a <bib>");
        check("<bib><title>x</title></bib>", "Alma's answer has no MMS ID");
        check(&bib("<record_format>dc</record_format>"), "the bib 991 is dc in Alma, not MARC 21");
        check("<bib><mms_id>991</mms_id></bib>", "the record of the bib 991 cannot be read");
        check("<bib>", "Alma's answer is not XML");
    }

    #[test]
    fn one_bad_bib_does_not_hide_the_others() {
        let text = format!("<bibs total_record_count='2'>{}<bib><mms_id>992</mms_id></bib></bibs>", bib(""));
        let found: Vec<bool> = read_bibs(&text).unwrap().iter().map(Result::is_ok).collect();
        assert_eq!(found, [true, false]);
        assert_eq!(read_bibs("<bibs total_record_count='0'/>").unwrap(), []);
    }

    #[test]
    fn a_resource_is_shown_only_when_it_is_published_and_not_suppressed() {
        let check = |publish, suppressed, expected: &str| {
            assert_eq!(Suppress::of_resource(publish, suppressed).as_str(), expected);
        };
        check(true, false, "false");
        check(true, true, "true");
        check(false, false, "true");
    }

    #[test]
    fn warnings_are_read_from_the_answer() {
        let text = bib("<warnings><warning><message>a &lt; b</message></warning></warnings>");
        assert_eq!(warnings(&text).unwrap(), ["a < b"]);
        assert_eq!(warnings(&bib("")).unwrap(), [""; 0]);
    }
}
