//! What lies in the folder: other people's files, halves of files, many files, and a folder that is not as it should be.

use super::{ies, one};
use crate::support::scenario::Scenario;
use crate::support::scenario::applying::update_md;
use cartouche::model::time::Timestamp;
use cartouche::store::submissions::SubmissionState;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

fn titled(ie: &str, title: &str) -> String {
    update_md(ie, &format!("<dc:title>{title}</dc:title>"))
}

#[test]
fn a_file_of_another_maker_is_applied_like_ours() {
    let mut scenario = ies(1);
    scenario.somebody_stages("IE1-by-hand.XML", &titled("IE1", "By hand"), 0).run("apply --json").exits(0);
    scenario.tells("/applied/done", 1).rosetta_shows("IE1", "By hand").place_holds("done", &["IE1-by-hand.XML"]);
}

#[test]
fn what_is_not_for_an_update_job_is_left_alone() {
    let mut scenario = ies(1);
    for name in [".IE1.xml", "IE1.xml.tmp", "IE1.txt"] {
        scenario.somebody_stages(name, &titled("IE1", "Wrong"), 0);
    }
    fs::create_dir(scenario.path("staging/IE1.xml")).unwrap();
    scenario.run("apply --json").tells("/applied/done", 0).tells("/applied/waiting", 0).rosetta_took("IE1", 0);
    scenario.place_holds("", &[".IE1.xml", "IE1.txt", "IE1.xml.tmp"]);
}

#[test]
fn a_half_written_file_waits_and_is_applied_when_it_is_whole() {
    let whole = titled("IE1", "Whole");
    let mut scenario = ies(1);
    for cut in [0, 1, whole.len() / 2, whole.len() - 1] {
        scenario.somebody_stages("a_IE1.xml", &whole[..cut], 0).run("apply --json").exits(0);
        scenario.tells("/applied/waiting", 1).rosetta_took("IE1", 0).place_holds("", &["a_IE1.xml"]);
    }
    scenario.somebody_stages("a_IE1.xml", &whole, 0).run("apply --json").tells("/applied/done", 1);
    scenario.rosetta_shows("IE1", "Whole");
}

#[test]
fn a_file_that_stays_half_is_shown_to_a_person_and_never_moved() {
    let mut scenario = ies(1);
    scenario.somebody_stages("a_IE1.xml", "<updateMD><PID>IE1</PID>", 0).run("apply").exits(0);
    scenario.profile_says("staging.settle-within", "\"1ms\"").waits(Duration::from_millis(20));
    scenario.run("apply").exits(3).says("no whole updateMD file").says("1 files stay in the folder");
    scenario.place_holds("", &["a_IE1.xml"]).place_holds("error", &[]);
}

#[test]
fn other_documents_and_other_encodings_are_nobody_elses_to_move() {
    let mut scenario = ies(1);
    scenario.somebody_stages("a_IE1.xml", "<mets/>", 0).somebody_stages("b_IE1.xml", "", 1);
    fs::write(scenario.path("staging/c_IE1.xml"), b"<updateMD>\xE9</updateMD>").unwrap();
    scenario.run("apply --json").exits(0).tells("/applied/waiting", 3).rosetta_took("IE1", 0);
}

#[test]
fn a_file_of_this_moment_waits_for_the_next_round_unless_it_is_ours() {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE1").rosetta_holds("IE7").alma_has("9912", "Sunset", "oai:ros.example.org:IE7");
    scenario.cartouche_applies();
    fs::write(scenario.path("staging/a_IE1.xml"), titled("IE1", "Young")).unwrap();
    scenario.run("run --json").tells("/applied/done", 1).tells("/applied/waiting", 1).rosetta_took("IE7", 1);
    scenario.waits(Duration::from_secs(6)).run("run --json").tells("/applied/waiting", 0);
}

#[test]
fn a_file_from_the_future_is_applied_by_its_end() {
    let mut scenario = ies(1);
    scenario.somebody_stages("a_IE1.xml", &titled("IE1", "Tomorrow"), 0);
    let path = scenario.path("staging/a_IE1.xml");
    let future = SystemTime::now() + Duration::from_secs(400 * 86_400);
    fs::File::options().write(true).open(path).unwrap().set_modified(future).unwrap();
    scenario.run("apply --json").tells("/applied/done", 1);
}

#[test]
fn a_clock_that_has_jumped_keeps_no_file_waiting_for_ever() {
    let mut scenario = one();
    scenario.rosetta_locks("IE7").run("run").rosetta_unlocks("IE7");
    let mut store = scenario.store();
    let (name, mut row) = store.submissions().unwrap().into_iter().next().unwrap();
    assert_eq!(row.state, SubmissionState::Locked);
    (row.due, row.seen) = (Timestamp::parse("2199-01-01").unwrap(), Timestamp::parse("2199-01-01").unwrap());
    store.note_submission(&name, &row).unwrap();
    drop(store);
    scenario.run("apply --json").tells("/applied/done", 1);
}

