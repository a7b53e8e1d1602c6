//! A site in memory, with its own rule for who may view what, and as a source of rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use source::{
    Batch, Column, ColumnType, Observed, Outcome, Pass, Progress, Source, SourceError,
    SourceFuture, SourceSettings, StepRequest, Stream, Values,
};

/// Type and id, as the site names somebody.
pub(crate) type Who = (&'static str, String);

#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) kind: &'static str,
    pub(crate) space: String,
    pub(crate) parent: Option<u32>,
    pub(crate) version: i64,
    pub(crate) read: Vec<Who>,
    pub(crate) update: Vec<Who>,
}

/// What is on the site at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moment {
    pub(crate) contents: BTreeMap<u32, Content>,
    pub(crate) permissions: BTreeMap<String, Vec<Who>>,
    /// Space and role, and who has it.
    pub(crate) roles: BTreeMap<(String, String), Vec<Who>>,
    pub(crate) groups: BTreeMap<String, BTreeSet<String>>,
    pub(crate) users: Vec<String>,
}

impl Moment {
    /// Whether somebody may view a content: the space, every content above it, and it.
    pub(crate) fn may_view(&self, user: &str, id: u32) -> bool {
        let content = &self.contents[&id];
        let mut place = Some(id);
        while let Some(at) = place {
            let one = &self.contents[&at];
            if !one.read.is_empty() && !one.read.iter().any(|who| self.is(user, who)) {
                return false;
            }
            place = one.parent;
        }
        let may = |who: &Who| match who.0 {
            "role" => {
                let key = (content.space.clone(), who.1.clone());
                let holders = self.roles.get(&key);
                holders.is_some_and(|holders| holders.iter().any(|who| self.is(user, who)))
            }
            _ => self.is(user, who),
        };
        self.permissions[&content.space].iter().any(may)
    }

    fn is(&self, user: &str, who: &Who) -> bool {
        match who.0 {
            "user" => who.1 == user,
            "group" => self
                .groups
                .get(&who.1)
                .is_some_and(|group| group.contains(user)),
            _ => false,
        }
    }

    /// All pairs of a page or blog post and an account that may view it.
    pub(crate) fn pairs(&self) -> BTreeSet<(String, String)> {
        let contents = self.contents.iter();
        let readable = contents.filter(|(_, content)| content.kind != "folder");
        readable
            .flat_map(|(id, _)| {
                let may = |user: &&String| self.may_view(user, *id);
                let users = self.users.iter().filter(may);
                users.map(|user| (id.to_string(), user.clone()))
            })
            .collect()
    }
}

/// What goes wrong.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    /// Every so many steps fails.
    pub(crate) fails_every: u64,
    /// Contents that the index leaves out.
    pub(crate) unindexed: BTreeSet<u32>,
}

#[derive(Debug, Default)]
pub(crate) struct Wiki {
    pub(crate) now: Mutex<Moment>,
    pub(crate) trouble: Mutex<Trouble>,
    pub(crate) steps: Mutex<u64>,
}

/// Name, key, parents, columns, passes.
type Described = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
    &'static [Pass],
);

const STREAMS: &[Described] = &[
    ("spaces", &["id"], &[], &["id"], &[Pass::Full, Pass::Census]),
    (
        "pages",
        &["id"],
        &[],
        &[
            "id",
            "space_id",
            "parent_id",
            "parent_type",
            "version__number",
        ],
        &[Pass::Full, Pass::Census, Pass::LookUp],
    ),
    (
        "blog_posts",
        &["id"],
        &[],
        &["id", "space_id", "version__number"],
        &[Pass::Full, Pass::Census, Pass::LookUp],
    ),
    (
        "folders",
        &["id"],
        &["pages", "folders"],
        &["id", "space_id", "parent_id", "parent_type"],
        &[Pass::Details, Pass::LookUp],
    ),
    (
        "content_restrictions",
        &["content_id", "operation", "principal_type", "principal_id"],
        &["pages", "blog_posts"],
        &["content_id", "operation", "principal_type", "principal_id"],
        &[Pass::Access, Pass::Details],
    ),
    (
        "space_permissions",
        &["space_id", "id"],
        &["spaces"],
        &[
            "space_id",
            "id",
            "principal_type",
            "principal_id",
            "operation_key",
            "operation_target_type",
        ],
        &[Pass::Access],
    ),
    (
        "space_role_assignments",
        &["space_id", "role_id", "principal_id"],
        &["spaces"],
        &["space_id", "role_id", "principal_type", "principal_id"],
        &[Pass::Access],
    ),
    ("groups", &["id"], &[], &["id"], &[Pass::Full, Pass::Census]),
    (
        "group_members",
        &["group_id", "account_id"],
        &["groups"],
        &["group_id", "account_id", "email"],
        &[Pass::Access],
    ),
    (
        "users",
        &["account_id"],
        &["group_members"],
        &["account_id", "email"],
        &[Pass::Details],
    ),
];

