//! Addresses of pages of another site, whose ids mean something else here.

use host_runner::HostRunner;
use url::Url;

use crate::options::SessionOptions;
use crate::report;

/// The host through which OAuth reaches every site.
const GATEWAY: &str = "api.atlassian.com";

/// Warns of addresses in `words` that are of another host than the connection's.
pub(super) fn warn<'w>(
    host: &HostRunner,
    session: &SessionOptions,
    words: impl Iterator<Item = &'w str>,
) {
    let addresses = words
        .flat_map(|word| word.split(','))
        .filter_map(|word| Url::parse(word.trim_matches(['[', ']', '"', ' '])).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    let others: Vec<String> = addresses
        .filter_map(|url| url.host_str().map(str::to_owned))
        .collect();
    if others.is_empty() {
        return;
    }
    let own = host.effective(&session.scope()).ok().and_then(|effective| {
        let (definition, ..) = effective.definition(&effective.connection_name())?;
        let url = Url::parse(definition.endpoint.as_str()).ok()?;
        url.host_str().map(str::to_owned)
    });
    let Some(own) = own.filter(|own| own != GATEWAY) else {
        return;
    };
    for other in others.iter().filter(|other| **other != own) {
        report::warning(&format!(
            "an address of `{other}` was passed, but the connection is to `{own}`: its id was read as an id of `{own}`"
        ));
    }
}
