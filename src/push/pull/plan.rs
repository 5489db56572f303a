//! What becomes of each field of one resource: a function of what both systems say, the rules, and what was taken back before.

use super::image::FieldImage;
use super::reason::PullReason;
use super::rules::{Existing, FieldRule, PullRules};
use crate::model::id::MmsId;
use crate::push::marc::MarcRecord;
use crate::push::mms_field::MmsField;
use serde_json::Value;

/// What is known of a resource when its fields are planned.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The whole record of ArchivesSpace.
    pub resource: &'a Value,
    pub mms: &'a MmsId,
    pub record: &'a MarcRecord,
    /// What was pulled and taken back by a person: what stood there before, and what was written.
    pub taken_back: &'a [(FieldImage, FieldImage)],
}

/// A value that goes into a field, and what stood there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub before: Option<String>,
    pub value: String,
}

/// What a field or a box comes to: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Alma says nothing of it: what is there stays.
    Nothing,
    /// Both say the same.
    Unchanged,
    /// They say different things, and the profile lets ArchivesSpace's stand.
    Kept {
        held: String,
        value: String,
    },
    Write(Draft),
    /// A person must look first. Without a draft there is nothing that could be approved.
    Held {
        reasons: Vec<PullReason>,
        draft: Option<Draft>,
    },
    /// A person has decided against it, in words.
    Rejected(String),
    /// It was written and taken back, and both systems say what they said then.
    TakenBack,
}

impl Step {
    /// What would be written, now or after an approval.
    pub fn draft(&self) -> Option<&Draft> {
        match self {
            Step::Write(draft) => Some(draft),
            Step::Held { draft, .. } => draft.as_ref(),
            Step::Nothing | Step::Unchanged | Step::Kept { .. } | Step::Rejected(_) | Step::TakenBack => None,
        }
    }
}

/// One field of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPlan<'r> {
    pub rule: &'r FieldRule,
    pub step: Step,
}

/// One plan for each rule, in their order.
pub fn plan_fields<'r>(known: Known<'_>, rules: &'r PullRules) -> Vec<FieldPlan<'r>> {
    rules.fields.iter().map(|rule| FieldPlan { rule, step: plan_field(known, rule) }).collect()
}

fn plan_field(known: Known<'_>, rule: &FieldRule) -> Step {
    let values = rule.from.values(known.mms, known.record);
    let value = match (values.as_slice(), &rule.join) {
        ([], _) => return Step::Nothing,
        ([one], _) => one.clone(),
        (several, Some(between)) => several.join(between),
        (several, None) => return held(PullReason::SeveralValues(several.to_vec())),
    };
    let before = match rule.to.read(known.resource) {
        Ok(before) => before,
        Err(error) => return held(PullReason::DoesNotFit(error.to_string())),
    };
    if before.as_deref() == Some(value.as_str()) {
        return Step::Unchanged;
    }
    if let Err(error) = rule.to.write(&mut known.resource.clone(), Some(&value)) {
        return held(PullReason::DoesNotFit(error.to_string()));
    }
    if known.taken_back.iter().any(|taken| is_the_same(taken, &rule.to, before.as_deref(), &value)) {
        return Step::TakenBack;
    }
    over(before, value, rule.existing)
}

fn is_the_same((was, written): &(FieldImage, FieldImage), field: &MmsField, before: Option<&str>, value: &str) -> bool {
    was.get(field) == Some(before) && written.get(field) == Some(Some(value))
}

/// Alma's value over what ArchivesSpace has.
pub(super) fn over(before: Option<String>, value: String, existing: Existing) -> Step {
    match (before, existing) {
        (None, _) => Step::Write(Draft { before: None, value }),
        (Some(held), Existing::Keep) => Step::Kept { held, value },
        (before @ Some(_), Existing::Replace) => Step::Write(Draft { before, value }),
        (Some(held), Existing::Hold) => Step::Held {
            reasons: vec![PullReason::Overwrites { held: held.clone(), value: value.clone() }],
            draft: Some(Draft { before: Some(held), value }),
        },
    }
}

