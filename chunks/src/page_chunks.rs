//! The stream of chunks of pages and blog posts.

use serde_json::json;
use source::{BODY, Batch, Column, ColumnType, Stream, SystemColumn, VERSION_NUMBER};
use sync::{DerivedRow, DerivedValue, Split};

use crate::chunk::{Chunk, MAX_CHARS, chunks};

/// The stream `page_chunks`: the Markdown of pages and blog posts in chunks.
#[derive(Debug)]
pub struct PageChunks {
    stream: Stream,
    max_chars: usize,
}

impl Default for PageChunks {
    fn default() -> Self {
        Self::new(MAX_CHARS)
    }
}

impl PageChunks {
    /// Chunks of at most so many characters.
    #[must_use]
    pub fn new(max_chars: usize) -> Self {
        Self {
            stream: stream(),
            max_chars,
        }
    }

    fn row(batch: &Batch, row: usize, ordinal: i64, chunk: Chunk<'_>) -> DerivedRow {
        let text = |column: &str| batch.text(column, row).map(str::to_owned);
        let content = text(SystemColumn::Key.name()).unwrap_or_default();
        let container = text(SystemColumn::Container.name());
        let address = text("web_url").map(|url| match &chunk.anchor {
            Some(anchor) => format!("{url}#{anchor}"),
            None => url,
        });
        let kind = if batch.stream() == "blog_posts" {
            "blogpost"
        } else {
            "page"
        };
        let version = batch.integer(VERSION_NUMBER, row);
        DerivedRow {
            key: format!("{content}/{}", chunk.id),
            parent: Some(content.clone()),
            container: container.clone(),
            values: vec![
                content.into(),
                chunk.id.into(),
                kind.into(),
                container.into(),
                ordinal.into(),
                text("title").into(),
                json!(chunk.headings).to_string().into(),
                chunk.text.into(),
                address.into(),
                version.map_or(DerivedValue::Null, DerivedValue::Number),
            ],
        }
    }
}

impl Split for PageChunks {
    fn stream(&self) -> &Stream {
        &self.stream
    }

    fn body_format(&self) -> &'static str {
        "markdown"
    }

    fn split(&self, rows: &Batch, row: usize) -> Vec<DerivedRow> {
        let body = rows.text(BODY, row).unwrap_or_default();
        let chunks = chunks(body, self.max_chars).into_iter();
        (1..)
            .zip(chunks)
            .map(|(ordinal, chunk)| Self::row(rows, row, ordinal, chunk))
            .collect()
    }
}

fn stream() -> Stream {
    let column = |name: &str, column_type, documentation: &str| Column {
        name: name.to_owned(),
        documentation: documentation.to_owned(),
        column_type,
        nullable: !["content_id", "id"].contains(&name),
        on_request: false,
    };
    let text = ColumnType::Text;
    Stream {
        name: "page_chunks".to_owned(),
        documentation: "Pages and blog posts in chunks for search and retrieval, made of their bodies in Markdown \
                        without a request. A chunk begins at a heading, or where the one before is full, and is \
                        part of the body letter by letter. Needs bodies in the format `markdown`."
            .to_owned(),
        key: vec!["content_id".to_owned(), "id".to_owned()],
        parents: vec!["pages".to_owned(), "blog_posts".to_owned()],
        by_space: true,
        columns: vec![
            column("content_id", text, "Id of the page or blog post."),
            column(
                "id",
                text,
                "32 hexadecimal digits that depend on the headings and the text alone: a chunk that stays \
                 the same in a new version keeps its id.",
            ),
            column("content_type", text, "`page` or `blogpost`."),
            column("space_id", text, "Id of the space that contains it."),
            column("ordinal", ColumnType::Integer, "Position in the page, from 1."),
            column("title", text, "Title of the page or blog post."),
            column(
                "headings",
                ColumnType::Json,
                "Headings above the text, the outermost first: a list of strings.",
            ),
            column("text", text, "Part of the column `body` of the page, in Markdown."),
            column(
                "web_url",
                text,
                "URL to cite, with the anchor of the innermost heading.",
            ),
            column(
                "version__number",
                ColumnType::Integer,
                "Number of the version that it is part of.",
            ),
        ],
        passes: Vec::new(),
        scopes: Vec::new(),
        points_per_row: 0,
        is_default: false,
        settings: Vec::new(),
    }
}
