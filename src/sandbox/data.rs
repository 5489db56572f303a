//! Reads what the stand-ins hold at the start: `alma.xml` and `rosetta.xml`.

use super::alma::{Bib, Held, Representation};
use super::rosetta::Entity;
use crate::dc_xml;
use crate::failure::{Advise, Kind};
use crate::marc::{self, Marc};
use crate::model::dc::Dc;
use crate::model::id::{IePid, MmsId, RepositoryIdentifier};
use crate::model::time::Timestamp;
use crate::oai::provider::Set;
use crate::xml::{self, Elements, Piece};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

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
    let file = Node::read(xml, "alma")?;
    let mut data = AlmaData {
        institution: file.required("institution")?,
        repository: file.repository()?,
        sets: file.sets()?,
        bibs: Vec::new(),
    };
    for node in file.children("bib") {
        let mms = MmsId::parse(&node.required("mms-id")?).map_err(|error| error.to_string())?;
        let bib = bib(node, mms.clone(), &data.repository).map_err(|reason| format!("bib {mms}: {reason}"))?;
        data.bibs.push(bib);
    }
    Ok(data)
}

fn bib(node: &Node<'_>, mms: MmsId, repository: &RepositoryIdentifier) -> Result<Bib, String> {
    let held = match node.attribute("status") {
        Some("deleted") => Held::Deleted,
        Some("no-metadata") => Held::NoMetadata,
        Some(other) => return Err(format!("the status `{other}` is not known")),
        None => Held::Marc(marc_record(node.record()?)?),
    };
    let mut representations = Vec::new();
    for node in node.children("representation") {
        representations.push(Representation {
            originating_record_id: node.attribute("originating-record-id").map(str::to_owned),
            delivery_url: node.required("delivery-url")?,
            label: node.attribute("label").map(str::to_owned),
            local: node.attribute("local") == Some("true"),
        });
    }
    Ok(Bib::new(mms, repository, node.datestamp()?, node.sets_of(), representations, held))
}

fn marc_record(xml: &str) -> Result<Marc, String> {
    let marc = marc::read(xml).map_err(|error| error.to_string())?;
    if marc.problems.is_empty() { Ok(marc) } else { Err(marc.problems.join("; ")) }
}

fn read_rosetta(xml: &str) -> Result<RosettaData, String> {
    let file = Node::read(xml, "rosetta")?;
    let mut data = RosettaData { repository: file.repository()?, sets: file.sets()?, entities: Vec::new() };
    for node in file.children("ie") {
        let pid = IePid::parse(&node.required("pid")?).map_err(|error| error.to_string())?;
        let within = |reason| format!("{pid}: {reason}");
        let dc = match node.attribute("status") {
            Some("deleted") => None,
            Some(other) => return Err(within(format!("the status `{other}` is not known"))),
            None => Some(node.record().and_then(dc_record).map_err(within)?),
        };
        let mut entity = Entity::ie(&pid, &data.repository, node.datestamp()?, node.sets_of(), dc);
        entity.locked_by = node.attribute("locked-by").map(str::to_owned);
        data.entities.push(entity);
    }
    for node in file.children("collection") {
        let id = node.required("id")?;
        let dc = node.record().and_then(dc_record).map_err(|reason| format!("collection {id}: {reason}"))?;
        data.entities.push(Entity::collection(&id, &data.repository, node.datestamp()?, node.sets_of(), dc));
    }
    Ok(data)
}

fn dc_record(xml: &str) -> Result<Dc, String> {
    let read = dc_xml::read_record(xml).map_err(|error| error.to_string())?;
    if read.misfits.is_empty() { Ok(read.dc) } else { Err(read.misfits.join("; ")) }
}

/// An element of a file down to the records, which are kept as they stand there.
struct Node<'x> {
    name: &'x str,
    attributes: Vec<(&'x str, String)>,
    children: Vec<Node<'x>>,
    /// From the start tag to the end tag, for records.
    xml: &'x str,
}

/// The file, what it lists, and what belongs to that.
const DEEPEST: usize = 3;

impl<'x> Node<'x> {
    fn read(xml: &'x str, root_name: &str) -> Result<Self, String> {
        let mut elements = Elements::new(xml).map_err(|error| error.to_string())?;
        let mut open: Vec<(usize, Node<'x>)> = Vec::new();
        let (mut depth, mut root) = (0, None);
        while let Some(piece) = elements.next().map_err(|error: xml::Error| error.to_string())? {
            match piece {
                Piece::Start(start) => {
                    depth += 1;
                    if depth <= DEEPEST {
                        let attributes = elements.attributes().iter();
                        let attributes = attributes.map(|it| (it.local, it.value.clone().into_owned())).collect();
                        let node = Node { name: start.local, attributes, children: Vec::new(), xml: "" };
                        open.push((elements.offset(), node));
                    }
                }
                Piece::End => {
                    if depth <= DEEPEST
                        && let Some((from, mut node)) = open.pop()
                    {
                        node.xml = element_at(xml, from, elements.offset());
                        match open.last_mut() {
                            Some((_, parent)) => parent.children.push(node),
                            None => root = Some(node),
                        }
                    }
                    depth -= 1;
                }
                Piece::Text(_) | Piece::Cdata(_) | Piece::Character(_) => {}
            }
        }
        match root {
            Some(node) if node.name == root_name => Ok(node),
            Some(node) => Err(format!("the root is <{}>, not <{root_name}>", node.name)),
            None => Err("there is no root element".to_owned()),
        }
    }

    fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node<'x>> {
        self.children.iter().filter(move |node| node.name == name)
    }

    fn record(&self) -> Result<&'x str, String> {
        self.children("record").next().map(|node| node.xml).ok_or_else(|| "there is no <record>".to_owned())
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    fn required(&self, name: &str) -> Result<String, String> {
        let missing = || format!("<{}> has no attribute {name}", self.name);
        self.attribute(name).map(str::to_owned).ok_or_else(missing)
    }

    fn repository(&self) -> Result<RepositoryIdentifier, String> {
        RepositoryIdentifier::parse(&self.required("repository-identifier")?).map_err(|error| error.to_string())
    }

    fn sets(&self) -> Result<Vec<Set>, String> {
        let set = |node: &Node<'_>| Ok(Set { spec: node.required("spec")?, name: node.required("name")? });
        self.children("set").map(set).collect()
    }

    fn sets_of(&self) -> Vec<String> {
        self.attribute("sets").unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    }

    fn datestamp(&self) -> Result<Timestamp, String> {
        let text = self.required("datestamp")?;
        Timestamp::parse(&text).ok_or_else(|| format!("`{text}` is not a datestamp"))
    }
}

/// The text from a start tag to the end of the end tag that begins at `end`.
fn element_at(xml: &str, start: usize, end: usize) -> &str {
    let length = xml[end..].find('>').map_or(0, |at| at + 1);
    &xml[start..end + length]
}
