//! What a push would change in a bib, field by field, as page and terminal show it.

use super::{Merged, Source};
use crate::push::marc::{Field, MarcRecord};
use std::collections::BTreeSet;

/// One field before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub kept: Kept,
    /// `LDR` for the leader.
    pub tag: String,
    /// As librarians write it; `None` where Alma has no such field.
    pub before: Option<String>,
    pub after: Option<String>,
    /// Where the field after is from; `None` for one that goes away.
    pub source: Option<Source>,
}

/// What becomes of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Kept,
    Changed,
    Added,
    Removed,
}

/// Every field of both records exactly once, in numeric order: unchanged ones too, for a side-by-side view.
///
/// Of fields that differ, those with one tag and the most words in common are shown as one that changed.
pub fn difference(alma: Option<&MarcRecord>, merged: &Merged) -> Vec<Change> {
    let mut before: Vec<Option<&Field>> = alma.iter().flat_map(|record| &record.fields).map(Some).collect();
    let mut changes = vec![leader_change(alma, &merged.record)];
    let mut pending = Vec::new();
    for (field, source) in merged.record.fields.iter().zip(&merged.sources) {
        match before.iter_mut().find(|other| **other == Some(field)) {
            Some(found) => {
                *found = None;
                changes.push(change(Kept::Kept, Some(field), Some(field), Some(*source)));
            }
            None => pending.push((field, *source)),
        }
    }
    let mut gone: Vec<&Field> = before.into_iter().flatten().collect();
    for (field, source) in pending {
        let partner = most_alike(field, &gone);
        changes.push(match partner {
            Some(at) => change(Kept::Changed, Some(gone.remove(at)), Some(field), Some(source)),
            None => change(Kept::Added, None, Some(field), Some(source)),
        });
    }
    changes.extend(gone.into_iter().map(|field| change(Kept::Removed, Some(field), None, None)));
    let order = |change: &Change| if change.tag == "LDR" { String::new() } else { change.tag.clone() };
    changes.sort_by_key(order);
    changes
}

fn leader_change(alma: Option<&MarcRecord>, merged: &MarcRecord) -> Change {
    let before = alma.map(|record| record.leader.clone());
    let kept = match &before {
        None => Kept::Added,
        Some(leader) if *leader == merged.leader => Kept::Kept,
        Some(_) => Kept::Changed,
    };
    Change { kept, tag: "LDR".to_owned(), before, after: Some(merged.leader.clone()), source: None }
}

fn change(kept: Kept, before: Option<&Field>, after: Option<&Field>, source: Option<Source>) -> Change {
    let tag = before.or(after).map(|field| field.tag().to_owned()).unwrap_or_default();
    Change { kept, tag, before: before.map(Field::to_string), after: after.map(Field::to_string), source }
}

/// The field with this one's tag that shares the most words with it; the only one with its tag even when it shares none.
fn most_alike(field: &Field, gone: &[&Field]) -> Option<usize> {
    let words = |field: &Field| -> BTreeSet<String> {
        let text = field.to_string().to_lowercase();
        text.split(|c: char| !c.is_alphanumeric()).skip(1).filter(|word| word.len() > 1).map(str::to_owned).collect()
    };
    let own = words(field);
    let same_tag: Vec<usize> = (0..gone.len()).filter(|at| gone[*at].tag() == field.tag()).collect();
    if let [only] = same_tag.as_slice() {
        return Some(*only);
    }
    let shared = |at: usize| words(gone[at]).intersection(&own).count();
    same_tag
        .into_iter()
        .map(|at| (shared(at), at))
        .filter(|(count, _)| *count > 0)
        .max_by_key(|(c, at)| (*c, usize::MAX - at))
        .map(|(_, at)| at)
}
