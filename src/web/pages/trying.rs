//! Another stylesheet, tried on one record or counted over a sample. Nothing of it is kept.
//!
//! It runs within the limits of every stylesheet: it reads its record and what the profile's own stylesheet may include, no
//! file else and no server, and writes nothing. Only who may decide may try: it is a program, and takes the machine's time.

use super::difference::Sides;
use super::{one, trial};
use crate::failure::{Failure, Kind};
use crate::model::outcome::Outcome;
use crate::steps::explain::{Answer, Explainer, Span, Told, sides};
use crate::steps::transform::{Made, NotTransformed, Transform};
use crate::store::Store;
use crate::store::records::StoredBody;
use crate::web::form;
use crate::web::html::frame::{self, token};
use crate::web::html::text::{Shown, brief, split};
use crate::web::html::xml::Coloured;
use crate::web::serve::Response;
use crate::web::site::Trip;
use crate::web::visit::{Visit, value};
use crate::xslt;
use maud::{Markup, html};
use std::sync::TryLockError;
use std::time::Duration;

/// What a stylesheet may take of the page; a longer one is tried from its file again and again.
const EDITED: usize = 40_000;
/// What the difference may take.
const ROOM: usize = 24_000;
/// What the stylesheet's own output may take.
const OUTPUT: usize = 9_000;
/// Pairs of a record and an IE that are shown one below the other.
const SHOWN: usize = 3;
/// So long may one record take where the clock is looked at.
const PATIENCE: Duration = Duration::from_secs(10);

/// The form, with the profile's own stylesheet in it.
pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    visit.desk().with_trip(|_, trip| {
        let own = Transform::load(&trip.profile.round_trip, &trip.repository)?;
        let id = visit.asked("id").unwrap_or_default();
        Ok(answer(visit, 200, id, &own.text(), html! {}))
    })
}

/// What the form asks for.
pub fn attempt(visit: &Visit<'_>) -> Result<Response, Failure> {
    let form = visit.form();
    let id = value(&form, "id").unwrap_or_default();
    let text = match given(visit, &form) {
        Ok(text) => text,
        Err(why) => return Ok(answer(visit, 400, id, "", html! { p.note.bad role="alert" { (why) } })),
    };
    let turn = visit.site.trial.try_lock();
    if matches!(turn, Err(TryLockError::WouldBlock)) {
        let busy =
            html! { p.note role="alert" { "Somebody else is trying a stylesheet right now. Try again in a moment." } };
        return Ok(answer(visit, 503, id, &text, busy));
    }
    visit.desk().with_trip(|store, trip| {
        let round_trip = &trip.profile.round_trip;
        let tried = match Transform::tried(&text, PATIENCE, round_trip, &trip.repository) {
            Ok(tried) => tried,
            Err(error) => return Ok(answer(visit, 422, id, &text, refused(&text, &error))),
        };
        let remarks = html! { @for warning in tried.warnings().iter().take(10) { p.note { (brief(warning, 400)) } } };
        let result = match value(&form, "what") {
            Some("sample") => trial::shown(visit, &trial::counted(store, trip, tried)?),
            Some("file") => return Ok(trial::file(visit, &trial::counted(store, trip, tried)?)),
            _ => match on_one(visit, store, trip, tried, id) {
                Ok(result) => result,
                Err(failure) if failure.kind() == Kind::Failed => {
                    html! { p.note.bad role="alert" { (brief(&failure.message(), 600)) } }
                }
                Err(failure) => return Err(failure),
            },
        };
        Ok(answer(visit, 200, id, &text, html! { (remarks) (result) }))
    })
}

