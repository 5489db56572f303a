//! A Dublin Core record as a list of fields, and when two of them say the same.

use sha2::{Digest as _, Sha256};
use std::fmt;

pub const DC: &str = "http://purl.org/dc/elements/1.1/";
pub const DCTERMS: &str = "http://purl.org/dc/terms/";
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The namespace of a field's element or of its xsi:type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Vocabulary {
    Dc,
    Dcterms,
    /// Any other namespace URI; empty for none.
    Other(String),
}

impl Vocabulary {
    pub fn of(uri: &str) -> Self {
        match uri {
            DC => Vocabulary::Dc,
            // Alma's qualified DC has been seen with both URIs of DC terms.
            DCTERMS | "http://purl.org/dc/terms/1.1/" => Vocabulary::Dcterms,
            other => Vocabulary::Other(other.to_owned()),
        }
    }

    pub fn uri(&self) -> &str {
        match self {
            Vocabulary::Dc => DC,
            Vocabulary::Dcterms => DCTERMS,
            Vocabulary::Other(uri) => uri,
        }
    }
}

/// An xsi:type: resolved, or as written when its prefix is declared nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum XsiType {
    Name(Vocabulary, String),
    Undeclared(String),
}

impl fmt::Display for XsiType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            XsiType::Name(vocabulary, name) => write_name(out, vocabulary, name),
            XsiType::Undeclared(text) => out.write_str(text),
        }
    }
}

/// An attribute other than xsi:type and xml:lang: namespace URI (empty for none), local name, value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Attribute {
    pub namespace: String,
    pub name: String,
    pub value: String,
}

/// One element of a record with its value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Field {
    pub vocabulary: Vocabulary,
    pub element: String,
    pub xsi_type: Option<XsiType>,
    pub lang: Option<String>,
    pub attributes: Vec<Attribute>,
    pub value: String,
}

impl Field {
    /// The field as Rosetta names it: `dc:subject@dcterms:LCSH`.
    pub fn key(&self) -> FieldKey<'_> {
        FieldKey(self)
    }

    /// The same without the language.
    pub fn name(&self) -> String {
        let mut name = self.key().to_string();
        if let Some(lang) = &self.lang {
            name.truncate(name.len() - lang.len() - " []".len());
        }
        name
    }

    pub fn is_empty(&self) -> bool {
        self.value.trim().is_empty()
    }

    /// Whether two values are the same, and of the same type, language and attributes.
    pub fn says_the_same_as(&self, other: &Field) -> bool {
        Canonical::of(self) == Canonical::of(other)
    }
}

/// Displays the name of a field without its value.
pub struct FieldKey<'a>(&'a Field);

impl fmt::Display for FieldKey<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_name(out, &self.0.vocabulary, &self.0.element)?;
        if let Some(xsi_type) = &self.0.xsi_type {
            write!(out, "@{xsi_type}")?;
        }
        match &self.0.lang {
            Some(lang) => write!(out, " [{lang}]"),
            None => Ok(()),
        }
    }
}

fn write_name(out: &mut fmt::Formatter<'_>, vocabulary: &Vocabulary, name: &str) -> fmt::Result {
    match vocabulary {
        Vocabulary::Dc => write!(out, "dc:{name}"),
        Vocabulary::Dcterms => write!(out, "dcterms:{name}"),
        Vocabulary::Other(uri) if uri.is_empty() => out.write_str(name),
        Vocabulary::Other(uri) => write!(out, "{{{uri}}}{name}"),
    }
}

/// A Dublin Core record, fields in document order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dc {
    pub fields: Vec<Field>,
}

/// The identity of a record's content: equal for records that say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentDigest(pub [u8; 32]);

impl Dc {
    /// The fields that count when records are compared: without empty ones, trimmed, sorted, each once.
    ///
    /// Field order, empty elements, outer white space, exact duplicates and the choice of prefixes do not count;
    /// xsi:type, xml:lang and unknown attributes do.
    pub fn canonical(&self) -> Vec<Canonical<'_>> {
        let mut fields: Vec<Canonical<'_>> =
            self.fields.iter().filter(|field| !field.is_empty()).map(Canonical::of).collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    pub fn says_the_same_as(&self, other: &Dc) -> bool {
        self.canonical() == other.canonical()
    }

    pub fn digest(&self) -> ContentDigest {
        let mut hash = Sha256::new();
        for field in self.canonical() {
            for part in [field.vocabulary.uri(), field.element, field.value] {
                add(&mut hash, part);
            }
            match field.xsi_type {
                None => add(&mut hash, ""),
                Some(XsiType::Name(vocabulary, name)) => {
                    add(&mut hash, vocabulary.uri());
                    add(&mut hash, name);
                }
                Some(XsiType::Undeclared(text)) => {
                    add(&mut hash, "?");
                    add(&mut hash, text);
                }
            }
            add(&mut hash, field.lang.unwrap_or_default());
            hash.update((field.attributes.len() as u64).to_le_bytes());
            for attribute in &field.attributes {
                add(&mut hash, &attribute.namespace);
                add(&mut hash, &attribute.name);
                add(&mut hash, &attribute.value);
            }
        }
        ContentDigest(hash.finalize().into())
    }

    /// The first value of dc:title or dcterms:title that is not empty.
    pub fn title(&self) -> Option<&str> {
        let is_title = |field: &&Field| {
            field.element == "title" && !matches!(field.vocabulary, Vocabulary::Other(_)) && !field.is_empty()
        };
        self.fields.iter().find(is_title).map(|field| field.value.trim())
    }

