//! What a call cost.

use std::fmt;
use std::time::Duration;

use host_levels::Remedy;

/// What a call cost, whether it went well or not.
///
/// Times of requests are added up; where requests overlap, their sum is longer than the call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// Requests that left this host, those that were made again among them.
    pub requests: u64,
    /// Retried requests.
    pub retries: u64,
    /// Bytes of bodies as they came over the network, compressed or not.
    pub bytes_received: u64,
    /// Bytes of the same bodies as the component read them.
    pub bytes_decoded: u64,
    /// Points of the hourly quota that Confluence has for OAuth apps: 1 for a request, and 1 for
    /// each object in its answer, or 2 for a user, a group or a permission. 0 for API tokens, which
    /// that quota does not count.
    pub points: u64,
    /// Time spent waiting for a place, a turn, or to ask again.
    pub waited: Duration,
    /// Time from requests leaving until the last byte of their answers.
    pub network: Duration,
    /// Time in which no request was waiting or under way: the component computed, and this host
    /// for it.
    pub guest: Duration,
    /// The whole call, from making its instance to dropping it.
    pub total: Duration,
    /// The most linear memory that the instance had, in bytes.
    pub peak_memory_bytes: u64,
}

impl Receipt {
    /// Adds what another call cost. Of memory the larger counts: the calls came one after the
    /// other.
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.retries += other.retries;
        self.bytes_received += other.bytes_received;
        self.bytes_decoded += other.bytes_decoded;
        self.points += other.points;
        self.waited += other.waited;
        self.network += other.network;
        self.guest += other.guest;
        self.total += other.total;
        self.peak_memory_bytes = self.peak_memory_bytes.max(other.peak_memory_bytes);
    }
}

impl Receipt {
    /// As one line of JSON: counts, bytes, and times in milliseconds.
    #[must_use]
    pub fn to_json(&self) -> String {
        let ms = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
        serde_json::json!({
            "requests": self.requests,
            "retries": self.retries,
            "bytesReceived": self.bytes_received,
            "bytesDecoded": self.bytes_decoded,
            "points": self.points,
            "waitedMs": ms(self.waited),
            "networkMs": ms(self.network),
            "componentMs": ms(self.guest),
            "totalMs": ms(self.total),
            "peakMemoryBytes": self.peak_memory_bytes,
        })
        .to_string()
    }
}

fn counted(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{number} {noun}")
}

/// For people, in one line.
impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        write!(
            f,
            "{} ({}), {} KB received, {} KB decoded, {} points; {:.1} ms: {:.1} waiting, {:.1} network, {:.1} component; peak memory {} KiB",
            counted(self.requests, "request", "requests"),
            counted(self.retries, "retry", "retries"),
            self.bytes_received.div_ceil(1000),
            self.bytes_decoded.div_ceil(1000),
            self.points,
            ms(self.total),
            ms(self.waited),
            ms(self.network),
            ms(self.guest),
            self.peak_memory_bytes / 1024,
        )
    }
}

/// Where the time of a call went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeSpent {
    /// No request was waiting or under way: the component computed.
    pub computing: Duration,
    /// A request was under way: the site, or the network.
    pub network: Duration,
    /// A request waited for a permit, a rate limit, or to be made again.
    pub waiting: Duration,
    /// The store of secrets was read.
    pub secrets: Duration,
}

impl TimeSpent {
    pub(crate) fn of_secrets(secrets: Duration) -> Self {
        Self {
            secrets,
            ..Self::default()
        }
    }

    /// What took longest, with what is likely and what to do about it.
    fn longest(&self) -> (&'static str, Remedy) {
        const SETTING: &str = "limits.call-seconds";
        let others = [
            (
                self.computing,
                "the component was computing: it has much to do for this call, or a defect",
                Remedy::AskForLessOrReport { setting: SETTING },
            ),
            (
                self.waiting,
                "requests waited for permits, for a rate limit, or to be made again after a failure",
                Remedy::MakeFewerCalls { setting: SETTING },
            ),
            (
                self.secrets,
                "the store of secrets responds slowly, or not at all",
                Remedy::CheckSecretStore { setting: SETTING },
            ),
        ];
        let mut longest = (
            self.network,
            "the site answers slowly, or not at all",
            Remedy::AskForLess { setting: SETTING },
        );
        for other in others {
            if other.0 > longest.0 {
                longest = other;
            }
        }
        (longest.1, longest.2)
    }

    pub(crate) fn cause(&self) -> &'static str {
        self.longest().0
    }

    pub(crate) fn remedy(&self) -> Remedy {
        self.longest().1
    }
}

impl fmt::Display for TimeSpent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.secrets.is_zero() {
            return write!(f, "{} ms reading secrets", self.secrets.as_millis());
        }
        write!(
            f,
            "{} ms computing in the component, {} ms waiting for the site, {} ms waiting for permits",
            self.computing.as_millis(),
            self.network.as_millis(),
            self.waiting.as_millis(),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Receipt;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn receipts_add_up_but_for_memory() {
        let mut sum = Receipt {
            requests: 2,
            peak_memory_bytes: 7,
            ..Receipt::default()
        };
        sum.add(&Receipt {
            requests: 3,
            waited: SECOND,
            peak_memory_bytes: 5,
            ..Receipt::default()
        });
        let expected = Receipt {
            requests: 5,
            waited: SECOND,
            peak_memory_bytes: 7,
            ..Receipt::default()
        };
        assert_eq!(sum, expected);
    }
}
