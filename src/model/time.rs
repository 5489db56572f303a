//! Instants, OAI-PMH granularity and spans of time as people write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use std::fmt;
use std::time::Duration;

/// An instant in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    pub fn from_utc(instant: DateTime<Utc>) -> Self {
        Timestamp(instant)
    }

    pub fn utc(&self) -> DateTime<Utc> {
        self.0
    }

    /// Milliseconds since 1970, the form in which the store keeps instants.
    pub fn millis(&self) -> i64 {
        self.0.timestamp_millis()
    }

    pub fn from_millis(millis: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(millis).map(Timestamp)
    }

    pub fn minus(&self, span: Duration) -> Self {
        let span = chrono::Duration::from_std(span).unwrap_or(chrono::Duration::MAX);
        Timestamp(self.0.checked_sub_signed(span).unwrap_or(DateTime::<Utc>::MIN_UTC))
    }

    pub fn plus(&self, span: Duration) -> Self {
        let span = chrono::Duration::from_std(span).unwrap_or(chrono::Duration::MAX);
        Timestamp(self.0.checked_add_signed(span).unwrap_or(DateTime::<Utc>::MAX_UTC))
    }

    /// How long ago `earlier` was; zero when it lies ahead.
    pub fn since(&self, earlier: Timestamp) -> Duration {
        (self.0 - earlier.0).to_std().unwrap_or_default()
    }

    /// `2026-11-22T01:02:03Z` or `2026-11-22`, as OAI-PMH writes it.
    pub fn at(&self, granularity: Granularity) -> String {
        match granularity {
            Granularity::Second => self.0.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            Granularity::Day => self.0.format("%Y-%m-%d").to_string(),
        }
    }

    /// `20261122010203004`: sortable, to the millisecond, fit for a file name.
    pub fn compact(&self) -> String {
        self.0.format("%Y%m%d%H%M%S%3f").to_string()
    }

    /// Reads what `compact` writes.
    pub fn from_compact(text: &str) -> Option<Self> {
        let (seconds, millis) = text.split_at_checked(14)?;
        let instant = NaiveDateTime::parse_from_str(seconds, "%Y%m%d%H%M%S").ok()?.and_utc();
        let millis = millis.parse::<u64>().ok().filter(|_| millis.len() == 3)?;
        Some(Timestamp(instant).plus(Duration::from_millis(millis)))
    }

    /// Reads what servers send as a UTC date: a day, seconds, fractions of a second, or a zone offset.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(instant) = plain(text.as_bytes()) {
            return Some(instant);
        }
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Some(Timestamp(instant.to_utc()));
        }
        if let Ok(instant) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S") {
            return Some(Timestamp(instant.and_utc()));
        }
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(Timestamp(day.and_hms_opt(0, 0, 0)?.and_utc()))
    }
}

/// `2026-11-22T01:02:03Z`, the form of nearly every datestamp, without the cost of a reader of all forms.
fn plain(text: &[u8]) -> Option<Timestamp> {
    let digits = |range: std::ops::Range<usize>| {
        text[range].iter().try_fold(0u32, |number, b| b.is_ascii_digit().then(|| number * 10 + u32::from(b - b'0')))
    };
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    if text.len() != 20 || marks.iter().any(|(at, mark)| text[*at] != *mark) {
        return None;
    }
    let day = NaiveDate::from_ymd_opt(digits(0..4)? as i32, digits(5..7)?, digits(8..10)?)?;
    let instant = day.and_hms_opt(digits(11..13)?, digits(14..16)?, digits(17..19)?)?;
    Some(Timestamp(instant.and_utc()))
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.at(Granularity::Second))
    }
}

/// The finest date that a repository understands, from `<granularity>` of Identify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granularity {
    Day,
    Second,
}

