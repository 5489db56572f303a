//! The bib as it is to be in Alma: ArchivesSpace's repaired record and Alma's present one made one, by the rules of their tags.

mod difference;
mod leader;

pub use difference::{Change, Kept, difference};
pub use leader::LeaderRule;

use super::marc::{Field, MarcRecord, positions, with_positions};
use super::own_mark::OwnMark;
use super::tag_rules::{TagRule, TagRules};
use std::collections::BTreeSet;

/// Where a field of the merged record is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    ArchivesSpace,
    Alma,
    /// Both had it, the same.
    Both,
    /// 008 with Alma's date of entry in ArchivesSpace's field.
    Mixed,
    /// Our own 035, which neither had.
    Ours,
}

impl Source {
    /// As people and programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::ArchivesSpace => "archivesspace",
            Source::Alma => "alma",
            Source::Both => "both",
            Source::Mixed => "mixed",
            Source::Ours => "ours",
        }
    }

    /// As it is kept.
    pub fn letter(self) -> char {
        match self {
            Source::ArchivesSpace => 's',
            Source::Alma => 'a',
            Source::Both => 'b',
            Source::Mixed => 'm',
            Source::Ours => 'o',
        }
    }
}

/// A record to be written, and what became of both records on the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub record: MarcRecord,
    /// For each field of the record, in its order, where it is from.
    pub sources: Vec<Source>,
    /// Fields of Alma that will be gone, or that others take the place of; 008 only where there is more than one.
    pub lost: Vec<Field>,
    /// Fields of ArchivesSpace that are not sent, because a rule gives their tag to Alma.
    pub not_sent: Vec<Field>,
}

/// What the merge goes by.
#[derive(Debug, Clone, Copy)]
pub struct MergeRules<'a> {
    pub tags: &'a TagRules,
    pub leader: LeaderRule,
    pub mark: &'a OwnMark,
}

/// Merges, in numeric order. Merging the result again with the same record of ArchivesSpace changes nothing.
///
/// Whatever the rules: 001, 003 and 005 are never ArchivesSpace's, for Alma has its own and compares 005 when it is asked
/// whether the record is stale; 008/00-05, the date of entry, stays Alma's, for ArchivesSpace has the time of the last change
/// there; Alma's other control fields stay; our own 035 stands exactly once.
pub fn merge(archivesspace: &MarcRecord, alma: Option<&MarcRecord>, rules: MergeRules) -> Merged {
    let mut merging = Merging { rules, fields: Vec::new(), lost: Vec::new(), not_sent: Vec::new() };
    let none = MarcRecord::default();
    let present = alma.unwrap_or(&none);
    let tags: BTreeSet<&str> = archivesspace.fields.iter().chain(&present.fields).map(Field::tag).collect();
    for tag in tags {
        let sent: Vec<&Field> = archivesspace.fields_with(tag).filter(|field| !rules.mark.is(field)).collect();
        let held: Vec<&Field> = present.fields_with(tag).filter(|field| !rules.mark.is(field)).collect();
        match tag {
            "001" | "003" | "005" => merging.give_to_alma(&sent, &held),
            "008" => merging.fixed_field(&sent, &held),
            _ if alma.is_none() => merging.push_all(&sent, Source::ArchivesSpace),
            _ if tag.starts_with("00") && sent.is_empty() => merging.push_all(&held, Source::Alma),
            _ => merging.by_rule(rules.tags.of(tag), &sent, &held),
        }
    }
    merging.mark(archivesspace, present);
    merging.fields.sort_by(|(one, _), (other, _)| one.tag().cmp(other.tag()));
    let (fields, sources) = merging.fields.into_iter().unzip();
    let mut record = MarcRecord { leader: String::new(), fields };
    record.leader = leader::merged(&archivesspace.leader, alma, &record, rules.leader);
    Merged { record, sources, lost: merging.lost, not_sent: merging.not_sent }
}

struct Merging<'a> {
    rules: MergeRules<'a>,
    fields: Vec<(Field, Source)>,
    lost: Vec<Field>,
    not_sent: Vec<Field>,
}

