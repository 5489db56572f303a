//! Who may: from a request to a person, or to a reason why not.

use super::places::Places;
use super::secret;
use super::serve::Request;
use super::sessions::Sessions;
use crate::model::time::Timestamp;
use crate::profile::serve::{Account, Proxy};
use crate::profile::{Role, Served};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The name of the session's cookie.
const COOKIE: &str = "cartouche";
/// The same where the page is reached over https: browsers take a cookie of this name from its own host alone, over https alone.
const HOST_COOKIE: &str = "__Host-cartouche";

/// Longer passwords are nobody's, and would take long to hash.
const LONGEST_PASSWORD: usize = 1000;

/// Passwords that wait for their turn to be hashed; each takes a thread, and a tenth of a second or so.
const QUEUE: usize = 16;

/// Why somebody is not signed in.
pub enum Refused {
    /// Too many attempts; for how long no further one is looked at.
    Wait(Duration),
    /// So many passwords are being looked at that this one was not.
    Busy,
    Wrong,
    Failed(secret::Error),
}

/// Somebody who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    /// What they may do with which profile; profiles that they must not see are not in it.
    pub roles: BTreeMap<String, Role>,
    pub csrf: String,
    /// Whether they signed in here, so that they can sign out.
    pub has_session: bool,
}

impl Person {
    pub fn may(&self, profile: &str, role: Role) -> bool {
        self.roles.get(profile).is_some_and(|has| *has >= role)
    }
}

/// What the profiles say of who may use the page.
pub struct Access {
    /// The user that the process runs as, who decides where nobody has to say who they are.
    user: String,
    desks: BTreeMap<String, Rules>,
    /// Changes with each start of the server.
    key: [u8; 32],
    is_https: bool,
    sessions: Mutex<Sessions>,
    /// Passwords that are being looked at or wait for it.
    queue: Places,
}

struct Rules {
    accounts: Vec<Account>,
    proxy: Option<Proxy>,
}

impl Rules {
    fn is_open(&self) -> bool {
        self.accounts.is_empty() && self.proxy.is_none()
    }
}

/// Why a page may not be served at an address.
pub fn refusal(profiles: &[Served], listen: SocketAddr) -> Option<String> {
    let open: Vec<&str> =
        profiles.iter().filter(|profile| !profile.serve.asks_for_a_name()).map(|p| p.name.as_str()).collect();
    if open.is_empty() {
        return None;
    }
    let open = open.join(", ");
    if !listen.ip().is_loopback() {
        return Some(format!("{listen} can be reached from other machines, and anybody could decide about {open}"));
    }
    // A proxy on this machine passes on what others ask, and some say nothing of that (nginx as it is installed).
    let is_proxied = |profile: &&Served| profile.serve.proxy.is_some() || profile.serve.public_url.is_some();
    let proxied = profiles.iter().find(is_proxied)?;
    Some(format!(
        "the page is reached through a proxy ([serve] of {}), and anybody could decide about {open}",
        proxied.name
    ))
}

impl Access {
    pub fn new(profiles: &[Served], user: &str) -> Result<Self, secret::Error> {
        let rules = |profile: &Served| {
            (
                profile.name.clone(),
                Rules { accounts: profile.serve.accounts.clone(), proxy: profile.serve.proxy.clone() },
            )
        };
        Ok(Access {
            user: user.to_owned(),
            desks: profiles.iter().map(rules).collect(),
            key: secret::random()?,
            is_https: profiles.iter().any(is_over_https),
            sessions: Mutex::default(),
            queue: Places::new(QUEUE),
        })
    }

    /// Whether there is anybody who could sign in.
    pub fn has_accounts(&self) -> bool {
        self.desks.values().any(|rules| !rules.accounts.is_empty())
    }

    /// Who asks: by session, by a trusted proxy's header, or the user of this machine. `None`: nobody known.
    pub fn person(&self, request: &Request, now: Timestamp) -> Option<Person> {
        if let Some(person) = self.id_in(request).and_then(|id| self.person_of(&id, now)) {
            return Some(person);
        }
        let named = self.desks.values().filter_map(|rules| rules.proxy.as_ref()).find_map(|proxy| told(proxy, request));
        // Who a proxy names is not the user of this machine, and what a proxy passes on need not come from it.
        let is_local = named.is_none() && !is_forwarded(request);
        let name = match named {
            Some(name) => name,
            None if is_local && self.desks.values().any(Rules::is_open) => self.user.clone(),
            None => return None,
        };
        let roles = self.roles(|rules| match rules.proxy.as_ref() {
            Some(proxy) => {
                let decides = proxy.deciders.contains(&name);
                let is_told = told(proxy, request).is_some_and(|told| told == name);
                is_told.then_some(if decides { Role::Decide } else { proxy.role })
            }
            // The user of this machine; the server listens to nobody else then.
            None => (is_local && rules.is_open()).then_some(Role::Decide),
        });
        let csrf = secret::seal(&self.key, &name);
        Some(Person { name, roles, csrf, has_session: false })
    }

    /// Signs somebody in; answers the id that the cookie holds. Which of name and password was wrong is not told.
    pub fn sign_in(&self, request: &Request, name: &str, password: &str, now: Timestamp) -> Result<String, Refused> {
        let address = self.address(request);
        let Some(_place) = self.queue.take() else { return Err(Refused::Busy) };
        let is_known = self
            .desks
            .values()
            .flat_map(|rules| &rules.accounts)
            .any(|account| account.name.to_lowercase() == name.to_lowercase());
        {
            // The attempt counts before the password is looked at: many at once must not slip through together.
            let mut sessions = self.sessions();
            if let Some(wait) = sessions.must_wait(name, &address, now) {
                return Err(Refused::Wait(wait));
            }
            sessions.note_attempt(name, is_known, &address, now);
        }
        if password.len() > LONGEST_PASSWORD || !self.is_password(name, password) {
            return Err(Refused::Wrong);
        }
        let mut sessions = self.sessions();
        sessions.note_success(name, &address);
        if let Some(old) = self.id_in(request) {
            sessions.end(&old);
        }
        sessions.begin(name, now).map_err(Refused::Failed)
    }

