//! From a mutation to the site after it.

use super::content::Changed;
use super::people::Principal;
use super::{Change, Mutation, MutationError};
use crate::site::Site;
use crate::timestamp::iso;

impl Site {
    /// Changes the site. After an error, it is as it was.
    pub(crate) fn apply(&mut self, mutation: &Mutation) -> Result<Change, MutationError> {
        self.overlay.changes += 1;
        let changed = self.change(mutation).inspect_err(|_| {
            // Nothing is changed before everything is checked.
            self.overlay.changes -= 1;
        })?;
        Ok(Change {
            number: self.overlay.changes,
            at: iso(self.overlay.now(), true),
            mutation: mutation.clone(),
            version: changed.versioned.map(|entity| self.version_count(entity)),
            ids: changed.ids,
        })
    }

    fn change(&mut self, mutation: &Mutation) -> Result<Changed, MutationError> {
        let principal = |user, group| Principal { user, group };
        match mutation {
            Mutation::CreatePage {
                space,
                parent,
                title,
            } => self.create_page(space.as_deref(), parent.as_deref(), title.clone()),
            Mutation::CreateBlogPost { space, title } => {
                self.create_blog_post(space, title.clone())
            }
            Mutation::Edit { id, title, message } => {
                self.edit(id, title.as_deref(), message.clone())
            }
            Mutation::Retitle { id, title } => self.retitle(id, title),
            Mutation::Trash { id } => self.trash(id),
            Mutation::Restore { id } => self.restore(id),
            Mutation::Purge { id } => self.purge(id),
            Mutation::Move { id, space, parent } => {
                self.move_to(id, space.as_deref(), parent.as_deref())
            }
            Mutation::Archive { id } => self.archive(id),
            Mutation::Unarchive { id } => self.unarchive(id),
            Mutation::AddLabel { id, label } => self.set_label(id, label, true),
            Mutation::RemoveLabel { id, label } => self.set_label(id, label, false),
            Mutation::Restrict {
                id,
                operation,
                user,
                group,
            } => {
                let principal = principal(user.as_deref(), group.as_deref());
                self.restrict(id, *operation, principal, true)
            }
            Mutation::Unrestrict {
                id,
                operation,
                user,
                group,
            } => {
                let principal = principal(user.as_deref(), group.as_deref());
                self.restrict(id, *operation, principal, false)
            }
            Mutation::CreateComment { on, inline } => self.create_comment(on, *inline),
            Mutation::DeleteComment { id } => self.delete_comment(id),
            Mutation::Resolve { id } => self.settle_comment(id, true),
            Mutation::Reopen { id } => self.settle_comment(id, false),
            Mutation::CompleteTask { id } => self.settle_task(id, true),
            Mutation::ReopenTask { id } => self.settle_task(id, false),
            Mutation::DeleteVersion { id, number } => self.delete_version(id, *number),
            Mutation::Drift { id } => self.drift(id),
            Mutation::Grant {
                space,
                operation,
                target,
                user,
                group,
            } => {
                let principal = principal(user.as_deref(), group.as_deref());
                self.grant(space, operation, target, principal)
            }
            Mutation::Revoke { space, permission } => self.revoke(space, permission),
            Mutation::HideSpace { space } => self.hide_space(space, true),
            Mutation::ShowSpace { space } => self.hide_space(space, false),
            Mutation::AddMember { group, user } => self.set_member(group, user, true),
            Mutation::RemoveMember { group, user } => self.set_member(group, user, false),
            Mutation::RenameUser { user, name } => self.rename_user(user, name),
        }
    }
}