#[test]
fn two_files_for_one_ie_are_applied_in_their_order() {
    let mut scenario = ies(1);
    scenario.somebody_stages("a_IE1.xml", &titled("IE1", "Later"), 2);
    scenario.somebody_stages("b_IE1.xml", &titled("IE1", "Earlier"), 1).run("apply --json").tells("/applied/done", 2);
    scenario.rosetta_shows("IE1", "Later").rosetta_took("IE1", 2);
}

#[test]
fn the_later_file_does_not_overtake_an_earlier_one_that_is_locked() {
    let mut scenario = ies(2);
    scenario.somebody_stages("a_IE1.xml", &titled("IE1", "Earlier"), 1);
    scenario.somebody_stages("b_IE1.xml", &titled("IE1", "Later"), 2);
    scenario.somebody_stages("c_IE2.xml", &titled("IE2", "Other"), 3);
    scenario.rosetta_locks("IE1").run("apply --json").tells("/applied/locked", 1).tells("/applied/waiting", 1);
    scenario.tells("/applied/done", 1).rosetta_shows("IE2", "Other");
    scenario.profile_says("rosetta.soap.try-again", "\"1 hour\"").run("apply").rosetta_unlocks("IE1");
    // The first one's time has not come; the second one waits all the same.
    scenario.run("apply --json").tells("/applied/done", 0).rosetta_took("IE1", 0);
}

#[test]
fn an_earlier_file_in_error_does_not_hold_the_later_one_back() {
    let mut scenario = ies(1);
    scenario.somebody_stages("a_IE1.xml", &update_md("IE1", "<dc:title>"), 1);
    scenario.somebody_stages("b_IE1.xml", &titled("IE1", "Later"), 2).run("apply --json").exits(3);
    scenario.tells("/applied/error", 1).tells("/applied/done", 1).rosetta_shows("IE1", "Later");
}

#[test]
fn a_thousand_files_of_another_maker_are_applied_in_order() {
    let mut scenario = ies(10);
    for number in 0..1000 {
        let ie = format!("IE{}", number % 10 + 1);
        scenario.somebody_stages(
            &format!("{:03}_{ie}.xml", 999 - number),
            &titled(&ie, &format!("No {number}")),
            number,
        );
    }
    scenario.run("apply --json").tells("/applied/done", 1000).tells("/applied/waiting", 0);
    scenario.rosetta_shows("IE1", "No 990").rosetta_shows("IE10", "No 999").place_holds("", &[]);
}

#[test]
fn an_older_file_of_the_same_name_stays_in_done() {
    let mut scenario = ies(1);
    for title in ["First", "Second"] {
        scenario.somebody_stages("IE1.xml", &titled("IE1", title), 0).run("apply");
    }
    scenario.place_holds("done", &["IE1.xml", "IE1.xml.1"]).file_says("done/IE1.xml", "First");
}

#[test]
fn a_folder_that_cannot_be_written_is_noticed_before_anything_is_sent() {
    let mut scenario = ies(1);
    scenario.somebody_stages("a_IE1.xml", &titled("IE1", "New"), 0);
    // Root may write anywhere, so the rights are not what forbids it here.
    fs::write(scenario.path("staging/.incoming"), "").unwrap();
    scenario
        .run("apply")
        .exits(1)
        .complains("cannot make")
        .rosetta_took("IE1", 0)
        .place_holds("", &[".incoming", "a_IE1.xml"]);
}

#[test]
fn what_was_applied_but_could_not_be_moved_is_moved_later_and_not_sent_again() {
    let elsewhere = Path::new("/dev/shm");
    let mut scenario = ies(1);
    scenario.somebody_stages("a_IE1.xml", &titled("IE1", "New"), 0);
    let here = fs::metadata(scenario.path("staging")).unwrap().dev();
    if !fs::metadata(elsewhere).is_ok_and(|there| there.is_dir() && there.dev() != here) {
        eprintln!("left out: there is no second file system at /dev/shm");
        return;
    }
    let there = tempfile::tempdir_in(elsewhere).unwrap();
    symlink(there.path(), scenario.path("staging/done")).unwrap();
    scenario.run("apply --json").exits(1).complains("one file system").tells("/applied/waiting", 1);
    scenario.rosetta_took("IE1", 1).place_holds("", &["a_IE1.xml"]);
    fs::remove_file(scenario.path("staging/done")).unwrap();
    scenario.run("apply --json").tells("/applied/done", 1).rosetta_took("IE1", 1).place_holds("done", &["a_IE1.xml"]);
}

