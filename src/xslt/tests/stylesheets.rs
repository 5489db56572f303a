//! Stylesheets that are right, and those that are wrong by mistake.

use std::path::Path;
use std::thread;

use super::super::{
    Engine, Error, Limits, Source, Stylesheet, Terms, TransformErrorKind, compile, compile_by, with_worker,
};
use super::{Folder, IDENTITY, apply, check, compiled, embedded, path_text, sheet, sheet_of_version, text};

const PARAMETERS: &str = "<xsl:param name=\"p\" select=\"'default'\"/><xsl:param name=\"my:q\"/>\
    <xsl:template match=\"/\"><r p=\"{$p}\"><xsl:value-of select=\"$my:q\"/></r></xsl:template>";

#[test]
fn the_identity_stylesheet_changes_nothing() {
    let record = "<dc:record xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
        <dc:identifier xsi:type=\"dcterms:URI\">é &amp; &lt;x&gt;</dc:identifier><!-- c --><?pi x?></dc:record>";
    check(IDENTITY, record, record);
}

#[test]
fn cdata_is_text_like_any_other() {
    let body = "<xsl:template match=\"/\"><r><xsl:value-of select=\"count(/a/text())\"/></r></xsl:template>";
    check(body, "<a>one <![CDATA[& two]]> three</a>", "<r>1</r>");
}

#[test]
fn parameters_are_strings_whatever_they_hold() {
    let sheet = compiled(PARAMETERS);
    let mut worker = sheet.worker().unwrap();
    for value in ["it's", "\"so\"", "both ' and \"", "concat('a','b')", "$p", "", "a\nb", "<&>", "ž日"] {
        let output = worker.apply(b"<a/>", &[("p", "x"), ("my:q", value)]).unwrap();
        let expected = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let expected = match value {
            "" => "<r p=\"x\"/>".to_owned(),
            _ => format!("<r p=\"x\">{expected}</r>"),
        };
        assert_eq!(text(&output), expected);
    }
    let output = worker.apply(b"<a/>", &[]).unwrap();
    assert_eq!(text(&output), "<r p=\"default\"/>", "a parameter must not outlive its record");
}

#[test]
fn a_parameter_that_the_stylesheet_does_not_declare_is_ignored() {
    let sheet = compiled(PARAMETERS);
    let output = sheet.worker().unwrap().apply(b"<a/>", &[("unknown", "x"), ("p", "y")]).unwrap();
    assert_eq!((text(&output), output.messages.len()), ("<r p=\"y\"/>", 0));
}

#[test]
fn a_parameter_that_xml_cannot_hold_is_an_error() {
    let sheet = compiled(PARAMETERS);
    for value in ["a\0b", "a\u{1}b", "\u{FFFE}"] {
        let error = sheet.worker().unwrap().apply(b"<a/>", &[("p", value)]).unwrap_err();
        assert_eq!(error.kind, TransformErrorKind::Parameter);
    }
}

#[test]
fn messages_are_captured_in_order_and_do_not_leak_into_the_next_record() {
    let body = "<xsl:template match=\"a\"><xsl:message>one</xsl:message><xsl:message>runtime error: 50%s of \
        <xsl:value-of select=\"@id\"/>\n</xsl:message><r/></xsl:template><xsl:template match=\"b\"><r/></xsl:template>";
    let sheet = compiled(body);
    let mut worker = sheet.worker().unwrap();
    let output = worker.apply(b"<a id='7'/>", &[]).unwrap();
    assert_eq!(output.messages, ["one", "runtime error: 50%s of 7"]);
    assert!(worker.apply(b"<b/>", &[]).unwrap().messages.is_empty());
}

#[test]
fn a_stylesheet_that_terminates_is_an_error_with_its_words() {
    let body = "<xsl:template match=\"/\"><xsl:message>before</xsl:message><xsl:message terminate=\"yes\">no title in \
        <xsl:value-of select=\"/a/@id\"/></xsl:message></xsl:template>";
    let error = apply(body, "<a id='IE7'/>").unwrap_err();
    assert_eq!(error.kind, TransformErrorKind::Terminated);
    assert_eq!(error.to_string(), "the stylesheet gave up: no title in IE7");
    assert_eq!(error.messages, ["before", "no title in IE7"]);
}

