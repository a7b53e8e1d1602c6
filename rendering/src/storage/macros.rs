//! Macros, and what the storage format takes over from ADF.

use std::borrow::Cow;

use super::Reader;
use super::tree::{Element, Node};
use crate::builder::Open;
use crate::datasource;
use crate::document::{Marks, Style};
use crate::json;
use crate::macros::{self, Body, Call, Resource};
use crate::notice::NoticeKind;

impl Reader<'_> {
    #[inline(never)]
    pub(super) fn structured_macro(&mut self, element: &Element<'_>, style: &Style) {
        let name = element.attribute("ac:name").unwrap_or_default();
        let call = self.call(&name, element);
        self.run(&call, &element.children, style);
    }

    /// Shows what a macro is and has in its body.
    fn run(&mut self, call: &Call<'_>, children: &[Node<'_>], style: &Style) {
        let begun = call.begin(self.context, self.builder, style);
        for node in children {
            match (node, &begun.body) {
                (_, Body::Skip) => break,
                (Node::Element(inside), body) if inside.name == "ac:plain-text-body" => {
                    match body {
                        Body::Code(language) => self.builder.code(language, &inside.text()),
                        Body::Html => self.html(&inside.text(), style),
                        Body::Inline => {
                            let style = style.with(Marks::CODE);
                            self.builder.text(&inside.text(), &style);
                        }
                        _ => self.builder.code("", &inside.text()),
                    }
                }
                (Node::Text(text), _) if text.trim().is_empty() => {}
                _ => self.nodes(std::slice::from_ref(node), style),
            }
        }
        call.end(self.builder, &begun);
    }

    /// Reads markup that is the plain body of a macro.
    #[inline(never)]
    fn html(&mut self, body: &str, style: &Style) {
        self.builder.end_paragraph();
        let levels = self.context.limits.levels().saturating_sub(self.depth);
        super::read_inside(body, self.context, self.builder, levels, style);
        self.builder.end_paragraph();
    }

    #[inline(never)]
    fn call<'c>(&self, name: &'c str, element: &'c Element<'_>) -> Call<'c> {
        let mut call = Call {
            name,
            parameters: Vec::new(),
            resources: Vec::new(),
            fallback: None,
            block: !self.in_line && self.builder.at_line_start(),
            rich: element.child("ac:rich-text-body").is_some(),
        };
        for inside in element.elements() {
            let name = match inside.name {
                "ac:parameter" => inside.attribute("ac:name").unwrap_or_default(),
                "ac:default-parameter" => Cow::Borrowed(""),
                name if name.starts_with("ri:") => {
                    call.resources.push(self.resource(inside, None));
                    continue;
                }
                "ac:link" => {
                    self.add_resources(inside, &mut call.resources);
                    continue;
                }
                _ => continue,
            };
            self.add_resources(inside, &mut call.resources);
            call.parameters.push((name, inside.text()));
        }
        call
    }

    /// The `ri:` elements in a parameter, some of which are in a link.
    fn add_resources(&self, parameter: &Element<'_>, resources: &mut Vec<Resource>) {
        for inside in parameter.elements() {
            let inner = inside.elements().filter(|_| inside.name == "ac:link");
            for target in std::iter::once(inside).chain(inner) {
                if target.name.starts_with("ri:") {
                    resources.push(self.resource(target, None));
                }
            }
        }
    }

    /// A node of ADF that the storage format has no element for.
    pub(super) fn extension(&mut self, element: &Element<'_>, style: &Style) {
        let node = element.child("ac:adf-node");
        if let Some(node) = node.filter(|node| is_known(node)) {
            return self.adf_node(node, style);
        }
        if let Some(node) = node.filter(|node| kind(node).ends_with("extension")) {
            return self.adf_extension(element, node, style);
        }
        match (element.child("ac:adf-fallback"), node) {
            (Some(fallback), _) => self.nodes(&fallback.children, style),
            (None, Some(node)) => self.adf_node(node, style),
            (None, None) => self.nodes(&element.children, style),
        }
    }

    /// A macro of an app, which is an extension in ADF.
    #[inline(never)]
    fn adf_extension(&mut self, element: &Element<'_>, node: &Element<'_>, style: &Style) {
        let attribute = |wanted: &str| {
            let mut attributes = node
                .elements()
                .filter(|inside| inside.name == "ac:adf-attribute");
            let found = attributes.find(|inside| {
                let key = inside.attribute("key").unwrap_or_default();
                key.replace('_', "-") == wanted
            });
            found.map(Element::text).unwrap_or_default()
        };
        let (name, text) = (attribute("extension-key"), attribute("text"));
        let mut parameters = Vec::new();
        for inside in node
            .elements()
            .filter(|inside| inside.name == "ac:adf-attribute")
        {
            add_parameters(inside, &mut parameters);
        }
        let content = node.child("ac:adf-content");
        let fallback = element.child("ac:adf-fallback");
        let call = Call {
            name: &name,
            parameters,
            resources: Vec::new(),
            fallback: Some(text.as_str()).filter(|_| fallback.is_none()),
            block: !kind(node).starts_with("inline"),
            rich: content.is_some(),
        };
        // Attributes are skipped where they are read.
        let shown = fallback.filter(|_| content.is_none()).unwrap_or(node);
        self.run(&call, &shown.children, style);
    }

    fn adf_node(&mut self, node: &Element<'_>, style: &Style) {
        let opened = match kind(node).as_str() {
            "panel" => {
                let attribute = |key| {
                    let mut inside = node.elements();
                    let found =
                        inside.find(|inside| inside.attribute("key").as_deref() == Some(key));
                    found.map(Element::text).unwrap_or_default()
                };
                let (panel, icon) = (attribute("panel-type"), attribute("panel-icon-text"));
                let panel = panel.trim();
                let icon = Some(icon.as_str()).filter(|_| panel == "custom");
                macros::panel(self.builder, panel, icon);
                true
            }
            "decision-list" => {
                self.builder.open(Open::List(None));
                true
            }
            "decision-item" => {
                self.builder.open(Open::Item(None));
                true
            }
            _ => {
                self.unknown_node(node, style);
                false
            }
        };
        for inside in &node.children {
            match inside {
                Node::Element(inside) if inside.name == "ac:adf-node" => {
                    self.adf_node(inside, style);
                }
                _ => self.nodes(std::slice::from_ref(inside), style),
            }
        }
        if opened {
            self.builder.close();
        }
    }
}

