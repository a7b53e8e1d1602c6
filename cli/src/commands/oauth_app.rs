//! `host-runner oauth-app`.

use std::str::FromStr;

use clap::{Args, Subcommand};
use clap_complete::engine::ArgValueCandidates;
use host_runner::{
    HostRunner, Level, MAX_SCOPES, NamedOauthApp, OauthApp, OauthAppName, RedirectUri, Scope,
    Token, check_client_id, check_scope,
};
use serde_json::{Value, json};

use crate::exit::Failure;
use crate::options::{LevelOption, SessionOptions};
use crate::output::{PrintOptions, Sheet};
use crate::{candidates, output, remedy, report, secret_argument};

#[derive(Debug, Subcommand)]
pub(crate) enum OauthAppCommand {
    /// Add an OAuth app, so that connections can log in with it
    #[command(after_help = "\
Register the app at https://developer.atlassian.com/console/myapps: `Create`, `OAuth 2.0 integration`; add the callback \
URL under `Authorization`, the scopes that `host-runner connection scopes` prints under `Permissions`, and copy client \
id and secret from `Settings`.

Examples:
  host-runner oauth-app add main --client-id ID --redirect-uri http://localhost:8765/callback --secret @secret.txt
  host-runner oauth-app add main --level cluster --client-id ID --redirect-uri http://localhost:8765/callback --secret -
  host-runner oauth-app add reader --client-id ID --redirect-uri http://localhost:8765/callback --scopes read:page:confluence,read:space:confluence")]
    Add(AddArguments),
    /// List the OAuth apps in force
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  host-runner oauth-app list\n  host-runner oauth-app list --level cluster --output json"
    )]
    List(ListArguments),
    /// Show an OAuth app without its secret
    #[command(after_help = "Examples:\n  host-runner oauth-app show main")]
    Show(ShowArguments),
    /// Remove an OAuth app and its secret from a level
    #[command(after_help = "\
Connections that use it need authorization from then on.

Examples:
  host-runner oauth-app remove main
  host-runner oauth-app remove main --level cluster")]
    Remove(RemoveArguments),
    /// Store the client secret of an OAuth app, without changing the level's file
    #[command(after_help = "\
The secret is read from standard input, a file or a variable, or from a hidden prompt on a terminal. Logins are kept.

Examples:
  host-runner oauth-app set-secret main --secret @secret.txt
  host-runner oauth-app set-secret main --level cluster --secret env:CLIENT_SECRET")]
    SetSecret(SetSecretArguments),
}

