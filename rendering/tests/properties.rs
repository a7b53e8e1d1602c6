//! What holds for every body.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use confluence_rendering::{Context, Format, Limits, RenderError, adf, storage};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser};
use serde_json::{Value, json};

/// A small document, of which both formats can be made.
#[derive(Debug, Clone)]
enum Block {
    Paragraph(Vec<Inline>),
    Heading(u8, Vec<Inline>),
    Code(String),
    Quote(Vec<Block>),
    Info(Vec<Block>),
    Rule,
    List(Option<u32>, Vec<Vec<Block>>),
    Tasks(Vec<(bool, Vec<Inline>)>),
    Table(Vec<Vec<(bool, Vec<Block>)>>),
}

#[derive(Debug, Clone)]
struct Inline {
    text: String,
    marks: Vec<&'static str>,
    link: bool,
    line_break: bool,
}

const MARKS: [(&str, &str); 6] = [
    ("strong", "strong"),
    ("em", "em"),
    ("strike", "del"),
    ("underline", "u"),
    ("code", "code"),
    ("sub", "sub"),
];

fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        6 => "[a-z]{1,4}",
        2 => "[-*_`~|#>+=:.!()\\[\\]{}<&;\\\\/\"'0-9$@^a]{1,5}",
        1 => Just("&amp;".to_owned()),
        1 => Just("ä日é«»".to_owned()),
    ];
    (prop::collection::vec(word, 1..4), any::<(bool, bool)>()).prop_map(
        |(words, (before, after))| {
            let blank = |there: bool| if there { " " } else { "" };
            format!("{}{}{}", blank(before), words.join(" "), blank(after))
        },
    )
}

fn inline() -> impl Strategy<Value = Inline> {
    let marks = prop::sample::subsequence(MARKS.map(|(name, _)| name).to_vec(), 0..3);
    let marks = prop_oneof![2 => Just(Vec::new()), 2 => marks];
    let link = prop::bool::weighted(0.15);
    let line_break = prop::bool::weighted(0.1);
    (text(), marks, link, line_break).prop_map(|(text, marks, link, line_break)| Inline {
        text,
        marks,
        link,
        line_break,
    })
}

fn block() -> impl Strategy<Value = Block> {
    let inlines = || prop::collection::vec(inline(), 1..5);
    let leaf = prop_oneof![
        6 => inlines().prop_map(Block::Paragraph),
        1 => (1_u8..7, inlines()).prop_map(|(level, inlines)| Block::Heading(level, inlines)),
        1 => "[a-z`~ \n|\\\\]{0,12}".prop_map(|code| Block::Code(format!("x{code}x"))),
        1 => Just(Block::Rule),
        1 => prop::collection::vec((any::<bool>(), inlines()), 1..3).prop_map(Block::Tasks),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let blocks = || prop::collection::vec(inner.clone(), 1..3);
        let rows = prop::collection::vec((any::<bool>(), blocks()), 1..4);
        prop_oneof![
            1 => blocks().prop_map(Block::Quote),
            1 => blocks().prop_map(Block::Info),
            3 => (prop::option::of(1_u32..12), prop::collection::vec(blocks(), 1..4))
                .prop_map(|(start, items)| Block::List(start, items)),
            1 => prop::collection::vec(rows, 1..4).prop_map(Block::Table),
        ]
    })
}

