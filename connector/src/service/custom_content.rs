use super::{Confluence, by_ids, by_spaces};
use crate::{
    CustomContent, Error, ListOptions, Listing, Rest, Transport, Window,
    paging::after,
    query::{
        call::{By, Call, Dimension},
        function::Function,
        options::Takes,
        order::ordered,
        words,
    },
};

/// Which custom content to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomContentQuery {
    /// The app's type, such as `ac:my-app:note`, or several, separated by commas. Confluence demands
    /// one, and is asked for one after the other.
    pub type_: Option<String>,
    /// Only content of these spaces, by id or key.
    pub space_ids: Option<Vec<String>>,
    /// Only these pieces.
    pub ids: Option<Vec<String>>,
}

pub(super) const TAKES: Takes = Takes {
    body_formats: &["raw", "storage", "atlas_doc_format", "text", "markdown"],
    sorts: &["id", "created-date", "modified-date", "title"],
    order: "modified-date",
    ..Takes::NONE
};

const SCOPE: &str = "read:custom-content:confluence";

impl<T: Transport> Confluence<T> {
    /// Lists custom content of one type. `GET /wiki/api/v2/custom-content`.
    ///
    /// Without a type the answer has no items, and `rest.stopped` says how to find the types of
    /// a site; nothing is sent.
    ///
    /// Options: `body_format` (`raw`, `storage`, `atlas_doc_format`), `sort` (`id`,
    /// `created-date`, `modified-date`, `title`), `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn list_custom_content(
        &mut self,
        query: &CustomContentQuery,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<CustomContent>, Error> {
        let mut call = Call::new(
            Function::ListCustomContent,
            "list custom content",
            SCOPE,
            "/api/v2/custom-content",
        );
        filter(&mut self.transport, &mut call, query)?;
        TAKES.apply(options, &mut call)?;
        self.typed(query, call, window)
    }

    /// Gets custom content of one type. `GET /wiki/api/v2/custom-content`.
    ///
    /// As [`list_custom_content`](Self::list_custom_content), and `sort` orders by the time of
    /// the last change.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_custom_content(
        &mut self,
        query: &CustomContentQuery,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<CustomContent>, Error> {
        let mut call = Call::new(
            Function::GetCustomContent,
            "list custom content",
            SCOPE,
            "/api/v2/custom-content",
        );
        filter(&mut self.transport, &mut call, query)?;
        TAKES.apply(&ordered(options, sort)?, &mut call)?;
        self.typed(query, call, window)
    }

    fn typed(
        &mut self,
        query: &CustomContentQuery,
        call: Call,
        window: &Window,
    ) -> Result<Listing<CustomContent>, Error> {
        if query.type_.is_none() {
            after::limit(window)?;
            return Ok(Listing {
                items: Vec::new(),
                rest: Rest {
                    stopped: Some(type_required()),
                    ..Rest::default()
                },
            });
        }
        self.list_by_key(call, window)
    }
}

fn filter(
    transport: &mut dyn Transport,
    call: &mut Call,
    query: &CustomContentQuery,
) -> Result<(), Error> {
    match query.type_.as_deref().filter(|types| types.contains(',')) {
        Some(_) if query.ids.is_some() => return Err(several_types_of_ids()),
        Some(types) => call.outer(Some(Dimension {
            name: "type",
            by: By::Type,
            values: listed(types)?,
            most: 1,
        })),
        None => {
            words::word("type", query.type_.as_deref())?;
            call.parameter("type", query.type_.as_deref());
            call.kind.clone_from(&query.type_);
            call.outer(by_ids(transport, "id", query.ids.as_deref())?);
        }
    }
    call.inner(by_spaces("space-ids", query.space_ids.as_deref(), 100)?);
    Ok(())
}

/// Types between commas, each once.
fn listed(types: &str) -> Result<Vec<String>, Error> {
    let mut listed: Vec<String> = Vec::new();
    for one in types.split(',').map(str::trim) {
        words::word("type", Some(one))?;
        if !listed.iter().any(|known| known == one) {
            listed.push(one.to_owned());
        }
    }
    Ok(listed)
}

fn several_types_of_ids() -> Error {
    Error::argument(
        "several-types-with-ids",
        "`ids` can be listed for one `type` only",
        "Confluence lists custom content by type, and several types were passed, or are configured",
        "pass the one `type` of this content",
    )
}

fn type_required() -> Error {
    Error::argument(
        "custom-content-type-required",
        "custom content is listed by type, but no `type` was passed",
        "Confluence demands a type for this list and has no call that lists the types of a site",
        "look for the type in the app's manifest or its vendor's documentation: `ac:APP-KEY:MODULE-KEY` for Connect apps, `forge:…` for Forge apps; or look up `type` of custom content whose id you know, at `/wiki/api/v2/custom-content/ID`",
    )
}
