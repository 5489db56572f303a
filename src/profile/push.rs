//! The push, described: `[push]`, checked together with the parts of `[archivesspace]` and `[alma.api]` that decide what is written.

use super::check::Checker;
use super::raw::{
    Percent, RawLeader, RawLimits, RawNotes, RawOutput, RawOver, RawParagraphs, RawPrivate, RawProfile, RawPush,
    RawReview, RawTags,
};
use super::{AlmaApi, ArchivesSpace, Error, Has, HoldPolicy, Review, pull, shelf};
use crate::push::bib_merge::LeaderRule;
use crate::push::limits::Limits;
use crate::push::marc::TagPattern;
use crate::push::marc_repairs::{
    LengthLimit, NoteSettings, Over, Paragraphs, PrivateNotes, RepairSettings, ShelfLocation,
};
use crate::push::pull::rules::PullRules;
use crate::push::rules::{Linking, PushRules};
use crate::push::tag_rules::{LocalMarks, TagRule, TagRules};
use crate::push::template::Template;
use std::path::PathBuf;
use std::time::Duration;

/// The river from ArchivesSpace to Alma.
#[derive(Debug, Clone)]
pub struct Push {
    pub rules: PushRules,
    pub output: Output,
    pub gathering: Gathering,
    /// So long after it was sent, a creation that Alma does not find by our mark did not happen: an index takes its time.
    pub index_lag: Duration,
    /// What one run may do without being asked.
    pub limits: Limits,
    /// What comes the other way; nothing does without.
    pub pull: Option<PullRules>,
}

/// Where records go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Alma's REST API.
    Api,
    /// A MARCXML file in this folder, for an import profile.
    File(PathBuf),
}

/// How ArchivesSpace is asked what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gathering {
    /// Taken off the start of the next question, for resources that become visible late.
    pub overlap: Duration,
    /// So often all identifiers are compared, to find what vanished.
    pub compare_every: Duration,
}

impl RawPush {
    /// Whether the profile says anything of the push.
    pub(super) fn is_something(&self) -> bool {
        let values = [self.create_when_unknown, self.write_back].iter().any(Option::is_some);
        let spans = [self.index_lag, self.overlap, self.compare_every].iter().any(Option::is_some);
        let texts = [&self.call_number, &self.bulk_word, &self.finding_aid_label].iter().any(|text| text.is_some());
        let tables = !self.repairs.0.is_empty() || !self.subject_sources.is_empty();
        let shelf = self.holdings.is_some() || self.items.is_some() || self.pull.is_some();
        values
            || spans
            || texts
            || tables
            || shelf
            || self.output.is_some()
            || self.folder.is_some()
            || self.leader.is_some()
            || self.max_changed.is_some()
            || self.max_created.is_some()
    }
}

/// One half of the push may stand beside a round trip, for what other commands ask of it.
pub(super) fn has_push(raw: &RawProfile) -> Has {
    let has_alma = raw.alma.as_ref().is_some_and(|alma| alma.api.is_some());
    let has_feed = raw.rosetta.is_some() || raw.alma.as_ref().is_some_and(|alma| alma.feed.is_some());
    let has_mark = raw.alma.as_ref().and_then(|alma| alma.api.as_ref()).is_some_and(|api| api.mark.is_some());
    if (raw.archivesspace.is_some() || has_alma) && !has_feed && raw.staging.is_none() {
        Has::PushOnly
    } else if raw.archivesspace.is_some() && has_mark {
        Has::Both
    } else {
        Has::RoundTripOnly
    }
}

/// What is held where the profile does not say it: a catalogue is not to lose what somebody else wrote because a line was
/// forgotten.
pub(super) fn standard_hold(raw: &RawReview) -> Option<HoldPolicy> {
    raw.hold.is_none().then_some(HoldPolicy::Risky)
}

