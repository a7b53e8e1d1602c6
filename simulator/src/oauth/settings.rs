//! What the authorization server is started with.

use std::time::Duration;

/// What happens to those who open `/authorize`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Consent {
    /// A page with two buttons.
    #[default]
    Page,
    /// Consent is given at once, without a browser.
    Granted,
    /// Consent is declined at once, without a browser.
    Declined,
}

/// A site that the account can open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthSite {
    /// The cloud id.
    pub cloud_id: String,
    /// Such as `https://example.atlassian.net`.
    pub url: String,
    /// The name.
    pub name: String,
    /// The scopes that the site grants at most. `None`: those that were asked for.
    pub scopes: Option<Vec<String>>,
}

/// What the authorization server is started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthSettings {
    /// The client id of the one registered app. `demo-client` by default.
    pub client_id: String,
    /// Its secret. `demo-secret` by default.
    pub client_secret: String,
    /// The registered callback URL. `http://localhost:8765/callback` by default.
    pub redirect_uri: String,
    /// The sites of the account. Empty: the simulated site alone.
    pub sites: Vec<OauthSite>,
    /// What happens to those who open `/authorize`.
    pub consent: Consent,
    /// How long access tokens live. An hour by default.
    pub token_life: Duration,
    /// How long a refresh token that was used still works. None by default; Atlassian grants 10 minutes.
    pub grace: Duration,
}

impl Default for OauthSettings {
    fn default() -> Self {
        Self {
            client_id: "demo-client".to_owned(),
            client_secret: "demo-secret".to_owned(),
            redirect_uri: "http://localhost:8765/callback".to_owned(),
            sites: Vec::new(),
            consent: Consent::Page,
            token_life: Duration::from_secs(3600),
            grace: Duration::ZERO,
        }
    }
}
