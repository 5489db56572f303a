//! A run: started here, watched, and stopped.

use crate::failure::Failure;
use crate::model::time::{Timestamp, say_span};
use crate::push::resource_uri::ResourceUri;
use crate::store::runs::Run;
use crate::web::html::frame::{self, token};
use crate::web::html::moment::time;
use crate::web::html::text::{Shown, brief};
use crate::web::serve::{Event, Events, Response};
use crate::web::site::Desk;
use crate::web::under_way::{Standing, Work};
use crate::web::visit::{Visit, see_other, value};
use maud::{Markup, html};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// After this long a stream ends and is opened anew.
const LONGEST_STREAM: Duration = Duration::from_secs(600);
/// The longest note that is kept with a run.
const LONGEST_NOTE: usize = 500;

pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let desk = visit.desk();
    let standing = visit.site.runs.standing(desk)?;
    let is_moving = !matches!(standing, Standing::Nothing { .. });
    let body = html! {
        h1 { "Run" }
        @if is_moving {
            div id="live" data-events=(format!("{}?shown={}", visit.path("run/events"), kind(&standing))) { (shown(desk, &standing, visit.now)) }
            noscript { p.quiet { "This page loads itself again every few seconds." } }
        } @else { (shown(desk, &standing, visit.now)) }
        @if visit.may_decide() { (forms(visit, &standing)) }
        @else { p.quiet { "You may look at this profile, and not start its runs." } }
        p { a href=(visit.path("runs")) { "All runs" } }
    };
    Ok(if is_moving { frame::live_page(visit, "Run", body) } else { frame::page(visit, "Run", body) })
}

/// What the page has beside the progress: its forms. Where that changes, the browser loads the page anew.
fn kind(standing: &Standing) -> &'static str {
    match standing {
        Standing::Beginning => "beginning",
        Standing::UnderWay { is_stopping: false, .. } => "under-way",
        Standing::UnderWay { is_stopping: true, .. } => "stopping",
        Standing::Nothing { .. } => "nothing",
    }
}

/// What the forms ask for.
pub fn act(visit: &Visit<'_>) -> Result<Response, Failure> {
    let (form, runs, desk) = (visit.form(), &visit.site.runs, visit.desk());
    let note = value(&form, "note").filter(|note| note.chars().count() <= LONGEST_NOTE);
    let meant: Option<i64> = value(&form, "run").and_then(|run| run.parse().ok());
    let under_way = match runs.standing(desk)? {
        Standing::UnderWay { run, is_ours, .. } => Some((run.id, is_ours)),
        Standing::Beginning | Standing::Nothing { .. } => None,
    };
    let start = |work| match runs.start(desk, (&visit.person.name, note), work, visit.now) {
        Ok(()) => None,
        Err(failure) => Some(frame::refusal(visit, 409, "Nothing was started", &failure.message())),
    };
    let refused = match (value(&form, "verb"), under_way) {
        (Some(verb @ ("run" | "dry-run")), None) if desk.has_trip() => {
            start(Work::RoundTrip { is_dry: verb == "dry-run" })
        }
        (Some(verb @ ("push" | "dry-push")), None) if desk.has_push => {
            // A form that names a resource means that one, and never all of them.
            let named = form.iter().find(|(name, _)| name == "resource").map(|(_, named)| ResourceUri::parse(named));
            match named.transpose() {
                Ok(resource) => start(Work::Push { is_dry: verb == "dry-push", resource }),
                Err(_) => {
                    let why = "the form names something that is no resource";
                    Some(frame::refusal(visit, 400, "Nothing was started", why))
                }
            }
        }
        (Some(verb @ ("pull" | "dry-pull")), None) if desk.has_pull() => {
            start(Work::Pull { is_dry: verb == "dry-pull" })
        }
        (Some("run" | "dry-run" | "push" | "dry-push" | "pull" | "dry-pull"), Some(_)) => {
            Some(frame::refusal(visit, 409, "Nothing was started", "a run of this profile is under way"))
        }
        // The form speaks of one run; the next one may be under way by now.
        (Some("stop"), Some((run, _))) if meant == Some(run) => {
            runs.ask_to_stop(desk, run, &visit.person.name)?;
            None
        }
        (Some("end"), Some((run, true))) if meant == Some(run) => {
            runs.end_at_once(desk);
            None
        }
        (Some("stop" | "end"), _) => {
            Some(frame::refusal(visit, 409, "Nothing was stopped", "that run is not under way here any more"))
        }
        _ => Some(frame::refusal(visit, 400, "Nothing was done", "the form does not say what to do")),
    };
    if let Some(refused) = refused {
        return Ok(refused);
    }
    desk.has_changed();
    Ok(see_other(&visit.path("run")))
}

