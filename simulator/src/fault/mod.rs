//! What can go wrong, and with which requests.

mod answer;
mod parse;
mod rows;

pub(crate) use answer::instead;
pub use parse::ParseFaultsError;
pub(crate) use rows::distort;

use std::time::Duration;

/// Something that goes wrong with one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// This status, with the body and the headers that Confluence gives it: 400, 401, 403, 404,
    /// 429, 500, 502, 503, 504. Others get an empty body.
    Status(u16),
    /// 429.
    RateLimited {
        /// `Retry-After`, in seconds. `None`: the header is missing.
        retry_after: Option<u64>,
        /// Which limit was hit.
        reason: LimitReason,
    },
    /// 401 of the API gateway: the token lacks a scope.
    ScopeMismatch,
    /// 200 for an anonymous visitor, and `x-seraph-loginreason: AUTHENTICATED_FAILED`.
    Anonymous,
    /// 200 and complete HTTP, but the JSON ends in its middle.
    TruncatedJson,
    /// The connection closes before as much was sent as `content-length` promised.
    TruncatedBody,
    /// 200 and a login page.
    Html,
    /// 200 and a valid envelope, whose first row holds 100 000 arrays in one another.
    DeepNesting,
    /// 200 and a body of 200 MB, made while it is sent.
    Huge,
    /// 200 and a body that never ends.
    Endless,
    /// The right answer, this much later.
    Slow(Duration),
    /// No answer, ever; the connection stays open.
    Stall,
    /// The connection closes without an answer.
    Reset,
    /// The link to the next page holds the cursor that was just used.
    RepeatedCursor,
    /// From here on, the same rows again under ever fresh cursors.
    SamePage,
    /// No rows, but a link to the next page. What it links to continues where this page should
    /// have begun.
    EmptyPage,
    /// From here on no rows, but always a link with a fresh cursor.
    EmptyPagesForEver,
    /// The last page links to one more, which has no rows and links to nothing.
    EmptyEnd,
    /// Half as many rows as were asked for, and a link to where they go on.
    ShortPages,
    /// The link to the next page stands in the `Link` header, and not in the body.
    LinkInHeader,
    /// 500 for every page that holds the row with this id. Those without it come.
    Poison(u64),
    /// The same, but only where bodies are asked for.
    PoisonBody(u64),
    /// Ids, keys and spaces are not looked at: rows of everything come back.
    IgnoreFilter,
    /// 200, with the request's `Authorization` value in a header and in the first row.
    EchoCredential,
    /// 200, with the request's `Authorization` value in the first row alone.
    EchoInBody,
    /// Everything but ids is null.
    NullFields,
    /// Every row has fields that nobody has heard of, of every JSON type.
    UnknownFields,
    /// `status`, `type` and the like have words that the description lacks.
    UnknownWords,
    /// Every other row is a draft.
    Drafts,
    /// Ids are numbers, not strings.
    NumericIds,
    /// One row without an id, and one that is a string.
    BadRow,
    /// 302 to another host.
    Redirect,
    /// The link to the next page holds no cursor.
    BadNextLink,
    /// 200 and `{"results": {}}`.
    WrongShape,
    /// 200 and nothing.
    EmptyBody,
}

/// Which limit a 429 speaks of. Each has headers of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitReason {
    /// Requests per second.
    Burst,
    /// The hourly points of the app, over all its tenants.
    QuotaGlobal,
    /// The hourly points of the app at this tenant.
    QuotaTenant,
    /// The API gateway, which names the time of the reset without seconds.
    Gateway,
}

/// Which requests a fault is for. The order is the one of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    At(u64),
    Between(u64, u64),
    Every(u64),
    Always,
}

impl When {
    fn holds(self, request: u64) -> bool {
        match self {
            Self::At(number) => request == number,
            Self::Between(first, last) => (first..=last).contains(&request),
            Self::Every(step) => step != 0 && request.is_multiple_of(step),
            Self::Always => true,
        }
    }

    fn breadth(self) -> u8 {
        match self {
            Self::At(_) => 0,
            Self::Between(..) => 1,
            Self::Every(_) => 2,
            Self::Always => 3,
        }
    }
}

/// Faults, and the requests that they hit. Requests are counted from 1, from the start or from
/// the last [`Simulator::set_faults`](crate::Simulator::set_faults).
///
/// Where several hit the same request the narrowest wins: a number before a range, a range
/// before every n-th, every n-th before all.
///
/// As text, for a command line: `WHEN:WHAT`, separated by commas. WHEN is `3`, `2-5`, `/10`
/// (every tenth) or `*`; WHAT is a status or a name such as `truncate`, `stall`, `quota=1800`.
///
/// ```
/// use confluence_simulator::{Fault, Faults};
///
/// let faults: Faults = "3:429,*:500".parse()?;
/// assert_eq!(faults, Faults::none().at(3, Fault::Status(429)).always(Fault::Status(500)));
/// # Ok::<(), confluence_simulator::ParseFaultsError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    rules: Vec<(When, Fault)>,
}

impl Faults {
    /// Nothing goes wrong.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The request with this number, counted from 1.
    #[must_use]
    pub fn at(self, request_number: u64, fault: Fault) -> Self {
        self.with(When::At(request_number), fault)
    }

    /// The requests from `first` to `last`, both included.
    #[must_use]
    pub fn between(self, first: u64, last: u64, fault: Fault) -> Self {
        self.with(When::Between(first, last), fault)
    }

    /// Every `n`-th request. No request, if `n` is 0.
    #[must_use]
    pub fn every(self, n: u64, fault: Fault) -> Self {
        self.with(When::Every(n), fault)
    }

    /// All requests.
    #[must_use]
    pub fn always(self, fault: Fault) -> Self {
        self.with(When::Always, fault)
    }

    fn with(mut self, when: When, fault: Fault) -> Self {
        self.rules.push((when, fault));
        self
    }

    pub(crate) fn for_request(&self, number: u64) -> Option<&Fault> {
        let hits = self.rules.iter().filter(|(when, _)| when.holds(number));
        hits.min_by_key(|(when, _)| when.breadth())
            .map(|(_, fault)| fault)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Faults};

    #[test]
    fn the_narrowest_rule_wins() {
        let faults = Faults::none()
            .always(Fault::Stall)
            .every(2, Fault::Reset)
            .between(3, 4, Fault::Html)
            .at(4, Fault::EmptyBody);
        let hit = |number| faults.for_request(number).cloned();
        assert_eq!(hit(1), Some(Fault::Stall));
        assert_eq!(hit(2), Some(Fault::Reset));
        assert_eq!(hit(3), Some(Fault::Html));
        assert_eq!(hit(4), Some(Fault::EmptyBody));
        assert_eq!(Faults::none().every(0, Fault::Reset).for_request(1), None);
    }
}
