//! What the ids of a mutation stand for.

use super::MutationError;
use crate::site::Site;
use crate::site::comment::CommentKind;
use crate::site::entity::Entity;
use crate::site::label;
use crate::site::row::Status;

pub(super) fn refused(id: &str, reason: &'static str) -> MutationError {
    MutationError::Refused {
        id: id.to_owned(),
        reason,
    }
}

pub(super) fn not_found(id: &str, expected: &'static str) -> MutationError {
    MutationError::NotFound {
        id: id.to_owned(),
        expected,
    }
}

impl Site {
    /// The first of these kinds that has the id and is answered.
    fn target(
        &self,
        id: &str,
        kinds: &[fn(u64) -> Entity],
        expected: &'static str,
    ) -> Result<Entity, MutationError> {
        let (is_attachment, number) = match id.strip_prefix("att") {
            Some(number) => (true, number.parse()),
            None => (false, id.parse()),
        };
        let number: u64 = number.map_err(|_| not_found(id, expected))?;
        let of_kind = |kind: &fn(u64) -> Entity| {
            let entity = kind(self.shown(*kind, number)?);
            (matches!(entity, Entity::Attachment(_)) == is_attachment).then_some(entity)
        };
        let found = kinds.iter().find_map(of_kind);
        found.ok_or_else(|| not_found(id, expected))
    }

    /// A page, blog post or attachment.
    pub(super) fn content(&self, id: &str) -> Result<Entity, MutationError> {
        self.target(
            id,
            &[Entity::Page, Entity::BlogPost, Entity::Attachment],
            "a page, blog post or attachment",
        )
    }

    /// A page or blog post.
    pub(super) fn page_or_post(&self, id: &str) -> Result<Entity, MutationError> {
        self.target(id, &[Entity::Page, Entity::BlogPost], "a page or blog post")
    }

    pub(super) fn page(&self, id: &str) -> Result<u64, MutationError> {
        Ok(self.target(id, &[Entity::Page], "a page")?.slot())
    }

    /// Whatever has versions.
    pub(super) fn versioned(&self, id: &str) -> Result<Entity, MutationError> {
        self.target(
            id,
            &[
                Entity::Page,
                Entity::BlogPost,
                Entity::Attachment,
                Entity::FooterComment,
                Entity::InlineComment,
            ],
            "a page, blog post, attachment or comment",
        )
    }

    pub(super) fn comment(&self, id: &str) -> Result<(CommentKind, u64), MutationError> {
        let comments = [Entity::FooterComment, Entity::InlineComment];
        Ok(match self.target(id, &comments, "a comment")? {
            Entity::InlineComment(slot) => (CommentKind::Inline, slot),
            comment => (CommentKind::Footer, comment.slot()),
        })
    }

    pub(super) fn inline_comment(&self, id: &str) -> Result<u64, MutationError> {
        let inline = [Entity::InlineComment as fn(u64) -> Entity];
        Ok(self.target(id, &inline, "an inline comment")?.slot())
    }

    pub(super) fn task(&self, id: &str) -> Result<u64, MutationError> {
        let slot = id.parse().ok().and_then(|id| self.tasks.slot_of(id));
        let slot = slot.filter(|&slot| self.shows_task(slot));
        slot.ok_or_else(|| not_found(id, "a task"))
    }

    /// A space by its id or its key, hidden ones included.
    pub(super) fn any_space(&self, named: &str) -> Result<u64, MutationError> {
        let id: Option<u64> = named.parse().ok();
        let mut spaces = self.spaces.iter();
        let at = spaces.position(|space| Some(space.id) == id || space.key == named);
        at.map(|at| at as u64)
            .ok_or_else(|| not_found(named, "a space"))
    }

    pub(super) fn shown_space(&self, named: &str) -> Result<u64, MutationError> {
        let space = self.any_space(named)?;
        if self.is_hidden(space) {
            return Err(refused(named, "is hidden; show the space first"));
        }
        Ok(space)
    }

    pub(super) fn account(&self, id: &str) -> Result<u64, MutationError> {
        self.account_of_id(id)
            .ok_or_else(|| not_found(id, "an account"))
    }

    pub(super) fn group(&self, id: &str) -> Result<u64, MutationError> {
        self.group_of_id(id).ok_or_else(|| not_found(id, "a group"))
    }

    pub(super) fn label(&self, name: &str) -> Result<u64, MutationError> {
        let mut labels = 0..label::COUNT;
        let label = labels.find(|&index| label::name(index) == name);
        label.ok_or_else(|| not_found(name, "a label"))
    }

    /// Content that can be changed: not in the trash, and not archived.
    pub(super) fn current(&self, id: &str, entity: Entity) -> Result<Entity, MutationError> {
        match self.rows_of(entity).status(entity.slot()) {
            Status::Trashed | Status::Purged => {
                Err(refused(id, "is in the trash; restore it first"))
            }
            // Blog posts cannot be archived.
            Status::Archived if !matches!(entity, Entity::BlogPost(_)) => {
                Err(refused(id, "is archived; unarchive it first"))
            }
            _ => Ok(entity),
        }
    }

    /// A page that can be moved, archived and deleted.
    pub(super) fn no_homepage(&self, id: &str, entity: Entity) -> Result<Entity, MutationError> {
        match entity {
            Entity::Page(slot) if slot < self.space_count() => {
                Err(refused(id, "is the homepage of its space and has to stay"))
            }
            entity => Ok(entity),
        }
    }
}
