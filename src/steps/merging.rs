//! What Alma says and what Rosetta holds, made into one record by the profile's rules.
//!
//! A field is an element with its xsi:type, each language by itself. With the record last applied as base the merge is
//! three-way: what only one side changed is taken from that side, what both changed differently a person must see.

use crate::model::dc::{Dc, Field, Vocabulary, XsiType};
use crate::model::field_name::FieldName;
use std::collections::BTreeMap;

/// Who decides about a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Alma; what Alma does not say is removed.
    Alma,
    /// Rosetta; what it holds is kept, and nothing is added.
    Rosetta,
    /// Both: every value of either.
    Union,
}

impl Owner {
    fn words(self) -> &'static str {
        match self {
            Owner::Alma => "Alma's",
            Owner::Rosetta => "Rosetta's",
            Owner::Union => "of both",
        }
    }
}

/// The fields that a profile names, and their owners. Of several names for a field the one that says most counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules(Vec<(FieldName, Owner)>);

impl Rules {
    pub fn new(mut named: Vec<(FieldName, Owner)>) -> Self {
        named.sort_by_key(|(name, _)| std::cmp::Reverse(name.weight()));
        Rules(named)
    }

    /// The name and the owner that count for a field; `None` for one that is named nowhere.
    pub fn of(&self, field: &Field) -> Option<(&FieldName, Owner)> {
        self.0.iter().find(|(name, _)| name.speaks_for(field)).map(|(name, owner)| (name, *owner))
    }

    /// `dc:rights Rosetta's, dc:subject of both, the rest Alma's where Alma has it`.
    pub fn words(&self) -> String {
        let mut words: Vec<String> = self.0.iter().map(|(name, owner)| format!("{name} {}", owner.words())).collect();
        words.push("the rest Alma's where Alma has it".to_owned());
        words.join(", ")
    }

    /// Differs when another record might come of the same inputs.
    pub fn fingerprint(&self) -> String {
        self.0.iter().map(|(name, owner)| format!("{name}={owner:?}")).collect::<Vec<_>>().join(",")
    }
}

/// What was last applied, and what Alma alone said then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    pub applied: Dc,
    pub alma: Dc,
}

/// Who a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Alma,
    Rosetta,
    Both,
}

impl Source {
    pub fn as_str(&self) -> &'static str {
        match self {
            Source::Alma => "Alma",
            Source::Rosetta => "Rosetta",
            Source::Both => "both",
        }
    }
}

/// Both sides changed one field since the last application, and differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldConflict {
    pub field: String,
    pub applied: Vec<String>,
    pub rosetta: Vec<String>,
    pub alma: Vec<String>,
}

/// The record that would be written. Where there is a conflict it has Alma's value, and must not be written unseen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    pub dc: Dc,
    /// For each field of `dc`, in its order.
    pub sources: Vec<Source>,
    pub conflicts: Vec<FieldConflict>,
}

/// Merges what Alma says into what Rosetta holds. Empty elements and exact duplicates fall away.
pub fn merge(rules: &Rules, alma: &Dc, rosetta: &Dc, base: Option<&Base>) -> Merged {
    let groups = Groups {
        alma: group(alma),
        rosetta: group(rosetta),
        base: base.map(|base| (group(&base.applied), group(&base.alma))),
    };
    let mut merged = Merged::default();
    let mut done: Vec<Key<'_>> = Vec::new();
    for key in alma.fields.iter().chain(&rosetta.fields).filter(|field| !field.is_empty()).map(Key::of) {
        if let Err(place) = done.binary_search(&key) {
            done.insert(place, key);
            groups.settle(key, rules, &mut merged);
        }
    }
    merged
}

/// One field: an element with its type, in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    vocabulary: &'a Vocabulary,
    element: &'a str,
    xsi_type: Option<&'a XsiType>,
    lang: Option<&'a str>,
}

