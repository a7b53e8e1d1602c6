//! Comments: which page or blog post they stand on, and which of them answer which.

use super::Site;
use super::attachment::Container;
use super::entity::Entity;
use super::overlay::CommentPlace;
use super::population::Population;

/// Of five comments, three stand on content; the fourth answers one, the fifth the fourth.
const ROUND: u64 = 5;
const ROOTS: u64 = 3;
/// One page holds this many, so that its listing has several pages of its own.
const CROWD: u64 = 80;
const CROWDED_PAGE: u64 = 2;
const PER_PAGE: u64 = 2;
/// One root in so many stands on a blog post.
const BLOG_POST_EVERY: u64 = 8;

/// The two kinds of comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CommentKind {
    Footer,
    Inline,
}

impl CommentKind {
    pub(crate) fn entity(self, slot: u64) -> Entity {
        match self {
            Self::Footer => Entity::FooterComment(slot),
            Self::Inline => Entity::InlineComment(slot),
        }
    }
}

fn root_number(slot: u64) -> Option<u64> {
    let within = slot % ROUND;
    (within < ROOTS).then(|| slot / ROUND * ROOTS + within)
}

fn root_slot(number: u64) -> u64 {
    number / ROOTS * ROUND + number % ROOTS
}

/// How many roots there are among the first `slots`.
fn root_count(slots: u64) -> u64 {
    slots / ROUND * ROOTS + (slots % ROUND).min(ROOTS)
}

impl Site {
    pub(crate) fn comments(&self, kind: CommentKind) -> &Population {
        match kind {
            CommentKind::Footer => &self.footer_comments,
            CommentKind::Inline => &self.inline_comments,
        }
    }

    /// What a comment answers. Every tenth answers the very first one, which has many answers.
    pub(crate) fn comment_above(&self, kind: CommentKind, slot: u64) -> Option<u64> {
        if let Some(place) = self.overlay.comments.get(&(kind, slot)) {
            return place.above;
        }
        match slot % (2 * ROUND) {
            8 => Some(0),
            3 | 4 | 9 => Some(slot - 1),
            _ => None,
        }
    }

    /// The direct answers to a comment, rising.
    pub(crate) fn comment_children(&self, kind: CommentKind, slot: u64) -> Vec<u64> {
        let slots = self.comments(kind).generated();
        let mut children = Vec::new();
        if slot + 1 < slots && self.comment_above(kind, slot + 1) == Some(slot) {
            children.push(slot + 1);
        }
        if slot == 0 {
            children.extend((8..slots).step_by(10));
        }
        let written = self.written_comments(kind);
        children.extend(
            written
                .filter(|(_, place)| place.above == Some(slot))
                .map(|(slot, _)| slot),
        );
        children.retain(|&child| self.shows(kind.entity(child)));
        children
    }

    /// The page or blog post that a comment stands on, also when it is an answer.
    pub(crate) fn container_of_comment(&self, kind: CommentKind, slot: u64) -> Container {
        if let Some(place) = self.overlay.comments.get(&(kind, slot)) {
            return place.container;
        }
        let mut at = slot;
        while let Some(above) = self.comment_above(kind, at) {
            at = above;
        }
        let number = root_number(at).unwrap_or(0);
        let posts = self.blog_posts.generated_live().max(1);
        if number % BLOG_POST_EVERY == BLOG_POST_EVERY - 1 || self.pages.generated_live() == 0 {
            return Container::BlogPost(
                self.blog_posts.live_slot(number / BLOG_POST_EVERY % posts),
            );
        }
        let number = number - number / BLOG_POST_EVERY;
        let ordinal = match number.checked_sub(self.comment_crowd(kind)) {
            None => CROWDED_PAGE % self.pages.generated_live(),
            Some(beyond) => self.attachment_pages.index(beyond / PER_PAGE),
        };
        Container::Page(self.pages.live_slot(ordinal))
    }

    fn comment_crowd(&self, kind: CommentKind) -> u64 {
        (root_count(self.comments(kind).generated()) / 2).min(CROWD)
    }

    /// The comments that stand on this page or blog post and answer no other, rising.
    pub(crate) fn comments_on(&self, kind: CommentKind, container: Container) -> Vec<u64> {
        let mut comments = self.generated_comments_on(kind, container);
        let written = self
            .written_comments(kind)
            .filter(|(_, place)| place.container == container && place.above.is_none());
        comments.extend(written.map(|(slot, _)| slot));
        comments.retain(|&slot| self.shows(kind.entity(slot)));
        comments
    }

