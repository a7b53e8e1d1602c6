use super::Confluence;
use crate::{Error, Transport, address, error::quoted, find, query::ids};

/// The content that an address leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentReference {
    /// Numeric id.
    pub id: String,
    /// `page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`. Absent where the address does
    /// not say it.
    pub kind: Option<String>,
    /// The key of the space, when the address says it.
    pub space_key: Option<String>,
}

impl<T: Transport> Confluence<T> {
    /// Reads the id of content out of an address: that of its page in a browser, a short link
    /// (`https://example.atlassian.net/wiki/x/E4AB`), or the id itself. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) with the code `id-malformed`
    /// for an address without an id, and `address-of-another-site` for one of another site, where the
    /// site's address is known.
    pub fn get_content_reference(&mut self, address: &str) -> Result<ContentReference, Error> {
        let id = own_content(&mut self.transport, "address", address)?;
        let found = address::content(address);
        Ok(ContentReference {
            id,
            kind: found
                .as_ref()
                .and_then(|found| found.kind)
                .map(str::to_owned),
            space_key: found.and_then(|found| found.space),
        })
    }
}

/// The id of a piece of content of this site: the id itself, or an address with one.
#[inline(never)]
pub(super) fn own_content(
    transport: &mut dyn Transport,
    argument: &str,
    text: &str,
) -> Result<String, Error> {
    let id = ids::content(argument, text)?;
    if let Some(host) = host(text)
        && let Some(site) = transport.site()
        && let Some(own) = self::host(&site)
        && !own.eq_ignore_ascii_case(host)
    {
        return Err(Error::argument(
            "address-of-another-site",
            format!(
                "`{argument}` leads to `{}`, and the connection to `{}`",
                quoted(host, 120),
                quoted(own, 120)
            ),
            "the same id is other content at another site",
            "use the connection of that site, or pass the id alone",
        ));
    }
    Ok(id)
}

fn host(url: &str) -> Option<&str> {
    let (_, rest) = find::split(url.trim(), "://")?;
    rest.split(['/', '?', '#']).next()
}
