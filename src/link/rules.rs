//! By which rules IEs are linked: everything of a profile that decides what is written, checked.

use crate::model::dc::Dc;
use crate::model::field_name::FieldName;
use crate::model::fixity::Fixity;
use crate::model::id::MmsId;
use crate::profile::Review;
use std::collections::{BTreeMap, BTreeSet};

/// A number of the planning itself: whoever changes what is made of the same input raises it.
const VERSION: u32 = 1;

#[derive(Debug, Clone)]
pub struct LinkRules {
    pub pointer: Pointer,
    /// `None`: an IE for which no bib is found gets none.
    pub new_bibs: Option<NewBibs>,
    pub find: Vec<FindRule>,
    /// IEs of these sets of Rosetta's feed only; `None`: of all.
    pub sets: Option<Vec<String>>,
    /// Of the stylesheet.
    pub parameters: BTreeMap<String, String>,
    pub review: Review,
}

/// What every remote representation says alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// The code of the remote repository.
    pub repository: String,
    pub library: String,
    pub usage_type: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBibs {
    pub suppressed: bool,
    /// Where Alma wants a bib in a collection before it takes a representation.
    pub collection: Option<String>,
}

/// An identifier in an IE's description by which Alma knows the bib.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindRule {
    pub field: FieldName,
    /// What its values begin with, which is not a part of the identifier.
    pub begins: String,
    pub names: Names,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// Behind this prefix it is an 035 of the bib.
    OtherSystemId {
        prefix: String,
    },
    MmsId,
}

/// What Alma is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    OtherSystemId(String),
    Mms(String),
}

impl std::fmt::Display for Asked {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Asked::OtherSystemId(number) => write!(out, "035 {number}"),
            Asked::Mms(mms) => write!(out, "MMS ID {mms}"),
        }
    }
}

impl LinkRules {
    /// Names everything that decides about a plan: when it is another one, everything is planned again.
    pub fn fingerprint(&self) -> Fixity {
        Fixity::of(format!("{VERSION} {self:?}").as_bytes())
    }

    /// What the rules find in a description to ask Alma for, each once.
    pub fn asked(&self, dc: &Dc) -> BTreeSet<Asked> {
        self.find.iter().flat_map(|rule| rule.asked(dc)).collect()
    }
}

impl FindRule {
    fn asked<'r>(&'r self, dc: &'r Dc) -> impl Iterator<Item = Asked> + 'r {
        let fields = dc.fields.iter().filter(|field| self.field.speaks_for(field));
        let values = fields.filter_map(|field| field.value.trim().strip_prefix(self.begins.as_str()));
        values.map(str::trim).filter(|rest| !rest.is_empty()).filter_map(|rest| match &self.names {
            Names::OtherSystemId { prefix } => Some(Asked::OtherSystemId(format!("{prefix}{rest}"))),
            Names::MmsId => MmsId::parse(rest).ok().map(|mms| Asked::Mms(mms.to_string())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dc_xml::read_record;

    fn check(begins: &str, names: Names, values: &[&str], expected: &[&str]) {
        let fields: String = values.iter().map(|value| format!("<dc:identifier>{value}</dc:identifier>")).collect();
        let xml = format!(
            "<dc:record xmlns:dc=\"http://purl.org/dc/elements/1.1/\">{fields}<dc:title>urn:1</dc:title></dc:record>"
        );
        let rule = FindRule { field: FieldName::parse("dc:identifier").unwrap(), begins: begins.to_owned(), names };
        let asked: Vec<String> = rule.asked(&read_record(&xml).unwrap().dc).map(|asked| asked.to_string()).collect();
        assert_eq!(asked, expected, "{values:?}");
    }

    #[test]
    fn identifiers_are_asked_for_as_alma_knows_them() {
        let oclc = || Names::OtherSystemId { prefix: "(OCoLC)".to_owned() };
        check("ocm", oclc(), &["ocm123", " ocm7 ", "ocm", "123"], &["035 (OCoLC)123", "035 (OCoLC)7"]);
        check("urn:ControlNumber:", Names::MmsId, &["urn:ControlNumber:991", "urn:ControlNumber:x"], &["MMS ID 991"]);
    }
}
