//! What every host of the component has to answer alike.
//!
//! `polyglot/cases.json` says what is called, at which site and with which faults, and what comes
//! back: values, typed errors, and the requests that the site got. This program runs the cases
//! through the Rust host; `polyglot/python` and `polyglot/node` run the same file. Each prints the
//! same report, one line a case, and `polyglot/run` compares the three byte for byte.
//!
//! It also writes what those two have of the contract: types and documentation, made of `wit/`.

mod canonical;
mod case;
mod contract;
mod error;
mod overhead;
mod steps;
mod suite;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::SuiteError;

/// Runs the cases that every host of the component has to answer alike.
#[derive(Debug, Parser)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the cases and prints the report. Fails where a case expects something else.
    Run {
        /// The file with the cases.
        cases: PathBuf,
        /// Writes what came back into the file, as what is expected from now on.
        #[arg(long)]
        bless: bool,
    },
    /// Writes the types and functions of the WIT for Python and JavaScript.
    Contract {
        /// The folder with `python` and `node`.
        polyglot: PathBuf,
        /// Writes nothing, and fails where the files are other ones.
        #[arg(long)]
        check: bool,
    },
    /// Measures calls at a site, and prints a line of JSON.
    Overhead {
        /// The endpoint of a running simulator.
        endpoint: String,
    },
}

fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    let done = match command {
        Command::Contract { polyglot, check } => contract::write(&polyglot, check),
        Command::Run { cases, bless } => {
            in_runtime(suite::run(&cases, bless, &mut std::io::stdout()))
        }
        Command::Overhead { endpoint } => in_runtime(overhead::measure(&endpoint)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told when standard error is closed.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn in_runtime(work: impl Future<Output = Result<(), SuiteError>>) -> Result<(), SuiteError> {
    tokio::runtime::Runtime::new()
        .map_err(|source| SuiteError::io("the runtime does not start", source))?
        .block_on(work)
}
