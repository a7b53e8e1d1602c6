//! What each node and mark means.

use super::Reader;
use crate::address;
use crate::builder::Open;
use crate::datasource;
use crate::date;
use crate::document::{Marks, Style};
use crate::emoji;
use crate::json::Value;
use crate::macros;
use crate::notice::NoticeKind;
use crate::storage;

impl Reader<'_> {
    pub(super) fn content(&mut self, node: &Value<'_>, style: &Style) {
        let content = node.get("content").map(Value::elements).unwrap_or_default();
        self.depth += 1;
        for inside in content {
            self.node(inside, style);
        }
        self.depth -= 1;
    }

    pub(super) fn node(&mut self, node: &Value<'_>, style: &Style) {
        let attributes = node.get("attrs").unwrap_or(&Value::Nothing);
        let kind = node.text_of("type").unwrap_or_default();
        if let Some(open) = container(kind, attributes) {
            self.builder.open(open);
            self.content(node, style);
            self.builder.close();
            return;
        }
        match kind {
            "paragraph" | "caption" => self.apart(node, style),
            "heading" => {
                let level = attributes.text_of("level").unwrap_or_default();
                self.builder.heading(level.parse().unwrap_or(1));
                self.content(node, style);
                self.builder.end_heading();
            }
            "text" => {
                let style = self.marked(node, style);
                let text = node.text_of("text").unwrap_or_default();
                self.builder.text(text, &style);
            }
            "codeBlock" => {
                let language = attributes.text_of("language").unwrap_or_default();
                let mut code = String::new();
                add_text(node, &mut code);
                self.builder.code(language, &code);
            }
            "rule" => self.builder.rule(),
            "hardBreak" => self.builder.line_break(),
            "panel" => {
                let panel = attributes.text_of("panelType").unwrap_or_default();
                // A panel of one's own has the icon that was chosen.
                let icon = attributes.text_of("panelIconText");
                macros::panel(self.builder, panel, icon.filter(|_| panel == "custom"));
                self.content(node, style);
                self.builder.close();
            }
            "expand" | "nestedExpand" => {
                self.builder
                    .title(attributes.text_of("title").unwrap_or_default());
                self.apart(node, style);
            }
            "inlineCard" | "blockCard" | "embedCard" => self.card(kind, attributes, node, style),
            "media" | "mediaInline" => self.media(kind, attributes, node, style),
            "extension" | "bodiedExtension" | "inlineExtension" | "multiBodiedExtension" => {
                self.extension(kind, attributes, node, style);
            }
            "placeholder" => self.builder.note(NoticeKind::Omitted, kind),
            "confluenceUnsupportedBlock" | "confluenceUnsupportedInline" => {
                self.unsupported(kind, attributes, node, style);
            }
            _ => self.inline(kind, attributes, node, style),
        }
    }

    fn inline(&mut self, kind: &str, attributes: &Value<'_>, node: &Value<'_>, style: &Style) {
        let style = &self.marked(node, style);
        let text = attributes.text_of("text").filter(|text| !text.is_empty());
        match kind {
            "mention" => {
                let id = attributes.text_of("id").unwrap_or_default();
                let name = match text {
                    Some(text) => format!("@{}", text.trim_start_matches('@')),
                    None => macros::mention(self.context, id),
                };
                self.builder.seam();
                self.builder.text(&name, style);
                self.builder.seam();
            }
            "emoji" => {
                let id = attributes.text_of("id");
                let name = attributes.text_of("shortName").unwrap_or_default();
                let emoji = emoji::emoji(text, id, name);
                if emoji.is_empty() {
                    self.builder.note(NoticeKind::EmptyNode, kind);
                }
                self.builder.text(&emoji, style);
            }
            "date" => {
                let time = attributes.text_of("timestamp").unwrap_or_default();
                self.builder.seam();
                self.builder.text(&date::day(time), style);
                self.builder.seam();
            }
            "status" => macros::status(self.builder, text.unwrap_or_default(), style),
            "syncBlock" | "bodiedSyncBlock" => {
                let content = node.get("content").map(Value::elements);
                if content.unwrap_or_default().is_empty() {
                    self.builder.note(NoticeKind::Dynamic, kind);
                }
                self.content(node, style);
            }
            "doc" | "mediaSingle" | "mediaGroup" | "layoutSection" | "layoutColumn"
            | "extensionFrame" | "" => {
                self.builder.end_paragraph();
                self.content(node, style);
                self.builder.end_paragraph();
            }
            _ => self.unknown(kind, attributes, node, style),
        }
    }

    /// What readers are known to see of a node, whatever it is.
    #[inline(never)]
    fn unknown(&mut self, kind: &str, attributes: &Value<'_>, node: &Value<'_>, style: &Style) {
        let before = self.builder.pieces();
        self.builder.seam();
        if let Some(text) = node.text_of("text") {
            self.builder.text(text, style);
            self.builder.seam();
        }
        if let Value::Object(fields) = attributes {
            for (name, value) in fields {
                if &**name == "originalValue" && value.get("type").is_some() {
                    // A node of a newer or an older editor.
                    self.depth += 1;
                    self.node(value, style);
                    self.depth -= 1;
                } else if &**name == "cxhtml" {
                    self.storage(value.text().unwrap_or_default(), style);
                } else if let Some(text) = value.text() {
                    macros::attribute(self.context, self.builder, kind, name, text, style);
                }
            }
        }
        self.query(kind, attributes, style);
        self.content(node, style);
        self.builder.seam();
        let notice = if self.builder.added_since(before) {
            NoticeKind::UnknownNode
        } else {
            NoticeKind::EmptyNode
        };
        self.builder.note(notice, kind);
    }

    /// Elements of the storage format that ADF has no node for.
    fn unsupported(&mut self, kind: &str, attributes: &Value<'_>, node: &Value<'_>, style: &Style) {
        let before = self.builder.pieces();
        let block = kind == "confluenceUnsupportedBlock";
        if block {
            self.builder.end_paragraph();
        }
        self.builder.seam();
        self.storage(attributes.text_of("cxhtml").unwrap_or_default(), style);
        self.content(node, style);
        self.builder.seam();
        if block {
            self.builder.end_paragraph();
        }
        if !self.builder.added_since(before) {
            self.builder.note(NoticeKind::EmptyNode, kind);
        }
    }

    pub(super) fn storage(&mut self, body: &str, style: &Style) {
        let levels = self.context.limits.levels().saturating_sub(self.depth);
        storage::read_inside(body, self.context, self.builder, levels, style);
    }

    /// The query of a list of issues or pages, which is all that the body has of it.
    fn query(&mut self, kind: &str, attributes: &Value<'_>, style: &Style) -> bool {
        let Some(source) = attributes.get("datasource") else {
            return false;
        };
        datasource::show(self.builder, kind, source, style);
        true
    }

    pub(super) fn apart(&mut self, node: &Value<'_>, style: &Style) {
        self.builder.end_paragraph();
        self.content(node, style);
        self.builder.end_paragraph();
    }

    fn card(&mut self, kind: &str, attributes: &Value<'_>, node: &Value<'_>, style: &Style) {
        let data = attributes.get("data").unwrap_or(&Value::Nothing);
        let address = attributes
            .text_of("url")
            .or_else(|| data.text_of("url"))
            .unwrap_or_default();
        let text = ["name", "title"].iter().find_map(|name| data.text_of(name));
        let text = text.unwrap_or(address);
        let style = self.marked(node, style);
        let query = self.query(kind, attributes, &style);
        let style = self.builder.linked(self.context, address, &style);
        if text.trim().is_empty() && !query {
            self.builder.note(NoticeKind::EmptyNode, kind);
        }
        if kind == "inlineCard" {
            self.builder.seam();
            self.builder.text(text, &style);
            self.builder.seam();
        } else {
            self.builder.end_paragraph();
            self.builder.text(text, &style);
            self.builder.end_paragraph();
        }
    }

    fn media(&mut self, kind: &str, attributes: &Value<'_>, node: &Value<'_>, style: &Style) {
        let filled = |name: &str| {
            attributes
                .text_of(name)
                .filter(|text| !text.trim().is_empty())
        };
        let name = filled("__fileName").or_else(|| filled("name"));
        let alternative = filled("alt").or(name).unwrap_or_default();
        let address = filled("url").filter(|url| address::unsafe_scheme(url).is_none());
        // The id of a file, and what is said of it, are no address.
        let target = match address {
            Some(address) => address::absolute(self.context, address),
            None => name.and_then(address::file).unwrap_or_default(),
        };
        let style = self.marked(node, style);
        if alternative.is_empty() && target.is_empty() {
            self.builder.note(NoticeKind::EmptyNode, kind);
        } else {
            self.builder.image(alternative, &target, &style);
        }
    }

    /// `style` with what the marks of `node` add to it.
    fn marked(&mut self, node: &Value<'_>, style: &Style) -> Style {
        let mut style = style.clone();
        let marks = node.get("marks").map(Value::elements).unwrap_or_default();
        for mark in marks {
            let attributes = mark.get("attrs").unwrap_or(&Value::Nothing);
            let added = match mark.text_of("type").unwrap_or_default() {
                "strong" => Marks::STRONG,
                "em" => Marks::EMPHASIS,
                "strike" => Marks::STRIKE,
                "underline" => Marks::UNDERLINE,
                "code" => Marks::CODE,
                "subsup" if attributes.text_of("type") == Some("sub") => Marks::SUB,
                "subsup" => Marks::SUPER,
                "link" => {
                    let address = attributes.text_of("href").unwrap_or_default();
                    style = self.builder.linked(self.context, address, &style);
                    Marks::default()
                }
                // Colours, sizes, alignment, annotations.
                _ => Marks::default(),
            };
            style = style.with(added);
        }
        style
    }
}

