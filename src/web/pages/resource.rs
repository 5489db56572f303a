//! One resource of ArchivesSpace: its bib, what is held of it, what was written, and, when somebody asks, what Alma says now.

use super::resources::badge;
use super::{decide, resource_now, shelf};
use crate::failure::{Advise as _, Failure, Kind};
use crate::model::decision::Verb;
use crate::model::intent::IntentState;
use crate::push::plan::Reason;
use crate::push::resource_uri::ResourceUri;
use crate::push::review::{self, Selection};
use crate::push::{explain, run, undo};
use crate::steps::review::Decided;
use crate::store::Lock;
use crate::store::intents::Intent;
use crate::store::resources::ResourceLine;
use crate::web::html::frame::{self, token};
use crate::web::html::moment::{some_time, time};
use crate::web::html::text::{Shown, brief};
use crate::web::serve::Response;
use crate::web::visit::{Visit, see_other, value};
use maud::{Markup, html};
use std::time::Instant;

/// Writes that are told; what changes every week has more.
const WRITES: usize = 100;

/// What the store knows of it; neither system is asked.
pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(uri) = named(visit) else { return Ok(unknown(visit)) };
    answer(visit, &uri, html! {})
}

/// The resource that the path names.
pub fn named(visit: &Visit<'_>) -> Option<ResourceUri> {
    let number = |at: usize| visit.parameters.get(at)?.parse().ok();
    Some(ResourceUri::new(number(0)?, number(1)?))
}

fn unknown(visit: &Visit<'_>) -> Response {
    frame::refusal(visit, 404, "Not known", "no push has seen this resource yet")
}

fn answer(visit: &Visit<'_>, uri: &ResourceUri, now: Markup) -> Result<Response, Failure> {
    let known = visit.desk().with_store(|store| {
        let shelf = (store.place_lines(Some(uri), shelf::MOST)?, store.box_lines(Some(uri), shelf::MOST)?);
        let back = undo::chosen(store, undo::Which::Resource(*uri))?;
        let unpulled = store.pull_ends(Some(uri), None, shelf::MOST)?;
        Ok((store.resource_line(&uri.to_string())?, (store.intents_of(uri)?, back), shelf, unpulled))
    })?;
    let (Some(line), (writes, back), (places, boxes), unpulled) = known else { return Ok(unknown(visit)) };
    let now = html! { (now) (shelf::stored(&places, &boxes)) (shelf::unpulled(&unpulled)) };
    Ok(frame::page(visit, &uri.to_string(), whole(visit, &line, (&writes, &back), now)))
}

fn whole(visit: &Visit<'_>, line: &ResourceLine, (writes, back): (&[Intent], &[Intent]), now: Markup) -> Markup {
    let link = visit.desk().started_with.serve.alma_link.as_ref().and_then(|template| template.link(&line.mms));
    html! {
        h1 { (line.uri) " " span.title { (brief(&line.title, 300)) } }
        @if let Some(done) = visit.asked("done").and_then(Verb::parse) {
            p.note.good role="status" { "It is " (done.done()) "." @if done != Verb::Undo { " The next push acts on it." } }
        }
        @if visit.asked("done") == Some("holding") { p.note.good role="status" { "The next push adds the holding." } }
        dl.facts {
            dt { "Bib" } dd {
                @if line.mms.is_empty() { span.quiet { "none is known" } } @else { (Shown(&line.mms)) }
                @if let Some(link) = link { " · " a href=(link) rel="noreferrer" { "in Alma" } }
            }
            dt { "Last plan" } dd { @match &line.planned {
                None => span.quiet { "not planned yet" },
                Some(planned) => { (time(planned.at)) " " (badge(&planned.outcome, &planned.code)) " " (brief(&planned.detail, 1500)) }
            } }
        }
        @for intent in writes.iter().filter(|intent| intent.state == IntentState::Held) { (held(visit, intent)) }
        (now)
        (asking(visit, &line.uri))
        section { h2 { "Writes" } (history(writes)) (way_back(visit, &line.uri, back)) }
    }
}

