//! Several reasons at once: their codes for lists and filters, and what they say.

use std::fmt;

/// A reason with a code that is never renamed.
pub trait Coded: fmt::Display {
    fn code(&self) -> &'static str;
}

/// The codes of all reasons, each once, and the reasons in words.
pub fn in_words<R: Coded>(reasons: &[R]) -> (String, String) {
    let mut codes: Vec<&str> = Vec::new();
    for reason in reasons {
        if !codes.contains(&reason.code()) {
            codes.push(reason.code());
        }
    }
    let words: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    (codes.join(" "), words.join("; "))
}
