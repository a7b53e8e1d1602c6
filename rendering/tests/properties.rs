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

/// A part of a page in storage format, in which every word is another.
#[derive(Debug, Clone)]
enum Part {
    Paragraph(Vec<Inside>),
    Heading(Vec<Inside>),
    Macro(usize, Vec<Part>),
    List(Vec<Vec<Part>>),
    Table(Vec<Vec<(u8, u8, Vec<Part>)>>),
    Code,
    Unknown(Vec<Part>),
}

/// What is in a line.
#[derive(Debug, Clone, Copy)]
enum Inside {
    Word,
    Strong,
    Link,
    PageLink,
    Formula,
    Status,
    Button,
    Mention,
    Unknown,
    Option,
    Image,
    Title,
}

const INSIDE: [Inside; 12] = [
    Inside::Word,
    Inside::Strong,
    Inside::Link,
    Inside::PageLink,
    Inside::Formula,
    Inside::Status,
    Inside::Button,
    Inside::Mention,
    Inside::Unknown,
    Inside::Option,
    Inside::Image,
    Inside::Title,
];

/// Macros with a title and a body: names and what the title is called.
const TITLED: [(&str, &str); 8] = [
    ("info", "title"),
    ("ui-tab", "title"),
    ("card", "label"),
    ("expand", "title"),
    ("auimessage", "title"),
    ("vendor-box", "heading"),
    ("chart", "title"),
    ("vendor-pane", "Tab-Name"),
];

fn part() -> impl Strategy<Value = Part> {
    let inside = || prop::collection::vec(prop::sample::select(INSIDE.to_vec()), 1..6);
    let leaf = prop_oneof![
        4 => inside().prop_map(Part::Paragraph),
        1 => inside().prop_map(Part::Heading),
        1 => Just(Part::Code),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 1..3);
        let cell = (0_u8..4, 0_u8..4, parts());
        let rows = prop::collection::vec(prop::collection::vec(cell, 0..4), 1..4);
        prop_oneof![
            2 => (0..TITLED.len(), parts()).prop_map(|(name, parts)| Part::Macro(name, parts)),
            1 => prop::collection::vec(parts(), 1..3).prop_map(Part::List),
            2 => rows.prop_map(Part::Table),
            1 => parts().prop_map(Part::Unknown),
        ]
    })
}

/// Writes parts, and remembers the words that readers see.
#[derive(Default)]
struct Page {
    body: String,
    words: Vec<String>,
}

impl Page {
    fn word(&mut self) -> String {
        let word = format!("w{}x", self.words.len());
        self.words.push(word.clone());
        word
    }

    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            self.part(part);
        }
    }

    fn around(&mut self, open: &str, parts: &[Part], close: &str) {
        self.body += open;
        self.parts(parts);
        self.body += close;
    }

    fn part(&mut self, part: &Part) {
        match part {
            Part::Paragraph(inside) => self.line("p", inside),
            Part::Heading(inside) => self.line("h2", inside),
            Part::Macro(name, parts) => {
                let (name, title) = TITLED[*name];
                let word = self.word();
                let open = format!(
                    "<ac:structured-macro ac:name=\"{name}\"><ac:parameter ac:name=\"{title}\">{word}\
                     </ac:parameter><ac:rich-text-body>"
                );
                self.around(&open, parts, "</ac:rich-text-body></ac:structured-macro>");
            }
            Part::List(items) => {
                self.body += "<ul>";
                for parts in items {
                    self.around("<li>", parts, "</li>");
                }
                self.body += "</ul>";
            }
            Part::Table(rows) => {
                self.body += "<table>";
                for row in rows {
                    self.body += "<tr>";
                    for (columns, rows, parts) in row {
                        let open = format!("<td colspan=\"{columns}\" rowspan=\"{rows}\">");
                        self.around(&open, parts, "</td>");
                    }
                    self.body += "</tr>";
                }
                self.body += "</table>";
            }
            Part::Code => {
                let word = self.word();
                self.body += &format!(
                    "<ac:structured-macro ac:name=\"code\"><ac:plain-text-body><![CDATA[{word}]]>\
                     </ac:plain-text-body></ac:structured-macro>"
                );
            }
            Part::Unknown(parts) => self.around("<x-future>", parts, "</x-future>"),
        }
    }

    fn line(&mut self, element: &str, inside: &[Inside]) {
        self.body += &format!("<{element}>");
        for one in inside {
            let word = self.word();
            let called = |name: &str, parameters: &str| {
                format!(
                    "<ac:structured-macro ac:name=\"{name}\">{parameters}</ac:structured-macro>"
                )
            };
            let parameter =
                |name: &str| format!("<ac:parameter ac:name=\"{name}\">{word}</ac:parameter>");
            self.body += &match one {
                Inside::Word => format!(" {word} "),
                Inside::Strong => format!(" <strong>{word}</strong> "),
                Inside::Link => format!(" <a href=\"https://x.example/\">{word}</a> "),
                Inside::PageLink => format!(
                    " <ac:link><ri:page ri:content-title=\"P\"/><ac:link-body>{word}</ac:link-body></ac:link> "
                ),
                Inside::Formula => called("mathinline", &parameter("body")),
                Inside::Status => called("status", &parameter("title")),
                Inside::Button => called("vendor-button", &parameter("label")),
                Inside::Mention => {
                    format!("<ac:link><ri:user ri:account-id=\"{word}\"/></ac:link>")
                }
                Inside::Unknown => format!("<x-future>{word}</x-future>"),
                Inside::Option => format!("<select><option>{word}</option></select>"),
                Inside::Image => format!(
                    "<ac:image ac:alt=\"{word}\"><ri:url ri:value=\"https://x.example/i\"/></ac:image>"
                ),
                Inside::Title => called("expand", &parameter("title")),
            };
        }
        self.body += &format!("</{element}>");
    }
}

