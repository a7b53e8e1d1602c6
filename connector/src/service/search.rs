use super::Confluence;
use crate::{
    Error, ListOptions, Listing, Notice, SearchResult, Transport, Window,
    error::quoted,
    find,
    query::{call::Call, encode, function::Function, options::Takes},
};

/// Bytes of a query once encoded. Edges refuse URLs of more than 8 192 bytes.
const MOST_BYTES: usize = 6_000;

impl<T: Transport> Confluence<T> {
    /// Searches with CQL. `GET /wiki/rest/api/search`.
    ///
    /// The query is sent as it is; who builds one from foreign text has to put that into double
    /// quotes, with `\\` before each `"` and `\\`. Archived spaces are left out unless
    /// `archived` asks for them. Notices say what a search cannot promise: `index-lags` always,
    /// `dates-in-time-zone` when the query has a date. Options: `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`]; a query that Confluence does not understand is refused by it with
    /// `refused-by-upstream`.
    pub fn search(
        &mut self,
        cql: &str,
        archived: bool,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<SearchResult>, Error> {
        check(cql)?;
        let mut call = Call::new(
            Function::Search,
            "search",
            "search:confluence",
            "/rest/api/search",
        );
        call.parameter("cql", Some(cql));
        call.parameter("includeArchivedSpaces", archived.then_some("true"));
        Takes::NONE.apply(options, &mut call)?;
        let mut listing = self.list(&call, window)?;
        let mut tell = |code: &str, message: &str| {
            listing.rest.notices.push(Notice {
                code: code.to_owned(),
                message: message.to_owned(),
                id: None,
            });
        };
        tell(
            "index-lags",
            "the search index lags by seconds to minutes: recent changes may be missing, and recently removed content may appear",
        );
        let lower = cql.to_ascii_lowercase();
        if ["lastmodified", "created", "now(", "startof", "endof"]
            .iter()
            .any(|word| find::has(&lower, word))
        {
            tell(
                "dates-in-time-zone",
                "dates in the query have a precision of one minute and are in the time zone of this account; `get-current-user` returns it",
            );
        }
        Ok(listing)
    }
}

fn check(cql: &str) -> Result<(), Error> {
    let (code, cause) = if cql.trim().is_empty() {
        ("cql-empty", "it is empty")
    } else if cql.chars().any(char::is_control) {
        (
            "cql-with-controls",
            "it has control characters or line breaks",
        )
    } else if encode::encoded_len(cql) > MOST_BYTES {
        (
            "cql-too-long",
            "it is longer than the 6000 encoded bytes that fit into an address",
        )
    } else {
        return Ok(());
    };
    Err(Error::argument(
        code,
        format!("`cql` cannot be `{}`", quoted(cql, 60)),
        cause,
        "pass a query such as `type = page and space = \"ENG\"` on one line",
    ))
}
