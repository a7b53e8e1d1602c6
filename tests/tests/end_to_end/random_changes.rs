//! Changes of a site that look random, and are the same each time.

use std::collections::BTreeSet;
use std::time::Duration;

use confluence_simulator::{Amounts, ContentKind, Mutation, MutationError, Settings, Simulator};
use serde_json::{Value, json};

/// More than the ten minutes that two lists which lack a row have to be apart.
pub(crate) const APART: Duration = Duration::from_secs(660);

/// A site with something of every kind, for tests that copy many of them.
pub(crate) fn small_site(seed: u64) -> Settings {
    Settings {
        seed,
        pages: 40,
        amounts: Amounts {
            spaces: Some(4),
            attachments: Some(12),
            footer_comments: Some(15),
            inline_comments: Some(15),
            groups: Some(6),
            with_many_versions: Some(20),
            ..Amounts::default()
        },
        ..Settings::default()
    }
}

/// Numbers that look random, and are the same each time.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn of(sequence: u64) -> Self {
        Self(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(sequence) | 1)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end.max(1)
    }

    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len() as u64) as usize)
    }

    /// The id of something of a kind.
    pub(crate) fn id(&mut self, site: &Simulator, kind: ContentKind) -> Option<String> {
        let rows = site.site().inventory(kind);
        self.pick(&rows).map(|row| text(&row["id"]))
    }
}

pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Changes the site a few times. What is impossible is left out.
pub(crate) fn change(random: &mut Random, site: &Simulator) {
    for _ in 0..random.below(7) {
        let Some(mutation) = mutation(random, site) else {
            continue;
        };
        let parsed = Mutation::parse(&mutation.to_string()).unwrap();
        match site.mutate(&parsed) {
            Ok(_) | Err(MutationError::Refused { .. } | MutationError::NotFound { .. }) => {}
            Err(error) => panic!("{mutation}: {error}"),
        }
    }
}

/// Something that may happen at any moment. `None` where nothing fits.
pub(crate) fn mutation(random: &mut Random, site: &Simulator) -> Option<Value> {
    use ContentKind::{Attachment, BlogPost, FooterComment, InlineComment, Page};
    let truth = site.site();
    let content = [Page, Page, Page, BlogPost, Attachment];
    let content = *random.pick(&content)?;
    let comments = [FooterComment, InlineComment];
    let comments = *random.pick(&comments)?;
    let id = random.id(site, content)?;
    let page = random.id(site, Page)?;
    let comment = random.id(site, comments);
    let spaces = truth.inventory(ContentKind::Space);
    let space = random.pick(&spaces)?.clone();
    let users: Vec<String> = truth.account_ids().collect();
    let user = random.pick(&users)?.clone();
    let groups: Vec<String> = truth.group_ids().collect();
    let group = random.pick(&groups)?.clone();
    let words = ["runbook", "api", "faq", "policy", "team:ops", "draft"];
    let word = *random.pick(&words)?;
    let operation = *random.pick(&["read", "update"])?;
    let number = random.below(4) + 1;
    let is_odd = number % 2 == 1;
    Some(match random.below(29) {
        0 if is_odd => json!({"kind": "create-page", "parent": page}),
        0 => json!({"kind": "create-page", "space": space["id"]}),
        1 => json!({"kind": "create-blog-post", "space": space["id"]}),
        2 => json!({"kind": "edit", "id": id}),
        3 => json!({"kind": "edit", "id": comment?}),
        4 => {
            json!({"kind": "retitle", "id": page, "title": format!("Title {}", random.below(1_000))})
        }
        5 | 6 => json!({"kind": "trash", "id": id}),
        7 => json!({"kind": "restore", "id": id}),
        8 | 9 => json!({"kind": "purge", "id": id}),
        10 if is_odd => json!({"kind": "move", "id": page, "parent": random.id(site, Page)?}),
        10 => json!({"kind": "move", "id": page, "space": space["id"]}),
        11 => json!({"kind": "move", "id": random.id(site, BlogPost)?, "space": space["id"]}),
        12 => json!({"kind": "archive", "id": page}),
        13 => json!({"kind": "unarchive", "id": page}),
        14 => json!({"kind": "add-label", "id": id, "label": word}),
        15 => {
            let rows = truth.inventory(content);
            let labeled: Vec<Value> = rows
                .into_iter()
                .filter(|row| {
                    row["labels"]
                        .as_array()
                        .is_some_and(|labels| !labels.is_empty())
                })
                .collect();
            let row = random.pick(&labeled)?;
            json!({"kind": "remove-label", "id": row["id"], "label": row["labels"][0]})
        }
        16 if is_odd => {
            json!({"kind": "restrict", "id": page, "operation": operation, "user": user})
        }
        16 => json!({"kind": "restrict", "id": page, "operation": operation, "group": group}),
        17 => {
            let rows = truth.inventory(Page);
            let restricted: Vec<&Value> = rows
                .iter()
                .filter(|row| !row["restrictions"][operation]["users"][0].is_null())
                .collect();
            let row = random.pick(&restricted)?;
            let user = &row["restrictions"][operation]["users"][0];
            json!({"kind": "unrestrict", "id": row["id"], "operation": operation, "user": user})
        }
        18 => json!({"kind": "create-comment", "on": page, "inline": is_odd}),
        19 => json!({"kind": "create-comment", "on": comment?}),
        20 => json!({"kind": "delete-comment", "id": comment?}),
        21 if is_odd => json!({"kind": "resolve", "id": random.id(site, InlineComment)?}),
        21 => json!({"kind": "reopen", "id": random.id(site, InlineComment)?}),
        22 if is_odd => json!({"kind": "complete-task", "id": random.id(site, ContentKind::Task)?}),
        22 => json!({"kind": "reopen-task", "id": random.id(site, ContentKind::Task)?}),
        23 => json!({"kind": "delete-version", "id": id, "number": number}),
        24 => json!({"kind": "drift", "id": id}),
        25 if is_odd => {
            json!({"kind": "grant", "space": space["id"], "operation": "export", "target": "space", "user": user})
        }
        25 => {
            json!({"kind": "revoke", "space": space["id"], "permission": space["permissions"][2]})
        }
        26 if spaces.len() > 2 => json!({"kind": "hide-space", "space": space["id"]}),
        26 => {
            let keys: BTreeSet<String> = spaces.iter().map(|space| text(&space["id"])).collect();
            let hidden = HIDDEN_CANDIDATES.iter().find(|id| !keys.contains(**id))?;
            json!({"kind": "show-space", "space": hidden})
        }
        27 if is_odd => json!({"kind": "add-member", "group": group, "user": user}),
        27 => json!({"kind": "remove-member", "group": group, "user": user}),
        _ => {
            json!({"kind": "rename-user", "user": user, "name": format!("Name {}", random.below(1_000))})
        }
    })
}

/// The ids of the four spaces of these sites.
const HIDDEN_CANDIDATES: [&str; 4] = ["65538", "65550", "9107199254740993", "9107199254740995"];
