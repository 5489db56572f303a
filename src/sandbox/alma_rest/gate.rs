//! The gateway before Alma's API: keys, and how many calls a second and a day.

use super::refusal::Refusal;
use crate::model::time::{Granularity, Timestamp};
use crate::web::serve::Request;

/// The key that may read and write.
pub const KEY: &str = "l7xx5ca4ab0000000000000000000sandbox";
/// The key that may only read.
pub const READ_ONLY_KEY: &str = "l7xx5ca4ab0000000000000000000readonly";

/// How many calls an institution has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiLimits {
    /// In one second of the sandbox's clock, whoever calls.
    pub per_second: u32,
    /// Until midnight of that clock.
    pub daily: u64,
}

impl Default for ApiLimits {
    fn default() -> Self {
        ApiLimits { per_second: 25, daily: 300_000 }
    }
}

#[derive(Debug, Default)]
pub(super) struct Gate {
    pub(super) limits: ApiLimits,
    second: (i64, u32),
    day: (String, u64),
}

impl Gate {
    /// Counts a call, or turns it away; what is turned away is not counted.
    pub(super) fn pass(&mut self, request: &Request, query_key: Option<&str>, now: Timestamp) -> Result<(), Refusal> {
        self.begin(now);
        let header = request.header("authorization").and_then(|value| value.strip_prefix("apikey "));
        match header.or(query_key) {
            Some(KEY) => {}
            Some(READ_ONLY_KEY) if request.method == "GET" => {}
            Some(READ_ONLY_KEY) => {
                let refusal = Refusal::new("FORBIDDEN", "The API key is not allowed to write.");
                return Err(refusal.with_status(403).by_gateway());
            }
            Some(_) | None => {
                let message = "API-key not defined or not configured to allow this API.";
                return Err(Refusal::new("UNAUTHORIZED", message).by_gateway());
            }
        }
        if self.day.1 >= self.limits.daily {
            return Err(too_many_a_day());
        }
        if self.second.1 >= self.limits.per_second {
            return Err(too_many_a_second());
        }
        self.second.1 += 1;
        self.day.1 += 1;
        Ok(())
    }

    fn begin(&mut self, now: Timestamp) {
        let (second, day) = (now.millis().div_euclid(1000), now.at(Granularity::Day));
        if self.second.0 != second {
            self.second = (second, 0);
        }
        if self.day.0 != day {
            self.day = (day, 0);
        }
    }

    pub(super) fn remaining(&self) -> u64 {
        self.limits.daily.saturating_sub(self.day.1)
    }
}

/// Recorded by the University of Oslo, with the address of a page about it; it comes without a tracking id there.
pub(super) fn too_many_a_second() -> Refusal {
    let message = "HTTP requests are more than allowed per second";
    Refusal::new("PER_SECOND_THRESHOLD", message).with_status(429)
}

pub(super) fn too_many_a_day() -> Refusal {
    Refusal::new("DAILY_THRESHOLD", "HTTP requests are more than allowed per day").with_status(429)
}
