//! Elements out of tokens, whatever was left open or closed too often.

use std::borrow::Cow;

use super::token::{Token, Tokens, attribute};
use crate::builder::Builder;
use crate::entity::{self, Wrong};
use crate::notice::NoticeKind;

/// What HTML never closes. In storage format they close themselves; where they do not, they must
/// not swallow what follows.
const VOID: [&str; 6] = ["br", "hr", "img", "col", "wbr", "input"];

#[derive(Debug)]
pub(crate) enum Node<'a> {
    Element(Element<'a>),
    Text(Cow<'a, str>),
}

#[derive(Debug, Default)]
pub(crate) struct Element<'a> {
    pub(crate) name: &'a str,
    attributes: &'a str,
    pub(crate) children: Vec<Node<'a>>,
}

impl<'a> Element<'a> {
    #[inline(never)]
    pub(crate) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        attribute(self.attributes, name).map(|value| entity::decode(value, &mut |_| {}))
    }

    pub(crate) fn has_attributes(&self) -> bool {
        !self.attributes.trim().is_empty()
    }

    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element<'a>> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    #[inline(never)]
    pub(crate) fn child(&self, name: &str) -> Option<&Element<'a>> {
        self.elements().find(|element| element.name == name)
    }

    /// All text in it, as it stands.
    #[inline(never)]
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.add_text(&mut text);
        text
    }

    fn add_text(&self, text: &mut String) {
        for node in &self.children {
            match node {
                Node::Text(inside) => text.push_str(inside),
                Node::Element(element) if element.name == "br" => text.push('\n'),
                Node::Element(element) => element.add_text(text),
            }
        }
    }
}

/// The elements of `body`, at most `depth` levels of them; deeper ones are only their text.
pub(crate) fn parse<'a>(body: &'a str, depth: usize, builder: &mut Builder) -> Vec<Node<'a>> {
    let mut tokens = Tokens::new(body);
    let mut wrong = false;
    let mut open: Vec<Element<'a>> = vec![Element::default()];
    // Elements that are open beyond `depth`.
    let mut beyond = 0_usize;
    for token in tokens.by_ref() {
        match token {
            Token::Open {
                name,
                attributes,
                empty,
            } => {
                let element = Element {
                    name,
                    attributes,
                    children: Vec::new(),
                };
                let void = VOID.contains(&name);
                wrong |= void && !empty;
                if empty || void {
                    add(&mut open, Node::Element(element));
                } else if open.len() > depth {
                    beyond += 1;
                    builder.note(NoticeKind::TooDeep, "");
                    // Words of different elements stay apart.
                    add(&mut open, Node::Text(Cow::Borrowed(" ")));
                } else {
                    open.push(element);
                }
            }
            Token::Close(name) if VOID.contains(&name) => {}
            Token::Close(_) if beyond > 0 => {
                beyond -= 1;
                add(&mut open, Node::Text(Cow::Borrowed(" ")));
            }
            Token::Close(name) => {
                let known = open
                    .iter()
                    .skip(1)
                    .rposition(|element| element.name == name);
                match known {
                    Some(below) => {
                        wrong |= below + 2 != open.len();
                        while open.len() > below + 1 {
                            close(&mut open);
                        }
                    }
                    None => wrong = true,
                }
            }
            Token::Text(text) => {
                let text = entity::decode(text, &mut |reason| match reason {
                    Wrong::Unknown(name) => builder.note(NoticeKind::UnknownEntity, name),
                    Wrong::Stray => wrong = true,
                });
                add(&mut open, Node::Text(text));
            }
            Token::Characters(text) => add(&mut open, Node::Text(Cow::Borrowed(text))),
        }
    }
    if wrong || tokens.wrong || beyond > 0 || open.len() > 1 {
        builder.note(NoticeKind::NotWellFormed, "");
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().map(|root| root.children).unwrap_or_default()
}

fn add<'a>(open: &mut [Element<'a>], node: Node<'a>) {
    if let Some(element) = open.last_mut() {
        element.children.push(node);
    }
}

fn close(open: &mut Vec<Element<'_>>) {
    if let Some(element) = open.pop() {
        add(open, Node::Element(element));
    }
}
