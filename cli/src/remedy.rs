//! What can be done about an error, in the commands and options of this program.

use host_runner::{Level, LevelPath, Problem, Remedy, Scope};

use crate::confluence_variables;

/// The options that select a level, such as `--env prod --level env`.
pub(crate) fn options(level: &LevelPath) -> String {
    let Scope { env, app } = level.scope();
    match level.level() {
        Level::Cluster => "--level cluster".to_owned(),
        Level::Env => format!("--env {env} --level env"),
        Level::App => format!("--env {env} --app {app} --level app"),
    }
}

/// Where else there are connections of a name.
pub(crate) fn elsewhere(levels: &[Level]) -> String {
    if levels.is_empty() {
        return "; `host-runner connection list` lists the connections".to_owned();
    }
    format!("; it is at {}", self::levels(levels))
}

/// The options for levels of the scope.
pub(crate) fn levels(levels: &[Level]) -> String {
    let options: Vec<String> = levels
        .iter()
        .map(|level| format!("`--level {level}`"))
        .collect();
    options.join(" and ")
}

/// What to do about a mistake in a file.
pub(crate) fn fix(problem: &Problem) -> Option<String> {
    match problem.remedy() {
        Some(remedy) => Some(words(remedy)),
        None => problem.fix().map(str::to_owned),
    }
}

/// What to do about an error that has a remedy; empty for others, whose message says it.
pub(crate) fn words_of(remedy: Option<Remedy>) -> String {
    remedy.as_ref().map(words).unwrap_or_default()
}

/// What a connection of variables lacks, if one is begun.
fn unfinished(name: &str) -> String {
    match confluence_variables::missing().filter(|_| name == "default") {
        Some(variable) => format!(
            "set the variable `{variable}`, without which the connection of the other variables is not used; or "
        ),
        None => String::new(),
    }
}

/// What to do, worded for people at a shell.
pub(crate) fn words(remedy: &Remedy) -> String {
    match remedy {
        Remedy::AddConnection { name } => format!(
            "{}add one with `host-runner connection add {name} --site DOMAIN.atlassian.net --user me@example.com`, the API token on standard input, or with `host-runner call setApiUrlAndAuth https://DOMAIN.atlassian.net/wiki/api/v2/ - app`, the authorization (`Basic …`) on standard input; or see how it works without one: `host-runner demo`",
            unfinished(name.as_str())
        ),
        Remedy::ListConnections => {
            "`host-runner connection list` lists the connections".to_owned()
        }
        Remedy::ShowConnection { name } => format!(
            "check it with `host-runner connection show {name}`, then try again"
        ),
        Remedy::EnterToken {
            name: Some(name),
            level: Some(level),
        } => format!(
            "add it with `host-runner connection set-token {name} {}`",
            options(level)
        ),
        Remedy::EnterToken {
            name: Some(name), ..
        } => format!(
            "remove it, revoke the token if it was a real one, and enter a new one with `host-runner connection set-token {name}`"
        ),
        Remedy::EnterToken { .. } => {
            "enter tokens with `host-runner connection set-token`".to_owned()
        }
        Remedy::Login { name, level } => format!(
            "log in again with `host-runner connection login {name} {}`",
            options(level)
        ),
        Remedy::EnterClientSecret {
            name: Some(name),
            level: Some(level),
        } => format!(
            "enter it with `host-runner oauth-app set-secret {name} {} --secret -`",
            options(level)
        ),
        Remedy::EnterClientSecret { name, .. } => format!(
            "remove it, regenerate the secret if it was a real one, and enter the new one with `host-runner oauth-app set-secret {} --secret -`",
            name.as_ref().map_or("NAME", |name| name.as_str())
        ),
        Remedy::AddOauthApp { name } => format!(
            "add it with `host-runner oauth-app add {name} --client-id ID --redirect-uri http://localhost:8765/callback --secret -`"
        ),
        Remedy::ListSettings => {
            "`host-runner config list --all` lists all settings".to_owned()
        }
        Remedy::ExplainSettings { prefix } => format!(
            "raise the limit of this download, or ask the owner of that level to raise it; `host-runner config explain {prefix}` shows the level"
        ),
        Remedy::SetSetting { key, value, level } => format!(
            "if this is meant: `host-runner config set {key} {value} --level {level}`"
        ),
        Remedy::OmitOverride { .. } => "omit the option".to_owned(),
        Remedy::RaiseLimit {
            setting: "limits.call-seconds",
        } => "allow more time with `--timeout`".to_owned(),
        Remedy::AskForLess {
            setting: "limits.call-seconds",
        } => "request less with `--limit`, or allow more time with `--timeout`".to_owned(),
        Remedy::AskForLess {
            setting: "limits.memory-mib",
        } => "request less with `--limit`, or allow more memory with `--memory`, which is `limits.memory-mib`".to_owned(),
        Remedy::AskForLessOrReport {
            setting: "limits.call-seconds",
        } => "request less with `--limit`, or allow more time with `--timeout`; if it computes as long for little, report it, with the command that led to it".to_owned(),
        Remedy::MakeFewerCalls {
            setting: "limits.call-seconds",
        } => "make fewer calls at once, raise the rate or the concurrency of the connection if the site allows it, or allow more time with `--timeout`".to_owned(),
        Remedy::CheckSecretStore {
            setting: "limits.call-seconds",
        } => "check the store of secrets, or allow more time with `--timeout`".to_owned(),
        Remedy::AskForLess { setting } => {
            format!("request less with `--limit`, or raise `{setting}`")
        }
        Remedy::StoreComponent => "store it with `host-runner component load FILE`, or remove the setting with `host-runner config unset component.digest`".to_owned(),
        Remedy::RunEmbeddedComponent => "run the component that this host carries: `host-runner component load embedded`".to_owned(),
        Remedy::StoreComponentAgain { digest } => format!(
            "load it without a signature, or unset it at the levels that run it, remove it with `host-runner component remove {digest}`, and load it again"
        ),
        Remedy::SignComponent => "load its file with a signature next to it (`FILE.sig`) or with `--signature`, or sign it with `host-runner component sign`".to_owned(),
        Remedy::MakeSigningKey => "create one with `host-runner component keygen` or `openssl genpkey -algorithm ed25519`".to_owned(),
        Remedy::ListFunctions => "`host-runner functions` lists its functions".to_owned(),
        Remedy::ShowFunction { name } => format!("`host-runner functions {name}` shows them"),
        Remedy::GiveNewKey => "supply the new key with `--new-key`, such as `--new-key @new.key`; `head -c 32 /dev/urandom | base64` makes one".to_owned(),
        Remedy::ChooseStateFolder => {
            "pass a writable folder with `--state-dir`".to_owned()
        }
        Remedy::ChooseOutputFile { or_overwrite: true } => {
            "choose another one with `--output-file`, or overwrite it with `--force`".to_owned()
        }
        Remedy::ChooseOutputFile { .. } => {
            "choose a writable one with `--output-file`".to_owned()
        }
        Remedy::StreamContent => {
            "to write to it, redirect standard output with `--output-file -`".to_owned()
        }
        remedy => remedy.to_string(),
    }
}
