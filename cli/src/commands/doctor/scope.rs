//! What a scope has: its levels, the component that runs for it, and the connection that its
//! calls go over.

use std::path::Path;
use std::time::{Duration, SystemTime};

use host_runner::{
    Answer, CallError, ComponentStore, ConfigFolder, ConnectionDefinition, ConnectionName, Digest,
    ENGINE_BUILD, Effective, Endpoint, GrantState, HostRunner, Inspection, Level, Limits,
    MemoryLayout, SETTINGS, Scheme, Source, Token, Value, VaultState, embedded_component,
};
use tempfile::TempDir;

use super::Rows;
use super::machine::Secrets;
use crate::commands::connection::{expiry, success};
use crate::exit::Failure;
use crate::options::SessionOptions;
use crate::remedy;

/// Most that this machine's clock and a site's may differ. Atlassian's tokens do not depend on
/// the clock, certificates do, and logs of both sides should be comparable.
const CLOCK_DIFFERENCE: Duration = Duration::from_secs(60);

/// Why a site is not asked whether it takes a token.
const NO_TOKEN: &str = "no token to access the site with";

/// The connection in force.
struct Found<'a> {
    name: &'a ConnectionName,
    definition: &'a ConnectionDefinition,
    level: Level,
}

/// A host: the real one where its secrets can be opened, and else one that has the components
/// and no secret, so that whatever needs no secret can still be checked, and nothing is made.
pub(super) struct Opened {
    host: Result<HostRunner, Failure>,
    secrets: Result<Secrets, Failure>,
    _scratch: Option<TempDir>,
}

impl Opened {
    pub(super) fn new(
        session: &SessionOptions,
        config: &ConfigFolder,
        state: &Path,
        secrets: Secrets,
    ) -> Self {
        let setup = || session.setup_with_variables(config.path().to_owned(), state.to_owned());
        let mut secrets = Ok(secrets);
        if matches!(secrets, Ok(Secrets::Open)) {
            match setup().and_then(|setup| setup.open().map_err(Failure::from)) {
                Ok(host) => {
                    return Self {
                        host: Ok(host),
                        secrets,
                        _scratch: None,
                    };
                }
                Err(error) => secrets = Err(error),
            }
        }
        let scratch = tempfile::tempdir();
        let host = match &scratch {
            Ok(folder) => {
                setup().and_then(|setup| setup.scratch(folder.path()).open().map_err(Failure::from))
            }
            Err(error) => Err(Failure::io(
                "cannot create a temporary folder",
                std::io::Error::from(error.kind()),
            )),
        };
        Self {
            host,
            secrets,
            _scratch: scratch.ok(),
        }
    }

    /// The host that sites were asked with.
    pub(super) fn host(&self) -> Option<&HostRunner> {
        self.host.as_ref().ok()
    }
}

/// The files of the scope's levels.
pub(super) fn levels(
    rows: &mut Rows,
    session: &SessionOptions,
    config: &ConfigFolder,
) -> Option<Effective> {
    const CHECK: &str = "levels";
    let scope = session.scope();
    let overrides: Vec<_> = session
        .overrides()
        .into_iter()
        .map(|(setting, value)| (setting.key, value))
        .collect();
    match config.effective(&scope, &overrides) {
        Ok(effective) => {
            let files: Vec<String> = Level::NARROWEST_FIRST
                .into_iter()
                .rev()
                .map(|level| scope.path(level))
                .filter(|level| config.file(level).exists())
                .map(|level| format!("`{level}`"))
                .collect();
            rows.ok(
                CHECK,
                match files.as_slice() {
                    [] => format!("`{scope}` has no file at any level"),
                    files => format!("the files of {} are valid", files.join(", ")),
                },
            );
            Some(effective)
        }
        Err(error) => {
            for problem in error.problems() {
                rows.failed(CHECK, problem, remedy::fix(problem).unwrap_or_default());
            }
            if error.problems().is_empty() {
                rows.failed(CHECK, &error, "make the file readable for this user");
            }
            None
        }
    }
}

