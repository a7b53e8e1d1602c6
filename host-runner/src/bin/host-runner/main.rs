//! `host-runner`: loads the Confluence connector and calls it.

mod call;
mod command;
mod demo;
mod exit;
mod folder;
mod follow;
mod functions;
mod output;
mod report;
mod secret_argument;
mod session;
mod simulator;

use std::process::ExitCode;

use clap::Parser as _;

use command::{Command, CommandLine};
use exit::{Exit, Failure};

fn main() -> ExitCode {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => {
            // Help and version are errors to the parser; a closed pipe is none to us.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage.into()
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    match run(line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Err(failure) => {
            report::failure(&failure);
            failure.exit().into()
        }
    }
}

fn run(line: CommandLine) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Failure::io("the asynchronous runtime cannot start", source))?;
    let ended = runtime.block_on(async {
        match line.command {
            Command::Call(arguments) => call::run(line.session, arguments).await,
            Command::Functions(arguments) => functions::run(&line.session, &arguments),
            Command::Demo => demo::run(&line.session).await,
            Command::Simulator { command } => simulator::run(command).await,
        }
    });
    // A name that is still being resolved must not outlive the call that gave up on it: the
    // resolver's thread cannot be ended, and dropping the runtime would wait for it.
    runtime.shutdown_background();
    ended
}