/// What a node opens that is a container of the model.
fn container(kind: &str, attributes: &Value<'_>) -> Option<Open> {
    let number = |name: &str| attributes.text_of(name)?.parse::<u32>().ok();
    Some(match kind {
        "bulletList" | "taskList" | "decisionList" => Open::List(None),
        "orderedList" => Open::List(Some(number("order").unwrap_or(1))),
        "listItem" | "decisionItem" => Open::Item(None),
        "taskItem" | "blockTaskItem" => {
            Open::Item(Some(attributes.text_of("state") == Some("DONE")))
        }
        "blockquote" => Open::Quote,
        "table" => Open::Table,
        "tableRow" => Open::Row,
        "tableHeader" | "tableCell" => Open::Cell {
            header: kind == "tableHeader",
            columns: number("colspan").unwrap_or(1) as usize,
            rows: number("rowspan").unwrap_or(1) as usize,
        },
        _ => return None,
    })
}

/// All text in `node`, as it stands. Recurses as far as the parser let it nest.
fn add_text(node: &Value<'_>, text: &mut String) {
    if let Some(own) = node.text_of("text") {
        text.push_str(own);
    }
    if node.text_of("type") == Some("hardBreak") {
        text.push('\n');
    }
    let content = node.get("content").map(Value::elements).unwrap_or_default();
    for inside in content {
        add_text(inside, text);
    }
}