/// Keys that speak of the round trip only, each with what that means.
pub(super) fn without_meaning(review: &RawReview, limits: &RawLimits) -> Vec<String> {
    let keys = [
        ("review.require", !review.require.is_empty()),
        ("review.max-ies", review.max_ies.is_some()),
        ("limits.max-skips", limits.max_skips.is_some()),
        ("limits.max-changed", limits.max_changed.is_some()),
        ("limits.max-value-bytes", limits.max_value_bytes.is_some()),
    ];
    let written = keys.into_iter().filter(|(_, is_written)| *is_written);
    let instead = |key: &str| if key == "limits.max-changed" { "; push.max-changed is its counterpart" } else { "" };
    let told =
        |key: &str| format!("{key} means nothing to the push: it speaks of packages for Rosetta{}", instead(key));
    written.map(|(key, _)| told(key)).collect()
}

pub(super) fn check(
    checker: &Checker<'_>,
    mut raw: RawPush,
    aspace: &ArchivesSpace,
    alma: &AlmaApi,
    review: Review,
) -> Result<Push, Error> {
    let Some(mark) = alma.mark.clone() else {
        return checker.refuse("alma.api.mark", "missing: what does the 035 begin with by which our bibs are known?");
    };
    let span =
        |given: Option<super::raw::Span>, standard: u64| given.map_or(Duration::from_secs(standard), |span| span.0);
    let gathering =
        Gathering { overlap: span(raw.overlap, 15 * 60), compare_every: span(raw.compare_every, 7 * 86_400) };
    let index_lag = span(raw.index_lag, 60);
    let max_changed = raw.max_changed.map(|Percent(share)| share);
    let limits = Limits { max_changed, max_created: raw.max_created };
    let linking = Linking {
        sets: aspace.chosen.sets.clone(),
        published_only: aspace.chosen.published_only,
        create_when_unknown: raw.create_when_unknown.unwrap_or(false),
        write_back: raw.write_back.unwrap_or(true),
    };
    let leader = match raw.leader {
        None | Some(RawLeader::FromArchivesspace) => LeaderRule::FromArchivesSpace,
        Some(RawLeader::FromAlma) => LeaderRule::FromAlma,
    };
    let pull = raw.pull.take().map(|raw| pull::check(checker, raw, &aspace.mms_id_field)).transpose()?;
    let output = output(checker, &raw)?;
    let tags = tags(checker, &raw.tags, &alma.keep_tags)?;
    let (holdings, items) = shelf::check(checker, (raw.holdings.take(), raw.items.take()), alma, &output)?;
    let repairs = repairs(checker, raw)?;
    let rules = PushRules { mark, tags, leader, repairs, review, linking, holdings, items };
    Ok(Push { rules, output, gathering, index_lag, limits, pull })
}

fn output(checker: &Checker<'_>, raw: &RawPush) -> Result<Output, Error> {
    match (raw.output, &raw.folder) {
        (Some(RawOutput::Marcxml), Some(folder)) => Ok(Output::File(checker.resolve(folder))),
        (Some(RawOutput::Marcxml), None) => {
            checker.refuse("push.folder", "missing: where does the import profile look for files?")
        }
        (None | Some(RawOutput::Api), None) => Ok(Output::Api),
        (None | Some(RawOutput::Api), Some(_)) => {
            checker.refuse("push.folder", "means nothing without output = \"marcxml\"")
        }
    }
}

fn tags(checker: &Checker<'_>, raw: &RawTags, kept: &[String]) -> Result<TagRules, Error> {
    let groups = [
        ("alma.api.keep-tags", kept, TagRule::FromAlma),
        ("push.tags.from-archivesspace", &raw.from_archivesspace, TagRule::FromArchivesSpace),
        ("push.tags.keep-local", &raw.keep_local, TagRule::KeepLocal),
        ("push.tags.union", &raw.union, TagRule::Union),
    ];
    let pattern = |key: &'static str, text: &String| match TagPattern::parse(text) {
        Ok(pattern) => Ok(pattern),
        Err(error) => checker.refuse(key, error.to_string()),
    };
    let mut rules = Vec::new();
    for (key, texts, rule) in groups {
        for text in texts {
            rules.push((pattern(key, text)?, rule));
        }
    }
    let standard = LocalMarks::default();
    let local = LocalMarks {
        subfield_5: raw.local_subfield_5.unwrap_or(standard.subfield_5),
        subfield_9: raw.local_subfield_9.unwrap_or(standard.subfield_9),
        tags: match &raw.local {
            None => standard.tags,
            Some(texts) => texts.iter().map(|text| pattern("push.tags.local", text)).collect::<Result<_, _>>()?,
        },
    };
    TagRules::new(rules, local).or_else(|error| checker.refuse("push.tags", error.to_string()))
}

