//! Confluence page bodies as plain text and as markdown.
//!
//! A body comes in storage format (XML with undeclared prefixes and HTML's entities) or as an
//! Atlassian document (ADF, JSON). Both are read into one small model and written from there,
//! so the same page reads the same whichever way it was fetched.
//!
//! Nothing is refused for being wrong: what cannot be understood is kept as text, and a notice
//! says so. Work and output grow linearly with the body, nesting is bounded, and there is no
//! clock, no randomness and no I/O, so the crate runs in a WebAssembly guest.
//!
//! ```
//! use confluence_rendering::{Context, Format, NoticeKind, storage};
//!
//! let mut context = Context::default();
//! context.base_url = Some("https://site.example/wiki");
//! context.space_key = Some("ENG");
//!
//! let body = r#"<h2>Caf&eacute;</h2>
//!     <p>See <ac:link><ri:page ri:content-title="Opening hours"/></ac:link>.</p>
//!     <ac:structured-macro ac:name="orders"><ac:rich-text-body><p>One tea</p>
//!     </ac:rich-text-body></ac:structured-macro>"#;
//!
//! let markdown = storage(body, Format::Markdown, &context)?;
//! assert_eq!(
//!     markdown.text,
//!     "## Café\n\nSee [Opening hours](https://site.example/wiki/display/ENG/Opening+hours).\n\n\
//!      One tea\n",
//! );
//! // The macro is unknown: its text is kept, what it would have done is not.
//! assert_eq!(markdown.notices[0].kind, NoticeKind::UnknownMacro);
//! assert_eq!(markdown.notices[0].subject, "orders");
//! # Ok::<(), confluence_rendering::RenderError>(())
//! ```

mod address;
mod adf;
mod anchor;
mod builder;
mod context;
mod datasource;
mod date;
mod document;
mod emoji;
mod entity;
mod error;
mod json;
mod macros;
mod notice;
mod storage;
mod write;

pub use context::{Context, Limits};
pub use error::RenderError;
pub use notice::{NoticeKind, RenderNotice};

use builder::Builder;

/// What a body is rendered to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Plain text to be read or indexed: tables are lines with tabs, addresses stand in
    /// parentheses behind the text that is linked.
    Text,
    /// CommonMark with GitHub's tables, task lists and strikethrough. Where a delimiter would
    /// not be recognised (inside a word, beside punctuation), HTML tags stand instead.
    Markdown,
}

/// A body that was rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rendered {
    /// The text or markdown. Empty, or ends with one line feed.
    pub text: String,
    /// What was not rendered as it would be seen in Confluence, each kind and subject once.
    pub notices: Vec<RenderNotice>,
}

/// Renders a body in storage format.
///
/// # Errors
/// [`RenderError::TooLarge`] when the body is larger than `context.limits` allows. A body that
/// is not well-formed is no error: it is rendered as far as it can be, with a notice.
pub fn storage(body: &str, format: Format, context: &Context<'_>) -> Result<Rendered, RenderError> {
    within_limit(body, context)?;
    let mut builder = Builder::new(context.limits.notices);
    storage::read(body, context, &mut builder);
    Ok(finish(builder, format))
}

/// Renders a body in Atlassian document format: the JSON text of its `doc` node.
///
/// # Errors
/// [`RenderError::TooLarge`] when the body is larger than `context.limits` allows,
/// [`RenderError::NotAdf`] when it does not begin as a JSON object. JSON that breaks off or
/// breaks later is rendered up to there, with a notice. An empty body renders to nothing.
pub fn adf(body: &str, format: Format, context: &Context<'_>) -> Result<Rendered, RenderError> {
    within_limit(body, context)?;
    let mut builder = Builder::new(context.limits.notices);
    adf::read(body, context, &mut builder)?;
    Ok(finish(builder, format))
}

/// The account ids that a body in storage format mentions, each once and sorted: the storage
/// format has no names. With names for them in [`Context::people`], mentions show those.
#[must_use]
pub fn mentions(body: &str) -> Vec<String> {
    storage::mentions(body).into_iter().collect()
}

/// The account ids that a body in Atlassian document format mentions without a name, each once and
/// sorted. With names for them in [`Context::people`], mentions show those.
#[must_use]
pub fn adf_mentions(body: &str) -> Vec<String> {
    adf::mentions(body).into_iter().collect()
}

fn within_limit(body: &str, context: &Context<'_>) -> Result<(), RenderError> {
    let limit = context.limits.input_bytes;
    if body.len() > limit {
        return Err(RenderError::TooLarge {
            bytes: body.len(),
            limit,
        });
    }
    Ok(())
}

fn finish(builder: Builder, format: Format) -> Rendered {
    let mut document = builder.finish();
    let text = write::write(&mut document, format);
    Rendered {
        text,
        notices: document.notices.into_list(),
    }
}
