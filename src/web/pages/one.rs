//! Everything about one IE, or about one Alma record.

use super::difference::Sides;
use super::{held, history, way_out};
use crate::dc_xml;
use crate::failure::{Failure, Kind};
use crate::model::dc::Dc;
use crate::model::id::{IePid, MmsId};
use crate::model::outcome::Outcome;
use crate::steps::explain::{Answer, Explainer, Span, Told, sides};
use crate::store::decisions::HeldLine;
use crate::store::records::{StoredBody, StoredRecord};
use crate::web::html::text::{Shown, brief};
use crate::web::html::{frame, moment};
use crate::web::search::is_unknown;
use crate::web::serve::Response;
use crate::web::site::Trip;
use crate::web::visit::{Visit, query, see_other};
use maud::{Markup, html};

/// IEs of one record that are listed at once.
pub const IES: usize = 50;
/// Records that claim one IE and are shown with all their fields.
const IN_FULL: usize = 3;
/// What the values of all of them together may take on the page.
const ROOM: usize = 60_000;

/// One IE.
pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    about_ie(visit, Span::first(IN_FULL), |trip, explainer, ie, answer| {
        Ok(frame::page(visit, ie.as_str(), whole(visit, trip, explainer, ie, answer)?))
    })
}

/// A page about the IE that the path names, if one is known of that name.
pub fn about_ie(
    visit: &Visit<'_>,
    span: Span,
    page: impl FnOnce(&Trip<'_>, &mut Explainer<'_>, &IePid, &Answer) -> Result<Response, Failure>,
) -> Result<Response, Failure> {
    let Some(ie) = visit.parameters.first().and_then(|ie| IePid::parse(ie).ok()) else {
        return Ok(frame::refusal(visit, 404, "Not found", "this is no IE PID: it is IE and digits, as in IE1234"));
    };
    visit.desk().with_trip(|store, trip| {
        let mut explainer = trip.explainer(store)?;
        match explainer.explain(ie.as_str(), visit.desk().name(), span) {
            Ok(answer) => page(trip, &mut explainer, &ie, &answer),
            Err(failure) => not_known(visit, failure),
        }
    })
}

/// An IE PID, an MMS ID or an OAI identifier.
pub fn record(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(id) = visit.asked("id") else {
        return Ok(frame::refusal(visit, 400, "Nothing is asked", "give an IE PID, an MMS ID or an OAI identifier"));
    };
    if IePid::parse(id).is_ok() {
        return Ok(see_other(&visit.path(&format!("ie/{id}"))));
    }
    if is_unknown(visit.desk(), id)? {
        return Ok(frame::refusal(
            visit,
            404,
            "Not known",
            &format!("nothing is known of `{id}`: neither feed showed it"),
        ));
    }
    visit.desk().with_trip(|store, trip| {
        let after = visit.asked("after").and_then(|after| after.parse().ok()).unwrap_or(0);
        let explainer = &mut trip.explainer(store)?;
        let answer = match explainer.explain(id, visit.desk().name(), Span { after, most: IES }) {
            Ok(answer) => answer,
            Err(failure) => return not_known(visit, failure),
        };
        if let (1, [Told { ie: Some(ie), .. }]) = (answer.all, &answer.told[..]) {
            return Ok(see_other(&visit.path(&format!("ie/{ie}"))));
        }
        let body = html! { h1 { (brief(id, 200)) } (several(visit, trip, &answer, after)) };
        Ok(frame::page(visit, "Record", body))
    })
}

fn not_known(visit: &Visit<'_>, failure: Failure) -> Result<Response, Failure> {
    match failure.kind() {
        Kind::Failed if failure.message().starts_with("nothing is known of") => {
            Ok(frame::refusal(visit, 404, "Not known", &failure.message()))
        }
        Kind::Failed | Kind::Configuration | Kind::NeedsAPerson | Kind::Locked => Err(failure),
    }
}