impl Granularity {
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "YYYY-MM-DD" => Some(Granularity::Day),
            "YYYY-MM-DDThh:mm:ssZ" => Some(Granularity::Second),
            _ => None,
        }
    }

    /// The shortest stretch of time that can be asked for.
    pub fn unit(&self) -> Duration {
        match self {
            Granularity::Day => Duration::from_secs(86_400),
            Granularity::Second => Duration::from_secs(1),
        }
    }

    pub fn as_str(&self) -> &'static str {
        match self {
            Granularity::Day => "YYYY-MM-DD",
            Granularity::Second => "YYYY-MM-DDThh:mm:ssZ",
        }
    }
}

/// Reads `300s`, `15min`, `2 days`, `1h`, `500 ms`; a bare number has no unit and is refused.
pub fn parse_span(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..digits]
        .parse()
        .map_err(|_| format!("`{text}` is not a duration: expected a whole number and a unit, as in \"15min\""))?;
    let seconds = |per: u64| number.checked_mul(per).map(Duration::from_secs);
    let span = match text[digits..].trim() {
        "ms" | "millisecond" | "milliseconds" => Some(Duration::from_millis(number)),
        "s" | "sec" | "second" | "seconds" => seconds(1),
        "min" | "minute" | "minutes" => seconds(60),
        "h" | "hour" | "hours" => seconds(3600),
        "d" | "day" | "days" => seconds(86_400),
        "w" | "week" | "weeks" => seconds(7 * 86_400),
        "" => {
            return Err(format!(
                "`{text}` has no unit: write \"{text}s\", \"{text}min\", \"{text} hours\" or \"{text} days\""
            ));
        }
        other => return Err(format!("`{other}` is not a unit of time: use ms, s, min, h, days or weeks")),
    };
    span.ok_or_else(|| format!("`{text}` is too long a time"))
}

/// Writes a span as people say it: the two largest units that are not nought.
pub fn say_span(span: Duration) -> String {
    let seconds = span.as_secs();
    let parts = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let said: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).take(2).map(|(n, unit)| format!("{n} {unit}")).collect();
    if said.is_empty() { "0 s".to_owned() } else { said.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_every_form_seen_are_read_as_utc() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(Timestamp::parse(text).map(|t| t.to_string()).as_deref(), expected, "{text}");
        };
        check("2026-11-22T01:02:03Z", Some("2026-11-22T01:02:03Z"));
        check("2026-11-22", Some("2026-11-22T00:00:00Z"));
        check(" 2026-11-22T01:02:03.456Z\n", Some("2026-11-22T01:02:03Z"));
        check("2026-11-22T01:02:03+02:00", Some("2026-11-21T23:02:03Z"));
        check("2026-11-22T01:02:03", Some("2026-11-22T01:02:03Z"));
        check("", None);
        check("2026-13-01", None);
    }

    #[test]
    fn the_time_of_a_file_name_is_read_back() {
        let instant = Timestamp::from_millis(1_795_308_123_004).unwrap();
        assert_eq!(Timestamp::from_compact(&instant.compact()), Some(instant));
        assert_eq!(Timestamp::from_compact("2026112201020"), None);
        assert_eq!(Timestamp::from_compact("20261122010203é"), None);
    }

    #[test]
    fn a_duration_needs_a_unit() {
        assert_eq!(parse_span("15min"), Ok(Duration::from_secs(900)));
        assert_eq!(parse_span("2 days"), Ok(Duration::from_secs(172_800)));
        assert_eq!(parse_span("300s"), Ok(Duration::from_secs(300)));
        assert!(parse_span("300").unwrap_err().contains("no unit"));
        assert!(parse_span("soon").is_err());
        assert!(parse_span("99999999999999999999 days").is_err());
        assert!(parse_span("9999999999999999 weeks").is_err());
    }

    #[test]
    fn a_span_is_said_in_two_units() {
        assert_eq!(say_span(Duration::from_secs(90_061)), "1 d 1 h");
        assert_eq!(say_span(Duration::ZERO), "0 s");
    }
}
