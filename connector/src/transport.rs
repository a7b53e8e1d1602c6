//! The one thing that the connector asks of its surroundings: to send a GET.

use crate::Error;

/// Sends requests for a [`Confluence`](crate::Confluence).
///
/// It holds what the connector does not know: the base URL, the credential, retries, the
/// network. Redirects are not to be followed; the connector reports them.
pub trait Transport {
    /// Sends one GET.
    ///
    /// `path_and_query` lies below the site's base URL (which ends in `/wiki`), starts with `/`
    /// and is percent-encoded already, such as `/api/v2/pages?limit=25`.
    ///
    /// # Errors
    ///
    /// Why there is no whole answer. An answer with an error status is an [`Answer`].
    fn get(&mut self, path_and_query: &str) -> Result<Answer, TransportError>;

    /// The address of the site for people, ending in `/wiki`, where it is known. Links of records are
    /// completed with it where the response does not say what they are relative to.
    fn site(&mut self) -> Option<String> {
        None
    }

    /// Hears what the next [`get`](Self::get) will most likely ask for, while the answer before it
    /// is still being read. A transport that can have a request under way meanwhile may send it;
    /// should another one be asked for, it drops what it has.
    fn expect(&mut self, _path_and_query: &str) {}
}

/// What the site answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names, in any case, and values. A name may stand here more than once. `location` is a secret
    /// in [`get_attachment_location`](crate::Confluence::get_attachment_location); of all other answers,
    /// its host and whether it begins with a path such as `/login` are read, for errors.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The whole body, decompressed.
    pub body: Vec<u8>,
}

impl Answer {
    /// All values of one header that are text, in order. `name` in lower case.
    pub(crate) fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(given, _)| given.eq_ignore_ascii_case(name))
            .filter_map(|(_, value)| std::str::from_utf8(value).ok())
            .map(str::trim)
    }

    /// The first value of one header that is text. `name` in lower case.
    pub(crate) fn header<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.headers(name).next()
    }
}

/// Why a request got no whole answer.
///
/// `detail` is for people and goes into the error's cause; it must hold no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The site did not accept the connection, or closed it before an answer began.
    #[error("no connection to the site: {detail}")]
    Unreachable {
        /// What the network said.
        detail: String,
    },
    /// The site's name has no address.
    #[error("the site's name has no address: {detail}")]
    Unresolvable {
        /// What the resolver said.
        detail: String,
    },
    /// The site did not answer in time.
    #[error("no response in time: {detail}")]
    TimedOut {
        /// Which time ran out.
        detail: String,
    },
    /// The certificate or TLS does not hold.
    #[error("no secure connection to the site: {detail}")]
    Insecure {
        /// What TLS said.
        detail: String,
    },
    /// The host's network policy forbids the request.
    #[error("the host forbids the request: {detail}")]
    Denied {
        /// Which rule.
        detail: String,
    },
    /// The answer ended before it was complete.
    #[error("the response ended early: {detail}")]
    Truncated {
        /// Where it ended.
        detail: String,
    },
    /// The answer is larger than the host lets through.
    #[error("the response is too large: {detail}")]
    TooLarge {
        /// The limit that it met.
        detail: String,
    },
    /// Something else.
    #[error("the request failed: {detail}")]
    Other {
        /// What is known of it.
        detail: String,
    },
    /// An error that is finished already. It is passed through unchanged.
    #[error(transparent)]
    Settled(Box<Error>),
}
