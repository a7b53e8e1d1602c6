//! Everything on the site as JSON objects, for tests that compare it with a copy.

use serde_json::{Map, Value, json};

use super::Site;
use super::attachment::Container;
use super::comment::CommentKind;
use super::entity::Entity;
use super::property::PropertyOf;
use super::restriction::Operation;
use super::row::Status;
use super::tree::Node;
use super::{account, label};

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Spaces that are not hidden.
    Space,
    /// Pages, with those in the trash.
    Page,
    /// Blog posts, with those in the trash.
    BlogPost,
    /// Attachments, with those in the trash.
    Attachment,
    /// Footer comments.
    FooterComment,
    /// Inline comments.
    InlineComment,
    /// Tasks.
    Task,
    /// Content of types that apps define.
    CustomContent,
    /// Folders.
    Folder,
    /// Groups with their members.
    Group,
    /// Accounts.
    User,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Space,
        Self::Page,
        Self::BlogPost,
        Self::Attachment,
        Self::FooterComment,
        Self::InlineComment,
        Self::Task,
        Self::CustomContent,
        Self::Folder,
        Self::Group,
        Self::User,
    ];

    /// The member `kind` of the objects.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Space => "space",
            Self::Page => "page",
            Self::BlogPost => "blog-post",
            Self::Attachment => "attachment",
            Self::FooterComment => "footer-comment",
            Self::InlineComment => "inline-comment",
            Self::Task => "task",
            Self::CustomContent => "custom-content",
            Self::Folder => "folder",
            Self::Group => "group",
            Self::User => "user",
        }
    }
}

impl Site {
    /// Everything of a kind, as one object each. What is purged, hidden, or gone with what it belongs
    /// to is left out.
    #[must_use]
    pub fn inventory(&self, kind: Kind) -> Vec<Value> {
        let mut rows = match kind {
            Kind::Space => self.space_rows(),
            Kind::Page => self.rows(Entity::Page, |slot| self.page_row(slot)),
            Kind::BlogPost => self.rows(Entity::BlogPost, |slot| {
                self.content_row(Entity::BlogPost(slot), self.space_of_blog_post(slot))
            }),
            Kind::Attachment => self.rows(Entity::Attachment, |slot| self.attachment_row(slot)),
            Kind::FooterComment => self.rows(Entity::FooterComment, |slot| {
                self.comment_row(CommentKind::Footer, slot)
            }),
            Kind::InlineComment => self.rows(Entity::InlineComment, |slot| {
                self.comment_row(CommentKind::Inline, slot)
            }),
            Kind::Task => self.task_rows(),
            Kind::CustomContent => {
                self.rows(Entity::CustomContent, |slot| self.custom_content_row(slot))
            }
            Kind::Folder => self.folder_rows(),
            Kind::Group => self.group_rows(),
            Kind::User => self.user_rows(),
        };
        for row in &mut rows {
            if let Value::Object(row) = row {
                row.insert("kind".to_owned(), json!(kind.name()));
            }
        }
        rows
    }

    fn rows(&self, entity: fn(u64) -> Entity, row: impl Fn(u64) -> Value) -> Vec<Value> {
        let slots = 0..self.rows_of(entity(0)).slots();
        let shown = slots.filter(|&slot| self.shows(entity(slot)));
        shown.map(row).collect()
    }

    fn space_id(&self, index: u64) -> Option<String> {
        self.space(index).map(|space| space.id.to_string())
    }

    fn space_rows(&self) -> Vec<Value> {
        let spaces = (0..self.space_count()).filter(|&index| !self.is_hidden(index));
        let row = |index: u64| {
            let space = self.space(index)?;
            let permissions = self.permissions_of(index);
            let permissions: Vec<String> = permissions
                .iter()
                .map(|permission| permission.id.to_string())
                .collect();
            let labels = self.labels_of_space(index);
            let roles: Vec<Value> = (0..self.role_assignment_count(index))
                .map(|at| self.role_assignment(index, at))
                .map(|one| json!({ "role": one.role_id, "principal": one.principal_id }))
                .collect();
            Some(json!({
                "id": space.id.to_string(),
                "key": space.key,
                "name": space.name,
                "status": if space.archived { "archived" } else { "current" },
                "labels": names(&labels),
                "permissions": permissions,
                "roles": roles,
                "properties": self.property_ids(PropertyOf::Space(index)),
            }))
        };
        spaces.filter_map(row).collect()
    }

    fn page_row(&self, slot: u64) -> Value {
        let mut row = self.content_row(Entity::Page(slot), self.space_of_page(slot));
        if let Value::Object(row) = &mut row {
            let parent = self.parent(Node::Page(slot));
            let id = parent.map(|parent| self.node_id(parent).to_string());
            row.insert("parentId".to_owned(), json!(id));
        }
        row
    }

