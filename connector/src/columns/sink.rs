//! The sink that rows go into, driven by a stream's table of fields.

use super::buffer::{Buffer, Column};
use super::digest::Digest;
use super::field::{ColumnType, Field, Kind};
use super::meter::Meter;
use crate::{
    fingerprint::Fingerprint,
    json::{Broken, Elements, Fields, Found, Keys, Value},
    record::{Body, Face, body},
};

/// A stream's rows, as far as the sink needs to know them.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) fields: &'static [Field],
    /// Columns whose values together identify a row.
    pub(crate) key: &'static [&'static str],
    /// Column that tells the rows of a response apart.
    pub(crate) identity: &'static str,
    /// Columns of which the first with a value is the key of the parent.
    pub(crate) parent: &'static [&'static str],
    /// Column with the id of the space, or empty.
    pub(crate) container: &'static str,
    /// Column with the status, or empty.
    pub(crate) status: &'static str,
    /// Other columns that are read whatever is wanted.
    pub(crate) others: &'static [&'static str],
}

/// Lists within the rows of a response whose elements are the rows of a stream: labels of content.
#[derive(Debug)]
pub(crate) struct Nested {
    /// What the rows of the response are told apart by.
    pub(crate) outer: Shape,
    /// Names of the JSON fields that lead to each list, and columns that all of its elements have. An
    /// object in place of a list is its only element.
    pub(crate) lists: &'static [(&'static str, &'static [(&'static str, &'static str)])],
    /// Columns of the outer rows that say how many elements each list has, and how many it has at most.
    pub(crate) counts: &'static [(&'static str, &'static str)],
    /// Which rows of the response have all of their elements in it.
    pub(crate) complete: Complete,
}

/// Which rows of a response have all of their elements in it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Complete {
    /// Those whose lists have as many elements as their counts say, and fewer than they could have.
    Counted,
    /// Those whose number in a column of the outer rows is this at most, and that have so many elements.
    /// Elements of other rows are dropped.
    Numbered(&'static str, u64),
    /// Those whose flag in a column of the outer rows is false: they have no elements.
    Without(&'static str),
}

/// A parent whose complete set of rows was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadParent {
    /// Its key.
    pub key: String,
    /// Number of the version that the elements belong to. Absent: they do not depend on it.
    pub version: Option<u64>,
}

/// What is wanted of each row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// One for each field.
    pub(crate) fields: Vec<bool>,
    pub(crate) raw: bool,
}

/// What one object of a row has, by name.
#[derive(Debug, Default)]
struct Node {
    entries: Vec<(&'static str, Target)>,
    /// The names of the row before, those without a column included.
    keys: Keys<Option<Target>>,
}

impl Node {
    /// What a field of the object leads to.
    fn find(&self, name: &str) -> Option<Target> {
        found(&self.entries, name)
    }

