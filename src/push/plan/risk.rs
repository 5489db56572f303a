//! What a profile wants a person to see first, although Alma would take it.

use super::{Draft, Reason};
use crate::profile::HoldPolicy;
use crate::push::bib::Suppress;
use crate::push::bib_image::BibImage;
use crate::push::bib_merge::{Kept, difference};
use crate::push::marc::{Field, MarcRecord, positions};
use crate::push::rules::PushRules;
use crate::steps::prepare::similarity;

/// The risks of a draft. A new bib takes nothing from anybody.
pub(super) fn risks(draft: &Draft, base: Option<&BibImage>, rules: &PushRules) -> Vec<Reason> {
    let mut risks = Vec::new();
    match rules.review.hold {
        HoldPolicy::Nothing => return risks,
        HoldPolicy::Risky => {}
        HoldPolicy::Everything => risks.push(Reason::EveryChange),
    }
    let Some(present) = &draft.present else { return risks };
    let mut lost = foreign_losses(draft, base);
    lost.extend(base.map(|base| foreign_settings(draft, present, base)).unwrap_or_default());
    if !lost.is_empty() {
        risks.push(Reason::Loses(lost));
    }
    let (before, after) = (title(&present.record), title(&draft.merged.record));
    if let (Some(before), Some(after)) = (before, after) {
        let similarity = similarity(&before, &after);
        if similarity < rules.review.risks.title_similarity {
            risks.push(Reason::TitleChanged { percent: (similarity * 100.0).round() as u8 });
        }
    }
    let changed = difference(Some(&present.record), &draft.merged).iter().filter(|it| it.kept != Kept::Kept).count();
    if let Some(most) = rules.review.risks.max_fields.filter(|most| changed > *most) {
        risks.push(Reason::ManyFields { count: changed, most });
    }
    risks
}

/// Fields of Alma that would be gone and that this program did not write: somebody has put them there.
///
/// Where nothing is known of what was written before, a field that another one of its tag takes the place of is no loss, for
/// every first update would else be one.
fn foreign_losses(draft: &Draft, base: Option<&BibImage>) -> Vec<String> {
    let record = &draft.merged.record;
    let is_ours = |field: &&Field| match base {
        Some(base) => base.record.fields.contains(field),
        None => false,
    };
    let is_replaced = |field: &&Field| {
        let count = |of: &MarcRecord| of.fields_with(field.tag()).count();
        base.is_none() && count(record) >= draft.present.as_ref().map_or(0, |present| count(&present.record))
    };
    let lost = draft.merged.lost.iter();
    lost.filter(|field| !is_ours(field) && !is_replaced(field)).map(Field::to_string).collect()
}

/// What Alma holds in the leader, in 008 and as its suppress flag, where somebody has changed it since this program wrote it, and it
/// would be changed again. The date of entry (008/00-05) and what Alma counts in the leader are Alma's anyway.
fn foreign_settings(draft: &Draft, present: &BibImage, base: &BibImage) -> Vec<String> {
    let mut lost = Vec::new();
    let after = &draft.merged.record;
    let mut compare = |name: &str, now: Option<String>, wrote: Option<String>, then: Option<String>| {
        if let (Some(now), Some(wrote)) = (now, wrote)
            && now != wrote
            && then.as_ref() != Some(&now)
        {
            lost.push(format!("{name} `{now}`"));
        }
    };
    for (name, range) in [("leader/06-08", 6..9), ("leader/18", 18..19)] {
        let of = |record: &MarcRecord| positions(&record.leader, range.clone());
        compare(name, of(&present.record), of(&base.record), of(after));
    }
    let fixed = |record: &MarcRecord| record.control("008").and_then(|value| positions(value, 6..40));
    compare("008/06-39", fixed(&present.record), fixed(&base.record), fixed(after));
    let flag = |suppress: Option<Suppress>| suppress.map(|suppress| suppress.as_str().to_owned());
    compare("suppress_from_publishing", flag(present.suppress), flag(base.suppress), flag(Some(draft.suppress)));
    lost
}

/// 245 $a and $b.
fn title(record: &MarcRecord) -> Option<String> {
    let field = record.data("245").next()?;
    let parts = field.subfields.iter().filter(|subfield| matches!(subfield.code.as_str(), "a" | "b"));
    let title = parts.map(|subfield| subfield.value.as_str()).collect::<Vec<_>>().join(" ");
    (!title.trim().is_empty()).then_some(title)
}
