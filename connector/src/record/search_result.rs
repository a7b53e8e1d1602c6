use super::{Parts, Row, User};
use crate::{
    address,
    json::{Broken, Fields, Value},
    plain_text,
};

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
    /// The title. `raw` has the marks of what was searched for.
    pub title: Option<String>,
    /// The key of the space: of the one found, or of the one that the content is in.
    pub space_key: Option<String>,
    /// The page or blog post that an attachment or a comment belongs to.
    pub container_id: Option<String>,
    /// The title of that.
    pub container_title: Option<String>,
    /// A piece of the text.
    pub excerpt: Option<String>,
    /// The account, when it is one.
    pub user: Option<User>,
    /// When it was last changed, to the second.
    pub last_modified: Option<String>,
    /// Where a person can look at it.
    pub web_url: Option<String>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
    identity: String,
    /// The address that the content itself has.
    webui: Option<String>,
    /// The space is named by a field that is surer than an address.
    key_is_sure: bool,
}

/// Marks around what was searched for.
const MARKS: [&str; 2] = ["@@@hl@@@", "@@@endhl@@@"];

/// A title or an excerpt as people see it.
fn shown(value: &mut Value<'_>) -> Result<Option<String>, Broken> {
    let text = value.text()?;
    Ok(text.map(|text| {
        let plain = MARKS.iter().fold(text, |text, mark| text.replace(mark, ""));
        plain_text::decoded(&plain)
    }))
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
                    self.webui = found.webui;
                    if found.key.is_some() {
                        self.space_key = found.key;
                        self.key_is_sure = true;
                    }
                    self.container_id = found.container_id.or(self.container_id.take());
                    self.container_title = found.container_title.or(self.container_title.take());
                }
            }
            "user" => {
                let mut user = User::default();
                if value.object(&mut user)? {
                    self.is(name, user.account_id.clone());
                    self.user = Some(user);
                }
            }
            "entityType" => value.text_into(&mut self.entity_type)?,
            "title" => self.title = shown(value)?,
            "excerpt" => self.excerpt = shown(value)?,
            "lastModified" => value.time_into(&mut self.last_modified)?,
            "url" => {
                value.text_into(&mut self.web_url)?;
                if let Some(url) = self.web_url.clone() {
                    self.leads_to(&url);
                }
            }
            "resultGlobalContainer" => {
                let mut container = Container::default();
                value.object(&mut container)?;
                self.leads_to(&container.url.unwrap_or_default());
            }
            "resultParentContainer" => {
                let mut container = Container::default();
                value.object(&mut container)?;
                let url = container.url.unwrap_or_default();
                if let Some(parent) = address::content(&url) {
                    self.container_id.get_or_insert(parent.id);
                    self.container_title = self.container_title.take().or(container.title);
                }
                self.leads_to(&url);
            }
            _ => {}
        }
        Ok(())
    }
}

impl SearchResult {
    /// Takes from an address what no other field has said.
    fn leads_to(&mut self, url: &str) {
        if !self.key_is_sure
            && let Some(key) = address::space_key(url)
        {
            self.space_key = Some(key);
        }
    }

    /// The container of an attachment or a comment, when only its own address says it.
    fn locate(&mut self) {
        if let Some(webui) = self.webui.take().filter(|address| !address.is_empty()) {
            if self.space_key.is_none() {
                self.leads_to(&webui);
            }
            if self.web_url.as_deref().unwrap_or_default().is_empty() {
                self.web_url = Some(webui);
            }
        }
        let is_inside = matches!(self.content_type.as_deref(), Some("attachment" | "comment"));
        if !is_inside {
            self.container_id = None;
            self.container_title = None;
        } else if self.container_id.is_none() {
            let url = self.web_url.as_deref().unwrap_or_default();
            self.container_id = address::content(url).map(|found| found.id);
        }
    }

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
    title: Option<String>,
    key: Option<String>,
    container_id: Option<String>,
    container_title: Option<String>,
    webui: Option<String>,
}

/// A container as search results name it.
#[derive(Default)]
struct Container {
    title: Option<String>,
    url: Option<String>,
}

impl Fields for Container {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "title" => self.title = shown(value)?,
            "displayUrl" => value.text_into(&mut self.url)?,
            _ => {}
        }
        Ok(())
    }
}

/// Links to what a response leaves out, and to the content itself.
#[derive(Default)]
struct Links {
    space: Option<String>,
    container: Option<String>,
    webui: Option<String>,
}

impl Fields for Links {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "space" => value.text_into(&mut self.space),
            "container" => value.text_into(&mut self.container),
            "webui" => value.text_into(&mut self.webui),
            _ => Ok(()),
        }
    }
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
                self.key = space.key.or(self.key.take());
            }
            "container" => {
                let mut container = Found::default();
                value.object(&mut container)?;
                // The container of a page is its space, which has a key.
                if container.key.is_none() {
                    self.container_id = container.id;
                    self.container_title = container.title;
                } else {
                    self.key = self.key.take().or(container.key);
                }
            }
            "title" => self.title = shown(value)?,
            "_expandable" | "_links" => {
                let mut links = Links::default();
                value.object(&mut links)?;
                let mut addresses = [links.space, links.container].into_iter().flatten();
                let key = addresses.find_map(|address| address::space_key(&address));
                self.key = self.key.take().or(key);
                self.webui = links.webui.or(self.webui.take());
            }
            _ => {}
        }
        Ok(())
    }
}

impl Row for SearchResult {
    fn parts(&mut self) -> Parts<'_> {
        self.locate();
        Parts {
            web_url: Some(&mut self.web_url),
            ..Parts::of(&self.identity, &mut self.raw)
        }
    }
}