    /// The same of a field that was not expected at a place, and the place behind it.
    fn learn(&mut self, name: &str, place: usize) -> (Option<Target>, usize) {
        let entries = &self.entries;
        self.keys.learn(name, place, || found(entries, name))
    }
}

fn found(entries: &[(&'static str, Target)], name: &str) -> Option<Target> {
    let entry = entries.iter().find(|(known, _)| *known == name);
    entry.map(|(_, target)| *target)
}

#[derive(Debug, Clone, Copy)]
enum Target {
    /// An object that has columns.
    Node(usize),
    /// A column.
    Field(usize),
    /// A column, unless it has a value already.
    Or(usize),
    Body,
    /// A list of rows.
    List(usize),
}

/// One column while rows are read.
#[derive(Debug)]
struct Slot {
    field: &'static Field,
    /// Tells fields apart in fingerprints.
    seed: u64,
    /// None: nobody needs its values.
    buffer: Option<Buffer>,
}

/// In place of a path: the key of the parent.
const PARENT: &str = "^";

/// In place of a path: the fingerprint of the row, in place of an id.
const DIGEST: &str = "*";

/// In place of a path: the value that goes with the list that the row is in.
const CONSTANT: &str = "";

/// Rows as columns.
#[derive(Debug)]
pub(crate) struct Columns {
    shape: &'static Shape,
    wanted: Wanted,
    nodes: Vec<Node>,
    slots: Vec<Slot>,
    raw: Option<Buffer>,
    /// Place of the column that tells rows apart, and the texts of one that is a number.
    identity: (usize, Option<Buffer>),
    container: Option<usize>,
    /// What tells rows apart is made of all of their fields.
    hashes_rows: bool,
    digests: Vec<Digest>,
    /// Bodies of rows that are rendered once the page is read.
    bodies: Vec<(usize, Body)>,
    renders: bool,
    /// From which row on rows belong to which parent: its key and its space.
    parents: Vec<(usize, String, Option<String>)>,
    /// Rows that are elements of lists within these rows.
    nested: Option<Box<Inside>>,
    /// Which rows are complete, if they are sketches.
    complete: Option<Complete>,
    pub(crate) meter: Meter,
}

/// Rows that are elements of lists within other rows.
#[derive(Debug)]
struct Inside {
    lists: &'static Nested,
    columns: Columns,
    /// The row that each belongs to.
    owners: Vec<usize>,
}

impl Columns {
    pub(crate) fn new(shape: &'static Shape, wanted: Wanted, renders: bool, meter: Meter) -> Self {
        let named = |name: &str| shape.fields.iter().position(|field| field.name == name);
        let mut columns = Self {
            shape,
            nodes: vec![Node::default()],
            slots: Vec::with_capacity(shape.fields.len()),
            raw: wanted.raw.then(|| Buffer::new(ColumnType::Json)),
            identity: (named(shape.identity).unwrap_or_default(), None),
            container: named(shape.container),
            hashes_rows: shape.identity == DIGEST
                || shape
                    .fields
                    .iter()
                    .any(|field| field.name == shape.identity && field.path == DIGEST),
            wanted,
            digests: Vec::new(),
            bodies: Vec::new(),
            renders,
            parents: Vec::new(),
            nested: None,
            complete: None,
            meter,
        };
        for (place, field) in shape.fields.iter().enumerate() {
            let is_of_system = shape.key.contains(&field.name)
                || shape.parent.contains(&field.name)
                || [shape.identity, shape.container, shape.status].contains(&field.name)
                || shape.others.contains(&field.name)
                || renders && field.kind == Kind::Link;
            let is_wanted = is_of_system || columns.wants(place);
            columns.slots.push(Slot {
                field,
                seed: Fingerprint::of(field.path.as_bytes()),
                buffer: is_wanted.then(|| Buffer::new(field.kind.column_type())),
            });
            columns.add(place, field);
        }
        let is_number = |slot: &Slot| slot.field.kind == Kind::Integer;
        if shape.identity == DIGEST || columns.slots.get(columns.identity.0).is_some_and(is_number)
        {
            columns.identity.1 = Some(Buffer::new(ColumnType::Text));
        }
        columns
    }

    /// Rows whose lists have the rows of `columns`.
    pub(crate) fn nested(nested: &'static Nested, columns: Self, meter: Meter) -> Self {
        let mut outer = Self::new(&nested.outer, Wanted::default(), false, meter);
        for (list, (path, _)) in nested.lists.iter().enumerate() {
            outer.add_path(path, Target::List(list));
        }
        outer.nested = Some(Box::new(Inside {
            lists: nested,
            columns,
            owners: Vec::new(),
        }));
        outer
    }

    /// Rows that are sketches: what they have of the columns of a stream, and which are complete.
    pub(crate) fn sketches(
        shape: &'static Shape,
        complete: Complete,
        wanted: &[String],
        meter: Meter,
    ) -> Self {
        let is_wanted = |field: &Field| wanted.iter().any(|name| name == field.name);
        let wanted = Wanted {
            fields: shape.fields.iter().map(is_wanted).collect(),
            raw: false,
        };
        Self {
            complete: Some(complete),
            ..Self::new(shape, wanted, false, meter)
        }
    }

    /// Whether the rows are sketches.
    pub(crate) const fn is_of_sketches(&self) -> bool {
        self.complete.is_some()
    }

    /// The rows that follow belong to this parent.
    pub(crate) fn begin_parent(&mut self, key: &str, container: Option<&str>) {
        let container = container.map(str::to_owned);
        self.parents.push((self.rows(), key.to_owned(), container));
    }

    fn wants(&self, place: usize) -> bool {
        self.wanted.fields.get(place) == Some(&true)
    }

    /// Adds the way to a field.
    fn add(&mut self, place: usize, field: &'static Field) {
        let (first, or) = match field.kind {
            Kind::Body => (Target::Body, Target::Body),
            Kind::Representation | Kind::Degraded => return,
            _ => (Target::Field(place), Target::Or(place)),
        };
        for (alternative, path) in field.path.split('|').enumerate() {
            if !matches!(path, PARENT | CONSTANT | DIGEST) {
                self.add_path(path, if alternative == 0 { first } else { or });
            }
        }
    }

    fn add_path(&mut self, mut path: &'static str, target: Target) {
        let mut at = 0;
        while let Some((name, behind)) = path.split_once('.') {
            at = self.inner(at, name);
            path = behind;
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.entries.push((path, target));
        }
    }

    /// The node for an object within an object.
    fn inner(&mut self, at: usize, name: &'static str) -> usize {
        let entries = self.nodes.get(at).map(|node| node.entries.iter());
        for (known, target) in entries.into_iter().flatten() {
            if let (true, Target::Node(inner)) = (*known == name, target) {
                return *inner;
            }
        }
        let inner = self.nodes.len();
        self.nodes.push(Node::default());
        if let Some(node) = self.nodes.get_mut(at) {
            node.entries.push((name, Target::Node(inner)));
        }
        inner
    }

    /// Rows so far.
    pub(crate) fn rows(&self) -> usize {
        self.digests.len()
    }

    /// Bytes of the columns so far.
    pub(crate) fn bytes(&self) -> usize {
        let buffers = self.slots.iter().filter_map(|slot| slot.buffer.as_ref());
        let buffers = buffers.chain(&self.raw).map(Buffer::bytes);
        let inside = self
            .nested
            .as_ref()
            .map_or(0, |inside| inside.columns.bytes());
        // The columns of the system are made in the end.
        buffers.sum::<usize>() + 64 * self.digests.len() + inside
    }

    /// Opens row `row`, which is the last.
    pub(crate) fn open(&mut self, row: usize) -> &mut dyn Fields {
        self.set_rows(row);
        self.digests.push(Digest::default());
        self
    }

    /// Whether no further request is to be made: where `kept` rows are there, `limit` are wanted, the next
    /// page has `page_size`, and what is read has `more` bytes.
    pub(crate) fn is_full(&self, kept: usize, limit: usize, page_size: u32, more: usize) -> bool {
        let kept = kept.max(self.output_rows());
        self.meter.requests >= self.meter.max_requests
            || self.bytes() + more >= self.meter.max_bytes
            || (kept > 0 && kept + page_size as usize > limit)
    }

    /// Ends row `row`: rows without an id are told apart by all of their fields.
    pub(crate) fn close(&mut self, row: usize) {
        if !self.hashes_rows {
            return;
        }
        let Some(digest) = self.digests.get(row) else {
            return;
        };
        let mut text = String::new();
        digest.write(&mut text);
        let (place, texts) = &mut self.identity;
        let slot = self.slots.get_mut(*place);
        let buffer = texts
            .as_mut()
            .or_else(|| slot.and_then(|slot| slot.buffer.as_mut()));
        if let Some(buffer) = buffer {
            put(buffer, row, Some(&text));
        }
    }

    /// Everything that has a value for each row.
    fn buffers(&mut self) -> impl Iterator<Item = &mut Buffer> {
        let slots = self.slots.iter_mut();
        slots
            .filter_map(|slot| slot.buffer.as_mut())
            .chain(&mut self.raw)
            .chain(&mut self.identity.1)
    }

    /// Drops the rows behind the first `rows`.
    pub(crate) fn set_rows(&mut self, rows: usize) {
        if self.digests.len() <= rows {
            return;
        }
        self.digests.truncate(rows);
        self.bodies.retain(|(row, _)| *row < rows);
        let shorten = |buffer: &mut Buffer| {
            if buffer.rows() > rows {
                buffer.set_rows(rows);
            }
        };
        self.buffers().for_each(shorten);
        if let Some(inside) = &mut self.nested {
            let left = inside.owners.partition_point(|owner| *owner < rows);
            inside.owners.truncate(left);
            inside.columns.set_rows(left);
        }
    }

    /// Of the rows from `from` on, keeps those that `wanted` marks.
    pub(crate) fn keep(&mut self, from: usize, wanted: &[bool]) {
        self.buffers().for_each(|buffer| buffer.keep(from, wanted));
        let mut row = 0;
        self.digests.retain(|_| {
            row += 1;
            row <= from || wanted.get(row - 1 - from) == Some(&true)
        });
        if let Some(inside) = &mut self.nested {
            inside.keep(from, wanted);
        }
    }

    /// What a row is told apart by.
    pub(crate) fn face(&self, row: usize) -> Face<'_> {
        let (place, texts) = &self.identity;
        let id = match texts {
            Some(texts) => texts.text(row),
            None => self.text(*place, row),
        };
        Face {
            id: id.unwrap_or_default(),
            space_id: self.container.and_then(|place| self.text(place, row)),
            ..Face::default()
        }
    }

    /// The number of a row in a column.
    pub(crate) fn number(&self, name: &str, row: usize) -> Option<i64> {
        let mut slots = self.slots.iter();
        let slot = slots.find(|slot| slot.field.name == name)?;
        slot.buffer.as_ref()?.number(row)
    }

    fn text(&self, place: usize, row: usize) -> Option<&str> {
        self.slots.get(place)?.buffer.as_ref()?.text(row)
    }

    /// Adds the upstream JSON of a row.
    pub(crate) fn put_raw(&mut self, row: usize, text: &str) {
        if let Some(buffer) = &mut self.raw {
            put(buffer, row, Some(text));
        }
    }

    /// Completes the links of the rows from `from` on: `before` is what a link lacks. None: it leads
    /// nowhere.
    pub(crate) fn complete_links<'b>(
        &mut self,
        from: usize,
        before: impl Fn(&str) -> Option<&'b str>,
    ) {
        let links = self.slots.iter_mut();
        let links = links.filter(|slot| slot.field.kind == Kind::Link);
        for buffer in links.filter_map(|slot| slot.buffer.as_mut()) {
            buffer.rewrite(from, |_, link, to| {
                let Some((link, base)) = link.and_then(|link| Some((link, before(link)?))) else {
                    return false;
                };
                to.push_str(base);
                to.push_str(link);
                true
            });
        }
    }

    /// Stores the bodies of the page's rows, rendered by `render`, which gets the link of the row.
    pub(crate) fn render_bodies(&mut self, mut render: impl FnMut(&mut Body, Option<&str>)) {
        for (row, mut body) in std::mem::take(&mut self.bodies) {
            let mut links = self.slots.iter();
            let link = links.find(|slot| slot.field.kind == Kind::Link);
            let link = link.and_then(|slot| slot.buffer.as_ref()?.text(row));
            render(&mut body, link);
            self.put_body(row, &body);
        }
    }

    fn put_body(&mut self, row: usize, body: &Body) {
        for slot in &mut self.slots {
            let text = match slot.field.kind {
                Kind::Body => Some(body.value.as_str()),
                Kind::Representation => Some(body.representation.as_str()),
                Kind::Degraded => body.degraded.as_deref(),
                _ => continue,
            };
            if let Some(buffer) = &mut slot.buffer {
                put(buffer, row, text);
            }
        }
    }

    /// How many of the `count` rows behind the first `kept`, from the one at `start` on, bring no more than
    /// `limit` rows in the end.
    pub(crate) fn fitting(&self, kept: usize, start: usize, count: usize, limit: usize) -> usize {
        let Some(inside) = &self.nested else {
            return usize::MAX;
        };
        let before = |row: usize| inside.owners.partition_point(|owner| *owner < row);
        let skipped = before(kept + start) - before(kept);
        let fits = |rows: &usize| before(kept + start + rows) - skipped <= limit;
        (1..=count).take_while(fits).count().max(1)
    }

    /// Drops rows of which a part of the key is null: pages without a parent are nobody's children.
    pub(crate) fn drop_keyless(&mut self) {
        let keys = self.slots.iter().filter(|slot| {
            let field = slot.field;
            self.shape.key.contains(&field.name)
                && field.name != self.shape.identity
                && !matches!(field.path, PARENT | CONSTANT | DIGEST)
        });
        let keys: Vec<&Buffer> = keys.filter_map(|slot| slot.buffer.as_ref()).collect();
        if keys.is_empty() {
            return;
        }
        let has_key = |row: usize| keys.iter().all(|buffer| buffer.has(row));
        let wanted: Vec<bool> = (0..self.rows()).map(has_key).collect();
        self.keep(0, &wanted);
    }

    /// Whether the response has the lists of a row to their end, of which the names begin with a prefix:
    /// they have fewer elements than they could have. `None` if it does not say so. Otherwise the number of
    /// elements that they could have is the distance to the next ones.
    pub(crate) fn end_of_lists(&self, row: usize, prefix: &str) -> Option<Result<(), i64>> {
        let inside = self.nested.as_ref()?;
        let counts = inside.lists.counts.iter();
        let mut end = None;
        for (count, limit) in counts.filter(|(count, _)| count.starts_with(prefix)) {
            let count = self.number(count, row)?;
            let limit = self.number(limit, row);
            end = match (end, limit) {
                (Some(Err(other)), Some(limit)) => Some(Err(limit.min(other))),
                (_, Some(limit)) if count >= limit => Some(Err(limit)),
                (Some(end), _) => Some(end),
                (None, _) => Some(Ok(())),
            };
        }
        end
    }

    /// Whether each element of the lists of a row that the response counts is a row.
    pub(crate) fn has_all_elements(&self, row: usize) -> bool {
        let Some(inside) = self.nested.as_ref() else {
            return false;
        };
        let counts = inside.lists.counts.iter();
        let counted: i64 = counts
            .filter_map(|(count, _)| self.number(count, row))
            .sum();
        let first = inside.owners.partition_point(|owner| *owner < row);
        let end = inside.owners.partition_point(|owner| *owner <= row);
        i64::try_from(end - first) == Ok(counted)
    }

    /// Whether the lists of a row are complete: the response says how many elements they have, that is
    /// less than they could have, and each of them is a row.
    pub(crate) fn has_complete_lists(&self, row: usize) -> bool {
        self.end_of_lists(row, "") == Some(Ok(())) && self.has_all_elements(row)
    }

    /// Rows of the columns in the end.
    pub(crate) fn output_rows(&self) -> usize {
        match &self.nested {
            Some(inside) => inside.columns.rows(),
            None => self.rows(),
        }
    }

    /// Divides the rows: those without a value in a column, and those with one.
    pub(crate) fn split(mut self, column: &str) -> (Self, Self) {
        let mut slots = self.slots.iter();
        let slot = slots.find(|slot| slot.field.name == column);
        let has = |row: usize| {
            let buffer = slot.and_then(|slot| slot.buffer.as_ref());
            buffer.is_some_and(|buffer| buffer.has(row))
        };
        let with: Vec<bool> = (0..self.rows()).map(has).collect();
        let without: Vec<bool> = with.iter().map(|with| !with).collect();
        let mut others = Self::new(
            self.shape,
            self.wanted.clone(),
            self.renders,
            Meter::default(),
        );
        others.digests.clone_from(&self.digests);
        others.raw.clone_from(&self.raw);
        for (to, slot) in others.slots.iter_mut().zip(&self.slots) {
            to.buffer.clone_from(&slot.buffer);
        }
        self.keep(0, &without);
        others.keep(0, &with);
        (self, others)
    }

    /// The rows whose elements are complete. Without nested rows there are none.
    pub(crate) fn read_parents(&mut self) -> Vec<ReadParent> {
        let inside = self.nested.as_ref();
        let Some(complete) = inside.map_or(self.complete, |inside| Some(inside.lists.complete))
        else {
            return Vec::new();
        };
        let mut elements = vec![0_u64; self.rows()];
        for owner in inside.into_iter().flat_map(|inside| &inside.owners) {
            if let Some(count) = elements.get_mut(*owner) {
                *count += 1;
            }
        }
        let number = |name, row| u64::try_from(self.number(name, row)?).ok();
        let is_complete: Vec<bool> = elements
            .iter()
            .enumerate()
            .map(|(row, count)| match complete {
                Complete::Counted => self.has_complete_lists(row),
                Complete::Numbered(name, max) => {
                    number(name, row).is_some_and(|number| number <= max && number == *count)
                }
                Complete::Without(name) => self.flag(name, row) == Some(false),
            })
            .collect();
        let parents = is_complete
            .iter()
            .enumerate()
            .filter(|(_, is_complete)| **is_complete)
            .map(|(row, _)| ReadParent {
                key: self.face(row).id.to_owned(),
                version: match complete {
                    Complete::Numbered(name, _) => number(name, row),
                    _ => None,
                },
            })
            .filter(|parent| !parent.key.is_empty())
            .collect();
        if matches!(complete, Complete::Numbered(..)) {
            self.keep(0, &is_complete);
        }
        parents
    }

    fn flag(&self, name: &str, row: usize) -> Option<bool> {
        let slot = self.slots.iter().find(|slot| slot.field.name == name)?;
        slot.buffer.as_ref()?.flag(row)
    }

    /// The columns: those of the system, those that are wanted, and `raw`.
    pub(crate) fn finish(mut self) -> Vec<Column> {
        if let Some(inside) = self.nested.take() {
            let Inside {
                mut columns,
                owners,
                ..
            } = *inside;
            for (row, owner) in owners.into_iter().enumerate() {
                let face = self.face(owner);
                // The row is that of a parent, or names itself.
                let parent = self.parent(owner).unwrap_or((face.id, face.space_id));
                columns
                    .parents
                    .push((row, parent.0.to_owned(), parent.1.map(str::to_owned)));
            }
            return columns.finish();
        }
        self.fill_parents();
        let rows = self.digests.len();
        let mut columns = self.system(rows);
        let wanted = &self.wanted;
        for (place, slot) in self.slots.into_iter().enumerate() {
            if wanted.fields.get(place) == Some(&true)
                && let Some(buffer) = slot.buffer
            {
                columns.push(buffer.finish(slot.field.name, rows));
            }
        }
        columns.extend(self.raw.map(|raw| raw.finish("raw", rows)));
        columns
    }

    /// The parent of a row.
    fn parent(&self, row: usize) -> Option<(&str, Option<&str>)> {
        let behind = self.parents.partition_point(|(first, ..)| *first <= row);
        let (_, key, container) = self.parents.get(behind.checked_sub(1)?)?;
        Some((key, container.as_deref()))
    }

    fn fill_parents(&mut self) {
        let rows = self.digests.len();
        for place in 0..self.slots.len() {
            let slot = self.slots.get(place);
            if !slot.is_some_and(|slot| slot.field.path == PARENT && slot.buffer.is_some()) {
                continue;
            }
            let mut buffer = Buffer::new(ColumnType::Text);
            for row in 0..rows {
                put(&mut buffer, row, self.parent(row).map(|(key, _)| key));
            }
            if let Some(slot) = self.slots.get_mut(place) {
                slot.buffer = Some(buffer);
            }
        }
    }

    fn system(&self, rows: usize) -> Vec<Column> {
        let named = |name: &&'static str| {
            let mut slots = self.slots.iter();
            slots.find(|slot| slot.field.name == *name)
        };
        let key: Vec<&Slot> = self.shape.key.iter().filter_map(named).collect();
        let parent: Vec<&Slot> = self.shape.parent.iter().filter_map(named).collect();
        let status = named(&self.shape.status);
        // Where one column of texts is all that it takes, it is a copy.
        let copied = |slots: &[&Slot]| match slots {
            [one] if one.field.kind.column_type() == ColumnType::Text => one.buffer.clone(),
            _ => None,
        };
        let column = |name, write: &dyn Fn(usize, &mut String) -> bool| {
            let mut buffer = Buffer::new(ColumnType::Text);
            for row in 0..rows {
                let Ok(()) =
                    buffer.put_text(row, |to| Ok::<_, std::convert::Infallible>(write(row, to)));
            }
            buffer.finish(name, rows)
        };
        vec![
            match copied(&key) {
                Some(buffer) => buffer.finish("_key", rows),
                None => column("_key", &|row, to| {
                    for (place, slot) in key.iter().enumerate() {
                        if place > 0 {
                            to.push('/');
                        }
                        slot.write(row, to);
                    }
                    true
                }),
            },
            match copied(&parent) {
                Some(buffer) => buffer.finish("_parent", rows),
                None => column("_parent", &|row, to| {
                    parent.iter().any(|slot| slot.write(row, to))
                }),
            },
            column("_container", &|row, to| {
                let id = match self.container {
                    Some(place) => self.text(place, row),
                    None => self.parent(row).and_then(|(_, container)| container),
                };
                to.push_str(id.unwrap_or_default());
                id.is_some()
            }),
            column("_fingerprint", &|row, to| {
                self.digests.get(row).copied().unwrap_or_default().write(to);
                true
            }),
            column("_deleted", &|row, to| {
                let status = status.and_then(|slot| slot.buffer.as_ref()?.text(row));
                let gone = status.filter(|status| matches!(*status, "trashed" | "deleted"));
                to.push_str(gone.unwrap_or_default());
                gone.is_some()
            }),
        ]
    }

