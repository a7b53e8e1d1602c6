use super::Confluence;
use crate::{
    ContentProperty, Error, ListOptions, Listing, Transport, Window,
    query::{
        call::Call,
        function::Function,
        ids,
        options::Takes,
        order::{ordered, unordered},
        words,
    },
};

/// What properties belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyOwner {
    /// A page.
    Page,
    /// A blog post.
    BlogPost,
    /// An attachment.
    Attachment,
    /// A piece of custom content.
    CustomContent,
    /// A comment, footer or inline.
    Comment,
    /// A space.
    Space,
}

pub(super) const TAKES: Takes = Takes {
    sorts: &["key"],
    order: "key",
    ..Takes::NONE
};

const DOING: &str = "list properties";

impl<T: Transport> Confluence<T> {
    /// Gets the properties of a piece of content, `GET /wiki/api/v2/pages/{id}/properties` and
    /// its like, or of a space, given by id or key,
    /// `GET /wiki/api/v2/spaces/{space-id}/properties`.
    ///
    /// `key` asks for one property only. `sort` orders by key; properties of spaces have no
    /// order. Options: `sort` (`key`), `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_content_properties(
        &mut self,
        owner: PropertyOwner,
        id: &str,
        key: Option<&str>,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<ContentProperty>, Error> {
        let of = |kind: &str, scope, id: &str| {
            Call::new(
                Function::GetContentProperties,
                DOING,
                scope,
                format!("/api/v2/{kind}/{id}/properties"),
            )
        };
        let content = |kind, scope| ids::id("id", id).map(|id| of(kind, scope, &id));
        let mut call = match owner {
            PropertyOwner::Page => content("pages", "read:page:confluence")?,
            PropertyOwner::BlogPost => content("blogposts", "read:page:confluence")?,
            PropertyOwner::CustomContent => {
                content("custom-content", "read:custom-content:confluence")?
            }
            PropertyOwner::Comment => content("comments", "read:comment:confluence")?,
            PropertyOwner::Attachment => of(
                "attachments",
                "read:attachment:confluence",
                &ids::attachment("id", id)?,
            ),
            PropertyOwner::Space => {
                let mut call = of("spaces", "read:space:confluence", "{space}");
                call.within(ids::space("id", id)?);
                call
            }
        };
        words::word("key", key)?;
        call.parameter("key", key);
        if owner == PropertyOwner::Space {
            unordered(sort, "list the properties of a space")?;
            Takes::NONE.apply(options, &mut call)?;
        } else {
            TAKES.apply(&ordered(options, sort)?, &mut call)?;
        }
        self.list_by_key(call, window)
    }
}
