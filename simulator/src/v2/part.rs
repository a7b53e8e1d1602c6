//! Parts that several resources share.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::call::Call;
use crate::json::Json;
use crate::site::Site;
use crate::site::attachment::Container;
use crate::site::population::Population;
use crate::timestamp::iso;

/// A time of a row. One in seven has no milliseconds.
pub(super) fn time_of(rows: &Population, slot: u64, milliseconds: u64) -> String {
    iso(milliseconds, !rows.roll(10, slot).is_multiple_of(7))
}

/// The member `version`. Only content that is edited together has `ncsStepVersion`.
pub(super) fn version(site: &Site, rows: &Population, slot: u64, steps: bool, json: &mut Json) {
    let roll = rows.roll(11, slot);
    json.key("version")
        .open('{')
        .number_at("number", 2 + roll % 7);
    json.text_at(
        "message",
        if roll.is_multiple_of(9) {
            "tidied \"up\" & fixed"
        } else {
            ""
        },
    );
    json.flag_at("minorEdit", roll.is_multiple_of(4));
    json.text_at("authorId", site.account_id(roll >> 16));
    json.text_at("createdAt", &time_of(rows, slot, rows.changed(slot)));
    if steps {
        if roll.is_multiple_of(3) {
            json.key("ncsStepVersion")
                .raw("\"")
                .number(roll % 90)
                .raw("\"");
        } else {
            json.null_at("ncsStepVersion");
        }
    }
    json.close('}');
}

/// The one member that names what holds a row.
pub(super) fn container(site: &Site, container: Container, json: &mut Json) {
    match container {
        Container::Page(slot) => json.id_at("pageId", site.pages.id(slot)),
        Container::BlogPost(slot) => json.id_at("blogPostId", site.blog_posts.id(slot)),
        Container::CustomContent(slot) => {
            json.id_at("customContentId", site.custom_content.id(slot))
        }
        Container::Space(_) => json,
    };
}

/// An embedded collection: rows, whether there are more, and a link without `/wiki`.
pub(super) fn embedded(
    name: &str,
    owner: &str,
    total: usize,
    write: impl Fn(usize, &mut Json),
    json: &mut Json,
) {
    let shown = total.min(super::EMBEDDED);
    json.key(name).open('{').key("results").open('[');
    for at in 0..shown {
        json.element();
        write(at, json);
    }
    json.close(']')
        .key("meta")
        .open('{')
        .flag_at("hasMore", total > shown);
    if total > shown {
        json.text_at(
            "cursor",
            &crate::cursor::Cursor::new(String::new(), shown as u64, owner.to_owned()).encode(),
        );
    }
    json.close('}')
        .key("_links")
        .open('{')
        .text_at("self", &format!("/api/v2/{owner}/{name}"))
        .close('}')
        .close('}');
}

/// The collections that content takes inside when it is asked for: `include-labels`,
/// `include-properties`, `include-operations`, `include-likes`.
pub(super) fn inclusions(
    call: &Call<'_>,
    owner: &str,
    target: &str,
    labels: &[u64],
    json: &mut Json,
) {
    if call.flag("include-labels") {
        let write = |at: usize, json: &mut Json| {
            super::labels::write(labels.get(at).copied().unwrap_or(0), json)
        };
        embedded("labels", owner, labels.len(), write, json);
    }
    if call.flag("include-properties") {
        embedded("properties", owner, 0, |_, _| {}, json);
    }
    if call.flag("include-operations") {
        let operations = ["read", "update", "delete"];
        let write = |at: usize, json: &mut Json| {
            json.open('{')
                .text_at("operation", operations.get(at).unwrap_or(&"read"))
                .text_at("targetType", target)
                .close('}');
        };
        embedded("operations", owner, operations.len(), write, json);
    }
    if call.flag("include-likes") {
        embedded("likes", owner, 0, |_, _| {}, json);
    }
}

/// The short link of a piece of content.
pub(super) fn tiny(id: u64) -> String {
    let bytes = id.to_le_bytes();
    let used = bytes
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(1, |last| last + 1);
    format!("/x/{}", URL_SAFE_NO_PAD.encode(bytes.split_at(used).0))
}

/// The member `body`: empty when no format was asked for.
pub(super) fn body(format: Option<(&str, String)>, json: &mut Json) {
    json.key("body").open('{');
    if let Some((format, value)) = format {
        json.key(format)
            .open('{')
            .text_at("representation", format)
            .text_at("value", &value)
            .close('}');
    }
    json.close('}');
}