    /// Reads one of a row's objects. False for anything else.
    fn object(&mut self, node: usize, value: &mut Value<'_>) -> Result<bool, Broken> {
        if !value.enter()? {
            return Ok(false);
        }
        let mut is_first = true;
        let mut place = 0;
        loop {
            let keys = self.nodes.get_mut(node).map(|node| &mut node.keys);
            let expected = keys.as_ref().and_then(|keys| keys.expected(place));
            let target = match value.key(is_first, expected)? {
                Found::End => return Ok(true),
                Found::Expected => {
                    place += 1;
                    keys.and_then(|keys| keys.target(place - 1)).flatten()
                }
                Found::Other(name) => {
                    let node = self.nodes.get_mut(node);
                    let learned = node.map(|node| node.learn(&name.to_cow(), place));
                    let (target, next) = learned.unwrap_or((None, place));
                    place = next;
                    target
                }
            };
            is_first = false;
            self.take(target, value)?;
            value.end_field()?;
        }
    }

    /// Reads a field of one of a row's objects.
    fn take(&mut self, target: Option<Target>, value: &mut Value<'_>) -> Result<(), Broken> {
        match target {
            Some(Target::Field(place)) => self.read_field(place, value),
            Some(Target::Node(node)) if value.is_list() => {
                let mut last = LastElement {
                    columns: self,
                    node,
                };
                value.list(&mut last).map(drop)
            }
            Some(Target::Node(node)) => self.object(node, value).map(drop),
            Some(Target::Or(place)) => {
                let row = self.digests.len().saturating_sub(1);
                let buffer = self.slots.get(place).and_then(|slot| slot.buffer.as_ref());
                if buffer.is_some_and(|buffer| buffer.has(row)) {
                    return Ok(());
                }
                self.read_field(place, value)
            }
            Some(Target::Body) => self.read_body(value),
            Some(Target::List(list)) => self.read_list(list, value),
            None => Ok(()),
        }
    }

