use super::{Confluence, list};
use crate::{
    Error, Group, ListOptions, Listing, Transport, User, Window,
    paging::after,
    query::{
        call::{By, Call, Dimension, Paging},
        function::Function,
        ids,
        options::Takes,
    },
};

/// Accounts that one request takes. More are cut without a word.
const MOST_ACCOUNTS: usize = 100;

pub(super) const USER_SCOPE: &str = "read:confluence-user";

impl<T: Transport> Confluence<T> {
    /// Gets the groups of the site. `GET /wiki/rest/api/group`, which counts rows: groups made
    /// or removed between two calls can move others over the edge of an answer.
    ///
    /// Options: `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_groups(
        &mut self,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Group>, Error> {
        let mut call = groups(Function::GetGroups);
        Takes::NONE.apply(options, &mut call)?;
        self.list(&call, window)
    }

    /// Gets the members of a group. `GET /wiki/rest/api/group/{groupId}/membersByGroupId`, which
    /// counts rows.
    ///
    /// A group that does not exist has no members: Confluence does not tell it from an empty
    /// one. Options: `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_group_members(
        &mut self,
        group_id: &str,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<User>, Error> {
        let id = ids::group("group-id", group_id)?;
        let mut call = members(Function::GetGroupMembers, &id);
        Takes::NONE.apply(options, &mut call)?;
        self.list(&call, window)
    }

    /// Gets accounts by their ids. `GET /wiki/rest/api/user/bulk`; v2 has this as a POST only.
    ///
    /// The parameter is repeated for several accounts. A site that refuses that, or takes one of them, is
    /// asked for one at a time.
    ///
    /// Accounts that are unknown are named in a notice `unknown-id`. Options: `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_users(
        &mut self,
        account_ids: &[String],
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<User>, Error> {
        let accounts = ids::accounts("account-ids", account_ids)?;
        let several = accounts.len() > 1;
        let singly = users(Function::GetUsersSingly, accounts.clone(), 1, options)?;
        if window
            .after
            .as_deref()
            .is_some_and(|after| after::is_of(after, Function::GetUsersSingly))
        {
            return self.list(&singly, window);
        }
        let together = users(Function::GetUsers, accounts, MOST_ACCOUNTS, options)?;
        let listing = self.list::<User>(&together, window);
        if !several || window.after.is_some() {
            return listing;
        }
        let one_at_a_time = match &listing {
            Err(error) => error.status == Some(400),
            Ok(listing) => match suspect(listing, &together, after::limit(window)?) {
                None => false,
                // One that did not come among others comes alone: then the others do as well.
                Some(missing) => {
                    let probe = users(Function::Single, vec![missing], 1, &ListOptions::default())?;
                    let found = self.list::<User>(&probe, &Window::default());
                    found.is_ok_and(|found| !found.items.is_empty())
                }
            },
        };
        if one_at_a_time {
            return self.list(&singly, window);
        }
        listing
    }

    /// Gets the account that the authorization belongs to. `GET /wiki/rest/api/user/current`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized) with the code `anonymous`
    /// when the site answers to an anonymous visitor; otherwise what a request fails with.
    pub fn get_current_user(&mut self) -> Result<User, Error> {
        super::connection::current_user(&mut self.transport)
    }
}

/// A list of all groups.
pub(super) fn groups(function: Function) -> Call {
    let scope = "read:confluence-groups";
    let mut call = Call::new(function, "list groups", scope, "/rest/api/group");
    call.paging = Paging::Offset;
    call
}

/// A list of the members of a group.
pub(super) fn members(function: Function, id: &str) -> Call {
    let mut call = Call::new(
        function,
        "list the members of a group",
        "read:confluence-groups",
        format!("/rest/api/group/{id}/membersByGroupId"),
    );
    call.paging = Paging::Offset;
    call
}

/// Accounts by their ids, so many a request.
fn users(
    function: Function,
    accounts: Vec<String>,
    most: usize,
    options: &ListOptions,
) -> Result<Call, Error> {
    let mut call = Call::new(function, "get users", USER_SCOPE, "/rest/api/user/bulk");
    call.paging = Paging::Whole;
    call.outer(Some(Dimension {
        name: "accountId",
        by: By::Id,
        values: accounts,
        most,
    }));
    Takes::NONE.apply(options, &mut call)?;
    Ok(call)
}

/// Collects accounts by their ids, each asked for once, as far as they come. A site that refuses
/// several ids in a request is asked for the first `most_singly` one at a time.
pub(super) fn collect(
    transport: &mut dyn Transport,
    accounts: &[String],
    most_singly: usize,
    found: &mut Vec<User>,
) -> Result<(), Error> {
    let options = ListOptions::default();
    let together = users(Function::Single, accounts.to_vec(), MOST_ACCOUNTS, &options)?;
    match all(transport, &together, found) {
        Err(error) if error.status == Some(400) && found.is_empty() && accounts.len() > 1 => {
            let first = accounts.iter().take(most_singly).cloned().collect();
            let singly = users(Function::Single, first, 1, &options)?;
            all(transport, &singly, found)
        }
        done => done,
    }
}

/// All rows of a call.
fn all(transport: &mut dyn Transport, call: &Call, found: &mut Vec<User>) -> Result<(), Error> {
    let wanted = call.outer.as_ref().map_or(1, |outer| outer.values.len());
    let mut window = Window {
        limit: u32::try_from(wanted).ok(),
        after: None,
    };
    loop {
        let listing = list::<User>(transport, call, &window)?;
        found.extend(listing.items);
        if let Some(stopped) = listing.rest.stopped {
            return Err(stopped);
        }
        window.after = listing.rest.after;
        if window.after.is_none() {
            return Ok(());
        }
    }
}

/// An account that did not come, where no request brought more than one.
fn suspect(listing: &Listing<User>, call: &Call, limit: u32) -> Option<String> {
    let mut missing = listing
        .rest
        .notices
        .iter()
        .filter(|one| one.code == "unknown-id");
    let first = missing.next()?.id.clone()?;
    let found = listing.items.len();
    let asked = found + 1 + missing.count();
    let at_once = (call.rows_of_page(limit) as usize).min(MOST_ACCOUNTS);
    (at_once > 1 && found > 0 && found <= asked.div_ceil(at_once)).then_some(first)
}
