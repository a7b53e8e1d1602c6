//! One thing on the site that has versions, properties and labels.

use super::Site;
use super::population::Population;

/// One thing on the site that has versions, properties and labels, by slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entity {
    Page(u64),
    BlogPost(u64),
    Attachment(u64),
    CustomContent(u64),
    FooterComment(u64),
    InlineComment(u64),
}

impl Entity {
    pub(crate) fn slot(self) -> u64 {
        match self {
            Self::Page(slot)
            | Self::BlogPost(slot)
            | Self::Attachment(slot)
            | Self::CustomContent(slot)
            | Self::FooterComment(slot)
            | Self::InlineComment(slot) => slot,
        }
    }

    /// Keeps what belongs to different kinds apart.
    pub(crate) fn family(self) -> u64 {
        match self {
            Self::Page(_) => 0,
            Self::BlogPost(_) => 1,
            Self::Attachment(_) => 2,
            Self::CustomContent(_) => 3,
            Self::FooterComment(_) => 4,
            Self::InlineComment(_) => 5,
        }
    }

    /// As it stands in a path of REST v2.
    pub(crate) fn resource(self) -> &'static str {
        match self {
            Self::Page(_) => "pages",
            Self::BlogPost(_) => "blogposts",
            Self::Attachment(_) => "attachments",
            Self::CustomContent(_) => "custom-content",
            Self::FooterComment(_) => "footer-comments",
            Self::InlineComment(_) => "inline-comments",
        }
    }

    /// As permitted operations name it.
    pub(crate) fn target(self) -> &'static str {
        match self {
            Self::Page(_) => "page",
            Self::BlogPost(_) => "blogpost",
            Self::Attachment(_) => "attachment",
            Self::CustomContent(_) => "custom-content",
            Self::FooterComment(_) | Self::InlineComment(_) => "comment",
        }
    }
}

impl Site {
    pub(crate) fn rows_of(&self, entity: Entity) -> &Population {
        match entity {
            Entity::Page(_) => &self.pages,
            Entity::BlogPost(_) => &self.blog_posts,
            Entity::Attachment(_) => &self.attachments,
            Entity::CustomContent(_) => &self.custom_content,
            Entity::FooterComment(_) => &self.footer_comments,
            Entity::InlineComment(_) => &self.inline_comments,
        }
    }

    /// As the service writes it: `att98306` for an attachment, a number for the others.
    pub(crate) fn id_of(&self, entity: Entity) -> String {
        let id = self.rows_of(entity).id(entity.slot());
        match entity {
            Entity::Attachment(_) => format!("att{id}"),
            _ => id.to_string(),
        }
    }

    pub(crate) fn title_of(&self, entity: Entity) -> String {
        match entity {
            Entity::Attachment(slot) => {
                let mut name = String::new();
                self.write_file_name(slot, &mut name);
                name
            }
            Entity::FooterComment(_) | Entity::InlineComment(_) => self.comment_title(entity),
            _ => self.rows_of(entity).title(entity.slot()),
        }
    }

    /// The labels of anything: 0 to 4 mostly.
    pub(crate) fn labels_of(&self, entity: Entity) -> Vec<u64> {
        let changed = self.overlay.labels.get(&(entity.family(), entity.slot()));
        if let Some(labels) = changed {
            return labels.clone();
        }
        match entity {
            _ if entity.slot() >= self.rows_of(entity).generated() => Vec::new(),
            Entity::Page(slot) => self.labels_of_page(slot),
            Entity::FooterComment(_) | Entity::InlineComment(_) => Vec::new(),
            _ => super::tree::some_labels(self.rows_of(entity).roll(4, entity.slot())),
        }
    }
}
