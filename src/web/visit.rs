//! One request, once it is known who asks and what for.

use super::access::Person;
use super::form;
use super::serve::{Request, Response};
use super::site::{Desk, Site};
use crate::model::time::Timestamp;
use crate::profile::Role;
use crate::steps::review::Author;

/// A request with what a page needs to answer it.
pub struct Visit<'v> {
    pub site: &'v Site,
    /// Of the profile in the path; `None` on pages about all of them.
    pub desk: Option<&'v Desk>,
    pub person: Person,
    pub request: &'v Request,
    /// What stands in the path where the route has a name in braces, the profile aside.
    pub parameters: Vec<String>,
    pub query: Vec<(String, String)>,
    pub now: Timestamp,
}

impl<'v> Visit<'v> {
    /// The profile of the path. Only routes with a profile in them have pages that ask.
    pub fn desk(&self) -> &'v Desk {
        self.desk.expect("the route has a profile")
    }

    /// A value of the query, trimmed; `None` when it is missing or blank.
    pub fn asked(&self, name: &str) -> Option<&str> {
        value(&self.query, name)
    }

    /// The fields of the form that was sent.
    pub fn form(&self) -> Vec<(String, String)> {
        form::fields(self.request.header("content-type").unwrap_or_default(), &self.request.body)
    }

    pub fn may_decide(&self) -> bool {
        self.desk.is_some_and(|desk| self.person.may(desk.name(), Role::Decide))
    }

    /// The person as an author of decisions.
    pub fn author(&self, why: &str) -> Author {
        Author { who: self.person.name.clone(), why: why.trim().to_owned() }
    }

    pub fn wants_csv(&self) -> bool {
        self.asked("format") == Some("csv")
    }

    /// A path below this profile: `packages`, `ie/IE7`.
    pub fn path(&self, below: &str) -> String {
        path(self.desk().name(), below)
    }

    /// The query of this page with some values replaced; an empty one falls away.
    pub fn query_with(&self, changes: &[(&str, &str)]) -> String {
        let kept = self.query.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        query(kept.chain(changes.iter().copied()))
    }
}

/// A path below a profile.
pub fn path(profile: &str, below: &str) -> String {
    format!("/p/{}/{below}", form::encode(profile))
}

/// `?a=b&c=d`, without pairs that have no value; nothing when none is left.
pub fn query<'q>(pairs: impl Iterator<Item = (&'q str, &'q str)>) -> String {
    let encoded = pairs.filter(|(_, value)| !value.is_empty());
    let encoded: Vec<String> =
        encoded.map(|(name, value)| format!("{}={}", form::encode(name), form::encode(value))).collect();
    if encoded.is_empty() { String::new() } else { format!("?{}", encoded.join("&")) }
}

/// A value of a form or a query, trimmed.
pub fn value<'p>(pairs: &'p [(String, String)], name: &str) -> Option<&'p str> {
    let (_, value) = pairs.iter().find(|(given, _)| given == name)?;
    Some(value.trim()).filter(|value| !value.is_empty())
}

/// Sends the browser to another page after a form.
pub fn see_other(to: &str) -> Response {
    let mut response = Response::new(303, "text/plain;charset=UTF-8", "");
    response.headers.push(("location".to_owned(), to.to_owned()));
    response
}
