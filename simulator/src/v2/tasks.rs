//! Tasks.

use super::content::BODIES;
use super::part;
use crate::answer::Answer;
use crate::body_text::{self, BodyOf};
use crate::call::Call;
use crate::json::Json;
use crate::listing::{self, Rows};
use crate::refusal::Refusal;
use crate::sequence::{Order, Sequence};
use crate::site::Site;
use crate::site::attachment::Container;

/// 2026-01-01.
const NEW_YEAR: u64 = 1_767_225_600_000;
const DAY: u64 = 86_400_000;

/// `GET /tasks`. There is no sort.
pub(super) fn list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let (site, rows) = (call.site, &call.site.tasks);
    let limit = call.limit(25)?;
    let format = call.one_of("body-format", &BODIES)?;
    let status = call.one_of("status", &["complete", "incomplete"])?;
    let ids = call.ids("task-id", 250)?;
    let spaces = call.ids("space-id", 250)?;
    let spaces: Option<Vec<u64>> = spaces.map(|ids| {
        ids.into_iter()
            .filter_map(|id| site.space_of_id(id))
            .collect()
    });
    let pages = call.ids("page-id", 250)?;
    let blog_posts = call.ids("blogpost-id", 250)?;
    let created_by = call.words("created-by", 250)?;
    let assigned_to = call.words("assigned-to", 250)?;
    let completed_by = call.words("completed-by", 250)?;
    let created = (
        call.instant("created-at-from")?,
        call.instant("created-at-to")?,
    );
    let due = (call.instant("due-at-from")?, call.instant("due-at-to")?);
    let completed = (
        call.instant("completed-at-from")?,
        call.instant("completed-at-to")?,
    );
    let without_blank = call
        .query
        .last("include-blank-tasks")
        .is_some_and(|value| value.eq_ignore_ascii_case("false"));
    let accepts = |slot: u64| {
        let task = Task::new(site, slot);
        let (page, post) = match task.container {
            Container::Page(slot) => (Some(site.pages.id(slot)), None),
            Container::BlogPost(slot) => (None, Some(site.blog_posts.id(slot))),
            Container::CustomContent(_) | Container::Space(_) => (None, None),
        };
        let holds = |ids: &Option<Vec<u64>>, id: Option<u64>| {
            ids.as_ref()
                .is_none_or(|ids| id.is_some_and(|id| ids.contains(&id)))
        };
        site.shows_task(slot)
            && status.is_none_or(|status| status == task.status())
            && within(task.due, due)
            && within(task.completed, completed)
            && within(Some(rows.created(slot)), created)
            && spaces
                .as_ref()
                .is_none_or(|spaces| spaces.contains(&site.space_of_container(task.container)))
            && holds(&pages, page)
            && holds(&blog_posts, post)
            && names(&created_by, Some(task.created_by))
            && names(&assigned_to, task.assigned_to)
            && names(&completed_by, task.completed_by)
            && !(without_blank && task.blank)
    };
    let sequence = match ids {
        Some(ids) => Sequence::picked(
            ids.into_iter().filter_map(|id| rows.slot_of(id)).collect(),
            Order::Slots,
        ),
        None => Sequence::of(rows, Order::Slots),
    };
    let rows = Rows {
        sequence,
        falling: false,
        accepts: &accepts,
        id: &|slot| rows.id(slot).to_string(),
        write: &|slot, json| write(site, slot, format, json),
    };
    listing::answer(call, limit, &rows)
}

/// `GET /tasks/{id}`.
pub(super) fn single(call: &Call<'_>, slot: u64) -> Result<Answer, Refusal> {
    let format = call.one_of("body-format", &BODIES)?;
    let mut json = Json::with_capacity(1_000);
    write(call.site, slot, format, &mut json);
    Ok(listing::single(call, json))
}

/// Both ends are included; a task without the time is in no span.
fn within(time: Option<u64>, (from, to): (Option<i64>, Option<i64>)) -> bool {
    if from.is_none() && to.is_none() {
        return true;
    }
    let time = time.and_then(|time| i64::try_from(time).ok());
    time.is_some_and(|time| from.is_none_or(|from| time >= from) && to.is_none_or(|to| time <= to))
}

fn names(wanted: &Option<Vec<String>>, account: Option<&str>) -> bool {
    wanted
        .as_ref()
        .is_none_or(|wanted| wanted.iter().any(|one| Some(one.as_str()) == account))
}

struct Task<'a> {
    container: Container,
    due: Option<u64>,
    completed: Option<u64>,
    updated: u64,
    created_by: &'a str,
    assigned_to: Option<&'a str>,
    completed_by: Option<&'a str>,
    blank: bool,
}

impl<'a> Task<'a> {
    fn new(site: &'a Site, slot: u64) -> Self {
        let rows = &site.tasks;
        let roll = rows.roll(6, slot);
        let settled = site.overlay.tasks.get(&slot);
        let complete = site.is_complete_task(slot);
        let completed_at = settled.map_or_else(|| rows.changed(slot), |settled| settled.at);
        let completed_by = settled.map_or(roll >> 33, |settled| settled.by);
        // One in four has no date; half of the others are due at midnight, the rest in the day.
        let hour = if roll & 8 == 0 { 0 } else { (roll >> 40) % DAY };
        Self {
            container: site.container_of_task(slot),
            due: (!(roll >> 4).is_multiple_of(4))
                .then(|| NEW_YEAR + (roll >> 8) % 365 * DAY + hour),
            completed: complete.then_some(completed_at),
            updated: completed_at,
            created_by: site.account_id(roll >> 20),
            assigned_to: (!(roll >> 6).is_multiple_of(5)).then(|| site.account_id(roll >> 28)),
            completed_by: complete.then(|| site.account_id(completed_by)),
            blank: (roll >> 12).is_multiple_of(12),
        }
    }

    fn status(&self) -> &'static str {
        if self.completed.is_some() {
            "complete"
        } else {
            "incomplete"
        }
    }
}

fn write(site: &Site, slot: u64, format: Option<&str>, json: &mut Json) {
    let rows = &site.tasks;
    let task = Task::new(site, slot);
    let time = |milliseconds: u64| part::time_of(rows, slot, milliseconds);
    json.open('{')
        .id_at("id", rows.id(slot))
        .key("localId")
        .raw("\"")
        .number(slot % 40 + 1)
        .raw("\"");
    json.id_at(
        "spaceId",
        site.space(site.space_of_container(task.container))
            .map_or(0, |space| space.id),
    );
    part::container(site, task.container, json);
    json.text_at("status", task.status());
    let text = BodyOf {
        seed: site.seed,
        salt: 3_000,
        index: slot,
    };
    let value = |format: &str| match (task.blank, format) {
        (true, "storage") => String::new(),
        (true, _) => "{\"type\":\"doc\",\"content\":[],\"version\":1}".to_owned(),
        (false, "storage") => body_text::sentence_storage(text),
        (false, _) => body_text::sentence_atlas_doc(text),
    };
    part::body(format.map(|format| (format, value(format))), json);
    json.text_at("createdBy", task.created_by);
    json.text_or_null_at("assignedTo", task.assigned_to)
        .text_or_null_at("completedBy", task.completed_by);
    json.text_at("createdAt", &time(rows.created(slot)))
        .text_at("updatedAt", &time(task.updated));
    // Due times are exact to the millisecond: filters compare them.
    let due = task.due.map(|due| crate::timestamp::iso(due, true));
    json.text_or_null_at("dueAt", due.as_deref());
    json.text_or_null_at("completedAt", task.completed.map(time).as_deref());
    json.close('}');
}
