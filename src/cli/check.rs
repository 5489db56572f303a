//! `check`: what a profile means, and with --online whether the world agrees.

mod link;
mod push;

use super::{Target, print, print_json};
use crate::failure::{Failure, Kind, exit};
use crate::http::redacted;
use crate::model::id::RepositoryIdentifier;
use crate::model::time::say_span;
use crate::oai::listing::Repository;
use crate::profile::{self, Feed, Has, HoldPolicy, Profile, PushProfile, SettledBy};
use crate::report::line;
use crate::rosetta_soap::Client;
use crate::staging::Folder;
use crate::steps::harvest::client_for;
use crate::steps::transform::Transform;
use serde_json::json;

/// One thing that was looked at, and how it went.
struct Finding {
    what: String,
    found: Result<String, Failure>,
}

/// What was found out about a profile.
struct Checked {
    name: String,
    meaning: String,
    findings: Vec<Finding>,
    warnings: Vec<String>,
}

pub fn run(target: &Target, online: bool) -> Result<u8, Failure> {
    let Checked { name, mut meaning, mut findings, warnings } = match profile::has_push(&target.profile)? {
        Has::PushOnly => of_push(&profile::load_push(&target.profile)?, online),
        Has::Both => {
            let mut checked = of_round_trip(&profile::load(&target.profile)?, online);
            let profile = profile::load_push(&target.profile)?;
            let push = of_push(&profile, online);
            checked.meaning += &push::meaning(&profile);
            checked.findings.extend(push.findings);
            checked
        }
        Has::RoundTripOnly => of_round_trip(&profile::load(&target.profile)?, online),
    };
    if let Some(profile) = profile::load_link_if_any(&target.profile)? {
        meaning += &link::meaning(&profile);
        findings.extend(link::offline(&profile));
        findings.extend(if online { link::online(&profile) } else { Vec::new() });
    }
    let code = findings.iter().filter_map(|finding| finding.found.as_ref().err()).map(|failure| failure.kind()).fold(
        exit::DONE,
        |code, kind| match (code, kind) {
            (exit::CONFIGURATION, _) | (_, Kind::Configuration) => exit::CONFIGURATION,
            _ => exit::FAILED,
        },
    );
    if target.json {
        let findings: Vec<_> = findings
            .iter()
            .map(|f| json!({"what": f.what, "ok": f.found.is_ok(), "detail": match &f.found { Ok(text) => text.clone(), Err(failure) => failure.to_string() }}))
            .collect();
        print_json(&json!({"profile": name, "ok": code == exit::DONE, "findings": findings, "warnings": warnings}));
    } else {
        print(&meaning);
        for finding in &findings {
            match &finding.found {
                Ok(text) => print(&format!("{:>10}  ok: {text}\n", finding.what)),
                Err(failure) => {
                    print(&format!("{:>10}  {}\n", finding.what, failure.to_string().replace('\n', "\n            ")))
                }
            }
        }
        for warning in &warnings {
            eprintln!("warning: {warning}");
        }
    }
    Ok(code)
}

fn of_round_trip(profile: &Profile, online: bool) -> Checked {
    let mut findings = stylesheet(profile);
    if online {
        findings.extend(ask("rosetta", &profile.round_trip.rosetta));
        findings.extend(ask("alma", &profile.round_trip.alma));
        findings.push(repository(profile));
        findings.push(folder(profile));
        findings.extend(services(profile));
    }
    Checked { name: profile.name.clone(), meaning: meaning(profile), findings, warnings: profile.warnings.clone() }
}

fn of_push(profile: &PushProfile, online: bool) -> Checked {
    let mut meaning = String::new();
    line(&mut meaning, "profile", &format!("{} ({})", profile.name, profile.path.display()));
    meaning += &push::meaning(profile);
    line(&mut meaning, "state", &profile.state.display().to_string());
    let findings = if online { push::online(profile) } else { Vec::new() };
    Checked { name: profile.name.clone(), meaning, findings, warnings: profile.warnings.clone() }
}

