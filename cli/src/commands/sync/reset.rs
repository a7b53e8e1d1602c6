//! `host-runner sync reset`.

use clap::Args;

use super::defined::CopyName;
use super::now;
use crate::exit::Failure;
use crate::options::SessionOptions;
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct ResetArguments {
    #[command(flatten)]
    copy: CopyName,
    /// Streams: names, patterns such as `page_*`, and `!NAME` to omit one. Default: all of the copy
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    streams: Vec<String>,
}

pub(super) async fn reset(
    session: &SessionOptions,
    arguments: &ResetArguments,
) -> Result<(), Failure> {
    let mut sink = arguments.copy.sink(session)?.open_existing().await?;
    let streams = sync::reset(sink.as_mut(), &arguments.streams, now()).await?;
    if streams.is_empty() {
        return Err(Failure::NotThere(
            "no stream has been copied yet".to_owned(),
        ));
    }
    output::say(&format!(
        "the next run reads `{}` again; rows that it does not find are deleted once it is complete",
        streams.join("`, `")
    ))
}