#[derive(Debug, Args)]
pub(crate) struct AddArguments {
    /// Name of the app
    #[arg(value_parser = OauthAppName::from_str)]
    name: OauthAppName,
    /// Client id, from the settings of the app
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// Callback URL as registered, `http://localhost:PORT/callback`
    #[arg(long, value_name = "URI")]
    redirect_uri: String,
    /// Scopes to ask for [default: those that functions and streams need]
    #[arg(long, value_name = "SCOPES", value_delimiter = ',')]
    scopes: Vec<String>,
    /// Secret source: `-` (standard input), `@FILE` or `env:VARIABLE`
    #[arg(long, value_name = "SOURCE")]
    secret: Option<String>,
    #[command(flatten)]
    level: LevelOption,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    level: LevelOption,
    #[command(flatten)]
    print: PrintOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// Name of the app
    #[arg(value_parser = OauthAppName::from_str, add = ArgValueCandidates::new(candidates::oauth_apps))]
    name: OauthAppName,
    #[command(flatten)]
    level: LevelOption,
    #[command(flatten)]
    print: PrintOptions,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArguments {
    /// Name of the app
    #[arg(value_parser = OauthAppName::from_str, add = ArgValueCandidates::new(candidates::oauth_apps))]
    name: OauthAppName,
    #[command(flatten)]
    level: LevelOption,
}

#[derive(Debug, Args)]
pub(crate) struct SetSecretArguments {
    /// Name of the app
    #[arg(value_parser = OauthAppName::from_str, add = ArgValueCandidates::new(candidates::oauth_apps))]
    name: OauthAppName,
    /// Secret source: `-` (standard input), `@FILE` or `env:VARIABLE`
    #[arg(long, value_name = "SOURCE")]
    secret: Option<String>,
    /// Level of the app: `cluster`, `env` or `app` [default: the level that it comes from]
    #[arg(long, value_name = "LEVEL", value_parser = Level::from_str, add = ArgValueCandidates::new(candidates::levels))]
    level: Option<Level>,
}

pub(crate) async fn run(session: &SessionOptions, command: OauthAppCommand) -> Result<(), Failure> {
    let scope = session.scope();
    match command {
        OauthAppCommand::Add(arguments) => add(&session.open()?, &scope, arguments).await,
        OauthAppCommand::List(arguments) => {
            let host = session.open_to_read()?;
            list(&host, &scope, &arguments).await
        }
        OauthAppCommand::Show(arguments) => {
            let host = session.open_to_read()?;
            show(&host, &scope, &arguments).await
        }
        OauthAppCommand::Remove(arguments) => remove(&session.open()?, &scope, &arguments).await,
        OauthAppCommand::SetSecret(arguments) => {
            set_secret(&session.open()?, &scope, arguments).await
        }
    }
}

async fn add(host: &HostRunner, scope: &Scope, arguments: AddArguments) -> Result<(), Failure> {
    let (name, level) = (&arguments.name, arguments.level.level);
    let path = scope.path(level);
    if host.oauth_app_at(scope, level, name)?.is_some() {
        return Err(Failure::Usage(format!(
            "level `{path}` already has an OAuth app `{name}`: remove it first, change its file, or store another secret with `host-runner oauth-app set-secret {name}`"
        )));
    }
    check_client_id(&arguments.client_id)
        .map_err(|wrong| Failure::Usage(format!("the client id is not valid: {wrong}")))?;
    let redirect_uri = RedirectUri::parse(&arguments.redirect_uri)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let scopes: Vec<String> = arguments
        .scopes
        .iter()
        .map(|one| one.trim().to_owned())
        .filter(|one| !one.is_empty())
        .collect();
    for one in &scopes {
        check_scope(one)
            .map_err(|wrong| Failure::Usage(format!("`{one}` is not a valid scope: {wrong}")))?;
    }
    let count = OauthApp::requested(&scopes);
    if count >= MAX_SCOPES {
        return Err(Failure::Usage(format!(
            "there are {count} scopes with `offline_access`, and Atlassian grants fewer than {MAX_SCOPES} at once: `host-runner connection scopes` lists the needed ones"
        )));
    }
    let app = OauthApp {
        client_id: arguments.client_id,
        redirect_uri,
        scopes: Some(scopes).filter(|scopes| !scopes.is_empty()),
    };
    let secret = arguments.secret.as_deref().map(secret).transpose()?;
    host.save_oauth_app(scope, level, name, &app, secret.as_ref())
        .await?;
    report::note(&format!(
        "stored OAuth app `{name}` at level `{path}` ({})",
        host.config().file(&path).display()
    ));
    if secret.is_none() {
        report::note(&format!(
            "it has no secret yet: enter it with `host-runner oauth-app set-secret {name} {} --secret -`",
            remedy::options(&path)
        ));
    }
    Ok(())
}

async fn list(host: &HostRunner, scope: &Scope, arguments: &ListArguments) -> Result<(), Failure> {
    let apps = host.oauth_apps(scope, arguments.level.level).await?;
    let rows: Vec<Value> = apps.iter().map(row).collect();
    let printing = arguments.print.printing()?;
    let columns = [
        "name",
        "client-id",
        "redirect-uri",
        "scopes",
        "secret",
        "level",
    ];
    output::records(&Sheet::of(&columns), &rows, &printing)
}

async fn show(host: &HostRunner, scope: &Scope, arguments: &ShowArguments) -> Result<(), Failure> {
    let app = found(host, scope, arguments.level.level, &arguments.name).await?;
    let printing = arguments.print.printing()?;
    output::object(&row(&app), &printing)
}

async fn remove(
    host: &HostRunner,
    scope: &Scope,
    arguments: &RemoveArguments,
) -> Result<(), Failure> {
    let (name, level) = (&arguments.name, arguments.level.level);
    let path = scope.path(level);
    if !host.remove_oauth_app(scope, level, name).await? {
        return Err(no_app(scope, name, &format!("level `{path}`")));
    }
    report::note(&format!(
        "removed OAuth app `{name}` and its secret from level `{path}`"
    ));
    Ok(())
}

async fn set_secret(
    host: &HostRunner,
    scope: &Scope,
    arguments: SetSecretArguments,
) -> Result<(), Failure> {
    let name = &arguments.name;
    let level = match arguments.level {
        Some(level) => level,
        None => found(host, scope, Level::App, name).await?.level.level(),
    };
    let path = scope.path(level);
    if host.oauth_app_at(scope, level, name)?.is_none() {
        return Err(no_app(scope, name, &format!("level `{path}`")));
    }
    let secret = secret(arguments.secret.as_deref().unwrap_or("-"))?;
    host.set_oauth_secret(scope, level, name, &secret).await?;
    report::note(&format!(
        "stored the secret of OAuth app `{name}` of level `{path}`; {} is unchanged",
        host.config().file(&path).display()
    ));
    Ok(())
}

async fn found(
    host: &HostRunner,
    scope: &Scope,
    level: Level,
    name: &OauthAppName,
) -> Result<NamedOauthApp, Failure> {
    let apps = host.oauth_apps(scope, level).await?;
    let mut apps = apps.into_iter();
    apps.find(|app| app.name == *name)
        .ok_or_else(|| no_app(scope, name, &format!("`{scope}`")))
}

fn no_app(scope: &Scope, name: &OauthAppName, place: &str) -> Failure {
    Failure::NotThere(format!(
        "{place} has no OAuth app `{name}`; `host-runner --env {} --app {} oauth-app list` lists the OAuth apps",
        scope.env, scope.app
    ))
}

fn row(app: &NamedOauthApp) -> Value {
    let mut row = app.app.to_json();
    if let Some(fields) = row.as_object_mut() {
        fields.insert("name".to_owned(), json!(app.name.as_str()));
        let secret = match app.has_secret {
            Some(true) => "stored",
            Some(false) => "missing",
            None => "unreadable",
        };
        fields.insert("secret".to_owned(), json!(secret));
        fields.insert("level".to_owned(), json!(app.level.as_str()));
        fields.insert("source".to_owned(), json!(app.source.to_string()));
    }
    row
}

fn secret(source: &str) -> Result<Token, Failure> {
    let text = secret_argument::ask("client secret", "--secret", Some(source))?;
    Token::parse(&text).map_err(|_| {
        Failure::Usage(
            "the client secret is empty, or has spaces, control characters or letters beyond ASCII: copy it alone from the settings of the OAuth app".to_owned(),
        )
    })
}
