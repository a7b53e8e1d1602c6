//! `host-runner config`.

use clap::{Args, Subcommand};
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter};
use host_runner::{
    ConfigError, ConfigFolder, Effective, Precedence, SETTINGS, Source, WiderValue, closest,
    json_schema,
};
use serde_json::{Value, json};

use crate::exit::Failure;
use crate::options::{LevelOption, SessionOptions};
use crate::output::{PrintOptions, Sheet};
use crate::{candidates, output, report};

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Set a setting in a level's file, keeping comments
    #[command(after_help = "\
Examples:
  host-runner config set limits.memory-mib 128 --level cluster --lock
  host-runner --env prod config set network.allow-sites '*.atlassian.net' --level env
  host-runner config set connection docs")]
    Set(SetArguments),
    /// Remove a setting from a level's file
    #[command(
        after_help = "Examples:\n  host-runner config unset limits.memory-mib --level cluster"
    )]
    Unset(UnsetArguments),
    /// Print the effective value of a setting
    #[command(after_help = "Examples:\n  host-runner config get limits.memory-mib")]
    Get(GetArguments),
    /// List the settings in a level's file, or all available settings
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  host-runner config list --level cluster\n  host-runner config list --all"
    )]
    List(ListArguments),
    /// Show every effective value with the level, file and line that set it
    #[command(
        after_help = "Examples:\n  host-runner --env prod --app search config explain\n  host-runner config explain limits --output json"
    )]
    Explain(ExplainArguments),
    /// Check the files of all levels, and report stray files
    #[command(after_help = "Examples:\n  host-runner --config-dir ./config config validate")]
    Validate,
    /// Print the JSON schema of level files, for editors
    #[command(after_help = "Examples:\n  host-runner config schema > level.schema.json")]
    Schema,
    /// Print the paths of the level files of this environment and app
    #[command(after_help = "Examples:\n  host-runner --env prod --app search config path")]
    Path,
}

#[derive(Debug, Args)]
pub(crate) struct SetArguments {
    /// Setting, such as `limits.memory-mib` or `connections.docs.concurrency`
    #[arg(add = ArgValueCandidates::new(candidates::settings))]
    key: String,
    /// Value; lists as `a,b` or `["a", "b"]`
    #[arg(add = ArgValueCompleter::new(candidates::setting_values))]
    value: String,
    #[command(flatten)]
    level: LevelOption,
    /// Also lock it for narrower levels
    #[arg(long, alias = "final")]
    lock: bool,
}

#[derive(Debug, Args)]
pub(crate) struct UnsetArguments {
    /// Setting
    #[arg(add = ArgValueCandidates::new(candidates::settings))]
    key: String,
    #[command(flatten)]
    level: LevelOption,
}

#[derive(Debug, Args)]
pub(crate) struct GetArguments {
    /// Setting
    #[arg(add = ArgValueCandidates::new(candidates::settings))]
    key: String,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    level: LevelOption,
    /// List all available settings with default and documentation
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    print: PrintOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// Only this setting, or this table of settings
    #[arg(add = ArgValueCandidates::new(candidates::settings))]
    key: Option<String>,
    #[command(flatten)]
    print: PrintOptions,
}

pub(crate) fn run(session: &SessionOptions, command: &ConfigCommand) -> Result<(), Failure> {
    let config = session.config()?;
    match command {
        ConfigCommand::Set(arguments) => set(session, &config, arguments),
        ConfigCommand::Unset(arguments) => unset(session, &config, arguments),
        ConfigCommand::Get(arguments) => get(session, &config, &arguments.key),
        ConfigCommand::List(arguments) if arguments.all => list_all(arguments),
        ConfigCommand::List(arguments) => list(session, &config, arguments),
        ConfigCommand::Explain(arguments) => explain(session, &config, arguments),
        ConfigCommand::Validate => validate(&config),
        ConfigCommand::Schema => output::say(&format!("{:#}", json_schema(SETTINGS))),
        ConfigCommand::Path => path(session, &config),
    }
}

