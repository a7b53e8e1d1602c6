//! Whether one account may read a piece of content, and which gate decides: those of
//! [`readers`](super::readers), for one account and until one of them turns it away.

use std::ops::ControlFlow;

use super::{
    Confluence, own_content, people,
    readers::{Unread, Visitor, everything, unreadable, walk},
};
use crate::{
    ContentKind, Error, ErrorKind, GateDecision, Group, ListOptions, Principal, ReadAnswer,
    ReadDecision, Transport, User, Window,
    error::quoted,
    query::{
        call::{Call, Paging},
        function::Function,
        ids,
    },
};

const DOING: &str = "determine whether a user can read";

/// Calls of all users that are joined to find an e-mail address, each of 100 groups at most.
const MOST_ROUNDS: usize = 20;

impl<T: Transport> Confluence<T> {
    /// Works out whether an account may read a page or a blog post, by the gates of
    /// [`get_effective_readers`](Self::get_effective_readers), from the space on, until one of them
    /// turns the account away. Its groups are read once a gate names groups and not the account:
    /// `GET /wiki/rest/api/user/memberof`.
    ///
    /// `user` is an account id (`GET /wiki/rest/api/user/bulk`), or an e-mail address, for which all
    /// users are read ([`get_all_users`](Self::get_all_users)) until one shows it.
    ///
    /// # Errors
    ///
    /// It fails closed, as `get_effective_readers` does. An account that is not found has the code
    /// `user-not-found`.
    pub fn can_read(
        &mut self,
        user: &str,
        page: Option<&str>,
        blog_post: Option<&str>,
    ) -> Result<ReadDecision, Error> {
        let (kind, id) = match (page, blog_post) {
            (Some(page), None) => (
                ContentKind::Page,
                own_content(&mut self.transport, "page", page)?,
            ),
            (None, Some(post)) => (
                ContentKind::BlogPost,
                own_content(&mut self.transport, "blog-post", post)?,
            ),
            _ => {
                return Err(Error::argument(
                    "one-content-needed",
                    "`page` and `blog-post` are both present or both absent",
                    "the function decides about one content item",
                    "pass the id of a page as `page`, or that of a blog post as `blog-post`",
                ));
            }
        };
        let user = if is_email(user) {
            self.with_email(user)?
        } else {
            self.with_id(user)?
        };
        let mut deciding = Deciding {
            decision: ReadDecision {
                content_id: id.clone(),
                account_id: user.account_id,
                ..ReadDecision::default()
            },
            groups: None,
        };
        walk(&mut self.transport, kind, &id, &mut deciding)?;
        Ok(deciding.decided(user.type_.as_deref()))
    }

    fn with_id(&mut self, account: &str) -> Result<User, Error> {
        let accounts = ids::accounts("user", &[account.to_owned()])?;
        let listing = self.get_users(&accounts, &Window::default(), &ListOptions::default())?;
        if let Some(error) = listing.rest.stopped {
            return Err(error);
        }
        let mut found = listing.items.into_iter();
        found
            .find(|user| user.account_id == account)
            .ok_or_else(|| not_found(account, "has this id", "check the id"))
    }

    /// Addresses are unique among the accounts of a site: the first that shows it is the one.
    fn with_email(&mut self, email: &str) -> Result<User, Error> {
        let mut window = Window {
            limit: Some(10_000),
            after: None,
        };
        for _ in 0..MOST_ROUNDS {
            let listing = self.get_all_users(&window, &ListOptions::default())?;
            let is_wanted = |user: &User| {
                let shown = user.email.as_deref();
                shown.is_some_and(|shown| shown.eq_ignore_ascii_case(email))
            };
            if let Some(found) = listing.items.into_iter().find(is_wanted) {
                return Ok(found);
            }
            if let Some(error) = listing.rest.stopped {
                return Err(error);
            }
            window.after = listing.rest.after;
            if window.after.is_none() {
                return Err(not_found(
                    email,
                    "shows this address",
                    "pass the account id: most accounts hide their address by their privacy settings",
                ));
            }
        }
        Err(unreadable("the site has more groups than are searched"))
    }
}

fn is_email(user: &str) -> bool {
    user.contains('@')
}

fn not_found(user: &str, lacks: &str, resolution: &str) -> Error {
    Error::new(
        ErrorKind::NotFound,
        "user-not-found",
        format!(
            "cannot {DOING}: no account `{}` was found",
            quoted(user, 80)
        ),
        format!("no account that this connection can see {lacks}"),
        resolution,
    )
}

