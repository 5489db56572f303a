//! Stylesheets and records that mean harm.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use super::super::{Error, Limits, Source, TransformError, TransformErrorKind, compile};
use super::{Folder, IDENTITY, apply, compiled, embedded, path_text, sheet, text};

const LAUGHS: &str = "<!DOCTYPE r [<!ENTITY a \"ha ha ha ha ha ha ha ha ha ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">\
    <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">\
    <!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\"><!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\">\
    <!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;\"><!ENTITY h \"&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;\">]>";

fn refused(body: &str) -> TransformError {
    let error = apply(body, "<a/>").unwrap_err();
    assert_eq!(error.kind, TransformErrorKind::Failed, "{error}");
    error
}

/// A worker must end `body` by `kind`, quickly, and go on to the next record.
fn stops(body: &str, kind: TransformErrorKind) {
    let guarded = format!("{body}<xsl:template match=\"ok\"><ok/></xsl:template>");
    let sheet = compiled(&guarded);
    let mut worker = sheet.worker().unwrap();
    for _ in 0..2 {
        let started = Instant::now();
        let error = worker.apply(b"<a>x</a>", &[]).unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.hint().is_some());
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
        assert_eq!(text(&worker.apply(b"<ok/>", &[]).unwrap()), "<ok/>");
    }
}

#[test]
fn an_include_outside_the_folder_is_refused() {
    let folder = Folder::new();
    folder.write("secret.xsl", &sheet(IDENTITY));
    let outside = path_text(&folder.0.join("secret.xsl"));
    let beside = folder.write("sheets-too/secret.xsl", &sheet(IDENTITY));
    fs::create_dir_all(folder.0.join("sheets")).unwrap();
    symlink(folder.0.join("secret.xsl"), folder.0.join("sheets/link.xsl")).unwrap();
    symlink(&folder.0, folder.0.join("sheets/up")).unwrap();
    let beside = path_text(&beside);
    let hrefs = [
        "../secret.xsl",
        "link.xsl",
        "up/secret.xsl",
        &outside,
        &beside,
        "http://localhost:9/x.xsl",
        "..%2Fsecret.xsl",
    ];
    for href in hrefs {
        let href = href.replace(' ', "%20").replace('é', "%C3%A9");
        for how in ["include", "import"] {
            folder.write("sheets/sheet.xsl", &sheet(&format!("<xsl:{how} href=\"{href}\"/>")));
            let error = folder.compile("sheets/sheet.xsl").unwrap_err();
            assert!(matches!(error, Error::Include { .. }), "{href}: {error}");
            assert!(error.hint().is_some());
        }
    }
}

#[test]
fn a_base_uri_does_not_lead_out_of_the_folder() {
    let folder = Folder::new();
    folder.write("secret.xsl", &sheet(IDENTITY));
    folder.write("in/sheet.xsl", &sheet("<xsl:include xml:base=\"../\" href=\"secret.xsl\"/>"));
    assert!(matches!(folder.compile("in/sheet.xsl").unwrap_err(), Error::Include { .. }));
}

#[test]
fn a_link_that_stays_in_the_folder_is_followed() {
    let folder = Folder::new();
    folder.write("real/part.xsl", &sheet(IDENTITY));
    symlink("real/part.xsl", folder.0.join("link.xsl")).unwrap();
    folder.write("sheet.xsl", &sheet("<xsl:include href=\"link.xsl\"/>"));
    folder.compile("sheet.xsl").unwrap();
}

#[test]
fn an_embedded_stylesheet_includes_nothing() {
    for href in ["x.xsl", "/etc/passwd", "file:///etc/passwd"] {
        let error =
            compile(&embedded(sheet(&format!("<xsl:include href=\"{href}\"/>"))), Limits::default()).unwrap_err();
        assert!(matches!(error, Error::Include { .. }), "{href}: {error}");
    }
}

