//! Macros, and what the storage format takes over from ADF.

use super::Reader;
use super::tree::{Element, Node};
use crate::builder::Open;
use crate::document::Style;
use crate::macros::{self, Body, Call};

impl Reader<'_> {
    pub(super) fn structured_macro(&mut self, element: &Element<'_>, style: &Style) {
        let name = element.attribute("ac:name").unwrap_or_default();
        let resource = element
            .elements()
            .filter(|inside| inside.name == "ac:parameter")
            .flat_map(Element::elements)
            .chain(element.elements())
            // Some nest it in a link.
            .flat_map(|inside| std::iter::once(inside).chain(inside.elements()))
            .find(|inside| inside.name.starts_with("ri:"))
            .map(|target| self.resource(target, None));
        let parameter = |wanted: &str| {
            element
                .elements()
                .filter(|inside| inside.name == "ac:parameter")
                .find(|inside| inside.attribute("ac:name").unwrap_or_default() == wanted)
                .map(Element::text)
        };
        let call = Call {
            name: &name,
            parameter: &parameter,
            resource,
        };
        let body = call.begin(self.context, self.builder, style);
        for node in &element.children {
            match (node, &body) {
                (Node::Element(inside), Body::Code(language))
                    if inside.name == "ac:plain-text-body" =>
                {
                    self.builder.code(language, &inside.text());
                }
                (Node::Text(text), _) if text.trim().is_empty() => {}
                _ => self.nodes(std::slice::from_ref(node), style),
            }
        }
        if body == Body::ReadAndClose {
            self.builder.close();
        }
    }

    /// A node of ADF that the storage format has no element for.
    pub(super) fn extension(&mut self, element: &Element<'_>, style: &Style) {
        let node = element.child("ac:adf-node");
        if let Some(node) = node.filter(|node| is_known(node)) {
            return self.adf_node(node, style);
        }
        match (element.child("ac:adf-fallback"), node) {
            (Some(fallback), _) => self.nodes(&fallback.children, style),
            (None, Some(node)) => self.adf_node(node, style),
            (None, None) => self.nodes(&element.children, style),
        }
    }

    fn adf_node(&mut self, node: &Element<'_>, style: &Style) {
        let opened = match kind(node).as_str() {
            "panel" => {
                let panel = node
                    .elements()
                    .find(|inside| inside.attribute("key").as_deref() == Some("panel-type"))
                    .map(Element::text)
                    .unwrap_or_default();
                macros::panel(self.builder, panel.trim(), None);
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
            _ => false,
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

fn kind(node: &Element<'_>) -> String {
    node.attribute("type").unwrap_or_default().replace('_', "-")
}

/// Whether the node itself says more than its fallback does.
fn is_known(node: &Element<'_>) -> bool {
    match kind(node).as_str() {
        "panel" => node.child("ac:adf-content").is_some(),
        "decision-list" => node.child("ac:adf-node").is_some(),
        _ => false,
    }
}
