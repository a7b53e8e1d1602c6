//! What filters say of rows in a run.

use std::collections::{BTreeSet, HashMap, HashSet};

use source::{Batch, Pass, Stream, SystemColumn};

use super::content::{self, BLOG_POST_ID, CHILD, FILE_SIZE, FILES, MEDIA_TYPE, PAGE_ID, PAGES};
use crate::admission::{Admission, Admitted};
use crate::clock::Millis;
use crate::filter::{Facts, FilterError, Filters, KnownLabels, Tree};
use crate::sink::Registered;
use crate::spaces::{NoSuchSpace, SPACES, Spaces};

/// More spaces than this are not read one by one: most of them are small, and a request for each
/// costs more than a list of everything without bodies.
const MAX_PARTITIONS: usize = 250;

/// The spaces of a scope, by id.
#[derive(Debug, Clone, Default)]
pub(super) enum SpaceScope {
    #[default]
    All,
    Only(BTreeSet<String>),
    Not(BTreeSet<String>),
}

impl SpaceScope {
    /// Those that a filter selects of the spaces of a site.
    pub(super) fn of(filters: &Filters, spaces: &Spaces) -> Result<Self, SpaceError> {
        let selection = &filters.spaces;
        let not: BTreeSet<String> = spaces.ids(selection.not())?.into_iter().collect();
        if !selection.has_only() {
            let is_left = spaces.all().any(|id| !not.contains(id));
            return if is_left {
                Ok(Self::Not(not))
            } else {
                Err(FilterError::NoSpaceLeft.into())
            };
        }
        let only = spaces.ids(selection.only())?;
        let only: BTreeSet<String> = only.into_iter().filter(|id| !not.contains(id)).collect();
        if only.is_empty() {
            return Err(FilterError::NoSpaceLeft.into());
        }
        Ok(Self::Only(only))
    }

    /// The spaces that streams are read by, one by one. Empty: all at once.
    pub(super) fn partitions(&self, spaces: &Spaces) -> Vec<String> {
        match self {
            Self::All => Vec::new(),
            Self::Only(only) => only.iter().cloned().collect(),
            Self::Not(not) => {
                let left: Vec<String> = spaces
                    .all()
                    .filter(|id| !not.contains(*id))
                    .map(str::to_owned)
                    .collect();
                if left.len() > MAX_PARTITIONS {
                    Vec::new()
                } else {
                    left
                }
            }
        }
    }

    pub(super) fn admits(&self, space: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Only(only) => space.is_some_and(|space| only.contains(space)),
            Self::Not(not) => space.is_none_or(|space| !not.contains(space)),
        }
    }
}

/// Why spaces cannot be selected.
#[derive(Debug)]
pub(super) enum SpaceError {
    NoSuchSpace(NoSuchSpace),
    Filter(FilterError),
}

impl From<NoSuchSpace> for SpaceError {
    fn from(error: NoSuchSpace) -> Self {
        Self::NoSuchSpace(error)
    }
}

impl From<FilterError> for SpaceError {
    fn from(error: FilterError) -> Self {
        Self::Filter(error)
    }
}

/// A piece of content, and what filters look at.
pub(super) struct Content {
    pub(super) known: Registered,
    pub(super) facts: Option<Facts>,
    pub(super) labels: Option<KnownLabels>,
}

impl Content {
    pub(super) fn of(known: Registered) -> Self {
        Self {
            facts: known.facts.as_deref().and_then(Facts::read),
            labels: known.labels.as_deref().and_then(KnownLabels::read),
            known,
        }
    }
}

/// What filters say of what is due.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct DueScope {
    looks_into_content: bool,
    /// Whether lists have rows of spaces that are excluded.
    is_of_several_spaces: bool,
    may_move_keys: bool,
    /// Whether filters are others than those of the last complete run.
    pub(super) has_changed: bool,
}

impl DueScope {
    /// That of filters before a run. `has_outside`: the copy has rows that are out of scope.
    pub(super) fn planned(filters: &Filters, has_changed: bool, has_outside: bool) -> Self {
        Self {
            looks_into_content: filters.look_into_content(),
            is_of_several_spaces: false,
            may_move_keys: !filters.is_empty() || has_outside,
            has_changed,
        }
    }

    /// Whether a stream is listed without bodies and then decided.
    pub(super) fn decides(self, stream: &Stream) -> bool {
        content::is_content(&stream.name)
            && stream.has(Pass::LookUp)
            && (self.looks_into_content || self.is_of_several_spaces)
    }

    /// Whether keys of a stream may have to enter or leave.
    pub(super) fn settles(self, stream: &Stream) -> bool {
        content::is_content(&stream.name) && self.may_move_keys
    }
}