    /// The comments that were written after the site was generated.
    fn written_comments(
        &self,
        kind: CommentKind,
    ) -> impl Iterator<Item = (u64, CommentPlace)> + '_ {
        let written = self.overlay.comments.iter();
        written.filter_map(move |(&(of, slot), place)| (of == kind).then_some((slot, *place)))
    }

    fn generated_comments_on(&self, kind: CommentKind, container: Container) -> Vec<u64> {
        let roots = root_count(self.comments(kind).generated());
        let numbers: Vec<u64> = match container {
            Container::Page(page) => {
                let Some(ordinal) = self.pages.ordinal(page) else {
                    return Vec::new();
                };
                let total = roots - roots / BLOG_POST_EVERY;
                let crowd = self.comment_crowd(kind);
                let mut numbers = Vec::new();
                if ordinal == CROWDED_PAGE % self.pages.generated_live() {
                    numbers.extend(0..crowd);
                }
                let mut group = self.attachment_pages.rank(ordinal);
                while crowd + group * PER_PAGE < total {
                    let first = crowd + group * PER_PAGE;
                    numbers.extend(first..(first + PER_PAGE).min(total));
                    group += self.pages.generated_live();
                }
                numbers
                    .into_iter()
                    .map(|number| number + number / (BLOG_POST_EVERY - 1))
                    .collect()
            }
            Container::BlogPost(post) if self.pages.generated_live() > 0 => {
                let Some(ordinal) = self.blog_posts.ordinal(post) else {
                    return Vec::new();
                };
                let numbers = (ordinal..).step_by(self.blog_posts.generated_live().max(1) as usize);
                numbers
                    .map(|number| number * BLOG_POST_EVERY + BLOG_POST_EVERY - 1)
                    .take_while(|&number| number < roots)
                    .collect()
            }
            _ => (0..roots)
                .filter(|&number| self.container_of_comment(kind, root_slot(number)) == container)
                .collect(),
        };
        numbers.into_iter().map(root_slot).collect()
    }

    /// `open`, `resolved`, `reopened` or `dangling`.
    pub(crate) fn resolution(&self, kind: CommentKind, slot: u64) -> &'static str {
        if kind == CommentKind::Inline {
            match self.overlay.resolutions.get(&slot) {
                Some(settled) if settled.is_settled => return "resolved",
                Some(_) => return "reopened",
                None if slot >= self.comments(kind).generated() => return "open",
                None => {}
            }
        }
        match (kind, self.comments(kind).roll(8, slot) % 8) {
            (CommentKind::Footer, _) | (CommentKind::Inline, 0..=3) => "open",
            (CommentKind::Inline, 4 | 5) => "resolved",
            (CommentKind::Inline, 6) => "reopened",
            (CommentKind::Inline, _) => "dangling",
        }
    }

    /// The title of what a comment stands on, after `Re: `.
    pub(crate) fn comment_title(&self, entity: Entity) -> String {
        let kind = match entity {
            Entity::InlineComment(_) => CommentKind::Inline,
            _ => CommentKind::Footer,
        };
        let title = match self.container_of_comment(kind, entity.slot()) {
            Container::Page(page) => self.pages.title(page),
            Container::BlogPost(post) => self.blog_posts.title(post),
            Container::CustomContent(_) | Container::Space(_) => String::new(),
        };
        format!("Re: {title}")
    }

    /// The ids of the footer comments that answer no other, over the whole site.
    pub fn footer_comment_ids(&self) -> impl Iterator<Item = String> + '_ {
        self.root_ids(CommentKind::Footer)
    }

    /// The ids of the inline comments that answer no other, over the whole site.
    pub fn inline_comment_ids(&self) -> impl Iterator<Item = String> + '_ {
        self.root_ids(CommentKind::Inline)
    }

    fn root_ids(&self, kind: CommentKind) -> impl Iterator<Item = String> + '_ {
        let rows = self.comments(kind);
        (0..rows.slots())
            .filter(move |&slot| {
                self.comment_above(kind, slot).is_none() && self.shows(kind.entity(slot))
            })
            .map(|slot| rows.id(slot).to_string())
    }

    /// The ids of the footer comments of a page or a blog post that answer no other.
    #[must_use]
    pub fn footer_comment_ids_of(&self, content_id: &str) -> Vec<String> {
        self.comment_ids_of(CommentKind::Footer, content_id)
    }

    /// The ids of the inline comments of a page or a blog post that answer no other.
    #[must_use]
    pub fn inline_comment_ids_of(&self, content_id: &str) -> Vec<String> {
        self.comment_ids_of(CommentKind::Inline, content_id)
    }

    fn comment_ids_of(&self, kind: CommentKind, content_id: &str) -> Vec<String> {
        let Ok(id) = content_id.parse() else {
            return Vec::new();
        };
        let page = self.pages.slot_of(id).map(Container::Page);
        let container = page.or_else(|| self.blog_posts.slot_of(id).map(Container::BlogPost));
        let slots = container.map(|container| self.comments_on(kind, container));
        let rows = self.comments(kind);
        slots
            .unwrap_or_default()
            .into_iter()
            .map(|slot| rows.id(slot).to_string())
            .collect()
    }

    /// The ids of the direct answers to a footer or an inline comment.
    #[must_use]
    pub fn comment_reply_ids(&self, comment_id: &str) -> Vec<String> {
        let Ok(id) = comment_id.parse() else {
            return Vec::new();
        };
        for kind in [CommentKind::Footer, CommentKind::Inline] {
            let rows = self.comments(kind);
            if let Some(slot) = rows.slot_of(id) {
                let replies = self.comment_children(kind, slot).into_iter();
                return replies.map(|slot| rows.id(slot).to_string()).collect();
            }
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{CommentKind, Site};
    use crate::site::attachment::Container;

    #[test]
    fn every_comment_is_found_once_from_above() {
        for pages in [0, 1, 2, 10, 200, 3_000] {
            let site = Site::new(42, pages);
            for kind in [CommentKind::Footer, CommentKind::Inline] {
                let mut found = Vec::new();
                let on_pages = (0..site.pages.slots()).map(Container::Page);
                let on_posts = (0..site.blog_posts.slots()).map(Container::BlogPost);
                for container in on_pages.chain(on_posts) {
                    for slot in site.comments_on(kind, container) {
                        assert_eq!(site.container_of_comment(kind, slot), container);
                        found.push(slot);
                    }
                }
                let mut at = 0;
                while let Some(&slot) = found.get(at) {
                    found.extend(site.comment_children(kind, slot));
                    at += 1;
                }
                found.sort_unstable();
                let all: Vec<u64> = (0..site.comments(kind).slots()).collect();
                assert_eq!(found, all, "pages {pages}");
            }
        }
    }
}
