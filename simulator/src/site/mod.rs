//! The truth about the simulated site.

pub(crate) mod account;
pub(crate) mod attachment;
pub(crate) mod comment;
pub(crate) mod entity;
pub(crate) mod group;
pub(crate) mod inventory;
pub(crate) mod label;

pub(crate) mod mutation;
pub(crate) mod overlay;
pub(crate) mod permission;
pub(crate) mod population;
pub(crate) mod presence;
pub(crate) mod property;
pub(crate) mod restriction;
pub(crate) mod row;
pub(crate) mod space;
pub(crate) mod tree;
pub(crate) mod version;
mod viewers;

use account::Account;
use entity::Entity;
use overlay::Overlay;
use population::Population;
use space::Space;

use crate::permutation::Permutation;
use crate::random::{mix, uuid};
use crate::settings::Settings;

/// The types of custom content that the site has.
const CUSTOM_CONTENT_TYPES: [&str; 2] = [
    "ac:com.example.diagrams:diagram",
    "forge:3f1c7a52-0e4b-4c6e-9f0a-1d2e3f405162:8a7b6c5d-4e3f-4a1b-9c8d-7e6f50413223:note",
];

/// What is on the simulated site at one moment: a function of a seed, a number of pages and the
/// mutations so far.
///
/// Tests compare what they were answered with this. Ids come as the strings that the service
/// writes, in rising numeric order.
///
/// ```
/// let site = confluence_simulator::Site::new(42, 200);
/// assert_eq!(site.page_ids().count(), 200);
/// assert_eq!(site.page_ids().next().as_deref(), Some("98304"));
/// ```
#[derive(Debug, Clone)]
pub struct Site {
    pub(crate) seed: u64,
    pub(crate) cloud_id: String,
    pub(crate) spaces: Vec<Space>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) pages: Population,
    pub(crate) blog_posts: Population,
    pub(crate) attachments: Population,
    pub(crate) tasks: Population,
    pub(crate) custom_content: Population,
    pub(crate) footer_comments: Population,
    pub(crate) inline_comments: Population,
    attachment_pages: Permutation,
    chained: bool,
    with_many_versions: Option<u64>,
    mentions: u64,
    groups: Option<u64>,
    restricted: Option<u64>,
    pub(crate) overlay: Overlay,
}

impl Site {
    /// The site of this seed with this many pages in the default listing.
    #[must_use]
    pub fn new(seed: u64, pages: u64) -> Self {
        Self::generated(&Settings {
            seed,
            pages,
            ..Settings::default()
        })
    }

    /// The site of these settings.
    pub(crate) fn generated(settings: &Settings) -> Self {
        let &Settings {
            seed,
            pages,
            content,
            chained,
            ..
        } = settings;
        let amounts = &settings.amounts;
        let spaces = amounts.spaces.unwrap_or((pages / 40).clamp(4, 500)).max(1);
        let blog_posts = pages / 10 + 3;
        let users = amounts.users.unwrap_or(account::COUNT).max(1);
        Self {
            seed,
            cloud_id: uuid(seed, 9, 0),
            spaces: space::all(content, seed, spaces),
            accounts: account::all(content, seed, users),
            pages: Population::with_trash(content, seed, 0, pages, spaces),
            blog_posts: Population::with_trash(content, seed, 1, blog_posts, 1),
            attachments: Population::with_trash(
                content,
                seed,
                2,
                amounts.attachments.unwrap_or(pages / 4 + 4),
                1,
            ),
            tasks: Population::without_trash(content, seed, 3, pages / 5 + 4),
            custom_content: Population::without_trash(content, seed, 4, pages / 20 + 2),
            footer_comments: Population::without_trash(
                content,
                seed,
                5,
                amounts.footer_comments.unwrap_or(pages / 3 + 12),
            ),
            inline_comments: Population::without_trash(
                content,
                seed,
                7,
                amounts.inline_comments.unwrap_or(pages / 5 + 12),
            ),
            attachment_pages: Permutation::new(mix(seed, 8, 0), pages),
            chained,
            with_many_versions: amounts.with_many_versions,
            mentions: amounts.mentions,
            groups: amounts.groups,
            restricted: amounts.restricted,
            overlay: Overlay::default(),
        }
    }

    /// The id of the site at Atlassian, as in the gateway's paths.
    #[must_use]
    pub fn cloud_id(&self) -> &str {
        &self.cloud_id
    }

    /// The number of spaces, archived and hidden ones included.
    #[must_use]
    pub fn space_count(&self) -> u64 {
        self.spaces.len() as u64
    }

    /// The number of pages that the page listing answers by default: current and archived ones.
    #[must_use]
    pub fn page_count(&self) -> u64 {
        self.count(Entity::Page)
    }

    /// The number of pages in the trash.
    #[must_use]
    pub fn trashed_page_count(&self) -> u64 {
        self.trashed_page_ids().count() as u64
    }

