//! `validate`: is this an updateMD package that Rosetta's job can take?

use super::{print, print_json};
use crate::failure::{Failure, Kind, exit, stated};
use crate::steps::validate::{Finding, Severity, validate};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct ValidateArgs {
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Bytes that Rosetta stores of one value; 0 for no limit (Rosetta 9.0 and later)
    #[arg(long, default_value_t = 4000)]
    max_value_bytes: usize,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Exit code 0 when no file has an error, 1 when one has, 2 when one cannot be read.
pub fn run(args: &ValidateArgs) -> Result<u8, Failure> {
    let mut bad = 0;
    let mut files = Vec::new();
    for path in &args.files {
        let bytes = std::fs::read(path).map_err(|error| {
            stated(
                Kind::Configuration,
                format!("cannot read {}: {error}", path.display()),
                "give the paths of updateMD files",
            )
        })?;
        let findings = validate(&bytes, args.max_value_bytes);
        let is_valid = !findings.iter().any(|finding| finding.severity == Severity::Error);
        bad += usize::from(!is_valid);
        let shown = path.display().to_string();
        if args.json {
            files.push(json!({"file": shown, "valid": is_valid, "findings": findings.iter().map(finding_json).collect::<Vec<_>>()}));
        } else if findings.is_empty() {
            print(&format!("{shown}: valid\n"));
        } else {
            for finding in &findings {
                print(&format!(
                    "{shown}:{}: {}: {}\n",
                    finding.line,
                    word(finding),
                    super::table::printable(&finding.message)
                ));
            }
        }
    }
    if args.json {
        print_json(&json!({"valid": bad == 0, "files": files}));
    }
    Ok(if bad == 0 { exit::DONE } else { exit::FAILED })
}

fn word(finding: &Finding) -> &'static str {
    match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn finding_json(finding: &Finding) -> Value {
    json!({"line": finding.line, "severity": word(finding), "message": finding.message})
}
