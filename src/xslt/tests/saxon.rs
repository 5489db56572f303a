//! What Saxon makes of stylesheets, on Java and on Python: like libxslt where both can run them.

use std::env;
use std::path::PathBuf;
use std::thread;

use super::super::{
    Engine, Error, Output, SaxonTerms, Source, Stylesheet, Terms, TransformError, TransformErrorKind, Worker,
    compile_by, with_worker,
};
use super::{Folder, IDENTITY, embedded, path_text, sheet, sheet_of_version, text};

/// Each Saxon on this machine. `.ci/run` says that both must be there; elsewhere a test says what it leaves out.
pub(super) fn saxons() -> Vec<SaxonTerms> {
    let python = env::var_os("CARTOUCHE_SAXONCHE_PYTHON").map(PathBuf::from);
    let ways = [("on Java (Debian: libsaxonhe-java)", jar()), ("on Python (CARTOUCHE_SAXONCHE_PYTHON)", python)];
    let found = ways.into_iter().filter_map(|(name, at)| {
        let is_missing = at.is_none();
        assert!(!(is_missing && env::var_os("CARTOUCHE_SAXON_REQUIRED").is_some()), "Saxon {name} is missing");
        if is_missing {
            eprintln!("left out: Saxon {name} is not installed");
        }
        Some(SaxonTerms { at: Some(at?), ..SaxonTerms::default() })
    });
    found.collect()
}

pub(super) fn jar() -> Option<PathBuf> {
    let jar = PathBuf::from("/usr/share/java/Saxon-HE.jar");
    let has_java = std::process::Command::new("java").arg("-version").output().is_ok_and(|it| it.status.success());
    (has_java && jar.is_file()).then_some(jar)
}

pub(super) fn is_java(saxon: &SaxonTerms) -> bool {
    saxon.at.as_ref().is_some_and(|at| at.extension().is_some())
}

pub(super) fn compile_on(saxon: &SaxonTerms, source: &Source) -> Result<Stylesheet, Error> {
    compile_by(source, &Terms { saxon: saxon.clone(), ..Terms::default() })
}

/// A stylesheet of version 3.0 with these instructions at its top level, ready to run.
pub(super) fn worker_on(saxon: &SaxonTerms, body: &str) -> Worker {
    compile_on(saxon, &embedded(sheet_of_version("3.0", body))).unwrap().worker().unwrap()
}

pub(super) fn apply_on(saxon: &SaxonTerms, body: &str, record: &str) -> Result<Output, TransformError> {
    worker_on(saxon, body).apply(record.as_bytes(), &[])
}

fn check(body: &str, record: &str, expected: &str) {
    for saxon in saxons() {
        assert_eq!(text(&apply_on(&saxon, body, record).unwrap()), expected, "{saxon:?}");
    }
}

#[test]
fn the_version_decides_the_engine_and_the_terms_win() {
    for saxon in saxons() {
        let engine_of = |engine, text: String| {
            let terms = Terms { engine, saxon: saxon.clone(), ..Terms::default() };
            compile_by(&embedded(text), &terms).map(|sheet| sheet.engine())
        };
        let simplified = "<r xsl:version=\"2.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"/>".to_owned();
        let transform = sheet_of_version("3.0", IDENTITY).replace("xsl:stylesheet", "xsl:transform");
        for text in [sheet_of_version("2.0", IDENTITY), sheet_of_version("3.0", IDENTITY), simplified, transform] {
            assert!(engine_of(Engine::Auto, text.clone()).unwrap().starts_with("Saxon"), "{text}");
            let refused = engine_of(Engine::Libxslt, text).unwrap_err();
            assert!(matches!(refused, Error::Version { .. }), "{refused}");
        }
        let old = sheet(IDENTITY);
        assert!(engine_of(Engine::Auto, old.clone()).unwrap().starts_with("libxslt 1."));
        assert!(engine_of(Engine::Saxon, old).unwrap().starts_with("Saxon"));
        let unknown = engine_of(Engine::Auto, sheet_of_version("4.0", IDENTITY)).unwrap_err();
        assert!(matches!(unknown, Error::Version { .. }), "{unknown}");
    }
}

#[test]
fn one_part_of_a_later_version_takes_the_whole_stylesheet_to_saxon() {
    let folder = Folder::new();
    folder.write(
        "two.xsl",
        &sheet_of_version("2.0", "<xsl:template match=\"/\"><r>{upper-case('x')}</r></xsl:template>"),
    );
    let main = folder.write("a sheet é.xsl", &sheet("<xsl:include href=\"two.xsl\"/>"));
    for saxon in saxons() {
        let compiled = compile_on(&saxon, &Source::File(main.clone())).unwrap();
        assert!(compiled.engine().starts_with("Saxon"));
        assert_eq!(compiled.sources().count(), 2);
    }
}

