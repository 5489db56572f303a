//! Who may use the staff page and where it links to: `[serve]`, checked.

use super::Error;
use super::check::{Checker, host_of};
use super::raw::{RawAccount, RawAccounts, RawRole, RawServe};
use super::secret::Secret;
use std::net::IpAddr;
use std::path::Path;

/// What somebody may do with a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    View,
    Decide,
}

impl Role {
    pub fn as_str(&self) -> &'static str {
        match self {
            Role::View => "view",
            Role::Decide => "decide",
        }
    }
}

/// How a profile appears on the staff page.
#[derive(Debug, Clone, Default)]
pub struct Serve {
    pub accounts: Vec<Account>,
    /// `None`: no proxy says who asks.
    pub proxy: Option<Proxy>,
    /// Under which the page is reached from outside: `https://cartouche.example.org`, without a path.
    pub public_url: Option<String>,
    pub rosetta_link: Option<LinkTemplate>,
    pub alma_link: Option<LinkTemplate>,
}

/// Somebody who may sign in.
#[derive(Debug, Clone)]
pub struct Account {
    pub name: String,
    pub role: Role,
    /// An argon2id hash in PHC's form; it is never shown.
    pub password_hash: Secret,
}

/// A proxy that has asked for the user's name already.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// The header that names the user, in lower case.
    pub user_header: String,
    /// Of everybody whom the proxy lets through.
    pub role: Role,
    /// Those who may decide, whatever `role` says.
    pub deciders: Vec<String>,
    /// The only addresses whose header counts.
    pub addresses: Vec<IpAddr>,
}

/// A link with a place in it for an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTemplate {
    before: String,
    after: String,
}

impl LinkTemplate {
    /// Reads `https://…{ie}…`. Only http and https are links; anything else could be a script.
    fn parse(text: &str, place: &str) -> Result<Self, String> {
        let text = text.trim();
        if host_of(text).is_none_or(|host| host.contains(['{', '@'])) || text.contains(char::is_whitespace) {
            return Err(format!("`{text}` is no link: it must begin with http:// or https:// and a host"));
        }
        let (before, after) = text.split_once(place).ok_or_else(|| format!("`{text}` has no {place}"))?;
        Ok(LinkTemplate { before: before.to_owned(), after: after.to_owned() })
    }

    /// The link for an identifier that consists of letters and digits.
    pub fn link(&self, identifier: &str) -> Option<String> {
        let is_plain = !identifier.is_empty() && identifier.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_plain.then(|| format!("{}{identifier}{}", self.before, self.after))
    }
}

impl Serve {
    /// Whether somebody has to say who they are.
    pub fn asks_for_a_name(&self) -> bool {
        !self.accounts.is_empty() || self.proxy.is_some()
    }
}

pub(super) fn check(checker: &Checker<'_>, raw: RawServe) -> Result<Serve, Error> {
    let mut accounts = raw.accounts.iter().map(|raw| account(checker, raw)).collect::<Result<Vec<_>, _>>()?;
    if let Some(path) = &raw.accounts_file {
        let path = checker.resolve(path);
        accounts.extend(read_accounts(&path)?.iter().map(|raw| account(checker, raw)).collect::<Result<Vec<_>, _>>()?);
    }
    for (at, account) in accounts.iter().enumerate() {
        if accounts[..at].iter().any(|other| other.name == account.name) {
            return checker.refuse("serve.accounts", format!("`{}` is there twice", account.name));
        }
    }
    let public_url = match raw.public_url.as_deref().map(|url| url.trim().trim_end_matches('/')) {
        None => None,
        Some(url) if is_origin(url) => Some(url.to_owned()),
        Some(url) => {
            return checker.refuse("serve.public-url", format!("`{url}` must be http:// or https:// and a host"));
        }
    };
    let link = |key, text: &Option<String>, place| match text.as_deref().map(|text| LinkTemplate::parse(text, place)) {
        None => Ok(None),
        Some(Ok(template)) => Ok(Some(template)),
        Some(Err(why)) => checker.refuse(key, why),
    };
    Ok(Serve {
        accounts,
        public_url,
        rosetta_link: link("serve.rosetta-link", &raw.rosetta_link, "{ie}")?,
        alma_link: link("serve.alma-link", &raw.alma_link, "{mms}")?,
        proxy: proxy(checker, raw)?,
    })
}

fn is_origin(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    host_of(url).is_some() && !rest.contains(['/', '?', '#', '@'])
}

fn read_accounts(path: &Path) -> Result<Vec<RawAccount>, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let read: Result<RawAccounts, _> = toml::from_str(&text);
    read.map(|read| read.accounts).map_err(|source| Error::Syntax { path: path.to_owned(), source })
}

