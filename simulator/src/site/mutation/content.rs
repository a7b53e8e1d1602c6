//! Changes of pages, blog posts, attachments, comments and tasks.

use super::MutationError;
use super::target::{not_found, refused};
use crate::random::mix;
use crate::site::Site;
use crate::site::attachment::Container;
use crate::site::comment::CommentKind;
use crate::site::entity::Entity;
use crate::site::overlay::{CommentPlace, Placement, Settled};
use crate::site::population::Population;
use crate::site::row::{Status, Version};
use crate::site::tree::Node;

/// The ids of what is different now, and what of it has versions.
pub(super) struct Changed {
    pub(super) ids: Vec<String>,
    pub(super) versioned: Option<Entity>,
}

impl Site {
    fn rows_mut(&mut self, entity: Entity) -> &mut Population {
        match entity {
            Entity::Page(_) => &mut self.pages,
            Entity::BlogPost(_) => &mut self.blog_posts,
            Entity::Attachment(_) => &mut self.attachments,
            Entity::CustomContent(_) => &mut self.custom_content,
            Entity::FooterComment(_) => &mut self.footer_comments,
            Entity::InlineComment(_) => &mut self.inline_comments,
        }
    }

    pub(super) fn one(&self, entity: Entity) -> Changed {
        Changed {
            ids: vec![self.id_of(entity)],
            versioned: Some(entity),
        }
    }

    /// Somebody who is not always the same.
    pub(super) fn actor(&self) -> u64 {
        mix(self.seed, 701, self.overlay.changes) % self.accounts.len().max(1) as u64
    }

    fn new_version(&self, message: Option<String>) -> Version {
        Version {
            created: self.overlay.now(),
            author: self.actor(),
            minor: false,
            message: message.unwrap_or_default().into(),
            // Generated bodies count from 0.
            body: u64::MAX - self.overlay.changes,
        }
    }

    fn made_up_title(&self) -> String {
        format!("New content {}", self.overlay.changes)
    }

    pub(super) fn create_page(
        &mut self,
        space: Option<&str>,
        parent: Option<&str>,
        title: Option<String>,
    ) -> Result<Changed, MutationError> {
        let placement = self.placement(space, parent)?;
        let title = title.unwrap_or_else(|| self.made_up_title());
        let slot = self.pages.add(title, self.new_version(None));
        self.overlay.pages.insert(slot, placement);
        Ok(self.one(Entity::Page(slot)))
    }

    pub(super) fn create_blog_post(
        &mut self,
        space: &str,
        title: Option<String>,
    ) -> Result<Changed, MutationError> {
        let space = self.shown_space(space)?;
        let title = title.unwrap_or_else(|| self.made_up_title());
        let slot = self.blog_posts.add(title, self.new_version(None));
        self.overlay.blog_posts.insert(slot, space);
        Ok(self.one(Entity::BlogPost(slot)))
    }

    /// Where a page is put.
    fn placement(
        &self,
        space: Option<&str>,
        parent: Option<&str>,
    ) -> Result<Placement, MutationError> {
        let space_named = space.map(|space| self.shown_space(space)).transpose()?;
        let Some(parent) = parent else {
            let space = space_named.ok_or_else(|| MutationError::Malformed {
                reason: "one of `space` and `parent` is needed".to_owned(),
            })?;
            return Ok(Placement {
                space,
                parent: None,
            });
        };
        let node = parent.parse().ok().and_then(|id| self.node_of_id(id));
        let node = node.ok_or_else(|| not_found(parent, "a page or folder"))?;
        if let Node::Page(page) = node {
            self.current(parent, Entity::Page(page))?;
        }
        let space = self.space_of_node(node);
        if space_named.is_some_and(|named| named != space) {
            return Err(refused(parent, "is in another space"));
        }
        Ok(Placement {
            space,
            parent: Some(node),
        })
    }

    pub(super) fn edit(
        &mut self,
        id: &str,
        title: Option<&str>,
        message: Option<String>,
    ) -> Result<Changed, MutationError> {
        let entity = self.versioned(id)?;
        let entity = self.current(id, entity)?;
        let is_titled = matches!(entity, Entity::Page(_) | Entity::BlogPost(_));
        if title.is_some() && !is_titled {
            return Err(refused(id, "has a title that cannot be changed"));
        }
        let mut versions = self.versions(entity);
        versions.push(self.new_version(message));
        let rows = self.rows_mut(entity);
        rows.set_versions(entity.slot(), versions);
        if let Some(title) = title {
            rows.set_title(entity.slot(), title);
        }
        Ok(self.one(entity))
    }

