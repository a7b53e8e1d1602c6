//! `host-runner sync reset`.

use clap::Args;

use super::defined::CopyName;
use super::now;
use crate::count::count;
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
    let name = arguments.copy.sink(session)?;
    if let Some(manifests) = name.take_over(session).await? {
        return output::say(&format!(
            "the state was rebuilt from {} in the store; the next run reads everything",
            count(manifests, "manifest")
        ));
    }
    let mut sink = name.open_existing(session).await?;
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
