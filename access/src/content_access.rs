//! The stream `content_access`: who may read each page and blog post, as layers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use source::{Column, ColumnType, Parent, Pass, Stream};
use sync::{
    Derivation, Derived, DerivedRow, DerivedValue, Input, InputReading, Millis, Stored, View,
};

use crate::decision::layers_of;
use crate::principal::Principal;
use crate::readers;
use crate::reason::Reason;
use crate::report::{self, Report};
use crate::space::{PERMISSION_COLUMNS, PERMISSIONS, ROLE_COLUMNS, ROLES, SPACES, Spaces};
use crate::tree::{
    BLOG_POST_COLUMNS, BLOG_POSTS, CONTAINERS, FOLDERS, Node, PAGE_COLUMNS, PAGES, Tree,
};

/// The name of the stream.
pub const CONTENT_ACCESS: &str = "content_access";

const RESTRICTIONS: &str = "content_restrictions";
const GROUPS: &str = "groups";
const RESTRICTION_COLUMNS: &[&str] = &["content_id", "operation", "principal_type", "principal_id"];

/// Places of its columns, for rows that are read back.
const STATE: usize = 3;
const LAYERS: usize = 5;
const ORIGINS: usize = 6;
const CONTENT_HASH: usize = 8;
const PLACE: usize = 9;
const PLACED_AT: usize = 10;

/// What changes although nothing about the access does.
const AGES: &[&str] = &["computed_at", "oldest_input_at"];

const fn input(
    stream: &'static str,
    columns: &'static [&'static str],
    reading: InputReading,
) -> Input {
    Input {
        stream,
        columns,
        reading,
    }
}

const INPUTS: &[Input] = &[
    input(SPACES, &[], InputReading::Beside),
    input(PAGES, PAGE_COLUMNS, InputReading::Stream),
    input(BLOG_POSTS, BLOG_POST_COLUMNS, InputReading::Stream),
    input(FOLDERS, PAGE_COLUMNS, InputReading::LookUp),
    input(RESTRICTIONS, RESTRICTION_COLUMNS, InputReading::Stream),
    input(PERMISSIONS, PERMISSION_COLUMNS, InputReading::Stream),
    input(ROLES, ROLE_COLUMNS, InputReading::Stream),
    input(GROUPS, &[], InputReading::Stream),
    input(
        report::MEMBERS,
        report::MEMBER_COLUMNS,
        InputReading::Stream,
    ),
    input(report::USERS, report::USER_COLUMNS, InputReading::Stream),
];

/// Computes `content_access`.
#[derive(Debug)]
pub struct ContentAccess {
    stream: Stream,
    views: [View; 1],
}

impl Default for ContentAccess {
    fn default() -> Self {
        Self::new()
    }
}

impl ContentAccess {
    /// The derivation.
    #[must_use]
    pub fn new() -> Self {
        Self {
            stream: stream(),
            views: [readers::VIEW],
        }
    }
}

fn stream() -> Stream {
    let column = |name: &str, column_type, nullable, documentation: &str| Column {
        name: name.to_owned(),
        documentation: documentation.to_owned(),
        column_type,
        nullable,
        on_request: false,
    };
    let text = |name, documentation| column(name, ColumnType::Text, false, documentation);
    let instant = |name, documentation| column(name, ColumnType::Instant, true, documentation);
    Stream {
        name: CONTENT_ACCESS.to_owned(),
        documentation: "Who may read each page and blog post, as layers. Computed from stored rows, without requests: pages, blog posts, folders, restrictions, and permissions and roles of spaces.".to_owned(),
        key: vec!["content_id".to_owned()],
        parents: vec![PAGES.to_owned(), BLOG_POSTS.to_owned()],
        by_space: true,
        columns: vec![
            text("content_id", "Id of the page or blog post."),
            text("content_type", "`page` or `blogpost`."),
            column("space_id", ColumnType::Text, true, "Id of the space that contains it."),
            text("state", "`known`, or `unknown`: then nobody may read it."),
            column("reason", ColumnType::Text, true, "Why it is unknown."),
            column("layers", ColumnType::Json, true, "A list of lists of `user:ID`, `group:ID` and `class:NAME`. A reader is in every list, as any of its elements."),
            column("layer_origins", ColumnType::Json, true, "Where each layer is from: `space:ID`, `page:ID`, `folder:ID` or `blogpost:ID`, in the order of the layers."),
            column("access_hash", ColumnType::Text, true, "Contents with the same layers have the same."),
            text("content_hash", "`_sync_hash` of the row of the page or blog post that it was computed for. If that row has another one, it is outdated."),
            text("place", "Space and parent that it was computed for."),
            instant("placed_at", "When the copy first saw it at that place, or the row changed at which it was seen there."),
            instant("computed_at", "When it was computed last."),
            instant("oldest_input_at", "When the oldest of all that it depends on was read."),
        ],
        passes: vec![Pass::Full],
        scopes: Vec::new(),
        points_per_row: 0,
        is_default: true,
        settings: Vec::new(),
    }
}

