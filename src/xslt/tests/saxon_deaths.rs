//! Saxon's worker when a record is too much for it, and when somebody else ends it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::super::{Error, SaxonTerms, TransformErrorKind, with_worker};
use super::saxon::{compile_on, is_java, jar, saxons, worker_on};
use super::{Folder, embedded, sheet_of_version, text};

/// A template for `ok`, which every worker must still be able to run afterwards.
fn beside_ok(body: &str) -> String {
    format!("{body}<xsl:template match=\"ok\"><ok/></xsl:template>")
}

/// Templates for `loop`, which never ends (a call at the end of a template takes no stack), and for `ok`.
fn looping() -> String {
    beside_ok(
        "<xsl:template match=\"loop\"><xsl:call-template name=\"again\"><xsl:with-param name=\"n\" select=\"1\"/></xsl:call-template>\
         </xsl:template><xsl:template name=\"again\"><xsl:param name=\"n\"/><xsl:if test=\"$n gt 0\"><xsl:call-template name=\"again\">\
         <xsl:with-param name=\"n\" select=\"$n mod 7 + 1\"/></xsl:call-template></xsl:if></xsl:template>",
    )
}

const EATER: &str = "<xsl:template match=\"eat\"><xsl:call-template name=\"double\"/></xsl:template>\
    <xsl:template name=\"double\"><xsl:param name=\"s\" select=\"'0123456789'\"/><xsl:choose>\
    <xsl:when test=\"string-length($s) gt 2000000000\"><r/></xsl:when><xsl:otherwise><xsl:call-template name=\"double\">\
    <xsl:with-param name=\"s\" select=\"concat($s, $s)\"/></xsl:call-template></xsl:otherwise></xsl:choose></xsl:template>";

fn kill(pid: u32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}

#[test]
fn a_loop_without_end_is_stopped_and_the_next_record_goes_on() {
    for saxon in saxons() {
        let saxon = SaxonTerms { time: Duration::from_millis(700), ..saxon };
        let mut worker = worker_on(&saxon, &looping());
        let started = Instant::now();
        let error = worker.apply(b"<loop/>", &[]).unwrap_err();
        assert_eq!(error.kind, TransformErrorKind::TimeLimit, "{error}");
        assert!(error.to_string().contains("700ms") && error.hint().is_some(), "{error}");
        assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
        assert_eq!(text(&worker.apply(b"<ok/>", &[]).unwrap()), "<ok/>");
    }
}

#[test]
fn a_record_that_eats_memory_is_stopped_and_the_next_one_goes_on() {
    for saxon in saxons() {
        let saxon = SaxonTerms { memory: 96 * 1024 * 1024, ..saxon };
        let mut worker = worker_on(&saxon, &beside_ok(EATER));
        let error = worker.apply(b"<eat/>", &[]).unwrap_err();
        assert_eq!(error.kind, TransformErrorKind::MemoryLimit, "{error}");
        assert!(error.hint().is_some());
        assert!(text(&worker.apply(b"<ok/>", &[]).unwrap()).starts_with("<ok"));
    }
}

#[test]
fn recursion_without_end_is_an_error_of_the_record() {
    let body = beside_ok(
        "<xsl:template match=\"a\"><xsl:call-template name=\"t\"/></xsl:template>\
         <xsl:template name=\"t\"><b><xsl:call-template name=\"t\"/></b></xsl:template>",
    );
    for saxon in saxons() {
        let mut worker = worker_on(&saxon, &body);
        assert_eq!(worker.apply(b"<a/>", &[]).unwrap_err().kind, TransformErrorKind::DepthLimit);
        assert!(text(&worker.apply(b"<ok/>", &[]).unwrap()).starts_with("<ok"));
    }
}

#[test]
fn a_worker_that_is_killed_between_records_is_replaced_and_runs_the_same_texts() {
    let folder = Folder::new();
    let part = |word: &str| sheet_of_version("3.0", &format!("<xsl:variable name=\"v\" select=\"'{word}'\"/>"));
    for saxon in saxons() {
        let path = folder.write("part.xsl", &part("first"));
        let body =
            "<xsl:include href=\"part.xsl\"/><xsl:template match=\"/\"><xsl:value-of select=\"$v\"/></xsl:template>";
        let main = folder.write("sheet.xsl", &sheet_of_version("3.0", body));
        let sheet = compile_on(&saxon, &super::super::Source::File(main)).unwrap();
        let mut worker = sheet.worker().unwrap();
        assert_eq!(text(&worker.apply(b"<a/>", &[]).unwrap()), "first");
        let pid = sheet.saxon().unwrap().pid();
        fs::write(path, part("second")).unwrap();
        kill(pid);
        assert_eq!(text(&worker.apply(b"<a/>", &[]).unwrap()), "first");
        assert_ne!(sheet.saxon().unwrap().pid(), pid);
    }
}