pub(super) fn held(reason: PullReason) -> Step {
    Step::Held { reasons: vec![reason], draft: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::marc::{DataField, Field};
    use crate::push::pull::source::Source;
    use serde_json::json;

    fn rule(existing: Existing, join: Option<&str>) -> FieldRule {
        let to = MmsField::parse("user_defined.string_1").unwrap();
        FieldRule { from: Source::parse("520$a").unwrap(), to, existing, join: join.map(str::to_owned) }
    }

    fn planned(notes: &[&str], held: Value, rule: FieldRule, taken_back: &[(FieldImage, FieldImage)]) -> Step {
        let fields = notes.iter().map(|note| Field::Data(DataField::new("520", "  ", &[("a", note)]))).collect();
        let record = MarcRecord { leader: String::new(), fields };
        let resource = json!({"title": "Papers", "user_defined": {"string_1": held}});
        let mms = MmsId::parse("9912").unwrap();
        let known = Known { resource: &resource, mms: &mms, record: &record, taken_back };
        let rules = PullRules { fields: vec![rule], barcodes: None };
        plan_fields(known, &rules).remove(0).step
    }

    fn draft(before: Option<&str>, value: &str) -> Draft {
        Draft { before: before.map(str::to_owned), value: value.to_owned() }
    }

    #[test]
    fn an_empty_field_is_filled_whatever_the_rule_says_of_others() {
        for existing in [Existing::Keep, Existing::Replace, Existing::Hold] {
            assert_eq!(planned(&["x"], Value::Null, rule(existing, None), &[]), Step::Write(draft(None, "x")));
            assert_eq!(planned(&["x"], json!(" x "), rule(existing, None), &[]), Step::Unchanged);
            assert_eq!(planned(&[], json!("y"), rule(existing, None), &[]), Step::Nothing, "nothing is emptied");
        }
    }

    #[test]
    fn what_archivesspace_says_otherwise_is_kept_replaced_or_held() {
        let kept = Step::Kept { held: "y".to_owned(), value: "x".to_owned() };
        assert_eq!(planned(&["x"], json!("y"), rule(Existing::Keep, None), &[]), kept);
        let written = Step::Write(draft(Some("y"), "x"));
        assert_eq!(planned(&["x"], json!("y"), rule(Existing::Replace, None), &[]), written);
        let reasons = vec![PullReason::Overwrites { held: "y".to_owned(), value: "x".to_owned() }];
        let held = Step::Held { reasons, draft: Some(draft(Some("y"), "x")) };
        assert_eq!(planned(&["x"], json!("y"), rule(Existing::Hold, None), &[]), held);
    }

    #[test]
    fn several_values_are_joined_or_held_and_nobody_chooses() {
        let several = held(PullReason::SeveralValues(vec!["x".to_owned(), "y".to_owned()]));
        assert_eq!(planned(&["x", "y", "x"], Value::Null, rule(Existing::Replace, None), &[]), several);
        let joined = planned(&["x", "y"], Value::Null, rule(Existing::Replace, Some("; ")), &[]);
        assert_eq!(joined, Step::Write(draft(None, "x; y")));
    }

    #[test]
    fn what_the_field_cannot_hold_is_held() {
        let long = "x".repeat(256);
        let step = planned(&[&long], Value::Null, rule(Existing::Replace, None), &[]);
        assert!(matches!(step, Step::Held { draft: None, .. }), "{step:?}");
        let step = planned(&["x"], json!(["y"]), rule(Existing::Replace, None), &[]);
        assert!(matches!(step, Step::Held { draft: None, .. }), "{step:?}");
    }

    #[test]
    fn what_was_taken_back_rests_until_either_side_says_something_else() {
        let field = MmsField::parse("user_defined.string_1").unwrap();
        let taken = [(FieldImage::of(&field, Some("y")), FieldImage::of(&field, Some("x")))];
        let of = |note: &str, held: &str| planned(&[note], json!(held), rule(Existing::Replace, None), &taken);
        assert_eq!(of("x", "y"), Step::TakenBack);
        assert_eq!(of("z", "y"), Step::Write(draft(Some("y"), "z")));
        assert_eq!(of("x", "w"), Step::Write(draft(Some("w"), "x")));
    }
}
