//! What the profile wants a person to see before it is written, although Rosetta could take it.

use crate::model::dc::{Change, Dc, Field, difference};
use crate::model::outcome::Hold;
use crate::profile::{HoldPolicy, Review, Risks};
use std::collections::BTreeMap;

/// What a review of this change must see; `several` is the number of IEs that its bib describes.
pub(crate) fn policy_holds(review: &Review, shown: Option<&Dc>, new: &Dc, several: usize) -> Vec<Hold> {
    let mut holds = Vec::new();
    match review.hold {
        HoldPolicy::Nothing => {}
        HoldPolicy::Everything => holds.push(Hold::EveryChange),
        HoldPolicy::Risky => {
            let nothing = Dc::default();
            holds.extend(risks(&review.risks, shown.unwrap_or(&nothing), new));
            if review.risks.max_ies.is_some_and(|most| several > most) {
                holds.push(Hold::SeveralIes(several));
            }
        }
    }
    holds
}

/// The values of one field that would go and come.
#[derive(Default)]
struct Moves {
    kept: usize,
    removed: usize,
    added: usize,
}

fn risks(risks: &Risks, shown: &Dc, new: &Dc) -> Vec<Hold> {
    let mut holds = Vec::new();
    let mut fields: BTreeMap<String, Moves> = BTreeMap::new();
    for change in difference(shown, new) {
        let moves = fields.entry(change.field().name()).or_default();
        match change {
            Change::Kept(_) => moves.kept += 1,
            Change::Removed(_) => moves.removed += 1,
            Change::Added(_) => moves.added += 1,
        }
    }
    for (name, Moves { kept, removed, added }) in &fields {
        if *removed > 0 && kept + added == 0 {
            holds.push(Hold::FieldRemoved(name.clone()));
        } else if removed > added {
            holds.push(Hold::ValueRemoved { field: name.clone(), values: removed - added });
        }
    }
    if let (Some(before), Some(after)) = (shown.title(), new.title()) {
        let similarity = similarity(before, after);
        if similarity < risks.title_similarity {
            holds.push(Hold::TitleChanged { percent: (similarity * 100.0).round() as u8 });
        }
    }
    let has =
        |dc: &Dc, wanted: &dyn Fn(&Field) -> bool| dc.fields.iter().any(|field| !field.is_empty() && wanted(field));
    for name in &risks.require {
        if has(shown, &|field| name.speaks_for(field)) && !has(new, &|field| name.speaks_for(field)) {
            holds.push(Hold::RequiredEmptied(name.to_string()));
        }
    }
    let touched = fields.values().filter(|moves| moves.removed + moves.added > 0).count();
    if let Some(most) = risks.max_fields.filter(|most| touched > *most) {
        holds.push(Hold::ManyFields { touched, most });
    }
    holds
}

/// How alike two titles are, from 0 to 1: the share of pairs of neighbouring letters that they have in common, whatever
/// the case, the punctuation and the order of the words.
pub(crate) fn similarity(before: &str, after: &str) -> f64 {
    let (before, after) = (pairs(before), pairs(after));
    let total = before.values().sum::<usize>() + after.values().sum::<usize>();
    if total == 0 {
        return 1.0;
    }
    let common: usize = before.iter().map(|(pair, count)| after.get(pair).map_or(0, |other| *count.min(other))).sum();
    2.0 * common as f64 / total as f64
}

/// The pairs of letters of each word, its edges included, so that words of one letter count, too.
fn pairs(title: &str) -> BTreeMap<(char, char), usize> {
    let mut pairs = BTreeMap::new();
    let lower = title.to_lowercase();
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let edge = || std::iter::once(' ');
        let letters: Vec<char> = edge().chain(word.chars()).chain(edge()).collect();
        for two in letters.windows(2) {
            *pairs.entry((two[0], two[1])).or_default() += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::dc::Vocabulary;
    use crate::model::field_name::FieldName;

    fn dc(fields: &[(&str, &str)]) -> Dc {
        let field = |(element, value): &(&str, &str)| Field {
            vocabulary: Vocabulary::Dc,
            element: (*element).to_owned(),
            xsi_type: None,
            lang: None,
            attributes: Vec::new(),
            value: (*value).to_owned(),
        };
        Dc { fields: fields.iter().map(field).collect() }
    }

    type Fields<'a> = &'a [(&'a str, &'a str)];

    fn check(shown: Fields<'_>, new: Fields<'_>, codes: &[&str]) {
        let require = vec![FieldName::parse("dc:rights").unwrap()];
        let all = Risks { title_similarity: 0.4, require, max_fields: Some(2), max_ies: None };
        let found: Vec<&str> = risks(&all, &dc(shown), &dc(new)).iter().map(Hold::code).collect();
        assert_eq!(found, codes, "{shown:?} {new:?}");
    }

    #[test]
    fn each_risk_has_its_hold() {
        let title = ("title", "Sunset at Montmajour");
        check(&[title], &[("title", "The sunset at Montmajour, 1888")], &[]);
        check(&[title], &[("title", "Letters of a postman")], &["title-changed"]);
        check(&[title, ("date", "1888")], &[title], &["field-removed"]);
        check(&[title, ("date", "1888")], &[title, ("date", "1889")], &[]);
        check(&[title, ("subject", "a"), ("subject", "b")], &[title, ("subject", "c")], &["value-removed"]);
        check(&[title, ("subject", "a"), ("subject", "b")], &[title, ("subject", "a"), ("subject", "c")], &[]);
        check(&[title, ("rights", "x")], &[title], &["field-removed", "required-emptied"]);
        check(&[title], &[title, ("a", "1"), ("b", "2"), ("c", "3")], &["many-fields"]);
        check(&[], &[title], &[]);
    }

    #[test]
    fn likeness_of_titles_does_not_ask_for_case_order_or_punctuation() {
        let check = |before: &str, after: &str, from: f64, to: f64| {
            let found = similarity(before, after);
            assert!((from..=to).contains(&found), "{before} / {after}: {found}");
        };
        check("Sunset at Montmajour", "SUNSET AT MONTMAJOUR.", 1.0, 1.0);
        check("Montmajour, sunset at", "Sunset at Montmajour", 1.0, 1.0);
        check("שקיעה במונמז'ור", "שקיעה במונמז'ור, 1888", 0.7, 0.99);
        check("Sunset at Montmajour", "Annual report 1931", 0.0, 0.3);
        check("", "", 1.0, 1.0);
        check("A", "B", 0.0, 0.0);
    }
}
