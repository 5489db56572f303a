//! Bibs: read one or many, look up by 035, make, replace, delete.

use super::asked::{Asked, Done};
use super::catalogue::{Bib, Catalogue, controlfield, created_on, numbers_of, shown};
use super::refusal::Refusal;
use super::schema;
use super::shape::{Member, Shape};
use crate::marc::{self, Marc};
use crate::xml::tree::{Element, tree};

/// A hundred MMS IDs a call, says the documentation.
const MOST: usize = 100;

pub(super) fn list(catalogue: &Catalogue, asked: &Asked) -> Result<Done, Refusal> {
    let found: Vec<(&String, &Bib)> = match (asked.option("mms_id"), asked.option("other_system_id")) {
        (Some(wanted), _) => {
            let wanted: Vec<&str> = wanted.split(',').map(str::trim).filter(|mms| !mms.is_empty()).collect();
            if wanted.len() > MOST {
                return Err(Refusal::new("402215", format!("Up to {MOST} values are allowed for mms_id.")));
            }
            wanted.iter().filter_map(|mms| catalogue.bibs.get_key_value(*mms)).collect()
        }
        (None, Some(number)) => catalogue.bibs_with_number(number, asked.now).collect(),
        (None, None) => return Err(Refusal::missing_field("mms_id")),
    };
    if found.iter().any(|(mms, _)| catalogue.broken.contains(*mms)) {
        return Err(Refusal::general());
    }
    let bibs: Vec<Shape> = found.iter().map(|(mms, bib)| whole(mms, bib, asked, &[])).collect();
    // Alma sends no count in XML (php-alma-client), and null or the number in JSON.
    let count = if bibs.is_empty() { Shape::count(0) } else { ("total_record_count", Shape::Missing) };
    Ok(Done::Told("bibs", Shape::Object(vec![("bib", Shape::Many(bibs)), count])))
}

