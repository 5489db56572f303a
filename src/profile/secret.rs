//! Where a secret lies, and the secret itself, which nothing ever shows.

use crate::failure::{Advise, Kind};
use std::fmt;
use std::io;
use std::path::PathBuf;

/// What a profile says of a secret: never the secret, only its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretPlace {
    /// The name of an environment variable.
    Environment(String),
    File(PathBuf),
}

/// A password. `Debug` does not show it, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the environment variable {name} is not set, or is not text")]
    NoVariable { name: String },
    #[error("cannot read the secret in {path}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{place} holds no secret: it is empty")]
    Empty { place: String },
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        Kind::Configuration
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Error::NoVariable { .. } => {
                "cron starts with a nearly empty environment: set it there, or use a file".to_owned()
            }
            Error::Read { .. } => "may this user read it?".to_owned(),
            Error::Empty { .. } => "it must hold the password, and nothing else".to_owned(),
        })
    }
}

impl SecretPlace {
    /// Reads the secret, without the line end that an editor puts behind it.
    pub fn read(&self) -> Result<Secret, Error> {
        let (text, place) = match self {
            SecretPlace::Environment(name) => {
                let text = std::env::var(name).map_err(|_| Error::NoVariable { name: name.clone() })?;
                (text, format!("the environment variable {name}"))
            }
            SecretPlace::File(path) => {
                let read = std::fs::read_to_string(path);
                (read.map_err(|source| Error::Read { path: path.clone(), source })?, path.display().to_string())
            }
        };
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() { Err(Error::Empty { place }) } else { Ok(Secret(text.to_owned())) }
    }
}

impl Secret {
    pub fn new(text: String) -> Self {
        Secret(text)
    }

    /// The text itself, for the one call that sends it.
    pub fn exposed(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_a_file_loses_its_line_end_and_is_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, " pass word \r\n").unwrap();
        let secret = SecretPlace::File(path.clone()).read().unwrap();
        assert_eq!((secret.exposed(), format!("{secret:?}")), (" pass word ", "Secret(***)".to_owned()));
        std::fs::write(&path, "\n").unwrap();
        assert!(matches!(SecretPlace::File(path).read(), Err(Error::Empty { .. })));
    }

    #[test]
    fn a_missing_variable_or_file_is_named() {
        let missing = |place: SecretPlace| place.read().unwrap_err().to_string();
        assert!(missing(SecretPlace::Environment("CARTOUCHE_NO_SUCH".to_owned())).contains("CARTOUCHE_NO_SUCH"));
        assert!(missing(SecretPlace::File("/nonexistent/secret".into())).contains("/nonexistent/secret"));
    }
}
