//! What a shell may complete: names that the levels and the component have.
//!
//! A shell asks this program, with the words that were typed so far. Whatever goes wrong here
//! ends in no candidates, never in a message amid somebody's typing; and nothing is made, no key
//! is read and nobody is asked over the network because somebody pressed a key.

mod function;
mod line;

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

use clap::{Command, ValueEnum as _};
use clap_complete::CompletionCandidate;
use clap_complete::engine::{PathCompleter, ValueCompleter as _};
use host_runner::{
    ComponentStore, ConfigFolder, Effective, GRANTABLE, Level, LevelName, OutlinedFunction,
    SETTINGS, Scope, Value, embedded_component, json_schema, outline,
};

use crate::built_in::{BUILT_IN, BuiltIn};
use crate::folder;
use crate::shell::Shell;
use crate::summary::summary;
use line::Line;

/// The variable in which a shell's script names the shell. The words up to the cursor stand
/// behind `--`, the program's own name first; the last one is completed.
const VARIABLE: &str = "HOST_RUNNER_COMPLETE";

/// Longest description, in characters: one line beside the word, on a usual terminal.
const HELP_CHARS: usize = 80;

/// Makes the commands and options of the whole command line. The completers of values are
/// functions without arguments, and need it to read what was typed.
static GRAMMAR: OnceLock<fn() -> Command> = OnceLock::new();

/// Answers a shell that asks for candidates, if that is why this program was started.
pub(crate) fn complete(grammar: fn() -> Command) -> Option<ExitCode> {
    let shell = std::env::var(VARIABLE).ok()?;
    let shell = Shell::from_str(&shell, false).ok()?;
    GRAMMAR.get_or_init(|| grammar);
    let answer = answer(shell, typed());
    // Who does not read it does not want it.
    let _ = std::io::stdout().write_all(answer.as_bytes());
    Some(ExitCode::SUCCESS)
}

