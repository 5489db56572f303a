//! `list`: packages, held, skipped, unmatched, conflicts, quarantine, windows, runs.

mod coverage;

use super::rows::{Form, Rows};
use super::runs;
use crate::failure::{Failure, Kind, exit, stated};
use crate::model::outcome::Hold;
use crate::model::state::PackageState;
use crate::model::time::Timestamp;
use crate::model::window::Window;
use crate::profile::{self, RoundTrip};
use crate::report::objects;
use crate::steps::{self, review};
use crate::store::Store;
use crate::store::ledger::LedgerLine;
use crate::store::lists::OutcomeLine;
use crate::store::quarantine::QuarantineLine;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct ListArgs {
    /// The path of a profile, or the bare name of a file in profiles/
    profile: String,
    what: What,
    /// Packages in this state only: planned, staged, done, error, lost, withdrawn
    #[arg(long)]
    state: Option<String>,
    /// Skipped or held for this reason only, as the second column names it
    #[arg(long)]
    code: Option<String>,
    /// At most so many rows
    #[arg(long, default_value_t = 1000)]
    limit: usize,
    /// Records of this set only, as their server names it: for deleted, coverage, without-alma, without-ie, claimed-twice
    #[arg(long, value_name = "SETSPEC")]
    set: Option<String>,
    /// Of quarantine: also writes the bytes of each record, as they were sent, into files of this folder
    #[arg(long, value_name = "FOLDER")]
    bytes: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// What was staged and what became of it, newest first
    Packages,
    /// Packages that are done while Rosetta shows something else
    Diverged,
    /// What waits for a person
    Held,
    /// Records from which nothing follows, and why
    Skipped,
    /// Alma records that name no IE
    Unmatched,
    /// IEs that several Alma records claim
    Conflicts,
    /// Records that could not be read
    Quarantine,
    /// The ledger of what was asked of both feeds: windows of lists, newest first
    Windows,
    /// What was done when, newest first
    Runs,
    /// Alma records that were deleted or suppressed, or left the feed, and the IEs that they named
    Deleted,
    /// For each set: IEs with and without an Alma record, Alma records with and without an IE
    Coverage,
    /// IEs that no Alma record describes
    WithoutAlma,
    /// Alma records that name no IE which Rosetta shows
    WithoutIe,
    /// IEs that several Alma records name, and which
    ClaimedTwice,
}

impl What {
    /// The set of a record says something of these lists only.
    fn takes_set(self, set: Option<&str>) -> Result<(), Failure> {
        let takes = match self {
            What::Deleted | What::Coverage | What::WithoutAlma | What::WithoutIe | What::ClaimedTwice => true,
            What::Packages
            | What::Diverged
            | What::Held
            | What::Skipped
            | What::Unmatched
            | What::Conflicts
            | What::Quarantine
            | What::Windows
            | What::Runs => false,
        };
        if takes || set.is_none() {
            return Ok(());
        }
        let lists = "use --set with deleted, coverage, without-alma, without-ie or claimed-twice";
        Err(stated(Kind::Configuration, "this list knows no sets", lists))
    }
}

pub fn run(args: &ListArgs) -> Result<u8, Failure> {
    let profile = profile::load(&args.profile)?;
    args.what.takes_set(args.set.as_deref())?;
    if args.bytes.is_some() && !matches!(args.what, What::Quarantine) {
        return Err(stated(Kind::Configuration, "only records in quarantine have bytes of their own", "drop --bytes"));
    }
    let mut store = Store::open_existing(&profile.state)?;
    let (name, rows) = match args.what {
        What::Packages => ("packages", packages(&store, args)?),
        What::Diverged => ("diverged", packages(&store, args)?),
        What::Held => ("held", held(&store, args)?),
        What::Skipped => ("skipped", outcomes(store.outcomes("skipped", args.code.as_deref(), args.limit)?)),
        What::Unmatched => ("unmatched", outcomes(store.outcomes("skipped", Some("no-match"), args.limit)?)),
        What::Conflicts => ("conflicts", outcomes(store.outcomes("skipped", Some("conflict"), args.limit)?)),
        What::Quarantine => ("quarantine", quarantine(&mut store, args)?),
        What::Windows => ("windows", windows(&store, &profile.round_trip, args)?),
        What::Runs => ("runs", runs::of(&store, None, args.limit)?),
        What::Deleted => ("deleted", coverage::deleted(&store, &profile.round_trip, args)?),
        What::Coverage => return coverage::coverage(&store, &profile.round_trip, args),
        What::WithoutAlma => ("without-alma", coverage::without_alma(&store, &profile.round_trip, args)?),
        What::WithoutIe => ("without-ie", coverage::without_ie(&store, &profile.round_trip, args)?),
        What::ClaimedTwice => ("claimed-twice", coverage::claimed_twice(&store, &profile.round_trip, args)?),
    };
    rows.print(name, &args.form, args.limit);
    Ok(exit::DONE)
}

fn shown(instant: Option<Timestamp>) -> String {
    instant.map(|instant| instant.to_string()).unwrap_or_default()
}

