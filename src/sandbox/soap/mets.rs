//! The METS that getIE answers, in the shape of a published AIP (ExLibrisGroup/Rosetta.XEpicurConverterPlugin).

use crate::dc_xml;
use crate::model::id::IePid;
use crate::model::time::Timestamp;
use crate::sandbox::rosetta::Rosetta;

const DNX: &str = "<dnx xmlns=\"http://www.exlibrisgroup.com/dps/dnx\"";

/// The IE without its files; `None` when there is no such IE.
pub(super) fn mets(rosetta: &Rosetta, pid: &IePid, now: Timestamp) -> Option<String> {
    let entity = rosetta.stored(pid)?;
    let copy = entity.working_copy()?;
    // Files are in the first namespace, Rosetta's own schemas name the second.
    let namespace = if rosetta.has_quirks() {
        "http://www.exlibrisgroup.com/xsd/dps/rosettaMets"
    } else {
        "http://www.loc.gov/METS/"
    };
    let modified = entity.modified_by().unwrap_or("admin1");
    let date = now.at(crate::model::time::Granularity::Second).replace('T', " ").replace('Z', "");
    let sections = format!(
        "{}{}",
        section("internalIdentifier", &[("internalIdentifierType", "PID"), ("internalIdentifierValue", pid.as_str())]),
        section(
            "objectCharacteristics",
            &[
                ("objectType", "INTELLECTUAL_ENTITY"),
                ("creationDate", "2014-07-28 18:07:31"),
                ("createdBy", "admin1"),
                ("modificationDate", &date),
                ("modifiedBy", modified),
                ("owner", "CRS00.INST01.DPR00"),
            ]
        )
    );
    let empty = format!("{DNX}/>");
    let mut sources = String::new();
    for (at, source) in copy.sources.iter().enumerate() {
        let (sub_type, number) = (source.sub_type.to_uppercase(), at + 1);
        sources.push_str(&part("sourceMD", &format!("ie-amd-source-{sub_type}-{number}"), &sub_type, &source.content));
    }
    Some(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mets:mets xmlns:mets=\"{namespace}\">\n{}{}\
         <mets:amdSec ID=\"ie-amd\">{}{}{}{sources}{}</mets:amdSec>\n</mets:mets>\n",
        part("dmdSec", "ie-dmd", "DC", &dc_xml::write_record(&copy.dc)),
        // Files have descriptions of their own.
        part("dmdSec", &format!("{}-dmd", pid.as_str().replace("IE", "FL")), "DC", FILE_RECORD),
        part("techMD", "ie-amd-tech", "OTHER", &format!("{DNX}>{sections}</dnx>")),
        part("rightsMD", "ie-amd-rights", "OTHER", &empty),
        part("sourceMD", "ie-amd-source", "OTHER", &empty),
        part("digiprovMD", "ie-amd-digiprov", "OTHER", &empty),
    ))
}

const FILE_RECORD: &str =
    "<dc:record xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>page 1</dc:title></dc:record>";

fn part(name: &str, id: &str, kind: &str, inside: &str) -> String {
    let other = if kind == "OTHER" { " OTHERMDTYPE=\"dnx\"" } else { "" };
    format!(
        "<mets:{name} ID=\"{id}\"><mets:mdWrap MDTYPE=\"{kind}\"{other}><mets:xmlData>{inside}</mets:xmlData>\
         </mets:mdWrap></mets:{name}>\n"
    )
}

fn section(id: &str, keys: &[(&str, &str)]) -> String {
    let keys: String =
        keys.iter().map(|(id, value)| format!("<key id=\"{id}\">{}</key>", super::escaped(value))).collect();
    format!("<section id=\"{id}\"><record>{keys}</record></section>")
}
