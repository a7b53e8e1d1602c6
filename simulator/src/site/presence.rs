//! What the site answers about, and what it answers as if it were not there.

use super::Site;
use super::attachment::Container;
use super::comment::CommentKind;
use super::entity::Entity;
use super::row::Status;

impl Site {
    /// Whether something is answered at all: it is not purged, its space is not hidden, and what it
    /// belongs to is there.
    pub(crate) fn shows(&self, entity: Entity) -> bool {
        if self.overlay.changes == 0 {
            return true;
        }
        let slot = entity.slot();
        self.rows_of(entity).status(slot) != Status::Purged
            && match entity {
                Entity::Page(_) => !self.is_hidden(self.space_of_page(slot)),
                Entity::BlogPost(_) => !self.is_hidden(self.space_of_blog_post(slot)),
                Entity::Attachment(_) => self.holds(self.container_of_attachment(slot)),
                Entity::CustomContent(_) => self.holds(self.container_of_custom_content(slot)),
                Entity::FooterComment(_) => self.shows_comment(CommentKind::Footer, slot),
                Entity::InlineComment(_) => self.shows_comment(CommentKind::Inline, slot),
            }
    }

    /// The slot of an id, if it is answered.
    pub(crate) fn shown(&self, entity: fn(u64) -> Entity, id: u64) -> Option<u64> {
        let slot = self.rows_of(entity(0)).slot_of(id);
        slot.filter(|&slot| self.shows(entity(slot)))
    }

    fn shows_comment(&self, kind: CommentKind, slot: u64) -> bool {
        let above = self.comment_above(kind, slot);
        above.is_none_or(|above| self.shows(kind.entity(above)))
            && self.holds(self.container_of_comment(kind, slot))
    }

    pub(crate) fn shows_task(&self, slot: u64) -> bool {
        self.overlay.changes == 0 || self.holds(self.container_of_task(slot))
    }

    /// Whether what hangs on something is answered. With a page that is moved to the trash, its
    /// comments, attachments and tasks go. Of what was generated in the trash they are answered.
    fn holds(&self, container: Container) -> bool {
        let is_there = |entity: Entity| {
            let changed = self.rows_of(entity).changed_status(entity.slot());
            changed != Some(Status::Trashed) && self.shows(entity)
        };
        match container {
            Container::Page(slot) => is_there(Entity::Page(slot)),
            Container::BlogPost(slot) => is_there(Entity::BlogPost(slot)),
            Container::CustomContent(slot) => is_there(Entity::CustomContent(slot)),
            Container::Space(index) => !self.is_hidden(index),
        }
    }
}
