//! `ac:link` and what it can lead to.

use super::Reader;
use super::tree::{Element, Node};
use crate::address;
use crate::document::Style;
use crate::macros::{self, Resource, ResourceKind};
use crate::notice::NoticeKind;

impl Reader<'_> {
    pub(super) fn link(&mut self, element: &Element<'_>, style: &Style) {
        let anchor = element.attribute("ac:anchor");
        let target = element
            .elements()
            .find(|inside| inside.name.starts_with("ri:"));
        let found = match target {
            Some(target) => self.resource(target, anchor.as_deref()),
            None => {
                let name = anchor.as_deref().unwrap_or_default();
                page(address::anchor(name), name.to_owned())
            }
        };
        let linked = match &found.address {
            Some(address) => self.builder.linked(self.context, address, style),
            None => style.clone(),
        };
        let person = found.kind == ResourceKind::Person;
        if person {
            self.builder.seam();
        }
        let before = self.builder.pieces();
        // `ri:` elements have nothing to show, so what shows is the body, plain or rich.
        for node in &element.children {
            match node {
                Node::Text(text) if text.trim().is_empty() => {}
                _ => self.nodes(std::slice::from_ref(node), &linked),
            }
        }
        if !self.builder.added_since(before) {
            self.builder.seam();
            self.builder.text(&found.title, &linked);
            self.builder.seam();
            if found.title.trim().is_empty() {
                let name = target.map_or(element.name, |target| target.name);
                self.builder.note(NoticeKind::EmptyNode, name);
            }
        }
        if person {
            self.builder.seam();
        }
    }

    /// What an `ri:` element names.
    #[inline(never)]
    pub(super) fn resource(&self, target: &Element<'_>, anchor: Option<&str>) -> Resource {
        let value = |name: &str| target.attribute(name).unwrap_or_default().into_owned();
        let space = target.attribute("ri:space-key");
        let space = space.as_deref();
        match target.name {
            "ri:page" => {
                let title = value("ri:content-title");
                let own = anchor.filter(|_| address::is_own(self.context, space, &title));
                let address = own
                    .and_then(address::anchor)
                    .or_else(|| address::page(self.context, space, &title, anchor));
                // A link without a title leads to the page itself.
                let address = address.or_else(|| {
                    address::anchor(anchor.unwrap_or_default()).filter(|_| title.is_empty())
                });
                let title = if title.is_empty() {
                    anchor.unwrap_or_default().to_owned()
                } else {
                    title
                };
                page(address, title)
            }
            "ri:blog-post" => {
                let title = value("ri:content-title");
                let day = value("ri:posting-day");
                let address = address::blog_post(self.context, space, &day, &title, anchor);
                page(address, title)
            }
            "ri:attachment" => {
                let name = value("ri:filename");
                // A file of another page names that page.
                let holder = target
                    .elements()
                    .find(|inside| HOLDERS.contains(&inside.name))
                    .map(|holder| self.resource(holder, None));
                let address = match &holder {
                    Some(holder) => holder.address.clone(),
                    None => address::file(&name),
                };
                Resource {
                    kind: ResourceKind::File,
                    address,
                    title: name,
                    foreign: holder.is_some(),
                }
            }
            "ri:url" => {
                let address = value("ri:value");
                other(ResourceKind::Address, Some(address.clone()), address)
            }
            "ri:content-entity" => {
                let id = value("ri:content-id");
                page(address::content(self.context, &id, anchor), id)
            }
            "ri:space" => {
                let key = value("ri:space-key");
                let address = address::space(self.context, &key);
                other(ResourceKind::Other, address, key)
            }
            "ri:shortcut" => {
                let (key, parameter) = (value("ri:key"), value("ri:parameter"));
                other(ResourceKind::Other, None, format!("{parameter}@{key}"))
            }
            "ri:user" => {
                let id = target
                    .attribute("ri:account-id")
                    .or_else(|| target.attribute("ri:username"))
                    .or_else(|| target.attribute("ri:userkey"))
                    .unwrap_or_default();
                let name = if id.is_empty() {
                    String::new()
                } else {
                    macros::mention(self.context, &id)
                };
                other(ResourceKind::Person, None, name)
            }
            _ => {
                let names = ["ri:content-title", "ri:title", "ri:name", "ri:filename"];
                let title = names.into_iter().find_map(|name| target.attribute(name));
                let title = title.unwrap_or_default().into_owned();
                other(ResourceKind::Other, None, title)
            }
        }
    }
}

/// What files are attached to.
const HOLDERS: [&str; 3] = ["ri:page", "ri:blog-post", "ri:content-entity"];

fn page(address: Option<String>, title: String) -> Resource {
    other(ResourceKind::Page, address, title)
}

fn other(kind: ResourceKind, address: Option<String>, title: String) -> Resource {
    Resource {
        kind,
        address,
        title,
        foreign: false,
    }
}
