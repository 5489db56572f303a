//! The descriptive record of an IE, out of its METS or out of what getMD answers.

use crate::dc_xml::read_record_inside;
use crate::model::dc::{DC, Dc};
use crate::xml::{self, Elements, Piece};

/// METS in files is in the first namespace; Rosetta's own schemas have the second as their target.
const METS: [&str; 2] = ["http://www.loc.gov/METS/", "http://www.exlibrisgroup.com/xsd/dps/rosettaMets"];
/// The section of the IE's own record; representations and files have theirs, as `FL2402-dmd`.
const IE_DMD: &str = "ie-dmd";

/// Finds the one `dc:record` that describes the IE: in `dmdSec ie-dmd` of a METS, or anywhere in another document.
///
/// A declaration such as `xmlns:schemaLocation="http://a http://b"`, which the Center for Jewish History had to strip
/// from what getMD answers, declares a prefix that nobody uses, and is passed over. Says in words why there is no
/// such record: a record that cannot be found must never be taken for an empty one.
pub(super) fn descriptive_record(text: &str) -> Result<Dc, String> {
    let document = text.trim_start();
    let places = records(document).map_err(|error| error.to_string())?;
    let start = match places[..] {
        [start] => start,
        [] => return Err("it holds no dc:record of the IE".to_owned()),
        [_, _, ..] => return Err(format!("it holds {} dc:records of the IE", places.len())),
    };
    let read = read_record_inside(document, start).map_err(|error| error.to_string())?;
    match read.misfits.first() {
        None => Ok(read.dc),
        Some(misfit) => Err(format!("the record is not flat: {misfit}")),
    }
}

/// Where the start tags of the IE's records stand.
fn records(xml: &str) -> Result<Vec<usize>, xml::Error> {
    let mut elements = Elements::new(xml)?;
    let (mut found, mut in_section, mut is_mets) = (Vec::new(), None, false);
    while let Some(piece) = elements.next()? {
        let depth = elements.depth();
        match piece {
            Piece::Start(start) => {
                let is_of_mets = METS.contains(&start.namespace.as_ref());
                // In a METS of whatever namespace, a record outside of the section may be that of a file.
                is_mets |= start.local == "mets";
                let id = elements.attributes().iter().find(|it| it.namespace.is_empty() && it.local == "ID");
                if is_of_mets && start.local == "dmdSec" && id.is_some_and(|id| id.value == IE_DMD) {
                    in_section = Some(depth);
                }
                if (!is_mets || in_section.is_some()) && start.namespace == DC && start.local == "record" {
                    found.push(elements.offset());
                }
            }
            // The depth is that of what stays open.
            Piece::End if in_section == Some(depth + 1) => in_section = None,
            Piece::End | Piece::Text(_) | Piece::Cdata(_) | Piece::Character(_) => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mets(namespace: &str, record: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<m:mets xmlns:m=\"{namespace}\" xmlns:dc=\"{DC}\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:dcterms=\"http://purl.org/dc/terms/\">\
             <m:dmdSec ID=\"ie-dmd\"><m:mdWrap MDTYPE=\"DC\"><m:xmlData>{record}</m:xmlData></m:mdWrap></m:dmdSec>\
             <m:dmdSec ID=\"FL1-dmd\"><m:mdWrap MDTYPE=\"DC\"><m:xmlData><dc:record><dc:title>page 1</dc:title></dc:record>\
             </m:xmlData></m:mdWrap></m:dmdSec></m:mets>"
        )
    }

    const RECORD: &str = "<dc:record><dc:title>Sunset</dc:title><dc:publisher/>\
                          <dc:identifier xsi:type=\"dcterms:URI\">urn:x</dc:identifier></dc:record>";

    #[test]
    fn the_record_of_the_ie_is_found_in_both_namespaces_of_mets_with_prefixes_from_the_root() {
        for namespace in METS {
            let dc = descriptive_record(&mets(namespace, RECORD)).unwrap();
            let keys: Vec<String> = dc.fields.iter().map(|field| field.key().to_string()).collect();
            assert_eq!(keys, ["dc:title", "dc:publisher", "dc:identifier@dcterms:URI"]);
            assert_eq!(dc.title(), Some("Sunset"));
        }
    }

    #[test]
    fn a_broken_declaration_of_schema_location_is_tolerated() {
        let record = "<dc:record xmlns:schemaLocation=\"http://purl.org/dc/elements/1.1/ http://example.org/dc.xsd\">\
                      <dc:title>Sunset</dc:title></dc:record>";
        assert_eq!(descriptive_record(&mets(METS[0], record)).unwrap().title(), Some("Sunset"));
    }

    #[test]
    fn what_get_md_answers_is_read_as_well() {
        let alone = format!(
            "\n<dc:record xmlns:dc=\"{DC}\" xmlns:schemaLocation=\"http://a http://b\"><dc:title>One</dc:title></dc:record>"
        );
        assert_eq!(descriptive_record(&alone).unwrap().title(), Some("One"));
        let wrapped = format!(
            "<metadata><record><dc:record xmlns:dc=\"{DC}\"><dc:title>Two</dc:title></dc:record></record></metadata>"
        );
        assert_eq!(descriptive_record(&wrapped).unwrap().title(), Some("Two"));
    }

    #[test]
    fn a_record_that_is_not_there_is_never_an_empty_one() {
        let check = |text: &str, why: &str| {
            let said = descriptive_record(text).unwrap_err();
            assert!(said.contains(why), "{said}");
        };
        check(&mets(METS[0], ""), "no dc:record");
        check(&mets("http://example.org/other", RECORD), "no dc:record");
        check(&mets(METS[0], &RECORD.repeat(2)), "2 dc:records");
        check(&mets(METS[0], "<dc:record><dc:title><b/></dc:title></dc:record>"), "not flat");
        check("", "no element");
        check(&mets(METS[0], RECORD)[..300], "ends inside");
    }
}