#[test]
fn includes_that_go_round_or_explode_end() {
    let folder = Folder::new();
    folder.write("a.xsl", &sheet("<xsl:include href=\"b.xsl\"/>"));
    folder.write("b.xsl", &sheet("<xsl:include href=\"a.xsl\"/>"));
    assert!(matches!(folder.compile("a.xsl").unwrap_err(), Error::Compile { .. }));
    for n in 0..20 {
        let next = format!("<xsl:import href=\"{0}.xsl\"/><xsl:import href=\"{0}.xsl\"/>", n + 1);
        folder.write(&format!("{n}.xsl"), &sheet(&next));
    }
    folder.write("20.xsl", &sheet(""));
    assert!(matches!(folder.compile("0.xsl").unwrap_err(), Error::Compile { .. }));
}

#[test]
fn a_pipe_is_not_read() {
    let folder = Folder::new();
    folder.write("sheet.xsl", &sheet("<xsl:include href=\"pipe.xsl\"/>"));
    let made = std::process::Command::new("mkfifo").arg(folder.0.join("pipe.xsl")).status().unwrap();
    assert!(made.success());
    assert!(matches!(folder.compile("sheet.xsl").unwrap_err(), Error::Read { .. }));
}

#[test]
fn documents_are_refused_and_leak_nothing() {
    let folder = Folder::new();
    let secret = folder.write("secret.xml", "<s>TOPSECRET</s>");
    let uri = format!("file://{}", path_text(&secret).replace(' ', "%20").replace('é', "%C3%A9"));
    let copy = |href: &str| {
        format!(
            "<xsl:template match=\"/\"><r><xsl:message><xsl:copy-of select=\"document('{href}')\"/></xsl:message></r></xsl:template>"
        )
    };
    for href in [
        "secret.xml",
        &uri,
        "http://localhost:9/",
        "/etc/hostname",
        "file:///etc/hostname#xpointer(/)",
        "ftp://localhost/x",
    ] {
        folder.write("sheet.xsl", &sheet(&copy(href)));
        let error = folder.compile("sheet.xsl").unwrap().worker().unwrap().apply(b"<a/>", &[]).unwrap_err();
        assert_eq!(error.kind, TransformErrorKind::Failed, "{href}: {error}");
        assert!(error.message.contains("denied") || error.message.contains("refused"), "{href}: {error}");
        assert!(!format!("{error:?}").contains("TOPSECRET"));
        assert!(error.hint().is_some());
    }
}

#[test]
fn a_record_that_names_a_document_does_not_get_it() {
    let body = "<xsl:template match=\"/\"><r><xsl:copy-of select=\"document(/a)\"/></r></xsl:template>";
    let error = apply(body, "<a>file:///etc/hostname</a>").unwrap_err();
    assert_eq!(error.kind, TransformErrorKind::Failed, "{error}");
}

#[test]
fn no_instruction_writes_a_file() {
    let folder = Folder::new();
    let target = folder.0.join("written.xml");
    let quoted = path_text(&target);
    let namespaces = "xmlns:xt=\"http://www.jclark.com/xt\" xmlns:saxon=\"http://icl.com/saxon\" \
        xmlns:redirect=\"org.apache.xalan.xslt.extensions.Redirect\" \
        xsl:extension-element-prefixes=\"xt saxon redirect\"";
    let refusals = [
        format!("<exsl:document href=\"{quoted}\"><x/></exsl:document>"),
        format!("<xsl:document href=\"{quoted}\"><x/></xsl:document>"),
        format!("<exsl:document href=\"{quoted}/deep/x.xml\"><x/></exsl:document>"),
        "<exsl:document href=\"http://localhost:9/x.xml\"><x/></exsl:document>".to_owned(),
    ];
    for instruction in refusals {
        refused(&format!("<xsl:template match=\"/\"><r>{instruction}</r></xsl:template>"));
        assert!(!target.exists(), "{instruction}");
    }
    let unknown_here = [
        format!("<xt:document {namespaces} href=\"{quoted}\"><x/></xt:document>"),
        format!("<saxon:output {namespaces} file=\"{quoted}\"><x/></saxon:output>"),
        format!("<redirect:write {namespaces} select=\"'{quoted}'\"><x/></redirect:write>"),
    ];
    for instruction in unknown_here {
        let _ = apply(&format!("<xsl:template match=\"/\"><r>{instruction}</r></xsl:template>"), "<a/>");
        assert!(!target.exists(), "{instruction}");
    }
}

