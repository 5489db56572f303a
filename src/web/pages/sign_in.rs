//! Signing in and out.

use crate::model::time::{Timestamp, say_span};
use crate::web::access::{Person, Refused};
use crate::web::form;
use crate::web::html::frame;
use crate::web::html::text::Shown;
use crate::web::serve::{Request, Response};
use crate::web::site::Site;
use crate::web::visit::{see_other, value};
use maud::html;

pub fn page(site: &Site, request: &Request, now: Timestamp) -> Response {
    let query = form::pairs(&request.query);
    let to = target(value(&query, "to"));
    // Beside a profile with accounts may stand one that asks nobody: who looks at that one must still be able to sign in.
    let is_in = |person: Person| person.has_session || (!site.access.has_accounts() && !person.roles.is_empty());
    if site.access.person(request, now).is_some_and(is_in) {
        return see_other(to);
    }
    ask(site, 200, to, None)
}

/// Checks name and password. Which of the two was wrong is not told.
pub fn enter(site: &Site, request: &Request, now: Timestamp) -> Response {
    let pairs = form::pairs(&String::from_utf8_lossy(&request.body));
    let to = target(value(&pairs, "to"));
    if !site.access.is_strangers(request, value(&pairs, "csrf").unwrap_or_default()) {
        return ask(site, 403, to, Some("the form is too old, or this browser keeps no cookies: try again"));
    }
    let name = value(&pairs, "name").unwrap_or_default();
    let password = pairs.iter().find(|(field, _)| field == "password").map_or("", |(_, password)| password.as_str());
    match site.access.sign_in(request, name, password, now) {
        Ok(id) => with_cookie(see_other(to), site, &id),
        Err(Refused::Wait(wait)) => {
            let mut response = ask(site, 429, to, Some(&format!("too many attempts: try again in {}", say_span(wait))));
            response.headers.push(("retry-after".to_owned(), wait.as_secs().max(1).to_string()));
            response
        }
        Err(Refused::Busy) => {
            let mut response = ask(site, 503, to, Some("too many sign in at this moment: try again in a few seconds"));
            response.headers.push(("retry-after".to_owned(), "5".to_owned()));
            response
        }
        Err(Refused::Wrong) => ask(site, 401, to, Some("name and password do not belong together")),
        Err(Refused::Failed(error)) => frame::bare(500, "Failed", &error.to_string()),
    }
}

pub fn leave(site: &Site, request: &Request) -> Response {
    site.access.end(request);
    with_cookie(see_other("/sign-in"), site, "")
}

/// Gives the browser, or the program, its session's id.
pub fn with_cookie(mut response: Response, site: &Site, id: &str) -> Response {
    response.headers.push(("set-cookie".to_owned(), site.access.cookie(id)));
    response
}

/// Only paths of this page: `//elsewhere` and `/\elsewhere` are other servers to a browser.
fn target(to: Option<&str>) -> &str {
    let is_ours = |to: &&str| {
        let is_path = to.starts_with('/') && !to.starts_with("//") && !to.contains('\\');
        is_path && to.bytes().all(|byte| byte.is_ascii_graphic()) && !to.starts_with("/sign-in")
    };
    to.filter(is_ours).unwrap_or("/")
}

fn ask(site: &Site, status: u16, to: &str, problem: Option<&str>) -> Response {
    let (id, token) = match site.access.stranger() {
        Ok(stranger) => stranger,
        Err(error) => return frame::bare(500, "Failed", &error.to_string()),
    };
    let body = html! {
        main.narrow {
            h1 { "Cartouche" }
            @if let Some(problem) = problem { p.note.bad role="alert" { (Shown(problem)) } }
            form.stacked method="post" action="/sign-in" {
                input type="hidden" name="csrf" value=(token);
                input type="hidden" name="to" value=(to);
                label { "Name" input name="name" autocomplete="username" required autofocus; }
                label { "Password" input name="password" type="password" autocomplete="current-password" required; }
                button { "Sign in" }
            }
        }
    };
    with_cookie(frame::write(status, "Sign in", body), site, &id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for (to, expected) in [
            ("/p/x/held?code=a%20b", "/p/x/held?code=a%20b"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("javascript:alert(1)", "/"),
            ("/a\r\nset-cookie: x", "/"),
            ("/sign-in", "/"),
        ] {
            assert_eq!(target(Some(to)), expected);
        }
        assert_eq!(target(None), "/");
    }
}