/// The stylesheet of the form: the file, if there is one, or what stands in the box.
fn given(visit: &Visit<'_>, form: &[(String, String)]) -> Result<String, &'static str> {
    let content_type = visit.request.header("content-type").unwrap_or_default();
    let parts = form::parts(content_type, &visit.request.body).unwrap_or_default();
    let file = parts.into_iter().find(|part| part.name == "file" && !part.bytes.is_empty());
    let text = match file {
        Some(file) => String::from_utf8(file.bytes).map_err(|_| "the file is not UTF-8: save it as UTF-8")?,
        None => form.iter().find(|(name, _)| name == "text").map(|(_, text)| text.clone()).unwrap_or_default(),
    };
    if text.trim().is_empty() {
        return Err("there is no stylesheet: write one into the box, or choose a file");
    }
    Ok(as_utf8(text.trim_start_matches('\u{FEFF}').trim_start()).replace("\r\n", "\n"))
}

/// The text without the encoding that its file once had: it is UTF-8 now, whatever it says.
fn as_utf8(text: &str) -> String {
    let Some((declaration, rest)) = text.strip_prefix("<?xml ").and_then(|text| text.split_once("?>")) else {
        return text.to_owned();
    };
    let mut words: Vec<&str> = declaration.split_ascii_whitespace().collect();
    words.retain(|word| !word.starts_with("encoding"));
    format!("<?xml {}?>{rest}", words.join(" "))
}

/// Why it cannot be used, and the line.
fn refused(text: &str, error: &xslt::Error) -> Markup {
    let number = error.line().map(|line| line as usize);
    let line = number.and_then(|number| text.lines().nth(number.checked_sub(1)?));
    html! {
        section.note.bad role="alert" {
            h2 { "This stylesheet cannot be used" }
            p { (brief(&error.to_string(), 1500)) }
            @if let (Some(number), Some(line)) = (number, line) {
                pre.xml tabindex="0" { (number) ": " (brief(line.trim_end(), 400)) }
            }
            @if let Some(hint) = error.hint() { p { (Shown(&hint)) } }
        }
    }
}

fn on_one(
    visit: &Visit<'_>,
    store: &mut Store,
    trip: &Trip<'_>,
    tried: Transform,
    id: &str,
) -> Result<Markup, Failure> {
    if id.is_empty() {
        return Ok(html! { p.note.bad role="alert" { "Name a record: an IE PID, an MMS ID or an OAI identifier." } });
    }
    let mut explainer = trip.explainer(store)?;
    explainer.middle.transform = tried;
    let Answer { told, all } = explainer.explain(id, visit.desk().name(), Span::first(SHOWN))?;
    Ok(html! {
        @for told in &told { (shown(visit, &explainer, told)) }
        @if all > told.len() { p.note { (all - told.len()) " more pairs of a record and an IE; name one IE to see it." } }
    })
}

/// One pair of a record and an IE with the tried stylesheet.
fn shown(visit: &Visit<'_>, explainer: &Explainer<'_>, told: &Told) -> Markup {
    let (kind, code, words) = told.verdict();
    let made = made(explainer, told);
    let (rosetta, _) = sides(told);
    let alma = made.as_ref().and_then(|made| made.as_ref().ok()).map(|made| &made.read.dc);
    let new = match &told.outcome {
        Some(Outcome::Package(package) | Outcome::Held(package, _)) => Some(&package.dc),
        Some(Outcome::Unchanged(_) | Outcome::Skipped(..)) | None => None,
    };
    let rules = explainer.middle.merge.as_ref();
    let (values_at, values_query) = (String::new(), String::new());
    let table = Sides { rosetta: rosetta.as_ref(), alma, new, rules, values_at, values_query };
    html! {
        section.told {
            h2 {
                @if let Some(ie) = &told.ie { a href=(visit.path(&format!("ie/{ie}"))) { (ie) } " " }
                (one::verdict(kind, &code)) " " (brief(&words, 800))
            }
            @match &made {
                None => p.empty { "There is nothing to transform: the record has no metadata, or names no IE." },
                Some(Err(why)) => p.note.bad role="alert" { (brief(why, 1500)) },
                Some(Ok(made)) => {
                    @if !made.messages.is_empty() {
                        h3 { "Messages" }
                        ul { @for message in made.messages.iter().take(20) { li { (brief(message, 300)) } } }
                    }
                    (table.html_within(ROOM))
                    h3 { "What the stylesheet wrote" }
                    @let (start, rest) = split(&made.output, OUTPUT);
                    (Coloured::new(start).page(1))
                    @if !rest.is_empty() { p.quiet { (rest.chars().count()) " more characters." } }
                }
            }
        }
    }
}

/// What the tried stylesheet makes of the record.
fn made(explainer: &Explainer<'_>, told: &Told) -> Option<Result<Made, String>> {
    let (record, ie) = (told.alma.as_ref()?, told.ie.as_ref()?);
    let metadata = match &record.body {
        StoredBody::Metadata(metadata) => metadata,
        StoredBody::Deleted | StoredBody::Absent | StoredBody::Quarantined(_) | StoredBody::Gone(_) => return None,
    };
    let made = explainer.middle.transform.run(metadata, ie, record.identifier.mms_id().as_ref());
    Some(made.map_err(|error| match error {
        NotTransformed::Skip(message) => message,
        NotTransformed::Lost(failure) => failure.message(),
    }))
}

fn answer(visit: &Visit<'_>, status: u16, id: &str, text: &str, result: Markup) -> Response {
    let is_editable = split(text, EDITED).1.is_empty();
    let body = html! {
        h1 { "Try a stylesheet" }
        p.quiet { "See what another stylesheet would make of Alma's records. Nothing is stored, and nothing is written." }
        (result)
        form.trial method="post" action=(visit.path("try")) enctype="multipart/form-data" {
            (token(visit))
            div.filters {
                label { "Record" input name="id" value=(id) placeholder="IE PID, MMS ID, OAI identifier"; }
                label { "Stylesheet from a file" input type="file" name="file" accept=".xsl,.xslt,.xml"; }
                div.buttons {
                    button.approve name="what" value="one" { "Try on this record" }
                    button name="what" value="sample" { "Count over a sample of " (trial::SAMPLE) }
                    button name="what" value="file" { "The same as CSV" }
                }
            }
            label {
                "Stylesheet"
                // The first line break after the tag is not a part of the value.
                textarea name="text" rows="24" spellcheck="false" autocapitalize="off" wrap="off" {
                    @if is_editable { "\n" (text) }
                }
            }
            @if !is_editable { p.note { "This stylesheet is too long to be edited here: choose its file again for another try." } }
        }
    };
    frame::page_of(visit, status, "Try a stylesheet", body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_encoding_is_dropped_and_nothing_else() {
        let dropped = as_utf8("<?xml version=\"1.0\" encoding='ISO-8859-1' standalone=\"yes\"?>\n<a encoding=\"x\"/>");
        assert_eq!(dropped, "<?xml version=\"1.0\" standalone=\"yes\"?>\n<a encoding=\"x\"/>");
        assert_eq!(as_utf8("<a/>"), "<a/>");
    }
}