#[test]
fn a_doctype_in_a_record_is_refused() {
    let sheet = compiled(IDENTITY);
    let mut worker = sheet.worker().unwrap();
    let laughs = format!("{LAUGHS}<r>&h;</r>");
    let records = [
        "<!DOCTYPE r><r/>",
        "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><r>&x;</r>",
        "<!DOCTYPE r SYSTEM \"http://localhost:9/x.dtd\"><r/>",
        "<!DOCTYPE r [<!ENTITY % p SYSTEM \"http://localhost:9/x.dtd\"> %p;]><r/>",
        laughs.as_str(),
    ];
    for record in records {
        let error = worker.apply(record.as_bytes(), &[]).unwrap_err();
        assert_eq!(error.kind, TransformErrorKind::Doctype, "{error}");
        assert_eq!(text(&worker.apply(b"<r/>", &[]).unwrap()), "<r/>");
    }
}

#[test]
fn a_record_of_200000_levels_is_refused() {
    let record = format!("{}{}", "<a>".repeat(200_000), "</a>".repeat(200_000));
    let error = apply(IDENTITY, &record).unwrap_err();
    assert_eq!(error.kind, TransformErrorKind::NotWellFormed);
    assert!(error.message.contains("depth"), "{error}");
    assert!(!error.message.contains("HUGE"), "{error}");
}

#[test]
fn a_record_that_fills_the_memory_is_refused() {
    let sheet = compiled(IDENTITY);
    let mut worker = sheet.worker().unwrap();
    for record in [format!("<a>{}</a>", "<b/>".repeat(4_000_000)), format!("<a>{}</a>", "x ".repeat(40_000_000))] {
        let error = worker.apply(record.as_bytes(), &[]).unwrap_err();
        assert_eq!(error.kind, TransformErrorKind::MemoryLimit, "{error}");
        assert_eq!(text(&worker.apply(b"<r/>", &[]).unwrap()), "<r/>");
    }
}

#[test]
fn entities_of_a_stylesheet_work_and_stay_small() {
    let with_dtd = |dtd: &str, text: &str| {
        format!("{dtd}{}", sheet(&format!("<xsl:template match=\"/\"><r>{text}</r></xsl:template>")))
    };
    let simple = with_dtd("<!DOCTYPE xsl:stylesheet [<!ENTITY nbsp \"&#160;\">]>", "a&nbsp;b");
    let compiled = compile(&embedded(simple), Limits::default()).unwrap();
    assert_eq!(text(&compiled.worker().unwrap().apply(b"<a/>", &[]).unwrap()), "<r>a\u{A0}b</r>");
    let error = compile(&embedded(with_dtd(LAUGHS, "&h;")), Limits::default()).unwrap_err();
    assert!(matches!(error, Error::NotWellFormed { .. } | Error::TooLarge { .. }), "{error}");
    let external = "<!DOCTYPE xsl:stylesheet [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>";
    let error = compile(&embedded(with_dtd(external, "&x;")), Limits::default()).unwrap_err();
    assert!(matches!(&error, Error::ExternalEntity { entity, .. } if entity == "file:///etc/hostname"), "{error}");
    let lost = "<!DOCTYPE xsl:stylesheet SYSTEM \"http://localhost:9/latin1.dtd\">";
    let error = compile(&embedded(with_dtd(lost, "a&eacute;b")), Limits::default()).unwrap_err();
    assert!(matches!(error, Error::NotWellFormed { .. }), "{error}");
}

