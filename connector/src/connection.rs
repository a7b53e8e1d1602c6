//! Who we are and what we see.

use crate::{
    Confluence, Error, ErrorKind, Notice, Space, Transport, User, answer, decode, error,
    lenient::{self, Broken, Fields, Value},
    link,
    plan::Ask,
    rows::Rows,
};

/// A number of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// How many were seen.
    pub value: u64,
    /// There are more than were counted.
    pub at_least: bool,
}

/// What [`Confluence::test_connection`] saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionReport {
    /// The account that the authorization belongs to.
    pub account_id: Option<String>,
    /// The name that people see.
    pub display_name: Option<String>,
    /// The e-mail address. Often hidden by the account's privacy settings.
    pub email: Option<String>,
    /// The account's time zone, such as `Europe/Berlin`.
    pub time_zone: Option<String>,
    /// Spaces that this account sees; counted up to 250.
    pub spaces: Count,
    /// Pages that this account sees. Absent when the search that counts them was refused.
    pub pages: Option<Count>,
    /// What could not be found out, and why.
    pub notices: Vec<Notice>,
}

impl<T: Transport> Confluence<T> {
    /// Asks the site who we are and what we see: `GET /wiki/rest/api/user/current`,
    /// `GET /wiki/api/v2/spaces` and `GET /wiki/rest/api/search`.
    ///
    /// A site that does not let us search is a working one: pages are then absent, and a notice
    /// `count-unavailable` says why.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unauthorized`] with the code `anonymous` when the site answers to an
    /// anonymous visitor; else what the first or the second request fails with, or the third one
    /// for another reason than being refused.
    pub fn test_connection(&mut self) -> Result<ConnectionReport, Error> {
        test(self.transport_mut())
    }
}

fn test(transport: &mut dyn Transport) -> Result<ConnectionReport, Error> {
    let user = current_user(transport)?;
    let mut report = ConnectionReport {
        account_id: Some(user.account_id),
        display_name: user.display_name.or(user.public_name),
        email: user.email,
        time_zone: user.time_zone,
        spaces: spaces(transport)?,
        ..ConnectionReport::default()
    };
    let mut found = Found::default();
    let search = read(
        transport,
        "/rest/api/search?cql=type%3Dpage&limit=1",
        &ask("count pages", "search:confluence"),
        &mut found,
    );
    let why = match search.map(|()| found.total) {
        Ok(Some(value)) => {
            report.pages = Some(Count {
                value,
                at_least: false,
            });
            return Ok(report);
        }
        Ok(None) => "cannot count pages: the search returned no total".to_owned(),
        Err(error) if is_refusal(&error) => {
            format!(
                "pages could not be counted: {}; {}",
                error.message, error.cause
            )
        }
        Err(error) => return Err(error),
    };
    report.notices.push(Notice {
        code: "count-unavailable".to_owned(),
        message: why,
        id: None,
    });
    Ok(report)
}

/// The account that the authorization belongs to.
pub(crate) fn current_user(transport: &mut dyn Transport) -> Result<User, Error> {
    let mut user = User::default();
    read(
        transport,
        "/rest/api/user/current",
        &ask("get the current user", "read:confluence-user"),
        &mut user,
    )?;
    if user.type_.as_deref() == Some("anonymous") || user.account_id.is_empty() {
        return Err(answer::anonymous("get the current user"));
    }
    Ok(user)
}

/// Whether the site works and only this search does not.
fn is_refusal(error: &Error) -> bool {
    match error.kind {
        ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::UpstreamFailed => true,
        ErrorKind::Unauthorized => error.code == "scope-missing",
        ErrorKind::InvalidArgument => error.status.is_some(),
        _ => false,
    }
}

fn ask(doing: &'static str, scope: &'static str) -> Ask {
    Ask {
        rendered: None,
        doing,
        scope,
        wanted: String::new(),
    }
}

fn spaces(transport: &mut dyn Transport) -> Result<Count, Error> {
    let ask = ask("count spaces", "read:space:confluence");
    let answer = transport
        .get("/api/v2/spaces?limit=250")
        .map_err(|failure| error::unanswered(failure, &ask))?;
    let text = answer::text(&answer, &ask)?;
    let mut spaces = Vec::<Space>::new();
    let page = decode::page(&mut Rows::of(&mut spaces), text, &ask, false)
        .map_err(|error| error.answered(&answer))?;
    Ok(Count {
        value: page.sent as u64,
        at_least: page.next.is_some() || link::related(&answer, "next").is_some(),
    })
}

fn read(
    transport: &mut dyn Transport,
    path: &str,
    ask: &Ask,
    fields: &mut dyn Fields,
) -> Result<(), Error> {
    let answer = transport
        .get(path)
        .map_err(|failure| error::unanswered(failure, ask))?;
    let text = answer::text(&answer, ask)?;
    match lenient::object(text, fields, "") {
        Ok(_) => Ok(()),
        Err(Broken) => Err(decode::unreadable(text, ask.doing).answered(&answer)),
    }
}

#[derive(Default)]
struct Found {
    total: Option<u64>,
}

impl Fields for Found {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        if name == "totalSize" {
            self.total = value.natural()?;
        }
        Ok(())
    }
}
