//! What a component answers about where content is.

use wasmtime::component::Val;

use super::AttachmentRequest;
use crate::call::{CallError, field, some};

/// What a component said of content: to be believed in nothing but what it is compared with.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) id: String,
    pub(crate) version: Option<u64>,
    pub(crate) title: Option<String>,
    pub(crate) media_type: Option<String>,
    /// In bytes.
    pub(crate) size: Option<u64>,
    /// A secret.
    pub(crate) url: String,
}

/// Without the address.
impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Location")
            .field("id", &self.id)
            .field("version", &self.version)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl Location {
    /// Reads an answer to a request.
    pub(crate) fn read(
        answer: Option<&Val>,
        request: &AttachmentRequest,
    ) -> Result<Self, CallError> {
        let wrong = |reason: &str| CallError::Contract {
            reason: reason.to_owned(),
        };
        let answer = answer.ok_or_else(|| wrong("it answered no location"))?;
        let text = |name: &str| match field(answer, name).and_then(some) {
            Some(Val::String(text)) => Some(text.clone()),
            _ => None,
        };
        let number = |name: &str| match field(answer, name).and_then(some) {
            Some(Val::U64(number)) => Some(*number),
            _ => None,
        };
        let location = Self {
            id: text("id").ok_or_else(|| wrong("its location has no `id`"))?,
            version: number("version"),
            title: text("title"),
            media_type: text("media-type"),
            size: number("file-size"),
            url: text("url").ok_or_else(|| wrong("its location has no `url`"))?,
        };
        if !location.id.eq_ignore_ascii_case(&request.id) {
            return Err(wrong("it answered the location of another attachment"));
        }
        if request
            .version
            .is_some_and(|asked| location.version != Some(u64::from(asked)))
        {
            return Err(wrong("it answered the location of another version"));
        }
        Ok(location)
    }

    /// The host that it leads to, which is no secret.
    pub(crate) fn host(&self) -> String {
        url::Url::parse(&self.url)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_else(|| "nowhere".to_owned())
    }
}
