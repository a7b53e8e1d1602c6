//! Labels of the site, of a space, of content.

use crate::answer::Answer;
use crate::call::Call;
use crate::json::Json;
use crate::listing::{self, Rows};
use crate::refusal::Refusal;
use crate::sequence::Sequence;
use crate::site::entity::Entity;
use crate::site::label;

const PREFIXES: [&str; 4] = ["my", "team", "global", "system"];

/// `GET /labels`.
pub(super) fn list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let ids = call.ids("label-id", 250)?;
    let prefixes = call.words("prefix", 250)?;
    let labels = (0..label::COUNT)
        .filter(|&index| {
            ids.as_ref()
                .is_none_or(|ids| ids.contains(&label::id(index)))
        })
        .filter(|&index| {
            prefixes
                .as_ref()
                .is_none_or(|known| known.iter().any(|one| one == label::prefix(index)))
        });
    answer(call, labels.collect())
}

/// `GET /pages/{id}/labels`, and the same below blog posts, attachments and custom content.
pub(super) fn of(call: &Call<'_>, entity: Entity) -> Result<Answer, Refusal> {
    let prefix = call.one_of("prefix", &PREFIXES)?;
    let labels = call.site.labels_of(entity).into_iter();
    answer(
        call,
        labels
            .filter(|&index| prefix.is_none_or(|prefix| label::prefix(index) == prefix))
            .collect(),
    )
}

/// `GET /spaces/{id}/labels`.
pub(super) fn of_space(call: &Call<'_>, space: u64) -> Result<Answer, Refusal> {
    let prefix = call.one_of("prefix", &["my", "team"])?;
    let labels = call.site.labels_of_space(space).into_iter();
    answer(
        call,
        labels
            .filter(|&index| prefix.is_none_or(|prefix| label::prefix(index) == prefix))
            .collect(),
    )
}

/// The label of an id.
pub(super) fn of_id(id: u64) -> Option<u64> {
    (0..label::COUNT).find(|&index| label::id(index) == id)
}

fn answer(call: &Call<'_>, mut labels: Vec<u64>) -> Result<Answer, Refusal> {
    let limit = call.limit(25)?;
    let sort = call.sort(&["created-date", "id", "name"])?;
    if let Some(("name", _)) = sort {
        labels.sort_unstable_by_key(|&index| label::name(index));
    }
    let rows = Rows {
        sequence: Sequence::Picked(labels),
        falling: sort.is_some_and(|(_, falling)| falling),
        accepts: &|_| true,
        id: &|index| label::id(index).to_string(),
        write: &write,
    };
    listing::answer(call, limit, &rows)
}

/// One label.
pub(super) fn write(index: u64, json: &mut Json) {
    json.open('{')
        .id_at("id", label::id(index))
        .text_at("name", label::name(index));
    json.text_at("prefix", label::prefix(index)).close('}');
}

/// The labels with these names, for the listing of spaces.
pub(super) fn named(names: &[String]) -> Vec<u64> {
    let named = |&index: &u64| names.iter().any(|name| name == label::name(index));
    (0..label::COUNT).filter(named).collect()
}
