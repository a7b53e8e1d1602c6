//! The authorization server of OAuth 2.0 (3LO), as Atlassian runs it.
//!
//! Strict where Atlassian is: the callback URL matches to the letter, codes are redeemed once, refresh
//! tokens rotate and the old one dies, wrong client secrets answer as a declined consent does.
//!
//! | path | what it does |
//! |---|---|
//! | `GET /authorize` | the consent page, or a redirect at once with [`Consent::Granted`] and [`Consent::Declined`] |
//! | `POST /authorize` | the decision of the consent page, `decision=allow` or `decision=deny`, with the query of the page |
//! | `POST /oauth/token` | redeems a code, or refreshes |
//! | `GET /oauth/token/accessible-resources` | the sites of an access token |
//! | `/ex/confluence/CLOUD-ID/…` | the API: a `Bearer` has to be an access token with the scope of the call |

mod authorize;
mod fault;
mod scopes;
mod server;
mod settings;
mod token;

pub use fault::{ParseTokenFaultError, TokenFault};
pub use server::TokenRequest;
pub use settings::{Consent, OauthSettings, OauthSite};

pub(crate) use server::{Access, AuthorizationServer, OauthAnswer};
