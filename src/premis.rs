//! Writes entries of the journal as PREMIS 3: the IEs and resources as objects, what was done as events, who did it as agents.
//!
//! What changed an IE's description, or failed to, is a *metadata modification*; a look at what Rosetta shows afterwards is
//! a *validation*: both are terms of the Library of Congress (<https://id.loc.gov/vocabulary/preservation/eventType>). What
//! happens between, and what people decide, has no term there and goes by the journal's own words, without an address.

use crate::failure::Advise;
use crate::model::event::Event;
use crate::model::fixity::Fixity;
use crate::store::journal::JournalLine;
use crate::xml::is_xml_character;
use std::collections::BTreeSet;
use std::fmt::Write;

/// A term of one of the vocabularies of preservation that the Library of Congress keeps.
struct Term {
    vocabulary: &'static str,
    code: &'static str,
    label: &'static str,
}

const fn term(vocabulary: &'static str, code: &'static str, label: &'static str) -> Term {
    Term { vocabulary, code, label }
}

const MODIFICATION: Term = term("eventType", "mem", "metadata modification");
const VALIDATION: Term = term("eventType", "val", "validation");
const SUCCESS: Term = term("eventOutcome", "suc", "success");
const FAILURE: Term = term("eventOutcome", "fai", "fail");
const WARNING: Term = term("eventOutcome", "war", "warning");
const SOFTWARE: Term = term("agentType", "sof", "software");
const PERSON: Term = term("agentType", "per", "person");
const EXECUTING: Term = term("eventRelatedAgentRole", "exe", "executing program");
const IMPLEMENTING: Term = term("eventRelatedAgentRole", "imp", "implementer");
const AUTHORIZING: Term = term("eventRelatedAgentRole", "aut", "authorizer");

/// What PREMIS calls an event, how it ended, and what the person had to do with it.
fn terms(event: Event) -> (Option<Term>, Term, Term) {
    match event {
        Event::Done => (Some(MODIFICATION), SUCCESS, IMPLEMENTING),
        Event::Error => (Some(MODIFICATION), FAILURE, IMPLEMENTING),
        Event::Confirmed => (Some(VALIDATION), SUCCESS, IMPLEMENTING),
        Event::Diverged => (Some(VALIDATION), WARNING, IMPLEMENTING),
        Event::Begun
        | Event::Planned
        | Event::Staged
        | Event::FoundAgain
        | Event::Sent
        | Event::Linked
        | Event::Unlinked => (None, SUCCESS, IMPLEMENTING),
        Event::Lost | Event::Withdrawn | Event::Unknown => (None, WARNING, IMPLEMENTING),
        Event::Failed => (Some(MODIFICATION), FAILURE, IMPLEMENTING),
        Event::Approved | Event::Rejected | Event::Retried | Event::Undone | Event::Forced | Event::Adopted => {
            (None, SUCCESS, AUTHORIZING)
        }
    }
}

/// The types of our identifiers.
const IE_PID: &str = "IE PID";
const RESOURCE: &str = "ArchivesSpace URI";
const ENTRY: &str = "Cartouche journal entry";
const PROGRAM: &str = "program";
const ACCOUNT: &str = "account";

/// An entry whose event this program does not know cannot be described.
#[derive(Debug, thiserror::Error)]
#[error("entry {entry} of the journal tells of `{event}`, which this program does not know")]
pub struct UnknownEvent {
    entry: i64,
    event: String,
}

impl Advise for UnknownEvent {
    fn hint(&self) -> Option<String> {
        Some("`cartouche audit verify PROFILE` says whether the journal is whole".to_owned())
    }
}

/// Writes one document. Entries are named after the profile, for each journal counts from 1.
pub fn write(profile: &str, subjects: &[String], entries: &[JournalLine]) -> Result<String, UnknownEvent> {
    let mut out = Writer { xml: String::new(), open: Vec::new() };
    out.xml.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.begin_with(
        "premis",
        " xmlns=\"http://www.loc.gov/premis/v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:schemaLocation=\"http://www.loc.gov/premis/v3 https://www.loc.gov/standards/premis/premis.xsd\" version=\"3.0\"",
    );
    for subject in subjects {
        out.begin_with("object", " xsi:type=\"intellectualEntity\"");
        out.identifier("objectIdentifier", kind_of(subject), subject);
        for entry in entries.iter().filter(|entry| entry.about.subject == *subject) {
            out.identifier("linkingEventIdentifier", ENTRY, &number(profile, entry));
        }
        out.end();
    }
    for entry in entries {
        event(&mut out, profile, entry)?;
    }
    agents(&mut out, entries);
    out.end();
    Ok(out.xml)
}

/// A URI of ArchivesSpace begins with a slash, a PID never does.
fn kind_of(subject: &str) -> &'static str {
    if subject.starts_with('/') { RESOURCE } else { IE_PID }
}

fn number(profile: &str, entry: &JournalLine) -> String {
    format!("{profile}/{}", entry.id)
}

