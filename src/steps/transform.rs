//! Alma's description → Rosetta's dc:record, by stylesheet.

use crate::dc_xml::{self, RecordRead};
use crate::failure::{Advise, Failure, Kind};
use crate::model::id::{IePid, MmsId, RepositoryIdentifier};
use crate::profile::RoundTrip;
use crate::xslt::{self, Limits, SaxonTerms, Source, Stylesheet, Terms, TransformError, TransformErrorKind};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::time::Duration;

/// A compiled stylesheet with the profile's parameters.
pub struct Transform {
    sheet: Stylesheet,
    parameters: Vec<(String, String)>,
    repository: String,
    digest: String,
}

/// The stylesheets that come with the program, by metadata prefix.
pub fn builtin(prefix: &str) -> Option<Source> {
    match prefix {
        "oai_dc" | "oai_qdc" => Some(Source::Embedded {
            name: "oai-dc-to-rosetta.xsl",
            text: include_str!("../../xslt/oai-dc-to-rosetta.xsl"),
            parts: &[],
        }),
        "marc21" => Some(Source::Embedded {
            name: "marc21-to-rosetta.xsl",
            text: include_str!("../../xslt/marc21-to-rosetta.xsl"),
            parts: &[("parts/marc21-values.xsl", include_str!("../../xslt/parts/marc21-values.xsl"))],
        }),
        _ => None,
    }
}

impl Advise for xslt::Error {
    /// A stylesheet is configuration: somebody has to mend it.
    fn kind(&self) -> Kind {
        Kind::Configuration
    }

    fn hint(&self) -> Option<String> {
        xslt::Error::hint(self)
    }
}

/// Only ever a failure when the engine is lost; what is wrong with a record is its skip.
impl Advise for TransformError {
    fn hint(&self) -> Option<String> {
        TransformError::hint(self)
    }
}

/// Why there is no new description.
#[derive(Debug)]
pub enum NotTransformed {
    /// The record is skipped, with this message.
    Skip(String),
    /// Nothing can be said of any record: the run ends.
    Lost(Failure),
}

impl Transform {
    /// Compiles the profile's stylesheet, or the built-in one for the feed's metadata prefix.
    pub fn load(round_trip: &RoundTrip, repository: &RepositoryIdentifier) -> Result<Self, Failure> {
        let wish = &round_trip.transform;
        let terms = Terms { engine: wish.engine, limits: Limits::default(), saxon: wish.saxon.clone() };
        Ok(Self::of(&source(round_trip), &terms, round_trip, repository)?)
    }

    /// Compiles a text in the place of the profile's stylesheet. A record may take only so long by the clock, for a person
    /// waits.
    pub fn tried(
        text: &str,
        patience: Duration,
        round_trip: &RoundTrip,
        repository: &RepositoryIdentifier,
    ) -> Result<Self, xslt::Error> {
        let wish = &round_trip.transform;
        let saxon = SaxonTerms { time: wish.saxon.time.min(patience), ..wish.saxon.clone() };
        let terms = Terms { engine: wish.engine, limits: Limits::default(), saxon };
        let source = Source::Tried { text: text.to_owned(), instead_of: Box::new(source(round_trip)) };
        Self::of(&source, &terms, round_trip, repository)
    }

    fn of(
        source: &Source,
        terms: &Terms,
        round_trip: &RoundTrip,
        repository: &RepositoryIdentifier,
    ) -> Result<Self, xslt::Error> {
        let sheet = xslt::compile_by(source, terms)?;
        let mut hash = Sha256::new();
        hash.update(sheet.engine());
        for part in sheet.sources() {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let parameters: Vec<(String, String)> =
            round_trip.transform.parameters.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        for (name, value) in &parameters {
            hash.update(format!("{}:{name}={}:{value};", name.len(), value.len()));
        }
        let digest = hash.finalize().iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a String cannot fail");
            text
        });
        Ok(Transform { sheet, parameters, repository: repository.as_str().to_owned(), digest })
    }

    pub fn name(&self) -> &str {
        self.sheet.name()
    }

    /// What runs the stylesheet, and where it is, if it is not a part of the program.
    pub fn engine(&self) -> String {
        let place = self.sheet.engine_place().map(|place| format!(" ({place})")).unwrap_or_default();
        self.sheet.engine() + &place
    }

    /// Of the stylesheet, all that it includes, its parameters, and the engine with its version.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The text of the stylesheet itself, without what it includes.
    pub fn text(&self) -> String {
        let main = self.sheet.sources().next().unwrap_or_default();
        String::from_utf8_lossy(main).into_owned()
    }

    /// What the engine remarked about the stylesheet.
    pub fn warnings(&self) -> &[String] {
        self.sheet.warnings()
    }

    /// Transforms one record for one IE.
    pub fn apply(&self, metadata: &str, ie: &IePid, mms: Option<&MmsId>) -> Result<RecordRead, NotTransformed> {
        self.run(metadata, ie, mms).map(|made| made.read)
    }

    /// The same, and all that the stylesheet said by the way.
    pub fn run(&self, metadata: &str, ie: &IePid, mms: Option<&MmsId>) -> Result<Made, NotTransformed> {
        let mut parameters: Vec<(&str, &str)> =
            self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        parameters.push(("repository-identifier", &self.repository));
        parameters.push(("ie-pid", ie.as_str()));
        parameters.push(("mms-id", mms.map_or("", MmsId::as_str)));
        let applied = xslt::with_worker(&self.sheet, |worker| worker.apply(metadata.as_bytes(), &parameters));
        let output = match applied.map_err(|error| NotTransformed::Skip(error.to_string()))? {
            Ok(output) => output,
            Err(error) if error.kind == TransformErrorKind::EngineLost => {
                return Err(NotTransformed::Lost(Failure::from(error)));
            }
            Err(error) => return Err(NotTransformed::Skip(error.to_string())),
        };
        let text = std::str::from_utf8(&output.bytes).map_err(|_| {
            NotTransformed::Skip(
                "the stylesheet's output is not UTF-8; its xsl:output must not say another encoding".to_owned(),
            )
        })?;
        let read = dc_xml::read_record(text)
            .map_err(|error| NotTransformed::Skip(format!("the stylesheet's output cannot be read: {error}")))?;
        Ok(Made { read, output: text.to_owned(), messages: output.messages })
    }
}

/// What one record becomes.
pub struct Made {
    pub read: RecordRead,
    /// The result as the stylesheet wrote it.
    pub output: String,
    /// What it said by `xsl:message`.
    pub messages: Vec<String>,
}

fn source(round_trip: &RoundTrip) -> Source {
    match &round_trip.transform.stylesheet {
        Some(path) => Source::File(path.clone()),
        None => builtin(&round_trip.alma.metadata_prefix).expect("checked with the profile"),
    }
}
