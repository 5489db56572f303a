//! Reads what the stand-ins hold at the start: `alma.xml` and `rosetta.xml`.

use super::alma::{Bib, Held, Representation};
use super::marc::{Field, Marc};
use super::reading;
use super::rosetta::Entity;
use crate::failure::{Advise, Kind};
use crate::model::dc::Dc;
use crate::model::id::{IePid, MmsId, RepositoryIdentifier};
use crate::model::time::Timestamp;
use crate::oai::provider::Set;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use xot::{Node, Xot};

/// Where the data comes from.
#[derive(Debug, Clone)]
pub enum DataSource {
    /// The sample data that the program carries.
    Embedded,
    /// A folder with `alma.xml` and `rosetta.xml`.
    Folder(PathBuf),
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{name} is not sandbox data: {reason}")]
    Format { name: String, reason: String },
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        Kind::Configuration
    }

    fn hint(&self) -> Option<String> {
        Some("sample-data/alma.xml and sample-data/rosetta.xml show the form".to_owned())
    }
}

/// The content of `alma.xml`.
#[derive(Debug)]
pub(super) struct AlmaData {
    pub(super) institution: String,
    pub(super) repository: RepositoryIdentifier,
    pub(super) sets: Vec<Set>,
    pub(super) bibs: Vec<Bib>,
}

/// The content of `rosetta.xml`.
#[derive(Debug)]
pub(super) struct RosettaData {
    pub(super) repository: RepositoryIdentifier,
    pub(super) sets: Vec<Set>,
    pub(super) entities: Vec<Entity>,
}

const EMBEDDED_ALMA: &str = include_str!("../../sample-data/alma.xml");
const EMBEDDED_ROSETTA: &str = include_str!("../../sample-data/rosetta.xml");

pub(super) fn load(source: &DataSource) -> Result<(RosettaData, AlmaData), Error> {
    match source {
        DataSource::Embedded => Ok((
            read_rosetta(EMBEDDED_ROSETTA).map_err(named("rosetta.xml"))?,
            read_alma(EMBEDDED_ALMA).map_err(named("alma.xml"))?,
        )),
        DataSource::Folder(folder) => {
            let (rosetta, alma) = (folder.join("rosetta.xml"), folder.join("alma.xml"));
            Ok((
                read_rosetta(&text(&rosetta)?).map_err(named(&rosetta.display().to_string()))?,
                read_alma(&text(&alma)?).map_err(named(&alma.display().to_string()))?,
            ))
        }
    }
}

fn named(name: &str) -> impl Fn(String) -> Error {
    move |reason| Error::Format { name: name.to_owned(), reason }
}

fn text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}

fn read_alma(xml: &str) -> Result<AlmaData, String> {
    let file = Tree::parse(xml, "alma")?;
    let mut data = AlmaData {
        institution: file.required(file.root, "institution")?,
        repository: file.repository()?,
        sets: file.sets()?,
        bibs: Vec::new(),
    };
    for node in file.children(file.root, "bib") {
        let mms = MmsId::parse(&file.required(node, "mms-id")?).map_err(|error| error.to_string())?;
        let bib = bib(&file, node, mms.clone(), &data.repository).map_err(|reason| format!("bib {mms}: {reason}"))?;
        data.bibs.push(bib);
    }
    Ok(data)
}

fn bib(file: &Tree, node: Node, mms: MmsId, repository: &RepositoryIdentifier) -> Result<Bib, String> {
    let held = match (file.attribute(node, "status").as_deref(), file.children(node, "record").next()) {
        (Some("deleted"), _) => Held::Deleted,
        (Some("no-metadata"), _) => Held::NoMetadata,
        (Some(other), _) => return Err(format!("the status `{other}` is not known")),
        (None, Some(record)) => Held::Marc(marc(file, record)?),
        (None, None) => return Err("there is no <record>".to_owned()),
    };
    let mut representations = Vec::new();
    for node in file.children(node, "representation") {
        representations.push(Representation {
            originating_record_id: file.attribute(node, "originating-record-id"),
            delivery_url: file.required(node, "delivery-url")?,
            label: file.attribute(node, "label"),
            local: file.attribute(node, "local").as_deref() == Some("true"),
        });
    }
    Ok(Bib::new(mms, repository, file.datestamp(node)?, file.sets_of(node), representations, held))
}