    fn read_field(&mut self, place: usize, value: &mut Value<'_>) -> Result<(), Broken> {
        let Some(row) = self.digests.len().checked_sub(1) else {
            return Ok(());
        };
        let Some(slot) = self.slots.get_mut(place) else {
            return Ok(());
        };
        let start = value.start();
        let Some(buffer) = &mut slot.buffer else {
            value.pass()?;
            return self.add_digest(place, value.since(start));
        };
        match slot.field.kind {
            Kind::Integer => {
                let number = value.whole()?;
                buffer.put_number(row, number);
                if let (true, Some(texts)) = (self.identity.0 == place, &mut self.identity.1) {
                    put(
                        texts,
                        row,
                        number.map(|number| number.to_string()).as_deref(),
                    );
                }
            }
            Kind::Boolean => buffer.put_flag(row, value.flag()?),
            Kind::Instant => buffer.put_number(row, value.instant()?),
            Kind::Json => buffer.put_text(row, |to| value.append_json(to))?,
            _ => buffer.put_text(row, |to| value.append_text(to))?,
        }
        self.add_digest(place, value.since(start))
    }

    fn read_list(&mut self, list: usize, value: &mut Value<'_>) -> Result<(), Broken> {
        let owner = self.digests.len().saturating_sub(1);
        let Some(inside) = &mut self.nested else {
            return Ok(());
        };
        let mut rows = ListRows {
            inside,
            list,
            owner,
        };
        if value.is_object() {
            return value.only(&mut rows);
        }
        value.list(&mut rows).map(drop)
    }

