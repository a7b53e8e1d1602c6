//! What the body of an error response says, whatever its shape.
//!
//! v2, v1 and the gateway each have shapes of their own, libraries and proxies before them have
//! others, and the edge sends HTML, XML or plain text.

use super::looks_like_html;
use crate::{
    json::{self, Broken, Elements, Fields, Value},
    plain_text,
};

/// Complaints of one response that are joined.
const MOST: usize = 3;

/// Names of messages, and how much each is worth: a sentence more than a word.
const RANKS: [(&str, u8); 17] = [
    ("message", 4),
    ("errordescription", 4),
    ("errormessage", 4),
    ("translation", 4),
    ("faultstring", 4),
    ("statusmessage", 4),
    ("usermessage", 4),
    ("reason", 3),
    ("reasonphrase", 3),
    ("description", 3),
    ("msg", 3),
    ("details", 3),
    ("error", 2),
    ("errors", 2),
    ("errormessages", 2),
    ("fault", 2),
    ("exception", 2),
];

/// Names of what holds messages.
const HOLDERS: [&str; 9] = [
    "errors",
    "error",
    "data",
    "message",
    "messages",
    "errormessages",
    "details",
    "fault",
    "exception",
];

/// The words of an error response.
#[derive(Debug, Default)]
pub(super) struct Complaint {
    /// What it says, already joined: `title: detail`, or the message.
    pub(super) text: Option<String>,
    /// The body looks like HTML.
    pub(super) html: bool,
    /// The body has the shape of Confluence's own errors, which others do not have.
    pub(super) confluence: bool,
}

impl Complaint {
    /// Reads the body of an error response. One with a zero byte is no complaint.
    pub(super) fn of(body: &[u8]) -> Self {
        // Compressed, or of a wider encoding: nothing of it is a word.
        if body.contains(&0) {
            return Self::default();
        }
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim();
        if looks_like_html(text) {
            return Self {
                text: plain_text::of_markup(text),
                html: true,
                confluence: false,
            };
        }
        let mut confluence = false;
        // What came before the JSON broke off is still worth saying.
        let said = match text.bytes().next() {
            Some(b'{') => {
                let mut shape = Shape::default();
                let _ = json::object(text, &mut shape, "");
                confluence = shape.is_confluence();
                shape.say()
            }
            Some(b'[') => {
                let mut list = Said::default();
                let _ = json::list(text, &mut list);
                list.say()
            }
            Some(b'"') => json::string(text),
            _ => plain_text::first_line(text),
        };
        Self {
            text: said.and_then(|said| plain_text::cleaned(&said)),
            html: false,
            confluence,
        }
    }
}

/// One object of an error body.
#[derive(Debug, Default)]
struct Shape {
    title: Option<String>,
    detail: Option<String>,
    message: Option<String>,
    /// How much a message is worth: a sentence more than a word.
    rank: u8,
    /// What the objects and lists in it say.
    nested: Said,
    /// What is said in addition to the message.
    more: Said,
    /// What is filled into a message, in case that is not sent.
    filled: Said,
    /// Every field is a complaint, under the name of what it is about.
    is_map: bool,
    has_status_code: bool,
    has_code: bool,
    has_errors: bool,
}

impl Shape {
    fn say(self) -> Option<String> {
        if let Some(said) = self.nested.say() {
            return Some(said);
        }
        let own = match (self.title, self.detail.filter(|text| !text.is_empty())) {
            (Some(title), Some(detail)) => Some(format!("{title}: {detail}")),
            (title, detail) => title.or(detail).or(self.message),
        }
        .filter(|text| !text.trim().is_empty());
        match (own, self.more.say()) {
            (Some(own), Some(more)) => Some(format!("{own}; {more}")),
            (own, more) => own.or(more).or_else(|| self.filled.say()),
        }
    }

    /// v1 has a `statusCode` beside its message, v2 a list of errors with codes.
    fn is_confluence(&self) -> bool {
        (self.has_status_code && self.message.is_some()) || (self.has_errors && self.nested.coded)
    }

    /// `plain` is `name` in lower case, without what joins words.
    fn text(&mut self, name: &str, plain: &str, text: String) {
        let rank = match plain {
            "title" => {
                self.title = Some(text);
                return;
            }
            "detail" => {
                self.detail = Some(text);
                return;
            }
            plain => match RANKS.iter().find(|(word, _)| *word == plain) {
                Some((_, rank)) => *rank,
                None => {
                    if self.is_map && plain != "key" {
                        self.nested.add(Some(format!("{name}: {text}")));
                    }
                    return;
                }
            },
        };
        if rank > self.rank && !text.trim().is_empty() {
            self.rank = rank;
            self.message = Some(text);
        }
    }
}

impl Fields for Shape {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        self.has_status_code |= name == "statusCode";
        self.has_code |= name == "code";
        self.has_errors |= name == "errors";
        let mut plain = name.to_ascii_lowercase();
        plain.retain(|c| !"-_ ".contains(c));
        let said = match plain.as_str() {
            "suberrors" => &mut self.more,
            "args" => &mut self.filled,
            plain if self.is_map || HOLDERS.contains(&plain) => &mut self.nested,
            _ => {
                if let Some(text) = value.words()? {
                    self.text(name, &plain, text);
                }
                return Ok(());
            }
        };
        if value.is_list() {
            value.list(said)?;
        } else if value.is_object() {
            let mut inner = Shape {
                is_map: plain == "errors",
                ..Shape::default()
            };
            value.object(&mut inner)?;
            said.add(inner.say());
        } else if let Some(text) = value.words()? {
            self.text(name, &plain, text);
        }
        Ok(())
    }
}

/// What a list says: its texts, and what its objects say.
#[derive(Debug, Default)]
struct Said {
    said: Vec<String>,
    element: Option<Box<Shape>>,
    /// An object in it has a code.
    coded: bool,
}

impl Said {
    fn add(&mut self, said: Option<String>) {
        if let Some(said) = said
            && self.said.len() < MOST
            && !said.trim().is_empty()
            && !self.said.contains(&said)
        {
            self.said.push(said);
        }
    }

    fn say(self) -> Option<String> {
        (!self.said.is_empty()).then(|| self.said.join("; "))
    }
}

impl Elements for Said {
    fn next(&mut self) -> Option<&mut dyn Fields> {
        Some(self.element.insert(Box::default()).as_mut())
    }

    fn read(&mut self, was_object: bool, text: &str) {
        let shape = self.element.take();
        if was_object {
            self.coded |= shape.as_ref().is_some_and(|shape| shape.has_code);
            self.add(shape.and_then(|shape| shape.say()));
        } else if text.starts_with('"') {
            self.add(json::string(text));
        }
    }
}