fn packages(store: &Store, args: &ListArgs) -> Result<Rows, Failure> {
    let state = match args.state.as_deref() {
        None => None,
        Some(text) => Some(PackageState::parse(text).ok_or_else(|| {
            let known: Vec<&str> = PackageState::ALL.iter().map(PackageState::as_str).collect();
            stated(
                Kind::Configuration,
                format!("`{text}` is not a state of packages"),
                format!("use one of {}", known.join(", ")),
            )
        })?),
    };
    let packages = match args.what {
        What::Diverged => store.diverged_packages(args.limit)?,
        _ => store.packages(state, args.limit)?,
    };
    Ok(Rows {
        headings: &["id", "IE", "state", "staged", "settled", "run", "Alma record", "file", "reason"],
        cells: packages
            .iter()
            .map(|p| {
                vec![
                    p.id.to_string(),
                    p.ie.clone(),
                    p.state.to_string(),
                    shown(p.staged),
                    shown(p.settled),
                    p.run.to_string(),
                    p.alma_identifier.clone(),
                    p.name.clone(),
                    p.reason.clone(),
                ]
            })
            .collect(),
        json: packages.iter().map(objects::package).collect(),
    })
}

fn windows(store: &Store, round_trip: &RoundTrip, args: &ListArgs) -> Result<Rows, Failure> {
    let feeds = steps::feeds(store, round_trip)?;
    let lines = store.ledger(&[feeds.rosetta, feeds.alma], args.limit)?;
    let cells = |line: &LedgerLine| {
        let Window { span, state, attempts, tally, evidence, problem, .. } = &line.window;
        let announced = evidence.announced.map(|announced| announced.to_string()).unwrap_or_default();
        vec![
            line.side.clone(),
            line.list.to_string(),
            span.say(),
            state.as_str().to_owned(),
            tally.pages.to_string(),
            tally.records.to_string(),
            announced,
            attempts.to_string(),
            problem.clone(),
        ]
    };
    let object = |line: &LedgerLine| {
        let Window { span, state, token, attempts, tally, evidence, problem, .. } = &line.window;
        let repaired: Map<String, Value> =
            tally.repairs().map(|(repair, count)| (repair.as_str().to_owned(), json!(count))).collect();
        json!({"feed": line.side, "list": line.list, "from": span.from.map(|at| at.to_string()),
               "until": span.until.map(|at| at.to_string()), "state": state.as_str(), "token": token,
               "attempts": attempts, "pages": tally.pages, "records": tally.records, "distinct": tally.distinct,
               "deleted": tally.deleted, "quarantined": tally.quarantined, "repaired": repaired, "bytes": tally.bytes,
               "announced": evidence.announced, "response-date": evidence.first_response.map(|at| at.to_string()),
               "highest": evidence.highest.map(|at| at.to_string()), "problem": problem})
    };
    Ok(Rows {
        headings: &["feed", "list", "window", "state", "pages", "records", "announced", "attempts", "problem"],
        cells: lines.iter().map(cells).collect(),
        json: lines.iter().map(object).collect(),
    })
}

fn outcomes(lines: Vec<OutcomeLine>) -> Rows {
    Rows {
        headings: &["Alma record", "reason", "IE", "in words"],
        cells: lines
            .iter()
            .map(|l| vec![l.identifier.clone(), l.code.clone(), l.ie.clone(), l.detail.clone()])
            .collect(),
        json: lines
            .iter()
            .map(|l| {
                let ie = (!l.ie.is_empty()).then_some(&l.ie);
                json!({"alma": l.identifier, "ie": ie, "code": l.code, "detail": l.detail, "prepared": l.prepared.to_string()})
            })
            .collect(),
    }
}

fn held(store: &Store, args: &ListArgs) -> Result<Rows, Failure> {
    let mut lines = store.held(None)?;
    lines.retain(|line| args.code.as_ref().is_none_or(|code| *code == line.code));
    lines.truncate(args.limit);
    Ok(Rows {
        headings: &["name", "reason", "IE", "Alma record", "in words"],
        cells: lines
            .iter()
            .map(|l| vec![review::name(l), l.code.clone(), l.ie.to_string(), l.alma.clone(), l.detail.clone()])
            .collect(),
        json: lines
            .iter()
            .map(|l| {
                json!({"id": review::name(l), "alma": l.alma, "ie": l.ie.as_str(), "code": l.code, "detail": l.detail,
                       "prepared": l.prepared.to_string(), "moved-on": l.is_stale,
                       "can-be-approved": Hold::code_can_be_approved(&l.code)})
            })
            .collect(),
    })
}

fn quarantine(store: &mut Store, args: &ListArgs) -> Result<Rows, Failure> {
    let lines = store.quarantined(args.limit)?;
    for line in args.bytes.iter().flat_map(|_| &lines) {
        write_bytes(store, args.bytes.as_deref().unwrap_or(Path::new(".")), line)?;
    }
    Ok(Rows {
        headings: &["feed", "identifier", "datestamp", "seen", "reason", "page", "number"],
        cells: lines
            .iter()
            .map(|l| {
                vec![
                    l.side.clone(),
                    l.identifier.clone().unwrap_or_else(|| "(none)".to_owned()),
                    l.datestamp.clone(),
                    l.seen.to_string(),
                    l.reason.clone(),
                    l.page.clone(),
                    l.id.to_string(),
                ]
            })
            .collect(),
        json: lines
            .iter()
            .map(|l| {
                json!({"feed": l.side, "identifier": l.identifier, "datestamp": l.datestamp, "seen": l.seen.to_string(),
                       "reason": l.reason, "page": l.page, "number": l.id})
            })
            .collect(),
    })
}

/// For whoever has to mend the record: nothing that was decoded or put right shows what is wrong with it.
fn write_bytes(store: &mut Store, folder: &Path, line: &QuarantineLine) -> Result<(), Failure> {
    let path = folder.join(format!("{}-{}.xml", line.side, line.id));
    let bytes = store.quarantine_item(line.id)?.map(|(_, bytes)| bytes).unwrap_or_default();
    std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, bytes)).map_err(|error| {
        let message = format!("cannot write {}: {error}", path.display());
        stated(Kind::Failed, message, "give --bytes a folder that can be written to")
    })
}
