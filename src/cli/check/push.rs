//! `check` of the push: what a profile means for it, and with --online whether ArchivesSpace and Alma agree.

use super::Finding;
use crate::failure::{Failure, Kind, stated};
use crate::http::redacted;
use crate::model::time::say_span;
use crate::profile::{HoldPolicy, Output, PushProfile};
use crate::push::pull::rules::Existing;
use crate::push::{alma, aspace};
use crate::report::line;
use std::collections::BTreeMap;

/// What the profile means for the push.
pub(super) fn meaning(profile: &PushProfile) -> String {
    let mut text = String::new();
    let (aspace, alma, rules) = (&profile.archivesspace, &profile.alma_api, &profile.push.rules);
    line(&mut text, "push from", &format!("{} as {}", redacted(&aspace.base_url), aspace.user));
    line(&mut text, "", &chosen(profile));
    if let Some(feed) = &aspace.feed {
        line(&mut text, "", &format!("MARC of what is public from {}", redacted(&feed.base_url)));
    }
    line(&mut text, "push to", &destination(profile));
    let pace = &alma.pace;
    let told = format!(
        "{} calls a second, {} writes at once, {} calls of the day left to others",
        pace.requests_per_second, pace.writers, pace.daily_floor
    );
    line(&mut text, "", &told);
    line(&mut text, "our 035", &format!("{}/repositories/…/resources/…", rules.mark));
    let back = if rules.linking.write_back { "written into" } else { "read from" };
    line(&mut text, "MMS ID", &format!("{back} {}", aspace.mms_id_field));
    let hold = match rules.review.hold {
        HoldPolicy::Nothing => "only what cannot be written, and bibs that are not ours",
        HoldPolicy::Risky => {
            "also updates that remove what others wrote, change a title beyond recognition, or pass another limit"
        }
        HoldPolicy::Everything => "every change",
    };
    line(&mut text, "push holds", hold);
    let limits = profile.push.limits;
    let changed = limits.max_changed.map(|share| format!("{share}% of the bibs changed"));
    let created = limits.max_created.map(|most| format!("{most} new bibs"));
    let stops: Vec<String> = changed.into_iter().chain(created).collect();
    if !stops.is_empty() {
        line(&mut text, "stops at", &format!("more than {} in one run", stops.join(", or ")));
    }
    if let Some(holdings) = &rules.holdings {
        let every: Vec<String> = holdings.every.iter().map(ToString::to_string).collect();
        let boxes = if holdings.asks_boxes() { ", and where boxes stand" } else { "" };
        let every = if every.is_empty() { "where it is asked for".to_owned() } else { every.join(", ") };
        line(&mut text, "holdings", &format!("{every}{boxes}"));
        let items = if rules.items.is_some() { "one for each box" } else { "none" };
        line(&mut text, "items", items);
    }
    for rule in profile.push.pull.iter().flat_map(|pull| &pull.fields) {
        line(&mut text, "pull", &format!("{} into {}, {}", rule.from, rule.to, over(rule.existing)));
    }
    if let Some(existing) = profile.push.pull.as_ref().and_then(|pull| pull.barcodes) {
        line(&mut text, "pull", &format!("barcodes onto boxes, {}", over(existing)));
    }
    let lag = say_span(profile.push.index_lag);
    line(&mut text, "", &format!("a new bib is looked for {lag} before it counts as not made"));
    text
}

/// What happens where ArchivesSpace says something else.
fn over(existing: Existing) -> &'static str {
    match existing {
        Existing::Keep => "where there is nothing yet",
        Existing::Replace => "over whatever is there",
        Existing::Hold => "over something else only when a person approves",
    }
}

fn chosen(profile: &PushProfile) -> String {
    let chosen = &profile.archivesspace.chosen;
    let numbers = |list: &Vec<u64>| list.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let repositories = match &chosen.repositories {
        Some(list) => format!("repositories {}", numbers(list)),
        None => "all repositories that it may see".to_owned(),
    };
    let resources = chosen.resources.as_ref().map(|list| format!(", {} named resources of them", list.len()));
    let of = |what: &str, list: &Option<Vec<String>>| {
        list.as_ref().map_or(String::new(), |list| format!(", {what} {}", list.join(" or ")))
    };
    let sets = chosen.sets.as_ref();
    let sets = sets.map(|sets| of("of level", &sets.levels) + &of("sponsored by", &sets.sponsors));
    let published = if chosen.published_only { ", no new bib for what is not published" } else { "" };
    format!("{repositories}{}{}{published}", resources.unwrap_or_default(), sets.unwrap_or_default())
}

