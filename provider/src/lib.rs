//! The settings that the connector asks its host for, from what hosts have that know nothing of
//! the connector: environment variables, or `wasi:config/store`.
//!
//! Composed with the connector it makes one file that such a host can load. Such a host cannot add
//! the authorization to requests on their way out, so that the connector gets it here, and sees
//! it: what a host of this project's own keeps from it. Nothing is stored:
//! `set-api-url-and-auth` is refused, since the host's configuration is what counts.
//!
//! It is compiled for WebAssembly only; natively it is empty.
#![cfg(all(
    target_family = "wasm",
    any(feature = "environment", feature = "config-store")
))]

mod bindings;
mod site;
mod source;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use confluence_connector::check_authorization;

use bindings::exports::confluence::connector::settings::{Guest, Level, Problem, ProblemKind};
use source::value;

/// The site's address.
const URL: &str = "CONFLUENCE_URL";

/// The whole value of the `Authorization` header.
const AUTHORIZATION: &str = "CONFLUENCE_AUTHORIZATION";

/// The account's e-mail address, with [`TOKEN`].
const USER: &str = "CONFLUENCE_USER";

/// The account's API token, with [`USER`].
const TOKEN: &str = "CONFLUENCE_TOKEN";

/// The component's exports. It has no state: every call reads the host's values anew.
struct Provider;

impl Guest for Provider {
    /// Fails for want of an authorization, too: [`Guest::authorization`] has no way to say why
    /// there is none, and the site would answer as to a stranger.
    fn base_url() -> Result<String, Problem> {
        let url = value(URL)?.ok_or_else(|| {
            problem(
                ProblemKind::NotConfigured,
                "not-configured",
                &format!("{} has no value", source::named(URL)),
                "the host does not provide the URL of a site",
                &format!(
                    "set it to `https://DOMAIN.atlassian.net`, {}",
                    source::PLACE
                ),
            )
        })?;
        let url = site::base_url(&url)?;
        authorization()?;
        Ok(url)
    }

    fn authorization() -> Option<String> {
        authorization().ok()
    }

    fn store(_url: String, _authorization: String, _level: Level) -> Result<String, Problem> {
        Err(problem(
            ProblemKind::Refused,
            "settings-read-only",
            "the endpoint and the authorization cannot be stored here",
            "this component reads them from its host's configuration",
            &format!("set {} there, {}", source::named(URL), source::PLACE),
        ))
    }
}

fn authorization() -> Result<String, Problem> {
    let text = match (value(AUTHORIZATION)?, value(USER)?, value(TOKEN)?) {
        (Some(whole), _, _) => whole,
        (None, Some(user), Some(token)) => {
            format!("Basic {}", STANDARD.encode(format!("{user}:{token}")))
        }
        (None, _, _) => {
            return Err(problem(
                ProblemKind::NotConfigured,
                "not-configured",
                &format!(
                    "neither {} has a value, nor {} with {}",
                    source::named(AUTHORIZATION),
                    source::named(USER),
                    source::named(TOKEN)
                ),
                "the host does not provide an authorization, or only a part of it",
                &format!(
                    "set the e-mail address of an account and an API token of it, {}",
                    source::PLACE
                ),
            ));
        }
    };
    // What is wrong with it is told without repeating it.
    check_authorization(&text).map_err(|error| {
        problem(
            ProblemKind::InvalidAuthorization,
            &error.code,
            &error.message,
            &error.cause,
            &error.resolution,
        )
    })?;
    Ok(text)
}

fn problem(kind: ProblemKind, code: &str, message: &str, cause: &str, resolution: &str) -> Problem {
    Problem {
        kind,
        code: code.to_owned(),
        message: message.to_owned(),
        cause: cause.to_owned(),
        resolution: resolution.to_owned(),
    }
}