fn repairs(checker: &Checker<'_>, raw: RawPush) -> Result<RepairSettings, Error> {
    let mut settings = RepairSettings::default();
    for (name, on) in &raw.repairs.0 {
        if let Err(error) = settings.switch(name, *on) {
            return checker.refuse("push.repairs", error.to_string());
        }
    }
    if let Some(text) = &raw.call_number {
        match Template::parse(text) {
            Ok(template) => settings.call_number = Some(template),
            Err(error) => return checker.refuse("push.call-number", error.to_string()),
        }
    }
    settings.notes = notes(checker, &raw.notes)?;
    settings.bulk_word = raw.bulk_word.unwrap_or(settings.bulk_word);
    settings.finding_aid_label = raw.finding_aid_label.unwrap_or(settings.finding_aid_label);
    settings.subject_sources = raw.subject_sources;
    Ok(settings)
}

fn notes(checker: &Checker<'_>, raw: &RawNotes) -> Result<NoteSettings, Error> {
    let standard = NoteSettings::default();
    let bytes = raw.max_bytes.unwrap_or(standard.limit.bytes);
    // ISO 2709 has four digits for a field's length; below a few hundred a note is cut to pieces that say nothing.
    if !(500..=9999).contains(&bytes) {
        return checker.refuse("push.notes.max-bytes", "must be a number from 500 to 9999");
    }
    Ok(NoteSettings {
        paragraphs: match raw.paragraphs {
            None => standard.paragraphs,
            Some(RawParagraphs::Join) => Paragraphs::Join,
            Some(RawParagraphs::Split) => Paragraphs::Split,
        },
        shelf_location: match raw.shelf_location.as_deref() {
            None => standard.shelf_location,
            Some("drop") => ShelfLocation::Drop,
            Some(place) => shelf_location(checker, place)?,
        },
        private: match raw.private {
            None => standard.private,
            Some(RawPrivate::Mark) => PrivateNotes::Mark,
            Some(RawPrivate::Drop) => PrivateNotes::Drop,
        },
        limit: LengthLimit {
            bytes,
            over: match raw.over {
                None => standard.limit.over,
                Some(RawOver::Split) => Over::Split,
                Some(RawOver::Hold) => Over::Hold,
            },
        },
    })
}

