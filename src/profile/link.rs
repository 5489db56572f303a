//! `[link]`, checked: how IEs that no bib names get one, and what points at them.

use super::check::Checker;
use super::raw::{RawFind, RawLink, RawNames};
use super::{AlmaApi, Error, HoldPolicy, Profile, Review};
use crate::link::rules::{FindRule, LinkRules, Names, NewBibs, Pointer};
use crate::model::field_name::FieldName;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A profile whose IEs are linked.
#[derive(Debug, Clone)]
pub struct LinkProfile {
    pub profile: Profile,
    pub alma_api: AlmaApi,
    pub link: Link,
}

#[derive(Debug, Clone)]
pub struct Link {
    pub rules: LinkRules,
    /// `None`: the one that comes with the program.
    pub stylesheet: Option<PathBuf>,
    /// So long after its answer was given up, what Alma does not find was not made: an index takes its time.
    pub index_lag: Duration,
}

/// What Alma's schema lists (rest_representation.xsd).
const USAGE_TYPES: [&str; 4] = ["PRESERVATION_MASTER", "MODIFIED_MASTER", "DERIVATIVE_COPY", "AUXILIARY"];

/// Refuses what cannot be linked by. `hold` is what the profile says of review, if it does.
pub(super) fn check(path: &Path, raw: RawLink, profile: &Profile, hold: Option<HoldPolicy>) -> Result<Link, Error> {
    let checker = Checker { path };
    if profile.alma_api.is_none() {
        return checker.refuse("link", "needs [alma.api]: by which API are bibs and representations made?");
    }
    let pointer = Pointer {
        repository: code(&checker, "link.repository", raw.repository, "the code of the remote repository in Alma")?,
        library: code(&checker, "link.library", raw.library, "the code of the library that owns representations")?,
        usage_type: raw.usage_type.unwrap_or_else(|| "PRESERVATION_MASTER".to_owned()),
    };
    if !USAGE_TYPES.contains(&pointer.usage_type.as_str()) {
        let message = format!("`{}` is none of {}", pointer.usage_type, USAGE_TYPES.join(", "));
        return checker.refuse("link.usage-type", message);
    }
    let new_bibs = match (raw.create.unwrap_or(true), raw.suppress) {
        (true, Some(suppressed)) => Some(NewBibs { suppressed, collection: raw.collection }),
        (true, None) => {
            let message =
                "missing: is a new bib suppressed from publishing? Alma would suppress it, and its feed not show it";
            return checker.refuse("link.suppress", message);
        }
        (false, Some(_)) => return checker.refuse("link.suppress", "means nothing with create = false"),
        (false, None) if raw.collection.is_some() => {
            return checker.refuse("link.collection", "means nothing with create = false");
        }
        (false, None) => None,
    };
    if new_bibs.as_ref().and_then(|new| new.collection.as_ref()).is_some_and(|it| !is_number(it)) {
        return checker.refuse("link.collection", "must be the number of a collection in Alma");
    }
    let find = raw.find.into_iter().map(|find| rule(&checker, find)).collect::<Result<Vec<_>, _>>()?;
    if new_bibs.is_none() && raw.stylesheet.is_some() {
        return checker.refuse("link.stylesheet", "means nothing with create = false");
    }
    let review = Review { hold: hold.unwrap_or(HoldPolicy::Risky), ..profile.round_trip.review.clone() };
    let rules = LinkRules { pointer, new_bibs, find, sets: raw.sets, parameters: raw.parameters, review };
    let stylesheet = raw.stylesheet.map(|path| checker.resolve(&path));
    let index_lag = raw.index_lag.map_or(Duration::from_secs(60), |span| span.0);
    Ok(Link { rules, stylesheet, index_lag })
}

fn code(checker: &Checker<'_>, key: &'static str, given: Option<String>, what: &str) -> Result<String, Error> {
    match given.map(|code| code.trim().to_owned()) {
        None => checker.refuse(key, format!("missing: {what}")),
        Some(code) if code.is_empty() || code.contains(char::is_whitespace) => {
            checker.refuse(key, format!("`{code}` is no code: {what}"))
        }
        Some(code) => Ok(code),
    }
}

