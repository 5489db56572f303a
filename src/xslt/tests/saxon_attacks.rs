//! Stylesheets and records that mean harm, in Saxon's worker.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::super::{Error, Source, TransformErrorKind};
use super::saxon::{apply_on, compile_on, is_java, jar, saxons, worker_on};
use super::{Folder, IDENTITY, embedded, path_text, sheet_of_version, text};

/// A folder with a secret, and a server that nobody may call.
struct Trap {
    folder: Folder,
    server: TcpListener,
}

impl Trap {
    fn new() -> Trap {
        let folder = Folder::new();
        folder.write("secret.xml", "<s>TOPSECRET</s>");
        folder.write("secret.txt", "TOPSECRET");
        folder.write("secret.json", "{\"s\":\"TOPSECRET\"}");
        folder.write("secret.xsl", &sheet_of_version("3.0", "<xsl:template name=\"x\">TOPSECRET</xsl:template>"));
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        server.set_nonblocking(true).unwrap();
        Trap { folder, server }
    }

    fn uri(&self, name: &str) -> String {
        let path = path_text(&self.folder.0.join(name));
        format!("file://{}", path.replace(' ', "%20").replace('é', "%C3%A9"))
    }

    fn url(&self) -> String {
        format!("http://{}/x.xml", self.server.local_addr().unwrap())
    }

    /// Instructions that read what is not theirs. Each leaks on Saxon's own command line, or calls the server.
    fn reads(&self) -> Vec<String> {
        let value = |select: String| format!("<xsl:value-of select=\"{select}\"/>");
        let (xml, plain, json, sheet) =
            (self.uri("secret.xml"), self.uri("secret.txt"), self.uri("secret.json"), self.uri("secret.xsl"));
        let folder = self.uri("");
        let doctype = format!(
            "parse-xml('&lt;!DOCTYPE a [&lt;!ENTITY x SYSTEM &quot;{plain}&quot;&gt;]&gt;&lt;a&gt;&amp;amp;x;&lt;/a&gt;')"
        );
        vec![
            value(format!("doc('{xml}')")),
            value(format!("document('{xml}')")),
            value(format!("unparsed-text('{plain}')")),
            value(format!("unparsed-text-lines('{plain}')")),
            value(format!("json-doc('{json}')?s")),
            value(format!("collection('{folder}?select=*.xml')")),
            value(format!("uri-collection('{folder}')")),
            value(doctype.replace("&amp;amp;", "&amp;")),
            value(format!("doc('{}')", self.url())),
            value(format!("unparsed-text('{}')", self.url())),
            format!("<xsl:source-document href=\"{xml}\"><xsl:value-of select=\".\"/></xsl:source-document>"),
            format!(
                "<xsl:merge><xsl:merge-source for-each-source=\"'{xml}'\" select=\"*\"><xsl:merge-key select=\".\"/>\
                 </xsl:merge-source><xsl:merge-action><xsl:value-of select=\"current-merge-group()\"/></xsl:merge-action></xsl:merge>"
            ),
            value(format!(
                "transform(map {{'stylesheet-location': '{sheet}', 'initial-template': QName('', 'x')}})?output"
            )),
        ]
    }

    fn nobody_called(&self) {
        let called = self.server.accept();
        assert!(
            called.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock),
            "somebody called the server"
        );
    }
}

fn in_template(instruction: &str) -> String {
    format!("<xsl:template match=\"/\"><r>{instruction}</r></xsl:template>")
}

#[test]
fn nothing_is_read_but_the_record_and_the_stylesheet() {
    let trap = Trap::new();
    // One stylesheet for all that compiles, one for what Saxon 9.9 refuses as early as that.
    let (late, early): (Vec<String>, Vec<String>) = trap.reads().into_iter().partition(|it| !it.contains("transform("));
    let template = |(at, instruction): (usize, &String)| {
        format!("<xsl:template match=\"a{at}\"><r>{instruction}</r></xsl:template>")
    };
    let body: String = late.iter().enumerate().map(template).collect();
    for saxon in saxons() {
        let mut worker = worker_on(&saxon, &body);
        for (at, instruction) in late.iter().enumerate() {
            let refused = worker.apply(format!("<a{at}/>").as_bytes(), &[]);
            let error = refused.map(|output| panic!("{instruction}: {}", text(&output))).unwrap_err();
            assert_eq!(error.kind, TransformErrorKind::Failed, "{instruction}: {error}");
            assert!(!format!("{error:?}").contains("TOPSECRET"), "{instruction}: {error}");
        }
        let sheet = compile_on(&saxon, &embedded(sheet_of_version("3.0", &in_template(&early[0]))));
        let refused = sheet.map(|sheet| sheet.worker().unwrap().apply(b"<a/>", &[]));
        let told = format!("{refused:?}");
        assert!(!matches!(refused, Ok(Ok(_))) && !told.contains("TOPSECRET"), "{told}");
        for question in ["doc-available", "unparsed-text-available"] {
            let instruction = format!("<xsl:value-of select=\"{question}('{}')\"/>", trap.uri("secret.xml"));
            let output = apply_on(&saxon, &in_template(&instruction), "<a/>").unwrap();
            assert!(text(&output).contains(">false<"), "{}", text(&output));
        }
    }
    trap.nobody_called();
}