    /// Sets a column of the last row that nothing in the row's JSON is read for.
    fn put_constant(&mut self, name: &str, value: &str) {
        let Some(row) = self.digests.len().checked_sub(1) else {
            return;
        };
        for slot in &mut self.slots {
            if slot.field.name == name {
                if let Some(digest) = self.digests.last_mut() {
                    digest.add(Fingerprint::of(name.as_bytes()), value.as_bytes());
                }
                if let Some(buffer) = &mut slot.buffer {
                    put(buffer, row, Some(value));
                }
            }
        }
    }

    fn add_digest(&mut self, place: usize, sent: &str) -> Result<(), Broken> {
        if sent != "null"
            && let (Some(slot), Some(digest)) = (self.slots.get(place), self.digests.last_mut())
        {
            digest.add(slot.seed, sent.as_bytes());
        }
        Ok(())
    }

    fn read_body(&mut self, value: &mut Value<'_>) -> Result<(), Broken> {
        let is_wanted = |slot: &Slot| slot.field.kind.is_of_body() && slot.buffer.is_some();
        let row = self.digests.len().checked_sub(1);
        let (Some(row), true) = (row, self.slots.iter().any(is_wanted)) else {
            return value.pass();
        };
        if self.renders {
            let found = body(value)?;
            self.bodies.retain(|(at, _)| *at != row);
            self.bodies.extend(found.map(|body| (row, body)));
            return Ok(());
        }
        let mut formats = Formats {
            columns: self,
            row,
            found: false,
        };
        value.object(&mut formats).map(drop)
    }

