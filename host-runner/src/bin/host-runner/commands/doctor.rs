//! `host-runner doctor`.

use clap::Args;

use crate::command::SessionOptions;
use crate::exit::Failure;

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Asks nobody over the network.
    #[arg(long)]
    offline: bool,
}

pub(crate) async fn run(
    _session: &SessionOptions,
    _arguments: &DoctorArguments,
) -> Result<(), Failure> {
    Ok(())
}
