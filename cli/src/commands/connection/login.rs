//! `host-runner connection login` and `logout`.

mod listener;

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use host_runner::{
    AuthorizationCode, Callback, ConnectionName, Level, LevelPath, LoginRequest, NeededScopes,
    OFFLINE_ACCESS, OauthAppName, OauthError, Scope,
};
use std::str::FromStr;
use zeroize::Zeroizing;

use listener::Listener;

use crate::commands::web;
use crate::exit::Failure;
use crate::options::{LevelOption, SessionOptions, seconds};
use crate::{candidates, output, remedy, report};

pub(super) const LOGIN_HELP: &str = "\
The OAuth app is registered once, with `host-runner oauth-app add`. The first line of standard output is the \
authorization URL; the steps in the developer console, with the callback URL and the scopes to choose, are on \
standard error. The login is stored at the level; `host-runner config set connection NAME` makes it the active connection.

Examples:
  host-runner connection login docs --oauth-app main --site DOMAIN.atlassian.net
  host-runner connection login docs --oauth-app main --level cluster --no-browser
  host-runner connection login docs --paste --no-browser < address.txt";

pub(super) const LOGOUT_HELP: &str = "\
Only the tokens of the level that supplies the connection are removed; wider levels keep theirs. The consent itself is \
revoked at https://id.atlassian.com/manage-profile/apps.

Examples:
  host-runner connection logout docs
  host-runner connection logout docs --level cluster";

/// How long a login waits for the browser, in seconds: the consent page has to be read.
const PATIENCE_SECONDS: f64 = 600.0;

/// Longest address that is pasted, in bytes.
const MAX_ADDRESS_BYTES: u64 = 64 * 1024;

#[derive(Debug, Args)]
pub(crate) struct LoginArguments {
    /// Connection name [default: the active connection]
    #[arg(value_parser = ConnectionName::from_str, add = ArgValueCandidates::new(candidates::connections))]
    name: Option<ConnectionName>,
    /// OAuth app to log in with [default: the one that the connection has]
    #[arg(long, value_name = "APP", value_parser = OauthAppName::from_str, add = ArgValueCandidates::new(candidates::oauth_apps))]
    oauth_app: Option<OauthAppName>,
    /// Site, compared by host [default: the only site that is granted]
    #[arg(long, value_name = "URL")]
    site: Option<String>,
    /// Print the URL and open no browser
    #[arg(long)]
    no_browser: bool,
    /// Read the address that the browser was sent to from standard input, and open no port
    #[arg(long)]
    paste: bool,
    /// Time limit of the login in seconds [default: 600]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<f64>,
    #[command(flatten)]
    level: LevelOption,
}

#[derive(Debug, Args)]
pub(crate) struct LogoutArguments {
    /// Connection name [default: the active connection]
    #[arg(value_parser = ConnectionName::from_str, add = ArgValueCandidates::new(candidates::connections))]
    name: Option<ConnectionName>,
    /// Level of the connection: `cluster`, `env` or `app` [default: the level that it comes from]
    #[arg(long, value_name = "LEVEL", value_parser = Level::from_str, add = ArgValueCandidates::new(candidates::levels))]
    level: Option<Level>,
}

/// Logs in. `--timeout` is the login's own here.
pub(super) async fn login(
    session: &SessionOptions,
    arguments: LoginArguments,
) -> Result<(), Failure> {
    let session = &SessionOptions {
        timeout: None,
        ..session.clone()
    };
    let host = session.open()?;
    let scope = session.scope();
    let level = arguments.level.level;
    let name = super::named(&host, &scope, arguments.name.clone())?;
    let app = arguments.oauth_app.as_ref();
    let request = host.begin_login(&scope, level, &name, app).await?;
    // Told before anybody is sent to a browser.
    let listener = match arguments.paste {
        true => None,
        false => Some(Listener::bind(request.redirect_uri()).await?),
    };
    output::say(request.url())?;
    steps(&request);
    if !arguments.no_browser && !arguments.paste {
        open(&request);
    }
    let patience = Duration::from_secs_f64(arguments.timeout.unwrap_or(PATIENCE_SECONDS));
    let waited = async {
        match listener {
            Some(listener) => listener.wait(&request).await,
            None => paste(&request).await,
        }
    };
    let code = tokio::time::timeout(patience, waited)
        .await
        .unwrap_or_else(|_| Err(timed_out(&request, patience)))?;
    let logged_in = host
        .finish_login(request, code, arguments.site.as_deref())
        .await?;
    report::note(&format!(
        "logged in to {}; stored connection `{name}` at level `{}`",
        logged_in.definition.endpoint,
        scope.path(level)
    ));
    if !logged_in.missing_scopes.is_empty() {
        report::warning(&format!(
            "missing scopes: the login was not granted `{}`; add them to the permissions of the OAuth app in the developer console, and log in again",
            logged_in.missing_scopes.join("`, `")
        ));
    }
    let in_use = host.effective(&scope)?.connection_name();
    if in_use != name {
        report::note(&format!(
            "the active connection of `{scope}` is `{in_use}`; to change it, run `host-runner config set connection {name} --level {level}`"
        ));
    }
    Ok(())
}

