//! Where contents are: what is above what.

use std::collections::BTreeMap;

use sync::{Doubt, Millis, Stored, StoredRow};

use crate::reason::Reason;

pub(crate) const PAGES: &str = "pages";
pub(crate) const BLOG_POSTS: &str = "blog_posts";
pub(crate) const FOLDERS: &str = "folders";

/// The streams of what is in the tree beside pages, and how `parent_type` names it.
pub(crate) const CONTAINERS: [(&str, &str); 1] = [("folder", FOLDERS)];

pub(crate) const PAGE_COLUMNS: &[&str] = &["space_id", "parent_id", "parent_type"];
pub(crate) const BLOG_POST_COLUMNS: &[&str] = &["space_id"];

/// A content with a place.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) stream: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) space: Option<String>,
    /// Type and id of what is above it.
    pub(crate) parent: Option<(String, String)>,
    pub(crate) version: Option<i64>,
    pub(crate) fingerprint: String,
    /// When its row changed.
    pub(crate) changed: Millis,
    /// Whether a list or a look-up of this run saw it.
    pub(crate) is_seen: bool,
    /// When the run began that saw it last.
    pub(crate) seen_at: Option<Millis>,
    pub(crate) doubt: Option<Doubt>,
    /// Whether filters exclude it: its restrictions count for what is below it, and nobody needs to know
    /// who may read it.
    pub(crate) is_outside: bool,
}

impl Node {
    /// Its place, as a text that another place has not.
    pub(crate) fn place(&self) -> String {
        let space = self.space.as_deref().unwrap_or_default();
        match &self.parent {
            Some((kind, id)) => format!("{space}/{kind}/{id}"),
            None => space.to_owned(),
        }
    }
}

/// All contents that have a place.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: BTreeMap<String, Node>,
    has_outside: bool,
}

impl Tree {
    pub(crate) fn of(stored: &Stored) -> Self {
        let mut tree = Self {
            has_outside: !stored.above(PAGES).is_empty(),
            ..Self::default()
        };
        tree.add(stored.above(PAGES), (PAGES, "page"), true, stored.run);
        for place in [(PAGES, "page"), (BLOG_POSTS, "blogpost")] {
            tree.add(stored.rows(place.0), place, false, stored.run);
        }
        for (kind, stream) in CONTAINERS {
            tree.add(stored.rows(stream), (stream, kind), false, stored.run);
        }
        tree
    }

    fn add(
        &mut self,
        rows: &[StoredRow],
        (stream, kind): (&'static str, &'static str),
        is_outside: bool,
        run: i64,
    ) {
        for row in rows {
            let parent = row.value(1).map(|id| {
                // A parent without a type is a page: only pages were parents once.
                let kind = row.value(2).unwrap_or("page");
                (kind.to_owned(), id.to_owned())
            });
            let node = Node {
                stream,
                kind,
                id: row.key.clone(),
                space: row.value(0).map(str::to_owned),
                parent,
                version: row.version,
                fingerprint: row.fingerprint.clone(),
                changed: row.changed,
                is_seen: row.seen == Some(run),
                seen_at: row.seen_at,
                doubt: row.doubt,
                is_outside,
            };
            self.nodes.insert(row.key.clone(), node);
        }
    }

    /// The contents in scope that can be read: pages and blog posts.
    pub(crate) fn contents(&self) -> impl Iterator<Item = &Node> {
        let nodes = self.nodes.values();
        nodes.filter(|node| matches!(node.stream, PAGES | BLOG_POSTS) && !node.is_outside)
    }

    /// The place of a content, and of those above it that filters exclude: no row notes when they were
    /// moved.
    pub(crate) fn place(&self, node: &Node) -> String {
        let mut place = node.place();
        if self.has_outside
            && let Ok(chain) = self.chain(node)
        {
            for above in chain.iter().rev().filter(|one| one.is_outside) {
                place.push(' ');
                place.push_str(&above.place());
            }
        }
        place
    }

    /// A content and all above it, itself last. If a content above it has no row, its type and id.
    pub(crate) fn chain<'a>(&'a self, of: &'a Node) -> Result<Vec<&'a Node>, Broken<'a>> {
        let mut chain = vec![of];
        let mut at = of;
        while let Some((kind, id)) = &at.parent {
            let Some(above) = self.nodes.get(id).filter(|node| node.kind == kind) else {
                return Err(Broken {
                    reason: Reason::AncestorNotCopied,
                    lacks: Some((kind, id)),
                });
            };
            // Far more than a tree of any site is deep, and what a loop would exceed.
            if chain.len() > 10_000 || chain.iter().any(|node| node.id == above.id) {
                return Err(Broken {
                    reason: Reason::AncestorLoop,
                    lacks: None,
                });
            }
            chain.push(above);
            at = above;
        }
        chain.reverse();
        Ok(chain)
    }
}

/// Why it is not known what is above a content.
#[derive(Debug)]
pub(crate) struct Broken<'a> {
    pub(crate) reason: Reason,
    pub(crate) lacks: Option<(&'a str, &'a str)>,
}