    /// The buffer of a part of the body.
    fn body_buffer(&mut self, kind: Kind) -> Option<&mut Buffer> {
        let mut slots = self.slots.iter_mut();
        slots.find(|slot| slot.field.kind == kind)?.buffer.as_mut()
    }
}

/// The formats of a body: the wanted one is taken, else the first.
struct Formats<'a> {
    columns: &'a mut Columns,
    row: usize,
    found: bool,
}

impl Fields for Formats<'_> {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        if self.found && name != value.wanted() {
            return Ok(());
        }
        let mut text = BodyText {
            columns: self.columns,
            row: self.row,
            found: false,
        };
        value.object(&mut text)?;
        self.found |= text.found;
        if text.found
            && let Some(buffer) = self.columns.body_buffer(Kind::Representation)
        {
            put(buffer, self.row, Some(name));
        }
        Ok(())
    }
}

/// A body in one format. Its text goes straight into the column.
struct BodyText<'a> {
    columns: &'a mut Columns,
    row: usize,
    found: bool,
}

impl Fields for BodyText<'_> {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        if name != "value" {
            return Ok(());
        }
        match self.columns.body_buffer(Kind::Body) {
            Some(buffer) => {
                buffer.put_text(self.row, |to| value.append_text(to))?;
                self.found = buffer.has(self.row);
            }
            // Only its format is wanted.
            None => self.found = value.is_text(),
        }
        Ok(())
    }
}