fn role(raw: RawRole) -> Role {
    match raw {
        RawRole::View => Role::View,
        RawRole::Decide => Role::Decide,
    }
}

fn account(checker: &Checker<'_>, raw: &RawAccount) -> Result<Account, Error> {
    let name = raw.name.trim();
    if name.is_empty() || name.contains(char::is_control) || name.chars().count() > 100 {
        return checker.refuse("serve.accounts", format!("`{name}` is no name of a user"));
    }
    // Neither the hash nor what stands in its place is repeated: it may be a password.
    if !raw.password_hash.starts_with("$argon2id$") {
        let message = format!("the password-hash of `{name}` is none: `cartouche user add {name}` prints one");
        return checker.refuse("serve.accounts", message);
    }
    let password_hash = Secret::new(raw.password_hash.clone());
    Ok(Account { name: name.to_owned(), role: role(raw.role), password_hash })
}

fn proxy(checker: &Checker<'_>, raw: RawServe) -> Result<Option<Proxy>, Error> {
    let Some(header) = raw.proxy_user_header else {
        if !raw.trusted_proxy.is_empty() || raw.proxy_role.is_some() || !raw.proxy_deciders.is_empty() {
            return checker.refuse("serve.proxy-user-header", "missing: which header names the user?");
        }
        return Ok(None);
    };
    let user_header = header.trim().to_ascii_lowercase();
    if user_header.is_empty() || !user_header.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return checker.refuse("serve.proxy-user-header", format!("`{header}` is no name of a header"));
    }
    if raw.trusted_proxy.is_empty() {
        let message = "missing: anybody can send a header, so the proxy's address must be named";
        return checker.refuse("serve.trusted-proxy", message);
    }
    let mut addresses = Vec::new();
    for address in &raw.trusted_proxy {
        match address.trim().parse() {
            Ok(address) => addresses.push(address),
            Err(_) => return checker.refuse("serve.trusted-proxy", format!("`{address}` is no IP address")),
        }
    }
    let role = raw.proxy_role.map_or(Role::View, role);
    Ok(Some(Proxy { user_header, role, deciders: raw.proxy_deciders, addresses }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Profile, parse};

    fn profile(serve: &str) -> Result<Profile, String> {
        let text = format!(
            "[rosetta.feed]\nbase-url = \"https://r.example.org/oai\"\nmetadata-prefix = \"oai_dc\"\n\
             [alma.feed]\nbase-url = \"https://a.example.org/oai\"\nmetadata-prefix = \"oai_dc\"\nset = \"s\"\n\
             [staging]\nfolder = \"f\"\n[serve]\n{serve}\n"
        );
        parse(Path::new("/etc/cartouche/p.toml"), &text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_link_is_http_and_has_a_place_for_the_identifier() {
        let serve = profile("rosetta-link = \"https://r.example.org/d?dps_pid={ie}&x=1\"").unwrap().serve;
        let link = serve.rosetta_link.unwrap();
        assert_eq!(link.link("IE7").as_deref(), Some("https://r.example.org/d?dps_pid=IE7&x=1"));
        assert_eq!(link.link("IE7\"><script>"), None);
        for wrong in ["javascript:alert('{ie}')", "https://{ie}", "https://r.example.org/", "data:text/html,{ie}"] {
            assert!(
                profile(&format!("rosetta-link = \"{wrong}\"")).unwrap_err().contains("serve.rosetta-link"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_hash_is_never_repeated_and_a_password_in_its_place_is_refused() {
        let account = |hash: &str| {
            profile(&format!("accounts = [{{ name = \"anna\", role = \"decide\", password-hash = \"{hash}\" }}]"))
        };
        let error = account("hunter2hunter2").unwrap_err();
        assert!(error.contains("anna") && !error.contains("hunter2"), "{error}");
        let checked = account("$argon2id$v=19$secret").unwrap();
        assert!(!format!("{checked:?}").contains("v=19"), "the hash is shown");
    }

    #[test]
    fn a_proxy_needs_an_address_and_a_header() {
        assert!(profile("proxy-user-header = \"X-Remote-User\"").unwrap_err().contains("trusted-proxy"));
        assert!(profile("trusted-proxy = [\"127.0.0.1\"]").unwrap_err().contains("proxy-user-header"));
        let both = "proxy-user-header = \"X-Remote-User\"\ntrusted-proxy = [\"10.0.0.1\"]\nproxy-deciders = [\"anna\"]";
        let proxy = profile(both).unwrap().serve.proxy.unwrap();
        assert_eq!((proxy.user_header.as_str(), proxy.role), ("x-remote-user", Role::View));
    }
}
