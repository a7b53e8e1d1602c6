//! Bodies as plain text and as markdown, rendered here from what Confluence sends.

use std::collections::BTreeMap;

use confluence_rendering::{Context, Format, RenderNotice, adf, adf_mentions, mentions, storage};

use crate::{find, reading::rows::Rows, record::Body};

/// The format that pages come in to be rendered.
const SOURCE: &str = "storage";

/// The other format that can be rendered. Some pieces come in it whatever was asked for.
const DOCUMENT: &str = "atlas_doc_format";

fn name(format: Format) -> &'static str {
    match format {
        Format::Markdown => "markdown",
        _ => "text",
    }
}

/// Renders the bodies of a page in place. `base` is the site's address with `/wiki`.
pub(crate) fn bodies(rows: &mut Rows<'_>, format: Format, base: Option<&str>) {
    rows.render_bodies(|body, link| render(body, format, &context(base, link)));
}

/// Renders one body in place, with the display names of accounts by their ids. `base` is the site's
/// address with `/wiki`, `link` that of the row.
pub(crate) fn with_names(
    body: &mut Body,
    format: Format,
    base: Option<&str>,
    link: Option<&str>,
    people: &BTreeMap<String, String>,
) {
    let mut context = context(base, link);
    context.people = Some(people);
    render(body, format, &context);
}

fn context<'a>(base: Option<&'a str>, link: Option<&'a str>) -> Context<'a> {
    let mut context = Context::default();
    context.base_url = base;
    context.page_url = link;
    context.space_key = link.and_then(space_key);
    context
}

/// The accounts that a body mentions by their ids alone, each once.
pub(crate) fn unnamed(body: &Body) -> Vec<String> {
    match body.representation.as_str() {
        SOURCE => mentions(&body.value),
        DOCUMENT => adf_mentions(&body.value),
        _ => Vec::new(),
    }
}

/// The space that a link for people leads into: `…/spaces/KEY/pages/…`.
fn space_key(link: &str) -> Option<&str> {
    let (_, behind) = find::split(link, "/spaces/")?;
    behind.split(['/', '?', '#']).next()
}

fn render(body: &mut Body, format: Format, context: &Context<'_>) {
    let rendered = match body.representation.as_str() {
        SOURCE => storage(&body.value, format, context),
        DOCUMENT => adf(&body.value, format, context),
        _ => return,
    };
    match rendered {
        Ok(rendered) => {
            body.value = rendered.text;
            name(format).clone_into(&mut body.representation);
            body.degraded = degraded(&rendered.notices);
        }
        // The body stays what it is, and says so.
        Err(error) => body.degraded = Some(error.to_string()),
    }
}

fn degraded(notices: &[RenderNotice]) -> Option<String> {
    let told: Vec<String> = notices.iter().map(ToString::to_string).collect();
    (!told.is_empty()).then(|| told.join("; "))
}
