//! Our own 035: `(ASPACE-INST)/repositories/2/resources/1`, by which a bib is known to describe a resource.

use super::marc::{DataField, Field, MarcRecord};
use crate::failure::{Advise, Kind};

/// A prefix, with its parentheses, and the resource's URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnMark {
    prefix: String,
    uri: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMark {
    #[error("`{0}` is no prefix of a control number: expected a name in parentheses, as in (ASPACE-INST)")]
    Prefix(String),
    #[error("`{0}` is no URI of a resource: expected a path as in /repositories/2/resources/1")]
    Uri(String),
}

impl Advise for InvalidMark {
    fn kind(&self) -> Kind {
        Kind::Configuration
    }
}

/// What the marks in a record say of whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// It carries our mark.
    Ours,
    /// It carries a mark with our prefix, of another resource: what is there.
    Other(Vec<String>),
    /// It carries no mark with our prefix: it is not overwritten unless a person adopts it.
    Nobody,
}

impl OwnMark {
    /// Takes the URI as REST gives it, and both forms of the OAI identifier (`oai:archivesspace//repositories/…` up to
    /// ArchivesSpace 3.5, `oai:archivesspace:/repositories/…` from 4.0 on), which are one resource.
    pub fn new(prefix: &str, uri: &str) -> Result<Self, InvalidMark> {
        let name = prefix.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or_default();
        let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '(' | ')');
        if name.is_empty() || !name.chars().all(fits) {
            return Err(InvalidMark::Prefix(prefix.to_owned()));
        }
        let uri = canonical_uri(uri).ok_or_else(|| InvalidMark::Uri(uri.to_owned()))?;
        Ok(OwnMark { prefix: prefix.to_owned(), uri })
    }

    /// What stands in 035 $a, and what Alma is asked for by `other_system_id`.
    pub fn value(&self) -> String {
        format!("{}{}", self.prefix, self.uri)
    }

    pub fn uri(&self) -> &str {
        &self.uri
    }

    pub fn field(&self) -> DataField {
        DataField::new("035", "", &[("a", &self.value())])
    }

    /// Whether the field is this mark, in whatever form its URI is written.
    pub fn is(&self, field: &Field) -> bool {
        self.uris_in(field).any(|uri| canonical_uri(uri).is_some_and(|uri| uri == self.uri))
    }

    /// Whether the field is a mark with our prefix, of this resource or another.
    pub fn is_of_ours(&self, field: &Field) -> bool {
        self.uris_in(field).next().is_some()
    }

    /// Whose record this is. A record with marks of two resources is another's: nobody may guess which one it describes.
    pub fn owner(&self, record: &MarcRecord) -> Owner {
        let (mut ours, mut others) = (false, Vec::new());
        for field in record.fields_with("035").filter(|field| self.is_of_ours(field)) {
            if self.is(field) {
                ours = true;
            } else {
                others.extend(self.uris_in(field).map(|uri| format!("{}{uri}", self.prefix)));
            }
        }
        match (ours, others.is_empty()) {
            (_, false) => Owner::Other(others),
            (true, true) => Owner::Ours,
            (false, true) => Owner::Nobody,
        }
    }

    fn uris_in<'f>(&'f self, field: &'f Field) -> impl Iterator<Item = &'f str> {
        let field = field.data().filter(|field| field.tag == "035");
        let values = field.into_iter().flat_map(|field| field.values("a"));
        values.filter_map(|value| value.trim().strip_prefix(self.prefix.as_str()).map(str::trim))
    }
}

/// `/repositories/2/resources/1` from any form in which ArchivesSpace names it; `None` for what names no resource.
fn canonical_uri(text: &str) -> Option<String> {
    let at = text.find("/repositories/")?;
    let before = &text[..at];
    let is_identifier = before.strip_prefix("oai:").is_some_and(|name| !name.contains(char::is_whitespace));
    if !(before.is_empty() || before == "/" || is_identifier) {
        return None;
    }
    let parts: Vec<&str> = text[at + 1..].split('/').collect();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        ["repositories", repository, "resources", resource] if is_number(repository) && is_number(resource) => {
            Some(format!("/repositories/{repository}/resources/{resource}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> OwnMark {
        OwnMark::new("(ASPACE-INST)", "/repositories/2/resources/1").unwrap()
    }

    #[test]
    fn all_forms_of_a_resource_are_one_mark() {
        for form in ["//repositories/2/resources/1", "oai:archivesspace//repositories/2/resources/1"] {
            assert_eq!(OwnMark::new("(ASPACE-INST)", form), Ok(mark()), "{form}");
        }
        let new = "oai:archivesspace:/repositories/2/resources/1";
        assert_eq!(OwnMark::new("(ASPACE-INST)", new).unwrap().value(), "(ASPACE-INST)/repositories/2/resources/1");
    }

    #[test]
    fn what_names_no_resource_or_has_no_parentheses_is_refused() {
        for uri in
            ["", "/repositories/2/archival_objects/1", "/repositories/2/resources/", "/repositories/2/resources/1/x"]
        {
            assert_eq!(OwnMark::new("(A)", uri), Err(InvalidMark::Uri(uri.to_owned())));
        }
        for prefix in ["", "ASPACE", "()", "(A B)", "(A)(B)"] {
            let refused = Err(InvalidMark::Prefix(prefix.to_owned()));
            assert_eq!(OwnMark::new(prefix, "/repositories/2/resources/1"), refused);
        }
    }

    #[test]
    fn the_owner_of_a_record_is_read_from_its_marks() {
        let check = |numbers: &[&str], expected: Owner| {
            let fields = numbers.iter().map(|number| Field::Data(DataField::new("035", "", &[("a", number)])));
            let record = MarcRecord { leader: String::new(), fields: fields.collect() };
            assert_eq!(mark().owner(&record), expected, "{numbers:?}");
        };
        let other = || Owner::Other(vec!["(ASPACE-INST)/repositories/2/resources/11".to_owned()]);
        check(&["(OCoLC)1", "(ASPACE-INST)/repositories/2/resources/1"], Owner::Ours);
        check(&["(ASPACE-INST)oai:archivesspace//repositories/2/resources/1"], Owner::Ours);
        check(&["(ASPACE-INST)/repositories/2/resources/11"], other());
        check(&["(ASPACE-INST)/repositories/2/resources/1", "(ASPACE-INST)/repositories/2/resources/11"], other());
        check(&["(ASPACE-OTHER)/repositories/2/resources/1", "/repositories/2/resources/1"], Owner::Nobody);
        check(&[], Owner::Nobody);
    }
}