impl<'a> Key<'a> {
    fn of(field: &'a Field) -> Self {
        let Field { vocabulary, element, xsi_type, lang, attributes: _, value: _ } = field;
        Key { vocabulary, element, xsi_type: xsi_type.as_ref(), lang: lang.as_deref() }
    }
}

/// The values of each field, in the order of the record, none empty and none twice.
type ByField<'a> = BTreeMap<Key<'a>, Vec<&'a Field>>;

fn group(dc: &Dc) -> ByField<'_> {
    let mut groups = ByField::new();
    for field in dc.fields.iter().filter(|field| !field.is_empty()) {
        let values = groups.entry(Key::of(field)).or_default();
        if !has(values, field) {
            values.push(field);
        }
    }
    groups
}

/// Both sides and, when there was an application, what was applied and what Alma said then.
struct Groups<'a> {
    alma: ByField<'a>,
    rosetta: ByField<'a>,
    base: Option<(ByField<'a>, ByField<'a>)>,
}

impl<'a> Groups<'a> {
    fn settle(&self, key: Key<'a>, rules: &Rules, merged: &mut Merged) {
        let (alma, rosetta) = (values(&self.alma, key), values(&self.rosetta, key));
        let Some(one) = alma.first().or(rosetta.first()) else { return };
        let takes_alma = match rules.of(one) {
            Some((_, Owner::Alma)) => true,
            Some((_, Owner::Rosetta)) => false,
            Some((_, Owner::Union)) => {
                let further: Vec<&Field> = rosetta.iter().filter(|value| !has(alma, value)).copied().collect();
                merged.take(alma, Source::Alma, rosetta);
                merged.take(&further, Source::Rosetta, alma);
                return;
            }
            None => self.unnamed(key, one, merged),
        };
        if takes_alma {
            merged.take(alma, Source::Alma, rosetta);
        } else {
            merged.take(rosetta, Source::Rosetta, alma);
        }
    }

    /// A field that no rule names comes from Alma when Alma has it, and stays otherwise; but what Alma did not change
    /// since the last application does not undo what was changed in Rosetta. Answers whether Alma's values are taken.
    fn unnamed(&self, key: Key<'a>, one: &Field, merged: &mut Merged) -> bool {
        let (alma, rosetta) = (values(&self.alma, key), values(&self.rosetta, key));
        let by_default = !alma.is_empty();
        let Some((applied, said)) = &self.base else { return by_default };
        let (applied, said) = (values(applied, key), values(said, key));
        if same(alma, rosetta) {
            return true;
        }
        if same(alma, said) {
            return false;
        }
        // What Rosetta had was once preferred to what Alma said: then it is not Alma's, whoever changed it first.
        let was_kept = !same(applied, said) && !said.is_empty();
        if was_kept || !same(rosetta, applied) {
            let texts = |values: &[&Field]| values.iter().map(|field| field.value.trim().to_owned()).collect();
            merged.conflicts.push(FieldConflict {
                field: one.key().to_string(),
                applied: texts(applied),
                rosetta: texts(rosetta),
                alma: texts(alma),
            });
        }
        by_default
    }
}

impl Merged {
    /// Adds values of one side; those that the other side has, too, come from both.
    fn take(&mut self, values: &[&Field], own: Source, other: &[&Field]) {
        for value in values {
            self.dc.fields.push((*value).clone());
            self.sources.push(if has(other, value) { Source::Both } else { own });
        }
    }
}

fn values<'g>(groups: &'g ByField<'g>, key: Key<'g>) -> &'g [&'g Field] {
    groups.get(&key).map_or(&[], Vec::as_slice)
}

fn has(values: &[&Field], value: &Field) -> bool {
    values.iter().any(|other| other.says_the_same_as(value))
}

/// Whether two lists without duplicates hold the same values in any order.
fn same(one: &[&Field], other: &[&Field]) -> bool {
    one.len() == other.len() && one.iter().all(|value| has(other, value))
}

#[cfg(test)]
mod tests;
