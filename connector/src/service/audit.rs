use super::Confluence;
use crate::{
    AuditRecord, Error, ListOptions, Listing, Transport, Window,
    query::{
        call::{Call, Paging},
        due::{End, instant_ms},
        function::Function,
        options::Takes,
        words,
    },
};

/// Which audit records to get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only what was done then or later: a day (`2026-01-31`, from its first millisecond in UTC), a
    /// time (`2026-01-31T12:00:00Z`) or milliseconds since 1970.
    pub since: Option<String>,
    /// Only what was done then or earlier, in the same forms; a day up to its last millisecond.
    pub until: Option<String>,
    /// Only records with this text in one of their values.
    pub text: Option<String>,
}

impl<T: Transport> Confluence<T> {
    /// Gets what was done at the site, newest first. `GET /wiki/rest/api/audit`, which only
    /// administrators may read, and which counts rows: what is done between two calls moves records
    /// over the edge of an answer, and they come twice.
    ///
    /// Options: `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_audit_records(
        &mut self,
        query: &AuditQuery,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<AuditRecord>, Error> {
        let mut call = Call::new(
            Function::GetAuditRecords,
            "list audit records",
            "read:audit-log:confluence",
            "/rest/api/audit",
        );
        call.paging = Paging::Offset;
        let ms = |argument, text: &Option<String>, end| {
            let text = text.as_deref();
            text.map(|text| instant_ms(argument, text, end)).transpose()
        };
        let from = ms("since", &query.since, End::From)?;
        let to = ms("until", &query.until, End::To)?;
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(Error::argument(
                "dates-reversed",
                "`since` is after `until`",
                "nothing is done in such a time; the two are swapped",
                "swap them",
            ));
        }
        words::word("text", query.text.as_deref())?;
        call.parameter("startDate", from.map(|ms| ms.to_string()).as_deref());
        call.parameter("endDate", to.map(|ms| ms.to_string()).as_deref());
        call.parameter("searchString", query.text.as_deref());
        Takes::NONE.apply(options, &mut call)?;
        self.list(&call, window)
    }
}