/// What filters say of rows in a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub(super) filters: Filters,
    pub(super) spaces: SpaceScope,
    /// Whether streams are read by space.
    pub(super) has_partitions: bool,
    /// Whether the copy has keys that are out of scope.
    pub(super) has_outside: bool,
    /// Whether filters are others than those of the last complete run.
    pub(super) has_changed: bool,
    /// The keys in scope of streams that others follow.
    inside: HashMap<String, HashSet<String>>,
    /// The keys of pages that are out of scope, and that pages in scope are below.
    above: HashSet<String>,
}

impl Scope {
    pub(super) fn of(filters: &Filters) -> Self {
        Self {
            filters: filters.clone(),
            ..Self::default()
        }
    }

    /// Whether any row can be held back.
    pub(super) fn is_active(&self) -> bool {
        !self.filters.is_empty()
    }

    /// Whether content is read before what follows it.
    pub(super) fn orders(&self) -> bool {
        self.is_active() || self.has_outside
    }

    /// Whether content can be held back.
    pub(super) fn is_of_content(&self) -> bool {
        let kinds = self.filters.kinds();
        !matches!(self.spaces, SpaceScope::All)
            || self.filters.look_into_content()
            || !kinds.has("pages")
            || !kinds.has("blog-posts")
    }

    /// What it says of what is due.
    pub(super) fn due(&self) -> DueScope {
        DueScope {
            looks_into_content: self.filters.look_into_content(),
            is_of_several_spaces: !matches!(self.spaces, SpaceScope::All) && !self.has_partitions,
            may_move_keys: self.is_active() || self.has_outside,
            has_changed: self.has_changed,
        }
    }

    /// Whether a stream is listed without bodies and then decided.
    pub(super) fn decides(&self, stream: &Stream) -> bool {
        self.due().decides(stream)
    }

    /// Whether keys of a stream may have to enter or leave.
    pub(super) fn settles(&self, stream: &Stream) -> bool {
        self.due().settles(stream)
    }

