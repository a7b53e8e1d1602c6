//! `host-runner connection`.

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCandidates;
use host_runner::{
    Answer, CallError, ConnectionDefinition, ConnectionName, Endpoint, Expected, HostRunner, Level,
    NamedConnection, Scheme, Scope, Token, TokenKind, TokenState,
};
use serde_json::{Value, json};
use std::str::FromStr;

use crate::exit::Failure;
use crate::formats::Format;
use crate::options::{LevelOption, SessionOptions};
use crate::output::Sheet;
use crate::{candidates, output, remedy, report, secret_argument};

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionCommand {
    /// Add a connection: test it, then store it
    #[command(after_help = "\
The token is read from a hidden prompt on a terminal, else from standard input, or from \
`--token @FILE` or `--token env:VARIABLE`. Create one at \
https://id.atlassian.com/manage-profile/security/api-tokens.

Examples:
  host-runner connection add --site DOMAIN.atlassian.net --user me@example.com
  host-runner connection add docs --level cluster --site https://DOMAIN.atlassian.net/wiki/home --user me@example.com --token @token.txt
  host-runner connection add bot --site https://api.atlassian.com/ex/confluence/CLOUD-ID --authorization bearer --token-kind service-account --token env:TOKEN")]
    Add(AddArguments),
    /// Change a connection; its token must be re-entered
    #[command(after_help = "\
Examples:
  host-runner connection edit
  host-runner connection edit docs --level cluster --user other@example.com --token env:TOKEN
  host-runner connection edit docs --concurrency 10 --keep-token")]
    Edit(EditArguments),
    /// List the effective connections
    #[command(after_help = "Examples:\n  host-runner --env prod --app search connection list")]
    List(ListArguments),
    /// Show a connection without its token
    #[command(after_help = "Examples:\n  host-runner connection show docs")]
    Show(NameArguments),
    /// Remove a connection and its token from a level
    #[command(after_help = "Examples:\n  host-runner connection remove docs --level cluster")]
    Remove(RemoveArguments),
    /// Test a connection: show the authenticated user and what it can see
    #[command(
        after_help = "Examples:\n  host-runner connection test\n  host-runner connection test docs"
    )]
    Test(NameArguments),
}

