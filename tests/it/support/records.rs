//! What the stand-ins hold at the start of a scenario, written as the sandbox reads it.

use std::collections::BTreeSet;
use std::fmt::Write;

/// The Rosetta of all scenarios, as its OAI identifiers name it.
pub const ROSETTA: &str = "ros.example.org";
/// The only set of the scenarios' Alma.
pub const SET: &str = "digitized";

/// A bibliographic record in Alma.
#[derive(Debug, Clone)]
pub struct Bib {
    mms: String,
    sets: String,
    status: Option<&'static str>,
    leader_05: char,
    /// `originating-record-id`, delivery link, whether Alma keeps it itself.
    representations: Vec<(Option<String>, String, bool)>,
    fields: Vec<(String, char, String)>,
}

/// A bib with a title and nothing else.
pub fn bib(mms: &str, title: &str) -> Bib {
    let fields = vec![("245".to_owned(), 'a', title.to_owned())];
    Bib { mms: mms.to_owned(), sets: SET.to_owned(), status: None, leader_05: 'c', representations: Vec::new(), fields }
}

impl Bib {
    /// A remote representation, as Alma's import from Rosetta leaves it: the identifier in 035 and in the inventory.
    pub fn cites(mut self, identifier: &str) -> Self {
        let local = identifier.rsplit(':').next().unwrap_or_default();
        let link = format!("https://{ROSETTA}/delivery/DeliveryManagerServlet?dps_pid={local}");
        self.representations.push((Some(identifier.to_owned()), link, false));
        self.field("035", 'a', identifier)
    }

    /// A digital file of Alma's own, whose delivery link looks like Rosetta's but for the `IE`.
    pub fn has_local_file(mut self, number: &str) -> Self {
        let link = format!("https://{ROSETTA}/delivery/DeliveryManagerServlet?dps_pid={number}");
        self.representations.push((None, link, true));
        self
    }

    pub fn field(mut self, tag: &str, code: char, value: &str) -> Self {
        self.fields.push((tag.to_owned(), code, value.to_owned()));
        self
    }

    /// Puts it into these sets, separated by blanks, instead of the usual one.
    pub fn in_sets(mut self, sets: &str) -> Self {
        self.sets = sets.to_owned();
        self
    }

    pub fn without_title(mut self) -> Self {
        self.fields.retain(|(tag, ..)| tag != "245");
        self
    }

    pub fn suppressed(mut self) -> Self {
        self.leader_05 = 'd';
        self
    }

    pub fn deleted(mut self) -> Self {
        self.status = Some("deleted");
        self
    }

    pub fn without_metadata(mut self) -> Self {
        self.status = Some("no-metadata");
        self
    }

    fn xml(&self) -> String {
        let status = self.status.map(|status| format!(" status=\"{status}\"")).unwrap_or_default();
        let mut xml = format!(
            "<bib mms-id=\"{}\" datestamp=\"2026-03-01T10:00:00Z\" sets=\"{}\"{status}>\n",
            self.mms, self.sets
        );
        for (origin, link, local) in &self.representations {
            let origin = origin.as_ref().map(|id| format!(" originating-record-id=\"{}\"", escaped(id)));
            let local = if *local { " local=\"true\"" } else { "" };
            let link = escaped(link);
            writeln!(xml, "<representation{} delivery-url=\"{link}\"{local}/>", origin.unwrap_or_default()).unwrap();
        }
        if self.status.is_none() {
            let start = format!("00000{}km a2200000 i 4500", self.leader_05);
            writeln!(xml, "<record xmlns=\"http://www.loc.gov/MARC21/slim\"><leader>{start}</leader>").unwrap();
            writeln!(xml, "<controlfield tag=\"001\">{}</controlfield>", self.mms).unwrap();
            for (tag, code, value) in &self.fields {
                let value = escaped(value);
                writeln!(
                    xml,
                    "<datafield tag=\"{tag}\" ind1=\" \" ind2=\" \"><subfield code=\"{code}\">{value}</subfield></datafield>"
                )
                .unwrap();
            }
            xml.push_str("</record>\n");
        }
        xml + "</bib>\n"
    }
}

/// An intellectual entity in Rosetta.
#[derive(Debug, Clone)]
pub struct Entity {
    pid: String,
    sets: String,
    deleted: bool,
    locked: bool,
    fields: Vec<(String, String)>,
}

/// An IE as ingest left it: a poor title.
pub fn entity(pid: &str) -> Entity {
    let fields = vec![("dc:title".to_owned(), format!("{pid} as ingested"))];
    Entity { pid: pid.to_owned(), sets: "all-ies".to_owned(), deleted: false, locked: false, fields }
}

impl Entity {
    pub fn holds(mut self, element: &str, value: &str) -> Self {
        self.fields.push((element.to_owned(), value.to_owned()));
        self
    }

    pub fn titled(mut self, title: &str) -> Self {
        self.fields = vec![("dc:title".to_owned(), title.to_owned())];
        self
    }

    /// Puts it into these sets, separated by blanks, instead of the usual one.
    pub fn in_sets(mut self, sets: &str) -> Self {
        self.sets = sets.to_owned();
        self
    }

    pub fn locked(mut self) -> Self {
        self.locked = true;
        self
    }

    pub fn deleted(mut self) -> Self {
        self.deleted = true;
        self
    }

    fn xml(&self) -> String {
        let status = if self.deleted { " status=\"deleted\"" } else { "" };
        let locked = if self.locked { " locked-by=\"editor1\"" } else { "" };
        let mut xml = format!(
            "<ie pid=\"{}\" datestamp=\"2026-02-01T10:00:00Z\" sets=\"{}\"{status}{locked}>\n",
            self.pid, self.sets
        );
        if !self.deleted {
            xml.push_str("<dc:record xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\">\n");
            for (element, value) in &self.fields {
                writeln!(xml, "<{element}>{}</{element}>", escaped(value)).unwrap();
            }
            xml.push_str("</dc:record>\n");
        }
        xml + "</ie>\n"
    }
}

pub fn alma_xml(bibs: &[Bib]) -> String {
    let sets = declared(SET, bibs.iter().map(|bib| bib.sets.as_str()));
    let bibs: String = bibs.iter().map(Bib::xml).collect();
    format!(
        "<alma institution=\"01STORY_INST\" repository-identifier=\"alma.01STORY_INST\">\n\
         {sets}{bibs}</alma>\n"
    )
}

pub fn rosetta_xml(entities: &[Entity]) -> String {
    let sets = declared("all-ies", entities.iter().map(|entity| entity.sets.as_str()));
    let entities: String = entities.iter().map(Entity::xml).collect();
    format!(
        "<rosetta repository-identifier=\"{ROSETTA}\" institution=\"INST01\">\n\
         {sets}{entities}</rosetta>\n"
    )
}

/// The usual set and every other that records are in.
fn declared<'a>(usual: &'a str, used: impl Iterator<Item = &'a str>) -> String {
    let sets: BTreeSet<&str> =
        used.flat_map(|sets| sets.split(' ')).chain([usual]).filter(|set| !set.is_empty()).collect();
    sets.iter().map(|set| format!("<set spec=\"{set}\" name=\"{set}\"/>\n")).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
