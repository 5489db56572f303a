//! `cartouche oai`: plain OAI-PMH, one JSON object a line.

mod lines;
mod list;

use crate::failure::{Failure, Kind, exit, stated};
use crate::http::{Client, Options};
use crate::model::time::parse_span;
use crate::oai::listing::Repository;
use crate::oai::page::Quarantined;
use crate::oai::request::Verb;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Subcommand)]
#[command(
    after_help = "Example:\n  cartouche oai list-records https://rosetta.example.org/oaiprovider/request --set vangogh"
)]
pub enum OaiCommand {
    /// Show what a repository says of itself
    #[command(after_help = "Example:\n  cartouche oai identify https://rosetta.example.org/oaiprovider/request")]
    Identify(Plain),
    /// List the sets of a repository
    #[command(after_help = "Example:\n  cartouche oai list-sets https://rosetta.example.org/oaiprovider/request")]
    ListSets(Plain),
    /// List the metadata formats of a repository, or of one item
    #[command(
        after_help = "Example:\n  cartouche oai list-metadata-formats https://rosetta.example.org/oaiprovider/request"
    )]
    ListMetadataFormats {
        #[command(flatten)]
        plain: Plain,
        /// Only the formats of this item
        #[arg(long)]
        identifier: Option<String>,
    },
    /// List the headers of records, a JSON object a line
    #[command(
        after_help = "Example:\n  cartouche oai list-identifiers https://rosetta.example.org/oaiprovider/request --from 2026-11-01"
    )]
    ListIdentifiers(Lists),
    /// Harvest records, a JSON object a line
    #[command(
        after_help = "Example:\n  cartouche oai list-records https://rosetta.example.org/oaiprovider/request --set vangogh --output vangogh.jsonl"
    )]
    ListRecords(Lists),
    /// Get one record
    #[command(
        after_help = "Example:\n  cartouche oai get-record https://rosetta.example.org/oaiprovider/request --identifier oai:rosetta.example.org:IE1234"
    )]
    GetRecord {
        #[command(flatten)]
        plain: Plain,
        /// The OAI identifier
        #[arg(long)]
        identifier: String,
        #[arg(long, default_value = "oai_dc")]
        metadata_prefix: String,
    },
}

#[derive(Debug, Args)]
pub struct Plain {
    /// The base URL of the repository
    base_url: String,
    /// How long to wait for one answer
    #[arg(long, default_value = "300s", value_parser = parse_span)]
    time_out: Duration,
    /// How often to ask again after a passing fault
    #[arg(long, default_value_t = 10)]
    retries: u32,
    /// Ask no faster than this [default: one request after the other]
    #[arg(long)]
    requests_per_second: Option<f64>,
    /// Write to this file, not to stdout
    #[arg(long)]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Lists {
    #[command(flatten)]
    plain: Plain,
    #[arg(long, default_value = "oai_dc")]
    metadata_prefix: String,
    #[arg(long)]
    set: Option<String>,
    /// From this date (UTC day or second, as the repository's granularity has it)
    #[arg(long)]
    from: Option<String>,
    /// Until this date
    #[arg(long)]
    until: Option<String>,
    /// Harvest this many date windows side by side
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    windows: u32,
}

pub fn run(command: OaiCommand) -> Result<u8, Failure> {
    match command {
        OaiCommand::Identify(plain) => identify(&plain),
        OaiCommand::ListSets(plain) => list_sets(&plain),
        OaiCommand::ListMetadataFormats { plain, identifier } => list_formats(&plain, identifier.as_deref()),
        OaiCommand::ListIdentifiers(lists) => list::run(&lists, Verb::ListIdentifiers),
        OaiCommand::ListRecords(lists) => list::run(&lists, Verb::ListRecords),
        OaiCommand::GetRecord { plain, identifier, metadata_prefix } => {
            get_record(&plain, &identifier, &metadata_prefix)
        }
    }
}

fn client(plain: &Plain) -> Result<Client, Failure> {
    if plain.requests_per_second.is_some_and(|rate| !rate.is_finite() || rate < 0.0) {
        return Err(stated(
            Kind::Configuration,
            "--requests-per-second must be a number above 0",
            "leave it out for no limit",
        ));
    }
    let requests_per_second = plain.requests_per_second.filter(|rate| *rate > 0.0);
    Ok(Client::new(Options { time_out: plain.time_out, retries: plain.retries, requests_per_second })?)
}

/// stdout or the file asked for, with big buffers.
struct Output {
    /// A line is put together here, then written as a whole.
    line: Vec<u8>,
    to: Box<dyn Write + Send>,
    name: String,
}

