//! Notes, 5XX for the most part: what must not be shown, what was lost on the way, and how they are set.

use super::Job;
use super::agents::{is_name, names_this};
use super::note_text::{as_exported, is_label, is_note, paragraphs, tidy, without_markup};
use super::settings::{Paragraphs, PrivateNotes, ShelfLocation};
use crate::push::marc::{DataField, Field, MarcRecord};
use crate::push::source_facts::{AgentFact, NoteFact};

/// Where the exporter puts notes: 340, 351, 355 and 5XX.
fn is_note_field(field: &DataField) -> bool {
    field.tag.starts_with('5') || matches!(field.tag.as_str(), "340" | "351" | "355")
}

/// The exporter takes single-part notes whatever their publish flag (abstract, physloc, physfacet, langmaterial and others), and
/// leaves the label of a note that it took out.
///
/// A text that another, published note also has is no secret, and stays.
pub(super) fn unpublished(record: &mut MarcRecord, job: &mut Job) {
    record.fields.retain(|field| field.data().is_none_or(|field| !is_bare_label(field)));
    match &job.facts.notes {
        Some(notes) => record.fields.retain(|field| field.data().is_none_or(|field| !is_unpublished(field, notes))),
        None => job.lacks("5XX", "which notes are published"),
    }
    if let Some(agents) = &job.facts.agents {
        record.fields.retain(|field| field.data().is_none_or(|field| !is_of_unpublished_agent(field, agents)));
    }
}

fn is_bare_label(field: &DataField) -> bool {
    field.tag.starts_with('5') && matches!(field.subfields.as_slice(), [only] if is_label(&tidy(&only.value)))
}

fn is_unpublished(field: &DataField, notes: &[NoteFact]) -> bool {
    let [only] = field.subfields.as_slice() else { return false };
    let with = |publish: bool| {
        let notes = notes.iter().filter(move |note| note.publish == publish);
        notes.filter(|note| {
            is_note(&only.value, &as_exported(&note.text)) || is_note(&only.value, &without_markup(&note.text))
        })
    };
    is_note_field(field) && with(false).next().is_some() && with(true).next().is_none()
}

fn is_of_unpublished_agent(field: &DataField, agents: &[AgentFact]) -> bool {
    let named = |publish: bool| agents.iter().any(|agent| agent.publish == publish && names_this(field, agent));
    is_name(&field.tag) && named(false) && !named(true)
}

/// Puts back what the exporter took for markup, and adds the lists, chronologies and defined lists that it left out.
pub(super) fn lost_text(record: &mut MarcRecord, job: &mut Job) {
    let Some(notes) = &job.facts.notes else { return job.lacks("5XX", "the text of the notes") };
    for field in record.data_mut().filter(|field| is_note_field(field)) {
        let [only] = field.subfields.as_mut_slice() else { continue };
        let mut found = notes.iter().filter(|note| note.publish && is_note(&only.value, &as_exported(&note.text)));
        // Of two notes with the same exported text nobody knows which one this is.
        let (Some(note), None) = (found.next(), found.next()) else { continue };
        let (exported, clean) = (tidy(&as_exported(&note.text)), tidy(&without_markup(&note.text)));
        if exported == clean && note.items.is_empty() {
            continue;
        }
        let value = tidy(&only.value);
        let label = value.strip_suffix(exported.as_str()).expect("the note was found by its end");
        let mut parts = vec![format!("{label}{}", without_markup(&note.text).trim())];
        let items: Vec<String> =
            note.items.iter().map(|item| tidy(&without_markup(item))).filter(|item| !item.is_empty()).collect();
        if !items.is_empty() {
            parts.push(items.join("; "));
        }
        let restored = parts.join("\n\n");
        // What is there already is told as it stands.
        if tidy(&restored) != value {
            only.value = restored;
        }
    }
}

/// physloc becomes 500 "Location of resource: …": a shelf code in the public catalogue.
pub(super) fn shelf_location(record: &mut MarcRecord, job: &mut Job) {
    const LABEL: &str = "Location of resource:";
    let location = |field: &DataField| match field.subfields.as_slice() {
        [only] if field.tag == "500" => only.value.trim().strip_prefix(LABEL).map(tidy),
        [..] => None,
    };
    let mut moved = Vec::new();
    record.fields.retain(|field| match field.data().and_then(location) {
        Some(code) => {
            moved.push(code);
            false
        }
        None => true,
    });
    match &job.settings.notes.shelf_location {
        ShelfLocation::Drop => {}
        ShelfLocation::MoveTo { tag, code } => {
            let code = code.to_string();
            let field =
                |value: &String| Field::Data(DataField::new(tag, "", &[(code.as_str(), value.trim_end_matches('.'))]));
            record.fields.extend(moved.iter().map(field));
        }
    }
}

/// 541, 561 and 583 name donors, prices and conservators; the exporter sets their first indicator by the publish flag alone.
pub(super) fn private(record: &mut MarcRecord, job: &mut Job) {
    let is_private = |tag: &str| matches!(tag, "541" | "561" | "583");
    match job.settings.notes.private {
        PrivateNotes::Mark => {
            record.data_mut().filter(|field| is_private(&field.tag)).for_each(|field| field.ind1 = '0')
        }
        PrivateNotes::Drop => record.fields.retain(|field| !is_private(field.tag())),
    }
}

/// The exporter leaves line breaks between paragraphs and blanks where markup was.
pub(super) fn white_space(record: &mut MarcRecord, job: &mut Job) {
    let splits = job.settings.notes.paragraphs == Paragraphs::Split;
    let mut fields = Vec::with_capacity(record.fields.len());
    for mut field in record.fields.drain(..) {
        let Field::Data(data) = &mut field else {
            fields.push(field);
            continue;
        };
        if !is_note_field(data) {
            fields.push(field);
            continue;
        }
        match (splits, data.subfields.as_slice()) {
            (true, [only]) if paragraphs(&only.value).len() > 1 => {
                let code = only.code.clone();
                fields.extend(paragraphs(&only.value).iter().map(|paragraph| {
                    let subfields = [(code.as_str(), paragraph.as_str())];
                    let field = DataField::new(&data.tag, "", &subfields);
                    Field::Data(DataField { ind1: data.ind1, ind2: data.ind2, ..field })
                }));
            }
            (true | false, [..]) => {
                for subfield in &mut data.subfields {
                    subfield.value = tidy(&subfield.value);
                }
                fields.push(field);
            }
        }
    }
    record.fields = fields;
}
