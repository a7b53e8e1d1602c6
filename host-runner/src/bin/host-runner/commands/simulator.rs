//! `host-runner simulator`.

use std::fs::File;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use confluence_simulator::{Faults, Settings, Simulator};
use serde_json::json;

use crate::command::{ServeArguments, SimulatorCommand};
use crate::exit::Failure;
use crate::report;

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
        seed: arguments.seed,
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
