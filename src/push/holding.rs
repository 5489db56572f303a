//! Holdings: 852 from a template, the body that adds or changes one, and what Alma says of one.

use super::alma_xml;
use super::bib::Suppress;
use super::marc::{self, DataField, Field, MarcRecord, Namespace, Subfield};
use super::source_facts::Identity;
use super::template::Template;
use crate::failure::{Advise, Kind};
use crate::xml::{self, push_element};

/// How 852 is made, beside library and location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldingTemplate {
    /// Whose scheme the call number is of: `0` Library of Congress, `8` another, such as the repository's own. The old plugin
    /// wrote `0` before "MS 7".
    pub ind1: char,
    /// How the shelves are ordered; blank for nothing said.
    pub ind2: char,
    /// Code and template of each further subfield, in the order in which they are written: $h, $i, $k, $z.
    pub subfields: Vec<(char, Template)>,
}

impl Default for HoldingTemplate {
    /// $h with the identifiers, in the repository's own scheme.
    fn default() -> Self {
        let all = Template::parse("{id_0} {id_1} {id_2} {id_3}").expect("a template of ours");
        HoldingTemplate { ind1: '8', ind2: ' ', subfields: vec![('h', all)] }
    }
}

/// A holding as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldingPlan {
    /// Alma's codes.
    pub library: String,
    pub location: String,
    /// 852, with $b and $c first.
    pub field: DataField,
    pub suppress: Suppress,
    /// Six digits, `220403`: 008/00-05 of a new holding.
    pub entered: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("`{0}` is no first indicator of 852: expected a blank or 0 to 8")]
    Scheme(char),
    #[error("`{0}` is no second indicator of 852: expected a blank or 0 to 2")]
    Shelving(char),
    #[error("852 ${0} cannot be filled: library and location are Alma's codes, and others are small letters or digits")]
    Code(char),
    #[error("the resource has nothing of what `{0}` names")]
    NoCallNumber(String),
    #[error("`{0}` is no date of entry: expected six digits, as in 220403")]
    Entered(String),
    #[error("the holding {holding_id} has {count} fields 852 for other places than {library} {location}")]
    NotItsPlace { holding_id: String, count: usize, library: String, location: String },
    #[error("Alma's answer is not XML")]
    Xml(#[from] xml::Error),
    #[error("Alma's answer holds no holding with an id")]
    NotAHolding,
    #[error("the record of the holding {holding_id} cannot be read")]
    Record { holding_id: String, source: marc::Error },
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        match self {
            Error::Scheme(_) | Error::Shelving(_) | Error::Code(_) => Kind::Configuration,
            Error::NoCallNumber(_) | Error::NotItsPlace { .. } => Kind::NeedsAPerson,
            Error::Entered(_) | Error::Xml(_) | Error::NotAHolding | Error::Record { .. } => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Error::Scheme(_) | Error::Shelving(_) => {
                Some("8 is for numbers of the repository's own, 0 for those of LC".to_owned())
            }
            Error::NotItsPlace { .. } => Some("move the holding in Alma, or let a new one be added".to_owned()),
            Error::Code(_) | Error::NoCallNumber(_) | Error::Entered(_) | Error::Xml(_) | Error::NotAHolding => None,
            Error::Record { source, .. } => source.hint(),
        }
    }
}

impl HoldingTemplate {
    /// Refuses a template that could never make a right 852.
    pub fn check(&self) -> Result<(), Error> {
        if !" 012345678".contains(self.ind1) {
            return Err(Error::Scheme(self.ind1));
        }
        if !" 012".contains(self.ind2) {
            return Err(Error::Shelving(self.ind2));
        }
        let is_ours = |code: char| (code.is_ascii_lowercase() || code.is_ascii_digit()) && !matches!(code, 'b' | 'c');
        match self.subfields.iter().find(|(code, _)| !is_ours(*code)) {
            Some((code, _)) => Err(Error::Code(*code)),
            None => Ok(()),
        }
    }