/// The words that were typed, the program's name first and the one that is typed last.
fn typed() -> Vec<String> {
    std::env::args_os()
        .skip_while(|word| word != "--")
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

fn answer(shell: Shell, words: Vec<String>) -> String {
    let Some(current) = words.last().cloned() else {
        return String::new();
    };
    let mut root = grammar();
    let before = line();
    if before.is_call() {
        let functions = outlined();
        let named = before.positional.first().and_then(|name| {
            let plain = |name: &str| name.replace(['-', '_'], "").to_lowercase();
            let name = name.rsplit(['#', '.']).next().unwrap_or_default();
            functions
                .iter()
                .find(|function| plain(&function.name) == plain(name))
        });
        let own: Vec<String> = root
            .get_arguments()
            .filter_map(|arg| arg.get_long().map(str::to_owned))
            .collect();
        root = root.mut_subcommand("call", |call| {
            function::command(&call, named, own.iter().map(String::as_str))
        });
    }
    let index = words.len() - 1;
    let folder = std::env::current_dir().ok();
    let words = words.into_iter().map(Into::into).collect();
    let mut found = clap_complete::engine::complete(&mut root, words, index, folder.as_deref())
        .unwrap_or_default();
    // Options are shown to who types a dash, or where nothing else can stand.
    let is_option =
        |candidate: &CompletionCandidate| candidate.get_value().to_string_lossy().starts_with('-');
    if !current.starts_with('-') && !found.iter().all(is_option) {
        found.retain(|candidate| !is_option(candidate));
    }
    found
        .iter()
        .map(|candidate| shell_line(shell, candidate) + "\n")
        .collect()
}

/// A candidate as the shell's script reads it.
fn shell_line(shell: Shell, candidate: &CompletionCandidate) -> String {
    let value = candidate.get_value().to_string_lossy();
    let help: String = candidate
        .get_help()
        .map(|help| help.to_string())
        .unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(HELP_CHARS)
        .collect();
    match shell {
        Shell::Bash => value.into_owned(),
        Shell::Fish if help.is_empty() => value.into_owned(),
        Shell::Fish => format!("{value}\t{help}"),
        Shell::Zsh => {
            let value = value.replace('\\', r"\\").replace(':', r"\:");
            if help.is_empty() {
                value
            } else {
                format!("{value}:{help}")
            }
        }
    }
}

/// What stands in front of the word that is being typed.
fn line() -> Line {
    let words = typed();
    let before = words
        .get(1..words.len().saturating_sub(1))
        .unwrap_or_default();
    Line::read(&grammar(), before)
}

fn grammar() -> Command {
    GRAMMAR
        .get()
        .map_or_else(|| Command::new("host-runner"), |grammar| grammar())
}

/// An option of every command as it was typed, or the variable of the environment in its place.
/// A value that may not be hides nothing else.
fn option(name: &str, variable: &str) -> Option<String> {
    let typed = line().words_of(name).last().map(str::to_owned);
    typed
        .or_else(|| std::env::var(variable).ok())
        .filter(|value| !value.is_empty())
}

fn level_name(name: &str, variable: &str) -> Option<LevelName> {
    match option(name, variable) {
        Some(value) => value.parse().ok(),
        None => Some(LevelName::default_name()),
    }
}

fn scope() -> Option<Scope> {
    Some(Scope {
        env: level_name("env", "HOST_RUNNER_ENV")?,
        app: level_name("app", "HOST_RUNNER_APP")?,
    })
}

fn state_dir() -> Option<PathBuf> {
    option("state-dir", "HOST_RUNNER_STATE_DIR").map(PathBuf::from)
}

fn config() -> Option<ConfigFolder> {
    let config_dir = option("config-dir", "HOST_RUNNER_CONFIG_DIR").map(PathBuf::from);
    let path = folder::config(config_dir.as_deref(), state_dir().as_deref()).ok()?;
    Some(ConfigFolder::new(path, SETTINGS))
}

fn effective() -> Option<Effective> {
    config()?.effective(&scope()?, &[]).ok()
}

fn store() -> Option<ComponentStore> {
    let state = folder::state(state_dir().as_deref()).ok()?;
    Some(ComponentStore::of_state(&state))
}

/// The functions of the component in force.
fn outlined() -> Vec<OutlinedFunction> {
    let component = || {
        let digest = SETTINGS.find("component.digest")?;
        match effective()?.value(digest).0? {
            Value::Text(digest) if digest != "embedded" => {
                store()?.get(&digest.parse().ok()?).ok()?
            }
            _ => Some(embedded_component().to_vec()),
        }
    };
    component()
        .and_then(|component| outline(&component).ok())
        .unwrap_or_default()
}

fn candidate(value: &str) -> CompletionCandidate {
    CompletionCandidate::new(value)
}

fn candidates<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> Vec<CompletionCandidate> {
    values
        .into_iter()
        .map(|value| candidate(value.as_ref()))
        .collect()
}

pub(crate) fn functions() -> Vec<CompletionCandidate> {
    function::names(&outlined())
}

pub(crate) fn environments() -> Vec<CompletionCandidate> {
    let names = config().and_then(|config| config.environments().ok());
    candidates(names.unwrap_or_default().iter().map(|name| name.as_str()))
}

pub(crate) fn apps() -> Vec<CompletionCandidate> {
    let env = level_name("env", "HOST_RUNNER_ENV");
    let names = config()
        .zip(env)
        .and_then(|(config, env)| config.apps(&env).ok());
    candidates(names.unwrap_or_default().iter().map(|name| name.as_str()))
}

pub(crate) fn connections() -> Vec<CompletionCandidate> {
    effective()
        .map(|effective| {
            candidates(
                effective
                    .connection_names()
                    .into_iter()
                    .map(|name| name.as_str()),
            )
        })
        .unwrap_or_default()
}

pub(crate) fn syncs() -> Vec<CompletionCandidate> {
    effective()
        .map(|effective| {
            let names = effective.sync_names();
            candidates(names.into_iter().map(|name| name.as_str()))
        })
        .unwrap_or_default()
}

pub(crate) fn oauth_apps() -> Vec<CompletionCandidate> {
    effective()
        .map(|effective| {
            let names = effective.oauth_app_names();
            candidates(names.into_iter().map(|name| name.as_str()))
        })
        .unwrap_or_default()
}

pub(crate) fn levels() -> Vec<CompletionCandidate> {
    candidates(Level::NARROWEST_FIRST.map(|level| level.to_string()))
}

/// The settings that there are, and the fields of the connections in force.
pub(crate) fn settings() -> Vec<CompletionCandidate> {
    let mut found: Vec<CompletionCandidate> = SETTINGS
        .iter()
        .map(|setting| candidate(setting.key).help(Some(summary(setting.documentation).into())))
        .collect();
    let schema = json_schema(SETTINGS);
    for (table, names) in [("connections", connections()), ("syncs", syncs())] {
        for name in names {
            let name = name.get_value().to_string_lossy();
            for (field, about) in record_fields(&schema, table) {
                let about = about
                    .get("description")
                    .and_then(serde_json::Value::as_str)
                    .unwrap_or_default();
                found.push(
                    candidate(&format!("{table}.{name}.{field}")).help(Some(summary(about).into())),
                );
            }
        }
    }
    found
}

/// The fields of the records of a table.
fn record_fields<'a>(
    schema: &'a serde_json::Value,
    table: &str,
) -> impl Iterator<Item = (&'a String, &'a serde_json::Value)> {
    schema
        .pointer(&format!(
            "/properties/{table}/additionalProperties/properties"
        ))
        .and_then(serde_json::Value::as_object)
        .into_iter()
        .flatten()
}

