//! `[push.pull]`, checked: what of Alma goes into which fields of ArchivesSpace.

use super::Error;
use super::check::Checker;
use super::raw::{RawExisting, RawPull, RawPulledField};
use crate::push::mms_field::MmsField;
use crate::push::pull::rules::{Existing, FieldRule, PullRules};
use crate::push::pull::source::Source;

/// Refuses what fills one field twice, and what would come back as a change that is pushed.
pub(super) fn check(checker: &Checker<'_>, raw: RawPull, mms_id_field: &MmsField) -> Result<PullRules, Error> {
    let usual = existing(raw.existing, Existing::Hold);
    let short = |from: &str, to: Option<String>| {
        to.map(|to| RawPulledField { from: from.to_owned(), to, existing: None, join: None })
    };
    let named = [("push.pull.mms-id", short("mms-id", raw.mms_id)), ("push.pull.oclc", short("oclc", raw.oclc))];
    let named = named.into_iter().filter_map(|(key, field)| field.map(|field| (key, field)));
    let all = named.chain(raw.fields.into_iter().map(|field| ("push.pull.fields", field)));
    let mut fields: Vec<FieldRule> = Vec::new();
    for (key, field) in all {
        let rule = rule(checker, (key, field), usual, mms_id_field)?;
        if fields.iter().any(|other| other.to == rule.to) {
            return checker.refuse(key, format!("{} is filled twice: from what shall it be?", rule.to));
        }
        fields.push(rule);
    }
    let barcodes = raw.barcodes.map(|written| existing(Some(written), usual));
    if fields.is_empty() && barcodes.is_none() {
        return checker.refuse("push.pull", "names nothing: write mms-id, oclc, fields or barcodes");
    }
    Ok(PullRules { fields, barcodes })
}

fn rule(
    checker: &Checker<'_>,
    (key, raw): (&'static str, RawPulledField),
    usual: Existing,
    mms_id_field: &MmsField,
) -> Result<FieldRule, Error> {
    use crate::failure::Advise as _;
    let from = match Source::parse(&raw.from) {
        Ok(from) => from,
        Err(error) => return checker.refuse(key, format!("{error}: {}", error.hint().unwrap_or_default())),
    };
    let to = match MmsField::parse(&raw.to) {
        Ok(to) => to,
        Err(error) => return checker.refuse(key, format!("{error}: {}", error.hint().unwrap_or_default())),
    };
    // ArchivesSpace writes it into 856 of its MARC: what is pulled would be pushed again.
    if to == MmsField::Own("ead_location".to_owned()) {
        return checker.refuse(key, "ead_location is the finding aid's address, which is pushed: it cannot be pulled");
    }
    if to == *mms_id_field && from != Source::MmsId {
        return checker.refuse(key, format!("{to} is archivesspace.mms-id-field, which holds nothing but the MMS ID"));
    }
    let one_at_most = matches!(from, Source::MmsId | Source::Control(_));
    if raw.join.is_some() && one_at_most {
        return checker.refuse(key, format!("`join` means nothing to {from}, of which there is one"));
    }
    Ok(FieldRule { from, to, existing: existing(raw.existing, usual), join: raw.join })
}

fn existing(written: Option<RawExisting>, usual: Existing) -> Existing {
    match written {
        None => usual,
        Some(RawExisting::Keep) => Existing::Keep,
        Some(RawExisting::Replace) => Existing::Replace,
        Some(RawExisting::Hold) => Existing::Hold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{PushProfile, parse_push};
    use std::path::Path;

    fn profile(pull: &str) -> Result<PushProfile, String> {
        let text = format!(
            "[alma.api]\nbase-url = \"https://api.example.org\"\nkey-env = \"K\"\nmark = \"(A)\"\n\
             [archivesspace]\nbase-url = \"https://as.example.org/api\"\nuser = \"u\"\npassword-env = \"P\"\n{pull}\n"
        );
        parse_push(Path::new("/etc/cartouche/p.toml"), &text)
            .map_err(|error| crate::failure::Failure::from(error).to_string())
    }

    #[test]
    fn every_key_is_read_and_what_is_not_said_is_held() {
        assert_eq!(profile("").unwrap().push.pull, None);
        let keys = "[push.pull]\nmms-id = \"user_defined.string_2\"\noclc = \"user_defined.string_3\"\nbarcodes = \"keep\"\n\
                    fields = [{ from = \"520$a\", to = \"user_defined.text_1\", existing = \"replace\", join = \" | \" }]";
        let profile = profile(keys).unwrap();
        let rules = profile.push.pull.unwrap();
        let told: Vec<String> =
            rules.fields.iter().map(|it| format!("{} {} {:?}", it.from, it.to, it.existing)).collect();
        let expected = [
            "mms-id user_defined.string_2 Hold",
            "oclc user_defined.string_3 Hold",
            "520$a user_defined.text_1 Replace",
        ];
        assert_eq!(told, expected);
        assert_eq!((rules.barcodes, rules.fields[2].join.as_deref()), (Some(Existing::Keep), Some(" | ")));
        let ours: Vec<String> = profile.archivesspace.ours().iter().map(ToString::to_string).collect();
        assert_eq!(ours, ["user_defined.string_2", "user_defined.string_3", "user_defined.text_1"]);
    }

    #[test]
    fn what_is_said_for_all_holds_for_those_that_say_nothing() {
        let keys = "[push.pull]\nexisting = \"keep\"\noclc = \"user_defined.string_3\"\n\
                    fields = [{ from = \"008\", to = \"user_defined.string_4\", existing = \"hold\" }]";
        let rules = profile(keys).unwrap().push.pull.unwrap();
        assert_eq!((rules.fields[0].existing, rules.fields[1].existing), (Existing::Keep, Existing::Hold));
    }

    #[test]
    fn what_is_pulled_decides_nothing_about_what_is_pushed() {
        let of = |keys: &str| profile(keys).unwrap().push.rules.fingerprint();
        assert_eq!(of(""), of("[push.pull]\noclc = \"user_defined.string_3\""));
    }

    #[test]
    fn contradictions_are_refused_by_the_name_of_their_key() {
        let refused = |keys: &str, said: &str| {
            let error = profile(&format!("[push.pull]\n{keys}")).unwrap_err();
            assert!(error.contains(said), "{keys}: {error}");
        };
        refused("", "names nothing");
        refused("oclc = \"title\"", "push.pull.oclc");
        refused("oclc = \"user_defined.string_2\"", "nothing but the MMS ID");
        refused("mms-id = \"ead_location\"", "cannot be pulled");
        refused("fields = [{ from = \"520\", to = \"user_defined.text_1\" }]", "a tag and subfields");
        refused("fields = [{ from = \"008\", to = \"user_defined.text_1\", join = \"x\" }]", "join");
        refused("fields = [{ from = \"008\" }]", "missing field `to`");
        refused(
            "oclc = \"user_defined.string_3\"\nfields = [{ from = \"008\", to = \"user_defined.string_3\" }]",
            "twice",
        );
        refused("existing = \"overwrite\"\nbarcodes = \"keep\"", "existing");
        refused("barcodes = true", "barcodes");
        refused("foo = 1", "unknown field `foo`");
    }
}