fn event(out: &mut Writer, profile: &str, entry: &JournalLine) -> Result<(), UnknownEvent> {
    let unknown = || UnknownEvent { entry: entry.id, event: entry.event.clone() };
    let (kind, outcome, role) = terms(Event::parse(&entry.event).ok_or_else(unknown)?);
    out.begin("event");
    out.identifier("eventIdentifier", ENTRY, &number(profile, entry));
    match kind {
        Some(term) => out.term("eventType", &term),
        None => out.text("eventType", &entry.event),
    }
    out.text("eventDateTime", &entry.at.to_string());
    out.begin("eventDetailInformation");
    out.text("eventDetail", &detail(entry));
    out.end();
    out.begin("eventOutcomeInformation");
    out.term("eventOutcome", &outcome);
    if !entry.detail.is_empty() {
        out.begin("eventOutcomeDetail");
        out.text("eventOutcomeDetailNote", &entry.detail);
        out.end();
    }
    out.end();
    for (kind, value, role) in [(PROGRAM, &entry.by.program, EXECUTING), (ACCOUNT, &entry.by.who, role)] {
        out.begin("linkingAgentIdentifier");
        out.text("linkingAgentIdentifierType", kind);
        out.text("linkingAgentIdentifierValue", value);
        out.term("linkingAgentRole", &role);
        out.end();
    }
    out.identifier("linkingObjectIdentifier", kind_of(&entry.about.subject), &entry.about.subject);
    out.end();
    Ok(())
}

/// All that the journal knows and PREMIS has no element for.
fn detail(entry: &JournalLine) -> String {
    let hex = |digest: Option<Fixity>| digest.map(|digest| digest.to_string()).unwrap_or_default();
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let parts = [
        ("event", entry.event.clone()),
        (if entry.about.is_resource() { "intent" } else { "package" }, number(entry.about.number)),
        ("run", number(entry.by.run)),
        ("Alma record", entry.origin.alma_identifier.clone()),
        ("Alma datestamp", entry.origin.alma_datestamp.clone()),
        ("stylesheet", entry.origin.stylesheet.clone()),
        ("SHA-256 before", hex(entry.digests.before)),
        ("SHA-256 after", hex(entry.digests.after)),
        ("journal digest", entry.digests.own.to_string()),
    ];
    let given = parts.iter().filter(|(_, value)| !value.is_empty());
    given.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("; ")
}

fn agents(out: &mut Writer, entries: &[JournalLine]) {
    let programs: BTreeSet<&str> = entries.iter().map(|entry| entry.by.program.as_str()).collect();
    for program in programs {
        let (name, version) = program.split_once(' ').unwrap_or((program, ""));
        out.begin("agent");
        out.identifier("agentIdentifier", PROGRAM, program);
        out.text("agentName", name);
        out.term("agentType", &SOFTWARE);
        if !version.is_empty() {
            out.text("agentVersion", version);
        }
        out.end();
    }
    let accounts: BTreeSet<&str> = entries.iter().map(|entry| entry.by.who.as_str()).collect();
    for account in accounts {
        out.begin("agent");
        out.identifier("agentIdentifier", ACCOUNT, account);
        out.text("agentName", account);
        out.term("agentType", &PERSON);
        out.text("agentNote", "the account under which the program ran; scheduled runs have it, too");
        out.end();
    }
}

/// Elements, one a line.
struct Writer {
    xml: String,
    open: Vec<&'static str>,
}

impl Writer {
    fn begin(&mut self, element: &'static str) {
        self.begin_with(element, "");
    }

    fn begin_with(&mut self, element: &'static str, attributes: &str) {
        self.line(&format!("<{element}{attributes}>"));
        self.open.push(element);
    }

    fn end(&mut self) {
        let element = self.open.pop().expect("every end follows its beginning");
        self.line(&format!("</{element}>"));
    }

    fn text(&mut self, element: &str, text: &str) {
        self.line(&format!("<{element}>{}</{element}>", escaped(text)));
    }

    fn term(&mut self, element: &str, Term { vocabulary, code, label }: &Term) {
        let base = format!("http://id.loc.gov/vocabulary/preservation/{vocabulary}");
        self.line(&format!("<{element} authorityURI=\"{base}\" valueURI=\"{base}/{code}\">{label}</{element}>"));
    }

    /// `objectIdentifier` holds `objectIdentifierType` and `objectIdentifierValue`, and so do all of them.
    fn identifier(&mut self, element: &'static str, kind: &str, value: &str) {
        self.begin(element);
        self.text(&format!("{element}Type"), kind);
        self.text(&format!("{element}Value"), value);
        self.end();
    }

    fn line(&mut self, line: &str) {
        let indent = 2 * self.open.len();
        writeln!(self.xml, "{:indent$}{line}", "").expect("writing to a String cannot fail");
    }
}

/// What XML cannot hold becomes a replacement character: the journal keeps it as it was.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            character if is_xml_character(character) => escaped.push(character),
            _ => escaped.push('\u{FFFD}'),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_holds_does_not_spoil_the_document() {
        assert_eq!(escaped("a<b>&\u{0}\u{FFFF}é"), "a&lt;b&gt;&amp;\u{FFFD}\u{FFFD}é");
    }
}
