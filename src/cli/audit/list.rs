//! `audit list`: the entries of the journal as a table, as CSV and as JSON.

use crate::cli::rows::{Form, Rows};
use crate::failure::{Failure, Kind, exit, stated};
use crate::model::id::IePid;
use crate::profile;
use crate::push::resource_uri::ResourceUri;
use crate::report::objects;
use crate::store::Store;
use crate::store::journal::JournalLine;
use clap::Args;

#[derive(Debug, Args)]
pub struct ListArgs {
    /// The path of a profile, or the bare name of a file in profiles/
    profile: String,
    /// Only what was done to this IE, or to this resource of ArchivesSpace, oldest first
    subject: Option<String>,
    /// At most so many rows
    #[arg(long, default_value_t = 1000)]
    limit: usize,
    #[command(flatten)]
    form: Form,
}

pub fn run(args: &ListArgs) -> Result<u8, Failure> {
    let (_, state) = profile::store_of(&args.profile)?;
    let subject = args.subject.as_deref().map(parse).transpose()?;
    let store = Store::open_existing(&state)?;
    let lines = match &subject {
        Some(subject) => store.journal_of(subject, args.limit)?,
        None => store.journal(args.limit)?,
    };
    let mut rows = rows(&lines);
    if subject.is_some_and(|subject| subject.starts_with('/')) {
        rows.headings = &["entry", "at", "who", "event", "resource", "intent", "run", "MMS ID", "datestamp", "detail"];
    }
    rows.print("entries", &args.form, args.limit);
    Ok(exit::DONE)
}

/// The name under which the journal knows an IE or a resource, in whatever form it was written.
pub fn parse(subject: &str) -> Result<String, Failure> {
    let subject = subject.trim();
    if let Ok(uri) = ResourceUri::parse(subject) {
        return Ok(uri.to_string());
    }
    let known = "the journal knows IE PIDs and resources, as in /repositories/2/resources/1";
    let pid = IePid::parse(subject).map_err(|error| stated(Kind::Configuration, error.to_string(), known))?;
    Ok(pid.to_string())
}

fn rows(lines: &[JournalLine]) -> Rows {
    Rows {
        headings: &["entry", "at", "who", "event", "IE", "package", "run", "Alma record", "datestamp", "detail"],
        cells: lines.iter().map(cells).collect(),
        json: lines.iter().map(objects::entry).collect(),
    }
}

fn cells(line: &JournalLine) -> Vec<String> {
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    vec![
        line.id.to_string(),
        line.at.to_string(),
        line.by.who.clone(),
        line.event.clone(),
        line.about.subject.clone(),
        number(line.about.number),
        number(line.by.run),
        line.origin.alma_identifier.clone(),
        line.origin.alma_datestamp.clone(),
        line.detail.clone(),
    ]
}
