//! Compiles the shim between Rust and libxslt, and finds the libraries that it needs.

fn main() {
    for file in ["src/xslt/shim.c", "src/xslt/shim.h", "src/xslt/shim_report.c"] {
        println!("cargo::rerun-if-changed={file}");
    }
    let mut shim = cc::Build::new();
    shim.file("src/xslt/shim.c").file("src/xslt/shim_report.c").std("gnu11").warnings(true);
    // libxslt 1.1.34 brought the operation limit, libxml2 2.9.11 the one for XPath.
    for (library, version) in [("libexslt", "0.8.20"), ("libxslt", "1.1.34"), ("libxml-2.0", "2.9.11")] {
        for folder in find(library, version).include_paths {
            shim.include(folder);
        }
    }
    shim.compile("cartouche_xslt_shim");
}

fn find(library: &str, version: &str) -> pkg_config::Library {
    let found = pkg_config::Config::new().atleast_version(version).probe(library);
    found.unwrap_or_else(|cause| {
        println!(
            "cargo::error={library} {version} or newer is needed to run stylesheets; \
             on Debian: apt-get install -y libxslt1-dev pkg-config gcc"
        );
        panic!("{cause}");
    })
}