fn several(visit: &Visit<'_>, trip: &Trip<'_>, answer: &Answer, after: usize) -> Markup {
    let told = &answer.told;
    let to = after.saturating_add(told.len());
    let link =
        |after: usize| visit.query_with(&[("after", &if after == 0 { String::new() } else { after.to_string() })]);
    html! {
        @if let Some(record) = told.first().and_then(|told| told.alma.as_ref()) { dl.facts { dt { "Alma" } dd { (said_of(record)) (alma_link(trip, record)) } } }
        @if answer.all > told.len() { p { "IEs " (after + 1) " to " (to) " of " (answer.all) "." } }
        ul.ies { @for told in told {
            @let (kind, code, words) = told.verdict();
            li {
                @if let Some(ie) = &told.ie { a href=(visit.path(&format!("ie/{ie}"))) { (ie) } " " }
                (verdict(kind, &code)) " " (brief(&words, 400)) " " span.quiet { (way_out::of(&code)) }
            }
        } }
        @if answer.all > told.len() { nav.pager aria-label="Parts" {
            @if after > 0 { a rel="prev" href=(link(after.saturating_sub(IES))) { "IEs before" } }
            @if to < answer.all { a rel="next" href=(link(to)) { "Next IEs" } }
        } }
    }
}

fn whole(
    visit: &Visit<'_>,
    trip: &Trip<'_>,
    explainer: &mut Explainer<'_>,
    ie: &IePid,
    Answer { told, all }: &Answer,
) -> Result<Markup, Failure> {
    let held = explainer.store.held(Some(ie.as_str()))?;
    let decisions = explainer.store.decisions_of(ie.as_str())?;
    let packages = explainer.store.packages_of(ie)?;
    let journal = explainer.store.journal_before(Some(ie.as_str()), i64::MAX, history::ENTRIES)?;
    let ways_back = if held.iter().any(held::is_way_back) { ways_back(explainer, ie)? } else { Vec::new() };
    let title = told.iter().find_map(title);
    let link = trip.profile.serve.rosetta_link.as_ref().and_then(|template| template.link(ie.as_str()));
    Ok(html! {
        h1 { (ie) @if let Some(title) = title { " " span.title { (brief(&title, 300)) } } }
        @if let Some(done) = visit.asked("done").and_then(crate::model::decision::Verb::parse) {
            p.note.good role="status" { "It is " (done.done()) ". The next run acts on it." }
        }
        @if let Some(link) = link { p { a href=(link) rel="noreferrer" { "In Rosetta" } } }
        (held::forms(visit, &held, |line| is_as_prepared(told, line)))
        @for (written, before) in &ways_back { (way_back(written.as_ref(), before)) }
        @for one_told in told { (one(visit, trip, explainer, ie, one_told, ROOM / told.len())) }
        @if *all > told.len() {
            p.note { (all - told.len()) " more Alma records claim this IE: " a href=(visit.path(&format!("conflicts/{ie}"))) { "see them side by side" } }
        }
        section { h2 { "History" } (history::forms(visit, &packages)) (history::html(visit, &packages, &decisions, &journal)) }
    })
}

/// Whether what is held is what would be written now; `None` when nobody can say. It is not when the profile or its stylesheet
/// has changed since: then the difference on the page is not what a decision would be about.
fn is_as_prepared(told: &[Told], line: &HeldLine) -> Option<bool> {
    let own = told.iter().find(|told| told.alma.as_ref().is_some_and(|alma| alma.identifier.as_str() == line.alma))?;
    let held_now = match own.outcome.as_ref()? {
        Outcome::Held(package, _) | Outcome::Package(package) => package,
        Outcome::Unchanged(_) | Outcome::Skipped(..) => return Some(false),
    };
    Some(held_now.dc.digest() == line.content && held_now.shown == line.shown)
}

/// What Rosetta holds now, and what would be brought back, of each way back that is not yet in the folder.
fn ways_back(explainer: &Explainer<'_>, ie: &IePid) -> Result<Vec<(Option<Dc>, Dc)>, Failure> {
    let open = explainer.store.open_restorations(explainer.feeds.rosetta, explainer.repository.as_str())?;
    let mut found = Vec::new();
    for one in open.into_iter().filter(|one| one.ie == *ie) {
        let read = |text: &str| dc_xml::read_anywhere(text).ok();
        let shown = one.shown.map(|shown| shown.open_text()).transpose()?;
        if let Some(before) = read(&one.content.open_text()?) {
            found.push((shown.as_deref().and_then(read), before));
        }
    }
    Ok(found)
}

