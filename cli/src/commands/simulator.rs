//! `host-runner simulator`.

use std::fs::File;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};
use confluence_simulator::{Content, Faults, Settings, Simulator};
use serde_json::json;

use crate::exit::Failure;
use crate::report;

#[derive(Debug, Subcommand)]
pub(crate) enum SimulatorCommand {
    /// Serve a generated site until interrupted
    #[command(after_help = "\
Examples:
  host-runner simulator serve
  host-runner simulator serve --port 8090 --pages 100000 --latency-ms 50
  host-runner simulator serve --fault 3:429 --fault '*:500'
  host-runner simulator serve --request-log requests.ndjson")]
    Serve(ServeArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// Port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 8090)]
    pub(crate) port: u16,
    /// Seed for names and titles that programs often handle wrongly [default: those of a company]
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Number of pages that a default listing returns
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(crate) pages: u64,
    /// Latency of every response, in milliseconds
    #[arg(long, default_value_t = 0)]
    pub(crate) latency_ms: u64,
    /// Fault to inject, as a request number or range and a fault: `3:429`, `2-5:truncate`, `*:500`
    #[arg(long, value_name = "REQUEST:FAULT")]
    pub(crate) fault: Vec<String>,
    /// File with the only `Authorization` value to accept [default: any well-formed value]
    #[arg(long, value_name = "FILE")]
    pub(crate) credential_file: Option<PathBuf>,
    /// File for a request log in JSON Lines: number, method, path with query, status. Truncated at
    /// the start
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) request_log: Option<PathBuf>,
}

pub(crate) async fn run(command: SimulatorCommand) -> Result<(), Failure> {
    match command {
        SimulatorCommand::Serve(arguments) => serve(arguments).await,
    }
}

async fn serve(arguments: ServeArguments) -> Result<(), Failure> {
    let faults: Faults = arguments
        .fault
        .join(",")
        .parse()
        .map_err(|error| Failure::Usage(format!("{error}")))?;
    let credential = match &arguments.credential_file {
        None => None,
        Some(path) => Some(
            std::fs::read_to_string(path)
                .map_err(|source| Failure::input(format!("the file `{}`", path.display()), source))?
                .trim()
                .to_owned(),
        ),
    };
    let log = match &arguments.request_log {
        None => None,
        Some(path) => Some(File::create(path).map_err(|source| Failure::written_to(path, source))?),
    };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
    let settings = Settings {
        seed: arguments.seed.unwrap_or(Settings::default().seed),
        content: if arguments.seed.is_some() {
            Content::EdgeCases
        } else {
            Content::Company
        },
        pages: arguments.pages,
        latency: Duration::from_millis(arguments.latency_ms),
        faults,
        chained: false,
        credential,
    };
    let simulator = Simulator::start_at(settings, address).await?;
    if let Some(log) = log {
        simulator.observe(move |request| {
            // Headers are left out: the credential is among them. One write a line, so that who
            // reads along never sees half of one.
            let line = json!({
                "number": request.number,
                "method": request.method,
                "path": request.path_and_query,
                "status": request.status,
            });
            if let Err(error) = (&log).write_all(format!("{line}\n").as_bytes()) {
                report::note(&format!("cannot log a request: {error}"));
            }
        });
    }
    // The first line is for programs that wait for it.
    let mut out = io::stdout().lock();
    writeln!(out, "{}", simulator.endpoint())
        .and_then(|()| out.flush())
        .map_err(Failure::output)?;
    report::note(&format!(
        "serving {} pages; to connect, run `host-runner connection add --site {} --user me@example.com` with any token; stop with Ctrl-C",
        arguments.pages,
        simulator.endpoint()
    ));
    tokio::signal::ctrl_c()
        .await
        .map_err(|source| Failure::io("cannot wait for signals", source))?;
    Ok(())
}
