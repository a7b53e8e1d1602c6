//! What Confluence says in the body of an error answer. v2, v1 and the gateway each have a shape
//! of their own, and the edge answers HTML.

use serde::de::MapAccess;

use crate::lenient::{self, Fields};

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
        if crate::answer::looks_like_html(text) {
            return Self {
                text: None,
                html: true,
            };
        }
        // Foreign and unbounded: a body that nests is not read at all.
        if !crate::depth::within(body, crate::depth::MOST) {
            return Self::default();
        }
        let shape: Shape = lenient::object(text, "").ok().flatten().unwrap_or_default();
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
    fn read<'de, M: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut M,
        wanted: &str,
    ) -> Result<(), M::Error> {
        match name {
            "title" => self.title = lenient::text(map)?,
            "detail" => self.detail = lenient::text(map)?,
            "message" | "error_description" => self.message = lenient::text(map)?,
            "errors" => {
                self.first = lenient::first_of_list::<Self, M>(map, wanted)?.map(Box::new);
            }
            _ => lenient::skip(map)?,
        }
        Ok(())
    }
}