#[test]
fn a_reason_that_cannot_be_written_keeps_the_file_out_of_error() {
    let mut scenario = ies(1);
    scenario.somebody_stages("a_IE9.xml", &titled("IE9", "Nobody"), 0);
    fs::create_dir_all(scenario.path("staging/error/a_IE9.xml.error.txt")).unwrap();
    scenario.run("apply").exits(1).place_holds("", &["a_IE9.xml"]).place_holds("error", &[]);
    fs::remove_dir(scenario.path("staging/error/a_IE9.xml.error.txt")).unwrap();
    scenario.run("apply --json").exits(3).tells("/applied/error", 1);
    scenario.place_holds("error", &["a_IE9.xml", "a_IE9.xml.error.txt"]);
}

#[test]
fn an_empty_mount_point_forgets_no_file_that_waits() {
    let mut scenario = ies(1);
    scenario.somebody_stages("a_IE1.xml", &titled("IE1", "New"), 0).rosetta_locks("IE1").run("apply");
    let (staging, away) = (scenario.path("staging"), scenario.path("away"));
    fs::rename(&staging, &away).unwrap();
    scenario.run("apply").exits(2).complains("does not exist");
    fs::create_dir(&staging).unwrap();
    scenario.run("apply").exits(2).complains("is bare");
    assert_eq!(scenario.store().submissions().unwrap().len(), 1);
    fs::remove_dir(&staging).unwrap();
    fs::rename(&away, &staging).unwrap();
    scenario.rosetta_unlocks("IE1").run("apply --json").tells("/applied/done", 1);
    assert!(scenario.store().submissions().unwrap().is_empty());
}

fn check_nothing_is_sent_where(script: &str, complaint: &str) {
    let mut scenario = ies(1);
    scenario.somebody_stages("a_IE1.xml", &titled("IE1", "New"), 0);
    fs::create_dir_all(scenario.path("elsewhere")).unwrap();
    fs::create_dir_all(scenario.path("staging/done")).unwrap();
    if scenario.runs_where("apply", script) {
        scenario.exits(1).complains(complaint).complains("applying stopped").rosetta_took("IE1", 0);
        scenario.place_holds("", &["a_IE1.xml"]).run("apply --json").tells("/applied/done", 1);
    }
}

#[test]
fn nothing_is_sent_from_a_folder_that_is_mounted_read_only() {
    let script = "mount --bind $STAGING $STAGING\nmount -o remount,ro,bind $STAGING";
    check_nothing_is_sent_where(script, "is the share mounted read-only?");
}

#[test]
fn nothing_is_sent_from_a_folder_that_is_full() {
    let script = "mount -t tmpfs -o size=64k tmpfs $ELSEWHERE\ncp -pr $STAGING/. $ELSEWHERE\n\
                  head -c 1M /dev/zero > $ELSEWHERE/full || true\nmount --bind $ELSEWHERE $STAGING";
    check_nothing_is_sent_where(script, "the file system is full");
}

#[test]
fn nothing_is_sent_when_the_hidden_subfolder_lies_on_another_file_system() {
    let script = "mkdir -p $STAGING/.incoming\nmount -t tmpfs -o size=64k tmpfs $STAGING/.incoming";
    check_nothing_is_sent_where(script, "must lie on one file system");
}

#[test]
fn one_file_that_may_not_be_read_stops_nobody() {
    use std::os::unix::fs::PermissionsExt;
    let mut scenario = ies(2);
    scenario.somebody_stages("a_IE1.xml", &titled("IE1", "Secret"), 0);
    scenario.somebody_stages("b_IE2.xml", &titled("IE2", "Open"), 1);
    let rights = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    rights(&scenario.path("staging/a_IE1.xml"), 0o000);
    for folder in ["", "staging"] {
        rights(&scenario.path(folder), 0o777);
    }
    // Root may read everything, so somebody else must try.
    let program = scenario.command("apply --json");
    let mut other = Command::new("setpriv");
    other.args(["--reuid=65534", "--clear-groups", "--"]).arg(program.get_program()).args(program.get_args());
    let mut trial = Command::new("setpriv");
    trial.args(["--reuid=65534", "--clear-groups", "--"]).arg(program.get_program()).arg("--version");
    if !trial.output().is_ok_and(|output| output.status.success()) {
        eprintln!("left out: this user cannot become another one");
        return;
    }
    let output = other.output().unwrap();
    scenario.answered("apply --json", output).exits(0).tells("/applied/done", 1).tells("/applied/waiting", 1);
    scenario.tells("/applied/files/0/reason", "this user may not read it").rosetta_shows("IE2", "Open");
}
