//! The elements that a `dc:record` may have.

use crate::model::dc::{DC, DCTERMS, Vocabulary};

/// The fifteen elements of Dublin Core.
const ELEMENTS: [&str; 15] = [
    "contributor",
    "coverage",
    "creator",
    "date",
    "description",
    "format",
    "identifier",
    "language",
    "publisher",
    "relation",
    "rights",
    "source",
    "subject",
    "title",
    "type",
];

/// The properties in the namespace of DCMI Metadata Terms.
const TERMS: [&str; 55] = [
    "abstract",
    "accessRights",
    "accrualMethod",
    "accrualPeriodicity",
    "accrualPolicy",
    "alternative",
    "audience",
    "available",
    "bibliographicCitation",
    "conformsTo",
    "contributor",
    "coverage",
    "created",
    "creator",
    "date",
    "dateAccepted",
    "dateCopyrighted",
    "dateSubmitted",
    "description",
    "educationLevel",
    "extent",
    "format",
    "hasFormat",
    "hasPart",
    "hasVersion",
    "identifier",
    "instructionalMethod",
    "isFormatOf",
    "isPartOf",
    "isReferencedBy",
    "isReplacedBy",
    "isRequiredBy",
    "isVersionOf",
    "issued",
    "language",
    "license",
    "mediator",
    "medium",
    "modified",
    "provenance",
    "publisher",
    "references",
    "relation",
    "replaces",
    "requires",
    "rights",
    "rightsHolder",
    "source",
    "spatial",
    "subject",
    "tableOfContents",
    "temporal",
    "title",
    "type",
    "valid",
];

/// MODS and the MARC relators: Rosetta's SDK has both in its DublinCore class. Ex Libris' own code disagrees about the
/// relators' namespace (CMS_Sync_Tool has the first in a comment and the second in its map); the third is today's.
const GUESTS: [&str; 4] = [
    "http://www.loc.gov/mods/v3",
    "http://www.loc.gov/loc.terms/relators/",
    "http://www.loc.gov/marc/relators/",
    "http://id.loc.gov/vocabulary/relators/",
];

/// Whether Rosetta's record can have the element; `Err` has the element that was probably meant.
pub(super) fn known(vocabulary: &Vocabulary, element: &str) -> Result<(), Option<String>> {
    let is_known = match vocabulary {
        Vocabulary::Dc => ELEMENTS.contains(&element),
        Vocabulary::Dcterms => TERMS.contains(&element),
        Vocabulary::Other(uri) => GUESTS.contains(&uri.as_str()),
    };
    if is_known { Ok(()) } else { Err(meant(vocabulary, element)) }
}

/// The same word in other case, in its own vocabulary or in the other: `dc:issued` of State Library Victoria means
/// `dcterms:issued`, `dc:isPartof` of ZB MED `dcterms:isPartOf`.
fn meant(vocabulary: &Vocabulary, element: &str) -> Option<String> {
    let like = |list: &[&str], prefix: &str| {
        let found = list.iter().find(|known| known.eq_ignore_ascii_case(element));
        found.map(|known| format!("{prefix}:{known}"))
    };
    let (dc, dcterms) = (like(&ELEMENTS, "dc"), like(&TERMS, "dcterms"));
    match vocabulary {
        Vocabulary::Dc => dc.or(dcterms),
        Vocabulary::Dcterms => dcterms.or(dc),
        Vocabulary::Other(uri) if is_near_miss(uri) => dc.or(dcterms),
        Vocabulary::Other(_) => None,
    }
}

/// No namespace at all, or one of Dublin Core as people misspell it.
fn is_near_miss(uri: &str) -> bool {
    let bare = |uri: &str| uri.trim_end_matches(['/', '#']).replacen("https:", "http:", 1).to_ascii_lowercase();
    uri.is_empty() || [DC, DCTERMS].iter().any(|known| bare(known) == bare(uri))
}