/// Of a list in place of an object, the last element counts: the nearest of the ancestors.
struct LastElement<'a> {
    columns: &'a mut Columns,
    node: usize,
}

impl Fields for LastElement<'_> {
    fn read(&mut self, _: &str, _: &mut Value<'_>) -> Result<(), Broken> {
        Ok(())
    }

    fn read_object(&mut self, value: &mut Value<'_>) -> Option<Result<bool, Broken>> {
        Some(self.columns.object(self.node, value))
    }
}

impl Elements for LastElement<'_> {
    fn next(&mut self) -> Option<&mut dyn Fields> {
        Some(self)
    }

    fn read(&mut self, _: bool, _: &str) {}
}

impl Inside {
    /// Keeps what belongs to rows that are kept: of those from `from` on, the ones that `wanted` marks.
    fn keep(&mut self, from: usize, wanted: &[bool]) {
        let first = self.owners.partition_point(|owner| *owner < from);
        let later = self.owners.get(first..).unwrap_or_default();
        let kept: Vec<bool> = later
            .iter()
            .map(|owner| wanted.get(owner - from) == Some(&true))
            .collect();
        self.columns.keep(first, &kept);
        // Where each row of the page is in the end.
        let mut next = from;
        let places: Vec<usize> = wanted
            .iter()
            .map(|wanted| {
                let place = next;
                next += usize::from(*wanted);
                place
            })
            .collect();
        let mut at = 0;
        self.owners.retain_mut(|owner| {
            at += 1;
            if at <= first {
                return true;
            }
            let place = places.get(*owner - from);
            let is_kept = kept.get(at - 1 - first) == Some(&true);
            *owner = place.copied().unwrap_or(*owner);
            is_kept
        });
    }
}