fn streams() -> Vec<Stream> {
    let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let column = |name: &&str| Column {
        name: (*name).to_owned(),
        documentation: String::new(),
        column_type: match *name {
            "version__number" => ColumnType::Integer,
            _ => ColumnType::Text,
        },
        nullable: true,
        on_request: false,
    };
    let stream =
        |(name, key, parents, columns, passes): &(&str, &[&str], &[&str], &[&str], &[Pass])| {
            Stream {
                name: (*name).to_owned(),
                documentation: String::new(),
                key: texts(key),
                parents: texts(parents),
                by_space: false,
                columns: columns.iter().map(column).collect(),
                passes: passes.to_vec(),
                scopes: Vec::new(),
                points_per_row: 1,
                is_default: *name != "folders",
                settings: Vec::new(),
            }
        };
    STREAMS.iter().map(stream).collect()
}

/// A row: its parent, its space, and values by column.
struct Row {
    parent: Option<String>,
    space: Option<String>,
    values: BTreeMap<&'static str, String>,
}

fn row<const N: usize>(parent: Option<String>, values: [(&'static str, String); N]) -> Row {
    Row {
        parent,
        space: None,
        values: BTreeMap::from(values),
    }
}

impl Wiki {
    fn content_row(&self, id: u32, content: &Content, moment: &Moment) -> Row {
        let mut one = row(
            content.parent.map(|parent| parent.to_string()),
            [
                ("id", id.to_string()),
                ("space_id", content.space.clone()),
                ("version__number", content.version.to_string()),
            ],
        );
        one.space = Some(content.space.clone());
        if let Some(parent) = content.parent {
            one.values.insert("parent_id", parent.to_string());
            let kind = moment.contents[&parent].kind;
            one.values.insert("parent_type", kind.to_owned());
        }
        one
    }

    /// The rows of a step, the keys of parents that were read, and of those that are missing.
    fn rows(&self, request: &StepRequest) -> (Vec<Row>, Vec<String>, Vec<String>) {
        let moment = self.now.lock().unwrap();
        let (mut rows, mut read, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        let keys = || request.parents.iter().map(|parent| parent.key.clone());
        match request.stream.as_str() {
            "spaces" => {
                for id in moment.permissions.keys() {
                    rows.push(row(None, [("id", id.clone())]));
                }
            }
            "groups" => {
                for id in moment.groups.keys() {
                    rows.push(row(None, [("id", id.clone())]));
                }
            }
            "pages" | "blog_posts" | "folders" => {
                let kind = match request.stream.as_str() {
                    "pages" => "page",
                    "folders" => "folder",
                    _ => "blogpost",
                };
                if request.pass == Pass::LookUp {
                    for key in keys() {
                        let id: u32 = key.parse().unwrap();
                        match moment.contents.get(&id).filter(|it| it.kind == kind) {
                            Some(content) => rows.push(self.content_row(id, content, &moment)),
                            None => missing.push(key),
                        }
                    }
                } else {
                    let those = moment.contents.iter().filter(|(_, it)| it.kind == kind);
                    rows.extend(those.map(|(id, it)| self.content_row(*id, it, &moment)));
                }
            }
            "content_restrictions" => {
                let trouble = self.trouble.lock().unwrap();
                let is_search = request.pass == Pass::Access;
                let ids: Vec<u32> = if request.parents.is_empty() {
                    moment.contents.keys().copied().collect()
                } else {
                    keys().map(|key| key.parse().unwrap()).collect()
                };
                for id in ids {
                    let Some(content) = moment.contents.get(&id) else {
                        missing.push(id.to_string());
                        continue;
                    };
                    // A search has pages and blog posts, and not all of them.
                    if is_search && (content.kind == "folder" || trouble.unindexed.contains(&id)) {
                        continue;
                    }
                    read.push(id.to_string());
                    for (operation, principals) in
                        [("read", &content.read), ("update", &content.update)]
                    {
                        for (kind, principal) in principals {
                            rows.push(row(
                                Some(id.to_string()),
                                [
                                    ("content_id", id.to_string()),
                                    ("operation", operation.to_owned()),
                                    ("principal_type", (*kind).to_owned()),
                                    ("principal_id", principal.clone()),
                                ],
                            ));
                        }
                    }
                }
            }
            "space_permissions" => {
                for key in keys() {
                    for (place, (kind, id)) in moment.permissions[&key].iter().enumerate() {
                        for operation in ["read", "administer"] {
                            // Who administers it is no reader for that alone.
                            let id = if operation == "read" {
                                id
                            } else {
                                &moment.users[0]
                            };
                            let kind = if operation == "read" { kind } else { &"user" };
                            rows.push(row(
                                Some(key.clone()),
                                [
                                    ("space_id", key.clone()),
                                    ("id", format!("{kind}:{id}:{operation}:{place}")),
                                    ("principal_type", (*kind).to_owned()),
                                    ("principal_id", id.clone()),
                                    ("operation_key", operation.to_owned()),
                                    ("operation_target_type", "space".to_owned()),
                                ],
                            ));
                        }
                    }
                    read.push(key);
                }
            }
            "space_role_assignments" => {
                for key in keys() {
                    for ((_, role), holders) in
                        moment.roles.iter().filter(|((space, _), _)| *space == key)
                    {
                        for (kind, id) in holders {
                            rows.push(row(
                                Some(key.clone()),
                                [
                                    ("space_id", key.clone()),
                                    ("role_id", role.clone()),
                                    ("principal_type", kind.to_uppercase()),
                                    ("principal_id", id.clone()),
                                ],
                            ));
                        }
                    }
                    read.push(key);
                }
            }
            "group_members" => {
                for key in keys() {
                    for account in moment.groups.get(&key).into_iter().flatten() {
                        rows.push(row(
                            Some(key.clone()),
                            [("group_id", key.clone()), ("account_id", account.clone())],
                        ));
                    }
                    read.push(key);
                }
            }
            _ => {
                let accounts = keys().map(|key| key.split('/').next_back().unwrap().to_owned());
                for account in accounts.collect::<BTreeSet<_>>() {
                    rows.push(row(None, [("account_id", account)]));
                }
            }
        }
        (rows, read, missing)
    }
}

impl Source for Wiki {
    fn streams<'a>(&'a self, _: &'a SourceSettings) -> SourceFuture<'a, Vec<Stream>> {
        Box::pin(async { Ok(streams()) })
    }

    fn step<'a>(
        &'a self,
        streams: &'a [Stream],
        request: &'a StepRequest,
    ) -> SourceFuture<'a, Progress> {
        Box::pin(async move {
            let stream = Stream::find(streams, &request.stream).unwrap();
            let takes_parents = !stream.parents.is_empty()
                && (request.stream != "content_restrictions" || request.pass == Pass::Details);
            if takes_parents && request.parents.is_empty() {
                let error = SourceError::new("invalid-argument", "parents-missing", "no");
                return Err(error);
            }
            let number = {
                let mut steps = self.steps.lock().unwrap();
                *steps += 1;
                *steps
            };
            let every = self.trouble.lock().unwrap().fails_every;
            if every > 0 && ((number * 2_654_435_761) >> 7).is_multiple_of(every) {
                return Err(SourceError::new("upstream-failed", "status-500", "no"));
            }
            let (rows, read, missing) = self.rows(request);
            let columns = stream.projected(&request.projection);
            let mut values: Vec<Values> = columns
                .iter()
                .map(|column| Values {
                    name: column.name.clone(),
                    offsets: match column.column_type {
                        ColumnType::Text => vec![0],
                        _ => Vec::new(),
                    },
                    ..Values::default()
                })
                .collect();
            for (at, row) in rows.iter().enumerate() {
                let key: Vec<&str> = stream
                    .key
                    .iter()
                    .map(|name| row.values[name.as_str()].as_str())
                    .collect();
                let fingerprint = format!("{:?}", row.values);
                for (values, column) in values.iter_mut().zip(&columns) {
                    let value = match column.name.as_str() {
                        "_key" => Some(key.join("/")),
                        "_parent" => row.parent.clone(),
                        "_container" => row.space.clone(),
                        "_fingerprint" => Some(fingerprint.clone()),
                        name => row.values.get(name).cloned(),
                    };
                    values.validity.resize(at / 8 + 1, 0);
                    if value.is_some() {
                        values.validity[at / 8] |= 1 << (at % 8);
                    }
                    if column.column_type == ColumnType::Text {
                        values.text.push_str(value.as_deref().unwrap_or_default());
                        values
                            .offsets
                            .push(i32::try_from(values.text.len()).unwrap());
                    } else {
                        values
                            .numbers
                            .push(value.map_or(0, |value| value.parse().unwrap()));
                    }
                }
            }
            let count = u32::try_from(rows.len()).unwrap();
            let batch =
                Batch::from_values(stream, &request.projection, count, count, values).unwrap();
            let mut progress = Progress::new(vec![batch], None, Outcome::Done);
            progress.observed = Observed::default();
            progress.observed.requests = 1;
            let read = read.into_iter();
            progress.observed.read_parents = read
                .map(|key| source::ReadParent { key, version: None })
                .collect();
            progress.observed.missing_parents = missing;
            Ok(progress)
        })
    }
}
