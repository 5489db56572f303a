//! Reads the flat `dc:record` that a stylesheet makes, and says what of it a flat record cannot hold.

use super::{Element, walk};
use crate::model::dc::{Dc, Field};
use crate::xml;
use std::cmp::Ordering;

/// A record as far as it is flat, and in words everything else that stood in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRead {
    pub dc: Dc,
    /// Empty for a record that may be written: what stands here would be lost.
    pub misfits: Vec<String>,
}

/// A thing with the byte at which it begins.
type At<T> = (usize, T);

/// What is flat of a record, and what is not, each with its place.
type FieldsAndMisfits = (Vec<At<Field>>, Vec<At<String>>);

/// Reads a record whose root must be `dc:record` and whose children are fields without children.
pub fn read_record(xml: &str) -> Result<RecordRead, xml::Error> {
    let (fields, misfits) = read_record_at(xml)?;
    let dc = Dc { fields: fields.into_iter().map(|(_, field)| field).collect() };
    Ok(RecordRead { dc, misfits: misfits.into_iter().map(|(_, misfit)| misfit).collect() })
}

/// Reads the record whose start tag begins at a byte of a larger document, with the prefixes that the document declares.
pub(crate) fn read_record_inside(xml: &str, start: usize) -> Result<RecordRead, xml::Error> {
    let (mut fields, mut misfits, mut inside) = (Vec::with_capacity(16), Vec::new(), Vec::new());
    let mut is_done = false;
    // An element is visited at its end tag: what begins behind the record's start tag and comes before the record itself
    // is inside of it.
    walk(xml, |element, parent| match (is_done, element.offset.cmp(&start), parent) {
        (false, Ordering::Greater, Some(parent)) if parent.offset == start => {
            fields.push((element.offset, element.take_field()));
        }
        (false, Ordering::Greater, Some(parent)) => {
            inside.push((element.offset, format!("the element {} inside {}", element.name(), parent.name())));
        }
        (false, Ordering::Equal, _) => {
            misfits_of_root(element, &mut misfits);
            is_done = true;
        }
        (_, Ordering::Less | Ordering::Equal | Ordering::Greater, _) => {}
    })?;
    misfits.append(&mut inside);
    misfits.sort_by_key(|(offset, _)| *offset);
    let dc = Dc { fields: fields.into_iter().map(|(_, field)| field).collect() };
    Ok(RecordRead { dc, misfits: misfits.into_iter().map(|(_, misfit)| misfit).collect() })
}

pub(crate) fn read_record_at(xml: &str) -> Result<FieldsAndMisfits, xml::Error> {
    let (mut fields, mut misfits) = (Vec::with_capacity(16), Vec::new());
    walk(xml, |element, parent| match (element.depth, parent) {
        (1, _) | (_, None) => misfits_of_root(element, &mut misfits),
        (2, Some(_)) => fields.push((element.offset, element.take_field())),
        (_, Some(parent)) => {
            misfits.push((element.offset, format!("the element {} inside {}", element.name(), parent.name())));
        }
    })?;
    misfits.sort_by_key(|(offset, _)| *offset);
    Ok((fields, misfits))
}

fn misfits_of_root(root: &Element, misfits: &mut Vec<At<String>>) {
    let mut add = |misfit: String| misfits.push((root.offset, misfit));
    if !root.is_dc_record() {
        add(format!("the root element is {}, not dc:record", root.name()));
    }
    let text = root.text.as_str();
    if !xml::is_blank(text) {
        add(format!("text outside of the fields: {}", text.trim().chars().take(60).collect::<String>()));
    }
    let Some(attributes) = &root.attributes else { return };
    if attributes.xsi_type.is_some() {
        add("an xsi:type on the root element".to_owned());
    }
    if let Some(lang) = &attributes.lang {
        add(format!("xml:lang=\"{lang}\" on the root element"));
    }
    for attribute in &attributes.others {
        add(format!("the attribute {}=\"{}\" on the root element", attribute.name, attribute.value));
    }
}
