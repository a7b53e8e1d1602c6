//! All users of a site: the members of all groups, joined.
//!
//! Confluence has no list of users. A search with `type=user` ends at 10 000 of them and needs the
//! search index, so the groups are read one after the other.

use std::collections::BTreeSet;

use super::{Confluence, people};
use crate::{
    Error, Group, ListOptions, Listing, Notice, Rest, Transport, User, Window,
    fingerprint::id_key,
    paging::after,
    query::{function::Function, ids, options::Takes},
    service::list,
};

/// Groups of one request, and members of one request: the most that Confluence gives.
const ROWS_AT_ONCE: u32 = 200;
/// Groups that one call reads. With 100 ms a request it ends within the 30 s that a host grants.
const MOST_GROUPS: usize = 100;

impl<T: Transport> Confluence<T> {
    /// Gets all users: the members of all groups, each once.
    /// `GET /wiki/rest/api/group` and `GET /wiki/rest/api/group/{groupId}/membersByGroupId`.
    ///
    /// Nothing is kept between calls, so an account that is in several groups comes once in each
    /// call, and may come again in a later one of the same list, with a notice `users-may-repeat`;
    /// with a limit of 10 000 most sites need one call. Accounts that are in no group do not come.
    /// Options: `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_all_users(
        &mut self,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<User>, Error> {
        let mut join = Join {
            left: after::limit(window)? as usize,
            options,
            place: Place::read(window.after.as_deref())?,
            known: BTreeSet::new(),
            answer: Listing::default(),
        };
        if window.after.is_some() {
            join.answer.rest.notices.push(Notice {
                code: "users-may-repeat".to_owned(),
                message: "accounts that are in several groups may have come in an earlier answer of this list"
                    .to_owned(),
                id: None,
            });
        }
        join.run(&mut self.transport)?;
        Ok(join.answer)
    }
}

/// Where the list goes on.
#[derive(Default, Clone)]
struct Place {
    /// The `after` of the groups that are read.
    groups: Option<String>,
    /// The group among them that is read. Empty: the first one.
    group: String,
    /// The `after` of its members.
    members: Option<String>,
}

impl Place {
    fn read(after: Option<&str>) -> Result<Self, Error> {
        let Some(text) = after else {
            return Ok(Self::default());
        };
        let parts: Vec<&str> = text.split('.').collect();
        let [groups, group, members] = parts.as_slice() else {
            return Err(after::malformed());
        };
        if ids::group("after", group).is_err() {
            return Err(after::malformed());
        }
        let token = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok(Self {
            groups: token(groups),
            group: (*group).to_owned(),
            members: token(members),
        })
    }

    fn text(&self) -> String {
        let token = |token: &Option<String>| token.clone().unwrap_or_default();
        format!(
            "{}.{}.{}",
            token(&self.groups),
            self.group,
            token(&self.members)
        )
    }
}

struct Join<'a> {
    left: usize,
    options: &'a ListOptions,
    place: Place,
    known: BTreeSet<u128>,
    answer: Listing<User>,
}

impl Join<'_> {
    fn run(&mut self, transport: &mut dyn Transport) -> Result<(), Error> {
        let mut read = 0;
        loop {
            let mut call = people::groups(Function::GetAllUsers);
            Takes::NONE.apply(&ListOptions::default(), &mut call)?;
            // Checked before anything is sent.
            let mut members = people::members(Function::GetAllUsers, "0");
            Takes::NONE.apply(self.options, &mut members)?;
            let window = part(ROWS_AT_ONCE as usize, self.place.groups.clone());
            let groups = match list::<Group>(transport, &call, &window) {
                Ok(groups) => groups,
                Err(error) => return self.stop(error),
            };
            self.answer.rest.notices.extend(groups.rest.notices);
            let at = groups
                .items
                .iter()
                .position(|one| one.id == self.place.group);
            for group in groups.items.iter().skip(at.unwrap_or(0)) {
                if at.is_none() || self.place.group != group.id {
                    self.place.group.clone_from(&group.id);
                    self.place.members = None;
                }
                if read >= MOST_GROUPS || self.left == 0 {
                    self.answer.rest.after = Some(self.place.text());
                    return Ok(());
                }
                read += 1;
                if let Some(error) = self.group(transport, &group.id)? {
                    return self.stop(error);
                }
                if self.place.members.is_some() {
                    self.answer.rest.after = Some(self.place.text());
                    return Ok(());
                }
            }
            if let Some(error) = groups.rest.stopped {
                return self.stop(error);
            }
            self.place = Place {
                groups: groups.rest.after,
                ..Place::default()
            };
            if self.place.groups.is_none() {
                return Ok(());
            }
        }
    }

    /// Reads the members of one group, until its end or the limit.
    fn group(&mut self, transport: &mut dyn Transport, id: &str) -> Result<Option<Error>, Error> {
        let Ok(id) = ids::group("group-id", id) else {
            return Ok(None);
        };
        let mut call = people::members(Function::GetAllUsers, &id);
        Takes::NONE.apply(self.options, &mut call)?;
        loop {
            let most = self.left.min(ROWS_AT_ONCE as usize);
            let window = part(most, self.place.members.take());
            let members = match list::<User>(transport, &call, &window) {
                Ok(members) => members,
                Err(error) => {
                    self.place.members = window.after;
                    return Ok(Some(error));
                }
            };
            self.answer.rest.notices.extend(members.rest.notices);
            for user in members.items {
                if self.known.insert(id_key(&user.account_id)) {
                    self.left = self.left.saturating_sub(1);
                    self.answer.items.push(user);
                }
            }
            self.place.members = members.rest.after;
            if members.rest.stopped.is_some() {
                return Ok(members.rest.stopped);
            }
            if self.place.members.is_none() || self.left == 0 {
                return Ok(None);
            }
        }
    }

    /// Ends with an error: as one where nothing came before it.
    fn stop(&mut self, error: Error) -> Result<(), Error> {
        if self.answer.items.is_empty() {
            return Err(error);
        }
        self.answer.rest = Rest {
            after: Some(self.place.text()),
            stopped: Some(error),
            notices: std::mem::take(&mut self.answer.rest.notices),
        };
        Ok(())
    }
}

fn part(limit: usize, after: Option<String>) -> Window {
    Window {
        limit: u32::try_from(limit.max(1)).ok(),
        after,
    }
}