pub(super) fn read(catalogue: &Catalogue, mms: &str, asked: &Asked) -> Result<Done, Refusal> {
    let bib = catalogue.bib(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    if catalogue.broken.contains(mms) {
        return Err(Refusal::general());
    }
    Ok(Done::Told("bib", whole(mms, bib, asked, &[])))
}

pub(super) fn create(catalogue: &mut Catalogue, asked: &Asked) -> Result<Done, Refusal> {
    let sent = Sent::read(asked)?;
    let warnings = sent.validated(catalogue, asked, None)?;
    let mms = catalogue.number("99");
    let mut bib = Bib {
        record: Marc::default(),
        // The default that the plugin's README complains of.
        suppressed: sent.suppress.unwrap_or(true),
        created: asked.now,
        modified: asked.now.minus(std::time::Duration::from_secs(1)),
        locked_by: None,
        holdings: Vec::new(),
        representations: Vec::new(),
    };
    bib.save(sent.record, &mms, asked.now);
    let told = whole(&mms, &bib, asked, &warnings);
    catalogue.unpublished.insert(mms.clone());
    catalogue.bibs.insert(mms, bib);
    Ok(Done::Told("bib", told))
}

/// Takes the whole record for the old one: what is not sent is lost.
pub(super) fn update(catalogue: &mut Catalogue, mms: &str, asked: &Asked) -> Result<Done, Refusal> {
    let sent = Sent::read(asked)?;
    let warnings = sent.validated(catalogue, asked, Some(mms))?;
    let bib = catalogue.bibs.get_mut(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    if let Some(by) = bib.locked_by.as_ref().filter(|_| !asked.switch("override_lock", true)) {
        return Err(Refusal::failed(format!("the record is locked by {by}")));
    }
    let is_stale = controlfield(&sent.record, "005") != controlfield(&bib.record, "005");
    if is_stale && asked.switch("stale_version_check", false) {
        return Err(Refusal::failed("the version of the record is stale"));
    }
    // Whether Alma keeps the flag of which nothing is said is not known: the worse is played.
    bib.suppressed = sent.suppress.unwrap_or(true);
    bib.save(sent.record, mms, asked.now);
    catalogue.unpublished.insert(mms.to_owned());
    let bib = catalogue.bib(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    Ok(Done::Told("bib", whole(mms, bib, asked, &warnings)))
}

pub(super) fn delete(catalogue: &mut Catalogue, mms: &str, asked: &Asked) -> Result<Done, Refusal> {
    let bib = catalogue.bib(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    let has_inventory = !bib.holdings.is_empty() || !bib.representations.is_empty();
    if has_inventory && !asked.switch("override", false) {
        return Err(Refusal::new("402214", "Failed to delete bib: the record has inventory."));
    }
    catalogue.bibs.remove(mms);
    catalogue.unpublished.insert(mms.to_owned());
    Ok(Done::Nothing)
}

/// A body that was taken apart.
struct Sent {
    record: Marc,
    suppress: Option<bool>,
}

impl Sent {
    fn read(asked: &Asked) -> Result<Self, Refusal> {
        let invalid = |why: String| Refusal::new("402209", format!("Given bib xml is invalid: {why}"));
        let root = tree(asked.xml_body()?).map_err(|error| invalid(error.to_string()))?;
        schema::bib(&root).map_err(invalid)?;
        let flag = root.text_of("suppress_from_publishing").map(|text| text.eq_ignore_ascii_case("true"));
        Ok(Sent { record: record_in(&root).map_err(invalid)?, suppress: flag })
    }

    /// What Alma would warn of; refused where warnings or errors are not to be passed over.
    fn validated(&self, catalogue: &Catalogue, asked: &Asked, own: Option<&str>) -> Result<Vec<String>, Refusal> {
        let (validate, check_match) = (asked.switch("validate", false), asked.switch("check_match", false));
        let override_warning = asked.switch("override_warning", true);
        if !override_warning && !validate && !check_match {
            return Err(Refusal::failed("override_warning cannot be false without validate or check_match"));
        }
        if validate && self.record.fields("245").next().is_none() {
            return Err(Refusal::new("4022032", "Validation failed: Field 245 is mandatory."));
        }
        let mut warnings = Vec::new();
        if validate && controlfield(&self.record, "008").is_none() {
            warnings.push("Field 008 is missing.".to_owned());
        }
        if check_match {
            let numbers: Vec<&str> = numbers_of(&self.record).collect();
            let others = numbers.iter().flat_map(|number| catalogue.bibs_with_number(number, asked.now));
            let others = others.filter(|(mms, _)| own != Some(mms.as_str()));
            warnings.extend(others.map(|(mms, _)| format!("A match was found: {mms}.")));
        }
        if !warnings.is_empty() && !override_warning {
            return Err(Refusal::new("4022033", format!("Validation failed: {}", warnings.join(" "))));
        }
        Ok(warnings)
    }
}

/// The MARC record in a body; nothing of it may be lost in reading.
pub(super) fn record_in(root: &Element<'_>) -> Result<Marc, String> {
    let record = root.child("record").ok_or("record is missing")?;
    let marc = marc::read(record.xml).map_err(|error| error.to_string())?;
    match marc.problems.first() {
        None => Ok(marc),
        Some(problem) => Err(problem.clone()),
    }
}

fn whole(mms: &str, bib: &Bib, asked: &Asked, warnings: &[String]) -> Shape {
    let holdings = asked.link(&format!("/bibs/{mms}/holdings"));
    let mut members: Vec<Member> = vec![
        ("mms_id", Shape::text(mms)),
        ("record_format", Shape::text("marc21")),
        ("linked_record_id", Shape::Typed(String::new(), None)),
    ];
    members.extend(described(bib));
    members.extend([
        ("holdings", Shape::Object(vec![Shape::link(holdings)])),
        ("created_by", Shape::text("exl_api")),
        ("created_date", Shape::Text(created_on(bib.created))),
        ("last_modified_by", Shape::text("exl_api")),
        ("last_modified_date", Shape::Text(created_on(bib.modified))),
        ("suppress_from_publishing", Shape::text(bib.suppressed.to_string())),
        ("suppress_from_external_search", Shape::text("false")),
        ("sync_with_oclc", Shape::text("NONE")),
        ("originating_system", Shape::text("01EXAMPLE_INST")),
        ("originating_system_id", Shape::text(mms)),
        ("record", Shape::Record(bib.record.clone())),
        ("requests", Shape::Missing),
        ("link", Shape::Missing),
    ]);
    if !warnings.is_empty() {
        let warnings = warnings.iter().map(|it| Shape::Object(vec![("message", Shape::text(it))])).collect();
        members.push(("warnings", Shape::Object(vec![("warning", Shape::Many(warnings))])));
    }
    Shape::Object(members)
}

/// What Alma shows of the record above it, wherever a bib is named.
pub(super) fn described(bib: &Bib) -> Vec<Member> {
    let record = &bib.record;
    let first = |tags: &[&str], codes: &str| Shape::unless_empty(shown(record, tags, codes));
    vec![
        ("title", first(&["245"], "abnp")),
        ("author", first(&["100", "110", "111"], "a")),
        ("issn", first(&["022"], "a")),
        ("isbn", first(&["020"], "a")),
        ("complete_edition", first(&["250"], "a")),
        ("network_numbers", Shape::NetworkNumbers(numbers_of(record).map(str::to_owned).collect())),
        ("place_of_publication", first(&["260", "264"], "a")),
        ("date_of_publication", first(&["260", "264"], "c")),
        ("publisher_const", first(&["260", "264"], "b")),
    ]
}

/// The bib of holdings and items.
pub(super) fn bib_data(mms: &str, bib: &Bib, asked: &Asked) -> Shape {
    let mut members = vec![Shape::link(asked.link(&format!("/bibs/{mms}"))), ("mms_id", Shape::text(mms))];
    members.extend(described(bib));
    Shape::Object(members)
}
