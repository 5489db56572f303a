//! What every page has around it: title, ways to other pages, who is signed in.

use super::moment::offset;
use super::text::Shown;
use crate::web::serve::Response;
use crate::web::site::Desk;
use crate::web::visit::{Visit, path};
use maud::{DOCTYPE, Markup, html};

/// The lists of a profile that somebody looks at every day, in that order.
const LISTS: [(&str, &str); 7] = [
    ("packages", "Packages"),
    ("held", "Held"),
    ("waiting", "Waiting"),
    ("unmatched", "Unmatched"),
    ("conflicts", "Conflicts"),
    ("quarantine", "Quarantine"),
    ("run", "Run now"),
];

/// The others, which a narrow screen has no room for.
const MORE: [(&str, &str); 7] = [
    ("skipped", "Skipped"),
    ("deleted", "Deleted in Alma"),
    ("coverage", "Coverage"),
    ("runs", "Runs"),
    ("try", "Try a stylesheet"),
    ("windows", "Windows"),
    ("audit", "Audit"),
];

/// All of a profile that has the push alone.
const WITHOUT_TRIP: [(&str, &str); 4] =
    [("resources", "Resources"), ("run", "Run now"), ("runs", "Runs"), ("audit", "Audit")];

/// How soon a page loads itself again that shows what is under way.
const SECONDS: u32 = 4;

/// A whole page.
pub fn page(visit: &Visit<'_>, title: &str, body: Markup) -> Response {
    answer(visit, 200, title, body)
}

/// A page that shows what is under way: without JavaScript it loads itself again.
pub fn live_page(visit: &Visit<'_>, title: &str, body: Markup) -> Response {
    let again = html! { noscript { meta http-equiv="refresh" content=(SECONDS); } };
    write_with(200, title, again, framed(visit, body))
}

/// A whole page that tells by its status, too, how it went.
pub fn page_of(visit: &Visit<'_>, status: u16, title: &str, body: Markup) -> Response {
    answer(visit, status, title, body)
}

/// Something that is not as it should be, in the frame.
pub fn refusal(visit: &Visit<'_>, status: u16, title: &str, why: &str) -> Response {
    answer(visit, status, title, html! { h1 { (title) } p.note { (Shown(why)) } })
}

/// A failure with its hint.
pub fn failure(visit: &Visit<'_>, message: &str, hint: &str) -> Response {
    let body = html! { h1 { "This page could not be made" } p.note.bad { (Shown(message)) } p { (Shown(hint)) } };
    answer(visit, 500, "Failed", body)
}

/// A page for those of whom nothing is known: no names, no profiles.
pub fn bare(status: u16, title: &str, why: &str) -> Response {
    let body = html! { main.narrow { h1 { (title) } p.note { (why) } p { a href="/" { "To the overview" } } } };
    write(status, title, body)
}

/// A page in no frame but the document's.
pub fn write(status: u16, title: &str, body: Markup) -> Response {
    write_with(status, title, html! {}, body)
}

fn write_with(status: u16, title: &str, head: Markup, body: Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Cartouche" }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/style.css";
                script src="/script.js" defer {}
                (head)
            }
            body { (body) }
        }
    };
    Response::new(status, "text/html;charset=UTF-8", page.into_string())
}

fn answer(visit: &Visit<'_>, status: u16, title: &str, body: Markup) -> Response {
    write(status, title, framed(visit, body))
}

fn framed(visit: &Visit<'_>, body: Markup) -> Markup {
    let desk = visit.desk.map(|desk| desk.name());
    html! {
        a.skip href="#main" { "Skip to the content" }
        header.top {
            a.home href="/" { "Cartouche" }
            nav aria-label="Profiles" {
                @for name in visit.person.roles.keys() {
                    a href=(path(name, visit.site.desk(name).map_or("packages", Desk::front))) aria-current=[(desk == Some(name)).then_some("true")] { (Shown(name)) }
                }
            }
            (search(visit, desk))
            div.who {
                span { (Shown(&visit.person.name)) }
                @if visit.person.has_session {
                    form method="post" action="/sign-out" { (token(visit)) button.plain { "Sign out" } }
                }
            }
        }
        @if let Some(desk) = desk { (lists(visit, desk)) }
        main id="main" tabindex="-1" { (body) }
        footer { p id="zone" { "Times are those of the server's clock (UTC" (offset()) ")." } }
    }
}

fn lists(visit: &Visit<'_>, desk: &str) -> Markup {
    let is_here = |below: &str| visit.request.path == path(desk, below);
    let link = |below: &str, name: &str| html! { a href=(path(desk, below)) aria-current=[is_here(below).then_some("page")] { (name) } };
    let has_trip = visit.desk.is_some_and(Desk::has_trip);
    if !has_trip {
        return html! { nav.lists aria-label="Lists" { @for (below, name) in WITHOUT_TRIP { (link(below, name)) } } };
    }
    let here = MORE.iter().find(|(below, _)| is_here(below));
    html! {
        nav.lists aria-label="Lists" {
            @for (below, name) in LISTS { (link(below, name)) }
            @if visit.desk.is_some_and(|desk| desk.has_push) { (link("resources", "Resources")) }
            details.more-lists {
                summary class=[here.map(|_| "here")] { (here.map_or("More", |(_, name)| name)) }
                div { @for (below, name) in MORE.into_iter().filter(|(below, _)| *below != "try" || visit.may_decide()) { (link(below, name)) } }
            }
        }
    }
}

/// A question about anything, on every page: about one profile on its own pages, about all of them elsewhere.
fn search(visit: &Visit<'_>, desk: Option<&str>) -> Markup {
    let to = desk.map_or_else(|| "/search".to_owned(), |desk| path(desk, "search"));
    let (sought, short) = match visit.desk {
        Some(desk) if !desk.has_trip() => ("Resource, MMS ID, or words of a title", "resource, MMS ID, title"),
        Some(_) | None => ("IE PID, MMS ID, OAI identifier, or words of a title", "IE, MMS ID, words of a title"),
    };
    html! {
        form.explain role="search" action=(to) {
            label.unseen for="explain" { (sought) }
            input id="explain" name="q" value=[visit.asked("q").filter(|_| visit.request.path == to)] type="search" placeholder=(short) required;
            button { "Explain" }
        }
    }
}

/// What every form must bring back.
pub fn token(visit: &Visit<'_>) -> Markup {
    html! { input type="hidden" name="csrf" value=(visit.person.csrf); }
}
