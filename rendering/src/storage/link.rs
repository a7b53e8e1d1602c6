//! `ac:link` and what it can lead to.

use super::Reader;
use super::tree::{Element, Node};
use crate::address;
use crate::document::Style;

impl Reader<'_> {
    pub(super) fn link(&mut self, element: &Element<'_>, style: &Style) {
        let anchor = element.attribute("ac:anchor");
        let target = element
            .elements()
            .find(|inside| inside.name.starts_with("ri:"));
        let (address, title) = match target {
            Some(target) => self.resource(target, anchor.as_deref()),
            None => {
                let name = anchor.as_deref().unwrap_or_default();
                (address::anchor(name), name.to_owned())
            }
        };
        let linked = match &address {
            Some(address) => self.linked(address, style),
            None => style.clone(),
        };
        let before = self.builder.pieces();
        // `ri:` elements have nothing to show, so what shows is the body, plain or rich.
        for node in &element.children {
            match node {
                Node::Text(text) if text.trim().is_empty() => {}
                _ => self.nodes(std::slice::from_ref(node), &linked),
            }
        }
        if !self.builder.added_since(before) {
            self.builder.text(&title, &linked);
        }
    }

    /// The address of what an `ri:` element names, if it can be known, and its title.
    pub(super) fn resource(
        &self,
        target: &Element<'_>,
        anchor: Option<&str>,
    ) -> (Option<String>, String) {
        let value = |name: &str| target.attribute(name).unwrap_or_default().into_owned();
        let space = target.attribute("ri:space-key");
        let space = space.as_deref();
        match target.name {
            "ri:page" => {
                let title = value("ri:content-title");
                let address = address::page(self.context, space, &title, anchor);
                // A link without a title leads to the page itself.
                let address = address.or_else(|| {
                    address::anchor(anchor.unwrap_or_default()).filter(|_| title.is_empty())
                });
                let title = if title.is_empty() {
                    anchor.unwrap_or_default().to_owned()
                } else {
                    title
                };
                (address, title)
            }
            "ri:blog-post" => {
                let title = value("ri:content-title");
                let day = value("ri:posting-day");
                let address = address::blog_post(self.context, space, &day, &title, anchor);
                (address, title)
            }
            "ri:attachment" => {
                let name = value("ri:filename");
                (address::file(&name), name)
            }
            "ri:url" => {
                let address = value("ri:value");
                (Some(address.clone()), address)
            }
            "ri:content-entity" => {
                let id = value("ri:content-id");
                (address::content(self.context, &id, anchor), id)
            }
            "ri:space" => {
                let key = value("ri:space-key");
                (address::space(self.context, &key), key)
            }
            "ri:shortcut" => {
                let (key, parameter) = (value("ri:key"), value("ri:parameter"));
                (None, format!("{parameter}@{key}"))
            }
            "ri:user" => {
                let id = target
                    .attribute("ri:account-id")
                    .or_else(|| target.attribute("ri:username"))
                    .or_else(|| target.attribute("ri:userkey"))
                    .unwrap_or_default();
                (
                    None,
                    if id.is_empty() {
                        String::new()
                    } else {
                        format!("@{id}")
                    },
                )
            }
            _ => (None, String::new()),
        }
    }
}
