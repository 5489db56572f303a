//! `check` of `link`: what a profile means for IEs without a bib, and with --online whether Alma agrees.

use super::Finding;
use crate::failure::{Failure, Kind, stated};
use crate::link::Describer;
use crate::model::time::say_span;
use crate::profile::{HoldPolicy, LinkProfile};
use crate::push::alma;
use crate::report::line;

/// What the profile means for `link`.
pub(super) fn meaning(profile: &LinkProfile) -> String {
    let mut text = String::new();
    let rules = &profile.link.rules;
    let sets = rules.sets.as_ref().map_or("IEs".to_owned(), |sets| format!("IEs of the sets {}", sets.join(", ")));
    let new = match &rules.new_bibs {
        None => "no bib is made",
        Some(new) if new.suppressed => "where none is found, a suppressed one is made",
        Some(_) => "where none is found, one is made that is published",
    };
    line(&mut text, "link", &format!("{sets} that no bib names; {new}"));
    let pointer = &rules.pointer;
    let told = format!("{} in the library {}, as {}", pointer.repository, pointer.library, pointer.usage_type);
    line(&mut text, "points to", &format!("the remote repository {told}"));
    for rule in &rules.find {
        line(&mut text, "finds by", &format!("{} that begins with `{}`", rule.field, rule.begins));
    }
    let hold = match rules.review.hold {
        HoldPolicy::Nothing => "only what is not certain",
        HoldPolicy::Risky => "also bibs with another title",
        HoldPolicy::Everything => "every link",
    };
    line(&mut text, "link holds", hold);
    let lag = say_span(profile.link.index_lag);
    line(&mut text, "", &format!("a new bib is looked for {lag} before it counts as not made"));
    text
}

/// What can be known without asking anybody: whether there is a way from a description to a bib.
pub(super) fn offline(profile: &LinkProfile) -> Vec<Finding> {
    if profile.link.rules.new_bibs.is_none() {
        return Vec::new();
    }
    let describer = Describer::load(&profile.link, &profile.profile.round_trip.transform);
    let found = describer.map(|describer| format!("{} compiles", describer.name())).map_err(Failure::from);
    vec![Finding { what: "new bibs".to_owned(), found }]
}

/// Whether the key may ask, and whether Alma has the library. Its API lists no remote repositories: whether the code of one is right is
/// told by the first representation, whose bib is taken away again when it is not.
pub(super) fn online(profile: &LinkProfile) -> Vec<Finding> {
    let library = &profile.link.rules.pointer.library;
    let ask = || -> Result<String, Failure> {
        let known = alma::Client::new(&profile.alma_api)?.libraries()?;
        if known.iter().any(|one| one.code == *library) {
            return Ok(format!("the library {library} is Alma's; that of the remote repository cannot be asked for"));
        }
        let codes: Vec<&str> = known.iter().map(|one| one.code.as_str()).collect();
        let hint = format!("link.library must be one of Alma's own codes: {}", codes.join(", "));
        Err(stated(Kind::Configuration, format!("Alma has no library {library}"), hint))
    };
    vec![Finding { what: "link".to_owned(), found: ask() }]
}