fn rule(checker: &Checker<'_>, raw: RawFind) -> Result<FindRule, Error> {
    let field = FieldName::parse(&raw.field).or_else(|error| checker.refuse("link.find", error.to_string()))?;
    let begins = raw.begins.unwrap_or_default();
    let names = match (raw.names, raw.prefix) {
        (None | Some(RawNames::OtherSystemId), prefix) => Names::OtherSystemId { prefix: prefix.unwrap_or_default() },
        (Some(RawNames::MmsId), None) => Names::MmsId,
        (Some(RawNames::MmsId), Some(_)) => {
            return checker.refuse("link.find", "`prefix` means nothing where the identifier is an MMS ID");
        }
    };
    // Every identifier would be asked for, a handle or an ISBN among them, and an MMS ID is nothing but digits.
    if begins.is_empty() {
        return checker.refuse("link.find", "needs `begins`: how does an identifier begin that Alma knows?");
    }
    Ok(FindRule { field, begins, names })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::parse_link;

    fn profile(link: &str) -> Result<Link, String> {
        let text = format!(
            "[rosetta.feed]\nbase-url = \"http://r/o\"\nmetadata-prefix = \"oai_dc\"\n\
             [alma.feed]\nbase-url = \"http://a/o\"\nmetadata-prefix = \"oai_dc\"\n\
             [alma.api]\nbase-url = \"https://api.example.org\"\nkey-env = \"K\"\n[staging]\nfolder = \"s\"\n{link}\n"
        );
        let parsed = parse_link(Path::new("/etc/cartouche/p.toml"), &text);
        parsed.map(|it| it.link).map_err(|error| crate::failure::Failure::from(error).to_string())
    }

    const LEAST: &str = "[link]\nrepository = \"ROSETTA\"\nlibrary = \"MAIN\"\nsuppress = false\n";

    #[test]
    fn what_is_not_written_has_careful_defaults() {
        let link = profile(LEAST).unwrap();
        assert_eq!(link.index_lag.as_secs(), 60);
        assert_eq!(link.rules.pointer.usage_type, "PRESERVATION_MASTER");
        assert_eq!(link.rules.review.hold, HoldPolicy::Risky);
        assert_eq!(link.rules.new_bibs, Some(NewBibs { suppressed: false, collection: None }));
        let nothing = profile(&format!("{LEAST}[review]\nhold = \"nothing\"")).unwrap();
        assert_eq!(nothing.rules.review.hold, HoldPolicy::Nothing);
    }

    #[test]
    fn every_rule_is_read() {
        let keys = "create = true\ncollection = \"81\"\nsets = [\"a\"]\nindex-lag = \"0s\"\nstylesheet = \"to-marc.xsl\"\n\
                    usage-type = \"DERIVATIVE_COPY\"\nparameters = { language = \"ger\" }\n\
                    [[link.find]]\nfield = \"dc:identifier\"\nbegins = \"urn:ControlNumber:\"\nnames = \"mms-id\"\n\
                    [[link.find]]\nfield = \"dc:identifier\"\nbegins = \"ocm\"\nprefix = \"(OCoLC)\"";
        let link = profile(&format!("{LEAST}{keys}")).unwrap();
        assert_eq!(link.stylesheet, Some("/etc/cartouche/to-marc.xsl".into()));
        assert_eq!(link.rules.find.len(), 2);
        assert_eq!(link.rules.find[0].names, Names::MmsId);
        assert_eq!(link.rules.find[1].names, Names::OtherSystemId { prefix: "(OCoLC)".to_owned() });
        assert_ne!(link.rules.fingerprint(), profile(LEAST).unwrap().rules.fingerprint());
    }

    #[test]
    fn contradictions_are_refused_by_the_name_of_their_key() {
        let refused = |keys: &str, key: &str| {
            let error = profile(keys).unwrap_err();
            assert!(error.contains(key), "{keys}: {error}");
        };
        refused("", "link: missing");
        refused("[link]\nlibrary = \"MAIN\"\nsuppress = false", "link.repository");
        refused("[link]\nrepository = \"R\"\nsuppress = false", "link.library");
        refused("[link]\nrepository = \"R\"\nlibrary = \"M\"", "link.suppress");
        refused(&format!("{LEAST}create = false"), "link.suppress");
        refused(&format!("{LEAST}usage-type = \"MASTER\""), "link.usage-type");
        refused(&format!("{LEAST}collection = \"x\""), "link.collection");
        refused(&format!("{LEAST}[[link.find]]\nfield = \"dc:identifier\""), "link.find");
        refused(&format!("{LEAST}foo = 1"), "unknown field `foo`");
    }
}
