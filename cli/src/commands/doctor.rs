//! `host-runner doctor`: checks everything that calls depend on, one by one. After a failed check,
//! the checks that do not depend on it still run.

mod machine;
mod scope;

use std::io::{self, Write as _};

use anstream::stdout;
use clap::Args;
use clap::builder::styling::{AnsiColor, Style};
use serde_json::json;

use crate::exit::Failure;
use crate::options::SessionOptions;
use crate::output::{PrintOptions, Printing, Sheet};
use crate::{output, visible};

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Skip network checks
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    print: PrintOptions,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    Warning,
    Failed,
    Skipped,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Ok => AnsiColor::Green.on_default(),
            Self::Warning => AnsiColor::Yellow.on_default().bold(),
            Self::Failed => AnsiColor::Red.on_default().bold(),
            Self::Skipped => Style::new().dimmed(),
        }
    }
}

/// A check, its outcome, and the fix.
#[derive(Debug)]
struct Row {
    check: &'static str,
    state: State,
    seen: String,
    /// Empty if there is nothing to fix, or if `seen` contains the fix.
    fix: String,
}

/// The checks so far.
#[derive(Debug, Default)]
struct Rows(Vec<Row>);

impl Rows {
    fn add(&mut self, check: &'static str, state: State, seen: String, fix: String) {
        self.0.push(Row {
            check,
            state,
            seen,
            fix,
        });
    }

    fn ok(&mut self, check: &'static str, seen: impl Into<String>) {
        self.add(check, State::Ok, seen.into(), String::new());
    }

    fn warning(
        &mut self,
        check: &'static str,
        seen: impl std::fmt::Display,
        fix: impl Into<String>,
    ) {
        self.add(check, State::Warning, seen.to_string(), fix.into());
    }

    fn failed(
        &mut self,
        check: &'static str,
        seen: impl std::fmt::Display,
        fix: impl Into<String>,
    ) {
        self.add(check, State::Failed, seen.to_string(), fix.into());
    }

    fn skipped(&mut self, check: &'static str, seen: impl Into<String>) {
        self.add(check, State::Skipped, seen.into(), String::new());
    }
}

pub(crate) async fn run(
    session: &SessionOptions,
    arguments: &DoctorArguments,
) -> Result<(), Failure> {
    let (config, state) = (session.config()?, session.state_path()?);
    let mut rows = Rows::default();
    machine::configuration(&mut rows, &config);
    let effective = scope::levels(&mut rows, session, &config);
    let state_is_there = machine::state(&mut rows, &state);
    let secrets = machine::secrets(&mut rows, &state, state_is_there);
    scope::vault(&mut rows, effective.as_ref(), arguments.offline).await;
    machine::clock(&mut rows);
    machine::roots(&mut rows);
    let opened = scope::Opened::new(session, &config, &state, secrets);
    scope::component(&mut rows, session, effective.as_ref(), &opened, &state);
    scope::connection(
        &mut rows,
        session,
        effective.as_ref(),
        &opened,
        arguments.offline,
    )
    .await;
    let ended = arguments
        .print
        .printing()
        .and_then(|printing| print(&rows, &printing))
        .and_then(|()| verdict(&rows));
    match opened.host() {
        Some(host) if !arguments.offline => session.after_calls(host, ended),
        _ => ended,
    }
}

/// A failure where any check failed.
fn verdict(rows: &Rows) -> Result<(), Failure> {
    let faults: Vec<&str> = rows
        .0
        .iter()
        .filter(|row| row.state == State::Failed)
        .map(|row| row.check)
        .collect();
    match faults.as_slice() {
        [] => Ok(()),
        faults => Err(Failure::Unhealthy(format!(
            "{} of {} checks failed: `{}`",
            faults.len(),
            rows.0.len(),
            faults.join("`, `")
        ))),
    }
}

fn print(rows: &Rows, printing: &Printing) -> Result<(), Failure> {
    if printing.is_for_people() {
        return lines(rows).map_err(Failure::output);
    }
    let rows: Vec<_> = rows
        .0
        .iter()
        .map(|row| {
            json!({
                "check": row.check,
                "state": row.state.as_str(),
                "seen": row.seen,
                "fix": Some(&row.fix).filter(|fix| !fix.is_empty()),
            })
        })
        .collect();
    output::records(
        &Sheet::of(&["check", "state", "seen", "fix"]),
        &rows,
        printing,
    )
}

/// Prints one line per check, and the fix below it. In a table both would be narrow columns.
fn lines(rows: &Rows) -> io::Result<()> {
    let mut out = stdout();
    for row in &rows.0 {
        let (style, state) = (row.state.style(), row.state.as_str());
        let seen = visible::text(&row.seen).replace('\n', " ");
        writeln!(out, "{style}{state:<8}{style:#} {:<14} {seen}", row.check)?;
        if !row.fix.is_empty() {
            let fix = visible::text(&row.fix).replace('\n', " ");
            writeln!(out, "{:23} → {fix}", "")?;
        }
    }
    out.flush()
}
