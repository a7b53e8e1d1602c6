//! `host-runner`: loads the Confluence connector and calls it.

mod built_in;
mod candidates;
mod closed_output;
mod command;
mod commands;
mod confluence_variables;
mod core_dump;
mod count;
mod duration;
mod exit;
mod folder;
mod formats;
mod jq_error;
mod list_flags;
mod notices;
mod options;
mod output;
mod output_file;
mod pager;
mod progress;
mod remedy;
mod report;
mod row_output;
mod secret_argument;
mod session;
mod shell;
mod summary;
mod telemetry;
mod variables;
mod visible;
mod wrap;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};
use tokio::runtime;

use command::{Command, CommandLine};
use exit::{Exit, Failure};
use formats::MessageFormat;
use telemetry::Telemetry;

fn main() -> ExitCode {
    if let Some(ended) = host_runner::compile_if_asked() {
        return ended;
    }
    core_dump::prevent();
    if let Some(ended) = candidates::complete(CommandLine::command) {
        return ended;
    }
    if closed_output::is_closed() {
        report::speak(MessageFormat::of_process());
        let failure = Failure::ClosedOutput;
        report::failure(&failure);
        return failure.exit().into();
    }
    let line = match parse() {
        Ok(line) => line,
        // Help and version are errors to the parser.
        Err(error) if !error.use_stderr() => {
            let printed = error.print().and_then(|()| std::io::stdout().flush());
            return match printed.map_err(Failure::output) {
                Ok(()) | Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
                Err(failure) => {
                    report::failure(&failure);
                    failure.exit().into()
                }
            };
        }
        Err(error) => {
            report::speak(MessageFormat::of_process());
            if may_hold_secret(&error) {
                report::usage(&error);
            } else {
                report::misunderstood(&error);
            }
            return Exit::Usage.into();
        }
    };
    report::speak(line.session.telemetry.message_format);
    let telemetry = match Telemetry::start(&line.session.telemetry) {
        Ok(telemetry) => telemetry,
        Err(failure) => {
            report::failure(&failure);
            return failure.exit().into();
        }
    };
    let ended = run(line);
    telemetry.end();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Err(Failure::Answered(exit)) => exit.into(),
        Err(failure) => {
            report::failure(&failure);
            failure.exit().into()
        }
    }
}

/// Parses the command line. A variable that is set to nothing counts as absent.
fn parse() -> Result<CommandLine, clap::Error> {
    let empty: Vec<OsString> = variables::empty().collect();
    let is_empty = |arg: &clap::Arg| {
        arg.get_env()
            .is_some_and(|name| empty.iter().any(|there| there == name))
    };
    let read = |mut grammar: clap::Command| {
        if !empty.is_empty() {
            grammar = grammar.mut_args(|arg| if is_empty(&arg) { arg.env(None) } else { arg });
        }
        grammar
            .try_get_matches_from(words())
            .and_then(|matches| CommandLine::from_arg_matches(&matches))
    };
    let parsed = read(CommandLine::command()).or_else(|error| match error.kind() {
        // Its usage would name options that have their value from a variable like required ones.
        ErrorKind::MissingRequiredArgument => {
            read(CommandLine::command().mut_args(|arg| arg.env(None)))
        }
        // Only help has lines to break.
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            read(wrap::command(CommandLine::command(), wrap::help_width()))
        }
        _ => Err(error),
    });
    parsed.map_err(|error| match variables::not_text() {
        Some(name) if error.kind() == ErrorKind::InvalidUtf8 => CommandLine::command().error(
            ErrorKind::InvalidUtf8,
            format!("the value of the variable `{name}` is not UTF-8"),
        ),
        _ => error,
    })
}

/// The words of the command line. `help call` and `help call FUNCTION` are what the parser of commands
/// does not know: functions are those of the component.
fn words() -> Vec<OsString> {
    let words: Vec<OsString> = std::env::args_os().collect();
    match words.as_slice() {
        [program, help, call, rest @ ..] if help == "help" && call == "call" => {
            let mut words = vec![program.clone(), call.clone()];
            words.extend_from_slice(rest);
            words.push("--help".into());
            words
        }
        _ => words,
    }
}

/// Whether the parser's message repeats a word of a command that is given secrets: a token in a
/// wrong place is not to be shown, nor kept by who records standard error.
fn may_hold_secret(error: &clap::Error) -> bool {
    // As the system has them: words that are no text are what the parser may be complaining of.
    // A URL with a user may have a password, too.
    let is_url = |word: &OsString| {
        let word = word.to_string_lossy();
        word.contains("://") && word.contains('@')
    };
    let takes_secrets = std::env::args_os().any(|word| {
        word == "connection" || word == "secrets" || word == "oauth-app" || is_url(&word)
    });
    takes_secrets
        && matches!(
            error.kind(),
            ErrorKind::UnknownArgument
                | ErrorKind::InvalidValue
                | ErrorKind::ValueValidation
                | ErrorKind::InvalidSubcommand
                | ErrorKind::TooManyValues
        )
}

fn run(line: CommandLine) -> Result<(), Failure> {
    let mut runtime = match line.command {
        // One thread reads and the other one writes.
        Command::Read(_) | Command::Sync { .. } => {
            let mut runtime = runtime::Builder::new_multi_thread();
            runtime.worker_threads(1);
            runtime
        }
        _ => runtime::Builder::new_current_thread(),
    };
    let runtime = runtime
        .enable_all()
        .build()
        .map_err(|source| Failure::io("cannot start the asynchronous runtime", source))?;
    let ended = runtime.block_on(async {
        match line.command {
            Command::Call(arguments) => {
                commands::call::run(line.session, arguments, command::complete).await
            }
            Command::Download(arguments) => commands::download::run(&line.session, arguments).await,
            Command::Functions(arguments) => commands::functions::run(&line.session, &arguments),
            Command::Streams(arguments) => commands::streams::run(&line.session, &arguments).await,
            Command::Sync { command } => commands::sync::run(&line.session, *command).await,
            Command::Read(arguments) => commands::read::run(&line.session, arguments).await,
            Command::Config { command } => commands::config::run(&line.session, &command),
            Command::Connection { command } => {
                commands::connection::run(&line.session, command).await
            }
            Command::OauthApp { command } => commands::oauth_app::run(&line.session, command).await,
            Command::Secrets { command } => commands::secrets::run(&line.session, &command),
            Command::Component { command } => commands::component::run(&line.session, &command),
            Command::Policy(arguments) => commands::policy::run(&line.session, &arguments),
            Command::Doctor(arguments) => commands::doctor::run(&line.session, &arguments).await,
            Command::Completions(arguments) => commands::completions::run(&arguments),
            Command::Man(arguments) => commands::manual::run(&arguments, command::complete),
            Command::Version => output::say(concat!("host-runner ", env!("CARGO_PKG_VERSION"))),
            Command::Demo => commands::demo::run(&line.session).await,
            Command::Simulator { command } => commands::simulator::run(command).await,
        }
    });
    // A name that is still being resolved must not outlive the call that gave up on it: the
    // resolver's thread cannot be ended, and dropping the runtime would wait for it.
    runtime.shutdown_background();
    ended
}