fn document() -> impl Strategy<Value = Vec<Block>> {
    prop::collection::vec(block(), 1..5)
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

const ADDRESS: &str = "https://x.example/a_(b)?c=*d*&amp=1";

fn to_storage(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        let inside = |blocks: &[Block]| to_storage(blocks);
        out += &match block {
            Block::Paragraph(inlines) => format!("<p>{}</p>", storage_inlines(inlines)),
            Block::Heading(level, inlines) => {
                format!("<h{level}>{}</h{level}>", storage_inlines(inlines))
            }
            Block::Code(code) => format!(
                "<ac:structured-macro ac:name=\"code\"><ac:plain-text-body><![CDATA[{code}]]>\
                 </ac:plain-text-body></ac:structured-macro>"
            ),
            Block::Quote(blocks) => format!("<blockquote>{}</blockquote>", inside(blocks)),
            Block::Info(blocks) => format!(
                "<ac:structured-macro ac:name=\"info\"><ac:rich-text-body>{}\
                 </ac:rich-text-body></ac:structured-macro>",
                inside(blocks)
            ),
            Block::Rule => "<hr/>".to_owned(),
            Block::List(start, items) => {
                let items: String = items
                    .iter()
                    .map(|blocks| format!("<li>{}</li>", inside(blocks)))
                    .collect();
                match start {
                    Some(start) => format!("<ol start=\"{start}\">{items}</ol>"),
                    None => format!("<ul>{items}</ul>"),
                }
            }
            Block::Tasks(tasks) => {
                let tasks: String = tasks
                    .iter()
                    .map(|(done, inlines)| {
                        let status = if *done { "complete" } else { "incomplete" };
                        format!(
                            "<ac:task><ac:task-id>9</ac:task-id><ac:task-status>{status}\
                             </ac:task-status><ac:task-body>{}</ac:task-body></ac:task>",
                            storage_inlines(inlines)
                        )
                    })
                    .collect();
                format!("<ac:task-list>{tasks}</ac:task-list>")
            }
            Block::Table(rows) => {
                let rows: String = rows
                    .iter()
                    .map(|row| {
                        let cells: String = row
                            .iter()
                            .map(|(header, blocks)| {
                                let tag = if *header { "th" } else { "td" };
                                format!("<{tag}>{}</{tag}>", inside(blocks))
                            })
                            .collect();
                        format!("<tr>{cells}</tr>")
                    })
                    .collect();
                format!("<table><tbody>{rows}</tbody></table>")
            }
        };
    }
    out
}

fn storage_inlines(inlines: &[Inline]) -> String {
    let mut out = String::new();
    for inline in inlines {
        let mut text = xml(&inline.text);
        for (mark, tag) in MARKS {
            if inline.marks.contains(&mark) {
                text = format!("<{tag}>{text}</{tag}>");
            }
        }
        if inline.link {
            text = format!("<a href=\"{}\">{text}</a>", xml(ADDRESS));
        }
        out += &text;
        if inline.line_break {
            out += "<br/>";
        }
    }
    out
}

fn to_adf(blocks: &[Block]) -> String {
    json!({"type": "doc", "version": 1, "content": adf_blocks(blocks)}).to_string()
}

fn adf_blocks(blocks: &[Block]) -> Vec<Value> {
    blocks.iter().map(adf_block).collect()
}

fn adf_block(block: &Block) -> Value {
    match block {
        Block::Paragraph(inlines) => json!({"type": "paragraph", "content": adf_inlines(inlines)}),
        Block::Heading(level, inlines) => json!({
            "type": "heading", "attrs": {"level": level}, "content": adf_inlines(inlines)
        }),
        Block::Code(code) => json!({
            "type": "codeBlock", "content": [{"type": "text", "text": code}]
        }),
        Block::Quote(blocks) => json!({"type": "blockquote", "content": adf_blocks(blocks)}),
        Block::Info(blocks) => json!({
            "type": "panel", "attrs": {"panelType": "info"}, "content": adf_blocks(blocks)
        }),
        Block::Rule => json!({"type": "rule"}),
        Block::List(start, items) => {
            let items: Vec<Value> = items
                .iter()
                .map(|blocks| json!({"type": "listItem", "content": adf_blocks(blocks)}))
                .collect();
            match start {
                Some(start) => json!({
                    "type": "orderedList", "attrs": {"order": start}, "content": items
                }),
                None => json!({"type": "bulletList", "content": items}),
            }
        }
        Block::Tasks(tasks) => {
            let tasks: Vec<Value> = tasks
                .iter()
                .map(|(done, inlines)| {
                    let state = if *done { "DONE" } else { "TODO" };
                    json!({
                        "type": "taskItem",
                        "attrs": {"state": state},
                        "content": adf_inlines(inlines)
                    })
                })
                .collect();
            json!({"type": "taskList", "content": tasks})
        }
        Block::Table(rows) => {
            let rows: Vec<Value> = rows
                .iter()
                .map(|row| {
                    let cells: Vec<Value> = row
                        .iter()
                        .map(|(header, blocks)| {
                            let kind = if *header { "tableHeader" } else { "tableCell" };
                            json!({"type": kind, "content": adf_blocks(blocks)})
                        })
                        .collect();
                    json!({"type": "tableRow", "content": cells})
                })
                .collect();
            json!({"type": "table", "content": rows})
        }
    }
}