/// Vault, where tokens are kept there. Elsewhere there is nothing to tell.
pub(super) async fn vault(rows: &mut Rows, effective: Option<&Effective>, offline: bool) {
    const CHECK: &str = "vault";
    let Some(effective) = effective.filter(|effective| is_remote(effective)) else {
        return;
    };
    if offline {
        rows.skipped(CHECK, "skipped by `--offline`");
        return;
    }
    match VaultState::of(effective).await {
        Ok(Some(state)) => rows.ok(
            CHECK,
            format!(
                "`{}` accepts the vault token, which can read `{}`",
                state.address, state.path
            ),
        ),
        Ok(None) => {}
        // The message says what to do.
        Err(error) => rows.failed(CHECK, error, ""),
    }
}

/// The component, and the engine that runs it.
pub(super) fn component(
    rows: &mut Rows,
    session: &SessionOptions,
    effective: Option<&Effective>,
    opened: &Opened,
    state: &Path,
) {
    const CHECK: &str = "component";
    let build = ENGINE_BUILD;
    let host = match &opened.host {
        Ok(host) => host,
        Err(error) => {
            rows.skipped(CHECK, "the engine failed to start");
            let fix = error.reason().1.unwrap_or_default();
            rows.failed("engine", format!("{build}: {error}"), fix);
            return;
        }
    };
    let Some(effective) = effective else {
        rows.skipped(CHECK, "the levels have errors");
        rows.ok("engine", build);
        return;
    };
    let (bytes, origin) = bytes(effective, state);
    let is_kept = bytes
        .as_deref()
        .is_some_and(|bytes| host.keeps_code_of(bytes));
    match host.tenant(&session.scope()) {
        Ok(tenant) => {
            let digest = bytes
                .as_deref()
                .map(|bytes| Digest::of(bytes).to_string())
                .unwrap_or_default();
            let imports = bytes
                .as_deref()
                .and_then(|bytes| Inspection::of(bytes).ok())
                .map_or(0, |inspection| inspection.imports.len());
            rows.ok(
                CHECK,
                format!(
                    "`{digest}` ({origin}) exports {} functions; all {imports} imports are granted",
                    tenant.functions().len()
                ),
            );
        }
        Err(error) => {
            let fix = remedy::words_of(error.remedy());
            rows.failed(CHECK, error, fix);
        }
    }
    let kept = if is_kept {
        "the component is compiled"
    } else {
        "the component is compiled on first use"
    };
    rows.ok("engine", format!("{build}; {kept}; {}", host.compiler()));
    if host.memory_layout() == MemoryLayout::Compact {
        let mib = host.address_space_bytes().unwrap_or_default() >> 20;
        rows.warning(
            "address space",
            format!(
                "that of this process is limited to {mib} MiB: memories of instances reserve 64 MiB in place of 4 GiB, and each access is checked, which is slower"
            ),
            "raise the limit with `ulimit -v unlimited`",
        );
    }
}

/// The component's bytes, where they can be read, and where the setting comes from.
fn bytes(effective: &Effective, state: &Path) -> (Option<Vec<u8>>, String) {
    let Some(setting) = SETTINGS.find("component.digest") else {
        return (None, String::new());
    };
    let (value, source) = effective.value(setting);
    match value {
        Some(Value::Text(digest)) if digest != "embedded" => {
            let stored = || {
                let digest = digest.parse().ok()?;
                ComponentStore::of_state(state).get(&digest).ok()?
            };
            (stored(), source.to_string())
        }
        _ => (
            Some(embedded_component().to_vec()),
            match source {
                Source::Default => "default".to_owned(),
                source => format!("embedded, {source}"),
            },
        ),
    }
}