    /// What a page and a blog post have.
    fn content_row(&self, entity: Entity, space: u64) -> Value {
        let slot = entity.slot();
        let rows = self.rows_of(entity);
        let status = match (rows.status(slot), entity) {
            // Blog posts cannot be archived.
            (Status::Archived, Entity::BlogPost(_)) => Status::Current,
            (status, _) => status,
        };
        let id = self.id_of(entity);
        let mut restrictions = Map::new();
        for operation in Operation::ALL {
            let restriction = self.restriction_of(&id, operation);
            let value = json!({ "users": restriction.users, "groups": restriction.groups });
            restrictions.insert(operation.name().to_owned(), value);
        }
        json!({
            "status": status.name(),
            "id": id,
            "spaceId": self.space_id(space),
            "title": self.title_of(entity),
            "createdAt": rows.time_text(slot, rows.created(slot)),
            "version": self.version_count(entity),
            "versions": self.version_rows(entity),
            "labels": names(&self.labels_of(entity)),
            "restrictions": restrictions,
            "properties": self.property_ids(PropertyOf::Content(entity)),
        })
    }

    /// When each version was made, the first one first.
    fn version_rows(&self, entity: Entity) -> Vec<String> {
        let rows = self.rows_of(entity);
        let versions = self.versions(entity).into_iter();
        versions
            .map(|version| rows.time_text(entity.slot(), version.created))
            .collect()
    }

    fn container_id(&self, container: Container) -> Option<String> {
        Some(match container {
            Container::Page(slot) => self.pages.id(slot).to_string(),
            Container::BlogPost(slot) => self.blog_posts.id(slot).to_string(),
            Container::CustomContent(slot) => self.custom_content.id(slot).to_string(),
            Container::Space(_) => return None,
        })
    }

    fn attachment_row(&self, slot: u64) -> Value {
        let entity = Entity::Attachment(slot);
        json!({
            "id": self.id_of(entity),
            "status": self.attachments.status(slot).name(),
            "title": self.title_of(entity),
            "containerId": self.container_id(self.container_of_attachment(slot)),
            "fileSize": self.file_size(slot),
            "mediaType": self.media_type(slot),
            "version": self.version_count(entity),
            "versions": self.version_rows(entity),
            "labels": names(&self.labels_of(entity)),
            "properties": self.property_ids(PropertyOf::Content(entity)),
        })
    }

    /// Custom content in a space has no container.
    fn custom_content_row(&self, slot: u64) -> Value {
        let container = self.container_of_custom_content(slot);
        json!({
            "id": self.id_of(Entity::CustomContent(slot)),
            "status": "current",
            "type": self.custom_content_type(slot),
            "title": self.title_of(Entity::CustomContent(slot)),
            "spaceId": self.space_id(self.space_of_container(container)),
            "containerId": self.container_id(container),
        })
    }

    fn property_ids(&self, of: PropertyOf) -> Vec<String> {
        let places = 0..self.property_count(of);
        places
            .map(|at| self.property_id(of, at).to_string())
            .collect()
    }

    fn comment_row(&self, kind: CommentKind, slot: u64) -> Value {
        let entity = kind.entity(slot);
        let above = self.comment_above(kind, slot);
        json!({
            "id": self.id_of(entity),
            "status": "current",
            "containerId": self.container_id(self.container_of_comment(kind, slot)),
            "parentId": above.map(|above| self.comments(kind).id(above).to_string()),
            "resolution": self.resolution(kind, slot),
            "version": self.version_count(entity),
            "versions": self.version_rows(entity),
        })
    }

    fn task_rows(&self) -> Vec<Value> {
        let slots = (0..self.tasks.slots()).filter(|&slot| self.shows_task(slot));
        let row = |slot: u64| {
            let is_complete = self.is_complete_task(slot);
            json!({
                "id": self.tasks.id(slot).to_string(),
                "status": if is_complete { "complete" } else { "incomplete" },
                "containerId": self.container_id(self.container_of_task(slot)),
            })
        };
        slots.map(row).collect()
    }

    /// Whether a task is ticked.
    pub(crate) fn is_complete_task(&self, slot: u64) -> bool {
        let settled = self.overlay.tasks.get(&slot);
        let generated = self.tasks.roll(6, slot).is_multiple_of(3);
        settled.map_or(generated, |settled| settled.is_settled)
    }

    fn folder_rows(&self) -> Vec<Value> {
        let row = |node: Node| {
            let parent = self.parent(node);
            json!({
                "id": self.node_id(node).to_string(),
                "status": "current",
                "title": self.node_title(node),
                "spaceId": self.space_id(self.space_of_node(node)),
                "parentId": parent.map(|parent| self.node_id(parent).to_string()),
            })
        };
        self.folders().map(row).collect()
    }

    fn group_rows(&self) -> Vec<Value> {
        let row = |index: u64| {
            let members = self.group_members(index).into_iter();
            let members: Vec<&str> = members.map(|member| self.account_id(member)).collect();
            json!({
                "id": self.group_id(index),
                "name": self.group_name(index),
                "members": members,
            })
        };
        (0..self.group_count()).map(row).collect()
    }

    fn user_rows(&self) -> Vec<Value> {
        let row = |account: &account::Account| json!({ "id": account.id, "name": account.name });
        self.accounts.iter().map(row).collect()
    }
}

fn names(labels: &[u64]) -> Vec<&'static str> {
    labels.iter().map(|label| label::name(*label)).collect()
}
