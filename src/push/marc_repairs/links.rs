//! 856: links to the finding aid and to the resource's ARK.

use super::Job;
use crate::push::marc::{DataField, Field, MarcRecord, Subfield};

/// A resource with `ead_location` and ARK has one 856 with `$z $u $z $u`.
pub(super) fn one_link_a_field(record: &mut MarcRecord, _: &mut Job) {
    let mut fields = Vec::with_capacity(record.fields.len());
    for field in record.fields.drain(..) {
        match field {
            Field::Data(data) if data.tag == "856" && data.values("u").count() > 1 => {
                fields.extend(links(data).into_iter().map(Field::Data));
            }
            Field::Data(_) | Field::Control { .. } => fields.push(field),
        }
    }
    record.fields = fields;
}

/// A label stands before its address; what follows the last address belongs to it.
fn links(field: DataField) -> Vec<DataField> {
    let mut links: Vec<DataField> = Vec::new();
    let mut current: Vec<Subfield> = Vec::new();
    for subfield in field.subfields {
        let is_address = subfield.code == "u";
        current.push(subfield);
        if is_address {
            links.push(DataField {
                tag: field.tag.clone(),
                ind1: field.ind1,
                ind2: field.ind2,
                subfields: std::mem::take(&mut current),
            });
        }
    }
    if let Some(last) = links.last_mut() {
        last.subfields.append(&mut current);
    }
    links
}

/// The only word of the finding aid is `$z Finding aid online:`; 856 has $3 for what a link leads to.
pub(super) fn finding_aid(record: &mut MarcRecord, job: &mut Job) {
    let label = job.settings.finding_aid_label.as_str();
    for field in record.data_mut().filter(|field| field.tag == "856" && !field.has("3")) {
        let labels = [("Finding aid online:", label), ("Archival Resource Key:", "Archival Resource Key")];
        let known = |subfield: &Subfield| {
            let text = subfield.value.trim();
            labels
                .iter()
                .find(|(said, _)| subfield.code == "z" && text.eq_ignore_ascii_case(said))
                .map(|(_, what)| *what)
        };
        let Some((at, what)) = field.subfields.iter().enumerate().find_map(|(at, s)| known(s).map(|what| (at, what)))
        else {
            continue;
        };
        field.subfields.remove(at);
        field.subfields.insert(0, Subfield::new("3", what));
    }
    let Some(address) = job.facts.identity.finding_aid.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
        return;
    };
    if !record.data("856").any(|field| field.values("u").any(|url| url.trim() == address)) {
        record.fields.push(Field::Data(DataField::new("856", "42", &[("3", label), ("u", address)])));
    }
}
