//! `host-runner connection`.

pub(crate) mod expiry;
mod login;
mod prompt;
mod scopes;

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCandidates;
use host_runner::{
    Answer, CallError, ConnectionDefinition, ConnectionName, Endpoint, Expected, GrantState,
    HostRunner, Level, NamedConnection, SaveError, Scheme, Scope, Source, Token, TokenKind,
    TokenState,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};
use std::str::FromStr;

use expiry::TokenExpires;
use login::{LOGIN_HELP, LOGOUT_HELP, LoginArguments, LogoutArguments};
use scopes::ScopesArguments;

use super::space_hint;
use crate::count::count;
use crate::exit::Failure;
use crate::formats::Format;
use crate::options::{LevelOption, SessionOptions};
use crate::output::{PrintOptions, Sheet};
use crate::{candidates, output, remedy, report, secret_argument};

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionCommand {
    /// Add a connection: test it, then store it
    #[command(after_help = "\
The token is read from a hidden prompt on a terminal, else from standard input, or from \
`--token @FILE` or `--token env:VARIABLE`. On a terminal, site and user are asked for, too. Create a \
token at https://id.atlassian.com/manage-profile/security/api-tokens.

Examples:
  host-runner connection add
  host-runner connection add --site DOMAIN.atlassian.net --user me@example.com
  host-runner connection add --site DOMAIN.atlassian.net --user me@example.com --dry-run
  host-runner connection add --site DOMAIN.atlassian.net --user me@example.com --token-expires 2027-02-01
  host-runner connection add docs --level cluster --site https://DOMAIN.atlassian.net/wiki/home --user me@example.com --token @token.txt
  host-runner connection add bot --site https://api.atlassian.com/ex/confluence/CLOUD-ID --authorization bearer --token-kind service-account --token env:TOKEN")]
    Add(AddArguments),
    /// Store a new token for a connection
    #[command(after_help = "\
The token is tested first. It is read from a hidden prompt on a terminal, else from standard input, or from \
`--token @FILE` or `--token env:VARIABLE`. Create one at \
https://id.atlassian.com/manage-profile/security/api-tokens.

The level's file does not change, so it can be mounted read-only; only `--token-expires` writes to it.

Examples:
  host-runner connection set-token docs --token env:TOKEN
  host-runner connection set-token --level cluster --token @token.txt --token-expires 2027-02-01")]
    SetToken(SetTokenArguments),
    /// Change a connection; its token must be re-entered
    #[command(after_help = "\
The token must be re-entered, unless `--keep-token` is passed or only `--token-expires` changes. Create a \
token at https://id.atlassian.com/manage-profile/security/api-tokens.

Examples:
  host-runner connection edit
  host-runner connection edit docs --level cluster --user other@example.com --token env:TOKEN
  host-runner connection edit docs --concurrency 10 --keep-token
  host-runner connection edit docs --token-expires none")]
    Edit(EditArguments),
    /// Log in with OAuth 2.0, and store the connection
    #[command(after_help = LOGIN_HELP)]
    Login(LoginArguments),
    /// Remove the tokens of an OAuth login, and keep the connection
    #[command(after_help = LOGOUT_HELP)]
    Logout(LogoutArguments),
    /// Print the least OAuth scopes for functions and streams
    #[command(after_help = scopes::HELP)]
    Scopes(ScopesArguments),
    /// List the connections, with those that narrower levels override
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  host-runner --env prod --app search connection list"
    )]
    List(ListArguments),
    /// Show a connection without its token
    #[command(after_help = "Examples:\n  host-runner connection show docs")]
    Show(NameArguments),
    /// Remove a connection and its token from a level
    #[command(
        after_help = "Examples:\n  host-runner connection remove --level app\n  host-runner connection remove docs --level cluster"
    )]
    Remove(RemoveArguments),
    /// Test a connection: show the authenticated user and what it can see
    #[command(
        after_help = "Examples:\n  host-runner connection test\n  host-runner connection test docs --space ENG"
    )]
    Test(TestArguments),
}

#[derive(Debug, Args)]
pub(crate) struct NameArguments {
    /// Connection name [default: the active connection]
    #[arg(value_parser = ConnectionName::from_str, add = ArgValueCandidates::new(candidates::connections))]
    name: Option<ConnectionName>,
    #[command(flatten)]
    print: PrintOptions,
}

