//! Why a login fails, or a grant is of no use.

use host_levels::{
    ConfigError, ConnectionName, EditError, EndpointDenied, EndpointError, LevelPath, OauthAppName,
    Remedy,
};

use super::server::ServerFault;
use crate::connection::CredentialError;
use crate::error_kind::ErrorKind;
use crate::secret::SecretError;

/// Why a login fails, or a grant is of no use. No text holds a token, a code or a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OauthError {
    /// There is no grant for what the connection is now, or the authorization server has ended it.
    #[error("connection `{name}` of level `{level}` needs authorization: {why}")]
    NeedsAuthorization {
        /// The connection.
        name: ConnectionName,
        /// Its level.
        level: LevelPath,
        /// What is known of the reason.
        why: &'static str,
    },
    /// The authorization server rejects client id and secret.
    #[error("wrong client: `{server}` rejects the client id or the secret of OAuth app `{app}`")]
    WrongClient {
        /// The app.
        app: OauthAppName,
        /// The app's level.
        level: LevelPath,
        /// The host of the authorization server.
        server: String,
    },
    /// The app has no secret.
    #[error("OAuth app `{app}` of level `{level}` has no client secret for its client id")]
    NoClientSecret {
        /// The app.
        app: OauthAppName,
        /// The app's level.
        level: LevelPath,
    },
    /// There is no such app.
    #[error("there is no OAuth app `{app}` at level `{level}` or a wider one")]
    NoApp {
        /// The app.
        app: OauthAppName,
        /// The level that was looked at first.
        level: LevelPath,
    },
    /// The login names no app, and there is no connection that has one.
    #[error("connection `{name}` of level `{level}` has no OAuth app yet: name one")]
    AppMissing {
        /// The connection.
        name: ConnectionName,
        /// Its level.
        level: LevelPath,
    },
    /// A connection with an API token has the name.
    #[error(
        "connection `{name}` of level `{level}` has an API token: remove it first, or log in under another name"
    )]
    HasToken {
        /// The connection.
        name: ConnectionName,
        /// Its level.
        level: LevelPath,
    },
    /// A server does not answer as it should.
    #[error("`{server}` {fault}, so {doing} failed")]
    Server {
        /// Its host.
        server: String,
        /// What was asked of it.
        doing: &'static str,
        /// What is wrong.
        fault: ServerFault,
    },
    /// The account did not consent.
    #[error("the consent was declined in the browser; nothing was stored")]
    Declined,
    /// The authorization server sent the browser back with an error.
    #[error(
        "the authorization server refused the login: `{error}`{description}; nothing was stored"
    )]
    Refused {
        /// The word of the error.
        error: String,
        /// What it said, in brackets, or nothing.
        description: String,
    },
    /// The code of the callback was not accepted.
    #[error("`{server}` did not accept the code of the login; nothing was stored")]
    Code {
        /// The host of the authorization server.
        server: String,
    },
    /// The account has granted no site.
    #[error(
        "the account that logged in has access to no Confluence site through this OAuth app; nothing was stored"
    )]
    NoSites,
    /// The site is none of those that were granted.
    #[error("the login grants no access to `{site}`; it grants {}; nothing was stored", listed(.granted))]
    NoSuchSite {
        /// The site that was asked for.
        site: String,
        /// The sites that were granted.
        granted: Vec<String>,
    },
    /// Several sites were granted, and none was named.
    #[error("the login grants several sites, and none was named: {}; nothing was stored", listed(.granted))]
    SeveralSites {
        /// The sites that were granted.
        granted: Vec<String>,
    },
    /// The address of a granted site is of no use.
    #[error("the granted site `{site}` is not valid: {error}; nothing was stored")]
    SiteAddress {
        /// The address.
        site: String,
        /// What is wrong with it.
        error: EndpointError,
    },
    /// The answer to the login has no refresh token.
    #[error("the login came without a refresh token; nothing was stored")]
    NoRefreshToken,
    /// Another process refreshes without end, or the lock cannot be taken.
    #[error("cannot lock the grant of connection `{name}` for its refresh: {source}")]
    Lock {
        /// The connection.
        name: ConnectionName,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The call has asked the authorization server as often as it may.
    #[error(
        "`{server}` did not refresh the access token of connection `{name}`, and this call does not ask again"
    )]
    AskedTwice {
        /// The connection.
        name: ConnectionName,
        /// The host of the authorization server.
        server: String,
    },
    /// The task that refreshes broke.
    #[error("the refresh of the access token did not complete")]
    Task,
    /// No request may go to where the servers are.
    #[error(transparent)]
    Denied(#[from] EndpointDenied),
    /// The secrets cannot be read or written.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The levels have mistakes.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The level cannot be changed.
    #[error(transparent)]
    Edit(#[from] EditError),
}

fn listed(sites: &[String]) -> String {
    format!("`{}`", sites.join("`, `"))
}

impl OauthError {
    /// The kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NeedsAuthorization { .. }
            | Self::WrongClient { .. }
            | Self::Declined
            | Self::Refused { .. }
            | Self::Code { .. }
            | Self::NoRefreshToken => ErrorKind::Unauthorized,
            Self::NoClientSecret { .. } | Self::NoApp { .. } | Self::AppMissing { .. } => {
                ErrorKind::NotConfigured
            }
            Self::NoSites => ErrorKind::Forbidden,
            Self::NoSuchSite { .. } => ErrorKind::NotFound,
            Self::SeveralSites { .. } | Self::HasToken { .. } | Self::SiteAddress { .. } => {
                ErrorKind::InvalidArgument
            }
            Self::Server { fault, .. } => fault.kind(),
            Self::AskedTwice { .. } => ErrorKind::UpstreamFailed,
            Self::Lock { .. } | Self::Secret(_) => ErrorKind::Store,
            Self::Task => ErrorKind::Internal,
            Self::Denied(_) => ErrorKind::Refused,
            Self::Config(_) | Self::Edit(EditError::Config(_)) => ErrorKind::Configuration,
            Self::Edit(EditError::Write { .. }) => ErrorKind::Store,
            Self::Edit(_) => ErrorKind::Refused,
        }
    }

    /// Whether it may pass without anybody logging in: a token that is still valid can be used on.
    pub(super) fn passes(&self) -> bool {
        !matches!(self, Self::NeedsAuthorization { .. })
    }

    /// The likely cause.
    #[must_use]
    pub fn cause(&self) -> Option<&'static str> {
        Some(match self {
            Self::NeedsAuthorization { .. } => {
                "the login was revoked or has expired, or level, site, cloud id, client id or scopes were changed since"
            }
            Self::WrongClient { .. } => {
                "the client id or the secret was copied with a part missing or with extra spaces, the secret was regenerated, or the app was deleted"
            }
            Self::NoClientSecret { .. } => {
                "secrets are stored separately from files, and bound to level, name and client id: the app was written by hand, copied, or its client id was changed"
            }
            Self::Server { fault, .. } => fault.cause(),
            Self::Declined => "somebody chose `Cancel` on the consent page",
            Self::Code { .. } => {
                "the code was used before, is older than a few minutes, or belongs to another login or callback URL"
            }
            Self::NoSites => {
                "the account has no Confluence site, no site was chosen on the consent page, or the app has no Confluence permissions in the developer console"
            }
            Self::NoSuchSite { .. } => {
                "another site was chosen on the consent page, the account has no access to this one, or the address is mistyped"
            }
            Self::NoRefreshToken => "the scope `offline_access` was not granted",
            Self::AskedTwice { .. } => "the authorization server is failing",
            _ => return None,
        })
    }

    /// What to do about it, where no remedy says it.
    #[must_use]
    pub fn resolution(&self) -> Option<&'static str> {
        Some(match self {
            Self::Server { fault, .. } => fault.resolution(),
            Self::Declined => "log in again, and choose `Accept`",
            Self::Refused { .. } => {
                "check the permissions of the OAuth app in the developer console, and log in again"
            }
            Self::Code { .. } => "log in again, and complete it within a few minutes",
            Self::NoSites => {
                "log in with an account that can open the site, choose the site on the consent page, and add the Confluence API to the permissions of the app"
            }
            Self::NoSuchSite { .. } => {
                "pass the address of a granted site, or log in again and choose the site on the consent page"
            }
            Self::SeveralSites { .. } => "name one of them as the site",
            Self::NoRefreshToken => "add `offline_access` to the scopes of the OAuth app",
            Self::Lock { .. } => "use a writable state folder, and look for a process that hangs",
            Self::AskedTwice { .. } => "try again later: the login is still there",
            Self::Task => "try again",
            _ => return None,
        })
    }

    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::NeedsAuthorization { name, level, .. } => Some(Remedy::Login {
                name: name.clone(),
                level: level.clone(),
            }),
            Self::WrongClient { app, level, .. } | Self::NoClientSecret { app, level } => {
                Some(Remedy::EnterClientSecret {
                    name: Some(app.clone()),
                    level: Some(level.clone()),
                })
            }
            Self::NoApp { app, .. } => Some(Remedy::AddOauthApp { name: app.clone() }),
            Self::Denied(denied) => denied.remedy(),
            Self::Secret(error) => error.remedy(),
            Self::Edit(error) => error.remedy(),
            _ => None,
        }
    }
}

/// The same for a request that has no authorization because of it.
impl From<OauthError> for CredentialError {
    fn from(error: OauthError) -> Self {
        let fix = error.resolution().map(str::to_owned);
        let fix = fix.or_else(|| error.remedy().map(|remedy| remedy.to_string()));
        Self::typed(
            error.to_string(),
            error.kind(),
            error.cause(),
            fix,
            error.remedy(),
        )
    }
}
