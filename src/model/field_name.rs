//! How a profile names fields: `dc:subject@dcterms:LCSH`, `dc:subject`, `dcterms:*`, `*`.

use super::dc::{DC, DCTERMS, Field, Vocabulary};
use std::fmt;

/// A name that speaks for one field or for many. Without `@` it speaks for all types of its element, untyped included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldName {
    /// `None` for any.
    vocabulary: Option<Vocabulary>,
    /// `None` for any.
    element: Option<String>,
    /// The xsi:type as Rosetta writes it; `None` for any and for none.
    xsi_type: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFieldName {
    #[error("`{0}` is no name of a field: write dc:subject, dc:subject@dcterms:LCSH, dcterms:* or *")]
    Shape(String),
    #[error("`{name}` has the prefix `{prefix}`: use dc or dcterms, and {{namespace URI}}name for anything else")]
    Prefix { name: String, prefix: String },
}

impl FieldName {
    pub fn parse(text: &str) -> Result<Self, InvalidFieldName> {
        let text = text.trim();
        let shape = || InvalidFieldName::Shape(text.to_owned());
        if text == "*" {
            return Ok(FieldName { vocabulary: None, element: None, xsi_type: None });
        }
        let (vocabulary, rest) = match text.strip_prefix('{') {
            Some(braced) => {
                let (uri, rest) = braced.split_once('}').ok_or_else(shape)?;
                (Vocabulary::of(uri), rest)
            }
            None => {
                let (prefix, rest) = text.split_once(':').ok_or_else(shape)?;
                let uri = match prefix {
                    "dc" => DC,
                    "dcterms" => DCTERMS,
                    other => {
                        return Err(InvalidFieldName::Prefix { name: text.to_owned(), prefix: other.to_owned() });
                    }
                };
                (Vocabulary::of(uri), rest)
            }
        };
        let (element, xsi_type) = match rest.split_once('@') {
            Some((element, xsi_type)) => (element, Some(xsi_type)),
            None => (rest, None),
        };
        let is_word = |word: &str| !word.is_empty() && !word.contains([' ', '@', '*', '{', '}']);
        match (element, xsi_type) {
            ("*", None) => Ok(FieldName { vocabulary: Some(vocabulary), element: None, xsi_type: None }),
            (element, xsi_type) if is_word(element) && xsi_type.is_none_or(is_word) => Ok(FieldName {
                vocabulary: Some(vocabulary),
                element: Some(element.to_owned()),
                xsi_type: xsi_type.map(str::to_owned),
            }),
            (_, _) => Err(shape()),
        }
    }

    /// Whether it speaks for a field. The language of a field has no say in it.
    pub fn speaks_for(&self, field: &Field) -> bool {
        let is_type = |wanted: &str| field.xsi_type.as_ref().is_some_and(|actual| actual.to_string() == wanted);
        self.vocabulary.as_ref().is_none_or(|vocabulary| *vocabulary == field.vocabulary)
            && self.element.as_ref().is_none_or(|element| *element == field.element)
            && self.xsi_type.as_deref().is_none_or(is_type)
    }

    /// The more is said, the more it counts: a type over an element, an element over a namespace, a namespace over all.
    pub fn weight(&self) -> u8 {
        [self.vocabulary.is_some(), self.element.is_some(), self.xsi_type.is_some()].into_iter().map(u8::from).sum()
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let element = self.element.as_deref().unwrap_or("*");
        match &self.vocabulary {
            None => out.write_str("*")?,
            Some(Vocabulary::Dc) => write!(out, "dc:{element}")?,
            Some(Vocabulary::Dcterms) => write!(out, "dcterms:{element}")?,
            Some(Vocabulary::Other(uri)) => write!(out, "{{{uri}}}{element}")?,
        }
        match &self.xsi_type {
            Some(xsi_type) => write!(out, "@{xsi_type}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::dc::XsiType;

    fn check(name: &str, speaks_for: &[&str]) {
        let plain = |vocabulary: Vocabulary, element: &str, xsi_type: Option<XsiType>| Field {
            vocabulary,
            element: element.to_owned(),
            xsi_type,
            lang: Some("he".to_owned()),
            attributes: Vec::new(),
            value: "x".to_owned(),
        };
        let lcsh = XsiType::Name(Vocabulary::Dcterms, "LCSH".to_owned());
        let fields = [
            ("subject", plain(Vocabulary::Dc, "subject", None)),
            ("lcsh", plain(Vocabulary::Dc, "subject", Some(lcsh))),
            ("pid", plain(Vocabulary::Dc, "identifier", Some(XsiType::Name(Vocabulary::of(""), "PID".to_owned())))),
            ("undeclared", plain(Vocabulary::Dc, "identifier", Some(XsiType::Undeclared("hbz:hbzId".to_owned())))),
            ("rights", plain(Vocabulary::Dcterms, "accessRights", None)),
            ("foreign", plain(Vocabulary::of("http://slv/terms/"), "fileName", None)),
        ];
        let name = FieldName::parse(name).unwrap();
        let spoken: Vec<&str> = fields.iter().filter(|(_, f)| name.speaks_for(f)).map(|(label, _)| *label).collect();
        assert_eq!(spoken, speaks_for, "{name}");
        assert_eq!(FieldName::parse(&name.to_string()), Ok(name));
    }

    #[test]
    fn a_name_speaks_for_what_it_says_and_for_all_it_leaves_open() {
        check("dc:subject", &["subject", "lcsh"]);
        check("dc:subject@dcterms:LCSH", &["lcsh"]);
        check("dc:identifier@PID", &["pid"]);
        check("dc:identifier@hbz:hbzId", &["undeclared"]);
        check("dc:*", &["subject", "lcsh", "pid", "undeclared"]);
        check("dcterms:*", &["rights"]);
        check("{http://slv/terms/}fileName", &["foreign"]);
        check("{http://slv/terms/}*", &["foreign"]);
        check("*", &["subject", "lcsh", "pid", "undeclared", "rights", "foreign"]);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "subject", "dc:", "dc:subject@", "dc:sub*", "dct:subject", "dc:*@x", "{http://x", "dc:a b"] {
            assert!(FieldName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_more_a_name_says_the_more_it_counts() {
        let weights =
            ["*", "dc:*", "dc:subject", "dc:subject@dcterms:LCSH"].map(|n| FieldName::parse(n).unwrap().weight());
        assert!(weights.is_sorted_by(|a, b| a < b), "{weights:?}");
    }
}
