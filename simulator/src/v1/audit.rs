//! What was done at the site.

use super::offset::{self, Window};
use crate::answer::Answer;
use crate::call::Call;
use crate::json::Json;
use crate::random::mix;
use crate::refusal::Refusal;
use crate::site::Site;

/// Records that a site has.
const COUNT: u64 = 60;
/// The latest of them, in milliseconds since 1970, and the time between two.
const LATEST: u64 = 1_794_000_000_000;
const BETWEEN: u64 = 7 * 3_600_000;

/// What was done: the summary, the category, and what it was done to.
const EVENTS: [(&str, &str, &str); 5] = [
    ("Space permission added", "Permissions", "Space"),
    ("Space permission removed", "Permissions", "Space"),
    ("User added to group", "Users and groups", "Group"),
    ("Content restriction added", "Permissions", "Page"),
    ("Space created", "Spaces", "Space"),
];

/// `GET /wiki/rest/api/audit`: the latest first.
pub(super) fn list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let (from, to) = (instant(call, "startDate")?, instant(call, "endDate")?);
    let text = call
        .query
        .last("searchString")
        .unwrap_or_default()
        .to_lowercase();
    let window = Window::of(call, 1_000)?;
    let mut records = records(call.site);
    records.retain(|record| {
        from.is_none_or(|from| record.created as i64 >= from)
            && to.is_none_or(|to| record.created as i64 <= to)
            && (text.is_empty() || record.says(&text))
    });
    Ok(offset::answer(call, &window, &records, write))
}

fn instant(call: &Call<'_>, name: &str) -> Result<Option<i64>, Refusal> {
    let given = call.query.last(name).map(str::parse).transpose();
    given.map_err(|_| Refusal::wrong_type(name, "long"))
}

/// One record.
struct Record<'a> {
    /// Milliseconds since 1970.
    created: u64,
    summary: &'static str,
    category: &'static str,
    kind: &'static str,
    /// The name of what it was done to.
    affected: String,
    author: &'a str,
}

/// The latest first: what was changed since the site was generated, and what was generated.
fn records(site: &Site) -> Vec<Record<'_>> {
    let changes = site.overlay.audit.iter().rev().map(|event| Record {
        created: event.at,
        summary: event.summary,
        category: event.category,
        kind: event.kind,
        affected: event.affected.clone(),
        author: site.account_id(event.by),
    });
    let generated = (0..COUNT).map(|at| {
        let (summary, category, kind) = event(site, at);
        Record {
            created: LATEST - at * BETWEEN,
            summary,
            category,
            kind,
            affected: affected(site, at),
            author: site.account_id(mix(site.seed, 9_200, at)),
        }
    });
    changes.chain(generated).collect()
}

fn event(site: &Site, at: u64) -> (&'static str, &'static str, &'static str) {
    let number = mix(site.seed, 9_100, at) as usize % EVENTS.len();
    EVENTS.get(number).copied().unwrap_or_default()
}

/// The name of what it was done to.
fn affected(site: &Site, at: u64) -> String {
    match event(site, at).2 {
        "Group" => site.group_name(at % site.group_count().max(1)),
        _ => {
            let space = site.space(at % site.space_count().max(1));
            space.map_or_else(String::new, |space| space.name.clone())
        }
    }
}

impl Record<'_> {
    fn says(&self, text: &str) -> bool {
        [self.summary, self.category, &self.affected]
            .iter()
            .any(|said| said.to_lowercase().contains(text))
    }
}

fn write(record: &Record<'_>, json: &mut Json) {
    json.open('{')
        .key("author")
        .open('{')
        .text_at("type", "user")
        .text_at("displayName", "An administrator")
        .null_at("operations")
        .text_at("username", "")
        .text_at("userKey", "")
        .text_at("accountId", record.author)
        .text_at("accountType", "")
        .text_at("publicName", "An administrator")
        .flag_at("isExternalCollaborator", false)
        .flag_at("isGuest", false)
        .close('}')
        .text_at("remoteAddress", "203.0.113.7")
        .number_at("creationDate", record.created)
        .text_at("summary", record.summary)
        .text_at("description", "")
        .text_at("category", record.category)
        .flag_at("sysAdmin", false)
        .flag_at("superAdmin", false)
        .key("affectedObject");
    object(&record.affected, record.kind, json);
    json.key("changedValues").open('[');
    if record.category == "Permissions" {
        json.element()
            .open('{')
            .text_at("name", "Type")
            .text_at("oldValue", "")
            .text_at("hiddenOldValue", "")
            .text_at("newValue", "View")
            .text_at("hiddenNewValue", "")
            .close('}');
    }
    json.close(']').key("associatedObjects").open('[').element();
    object(record.author, "User", json);
    json.close(']').close('}');
}

fn object(name: &str, kind: &str, json: &mut Json) {
    json.open('{')
        .text_at("name", name)
        .text_at("objectType", kind)
        .close('}');
}
