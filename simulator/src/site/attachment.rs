//! Which page or blog post holds which attachment, and what the file is.

use std::fmt::Write;

use super::Site;
use crate::random::mix;

/// One page holds this many attachments, so that a listing by page has several pages of its own.
const CROWD: u64 = 300;
const CROWDED_PAGE: u64 = 1;
/// Attachments of any other page that has some.
const PER_PAGE: u64 = 3;

/// File name before its number, extension, media type, and its description, which may be missing.
const FILES: [(&str, &str, &str, Option<&str>); 10] = [
    ("screenshot", "png", "image/png", Some("PNG Image")),
    (
        "Größen & Maße",
        "pdf",
        "application/pdf",
        Some("PDF Document"),
    ),
    ("angle <brackets>", "svg", "image/svg+xml", None),
    (
        "議事録",
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Some("Microsoft Word Document"),
    ),
    (
        "budget 2026 (final)",
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("Microsoft Excel Sheet"),
    ),
    ("export", "json", "application/json", None),
    ("notes+questions?", "txt", "text/plain", Some("Text File")),
    ("100% done", "zip", "application/zip", Some("Zip Archive")),
    ("recording", "mp4", "video/mp4", Some("Multimedia")),
    ("unknown", "bin", "application/octet-stream", None),
];

/// What holds an attachment, a task or custom content, by slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Page(u64),
    BlogPost(u64),
    CustomContent(u64),
    Space(u64),
}

impl Site {
    pub(crate) fn container_of_attachment(&self, slot: u64) -> Container {
        if slot % 8 == 7 || self.pages.live() == 0 {
            return Container::BlogPost((slot / 8) % self.blog_posts.slots());
        }
        let number = slot - slot / 8;
        let ordinal = match number.checked_sub(self.crowd()) {
            None => CROWDED_PAGE % self.pages.live(),
            Some(beyond) => self.attachment_pages.index(beyond / PER_PAGE),
        };
        Container::Page(self.pages.live_slot(ordinal))
    }

    /// The slots of the attachments of a page, rising.
    pub(crate) fn attachments_of_page(&self, page: u64) -> Vec<u64> {
        let Some(ordinal) = self.pages.ordinal(page) else {
            return Vec::new();
        };
        let total = self.attachments.slots() - self.attachments.slots() / 8;
        let crowd = self.crowd();
        let mut numbers = Vec::new();
        if ordinal == CROWDED_PAGE % self.pages.live() {
            numbers.extend(0..crowd);
        }
        let mut group = self.attachment_pages.rank(ordinal);
        while crowd + group * PER_PAGE < total {
            let first = crowd + group * PER_PAGE;
            numbers.extend(first..(first + PER_PAGE).min(total));
            group += self.pages.live();
        }
        numbers
            .into_iter()
            .map(|number| number + number / 7)
            .collect()
    }

    fn crowd(&self) -> u64 {
        (self.attachments.slots() / 2).min(CROWD)
    }

    fn file(
        &self,
        slot: u64,
    ) -> (
        &'static str,
        &'static str,
        &'static str,
        Option<&'static str>,
    ) {
        let at = self.attachments.roll(1, slot) % FILES.len() as u64;
        FILES
            .get(at as usize)
            .copied()
            .unwrap_or(("file", "bin", "application/octet-stream", None))
    }

    /// Every fifth name has no number, so that several attachments share it.
    pub(crate) fn write_file_name(&self, slot: u64, name: &mut String) {
        let (stem, extension, ..) = self.file(slot);
        name.clear();
        // Writing to a string does not fail.
        let _ = if slot.is_multiple_of(5) {
            write!(name, "{stem}.{extension}")
        } else {
            write!(name, "{stem} {slot}.{extension}")
        };
    }

    pub(crate) fn media_type(&self, slot: u64) -> &'static str {
        self.file(slot).2
    }

    pub(crate) fn media_type_description(&self, slot: u64) -> Option<&'static str> {
        self.file(slot).3
    }

    /// What holds a task: a page mostly, else a blog post.
    pub(crate) fn container_of_task(&self, slot: u64) -> Container {
        self.some_container(slot, 61, 6)
    }

    /// What holds custom content: a page mostly, else a blog post, a space, or a piece before it.
    pub(crate) fn container_of_custom_content(&self, slot: u64) -> Container {
        match slot % 11 {
            5 => Container::Space(mix(self.seed, 71, slot) % self.space_count()),
            9 => Container::CustomContent(slot - 2),
            _ => self.some_container(slot, 72, 7),
        }
    }

    pub(crate) fn space_of_container(&self, container: Container) -> u64 {
        match container {
            Container::Page(slot) | Container::BlogPost(slot) => self.space_index(slot),
            Container::Space(index) => index,
            Container::CustomContent(slot) => {
                self.space_of_container(self.container_of_custom_content(slot))
            }
        }
    }

    fn some_container(&self, slot: u64, salt: u64, blog_post_every: u64) -> Container {
        let number = mix(self.seed, salt, slot);
        if slot % blog_post_every == 3 || self.pages.live() == 0 {
            Container::BlogPost(self.blog_posts.live_slot(number % self.blog_posts.live()))
        } else {
            Container::Page(self.pages.live_slot(number % self.pages.live()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Container, Site};

    #[test]
    fn attachments_are_found_from_their_page_as_well() {
        for pages in [0, 1, 2, 10, 200, 5_000] {
            let site = Site::new(42, pages);
            let mut found = 0;
            for page in 0..site.pages.slots() {
                for slot in site.attachments_of_page(page) {
                    assert_eq!(
                        site.container_of_attachment(slot),
                        Container::Page(page),
                        "pages {pages}"
                    );
                    found += 1;
                }
            }
            let slots = 0..site.attachments.slots();
            let on_pages = slots
                .filter(|&slot| matches!(site.container_of_attachment(slot), Container::Page(_)));
            assert_eq!(found, on_pages.count(), "pages {pages}");
        }
    }
}