/// What waits for a person.
fn held(visit: &Visit<'_>, intent: &Intent) -> Markup {
    let (codes, words) = &intent.why;
    let can = codes.split_whitespace().all(Reason::code_can_be_approved);
    let verbs: &[(&str, &str)] =
        if can { &[("approve", "Approve"), ("reject", "Reject")] } else { &[("reject", "Reject")] };
    html! {
        section.note.decide {
            h2 { "Held: " (intent.target.kind) " (" (Shown(&intent.target.name)) ") " @for code in codes.split_whitespace() { span.badge { (code) } " " } }
            p { (brief(words, 1500)) }
            @if !can { p { "No approval helps: it has to be mended in its system." } }
            @if visit.may_decide() { (form(visit, &format!("#{}", intent.id), verbs)) }
        }
    }
}

fn form(visit: &Visit<'_>, id: &str, verbs: &[(&str, &str)]) -> Markup {
    html! {
        form.stacked method="post" action=(format!("{}/decide", visit.request.path.trim_end_matches("/decide"))) {
            (token(visit))
            input type="hidden" name="id" value=(id);
            label { "Reason" input name="reason" required maxlength=(decide::LONGEST_REASON); }
            div.buttons { @for (verb, words) in verbs { button name="verb" value=(verb) class=(verb) { (words) } } }
        }
    }
}

/// What Alma says costs calls of its daily quota, so nobody asks by looking.
fn asking(visit: &Visit<'_>, uri: &ResourceUri) -> Markup {
    html! {
        form method="post" action=(super::resources::place(visit, uri)) {
            (token(visit))
            div.buttons { button { "Ask Alma now" } span.quiet { "Shows what Alma holds, and what a push would make of it. Nothing is written." } }
        }
        @if visit.may_decide() {
            form method="post" action=(visit.path("run")) {
                (token(visit))
                input type="hidden" name="resource" value=(uri);
                div.buttons { button name="verb" value="push" { "Push this resource" } span.quiet { "Starts a run for this resource alone." } }
            }
        }
    }
}

fn history(writes: &[Intent]) -> Markup {
    html! {
        @if writes.is_empty() { p.empty { "Nothing was ever written or held." } }
        ol.history { @for intent in writes.iter().rev().take(WRITES) { li {
            span.when { (time(intent.times.0)) }
            span {
                "#" (intent.id) " " (intent.target.kind) " " span class=(format!("badge {}", intent.state)) { (intent.state) }
                @if let Some(mms) = &intent.target.mms { " bib " (Shown(mms.as_str())) }
                @if !intent.why.1.is_empty() { ": " (brief(&intent.why.1, 600)) }
                @if let Some(run) = intent.run { span.quiet { " run " (run) } }
                @if intent.times.2.is_some() { span.quiet { ", ended " (some_time(intent.times.2)) } }
            }
        } } }
        @if writes.len() > WRITES { p.quiet { (writes.len() - WRITES) " earlier ones." } }
    }
}

/// To take back what was written last; the form says what that is, and nothing else is taken back.
fn way_back(visit: &Visit<'_>, uri: &ResourceUri, back: &[Intent]) -> Markup {
    let Some(last) = back.first().filter(|_| visit.may_decide()) else { return html! {} };
    html! {
        details.decide {
            summary { "Take back what was written last (#" (last.id) @if let Some(run) = last.run { ", run " (run) } ")" }
            p.quiet { "Alma and ArchivesSpace get back what they held before, as long as they still hold what was written:" }
            ul { @for intent in back { li { "#" (intent.id) " " (intent.target.kind) " (" (Shown(&intent.target.name)) ")" } } }
            form.stacked method="post" action=(format!("{}/decide", super::resources::place(visit, uri))) {
                (token(visit))
                input type="hidden" name="id" value=(uri);
                input type="hidden" name="last" value=(numbers(back));
                label { "Reason" input name="reason" required maxlength=(decide::LONGEST_REASON); }
                div.buttons { button.undo name="verb" value="undo" { "Take back" } }
            }
        }
    }
}

/// All that would be taken back, as the form brings it along.
fn numbers(back: &[Intent]) -> String {
    back.iter().map(|intent| intent.id.to_string()).collect::<Vec<_>>().join(" ")
}

