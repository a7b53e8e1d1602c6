//! A grant: the tokens of one login, and what they are for.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use host_levels::{ConnectionDefinition, OauthApp, Scheme};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::connection::{Authorization, Token};

/// A refresh token that is not used for so long dies, in days.
const UNUSED_DAYS: u64 = 90;

/// So long after the login a refresh token dies in any case, in days.
const LIFE_DAYS: u64 = 365;

/// Days before the end of a grant from which it is reported.
const DAYS_AHEAD: u64 = 14;

/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Longest access token and refresh token together, in bytes. Atlassian's have some 5 000.
const MAX_PAIR_BYTES: usize = 10 * 1024;

/// A text that is overwritten when it is dropped, and that nothing prints.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Hidden(Zeroizing<String>);

impl Hidden {
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// What became of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    /// It can be used.
    Valid,
    /// The authorization server has ended it. Its tokens are gone.
    Ended,
    /// The authorization server has rejected the client id or secret. Its tokens are kept.
    WrongClient,
}

/// The tokens of one login, and what they are for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Grant {
    version: u8,
    pub(crate) standing: Standing,
    /// Random, of the login: a refresh keeps it.
    pub(crate) login: String,
    access: Hidden,
    refresh: Hidden,
    /// When the access token was answered, in milliseconds since 1970.
    answered_ms: u64,
    /// Its life, in milliseconds.
    life_ms: u64,
    /// When the account consented, in milliseconds since 1970.
    consented_ms: u64,
    /// Scopes that were asked for and not granted.
    pub(crate) missing: Vec<String>,
}

/// A new pair of tokens.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) access: Hidden,
    /// `None` where the one that was used lives on.
    pub(crate) refresh: Option<Hidden>,
    pub(crate) life: Duration,
    pub(crate) scopes: Vec<String>,
}

impl Pair {
    /// Whether both can be stored and sent.
    pub(crate) fn is_usable(&self) -> bool {
        let is_token = |token: &Hidden| {
            !token.expose().is_empty() && token.expose().bytes().all(|byte| byte.is_ascii_graphic())
        };
        let refresh = self.refresh.as_ref();
        let bytes = refresh.map_or(0, |token| token.expose().len()) + self.access.expose().len();
        is_token(&self.access)
            && refresh.is_none_or(is_token)
            && bytes <= MAX_PAIR_BYTES
            && !self.life.is_zero()
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Grant {
    /// The grant of a login. `now` is the time since 1970.
    pub(crate) fn of_login(login: String, pair: Pair, missing: Vec<String>, now: Duration) -> Self {
        Self {
            version: 1,
            standing: Standing::Valid,
            login,
            access: pair.access,
            refresh: pair.refresh.unwrap_or_default(),
            answered_ms: milliseconds(now),
            life_ms: milliseconds(pair.life),
            consented_ms: milliseconds(now),
            missing,
        }
    }

    /// The same with a new pair.
    pub(crate) fn refreshed(&self, pair: Pair, now: Duration) -> Self {
        Self {
            standing: Standing::Valid,
            access: pair.access,
            refresh: pair.refresh.unwrap_or_else(|| self.refresh.clone()),
            answered_ms: milliseconds(now),
            life_ms: milliseconds(pair.life),
            ..self.clone()
        }
    }

    /// The same with another standing. One that has ended has no tokens.
    pub(crate) fn standing(&self, standing: Standing) -> Self {
        let mut grant = self.clone();
        grant.standing = standing;
        if standing == Standing::Ended {
            grant.access = Hidden::default();
            grant.refresh = Hidden::default();
        }
        grant
    }

    /// As the store keeps it: one word.
    pub(crate) fn to_token(&self) -> Option<Token> {
        let room = self.access.expose().len() + self.refresh.expose().len() + 8192;
        let mut json = Zeroizing::new(Vec::with_capacity(room));
        serde_json::to_writer(&mut *json, self).ok()?;
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(&*json));
        Token::parse(&text).ok()
    }

    /// Reads what the store kept. `None` for what is no grant, which is as good as none.
    pub(crate) fn of_token(token: &Token) -> Option<Self> {
        let json = Zeroizing::new(URL_SAFE_NO_PAD.decode(token.expose()).ok()?);
        serde_json::from_slice(&json).ok()
    }

    pub(crate) fn refresh_token(&self) -> &Hidden {
        &self.refresh
    }

    /// Whether two grants have the same access token.
    pub(crate) fn has_same_access(&self, other: &Self) -> bool {
        self.access == other.access
    }

    /// What requests are sent with.
    pub(crate) fn authorization(&self) -> Option<Authorization> {
        let text = Zeroizing::new(format!("Bearer {}", self.access.expose()));
        Authorization::parse(&text).ok()
    }

    /// Whether half of the life of the access token is over. Before the time of the answer the clock
    /// was set back, and nobody knows.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        let age = milliseconds(now).checked_sub(self.answered_ms);
        age.is_none_or(|age| age >= self.life_ms / 2)
    }

    /// Whether the life of the access token is over.
    pub(crate) fn is_over(&self, now: Duration) -> bool {
        let age = milliseconds(now).checked_sub(self.answered_ms);
        age.is_none_or(|age| age >= self.life_ms)
    }

