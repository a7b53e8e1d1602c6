//! What hangs above and below a page, folder, whiteboard, database or embed; and the four kinds
//! that are no pages themselves.

use super::content::page_status;
use super::part;
use crate::answer::Answer;
use crate::call::Call;
use crate::json::Json;
use crate::listing::{self, Rows};
use crate::random::mix;
use crate::refusal::Refusal;
use crate::sequence::Sequence;
use crate::site::tree::Node;
use crate::timestamp::iso;

/// `GET /pages/{id}/children`: pages only. Replaced by the direct children.
pub(super) fn child_pages(call: &Call<'_>, node: Node) -> Result<Answer, Refusal> {
    let sort = call.sort(&["created-date", "id", "child-position", "modified-date"])?;
    let mut children = call.site.children(node);
    children.retain(|child| matches!(child, Node::Page(_)));
    let answer = list(call, children, sort, &|node, json| {
        write(call, node, false, json)
    })?;
    Ok(answer.with(
        "link",
        "<https://developer.example.com/changelog>; rel=\"deprecation\"",
    ))
}

/// `GET /pages/{id}/direct-children`, and the same below the other kinds: children of any kind.
pub(super) fn direct_children(call: &Call<'_>, node: Node) -> Result<Answer, Refusal> {
    let sort = call.sort(&[
        "created-date",
        "id",
        "modified-date",
        "child-position",
        "title",
    ])?;
    let children = call.site.children(node);
    list(call, children, sort, &|node, json| {
        write(call, node, true, json)
    })
}

/// By position without a sort, those without one first.
fn list(
    call: &Call<'_>,
    mut nodes: Vec<Node>,
    sort: Option<(&str, bool)>,
    write: &dyn Fn(Node, &mut Json),
) -> Result<Answer, Refusal> {
    let site = call.site;
    let limit = call.limit(25)?;
    let (field, falling) = sort.unwrap_or(("child-position", false));
    nodes.sort_by_key(|&node| site.node_id(node));
    match field {
        "created-date" => nodes.sort_by_key(|&node| site.node_created(node)),
        "modified-date" => nodes.sort_by_key(|&node| site.node_changed(node)),
        "title" => nodes.sort_by_key(|&node| site.node_title(node)),
        "child-position" => nodes.sort_by_key(|&node| site.position(node)),
        _ => {}
    }
    let node = |at: u64| nodes.get(at as usize).copied().unwrap_or(Node::Page(0));
    let rows = Rows {
        sequence: Sequence::Picked((0..nodes.len() as u64).collect()),
        falling,
        accepts: &|_| true,
        id: &|at| site.node_id(node(at)).to_string(),
        write: &|at, json| write(node(at), json),
    };
    listing::answer(call, limit, &rows)
}

/// The member `directChildren`.
pub(super) fn embedded_children(call: &Call<'_>, node: Node, json: &mut Json) {
    let mut children = call.site.children(node);
    children.sort_by_key(|&child| (call.site.position(child), call.site.node_id(child)));
    let write = |at: usize, json: &mut Json| {
        if let Some(&child) = children.get(at) {
            write(call, child, true, json);
        }
    };
    let owner = format!("{}/{}", resource(node), call.site.node_id(node));
    part::embedded("directChildren", &owner, children.len(), write, json);
}

/// `GET /pages/{id}/descendants`, and the same below the other kinds: nearer ones first.
pub(super) fn descendants(call: &Call<'_>, node: Node) -> Result<Answer, Refusal> {
    let site = call.site;
    let limit = call.limit(25)?;
    let depth = match call.query.last("depth") {
        None => 2,
        Some(text) => text
            .parse::<i32>()
            .map_err(|_| Refusal::wrong_type("depth", "int"))?,
    };
    if !(1..=10).contains(&depth) {
        return Err(Refusal::invalid(
            &format!("'depth' is {depth}, which is out of range."),
            "'depth' must be between 1 and 10.",
        ));
    }
    let mut found: Vec<(Node, Node, u64)> = Vec::new();
    let mut level = vec![node];
    for depth in 1..=depth as u64 {
        let mut below = Vec::new();
        for &above in &level {
            let mut children = site.children(above);
            children.sort_by_key(|&child| (site.position(child), site.node_id(child)));
            found.extend(children.iter().map(|&child| (child, above, depth)));
            below.extend(children);
        }
        level = below;
    }
    let row = |at: u64| found.get(at as usize);
    let rows = Rows {
        sequence: Sequence::Picked((0..found.len() as u64).collect()),
        falling: false,
        accepts: &|_| true,
        id: &|at| {
            row(at)
                .map_or(0, |&(node, ..)| site.node_id(node))
                .to_string()
        },
        write: &|at, json| {
            if let Some(&(node, above, depth)) = row(at) {
                json.open('{');
                members(call, node, json);
                json.text_at("type", node.kind())
                    .id_at("parentId", site.node_id(above))
                    .number_at("depth", depth)
                    .close('}');
            }
        },
    };
    listing::answer(call, limit, &rows)
}

