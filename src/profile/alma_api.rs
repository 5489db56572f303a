//! Alma's REST API, described: `[alma.api]`, checked.

use super::Error;
use super::check::{Checker, host_of};
use super::raw::{RawAlmaApi, RawLocation};
use super::secret::SecretPlace;
use crate::http::redacted;
use std::time::Duration;

/// Where the API begins on every host.
const ROOT: &str = "/almaws/v1";

/// How Alma's REST API is asked, and what of a bib is Alma's own.
#[derive(Debug, Clone)]
pub struct AlmaApi {
    /// `…/almaws/v1`, without a slash at its end.
    pub base_url: String,
    pub key: SecretPlace,
    pub pace: Pace,
    pub writing: Writing,
    /// What our own 035 begins with, in parentheses.
    pub mark: Option<String>,
    /// Tags, with `X` for any digit, whose fields stay as Alma has them.
    pub keep_tags: Vec<String>,
    pub locations: Vec<Location>,
}

/// How much of an institution's quota is taken, and how fast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    pub requests_per_second: f64,
    /// Writes that are under way at once.
    pub writers: u32,
    /// Calls of the day that are left to everybody else: Alma counts them for the whole institution.
    pub daily_floor: u64,
    pub time_out: Duration,
    pub retries: u32,
}

/// The query options of Alma's writing calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writing {
    pub validate: bool,
    pub override_warning: bool,
    pub override_lock: bool,
    pub stale_version_check: bool,
    pub check_match: bool,
}

impl Default for Writing {
    /// Careful where Alma's own defaults are not: these let a cataloguer's change be overwritten unseen.
    fn default() -> Self {
        Writing {
            validate: true,
            override_warning: true,
            override_lock: false,
            stale_version_check: true,
            check_match: false,
        }
    }
}

/// A place that holdings may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub library: String,
    pub location: String,
    /// For people; the codes where the profile has none.
    pub label: String,
}

/// Refuses what cannot be asked; warns of a key that would travel in the clear.
pub(super) fn check(checker: &Checker<'_>, raw: RawAlmaApi, warnings: &mut Vec<String>) -> Result<AlmaApi, Error> {
    let base_url = base_url(checker, &raw.base_url, warnings)?;
    let key = match (&raw.key_env, &raw.key_file) {
        (Some(name), None) if !name.trim().is_empty() => SecretPlace::Environment(name.trim().to_owned()),
        (None, Some(path)) => SecretPlace::File(checker.resolve(path)),
        (Some(_), None) => return checker.refuse("alma.api.key-env", "is empty"),
        (None, None) => return checker.refuse("alma.api", "needs key-env or key-file"),
        (Some(_), Some(_)) => {
            return checker.refuse("alma.api", "has key-env and key-file: which one holds the key?");
        }
    };
    Ok(AlmaApi {
        base_url,
        key,
        pace: pace(checker, &raw)?,
        writing: writing(checker, &raw)?,
        mark: raw.mark.map(|mark| check_mark(checker, mark)).transpose()?,
        keep_tags: keep_tags(checker, raw.keep_tags)?,
        locations: locations(checker, raw.locations)?,
    })
}

/// With or without `/almaws/v1`, `/almaws/v1/bibs` and a slash: configurations in the field have all of them.
fn base_url(checker: &Checker<'_>, written: &str, warnings: &mut Vec<String>) -> Result<String, Error> {
    const KEY: &str = "alma.api.base-url";
    let url = written.trim().trim_end_matches('/');
    let host = match host_of(url) {
        None => {
            let shown = redacted(url);
            return checker
                .refuse(KEY, format!("`{shown}` is not a URL: it must begin with http:// or https:// and a host"));
        }
        Some(host) if host.contains('@') => {
            return checker.refuse(KEY, "holds a user name or password: secrets do not belong into a profile");
        }
        // The whole is not shown: people paste URLs that end with ?apikey=….
        Some(_) if url.contains(['?', '#']) => {
            return checker.refuse(KEY, "must end with the path: no `?`, and no key");
        }
        Some(host) => host,
    };
    if url.starts_with("http://") && !matches!(host, "127.0.0.1" | "localhost" | "[::1]") {
        warnings.push("alma.api.base-url is http: the key is sent readable for everybody on the way".to_owned());
    }
    let url = url.strip_suffix("/bibs").unwrap_or(url).trim_end_matches('/');
    Ok(if url.ends_with(ROOT) { url.to_owned() } else { format!("{url}{ROOT}") })
}