/// The parameters in `element`, which may be in groups.
fn add_parameters<'e>(element: &'e Element<'_>, parameters: &mut Vec<(Cow<'e, str>, String)>) {
    for inside in element
        .elements()
        .filter(|inside| inside.name == "ac:adf-parameter")
    {
        if inside.child("ac:adf-parameter").is_some() {
            add_parameters(inside, parameters);
        } else {
            let name = inside.attribute("key").unwrap_or_default();
            parameters.push((name, inside.text()));
        }
    }
}

fn kind(node: &Element<'_>) -> String {
    node.attribute("type").unwrap_or_default().replace('_', "-")
}

impl Reader<'_> {
    /// What is known of a node of ADF that has no fallback.
    #[inline(never)]
    fn unknown_node(&mut self, node: &Element<'_>, style: &Style) {
        let name = kind(node);
        if name.contains("sync-block") {
            if node.child("ac:adf-content").is_none() {
                self.builder.note(NoticeKind::Dynamic, &name);
            }
            return;
        }
        let before = self.builder.pieces();
        for inside in node
            .elements()
            .filter(|inside| inside.name == "ac:adf-attribute")
        {
            let key = inside.attribute("key").unwrap_or_default();
            let value = inside.text();
            if key == "datasource" {
                let source = json::parse(&value, datasource::LEVELS).value;
                datasource::show(self.builder, &name, &source, style);
                continue;
            }
            macros::attribute(self.context, self.builder, &name, &key, &value, style);
        }
        let content = ["ac:adf-content", "ac:adf-node", "ac:adf-leaf"];
        let has = content.iter().any(|name| node.child(name).is_some());
        let empty = !has && !self.builder.added_since(before);
        let notice = if empty {
            NoticeKind::EmptyNode
        } else {
            NoticeKind::UnknownNode
        };
        self.builder.note(notice, &name);
    }
}

/// Whether the node itself says more than its fallback does.
fn is_known(node: &Element<'_>) -> bool {
    match kind(node).as_str() {
        "panel" => node.child("ac:adf-content").is_some(),
        "decision-list" => node.child("ac:adf-node").is_some(),
        _ => false,
    }
}
