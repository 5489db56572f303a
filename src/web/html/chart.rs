//! Charts as inline SVG; each has a table of the same numbers below it.

use super::table::{Cell, Table};
use crate::model::state::PackageState;
use crate::model::time::Timestamp;
use crate::store::charts::DayCount;
use maud::{Markup, html};
use std::collections::BTreeMap;
use std::time::Duration;

/// Days that the chart of packages shows.
pub const DAYS: i64 = 90;
const DAY: u64 = 86_400;
/// The drawing's own units.
const WIDTH: i64 = 720;
const HEIGHT: i64 = 140;

/// Bands of a bar from the bottom up: what a package became, and how it is called.
const BANDS: [(&str, &[PackageState]); 4] = [
    ("done", &[PackageState::Done]),
    ("in flight", &[PackageState::Planned, PackageState::Staged]),
    ("error or lost", &[PackageState::Error, PackageState::Lost]),
    ("withdrawn", &[PackageState::Withdrawn]),
];

/// How long packages have been in flight: less than so many hours.
const AGES: [(&str, u64); 5] =
    [("up to 6 h", 6), ("up to 1 day", 24), ("up to 2 days", 48), ("up to 1 week", 168), ("longer", u64::MAX)];

/// Packages by day and fate.
pub fn days(counts: &[DayCount], now: Timestamp) -> Markup {
    let today = now.millis() / (DAY as i64 * 1000);
    let mut days: BTreeMap<i64, [u64; 4]> = BTreeMap::new();
    for count in counts {
        let band = BANDS.iter().position(|(_, states)| states.contains(&count.state));
        if let Some(band) = band {
            days.entry(count.day).or_default()[band] += count.packages;
        }
    }
    let most = days.values().map(|bands| bands.iter().sum::<u64>()).max().unwrap_or(0);
    let total: u64 = days.values().flatten().sum();
    let step = WIDTH / DAYS;
    let name = format!("Packages by day and fate over the last {DAYS} days: {total} in all, at most {most} on a day");
    html! {
        figure.chart {
            figcaption { "Packages by day, last " (DAYS) " days" @if most > 0 { span.quiet { " · at most " (most) " a day" } } }
            @if total == 0 { p.empty { "No packages." } } @else {
                svg viewBox=(format!("0 0 {WIDTH} {}", HEIGHT + 4)) role="img" aria-label=(name) preserveAspectRatio="none" {
                    line.axis x1="0" x2=(WIDTH) y1=(HEIGHT + 1) y2=(HEIGHT + 1) {}
                    @for (day, bands) in days.range(today - DAYS + 1..) {
                        @let x = (day - (today - DAYS + 1)) * step;
                        @for (at, count) in bands.iter().enumerate().filter(|(_, count)| **count > 0) {
                            @let below: u64 = bands[..at].iter().sum();
                            @let (low, high) = (height(below, most), height(below + count, most).max(height(below, most) + 2));
                            rect class=(format!("band{at}")) x=(x + 1) width=(step - 2) y=(HEIGHT - high) height=(high - low) {
                                title { (date(*day)) ": " (count) " " (BANDS[at].0) }
                            }
                        }
                    }
                }
                ul.legend { @for (at, (name, _)) in BANDS.iter().enumerate() { li { span class=(format!("swatch band{at}")) {} (name) } } }
                details { summary { "The same as a table" } (table_of_days(&days).html()) }
            }
        }
    }
}

fn height(count: u64, most: u64) -> i64 {
    (count as i64 * HEIGHT) / (most.max(1) as i64)
}

fn date(day: i64) -> String {
    let instant = Timestamp::from_millis(day * DAY as i64 * 1000);
    instant.map(|instant| instant.at(crate::model::time::Granularity::Day)).unwrap_or_default()
}

fn table_of_days(days: &BTreeMap<i64, [u64; 4]>) -> Table {
    let row = |(day, bands): (&i64, &[u64; 4])| {
        std::iter::once(date(*day)).chain(bands.iter().map(u64::to_string)).map(|text| Cell::text(&text)).collect()
    };
    Table {
        caption: "Packages by day (UTC)".to_owned(),
        headings: std::iter::once("day").chain(BANDS.iter().map(|(name, _)| *name)).collect(),
        rows: days.iter().rev().map(row).collect(),
    }
}

/// How old the packages in flight are.
pub fn ages(staged: &[Timestamp], now: Timestamp) -> Markup {
    let mut counts = [0u64; AGES.len()];
    for at in staged {
        let age = now.since(*at);
        let is_below = |(_, hours): &(&str, u64)| age <= Duration::from_secs(hours.saturating_mul(3600));
        if let Some(bucket) = AGES.iter().position(is_below) {
            counts[bucket] += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    html! {
        figure.chart {
            figcaption { "Age of the packages in flight" }
            @if staged.is_empty() { p.empty { "Nothing is in flight." } } @else {
                table.bars {
                    caption.unseen { "Packages in flight by age" }
                    thead.unseen { tr { th scope="col" { "in flight" } th scope="col" { "packages" } } }
                    @for ((name, _), count) in AGES.iter().zip(counts) {
                        tr {
                            th scope="row" { (name) }
                            td {
                                svg.bar viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
                                    rect.band1 x="0" y="0" height="10" width=(count * 100 / most.max(1)) {}
                                }
                                (count)
                            }
                        }
                    }
                }
            }
        }
    }
}