/// The same as the page shows, again and again for as long as a run is under way.
pub fn events(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(place) = visit.site.runs.watch() else {
        let mut response =
            frame::bare(503, "Too many watch", "try again in a minute, or load the page again now and then");
        response.headers.push(("retry-after".to_owned(), "60".to_owned()));
        return Ok(response);
    };
    let (runs, desk) = (Arc::clone(&visit.site.runs), visit.desk().clone());
    let (begun, at) = (Instant::now(), visit.now);
    let (access, request, has_session) =
        (Arc::clone(&visit.site.access), visit.request.clone(), visit.person.has_session);
    let on_the_page = visit.asked("shown").map(str::to_owned);
    let mut last: Option<String> = None;
    let next = move || {
        let _place = &place;
        // The browser comes back by itself, and is asked again who it is.
        if begun.elapsed() > LONGEST_STREAM {
            return Event::End;
        }
        let now = at.plus(begun.elapsed());
        if has_session && !access.goes_on(&request, now) {
            return Event::End;
        }
        match runs.standing(&desk) {
            Ok(standing)
                if !matches!(standing, Standing::Nothing { .. })
                    && on_the_page.as_deref().is_none_or(|shown| shown == kind(&standing)) =>
            {
                let html = shown(&desk, &standing, now).into_string();
                let is_new = last.as_ref() != Some(&html);
                last = Some(html.clone());
                if is_new { Event::Data("progress", html) } else { Event::Silence }
            }
            // The browser loads the page anew, and does not come back here.
            _ if last.as_deref() != Some("over") => {
                last = Some("over".to_owned());
                desk.has_changed();
                Event::Data("over", String::new())
            }
            _ => Event::End,
        }
    };
    let mut response = Response::new(200, "text/event-stream", "");
    // nginx would collect them until there are enough.
    response.headers.push(("x-accel-buffering".to_owned(), "no".to_owned()));
    response.events = Some(Events::new(next));
    Ok(response)
}

fn shown(desk: &Desk, standing: &Standing, now: Timestamp) -> Markup {
    match standing {
        Standing::UnderWay { run, is_stopping, .. } => under_way(desk, run, *is_stopping, now),
        Standing::Beginning => html! { p.note { "The run is about to begin." } },
        Standing::Nothing { last, refused } => html! {
            @if let Some(why) = refused { p.note.bad { "The run that was started here did not begin. " (why) } }
            @match last {
                None => p.empty { "This profile has never been run." },
                Some(run) => p {
                    "Nothing is under way. The last run, "
                    (super::runs::number(desk, run))
                    ", began " (time(run.started)) ": " strong { (Shown(&super::runs::ended(run))) } "."
                },
            }
        },
    }
}

/// How far a run has come, in its own notes.
fn under_way(desk: &Desk, run: &Run, is_stopping: bool, now: Timestamp) -> Markup {
    let notes: Value = run.summary.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    let said = |name: &str| notes[name].as_str();
    let since = said("since").and_then(Timestamp::parse);
    let is_dry = notes["dry-run"].as_bool() == Some(true);
    html! {
        h2 { @if is_dry { "Dry run " } @else { "Run " } (run.id) " is under way" }
        p {
            "Started " (time(run.started)) @if let Some(who) = said("started-by") { " by " (Shown(who)) }
            ", " (say_span(now.since(run.started))) " ago."
            @if let Some(note) = said("note") { " " (brief(note, LONGEST_NOTE)) }
        }
        p.note.good[!is_stopping] {
            strong { (words(said("step").unwrap_or_default())) }
            @if let Some(since) = since { " for " (say_span(now.since(since))) }
            @if is_stopping { br; "It was asked to stop, and ends after what it has in hand. The next run goes on from there." }
        }
        (counts(&notes["counts"]))
        @if let Some(trip) = desk.glance(now).ok().as_ref().and_then(|glance| glance.trip.as_ref()) {
            p.quiet {
                "So far: " (trip.stock.outcomes.package) " to write, " (trip.stock.outcomes.unchanged) " unchanged, "
                (trip.stock.outcomes.held) " held, " (trip.stock.outcomes.all_skipped()) " skipped; "
                (trip.stock.in_flight) " in flight."
            }
        }
    }
}

