//! What each element means.

use super::Reader;
use super::tree::{Element, Node};
use crate::address;
use crate::builder::Open;
use crate::datasource;
use crate::document::{Marks, Style, find};
use crate::emoji;
use crate::json;
use crate::macros;
use crate::notice::NoticeKind;

impl Reader<'_> {
    pub(super) fn nodes(&mut self, nodes: &[Node<'_>], style: &Style) {
        self.depth += 1;
        for node in nodes {
            match node {
                Node::Text(text) => self.builder.text(text, style),
                Node::Element(element) => self.element(element, style),
            }
        }
        self.depth -= 1;
    }

    fn element(&mut self, element: &Element<'_>, style: &Style) {
        if self.ids > 0 && element.name != "a" {
            self.place(element);
        }
        if let Some(marks) = marks(element) {
            self.nodes(&element.children, &style.with(marks));
        } else if let Some(open) = container(element) {
            self.builder.open(open);
            self.within(false, &element.children, style);
            self.builder.close();
        } else {
            self.other(element, style);
        }
    }

    /// A target for links that lead to the id of an element.
    #[inline(never)]
    fn place(&mut self, element: &Element<'_>) {
        let Some(id) = element.attribute("id") else {
            return;
        };
        self.ids -= 1;
        if find(self.body, &format!("href=\"#{id}\"")).is_some() {
            self.builder.anchor(&id);
        }
    }

    fn other(&mut self, element: &Element<'_>, style: &Style) {
        let children = &element.children;
        match element.name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = element.name.bytes().last().unwrap_or(b'1') - b'0';
                self.builder.heading(level);
                self.within(true, children, style);
                self.builder.end_heading();
            }
            "p" => {
                self.builder.end_paragraph();
                self.within(true, children, style);
                self.builder.end_paragraph();
            }
            "div" | "dl" | "dd" | "address" | "center" | "caption" | "section" | "article"
            | "aside" | "details" | "fieldset" | "figcaption" | "figure" | "footer" | "form"
            | "header" | "legend" | "main" | "nav" | "optgroup" | "option" | "select"
            | "summary" | "textarea" | "ac:caption" | "ac:layout" | "ac:layout-section"
            | "ac:layout-cell" | "ac:rich-text-body" => self.apart(children, style),
            "thead" | "tbody" | "tfoot" => {
                self.builder.row_group(element.name == "thead");
                self.nodes(children, style);
                self.builder.row_group(false);
            }
            // What HTML has within words.
            "font"
            | "mark"
            | "big"
            | "small"
            | "abbr"
            | "acronym"
            | "q"
            | "bdi"
            | "bdo"
            | "nobr"
            | "ac:inline-comment-marker"
            | "ac:link-body"
            | "ac:plain-text-link-body"
            | "ac:task-body" => self.nodes(children, style),
            "style" | "script" | "template" | "title" | "noscript" => {
                self.builder.note(NoticeKind::Omitted, element.name);
            }
            "dt" => self.apart(children, &style.with(Marks::STRONG)),
            "pre" | "ac:plain-text-body" => self.builder.code("", &element.text()),
            "br" => self.builder.line_break(),
            "hr" => self.builder.rule(),
            "a" => self.anchor(element, style),
            "img" => {
                let source = element.attribute("src").unwrap_or_default();
                let alternative = element.attribute("alt").unwrap_or_default();
                self.image(element.name, &alternative, &source, style);
            }
            "time" => {
                let date = element.attribute("datetime").unwrap_or_default();
                self.builder.seam();
                self.builder.text(&date, style);
                self.builder.seam();
                // Empty in what Confluence writes.
                self.nodes(children, style);
                self.builder.seam();
            }
            "ac:link" => self.link(element, style),
            "ac:image" => self.embedded_image(element, style),
            "ac:emoticon" | "ac:emoji" => self.emoticon(element, style),
            "ac:structured-macro" | "ac:macro" => self.structured_macro(element, style),
            "ac:adf-extension" => self.extension(element, style),
            // Prompts of templates, ids, widths of columns; nothing that is seen on a page.
            "ac:placeholder" => self.builder.note(NoticeKind::Omitted, "placeholder"),
            "ac:task-id"
            | "ac:task-uuid"
            | "ac:task-status"
            | "ac:parameter"
            | "ac:default-parameter"
            | "ac:adf-attribute"
            | "ac:adf-parameter"
            | "ac:adf-mark"
            | "colgroup"
            | "col" => {}
            "wbr" => self.builder.seam(),
            _ => self.unknown(element, style),
        }
    }

    /// An element that is not known: what is in it, or else what its attributes show.
    #[inline(never)]
    fn unknown(&mut self, element: &Element<'_>, style: &Style) {
        let before = self.builder.pieces();
        self.builder.seam();
        self.nodes(&element.children, style);
        self.builder.seam();
        // `ri:` elements are shown by what they are in; Word leaves empty elements of its own.
        let name = element.name;
        let own = name.starts_with("ac:") && !name.starts_with("ac:adf-");
        let silent = name.starts_with("ri:") || !own && !element.has_attributes();
        if silent || self.builder.added_since(before) {
            return;
        }
        for (attribute, parameter) in SEEN {
            // What people typed, as far as it is seen.
            let unseen = attribute == "value"
                && (name != "input"
                    || element
                        .attribute("type")
                        .is_some_and(|kind| UNSEEN.contains(&&*kind)));
            if let Some(value) = element.attribute(attribute).filter(|_| !unseen) {
                macros::attribute(self.context, self.builder, name, parameter, &value, style);
            }
        }
        let notice = if self.builder.added_since(before) {
            NoticeKind::UnknownNode
        } else {
            NoticeKind::EmptyNode
        };
        self.builder.note(notice, name);
    }

    fn apart(&mut self, children: &[Node<'_>], style: &Style) {
        self.builder.end_paragraph();
        self.within(false, children, style);
        self.builder.end_paragraph();
    }

    /// Reads what is `in_line` or not.
    pub(super) fn within(&mut self, in_line: bool, children: &[Node<'_>], style: &Style) {
        let before = std::mem::replace(&mut self.in_line, in_line);
        self.nodes(children, style);
        self.in_line = before;
    }

    fn anchor(&mut self, element: &Element<'_>, style: &Style) {
        let address = element.attribute("href").unwrap_or_default();
        // Old pages have anchors as HTML had them.
        let name = element
            .attribute("name")
            .or_else(|| element.attribute("id"));
        if let Some(name) = name.filter(|_| address.is_empty()) {
            self.builder.anchor(&name);
        }
        if let Some(source) = element.attribute("data-datasource") {
            let source = json::parse(&source, datasource::LEVELS).value;
            datasource::show(self.builder, "datasource", &source, style);
        }
        let linked = self.builder.linked(self.context, &address, style);
        let before = self.builder.pieces();
        self.nodes(&element.children, &linked);
        if !self.builder.added_since(before) && linked.link.is_some() {
            self.builder.text(&address, &linked);
        }
    }

    fn image(&mut self, name: &str, alternative: &str, source: &str, style: &Style) {
        if address::unsafe_scheme(source).is_some() {
            // An image in its own address: kilobytes that nobody reads.
            self.builder.note(NoticeKind::UnsafeLink, "data");
            self.builder.text(alternative, style);
        } else if !source.trim().is_empty() {
            let source = address::absolute(self.context, source);
            self.builder.image(alternative, &source, style);
        } else {
            self.alternative(name, alternative, style);
        }
        self.builder.seam();
    }

    /// What is shown in the place of an image that has no address.
    fn alternative(&mut self, name: &str, alternative: &str, style: &Style) {
        self.builder.text(alternative, style);
        if alternative.trim().is_empty() {
            self.builder.note(NoticeKind::EmptyNode, name);
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
            let file = self.resource(file, None);
            if file.foreign {
                // An image that lies with another page: only that page is known.
                self.builder.seam();
                let linked = match &file.address {
                    Some(address) => self.builder.linked(self.context, address, style),
                    None => style.clone(),
                };
                self.alternative(element.name, alternative, &linked);
                self.builder.seam();
            } else {
                let source = file.address.unwrap_or_default();
                self.image(element.name, alternative, &source, style);
            }
        } else if let Some(source) = element.child("ri:url") {
            let source = source.attribute("ri:value").unwrap_or_default();
            self.image(element.name, &alternative, &source, style);
        } else {
            let unknown = element
                .elements()
                .find(|inside| inside.name != "ac:caption");
            let name = unknown.map_or(element.name, |unknown| unknown.name);
            self.builder.seam();
            self.alternative(name, &alternative, style);
            self.builder.seam();
            if unknown.is_some() && !alternative.trim().is_empty() {
                self.builder.note(NoticeKind::UnknownNode, name);
            }
        }
        for caption in element
            .elements()
            .filter(|inside| inside.name == "ac:caption")
        {
            self.apart(&caption.children, style);
        }
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

/// Attributes that readers see of an element without content, each as the parameter of a macro.
const SEEN: [(&str, &str); 9] = [
    ("ac:title", "title"),
    ("title", "title"),
    ("alt", "alt"),
    ("aria-label", "label"),
    ("label", "label"),
    ("value", "label"),
    ("src", "src"),
    ("data", "src"),
    ("href", "href"),
];

/// Kinds of inputs whose value nobody sees.
const UNSEEN: [&str; 5] = ["checkbox", "file", "hidden", "password", "radio"];

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
    // As HTML reads numbers: `3px` is 3.
    let number = |name: &str| {
        let value = element.attribute(name)?;
        let value = value.trim();
        let digits = value.bytes().take_while(u8::is_ascii_digit).count();
        let digits = value.get(..digits).filter(|digits| !digits.is_empty())?;
        Some(digits.parse::<u32>().unwrap_or(u32::MAX))
    };
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
        "tr" => Open::Row,
        "th" | "td" => Open::Cell {
            header: element.name == "th",
            columns: number("colspan").unwrap_or(1) as usize,
            rows: number("rowspan").unwrap_or(1) as usize,
        },
        _ => return None,
    })
}
