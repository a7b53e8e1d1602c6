//! Which page or blog post holds which attachment, and what the file is.

use std::fmt::Write;

use super::Site;
use crate::random::{mix, uuid};

/// One page holds this many attachments, so that a listing by page has several pages of its own.
const CROWD: u64 = 300;
const CROWDED_PAGE: u64 = 1;
/// Attachments of any other page that has some.
const PER_PAGE: u64 = 3;

/// Bytes after which a file repeats.
const CHUNK: u64 = 64 * 1024;

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
        if slot % 8 == 7 || self.pages.generated_live() == 0 {
            return Container::BlogPost((slot / 8) % self.blog_posts.generated());
        }
        let number = slot - slot / 8;
        let ordinal = match number.checked_sub(self.crowd()) {
            None => CROWDED_PAGE % self.pages.generated_live(),
            Some(beyond) => self.attachment_pages.index(beyond / PER_PAGE),
        };
        Container::Page(self.pages.live_slot(ordinal))
    }

    /// The slots of the attachments of a page, rising.
    pub(crate) fn attachments_of_page(&self, page: u64) -> Vec<u64> {
        let ordinal = self.pages.ordinal(page);
        let Some(ordinal) = ordinal.filter(|_| page < self.pages.generated()) else {
            return Vec::new();
        };
        let total = self.attachments.slots() - self.attachments.slots() / 8;
        let crowd = self.crowd();
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

    /// One in 50 is larger than 32 bits count, and one is empty.
    pub(crate) fn file_size(&self, slot: u64) -> u64 {
        match self.file_roll(slot) {
            roll if roll % 50 == 0 => 5_000_000_000 + roll % 1_000,
            // As an upload that was cut off leaves behind.
            roll if roll % 50 == 1 => 0,
            roll => roll % 20_000_000,
        }
    }

    /// Each new version is another file.
    pub(crate) fn file_id(&self, slot: u64) -> String {
        uuid(self.seed, 401, slot ^ self.file_version(slot) << 32)
    }

    fn file_roll(&self, slot: u64) -> u64 {
        match self.file_version(slot) {
            0 => self.attachments.roll(6, slot),
            version => mix(self.attachments.roll(6, slot), 402, version),
        }
    }

    /// 0 for the file that was generated.
    fn file_version(&self, slot: u64) -> u64 {
        let versions = self.attachments.changed_versions(slot);
        let last = versions.and_then(<[_]>::last);
        last.map_or(0, |version| version.body)
    }

    /// One file in 23 is gone, though its attachment is listed.
    pub(crate) fn is_file_missing(&self, slot: u64) -> bool {
        self.attachments.roll(12, slot) % 23 == 4
    }

    /// What a file is made of, again and again, up to its size: letters when its type is text.
    pub(crate) fn file_chunk(&self, slot: u64) -> Vec<u8> {
        let text =
            ["text/plain", "application/json", "image/svg+xml"].contains(&self.media_type(slot));
        let seed = self.attachments.roll(14, slot);
        (0..CHUNK / 8)
            .flat_map(|at| mix(seed, 15, at).to_le_bytes())
            .map(|byte| if text { b'a' + byte % 26 } else { byte })
            .collect()
    }

    fn attachment_named(&self, id: &str) -> Option<u64> {
        self.attachments
            .slot_of(id.strip_prefix("att")?.parse().ok()?)
    }

    /// The id of the page or blog post that holds an attachment such as `att98306`.
    #[must_use]
    pub fn attachment_container(&self, attachment_id: &str) -> Option<String> {
        match self.container_of_attachment(self.attachment_named(attachment_id)?) {
            Container::Page(page) => Some(self.pages.id(page).to_string()),
            Container::BlogPost(post) => Some(self.blog_posts.id(post).to_string()),
            Container::CustomContent(_) | Container::Space(_) => None,
        }
    }

    /// The size of the file of an attachment, in bytes. `None` when the file is gone, and its
    /// download ends in 404.
    #[must_use]
    pub fn attachment_size(&self, attachment_id: &str) -> Option<u64> {
        let slot = self.attachment_named(attachment_id)?;
        (!self.is_file_missing(slot)).then(|| self.file_size(slot))
    }

    /// The media type of an attachment.
    #[must_use]
    pub fn attachment_media_type(&self, attachment_id: &str) -> Option<&'static str> {
        Some(self.media_type(self.attachment_named(attachment_id)?))
    }

    /// The bytes of the file of an attachment, made while they are taken. None of a file that is
    /// gone.
    pub fn attachment_bytes<'a>(
        &'a self,
        attachment_id: &str,
    ) -> impl Iterator<Item = u8> + use<'a> {
        let slot = self.attachment_named(attachment_id);
        let slot = slot.filter(|&slot| !self.is_file_missing(slot));
        let chunk = slot.map(|slot| self.file_chunk(slot)).unwrap_or_default();
        let size = slot.map_or(0, |slot| self.file_size(slot));
        chunk.into_iter().cycle().take(size as usize)
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
            Container::Page(slot) => self.space_of_page(slot),
            Container::BlogPost(slot) => self.space_of_blog_post(slot),
            Container::Space(index) => index,
            Container::CustomContent(slot) => {
                self.space_of_container(self.container_of_custom_content(slot))
            }
        }
    }

    fn some_container(&self, slot: u64, salt: u64, blog_post_every: u64) -> Container {
        let number = mix(self.seed, salt, slot);
        if slot % blog_post_every == 3 || self.pages.generated_live() == 0 {
            Container::BlogPost(
                self.blog_posts
                    .live_slot(number % self.blog_posts.generated_live()),
            )
        } else {
            Container::Page(self.pages.live_slot(number % self.pages.generated_live()))
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