/// A list of rows within a row.
struct ListRows<'a> {
    inside: &'a mut Inside,
    list: usize,
    owner: usize,
}

impl Elements for ListRows<'_> {
    fn next(&mut self) -> Option<&mut dyn Fields> {
        let row = self.inside.columns.rows();
        self.inside.owners.truncate(row);
        self.inside.owners.push(self.owner);
        Some(self.inside.columns.open(row))
    }

    fn read(&mut self, was_object: bool, text: &str) {
        let columns = &mut self.inside.columns;
        let row = columns.rows().saturating_sub(1);
        if !was_object || columns.face(row).id.is_empty() {
            return self.end();
        }
        let list = self.inside.lists.lists.get(self.list);
        for (name, value) in list.map_or(&[][..], |(_, constants)| constants) {
            columns.put_constant(name, value);
        }
        columns.put_raw(row, text);
    }

    fn end(&mut self) {
        let row = self.inside.columns.rows().saturating_sub(1);
        self.inside.columns.set_rows(row);
        self.inside.owners.truncate(row);
    }
}

impl Slot {
    /// Appends the value of a row as text. False if there is none.
    fn write(&self, row: usize, to: &mut String) -> bool {
        let Some(buffer) = &self.buffer else {
            return false;
        };
        if let Some(number) = buffer.number(row) {
            to.push_str(&number.to_string());
            return true;
        }
        let text = buffer.text(row);
        to.push_str(text.unwrap_or_default());
        text.is_some()
    }
}

fn put(buffer: &mut Buffer, row: usize, text: Option<&str>) {
    let Ok(()) = buffer.put_text(row, |to| {
        to.push_str(text.unwrap_or_default());
        Ok::<_, std::convert::Infallible>(text.is_some())
    });
}

impl Fields for Columns {
    /// Of a row that stands alone.
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        let target = self.nodes.first().and_then(|node| node.find(name));
        self.take(target, value)
    }

    fn read_object(&mut self, value: &mut Value<'_>) -> Option<Result<bool, Broken>> {
        Some(self.object(0, value))
    }
}
