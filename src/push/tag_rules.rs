//! Whose fields a bib has after a push, by their tags.

use super::marc::{DataField, Field, InvalidPattern, TagPattern};
use crate::failure::{Advise, Kind};

/// Who decides about the fields of one tag, when both systems have a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagRule {
    /// ArchivesSpace's, and those of Alma that are local there. What holds for every tag that no rule names.
    KeepLocal,
    /// ArchivesSpace's and nothing else, local ones of Alma included: only where a profile says so.
    FromArchivesSpace,
    /// Alma's; those of ArchivesSpace are not sent. Our own 035 is the exception.
    FromAlma,
    /// Alma's, and those of ArchivesSpace that Alma does not have yet.
    Union,
}

impl TagRule {
    pub const ALL: [TagRule; 4] = [TagRule::KeepLocal, TagRule::FromArchivesSpace, TagRule::FromAlma, TagRule::Union];

    /// As a profile writes it.
    pub fn name(self) -> &'static str {
        match self {
            TagRule::KeepLocal => "keep-local",
            TagRule::FromArchivesSpace => "from-archivesspace",
            TagRule::FromAlma => "from-alma",
            TagRule::Union => "union",
        }
    }
}

/// Which of Alma's fields belong to one library and not to the description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalMarks {
    /// Whether a field with $5 (the institution to which it applies) is local.
    pub subfield_5: bool,
    /// Whether a field with $9 `local` is. Alma writes both `local` and `LOCAL` (BIBSYS has the latter).
    pub subfield_9: bool,
    /// Tags that are local whatever their subfields.
    pub tags: Vec<TagPattern>,
}

impl Default for LocalMarks {
    /// $5, $9, and the tags that MARC 21 leaves to libraries and ArchivesSpace does not write: 59X, 69X and 9XX.
    fn default() -> Self {
        let tag = |text| TagPattern::parse(text).expect("a pattern of ours");
        LocalMarks { subfield_5: true, subfield_9: true, tags: vec![tag("59X"), tag("69X"), tag("9XX")] }
    }
}

impl LocalMarks {
    pub fn is_local(&self, field: &DataField) -> bool {
        let nine = || field.values("9").any(|value| value.trim().eq_ignore_ascii_case("local"));
        (self.subfield_5 && field.has("5"))
            || (self.subfield_9 && nine())
            || self.tags.iter().any(|pattern| pattern.matches(&field.tag))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRules {
    #[error(transparent)]
    Pattern(#[from] InvalidPattern),
    #[error("the tags {0} have two rules")]
    Twice(TagPattern),
    #[error("{one} and {other} name as many digits and both speak of some tags")]
    Ambiguous { one: TagPattern, other: TagPattern },
}

impl Advise for InvalidRules {
    fn kind(&self) -> Kind {
        Kind::Configuration
    }

    fn hint(&self) -> Option<String> {
        match self {
            InvalidRules::Pattern(_) => None,
            InvalidRules::Twice(_) | InvalidRules::Ambiguous { .. } => {
                Some("of two patterns the one with more digits counts; give one of these another".to_owned())
            }
        }
    }
}

/// Rules by pattern; of several that match a tag, the one that names more digits counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRules {
    rules: Vec<(TagPattern, TagRule)>,
    pub local: LocalMarks,
}

impl Default for TagRules {
    /// `keep-tags = ["035", "9XX"]`.
    fn default() -> Self {
        TagRules::keeping(&["035", "9XX"]).expect("two patterns of ours")
    }
}

impl TagRules {
    /// Refuses rules of which nobody could say which one counts for a tag.
    pub fn new(rules: Vec<(TagPattern, TagRule)>, local: LocalMarks) -> Result<Self, InvalidRules> {
        for (at, (one, rule)) in rules.iter().enumerate() {
            for (other, second) in &rules[..at] {
                if one == other {
                    return Err(InvalidRules::Twice(*one));
                }
                if rule != second && one.digits() == other.digits() && one.overlaps(*other) {
                    return Err(InvalidRules::Ambiguous { one: *other, other: *one });
                }
            }
        }
        Ok(TagRules { rules, local })
    }

    /// The short form of a profile's `keep-tags`: Alma's fields of these tags stay.
    pub fn keeping(tags: &[&str]) -> Result<Self, InvalidRules> {
        let rule = |tag: &&str| Ok((TagPattern::parse(tag)?, TagRule::FromAlma));
        TagRules::new(tags.iter().map(rule).collect::<Result<_, InvalidPattern>>()?, LocalMarks::default())
    }

    pub fn of(&self, tag: &str) -> TagRule {
        let matching = self.rules.iter().filter(|(pattern, _)| pattern.matches(tag));
        matching.max_by_key(|(pattern, _)| pattern.digits()).map_or(TagRule::KeepLocal, |(_, rule)| *rule)
    }

    /// Whether Alma's field is local; a control field never is.
    pub fn is_local(&self, field: &Field) -> bool {
        field.data().is_some_and(|field| self.local.is_local(field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> TagPattern {
        TagPattern::parse(text).unwrap()
    }

    #[test]
    fn the_pattern_that_names_more_digits_counts() {
        let rules = [("9XX", TagRule::FromAlma), ("94X", TagRule::Union), ("949", TagRule::FromArchivesSpace)];
        let rules = rules.map(|(text, rule)| (pattern(text), rule)).to_vec();
        let rules = TagRules::new(rules, LocalMarks::default()).unwrap();
        let check = |tag: &str, expected: TagRule| assert_eq!(rules.of(tag), expected, "{tag}");
        check("949", TagRule::FromArchivesSpace);
        check("942", TagRule::Union);
        check("982", TagRule::FromAlma);
        check("245", TagRule::KeepLocal);
        assert_eq!(TagRules::default().of("035"), TagRule::FromAlma);
    }

    #[test]
    fn rules_that_contradict_each_other_are_refused() {
        let new = |one: &str, other: &str, second: TagRule| {
            let rules = vec![(pattern(one), TagRule::FromAlma), (pattern(other), second)];
            TagRules::new(rules, LocalMarks::default())
        };
        assert_eq!(new("035", "035", TagRule::FromAlma), Err(InvalidRules::Twice(pattern("035"))));
        let ambiguous = InvalidRules::Ambiguous { one: pattern("9X0"), other: pattern("90X") };
        assert_eq!(new("9X0", "90X", TagRule::Union), Err(ambiguous));
        assert!(new("9X0", "91X", TagRule::FromAlma).is_ok(), "both say the same");
        assert!(new("9XX", "90X", TagRule::Union).is_ok(), "one names more");
    }

    #[test]
    fn subfields_5_and_9_and_local_tags_make_a_field_local() {
        let check = |tag: &str, subfields: &[(&str, &str)], expected: bool| {
            let field = DataField::new(tag, "", subfields);
            assert_eq!(LocalMarks::default().is_local(&field), expected, "{field}");
        };
        check("500", &[("a", "x"), ("5", "NjP")], true);
        check("097", &[("a", "x"), ("9", "LOCAL")], true);
        check("097", &[("a", "x"), ("9", "local ")], true);
        check("500", &[("9", "x")], false);
        check("590", &[("a", "x")], true);
        check("949", &[], true);
        check("099", &[("a", "x")], false);
    }
}
