//! Whether a request comes from where the page is: against rebound names and forms of other sites.

use super::serve::Request;
use std::net::{IpAddr, SocketAddr};

/// Under which names the page answers.
#[derive(Debug, Clone)]
pub struct Hosts {
    listen: IpAddr,
    /// Without scheme, in lower case, with the port when the URL has one.
    public: Vec<String>,
}

impl Hosts {
    pub fn new<'u>(listen: SocketAddr, public_urls: impl Iterator<Item = &'u str>) -> Self {
        let host = |url: &str| url.split_once("://").map(|(_, host)| host.to_ascii_lowercase());
        Hosts { listen: listen.ip(), public: public_urls.filter_map(host).collect() }
    }

    /// Why a request is not answered; `None`: it is.
    pub fn refuse(&self, request: &Request) -> Option<&'static str> {
        let Some(host) = request.header("host").map(str::to_ascii_lowercase) else {
            return Some("the request names no host");
        };
        if !self.knows(&host) {
            return Some("the page does not answer under this name: set serve.public-url if it should");
        }
        if matches!(request.method.as_str(), "GET" | "HEAD") {
            return None;
        }
        let own_origin =
            |origin: &str| origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(&host));
        match request.header("origin") {
            Some("null") | None => {}
            Some(origin) if own_origin(origin) => {}
            Some(_) => return Some("the form comes from another site"),
        }
        // A page without referrer says "null" as origin; browsers then still tell whether it is the same site.
        match request.header("sec-fetch-site") {
            None | Some("same-origin") => None,
            Some(_) => Some("the form comes from another site"),
        }
    }

    /// A name that somebody else's server resolves to this machine is not ours.
    fn knows(&self, host: &str) -> bool {
        if self.public.iter().any(|public| public == host) {
            return true;
        }
        let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        let name = name.map_or(host, |(name, _)| name).trim_start_matches('[').trim_end_matches(']');
        let address: Option<IpAddr> = name.parse().ok();
        if self.listen.is_loopback() {
            return name == "localhost" || address.is_some_and(|address| address.is_loopback());
        }
        // Beyond loopback everybody signs in, and the cookie belongs to one name; an address cannot be rebound.
        address.is_some() || (self.public.is_empty() && !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, headers: &[(&str, &str)]) -> Request {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { method: method.to_owned(), path: "/".to_owned(), headers, ..Request::default() }
    }

    fn check(listen: &str, public: &[&str], headers: &[(&str, &str)], is_answered: bool) {
        let hosts = Hosts::new(listen.parse().unwrap(), public.iter().copied());
        let refused = hosts.refuse(&request("POST", headers));
        assert_eq!(refused.is_none(), is_answered, "{listen} {public:?} {headers:?}: {refused:?}");
    }

    #[test]
    fn on_loopback_only_loopbacks_names_are_answered() {
        let here = "127.0.0.1:8642";
        for host in ["127.0.0.1:8642", "localhost:8642", "LOCALHOST", "[::1]:8642"] {
            check(here, &[], &[("host", host)], true);
        }
        for host in ["rebound.example.org:8642", "127.0.0.1.evil.example", "10.0.0.1", ""] {
            check(here, &[], &[("host", host)], false);
        }
        check(here, &[], &[], false);
        check(here, &["https://c.example.org"], &[("host", "c.example.org")], true);
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        let host = ("host", "localhost:8642");
        check("127.0.0.1:8642", &[], &[host, ("origin", "http://localhost:8642")], true);
        check("127.0.0.1:8642", &[], &[host, ("origin", "http://localhost:1")], false);
        check("127.0.0.1:8642", &[], &[host, ("origin", "https://evil.example")], false);
        check("127.0.0.1:8642", &[], &[host, ("origin", "null"), ("sec-fetch-site", "same-origin")], true);
        check("127.0.0.1:8642", &[], &[host, ("origin", "null"), ("sec-fetch-site", "cross-site")], false);
        check("127.0.0.1:8642", &[], &[host, ("sec-fetch-site", "same-site")], false);
    }

    #[test]
    fn beyond_loopback_the_public_name_counts_when_there_is_one() {
        check("0.0.0.0:80", &["http://c.example.org"], &[("host", "c.example.org")], true);
        check("0.0.0.0:80", &["http://c.example.org"], &[("host", "other.example.org")], false);
        check("0.0.0.0:80", &["http://c.example.org"], &[("host", "10.0.0.5")], true);
        check("0.0.0.0:80", &[], &[("host", "anything")], true);
    }
}
