//! What each element means.

use std::rc::Rc;

use super::Reader;
use super::tree::{Element, Node};
use crate::address;
use crate::builder::Open;
use crate::document::{Marks, Style};
use crate::emoji;
use crate::notice::NoticeKind;

impl Reader<'_> {
    pub(super) fn nodes(&mut self, nodes: &[Node<'_>], style: &Style) {
        for node in nodes {
            match node {
                Node::Text(text) => self.builder.text(text, style),
                Node::Element(element) => self.element(element, style),
            }
        }
    }

    fn element(&mut self, element: &Element<'_>, style: &Style) {
        if let Some(marks) = marks(element) {
            self.nodes(&element.children, &style.with(marks));
        } else if let Some(open) = container(element) {
            self.builder.open(open);
            self.nodes(&element.children, style);
            self.builder.close();
        } else {
            self.other(element, style);
        }
    }

    fn other(&mut self, element: &Element<'_>, style: &Style) {
        let children = &element.children;
        match element.name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = element.name.bytes().last().unwrap_or(b'1') - b'0';
                self.builder.heading(level);
                self.nodes(children, style);
                self.builder.end_heading();
            }
            "p" | "div" | "dl" | "dd" | "address" | "center" | "caption" | "section"
            | "article" | "header" | "footer" | "figure" | "ac:caption" | "ac:layout"
            | "ac:layout-section" | "ac:layout-cell" | "ac:rich-text-body" => {
                self.apart(children, style)
            }
            "dt" => self.apart(children, &style.with(Marks::STRONG)),
            "pre" | "ac:plain-text-body" => self.builder.code("", &element.text()),
            "br" => self.builder.line_break(),
            "hr" => self.builder.rule(),
            "a" => self.anchor(element, style),
            "img" => {
                let source = element.attribute("src").unwrap_or_default();
                let alternative = element.attribute("alt").unwrap_or_default();
                self.image(&alternative, &source, style);
            }
            "time" => {
                let date = element.attribute("datetime").unwrap_or_default();
                self.builder.text(&date, style);
                // Empty in what Confluence writes.
                self.nodes(children, style);
            }
            "ac:link" => self.link(element, style),
            "ac:image" => self.embedded_image(element, style),
            "ac:emoticon" | "ac:emoji" => self.emoticon(element, style),
            "ac:structured-macro" | "ac:macro" => self.structured_macro(element, style),
            "ac:adf-extension" => self.extension(element, style),
            // Prompts of templates, ids, widths of columns; nothing that is seen on a page.
            "ac:placeholder" | "ac:task-id" | "ac:task-uuid" | "ac:task-status"
            | "ac:parameter" | "ac:adf-attribute" | "colgroup" | "col" => {}
            _ => self.nodes(children, style),
        }
    }

    fn apart(&mut self, children: &[Node<'_>], style: &Style) {
        self.builder.end_paragraph();
        self.nodes(children, style);
        self.builder.end_paragraph();
    }

    fn anchor(&mut self, element: &Element<'_>, style: &Style) {
        let address = element.attribute("href").unwrap_or_default();
        let linked = self.linked(&address, style);
        let before = self.builder.pieces();
        self.nodes(&element.children, &linked);
        if !self.builder.added_since(before) && linked.link.is_some() {
            self.builder.text(&address, &linked);
        }
    }

    /// `style` with a link to `address`, unless following that would run code.
    pub(super) fn linked(&mut self, address: &str, style: &Style) -> Style {
        let address = address.trim();
        if let Some(scheme) = address::unsafe_scheme(address) {
            self.builder.note(NoticeKind::UnsafeLink, scheme);
            return style.clone();
        }
        style.linked(
            Some(address)
                .filter(|address| !address.is_empty())
                .map(Rc::from),
        )
    }

    fn image(&mut self, alternative: &str, source: &str, style: &Style) {
        if address::unsafe_scheme(source).is_some() {
            // An image in its own address: kilobytes that nobody reads.
            self.builder.note(NoticeKind::UnsafeLink, "data");
            self.builder.text(alternative, style);
        } else if !source.trim().is_empty() {
            self.builder.image(alternative, source, style);
        }
    }

    fn embedded_image(&mut self, element: &Element<'_>, style: &Style) {
        let alternative = element
            .attribute("ac:alt")
            .or_else(|| element.attribute("ac:title"))
            .unwrap_or_default();
        if let Some(file) = element.child("ri:attachment") {
            let name = file.attribute("ri:filename").unwrap_or_default();
            let alternative = if alternative.trim().is_empty() {
                &name
            } else {
                &alternative
            };
            self.image(
                alternative,
                &address::file(&name).unwrap_or_default(),
                style,
            );
        } else if let Some(source) = element.child("ri:url") {
            let source = source.attribute("ri:value").unwrap_or_default();
            self.image(&alternative, &source, style);
        } else {
            self.builder.text(&alternative, style);
        }
        self.nodes(&element.children, style);
    }

    fn emoticon(&mut self, element: &Element<'_>, style: &Style) {
        let fallback = element.attribute("ac:emoji-fallback");
        let id = element.attribute("ac:emoji-id");
        let short = element.attribute("ac:emoji-shortname");
        let name = element.attribute("ac:name").unwrap_or_default();
        // New emoji all have a name that says only from where they are.
        let name = match &short {
            Some(short) if name.is_empty() || name == "blue-star" => short,
            _ => &name,
        };
        let text = emoji::emoji(fallback.as_deref(), id.as_deref(), name);
        self.builder.text(&text, style);
    }
}

/// The marks of an element that is only that.
fn marks(element: &Element<'_>) -> Option<Marks> {
    Some(match element.name {
        "strong" | "b" => Marks::STRONG,
        "em" | "i" | "cite" | "dfn" | "var" => Marks::EMPHASIS,
        "u" | "ins" => Marks::UNDERLINE,
        "s" | "del" | "strike" => Marks::STRIKE,
        "sub" => Marks::SUB,
        "sup" => Marks::SUPER,
        "code" | "tt" | "kbd" | "samp" => Marks::CODE,
        "span" => {
            let struck = element
                .attribute("style")
                .is_some_and(|style| style.contains("line-through"));
            if struck {
                Marks::STRIKE
            } else {
                Marks::default()
            }
        }
        _ => return None,
    })
}

/// What an element opens that is a container of the model.
fn container(element: &Element<'_>) -> Option<Open> {
    let number = |name: &str| element.attribute(name)?.trim().parse::<u32>().ok();
    Some(match element.name {
        "ul" | "ac:task-list" => Open::List(None),
        "ol" => Open::List(Some(number("start").unwrap_or(1))),
        "li" => Open::Item(None),
        "ac:task" => {
            let status = element.child("ac:task-status").map(Element::text);
            Open::Item(Some(
                status.is_some_and(|status| status.trim() == "complete"),
            ))
        }
        "blockquote" => Open::Quote,
        "table" => Open::Table,
        "tr" => Open::Row { head: false },
        "th" | "td" => Open::Cell {
            header: element.name == "th",
            columns: number("colspan").unwrap_or(1) as usize,
            rows: number("rowspan").unwrap_or(1) as usize,
        },
        _ => return None,
    })
}
