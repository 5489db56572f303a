//! The staff page, asked as a browser asks it, without a socket.

mod access;
mod api;
mod deciding;
mod hostile;
mod lists;
mod looking;
mod many;
mod push_alone;
mod resources;
mod running;
mod search;
mod socket;
mod trying;

use crate::support::records::entity;
use crate::support::scenario::Scenario;
use cartouche::model::time::Timestamp;
use cartouche::web::ahead::Ahead;
use cartouche::web::serve::{Request, Response};
use cartouche::web::{Site, form, respond};
use std::time::Duration;

pub use access::{PASSWORD, with_accounts};
pub use hostile::hostile;
pub use lists::quarantine;
pub use resources::with_resource;

const IE7: &str = "oai:ros.example.org:IE7";
const IE8: &str = "oai:ros.example.org:IE8";

/// A browser on a site: it keeps its cookie, and sends forms with the token of the page that it looked at last.
pub struct Browser<'s> {
    site: &'s Site,
    now: Timestamp,
    host: String,
    peer: &'static str,
    headers: Vec<(String, String)>,
    cookie: Option<String>,
    pub last: Response,
}

pub fn site(scenario: &mut Scenario) -> Site {
    Site::new(vec![scenario.profile()], "127.0.0.1:8642".parse().unwrap(), "curator").unwrap()
}

/// The thread that works ahead, until it has nothing left to do.
pub fn works_ahead(site: &Site, now: Timestamp) -> Ahead {
    let mut ahead = Ahead::begin(site, now).unwrap();
    while ahead.step(site, now).unwrap() {}
    ahead
}

impl<'s> Browser<'s> {
    pub fn new(site: &'s Site) -> Self {
        let now = Timestamp::from_utc(chrono::Utc::now());
        let last = Response::new(0, "", "");
        let host = "127.0.0.1:8642".to_owned();
        Browser { site, now, host, peer: "127.0.0.1", headers: Vec::new(), cookie: None, last }
    }

    pub fn waits(&mut self, minutes: u64) -> &mut Self {
        self.now = self.now.plus(Duration::from_secs(60 * minutes));
        self
    }

    pub fn sends(&mut self, name: &str, value: &str) -> &mut Self {
        self.headers.retain(|(given, _)| given != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn ask(&mut self, method: &str, target: &str, body: &str) -> &mut Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = vec![("host".to_owned(), self.host.clone())];
        headers.extend(self.cookie.iter().map(|cookie| ("cookie".to_owned(), format!("other=1; {cookie}"))));
        headers.extend(self.headers.clone());
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: body.as_bytes().to_vec(),
            peer: Some(self.peer.parse().unwrap()),
        };
        self.last = respond(self.site, &request, self.now);
        self.check_headers();
        if let Some((_, cookie)) = self.last.headers.iter().find(|(name, _)| name == "set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        self
    }

    /// Every answer, whatever it says, has what keeps browsers from doing harm with it.
    fn check_headers(&self) {
        let header = |wanted: &str| {
            let values: Vec<&str> =
                self.last.headers.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).collect();
            assert_eq!(values.len(), 1, "{wanted} of {:?}", self.last.headers);
            values[0]
        };
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!((header("x-content-type-options"), header("referrer-policy")), ("nosniff", "no-referrer"));
        assert!(["no-store", "max-age=300"].contains(&header("cache-control")));
        assert!(
            self.last.body.len() <= 100_000 || self.last.content_type.contains("csv"),
            "a page is {} bytes",
            self.last.body.len()
        );
    }

    pub fn get(&mut self, target: &str) -> &mut Self {
        self.ask("GET", target, "")
    }

    /// Sends a form with the token of the page that was looked at last.
    pub fn post(&mut self, target: &str, fields: &[(&str, &str)]) -> &mut Self {
        let token = self.hidden("csrf").unwrap_or_default();
        let mut fields = fields.to_vec();
        fields.push(("csrf", &token));
        self.post_bare(target, &fields)
    }

    pub fn post_bare(&mut self, target: &str, fields: &[(&str, &str)]) -> &mut Self {
        let pairs = fields.iter().map(|(name, value)| format!("{}={}", form::encode(name), form::encode(value)));
        self.ask("POST", target, &pairs.collect::<Vec<_>>().join("&"))
    }

    /// The value of a hidden field of the page that was looked at last.
    pub fn hidden(&self, name: &str) -> Option<String> {
        let page = self.text();
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
        Some(rest.split('"').next()?.to_owned())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.last.body.clone()).unwrap()
    }

    pub fn answers(&mut self, status: u16) -> &mut Self {
        assert_eq!(self.last.status, status, "{}", self.text());
        self
    }

    pub fn shows(&mut self, text: &str) -> &mut Self {
        assert!(self.text().contains(text), "`{text}` is not in {}", self.text());
        self
    }

    pub fn hides(&mut self, text: &str) -> &mut Self {
        assert!(!self.text().contains(text), "`{text}` is in {}", self.text());
        self
    }

    /// The page that the browser is sent to.
    pub fn goes_to(&mut self, path: &str) -> &mut Self {
        let to = self.last.headers.iter().find(|(name, _)| name == "location").map(|(_, to)| to.as_str());
        assert_eq!(to, Some(path), "{} {}", self.last.status, self.text());
        self
    }
}

/// Two IEs whose changes all wait for a person.
pub fn held() -> Scenario {
    let mut scenario = before_the_first_run();
    scenario.run("run").exits(3);
    scenario
}

/// The same before anything was asked.
pub fn before_the_first_run() -> Scenario {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE7").titled("Sunset at Montmajour").holds("dc:rights", "ours")).rosetta_holds("IE8");
    scenario.alma_has("9912", "Sunset near Montmajour, 1888", IE7).alma_has("9913", "Two", IE8);
    scenario.alma_has("9914", "Nobody's", "oai:other.example.org:IE9");
    scenario.profile_says("review.hold", "\"everything\"");
    scenario
}
