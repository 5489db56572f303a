//! Who is signed in, and who has tried too often; all of it in memory.

use super::secret;
use crate::model::time::Timestamp;
use std::collections::HashMap;
use std::time::Duration;

/// Without a request for this long somebody is signed out.
const IDLE: Duration = Duration::from_secs(60 * 60);
/// However busy, after this long somebody has to sign in again.
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);
/// Within this time failed attempts count.
const WHILE: Duration = Duration::from_secs(15 * 60);
/// Attempts within that time that a name has; guessing gets nowhere, and mistyping does.
const PER_NAME: usize = 5;
/// Attempts that an address has: several people may sit behind one.
const PER_ADDRESS: usize = 20;
/// More than this is not kept: an attacker must not fill the memory.
const MOST: usize = 10_000;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    pub name: String,
    /// What every form of this session must bring back.
    pub csrf: String,
    begun: Timestamp,
    seen: Timestamp,
}

/// Sessions by their ids, and failed attempts.
#[derive(Debug, Default)]
pub struct Sessions {
    open: HashMap<String, Session>,
    /// By names that somebody has. There are few of them, and none is ever forgotten for want of room.
    accounts: HashMap<String, Vec<Timestamp>>,
    /// By addresses, and by names that nobody has: what anybody can make up.
    others: HashMap<String, Vec<Timestamp>>,
}

impl Sessions {
    /// Signs somebody in; answers the id that the cookie holds.
    pub fn begin(&mut self, name: &str, now: Timestamp) -> Result<String, secret::Error> {
        self.open.retain(|_, session| !session.is_over(now));
        if self.open.len() >= MOST {
            let oldest = self.open.iter().min_by_key(|(_, session)| session.seen).map(|(id, _)| id.clone());
            oldest.map(|id| self.open.remove(&id));
        }
        let id = secret::hex(&secret::random()?);
        let csrf = secret::hex(&secret::random()?);
        self.open.insert(id.clone(), Session { name: name.to_owned(), csrf, begun: now, seen: now });
        Ok(id)
    }

    /// The session of an id, which lives on with it; `None` when there is none, or when it is over.
    pub fn of(&mut self, id: &str, now: Timestamp) -> Option<Session> {
        let session = self.open.get_mut(id)?;
        if session.is_over(now) {
            self.open.remove(id);
            return None;
        }
        session.seen = now;
        Some(session.clone())
    }

    /// Whether the session of an id goes on; asking does not keep it alive.
    pub fn has(&self, id: &str, now: Timestamp) -> bool {
        self.open.get(id).is_some_and(|session| !session.is_over(now))
    }

    pub fn end(&mut self, id: &str) {
        self.open.remove(id);
    }

    /// How long somebody has to wait before trying again; `None`: not at all.
    pub fn must_wait(&self, name: &str, address: &str, now: Timestamp) -> Option<Duration> {
        let wait = |key: String, most: usize| {
            let recent: Vec<Timestamp> =
                self.attempts(&key)?.iter().copied().filter(|at| now.since(*at) < WHILE).collect();
            let counts = recent.len() >= most;
            counts.then(|| WHILE.saturating_sub(now.since(recent[recent.len() - most])))
        };
        wait(of_name(name), PER_NAME).max(wait(of_address(address), PER_ADDRESS))
    }

    fn attempts(&self, key: &str) -> Option<&Vec<Timestamp>> {
        self.accounts.get(key).or_else(|| self.others.get(key))
    }

    /// Notes an attempt to sign in, which counts as failed until it is known to be none. `is_known` tells that somebody has
    /// this name.
    pub fn note_attempt(&mut self, name: &str, is_known: bool, address: &str, now: Timestamp) {
        let name = of_name(name);
        if is_known {
            note(&mut self.accounts, name, now);
        } else {
            self.note_other(name, now);
        }
        self.note_other(of_address(address), now);
    }

    fn note_other(&mut self, key: String, now: Timestamp) {
        if self.others.len() >= MOST && !self.others.contains_key(&key) {
            self.others.retain(|_, attempts| attempts.last().is_some_and(|last| now.since(*last) < WHILE));
            self.make_room();
        }
        note(&mut self.others, key, now);
    }