fn pace(checker: &Checker<'_>, raw: &RawAlmaApi) -> Result<Pace, Error> {
    let requests_per_second = raw.requests_per_second.unwrap_or(10.0);
    if !requests_per_second.is_finite() || requests_per_second <= 0.0 {
        return checker
            .refuse("alma.api.requests-per-second", "must be a number above 0: Alma limits every institution");
    }
    let writers = raw.writers.unwrap_or(10);
    if !(1..=25).contains(&writers) {
        return checker.refuse("alma.api.writers", "must be a number from 1 to 25");
    }
    let time_out = raw.time_out.map_or(Duration::from_secs(60), |span| span.0);
    if time_out.is_zero() {
        return checker.refuse("alma.api.time-out", "must be longer than nothing");
    }
    let (daily_floor, retries) = (raw.daily_floor.unwrap_or(1000), raw.retries.unwrap_or(5));
    Ok(Pace { requests_per_second, writers, daily_floor, time_out, retries })
}

fn writing(checker: &Checker<'_>, raw: &RawAlmaApi) -> Result<Writing, Error> {
    let standard = Writing::default();
    let writing = Writing {
        validate: raw.validate.unwrap_or(standard.validate),
        override_warning: raw.override_warning.unwrap_or(standard.override_warning),
        override_lock: raw.override_lock.unwrap_or(standard.override_lock),
        stale_version_check: raw.stale_version_check.unwrap_or(standard.stale_version_check),
        check_match: raw.check_match.unwrap_or(standard.check_match),
    };
    // Alma refuses such a call with 401873 (almapy, 2026): without a check there are no warnings to heed.
    if !(writing.override_warning || writing.validate || writing.check_match) {
        return checker.refuse(
            "alma.api.override-warning",
            "false means nothing without a check that warns: set validate or check-match to true",
        );
    }
    Ok(writing)
}

fn check_mark(checker: &Checker<'_>, mark: String) -> Result<String, Error> {
    let inside = mark.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if inside.is_empty() || !inside.chars().all(fits) {
        let message =
            format!("`{mark}` is not a prefix of an 035: write \"(ASPACE-INST)\", letters, digits, - _ and .");
        return checker.refuse("alma.api.mark", message);
    }
    Ok(mark)
}

fn keep_tags(checker: &Checker<'_>, written: Option<Vec<String>>) -> Result<Vec<String>, Error> {
    let tags = written.unwrap_or_else(|| vec!["035".to_owned(), "9XX".to_owned()]);
    let is_tag = |tag: &str| tag.len() == 3 && tag.bytes().all(|byte| byte.is_ascii_digit() || byte == b'X');
    match tags.iter().find(|tag| !is_tag(tag)) {
        Some(tag) => checker.refuse("alma.api.keep-tags", format!("`{tag}` is not a tag: write \"035\" or \"9XX\"")),
        None => Ok(tags),
    }
}

