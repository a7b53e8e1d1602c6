//! What is answered, before it is HTTP.

use bytes::Bytes;

use crate::body::Body;

pub(crate) const JSON: &str = "application/json";
pub(crate) const HTML: &str = "text/html;charset=UTF-8";

/// What is answered, before it is HTTP.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
}

impl Answer {
    pub(crate) fn json(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type: JSON,
            headers: Vec::new(),
            body: Body::whole(body),
        }
    }

    pub(crate) fn text(status: u16, content_type: &'static str, body: &str) -> Self {
        Self {
            status,
            content_type,
            headers: Vec::new(),
            body: Body::whole(body.as_bytes().to_vec()),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same, with the last third of the body missing and a `content-length` that fits.
    pub(crate) fn with_json_cut(mut self) -> Self {
        if let Body::Whole(Some(bytes)) = self.body {
            self.body = Body::Whole(Some(bytes.slice(..bytes.len() * 2 / 3)));
        }
        self
    }

    /// The same, promising all of the body and sending half of it.
    pub(crate) fn with_body_cut(mut self) -> Self {
        if let Body::File { chunk, left } = self.body {
            // At least one byte more than is sent, also for an empty file.
            self.headers
                .push(("content-length", left.max(1).to_string()));
            let half = chunk.len().min((left / 2) as usize);
            self.body = Body::cut_off(chunk.slice(..half));
        } else if let Body::Whole(bytes) = self.body {
            let bytes = bytes.unwrap_or_else(Bytes::new);
            // At least one byte more than is sent, also for an empty body.
            self.headers
                .push(("content-length", (bytes.len() + 1).to_string()));
            self.body = Body::cut_off(bytes.slice(..bytes.len() / 2));
        }
        self
    }
}