impl Merging<'_> {
    fn push_all(&mut self, fields: &[&Field], source: Source) {
        self.fields.extend(fields.iter().map(|field| ((*field).clone(), source)));
    }

    fn by_rule(&mut self, rule: TagRule, sent: &[&Field], held: &[&Field]) {
        match rule {
            TagRule::FromAlma => self.give_to_alma(sent, held),
            TagRule::Union => {
                self.push_compared(held, sent, Source::Alma);
                let new: Vec<&Field> =
                    sent.iter().filter(|field| !held.iter().any(|h| is_same(h, field))).copied().collect();
                self.push_all(&new, Source::ArchivesSpace);
            }
            TagRule::FromArchivesSpace | TagRule::KeepLocal => {
                self.push_compared(sent, held, Source::ArchivesSpace);
                for field in held.iter().filter(|field| !sent.contains(field)) {
                    if rule == TagRule::KeepLocal && self.rules.tags.is_local(field) {
                        self.fields.push(((*field).clone(), Source::Alma));
                    } else {
                        self.lost.push((*field).clone());
                    }
                }
                self.lose_doubles(sent, held);
            }
        }
    }

    fn give_to_alma(&mut self, sent: &[&Field], held: &[&Field]) {
        self.push_compared(held, sent, Source::Alma);
        self.not_sent.extend(sent.iter().filter(|field| !held.contains(field)).map(|field| (*field).clone()));
    }

    /// Takes all fields of one side, and notes of each whether the other side has it too.
    fn push_compared(&mut self, taken: &[&Field], others: &[&Field], source: Source) {
        for field in taken {
            let source = if others.contains(field) { Source::Both } else { source };
            self.fields.push(((*field).clone(), source));
        }
    }

    /// A field that Alma holds twice and ArchivesSpace once loses one of its copies, and that is said.
    fn lose_doubles(&mut self, sent: &[&Field], held: &[&Field]) {
        let count = |fields: &[&Field], field: &Field| fields.iter().filter(|other| **other == field).count();
        let distinct: BTreeSet<&Field> = held.iter().filter(|field| sent.contains(field)).copied().collect();
        for field in distinct {
            let surplus = count(held, field).saturating_sub(count(sent, field));
            self.lost.extend(std::iter::repeat_n(field.clone(), surplus));
        }
    }

    /// 008: ArchivesSpace's, with the six characters in which Alma keeps the date of entry.
    fn fixed_field(&mut self, sent: &[&Field], held: &[&Field]) {
        let value = |fields: &[&Field]| match fields.first() {
            Some(Field::Control { value, .. }) => Some(value.clone()),
            Some(Field::Data(_)) | None => None,
        };
        let keeps_alma = self.rules.tags.of("008") == TagRule::FromAlma;
        let (Some(ours), Some(theirs), false) = (value(sent), value(held), keeps_alma) else {
            if held.is_empty() {
                self.push_all(&sent[..1], Source::ArchivesSpace);
                self.not_sent.extend(sent[1..].iter().map(|field| (*field).clone()));
            } else {
                self.give_to_alma(sent, held);
            }
            return;
        };
        let dated = positions(&theirs, 0..6).and_then(|entered| with_positions(&ours, 0, &entered));
        // An 008 too short to have a date of entry is no 008; the better of the two is the longer one.
        let merged = dated.unwrap_or_else(|| if theirs.len() > ours.len() { theirs.clone() } else { ours.clone() });
        let source = match (merged == theirs, merged == ours) {
            (true, true) => Source::Both,
            (true, false) => Source::Alma,
            (false, true) => Source::ArchivesSpace,
            (false, false) => Source::Mixed,
        };
        self.fields.push((Field::Control { tag: "008".to_owned(), value: merged }, source));
        self.lost.extend(held.iter().skip(1).map(|field| (*field).clone()));
        self.not_sent.extend(sent.iter().skip(1).map(|field| (*field).clone()));
    }

    /// Our own 035, once, with whatever else its field says in Alma.
    fn mark(&mut self, archivesspace: &MarcRecord, alma: &MarcRecord) {
        let mark = self.rules.mark;
        let mut held = alma.fields_with("035").filter(|field| mark.is(field));
        let was_sent = archivesspace.fields_with("035").any(|field| mark.is(field));
        let (field, source) = match (held.next(), was_sent) {
            (Some(field), true) => (field.clone(), Source::Both),
            (Some(field), false) => (field.clone(), Source::Alma),
            (None, true) => (Field::Data(mark.field()), Source::ArchivesSpace),
            (None, false) => (Field::Data(mark.field()), Source::Ours),
        };
        self.fields.push((field, source));
        self.lost.extend(held.cloned());
    }
}

/// Whether a union would show the same thing twice: the same subfields but for outer blanks and final punctuation.
fn is_same(one: &Field, other: &Field) -> bool {
    let (Field::Data(one), Field::Data(other)) = (one, other) else { return one == other };
    let plain = |value: &str| value.trim().trim_end_matches([' ', '.', ',', ':', ';', '/']).to_owned();
    let list = |field: &super::marc::DataField| {
        field.subfields.iter().map(|subfield| (subfield.code.clone(), plain(&subfield.value))).collect::<Vec<_>>()
    };
    (one.ind1, one.ind2) == (other.ind1, other.ind2) && list(one) == list(other)
}

#[cfg(test)]
mod tests;
