//! Representations: how a bib of Alma's points at an IE of Rosetta's.

use super::answers::{document, is_true, named, total_of};
use super::id::RepresentationId;
use crate::xml::push_element;
use crate::xml::tree::Element;

/// A representation as Alma answers with it. A list shows no linking parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representation {
    pub id: RepresentationId,
    pub is_remote: bool,
    pub label: Option<String>,
    pub repository: Option<String>,
    /// The OAI identifier of the IE, as a rule; some repositories put a URN there.
    pub originating_record_id: Option<String>,
    pub linking_parameter_1: Option<String>,
    pub delivery_url: Option<String>,
}

/// A remote representation that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteRepresentation {
    pub library: String,
    /// A code of Alma's, as in `PRESERVATION_MASTER` or `DERIVATIVE_COPY`.
    pub usage_type: String,
    /// The code of the remote repository in Alma.
    pub repository: String,
    pub originating_record_id: String,
    pub linking_parameter_1: String,
    pub label: Option<String>,
    pub public_note: Option<String>,
}

impl RemoteRepresentation {
    /// What is sent, and what is kept of it.
    pub fn body(&self) -> String {
        let mut body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<representation is_remote=\"true\">".to_owned();
        let members = [
            ("library", Some(&self.library)),
            ("label", self.label.as_ref()),
            ("public_note", self.public_note.as_ref()),
            ("usage_type", Some(&self.usage_type)),
            ("repository", Some(&self.repository)),
            ("originating_record_id", Some(&self.originating_record_id)),
            ("linking_parameter_1", Some(&self.linking_parameter_1)),
        ];
        for (name, value) in members {
            if let Some(value) = value {
                push_element(&mut body, name, value);
            }
        }
        body + "</representation>\n"
    }
}

impl Representation {
    fn read(element: &Element<'_>) -> Result<Self, String> {
        named(element, "representation")?;
        let text = |name: &str| element.text_of(name).map(str::to_owned);
        // An attribute; in some answers an element.
        let is_remote = element.attribute("is_remote").or_else(|| element.text_of("is_remote"));
        let id = element.text_of("id").ok_or("no id")?;
        Ok(Representation {
            id: RepresentationId::parse(id).map_err(|error| error.to_string())?,
            is_remote: is_remote.is_some_and(is_true),
            label: text("label"),
            repository: text("repository"),
            originating_record_id: text("originating_record_id"),
            linking_parameter_1: text("linking_parameter_1"),
            delivery_url: text("delivery_url"),
        })
    }

    pub(super) fn read_one(xml: &str) -> Result<Self, String> {
        Representation::read(&document(xml)?)
    }

    /// One page of a list, and how long the list is.
    pub(super) fn read_page(xml: &str) -> Result<(Vec<Self>, usize), String> {
        let list = document(xml)?;
        named(&list, "representations")?;
        let page = list.children_named("representation").map(Representation::read).collect::<Result<_, String>>()?;
        Ok((page, total_of(&list)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_representation_of_rosetta_is_read() {
        // As the National Library of New Zealand has them (2021).
        let one = Representation::read_one(
            "<representation is_remote=\"true\" link=\"x\"><id>32361841600002836</id><library desc=\"The Alexander Turnbull Library\">ATL</library>\
             <label>iss.01APR21</label><repository desc=\"National Digital Heritage Archive\">NDHA_PROD-OAIDC01</repository>\
             <originating_record_id>oai:d4I1-pubam:IE66796195</originating_record_id><linking_parameter_1>IE66796195</linking_parameter_1>\
             <linking_parameter_2></linking_parameter_2></representation>",
        );
        let one = one.unwrap();
        assert!(one.is_remote);
        assert_eq!(one.originating_record_id.as_deref(), Some("oai:d4I1-pubam:IE66796195"));
        assert_eq!((one.linking_parameter_1.as_deref(), one.delivery_url), (Some("IE66796195"), None));
        assert!(Representation::read_one("<representation><label/></representation>").is_err());
    }

    #[test]
    fn the_body_of_a_new_one_holds_what_alma_wants_and_nothing_that_it_makes_itself() {
        let body = RemoteRepresentation {
            library: "ATL".to_owned(),
            usage_type: "PRESERVATION_MASTER".to_owned(),
            repository: "ROSETTA".to_owned(),
            originating_record_id: "oai:r:IE1".to_owned(),
            linking_parameter_1: "IE1".to_owned(),
            label: Some("A & B".to_owned()),
            public_note: None,
        };
        let body = body.body();
        assert!(
            body.contains(
                "<representation is_remote=\"true\"><library>ATL</library><label>A &amp; B</label><usage_type>"
            ),
            "{body}"
        );
        assert!(!body.contains("public_note") && !body.contains("delivery_url"));
    }
}
