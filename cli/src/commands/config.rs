//! `host-runner config`.

use clap::{Args, Subcommand};
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter};
use host_runner::{
    ConfigError, ConfigFolder, Effective, Precedence, SETTINGS, Source, WiderValue, json_schema,
};
use serde_json::{Value, json};

use crate::exit::Failure;
use crate::formats::Format;
use crate::options::{LevelOption, SessionOptions};
use crate::{candidates, output, report};

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Sets a setting in a level's file, and keeps its comments.
    #[command(after_help = "\
Examples:
  host-runner config set limits.memory-mib 128 --level cluster --final
  host-runner --env prod config set network.allow-sites '*.atlassian.net' --level env
  host-runner config set connection docs")]
    Set(SetArguments),
    /// Takes a setting out of a level's file.
    #[command(
        after_help = "Examples:\n  host-runner config unset limits.memory-mib --level cluster"
    )]
    Unset(UnsetArguments),
    /// Prints the value in force.
    #[command(after_help = "Examples:\n  host-runner config get limits.memory-mib")]
    Get(GetArguments),
    /// Lists what a level's file has, or all settings that there are.
    #[command(
        after_help = "Examples:\n  host-runner config list --level cluster\n  host-runner config list --all"
    )]
    List(ListArguments),
    /// Tells every value in force, and the level, file and line that supplied it.
    #[command(
        after_help = "Examples:\n  host-runner --env prod --app search config explain\n  host-runner config explain limits --output json"
    )]
    Explain(ExplainArguments),
    /// Checks the files of all levels, and that there is no other in the folder that looks like one.
    #[command(after_help = "Examples:\n  host-runner --config-dir ./config config validate")]
    Validate,
    /// Prints the JSON schema of a level's file, for editors.
    #[command(after_help = "Examples:\n  host-runner config schema > level.schema.json")]
    Schema,
    /// Prints where the files of this scope's levels are.
    #[command(after_help = "Examples:\n  host-runner --env prod --app search config path")]
    Path,
}

#[derive(Debug, Args)]
pub(crate) struct SetArguments {
    /// The setting, such as `limits.memory-mib` or `connections.docs.concurrency`.
    #[arg(add = ArgValueCandidates::new(candidates::settings))]
    key: String,
    /// Its value. Lists as `a,b` or `["a", "b"]`.
    #[arg(add = ArgValueCompleter::new(candidates::setting_values))]
    value: String,
    #[command(flatten)]
    level: LevelOption,
    /// Fixes it for narrower levels, too.
    #[arg(long = "final")]
    fix: bool,
}

#[derive(Debug, Args)]
pub(crate) struct UnsetArguments {
    /// The setting.
    #[arg(add = ArgValueCandidates::new(candidates::settings))]
    key: String,
    #[command(flatten)]
    level: LevelOption,
}

#[derive(Debug, Args)]
pub(crate) struct GetArguments {
    /// The setting.
    #[arg(add = ArgValueCandidates::new(candidates::settings))]
    key: String,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    level: LevelOption,
    /// All settings that there are, with their defaults and what they do.
    #[arg(long)]
    all: bool,
    /// How to print.
    #[arg(long, short, value_enum)]
    output: Option<Format>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// Only this setting, or those of this table.
    #[arg(add = ArgValueCandidates::new(candidates::settings))]
    key: Option<String>,
    /// How to print.
    #[arg(long, short, value_enum)]
    output: Option<Format>,
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
    let overrides: Vec<_> = session
        .overrides()
        .into_iter()
        .map(|(setting, value)| (setting.key, value))
        .collect();
    config.effective(&session.scope(), &overrides)
}

fn set(
    session: &SessionOptions,
    config: &ConfigFolder,
    arguments: &SetArguments,
) -> Result<(), Failure> {
    let (scope, level) = (session.scope(), arguments.level.level);
    if arguments.fix {
        config.set_final(&scope, level, &arguments.key, &arguments.value)?;
    } else {
        config.set(&scope, level, &arguments.key, &arguments.value)?;
    }
    // Narrower levels whose files this change makes wrong are refused from now on: better reported
    // here than by their callers.
    let bounds = SETTINGS
        .find(&arguments.key)
        .is_some_and(|setting| setting.precedence.bound().is_some());
    if level != host_runner::Level::App && (arguments.fix || bounds) {
        for problem in config.validate()? {
            report::warning(&problem.to_string());
        }
    }
    let file = config.file(&scope.path(level));
    report::note(&format!("`{}` is set in {}", arguments.key, file.display()));
    Ok(())
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
            "a connection has a token, too: `host-runner connection remove {name} --level {}` removes both",
            arguments.level.level
        )));
    }
    let (scope, level) = (session.scope(), arguments.level.level);
    let was_there = config.unset(&scope, level, &arguments.key)?;
    let file = config.file(&scope.path(level));
    let what = if was_there {
        "is taken out of"
    } else {
        "was not in"
    };
    report::note(&format!("`{}` {what} {}", arguments.key, file.display()));
    Ok(())
}

fn get(session: &SessionOptions, config: &ConfigFolder, key: &str) -> Result<(), Failure> {
    let setting = SETTINGS.find(key).ok_or_else(|| {
        Failure::Usage(format!(
            "there is no setting `{key}`; `host-runner config list --all` lists what there is"
        ))
    })?;
    match effective(session, config)?.value(setting).0 {
        Some(value) => output::say(&value.to_string()),
        None => Err(Failure::NotThere(format!(
            "`{key}` is set at no level, and has no default"
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
    let format = arguments.output.unwrap_or_else(output::default_format);
    output::records(
        &[
            "key",
            "default",
            "levels",
            "narrower levels",
            "documentation",
        ],
        &rows,
        format,
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
    let format = arguments.output.unwrap_or_else(output::default_format);
    output::records(&["key", "value", "line"], &rows, format)
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
                "fixed by": explained.fixed_by.as_ref().map(|source| parts(source).0),
                "within": explained.within.as_ref().map(within),
            })
        })
        .collect();
    if rows.is_empty() {
        return Err(Failure::Usage(format!(
            "there is no setting `{}`; `host-runner config list --all` lists what there is",
            arguments.key.as_deref().unwrap_or_default()
        )));
    }
    let format = arguments.output.unwrap_or_else(output::default_format);
    output::records(
        &[
            "key", "value", "level", "file", "line", "fixed by", "within",
        ],
        &rows,
        format,
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
    let files = config.levels()?.len();
    report::note(&format!(
        "{files} files in {} are right",
        config.path().display()
    ));
    Ok(())
}

fn path(session: &SessionOptions, config: &ConfigFolder) -> Result<(), Failure> {
    let scope = session.scope();
    for level in host_runner::Level::NARROWEST_FIRST {
        output::say(&config.file(&scope.path(level)).display().to_string())?;
    }
    Ok(())
}
