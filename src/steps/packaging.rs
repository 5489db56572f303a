//! Packaging: the updateMD file that Rosetta's Update Metadata Job takes, and what must not go into one.

mod hold;
mod vocabulary;

pub use hold::holds;

pub(crate) use hold::holds_of_field;

use crate::dc_xml::{self, RecordRead};
use crate::model::dc::Dc;
use crate::model::id::{IePid, InvalidId};
use crate::xml;
use crate::xml::outline::{Node, outline};

/// An old DigiTool namespace without a dot, and really so. Other formats use it too: a file is known by its root's name.
pub const NAMESPACE: &str = "http://com/exlibris/digitool/repository/api/xmlbeans";

/// Writes the file for one IE, in the shape that LIBIS writes and Ex Libris' batch-update article shows.
///
/// The job replaces the whole descriptive MD record of the IE with this one; it never merges.
pub fn write(ie: &IePid, dc: &Dc) -> String {
    // A CDATA section cannot hold its own end; two sections side by side can.
    let content = dc_xml::write_record(dc).replace("]]>", "]]]]><![CDATA[>");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <updateMD xmlns=\"{NAMESPACE}\">\n  \
           <PID>{ie}</PID>\n  \
           <metadata>\n    \
             <type>descriptive</type>\n    \
             <subType>dc</subType>\n    \
             <content><![CDATA[{content}]]></content>\n  \
           </metadata>\n\
         </updateMD>\n"
    )
}

/// An updateMD file as read: of our making or of anybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateMd {
    pub pid: IePid,
    pub parts: Vec<Part>,
}

/// One metadata element: a record to be put in place of the IE's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub kind: PartKind,
    pub sub_type: String,
    /// Names the source MD record to replace; without it, one is added.
    pub mid: Option<String>,
    /// The XML inside, trimmed.
    pub content: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    Descriptive,
    Source,
}

impl PartKind {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "descriptive" => Some(PartKind::Descriptive),
            "source" => Some(PartKind::Source),
            _ => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            PartKind::Descriptive => "descriptive",
            PartKind::Source => "source",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Xml(#[from] xml::Error),
    #[error("the root element is {0}, not updateMD")]
    NotUpdateMd(String),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0} stands more than once")]
    Repeated(&'static str),
    #[error("PID {0}")]
    Pid(InvalidId),
    #[error("the type is `{0}`, neither descriptive nor source")]
    UnknownType(String),
    #[error("the content holds elements instead of a record in CDATA")]
    ContentNotText,
    #[error("more than one descriptive dc record")]
    SeveralDescriptive,
}

/// Reads an updateMD file in any namespace, with the children of `metadata` in any order.
pub fn read(xml: &str) -> Result<UpdateMd, Error> {
    let root = outline(xml)?;
    if root.local != "updateMD" {
        return Err(Error::NotUpdateMd(root.local.to_owned()));
    }
    let pid = IePid::parse(xml::trim(&only(&root, &["PID"], "PID")?.text)).map_err(Error::Pid)?;
    let parts = root.children_named("metadata").map(part).collect::<Result<Vec<Part>, Error>>()?;
    if parts.is_empty() {
        return Err(Error::Missing("metadata"));
    }
    Ok(UpdateMd { pid, parts })
}

impl UpdateMd {
    /// The record that becomes the IE's descriptive MD, when the file has one.
    pub fn dc(&self) -> Result<Option<RecordRead>, Error> {
        let is_dc = |part: &&Part| part.kind == PartKind::Descriptive && part.sub_type == "dc";
        let mut parts = self.parts.iter().filter(is_dc);
        match (parts.next(), parts.next()) {
            (Some(part), None) => Ok(Some(dc_xml::read_record(&part.content)?)),
            (Some(_), Some(_)) => Err(Error::SeveralDescriptive),
            (None, _) => Ok(None),
        }
    }
}

fn part(metadata: &Node) -> Result<Part, Error> {
    let kind = xml::trim(&only(metadata, &["type"], "type")?.text);
    let kind = PartKind::parse(kind).ok_or_else(|| Error::UnknownType(kind.to_owned()))?;
    // Ex Libris' page on the job writes `subtype`, its SOAP description and LIBIS `subType`.
    let sub_type = xml::trim(&only(metadata, &["subType", "subtype"], "subType")?.text).to_owned();
    let content = only(metadata, &["content"], "content")?;
    if !content.children.is_empty() {
        return Err(Error::ContentNotText);
    }
    let mid = match metadata.children_named("mid").count() {
        0 => None,
        _ => Some(xml::trim(&only(metadata, &["mid"], "mid")?.text).to_owned()).filter(|mid| !mid.is_empty()),
    };
    Ok(Part { kind, sub_type, mid, content: xml::trim(&content.text).to_owned() })
}

fn only<'n, 'x>(parent: &'n Node<'x>, names: &[&str], said: &'static str) -> Result<&'n Node<'x>, Error> {
    let mut found = parent.children.iter().filter(|child| names.contains(&child.local));
    match (found.next(), found.next()) {
        (Some(child), None) => Ok(child),
        (None, _) => Err(Error::Missing(said)),
        (Some(_), Some(_)) => Err(Error::Repeated(said)),
    }
}

#[cfg(test)]
mod tests;
