//! Alma's libraries and their locations, against which a profile's are checked.

use serde::Deserialize;

/// A library of the institution.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Library {
    pub code: String,
    #[serde(default)]
    pub name: Option<String>,
}

/// A location inside of a library.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Place {
    pub code: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub external_name: Option<String>,
}

#[derive(Deserialize)]
struct Libraries {
    #[serde(default)]
    library: Option<Vec<Library>>,
}

#[derive(Deserialize)]
struct Places {
    #[serde(default)]
    location: Option<Vec<Place>>,
}

/// Reads an object; an array would be taken for one whose members are all missing.
fn object<T: for<'de> Deserialize<'de>>(json: &str) -> Result<T, String> {
    if !json.trim_start_matches('\u{FEFF}').trim_start().starts_with('{') {
        return Err("not a JSON object".to_owned());
    }
    serde_json::from_str(json).map_err(|error| error.to_string())
}

pub(super) fn libraries(json: &str) -> Result<Vec<Library>, String> {
    let read: Libraries = object(json)?;
    Ok(read.library.unwrap_or_default())
}

pub(super) fn locations(json: &str) -> Result<Vec<Place>, String> {
    let read: Places = object(json)?;
    Ok(read.location.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_and_locations_are_read_and_what_is_new_in_them_is_ignored() {
        let read = libraries(
            "{\"library\":[{\"code\":\"arch\",\"name\":\"Architecture Library\",\"campus\":{\"value\":\"\",\"desc\":null}}]}",
        );
        assert_eq!(read.unwrap(), [Library { code: "arch".to_owned(), name: Some("Architecture Library".to_owned()) }]);
        let read = locations(
            "{\"location\":[{\"code\":\"RESERVES\",\"name\":\"Course Reserves\",\"external_name\":\"\",\"new\":1}],\"total_record_count\":1}",
        );
        assert_eq!(read.unwrap()[0].code, "RESERVES");
        assert_eq!(locations("{\"total_record_count\":0}").unwrap(), []);
        assert!(libraries("[]").is_err() && libraries("{\"library\":[{}]}").is_err());
    }
}
