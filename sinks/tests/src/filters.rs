//! What a copy has of a site if filters select a part of it: every filter alone, and in pairs, while
//! the site changes and filters do. What should be there is computed from the site alone.

use std::collections::{BTreeMap, BTreeSet};

use sync::{Filters, RunOutcome, Selection, SyncReport, SyncRequest};

use crate::runs::{SiteCopy, random};
use crate::site::key;
use crate::wiki::{Attachment, Content, State, Wiki, attachment_key, instant};

/// Makes tests of what a copy with filters has to pass.
#[macro_export]
macro_rules! filter_tests {
    ($copy:ty) => {
        $crate::filter_tests!($copy:
            each_filter_alone_copies_what_the_site_has_for_it
            filters_in_pairs_copy_what_the_site_has_for_both
            a_page_that_moves_into_a_tree_comes_in_with_all_below_it_and_leaves_with_them
            narrowing_marks_rows_until_filters_are_applied
            widening_reads_what_is_new_and_nothing_else_again
            rows_that_leave_the_scope_and_come_back_count_once_and_in_their_stream
            content_before_an_anchor_date_is_loaded_once_it_is_edited
            filters_that_are_wrong_are_refused_before_any_request
            filters_that_change_while_little_is_due_end_up_right
            what_a_kind_that_was_off_brings_back_is_complete_before_it_is_due
        );
    };
    ($copy:ty: $($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                if <$copy as $crate::SiteCopy>::can_be_tested() {
                    $crate::filters::$name::<$copy>().await;
                }
            }
        )*
    };
}

