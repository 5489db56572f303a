//! Namespaces that everybody knows, and what servers write for that of OAI-PMH.

use super::cursor::same;
use crate::oai::NAMESPACE;

/// Prefixes that mean the same wherever they are met. Some servers write them without declaring them.
pub(super) const WELL_KNOWN: [(&str, &str); 16] = [
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("dcmitype", "http://purl.org/dc/dcmitype/"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("didl", "urn:mpeg:mpeg21:2002:02-DIDL-NS"),
    ("edm", "http://www.europeana.eu/schemas/edm/"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("marc", "http://www.loc.gov/MARC21/slim"),
    ("mets", "http://www.loc.gov/METS/"),
    ("mods", "http://www.loc.gov/mods/v3"),
    ("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc/"),
    ("premis", "http://www.loc.gov/premis/v3"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("xlink", "http://www.w3.org/1999/xlink"),
    ("xsi", "http://www.w3.org/2001/XMLSchema-instance"),
];

/// How the address that a tag gives to its own prefix compares with that of OAI-PMH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    Right,
    /// None at all, another version, another scheme, blanks, another case, no slash at its end.
    Misspelt,
    Foreign,
}

pub(super) fn address(uri: &str) -> Address {
    if same(uri, NAMESPACE) {
        return Address::Right;
    }
    let uri = uri.trim().to_ascii_lowercase();
    let rest = uri.strip_prefix("http://").or_else(|| uri.strip_prefix("https://")).unwrap_or(&uri);
    let rest = rest.strip_prefix("www.").unwrap_or(rest).trim_end_matches(['/', '#']);
    match rest {
        "" | "openarchives.org/oai/2.0" | "openarchives.org/oai/1.0" | "openarchives.org/oai/1.1" => Address::Misspelt,
        _ => Address::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, address};

    #[test]
    fn an_address_that_can_only_mean_oai_pmh_is_told_from_others() {
        let check = |uri: &str, expected: Address| assert_eq!(address(uri), expected, "{uri}");
        check("http://www.openarchives.org/OAI/2.0/", Address::Right);
        check("http://www.openarchives.org/OAI/2.0", Address::Misspelt);
        check("https://www.openarchives.org/OAI/2.0/", Address::Misspelt);
        check(" http://www.openarchives.org/oai/2.0/ ", Address::Misspelt);
        check("http://www.openarchives.org/OAI/1.1/", Address::Misspelt);
        check("", Address::Misspelt);
        check("http://www.openarchives.org/OAI/2.0/oai_dc/", Address::Foreign);
        check("http://www.w3.org/1999/xhtml", Address::Foreign);
    }
}