#[derive(Debug, Args)]
pub(crate) struct NameArguments {
    /// Connection name [default: the active connection]
    #[arg(value_parser = ConnectionName::from_str, add = ArgValueCandidates::new(candidates::connections))]
    name: Option<ConnectionName>,
    /// Output format
    #[arg(long, short, value_enum)]
    output: Option<Format>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Output format
    #[arg(long, short, value_enum)]
    output: Option<Format>,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArguments {
    /// Connection name
    #[arg(value_parser = ConnectionName::from_str, add = ArgValueCandidates::new(candidates::connections))]
    name: ConnectionName,
    #[command(flatten)]
    level: LevelOption,
}

#[derive(Debug, Args)]
pub(crate) struct AddArguments {
    /// Connection name [default: the active connection]
    #[arg(value_parser = ConnectionName::from_str)]
    name: Option<ConnectionName>,
    /// Site: a host, the URL of a site, page or API, or the gateway
    /// `https://api.atlassian.com/ex/confluence/CLOUD-ID`
    #[arg(long)]
    site: String,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    save: SaveOptions,
    #[command(flatten)]
    level: LevelOption,
}

#[derive(Debug, Args)]
pub(crate) struct EditArguments {
    /// Connection name [default: the active connection]
    #[arg(value_parser = ConnectionName::from_str, add = ArgValueCandidates::new(candidates::connections))]
    name: Option<ConnectionName>,
    /// Site
    #[arg(long)]
    site: Option<String>,
    #[command(flatten)]
    fields: Fields,
    /// Keep the token; only if site, user and authorization do not change
    #[arg(long, conflicts_with = "token")]
    keep_token: bool,
    #[command(flatten)]
    save: SaveOptions,
    #[command(flatten)]
    level: LevelOption,
}

#[derive(Debug, Args)]
struct Fields {
    /// E-mail address of the account, for `--authorization basic`
    #[arg(long)]
    user: Option<String>,
    /// Authorization scheme [default: basic]
    #[arg(long, value_enum)]
    authorization: Option<SchemeName>,
    /// Kind of token [default: unscoped]; scoped tokens work through the gateway only
    #[arg(long, value_enum)]
    token_kind: Option<TokenKindName>,
    /// Token source: `-` (standard input), `@FILE` or `env:VARIABLE`
    #[arg(long, value_name = "SOURCE")]
    token: Option<String>,
    /// Maximum concurrent requests, 1 to 25 [default: 5]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=25))]
    concurrency: Option<u8>,
    /// Connection whose concurrency limit this one shares; an empty name for none
    #[arg(long, value_name = "CONNECTION", add = ArgValueCandidates::new(candidates::connections))]
    borrow_concurrency_from: Option<String>,
}

#[derive(Debug, Args)]
struct SaveOptions {
    /// Store it without testing it
    #[arg(long)]
    no_test: bool,
    /// Make it the active connection at this level
    #[arg(long = "use")]
    in_use: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SchemeName {
    Basic,
    Bearer,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TokenKindName {
    Unscoped,
    Scoped,
    ServiceAccount,
}

impl From<TokenKindName> for TokenKind {
    fn from(name: TokenKindName) -> Self {
        match name {
            TokenKindName::Unscoped => Self::Unscoped,
            TokenKindName::Scoped => Self::Scoped,
            TokenKindName::ServiceAccount => Self::ServiceAccount,
        }
    }
}

pub(crate) async fn run(
    session: &SessionOptions,
    command: ConnectionCommand,
) -> Result<(), Failure> {
    let host = session.open()?;
    let scope = session.scope();
    match command {
        ConnectionCommand::Add(arguments) => {
            session.after_calls(&host, add(&host, &scope, arguments).await)
        }
        ConnectionCommand::Edit(arguments) => {
            session.after_calls(&host, edit(&host, &scope, arguments).await)
        }
        ConnectionCommand::List(arguments) => list(&host, &scope, &arguments).await,
        ConnectionCommand::Show(arguments) => show(&host, &scope, arguments).await,
        ConnectionCommand::Remove(arguments) => {
            let level = arguments.level.level;
            host.remove_connection(&scope, level, &arguments.name)
                .await?;
            report::note(&format!(
                "removed connection `{}` and its token from level `{}`",
                arguments.name,
                scope.path(level)
            ));
            Ok(())
        }
        ConnectionCommand::Test(arguments) => {
            session.after_calls(&host, test(&host, &scope, arguments).await)
        }
    }
}

async fn add(host: &HostRunner, scope: &Scope, arguments: AddArguments) -> Result<(), Failure> {
    let level = arguments.level.level;
    let name = named(host, scope, arguments.name)?;
    if host.connection_at(scope, level, &name)?.is_some() {
        return Err(Failure::Usage(format!(
            "level `{}` already has a connection `{name}`: change it with `host-runner connection edit {name} --level {level}`",
            scope.path(level)
        )));
    }
    let fields = &arguments.fields;
    let definition = ConnectionDefinition::new(
        endpoint(&arguments.site)?,
        scheme(fields.authorization, fields.user.as_deref())?,
        fields.token_kind.map(TokenKind::from).unwrap_or_default(),
    );
    let definition = with_concurrency(definition, fields)?;
    check(host, scope, &definition)?;
    let token = token(fields)?;
    let change = Change {
        level,
        name: &name,
        basis: Expected::New,
        definition: &definition,
    };
    save(host, scope, &change, &token, &arguments.save).await
}

async fn edit(host: &HostRunner, scope: &Scope, arguments: EditArguments) -> Result<(), Failure> {
    let level = arguments.level.level;
    let name = named(host, scope, arguments.name)?;
    let old = host.connection_at(scope, level, &name)?.ok_or_else(|| {
        Failure::NotThere(format!(
            "level `{}` has no connection `{name}`{}",
            scope.path(level),
            remedy::elsewhere(&host.where_else(scope, &name))
        ))
    })?;
    let fields = &arguments.fields;
    let mut definition = old.clone();
    if let Some(site) = &arguments.site {
        definition.endpoint = endpoint(site)?;
    }
    if fields.authorization.is_some() || fields.user.is_some() {
        let (old_name, old_user) = match &old.scheme {
            Scheme::Basic { user } => (SchemeName::Basic, Some(user.as_str())),
            Scheme::Bearer => (SchemeName::Bearer, None),
        };
        let authorization = match (fields.authorization, &fields.user) {
            (None, Some(_)) => SchemeName::Basic,
            (chosen, _) => chosen.unwrap_or(old_name),
        };
        // A connection that changes to `bearer` no longer has a user.
        let old_user = old_user.filter(|_| matches!(authorization, SchemeName::Basic));
        definition.scheme = scheme(Some(authorization), fields.user.as_deref().or(old_user))?;
    }
    if let Some(kind) = fields.token_kind {
        definition.token_kind = kind.into();
    }
    let definition = with_concurrency(definition, fields)?;
    check(host, scope, &definition)?;
    let change = Change {
        level,
        name: &name,
        basis: Expected::of(Some(old.clone())),
        definition: &definition,
    };
    if arguments.keep_token {
        if definition.binding() != old.binding() {
            return Err(Failure::Usage(
                "the token was entered for another site, user or authorization: omit `--keep-token` and enter it again".to_owned(),
            ));
        }
        host.change_connection(scope, level, &name, &change.basis, &definition)
            .await?;
        return after_save(host, scope, &change, &arguments.save);
    }
    let token = token(fields)?;
    save(host, scope, &change, &token, &arguments.save).await
}

/// Rejects an invalid definition before a token is prompted for.
fn check(
    host: &HostRunner,
    scope: &Scope,
    definition: &ConnectionDefinition,
) -> Result<(), Failure> {
    definition.check().map_err(CallError::Definition)?;
    host.effective(scope)?
        .allows(&definition.endpoint)
        .map_err(CallError::EndpointDenied)?;
    Ok(())
}

/// What to store, and what it replaces.
struct Change<'a> {
    level: Level,
    name: &'a ConnectionName,
    basis: Expected,
    definition: &'a ConnectionDefinition,
}

async fn save(
    host: &HostRunner,
    scope: &Scope,
    change: &Change<'_>,
    token: &Token,
    options: &SaveOptions,
) -> Result<(), Failure> {
    let Change {
        level,
        name,
        basis,
        definition,
    } = change;
    if !options.no_test {
        let tested = host
            .tenant(scope)?
            .test_connection(name, definition, token, None)
            .await;
        let answer = tested.inspect_err(|_| {
            report::warning("nothing was stored; pass `--no-test` to store it without testing");
        })?;
        report::note(&success(&answer, definition));
    }
    host.save_connection(scope, *level, name, basis, definition, token)
        .await?;
    after_save(host, scope, change, options)
}

fn after_save(
    host: &HostRunner,
    scope: &Scope,
    change: &Change<'_>,
    options: &SaveOptions,
) -> Result<(), Failure> {
    let Change { level, name, .. } = change;
    let path = scope.path(*level);
    report::note(&format!(
        "stored connection `{name}` at level `{path}` ({})",
        host.config().file(&path).display()
    ));
    if options.in_use {
        host.config()
            .set(scope, *level, "connection", name.as_str())?;
    }
    let in_use = host.effective(scope)?.connection_name();
    if in_use != **name {
        report::note(&format!(
            "the active connection of `{scope}` is `{in_use}`; to change it, run `host-runner config set connection {name} --level {level}`"
        ));
    }
    Ok(())
}

async fn list(host: &HostRunner, scope: &Scope, arguments: &ListArguments) -> Result<(), Failure> {
    let rows: Vec<Value> = host.connections(scope).await?.iter().map(row).collect();
    let format = arguments.output.unwrap_or_else(output::default_format);
    output::records(
        &Sheet::of(&["name", "site", "user", "token", "in use", "level"]),
        &rows,
        format,
    )
}

async fn show(host: &HostRunner, scope: &Scope, arguments: NameArguments) -> Result<(), Failure> {
    let name = named(host, scope, arguments.name)?;
    let (connection, _) = found(host, scope, &name).await?;
    let format = arguments.output.unwrap_or_else(output::default_format);
    output::object(&row(&connection), format)
}

async fn test(host: &HostRunner, scope: &Scope, arguments: NameArguments) -> Result<(), Failure> {
    let name = named(host, scope, arguments.name)?;
    let (connection, token) = found(host, scope, &name).await?;
    let token = token.ok_or_else(|| {
        Failure::NotThere(format!(
            "connection `{name}` of level `{}` has no token: add it with `host-runner connection edit {name} {}`",
            connection.level,
            remedy::options(&connection.level)
        ))
    })?;
    let tenant = host.tenant(scope)?;
    let answer = tenant
        .test_connection(
            &name,
            &connection.definition,
            &token,
            Some(&connection.source),
        )
        .await?;
    match arguments.output.unwrap_or(Format::Table) {
        Format::Table | Format::Wide => output::say(&success(&answer, &connection.definition)),
        format => {
            let function = tenant.function("testConnection")?;
            output::print(function, &answer, &output::Style::of(format)).map(drop)
        }
    }
}

async fn found(
    host: &HostRunner,
    scope: &Scope,
    name: &ConnectionName,
) -> Result<(NamedConnection, Option<Token>), Failure> {
    host.connection(scope, name).await?.ok_or_else(|| {
        Failure::NotThere(format!(
            "`{scope}` has no connection `{name}`{}",
            remedy::elsewhere(&host.where_else(scope, name))
        ))
    })
}

/// "Connection successful: 12 spaces, 245 pages visible to user@example.com at …"
pub(super) fn success(answer: &Answer, definition: &ConnectionDefinition) -> String {
    let report: Value = serde_json::from_str(&answer.to_json()).unwrap_or_default();
    let count = |name: &str, what: &str| {
        let count = report.get(name)?;
        let value = count.get("value")?;
        let more = match count.get("atLeast") {
            Some(Value::Bool(true)) => "at least ",
            _ => "",
        };
        Some(format!("{more}{value} {what}"))
    };
    let seen: Vec<String> = [count("spaces", "spaces"), count("pages", "pages")]
        .into_iter()
        .flatten()
        .collect();
    let text = |name: &str| report.get(name).and_then(Value::as_str);
    let user = match &definition.scheme {
        Scheme::Basic { user } => user.as_str(),
        Scheme::Bearer => text("email")
            .or_else(|| text("displayName"))
            .or_else(|| text("accountId"))
            .unwrap_or("the account of the token"),
    };
    format!(
        "Connection successful: {} visible to {user} at {}",
        seen.join(", "),
        definition.endpoint
    )
}

fn row(connection: &NamedConnection) -> Value {
    let mut row = connection.definition.to_json();
    if let Some(fields) = row.as_object_mut() {
        fields.insert("name".to_owned(), json!(connection.name.as_str()));
        let token = match connection.token {
            TokenState::Stored => "stored",
            TokenState::Missing => "missing",
            _ => "unreadable",
        };
        fields.insert("token".to_owned(), json!(token));
        fields.insert("in use".to_owned(), json!(connection.in_use));
        fields.insert("level".to_owned(), json!(connection.level.as_str()));
        fields.insert("source".to_owned(), json!(connection.source.to_string()));
    }
    row
}

/// The given name, or that of the active connection.
fn named(
    host: &HostRunner,
    scope: &Scope,
    name: Option<ConnectionName>,
) -> Result<ConnectionName, Failure> {
    match name {
        Some(name) => Ok(name),
        None => Ok(host.effective(scope)?.connection_name()),
    }
}

fn endpoint(site: &str) -> Result<Endpoint, Failure> {
    Endpoint::parse_site(site).map_err(|error| Failure::Endpoint {
        error: Box::new(error),
    })
}

fn scheme(name: Option<SchemeName>, user: Option<&str>) -> Result<Scheme, Failure> {
    match (name.unwrap_or(SchemeName::Basic), user) {
        (SchemeName::Basic, Some(user)) => Ok(Scheme::Basic {
            user: user.trim().to_owned(),
        }),
        (SchemeName::Basic, None) => Err(Failure::Usage(
            "an API token needs its user: pass the account's e-mail address with `--user`, or `--authorization bearer`".to_owned(),
        )),
        (SchemeName::Bearer, None) => Ok(Scheme::Bearer),
        (SchemeName::Bearer, Some(_)) => Err(Failure::Usage(
            "`--user` is for `--authorization basic`: with `bearer`, only the token is sent".to_owned(),
        )),
    }
}

fn with_concurrency(
    mut definition: ConnectionDefinition,
    fields: &Fields,
) -> Result<ConnectionDefinition, Failure> {
    if let Some(concurrency) = fields.concurrency {
        definition.concurrency = concurrency;
    }
    if let Some(lender) = &fields.borrow_concurrency_from {
        definition.borrow_concurrency_from = if lender.is_empty() {
            None
        } else {
            let lender = lender
                .parse()
                .map_err(|error: host_runner::ConnectionNameError| {
                    Failure::Usage(error.to_string())
                })?;
            Some(lender)
        };
    }
    Ok(definition)
}

fn token(fields: &Fields) -> Result<Token, Failure> {
    let text = secret_argument::ask("token", "--token", fields.token.as_deref())?;
    Token::parse(&text).map_err(|error| Failure::Usage(error.to_string()))
}