impl Output {
    fn open(plain: &Plain) -> Result<Self, Failure> {
        let Some(path) = &plain.output else {
            return Ok(Output {
                line: Vec::new(),
                to: Box::new(BufWriter::with_capacity(1 << 16, std::io::stdout())),
                name: "stdout".to_owned(),
            });
        };
        let name = path.display().to_string();
        let file = File::create(path).map_err(|source| cannot_write(&name, &source))?;
        Ok(Output { line: Vec::new(), to: Box::new(BufWriter::with_capacity(1 << 20, file)), name })
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), Failure> {
        let put = |into: &mut Vec<u8>| {
            serde_json::to_writer(into, line).expect("a line of texts and numbers is always JSON");
        };
        self.write(put)
    }

    fn write(&mut self, put: impl FnOnce(&mut Vec<u8>)) -> Result<(), Failure> {
        self.line.clear();
        put(&mut self.line);
        self.line.push(b'\n');
        self.to.write_all(&self.line).map_err(|source| cannot_write(&self.name, &source))
    }

    fn finish(mut self) -> Result<(), Failure> {
        self.to.flush().map_err(|source| cannot_write(&self.name, &source))
    }
}

fn cannot_write(name: &str, source: &std::io::Error) -> Failure {
    stated(Kind::Failed, format!("cannot write to {name}: {source}"), "is the disk full, or the folder missing?")
}

fn identify(plain: &Plain) -> Result<u8, Failure> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Line<'a> {
        repository_name: Option<&'a str>,
        #[serde(rename = "baseURL")]
        base_url: Option<&'a str>,
        protocol_version: Option<&'a str>,
        admin_email: &'a [String],
        earliest_datestamp: Option<&'a str>,
        deleted_record: Option<&'a str>,
        granularity: Option<&'a str>,
        repository_identifier: Option<&'a str>,
        sample_identifier: Option<&'a str>,
    }
    let client = client(plain)?;
    let identity = Repository { client: &client, base_url: &plain.base_url }.identify()?;
    let mut output = Output::open(plain)?;
    output.line(&Line {
        repository_name: identity.repository_name.as_deref(),
        base_url: identity.base_url.as_deref(),
        protocol_version: identity.protocol_version.as_deref(),
        admin_email: &identity.admin_emails,
        earliest_datestamp: identity.earliest_datestamp.as_deref(),
        deleted_record: identity.deleted_record.as_deref(),
        granularity: identity.granularity.as_deref(),
        repository_identifier: identity.repository_identifier.as_deref(),
        sample_identifier: identity.sample_identifier.as_deref(),
    })?;
    output.finish().map(|()| exit::DONE)
}

fn list_sets(plain: &Plain) -> Result<u8, Failure> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Line<'a> {
        set_spec: &'a str,
        set_name: &'a str,
    }
    let client = client(plain)?;
    let sets = Repository { client: &client, base_url: &plain.base_url }.sets()?;
    let mut output = Output::open(plain)?;
    for set in &sets {
        output.line(&Line { set_spec: &set.spec, set_name: &set.name })?;
    }
    eprintln!("{} sets", sets.len());
    output.finish().map(|()| exit::DONE)
}

fn list_formats(plain: &Plain, identifier: Option<&str>) -> Result<u8, Failure> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Line<'a> {
        metadata_prefix: &'a str,
        schema: &'a str,
        metadata_namespace: &'a str,
    }
    let client = client(plain)?;
    let formats = Repository { client: &client, base_url: &plain.base_url }.formats(identifier)?;
    let mut output = Output::open(plain)?;
    for format in &formats {
        output.line(&Line {
            metadata_prefix: &format.prefix,
            schema: &format.schema,
            metadata_namespace: &format.namespace,
        })?;
    }
    eprintln!("{} metadata formats", formats.len());
    output.finish().map(|()| exit::DONE)
}

fn get_record(plain: &Plain, identifier: &str, prefix: &str) -> Result<u8, Failure> {
    let client = client(plain)?;
    let page = Repository { client: &client, base_url: &plain.base_url }.record(identifier, prefix)?;
    let mut output = Output::open(plain)?;
    for record in &page.records {
        output.write(|line| lines::record(line, record))?;
    }
    page.quarantined.iter().for_each(say_quarantined);
    output.finish().map(|()| if page.quarantined.is_empty() { exit::DONE } else { exit::NEEDS_A_PERSON })
}

fn say_quarantined(record: &Quarantined) {
    let name = record.identifier.as_ref().map_or("a record without identifier", |identifier| identifier.as_str());
    eprintln!("quarantined: {name}: {}", record.reason);
}
