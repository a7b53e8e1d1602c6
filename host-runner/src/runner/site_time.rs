//! What time a site says it is.

use std::time::{Duration, SystemTime};

use time::PrimitiveDateTime;
use time::macros::format_description;

use super::HostRunner;
use host_levels::{ConfigError, EndpointDenied, Scope};

use crate::connection::Endpoint;
use crate::limits::Limits;
use crate::outbound::Route;

/// Why a site's time is not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SiteTimeError {
    /// The levels have mistakes.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No connection may lead there.
    #[error(transparent)]
    EndpointDenied(#[from] EndpointDenied),
    /// It does not answer.
    #[error("`{host}` did not answer: {reason}")]
    NoAnswer {
        /// The host.
        host: String,
        /// What the transport said.
        reason: String,
    },
    /// It answers without a `Date`.
    #[error("`{host}` sent no `Date` header")]
    NoDate {
        /// The host.
        host: String,
    },
}

impl HostRunner {
    /// What time a site says it is, to the second, in an answer to a request without authorization.
    ///
    /// # Errors
    ///
    /// [`SiteTimeError`] when the scope's levels let no connection lead there, or the site does not
    /// say.
    pub async fn site_time(
        &self,
        scope: &Scope,
        endpoint: &Endpoint,
    ) -> Result<SystemTime, SiteTimeError> {
        let effective = self.in_force(scope)?;
        effective.allows(endpoint)?;
        let host = || endpoint.host().to_owned();
        let limits = self
            .0
            .limits
            .unwrap_or_else(|| Limits::in_force(&effective));
        let headers = self
            .0
            .egress
            .transports
            .head(endpoint, &Route::in_force(&effective), &limits)
            .await
            .map_err(|reason| SiteTimeError::NoAnswer {
                host: host(),
                reason,
            })?;
        headers
            .get(http::header::DATE)
            .and_then(|date| parse(date.to_str().ok()?))
            .ok_or_else(|| SiteTimeError::NoDate { host: host() })
    }
}

/// Reads the form of RFC 9110, section 5.6.7, that all senders use.
fn parse(date: &str) -> Option<SystemTime> {
    let form = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let seconds = PrimitiveDateTime::parse(date, &form)
        .ok()?
        .assume_utc()
        .unix_timestamp();
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::parse;

    #[test]
    fn a_date_of_http_is_a_time() {
        assert_eq!(
            parse("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777))
        );
        for text in ["", "yesterday", "Sun, 06 Nov 1994 08:49:37 CET"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
