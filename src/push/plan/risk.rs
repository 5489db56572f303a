//! What a profile wants a person to see first, although Alma would take it.

use super::{Draft, Reason};
use crate::profile::HoldPolicy;
use crate::push::bib_image::BibImage;
use crate::push::marc::{Field, MarcRecord};
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
    let lost = foreign_losses(draft, base);
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

/// 245 $a and $b.
fn title(record: &MarcRecord) -> Option<String> {
    let field = record.data("245").next()?;
    let parts = field.subfields.iter().filter(|subfield| matches!(subfield.code.as_str(), "a" | "b"));
    let title = parts.map(|subfield| subfield.value.as_str()).collect::<Vec<_>>().join(" ");
    (!title.trim().is_empty()).then_some(title)
}
