//! Connections from environment variables, for containers: no file and no state folder is needed.

use std::ffi::OsString;

use host_runner::{
    ConnectionDefinition, ConnectionName, Endpoint, HostRunnerBuilder, Scheme, Token, TokenKind,
};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::confluence_variables::{TOKEN, URL, USER, value};
use crate::exit::Failure;
use crate::secret_argument;

/// Variables that each have a whole connection as JSON: what follows is the name, `_` for `-`.
const PREFIX: &str = "HOST_RUNNER_CONNECTION_";

/// The variables of this program's own that mean nothing when they are empty.
const OWN: &str = "HOST_RUNNER_";

/// Variables that mean something when they are empty.
const MEANT_EMPTY: [&str; 1] = ["HOST_RUNNER_PAGER"];

/// A connection of a variable.
pub(crate) struct VariableConnection {
    variable: String,
    name: ConnectionName,
    definition: ConnectionDefinition,
    token: Token,
}

/// What `HOST_RUNNER_CONNECTION_NAME` has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Fields {
    site: String,
    user: Option<String>,
    authorization: Option<String>,
    token: String,
    token_kind: Option<String>,
    concurrency: Option<u8>,
    token_expires: Option<String>,
}

/// Names of variables whose empty value is as good as none: orchestrators set them so.
pub(crate) fn empty() -> impl Iterator<Item = OsString> {
    std::env::vars_os()
        .filter(|(name, value)| {
            let name = name.to_string_lossy();
            value.is_empty() && name.starts_with(OWN) && !MEANT_EMPTY.contains(&name.as_ref())
        })
        .map(|(name, _)| name)
}

/// A variable of this program's own whose value is not text.
pub(crate) fn not_text() -> Option<String> {
    std::env::vars_os()
        .filter(|(_, value)| value.to_str().is_none())
        .filter_map(|(name, _)| name.into_string().ok())
        .find(|name| name.starts_with(OWN))
}

/// The connections of all variables, sorted by the variables' names.
pub(crate) fn connections() -> Result<Vec<VariableConnection>, Failure> {
    let mut found = Vec::new();
    for (variable, value) in std::env::vars_os() {
        let Some(variable) = variable.to_str() else {
            continue;
        };
        let Some(name) = variable.strip_prefix(PREFIX).filter(|_| !value.is_empty()) else {
            continue;
        };
        let text = value
            .into_string()
            .map(Zeroizing::new)
            .map_err(|_| invalid(variable, "it is not UTF-8"))?;
        found.push(of_json(variable, name, &text)?);
    }
    found.extend(of_confluence()?);
    found.sort_by(|one, other| one.variable.cmp(&other.variable));
    Ok(found)
}

fn of_json(variable: &str, name: &str, text: &str) -> Result<VariableConnection, Failure> {
    let name = name.to_lowercase().replace('_', "-");
    let name = name.parse().map_err(|error| {
        invalid(
            variable,
            &format!("its name is not one of a connection: {error}"),
        )
    })?;
    // The parser's own message may repeat a value.
    let fields: Fields = serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        invalid(
            variable,
            &format!(
                "expected JSON such as `{{\"site\":\"DOMAIN.atlassian.net\",\"user\":\"me@example.com\",\"token\":\"…\"}}`, with no other fields than `site`, `user`, `authorization`, `token`, `token-kind`, `concurrency` and `token-expires` ({place})"
            ),
        )
    })?;
    let secret = secret(variable, Zeroizing::new(fields.token))?;
    let scheme = match (fields.authorization.as_deref(), fields.user) {
        (Some("bearer"), None) => Scheme::Bearer,
        (None | Some("basic"), Some(user)) => Scheme::Basic { user },
        (None | Some("basic"), None) => return Err(invalid(variable, "`user` is missing")),
        _ => {
            return Err(invalid(
                variable,
                "`authorization` must be `basic`, with `user`, or `bearer`, without",
            ));
        }
    };
    let kind = match fields.token_kind.as_deref() {
        None => TokenKind::default(),
        Some(kind) => TokenKind::ALL
            .into_iter()
            .find(|known| known.as_str() == kind)
            .ok_or_else(|| {
                invalid(
                    variable,
                    "`token-kind` must be `unscoped`, `scoped` or `service-account`",
                )
            })?,
    };
    let mut definition = definition(variable, &fields.site, scheme, kind)?;
    if let Some(concurrency) = fields.concurrency {
        definition.concurrency = concurrency;
    }
    if let Some(date) = fields.token_expires {
        let date = date.parse();
        definition.token_expires =
            Some(date.map_err(|error| invalid(variable, &format!("`token-expires`: {error}")))?);
    }
    Ok(VariableConnection {
        variable: variable.to_owned(),
        name,
        definition,
        token: token(variable, &secret)?,
    })
}

/// The token in `text`, or in the file or variable that it names, as for `--token`.
fn secret(variable: &str, text: Zeroizing<String>) -> Result<Zeroizing<String>, Failure> {
    if *text == "-" {
        return Err(invalid(
            variable,
            "`token` cannot be read from standard input: pass the token, `@FILE` or `env:VARIABLE`",
        ));
    }
    match secret_argument::source(&text) {
        Ok(named) => Ok(named.unwrap_or(text)),
        Err(error) => Err(invalid(variable, &format!("`token`: {error}"))),
    }
}

/// The connection `default`, where its three variables are set. Without a user, the token is sent
/// alone.
fn of_confluence() -> Result<Option<VariableConnection>, Failure> {
    let (Some(url), Some(text)) = (value(URL), value(TOKEN).map(Zeroizing::new)) else {
        return Ok(None);
    };
    let secret = secret(TOKEN, text)?;
    let scheme = match value(USER) {
        Some(user) => Scheme::Basic { user },
        None => Scheme::Bearer,
    };
    Ok(Some(VariableConnection {
        variable: URL.to_owned(),
        name: ConnectionName::default_name(),
        definition: definition(URL, &url, scheme, TokenKind::default())?,
        token: token(TOKEN, &secret)?,
    }))
}

fn definition(
    variable: &str,
    site: &str,
    scheme: Scheme,
    kind: TokenKind,
) -> Result<ConnectionDefinition, Failure> {
    let endpoint =
        Endpoint::parse_site(site).map_err(|error| invalid(variable, &error.to_string()))?;
    let definition = ConnectionDefinition::new(endpoint, scheme, kind);
    definition
        .check()
        .map_err(|error| invalid(variable, &error.to_string()))?;
    Ok(definition)
}

fn token(variable: &str, text: &str) -> Result<Token, Failure> {
    Token::parse(text).map_err(|error| invalid(variable, &error.to_string()))
}

fn invalid(variable: &str, why: &str) -> Failure {
    Failure::Usage(format!(
        "the variable `{variable}` is not a valid connection: {why}"
    ))
}

/// What levels say of the connections: name of the variable, and the text of a file.
pub(crate) fn texts(connections: &[VariableConnection]) -> Vec<(String, String)> {
    connections
        .iter()
        .map(|there| {
            (
                there.variable.clone(),
                there.definition.to_toml(&there.name),
            )
        })
        .collect()
}

/// Gives a host the connections.
pub(crate) fn supply(
    builder: HostRunnerBuilder,
    connections: Vec<VariableConnection>,
) -> HostRunnerBuilder {
    connections.into_iter().fold(builder, |builder, there| {
        builder.connection_from_variable(
            &there.variable,
            &there.name,
            &there.definition,
            there.token,
        )
    })
}
