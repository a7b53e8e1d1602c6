//! What a simulator is started with.

use std::time::Duration;

use crate::amounts::Amounts;
use crate::content::Content;
use crate::fault::Faults;
use crate::index_lag::IndexLag;
use crate::oauth::{OauthSettings, TokenFault};

/// What a simulator is started with.
///
/// ```
/// use confluence_simulator::Settings;
///
/// let settings = Settings { pages: 1_000, ..Settings::default() };
/// assert_eq!(settings.seed, 42);
/// ```
#[derive(Debug, Clone)]
pub struct Settings {
    /// Everything on the site follows from this number and `pages`. 42 by default.
    pub seed: u64,
    /// Pages that the page listing answers by default: current and archived ones. Trashed pages
    /// come on top, and everything else is in proportion. 200 by default; a million costs no
    /// memory, because no page is kept.
    pub pages: u64,
    /// How much of each kind there is, where it is not to follow from `pages`.
    pub amounts: Amounts,
    /// What names and titles are like. [`Content::EdgeCases`] by default.
    pub content: Content,
    /// Whether each page of a space hangs under the one before it, in one chain as deep as the
    /// space has pages. By default trees are broad: seven levels with 2 000 pages in a space.
    pub chained: bool,
    /// How long every answer waits before it is sent. None by default.
    pub latency: Duration,
    /// What goes wrong, and with which requests. Nothing by default.
    pub faults: Faults,
    /// How far search is behind the mutations of the site. It is not by default.
    pub index_lag: IndexLag,
    /// The exact `Authorization` value that is an account. With `None`, the default, every
    /// well-formed `Basic` of `email:token` and every `Bearer` is one.
    pub credential: Option<String>,
    /// The authorization server of OAuth 2.0. With `None`, the default, there is none.
    pub oauth: Option<OauthSettings>,
    /// What goes wrong with the first requests to the token endpoint, one after the other.
    pub token_faults: Vec<TokenFault>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 42,
            pages: 200,
            amounts: Amounts::default(),
            content: Content::default(),
            chained: false,
            latency: Duration::ZERO,
            faults: Faults::none(),
            index_lag: IndexLag::default(),
            credential: None,
            oauth: None,
            token_faults: Vec::new(),
        }
    }
}