impl Derivation for ContentAccess {
    fn stream(&self) -> &Stream {
        &self.stream
    }

    fn inputs(&self) -> &[Input] {
        INPUTS
    }

    fn ages(&self) -> &[&str] {
        AGES
    }

    fn views(&self) -> &[View] {
        &self.views
    }

    fn derive(&self, stored: &Stored, at: Millis) -> Derived {
        Computation::of(stored).run(at)
    }
}

/// Where a layer is from, and whom it lets pass.
type Layer = (String, BTreeSet<Principal>);

/// What was computed for a content before.
struct Before<'a> {
    /// None: unknown.
    layers: Option<Vec<Layer>>,
    content_hash: &'a str,
    place: &'a str,
    placed_at: Option<Millis>,
}

/// What follows for a content.
struct Access {
    layers: Result<Vec<Layer>, Reason>,
    oldest: Option<Millis>,
}

struct Computation<'a> {
    stored: &'a Stored,
    tree: Tree,
    spaces: Spaces,
    restricted: BTreeMap<&'a str, BTreeSet<Principal>>,
    /// Contents of whose restrictions a row is not what the site has.
    unreadable: BTreeSet<&'a str>,
    /// Groups that exist and whose members could not be read.
    unread_groups: BTreeSet<&'a str>,
    before: BTreeMap<&'a str, Before<'a>>,
    /// Sets and rows that should be read first, by stream and key.
    wanted: BTreeMap<(&'static str, String), Parent>,
    /// Streams whose lists should be read first.
    unseen: BTreeSet<&'static str>,
}

impl<'a> Computation<'a> {
    fn of(stored: &'a Stored) -> Self {
        let mut restricted: BTreeMap<&str, BTreeSet<Principal>> = BTreeMap::new();
        let mut unreadable = BTreeSet::new();
        for row in stored.rows(RESTRICTIONS) {
            let (Some(content), Some(operation), None) = (row.value(0), row.value(1), row.doubt)
            else {
                // Its key begins with the id of the content.
                unreadable.extend(row.key.split('/').next());
                continue;
            };
            if operation != "read" {
                continue;
            }
            let (kind, id) = (
                row.value(2).unwrap_or_default(),
                row.value(3).unwrap_or_default(),
            );
            let principals = restricted.entry(content).or_default();
            principals.insert(Principal::of(kind, id));
        }
        let mut before = BTreeMap::new();
        for row in stored.rows(CONTENT_ACCESS) {
            let is_known = row.value(STATE) == Some("known");
            let layers = (row.value(LAYERS), row.value(ORIGINS));
            let was = Before {
                layers: layers_of_row(layers).filter(|_| is_known),
                content_hash: row.value(CONTENT_HASH).unwrap_or_default(),
                place: row.value(PLACE).unwrap_or_default(),
                placed_at: row.value(PLACED_AT).and_then(|at| at.parse().ok()),
            };
            before.insert(row.key.as_str(), was);
        }
        Self {
            tree: Tree::of(stored),
            spaces: Spaces::of(stored),
            restricted,
            unreadable,
            unread_groups: unread_groups(stored),
            before,
            wanted: BTreeMap::new(),
            unseen: BTreeSet::new(),
            stored,
        }
    }

    fn run(mut self, at: Millis) -> Derived {
        let mut rows = Vec::new();
        let mut report = Report::default();
        let tree = std::mem::take(&mut self.tree);
        for node in tree.contents() {
            let access = self.access(&tree, node);
            report.count(&access.layers);
            rows.push(self.row(&tree, node, access, at));
        }
        let mut wanted: BTreeMap<&'static str, Vec<Parent>> = BTreeMap::new();
        for ((stream, _), parent) in std::mem::take(&mut self.wanted) {
            wanted.entry(stream).or_default().push(parent);
        }
        report.see_readers(self.stored);
        Derived {
            rows,
            wanted: wanted.into_iter().collect(),
            unseen: self.unseen,
            notices: report.notices(),
            summary: Some(report.summary()),
        }
    }

    /// When a content was put where it is.
    fn placed_at(&self, tree: &Tree, node: &Node) -> Millis {
        let before = self.before.get(node.id.as_str());
        let place = tree.place(node);
        match before {
            Some(before) if before.place == place => before.placed_at.unwrap_or(node.changed),
            // It was moved, which has changed its row, or one above it was that filters exclude.
            Some(_) if place != node.place() => node.changed.max(self.stored.began),
            _ => node.changed,
        }
    }