#[test]
fn an_error_while_transforming_names_file_and_line() {
    let folder = Folder::new();
    let body = "<xsl:template match=\"/\">\n<r><xsl:value-of select=\"my:nothing()\"/></r></xsl:template>";
    let path = folder.write("a b.xsl", &sheet(body));
    let error = folder.compile("a b.xsl").unwrap().worker().unwrap().apply(b"<a/>", &[]).unwrap_err();
    assert_eq!(error.kind, TransformErrorKind::Failed);
    assert_eq!((error.file.clone(), error.line), (Some(path_text(&path)), Some(3)), "{error}");
    assert!(error.message.contains("function nothing not found"), "{error}");
}

#[test]
fn a_compile_error_names_file_and_line() {
    let folder = Folder::new();
    let path =
        folder.write("sheet.xsl", &sheet("<xsl:template match=\"/\">\n<xsl:value-of select=\"a[\"/></xsl:template>"));
    let Err(Error::Compile { file, line, message }) = folder.compile("sheet.xsl") else { panic!("it compiled") };
    assert_eq!((file, line), (path_text(&path), Some(3)));
    assert!(message.contains("could not compile select expression 'a['"), "{message}");
    assert!(message.contains("Invalid expression"), "{message}");
}

#[test]
fn a_compile_error_in_an_included_file_names_that_file() {
    let folder = Folder::new();
    folder.write("sheet.xsl", &sheet("<xsl:include href=\"deep/part.xsl\"/>"));
    let part = folder.write("deep/part.xsl", &sheet("\n<xsl:template><a/></xsl:template>"));
    let Err(Error::Compile { file, line, .. }) = folder.compile("sheet.xsl") else { panic!("it compiled") };
    assert_eq!((file, line), (path_text(&part), Some(3)));
}

#[test]
fn a_stylesheet_that_is_not_xml_names_file_and_line() {
    let folder = Folder::new();
    folder.write("sheet.xsl", &sheet("<xsl:include href=\"part.xsl\"/>"));
    let part = folder.write("part.xsl", "<a>\n<b></a>");
    let Err(Error::NotWellFormed { file, line, .. }) = folder.compile("sheet.xsl") else { panic!("it compiled") };
    assert_eq!((file, line), (path_text(&part), Some(2)));
    folder.write("prefix.xsl", &sheet("<xsl:template match=\"/\"><dc:title/></xsl:template>"));
    let Err(Error::NotWellFormed { message, .. }) = folder.compile("prefix.xsl") else { panic!("it compiled") };
    assert!(message.contains("dc"), "{message}");
}

#[test]
fn a_variable_in_a_match_pattern_gets_a_hint() {
    let body = "<xsl:param name=\"p\"/><xsl:template match=\"a[. = $p]\"/>";
    let error = compile(&embedded(sheet(body)), Limits::default()).unwrap_err();
    assert!(error.to_string().contains("Forbidden variable"), "{error}");
    assert!(error.hint().unwrap().contains("match pattern"));
}

#[test]
fn a_missing_file_and_a_missing_include_are_named() {
    let folder = Folder::new();
    let Err(Error::Read { path, .. }) = folder.compile("none.xsl") else { panic!("it compiled") };
    assert_eq!(path, folder.0.join("none.xsl"));
    folder.write("sheet.xsl", &sheet("<xsl:import href=\"n%C3%B6ne%20two.xsl\"/>"));
    let error = folder.compile("sheet.xsl").unwrap_err();
    let Error::Read { path, .. } = &error else { panic!("{error}") };
    assert_eq!(*path, folder.0.join("nöne two.xsl"));
}

#[test]
fn something_else_is_not_a_stylesheet() {
    let error = compile(&embedded("<record xmlns=\"urn:x\"/>".to_owned()), Limits::default()).unwrap_err();
    assert!(matches!(&error, Error::NotAStylesheet { root, .. } if root == "record"), "{error}");
}

fn by_libxslt(source: &Source) -> Result<Stylesheet, Error> {
    compile_by(source, &Terms { engine: Engine::Libxslt, ..Terms::default() })
}