#[test]
fn recursion_without_end_is_stopped() {
    let started = Instant::now();
    stops(
        "<xsl:template match=\"a\"><xsl:call-template name=\"t\"/></xsl:template>\
         <xsl:template name=\"t\"><xsl:call-template name=\"t\"/></xsl:template>",
        TransformErrorKind::DepthLimit,
    );
    stops(
        "<xsl:template match=\"a\"><xsl:apply-templates select=\".\"/></xsl:template>",
        TransformErrorKind::DepthLimit,
    );
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn recursion_that_fills_the_stack_is_stopped() {
    // Each of the 1,000 levels that are allowed is 60 instructions deep here, and a test's stack has 2 MiB.
    let nested =
        format!("{}<xsl:call-template name=\"t\"/>{}", "<b><xsl:if test=\"1\">".repeat(60), "</xsl:if></b>".repeat(60));
    stops(
        &format!(
            "<xsl:template match=\"a\"><xsl:call-template name=\"t\"/></xsl:template><xsl:template name=\"t\">{nested}</xsl:template>"
        ),
        TransformErrorKind::DepthLimit,
    );
}

#[test]
fn a_loop_of_loops_is_stopped() {
    let (open, close) = (
        "<xsl:for-each select=\"str:split('1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30')\">",
        "</xsl:for-each>",
    );
    let body = format!(
        "<xsl:template match=\"a\"><r>{}<xsl:if test=\"1=2\"><x/></xsl:if>{}</r></xsl:template>",
        open.repeat(7),
        close.repeat(7)
    );
    stops(&body, TransformErrorKind::OperationLimit);
    let nested = "//node()[count(".repeat(7) + "//node()" + &")>0]".repeat(7);
    let many = "<a>".to_owned() + &"<b/>".repeat(200) + "</a>";
    let body = format!("<xsl:template match=\"/\"><r><xsl:value-of select=\"count({nested})\"/></r></xsl:template>");
    assert_eq!(apply(&body, &many).unwrap_err().kind, TransformErrorKind::OperationLimit);
}

#[test]
fn work_on_long_strings_counts_as_work() {
    // 16,000 million characters to copy and look through, in about a million operations.
    let (open, close) = (
        "<xsl:for-each select=\"str:split('1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20')\">",
        "</xsl:for-each>",
    );
    let body = format!(
        "<xsl:variable name=\"long\" select=\"str:padding(100000, 'x')\"/><xsl:template match=\"a\"><r>{}<xsl:if test=\"contains($long, 'y')\"><y/></xsl:if>{}</r></xsl:template>",
        open.repeat(4),
        close.repeat(4)
    );
    stops(&body, TransformErrorKind::OperationLimit);
}

#[test]
fn a_string_that_doubles_without_end_is_stopped() {
    let doubling = "<xsl:template match=\"a\"><r><xsl:call-template name=\"t\"><xsl:with-param name=\"s\" select=\"'0123456789'\"/></xsl:call-template></r></xsl:template>\
        <xsl:template name=\"t\"><xsl:param name=\"s\"/><xsl:call-template name=\"t\"><xsl:with-param name=\"s\" select=\"concat($s,$s)\"/></xsl:call-template></xsl:template>";
    stops(doubling, TransformErrorKind::MemoryLimit);
}

#[test]
fn a_tree_that_doubles_without_end_is_stopped() {
    let body = "<xsl:template match=\"a\"><xsl:call-template name=\"t\"><xsl:with-param name=\"n\"><x/></xsl:with-param></xsl:call-template></xsl:template>\
        <xsl:template name=\"t\"><xsl:param name=\"n\"/><xsl:call-template name=\"t\"><xsl:with-param name=\"n\"><xsl:copy-of select=\"$n\"/><xsl:copy-of select=\"$n\"/></xsl:with-param></xsl:call-template></xsl:template>";
    stops(body, TransformErrorKind::MemoryLimit);
}

#[test]
fn a_small_budget_is_kept_and_a_large_file_is_not_compiled() {
    let limits = Limits { memory: 1024 * 1024, ..Limits::default() };
    let long = vec!["str:padding(100000, 'x')"; 20].join(",");
    let body = format!(
        "<xsl:template match=\"a\"><r><xsl:value-of select=\"concat({long})\"/></r></xsl:template>\
        <xsl:template match=\"b\"><r/></xsl:template>"
    );
    let sheet = compile(&embedded(sheet(&body)), limits).unwrap();
    let mut worker = sheet.worker().unwrap();
    assert_eq!(worker.apply(b"<a/>", &[]).unwrap_err().kind, TransformErrorKind::MemoryLimit);
    assert_eq!(text(&worker.apply(b"<b/>", &[]).unwrap()), "<r/>");
    let folder = Folder::new();
    let large = super::sheet(&"<xsl:template match=\"a\"><r/></xsl:template>".repeat(20_000));
    let path = folder.write("large.xsl", &large);
    let small = Limits { memory: 4 * 1024 * 1024, ..Limits::default() };
    assert!(matches!(compile(&Source::File(path), small).unwrap_err(), Error::TooLarge { .. }));
}
