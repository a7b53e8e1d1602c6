//! Bodies as plain text and as markdown, rendered here from what Confluence sends.

use confluence_rendering::{Context, Format, RenderNotice, adf, storage};

use crate::{reading::rows::Rows, record::Body};

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
    rows.render_bodies(|body, link| {
        let mut context = Context::default();
        context.base_url = base;
        // Comments have the address of their page with a query: places on it are not theirs.
        context.page_url = link.filter(|link| !link.contains('?'));
        context.space_key = link.and_then(space_key);
        render(body, format, &context);
    });
}

/// The space that a link for people leads into: `…/spaces/KEY/pages/…`.
fn space_key(link: &str) -> Option<&str> {
    let (_, behind) = link.split_once("/spaces/")?;
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
