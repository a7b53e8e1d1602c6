//! When the token of a connection expires, as far as somebody said.

use std::str::FromStr;
use std::time::SystemTime;

use host_runner::{ConnectionDefinition, ConnectionName, Date, DateError, GrantState, LevelPath};

use crate::remedy;

/// Days before the expiry from which it is reported: time to ask an administrator for a new token.
const DAYS_AHEAD: i64 = 14;

/// The value of `--token-expires`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenExpires(pub(super) Option<Date>);

impl FromStr for TokenExpires {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        match text {
            "none" => Ok(Self(None)),
            date => date.parse().map(|date| Self(Some(date))),
        }
    }
}

/// What to say of a token that has expired, or is about to.
pub(crate) fn notice(name: &ConnectionName, definition: &ConnectionDefinition) -> Option<String> {
    let date = definition.token_expires?;
    let when = match date.days_after(SystemTime::now()) {
        DAYS_LATER.. => return None,
        days @ 2.. => format!("expires in {days} days, on {date}"),
        1 => format!("expires tomorrow, on {date}"),
        0 => format!("expires today, on {date}"),
        _ => format!("expired on {date}"),
    };
    Some(format!("the token of connection `{name}` {when}"))
}

/// The state of a stored token, in the words of OAuth logins as far as those fit.
pub(super) fn state(definition: &ConnectionDefinition) -> String {
    let days = definition
        .token_expires
        .map(|date| date.days_after(SystemTime::now()))
        .filter(|days| *days <= DAYS_AHEAD);
    match days.map(u64::try_from) {
        None => GrantState::Ok.to_string(),
        Some(Ok(days)) => GrantState::Expires { days }.to_string(),
        Some(Err(_)) => "expired".to_owned(),
    }
}

/// The first number of days that is not reported.
const DAYS_LATER: i64 = DAYS_AHEAD + 1;

/// How to replace it.
pub(crate) fn fix(name: &ConnectionName, level: &LevelPath) -> String {
    format!(
        "create a new token, and store it with `host-runner connection set-token {name} {} --token-expires DATE`",
        remedy::options(level)
    )
}
