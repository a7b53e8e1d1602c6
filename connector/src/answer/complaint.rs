//! What Confluence says in the body of an error answer. v2, v1 and the gateway each have a shape
//! of their own, and the edge answers HTML.

use crate::json::{self, Broken, Elements, Fields, Value};

/// The words of an error answer.
#[derive(Debug, Default)]
pub(super) struct Complaint {
    /// What it says, already joined: `title: detail`, or the message.
    pub(super) text: Option<String>,
    /// The body looks like HTML.
    pub(super) html: bool,
}

impl Complaint {
    /// Reads the body of an error answer. A body of another shape is no complaint.
    pub(super) fn of(body: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(body) else {
            return Self::default();
        };
        if super::looks_like_html(text) {
            return Self {
                text: None,
                html: true,
            };
        }
        let mut shape = Shape::default();
        // What stood before the JSON broke off is still worth saying.
        let _ = json::object(text, &mut shape, "");
        Self {
            text: shape.say(),
            html: false,
        }
    }
}

#[derive(Debug, Default)]
struct Shape {
    title: Option<String>,
    detail: Option<String>,
    message: Option<String>,
    first: Option<Box<Shape>>,
}

impl Shape {
    fn say(self) -> Option<String> {
        if let Some(text) = self.first.and_then(|first| first.say()) {
            return Some(text);
        }
        match (self.title, self.detail.filter(|text| !text.is_empty())) {
            (Some(title), Some(detail)) => Some(format!("{title}: {detail}")),
            (title, detail) => title.or(detail).or(self.message),
        }
        .filter(|text| !text.is_empty())
    }
}

impl Fields for Shape {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "title" => value.text_into(&mut self.title)?,
            "detail" => value.text_into(&mut self.detail)?,
            "message" | "error_description" => value.text_into(&mut self.message)?,
            "errors" => {
                let mut errors = First::default();
                value.list(&mut errors)?;
                self.first = errors.first;
            }
            _ => {}
        }
        Ok(())
    }
}

/// The first element of a list.
#[derive(Default)]
struct First {
    first: Option<Box<Shape>>,
}

impl Elements for First {
    fn next(&mut self) -> Option<&mut dyn Fields> {
        match &mut self.first {
            Some(_) => None,
            first => Some(first.insert(Box::default()).as_mut()),
        }
    }

    fn read(&mut self, _was_object: bool, _text: &str) {}
}
