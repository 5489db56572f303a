//! What stands under which path: one line a page.

use super::serve::Response;
use super::visit::Visit;
use super::{api, pages};
use crate::failure::Failure;
use crate::profile::Role;

/// Answers a request whose person may see the page.
pub type Page = fn(&Visit<'_>) -> Result<Response, Failure>;

/// A page: method, path with names in braces, what one must be allowed to, and who answers.
pub struct Route {
    pub method: &'static str,
    pub pattern: &'static str,
    pub needs: Role,
    pub page: Page,
}

const fn get(pattern: &'static str, page: Page) -> Route {
    Route { method: "GET", pattern, needs: Role::View, page }
}

const fn post(pattern: &'static str, page: Page) -> Route {
    Route { method: "POST", pattern, needs: Role::Decide, page }
}

/// Every page behind the door. `{profile}` names a profile that the person must be allowed to see.
pub const ROUTES: &[Route] = &[
    get("/", pages::overview::page),
    get("/search", pages::search::everywhere),
    get("/p/{profile}/search", pages::search::page),
    get("/p/{profile}/packages", pages::packages::page),
    get("/p/{profile}/held", pages::held::page),
    get("/p/{profile}/waiting", pages::held::waiting),
    get("/p/{profile}/ie/{ie}", pages::one::page),
    get("/p/{profile}/record", pages::one::record),
    get("/p/{profile}/ie/{ie}/xml/{which}", pages::raw::page),
    get("/p/{profile}/ie/{ie}/value/{side}/{number}", pages::raw::value),
    get("/p/{profile}/unmatched", pages::skipped::unmatched),
    get("/p/{profile}/conflicts", pages::skipped::conflicts),
    get("/p/{profile}/skipped", pages::skipped::page),
    get("/p/{profile}/conflicts/{ie}", pages::conflict::page),
    get("/p/{profile}/deleted", pages::coverage::deleted),
    get("/p/{profile}/coverage", pages::coverage::page),
    get("/p/{profile}/without-alma", pages::coverage::without_alma),
    get("/p/{profile}/without-ie", pages::coverage::without_ie),
    get("/p/{profile}/claimed-twice", pages::coverage::claimed_twice),
    get("/p/{profile}/quarantine", pages::quarantine::page),
    get("/p/{profile}/quarantine/{number}", pages::quarantine::one),
    get("/p/{profile}/audit", pages::audit::page),
    // It changes nothing, and takes the machine's time: a form, and no link that a browser might follow by itself.
    Route { method: "POST", pattern: "/p/{profile}/audit", needs: Role::View, page: pages::audit::prove },
    get("/p/{profile}/resources", pages::resources::page),
    get("/p/{profile}/resource/{repository}/{number}", pages::resource::page),
    // It changes nothing, and costs calls of Alma's daily quota.
    Route {
        method: "POST",
        pattern: "/p/{profile}/resource/{repository}/{number}",
        needs: Role::View,
        page: pages::resource::ask,
    },
    post("/p/{profile}/resource/{repository}/{number}/decide", pages::resource::decide),
    post("/p/{profile}/resource/{repository}/{number}/holding", pages::shelf::ask_for),
    get("/p/{profile}/runs", pages::runs::page),
    get("/p/{profile}/run", pages::running::page),
    post("/p/{profile}/run", pages::running::act),
    get("/p/{profile}/run/events", pages::running::events),
    get("/p/{profile}/windows", pages::windows::page),
    Route { method: "GET", pattern: "/p/{profile}/try", needs: Role::Decide, page: pages::trying::page },
    post("/p/{profile}/try", pages::trying::attempt),
    get("/p/{profile}/bulk", pages::bulk::confirm),
    post("/p/{profile}/bulk", pages::bulk::decide_page),
    post("/p/{profile}/decide", pages::decide::page),
];

/// What of a profile there is without a round trip, too.
const WITHOUT_TRIP: [&str; 7] = ["", "resources", "resource", "runs", "run", "audit", "search"];

impl Route {
    /// Whether it shows what only a round trip has.
    pub fn is_of_trip(&self) -> bool {
        let below = self.pattern.split_once("{profile}").map(|(_, below)| below.trim_start_matches('/'));
        below.is_some_and(|below| !WITHOUT_TRIP.contains(&below.split('/').next().unwrap_or_default()))
    }
}

/// A route that fits a path.
pub struct Found {
    pub route: &'static Route,
    pub profile: Option<String>,
    /// In the order of the pattern.
    pub parameters: Vec<String>,
}

/// The route of a method and a path; `Err` tells whether another method would have one.
pub fn find(method: &str, path: &str) -> Result<Found, bool> {
    let method = if method == "HEAD" { "GET" } else { method };
    let all = ROUTES.iter().chain(api::ROUTES);
    let fitting: Vec<Found> = all.filter_map(|route| fit(route, path)).collect();
    let has_another = !fitting.is_empty();
    fitting.into_iter().find(|found| found.route.method == method).ok_or(has_another)
}

fn fit(route: &'static Route, path: &str) -> Option<Found> {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (route.pattern.split('/').collect(), path.split('/').collect());
    let (mut profile, mut parameters) = (None, Vec::new());
    if pattern.len() != path.len() {
        return None;
    }
    for (expected, given) in pattern.iter().zip(path) {
        let value = super::form::decode(given);
        match *expected {
            "{profile}" => profile = Some(value),
            name if name.starts_with('{') => parameters.push(value),
            literal if literal == given => {}
            _ => return None,
        }
    }
    Some(Found { route, profile, parameters })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_finds_its_route_and_its_parameters() {
        let found = find("GET", "/p/van%20gogh/ie/IE7/xml/rosetta").ok().unwrap();
        assert_eq!(
            (found.profile.as_deref(), &found.parameters[..]),
            (Some("van gogh"), &["IE7".to_owned(), "rosetta".to_owned()][..])
        );
        assert!(find("HEAD", "/").is_ok());
        assert_eq!(find("POST", "/p/x/held").err(), Some(true));
        assert_eq!(find("GET", "/p/x/held/").err(), Some(false));
        assert_eq!(find("GET", "/p/x").err(), Some(false));
    }
}