fn marc(file: &Tree, record: Node) -> Result<Marc, String> {
    let mut marc = Marc::default();
    for node in file.elements(record) {
        let field = match reading::local(&file.xot, node) {
            "leader" => {
                marc.leader = file.xot.string_value(node);
                continue;
            }
            "controlfield" => Field::Control { tag: file.required(node, "tag")?, value: file.xot.string_value(node) },
            "datafield" => Field::Data {
                tag: file.required(node, "tag")?,
                indicators: [file.required(node, "ind1")?, file.required(node, "ind2")?],
                subfields: file
                    .children(node, "subfield")
                    .map(|sub| Ok((file.required(sub, "code")?, file.xot.string_value(sub))))
                    .collect::<Result<_, String>>()?,
            },
            other => return Err(format!("<{other}> is not MARCXML")),
        };
        marc.fields.push(field);
    }
    Ok(marc)
}

fn read_rosetta(xml: &str) -> Result<RosettaData, String> {
    let file = Tree::parse(xml, "rosetta")?;
    let mut data = RosettaData { repository: file.repository()?, sets: file.sets()?, entities: Vec::new() };
    for node in file.children(file.root, "ie") {
        let pid = IePid::parse(&file.required(node, "pid")?).map_err(|error| error.to_string())?;
        let within = |reason| format!("{pid}: {reason}");
        let dc = match file.attribute(node, "status").as_deref() {
            Some("deleted") => None,
            Some(other) => return Err(within(format!("the status `{other}` is not known"))),
            None => Some(record(&file, node).map_err(within)?),
        };
        let mut entity = Entity::ie(&pid, &data.repository, file.datestamp(node)?, file.sets_of(node), dc);
        entity.locked_by = file.attribute(node, "locked-by");
        data.entities.push(entity);
    }
    for node in file.children(file.root, "collection") {
        let id = file.required(node, "id")?;
        let dc = record(&file, node).map_err(|reason| format!("collection {id}: {reason}"))?;
        data.entities.push(Entity::collection(&id, &data.repository, file.datestamp(node)?, file.sets_of(node), dc));
    }
    Ok(data)
}

fn record(file: &Tree, parent: Node) -> Result<Dc, String> {
    let node = file.children(parent, "record").next().ok_or("there is no <dc:record>")?;
    reading::record(&file.xot.to_string(node).map_err(|error| error.to_string())?)
}

/// A parsed file and the few questions that are asked of it.
struct Tree {
    xot: Xot,
    root: Node,
}

impl Tree {
    fn parse(xml: &str, root_name: &str) -> Result<Tree, String> {
        let mut xot = Xot::new();
        let document = xot.parse(xml).map_err(|error| error.to_string())?;
        let root = xot.document_element(document).map_err(|error| error.to_string())?;
        match reading::local(&xot, root) {
            name if name == root_name => Ok(Tree { xot, root }),
            other => Err(format!("the root is <{other}>, not <{root_name}>")),
        }
    }

    fn elements(&self, parent: Node) -> impl Iterator<Item = Node> + '_ {
        self.xot.children(parent).filter(|node| self.xot.is_element(*node))
    }

    fn children<'a>(&'a self, parent: Node, name: &'a str) -> impl Iterator<Item = Node> + 'a {
        self.elements(parent).filter(move |node| reading::local(&self.xot, *node) == name)
    }

    fn attribute(&self, node: Node, name: &str) -> Option<String> {
        self.xot.get_attribute(node, self.xot.name(name)?).map(str::to_owned)
    }

    fn required(&self, node: Node, name: &str) -> Result<String, String> {
        let missing = || format!("<{}> has no attribute {name}", reading::local(&self.xot, node));
        self.attribute(node, name).ok_or_else(missing)
    }

    fn repository(&self) -> Result<RepositoryIdentifier, String> {
        let text = self.required(self.root, "repository-identifier")?;
        RepositoryIdentifier::parse(&text).map_err(|error| error.to_string())
    }

    fn sets(&self) -> Result<Vec<Set>, String> {
        let set = |node| Ok(Set { spec: self.required(node, "spec")?, name: self.required(node, "name")? });
        self.children(self.root, "set").map(set).collect()
    }

    fn sets_of(&self, node: Node) -> Vec<String> {
        self.attribute(node, "sets").unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    }

    fn datestamp(&self, node: Node) -> Result<Timestamp, String> {
        let text = self.required(node, "datestamp")?;
        Timestamp::parse(&text).ok_or_else(|| format!("`{text}` is not a datestamp"))
    }
}
