//! Reads what the stand-in holds at the start: `archivesspace/*.json`, each a list of records.

use crate::failure::{Advise, Kind};
use crate::sandbox::data::DataSource;
use serde_json::Value;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;

const FILES: [(&str, &str); 7] = [
    ("repositories.json", include_str!("../../../sample-data/archivesspace/repositories.json")),
    ("resources.json", include_str!("../../../sample-data/archivesspace/resources.json")),
    ("top_containers.json", include_str!("../../../sample-data/archivesspace/top_containers.json")),
    ("agents.json", include_str!("../../../sample-data/archivesspace/agents.json")),
    ("subjects.json", include_str!("../../../sample-data/archivesspace/subjects.json")),
    ("locations.json", include_str!("../../../sample-data/archivesspace/locations.json")),
    ("container_profiles.json", include_str!("../../../sample-data/archivesspace/container_profiles.json")),
];

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{name} is not sandbox data of ArchivesSpace")]
    Format { name: String, source: serde_json::Error },
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        Kind::Configuration
    }

    fn hint(&self) -> Option<String> {
        Some("sample-data/archivesspace shows the form".to_owned())
    }
}

/// A folder without `archivesspace/` gets what the program carries.
pub(in crate::sandbox) fn load(source: &DataSource) -> Result<Vec<Value>, Error> {
    static CARRIED: OnceLock<Vec<Value>> = OnceLock::new();
    let folder = match source {
        DataSource::Embedded => None,
        DataSource::Folder(folder) => Some(folder.join("archivesspace")).filter(|folder| folder.is_dir()),
    };
    let Some(folder) = folder else {
        let carried = || {
            let read = FILES.iter().map(|(name, text)| records(name, text));
            let lists: Result<Vec<Vec<Value>>, Error> = read.collect();
            lists.expect("a test reads what the program carries").concat()
        };
        return Ok(CARRIED.get_or_init(carried).clone());
    };
    let mut all = Vec::new();
    for (name, _) in FILES {
        let path = folder.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => all.extend(records(&path.display().to_string(), &text)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(Error::Read { path, source }),
        }
    }
    Ok(all)
}

fn records(name: &str, text: &str) -> Result<Vec<Value>, Error> {
    serde_json::from_str(text).map_err(|source| Error::Format { name: name.to_owned(), source })
}
