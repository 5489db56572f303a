//! The site's own table of MMS IDs and IE PIDs: one pair a line, separated by a comma, a semicolon or a tab.

use crate::failure::{Failure, Kind, stated};
use crate::model::id::{IePid, MmsId};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// The table as it was read last; it may have hundreds of thousands of lines, and many questions in a row need it.
#[derive(Debug, Default)]
pub struct MmsMap(Mutex<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    path: PathBuf,
    stamp: Option<(SystemTime, u64)>,
    map: Arc<HashMap<String, Vec<IePid>>>,
}

impl MmsMap {
    /// The table of a file, read again when the file has changed.
    pub fn of(&self, path: &Path) -> Result<Arc<HashMap<String, Vec<IePid>>>, Failure> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked at before reading: what is written meanwhile shows in the next look.
        let stamp = stamp(path);
        let known = kept.as_ref().filter(|kept| kept.path == path && kept.stamp == stamp && stamp.is_some());
        if let Some(known) = known {
            return Ok(Arc::clone(&known.map));
        }
        let map = Arc::new(read(path)?);
        *kept = Some(Kept { path: path.to_owned(), stamp, map: Arc::clone(&map) });
        Ok(map)
    }
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.modified().ok()?, found.len()))
}

fn read(path: &Path) -> Result<HashMap<String, Vec<IePid>>, Failure> {
    let hint = "each line is MMS ID, comma, IE PID";
    let refuse = |message: String| stated(Kind::Configuration, message, hint);
    let text =
        std::fs::read_to_string(path).map_err(|error| refuse(format!("cannot read {}: {error}", path.display())))?;
    let mut map: HashMap<String, Vec<IePid>> = HashMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches('\u{FEFF}');
        let is_heading = number == 0 && !line.starts_with(|c: char| c.is_ascii_digit());
        if line.is_empty() || line.starts_with('#') || is_heading {
            continue;
        }
        let bad = |why: String| refuse(format!("{}:{}: {why}", path.display(), number + 1));
        let (mms, ie) = line.split_once([',', ';', '\t']).ok_or_else(|| bad(format!("`{line}` is not a pair")))?;
        let mms = MmsId::parse(mms.trim()).map_err(|error| bad(error.to_string()))?;
        let ie = IePid::parse(ie.trim()).map_err(|error| bad(error.to_string()))?;
        map.entry(mms.as_str().to_owned()).or_default().push(ie);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_again_when_its_file_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.csv");
        let table = MmsMap::default();
        let pids = |map: &HashMap<String, Vec<IePid>>| map["991"].iter().map(ToString::to_string).collect::<Vec<_>>();
        std::fs::write(&path, "mms,ie\n991;IE7\n").unwrap();
        let first = table.of(&path).unwrap();
        assert_eq!(pids(&first), ["IE7"]);
        assert!(Arc::ptr_eq(&first, &table.of(&path).unwrap()));
        std::fs::write(&path, "991\tIE7\n991,IE8\n").unwrap();
        assert_eq!(pids(&table.of(&path).unwrap()), ["IE7", "IE8"]);
        std::fs::write(&path, "991\n").unwrap();
        let refused = table.of(&path).unwrap_err();
        assert!(refused.to_string().contains("map.csv:1: `991` is not a pair"), "{refused}");
        std::fs::remove_file(&path).unwrap();
        assert!(table.of(&path).unwrap_err().to_string().contains("cannot read"));
    }
}