#[test]
fn other_versions_of_xslt_are_refused_by_name() {
    for version in ["2.0", "3.0", " 2.0 ", "4", "xslt"] {
        let error = by_libxslt(&embedded(sheet_of_version(version, IDENTITY))).unwrap_err();
        assert!(matches!(&error, Error::Version { version: it, .. } if it == version.trim()), "{error}");
        assert!(error.hint().unwrap().contains("XSLT 1.0"));
    }
    let simplified = |version| {
        format!(
            "<r xsl:version=\"{version}\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"><xsl:value-of select=\"a\"/></r>"
        )
    };
    let error = by_libxslt(&embedded(simplified("3.0"))).unwrap_err();
    assert!(matches!(error, Error::Version { .. }), "{error}");
    let sheet = compile(&embedded(simplified("1.0")), Limits::default()).unwrap();
    let output = sheet.worker().unwrap().apply(b"<a>x</a>", &[]).unwrap();
    assert!(text(&output).ends_with("<r>x</r>"));
    compile(&embedded(sheet_of_version("1.1", IDENTITY)), Limits::default()).unwrap();
}

#[test]
fn another_version_is_refused_inside_an_include_and_an_import() {
    let folder = Folder::new();
    let part = folder.write("two.xsl", &sheet_of_version("2.0", IDENTITY));
    for how in ["include", "import"] {
        folder.write("sheet.xsl", &sheet(&format!("<xsl:{how} href=\"two.xsl\"/>")));
        let error = by_libxslt(&Source::File(folder.0.join("sheet.xsl"))).unwrap_err();
        assert!(matches!(&error, Error::Version { file, .. } if *file == path_text(&part)), "{error}");
    }
}

#[test]
fn parts_are_read_once_and_belong_to_the_sources() {
    let folder = Folder::new();
    let main = sheet("<xsl:import href=\"deep/part.xsl\"/><xsl:include href=\"other.xsl\"/>");
    let part = sheet("<xsl:include href=\"../other.xsl\"/><xsl:template match=\"/\"><r/></xsl:template>");
    let other = sheet("<xsl:variable name=\"v\" select=\"1\"/>");
    folder.write("sheet.xsl", &main);
    folder.write("deep/part.xsl", &part);
    let changed = folder.write("other.xsl", &other);
    let compiled = folder.compile("sheet.xsl").unwrap();
    std::fs::write(changed, "<gone/>").unwrap();
    assert_eq!(text(&compiled.worker().unwrap().apply(b"<a/>", &[]).unwrap()), "<r/>");
    let sources: Vec<&[u8]> = compiled.sources().collect();
    assert_eq!(sources, [main.as_bytes(), part.as_bytes(), other.as_bytes()]);
    assert_eq!(compiled.name(), path_text(&folder.0.join("sheet.xsl")));
}

#[test]
fn the_stylesheet_itself_is_a_document_to_look_things_up_in() {
    let body = "<my:table><my:row k=\"de\">German</my:row></my:table><xsl:key name=\"row\" match=\"my:row\" use=\"@k\"/>\
        <xsl:template match=\"/\"><r><xsl:value-of select=\"document('')/*/my:table/my:row[@k='de']\"/>\
        <xsl:for-each select=\"document('')\">,<xsl:value-of select=\"key('row','de')\"/></xsl:for-each></r></xsl:template>";
    check(body, "<a/>", "<r>German,German</r>");
    let folder = Folder::new();
    folder.write("a b.xsl", &sheet(body));
    let output = folder.compile("a b.xsl").unwrap().worker().unwrap().apply(b"<a/>", &[]).unwrap();
    assert_eq!(text(&output), "<r>German,German</r>");
}

#[test]
fn the_result_is_in_the_encoding_that_it_names() {
    let output = |encoding: &str, method: &str| {
        let body = format!(
            "<xsl:output method=\"{method}\" encoding=\"{encoding}\"/><xsl:template match=\"/\"><r><xsl:value-of select=\"a\"/></r></xsl:template>"
        );
        apply(&body, "<a>é€</a>").map(|it| it.bytes)
    };
    assert_eq!(output("ISO-8859-1", "xml").unwrap().trim_ascii_end(), b"<r>\xE9&#8364;</r>");
    assert_eq!(output("UTF-8", "text").unwrap(), "é€".as_bytes());
    let utf16: Vec<u16> =
        output("UTF-16", "xml").unwrap().chunks(2).map(|it| u16::from_le_bytes([it[0], it[1]])).collect();
    assert_eq!(String::from_utf16(&utf16).unwrap().trim_end(), "\u{FEFF}<r>é€</r>");
    let unknown = sheet("<xsl:output encoding=\"KLINGON\"/>");
    let error = compile(&embedded(unknown), Limits::default()).unwrap_err();
    assert!(error.to_string().contains("encoding"), "{error}");
}