#[test]
fn what_is_new_in_later_versions_works() {
    let body = "<xsl:function name=\"my:up\"><xsl:param name=\"s\"/><xsl:sequence select=\"upper-case($s)\"/></xsl:function>\
        <xsl:template match=\"/\"><r><xsl:for-each-group select=\"//s\" group-by=\"substring(., 1, 1)\">\
        <g k=\"{current-grouping-key()}\"><xsl:value-of select=\"current-group() ! my:up(.)\" separator=\",\"/></g>\
        </xsl:for-each-group><t><xsl:value-of select=\"tokenize(replace('a-b-c', '-', ';'), ';')\"/></t></r></xsl:template>";
    let record = "<a><s>ab</s><s>b</s><s>ac</s></a>";
    check(body, record, "<r><g k=\"a\">AB,AC</g><g k=\"b\">B</g><t>a b c</t></r>");
}

#[test]
fn parameters_are_strings_that_a_declared_type_may_take() {
    let body = "<xsl:param name=\"p\" select=\"'default'\"/><xsl:param name=\"my:q\"/><xsl:param name=\"n\" as=\"xs:integer\" \
        xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" select=\"0\"/><xsl:template match=\"/\">\
        <xsl:value-of select=\"$p, $my:q, $n + 1\" separator=\"|\"/></xsl:template>";
    for saxon in saxons() {
        let mut worker = worker_on(&saxon, body);
        for value in ["it's", "\"so\"", "concat('a','b')", "$p", "", "a\nb", "<&>", "ž日\u{1F600}"] {
            let output = worker.apply(b"<a/>", &[("p", "x"), ("my:q", value), ("n", "41"), ("unknown", "y")]).unwrap();
            let expected = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            assert_eq!(text(&output), format!("x|{expected}|42"));
        }
        assert_eq!(text(&worker.apply(b"<a/>", &[]).unwrap()), "default||1", "a parameter must not outlive its record");
        for (name, value) in [("p", "a\u{1}b"), ("nowhere:q", "x")] {
            assert_eq!(
                worker.apply(b"<a/>", &[(name, value)]).unwrap_err().kind,
                TransformErrorKind::Parameter,
                "{name}"
            );
        }
        assert_eq!(worker.apply(b"<a/>", &[("n", "many")]).unwrap_err().kind, TransformErrorKind::Failed);
    }
}

#[test]
fn messages_are_captured_in_order_and_belong_to_their_record() {
    let body = "<xsl:template match=\"a\"><xsl:message>one</xsl:message><xsl:message>two of <xsl:value-of select=\"@id\"/>\n\
        </xsl:message><r/></xsl:template><xsl:template match=\"b\"><r/></xsl:template><xsl:template match=\"c\">\
        <xsl:message>before</xsl:message><xsl:message terminate=\"yes\">no title</xsl:message></xsl:template>";
    for saxon in saxons() {
        let mut worker = worker_on(&saxon, body);
        assert_eq!(worker.apply(b"<a id='7'/>", &[]).unwrap().messages, ["one", "two of 7"]);
        let error = worker.apply(b"<c/>", &[]).unwrap_err();
        assert_eq!(
            (error.kind, error.to_string().as_str()),
            (TransformErrorKind::Terminated, "the stylesheet gave up: no title")
        );
        assert_eq!(error.messages, ["before", "no title"]);
        assert!(worker.apply(b"<b/>", &[]).unwrap().messages.is_empty());
    }
}

#[test]
fn errors_name_file_and_line() {
    let folder = Folder::new();
    let part = folder.write("deep/part.xsl", &sheet_of_version("3.0", "\n<xsl:template match=\"a[\"/>"));
    folder.write("broken.xsl", "<a>\n<b></a>");
    let including = |href: &str| sheet_of_version("3.0", &format!("<xsl:include href=\"{href}\"/>"));
    let wrong = folder.write("wrong.xsl", &including("deep/part.xsl"));
    let not_xml = folder.write("not-xml.xsl", &including("broken.xsl"));
    let missing = folder.write("missing.xsl", &including("n%C3%B6ne%20two.xsl"));
    let divides = "<xsl:template match=\"/\">\n<r><xsl:value-of select=\"1 div count(/b)\"/></r></xsl:template>";
    let fails = folder.write("fails.xsl", &sheet_of_version("3.0", &divides.replace("div", "idiv")));
    for saxon in saxons() {
        let error = compile_on(&saxon, &Source::File(wrong.clone())).unwrap_err();
        let Error::Compile { file, line, message } = &error else { panic!("{error}") };
        assert_eq!((file, *line), (&path_text(&part), Some(3)), "{error}");
        assert!(message.contains("XTSE0340") || message.contains("XPST0003"), "{message}");
        let error = compile_on(&saxon, &Source::File(not_xml.clone())).unwrap_err();
        let Error::NotWellFormed { file, line, .. } = &error else { panic!("{error}") };
        assert_eq!((file, *line), (&path_text(&folder.0.join("broken.xsl")), Some(2)), "{error}");
        let error = compile_on(&saxon, &Source::File(missing.clone())).unwrap_err();
        let Error::Read { path, .. } = &error else { panic!("{error}") };
        assert_eq!(*path, folder.0.join("nöne two.xsl"));
        let mut worker = compile_on(&saxon, &Source::File(fails.clone())).unwrap().worker().unwrap();
        let error = worker.apply(b"<a/>", &[]).unwrap_err();
        assert_eq!(error.kind, TransformErrorKind::Failed);
        assert!(error.message.contains("division by zero"), "{error}");
        // saxonche says on standard error only where it happened.
        let place = is_java(&saxon).then(|| (path_text(&fails), 3)).unzip();
        assert_eq!((error.file, error.line), place);
    }
}