/// The same with what Alma says at this moment.
pub fn ask(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(uri) = named(visit) else { return Ok(unknown(visit)) };
    let profile = visit.desk().push_profile()?;
    let begun = Instant::now();
    let clock = || visit.now.plus(begun.elapsed());
    let hands = run::hands(&profile, 0, &clock)?;
    let told = visit.desk().with_store(|store| explain::explain(store, &hands, &uri));
    let now = match told {
        Ok(told) => resource_now::html(visit, &told),
        Err(failure) if failure.kind() == Kind::Configuration => return Err(failure),
        Err(failure) => html! { p.note.bad role="alert" { (brief(&failure.message(), 1500)) } },
    };
    answer(visit, &uri, now)
}

/// Approves or rejects what is held, or takes back what was written last.
pub fn decide(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(uri) = named(visit) else { return Ok(unknown(visit)) };
    let form = visit.form();
    let refuse = |status, why: &str| Ok(frame::refusal(visit, status, "Nothing was decided", why));
    let Some(verb) = value(&form, "verb").and_then(Verb::parse) else {
        return refuse(400, "the form names no decision");
    };
    let (Some(id), Some(why)) = (value(&form, "id"), decide::reason(&form)) else {
        return refuse(400, "say why: the reason is kept with the decision");
    };
    let decided = match verb {
        Verb::Approve | Verb::Reject => judge(visit, &uri, verb, id, why)?,
        Verb::Undo => match take_back(visit, &uri, value(&form, "last"), why)? {
            Ok(decided) => decided,
            Err(why) => return refuse(409, &why),
        },
        Verb::Retry => return refuse(400, "the next push tries again what failed, by itself"),
    };
    visit.desk().has_changed();
    match decided.refused.first() {
        // Some of it is done: whoever asked must not take it for nothing.
        Some((_, why)) if !decided.done.is_empty() => {
            let told = format!("{} {}; but {why}", verb.done(), decided.done.join(", "));
            Ok(frame::refusal(visit, 409, "Not all of it was done", &told))
        }
        Some((_, why)) => refuse(409, why),
        None => Ok(see_other(&format!("{}?done={}", super::resources::place(visit, &uri), verb.as_str()))),
    }
}

/// Decides about an intent of this resource, by its number: by anything else, it would speak for what is held by then.
pub fn judge(visit: &Visit<'_>, uri: &ResourceUri, verb: Verb, id: &str, why: &str) -> Result<Decided, Failure> {
    let refused = |why: &str| Decided { refused: vec![(id.to_owned(), why.to_owned())], ..Decided::default() };
    let Some(number) = id.strip_prefix('#').and_then(|number| number.parse::<i64>().ok()) else {
        return Ok(refused("give the number under which it is held, as in #7"));
    };
    visit.desk().with_store(|store| {
        if store.intent(number)?.is_none_or(|intent| intent.target.subject != *uri) {
            return Ok(refused("nothing is held for this resource under that number"));
        }
        store.act_as(&visit.person.name);
        let selection = Selection { ids: vec![id.to_owned()], ..Selection::default() };
        review::decide(store, verb, &selection, &visit.author(why), visit.now)
    })
}

/// Takes back what was written last for a resource, and what the same run wrote beside it: asks and writes to both systems, under the lock of a run.
fn take_back(
    visit: &Visit<'_>,
    uri: &ResourceUri,
    shown: Option<&str>,
    why: &str,
) -> Result<Result<Decided, String>, Failure> {
    let profile = visit.desk().push_profile()?;
    let _lock = match Lock::take(&profile.state) {
        Ok(lock) => lock,
        Err(error) if error.kind() == Kind::Locked => {
            return Ok(Err("a run of this profile is under way: wait for its end".to_owned()));
        }
        Err(error) => return Err(error.into()),
    };
    visit.desk().with_store(|store| {
        if Some(numbers(&undo::chosen(store, undo::Which::Resource(*uri))?).as_str()) != shown {
            return Ok(Err("something else was written since the page was made: look again, then decide".to_owned()));
        }
        store.act_as(&visit.person.name);
        let begun = Instant::now();
        let clock = || visit.now.plus(begun.elapsed());
        let which = [undo::Which::Resource(*uri)];
        let undone = undo::in_a_run(store, &profile, &which, &visit.author(why), &clock)?;
        match undone.stopped {
            Some(failure) if undone.decided.done.is_empty() => Err(failure),
            Some(failure) => {
                let mut decided = undone.decided;
                decided.refused.push((uri.to_string(), format!("it ended early: {}", failure.message())));
                Ok(Ok(decided))
            }
            None => Ok(Ok(undone.decided)),
        }
    })
}
