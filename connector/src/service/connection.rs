//! Who we are and what we see.

use super::Confluence;
use crate::{
    Error, ErrorKind, GetOptions, Notice, Space, Transport, User,
    answer::{self, Ask},
    json::{self, Broken, Fields, Value},
    query::{encode, ids},
    reading::{decode, link, rows::Rows},
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
    /// The space that was asked about.
    pub space: Option<Space>,
    /// Pages that the search index has for this account: of the space that was asked about, or of all
    /// that are not archived. The index lags and leaves archived pages out, so there may be more.
    /// Absent when the search was refused.
    pub pages: Option<Count>,
    /// What could not be found out, and why.
    pub notices: Vec<Notice>,
}

impl<T: Transport> Confluence<T> {
    /// Asks the site who we are and what we see: `GET /wiki/rest/api/user/current`,
    /// `GET /wiki/api/v2/spaces` and `GET /wiki/rest/api/search`.
    ///
    /// With a space, given by id or key, its pages are counted.
    ///
    /// A site that does not let us search is a working one: pages are then absent, and a notice
    /// `count-unavailable` says why.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unauthorized`] with the code `anonymous` when the site answers to an
    /// anonymous visitor; else what the first or the second request fails with, or the third one
    /// for another reason than being refused.
    pub fn test_connection(&mut self, space: Option<&str>) -> Result<ConnectionReport, Error> {
        if let Some(space) = space {
            ids::space("space", space)?;
        }
        let user = current_user(self.transport_mut())?;
        let space = space
            .map(|space| self.get_space_by_id(space, &GetOptions::default()))
            .transpose()?;
        test(self.transport_mut(), user, space)
    }
}

fn test(
    transport: &mut dyn Transport,
    user: User,
    space: Option<Space>,
) -> Result<ConnectionReport, Error> {
    let mut report = ConnectionReport {
        account_id: Some(user.account_id),
        display_name: user.display_name.or(user.public_name),
        email: user.email,
        time_zone: user.time_zone,
        spaces: spaces(transport)?,
        space,
        ..ConnectionReport::default()
    };
    let mut found = Found::default();
    let key = report.space.as_ref().and_then(|space| space.key.as_deref());
    let cql = match key {
        // Quoted, because keys of personal spaces begin with `~`.
        Some(key) => format!("type=page and space=\"{key}\""),
        None => "type=page".to_owned(),
    };
    let mut path = "/rest/api/search?".to_owned();
    let mut query = String::new();
    encode::parameter(&mut query, "cql", &cql);
    path.extend(query.strip_prefix('&'));
    path.push_str("&limit=1");
    let search = read(
        transport,
        &path,
        &ask("count pages", "search:confluence"),
        &mut found,
    );
    if report.spaces.value == 0 {
        report.notices.push(Notice {
            code: "nothing-visible".to_owned(),
            message: "this account sees no space: it has no access to Confluence or to any space of this site; open the site in a browser as this account, and ask an administrator for access"
                .to_owned(),
            id: None,
        });
    }
    let why = match search.map(|()| found.total) {
        Ok(Some(value)) => {
            report.pages = Some(Count {
                value,
                at_least: true,
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
        mention_names: false,
        names: false,
        doing,
        scope,
        wanted: String::new(),
    }
}

fn spaces(transport: &mut dyn Transport) -> Result<Count, Error> {
    let ask = ask("count spaces", "read:space:confluence");
    let answer = transport
        .get("/api/v2/spaces?limit=250")
        .map_err(|failure| answer::unanswered(failure, &ask))?;
    let text = answer::text(&answer, &ask)?;
    let mut spaces = Vec::<Space>::new();
    let page = decode::page(&mut Rows::of(&mut spaces), text, &ask, false, || None)
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
        .map_err(|failure| answer::unanswered(failure, ask))?;
    let text = answer::text(&answer, ask)?;
    match json::object(text, fields, "") {
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