    fn access(&mut self, tree: &Tree, node: &Node) -> Access {
        let mut oldest = None;
        let layers = self.layers(tree, node, &mut oldest);
        Access { layers, oldest }
    }

    fn layers(
        &mut self,
        tree: &Tree,
        node: &Node,
        oldest: &mut Option<Millis>,
    ) -> Result<Vec<Layer>, Reason> {
        let stored = self.stored;
        if let Some(doubt) = node.doubt {
            return Err(Reason::Content(doubt.into()));
        }
        let chain = match tree.chain(node) {
            Ok(chain) => chain,
            Err(broken) => {
                if let Some((kind, id)) = broken.lacks {
                    self.look_up(kind, id);
                }
                return Err(broken.reason);
            }
        };
        // Also of a folder that is in doubt: nothing but this look-up settles it.
        for one in &chain {
            self.refresh(one);
        }
        let above = chain.iter().filter(|one| one.id != node.id);
        if let Some(doubt) = above.filter_map(|one| one.doubt).next() {
            return Err(Reason::Ancestor(doubt.into()));
        }
        let space = node.space.as_deref().ok_or(Reason::SpaceUnknown)?;
        let first = self.spaces.layer(stored, space)?;
        let mut layers = vec![(format!("space:{space}"), first.principals)];
        let mut reads = vec![(None, first.read_at)];
        let mut is_unread = false;
        for one in &chain {
            let is_readable = !self.unreadable.contains(one.id.as_str());
            match stored
                .read_at(RESTRICTIONS, &one.id)
                .filter(|_| is_readable)
            {
                Some(at) => reads.push((Some(*one), at)),
                None => {
                    self.want(RESTRICTIONS, one);
                    is_unread = true;
                }
            }
            if let Some(principals) = self.restricted.get(one.id.as_str()) {
                layers.push((format!("{}:{}", one.kind, one.id), principals.clone()));
            }
        }
        if is_unread {
            return Err(Reason::RestrictionsUnread);
        }
        let read_at = reads.iter().map(|(_, at)| *at).min().unwrap_or_default();
        let seen = chain.iter().map(|one| one.seen_at.unwrap_or(one.changed));
        let principals = layers.iter().flat_map(|(_, principals)| principals);
        let mut members = Vec::new();
        for principal in principals {
            let Principal::Group(group) = principal else {
                continue;
            };
            if self.unread_groups.contains(group.as_str()) {
                return Err(Reason::MembersUnread);
            }
            members.extend(stored.read_at(report::MEMBERS, group));
        }
        *oldest = seen.chain(members).chain([read_at]).min();
        if read_at < node.changed {
            self.want_newer(&reads, node.changed, (space, first.has_roles));
            return Err(Reason::OlderThanContent);
        }
        let is_lost = |one: &&Node| !one.is_seen && stored.incomplete.contains_key(one.stream);
        if chain.iter().any(is_lost) {
            return Err(Reason::PlaceUnread);
        }
        let placed_at = chain.iter().map(|one| self.placed_at(tree, one)).max();
        // Folders are looked up after restrictions were read: within a run, that is one moment.
        let is_read = placed_at.is_none_or(|at| at <= read_at) || read_at >= stored.began;
        let newest = reads.iter().map(|(_, at)| *at).max();
        let newest = newest.unwrap_or_default().max(first.newest_at);
        let before = self.before.get(node.id.as_str());
        let before = before.filter(|before| before.content_hash == node.fingerprint);
        let earlier = before.and_then(|before| before.layers.as_ref());
        // Read by several runs. What was known before costs nobody anything meanwhile.
        let is_mixed = read_at < stored.began && newest >= stored.began;
        let is_torn = is_mixed && (stored.is_stopped || stored.is_continued && earlier.is_some());
        let is_confirmed = is_read && !is_torn && chain.iter().all(|one| one.is_seen);
        if is_confirmed {
            return Ok(layers);
        }
        let Some(earlier) = earlier else {
            // Its place is asked for last: it has to be the same after the others were read.
            if is_read {
                for one in chain.iter().filter(|one| !one.is_seen) {
                    self.see_again(one);
                }
            } else {
                let since = placed_at.unwrap_or_default();
                self.want_newer(&reads, since, (space, first.has_roles));
            }
            return Err(if is_torn {
                Reason::PartlyRead
            } else {
                Reason::PlaceUnconfirmed
            });
        };
        // Both have to be passed: never more than what was true before.
        for layer in earlier {
            if !layers.contains(layer) {
                layers.push(layer.clone());
            }
        }
        Ok(layers)
    }