/// `GET /pages/{id}/ancestors`, and the same below the other kinds: from the top down, the
/// nearest ones when there are more than `limit`. There is no next page: ask for the ancestors
/// of the first one.
pub(super) fn ancestors(call: &Call<'_>, node: Node) -> Result<Answer, Refusal> {
    let limit = call.limit(25)?;
    let all = call.site.ancestors(node);
    let nearest = all.get(all.len().saturating_sub(limit)..).unwrap_or(&[]);
    let ancestor = |at: u64| nearest.get(at as usize).copied();
    let rows = Rows {
        sequence: Sequence::Picked((0..nearest.len() as u64).collect()),
        falling: false,
        accepts: &|_| true,
        id: &|at| at.to_string(),
        write: &|at, json| {
            if let Some(node) = ancestor(at) {
                json.open('{')
                    .id_at("id", call.site.node_id(node))
                    .text_at("type", node.kind())
                    .close('}');
            }
        },
    };
    let gathered = listing::gather(call, limit, &rows)?;
    let mut json = Json::with_capacity(gathered.rows.len() + 200);
    json.open('{')
        .key("results")
        .open('[')
        .raw_bytes(&gathered.rows)
        .close(']');
    if let Node::Page(_) = node {
        json.key("_links")
            .open('{')
            .text_at("base", &format!("{}/wiki", call.site_url))
            .close('}');
    }
    json.close('}');
    Ok(Answer::json(200, json.into_bytes()))
}

/// `GET /folders/{id}`, `/whiteboards/{id}`, `/databases/{id}`, `/embeds/{id}`.
pub(super) fn single(call: &Call<'_>, node: Node) -> Result<Answer, Refusal> {
    let site = call.site;
    let Node::Other(space, number) = node else {
        return Err(Refusal::not_found("Not Found"));
    };
    let roll = mix(site.seed, 131, space * 16 + number);
    let id = site.node_id(node);
    let mut json = Json::with_capacity(2_000);
    json.open('{')
        .id_at("id", id)
        .text_at("type", node.kind())
        .text_at("status", "current")
        .text_at("title", &site.node_title(node));
    match site.parent(node) {
        Some(parent) => json
            .text_at("parentType", parent.kind())
            .id_at("parentId", site.node_id(parent)),
        None => json.null_at("parentType").null_at("parentId"),
    };
    match site.position(node) {
        Some(position) => json.number_at("position", position),
        None => json.null_at("position"),
    };
    let (key, space_id) = site
        .space(space)
        .map_or(("", 0), |space| (space.key.as_str(), space.id));
    json.text_at("authorId", site.account_id(roll))
        .text_at("ownerId", site.account_id(roll >> 8))
        .text_at("createdAt", &iso(site.node_created(node), true))
        .id_at("spaceId", space_id)
        .key("version")
        .open('{')
        .number_at("number", 1)
        .text_at("message", "")
        .flag_at("minorEdit", false)
        .text_at("authorId", site.account_id(roll))
        .text_at("createdAt", &iso(site.node_changed(node), true))
        .close('}');
    if call.flag("include-direct-children") {
        embedded_children(call, node, &mut json);
    }
    if call.flag("include-operations") {
        let write = |_: usize, json: &mut Json| {
            json.open('{')
                .text_at("operation", "read")
                .text_at("targetType", node.kind())
                .close('}');
        };
        part::embedded(
            "operations",
            &format!("{}/{id}", resource(node)),
            1,
            write,
            &mut json,
        );
    }
    if call.flag("include-properties") {
        part::embedded(
            "properties",
            &format!("{}/{id}", resource(node)),
            0,
            |_, _| {},
            &mut json,
        );
    }
    if call.flag("include-collaborators") {
        json.key("collaborators")
            .open('[')
            .element()
            .open('{')
            .text_at("accountId", site.account_id(roll))
            .close('}')
            .close(']');
    }
    json.key("_links")
        .open('{')
        .text_at("webui", &format!("/spaces/{key}/{}/{id}", node.kind()))
        .text_at("base", &format!("{}/wiki", call.site_url))
        .close('}')
        .close('}');
    Ok(listing::single(call, json))
}

fn resource(node: Node) -> String {
    format!("{}s", node.kind())
}

fn write(call: &Call<'_>, node: Node, with_type: bool, json: &mut Json) {
    let space = call.site.space(call.site.space_of_node(node));
    json.open('{');
    members(call, node, json);
    if with_type {
        json.text_at("type", node.kind());
    }
    json.id_at("spaceId", space.map_or(0, |space| space.id))
        .close('}');
}

fn members(call: &Call<'_>, node: Node, json: &mut Json) {
    let status = match node {
        Node::Page(page) => page_status(call, page),
        Node::Other(..) => "current",
    };
    json.id_at("id", call.site.node_id(node))
        .text_at("status", status)
        .text_at("title", &call.site.node_title(node));
    match call.site.position(node) {
        Some(position) => json.number_at("childPosition", position),
        None => json.null_at("childPosition"),
    };
}
