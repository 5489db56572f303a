//! Deciding about everything that passes a filter: first a page that counts, then the decision about exactly that.

use super::decide::{LONGEST_REASON, decide, outcome, reason};
use super::{held, packages};
use crate::failure::Failure;
use crate::model::decision::Verb;
use crate::steps::review::{Decided, Selection};
use crate::store::Store;
use crate::store::restorations::Which;
use crate::web::html::frame::{self, token};
use crate::web::html::text::Shown;
use crate::web::secret;
use crate::web::serve::Response;
use crate::web::site::Trip;
use crate::web::visit::{Visit, value};
use maud::html;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;

/// Decisions of one go; each is a row that is written durably.
const MOST: usize = 100_000;
/// Names that the page shows.
const SHOWN: usize = 20;

/// What a filter and a verb mean now.
pub struct Meant {
    pub names: Vec<String>,
    which: Vec<Which>,
    /// Whether more passes the filter than is decided about in one go.
    pub is_cut: bool,
    /// What passes the filter, and what the verb cannot help.
    pub left_out: usize,
}

impl Meant {
    /// Stands for exactly these names.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for name in &self.names {
            hash.update(name.as_bytes());
            hash.update([0]);
        }
        secret::hex(&hash.finalize())
    }
}

/// Counts, and asks.
pub fn confirm(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(verb) = visit.asked("verb").and_then(Verb::parse) else {
        return Ok(frame::refusal(visit, 400, "Nothing is asked", "the address names no decision"));
    };
    if !visit.may_decide() {
        return Ok(frame::refusal(visit, 403, "Refused", "you may look at this profile, and not decide about it"));
    }
    let meant = match visit.desk().with_trip(|store, trip| meant(visit, store, trip, verb))? {
        Ok(meant) => meant,
        Err(why) => return Ok(frame::refusal(visit, 400, "Nothing can be decided so", &why)),
    };
    let count = meant.names.len();
    let noun = if count == 1 { "package" } else { "packages" };
    let body = html! {
        h1 { (words(verb)) " " (count) " " (noun) "?" }
        @if meant.left_out > 0 { p.note { (meant.left_out) " more pass the filter and are left out: no approval helps them." } }
        @if meant.is_cut { p.note { "More pass the filter than are decided about in one go; the others stay in their list." } }
        @if count > 0 {
            p { (consequence(verb)) }
            ul.names { @for name in meant.names.iter().take(SHOWN) { li { (Shown(name)) } } }
            @if count > SHOWN { p { "and " (count - SHOWN) " more." } }
            form.stacked method="post" action=(format!("{}{}", visit.path("bulk"), visit.query_with(&[]))) {
                (token(visit))
                input type="hidden" name="fingerprint" value=(meant.fingerprint());
                label { "Reason, kept with each decision" input name="reason" required maxlength=(LONGEST_REASON); }
                div.buttons { button class=(verb.as_str()) { (words(verb)) " " (count) " " (noun) } a href=(visit.path("held")) { "Cancel" } }
            }
        } @else { p.empty { "Nothing passes the filter." } }
    };
    Ok(frame::page(visit, "Decide", body))
}

/// Why nothing was decided about a filter: it means something else than what was counted.
pub struct Unlike(pub String);

/// Decides, when the filter still means what was counted: exactly the names of the fingerprint, and as many.
pub fn decide_meant(
    visit: &Visit<'_>,
    verb: Verb,
    why: &str,
    fingerprint: &str,
    count: Option<u64>,
) -> Result<Result<Decided, Unlike>, Failure> {
    let desk = visit.desk();
    let decided = desk.with_trip(|store, trip| {
        let meant = match meant(visit, store, trip, verb)? {
            Ok(meant) => meant,
            Err(why) => return Ok(Err(Unlike(why))),
        };
        let is_counted = count.is_none_or(|count| count == meant.names.len() as u64);
        if meant.names.is_empty() || !is_counted || !secret::same(&meant.fingerprint(), fingerprint) {
            return Ok(Err(Unlike("the filter means something else by now: look again, then decide".to_owned())));
        }
        let selection = Selection { ids: meant.names, ..Selection::default() };
        decide(store, trip, verb, &selection, &meant.which, &visit.author(why), visit).map(Ok)
    });
    desk.has_changed();
    decided
}

fn decide_all(visit: &Visit<'_>, verb: Verb, why: &str, fingerprint: &str) -> Result<Response, Failure> {
    Ok(match decide_meant(visit, verb, why, fingerprint, None)? {
        Ok(decided) => outcome(visit, verb, &decided),
        Err(Unlike(why)) => frame::refusal(visit, 409, "Nothing was decided", &why),
    })
}

/// The answer to the form.
pub fn decide_page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let form = visit.form();
    let verb = visit.asked("verb").and_then(Verb::parse);
    match (verb, reason(&form), value(&form, "fingerprint")) {
        (Some(verb), Some(why), Some(fingerprint)) => decide_all(visit, verb, why, fingerprint),
        _ => Ok(frame::refusal(visit, 400, "Nothing was decided", "say why: the reason is kept with the decision")),
    }
}

/// What the filter of the address and a verb mean now, or why that cannot be decided.
pub fn meant(visit: &Visit<'_>, store: &Store, trip: &Trip, verb: Verb) -> Result<Result<Meant, String>, Failure> {
    match verb {
        Verb::Approve | Verb::Reject => {
            let slice = store.outcomes_matching(&held::filter(visit, "held"), MOST)?;
            let names = held::names(&slice.items, verb == Verb::Approve);
            let left_out = slice.items.len() - names.len();
            Ok(Ok(Meant { names, which: Vec::new(), is_cut: slice.next.is_some(), left_out }))
        }
        Verb::Retry => {
            let filter = match packages::filter(visit, trip.profile.round_trip.staging.settle_within) {
                Ok(filter) => filter,
                Err(why) => return Ok(Err(why)),
            };
            let (items, is_cut) = packages::all(store, &filter, MOST)?;
            let passing: HashSet<String> = items.into_iter().map(|item| item.package.name).collect();
            let failed = store.failed_packages()?.into_iter().map(|failed| failed.name);
            let names: Vec<String> = failed.filter(|name| passing.contains(name)).collect();
            let left_out = passing.len() - names.len();
            Ok(Ok(Meant { names, which: Vec::new(), is_cut, left_out }))
        }
        Verb::Undo => {
            let Some(run) = visit.asked("run").and_then(|run| run.parse().ok()) else {
                return Ok(Err("only a whole run is taken back in one go".to_owned()));
            };
            let which = vec![Which::Run(run)];
            let found = store.to_undo(trip.feeds.rosetta, trip.repository.as_str(), &which[0])?;
            Ok(Ok(Meant {
                names: found.into_iter().map(|found| found.name).collect(),
                which,
                is_cut: false,
                left_out: 0,
            }))
        }
    }
}

fn words(verb: Verb) -> &'static str {
    match verb {
        Verb::Approve => "Approve",
        Verb::Reject => "Reject",
        Verb::Retry => "Retry",
        Verb::Undo => "Take back",
    }
}

fn consequence(verb: Verb) -> &'static str {
    match verb {
        Verb::Approve => "The next run stages them, unless Alma or Rosetta move on before.",
        Verb::Reject => "They are skipped until Alma or Rosetta say something else.",
        Verb::Retry => "The next run sends the same content again.",
        Verb::Undo => "What Rosetta held before goes out again, where Rosetta still holds what was written.",
    }
}