    /// Has a folder be read again that no list shows, and its restrictions, if that is due.
    fn refresh(&mut self, node: &Node) {
        if !CONTAINERS.iter().any(|(kind, _)| *kind == node.kind) {
            return;
        }
        let due = self.stored.due(node.stream);
        if node.seen_at.is_none_or(|at| at < due) {
            self.look_up(node.kind, &node.id);
        }
        let due = self.stored.due(RESTRICTIONS);
        if self
            .stored
            .read_at(RESTRICTIONS, &node.id)
            .is_none_or(|at| at < due)
        {
            self.want(RESTRICTIONS, node);
        }
    }

    /// Has content be read again that this run has not seen.
    fn see_again(&mut self, node: &Node) {
        match node.stream {
            PAGES | BLOG_POSTS => {
                self.unseen.insert(node.stream);
            }
            _ => self.look_up(node.kind, &node.id),
        }
    }

    fn look_up(&mut self, kind: &str, id: &str) {
        let found = CONTAINERS.iter().find(|(name, _)| *name == kind);
        if let Some((_, stream)) = found {
            self.wanted
                .insert((stream, id.to_owned()), Parent::of_key(*stream, id));
        }
    }

    fn want(&mut self, stream: &'static str, node: &Node) {
        self.wanted.insert(
            (stream, node.id.clone()),
            Parent {
                stream: node.stream.to_owned(),
                key: node.id.clone(),
                version: node.version.and_then(|number| number.try_into().ok()),
                container: node.space.clone(),
            },
        );
    }

    /// Has everything be read again that was read before a time.
    fn want_newer(
        &mut self,
        reads: &[(Option<&Node>, Millis)],
        since: Millis,
        (space, has_roles): (&str, bool),
    ) {
        for (one, _) in reads.iter().filter(|(_, at)| *at < since) {
            match one {
                Some(one) => self.want(RESTRICTIONS, one),
                None => self.want_space(space, has_roles),
            }
        }
    }

    fn want_space(&mut self, space: &str, has_roles: bool) {
        let streams = [PERMISSIONS, ROLES];
        for stream in streams.into_iter().take(1 + usize::from(has_roles)) {
            self.wanted.insert(
                (stream, space.to_owned()),
                Parent {
                    stream: SPACES.to_owned(),
                    key: space.to_owned(),
                    version: None,
                    container: Some(space.to_owned()),
                },
            );
        }
    }

    fn row(&self, tree: &Tree, node: &Node, access: Access, at: Millis) -> DerivedRow {
        let (state, reason, layers) = match access.layers {
            Ok(layers) => ("known", None, Some(layers)),
            Err(reason) => ("unknown", Some(reason), None),
        };
        let lists = layers.as_ref().map(|layers| {
            let lists = layers.iter().map(|(_, principals)| names(principals));
            Value::Array(lists.collect()).to_string()
        });
        let origins = layers.as_ref().map(|layers| {
            let origins = layers.iter().map(|(origin, _)| Value::from(origin.clone()));
            Value::Array(origins.collect()).to_string()
        });
        let hash = lists.as_ref().map(|lists| {
            let digest = blake3::hash(lists.as_bytes()).to_hex();
            digest.chars().take(16).collect::<String>()
        });
        DerivedRow {
            key: node.id.clone(),
            parent: Some(node.id.clone()),
            container: node.space.clone(),
            values: vec![
                DerivedValue::from(node.id.as_str()),
                node.kind.into(),
                node.space.clone().into(),
                state.into(),
                reason.map(|reason| reason.code().to_owned()).into(),
                lists.into(),
                origins.into(),
                hash.into(),
                node.fingerprint.as_str().into(),
                tree.place(node).into(),
                self.placed_at(tree, node).into(),
                at.into(),
                access.oldest.into(),
            ],
        }
    }
}

/// Groups that exist and whose members could not be read. Nobody is in a group that does not exist.
fn unread_groups(stored: &Stored) -> BTreeSet<&str> {
    let groups = stored.rows(GROUPS).iter().map(|row| row.key.as_str());
    let members = stored.rows(report::MEMBERS).iter();
    groups
        .chain(members.filter_map(|row| row.value(0)))
        .filter(|group| stored.read_at(report::MEMBERS, group).is_none())
        .collect()
}

fn names(principals: &BTreeSet<Principal>) -> Value {
    let names = principals.iter().map(|one| Value::from(one.to_string()));
    Value::Array(names.collect())
}

/// The layers of a row, with where they are from.
fn layers_of_row((layers, origins): (Option<&str>, Option<&str>)) -> Option<Vec<Layer>> {
    let lists = layers_of(layers?)?;
    let origins: Vec<String> = serde_json::from_str(origins?).ok()?;
    if lists.len() != origins.len() {
        return None;
    }
    let lists = lists.into_iter().map(|list| list.into_iter().collect());
    Some(origins.into_iter().zip(lists).collect())
}