#[test]
fn a_stylesheet_that_makes_nothing_gives_no_bytes() {
    check("<xsl:template match=\"/\"/>", "<a/>", "");
}

#[test]
fn extension_functions_of_exslt_are_there() {
    let body = "<xsl:template match=\"/\"><r><xsl:for-each select=\"str:tokenize(a, ';')\"><t><xsl:value-of select=\".\"/></t>\
        </xsl:for-each></r></xsl:template>";
    check(body, "<a>x;y</a>", "<r><t>x</t><t>y</t></r>");
}

#[test]
fn a_broken_record_is_an_error_with_its_line_and_the_next_one_is_not() {
    let sheet = compiled(IDENTITY);
    let mut worker = sheet.worker().unwrap();
    for record in ["<a>\n<b></a>", "", "<a>\n<x:b/></a>", "<a>\n&nbsp;</a>", "<a/>\n<b/>", "<a>\n\u{1}</a>"] {
        let error = worker.apply(record.as_bytes(), &[]).unwrap_err();
        assert_eq!(error.kind, TransformErrorKind::NotWellFormed, "{record}");
        assert_eq!((error.file, error.line), (None, Some(if record.is_empty() { 1 } else { 2 })), "{record}");
        assert_eq!(text(&worker.apply(b"<ok/>", &[]).unwrap()), "<ok/>");
    }
}

#[test]
fn a_namespace_that_is_not_a_uri_harms_nobody() {
    let record = "<a xmlns:x=\"http://example.org/a b\"><x:b/></a>";
    check(IDENTITY, record, record);
}

#[test]
fn threads_with_their_own_worker_agree() {
    let body = "<xsl:key name=\"s\" match=\"s\" use=\"substring(.,1,1)\"/><xsl:param name=\"p\"/><xsl:template match=\"/\"><r p=\"{$p}\">\
        <xsl:for-each select=\"//s[generate-id() = generate-id(key('s',substring(.,1,1))[1])]\"><xsl:sort select=\".\"/>\
        <xsl:copy-of select=\"key('s',substring(.,1,1))\"/></xsl:for-each></r></xsl:template>";
    let sheet = compiled(body);
    let record = |n: u32| format!("<a><s>{}</s><s>{}</s><s>{}</s></a>", n % 7, n % 11, n);
    let all = || -> Vec<Vec<u8>> {
        let one =
            |n| with_worker(&sheet, |worker| worker.apply(record(n).as_bytes(), &[("p", "x")]).unwrap().bytes).unwrap();
        (0..2000).map(one).collect()
    };
    let results: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(all)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(results[0][8], b"<r p=\"x\"><s>1</s><s>8</s><s>8</s></r>\n");
    assert!(results.iter().all(|it| *it == results[0]));
}

#[test]
fn a_stylesheet_crosses_threads_and_a_worker_is_kept_for_each() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    let sheets: Vec<_> =
        (0..6).map(|n| compiled(&format!("<xsl:template match=\"/\"><r n=\"{n}\"/></xsl:template>"))).collect();
    is_shared(&sheets);
    for _ in 0..3 {
        for (n, sheet) in sheets.iter().enumerate() {
            let inner =
                with_worker(sheet, |_| with_worker(&sheets[0], |worker| worker.apply(b"<a/>", &[]).unwrap()).unwrap());
            assert_eq!(text(&inner.unwrap()), "<r n=\"0\"/>");
            let output = with_worker(sheet, |worker| worker.apply(b"<a/>", &[]).unwrap()).unwrap();
            assert_eq!(text(&output), format!("<r n=\"{n}\"/>"));
        }
    }
}

#[test]
fn the_source_is_named_as_it_was_given() {
    assert_eq!(compiled(IDENTITY).name(), "test.xsl");
    let missing = compile(&Source::File(Path::new("no/such.xsl").to_owned()), Limits::default()).unwrap_err();
    assert!(missing.to_string().contains("no/such.xsl"));
}
