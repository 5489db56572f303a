//! Decisions about one IE: the forms, and what comes of them.

use crate::failure::{Failure, Kind, stated};
use crate::model::decision::Verb;
use crate::model::id::IePid;
use crate::steps::review::{self, Author, Decided, Selection};
use crate::steps::undo;
use crate::store::Store;
use crate::store::restorations::Which;
use crate::web::html::frame::{self, token};
use crate::web::html::text::Shown;
use crate::web::serve::Response;
use crate::web::site::Trip;
use crate::web::visit::{Visit, see_other, value};
use maud::{Markup, html};

/// The longest reason that is kept.
pub const LONGEST_REASON: usize = 2000;

/// A form with a reason and one button for each verb.
pub fn form(visit: &Visit<'_>, id: &str, verbs: &[(&str, &str)]) -> Markup {
    form_about(visit, id, None, verbs)
}

/// The same about one package of an IE: nothing is decided when another is the latest by then.
pub fn form_about(visit: &Visit<'_>, id: &str, package: Option<&str>, verbs: &[(&str, &str)]) -> Markup {
    html! {
        form.stacked method="post" action=(visit.path("decide")) {
            (token(visit))
            input type="hidden" name="id" value=(id);
            @if let Some(package) = package { input type="hidden" name="package" value=(package); }
            label { "Reason" input name="reason" required maxlength=(LONGEST_REASON); }
            div.buttons { @for (verb, words) in verbs { button name="verb" value=(verb) class=(verb) { (words) } } }
        }
    }
}

/// Decides about what the form names, and goes back to the IE.
pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let form = visit.form();
    let Some(verb) = value(&form, "verb").and_then(Verb::parse) else {
        return Ok(frame::refusal(visit, 400, "Nothing was decided", "the form names no decision"));
    };
    let (Some(id), Some(why)) = (value(&form, "id"), reason(&form)) else {
        return Ok(frame::refusal(visit, 400, "Nothing was decided", "say why: the reason is kept with the decision"));
    };
    let ie = value(&form, "ie").unwrap_or(id).split('-').next().unwrap_or_default();
    if let Some(why) = moved_on(visit, id, value(&form, "package"))? {
        return Ok(frame::refusal(visit, 409, "Nothing was decided", &why));
    }
    let decided = match decide_one(visit, verb, id, why) {
        Err(failure) if failure.kind() == Kind::Configuration => {
            return Ok(frame::refusal(visit, 400, "Nothing was decided", &failure.message()));
        }
        decided => decided?,
    };
    if decided.refused.is_empty() && !decided.done.is_empty() && IePid::parse(ie).is_ok() {
        return Ok(see_other(&format!("{}?done={}", visit.path(&format!("ie/{ie}")), verb.as_str())));
    }
    Ok(outcome(visit, verb, &decided))
}

/// Why a form about a package is too old: the latest one of its IE is another by now.
pub fn moved_on(visit: &Visit<'_>, id: &str, package: Option<&str>) -> Result<Option<String>, Failure> {
    let (Some(package), Ok(ie)) = (package, IePid::parse(id)) else { return Ok(None) };
    let packages = visit.desk().with_store(|store| Ok(store.packages_of(&ie)?))?;
    let latest = super::history::latest(&packages).map(|package| package.name.as_str());
    Ok((latest != Some(package))
        .then(|| format!("{package} is not the latest package of {ie} any more: look again, then decide")))
}

/// Decides about an IE, or about what is held under a name.
pub fn decide_one(visit: &Visit<'_>, verb: Verb, id: &str, why: &str) -> Result<Decided, Failure> {
    // By its IE alone, a decision would speak for whatever is held by the time that it arrives.
    if matches!(verb, Verb::Approve | Verb::Reject) && IePid::parse(id).is_ok() {
        let message = format!("`{id}` does not say what was looked at");
        return Err(stated(Kind::Configuration, message, "give the name under which it is held, as in IE7-1f0c…"));
    }
    let decided = visit.desk().with_trip(|store, trip| {
        let selection = Selection { ids: vec![id.to_owned()], ..Selection::default() };
        let which = || IePid::parse(id).map(|ie| vec![Which::Ie(ie)]).unwrap_or_default();
        decide(store, trip, verb, &selection, &which(), &visit.author(why), visit)
    });
    visit.desk().has_changed();
    decided
}

/// The reason that a form gives; blank ones do not count.
pub fn reason(form: &[(String, String)]) -> Option<&str> {
    value(form, "reason").filter(|why| why.chars().count() <= LONGEST_REASON)
}

/// What `approve`, `reject`, `retry` and `undo` of the terminal do.
pub fn decide(
    store: &mut Store,
    trip: &Trip,
    verb: Verb,
    selection: &Selection,
    which: &[Which],
    author: &Author,
    visit: &Visit<'_>,
) -> Result<Decided, Failure> {
    // The connection is a borrowed one: without a name, the journal would tell of nobody.
    store.act_as(&author.who);
    match verb {
        Verb::Approve | Verb::Reject => review::decide(store, verb, selection, author, visit.now),
        Verb::Retry => review::retry(store, selection, author, visit.now),
        Verb::Undo => {
            let repository = trip.repository.as_str();
            let decided = undo::undo(store, trip.feeds, repository, which, author, visit.now)?;
            undo::judge(store, &trip.profile.round_trip, trip.feeds, repository)?;
            Ok(decided)
        }
    }
}

/// Refusals that one page tells; the others are still where they were.
const REFUSALS: usize = 200;

/// What was decided and what was not, with the reasons.
pub fn outcome(visit: &Visit<'_>, verb: Verb, decided: &Decided) -> Response {
    let status = if decided.done.is_empty() { 409 } else { 200 };
    let body = html! {
        h1 { (decided.done.len()) " " (verb.done()) @if !decided.refused.is_empty() { ", " (decided.refused.len()) " refused" } }
        @if !decided.done.is_empty() && verb != Verb::Reject { p { "The next run stages them." } }
        @if !decided.refused.is_empty() {
            h2 { "Refused" }
            ul { @for (id, why) in decided.refused.iter().take(REFUSALS) { li { strong { (Shown(id)) } ": " (Shown(why)) } } }
            @if decided.refused.len() > REFUSALS { p { (decided.refused.len() - REFUSALS) " more; they are still in their list." } }
        }
        p { a href=(visit.path("held")) { "Held" } " · " a href=(visit.path("packages")) { "Packages" } }
    };
    let mut response = frame::page(visit, verb.done(), body);
    response.status = status;
    response
}