fn effective(session: &SessionOptions, config: &ConfigFolder) -> Result<Effective, ConfigError> {
    config.effective(&session.scope(), &session.setting_overrides())
}

fn set(
    session: &SessionOptions,
    config: &ConfigFolder,
    arguments: &SetArguments,
) -> Result<(), Failure> {
    let (scope, level) = (session.scope(), arguments.level.level);
    if arguments.key == "connection" {
        refuse_missing_connection(session, config, &arguments.value)?;
    }
    if arguments.lock {
        config.set_locked(&scope, level, &arguments.key, &arguments.value)?;
    } else {
        config.set(&scope, level, &arguments.key, &arguments.value)?;
    }
    // Narrower levels whose files this change makes wrong are refused from now on: better reported
    // here than by their callers.
    let bounds = SETTINGS
        .find(&arguments.key)
        .is_some_and(|setting| setting.precedence.bound().is_some());
    if level != host_runner::Level::App && (arguments.lock || bounds) {
        for problem in config.validate()? {
            report::warning(&problem.to_string());
        }
    }
    let file = config.file(&scope.path(level));
    report::note(&format!("set `{}` in {}", arguments.key, file.display()));
    Ok(())
}

/// Refuses an active connection that no level has: every call would fail. With the name that was
/// probably meant.
fn refuse_missing_connection(
    session: &SessionOptions,
    config: &ConfigFolder,
    name: &str,
) -> Result<(), Failure> {
    let effective = effective(session, config)?;
    let names: Vec<&str> = effective
        .connection_names()
        .into_iter()
        .map(|there| there.as_str())
        .collect();
    if names.contains(&name) {
        return Ok(());
    }
    let near = closest(name, names.iter().copied());
    let others = if !near.is_empty() {
        format!("did you mean `{}`?", near.join("` or `"))
    } else if names.is_empty() {
        "there is none".to_owned()
    } else {
        format!("there are `{}`", names.join("`, `"))
    };
    Err(Failure::NotThere(format!(
        "`{}` has no connection `{name}`: add it first with `host-runner connection add {name}`; {others}",
        session.scope()
    )))
}

fn unset(
    session: &SessionOptions,
    config: &ConfigFolder,
    arguments: &UnsetArguments,
) -> Result<(), Failure> {
    if let Some(name) = arguments.key.strip_prefix("connections.")
        && !name.contains('.')
    {
        return Err(Failure::Usage(format!(
            "a connection also has a token: run `host-runner connection remove {name} --level {}` to remove both",
            arguments.level.level
        )));
    }
    let (scope, level) = (session.scope(), arguments.level.level);
    let was_there = config.unset(&scope, level, &arguments.key)?;
    let file = config.file(&scope.path(level));
    let (key, file) = (&arguments.key, file.display());
    report::note(&if was_there {
        format!("removed `{key}` from {file}")
    } else {
        format!("`{key}` is not in {file}")
    });
    Ok(())
}

fn get(session: &SessionOptions, config: &ConfigFolder, key: &str) -> Result<(), Failure> {
    let setting = SETTINGS.find(key).ok_or_else(|| {
        Failure::Usage(format!(
            "unknown setting `{key}`; `host-runner config list --all` lists all settings"
        ))
    })?;
    match effective(session, config)?.value(setting).0 {
        Some(value) => output::say(&value.to_string()),
        None => Err(Failure::NotThere(format!(
            "`{key}` is not set at any level and has no default"
        ))),
    }
}