/// The values that the setting of the line may have.
pub(crate) fn setting_values(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(key) = line().positional.first().cloned() else {
        return Vec::new();
    };
    let current = current.to_string_lossy();
    let values = match key.as_str() {
        "connection" => connections(),
        "component.digest" => components(),
        "component.allow-imports" => return after_comma(&current, imports()),
        _ => match SETTINGS.find(&key) {
            Some(setting) => candidates(setting.choices()),
            None => field_values(&key),
        },
    };
    starting_with(&current, values)
}

/// The values that a field of a connection or of a sync may have.
fn field_values(key: &str) -> Vec<CompletionCandidate> {
    let (table, rest) = key.split_once('.').unwrap_or_default();
    let field = rest.rsplit('.').next().unwrap_or_default();
    if matches!(field, "borrow-concurrency-from" | "connection") {
        return connections();
    }
    let schema = json_schema(SETTINGS);
    let Some((_, about)) = record_fields(&schema, table).find(|(name, _)| *name == field) else {
        return Vec::new();
    };
    if about.get("type").and_then(serde_json::Value::as_str) == Some("boolean") {
        return candidates(["true", "false"]);
    }
    let words = about
        .get("enum")
        .and_then(|words| words.as_array().cloned());
    let words = words.unwrap_or_default();
    candidates(words.iter().filter_map(serde_json::Value::as_str))
}

/// The last item of a list that is written with commas.
fn after_comma(current: &str, values: Vec<CompletionCandidate>) -> Vec<CompletionCandidate> {
    match current.rsplit_once(',') {
        None => starting_with(current, values),
        Some((front, last)) => starting_with(last, values)
            .into_iter()
            .map(|candidate| candidate.add_prefix(format!("{front},")))
            .collect(),
    }
}

fn starting_with(current: &str, values: Vec<CompletionCandidate>) -> Vec<CompletionCandidate> {
    values
        .into_iter()
        .filter(|candidate| candidate.get_value().to_string_lossy().starts_with(current))
        .collect()
}

/// What components may be granted.
pub(crate) fn imports() -> Vec<CompletionCandidate> {
    candidates(GRANTABLE)
}

/// Stored components, and the one that this program carries.
pub(crate) fn components() -> Vec<CompletionCandidate> {
    let embedded = BUILT_IN
        .iter()
        .filter(|built_in| built_in.name == "embedded");
    embedded.map(built_in).chain(stored_components()).collect()
}

fn built_in(component: &BuiltIn) -> CompletionCandidate {
    candidate(component.name).help(Some(component.about.into()))
}

/// Stored components by digest.
pub(crate) fn stored_components() -> Vec<CompletionCandidate> {
    let stored = store().and_then(|store| store.list().ok());
    stored
        .unwrap_or_default()
        .iter()
        .map(|component| {
            candidate(&component.digest.to_string())
                .help(Some(format!("{} bytes", component.bytes).into()))
        })
        .collect()
}

/// A component where a file may stand, too.
pub(crate) fn components_and_files(current: &OsStr) -> Vec<CompletionCandidate> {
    or_files(current, components())
}

/// The same where a provider may stand as well, which no level runs.
pub(crate) fn parts_and_files(current: &OsStr) -> Vec<CompletionCandidate> {
    let built_in = BUILT_IN.iter().map(built_in);
    or_files(current, built_in.chain(stored_components()).collect())
}

fn or_files(current: &OsStr, values: Vec<CompletionCandidate>) -> Vec<CompletionCandidate> {
    let mut found = starting_with(&current.to_string_lossy(), values);
    found.extend(PathCompleter::file().complete(current));
    found
}

/// Kinds of sinks; behind that of one in files, the files.
pub(crate) fn sinks(current: &OsStr) -> Vec<CompletionCandidate> {
    let typed = current.to_string_lossy();
    let kinds = [
        "sqlite:",
        "duckdb:",
        "postgresql://",
        "jsonl:",
        "jsonl+zst:",
        "csv:",
        "csv+zst:",
        "parquet:",
    ];
    let Some((kind, path)) = typed.split_once(':') else {
        return starting_with(&typed, candidates(kinds));
    };
    let paths = match kind {
        "sqlite" | "duckdb" => PathCompleter::file(),
        "jsonl" | "jsonl+zst" | "csv" | "csv+zst" | "parquet" => PathCompleter::dir(),
        _ => return Vec::new(),
    };
    let stores = ["s3://", "gs://", "az://"].map(str::to_owned);
    let stores = stores
        .into_iter()
        .filter(|url| !matches!(kind, "sqlite" | "duckdb") && url.starts_with(path));
    let found = paths.complete(OsStr::new(path));
    found
        .into_iter()
        .chain(stores.map(CompletionCandidate::new))
        .map(|candidate| candidate.add_prefix(format!("{kind}:")))
        .collect()
}