    pub(super) fn retitle(&mut self, id: &str, title: &str) -> Result<Changed, MutationError> {
        let entity = self.page_or_post(id)?;
        let entity = self.current(id, entity)?;
        let mut versions = self.versions(entity);
        let mut version = self.new_version(None);
        version.body = versions.last().map_or(version.body, |last| last.body);
        versions.push(version);
        let rows = self.rows_mut(entity);
        rows.set_versions(entity.slot(), versions);
        rows.set_title(entity.slot(), title);
        Ok(self.one(entity))
    }

    pub(super) fn trash(&mut self, id: &str) -> Result<Changed, MutationError> {
        let entity = self.content(id)?;
        let entity = self.no_homepage(id, entity)?;
        if !self.rows_of(entity).is_live(entity.slot()) {
            return Err(refused(id, "is in the trash already"));
        }
        let mut changed = self.one(entity);
        if let Entity::Page(slot) = entity {
            let placement = Placement {
                space: self.space_of_page(slot),
                parent: self.parent(Node::Page(slot)),
            };
            for child in self.children(Node::Page(slot)) {
                if let Node::Page(child) = child {
                    self.overlay.pages.insert(child, placement);
                    changed.ids.push(self.id_of(Entity::Page(child)));
                }
            }
            // Where it was, for when it is restored.
            self.overlay.pages.insert(slot, placement);
        }
        let rows = self.rows_mut(entity);
        rows.set_status(entity.slot(), Status::Trashed);
        Ok(changed)
    }

    fn in_trash(&self, id: &str) -> Result<Entity, MutationError> {
        let entity = self.content(id)?;
        if self.rows_of(entity).is_trashed(entity.slot()) {
            return Ok(entity);
        }
        Err(refused(id, "is not in the trash"))
    }

    pub(super) fn restore(&mut self, id: &str) -> Result<Changed, MutationError> {
        let entity = self.in_trash(id)?;
        if let Entity::Page(slot) = entity {
            // Below a parent that is gone it would be nowhere.
            let parent = self.parent(Node::Page(slot));
            let parent = parent.filter(|parent| match parent {
                Node::Page(above) => self.pages.is_live(*above) && self.shows(Entity::Page(*above)),
                Node::Other(..) => true,
            });
            let space = self.space_of_page(slot);
            let parent = parent.filter(|parent| self.space_of_node(*parent) == space);
            self.overlay.pages.insert(slot, Placement { space, parent });
        }
        self.rows_mut(entity)
            .set_status(entity.slot(), Status::Current);
        Ok(self.one(entity))
    }

    pub(super) fn purge(&mut self, id: &str) -> Result<Changed, MutationError> {
        let entity = self.in_trash(id)?;
        self.rows_mut(entity)
            .set_status(entity.slot(), Status::Purged);
        Ok(Changed {
            ids: vec![self.id_of(entity)],
            versioned: None,
        })
    }

    pub(super) fn move_to(
        &mut self,
        id: &str,
        space: Option<&str>,
        parent: Option<&str>,
    ) -> Result<Changed, MutationError> {
        let entity = self.page_or_post(id)?;
        let entity = self.no_homepage(id, entity)?;
        let entity = self.current(id, entity)?;
        let Entity::Page(slot) = entity else {
            let space = space.filter(|_| parent.is_none());
            let space = space.ok_or_else(|| refused(id, "needs a `space`, and has no parent"))?;
            let space = self.shown_space(space)?;
            self.overlay.blog_posts.insert(entity.slot(), space);
            return Ok(self.one(entity));
        };
        let placement = self.placement(space, parent)?;
        let mut below = vec![Node::Page(slot)];
        let mut at = 0;
        while let Some(&node) = below.get(at) {
            below.extend(self.children(node));
            at += 1;
        }
        if placement
            .parent
            .is_some_and(|parent| below.contains(&parent))
        {
            return Err(refused(id, "cannot be moved below itself"));
        }
        let mut changed = self.one(entity);
        for node in below.into_iter().skip(1) {
            if let Node::Page(page) = node {
                let parent = self.parent(node);
                let space = placement.space;
                self.overlay.pages.insert(page, Placement { space, parent });
                changed.ids.push(self.id_of(Entity::Page(page)));
            }
        }
        self.overlay.pages.insert(slot, placement);
        Ok(changed)
    }

    pub(super) fn archive(&mut self, id: &str) -> Result<Changed, MutationError> {
        let entity = Entity::Page(self.page(id)?);
        let entity = self.no_homepage(id, entity)?;
        self.current(id, entity)?;
        self.pages.set_status(entity.slot(), Status::Archived);
        Ok(self.one(entity))
    }

    pub(super) fn unarchive(&mut self, id: &str) -> Result<Changed, MutationError> {
        let slot = self.page(id)?;
        if !self.pages.is_archived(slot) {
            return Err(refused(id, "is not archived"));
        }
        self.pages.set_status(slot, Status::Current);
        Ok(self.one(Entity::Page(slot)))
    }

