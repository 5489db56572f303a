//! The form of an answer, written in XML or in JSON: the two differ more than their names say.

use crate::marc::Marc;
use crate::sandbox::alma_formats::write_marc;
use crate::sandbox::xml::Writer;
use serde_json::{Map, Value, json};

/// A named part of an answer.
pub(super) type Member = (&'static str, Shape);

#[derive(Debug, Clone)]
pub(super) enum Shape {
    Text(String),
    /// `null` in JSON, and nothing at all in XML.
    Missing,
    Flag(bool),
    Number(u64),
    /// A code, with what it means as `desc`.
    Code(String, Option<&'static str>),
    /// A value with its kind as `type`.
    Typed(String, Option<&'static str>),
    Object(Vec<Member>),
    /// Repeated elements in XML, an array in JSON.
    Many(Vec<Shape>),
    /// The control numbers: a list of its own in XML, an array with another name in JSON.
    NetworkNumbers(Vec<String>),
    /// An element in XML; in JSON a text that calls itself UTF-16, in a list that calls itself `anies`.
    Record(Marc),
    /// An attribute of its parent in XML, a member like others in JSON.
    Attribute(Box<Shape>),
}

impl Shape {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Shape::Text(text.into())
    }

    /// An element that older answers leave out when it is empty.
    pub(super) fn unless_empty(text: Option<String>) -> Self {
        text.filter(|text| !text.is_empty()).map_or(Shape::Missing, Shape::Text)
    }

    pub(super) fn attribute(shape: Shape) -> Self {
        Shape::Attribute(Box::new(shape))
    }

    pub(super) fn link(link: String) -> Member {
        ("link", Shape::attribute(Shape::Text(link)))
    }

    pub(super) fn count(total: usize) -> Member {
        ("total_record_count", Shape::attribute(Shape::Number(total as u64)))
    }

    pub(super) fn to_xml(&self, root: &str) -> String {
        let mut out = Writer::default();
        self.write(root, &mut out);
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>{}", out.finish())
    }

    fn write(&self, name: &str, out: &mut Writer) {
        match self {
            Shape::Missing | Shape::Attribute(_) => {}
            Shape::Text(text) => out.leaf(name, &[], text),
            Shape::Flag(flag) => out.leaf(name, &[], &flag.to_string()),
            Shape::Number(number) => out.leaf(name, &[], &number.to_string()),
            Shape::Code(value, Some(meaning)) => out.leaf(name, &[("desc", meaning)], value),
            Shape::Typed(value, Some(kind)) => out.leaf(name, &[("type", kind)], value),
            Shape::Code(value, None) | Shape::Typed(value, None) => out.leaf(name, &[], value),
            Shape::Many(list) => list.iter().for_each(|one| one.write(name, out)),
            Shape::NetworkNumbers(numbers) => {
                out.open("network_numbers", &[]);
                numbers.iter().for_each(|number| out.leaf("network_number", &[], number));
                out.close("network_numbers");
            }
            // As Alma has it: in no namespace.
            Shape::Record(record) => write_marc(out, &[], record, &[]),
            Shape::Object(members) => {
                let attributes: Vec<(&str, String)> = members.iter().filter_map(attribute_of).collect();
                let attributes: Vec<(&str, &str)> = attributes.iter().map(|(name, it)| (*name, it.as_str())).collect();
                out.open(name, &attributes);
                members.iter().for_each(|(name, member)| member.write(name, out));
                out.close(name);
            }
        }
    }

    pub(super) fn to_json(&self) -> Value {
        match self {
            Shape::Missing => Value::Null,
            Shape::Text(text) => json!(text),
            Shape::Flag(flag) => json!(flag),
            Shape::Number(number) => json!(number),
            Shape::Code(value, meaning) => json!({"value": value, "desc": meaning}),
            Shape::Typed(value, kind) => json!({"value": value, "type": kind}),
            Shape::Many(list) => Value::Array(list.iter().map(Shape::to_json).collect()),
            Shape::NetworkNumbers(numbers) => json!(numbers),
            Shape::Record(record) => {
                let mut out = Writer::default();
                write_marc(&mut out, &[], record, &[]);
                json!([format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n{}", out.finish())])
            }
            Shape::Attribute(shape) => shape.to_json(),
            Shape::Object(members) => {
                let mut object = Map::new();
                for (name, member) in members {
                    let name = match member {
                        Shape::Record(_) => "anies",
                        Shape::NetworkNumbers(_) => "network_number",
                        _ => name,
                    };
                    object.insert(name.to_owned(), member.to_json());
                }
                Value::Object(object)
            }
        }
    }
}

fn attribute_of((name, member): &Member) -> Option<(&'static str, String)> {
    let Shape::Attribute(shape) = member else { return None };
    match shape.as_ref() {
        Shape::Text(text) => Some((name, text.clone())),
        Shape::Flag(flag) => Some((name, flag.to_string())),
        Shape::Number(number) => Some((name, number.to_string())),
        _ => None,
    }
}