#[test]
fn what_is_refused_here_is_read_by_saxons_own_command_line() {
    let Some(jar) = jar() else { return eprintln!("left out: there is no Saxon on Java") };
    let trap = Trap::new();
    let record = trap.folder.write("record.xml", "<a/>");
    // The ones that need no server; fn:transform() is not a part of Saxon-HE 9.9.
    let reads: Vec<String> =
        trap.reads().into_iter().filter(|it| !it.contains("http:") && !it.contains("transform(")).collect();
    assert!(reads.len() >= 9);
    for instruction in [&reads[0], &reads[2], &reads[4], &reads[5], &reads[7], &reads[8]] {
        let sheet = trap.folder.write("sheet.xsl", &sheet_of_version("3.0", &in_template(instruction)));
        let mut command = Command::new("java");
        command.arg("-cp").arg(&jar).arg("net.sf.saxon.Transform");
        let output =
            command.args([format!("-s:{}", record.display()), format!("-xsl:{}", sheet.display())]).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(
            told.contains("TOPSECRET"),
            "{instruction} is no attack: {told}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn static_expressions_and_packages_read_nothing_either() {
    let trap = Trap::new();
    let (plain, xml) = (trap.uri("secret.txt"), trap.uri("secret.xml"));
    let tops = [
        format!("<xsl:variable name=\"s\" static=\"yes\" select=\"unparsed-text('{plain}')\"/>"),
        format!("<xsl:variable name=\"s\" static=\"yes\" select=\"string(doc('{xml}'))\"/>"),
        format!("<xsl:variable name=\"s\" static=\"yes\" select=\"unparsed-text('{}')\"/>", trap.url()),
        format!(
            "<xsl:param name=\"p\" static=\"yes\" select=\"'{}'\"/><xsl:include _href=\"{{$p}}\"/>",
            trap.uri("secret.xsl")
        ),
        format!("<xsl:use-package name=\"{}\"/>", trap.uri("secret.xsl")),
        format!("<xsl:import-schema schema-location=\"{}\"/>", trap.url()),
    ];
    for saxon in saxons() {
        for top in &tops {
            let body = format!("{top}<xsl:template match=\"/\"><r><xsl:value-of select=\"1\"/></r></xsl:template>");
            let error = compile_on(&saxon, &embedded(sheet_of_version("3.0", &body))).unwrap_err();
            assert!(!format!("{error:?}").contains("TOPSECRET"), "{top}: {error}");
        }
    }
    trap.nobody_called();
}

#[test]
fn an_include_outside_the_folder_is_refused() {
    let trap = Trap::new();
    let folder = &trap.folder;
    fs::create_dir_all(folder.0.join("in")).unwrap();
    symlink(folder.0.join("secret.xsl"), folder.0.join("in/link.xsl")).unwrap();
    let hrefs =
        ["../secret.xsl", "link.xsl", "..%2Fsecret.xsl", &trap.uri("secret.xsl"), &trap.url(), "ftp://localhost/x.xsl"];
    for saxon in saxons() {
        for (how, href) in hrefs.iter().map(|href| ("include", href)).chain([("import", &hrefs[0])]) {
            let main = folder.write("in/sheet.xsl", &sheet_of_version("3.0", &format!("<xsl:{how} href=\"{href}\"/>")));
            let error = compile_on(&saxon, &Source::File(main)).unwrap_err();
            assert!(matches!(error, Error::Include { .. }), "{href}: {error}");
        }
        let based = "<xsl:include xml:base=\"../\" href=\"secret.xsl\"/>";
        let main = folder.write("in/sheet.xsl", &sheet_of_version("3.0", based));
        assert!(matches!(compile_on(&saxon, &Source::File(main)).unwrap_err(), Error::Include { .. }));
        let error =
            compile_on(&saxon, &embedded(sheet_of_version("3.0", "<xsl:include href=\"x.xsl\"/>"))).unwrap_err();
        assert!(matches!(error, Error::Include { .. }), "{error}");
    }
    trap.nobody_called();
}

#[test]
fn includes_that_go_round_end() {
    let folder = Folder::new();
    let a = folder.write("a.xsl", &sheet_of_version("3.0", "<xsl:include href=\"b.xsl\"/>"));
    folder.write("b.xsl", &sheet_of_version("3.0", "<xsl:include href=\"a.xsl\"/>"));
    for saxon in saxons() {
        let error = compile_on(&saxon, &Source::File(a.clone())).unwrap_err();
        assert!(matches!(error, Error::Compile { .. }), "{error}");
    }
}

#[test]
fn no_instruction_writes_a_file() {
    let trap = Trap::new();
    for saxon in saxons() {
        for href in [trap.uri("written.xml"), "written.xml".to_owned(), trap.url()] {
            let instruction = format!("<xsl:result-document href=\"{href}\"><x/></xsl:result-document>");
            let sheet = compile_on(&saxon, &embedded(sheet_of_version("3.0", &in_template(&instruction))));
            let refused = sheet.map(|sheet| sheet.worker().unwrap().apply(b"<a/>", &[]));
            assert!(!matches!(refused, Ok(Ok(_))), "{refused:?}");
        }
    }
    assert!(!trap.folder.0.join("written.xml").exists());
    assert!(!std::path::Path::new("/written.xml").exists());
    trap.nobody_called();
}

#[test]
fn code_outside_of_xslt_is_not_called() {
    let calls = [
        "<xsl:value-of xmlns:j=\"java:java.lang.System\" select=\"j:getProperty('user.home')\"/>",
        "<xsl:value-of xmlns:j=\"java:java.lang.Runtime\" select=\"j:getRuntime()\"/>",
        "<xsl:value-of xmlns:saxon=\"http://saxon.sf.net/\" select=\"saxon:evaluate('1')\"/>",
        "<xsl:evaluate xpath=\"'1 + 1'\"/>",
    ];
    for saxon in saxons() {
        for call in calls {
            let sheet = compile_on(&saxon, &embedded(sheet_of_version("3.0", &in_template(call))));
            let refused = sheet.map(|sheet| sheet.worker().unwrap().apply(b"<a/>", &[]));
            assert!(!matches!(refused, Ok(Ok(_))), "{call}: {refused:?}");
        }
    }
}

#[test]
fn neither_the_environment_nor_the_machine_is_told_of() {
    let asked = "concat(environment-variable('PATH'), string-join(available-environment-variables()), \
        system-property('user.home'), system-property('java.version'), system-property('os.name'))";
    for saxon in saxons() {
        let body = format!("<xsl:template match=\"/\"><xsl:value-of select=\"{asked}\"/></xsl:template>");
        assert_eq!(text(&apply_on(&saxon, &body, "<a/>").unwrap()), "");
    }
}

#[test]
fn a_doctype_in_a_record_is_refused() {
    let trap = Trap::new();
    let (plain, url) = (trap.uri("secret.txt"), trap.url());
    let records = [
        "<!DOCTYPE r><r/>".to_owned(),
        format!("<!DOCTYPE r [<!ENTITY x SYSTEM \"{plain}\">]><r>&x;</r>"),
        format!("<!DOCTYPE r SYSTEM \"{url}\"><r/>"),
        format!("<!DOCTYPE r [<!ENTITY % p SYSTEM \"{url}\"> %p;]><r/>"),
        "<!DOCTYPE r [<!ENTITY a \"ha ha ha\"><!ENTITY b \"&a;&a;&a;\">]><r>&b;</r>".to_owned(),
    ];
    for saxon in saxons() {
        let mut worker = worker_on(&saxon, IDENTITY);
        for record in &records {
            let error = worker.apply(record.as_bytes(), &[]).unwrap_err();
            assert_eq!(error.kind, TransformErrorKind::Doctype, "{error}");
            assert_eq!(text(&worker.apply(b"<r/>", &[]).unwrap()), "<r/>");
        }
    }
    trap.nobody_called();
}

#[test]
fn a_stylesheets_own_entities_work_on_java_and_no_others_anywhere() {
    let trap = Trap::new();
    let with_dtd = |dtd: &str, text: &str| {
        let body = format!("<xsl:template match=\"/\"><xsl:value-of select=\"'{text}'\"/></xsl:template>");
        embedded(format!("{dtd}{}", sheet_of_version("3.0", &body)))
    };
    let laughs = "<!DOCTYPE x [<!ENTITY a \"hahahahahaha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">\
        <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">\
        <!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">\
        <!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\">]>";
    let external = format!("<!DOCTYPE x [<!ENTITY a SYSTEM \"{}\">]>", trap.uri("secret.txt"));
    let remote = format!("<!DOCTYPE x SYSTEM \"{}\">", trap.url());
    for saxon in saxons() {
        let own = compile_on(&saxon, &with_dtd("<!DOCTYPE x [<!ENTITY nbsp \"&#160;\">]>", "a&nbsp;b"));
        match own {
            Ok(sheet) if is_java(&saxon) => {
                assert_eq!(text(&sheet.worker().unwrap().apply(b"<a/>", &[]).unwrap()), "a\u{A0}b");
            }
            refused => assert!(refused.unwrap_err().to_string().contains("DOCTYPE"), "saxonche runs no DOCTYPE"),
        }
        for (dtd, text) in [(laughs, "&e;"), (external.as_str(), "&a;"), (remote.as_str(), "x")] {
            let error = compile_on(&saxon, &with_dtd(dtd, text)).unwrap_err();
            assert!(!format!("{error:?}").contains("TOPSECRET"), "{error}");
        }
    }
    trap.nobody_called();
}
