//! What somebody can do about a record from which nothing follows, by the code that the store gives it.

/// The way out of a skip or a hold, in a sentence; nothing for a code that needs none.
pub fn of(code: &str) -> &'static str {
    match code {
        "deleted" | "suppressed" => "Decide in Rosetta, by hand: it is never changed for that.",
        "no-metadata" => "Publish the record again in Alma.",
        "quarantined" => "See the quarantine for the reason; whoever runs the server mends the record.",
        "no-match" => {
            "Add the representation or the 035 in Alma, or use the MMS map. Many such records are no digital objects."
        }
        "conflict" => "Take the wrong citation out of Alma.",
        "gone" => "Is it unpublished in Alma, or out of the set?",
        "not-in-rosetta" => "Is the IE published, and in the set of Rosetta's feed? Otherwise the citation is wrong.",
        "transform" => "Mend the record or the stylesheet.",
        "rejected" => "Nothing: it is decided anew when Alma or Rosetta says something else.",
        "empty" | "not-flat" => "Look at the stylesheet.",
        "control-character" => "Remove the character in Alma.",
        "undeclared-prefix" | "unknown-element" => "Mend the stylesheet, or the field in Alma.",
        "too-long" => "Shorten the value, or raise limits.max-value-bytes when your Rosetta takes more.",
        "rosetta-unreadable" => "Mend Rosetta's publishing of this IE.",
        "locked" => "Wait until its owner has released the IE in Rosetta; the next run asks again.",
        "failed-before" => "Find Rosetta's reason, then retry; or mend the description in Alma.",
        "title-lost" => "Add the title in Alma, or approve.",
        "several-ies" => "If one description fits all, approve.",
        "every-change" => "Look, then approve or reject.",
        "field-removed" | "value-removed" => "Let Alma or the stylesheet supply it, let Rosetta own it, or approve.",
        "title-changed" => "Is it the right bib? Then approve.",
        "required-emptied" => "Supply the value, or approve.",
        "many-fields" => "Look, then approve.",
        "merge-conflict" => "Approve for Alma's value, reject for Rosetta's.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_code_has_a_way_out() {
        let source = include_str!("../../model/outcome.rs");
        let codes: Vec<&str> = source
            .lines()
            .filter(|line| line.contains("Skip::") || line.contains("Hold::"))
            .filter_map(|line| line.split_once(" => \"")?.1.strip_suffix("\","))
            .collect();
        assert!(codes.len() > 20, "{codes:?}");
        for code in codes {
            assert!(!super::of(code).is_empty(), "{code} has none");
        }
    }
}