fn words(step: &str) -> &'static str {
    match step {
        "settle" => "Looking what became of the packages in the folder",
        "harvest" => "Harvesting both feeds",
        "ask" => "Looking what Rosetta holds",
        "prepare" => "Preparing",
        "stage" => "Staging packages",
        "apply" => "Handing packages to Rosetta",
        "end" => "Finishing",
        _ => "Working",
    }
}

/// What is counted, in the order of the house.
const COUNTS: [(&str, &str, &str); 9] = [
    ("rosetta", "Rosetta's feed", "records"),
    ("alma", "Alma's feed", "records"),
    ("ask", "Asked about", "IEs"),
    ("prepare", "Prepared", "records"),
    ("stage", "Staged", "packages"),
    ("apply", "Handed over", "packages"),
    ("gather", "ArchivesSpace", "resources"),
    ("MARC", "MARC of ArchivesSpace", "exports"),
    ("push", "Pushed to Alma", "resources"),
];

fn counts(counts: &Value) -> Markup {
    let known = COUNTS.iter().filter(|(name, ..)| counts[*name].is_object());
    html! {
        ul.progress { @for (name, label, unit) in known {
            @let count = &counts[*name];
            @let number = |field: &str| count[field].as_u64();
            @let done = number("done").unwrap_or_default();
            li {
                strong { (label) } " "
                span.numbers {
                    (done) @if let Some(of) = number("of") { " of " (of) } " " (unit)
                    @if let Some(pages) = number("pages") { ", " (pages) " pages" }
                    @if let Some(rate) = count["per-second"].as_f64() { ", " (rate.round()) " a second" }
                    @if count["ended"] == Value::Bool(true) { ", to its end" } @else { (left(count)) }
                }
                @if let Some(of) = number("of").filter(|of| *of > 0) {
                    progress max=(of) value=(done.min(of)) aria-label=(label) {}
                }
            }
        } }
    }
}

fn left(count: &Value) -> Markup {
    let (done, of, rate) = (count["done"].as_u64(), count["of"].as_u64(), count["per-second"].as_f64());
    match (done, of, rate) {
        (Some(done), Some(of), Some(rate)) if of > done && rate > 0.0 => {
            let seconds = ((of - done) as f64 / rate).min(1e9);
            html! { ", about " (say_span(Duration::from_secs_f64(seconds.ceil()))) " left" }
        }
        _ => html! {},
    }
}

fn forms(visit: &Visit<'_>, standing: &Standing) -> Markup {
    let to = visit.path("run");
    let form = |run: i64, verb: &str, words: &str| {
        html! {
            form method="post" action=(to) {
                (token(visit)) input type="hidden" name="run" value=(run);
                button name="verb" value=(verb) { (words) }
            }
        }
    };
    html! {
        @match standing {
            Standing::UnderWay { run, is_stopping: false, .. } => {
                div.buttons { (form(run.id, "stop", "Stop after what is in hand")) }
            }
            Standing::UnderWay { run, is_stopping: true, is_ours: true } => {
                div.buttons { (form(run.id, "end", "End it at once")) span.quiet { "No record is lost by it: the next run heals what lies between." } }
            }
            Standing::UnderWay { .. } | Standing::Beginning => {}
            Standing::Nothing { .. } => {
                form.stacked method="post" action=(to) {
                    (token(visit))
                    label { "Note, kept with the run (may stay empty)" input name="note" maxlength=(LONGEST_NOTE); }
                    div.buttons {
                        @if visit.desk().has_trip() {
                            button.approve name="verb" value="run" { "Start a run" }
                            button name="verb" value="dry-run" { "Dry run: write no package" }
                        }
                        @if visit.desk().has_push {
                            button name="verb" value="push" { "Push ArchivesSpace to Alma" }
                            button name="verb" value="dry-push" { "Dry push: write nothing" }
                        }
                        @if visit.desk().has_pull() {
                            button name="verb" value="pull" { "Pull from Alma into ArchivesSpace" }
                            button name="verb" value="dry-pull" { "Dry pull: write nothing" }
                        }
                    }
                }
                @if visit.desk().has_trip() {
                    p.quiet { "A run looks what became of the last packages, harvests both feeds, prepares what changed and stages what may be staged." }
                }
                @if visit.desk().has_push {
                    p.quiet { "A push asks ArchivesSpace what changed, and makes or updates bibs in Alma, except for what is held." }
                }
                p.quiet { "What is started here goes on when this page is closed." }
            }
        }
    }
}
