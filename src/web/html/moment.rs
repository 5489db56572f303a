//! Dates on a page, with UTC on hover: in the reader's zone, which `script.js` knows; in this machine's without it.

use crate::model::time::{Timestamp, say_span};
use chrono::Local;
use maud::{Markup, html};

/// `22 Nov 2026, 03:14`, as the clock on the wall of this machine shows it.
pub fn time(at: Timestamp) -> Markup {
    let local = at.utc().with_timezone(&Local);
    html! { time data-local="" datetime=(at) title=(format!("{at} (UTC)")) { (local.format("%-d %b %Y, %H:%M").to_string()) } }
}

/// This machine's zone, as `+01:00`.
pub fn offset() -> String {
    Local::now().format("%:z").to_string()
}

pub fn some_time(at: Option<Timestamp>) -> Markup {
    html! { @if let Some(at) = at { (time(at)) } @else { span.quiet { "–" } } }
}

/// `3 h 5 min ago`, with the instant on hover.
pub fn ago(at: Timestamp, now: Timestamp) -> Markup {
    html! { time datetime=(at) title=(format!("{at} (UTC)")) { (say_span(now.since(at))) " ago" } }
}