    /// Ends the session that a request belongs to.
    pub fn end(&self, request: &Request) {
        if let Some(id) = self.id_in(request) {
            self.sessions().end(&id);
        }
    }

    /// The line that gives the browser, or the program, an id to come back with; an empty one takes it away.
    pub fn cookie(&self, id: &str) -> String {
        let (name, secure) = if self.is_https { (HOST_COOKIE, "; Secure") } else { (COOKIE, "") };
        let end = if id.is_empty() { "; Max-Age=0" } else { "" };
        format!("{name}={id}; Path=/; HttpOnly; SameSite=Strict{secure}{end}")
    }

    /// An id for a browser that nobody is signed in with yet, and the token that its form must bring back with it: otherwise
    /// another site could sign somebody in as somebody else.
    pub fn stranger(&self) -> Result<(String, String), secret::Error> {
        let id = secret::hex(&secret::random()?);
        let token = self.token_of(&id);
        Ok((id, token))
    }

    /// Whether a form to sign in came from a page of ours in the same browser.
    pub fn is_strangers(&self, request: &Request, token: &str) -> bool {
        self.id_in(request).is_some_and(|id| secret::same(&self.token_of(&id), token))
    }

    fn token_of(&self, stranger: &str) -> String {
        secret::seal(&self.key, &format!("sign in {stranger}"))
    }

    /// The id that the browser sent.
    fn id_in(&self, request: &Request) -> Option<String> {
        let wanted = if self.is_https { HOST_COOKIE } else { COOKIE };
        let pairs = request.header("cookie")?.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.into_iter().find(|(name, _)| *name == wanted).map(|(_, id)| id.to_owned())
    }

    /// Whether the session that a request belonged to goes on; looking does not keep it alive.
    pub fn goes_on(&self, request: &Request, now: Timestamp) -> bool {
        self.id_in(request).is_some_and(|id| self.sessions().has(&id, now))
    }

    /// Who has a session.
    pub fn person_of(&self, id: &str, now: Timestamp) -> Option<Person> {
        let session = self.sessions().of(id, now)?;
        let roles = self.roles(|rules| {
            let account = rules.accounts.iter().find(|account| account.name == session.name);
            account.map(|account| account.role)
        });
        Some(Person { name: session.name, roles, csrf: session.csrf, has_session: true })
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn roles(&self, role: impl Fn(&Rules) -> Option<Role>) -> BTreeMap<String, Role> {
        self.desks.iter().filter_map(|(desk, rules)| role(rules).map(|role| (desk.clone(), role))).collect()
    }

    /// Whether a password is that of a name. A name may stand in several profiles, and then counts where it has this
    /// password everywhere: otherwise the weakest profile would open all.
    pub fn is_password(&self, name: &str, password: &str) -> bool {
        // One at a time: each hash takes 19 MiB, and many at once would be an attack.
        static TURN: Mutex<()> = Mutex::new(());
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let accounts = self.desks.values().flat_map(|rules| &rules.accounts);
        let mut hashes: Vec<&str> =
            accounts.filter(|account| account.name == name).map(|account| account.password_hash.exposed()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        match hashes.split_first() {
            None => secret::is_password(password, None),
            Some(_) => hashes.iter().all(|hash| secret::is_password(password, Some(hash))),
        }
    }

    /// The address that an attempt to sign in counts for: behind a trusted proxy, the one that it names.
    pub fn address(&self, request: &Request) -> String {
        let Some(peer) = request.peer else { return "unknown".to_owned() };
        let proxies = self.desks.values().filter_map(|rules| rules.proxy.as_ref());
        let is_proxy = proxies.flat_map(|proxy| &proxy.addresses).any(|address| *address == peer);
        // What the caller sends stands before what the proxy adds, be it in the same line (nginx) or in a further one (HAProxy).
        let forwarded = request.headers.iter().rfind(|(name, _)| name == "x-forwarded-for").filter(|_| is_proxy);
        let last = forwarded.and_then(|(_, all)| all.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
        neighbourhood(last.unwrap_or(peer))
    }
}

/// An address as attempts are counted: whoever has one of IPv6 has the 2^64 beside it.
fn neighbourhood(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Whether a proxy passes on what somebody else asked, who need not be at this machine at all.
fn is_forwarded(request: &Request) -> bool {
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"]
        .iter()
        .any(|name| request.header(name).is_some())
}

/// The name that a proxy tells, when it is the proxy that asks.
fn told(proxy: &Proxy, request: &Request) -> Option<String> {
    request.peer.filter(|peer| proxy.addresses.contains(&peer.to_canonical()))?;
    // Two headers of one name could be one of the proxy's and one of somebody else's.
    let mut values = request.headers.iter().filter(|(name, _)| *name == proxy.user_header);
    let (_, name) = values.next()?;
    let name = name.trim();
    let is_name = values.next().is_none() && !name.is_empty() && name.chars().count() <= 100;
    is_name.then(|| name.to_owned())
}

fn is_over_https(profile: &Served) -> bool {
    profile.serve.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
}
