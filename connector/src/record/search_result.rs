use super::{Parts, Row, User};
use crate::json::{Broken, Fields, Value};

/// Something that a search found. `GET /wiki/rest/api/search`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchResult {
    /// The id of the content or the space, or the account id of the user.
    pub id: String,
    /// `content`, `space`, `user`. Open.
    pub entity_type: Option<String>,
    /// Of content: `page`, `blogpost`, `comment`, `attachment`, `folder`, … Open.
    pub content_type: Option<String>,
    /// Of content: `current`, `archived`, … Open.
    pub status: Option<String>,
    /// The title, with what was searched for marked by `@@@hl@@@` and `@@@endhl@@@`.
    pub title: Option<String>,
    /// The key of the space: of the one found, or of the one that the content is in, when
    /// Confluence says so.
    pub space_key: Option<String>,
    /// A piece of the text, marked like the title.
    pub excerpt: Option<String>,
    /// When it was last changed, to the second.
    pub last_modified: Option<String>,
    /// Where a person can look at it.
    pub web_url: Option<String>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
    identity: String,
}

impl Fields for SearchResult {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "content" | "space" => {
                let mut found = Found::default();
                if value.object(&mut found)? {
                    let id = found.id.unwrap_or_default();
                    self.is(name, id);
                    self.content_type = found.type_.filter(|_| name == "content");
                    self.status = found.status;
                    self.space_key = found.key.or(self.space_key.take());
                }
            }
            "user" => {
                let mut user = User::default();
                if value.object(&mut user)? {
                    self.is(name, user.account_id);
                }
            }
            "entityType" => value.text_into(&mut self.entity_type)?,
            "title" => value.text_into(&mut self.title)?,
            "excerpt" => value.text_into(&mut self.excerpt)?,
            "lastModified" => value.time_into(&mut self.last_modified)?,
            "url" => value.text_into(&mut self.web_url)?,
            _ => {}
        }
        Ok(())
    }
}

impl SearchResult {
    /// Ids of content, spaces and users are each of their own.
    fn is(&mut self, kind: &str, id: String) {
        if !id.is_empty() {
            self.identity = format!("{kind}:{id}");
            self.id = id;
        }
    }
}

/// The content or the space of a result.
#[derive(Default)]
struct Found {
    id: Option<String>,
    type_: Option<String>,
    status: Option<String>,
    key: Option<String>,
}

impl Fields for Found {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "id" => value.text_into(&mut self.id)?,
            "type" => value.text_into(&mut self.type_)?,
            "status" => value.text_into(&mut self.status)?,
            "key" => value.text_into(&mut self.key)?,
            "space" => {
                let mut space = Found::default();
                value.object(&mut space)?;
                self.key = space.key;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Row for SearchResult {
    fn parts(&mut self) -> Parts<'_> {
        Parts {
            web_url: Some(&mut self.web_url),
            ..Parts::of(&self.identity, &mut self.raw)
        }
    }
}