    /// The number of pages that search counts: current ones in spaces that are not archived.
    ///
    /// Walks over all pages.
    #[must_use]
    pub fn searchable_page_count(&self) -> u64 {
        (0..self.pages.slots())
            .filter(|&slot| self.is_searchable_page(slot, false))
            .count() as u64
    }

    /// The number of current blog posts.
    #[must_use]
    pub fn blog_post_count(&self) -> u64 {
        self.count(Entity::BlogPost)
    }

    /// The number of labels in use on the site.
    #[must_use]
    pub fn label_count(&self) -> u64 {
        label::COUNT
    }

    /// The number of current and archived attachments.
    #[must_use]
    pub fn attachment_count(&self) -> u64 {
        self.count(Entity::Attachment)
    }

    /// The number of tasks.
    #[must_use]
    pub fn task_count(&self) -> u64 {
        self.task_ids().count() as u64
    }

    /// The number of pieces of custom content, over all types.
    #[must_use]
    pub fn custom_content_count(&self) -> u64 {
        self.count(Entity::CustomContent)
    }

    /// The ids of all spaces that are not hidden.
    pub fn space_ids(&self) -> impl Iterator<Item = String> + '_ {
        self.shown_spaces().map(|space| space.id.to_string())
    }

    /// The keys of all spaces that are not hidden, in the order of their ids.
    pub fn space_keys(&self) -> impl Iterator<Item = String> + '_ {
        self.shown_spaces().map(|space| space.key.clone())
    }

    fn shown_spaces(&self) -> impl Iterator<Item = &Space> + '_ {
        let spaces = (0..).zip(&self.spaces);
        spaces.filter_map(|(index, space)| (!self.is_hidden(index)).then_some(space))
    }

    /// The ids of the default page listing.
    pub fn page_ids(&self) -> impl Iterator<Item = String> + '_ {
        self.live_ids(Entity::Page)
    }

    /// The ids of the pages of one space, as listed by default. None for a space that is not
    /// there.
    pub fn page_ids_in<'a>(&'a self, space_id: &str) -> impl Iterator<Item = String> + use<'a> {
        let space = space_id.parse().ok().and_then(|id| self.space_of_id(id));
        let slots = self.live_slots(Entity::Page);
        slots
            .filter(move |&slot| Some(self.space_of_page(slot)) == space)
            .map(|slot| self.pages.id(slot).to_string())
    }

    /// The ids of the pages in the trash.
    pub fn trashed_page_ids(&self) -> impl Iterator<Item = String> + '_ {
        self.trashed_ids(Entity::Page)
    }

    /// The ids of the archived pages. The default listing has them as well.
    pub fn archived_page_ids(&self) -> impl Iterator<Item = String> + '_ {
        let slots = self.live_slots(Entity::Page);
        let slots = slots.filter(|&slot| self.pages.is_archived(slot));
        slots.map(|slot| self.pages.id(slot).to_string())
    }

    /// The ids of the current blog posts.
    pub fn blog_post_ids(&self) -> impl Iterator<Item = String> + '_ {
        self.live_ids(Entity::BlogPost)
    }

    /// The ids of the current blog posts of one space. None for a space that is not there.
    pub fn blog_post_ids_in<'a>(
        &'a self,
        space_id: &str,
    ) -> impl Iterator<Item = String> + use<'a> {
        let space = space_id.parse().ok().and_then(|id| self.space_of_id(id));
        let slots = self.live_slots(Entity::BlogPost);
        slots
            .filter(move |&slot| Some(self.space_of_blog_post(slot)) == space)
            .map(|slot| self.blog_posts.id(slot).to_string())
    }

    /// The ids of the blog posts in the trash.
    pub fn trashed_blog_post_ids(&self) -> impl Iterator<Item = String> + '_ {
        self.trashed_ids(Entity::BlogPost)
    }

    /// The ids of all labels.
    pub fn label_ids(&self) -> impl Iterator<Item = String> + '_ {
        (0..label::COUNT).map(|index| label::id(index).to_string())
    }

    /// The ids of the current and archived attachments, such as `att98306`.
    pub fn attachment_ids(&self) -> impl Iterator<Item = String> + '_ {
        self.live_ids(Entity::Attachment)
            .map(|id| format!("att{id}"))
    }

    /// The ids of the current and archived attachments of a page. None for a page that is not
    /// there or that is in the trash.
    pub fn attachment_ids_of<'a>(
        &'a self,
        page_id: &str,
    ) -> impl Iterator<Item = String> + use<'a> {
        let page = page_id.parse().ok().and_then(|id| self.pages.slot_of(id));
        let slots = page
            .map(|page| self.attachments_of_page(page))
            .unwrap_or_default()
            .into_iter();
        slots
            .filter(|&slot| self.attachments.is_live(slot) && self.shows(Entity::Attachment(slot)))
            .map(|slot| format!("att{}", self.attachments.id(slot)))
    }

    /// The ids of all tasks.
    pub fn task_ids(&self) -> impl Iterator<Item = String> + '_ {
        let slots = (0..self.tasks.slots()).filter(|&slot| self.shows_task(slot));
        slots.map(|slot| self.tasks.id(slot).to_string())
    }

    /// The types that custom content has on this site.
    #[must_use]
    pub fn custom_content_types(&self) -> &'static [&'static str] {
        &CUSTOM_CONTENT_TYPES
    }

    /// The ids of the custom content of one type. None for a type that is not there.
    pub fn custom_content_ids<'a>(
        &'a self,
        of_type: &str,
    ) -> impl Iterator<Item = String> + use<'a> {
        let of_type = of_type.to_owned();
        let slots = self.live_slots(Entity::CustomContent);
        let slots = slots.filter(move |&slot| self.custom_content_type(slot) == of_type);
        slots.map(|slot| self.custom_content.id(slot).to_string())
    }

    /// The ids of all accounts.
    pub fn account_ids(&self) -> impl Iterator<Item = String> + '_ {
        self.accounts.iter().map(|account| account.id.clone())
    }

    /// The place of a page or a blog post decides on its space, so that a listing by space is
    /// arithmetic. It may have moved since.
    pub(crate) fn generated_space(&self, slot: u64) -> u64 {
        slot % self.space_count()
    }

    pub(crate) fn space_of_page(&self, slot: u64) -> u64 {
        let placement = self.overlay.pages.get(&slot);
        placement.map_or_else(|| self.generated_space(slot), |placement| placement.space)
    }

    pub(crate) fn space_of_blog_post(&self, slot: u64) -> u64 {
        let moved = self.overlay.blog_posts.get(&slot).copied();
        moved.unwrap_or_else(|| self.generated_space(slot))
    }

    pub(crate) fn space(&self, index: u64) -> Option<&Space> {
        self.spaces.get(index as usize)
    }

    /// The space of an id, unless it is hidden.
    pub(crate) fn space_of_id(&self, id: u64) -> Option<u64> {
        self.spaces
            .binary_search_by_key(&id, |space| space.id)
            .ok()
            .map(|index| index as u64)
            .filter(|index| !self.is_hidden(*index))
    }

    /// Whether a space is answered as if it were not there.
    pub(crate) fn is_hidden(&self, space: u64) -> bool {
        self.overlay.hidden_spaces.contains(&space)
    }

    pub(crate) fn account_id(&self, number: u64) -> &str {
        self.accounts
            .get((number % self.account_count()) as usize)
            .map_or("", |account| account.id.as_str())
    }

    /// The accounts that the body of row `slot` mentions.
    pub(crate) fn mentioned(&self, slot: u64) -> impl Iterator<Item = String> + '_ {
        let first = slot.wrapping_mul(self.mentions);
        (0..self.mentions).map(move |at| {
            let number = first.wrapping_add(at);
            let known = usize::try_from(number)
                .ok()
                .and_then(|number| self.accounts.get(number));
            known.map_or_else(
                || format!("712020:{}", uuid(self.seed, 300, number)),
                |account| account.id.clone(),
            )
        })
    }

    pub(crate) fn custom_content_type(&self, slot: u64) -> &'static str {
        crate::random::pick(&CUSTOM_CONTENT_TYPES, slot)
    }

    pub(crate) fn is_searchable_page(&self, slot: u64, in_archived_spaces: bool) -> bool {
        let archived = |space: &Space| space.archived && !in_archived_spaces;
        self.pages.is_live(slot)
            && !self.pages.is_archived(slot)
            && self.shows(Entity::Page(slot))
            && !self.space(self.space_of_page(slot)).is_some_and(archived)
    }

    /// The slots of what is shown and not in the trash.
    pub(crate) fn live_slots(&self, entity: fn(u64) -> Entity) -> impl Iterator<Item = u64> + '_ {
        let rows = self.rows_of(entity(0));
        (0..rows.slots()).filter(move |&slot| rows.is_live(slot) && self.shows(entity(slot)))
    }

    fn count(&self, entity: fn(u64) -> Entity) -> u64 {
        if self.overlay.changes == 0 {
            return self.rows_of(entity(0)).generated_live();
        }
        self.live_slots(entity).count() as u64
    }

    fn live_ids(&self, entity: fn(u64) -> Entity) -> impl Iterator<Item = String> + '_ {
        let rows = self.rows_of(entity(0));
        self.live_slots(entity)
            .map(|slot| rows.id(slot).to_string())
    }

    fn trashed_ids(&self, entity: fn(u64) -> Entity) -> impl Iterator<Item = String> + '_ {
        let rows = self.rows_of(entity(0));
        (0..rows.slots())
            .filter(move |&slot| rows.is_trashed(slot) && self.shows(entity(slot)))
            .map(|slot| rows.id(slot).to_string())
    }
}
