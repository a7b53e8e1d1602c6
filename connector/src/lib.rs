//! What is known of Confluence Cloud: which call, which parameter, how pages continue, what an
//! answer means.
//!
//! The crate reads one site through a [`Transport`] that its user supplies. It has no clock, no
//! random numbers, no network and no environment, so it runs in a WebAssembly guest as it does
//! natively, and it never sees a credential.
//!
//! ```
//! use confluence_connector::{
//!     Answer, Confluence, ErrorKind, ListOptions, PageQuery, Transport, TransportError, Window,
//! };
//!
//! /// A site with three pages, two to an upstream page.
//! struct Site;
//!
//! impl Transport for Site {
//!     fn get(&mut self, path_and_query: &str) -> Result<Answer, TransportError> {
//!         let body = if path_and_query.contains("cursor=") {
//!             r#"{"results":[{"id":"3","title":"Third"}],"_links":{}}"#
//!         } else {
//!             r#"{"results":[{"id":"1","title":"First"},{"id":"2","title":"Second"}],
//!                 "_links":{"next":"/wiki/api/v2/pages?cursor=abc%3D","base":"https://s.example/wiki"}}"#
//!         };
//!         Ok(Answer { status: 200, headers: Vec::new(), body: body.into() })
//!     }
//! }
//!
//! let mut confluence = Confluence::new(Site);
//! let query = PageQuery::default();
//! let options = ListOptions::default();
//!
//! // The first two, and where the rest begins.
//! let window = Window { limit: Some(2), after: None };
//! let first = confluence.list_pages(&query, &window, &options)?;
//! assert_eq!(first.items[1].title.as_deref(), Some("Second"));
//! assert!(first.rest.after.is_some());
//!
//! // The rest: no `after` and no `stopped` means that the list is complete.
//! let window = Window { limit: Some(2), after: first.rest.after };
//! let second = confluence.list_pages(&query, &window, &options)?;
//! assert_eq!(second.items[0].id, "3");
//! assert!(second.rest.after.is_none() && second.rest.stopped.is_none());
//!
//! // What is wrong is refused before anything is sent, and says the way out.
//! let query = PageQuery { ids: Some(vec!["ENG".into()]) };
//! let error = confluence.list_pages(&query, &Window::default(), &options).unwrap_err();
//! assert_eq!((error.kind, error.code.as_str()), (ErrorKind::InvalidArgument, "id-malformed"));
//! # Ok::<(), confluence_connector::Error>(())
//! ```

mod address;
mod answer;
mod authorization;
mod columns;
mod dates;
mod endpoint;
mod error;
mod find;
mod fingerprint;
mod json;
mod listing;
mod paging;
mod plain_text;
mod points;
mod query;
mod reading;
mod record;
mod scopes;
mod service;
mod stream;
mod transport;

pub use answer::RateLimit;
pub use authorization::check_authorization;
pub use columns::{Column, ColumnType, ReadParent};
pub use endpoint::check_base_url;
pub use error::{Error, ErrorKind, ErrorParts, LimitScope};
pub use listing::{GetOptions, ListOptions, Listing, Notice, Rest, Window};
pub use points::{most_points, points};
pub use record::{
    Ancestor, Attachment, AttachmentLocation, AuditChange, AuditObject, AuditRecord, BlogPost,
    Body, Child, Comment, CommentKind, Consulted, ContentKind, ContentProperty,
    ContentRestrictions, ContentVersion, CustomContent, EffectiveReaders, Folder, GateDecision,
    Group, Label, Page, Principal, ReadAnswer, ReadDecision, ReaderGate, Restriction, SearchResult,
    Space, SpacePermission, Task, User, Version,
};
pub use scopes::{FUNCTION_SCOPES, FunctionScopes};
pub use service::{
    AttachmentQuery, AuditQuery, BlogPostQuery, Changes, CommentQuery, Confluence,
    ConnectionReport, ContentReference, Count, CustomContentQuery, DueTaskQuery, LabelOwner,
    LabelQuery, PageQuery, PropertyOwner, SpaceQuery, TaskQuery, TaskStatus, accepted_options,
};
pub use stream::{
    Batch, Budget, ColumnDescription, Observed, Outcome, Parent, Pass, Progress, Projection,
    StepRequest, StreamDescription, streams,
};
pub use transport::{Answer, Transport, TransportError};