/// What was decided so far.
struct Deciding {
    decision: ReadDecision,
    /// The ids of the account's groups, once they are read.
    groups: Option<Vec<String>>,
}

impl Visitor for Deciding {
    fn content(&mut self, space: &str, status: Option<String>) {
        self.decision.space_id = space.to_owned();
        self.decision.status = status;
    }

    fn part(
        &mut self,
        transport: &mut dyn Transport,
        kind: &str,
        id: &str,
        principals: Option<Vec<Principal>>,
    ) -> Result<ControlFlow<()>, Unread> {
        let Some(principals) = principals else {
            return Ok(ControlFlow::Continue(()));
        };
        let via = self.passes_by(transport, principals.as_slice())?;
        let class = || principals.iter().any(|one| one.kind == "access-class");
        let answer = match via {
            Some(_) => ReadAnswer::Yes,
            None if class() => ReadAnswer::Unknown,
            None => ReadAnswer::No,
        };
        self.decision.gates.push(GateDecision {
            kind: kind.to_owned(),
            id: id.to_owned(),
            answer,
            via,
        });
        Ok(match answer {
            ReadAnswer::No => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
    }
}

impl Deciding {
    /// By which of these the account passes.
    fn passes_by(
        &mut self,
        transport: &mut dyn Transport,
        principals: &[Principal],
    ) -> Result<Option<Principal>, Unread> {
        let account = &self.decision.account_id;
        let is_account = |one: &&Principal| one.kind == "user" && one.id == *account;
        if let Some(named) = principals.iter().find(is_account) {
            return Ok(Some(named.clone()));
        }
        let mut named = principals
            .iter()
            .filter(|one| one.kind == "group")
            .peekable();
        if named.peek().is_none() {
            return Ok(None);
        }
        if self.groups.is_none() {
            let groups = groups_of(transport, account);
            self.groups = Some(groups.map_err(|error| Unread {
                what: "the groups of account",
                id: account.clone(),
                error,
            })?);
        }
        let groups = self.groups.as_deref().unwrap_or_default();
        Ok(named.find(|one| groups.contains(&one.id)).cloned())
    }

    /// What follows of all gates.
    fn decided(mut self, account: Option<&str>) -> ReadDecision {
        let gates = &self.decision.gates;
        let first = |answer| gates.iter().find(move |gate| gate.answer == answer);
        let name = |gate: &GateDecision| format!("{} {}", gate.kind, gate.id);
        let status = self.decision.status.as_deref().unwrap_or("unknown");
        let (answer, decides, reason) = if let Some(gate) = first(ReadAnswer::No) {
            let reason = format!("{} admits neither the account nor its groups", name(gate));
            (ReadAnswer::No, Some(gate), reason)
        } else if let Some(gate) = first(ReadAnswer::Unknown) {
            let reason = format!(
                "{} admits a class of accounts, and Confluence does not show who belongs to it",
                name(gate)
            );
            (ReadAnswer::Unknown, Some(gate), reason)
        } else if account != Some("known") {
            let reason = format!(
                "the type of the account is {}: it may be deactivated or deleted",
                quoted(account.unwrap_or("unknown"), 40)
            );
            (ReadAnswer::Unknown, None, reason)
        } else if !matches!(status, "current" | "archived") {
            let reason = format!(
                "the status of the content is {}, which readers do not see",
                quoted(status, 40)
            );
            (ReadAnswer::Unknown, None, reason)
        } else if let Some(gate) = gates.last() {
            let reason = format!(
                "the account passes every gate; the last one is {}",
                name(gate)
            );
            (ReadAnswer::Yes, Some(gate), reason)
        } else {
            let reason = "no gate was read".to_owned();
            (ReadAnswer::Unknown, None, reason)
        };
        self.decision.decides = decides.cloned();
        self.decision.answer = answer;
        self.decision.reason = reason;
        self.decision
    }
}

/// The ids of the groups that an account is in.
fn groups_of(transport: &mut dyn Transport, account: &str) -> Result<Vec<String>, Error> {
    let mut call = Call::new(
        Function::Single,
        "list the groups of a user",
        people::USER_SCOPE,
        "/rest/api/user/memberof",
    );
    call.paging = Paging::Offset;
    call.parameter("accountId", Some(account));
    let groups = everything::<Group>(transport, &call)?;
    Ok(groups.into_iter().map(|group| group.id).collect())
}