/// The cells of a table as HTML forms it: for every row, the number of the cell in each column.
fn formed(rows: &[Vec<(usize, usize)>]) -> Vec<Vec<Option<usize>>> {
    let mut grid: Vec<Vec<Option<usize>>> = vec![Vec::new(); rows.len()];
    let mut number = 0;
    for (y, row) in rows.iter().enumerate() {
        let mut x = 0;
        for (columns, down) in row {
            while grid[y].get(x).copied().flatten().is_some() {
                x += 1;
            }
            let down = if *down == 0 { rows.len() } else { *down };
            for line in grid.iter_mut().skip(y).take(down) {
                line.resize(line.len().max(x + columns), None);
                for slot in &mut line[x..x + columns] {
                    // Where two cells overlap, the one that comes later is shown.
                    *slot = Some(number);
                }
            }
            x += columns;
            number += 1;
        }
    }
    grid
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
    fn every_word_that_readers_see_is_a_word_of_the_text(
        parts in prop::collection::vec(part(), 1..5)
    ) {
        let mut page = Page::default();
        page.parts(&parts);
        let split = |text: &str| -> std::collections::HashSet<String> {
            text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect()
        };
        let mut context = Context::default();
        context.base_url = Some("https://s.example/wiki");
        let text = storage(&page.body, Format::Text, &context).unwrap().text;
        let markdown = storage(&page.body, Format::Markdown, &context).unwrap().text;
        let (in_text, in_markdown) = (split(&text), split(&seen(&markdown)));
        for word in &page.words {
            prop_assert!(in_text.contains(word), "{} of {} in {}", word, page.body, text);
            prop_assert!(in_markdown.contains(word), "{} of {} in {}", word, page.body, markdown);
        }
    }

    #[test]
    fn every_cell_is_in_its_columns(
        rows in prop::collection::vec(
            prop::collection::vec((1_usize..5, 0_usize..5), 0..5),
            1..7,
        )
    ) {
        let mut number = 0;
        let mut body = "<table>".to_owned();
        for row in &rows {
            body += "<tr>";
            for (columns, rows) in row {
                body += &format!("<td colspan=\"{columns}\" rowspan=\"{rows}\">c{number}</td>");
                number += 1;
            }
            body += "</tr>";
        }
        body += "</table>";
        let grid = formed(&rows);
        let name = |slot: &Option<usize>| slot.map(|cell| format!("c{cell}")).unwrap_or_default();
        // Rows that have cells of their own.
        let expected: Vec<Vec<String>> = grid
            .iter()
            .zip(&rows)
            .filter(|(_, row)| !row.is_empty())
            .map(|(slots, _)| slots.iter().map(name).collect())
            .collect();
        let rendered = storage(&body, Format::Text, &Context::default()).unwrap();
        prop_assert!(rendered.notices.is_empty());
        let text: Vec<Vec<String>> = rendered
            .text
            .lines()
            .map(|line| line.split('\t').map(str::to_owned).collect())
            .collect();
        prop_assert_eq!(&text, &expected, "{}", body);
        let markdown = storage(&body, Format::Markdown, &Context::default()).unwrap().text;
        let lines = markdown.lines().skip(2);
        let read: Vec<Vec<String>> = lines
            .map(|line| {
                let inner = line.trim_start_matches("| ").trim_end_matches('|');
                inner.split('|').map(|cell| cell.trim().to_owned()).collect()
            })
            .collect();
        prop_assert_eq!(&read, &expected, "{}", markdown);
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
        deep(
            "<ac:structured-macro ac:name=\"expand\"><ac:rich-text-body>",
            "</ac:rich-text-body></ac:structured-macro>",
            50_000,
        ),
        deep(
            "<ac:adf-extension><ac:adf-node type=\"extension\">",
            "</ac:adf-node></ac:adf-extension>",
            50_000,
        ),
    ];
    let documents = [
        format!(
            "{{\"type\":\"doc\",\"content\":[{}",
            "{\"type\":\"blockquote\",\"content\":[".repeat(100_000)
        ),
        "{\"content\":".repeat(100_000),
        format!(
            "{{\"type\":\"doc\",\"content\":[{}",
            "{\"type\":\"bodiedExtension\",\"attrs\":{\"extensionKey\":\"card\"},\"content\":["
                .repeat(100_000)
        ),
        format!(
            "{{\"type\":\"doc\",\"content\":[{}{}",
            "{\"type\":\"blockquote\",\"content\":[".repeat(150),
            json!({"type": "confluenceUnsupportedBlock", "attrs": {"cxhtml": "<b>".repeat(1_000)}}),
        ),
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
        "www.",
        "https://_ ",
        "a://",
        "<h1>a</h1>",
        "<a href=\"#a-b\">c</a>",
        "<ac:parameter ac:name=\"title\">",
        "<ac:structured-macro ac:name=\"x\">",
        "<ac:macro ac:name=\"anchor\"><ac:default-parameter>a</ac:default-parameter></ac:macro>",
        "<td rowspan=\"0\">",
        "<tr><td rowspan=\"65534\">a</td></tr>",
        "<table><tr><td colspan=\"9\" rowspan=\"9\">",
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
