//! The title by which people know a record, whatever its feed sends: `dc:title`, or MARC 245.

use crate::store::records::StoredBody;
use crate::{dc_xml, marc};

/// More of a title tells nobody more, and a value may have 300 kB.
const LONGEST: usize = 2_000;

/// The title of a record; `None` when it has none, or cannot be read.
pub fn of(body: &StoredBody) -> Option<String> {
    let xml = match body {
        StoredBody::Metadata(xml) | StoredBody::Gone(xml) => xml,
        // What a record said before it was deleted is known no more, and what could not be read says nothing for certain.
        StoredBody::Deleted | StoredBody::Absent | StoredBody::Quarantined(_) => return None,
    };
    let title = match marc::is_marc(xml) {
        true => marc::read(xml).ok()?.title(),
        false => dc_xml::read_anywhere(xml).ok()?.title().map(str::to_owned),
    };
    let title = title.map(|title| title.trim().chars().take(LONGEST).collect::<String>());
    title.filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(xml: &str, expected: Option<&str>) {
        assert_eq!(of(&StoredBody::Metadata(xml.to_owned())).as_deref(), expected, "{xml}");
    }

    #[test]
    fn the_title_is_that_of_dublin_core_or_of_marc() {
        let dc = |fields: &str| format!("<dc xmlns:dc=\"http://purl.org/dc/elements/1.1/\">{fields}</dc>");
        check(&dc("<dc:date>1888</dc:date><dc:title> One </dc:title><dc:title>Two</dc:title>"), Some("One"));
        check(&dc("<dc:date>1888</dc:date>"), None);
        let marc = "<record xmlns=\"http://www.loc.gov/MARC21/slim\"><datafield tag=\"245\" ind1=\" \" ind2=\" \">\
                    <subfield code=\"a\">Sunset :</subfield><subfield code=\"b\">a view /</subfield></datafield></record>";
        check(marc, Some("Sunset : a view"));
        check("<not well-formed", None);
        assert_eq!(of(&StoredBody::Deleted), None);
        assert_eq!(of(&StoredBody::Quarantined(marc.to_owned())), None);
    }
}
