//! OAuth 2.0 (3LO): logins, the tokens that come of them, and their refresh.
//!
//! A login leads to a [`grant`]: an access token, a refresh token and what they are for, sealed in the
//! store of secrets under an id that binds it to level, connection, site, cloud id, client id and
//! scopes. Refresh tokens rotate, and the old one dies, so that two refreshes at once would lose the
//! grant: [`refresh`] lets one refresh run per grant, across the threads of this process and all processes
//! that share a state folder, and stores the new pair durably before anybody uses it. [`credential`] is
//! the [`CredentialSource`](crate::CredentialSource) of calls.
//!
//! [`login`] is one authorization request with `state` and PKCE, [`server`] speaks to the
//! authorization server, and [`scopes`] has the least scopes for functions and streams.

mod credential;
mod error;
mod grant;
mod login;
mod refresh;
mod scopes;
mod server;
mod settings;

pub use error::OauthError;
pub use grant::GrantState;
pub use login::{AuthorizationCode, Callback, LoginRequest, PasteError};
pub use scopes::{NeededScopes, UnknownScopeUser, needed_scopes};
pub use server::ServerFault;

pub(crate) use credential::OauthCredential;
pub(crate) use grant::{Grant, grant_binding, secret_binding};
pub(crate) use login::{Requested, login_id};
pub(crate) use refresh::{GrantLocks, StoredGrant};
pub(crate) use server::{OauthServer, Resource, TokenFailure};
pub(crate) use settings::{OauthServers, SETTINGS};
