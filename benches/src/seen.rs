//! What came to the site: counted there, told as a line of text.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use http::Version;

/// Connections and requests that came to a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Connections that were accepted.
    pub connections: u64,
    /// Requests, over whatever protocol.
    pub requests: u64,
    /// Those of them that came over HTTP/2.
    pub over_http_2: u64,
}

/// Counts them.
#[derive(Debug, Default)]
pub struct Counters {
    connections: AtomicU64,
    requests: AtomicU64,
    over_http_2: AtomicU64,
}

impl Counters {
    pub(crate) fn connection(&self) {
        self.connections.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn request(&self, version: Version) {
        self.requests.fetch_add(1, Ordering::SeqCst);
        if version == Version::HTTP_2 {
            self.over_http_2.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// What was counted so far.
    #[must_use]
    pub fn seen(&self) -> Seen {
        Seen {
            connections: self.connections.load(Ordering::SeqCst),
            requests: self.requests.load(Ordering::SeqCst),
            over_http_2: self.over_http_2.load(Ordering::SeqCst),
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            connections,
            requests,
            over_http_2,
        } = self;
        write!(formatter, "{connections} {requests} {over_http_2}")
    }
}

impl FromStr for Seen {
    type Err = std::num::ParseIntError;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let mut words = line.split(' ');
        let mut next = || words.next().unwrap_or_default().parse();
        Ok(Self {
            connections: next()?,
            requests: next()?,
            over_http_2: next()?,
        })
    }
}