fn locations(checker: &Checker<'_>, written: Vec<RawLocation>) -> Result<Vec<Location>, Error> {
    const KEY: &str = "alma.api.locations";
    let mut locations: Vec<Location> = Vec::new();
    for raw in written {
        for code in [&raw.library, &raw.location] {
            if code.is_empty() || code.contains(char::is_whitespace) || code.contains(char::is_control) {
                return checker.refuse(KEY, format!("`{code}` is not a code of a library or location"));
            }
        }
        if locations.iter().any(|known| known.library == raw.library && known.location == raw.location) {
            return checker.refuse(KEY, format!("{} {} stands there twice", raw.library, raw.location));
        }
        let label = raw.label.filter(|label| !label.trim().is_empty());
        let label = label.unwrap_or_else(|| format!("{} {}", raw.library, raw.location));
        locations.push(Location { library: raw.library, location: raw.location, label });
    }
    Ok(locations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Profile, parse};
    use std::path::Path;

    fn profile(api: &str) -> Result<Profile, String> {
        let text = format!(
            "[rosetta.feed]\nbase-url = \"https://r.example.org/oai\"\nmetadata-prefix = \"oai_dc\"\n\
             [alma.feed]\nbase-url = \"https://a.example.org/oai\"\nmetadata-prefix = \"oai_dc\"\nset = \"s\"\n\
             [staging]\nfolder = \"f\"\n[alma.api]\n{api}\n"
        );
        parse(Path::new("/etc/cartouche/p.toml"), &text)
            .map_err(|error| crate::failure::Failure::from(error).to_string())
    }

    fn api(keys: &str) -> Result<AlmaApi, String> {
        let base = "base-url = \"https://api-eu.hosted.exlibrisgroup.com\"\nkey-env = \"ALMA_API_KEY\"\n";
        profile(&format!("{base}{keys}")).map(|profile| profile.alma_api.unwrap())
    }

    #[test]
    fn the_base_url_may_end_with_any_part_of_the_path() {
        for end in ["", "/", "/almaws/v1", "/almaws/v1/", "/almaws/v1/bibs", "/almaws/v1/bibs/"] {
            let keys = format!("base-url = \"https://api-na.hosted.exlibrisgroup.com{end}\"\nkey-file = \"key\"");
            let api = profile(&keys).unwrap().alma_api.unwrap();
            assert_eq!(api.base_url, "https://api-na.hosted.exlibrisgroup.com/almaws/v1", "{end}");
            assert_eq!(api.key, SecretPlace::File("/etc/cartouche/key".into()));
        }
    }

    #[test]
    fn what_is_not_written_has_careful_defaults() {
        let api = api("").unwrap();
        assert_eq!((api.pace.requests_per_second, api.pace.writers, api.pace.daily_floor), (10.0, 10, 1000));
        assert_eq!(api.writing, Writing::default());
        assert!(api.writing.stale_version_check && !api.writing.override_lock);
        assert_eq!(api.keep_tags, ["035", "9XX"]);
    }

    #[test]
    fn contradictions_are_refused_by_the_name_of_their_key() {
        let refused = |keys: &str, key: &str| {
            let error = api(keys).unwrap_err();
            assert!(error.contains(key), "{keys}: {error}");
        };
        refused("key-file = \"k\"", "which one holds the key");
        refused("requests-per-second = 0", "alma.api.requests-per-second");
        refused("writers = 0", "alma.api.writers");
        refused("time-out = \"0s\"", "alma.api.time-out");
        refused("override-warning = false\nvalidate = false", "alma.api.override-warning");
        refused("mark = \"ASPACE\"", "alma.api.mark");
        refused("mark = \"()\"", "alma.api.mark");
        refused("keep-tags = [\"9xx\"]", "alma.api.keep-tags");
        refused("locations = [{ library = \"\", location = \"a\" }]", "alma.api.locations");
        refused("locations = [{ library = \"A\", location = \"a b\" }]", "alma.api.locations");
        let twice = "{ library = \"A\", location = \"a\" }";
        refused(&format!("locations = [{twice}, {twice}]"), "stands there twice");
        refused("floor = 1", "unknown field `floor`");
        assert!(api("override-warning = false").is_ok());
        let labelled = api(&format!("locations = [{twice}]")).unwrap().locations;
        assert_eq!(labelled[0].label, "A a");
    }

    #[test]
    fn a_key_in_the_url_is_refused_and_not_repeated() {
        for url in ["https://h/almaws/v1?apikey=l7xxSECRET", "https://l7xxSECRET@h/almaws/v1"] {
            let error = profile(&format!("base-url = \"{url}\"\nkey-env = \"K\"")).unwrap_err();
            assert!(error.contains("alma.api.base-url") && !error.contains("SECRET"), "{error}");
        }
        let error = profile("base-url = \"https://h\"").unwrap_err();
        assert!(error.contains("needs key-env or key-file"), "{error}");
    }

    #[test]
    fn a_key_in_the_clear_is_warned_of() {
        let warned = |url: &str| {
            let warnings = profile(&format!("base-url = \"{url}\"\nkey-env = \"K\"")).unwrap().warnings;
            warnings.iter().any(|warning| warning.contains("readable for everybody"))
        };
        assert!(warned("http://alma-proxy.example.org") && !warned("http://127.0.0.1:8644") && !warned("https://h"));
    }
}