/// The connection in force, its site's name and clock, and whether the site takes its token.
pub(super) async fn connection(
    rows: &mut Rows,
    session: &SessionOptions,
    effective: Option<&Effective>,
    opened: &Opened,
    offline: bool,
) {
    const CHECK: &str = "connection";
    let Some(effective) = effective else {
        rows.skipped(CHECK, "the levels have errors");
        return;
    };
    let name = effective.connection_name();
    let Some((definition, level, source)) = effective.definition(&name) else {
        let others: Vec<&str> = effective
            .connection_names()
            .into_iter()
            .map(|name| name.as_str())
            .collect();
        if others.is_empty() {
            rows.warning(
                CHECK,
                format!("`{}` has no connection", session.scope()),
                "run `host-runner connection add --site DOMAIN.atlassian.net --user me@example.com`",
            );
        } else {
            rows.warning(
                CHECK,
                format!(
                    "the active connection `{name}` does not exist at any level of `{}`; existing connections: `{}`",
                    session.scope(),
                    others.join("`, `")
                ),
                "choose one with `host-runner config set connection NAME`",
            );
        }
        return;
    };
    let found = Found {
        name: &name,
        definition,
        level: level.level(),
    };
    let endpoint = &definition.endpoint;
    let gateway = gateway(effective, definition);
    let allowed = effective.allows(endpoint).and_then(|()| {
        gateway
            .as_ref()
            .map_or(Ok(()), |gateway| allows_gateway(effective, gateway))
    });
    if let Err(forbidden) = allowed {
        let fix = match forbidden.remedy() {
            Some(remedy) => remedy::words(&remedy),
            None => forbidden.resolution(),
        };
        rows.failed(CHECK, &forbidden, fix);
        return;
    }
    rows.ok(
        CHECK,
        format!("`{name}` connects to `{endpoint}`, from {source}"),
    );
    if gateway.is_none() {
        rows.ok("curl", curl(definition));
    }
    // Requests of OAuth connections go to the gateway alone.
    let endpoint = gateway.as_ref().unwrap_or(endpoint);
    let host = opened.host.as_ref().ok();
    if offline {
        for check in ["site name", "site clock"] {
            rows.skipped(check, "skipped by `--offline`");
        }
    } else {
        site_name(rows, endpoint, Limits::in_force(effective).connect).await;
        if let Some(host) = host {
            site_clock(rows, host, session, endpoint).await;
        }
    }
    let is_variable = matches!(source, Source::Variable { .. });
    let host = match (&opened.secrets, host) {
        (_, Some(host)) if is_variable => host,
        (Ok(Secrets::Open), Some(host)) => host,
        (Ok(Secrets::NotMade), _) if is_remote(effective) => {
            rows.skipped(
                "token",
                "stored in Vault; read once the state folder exists",
            );
            rows.skipped("access", NO_TOKEN);
            return;
        }
        (Ok(Secrets::NotMade), _) if gateway.is_some() => {
            login(rows, &found, &GrantState::NeedsAuthorization);
            rows.skipped("access", NO_TOKEN);
            return;
        }
        (Ok(Secrets::NotMade), _) => {
            no_token(rows, &found);
            return;
        }
        (Err(error), _) => {
            rows.failed("token", error, error.reason().1.unwrap_or_default());
            rows.skipped("access", NO_TOKEN);
            return;
        }
        _ => {
            rows.skipped("token", "the secrets cannot be read");
            rows.skipped("access", NO_TOKEN);
            return;
        }
    };
    if offline && is_remote(effective) && !is_variable {
        rows.skipped("token", "stored in Vault; skipped by `--offline`");
        rows.skipped("access", "skipped by `--offline`");
        return;
    }
    let token = match host.connection(&session.scope(), &name).await {
        Ok(Some((there, _))) if there.grant.is_some() => {
            let state = there.grant.unwrap_or(GrantState::NeedsAuthorization);
            let can_be_used = login(rows, &found, &state);
            if offline || !can_be_used {
                let why = if offline {
                    "skipped by `--offline`"
                } else {
                    NO_TOKEN
                };
                rows.skipped("access", why);
                return;
            }
            access_by_login(rows, host, session, &found).await;
            return;
        }
        Ok(Some((_, Some(token)))) => token,
        Ok(_) => {
            no_token(rows, &found);
            return;
        }
        Err(error) => {
            rows.failed("token", &error, fix_of(&error));
            rows.skipped("access", NO_TOKEN);
            return;
        }
    };
    match expiry::notice(&name, definition) {
        Some(notice) => rows.warning("token", notice, expiry::fix(&name, level)),
        None if is_variable => rows.ok("token", format!("the token of `{name}` is from {source}")),
        None => rows.ok("token", format!("the token of `{name}` is stored")),
    }
    if offline {
        rows.skipped("access", "skipped by `--offline`");
        return;
    }
    access(rows, host, session, &found, &token).await;
}

