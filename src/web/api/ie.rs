//! Everything about one IE or one record, as the page tells it.

use super::{answer, limit, objects, problem};
use crate::dc_xml;
use crate::failure::Failure;
use crate::model::dc::{Dc, difference};
use crate::model::decision::Decision;
use crate::model::id::IePid;
use crate::model::outcome::Hold;
use crate::report::objects::{change, given, record as record_told};
use crate::steps::explain::{Answer, Explainer, Span, Told, sides};
use crate::steps::review;
use crate::store::decisions::HeldLine;
use crate::web::pages::one::written;
use crate::web::pages::{raw, way_out};
use crate::web::search::is_unknown;
use crate::web::serve::Response;
use crate::web::visit::Visit;
use serde_json::{Value, json};

/// Records that claim one IE and are told.
const CLAIMANTS: usize = 20;

/// One IE: each Alma record that names it, what is held for it, its packages, and what was decided.
pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(ie) = visit.parameters.first().and_then(|ie| IePid::parse(ie).ok()) else {
        return Ok(problem(404, "Not found", "this is no IE PID: it is IE and digits, as in IE1234"));
    };
    visit.desk().with_trip(|store, trip| {
        let mut explainer = trip.explainer(store)?;
        let Answer { told, all } = explainer.explain(ie.as_str(), visit.desk().name(), Span::first(CLAIMANTS))?;
        let left_out = all - told.len();
        let told: Vec<Value> = told.iter().map(|told| in_full(&explainer, told)).collect();
        let held = explainer.store.held(Some(ie.as_str()))?;
        let (packages, decisions) = (explainer.store.packages_of(&ie)?, explainer.store.decisions_of(ie.as_str())?);
        Ok(answer(
            200,
            &json!({"ie": ie.as_str(), "told": told, "left-out": left_out, "held": held.iter().map(of_held).collect::<Vec<_>>(),
                    "packages": packages.iter().map(objects::package).collect::<Vec<_>>(),
                    "decisions": decisions.iter().map(of_decision).collect::<Vec<_>>()}),
        ))
    })
}

/// What an IE PID, an MMS ID or an OAI identifier means: a pair of record and IE each.
pub fn record(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(id) = visit.asked("id") else {
        return Ok(problem(400, "Nothing is asked", "give `id`: an IE PID, an MMS ID or an OAI identifier"));
    };
    if is_unknown(visit.desk(), id)? {
        return Ok(problem(404, "Not known", &format!("nothing is known of `{id}`: neither feed showed it")));
    }
    let (after, most) = match (visit.asked("after").map(str::parse).transpose(), limit(visit)) {
        (Ok(after), Ok(most)) => (after.unwrap_or(0), most),
        (Err(_), _) => return Ok(problem(400, "Not understood", "`after` is a number that an answer gave as `next`")),
        (_, Err(problem)) => return Ok(problem),
    };
    visit.desk().with_trip(|store, trip| {
        let Answer { told, all } = trip.explainer(store)?.explain(id, visit.desk().name(), Span { after, most })?;
        let to = after.saturating_add(told.len());
        let next = (to < all).then(|| to.to_string());
        let brief: Vec<Value> = told.iter().map(brief).collect();
        Ok(answer(200, &json!({"id": id, "told": brief, "all": all, "next": next})))
    })
}

/// The XML of one side as a text: `rosetta`, `alma`, `package` or `before`.
pub fn xml(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some((ie, which)) = raw::named(visit) else {
        return Ok(problem(404, "Not found", "this is no IE PID: it is IE and digits, as in IE1234"));
    };
    let text = visit.desk().with_trip(|store, trip| raw::xml(visit, &mut trip.explainer(store)?, &ie, &which))?;
    Ok(match text {
        Some(text) => Response::new(200, "text/plain;charset=UTF-8", text),
        None => problem(404, "Nothing there", "there is no such record, or it came without metadata"),
    })
}

fn brief(told: &Told) -> Value {
    let (kind, code, detail) = told.verdict();
    json!({"ie": told.ie.as_ref().map(IePid::as_str),
           "outcome": {"kind": kind, "code": given(&code), "detail": detail, "way-out": given(way_out::of(&code))},
           "evidence": told.evidence.as_ref().map(|(place, text)| json!({"place": place, "text": text})),
           "alma": told.alma.as_ref().map(record_told), "rosetta": told.rosetta.as_ref().map(record_told)})
}

fn in_full(explainer: &Explainer<'_>, told: &Told) -> Value {
    let (shown, _) = sides(told);
    let new = written(told);
    let changes = new.map(|new| difference(&shown.clone().unwrap_or_default(), new)).unwrap_or_default();
    let mut value = brief(told);
    value["rosetta-says"] = json!(shown.as_ref().map(fields));
    value["alma-says"] = json!(explainer.said(told).as_ref().map(fields));
    value["will-be-written"] = json!(new.map(dc_xml::write_record));
    value["difference"] = changes.iter().map(change).collect();
    value
}

fn fields(dc: &Dc) -> Vec<Value> {
    dc.fields.iter().map(|field| json!({"field": field.key().to_string(), "value": field.value})).collect()
}

fn of_held(line: &HeldLine) -> Value {
    json!({"id": review::name(line), "alma": line.alma, "ie": line.ie.as_str(), "code": line.code, "detail": line.detail,
           "prepared": line.prepared.to_string(), "moved-on": line.is_stale,
           "can-be-approved": !line.is_stale && Hold::code_can_be_approved(&line.code)})
}

fn of_decision(decision: &Decision) -> Value {
    json!({"verb": decision.verb.as_str(), "who": decision.who, "why": decision.why, "at": decision.at.to_string(),
           "package": decision.package})
}