#[test]
fn the_stylesheet_itself_is_a_document_to_look_things_up_in() {
    let body = "<my:table><my:row k=\"de\">German</my:row></my:table><xsl:template match=\"/\"><r>\
        <xsl:value-of select=\"document('')/*/my:table/my:row[@k='de']\"/></r></xsl:template>";
    check(body, "<a/>", "<r>German</r>");
}

#[test]
fn a_broken_record_is_an_error_with_its_line_and_the_next_one_is_not() {
    for saxon in saxons() {
        let mut worker = worker_on(&saxon, IDENTITY);
        let records: [&[u8]; 8] = [
            b"<a>\n<b></a>",
            b"",
            b"<a>\n<x:b/></a>",
            b"<a>\n&nbsp;</a>",
            b"<a/>\n<b/>",
            b"<a>\n\x01</a>",
            b"<a>\xFF</a>",
            b"text",
        ];
        for record in records {
            let shown = String::from_utf8_lossy(record);
            let error = worker.apply(record, &[]).unwrap_err();
            assert_eq!(
                (error.kind, error.file),
                (TransformErrorKind::NotWellFormed, None),
                "{shown}: {}",
                error.message
            );
            if record.contains(&b'\n') {
                assert_eq!(error.line, Some(2), "{shown}");
            }
            assert_eq!(text(&worker.apply(b"<ok/>", &[]).unwrap()), "<ok/>");
        }
    }
}

#[test]
fn a_stylesheet_that_makes_nothing_makes_nothing_to_package() {
    for saxon in saxons() {
        let output = worker_on(&saxon, "<xsl:template match=\"/\"/>").apply(b"<a/>", &[]).unwrap();
        assert!(crate::dc_xml::read_record(text(&output)).is_err(), "{}", text(&output));
    }
}

#[test]
fn threads_share_the_process_and_agree() {
    let body = "<xsl:param name=\"p\"/><xsl:template match=\"/\"><xsl:value-of select=\"$p, //s\" separator=\"-\"/></xsl:template>";
    for saxon in saxons() {
        let sheet = compile_on(&saxon, &embedded(sheet_of_version("3.0", body))).unwrap();
        let one = |n: u32| {
            let (record, p) = (format!("<a><s>{n}</s><s>é{}</s></a>", n % 7), format!("p{n}"));
            let output = with_worker(&sheet, |worker| worker.apply(record.as_bytes(), &[("p", &p)]).unwrap()).unwrap();
            assert_eq!(text(&output), format!("p{n}-{n}-é{}", n % 7));
        };
        thread::scope(|scope| {
            (0..4).for_each(|thread| drop(scope.spawn(move || (0..100).for_each(|n| one(thread * 1000 + n)))));
        });
    }
}

#[test]
fn the_classes_are_made_from_the_source_beside_them() {
    let folder = Folder::new();
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/xslt/saxon");
    let made_by = std::fs::read_to_string(here.join("classes/javac")).unwrap();
    let javac = std::process::Command::new("javac").arg("-version").output();
    let ours = javac.map(|it| String::from_utf8_lossy(&it.stdout).into_owned()).unwrap_or_default();
    if ours != made_by || jar().is_none() {
        eprintln!("left out: {} is not here, or no libsaxonhe-java", made_by.trim());
        return;
    }
    let built = std::process::Command::new(here.join("build.sh")).arg(&folder.0).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let names = |folder: PathBuf| {
        let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let (fresh, kept) = (folder.0.join("cartouche"), here.join("classes/cartouche"));
    assert_eq!(names(fresh.clone()), names(kept.clone()));
    for name in names(kept.clone()) {
        let same = std::fs::read(fresh.join(&name)).unwrap() == std::fs::read(kept.join(&name)).unwrap();
        assert!(same, "{name:?} is not what build.sh makes: run src/xslt/saxon/build.sh");
    }
}