/// The command that asks the site without this program, with the token left out.
fn curl(definition: &ConnectionDefinition) -> String {
    let quoted = |text: &str| text.replace('\'', "'\\''");
    let authorization = match &definition.scheme {
        Scheme::Basic { user } => format!("-u '{}':\"$TOKEN\"", quoted(user)),
        Scheme::Bearer | Scheme::Oauth { .. } => "-H \"Authorization: Bearer $TOKEN\"".to_owned(),
    };
    let base = definition.endpoint.to_string();
    format!(
        "to check the token without this program: curl {authorization} '{}/rest/api/user/current'",
        quoted(base.trim_end_matches('/'))
    )
}

/// Where the requests of a connection that uses OAuth go. `None` for others.
fn gateway(effective: &Effective, definition: &ConnectionDefinition) -> Option<Endpoint> {
    let Scheme::Oauth { cloud_id, .. } = &definition.scheme else {
        return None;
    };
    let api = SETTINGS.find("oauth.api")?;
    let Some(Value::Text(api)) = effective.value(api).0 else {
        return None;
    };
    Endpoint::at_gateway(&api, cloud_id.as_str()).ok()
}

/// The gateway is the cluster level's to name, and on this machine the cluster level's to allow.
fn allows_gateway(
    effective: &Effective,
    gateway: &Endpoint,
) -> Result<(), host_runner::EndpointDenied> {
    if gateway.is_loopback() {
        effective.allows(gateway)
    } else {
        Ok(())
    }
}

/// The state of a login. Answers whether the site can be asked with it.
fn login(rows: &mut Rows, found: &Found<'_>, state: &GrantState) -> bool {
    const CHECK: &str = "login";
    let (name, level) = (found.name, found.level);
    let again = format!("log in again with `host-runner connection login {name} --level {level}`");
    let seen = format!("the login of `{name}`: {state}");
    match state {
        GrantState::Ok => rows.ok(CHECK, seen),
        GrantState::NeedsAuthorization => rows.failed(CHECK, seen, again),
        GrantState::WrongClient => {
            let app = match &found.definition.scheme {
                Scheme::Oauth { app, .. } => app.as_str(),
                _ => "NAME",
            };
            rows.failed(
                CHECK,
                seen,
                format!(
                    "check the client id, and enter the secret with `host-runner oauth-app set-secret {app} --secret -`"
                ),
            );
        }
        GrantState::MissingScopes { missing } => rows.warning(
            CHECK,
            format!("{seen}: `{}`", missing.join("`, `")),
            format!(
                "add them to the permissions of the OAuth app in the developer console, and {again}"
            ),
        ),
        _ => rows.warning(CHECK, seen, again),
    }
    !matches!(state, GrantState::NeedsAuthorization)
}

/// Whether the site takes the login.
async fn access_by_login(
    rows: &mut Rows,
    host: &HostRunner,
    session: &SessionOptions,
    found: &Found<'_>,
) {
    const CHECK: &str = "access";
    let Ok(tenant) = host.tenant(&session.scope()) else {
        rows.skipped(CHECK, "no component to access the site with");
        return;
    };
    match tenant.test_login(found.name, None).await {
        Ok(answer) => accessed(rows, CHECK, &answer, found),
        Err(error) => rows.failed(CHECK, described(&error), fix_of(&error)),
    }
}

fn no_token(rows: &mut Rows, found: &Found<'_>) {
    rows.failed(
        "token",
        format!("no token is stored for `{}`", found.name),
        format!(
            "add one with `host-runner connection set-token {} --level {}`",
            found.name, found.level
        ),
    );
    rows.skipped("access", NO_TOKEN);
}