    /// The state, for people.
    pub(crate) fn state(&self, now: Duration) -> GrantState {
        match self.standing {
            Standing::Ended => return GrantState::NeedsAuthorization,
            Standing::WrongClient => return GrantState::WrongClient,
            Standing::Valid if !self.missing.is_empty() => {
                return GrantState::MissingScopes {
                    missing: self.missing.clone(),
                };
            }
            Standing::Valid => {}
        }
        let unused = self.answered_ms.saturating_add(UNUSED_DAYS * DAY_MS);
        let end = self
            .consented_ms
            .saturating_add(LIFE_DAYS * DAY_MS)
            .min(unused);
        let days = end.saturating_sub(milliseconds(now)).div_ceil(DAY_MS);
        if days > DAYS_AHEAD {
            GrantState::Ok
        } else {
            GrantState::Expires { days }
        }
    }
}

/// The state of a connection that uses OAuth. Its text is the word for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrantState {
    /// It works, as far as the store tells.
    Ok,
    /// The login ends soon: 90 days after its last refresh, 365 days after the consent.
    Expires {
        /// Days that are left, rounded up.
        days: u64,
    },
    /// Somebody has to log in.
    NeedsAuthorization,
    /// The authorization server rejects the client id or the secret of the app.
    WrongClient,
    /// The login lacks scopes that were asked for.
    MissingScopes {
        /// The scopes.
        missing: Vec<String>,
    },
}

impl GrantState {
    /// A word for it without numbers and names, such as `expires` or `needs-authorization`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Expires { .. } => "expires",
            Self::NeedsAuthorization => "needs-authorization",
            Self::WrongClient => "wrong-client",
            Self::MissingScopes { .. } => "missing-scopes",
        }
    }
}

impl fmt::Display for GrantState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.write_str("ok"),
            // One form for programs, whatever the number.
            Self::Expires { days } => write!(f, "expires in {days} days"),
            Self::NeedsAuthorization => f.write_str("needs authorization"),
            Self::WrongClient => f.write_str("wrong client"),
            Self::MissingScopes { .. } => f.write_str("missing scopes"),
        }
    }
}

/// What a grant is bound to, besides level and connection. `None` for connections without OAuth.
pub(crate) fn grant_binding(definition: &ConnectionDefinition, app: &OauthApp) -> Option<String> {
    let Scheme::Oauth { .. } = definition.scheme else {
        return None;
    };
    let scopes = match &app.scopes {
        Some(scopes) => {
            let mut scopes = scopes.clone();
            scopes.sort();
            scopes.dedup();
            scopes.join(" ")
        }
        // Those that functions and streams need grow with versions of this program.
        None => "as needed".to_owned(),
    };
    Some(format!(
        "{} {} {scopes}",
        definition.binding(),
        app.client_id
    ))
}

/// What the secret of an app is bound to, besides level and name.
pub(crate) fn secret_binding(app: &OauthApp) -> String {
    app.client_id.clone()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::time::Duration;

    use super::{Grant, GrantState, Hidden, Pair, Standing};

    const START: Duration = Duration::from_secs(1_800_000_000);
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    fn grant() -> Grant {
        let pair = Pair {
            access: Hidden::new("sesame-access".to_owned()),
            refresh: Some(Hidden::new("sesame-refresh".to_owned())),
            life: Duration::from_secs(10),
            scopes: Vec::new(),
        };
        Grant::of_login("login".to_owned(), pair, Vec::new(), START)
    }

    #[test]
    fn an_access_token_is_due_at_half_of_its_life() {
        let after = |milliseconds| START + Duration::from_millis(milliseconds);
        for (now, due, over) in [
            (after(0), false, false),
            (after(4_999), false, false),
            (after(5_000), true, false),
            (after(9_999), true, false),
            (after(10_000), true, true),
            (START - DAY, true, true),
        ] {
            assert_eq!(
                (grant().is_due(now), grant().is_over(now)),
                (due, over),
                "{now:?}"
            );
        }
    }

    #[test]
    fn a_grant_is_stored_and_read_again_and_never_printed() {
        let token = grant().to_token().unwrap();
        assert_eq!(Grant::of_token(&token), Some(grant()));
        let shown = format!("{:?}", grant());
        assert!(!shown.contains("sesame"), "{shown}");
    }

    #[test]
    fn a_grant_that_has_ended_has_no_tokens() {
        let ended = grant().standing(Standing::Ended);
        assert_eq!(ended.state(START), GrantState::NeedsAuthorization);
        assert!(ended.refresh_token().expose().is_empty());
        let wrong = grant().standing(Standing::WrongClient);
        assert_eq!(wrong.state(START).to_string(), "wrong client");
        assert_eq!(wrong.refresh_token().expose(), "sesame-refresh");
    }

    #[test]
    fn the_end_of_a_grant_is_reported_from_14_days_before() {
        assert_eq!(grant().state(START + DAY * 75), GrantState::Ok);
        let state = grant().state(START + DAY * 76);
        assert_eq!(state.to_string(), "expires in 14 days");
        let refreshed = Grant {
            answered_ms: u64::try_from((START + DAY * 350).as_millis()).unwrap(),
            ..grant()
        };
        let state = refreshed.state(START + DAY * 360);
        assert_eq!(state, GrantState::Expires { days: 5 });
    }
}