    pub fn is_empty(&self) -> bool {
        self.fields.iter().all(Field::is_empty)
    }
}

/// Lengths go first so that no two different lists of texts run together into one.
fn add(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text.as_bytes());
}

/// A field as it counts in a comparison.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Canonical<'a> {
    vocabulary: &'a Vocabulary,
    element: &'a str,
    value: &'a str,
    xsi_type: Option<&'a XsiType>,
    lang: Option<&'a str>,
    attributes: Vec<&'a Attribute>,
}

impl<'a> Canonical<'a> {
    fn of(field: &'a Field) -> Self {
        let mut attributes: Vec<&Attribute> = field.attributes.iter().collect();
        attributes.sort_unstable();
        Canonical {
            vocabulary: &field.vocabulary,
            element: &field.element,
            value: field.value.trim(),
            xsi_type: field.xsi_type.as_ref(),
            lang: field.lang.as_deref(),
            attributes,
        }
    }

    fn to_field(&self) -> Field {
        Field {
            vocabulary: self.vocabulary.clone(),
            element: self.element.to_owned(),
            xsi_type: self.xsi_type.cloned(),
            lang: self.lang.map(str::to_owned),
            attributes: self.attributes.iter().map(|attribute| (*attribute).clone()).collect(),
            value: self.value.to_owned(),
        }
    }
}

/// One line of a comparison: a value that only one side has, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Kept(Field),
    Removed(Field),
    Added(Field),
}

/// What turning `before` into `after` would remove, add and keep, sorted by field.
pub fn difference(before: &Dc, after: &Dc) -> Vec<Change> {
    let (before, after) = (before.canonical(), after.canonical());
    let mut changes: Vec<Change> = Vec::with_capacity(before.len() + after.len());
    for field in &before {
        let kept = after.binary_search(field).is_ok();
        let field = field.to_field();
        changes.push(if kept { Change::Kept(field) } else { Change::Removed(field) });
    }
    for field in after {
        if before.binary_search(&field).is_err() {
            changes.push(Change::Added(field.to_field()));
        }
    }
    changes.sort_by(|a, b| a.field().cmp_name(b.field()));
    changes
}

/// The names of the fields, languages aside, of which values would come or go; sorted, each once.
pub fn changed_fields(before: &Dc, after: &Dc) -> Vec<String> {
    let changes = difference(before, after).into_iter();
    let touched = changes.filter_map(|change| match change {
        Change::Kept(_) => None,
        Change::Removed(field) | Change::Added(field) => Some(field.name()),
    });
    touched.collect::<std::collections::BTreeSet<String>>().into_iter().collect()
}

impl Change {
    pub fn field(&self) -> &Field {
        match self {
            Change::Kept(field) | Change::Removed(field) | Change::Added(field) => field,
        }
    }
}

impl Field {
    fn cmp_name(&self, other: &Field) -> std::cmp::Ordering {
        (&self.vocabulary, &self.element).cmp(&(&other.vocabulary, &other.element))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(element: &str, value: &str) -> Field {
        Field {
            vocabulary: Vocabulary::Dc,
            element: element.to_owned(),
            xsi_type: None,
            lang: None,
            attributes: Vec::new(),
            value: value.to_owned(),
        }
    }

    fn check(left: Vec<Field>, right: Vec<Field>, same: bool) {
        let (left, right) = (Dc { fields: left }, Dc { fields: right });
        assert_eq!(left.says_the_same_as(&right), same);
        assert_eq!(left.digest() == right.digest(), same, "the digest must agree with the comparison");
    }

    #[test]
    fn order_empties_outer_space_and_duplicates_do_not_count() {
        let messy = vec![field("date", ""), field("title", " A\n"), field("creator", "B"), field("title", "A")];
        check(messy, vec![field("creator", "B"), field("title", "A")], true);
    }

    #[test]
    fn type_language_and_attributes_count() {
        let plain = field("subject", "Cats");
        let mut typed = plain.clone();
        typed.xsi_type = Some(XsiType::Name(Vocabulary::Dcterms, "LCSH".to_owned()));
        let mut spoken = plain.clone();
        spoken.lang = Some("en".to_owned());
        let mut marked = plain.clone();
        marked.attributes.push(Attribute { namespace: String::new(), name: "type".to_owned(), value: "x".to_owned() });
        for other in [&typed, &spoken, &marked] {
            check(vec![plain.clone()], vec![other.clone()], false);
        }
        assert_eq!(typed.key().to_string(), "dc:subject@dcterms:LCSH");
        assert_eq!(spoken.key().to_string(), "dc:subject [en]");
        assert_eq!(spoken.name(), "dc:subject");
    }

    #[test]
    fn texts_do_not_run_together_in_the_digest() {
        check(vec![field("a", "bc")], vec![field("ab", "c")], false);
    }

    #[test]
    fn a_difference_names_each_value_once() {
        let before = Dc { fields: vec![field("title", "Old"), field("date", "1888")] };
        let after = Dc { fields: vec![field("date", "1888"), field("title", "New")] };
        let expected = vec![
            Change::Kept(field("date", "1888")),
            Change::Removed(field("title", "Old")),
            Change::Added(field("title", "New")),
        ];
        assert_eq!(difference(&before, &after), expected);
    }
}