/// Whether secrets are kept where they are asked for over the network.
fn is_remote(effective: &Effective) -> bool {
    let store = SETTINGS
        .find("secrets.store")
        .and_then(|setting| effective.value(setting).0);
    matches!(store, Some(Value::Text(store)) if store == "vault")
}

/// Whether the site's name has an address.
async fn site_name(rows: &mut Rows, endpoint: &Endpoint, patience: Duration) {
    const CHECK: &str = "site name";
    let host = endpoint.host();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if endpoint.is_loopback() || bare.parse::<std::net::IpAddr>().is_ok() {
        rows.skipped(CHECK, format!("`{host}` is an address or on this machine"));
        return;
    }
    let found = tokio::time::timeout(patience, tokio::net::lookup_host((host, 443))).await;
    const FIX: &str =
        "check the site of the connection, and DNS on this machine (`/etc/resolv.conf`)";
    match found {
        Ok(Ok(addresses)) => {
            rows.ok(
                CHECK,
                format!("`{host}` has {} addresses", addresses.count()),
            );
        }
        Ok(Err(error)) => rows.failed(CHECK, format!("`{host}` does not resolve: {error}"), FIX),
        Err(_) => rows.failed(
            CHECK,
            format!(
                "DNS did not answer for `{host}` within {} s",
                patience.as_secs_f64()
            ),
            FIX,
        ),
    }
}

/// How far this machine's clock is from the site's.
async fn site_clock(
    rows: &mut Rows,
    host: &HostRunner,
    session: &SessionOptions,
    endpoint: &Endpoint,
) {
    const CHECK: &str = "site clock";
    match host.site_time(&session.scope(), endpoint).await {
        Ok(theirs) => {
            let ours = SystemTime::now();
            let difference = ours
                .duration_since(theirs)
                .or_else(|_| theirs.duration_since(ours))
                .unwrap_or_default();
            let seen = format!(
                "the clocks of this machine and of `{}` differ by {} s",
                endpoint.host(),
                difference.as_secs()
            );
            if difference > CLOCK_DIFFERENCE {
                rows.warning(
                    CHECK,
                    seen,
                    "run a time service such as `systemd-timesyncd`: certificates are checked against the clock",
                );
            } else {
                rows.ok(CHECK, seen);
            }
        }
        // Whether the site can be reached is told by `access`, with what to do.
        Err(error) => rows.skipped(CHECK, error.to_string()),
    }
}

/// Whether the site takes the token.
async fn access(
    rows: &mut Rows,
    host: &HostRunner,
    session: &SessionOptions,
    found: &Found<'_>,
    token: &Token,
) {
    const CHECK: &str = "access";
    let tenant = match host.tenant(&session.scope()) {
        Ok(tenant) => tenant,
        Err(_) => {
            rows.skipped(CHECK, "no component to access the site with");
            return;
        }
    };
    let tested = tenant
        .test_connection(found.name, found.definition, token, None, None)
        .await;
    match tested {
        Ok(answer) => accessed(rows, CHECK, &answer, found),
        Err(error) => rows.failed(CHECK, described(&error), fix_of(&error)),
    }
}

/// What the account sees, and the notices of the test, such as that it sees nothing.
fn accessed(rows: &mut Rows, check: &'static str, answer: &Answer, found: &Found<'_>) {
    let seen = success(answer, found.definition, None);
    match answer.notices().as_slice() {
        [] => rows.ok(check, seen),
        // They contain the fix.
        notices => rows.warning(check, format!("{seen}; {}", notices.join("; ")), ""),
    }
}

fn fix_of(error: &CallError) -> String {
    match error.remedy() {
        Some(remedy) => remedy::words(&remedy),
        None => error.resolution().unwrap_or_default(),
    }
}

fn described(error: &CallError) -> String {
    let status = match error {
        CallError::Component { error, .. } => error.status,
        _ => None,
    };
    let status = status.map_or_else(String::new, |status| format!(", HTTP status {status}"));
    match error.cause() {
        Some(cause) => format!("{error}{status} ({cause})"),
        None => format!("{error}{status}"),
    }
}