/// A filter of these tests, as the oracle applies it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    Spaces(Vec<u32>),
    NotSpaces(Vec<u32>),
    Pages(Vec<u32>),
    NotPages(Vec<u32>),
    Posts(Vec<u32>),
    NotPosts(Vec<u32>),
    Labels(Vec<&'static str>),
    NotLabels(Vec<&'static str>),
    ModifiedAfter(i64),
    ModifiedBefore(i64),
    CreatedAfter(i64),
    CreatedBefore(i64),
    Status(&'static str),
    DropArchived,
    Media(Vec<&'static str>),
    NotMedia(Vec<&'static str>),
    MaxSize(i64),
    Kinds(Vec<&'static str>),
}

impl Wanted {
    fn put(&self, filters: &mut Filters) {
        let ids = |ids: &[u32], sign: &str| -> Vec<String> {
            ids.iter().map(|id| format!("{sign}{}", key(*id))).collect()
        };
        let words = |words: &[&str], sign: &str| -> Vec<String> {
            words.iter().map(|word| format!("{sign}{word}")).collect()
        };
        let add = |to: &mut Selection, more: Vec<String>| {
            let before: Vec<String> = to
                .only()
                .map(str::to_owned)
                .chain(to.not().map(|it| format!("!{it}")))
                .collect();
            *to = before.into_iter().chain(more).collect();
        };
        let at = |minutes: &i64| Some(instant(*minutes).parse().unwrap());
        match self {
            Self::Spaces(spaces) => add(&mut filters.spaces, ids(spaces, "")),
            // By key, for a change.
            Self::NotSpaces(spaces) => {
                let keys = spaces.iter().map(|id| format!("!S{id}")).collect();
                add(&mut filters.spaces, keys);
            }
            Self::Pages(pages) => add(&mut filters.pages, ids(pages, "")),
            Self::NotPages(pages) => add(&mut filters.pages, ids(pages, "!")),
            Self::Posts(posts) => add(&mut filters.blog_posts, ids(posts, "")),
            Self::NotPosts(posts) => add(&mut filters.blog_posts, ids(posts, "!")),
            Self::Labels(labels) => add(&mut filters.labels, words(labels, "")),
            Self::NotLabels(labels) => add(&mut filters.labels, words(labels, "!")),
            Self::ModifiedAfter(minutes) => filters.modified_after = at(minutes),
            Self::ModifiedBefore(minutes) => filters.modified_before = at(minutes),
            Self::CreatedAfter(minutes) => filters.created_after = at(minutes),
            Self::CreatedBefore(minutes) => filters.created_before = at(minutes),
            Self::Status(status) => filters.statuses = vec![(*status).to_owned()],
            Self::DropArchived => filters.archived = sync::Archived::Drop,
            Self::Media(types) => add(&mut filters.media_types, words(types, "")),
            Self::NotMedia(types) => add(&mut filters.media_types, words(types, "!")),
            Self::Kinds(kinds) => add(&mut filters.kinds, words(kinds, "")),
            Self::MaxSize(size) => {
                filters.max_attachment_size = Some(size.to_string().parse().unwrap());
            }
        }
    }

    /// Whether two of them cannot be together.
    fn contradicts(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
            || matches!(
                (self, other),
                (Self::DropArchived, Self::Status(_)) | (Self::Status(_), Self::DropArchived)
            )
            || self.selects_what_is_off(other)
            || other.selects_what_is_off(self)
    }

    /// Whether it selects content by id of a kind that the other one switches off.
    fn selects_what_is_off(&self, other: &Self) -> bool {
        match self {
            Self::Pages(_) => !other.has_kind("pages"),
            Self::Posts(_) => !other.has_kind("blog-posts"),
            _ => false,
        }
    }

    fn has_kind(&self, kind: &str) -> bool {
        let Self::Kinds(kinds) = self else {
            return true;
        };
        let is =
            |name: &str| name == kind || name == "attachments" && kind.ends_with("-attachments");
        let mut excluded = kinds.iter().filter_map(|it| it.strip_prefix('!'));
        let mut only = kinds.iter().filter(|it| !it.starts_with('!')).peekable();
        (only.peek().is_none() || only.any(|it| is(it))) && !excluded.any(is)
    }

    fn admits(&self, state: &State, id: u32, it: &Content) -> bool {
        let has = |label: &&str| it.labels.contains(*label);
        match self {
            Self::Spaces(spaces) => spaces.contains(&it.space),
            Self::NotSpaces(spaces) => !spaces.contains(&it.space),
            Self::Pages(pages) => {
                it.is_page && above(state, id).iter().any(|up| pages.contains(up))
            }
            Self::NotPages(pages) => {
                !it.is_page || !above(state, id).iter().any(|up| pages.contains(up))
            }
            Self::Posts(posts) => posts.contains(&id),
            Self::NotPosts(posts) => it.is_page || !posts.contains(&id),
            Self::Labels(labels) => labels.iter().any(has),
            Self::NotLabels(labels) => !labels.iter().any(has),
            Self::ModifiedAfter(minutes) => it.modified >= *minutes,
            Self::ModifiedBefore(minutes) => it.modified < *minutes,
            Self::CreatedAfter(minutes) => it.created >= *minutes,
            Self::CreatedBefore(minutes) => it.created < *minutes,
            Self::Status(status) => it.is_archived == (*status == "archived"),
            Self::DropArchived => !it.is_archived,
            Self::Media(_) | Self::NotMedia(_) | Self::MaxSize(_) => true,
            Self::Kinds(_) => self.has_kind(if it.is_page { "pages" } else { "blog-posts" }),
        }
    }

    fn admits_file(&self, state: &State, it: &Attachment) -> bool {
        let is = |pattern: &&str| {
            it.media_type == *pattern
                || *pattern == "image/*" && it.media_type.starts_with("image/")
        };
        match self {
            Self::Media(types) => types.iter().any(is),
            Self::NotMedia(types) => !types.iter().any(is),
            Self::MaxSize(size) => it.size <= *size,
            Self::Kinds(_) if state.content[&it.on].is_page => self.has_kind("page-attachments"),
            Self::Kinds(_) => self.has_kind("blog-post-attachments"),
            _ => true,
        }
    }
}

/// A page and all that it is below.
fn above(state: &State, id: u32) -> Vec<u32> {
    let mut all = vec![id];
    while let Some(parent) = state.content[all.last().unwrap()].parent {
        all.push(parent);
    }
    all
}

/// What a copy should have: keys, and for content its version.
#[derive(Debug, Default, PartialEq, Eq)]
struct Expected {
    rows: BTreeMap<&'static str, BTreeMap<String, String>>,
    content: BTreeSet<u32>,
}

const STREAMS: [(&str, &str); 7] = [
    ("spaces", "key"),
    ("pages", "body"),
    ("blog_posts", "body"),
    ("page_labels", "name"),
    ("blog_post_labels", "name"),
    ("attachments", "media_type"),
    ("comments", "body"),
];

fn expected(state: &State, wanted: &[Wanted]) -> Expected {
    let mut expected = Expected::default();
    for (stream, _) in STREAMS {
        expected.rows.insert(stream, BTreeMap::new());
    }
    let mut put = |stream: &'static str, key: String, value: String| {
        expected.rows.get_mut(stream).unwrap().insert(key, value);
    };
    for (id, name) in &state.spaces {
        let is_in = wanted.iter().all(|filter| match filter {
            Wanted::Spaces(spaces) => spaces.contains(id),
            Wanted::NotSpaces(spaces) => !spaces.contains(id),
            _ => true,
        });
        if is_in {
            put("spaces", key(*id), name.clone());
        }
    }
    // A selection of pages is one without blog posts, unless it has some, and the reverse.
    let has_posts = wanted.iter().any(|it| matches!(it, Wanted::Posts(_)));
    let has_pages = wanted.iter().any(|it| matches!(it, Wanted::Pages(_)));
    let mut content = BTreeSet::new();
    for (id, it) in &state.content {
        let admits = |filter: &Wanted| match filter {
            Wanted::Pages(_) if !it.is_page => has_posts,
            Wanted::Posts(_) if it.is_page => has_pages,
            other => other.admits(state, *id, it),
        };
        if it.is_trashed || !wanted.iter().all(admits) {
            continue;
        }
        content.insert(*id);
        let (stream, labels) = if it.is_page {
            ("pages", "page_labels")
        } else {
            ("blog_posts", "blog_post_labels")
        };
        put(stream, key(*id), it.text(*id));
        for label in &it.labels {
            put(labels, format!("{}/{label}", key(*id)), label.clone());
        }
    }
    for (id, it) in &state.attachments {
        if content.contains(&it.on) && wanted.iter().all(|filter| filter.admits_file(state, it)) {
            put("attachments", attachment_key(*id), it.media_type.to_owned());
        }
    }
    for (id, on) in &state.comments {
        if content.contains(on) {
            put("comments", key(*id), format!("comment {id}"));
        }
    }
    expected.content = content;
    expected
}

fn content(is_page: bool, space: u32, parent: Option<u32>, now: i64) -> Content {
    Content {
        is_page,
        space,
        parent,
        is_archived: false,
        is_trashed: false,
        created: now,
        modified: now,
        version: 1,
        labels: BTreeSet::new(),
    }
}

/// Three spaces. In each of the first two a tree of pages and two blog posts.
pub(crate) fn wiki() -> Wiki {
    let wiki = Wiki::default();
    {
        let mut state = wiki.0.lock().unwrap();
        state.has_index = true;
        for space in 1..=3 {
            state.spaces.insert(space, format!("S{space}"));
        }
        // 11 is above 12 to 14, 14 above 15 and 16; 21 above 22 to 24, 24 above 25 and 26.
        for space in 1..=2 {
            let first = space * 10 + 1;
            for id in first..first + 6 {
                let parent = match id - first {
                    0 => None,
                    1..=3 => Some(first),
                    _ => Some(first + 3),
                };
                state.now += 1;
                let page = content(true, space, parent, state.now);
                state.content.insert(id, page);
            }
            for id in [100 + space * 10, 101 + space * 10] {
                state.now += 1;
                let post = content(false, space, None, state.now);
                state.content.insert(id, post);
            }
        }
        let ids: Vec<u32> = state.content.keys().copied().collect();
        for (place, id) in ids.into_iter().enumerate() {
            let labels = &mut state.content.get_mut(&id).unwrap().labels;
            if place % 2 == 0 {
                labels.insert("even".to_owned());
            }
            if place % 3 == 0 {
                labels.insert("third".to_owned());
            }
            let media = ["image/png", "application/pdf", "video/mp4"][place % 3];
            let file = Attachment {
                on: id,
                media_type: media,
                size: 100 * place as i64,
            };
            state.attachments.insert(1_000 + id, file);
            state.comments.insert(2_000 + id, id);
        }
    }
    wiki
}

fn all_filters() -> Vec<Wanted> {
    vec![
        Wanted::Spaces(vec![1]),
        Wanted::Spaces(vec![1, 3]),
        Wanted::NotSpaces(vec![2]),
        Wanted::Pages(vec![14]),
        Wanted::Pages(vec![12, 21]),
        Wanted::NotPages(vec![24]),
        Wanted::Posts(vec![110, 121]),
        Wanted::NotPosts(vec![111]),
        Wanted::Labels(vec!["even"]),
        Wanted::NotLabels(vec!["third"]),
        Wanted::ModifiedAfter(8),
        Wanted::ModifiedBefore(40),
        Wanted::CreatedAfter(5),
        Wanted::CreatedBefore(12),
        Wanted::Status("current"),
        Wanted::DropArchived,
        Wanted::Media(vec!["image/*"]),
        Wanted::NotMedia(vec!["application/pdf"]),
        Wanted::MaxSize(700),
        Wanted::Kinds(vec!["!blog-posts"]),
        Wanted::Kinds(vec!["blog-posts", "attachments"]),
        Wanted::Kinds(vec!["!page-attachments"]),
        Wanted::Kinds(vec!["pages"]),
    ]
}

fn request(wanted: &[Wanted]) -> SyncRequest {
    let mut request = SyncRequest::default();
    request.bodies = Some("storage".to_owned());
    request.cadences.details = 0;
    request.at_once = 2;
    for filter in wanted {
        filter.put(&mut request.filters);
    }
    request
}

async fn run_with(wiki: &Wiki, copy: &impl SiteCopy, request: &SyncRequest) -> SyncReport {
    wiki.0.lock().unwrap().forget_requests();
    let mut sink = copy.sink().await;
    sync::sync(wiki, sink.as_mut(), request, &|| 0, &mut |_| ())
        .await
        .unwrap()
}

async fn run(wiki: &Wiki, copy: &impl SiteCopy, wanted: &[Wanted]) -> SyncReport {
    run_with(wiki, copy, &request(wanted)).await
}

/// Runs until deletions are confirmed.
async fn settled(wiki: &Wiki, copy: &impl SiteCopy, wanted: &[Wanted], what: &str) {
    for round in 0..3 {
        let report = run(wiki, copy, wanted).await;
        // Whatever else there is to do, no body of what is excluded was sent, and nothing of it was
        // asked for by id.
        check_requests(wiki, wanted, &format!("{what}, round {round}"));
        wiki.0.lock().unwrap().now += 11;
        let mut sink = copy.sink().await;
        for (stream, _) in STREAMS {
            sink.approve(stream, 0).await.unwrap();
        }
        if round == 2 {
            assert_eq!(report.outcome, RunOutcome::Complete, "{what}: {report:?}");
        }
    }
}

fn check_requests(wiki: &Wiki, wanted: &[Wanted], what: &str) {
    let state = wiki.0.lock().unwrap();
    let expected = expected(&state, wanted);
    let bodies: Vec<u32> = state
        .bodies
        .difference(&expected.content)
        .copied()
        .collect();
    let trashed = |id: &&u32| !state.content[id].is_trashed;
    let bodies: Vec<&u32> = bodies.iter().filter(trashed).collect();
    assert!(bodies.is_empty(), "{what}: bodies of {bodies:?}");
    // To know whether labels admit content, they have to be asked for.
    let without_labels: Vec<Wanted> = wanted
        .iter()
        .filter(|filter| !matches!(filter, Wanted::Labels(_) | Wanted::NotLabels(_)))
        .cloned()
        .collect();
    let candidates = self::expected(&state, &without_labels).content;
    let labels: Vec<&u32> = state.labels_of.difference(&candidates).collect();
    assert!(labels.is_empty(), "{what}: labels of {labels:?}");
    for space in &state.partitions {
        let is_in = expected.rows["spaces"].contains_key(space);
        assert!(is_in, "{what}: a list of the space {space}");
    }
}

/// Compares a copy with what it should have.
async fn check(wiki: &Wiki, copy: &impl SiteCopy, wanted: &[Wanted], what: &str) {
    let expected = expected(&wiki.0.lock().unwrap(), wanted);
    let statuses = copy.sink().await.streams().await.unwrap();
    for (stream, column) in STREAMS {
        // What was always off has no table.
        if !statuses.iter().any(|status| status.stream == stream) {
            assert!(expected.rows[stream].is_empty(), "{what}: {stream}");
            continue;
        }
        let rows = copy.rows(stream, &["id", column]).await;
        let rows: BTreeMap<String, String> = rows
            .into_iter()
            .map(|row| (row[0].clone(), row[1].clone()))
            .collect();
        assert_eq!(rows, expected.rows[stream], "{what}: {stream}");
    }
    for status in statuses {
        let rows = expected.rows[status.stream.as_str()].len();
        assert_eq!(
            usize::try_from(status.live).unwrap(),
            rows,
            "{what}: {status:?}"
        );
    }
}

async fn apply(copy: &impl SiteCopy) -> u64 {
    let mut sink = copy.sink().await;
    let deleted = sync::apply_filters(sink.as_mut(), 0).await.unwrap();
    deleted.into_iter().map(|(_, rows)| rows).sum()
}

/// Changes the site at random, a few times.
fn mutate(wiki: &Wiki, seed: &mut u64, next: &mut u32) {
    let mut state = wiki.0.lock().unwrap();
    for _ in 0..random(seed) % 6 + 1 {
        state.now += 1;
        let now = state.now;
        let ids: Vec<u32> = state.content.keys().copied().collect();
        let id = ids[random(seed) as usize % ids.len()];
        let other = ids[random(seed) as usize % ids.len()];
        match random(seed) % 10 {
            0 | 1 => {
                let it = state.content.get_mut(&id).unwrap();
                it.version += 1;
                it.modified = now;
            }
            2 | 3 => {
                // A move, to the space of the new parent: not below itself.
                let can = state.content[&id].is_page
                    && state.content[&other].is_page
                    && !state.content[&other].is_trashed
                    && !above(&state, other).contains(&id);
                if can {
                    let space = state.content[&other].space;
                    state.content.get_mut(&id).unwrap().parent = Some(other);
                    for below in ids {
                        if above(&state, below).contains(&id) {
                            state.content.get_mut(&below).unwrap().space = space;
                        }
                    }
                }
            }
            4 | 5 => {
                let label = ["even", "third"][random(seed) as usize % 2];
                let labels = &mut state.content.get_mut(&id).unwrap().labels;
                if !labels.remove(label) {
                    labels.insert(label.to_owned());
                }
            }
            6 => {
                let it = state.content.get_mut(&id).unwrap();
                it.is_archived = it.is_page && !it.is_archived;
            }
            7 => {
                // Only what nothing is below: the site moves children up, or to the trash.
                let has_children = state.content.values().any(|it| it.parent == Some(id));
                let parent = state.content[&id].parent;
                let is_lost = parent.is_some_and(|parent| state.content[&parent].is_trashed);
                let it = state.content.get_mut(&id).unwrap();
                it.is_trashed = !has_children && (!it.is_trashed || is_lost);
            }
            8 => {
                let is_page = !random(seed).is_multiple_of(4);
                let parent = Some(other).filter(|_| is_page && state.content[&other].is_page);
                let parent = parent.filter(|it| !state.content[it].is_trashed);
                let space = parent.map_or(1, |it| state.content[&it].space);
                state
                    .content
                    .insert(*next, content(is_page, space, parent, now));
                *next += 1;
            }
            _ => {
                let file = Attachment {
                    on: id,
                    media_type: ["image/png", "application/pdf"][random(seed) as usize % 2],
                    size: i64::try_from(random(seed) % 1_500).unwrap(),
                };
                state.attachments.insert(1_000 + *next, file);
                state.comments.insert(2_000 + *next, other);
                *next += 1;
            }
        }
    }
}

async fn phases<C: SiteCopy>(phases: &[Vec<Wanted>], seed: &mut u64) {
    let (copy, wiki) = (C::new().await, wiki());
    let mut next = 300;
    wiki.0.lock().unwrap().has_index = random(seed).is_multiple_of(2);
    for (place, wanted) in phases.iter().enumerate() {
        let what = format!("phase {place} of {phases:?}");
        settled(&wiki, &copy, wanted, &what).await;
        if !C::MARKS {
            apply(&copy).await;
        }
        check(&wiki, &copy, wanted, &what).await;
        mutate(&wiki, seed, &mut next);
        settled(&wiki, &copy, wanted, &format!("changed {what}")).await;
        if !C::MARKS || random(seed).is_multiple_of(3) {
            apply(&copy).await;
        }
        check(&wiki, &copy, wanted, &format!("changed {what}")).await;
    }
}

/// See its name.
pub async fn each_filter_alone_copies_what_the_site_has_for_it<C: SiteCopy>() {
    for (place, filter) in all_filters().into_iter().enumerate() {
        if !place.is_multiple_of(C::CASES) {
            continue;
        }
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(place as u64 + 1) | 1;
        // From all to a part and back, and the reverse.
        phases::<C>(&[vec![filter.clone()], Vec::new(), vec![filter]], &mut seed).await;
    }
}

/// See its name.
pub async fn filters_in_pairs_copy_what_the_site_has_for_both<C: SiteCopy>() {
    let all = all_filters();
    let pairs: Vec<(Wanted, Wanted)> = all
        .iter()
        .enumerate()
        .flat_map(|(place, one)| {
            let others = all[place + 1..].iter();
            others.map(move |other| (one.clone(), other.clone()))
        })
        .filter(|(one, other)| !one.contradicts(other))
        .collect();
    // Each pair has 18 runs; a test takes a part of them, and all if it is told so.
    let part = std::env::var("SYNC_PAIRS").map_or(8 * C::CASES, |part| part.parse().unwrap());
    for (place, (one, other)) in pairs.into_iter().enumerate() {
        if !place.is_multiple_of(part) {
            continue;
        }
        let mut seed = 0xd1b5_4a32_d192_ed03_u64.wrapping_mul(place as u64 + 1) | 1;
        let both = vec![one.clone(), other.clone()];
        phases::<C>(&[both, vec![other], vec![one]], &mut seed).await;
    }
}

/// See its name.
pub async fn a_page_that_moves_into_a_tree_comes_in_with_all_below_it_and_leaves_with_them<
    C: SiteCopy,
>() {
    let (copy, wiki) = (C::new().await, wiki());
    let wanted = [Wanted::Pages(vec![21])];
    let rescoped = async |what: &str| {
        let report = run(&wiki, &copy, &wanted).await;
        check_requests(&wiki, &wanted, what);
        apply(&copy).await;
        check(&wiki, &copy, &wanted, what).await;
        report
    };
    rescoped("at first").await;
    let move_to = |parent: u32, space: u32| {
        let mut state = wiki.0.lock().unwrap();
        state.content.get_mut(&14).unwrap().parent = Some(parent);
        for id in [14, 15, 16] {
            state.content.get_mut(&id).unwrap().space = space;
        }
    };
    // Nothing of them has a new version: only their places differ, and of two not even that.
    move_to(22, 2);
    let moved = rescoped("moved into it").await;
    let new = |report: &SyncReport| -> Vec<(String, u64)> {
        let streams = report.streams.iter();
        streams
            .filter(|it| it.counts.inserted > 0)
            .map(|it| (it.stream.clone(), it.counts.inserted))
            .collect()
    };
    let pages = new(&moved).into_iter().find(|(name, _)| name == "pages");
    assert_eq!(pages, Some(("pages".to_owned(), 3)));
    move_to(11, 1);
    let left = rescoped("moved out of it").await;
    // Three pages, with their labels, files and comments.
    let left: u64 = left.streams.iter().map(|it| it.counts.left).sum();
    assert!(left >= 9, "{left}");
}

/// See its name.
pub async fn narrowing_marks_rows_until_filters_are_applied<C: SiteCopy>() {
    let (copy, wiki) = (C::new().await, wiki());
    run(&wiki, &copy, &[]).await;
    let all = copy.rows("pages", &["id"]).await.len();
    let wanted = [Wanted::Spaces(vec![1])];
    run(&wiki, &copy, &wanted).await;
    check_requests(&wiki, &wanted, "narrowed");
    let marked = |streams: Vec<sync::StreamStatus>| -> i64 {
        streams.iter().map(|status| status.filtered).sum()
    };
    let filtered = marked(copy.sink().await.streams().await.unwrap());
    assert!(filtered > 0);
    // What belongs to rows that have left is not kept current, and does not count as read.
    let pages = copy.sink().await.registered("pages").await.unwrap();
    let inside = pages.into_iter().filter(|page| page.is_inside);
    let inside: BTreeSet<String> = inside.map(|page| page.key).collect();
    let read = copy.sink().await.reads("page_labels", "").await.unwrap();
    let read: BTreeSet<String> = read.into_iter().map(|(page, _)| page).collect();
    assert_eq!(read, inside);
    assert!(copy.tombstones("pages").await.is_empty());
    if C::MARKS {
        check(&wiki, &copy, &wanted, "narrowed").await;
    } else {
        assert_eq!(copy.rows("pages", &["id"]).await.len(), all);
    }
    let deleted = apply(&copy).await;
    assert_eq!(i64::try_from(deleted).unwrap(), filtered);
    check(&wiki, &copy, &wanted, "applied").await;
    let reasons: BTreeSet<String> = copy.tombstones("pages").await.into_values().collect();
    assert_eq!(reasons, BTreeSet::from(["filtered".to_owned()]));
    assert_eq!(apply(&copy).await, 0);
    assert_eq!(marked(copy.sink().await.streams().await.unwrap()), 0);
    // Another run changes nothing, and a run without filters brings everything back.
    let again = run(&wiki, &copy, &wanted).await;
    let changed: u64 = again
        .streams
        .iter()
        .map(|it| it.counts.inserted + it.counts.updated + it.counts.deleted + it.counts.left)
        .sum();
    assert_eq!(changed, 0, "{again:?}");
    run(&wiki, &copy, &[]).await;
    check(&wiki, &copy, &[], "widened").await;
}

/// See its name.
pub async fn widening_reads_what_is_new_and_nothing_else_again<C: SiteCopy>() {
    for (narrow, wide) in [
        (
            vec![Wanted::Spaces(vec![1])],
            vec![Wanted::Spaces(vec![1, 2])],
        ),
        (vec![Wanted::Spaces(vec![1])], vec![]),
        (vec![Wanted::NotSpaces(vec![2])], vec![]),
        (vec![Wanted::Pages(vec![14])], vec![Wanted::Pages(vec![11])]),
        (
            vec![Wanted::ModifiedAfter(8)],
            vec![Wanted::ModifiedAfter(2)],
        ),
        (vec![Wanted::Labels(vec!["even"])], vec![]),
    ] {
        let (copy, wiki) = (C::new().await, wiki());
        let what = format!("{narrow:?} to {wide:?}");
        run(&wiki, &copy, &narrow).await;
        let before = expected(&wiki.0.lock().unwrap(), &narrow).content;
        run(&wiki, &copy, &wide).await;
        check(&wiki, &copy, &wide, &what).await;
        let again: Vec<u32> = {
            let state = wiki.0.lock().unwrap();
            let read = state.bodies.difference(&state.changes);
            read.filter(|id| before.contains(id)).copied().collect()
        };
        assert!(
            again.is_empty(),
            "{what}: bodies of {again:?} were read again"
        );
    }
}

/// What a run has done to rows of each stream: new, changed, deleted and filtered ones. It agrees with what the
/// copy has.
async fn counted(
    copy: &impl SiteCopy,
    report: &SyncReport,
    what: &str,
) -> BTreeMap<String, [u64; 4]> {
    let mut counted = BTreeMap::new();
    let statuses = copy.sink().await.streams().await.unwrap();
    for status in statuses {
        let mut reports = report.streams.iter();
        let found = reports.find(|report| report.stream == status.stream);
        let counts = found.map(|report| report.counts).unwrap_or_default();
        let of = [counts.inserted, counts.updated, counts.deleted, counts.left];
        if found.is_some() {
            let live = u64::try_from(status.live).unwrap();
            assert_eq!(counts.present(), live, "{what}: {}", status.stream);
        }
        counted.insert(status.stream, of);
    }
    counted
}

/// See its name.
pub async fn rows_that_leave_the_scope_and_come_back_count_once_and_in_their_stream<C: SiteCopy>() {
    for wanted in [
        Wanted::Spaces(vec![1]),
        Wanted::Pages(vec![14]),
        Wanted::Labels(vec!["even"]),
        Wanted::ModifiedAfter(8),
        Wanted::Media(vec!["image/*"]),
        Wanted::Kinds(vec!["pages"]),
    ] {
        let (copy, wiki) = (C::new().await, wiki());
        let what = format!("{wanted:?}");
        let narrow = [wanted];
        run(&wiki, &copy, &[]).await;
        let report = run(&wiki, &copy, &narrow).await;
        let left = counted(&copy, &report, &what).await;
        let statuses = copy.sink().await.streams().await.unwrap();
        let filtered: BTreeMap<String, u64> = statuses
            .into_iter()
            .map(|status| (status.stream, u64::try_from(status.filtered).unwrap()))
            .collect();
        assert!(filtered.values().sum::<u64>() > 0, "{what}");
        for (stream, counts) in left {
            let expected = [0, 0, 0, filtered[&stream]];
            assert_eq!(counts, expected, "{what}: {stream} leaves");
        }
        let report = run(&wiki, &copy, &[]).await;
        for (stream, counts) in counted(&copy, &report, &what).await {
            let expected = [0, filtered[&stream], 0, 0];
            assert_eq!(counts, expected, "{what}: {stream} comes back");
        }
        run(&wiki, &copy, &narrow).await;
        apply(&copy).await;
        let report = run(&wiki, &copy, &[]).await;
        for (stream, counts) in counted(&copy, &report, &what).await {
            let expected = [filtered[&stream], 0, 0, 0];
            assert_eq!(counts, expected, "{what}: {stream} is copied again");
        }
    }
}

/// See its name.
pub async fn content_before_an_anchor_date_is_loaded_once_it_is_edited<C: SiteCopy>() {
    let (copy, wiki) = (C::new().await, wiki());
    let mut anchored = request(&[]);
    anchored.filters.anchor_date = instant(8).parse().unwrap();
    let ids = async || -> BTreeSet<u32> {
        let rows = copy.rows("pages", &["id"]).await;
        rows.iter().map(|row| row[0].parse().unwrap()).collect()
    };
    run_with(&wiki, &copy, &anchored).await;
    assert_eq!(ids().await, BTreeSet::from_iter(21..=26));
    let labels = copy.rows("page_labels", &["id"]).await;
    assert!(
        labels.iter().all(|row| row[0].starts_with("00002")),
        "{labels:?}"
    );
    {
        let mut state = wiki.0.lock().unwrap();
        let now = state.now + 1;
        let page = state.content.get_mut(&12).unwrap();
        page.version = 2;
        page.modified = now;
    }
    run_with(&wiki, &copy, &anchored).await;
    let mut expected = BTreeSet::from_iter(21..=26);
    expected.insert(12);
    assert_eq!(ids().await, expected);
    // What was loaded stays when the date moves on.
    anchored.filters.anchor_date = instant(100_000).parse().unwrap();
    run_with(&wiki, &copy, &anchored).await;
    assert_eq!(ids().await, expected);
    anchored.filters.anchor_date = "none".parse().unwrap();
    run_with(&wiki, &copy, &anchored).await;
    check(&wiki, &copy, &[], "without an anchor").await;
    // Days are counted by the clock of the site.
    let (copy, mut look_back) = (C::new().await, request(&[]));
    look_back.filters.look_back_days = Some(1);
    wiki.0.lock().unwrap().now += 1_440;
    run_with(&wiki, &copy, &look_back).await;
    let rows = copy.rows("pages", &["id"]).await;
    assert!(rows.len() < 12, "{rows:?}");
}

/// See its name.
pub async fn filters_that_are_wrong_are_refused_before_any_request<C: SiteCopy>() {
    let (copy, wiki) = (C::new().await, wiki());
    let list = |entries: &[&str]| entries.iter().copied().collect::<Selection>();
    let wrong: Vec<(&str, Filters)> = vec![
        (
            "`1` and `!1`",
            Filters {
                spaces: list(&["1", "!1"]),
                ..Filters::default()
            },
        ),
        (
            "empty entry",
            Filters {
                labels: list(&["a", ""]),
                ..Filters::default()
            },
        ),
        (
            "not an id",
            Filters {
                pages: list(&["abc"]),
                ..Filters::default()
            },
        ),
        (
            "not a media type",
            Filters {
                media_types: list(&["png"]),
                ..Filters::default()
            },
        ),
        (
            "not a status",
            Filters {
                statuses: vec!["curent".to_owned()],
                ..Filters::default()
            },
        ),
        (
            "not before",
            Filters {
                modified_after: Some("2026-02-01".parse().unwrap()),
                modified_before: Some("2026-01-01".parse().unwrap()),
                ..Filters::default()
            },
        ),
        (
            "at least 1",
            Filters {
                look_back_days: Some(0),
                ..Filters::default()
            },
        ),
        (
            "exclude each other",
            Filters {
                look_back_days: Some(3),
                anchor_date: "2026-01-01".parse().unwrap(),
                ..Filters::default()
            },
        ),
        (
            "`archived` is `drop`",
            Filters {
                statuses: vec!["archived".to_owned()],
                archived: sync::Archived::Drop,
                ..Filters::default()
            },
        ),
    ];
    for (says, filters) in wrong {
        let mut request = request(&[]);
        request.filters = filters;
        let mut sink = copy.sink().await;
        let refused = sync::sync(&wiki, sink.as_mut(), &request, &|| 0, &mut |_| ()).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(says), "{refused}");
    }
    assert_eq!(wiki.0.lock().unwrap().requests, 0);
    // What only the site knows is asked of it, and nothing else is.
    for spaces in [vec!["S9"], vec!["!S1", "!S2", "!S3"]] {
        let mut request = request(&[]);
        request.filters.spaces = spaces.into_iter().collect();
        let mut sink = copy.sink().await;
        let refused = sync::sync(&wiki, sink.as_mut(), &request, &|| 0, &mut |_| ()).await;
        refused.unwrap_err();
    }
    assert_eq!(wiki.0.lock().unwrap().requests, 2);
}

/// See its name.
pub async fn filters_that_change_while_little_is_due_end_up_right<C: SiteCopy>() {
    let (copy, wiki) = (C::new().await, wiki());
    let mut seed = 0x2545_f491_4f6c_dd1d;
    let mut next = 300;
    let all = all_filters();
    for round in 0..10 {
        let wanted = vec![all[random(&mut seed) as usize % all.len()].clone()];
        // A run in which nothing but changes is due, with filters that may be new.
        let mut rare = request(&wanted);
        rare.cadences.census = i64::MAX;
        rare.cadences.details = i64::MAX;
        run_with(&wiki, &copy, &rare).await;
        check_requests(&wiki, &wanted, "with raised cadences");
        mutate(&wiki, &mut seed, &mut next);
        run_with(&wiki, &copy, &rare).await;
        check_requests(&wiki, &wanted, "with raised cadences");
        let what = format!("round {round}, {wanted:?}");
        settled(&wiki, &copy, &wanted, &what).await;
        apply(&copy).await;
        check(&wiki, &copy, &wanted, &what).await;
    }
}

/// See its name.
pub async fn what_a_kind_that_was_off_brings_back_is_complete_before_it_is_due<C: SiteCopy>() {
    let off = [Wanted::Kinds(vec!["!pages"])];
    for is_applied in [false, true] {
        let (copy, wiki) = (C::new().await, wiki());
        let run = async |wanted: &[Wanted]| {
            let mut request = request(wanted);
            request.cadences.details = 24 * 60 * 60 * 1_000;
            let report = run_with(&wiki, &copy, &request).await;
            assert_eq!(report.outcome, RunOutcome::Complete, "{report:?}");
        };
        run(&[]).await;
        check(&wiki, &copy, &[], "at first").await;
        run(&off).await;
        if is_applied || !C::MARKS {
            apply(&copy).await;
        }
        check(&wiki, &copy, &off, "without pages").await;
        run(&[]).await;
        check(
            &wiki,
            &copy,
            &[],
            &format!("with them, applied: {is_applied}"),
        )
        .await;
    }
}