    /// The streams of which keys in scope have to be known before rows of a stream arrive.
    pub(super) fn needed<'a>(&self, stream: &'a Stream) -> Vec<&'a str> {
        let mut needed = if self.follows(stream) {
            content::owners(stream)
        } else if self.decides(stream) {
            vec![stream.name.as_str()]
        } else {
            Vec::new()
        };
        needed.retain(|name| !self.inside.contains_key(*name));
        needed
    }

    /// Whether rows of a stream are held back with what they belong to.
    fn follows(&self, stream: &Stream) -> bool {
        let is_of_files = stream.parents.iter().any(|parent| parent == FILES);
        self.is_of_content() && content::follows_content(stream)
            || self.filters.look_at_files() && is_of_files
    }

    pub(super) fn learn(&mut self, stream: &str, inside: HashSet<String>) {
        self.inside.insert(stream.to_owned(), inside);
    }

    pub(super) fn learn_above(&mut self, above: HashSet<String>) {
        self.above = above;
    }

    /// Whether it counts who may read rows of a parent, by a stream that says so: it is in scope, or what is in
    /// scope is below it.
    pub(super) fn counts(&self, stream: &Stream, key: &str) -> bool {
        !self.is_active()
            || !self.follows(stream)
            || self.above.contains(key)
            || self.inside.values().any(|keys| keys.contains(key))
    }

    pub(super) fn forget(&mut self, stream: &str) {
        self.inside.remove(stream);
    }

    pub(super) fn is_inside(&self, stream: &str, key: &str) -> bool {
        let keys = self.inside.get(stream);
        keys.is_some_and(|keys| keys.contains(key))
    }

    /// What filters say of the rows of a batch. `is_of_parents` if they were read for parents in scope.
    pub(super) fn admit(
        &mut self,
        stream: &Stream,
        batch: &Batch,
        pass: Pass,
        is_of_parents: bool,
    ) -> Vec<Admitted> {
        if !self.is_active() {
            return Vec::new();
        }
        let rows = 0..batch.rows();
        let admitted: Vec<Admitted> = rows
            .map(|row| self.admit_row(stream, batch, row, pass, is_of_parents))
            .collect();
        if let Some(inside) = self.inside.get_mut(&stream.name) {
            for (row, admitted) in admitted.iter().enumerate() {
                if admitted.admission == Admission::Inside
                    && let Some(key) = batch.system(SystemColumn::Key, row)
                {
                    inside.insert(key.to_owned());
                }
            }
        }
        admitted
    }

    fn admit_row(
        &self,
        stream: &Stream,
        batch: &Batch,
        row: usize,
        pass: Pass,
        is_of_parents: bool,
    ) -> Admitted {
        let says = |is_inside| Admitted {
            admission: if is_inside {
                Admission::Inside
            } else {
                Admission::Outside
            },
            facts: None,
        };
        let system = |column: SystemColumn| batch.system(column, row);
        let container = system(SystemColumn::Container);
        if stream.name == SPACES {
            return says(self.spaces.admits(system(SystemColumn::Key)));
        }
        if container.is_some() && !self.spaces.admits(container) {
            return says(false);
        }
        if self.decides(stream) {
            let facts = Facts::of(batch, row);
            let admission = match pass {
                // It was decided by what was listed; what it says of itself now counts as well.
                Pass::LookUp => {
                    let key = system(SystemColumn::Key).unwrap_or_default();
                    let is_inside =
                        self.is_inside(&stream.name, key) && self.filters.admit_facts(&facts);
                    says(is_inside).admission
                }
                _ => Admission::Undecided,
            };
            return Admitted {
                admission,
                facts: Some(facts.write()),
            };
        }
        if stream.name == FILES && self.filters.look_at_files() {
            let (media_type, size) = (batch.text(MEDIA_TYPE, row), batch.integer(FILE_SIZE, row));
            if !self.filters.admit_file(media_type, size) {
                return says(false);
            }
        }
        if stream.name == FILES && !self.filters.kinds.is_empty() {
            let kinds = self.filters.kinds();
            let is_off = |column: &str, is_page| {
                batch.text(column, row).is_some() && !kinds.has_attachments_of(is_page)
            };
            if is_off(PAGE_ID, true) || is_off(BLOG_POST_ID, false) {
                return says(false);
            }
        }
        if is_of_parents || !self.follows(stream) {
            return says(true);
        }
        let owner = batch
            .text(CHILD, row)
            .or_else(|| system(SystemColumn::Parent));
        says(match owner {
            // What is in a space and in no content is no page or blog post that is selected.
            Some(owner) if Some(owner) == container => {
                !self.filters.pages.has_only() && !self.filters.blog_posts.has_only()
            }
            Some(owner) if stream.has(Pass::Access) => self.counts(stream, owner),
            Some(owner) => self.inside.values().any(|keys| keys.contains(owner)),
            None => false,
        })
    }

    /// What filters say of all content of a stream, each piece in the same place. None of what is not
    /// known well enough: it stays as it is.
    pub(super) fn decide(
        &self,
        stream: &str,
        all: &[Content],
        folders: &HashMap<String, Option<String>>,
        anchor: Option<Millis>,
        labels_count: bool,
    ) -> Decided {
        let filters = &self.filters;
        let is_page = stream == PAGES;
        let mut tree = Tree::default();
        let mut decided = Decided::default();
        let places = if is_page && !filters.pages.is_empty() {
            for (folder, parent) in folders {
                tree.add(folder, parent.as_deref());
            }
            for content in all {
                let parent = content.facts.as_ref().and_then(|it| it.parent.as_deref());
                tree.add(&content.known.key, parent);
            }
            tree.places(&filters.pages)
        } else {
            HashMap::new()
        };
        for name in filters.pages.only().chain(filters.pages.not()) {
            if is_page && !tree.has(name) {
                decided.unknown_pages.push(name.to_owned());
            }
        }
        let looks_inside = filters.look_into_content();
        for content in all {
            let Registered {
                key,
                container,
                is_inside,
                is_loaded,
                ..
            } = &content.known;
            let in_space = self.spaces.admits(container.as_deref());
            let Some(facts) = content.facts.as_ref().filter(|_| looks_inside) else {
                let stays = looks_inside.then_some(*is_inside && in_space);
                decided.content.push(stays.unwrap_or(in_space));
                continue;
            };
            let is_selected = if is_page {
                let place = places.get(key.as_str());
                // A selection of blog posts alone is one without pages.
                let is_wanted = filters.pages.has_only() || !filters.blog_posts.has_only();
                if place.is_some_and(|place| !place.is_known) {
                    decided.lost += 1;
                }
                is_wanted && place.is_none_or(|place| place.is_admitted(&filters.pages))
            } else {
                let is_wanted = filters.blog_posts.has_only() || !filters.pages.has_only();
                is_wanted && filters.blog_posts.admits(key)
            };
            // What was loaded stays, however old it gets.
            let is_recent =
                anchor.is_none_or(|anchor| facts.modified.is_some_and(|at| at >= anchor));
            let has_labels = !labels_count || filters.admit_labels(content.labels.as_ref());
            decided.content.push(
                in_space
                    && is_selected
                    && (*is_loaded || is_recent)
                    && filters.admit_facts(facts)
                    && has_labels,
            );
        }
        decided
    }
}

/// What filters say of all content of a stream.
#[derive(Debug, Default)]
pub(super) struct Decided {
    pub(super) content: Vec<bool>,
    /// Pages of the filter that the site does not show.
    pub(super) unknown_pages: Vec<String>,
    /// How many pages there are of which it is not known what they are below.
    pub(super) lost: usize,
}
