//! What a stylesheet may do, what the engine says when it is wrong, and how far a transform may go.

mod attacks;
mod saxon;
mod saxon_attacks;
mod saxon_deaths;
mod stylesheets;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Error, Limits, Output, Source, Stylesheet, TransformError, compile};

/// A folder that is gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("cartouche xslt é {} {number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path.canonicalize().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn compile(&self, name: &str) -> Result<Stylesheet, Error> {
        compile(&Source::File(self.0.join(name)), Limits::default())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A stylesheet of version 1.0 with these instructions at its top level.
fn sheet(body: &str) -> String {
    sheet_of_version("1.0", body)
}

fn sheet_of_version(version: &str, body: &str) -> String {
    format!(
        "<xsl:stylesheet version=\"{version}\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" \
         xmlns:exsl=\"http://exslt.org/common\" xmlns:str=\"http://exslt.org/strings\" \
         xmlns:my=\"urn:my\" extension-element-prefixes=\"exsl\" exclude-result-prefixes=\"str my\">\n\
         {body}\n<xsl:output omit-xml-declaration=\"yes\"/>\n</xsl:stylesheet>"
    )
}

fn embedded(text: String) -> Source {
    Source::Embedded { name: "test.xsl", text: text.leak(), parts: &[] }
}

fn compiled(body: &str) -> Stylesheet {
    compile(&embedded(sheet(body)), Limits::default()).unwrap()
}

fn apply(body: &str, record: &str) -> Result<Output, TransformError> {
    compiled(body).worker().unwrap().apply(record.as_bytes(), &[])
}

fn text(output: &Output) -> &str {
    std::str::from_utf8(&output.bytes).unwrap().trim_end()
}

/// Applies a stylesheet body to a record, and compares the result.
fn check(body: &str, record: &str, expected: &str) {
    assert_eq!(text(&apply(body, record).unwrap()), expected);
}

const IDENTITY: &str = "<xsl:template match=\"@*|node()\"><xsl:copy><xsl:apply-templates select=\"@*|node()\"/></xsl:copy>\
    </xsl:template>";

fn path_text(path: &Path) -> String {
    path.display().to_string()
}
