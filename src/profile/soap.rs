//! Rosetta's web services, described: `[rosetta.soap]`, checked.

use super::Error;
use super::check::{Checker, host_of};
use super::raw::RawSoap;
use super::secret::SecretPlace;
use std::time::Duration;

/// What the program adds to the base URL.
const PATH: &str = "/dpsws/repository/IEWebServices";

/// How Rosetta's web services are asked.
#[derive(Debug, Clone)]
pub struct Soap {
    /// Of the service itself, `…/dpsws/repository/IEWebServices`.
    pub url: String,
    /// As HTTP Basic authentication wants it: user and institution in one.
    pub user: String,
    pub password: SecretPlace,
    /// `None`: no limit.
    pub requests_per_second: Option<f64>,
    pub time_out: Duration,
    pub retries: u32,
    /// After this a file that could not be applied is tried again; each further time after twice as long.
    pub try_again: Duration,
}

/// Refuses what cannot be asked; warns of a password that would travel in the clear.
pub(super) fn check(checker: &Checker<'_>, raw: RawSoap, warnings: &mut Vec<String>) -> Result<Soap, Error> {
    let base_url = raw.base_url.trim();
    let base_url = base_url.strip_suffix("?wsdl").unwrap_or(base_url).trim_end_matches('/');
    let host = match host_of(base_url) {
        None => {
            let message = format!("`{base_url}` is not a URL: it must begin with http:// or https:// and a host");
            return checker.refuse("rosetta.soap.base-url", message);
        }
        Some(host) if host.contains('@') => {
            let message = "holds a user name or password: secrets do not belong into a profile";
            return checker.refuse("rosetta.soap.base-url", message);
        }
        Some(_) if base_url.contains(['?', '#']) => {
            return checker.refuse("rosetta.soap.base-url", format!("`{base_url}` must end with the path"));
        }
        Some(host) => host,
    };
    if base_url.starts_with("http://") && !matches!(host, "127.0.0.1" | "localhost" | "[::1]") {
        warnings
            .push("rosetta.soap.base-url is http: the password is sent readable for everybody on the way".to_owned());
    }
    for (key, value) in [("rosetta.soap.user", &raw.user), ("rosetta.soap.institution", &raw.institution)] {
        // A colon would end the user in HTTP Basic authentication.
        if value.trim().is_empty() || value.contains(':') || value.contains(char::is_control) {
            return checker.refuse(key, format!("`{value}` cannot be part of a user name"));
        }
    }
    let password = match (raw.password_env, raw.password_file) {
        (Some(name), None) if !name.trim().is_empty() => SecretPlace::Environment(name.trim().to_owned()),
        (None, Some(path)) => SecretPlace::File(checker.resolve(&path)),
        (Some(_), None) => return checker.refuse("rosetta.soap.password-env", "is empty"),
        (None, None) => return checker.refuse("rosetta.soap", "needs password-env or password-file"),
        (Some(_), Some(_)) => {
            return checker.refuse("rosetta.soap", "has password-env and password-file: which one holds the password?");
        }
    };
    let rate = raw.requests_per_second;
    if rate.is_some_and(|rate| !rate.is_finite() || rate < 0.0) {
        return checker.refuse("rosetta.soap.requests-per-second", "must be a number above 0, or 0 for no limit");
    }
    let url = if base_url.ends_with(PATH) { base_url.to_owned() } else { format!("{base_url}{PATH}") };
    Ok(Soap {
        url,
        // The form that Ex Libris gives for local users; without the institution Rosetta knows nobody.
        user: format!("{}-institutionCode-{}", raw.user.trim(), raw.institution.trim()),
        password,
        requests_per_second: rate.filter(|rate| *rate > 0.0),
        time_out: raw.time_out.map_or(Duration::from_secs(120), |span| span.0),
        retries: raw.retries.unwrap_or(4),
        try_again: raw.try_again.map_or(Duration::from_secs(5 * 60), |span| span.0),
    })
}

#[cfg(test)]
mod tests {
    use crate::profile::{Profile, SettledBy, parse, secret::SecretPlace};
    use std::path::Path;

    fn profile(soap: &str, staging: &str) -> Result<Profile, String> {
        let text = format!(
            "[rosetta.feed]\nbase-url = \"https://r.example.org/oai\"\nmetadata-prefix = \"oai_dc\"\n\
             [alma.feed]\nbase-url = \"https://a.example.org/oai\"\nmetadata-prefix = \"oai_dc\"\nset = \"s\"\n\
             [staging]\nfolder = \"f\"\n{staging}\n{soap}\n"
        );
        parse(Path::new("/etc/cartouche/p.toml"), &text).map_err(|error| error.to_string())
    }

    fn soap(keys: &str) -> String {
        format!("[rosetta.soap]\nuser = \"mdupdate\"\ninstitution = \"INST01\"\n{keys}")
    }

    #[test]
    fn the_services_are_asked_under_their_path_as_a_user_of_an_institution() {
        for base in [
            "https://app.example.org",
            "https://app.example.org/",
            "https://app.example.org/dpsws/repository/IEWebServices?wsdl",
        ] {
            let text = soap(&format!("base-url = \"{base}\"\npassword-file = \"secret\""));
            let soap = profile(&text, "settled-by = \"cartouche\"").unwrap().round_trip.soap.unwrap();
            assert_eq!(soap.url, "https://app.example.org/dpsws/repository/IEWebServices");
            assert_eq!(soap.user, "mdupdate-institutionCode-INST01");
            assert_eq!(soap.password, SecretPlace::File("/etc/cartouche/secret".into()));
        }
    }

    #[test]
    fn contradictions_are_refused_by_the_name_of_their_key() {
        let refused = |keys: &str, key: &str| {
            let error = profile(&soap(keys), "").unwrap_err();
            assert!(error.contains(key), "{error}");
        };
        refused("base-url = \"https://a\"", "password-env or password-file");
        refused("base-url = \"https://a\"\npassword-env = \"A\"\npassword-file = \"b\"", "which one");
        refused("base-url = \"a.example.org\"\npassword-env = \"A\"", "rosetta.soap.base-url");
        refused("base-url = \"https://me:pw@a\"\npassword-env = \"A\"", "secrets do not belong");
        refused("base-url = \"https://a\"\npassword-env = \"A\"\nrequests-per-second = -1", "requests-per-second");
    }

    #[test]
    fn who_settles_over_soap_or_reads_over_it_must_say_where_it_is() {
        assert!(profile("", "settled-by = \"cartouche\"").unwrap_err().contains("needs the table [rosetta.soap]"));
        assert!(profile("[merge]\ncurrent = \"soap\"", "").unwrap_err().contains("needs the table [rosetta.soap]"));
        assert_eq!(profile("", "").unwrap().round_trip.staging.settled_by, SettledBy::Rosetta);
    }

    #[test]
    fn a_password_in_the_clear_is_warned_of() {
        let warnings =
            |url: &str| profile(&soap(&format!("base-url = \"{url}\"\npassword-env = \"A\"")), "").unwrap().warnings;
        assert_eq!(warnings("http://app.example.org:1801").len(), 1);
        assert!(warnings("https://app.example.org").is_empty() && warnings("http://127.0.0.1:8643").is_empty());
    }
}