fn adf_inlines(inlines: &[Inline]) -> Vec<Value> {
    let mut out = Vec::new();
    for inline in inlines {
        let mut marks = Vec::new();
        if inline.link {
            marks.push(json!({"type": "link", "attrs": {"href": ADDRESS}}));
        }
        for mark in &inline.marks {
            marks.push(match *mark {
                "sub" => json!({"type": "subsup", "attrs": {"type": "sub"}}),
                mark => json!({"type": mark}),
            });
        }
        out.push(json!({"type": "text", "text": inline.text, "marks": marks}));
        if inline.line_break {
            out.push(json!({"type": "hardBreak"}));
        }
    }
    out
}

/// The text of `blocks`, with a blank between what stands apart.
fn source_text(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(inlines) | Block::Heading(_, inlines) => source_inlines(inlines, out),
            Block::Code(code) => out.push_str(code),
            Block::Quote(blocks) => source_text(blocks, out),
            Block::Info(blocks) => {
                out.push_str("Info ");
                source_text(blocks, out);
            }
            Block::Rule => {}
            Block::List(_, items) => items.iter().for_each(|blocks| source_text(blocks, out)),
            Block::Tasks(tasks) => {
                for (done, inlines) in tasks {
                    out.push_str(if *done { "[x] " } else { "[ ] " });
                    source_inlines(inlines, out);
                }
            }
            Block::Table(rows) => {
                for (_, blocks) in rows.iter().flatten() {
                    source_text(blocks, out);
                }
            }
        }
        out.push(' ');
    }
}

fn source_inlines(inlines: &[Inline], out: &mut String) {
    for inline in inlines {
        out.push_str(&inline.text);
        if inline.line_break {
            out.push(' ');
        }
    }
    out.push(' ');
}

/// What a reader of markdown sees.
fn seen(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut out = String::new();
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::InlineHtml(tag) if &*tag != "<br>" => {
                assert!(
                    MARKS.iter().any(|(_, name)| {
                        *tag == format!("<{name}>") || *tag == format!("</{name}>")
                    }),
                    "{tag} is text that became markup"
                );
            }
            Event::Html(html) => panic!("`{html}` is text that became markup"),
            Event::SoftBreak | Event::HardBreak | Event::InlineHtml(_) | Event::Rule => {
                out.push(' ');
            }
            Event::Start(tag) => {
                use pulldown_cmark::Tag;
                if !matches!(
                    tag,
                    Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. }
                ) {
                    out.push(' ');
                }
            }
            Event::End(tag) => {
                use pulldown_cmark::TagEnd;
                if !matches!(
                    tag,
                    TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link
                ) {
                    out.push(' ');
                }
            }
            _ => {}
        }
    }
    out
}

fn has_table(blocks: &[Block]) -> bool {
    blocks.iter().any(|block| match block {
        Block::Table(_) => true,
        Block::Quote(blocks) | Block::Info(blocks) => has_table(blocks),
        Block::List(_, items) => items.iter().any(|blocks| has_table(blocks)),
        _ => false,
    })
}

/// All that is no letter of ours: markers, commas between nested cells.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