/// The steps in the developer console, with what has to be the same to the letter.
fn steps(request: &LoginRequest) {
    report::note(&format!(
        "OAuth app `{}`, at https://developer.atlassian.com/console/myapps: under `Authorization`, set the callback URL to {} (to the letter)",
        request.app(),
        request.redirect_uri()
    ));
    for (kind, is_granular) in [("Granular scopes", true), ("Classic scopes", false)] {
        let scopes: Vec<&str> = request
            .scopes()
            .iter()
            .map(String::as_str)
            // It needs no choice.
            .filter(|scope| *scope != OFFLINE_ACCESS)
            .filter(|scope| NeededScopes::is_granular(scope) == is_granular)
            .collect();
        if !scopes.is_empty() {
            report::note(&format!(
                "under `Permissions`, `Confluence API`, `{kind}`, choose {}",
                scopes.join(" ")
            ));
        }
    }
}

fn open(request: &LoginRequest) {
    // A browser that somebody has named is opened in any case, that of the system for people alone.
    let is_named = std::env::var_os("BROWSER").is_some_and(|named| !named.is_empty());
    if (is_named || io::stderr().is_terminal()) && web::start(request.url()) {
        report::note("opened the consent page in the browser; waiting for it to come back");
    } else {
        report::note("open the URL in a browser on this machine; waiting for it to come back");
    }
}

/// Reads the address that the browser was sent to.
async fn paste(request: &LoginRequest) -> Result<AuthorizationCode, Failure> {
    report::note("open the URL in a browser, and paste the whole address that it was sent to");
    let line = tokio::task::spawn_blocking(|| {
        use std::io::{BufRead as _, Read as _};
        let mut line = Zeroizing::new(String::new());
        let read = io::BufReader::new(io::stdin().take(MAX_ADDRESS_BYTES)).read_line(&mut line);
        read.map(|_| line)
    });
    let line = line
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
        .map_err(|source| Failure::input("standard input", source))?;
    if line.trim().is_empty() {
        return Err(Failure::Usage(
            "standard input has no address: paste the whole address that the browser was sent to"
                .to_owned(),
        ));
    }
    let callback = request
        .pasted(&line)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    match of_callback(callback)? {
        Some(code) => Ok(code),
        None => Err(Failure::Usage(
            "the `state` of the pasted address is missing or belongs to another login: paste the address of this login, or run the command again".to_owned(),
        )),
    }
}

/// The code of a callback. `None` for one of another login.
fn of_callback(callback: Callback) -> Result<Option<AuthorizationCode>, Failure> {
    match callback {
        Callback::Code(code) => Ok(Some(code)),
        Callback::Declined => Err(OauthError::Declined.into()),
        Callback::Refused { error, description } => {
            Err(OauthError::Refused { error, description }.into())
        }
        Callback::WrongState => Ok(None),
        _ => Err(Failure::Usage(
            "the address that the browser was sent to has neither a code nor an error: log in again"
                .to_owned(),
        )),
    }
}

fn timed_out(request: &LoginRequest, patience: Duration) -> Failure {
    Failure::LoginTimedOut {
        seconds: patience.as_secs_f64(),
        redirect_uri: request.redirect_uri().to_string(),
        app: request.app().to_string(),
    }
}

/// Forgets the tokens of the connection in force, or of that of a level.
pub(super) async fn logout(
    session: &SessionOptions,
    arguments: LogoutArguments,
) -> Result<(), Failure> {
    let host = session.open()?;
    let scope: Scope = session.scope();
    let name = super::named(&host, &scope, arguments.name)?;
    let level = match arguments.level {
        Some(level) => level,
        None => {
            let effective = host.effective(&scope)?;
            let level = effective
                .definition(&name)
                .map(|(_, level, _)| level.level());
            level.ok_or_else(|| {
                Failure::NotThere(format!(
                    "`{scope}` has no connection `{name}`{}",
                    remedy::elsewhere(&[])
                ))
            })?
        }
    };
    host.logout(&scope, level, &name).await?;
    let path: LevelPath = scope.path(level);
    report::note(&format!(
        "removed the tokens of connection `{name}` of level `{path}`; it needs authorization: log in again with `host-runner connection login {name} {}`",
        remedy::options(&path)
    ));
    Ok(())
}