fn destination(profile: &PushProfile) -> String {
    match &profile.push.output {
        Output::Api => redacted(&profile.alma_api.base_url),
        Output::File(folder) => format!("MARCXML files in {}", folder.display()),
    }
}

/// Asks both systems, each with its secret; writes to none.
pub(super) fn online(profile: &PushProfile) -> Vec<Finding> {
    let mut findings = archivesspace(profile);
    match &profile.push.output {
        Output::Api => findings.extend(alma(profile)),
        Output::File(folder) => {
            let found = match std::fs::metadata(folder) {
                Ok(found) if found.is_dir() => Ok(format!("{} is there", folder.display())),
                Ok(_) => Err(folder_trouble(format!("{} is no folder", folder.display()))),
                Err(error) => Err(folder_trouble(format!("{}: {error}", folder.display()))),
            };
            findings.push(finding("folder", found));
        }
    }
    findings
}

fn folder_trouble(what: String) -> Failure {
    stated(Kind::Configuration, what, "push.folder must be a folder that this user may write to")
}

fn finding(what: &str, found: Result<String, Failure>) -> Finding {
    Finding { what: what.to_owned(), found }
}

fn archivesspace(profile: &PushProfile) -> Vec<Finding> {
    let client = match aspace::Client::new(&profile.archivesspace) {
        Ok(client) => client,
        Err(error) => return vec![finding("ArchivesSpace", Err(error.into()))],
    };
    let version = client.version();
    let is_there = version.is_ok();
    let mut findings = vec![finding("ArchivesSpace", version.map_err(Failure::from))];
    if is_there {
        findings
            .push(finding("shows", client.repositories().map_err(Failure::from).and_then(|it| shown(profile, &it))));
    }
    findings
}

/// Whether the user sees what is to be pushed.
fn shown(profile: &PushProfile, visible: &[aspace::Repository]) -> Result<String, Failure> {
    let names: BTreeMap<u64, &str> = visible.iter().map(|it| (it.number, it.code.as_str())).collect();
    let wanted = profile.archivesspace.chosen.repositories.clone();
    let wanted = wanted.unwrap_or_else(|| names.keys().copied().collect());
    if let Some(missing) = wanted.iter().find(|number| !names.contains_key(number)) {
        let what = format!("ArchivesSpace shows no repository {missing}");
        return Err(stated(Kind::Configuration, what, "is its number right, and may the user view it?"));
    }
    let named = |number: &u64| format!("{number} ({})", names.get(number).copied().unwrap_or_default());
    Ok(format!("repositories {}", wanted.iter().map(named).collect::<Vec<_>>().join(", ")))
}

fn alma(profile: &PushProfile) -> Vec<Finding> {
    let client = match alma::Client::new(&profile.alma_api) {
        Ok(client) => client,
        Err(error) => return vec![finding("Alma", Err(error.into()))],
    };
    // A number that no bib has: what matters is whether the key may ask.
    let asked = client.bibs_by_other_id(&format!("{}/repositories/0/resources/0", profile.push.rules.mark));
    let is_there = asked.is_ok();
    let left = client.remaining().map_or(String::new(), |left| format!(", {left} calls of this day are left"));
    let mut findings =
        vec![finding("Alma", asked.map(|_| format!("the key may read bibs{left}")).map_err(Failure::from))];
    if is_there && !profile.alma_api.locations.is_empty() {
        findings.push(finding("locations", locations(&client, profile)));
    }
    findings
}

/// Whether Alma has the libraries and locations that the profile names.
fn locations(client: &alma::Client, profile: &PushProfile) -> Result<String, Failure> {
    let wanted = &profile.alma_api.locations;
    let libraries = client.libraries()?;
    let hint = "alma.api.locations must name Alma's own codes";
    for place in wanted {
        if !libraries.iter().any(|library| library.code == place.library) {
            return Err(stated(Kind::Configuration, format!("Alma has no library {}", place.library), hint));
        }
        if !client.locations(&place.library)?.iter().any(|known| known.code == place.location) {
            let what = format!("Alma has no location {} in the library {}", place.location, place.library);
            return Err(stated(Kind::Configuration, what, hint));
        }
    }
    Ok(format!("all {} are Alma's", wanted.len()))
}