#[test]
fn the_records_in_hand_when_the_worker_dies_are_tried_again_and_only_the_guilty_one_is_given_up() {
    for saxon in saxons() {
        let saxon = SaxonTerms { time: Duration::from_secs(1), ..saxon };
        let sheet = compile_on(&saxon, &embedded(sheet_of_version("3.0", &looping()))).unwrap();
        let run = |record: &'static [u8]| with_worker(&sheet, |worker| worker.apply(record, &[])).unwrap();
        thread::scope(|scope| {
            let guilty = scope.spawn(|| run(b"<loop/>").unwrap_err().kind);
            let others: Vec<_> =
                (0..3).map(|_| scope.spawn(|| (0..400).filter(|_| run(b"<ok/>").is_ok()).count())).collect();
            assert_eq!(guilty.join().unwrap(), TransformErrorKind::TimeLimit);
            others.into_iter().for_each(|other| assert_eq!(other.join().unwrap(), 400));
        });
    }
}

#[test]
fn a_worker_that_is_killed_with_a_record_in_hand_has_it_once_more() {
    // About a second of work in both engines.
    let body = "<xsl:template match=\"/\"><xsl:value-of select=\"sum(for $i in 1 to 6000000 return $i mod 7) gt 0\"/></xsl:template>";
    for saxon in saxons() {
        let sheet = compile_on(&saxon, &embedded(sheet_of_version("3.0", body))).unwrap();
        let pid = sheet.saxon().unwrap().pid();
        thread::scope(|scope| {
            let asked = scope.spawn(|| with_worker(&sheet, |worker| worker.apply(b"<a/>", &[])).unwrap().unwrap());
            thread::sleep(Duration::from_millis(100));
            kill(pid);
            assert_eq!(text(&asked.join().unwrap()), "true");
        });
        assert_ne!(sheet.saxon().unwrap().pid(), pid);
    }
}

#[test]
fn a_worker_that_cannot_be_started_again_loses_the_engine_and_no_record() {
    let Some(jar) = jar() else { return eprintln!("left out: there is no Saxon on Java") };
    let folder = Folder::new();
    let link = folder.0.join("saxon.jar");
    symlink(jar, &link).unwrap();
    let saxon = SaxonTerms { at: Some(link.clone()), ..SaxonTerms::default() };
    let sheet = compile_on(&saxon, &embedded(sheet_of_version("3.0", &looping()))).unwrap();
    let mut worker = sheet.worker().unwrap();
    assert!(worker.apply(b"<ok/>", &[]).is_ok());
    fs::remove_file(link).unwrap();
    kill(sheet.saxon().unwrap().pid());
    let error = worker.apply(b"<ok/>", &[]).unwrap_err();
    assert_eq!(error.kind, TransformErrorKind::EngineLost, "{error}");
    assert!(error.message.contains("saxon.jar") && error.hint().is_some(), "{error}");
}

#[test]
fn a_stylesheet_that_kills_saxon_ten_times_in_a_row_loses_the_engine() {
    for saxon in saxons().into_iter().filter(|saxon| !is_java(saxon)) {
        let saxon = SaxonTerms { time: Duration::from_millis(50), ..saxon };
        let mut worker = worker_on(&saxon, &looping());
        let kinds: Vec<_> = (0..10).map(|_| worker.apply(b"<loop/>", &[]).unwrap_err().kind).collect();
        assert!(kinds[..9].iter().all(|kind| *kind == TransformErrorKind::TimeLimit), "{kinds:?}");
        assert_eq!(kinds[9], TransformErrorKind::EngineLost);
    }
}

#[test]
fn what_is_no_saxon_is_refused_with_its_last_words() {
    let folder = Folder::new();
    for (script, words) in [
        ("echo nonsense; echo 'no such module' >&2; exit 5", "code 5: no such module"),
        ("kill -9 $$", "signal 9"),
        ("printf '\\000\\000\\000\\005Q\\000\\000\\000\\000'; sleep 9", "greets"),
    ] {
        let fake = folder.write("python", &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
        let saxon = SaxonTerms { at: Some(fake), ..SaxonTerms::default() };
        let error = compile_on(&saxon, &embedded(sheet_of_version("3.0", &looping()))).unwrap_err();
        let Error::SaxonFailed { place, reason } = &error else { panic!("{error}") };
        assert!(reason.contains(words) && place.contains("python") && error.hint().is_some(), "{error}");
    }
    let saxon = SaxonTerms { at: Some(folder.0.join("nowhere")), ..SaxonTerms::default() };
    let error = compile_on(&saxon, &embedded(sheet_of_version("3.0", &looping()))).unwrap_err();
    assert!(matches!(&error, Error::SaxonFailed { reason, .. } if reason.contains("cannot be started")), "{error}");
}