    /// The holding of a resource at a place. Of several subfields those that come out empty are left out, but $h must not.
    pub fn plan(
        &self,
        (library, location): (&str, &str),
        identity: &Identity,
        suppress: Suppress,
        entered: &str,
    ) -> Result<HoldingPlan, Error> {
        self.check()?;
        if entered.len() != 6 || !entered.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::Entered(entered.to_owned()));
        }
        let mut field = DataField { ind1: self.ind1, ind2: self.ind2, ..DataField::new("852", "", &[]) };
        field.subfields = vec![Subfield::new("b", library), Subfield::new("c", location)];
        for (code, template) in &self.subfields {
            match template.fill(identity) {
                Some(value) => field.subfields.push(Subfield::new(&code.to_string(), value)),
                None if *code == 'h' => return Err(Error::NoCallNumber(template.as_str().to_owned())),
                None => {}
            }
        }
        let (library, location) = (library.to_owned(), location.to_owned());
        Ok(HoldingPlan { library, location, field, suppress, entered: entered.to_owned() })
    }
}

/// A new holding: what Alma's own template has, with real blanks. The old plugin wrote carets for them.
pub fn new_holding(plan: &HoldingPlan) -> MarcRecord {
    MarcRecord {
        leader: "     nx  a22     1n 4500".to_owned(),
        fields: vec![
            Field::control("008", format!("{}2u    8   4001uueng0000000", plan.entered)),
            Field::Data(plan.field.clone()),
        ],
    }
}

/// A holding of Alma's as it is to be: 852's indicators and the subfields of the plan; all else stays as it is.
///
/// Carets in leader and 008 become blanks: they are the old plugin's, and no code of MARC.
pub fn changed_holding(holding: &Holding, plan: &HoldingPlan) -> Result<MarcRecord, Error> {
    let mut record = holding.record.clone();
    record.leader = record.leader.replace('^', " ");
    if let Some(fixed) = record.control("008").map(|value| value.replace('^', " ")) {
        record.set_control("008", fixed);
    }
    let is_there = |field: &&mut DataField| {
        field.first("b") == Some(plan.library.as_str()) && field.first("c") == Some(plan.location.as_str())
    };
    let count = record.data("852").count();
    let Some(field) = record.data_mut().filter(|field| field.tag == "852").find(is_there) else {
        let (library, location) = (plan.library.clone(), plan.location.clone());
        return Err(Error::NotItsPlace { holding_id: holding.holding_id.clone(), count, library, location });
    };
    (field.ind1, field.ind2) = (plan.field.ind1, plan.field.ind2);
    for subfield in &plan.field.subfields {
        match field.subfields.iter_mut().find(|other| other.code == subfield.code) {
            Some(present) => present.value.clone_from(&subfield.value),
            None => field.subfields.push(subfield.clone()),
        }
    }
    Ok(record)
}

/// The body of a POST or PUT. Alma's schema wants a `holding_id`, and Alma refuses to PUT one (University of Oregon); it is
/// in the path.
pub fn holding_body(record: &MarcRecord, suppress: Suppress) -> String {
    let mut body = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<holding>");
    push_element(&mut body, "suppress_from_publishing", suppress.as_str());
    body.push('\n');
    body + &marc::record(record, Namespace::None) + "</holding>\n"
}

/// What one `<holding>` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    pub holding_id: String,
    pub suppress: Option<Suppress>,
    pub record: MarcRecord,
}

impl Holding {
    /// Codes of library and location, from 852 $b and $c.
    pub fn place(&self) -> Option<(&str, &str)> {
        let field = self.record.data("852").next()?;
        Some((field.first("b")?, field.first("c")?))
    }
}

/// Reads one `<holding>`, as GET, POST and PUT of a single holding answer it.
pub fn read_holding(text: &str) -> Result<Holding, Error> {
    let leaves = alma_xml::leaves(text)?;
    let value = |name: &str| leaves.iter().find(|leaf| leaf.path == name).map(|leaf| leaf.value.trim());
    let holding_id = value("holding/holding_id").filter(|id| !id.is_empty()).ok_or(Error::NotAHolding)?.to_owned();
    let record = marc::read(text).and_then(marc::Reading::whole);
    let record = record.map_err(|source| Error::Record { holding_id: holding_id.clone(), source })?;
    let suppress = value("holding/suppress_from_publishing").and_then(Suppress::read);
    Ok(Holding { holding_id, suppress, record })
}

#[cfg(test)]
mod tests;