fn is_clean(text: &str) {
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    assert!(!text.contains(" \n"), "a line ends with a blank: {text:?}");
    assert!(!text.ends_with("\n\n"), "{text:?}");
}

proptest! {
    // `PROPTEST_CASES=50000` looks further than the 256 cases of a usual run.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_formats_of_a_document_render_alike(blocks in document()) {
        let context = Context::default();
        for format in [Format::Text, Format::Markdown] {
            let one = storage(&to_storage(&blocks), format, &context).unwrap();
            let other = adf(&to_adf(&blocks), format, &context).unwrap();
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn markdown_reads_back_as_the_same_words(blocks in document()) {
        let markdown = storage(&to_storage(&blocks), Format::Markdown, &Context::default()).unwrap();
        is_clean(&markdown.text);
        prop_assert!(markdown.notices.is_empty());
        let mut expected = String::new();
        source_text(&blocks, &mut expected);
        let seen = seen(&markdown.text);
        if has_table(&blocks) {
            // Nested blocks have markers in cells, which are text there.
            prop_assert_eq!(letters(&seen), letters(&expected), "{}", markdown.text);
        } else {
            let words: Vec<&str> = seen.split_whitespace().collect();
            let expected: Vec<&str> = expected.split_whitespace().collect();
            prop_assert_eq!(words, expected, "{}", markdown.text);
        }
    }

    #[test]
    fn no_word_is_lost_in_text(blocks in document()) {
        let text = storage(&to_storage(&blocks), Format::Text, &Context::default()).unwrap().text;
        is_clean(&text);
        let mut expected = String::new();
        source_text(&blocks, &mut expected);
        let text = text.replace(&format!(" ({ADDRESS})"), "").replace('/', "");
        prop_assert_eq!(letters(&text), letters(&expected));
    }

    #[test]
    fn a_mutated_document_still_renders(
        blocks in document(),
        at in any::<prop::sample::Index>(),
        length in 0_usize..20,
        inserted in "[<>/&;a\"'\\[\\]{}:,!-]{0,6}",
    ) {
        let context = Context::default();
        for body in [to_storage(&blocks), to_adf(&blocks)] {
            let mut characters: Vec<char> = body.chars().collect();
            let begin = at.index(characters.len());
            let end = (begin + length).min(characters.len());
            characters.splice(begin..end, inserted.chars());
            let body: String = characters.into_iter().collect();
            for format in [Format::Text, Format::Markdown] {
                is_clean(&storage(&body, format, &context).unwrap().text);
                if let Ok(rendered) = adf(&body, format, &context) {
                    is_clean(&rendered.text);
                }
            }
        }
    }

    #[test]
    fn any_text_renders(body in "\\PC{0,200}", depth in 0_usize..9) {
        let mut context = Context::default();
        context.limits.depth = depth;
        for format in [Format::Text, Format::Markdown] {
            is_clean(&storage(&body, format, &context).unwrap().text);
            let _ = adf(&body, format, &context);
            let _ = adf(&format!("{{{body}"), format, &context);
        }
    }

    #[test]
    fn letters_outlive_any_mistake(words in prop::collection::vec("[<>/&;\"'= a-z]{1,8}", 1..20)) {
        // No tags that are complete, so everything is text.
        let body = words.concat().replace('>', "");
        let text = storage(&body, Format::Text, &Context::default()).unwrap().text;
        let entity = |text: &str| text.contains(';');
        if !entity(&body) {
            prop_assert_eq!(letters(&text), letters(&body));
        }
    }
}

/// Far more levels than are kept, on a quarter of a guest's stack.
#[test]
fn a_deep_body_needs_little_stack() {
    let deep = |open: &str, close: &str, levels: usize| {
        format!("{}x{}", open.repeat(levels), close.repeat(levels))
    };
    let bodies = [
        deep("<ul><li>", "</li></ul>", 100_000),
        deep("<blockquote>", "</blockquote>", 100_000),
        deep("<table><tr><td>", "</td></tr></table>", 100_000),
        deep("<b>", "</b>", 100_000),
        "<table>".repeat(100_000),
    ];
    let documents = [
        format!(
            "{{\"type\":\"doc\",\"content\":[{}",
            "{\"type\":\"blockquote\",\"content\":[".repeat(100_000)
        ),
        "{\"content\":".repeat(100_000),
        format!("{{\"content\":{}", "[".repeat(100_000)),
    ];
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(move || {
            for format in [Format::Text, Format::Markdown] {
                for body in &bodies {
                    let rendered = storage(body, format, &Context::default()).unwrap();
                    assert!(rendered.text.contains('x') || !body.contains('x'));
                    assert!(!rendered.notices.is_empty());
                }
                for body in &documents {
                    adf(body, format, &Context::default()).unwrap();
                }
            }
        })
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn output_is_a_small_multiple_of_the_input() {
    let bodies = [
        format!("{}{}", "<ul><li>".repeat(99), "a<br/>".repeat(10_000)),
        format!(
            "<table><tr>{}</tr>{}</table>",
            "<td rowspan=\"99\"/>".repeat(1_000),
            "<tr><td/></tr>".repeat(1_000)
        ),
        format!(
            "<table>{}</table>",
            "<tr><td colspan=\"9999\"/></tr>".repeat(1_000)
        ),
        format!(
            "<table><tr>{}</tr>{}</table>",
            "<td/>".repeat(5_000),
            "<tr><td/></tr>".repeat(5_000)
        ),
        "<blockquote>".repeat(90) + &"<p>a</p>".repeat(10_000),
        "<a href=\"&&&&&&&&\">*</a>".repeat(1_000),
        "<b>*</b>a".repeat(10_000),
    ];
    for body in bodies {
        for format in [Format::Text, Format::Markdown] {
            let text = storage(&body, format, &Context::default()).unwrap().text;
            let most = body.len() * 12;
            assert!(
                text.len() <= most,
                "{} of {}: {}",
                text.len(),
                body.len(),
                &body[..80]
            );
        }
    }
}

/// Bodies on which a reader that starts again at each mistake would be quadratic: all of them
/// take seconds here, and any of them would take minutes.
#[test]
fn time_is_linear_in_what_is_wrong() {
    for unit in [
        "<",
        "<a ",
        "<a '",
        "<!--",
        "<![CDATA[",
        "<?xml",
        "&",
        "&a",
        "<b>",
        "</b>",
        "<b a=\"",
        "[",
        "*a_ ",
        "`",
        "<td>",
        "<li>",
        "<br>",
        "![",
        "<b>a<i>",
        "&lt;",
        "a<i> </i>",
        "~",
    ] {
        let body = unit.repeat(1_000_000 / unit.len());
        for format in [Format::Text, Format::Markdown] {
            storage(&body, format, &Context::default()).unwrap();
            let _ = adf(&format!("{{{body}"), format, &Context::default());
        }
    }
    for unit in [
        "[",
        "{\"a\":",
        "{\"content\":[",
        "\"\\u",
        "\"text\":\"a\",",
        "[{\"text\":\"",
    ] {
        let body = format!("{{\"content\":[{}", unit.repeat(1_000_000 / unit.len()));
        adf(&body, Format::Markdown, &Context::default()).unwrap();
    }
}

#[test]
fn what_cannot_be_rendered_is_refused() {
    let mut context = Context::default();
    context.limits = Limits::default();
    context.limits.input_bytes = 3;
    assert_eq!(
        storage("abc", Format::Text, &context).unwrap().text,
        "abc\n"
    );
    assert_eq!(
        storage("abcd", Format::Text, &context),
        Err(RenderError::TooLarge { bytes: 4, limit: 3 })
    );
    assert_eq!(adf("[]", Format::Text, &context), Err(RenderError::NotAdf));
    assert_eq!(adf("", Format::Text, &context).unwrap().text, "");
}