/// `982$c`: a tag and the code of a subfield.
fn shelf_location(checker: &Checker<'_>, place: &str) -> Result<ShelfLocation, Error> {
    let parts = place.split_once('$');
    let is_code = |code: &str| code.len() == 1 && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    match parts {
        Some((tag, code)) if tag.len() == 3 && tag.bytes().all(|b| b.is_ascii_digit()) && is_code(code) => {
            Ok(ShelfLocation::MoveTo { tag: tag.to_owned(), code: code.chars().next().unwrap_or('a') })
        }
        Some(_) | None => checker
            .refuse("push.notes.shelf-location", format!("`{place}` is neither \"drop\" nor a place as in \"982$c\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{PushProfile, parse_push};
    use std::path::Path;

    fn profile(push: &str) -> Result<PushProfile, String> {
        let text = format!(
            "[alma.api]\nbase-url = \"https://api.example.org\"\nkey-env = \"K\"\nmark = \"(A)\"\n\
             [archivesspace]\nbase-url = \"https://as.example.org/api\"\nuser = \"u\"\npassword-env = \"P\"\n{push}\n"
        );
        parse_push(Path::new("/etc/cartouche/p.toml"), &text)
            .map_err(|error| crate::failure::Failure::from(error).to_string())
    }

    #[test]
    fn what_is_not_written_has_careful_defaults() {
        let push = profile("").unwrap().push;
        assert_eq!((push.output, push.index_lag.as_secs()), (Output::Api, 60));
        let linking = Linking { sets: None, published_only: false, create_when_unknown: false, write_back: true };
        assert_eq!(push.rules.linking, linking);
        assert_eq!(push.rules.review.hold, HoldPolicy::Risky);
        assert_eq!(profile("[review]\nhold = \"nothing\"").unwrap().push.rules.review.hold, HoldPolicy::Nothing);
        assert_eq!(push.rules.tags.of("035"), TagRule::FromAlma);
        assert_eq!(push.rules.tags.of("245"), TagRule::KeepLocal);
    }

    #[test]
    fn every_rule_is_read() {
        let keys = "[push]\noutput = \"marcxml\"\nfolder = \"out\"\nwrite-back = false\ncreate-when-unknown = true\n\
                    leader = \"from-alma\"\nindex-lag = \"0s\"\n[push.tags]\nunion = [\"650\"]\nlocal = [\"9XX\"]\n\
                    [push.repairs]\nshelf-location = false\n[push.notes]\nmax-bytes = 2000\nshelf-location = \"982$c\"";
        let push = profile(keys).unwrap().push;
        assert_eq!(push.output, Output::File("/etc/cartouche/out".into()));
        assert_eq!((push.rules.leader, push.rules.tags.of("650")), (LeaderRule::FromAlma, TagRule::Union));
        assert_eq!(push.rules.tags.local.tags.len(), 1);
        assert_eq!(push.rules.repairs.switched.len(), 1);
        let expected = ShelfLocation::MoveTo { tag: "982".to_owned(), code: 'c' };
        assert_eq!(push.rules.repairs.notes.shelf_location, expected);
    }

    #[test]
    fn a_rule_that_is_another_one_has_another_fingerprint() {
        let of = |keys: &str| profile(keys).unwrap().push.rules.fingerprint();
        assert_eq!(of(""), of("[push]\nindex-lag = \"1s\""), "how long is waited decides nothing");
        for keys in ["[push]\nwrite-back = false", "[push.repairs]\ndrop-049 = false", "[review]\nhold = \"nothing\""] {
            assert_ne!(of(""), of(keys), "{keys}");
        }
    }

    #[test]
    fn what_speaks_of_packages_only_is_said_to_mean_nothing() {
        let warned = profile("[review]\nrequire = [\"dc:title\"]\n[limits]\nmax-changed = \"10%\"").unwrap().warnings;
        assert_eq!(warned.len(), 2, "{warned:?}");
        assert!(warned[0].contains("review.require") && warned[1].contains("limits.max-changed"), "{warned:?}");
        assert_eq!(profile("[review]\nmax-fields = 3").unwrap().warnings, [""; 0]);
    }

    #[test]
    fn contradictions_are_refused_by_the_name_of_their_key() {
        let refused = |keys: &str, key: &str| {
            let error = profile(keys).unwrap_err();
            assert!(error.contains(key), "{keys}: {error}");
        };
        refused("[push]\nfolder = \"x\"", "push.folder");
        refused("[push]\noutput = \"marcxml\"", "push.folder");
        refused("[push.repairs]\nno-such = true", "push.repairs");
        refused("[push.repairs]\nxml-form = false", "cannot be switched off");
        refused("[push.tags]\nunion = [\"035\"]", "push.tags");
        refused("[push.notes]\nmax-bytes = 10", "push.notes.max-bytes");
        refused("[push.notes]\nshelf-location = \"982\"", "push.notes.shelf-location");
        refused("[push]\ncall-number = \"{id_9}\"", "push.call-number");
        refused("[push]\nfoo = 1", "unknown field `foo`");
    }
}