fn meaning(profile: &Profile) -> String {
    let trip = &profile.round_trip;
    let mut text = String::new();
    line(&mut text, "profile", &format!("{} ({})", profile.name, profile.path.display()));
    for (name, feed) in [("rosetta", &trip.rosetta), ("alma", &trip.alma)] {
        let set = feed.set.as_ref().map_or("all sets".to_owned(), |set| format!("set {set}"));
        line(&mut text, name, &format!("{} {}, {set}", redacted(&feed.base_url), feed.metadata_prefix));
        let harvest = &feed.harvest;
        let rate = harvest
            .requests_per_second
            .map_or("one request after the other".to_owned(), |rate| format!("{rate} requests a second at most"));
        let windows = match harvest.windows {
            1 => String::new(),
            windows => format!(", {windows} windows side by side"),
        };
        line(
            &mut text,
            "",
            &format!(
                "overlap {}, time-out {}, {} retries, {rate}{windows}",
                say_span(harvest.overlap),
                say_span(harvest.time_out),
                harvest.retries
            ),
        );
    }
    let places: Vec<&str> = trip.matching.places.iter().map(|place| place.as_str()).collect();
    let required = if trip.matching.require_in_rosetta {
        "IEs must be in Rosetta's feed"
    } else {
        "IEs need not be in Rosetta's feed"
    };
    line(&mut text, "match", &format!("{}; {required}", places.join(", ")));
    let stylesheet =
        trip.transform.stylesheet.as_ref().map_or("built in".to_owned(), |path| path.display().to_string());
    line(&mut text, "transform", &stylesheet);
    let merge = match &trip.merge {
        None => "what Alma says replaces what Rosetta holds".to_owned(),
        Some(rules) => format!("by the owner of each field: {}", rules.words()),
    };
    line(&mut text, "merge", &merge);
    let hold = match trip.review.hold {
        HoldPolicy::Nothing => "nothing but what Rosetta could not take",
        HoldPolicy::Risky => {
            "packages that remove fields or values, change a title beyond recognition, or pass another limit"
        }
        HoldPolicy::Everything => "every change",
    };
    line(&mut text, "hold", hold);
    let staging = &trip.staging;
    line(
        &mut text,
        "staging",
        &format!(
            "{} as {}_…, at most {} in flight, late after {}",
            staging.folder.display(),
            staging.job_name,
            staging.max_in_flight,
            say_span(staging.settle_within)
        ),
    );
    if let Some(soap) = &trip.soap {
        line(&mut text, "services", &format!("{} as {}", redacted(&soap.url), soap.user));
    }
    if staging.settled_by == SettledBy::Cartouche {
        line(&mut text, "applied by", "this program, over Rosetta's services; Rosetta's own job must be off");
    }
    line(&mut text, "state", &profile.state.display().to_string());
    text
}

fn stylesheet(profile: &Profile) -> Vec<Finding> {
    // Compiling does not depend on the repository identifier, which only --online can tell.
    let stand_in = RepositoryIdentifier::parse("unknown").expect("it is a valid name");
    let repository = profile.round_trip.repository.clone().unwrap_or(stand_in);
    let finding = |what: &str, found| Finding { what: what.to_owned(), found };
    match Transform::load(&profile.round_trip, &repository) {
        Ok(transform) => vec![
            finding("stylesheet", Ok(format!("{} compiles", transform.name()))),
            finding("engine", Ok(transform.engine())),
        ],
        Err(failure) => vec![finding("stylesheet", Err(failure))],
    }
}

fn ask(name: &str, feed: &Feed) -> Vec<Finding> {
    let client = match client_for(feed) {
        Ok(client) => client,
        Err(failure) => return vec![Finding { what: name.to_owned(), found: Err(failure) }],
    };
    let server = Repository { client: &client, base_url: &feed.base_url };
    let identity = server.identify().map_err(Failure::from).map(|identity| {
        format!(
            "{}, granularity {}",
            identity.repository_name.as_deref().unwrap_or("(no name)"),
            identity.granularity().as_str()
        )
    });
    let mut findings = vec![Finding { what: name.to_owned(), found: identity }];
    if findings[0].found.is_ok() {
        use crate::oai::request::{Selection, Verb};
        let selection = Selection {
            metadata_prefix: Some(feed.metadata_prefix.clone()),
            set: feed.set.clone(),
            ..Selection::default()
        };
        let page = server.list(Verb::ListRecords, &selection).next_page().map_err(Failure::from);
        let found =
            page.map(|page| format!("the first page has {} records", page.map_or(0, |page| page.records.len())));
        findings.push(Finding { what: format!("{name} list"), found });
    }
    findings
}

fn repository(profile: &Profile) -> Finding {
    let ask = || -> Result<String, Failure> {
        let feed = &profile.round_trip.rosetta;
        let client = client_for(feed)?;
        let told = Repository { client: &client, base_url: &feed.base_url }.identify()?.repository_identifier;
        match (&profile.round_trip.repository, told) {
            (Some(ours), Some(told)) if ours.as_str() != told => Err(crate::failure::stated(
                Kind::Configuration,
                format!("the profile says repository-identifier {ours}, Rosetta says {told}"),
                "with the wrong one nothing ever matches; leave it out to ask Rosetta",
            )),
            (Some(ours), _) => Ok(ours.to_string()),
            (None, Some(told)) => Ok(told),
            (None, None) => Err(crate::failure::stated(
                Kind::Configuration,
                "Rosetta does not tell its repository identifier",
                "set rosetta.repository-identifier",
            )),
        }
    };
    Finding { what: "repository".to_owned(), found: ask() }
}

fn services(profile: &Profile) -> Option<Finding> {
    let soap = profile.round_trip.soap.as_ref()?;
    let found = Client::new(soap).and_then(|client| client.heart_bit()).map_err(Failure::from);
    Some(Finding { what: "services".to_owned(), found })
}

fn folder(profile: &Profile) -> Finding {
    let found = Folder::open(&profile.round_trip.staging)
        .and_then(|folder| folder.try_out())
        .map_err(Failure::from)
        .map(|()| format!("{} can be written", profile.round_trip.staging.folder.display()));
    Finding { what: "folder".to_owned(), found }
}
