use super::*;
use crate::profile::SettledBy;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

fn staging(root: &Path) -> Staging {
    Staging {
        folder: root.to_owned(),
        job_name: "job".to_owned(),
        settle_within: Duration::from_secs(60),
        max_in_flight: 10,
        settled_by: SettledBy::Cartouche,
        done: "done".to_owned(),
        error: "error".to_owned(),
        incoming: ".incoming".to_owned(),
    }
}

fn ready(root: &Path) -> Folder {
    let staging = staging(root);
    Folder::open(&staging).unwrap().ready_to_put_away(&staging).unwrap()
}

fn put(root: &Path, name: &str, text: &str, seconds: u64) {
    let path = root.join(name);
    fs::write(&path, text).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds);
    File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
}

fn read(root: &Path, name: &str) -> String {
    fs::read_to_string(root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn only_visible_xml_files_of_the_folder_itself_wait_in_order_of_their_last_change() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path();
    for (name, seconds) in [("b.xml", 2), ("a.XML", 2), ("z.xml", 1), (".c.xml", 0), ("d.xml.tmp", 0), ("e.txt", 0)] {
        put(root, name, "x", seconds);
    }
    fs::create_dir(root.join("folder.xml")).unwrap();
    std::os::unix::fs::symlink(root.join("z.xml"), root.join("link.xml")).unwrap();
    fs::write(root.join(std::ffi::OsString::from_vec(b"\xFF.xml".to_vec())), "x").unwrap();
    let queue = ready(root).waiting().unwrap();
    let names: Vec<&str> = queue.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!((names, queue.unnamed), (vec!["z.xml", "a.XML", "b.xml"], 1));
}

#[test]
fn a_file_that_grows_while_it_is_read_is_not_whole() {
    let home = tempfile::tempdir().unwrap();
    put(home.path(), "a.xml", "half", 0);
    let folder = ready(home.path());
    let file = folder.waiting().unwrap().files.remove(0);
    assert_eq!(folder.read_whole(&file).unwrap(), Found::Whole(b"half".to_vec()));
    put(home.path(), "a.xml", "half and more", 0);
    assert_eq!(folder.read_whole(&file).unwrap(), Found::Changing);
    // The same length, written again.
    put(home.path(), "a.xml", "HALF", 1);
    assert_eq!(folder.read_whole(&file).unwrap(), Found::Changing);
    fs::remove_file(home.path().join("a.xml")).unwrap();
    assert_eq!(folder.read_whole(&file).unwrap(), Found::Gone);
}

#[test]
fn nothing_in_done_or_error_is_ever_overwritten() {
    let home = tempfile::tempdir().unwrap();
    let folder = ready(home.path());
    for (end, place) in [(End::Done, "done"), (End::Error("why"), "error")] {
        for text in ["first", "second", "third"] {
            put(home.path(), "a.xml", text, 0);
            assert!(folder.put_away("a.xml", end).unwrap());
        }
        for (name, text) in [("a.xml", "first"), ("a.xml.1", "second"), ("a.xml.2", "third")] {
            assert_eq!(read(home.path(), &format!("{place}/{name}")), text);
        }
    }
    assert_eq!(read(home.path(), "error/a.xml.2.error.txt"), "why\n");
    assert!(!folder.put_away("a.xml", End::Done).unwrap(), "it is gone");
}

#[test]
fn the_reason_of_an_earlier_attempt_is_kept_and_the_same_is_not_said_twice() {
    let home = tempfile::tempdir().unwrap();
    let folder = ready(home.path());
    for (reason, expected) in [("locked", "locked\n"), ("locked", "locked\n"), ("unknown", "locked\nunknown\n")] {
        put(home.path(), "a.xml", "text", 0);
        folder.put_away("a.xml", End::Error(reason)).unwrap();
        assert_eq!(read(home.path(), "error/a.xml.error.txt"), expected);
        fs::remove_file(home.path().join("error/a.xml")).unwrap();
    }
}

#[test]
fn a_share_that_is_gone_in_the_middle_is_not_a_file_that_somebody_took() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("staging");
    fs::create_dir(&root).unwrap();
    let folder = ready(&root);
    put(&root, "a.xml", "text", 0);
    fs::rename(&root, home.path().join("away")).unwrap();
    assert!(folder.put_away("a.xml", End::Done).is_err());
    fs::create_dir(&root).unwrap();
    assert!(matches!(folder.put_away("a.xml", End::Done), Err(Error::LooksUnmounted { .. })));
}

#[test]
fn done_is_found_in_any_case_and_made_where_it_is_missing() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("DONE")).unwrap();
    let folder = ready(home.path());
    put(home.path(), "a.xml", "text", 0);
    folder.put_away("a.xml", End::Done).unwrap();
    assert_eq!(read(home.path(), "DONE/a.xml"), "text");
    assert!(home.path().join("error").is_dir() && !home.path().join("done").exists());
}