    /// Where all places are taken the oldest tenth goes: a flood of made-up names is not to cost a walk through all of them each.
    fn make_room(&mut self) {
        if self.others.len() < MOST {
            return;
        }
        let age = |(key, attempts): (&String, &Vec<Timestamp>)| (attempts.last().copied(), key.clone());
        let mut all: Vec<(Option<Timestamp>, String)> = self.others.iter().map(age).collect();
        all.sort_unstable();
        for (_, key) in all.iter().take(MOST / 10) {
            self.others.remove(key);
        }
    }

    /// Somebody who is who they say has their attempts back. Their address, from which others may try, has the last one.
    pub fn note_success(&mut self, name: &str, address: &str) {
        self.accounts.remove(&of_name(name));
        if let Some(attempts) = self.others.get_mut(&of_address(address)) {
            attempts.pop();
        }
    }
}

fn note(all: &mut HashMap<String, Vec<Timestamp>>, key: String, now: Timestamp) {
    let attempts = all.entry(key).or_default();
    attempts.retain(|at| now.since(*at) < WHILE);
    attempts.push(now);
}

fn of_name(name: &str) -> String {
    format!("name {}", name.chars().take(100).collect::<String>().to_lowercase())
}

fn of_address(address: &str) -> String {
    format!("address {address}")
}

impl Session {
    fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.seen) >= IDLE || now.since(self.begun) >= LONGEST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: u64) -> Timestamp {
        Timestamp::parse("2026-11-22T00:00:00Z").unwrap().plus(Duration::from_secs(60 * minutes))
    }

    #[test]
    fn a_session_ends_when_idle_and_at_the_latest_after_half_a_day() {
        let mut sessions = Sessions::default();
        let id = sessions.begin("anna", at(0)).unwrap();
        assert_eq!(id.len(), 64);
        for minutes in (0..12 * 60).step_by(59) {
            assert_eq!(sessions.of(&id, at(minutes)).unwrap().name, "anna", "{minutes}");
        }
        assert!(sessions.of(&id, at(12 * 60)).is_none(), "half a day is over");
        let id = sessions.begin("anna", at(0)).unwrap();
        assert!(sessions.of(&id, at(60)).is_none(), "idle for an hour");
        let id = sessions.begin("anna", at(0)).unwrap();
        sessions.end(&id);
        assert!(sessions.of(&id, at(0)).is_none() && sessions.of("", at(0)).is_none());
    }

    #[test]
    fn a_name_waits_after_five_attempts_and_an_address_after_twenty() {
        let mut sessions = Sessions::default();
        for attempt in 0..5 {
            assert_eq!(sessions.must_wait("anna", "10.0.0.1", at(attempt)), None);
            sessions.note_attempt("anna", true, "10.0.0.1", at(attempt));
        }
        let wait = sessions.must_wait("ANNA", "10.0.0.9", at(5)).unwrap();
        assert_eq!(wait, Duration::from_secs(10 * 60), "the first attempt is forgotten after a quarter of an hour");
        assert_eq!(sessions.must_wait("ben", "10.0.0.1", at(5)), None);
        assert_eq!(sessions.must_wait("anna", "10.0.0.1", at(15)), None);
        for attempt in 0..15 {
            sessions.note_attempt(&format!("name{attempt}"), false, "10.0.0.1", at(5));
        }
        assert!(sessions.must_wait("ben", "10.0.0.1", at(6)).is_some());
        assert_eq!(sessions.must_wait("ben", "10.0.0.2", at(6)), None);
    }

    #[test]
    fn signing_in_costs_no_attempt() {
        let mut sessions = Sessions::default();
        for _ in 0..50 {
            assert_eq!(sessions.must_wait("anna", "10.0.0.1", at(0)), None);
            sessions.note_attempt("anna", true, "10.0.0.1", at(0));
            sessions.note_success("anna", "10.0.0.1");
        }
    }

    #[test]
    fn what_is_kept_of_failures_is_bounded_and_an_account_still_counts() {
        let mut sessions = Sessions::default();
        for _ in 0..PER_NAME {
            sessions.note_attempt("anna", true, "10.0.0.1", at(0));
        }
        for made_up in 0..MOST + 100 {
            sessions.note_attempt(&format!("name {made_up}"), false, &format!("10.1.0.{made_up}"), at(1));
        }
        assert!(sessions.others.len() <= MOST);
        assert!(sessions.must_wait("anna", "10.9.9.9", at(2)).is_some(), "made-up names must not push her out");
        assert!(sessions.must_wait("nobody", "10.9.9.9", at(2)).is_none());
    }
}