fn list_all(arguments: &ListArguments) -> Result<(), Failure> {
    let rows: Vec<_> = SETTINGS
        .iter()
        .map(|setting| {
            json!({
                "key": setting.key,
                "default": setting.default().map(|value| value.to_json()),
                "levels": match setting.precedence {
                    Precedence::ClusterOnly => "cluster",
                    _ => "any",
                },
                "narrower levels": setting.precedence.word(),
                "documentation": setting.description(),
            })
        })
        .collect();
    let printing = arguments.print.printing()?;
    output::records(
        &Sheet {
            columns: &[
                "key",
                "default",
                "levels",
                "narrower levels",
                "documentation",
            ],
            wide: &["levels", "narrower levels"],
            shortened: &[],
        },
        &rows,
        &printing,
    )
}

fn list(
    session: &SessionOptions,
    config: &ConfigFolder,
    arguments: &ListArguments,
) -> Result<(), Failure> {
    let level = session.scope().path(arguments.level.level);
    let rows: Vec<_> = match config.read(&level)? {
        Some(file) => file
            .entries()
            .map(|(key, value, line)| json!({ "key": key, "value": value, "line": line }))
            .collect(),
        None => Vec::new(),
    };
    let printing = arguments.print.printing()?;
    output::records(&Sheet::of(&["key", "value", "line"]), &rows, &printing)
}

fn explain(
    session: &SessionOptions,
    config: &ConfigFolder,
    arguments: &ExplainArguments,
) -> Result<(), Failure> {
    let wanted = |key: &str| {
        arguments.key.as_deref().is_none_or(|wanted| {
            key == wanted
                || key
                    .strip_prefix(wanted)
                    .is_some_and(|rest| rest.starts_with('.'))
        })
    };
    let rows: Vec<_> = effective(session, config)?
        .explain()
        .into_iter()
        .filter(|explained| wanted(&explained.key))
        .map(|explained| {
            let (level, file, line) = parts(&explained.source);
            json!({
                "key": explained.key,
                "value": explained.value,
                "level": level,
                "file": file,
                "line": line,
                "locked by": explained.locked_by.as_ref().map(|source| parts(source).0),
                "within": explained.within.as_ref().map(within),
            })
        })
        .collect();
    if rows.is_empty() {
        return Err(Failure::Usage(format!(
            "unknown setting `{}`; `host-runner config list --all` lists all settings",
            arguments.key.as_deref().unwrap_or_default()
        )));
    }
    let printing = arguments.print.printing()?;
    output::records(
        &Sheet {
            columns: &[
                "key",
                "value",
                "level",
                "file",
                "line",
                "locked by",
                "within",
            ],
            wide: &["file", "line", "within"],
            shortened: &[],
        },
        &rows,
        &printing,
    )
}

/// The value of a wider level, and the level.
fn within(wider: &WiderValue) -> String {
    let value = match &wider.value {
        Value::String(text) => text.clone(),
        Value::Array(entries) => entries
            .iter()
            .map(|entry| entry.as_str().unwrap_or_default())
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    format!("{value} ({})", parts(&wider.source).0)
}

fn parts(source: &Source) -> (String, Option<String>, Option<usize>) {
    match source {
        Source::File { level, file, line } => (
            level.to_string(),
            Some(file.display().to_string()),
            Some(*line),
        ),
        other => (other.to_string(), None, None),
    }
}

fn validate(config: &ConfigFolder) -> Result<(), Failure> {
    let mut problems = config.validate()?;
    problems.extend(config.strays()?);
    if !problems.is_empty() {
        return Err(ConfigError::Invalid { problems }.into());
    }
    let path = config.path().display();
    report::note(&match config.levels()?.len() {
        0 => format!("{path} has no files, which is valid"),
        1 => format!("the only file in {path} is valid"),
        files => format!("all {files} files in {path} are valid"),
    });
    Ok(())
}

fn path(session: &SessionOptions, config: &ConfigFolder) -> Result<(), Failure> {
    let scope = session.scope();
    for level in host_runner::Level::NARROWEST_FIRST {
        output::say(&config.file(&scope.path(level)).display().to_string())?;
    }
    Ok(())
}
