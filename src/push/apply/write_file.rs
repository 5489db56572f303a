//! Records into one MARCXML file for an import profile: whole or not at all, and each content once.
//!
//! The file is made beside the folder's files, out of the import's sight (`.incoming`), and moved in when it is whole. An
//! import takes files away, so that one that is missing says nothing: what is still in `.incoming` was not moved, and what
//! is not was.

use super::{Hands, crash_point, end, withdraw};
use crate::failure::{Advise, Kind};
use crate::model::intent::IntentState;
use crate::profile::Output;
use crate::push::bib_image::BibImage;
use crate::push::marc::collection;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

const INCOMING: &str = ".incoming";

#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {path}")]
pub struct Error {
    doing: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        match self.source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => Kind::Configuration,
            _ => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        Some("does push.folder exist, may this user write there, and is there room?".to_owned())
    }
}

trait At<T> {
    fn at(self, doing: &'static str, path: &Path) -> Result<T, Error>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, doing: &'static str, path: &Path) -> Result<T, Error> {
        self.map_err(|source| Error { doing, path: path.to_owned(), source })
    }
}

/// Writes all of them into one file of this name; answers how many.
pub(in crate::push) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    folder: &Path,
    (name, new): (&str, &[NewIntent]),
) -> Result<u64, Trouble> {
    let images: Vec<BibImage> = new.iter().map(|one| BibImage::read(&one.body)).collect::<Result<_, _>>()?;
    let (hidden, target) = (folder.join(INCOMING).join(name), folder.join(name));
    let mut ids = Vec::with_capacity(new.len());
    for one in new {
        ids.push(store.plan_intent(one, hands.run, hands.now())?);
        crash_point();
    }
    write(&hidden, collection(images.iter().map(|image| &image.record)).as_bytes())?;
    crash_point();
    // All of them or none: of a file whose records have two fates, one part would go out again in the next one.
    store.intents_sent(&ids, hands.now(), crash_point)?;
    crash_point();
    move_in(&hidden, &target)?;
    for id in &ids {
        end(store, hands, *id, IntentState::Done, &Ended { reason: name, ..Ended::default() })?;
    }
    Ok(ids.len() as u64)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    if let Some(above) = folder.parent() {
        // Only the hidden folder is made: one that is missing above it may be a share that is not mounted.
        fs::metadata(above).at("look at", above)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error).at("make", folder),
        Ok(()) | Err(_) => {}
    }
    let mut file = File::create(path).at("write", path)?;
    file.write_all(bytes).at("write", path)?;
    file.sync_all().at("flush", path)
}

fn move_in(hidden: &Path, target: &Path) -> Result<(), Error> {
    fs::rename(hidden, target).at("move into place", target)?;
    let folder = target.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).at("flush", folder)
}

/// What became of it: planned, and the file may be half; sent, and it is whole, moved or still to be moved.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    let Output::File(folder) = &hands.push.output else {
        return withdraw(store, hands, intent.id, "the profile writes no files any more");
    };
    let name = intent.why.0.as_str();
    let hidden = folder.join(INCOMING).join(name);
    let is_hidden = match fs::metadata(&hidden) {
        Ok(_) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(Error { doing: "look at", path: hidden, source: error }.into()),
    };
    if intent.state == IntentState::Planned {
        if is_hidden {
            fs::remove_file(&hidden).at("remove", &hidden)?;
        }
        return withdraw(store, hands, intent.id, "the run ended before the file was whole");
    }
    if is_hidden {
        move_in(&hidden, &folder.join(name))?;
    }
    end(store, hands, intent.id, IntentState::Done, &Ended { reason: name, ..Ended::default() })
}