fn way_back(shown: Option<&Dc>, before: &Dc) -> Markup {
    let (values_at, values_query) = (String::new(), String::new());
    let sides = Sides { rosetta: shown, alma: None, new: Some(before), rules: None, values_at, values_query };
    html! { section.told { h2 { "The way back: what Rosetta held before" } (sides.html()) } }
}

fn title(told: &Told) -> Option<String> {
    let (shown, new) = sides(told);
    new.and_then(Dc::title).map(str::to_owned).or_else(|| shown.as_ref().and_then(Dc::title).map(str::to_owned))
}

/// One Alma record that names the IE, or none.
fn one(visit: &Visit<'_>, trip: &Trip<'_>, explainer: &Explainer<'_>, ie: &IePid, told: &Told, room: usize) -> Markup {
    let (kind, code, words) = told.verdict();
    let (shown, _) = sides(told);
    let (alma, new) = (explainer.said(told), written(told));
    let record = told.alma.as_ref().map(|record| record.id.to_string()).unwrap_or_default();
    let of_record = query([("record", record.as_str())].into_iter());
    let below = visit.path(&format!("ie/{ie}"));
    let sides = Sides {
        rosetta: shown.as_ref(),
        alma: alma.as_ref(),
        new,
        rules: explainer.middle.merge.as_ref(),
        values_at: format!("{below}/value"),
        values_query: of_record.clone(),
    };
    html! {
        section.told {
            h2 { (verdict(kind, &code)) " " (brief(&words, 1500)) }
            @if !way_out::of(&code).is_empty() { p { (way_out::of(&code)) } }
            dl.facts {
                dt { "Rosetta" } dd { @match &told.rosetta { Some(record) => (said_of(record)), None => "the feed never showed this IE" } }
                dt { "Alma" } dd { @match &told.alma {
                    Some(record) => { (said_of(record)) (alma_link(trip, record)) }
                    None => "no record names this IE"
                } }
                dt { "Evidence" } dd { @match &told.evidence {
                    Some((place, text)) => { (Shown(place)) ": " (brief(text, 600)) }
                    None => span.quiet { "none" }
                } }
            }
            (sides.html_within(room))
            p.raw { "Raw XML: "
                a href=(format!("{below}/xml/rosetta")) { "Rosetta" } " "
                a href=(format!("{below}/xml/alma{of_record}")) { "Alma" } " "
                a href=(format!("{below}/xml/package{of_record}")) { "package" } " "
                a href=(format!("{below}/xml/before")) { "before-image" }
            }
        }
    }
}

/// What would be written now.
pub fn written(told: &Told) -> Option<&Dc> {
    match told.outcome.as_ref()? {
        Outcome::Package(package) | Outcome::Held(package, _) => Some(&package.dc),
        Outcome::Unchanged(_) | Outcome::Skipped(..) => None,
    }
}

pub fn verdict(kind: &str, code: &str) -> Markup {
    html! { span class=(format!("badge {kind}")) { (kind) @if !code.is_empty() { ": " (code) } } }
}

fn said_of(record: &StoredRecord) -> Markup {
    let state = match &record.body {
        StoredBody::Metadata(_) => "",
        StoredBody::Deleted => ", deleted",
        StoredBody::Absent => ", without metadata",
        StoredBody::Quarantined(_) => ", in quarantine",
        StoredBody::Gone(_) => ", vanished from the feed",
    };
    html! {
        (brief(record.identifier.as_str(), 300)) ", stamped " (brief(record.datestamp.as_str(), 60)) ", last changed here "
        (moment::time(record.changed)) (state)
        @if !record.repairs.is_empty() { ", repaired (" (record.repairs.words()) ")" }
        @if !record.sets.is_empty() { ", sets " (brief(&record.sets, 200)) }
    }
}

pub fn alma_link(trip: &Trip<'_>, record: &StoredRecord) -> Markup {
    let mms = record.identifier.mms_id();
    let template = trip.profile.serve.alma_link.as_ref();
    let link = template.zip(mms).and_then(|(template, mms): (_, MmsId)| template.link(mms.as_str()));
    html! { @if let Some(link) = link { " · " a href=(link) rel="noreferrer" { "in Alma" } } }
}