#[derive(Debug, Args)]
pub(crate) struct TestArguments {
    #[command(flatten)]
    name: NameArguments,
    /// Count the pages of this space, by key or id
    #[arg(long, value_name = "KEY")]
    space: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SetTokenArguments {
    /// Connection name [default: the active connection]
    #[arg(value_parser = ConnectionName::from_str, add = ArgValueCandidates::new(candidates::connections))]
    name: Option<ConnectionName>,
    /// Token source: `-` (standard input), `@FILE` or `env:VARIABLE`
    #[arg(long, value_name = "SOURCE")]
    token: Option<String>,
    /// Last day on which the token works, `YYYY-MM-DD`, or `none`; written to the level's file
    #[arg(long, value_name = "DATE", value_parser = TokenExpires::from_str)]
    token_expires: Option<TokenExpires>,
    /// Store the token without testing it
    #[arg(long)]
    no_test: bool,
    /// Level of the connection: `cluster`, `env` or `app` [default: the narrowest with a connection of
    /// that name]
    #[arg(long, value_name = "LEVEL", value_parser = Level::from_str, add = ArgValueCandidates::new(candidates::levels))]
    level: Option<Level>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    print: PrintOptions,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArguments {
    /// Connection name [default: the active connection]
    #[arg(value_parser = ConnectionName::from_str, add = ArgValueCandidates::new(candidates::connections))]
    name: Option<ConnectionName>,
    #[command(flatten)]
    level: LevelOption,
}

#[derive(Debug, Args)]
pub(crate) struct AddArguments {
    /// Connection name [default: the active connection]
    #[arg(value_parser = ConnectionName::from_str)]
    name: Option<ConnectionName>,
    /// Site: a host, the URL of a site, page or API, or the gateway
    /// `https://api.atlassian.com/ex/confluence/CLOUD-ID`. Asked for on a terminal
    #[arg(long)]
    site: Option<String>,
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
    /// Authorization scheme [default of a new connection: basic]
    #[arg(long, value_enum)]
    authorization: Option<SchemeName>,
    /// Kind of token [default of a new connection: unscoped]; scoped tokens work through the gateway only
    #[arg(long, value_enum)]
    token_kind: Option<TokenKindName>,
    /// Token source: `-` (standard input), `@FILE` or `env:VARIABLE`
    #[arg(long, value_name = "SOURCE")]
    token: Option<String>,
    /// Last day on which the token works, `YYYY-MM-DD`, or `none`; reported from 14 days before
    #[arg(long, value_name = "DATE", value_parser = TokenExpires::from_str)]
    token_expires: Option<TokenExpires>,
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
    #[arg(long, conflicts_with = "dry_run")]
    no_test: bool,
    /// Test it without storing it
    #[arg(long, conflicts_with = "in_use")]
    dry_run: bool,
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
    // Scopes are printed without a host, so that a machine without one can print them.
    let open = || session.open();
    let scope = session.scope();
    match command {
        ConnectionCommand::Scopes(arguments) => scopes::print(&arguments),
        ConnectionCommand::Login(arguments) => login::login(session, arguments).await,
        ConnectionCommand::Logout(arguments) => login::logout(session, arguments).await,
        ConnectionCommand::Add(arguments) => {
            let host = open()?;
            session.after_calls(&host, add(&host, &scope, arguments).await)
        }
        ConnectionCommand::SetToken(arguments) => {
            let host = open()?;
            session.after_calls(&host, set_token(&host, &scope, arguments).await)
        }
        ConnectionCommand::Edit(arguments) => {
            let host = open()?;
            session.after_calls(&host, edit(&host, &scope, arguments).await)
        }
        ConnectionCommand::List(arguments) => {
            let host = session.open_to_read()?;
            list(&host, &scope, &arguments).await
        }
        ConnectionCommand::Show(arguments) => {
            let host = session.open_to_read()?;
            show(&host, &scope, arguments).await
        }
        ConnectionCommand::Remove(arguments) => {
            let host = open()?;
            let level = arguments.level.level;
            let name = named(&host, &scope, arguments.name)?;
            host.remove_connection(&scope, level, &name).await?;
            report::note(&format!(
                "removed connection `{name}` and its token from level `{}`",
                scope.path(level)
            ));
            Ok(())
        }
        ConnectionCommand::Test(arguments) => {
            let host = session.open_to_read()?;
            session.after_calls(&host, test(&host, &scope, arguments).await)
        }
    }
}

async fn add(host: &HostRunner, scope: &Scope, arguments: AddArguments) -> Result<(), Failure> {
    let level = arguments.level.level;
    let name = named(host, scope, arguments.name)?;
    if !arguments.save.dry_run && host.connection_at(scope, level, &name)?.is_some() {
        return Err(Failure::Usage(format!(
            "level `{}` already has a connection `{name}`: change it with `host-runner connection edit {name} --level {level}`",
            scope.path(level)
        )));
    }
    let mut fields = arguments.fields;
    let site = match arguments.site {
        Some(site) => site,
        None => prompt::ask("site", "--site DOMAIN.atlassian.net")?,
    };
    let endpoint = endpoint(&site)?;
    if fields.user.is_none()
        && !matches!(fields.authorization, Some(SchemeName::Bearer))
        && io::stdin().is_terminal()
    {
        fields.user = Some(prompt::ask(
            "user (e-mail address)",
            "--user me@example.com",
        )?);
    }
    let fields = &fields;
    let definition = ConnectionDefinition::new(
        endpoint,
        scheme(fields.authorization, fields.user.as_deref())?,
        fields.token_kind.map(TokenKind::from).unwrap_or_default(),
    );
    let mut definition = with_concurrency(definition, fields)?;
    definition.token_expires = fields.token_expires.and_then(|expires| expires.0);
    check(host, scope, &definition)?;
    let token = token(fields.token.as_deref())?;
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
    let name = named(host, scope, arguments.name.clone())?;
    let old = host.connection_at(scope, level, &name)?.ok_or_else(|| {
        Failure::NotThere(format!(
            "level `{}` has no connection `{name}`{}",
            scope.path(level),
            remedy::elsewhere(&host.where_else(scope, &name))
        ))
    })?;
    let fields = &arguments.fields;
    if matches!(old.scheme, Scheme::Oauth { .. })
        && (!arguments.keep_token
            || arguments.site.is_some()
            || fields.user.is_some()
            || fields.authorization.is_some()
            || fields.token_kind.is_some())
    {
        return Err(SaveError::UsesOauth {
            level: scope.path(level),
            name,
        }
        .into());
    }
    let mut definition = old.clone();
    if let Some(site) = &arguments.site {
        definition.endpoint = endpoint(site)?;
    }
    if fields.authorization.is_some() || fields.user.is_some() {
        let (old_name, old_user) = match &old.scheme {
            Scheme::Basic { user } => (SchemeName::Basic, Some(user.as_str())),
            Scheme::Bearer | Scheme::Oauth { .. } => (SchemeName::Bearer, None),
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
    let mut definition = with_concurrency(definition, fields)?;
    let keeps_token = arguments.keeps_token(definition != old);
    match fields.token_expires {
        Some(expires) => definition.token_expires = expires.0,
        // A new token has another expiry, or none.
        None if !keeps_token => definition.token_expires = None,
        None => {}
    }
    check(host, scope, &definition)?;
    let change = Change {
        level,
        name: &name,
        basis: Expected::of(Some(old.clone())),
        definition: &definition,
    };
    if keeps_token {
        if definition.binding() != old.binding() {
            return Err(Failure::Usage(
                "the token was entered for another site, user or authorization: omit `--keep-token` and enter it again".to_owned(),
            ));
        }
        if arguments.save.dry_run {
            return Err(Failure::Usage(
                "`--dry-run` tests a token: omit `--keep-token`, or run `host-runner connection test`"
                    .to_owned(),
            ));
        }
        host.change_connection(scope, level, &name, &change.basis, &definition)
            .await?;
        if !arguments.keep_token {
            report::note(&format!(
                "the token of connection `{name}` was kept; to replace it, run `host-runner connection set-token {name} --level {level}`"
            ));
        }
        if definition == old {
            report::note(&format!(
                "connection `{name}` of level `{}` already has these values",
                scope.path(level)
            ));
            return after_save(host, scope, &change, &arguments.save);
        }
        stored(host, scope, &change);
        return after_save(host, scope, &change, &arguments.save);
    }
    let token = token(fields.token.as_deref())?;
    save(host, scope, &change, &token, &arguments.save).await
}

impl EditArguments {
    /// Whether the connection keeps its token: on request, and if only the date is corrected on which the
    /// token expires. `has_changed`: whether anything else of the connection changes.
    fn keeps_token(&self, has_changed: bool) -> bool {
        let corrects_date = self.fields.token_expires.is_some()
            && self.fields.token.is_none()
            && !self.save.dry_run
            && !has_changed;
        self.keep_token || corrects_date
    }
}

async fn set_token(
    host: &HostRunner,
    scope: &Scope,
    arguments: SetTokenArguments,
) -> Result<(), Failure> {
    let name = named(host, scope, arguments.name)?;
    let level = match arguments.level {
        Some(level) => level,
        None => found(host, scope, &name).await?.0.level.level(),
    };
    let path = scope.path(level);
    let old = host.connection_at(scope, level, &name)?.ok_or_else(|| {
        Failure::Save(SaveError::NoConnection {
            level: path.clone(),
            name: name.clone(),
            elsewhere: host.where_else(scope, &name),
        })
    })?;
    if let Scheme::Oauth { .. } = old.scheme {
        return Err(SaveError::UsesOauth { level: path, name }.into());
    }
    check(host, scope, &old)?;
    let token = token(arguments.token.as_deref())?;
    if !arguments.no_test {
        report::note(&tested(host, scope, &name, &old, &token).await?);
    }
    let mut definition = old.clone();
    if let Some(expires) = arguments.token_expires {
        definition.token_expires = expires.0;
    }
    let file = host.config().file(&path);
    if definition == old {
        host.store_token(scope, level, &name, &token).await?;
        stored_token(host, scope, level, &name);
    } else {
        let basis = Expected::of(Some(old));
        host.save_connection(scope, level, &name, &basis, &definition, &token)
            .await?;
        report::note(&format!(
            "stored the token of connection `{name}` of level `{path}`, and its expiry in {}",
            file.display()
        ));
    }
    if arguments.token_expires.is_none()
        && let Some(date) = definition.token_expires
    {
        report::warning(&format!(
            "{} still says that the token expires on {date}; pass `--token-expires DATE` to change it",
            file.display()
        ));
    }
    Ok(())
}

/// Tests a connection before it is stored.
async fn tested(
    host: &HostRunner,
    scope: &Scope,
    name: &ConnectionName,
    definition: &ConnectionDefinition,
    token: &Token,
) -> Result<String, Failure> {
    let tested = host
        .tenant(scope)?
        .test_connection(name, definition, token, None, None)
        .await;
    let answer = tested.inspect_err(|_| {
        report::warning("nothing was stored; pass `--no-test` to store it without testing");
    })?;
    warn(&answer);
    Ok(success(&answer, definition, None))
}

/// Rejects an invalid definition before a token is prompted for.
fn check(
    host: &HostRunner,
    scope: &Scope,
    definition: &ConnectionDefinition,
) -> Result<(), Failure> {
    definition.check().map_err(CallError::Definition)?;
    host.effective(scope)?
        .accepts(&definition.endpoint)
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
    if options.dry_run {
        let tenant = host.tenant(scope)?;
        let answer = tenant
            .test_connection(name, definition, token, None, None)
            .await?;
        output::say(&success(&answer, definition, None))?;
        warn(&answer);
        report::note("nothing was stored, because of `--dry-run`");
        return Ok(());
    }
    if !options.no_test {
        report::note(&tested(host, scope, name, definition, token).await?);
    }
    let is_there = host.connection_at(scope, *level, name)?.as_ref() == Some(definition);
    host.save_connection(scope, *level, name, basis, definition, token)
        .await?;
    if is_there {
        stored_token(host, scope, *level, name);
    } else {
        stored(host, scope, change);
    }
    after_save(host, scope, change, options)
}

/// Says that a connection was written into its level's file.
fn stored(host: &HostRunner, scope: &Scope, change: &Change<'_>) {
    let path = scope.path(change.level);
    report::note(&format!(
        "stored connection `{}` at level `{path}` ({})",
        change.name,
        host.config().file(&path).display()
    ));
}

/// Says that a token was stored, and nothing else.
fn stored_token(host: &HostRunner, scope: &Scope, level: Level, name: &ConnectionName) {
    let path = scope.path(level);
    report::note(&format!(
        "stored the token of connection `{name}` of level `{path}`; {} is unchanged",
        host.config().file(&path).display()
    ));
}

fn after_save(
    host: &HostRunner,
    scope: &Scope,
    change: &Change<'_>,
    options: &SaveOptions,
) -> Result<(), Failure> {
    let Change { level, name, .. } = change;
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
    let effective = host.connections(scope).await?;
    let mut rows: Vec<Value> = effective.iter().map(row).collect();
    rows.extend(overridden(host, scope, &effective)?);
    let printing = arguments.print.printing()?;
    let format = printing.format;
    if format == Format::Table && output::has_one_line_per_row() {
        rows.iter_mut().for_each(|row| shorten(scope, row));
    }
    let has = |rows: &[Value], field: &str| {
        rows.iter()
            .any(|row| row.get(field).is_some_and(|value| !value.is_null()))
    };
    let mut columns = vec!["name", "site"];
    // A narrow terminal omits the last ones.
    if effective.iter().any(|there| there.grant.is_some()) || !format.is_table() {
        columns.push(STATE);
    }
    columns.extend(["user", "token"]);
    if has(&rows, EXPIRES) || !format.is_table() {
        columns.push(EXPIRES);
    }
    columns.extend(["in use", "level"]);
    let is_line = format == Format::Table && output::has_one_line_per_row();
    if !is_line && (has(&rows, OVERRIDDEN_BY) || !format.is_table()) {
        columns.push(OVERRIDDEN_BY);
    }
    output::records(&Sheet::of(&columns), &rows, &printing)?;
    for connection in &effective {
        if let Some(GrantState::Expires { days }) = connection.grant {
            let (name, level) = (&connection.name, remedy::options(&connection.level));
            report::warning(&format!(
                "the login of connection `{name}` expires in {}; log in again with `host-runner connection login {name} {level}`",
                count(days, "day")
            ));
        }
        if let Some(notice) = expiry::notice(&connection.name, &connection.definition) {
            let fix = expiry::fix(&connection.name, &connection.level);
            report::warning(&format!("{notice}; {fix}"));
        }
    }
    Ok(())
}

/// Makes a row one line of a terminal: the level's kind, the site's name, and a word for whether
/// the connection is used.
fn shorten(scope: &Scope, row: &mut Value) {
    let Some(fields) = row.as_object_mut() else {
        return;
    };
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let site = text("site").map(|site| {
        let site = site.trim_start_matches("https://");
        site.trim_end_matches("/wiki").to_owned()
    });
    let level = text("level").map(|level| {
        let kinds = Level::NARROWEST_FIRST.into_iter();
        let mut kinds = kinds.filter(|kind| scope.path(*kind).as_str() == level);
        kinds.next().map_or(level.clone(), |kind| kind.to_string())
    });
    let is_used = match (fields.get("in use"), text(OVERRIDDEN_BY)) {
        (_, Some(_)) => "overridden",
        (Some(Value::Bool(true)), None) => "yes",
        _ => "no",
    };
    fields.insert("in use".to_owned(), json!(is_used));
    fields.insert("site".to_owned(), json!(site));
    fields.insert("level".to_owned(), json!(level));
}

/// The fields of a row that only some connections have.
const EXPIRES: &str = "token-expires";
const STATE: &str = "state";
const OVERRIDDEN_BY: &str = "overridden by";

/// The connections that a narrower level has one of the same name in place of.
fn overridden(
    host: &HostRunner,
    scope: &Scope,
    effective: &[NamedConnection],
) -> Result<Vec<Value>, Failure> {
    let mut rows = Vec::new();
    let names: BTreeSet<&ConnectionName> = effective.iter().map(|there| &there.name).collect();
    for name in names {
        let levels = host.where_else(scope, name);
        let Some((narrowest, wider)) = levels.split_first() else {
            continue;
        };
        for level in wider {
            let Some(definition) = host.connection_at(scope, *level, name)? else {
                continue;
            };
            let mut row = definition.to_json();
            if let Some(fields) = row.as_object_mut() {
                fields.insert("name".to_owned(), json!(name.as_str()));
                fields.insert("in use".to_owned(), json!(false));
                fields.insert("level".to_owned(), json!(scope.path(*level).as_str()));
                fields.insert(
                    OVERRIDDEN_BY.to_owned(),
                    json!(scope.path(*narrowest).as_str()),
                );
            }
            rows.push(row);
        }
    }
    Ok(rows)
}

async fn show(host: &HostRunner, scope: &Scope, arguments: NameArguments) -> Result<(), Failure> {
    let name = named(host, scope, arguments.name)?;
    let (connection, _) = found(host, scope, &name).await?;
    let printing = arguments.print.printing()?;
    output::object(&row(&connection), &printing)
}

async fn test(host: &HostRunner, scope: &Scope, arguments: TestArguments) -> Result<(), Failure> {
    let space = arguments.space.as_deref();
    let arguments = arguments.name;
    let name = named(host, scope, arguments.name)?;
    let (connection, token) = found(host, scope, &name).await?;
    if connection.grant.is_some() {
        let answer = host.tenant(scope)?.test_login(&name, space).await?;
        return found_by_test(host, scope, &connection, &answer, space, &arguments.print);
    }
    let token = token.ok_or_else(|| {
        Failure::NotThere(format!(
            "connection `{name}` of level `{}` has no token: add it with `host-runner connection set-token {name} {}`",
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
            space,
        )
        .await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            // Its spaces are listed with the active connection.
            if connection.in_use
                && let Some(hint) = space_hint::of_error(&tenant, &error).await
            {
                report::note(&hint);
            }
            return Err(error.into());
        }
    };
    if let Some(notice) = expiry::notice(&name, &connection.definition) {
        let fix = expiry::fix(&name, &connection.level);
        report::warning(&format!("{notice}; {fix}"));
    }
    found_by_test(host, scope, &connection, &answer, space, &arguments.print)
}

/// Prints what the test of a connection has found.
fn found_by_test(
    host: &HostRunner,
    scope: &Scope,
    connection: &NamedConnection,
    answer: &Answer,
    space: Option<&str>,
    print: &PrintOptions,
) -> Result<(), Failure> {
    match print.asked()? {
        Some(printing) if !printing.is_for_people() => {
            let tenant = host.tenant(scope)?;
            printing.print(tenant.function("testConnection")?, answer)?;
        }
        _ => output::say(&success(answer, &connection.definition, space))?,
    }
    warn(answer);
    Ok(())
}

/// Reports what a test noticed, such as that the account sees nothing.
fn warn(answer: &Answer) {
    for notice in answer.notices() {
        report::warning(&notice);
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

/// "Connection successful: 12 spaces, 245 pages visible to user@example.com at …", or, of one space,
/// "Connection successful, found 245 pages in ENG".
pub(super) fn success(
    answer: &Answer,
    definition: &ConnectionDefinition,
    space: Option<&str>,
) -> String {
    let report: Value = serde_json::from_str(&answer.to_json()).unwrap_or_default();
    let count = |name: &str, what: &str| {
        let count = report.get(name)?;
        let value = count.get("value")?;
        let more = match count.get("atLeast") {
            Some(Value::Bool(true)) if value != 0 => "at least ",
            _ => "",
        };
        Some(format!("{more}{value} {what}"))
    };
    let key = report.pointer("/space/key").and_then(Value::as_str);
    if let Some(space) = space.or(key) {
        let pages = count("pages", "pages").unwrap_or_else(|| "pages".to_owned());
        return format!(
            "Connection successful, found {pages} in {}",
            key.unwrap_or(space)
        );
    }
    let seen: Vec<String> = [count("spaces", "spaces"), count("pages", "pages")]
        .into_iter()
        .flatten()
        .collect();
    let text = |name: &str| report.get(name).and_then(Value::as_str);
    let user = match &definition.scheme {
        Scheme::Basic { user } => user.as_str(),
        Scheme::Bearer | Scheme::Oauth { .. } => text("email")
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
        fields.insert(STATE.to_owned(), json!(state(connection)));
        fields.insert("in use".to_owned(), json!(connection.in_use));
        let level = match &connection.source {
            Source::Variable { name } => format!("variable {name}"),
            _ => connection.level.to_string(),
        };
        fields.insert("level".to_owned(), json!(level));
        fields.insert("source".to_owned(), json!(connection.source.to_string()));
    }
    row
}

/// The state of a connection, in the words of OAuth logins, from what is stored alone.
fn state(connection: &NamedConnection) -> Option<String> {
    if let Some(grant) = &connection.grant {
        return Some(grant.to_string());
    }
    match connection.token {
        TokenState::Stored => Some(expiry::state(&connection.definition)),
        _ => None,
    }
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
                    Failure::Usage(format!(
                        "the lender is not a valid connection's name: {error}"
                    ))
                })?;
            Some(lender)
        };
    }
    Ok(definition)
}

fn token(source: Option<&str>) -> Result<Token, Failure> {
    let text = secret_argument::ask("token", "--token", source)?;
    Token::parse(&text).map_err(|error| Failure::Usage(error.to_string()))
}