    pub(super) fn set_label(
        &mut self,
        id: &str,
        name: &str,
        is_wanted: bool,
    ) -> Result<Changed, MutationError> {
        let entity = self.content(id)?;
        let entity = self.current(id, entity)?;
        let label = self.label(name)?;
        let mut labels = self.labels_of(entity);
        match (labels.contains(&label), is_wanted) {
            (true, true) => return Err(refused(id, "has the label already")),
            (false, false) => return Err(refused(id, "does not have the label")),
            (false, true) => labels.push(label),
            (true, false) => labels.retain(|other| *other != label),
        }
        labels.sort_unstable();
        let key = (entity.family(), entity.slot());
        self.overlay.labels.insert(key, labels);
        Ok(self.one(entity))
    }

    pub(super) fn create_comment(
        &mut self,
        on: &str,
        is_inline: bool,
    ) -> Result<Changed, MutationError> {
        let (kind, place) = match self.page_or_post(on) {
            Ok(entity) => {
                let kind = if is_inline {
                    CommentKind::Inline
                } else {
                    CommentKind::Footer
                };
                let container = match self.current(on, entity)? {
                    Entity::Page(slot) => Container::Page(slot),
                    entity => Container::BlogPost(entity.slot()),
                };
                let above = None;
                (kind, CommentPlace { container, above })
            }
            Err(_) => {
                let comment = self.comment(on);
                let (kind, slot) =
                    comment.map_err(|_| not_found(on, "a page, blog post or comment"))?;
                let container = self.container_of_comment(kind, slot);
                let above = Some(slot);
                (kind, CommentPlace { container, above })
            }
        };
        let version = self.new_version(None);
        let slot = self.rows_mut(kind.entity(0)).add(String::new(), version);
        self.overlay.comments.insert((kind, slot), place);
        Ok(self.one(kind.entity(slot)))
    }

    pub(super) fn delete_comment(&mut self, id: &str) -> Result<Changed, MutationError> {
        let (kind, slot) = self.comment(id)?;
        let mut gone = vec![slot];
        let mut at = 0;
        while let Some(&slot) = gone.get(at) {
            gone.extend(self.comment_children(kind, slot));
            at += 1;
        }
        let ids = gone.iter().map(|slot| self.id_of(kind.entity(*slot)));
        let ids = ids.collect();
        for slot in gone {
            self.rows_mut(kind.entity(slot))
                .set_status(slot, Status::Purged);
        }
        Ok(Changed {
            ids,
            versioned: None,
        })
    }

    pub(super) fn settle_comment(
        &mut self,
        id: &str,
        is_settled: bool,
    ) -> Result<Changed, MutationError> {
        let slot = self.inline_comment(id)?;
        let is_resolved = self.resolution(CommentKind::Inline, slot) == "resolved";
        if is_resolved == is_settled {
            return Err(refused(
                id,
                if is_settled {
                    "is resolved already"
                } else {
                    "is not resolved"
                },
            ));
        }
        let settled = self.settled(is_settled);
        self.overlay.resolutions.insert(slot, settled);
        Ok(self.one(Entity::InlineComment(slot)))
    }

    pub(super) fn settle_task(
        &mut self,
        id: &str,
        is_settled: bool,
    ) -> Result<Changed, MutationError> {
        let slot = self.task(id)?;
        let settled = self.settled(is_settled);
        self.overlay.tasks.insert(slot, settled);
        Ok(Changed {
            ids: vec![id.to_owned()],
            versioned: None,
        })
    }

    fn settled(&self, is_settled: bool) -> Settled {
        Settled {
            is_settled,
            at: self.overlay.now(),
            by: self.actor(),
        }
    }

    pub(super) fn delete_version(
        &mut self,
        id: &str,
        number: u64,
    ) -> Result<Changed, MutationError> {
        let entity = self.versioned(id)?;
        let entity = self.current(id, entity)?;
        let mut versions = self.versions(entity);
        let at = number
            .checked_sub(1)
            .filter(|at| *at < versions.len() as u64);
        let at = at.ok_or_else(|| refused(id, "has no version of this number"))? as usize;
        if at + 1 == versions.len() {
            return Err(refused(
                id,
                "keeps its current version; delete an older one",
            ));
        }
        versions.remove(at);
        self.rows_mut(entity).set_versions(entity.slot(), versions);
        Ok(self.one(entity))
    }

    pub(super) fn drift(&mut self, id: &str) -> Result<Changed, MutationError> {
        let entity = self.versioned(id)?;
        let entity = self.current(id, entity)?;
        let (mut versions, now) = (self.versions(entity), self.overlay.now());
        if let Some(last) = versions.last_mut() {
            last.created = now;
        }
        self.rows_mut(entity).set_versions(entity.slot(), versions);
        Ok(self.one(entity))
    }
}
