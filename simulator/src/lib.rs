//! A Confluence Cloud on the loopback address, for demonstrations, tests and benchmarks.
//!
//! It does what the live service does, traps included: cursors that are bound to their query and
//! stand anywhere in the next link, links that are relative to the site even behind the gateway,
//! unknown parameters that are ignored with 200, trashed pages that answer 200, ids beyond 2^53,
//! nulls where the description promises strings. Wrong requests are answered as Confluence
//! answers them. It knows nothing of any client.
//!
//! Everything on the site is a function of a seed and a number of pages, from 10 to a million,
//! and no page is kept in memory. [`Faults`] make chosen answers go wrong, and a [`Mutation`] changes
//! the site: [`Simulator::mutate`] takes it from a program, [`Simulator::serve_control`] over HTTP.
//!
//! ```
//! use confluence_simulator::{Fault, Faults, Settings, Simulator};
//! use http_body_util::{BodyExt, Empty};
//! use hyper_util::client::legacy::Client;
//! use hyper_util::rt::TokioExecutor;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let faults = Faults::none().at(2, Fault::Status(503));
//! let simulator = Simulator::start(Settings { pages: 30, faults, ..Settings::default() }).await?;
//!
//! let client = Client::builder(TokioExecutor::new()).build_http::<Empty<bytes::Bytes>>();
//! let pages = format!("{}pages?limit=10", simulator.endpoint());
//! let request = || http::Request::get(&pages).header("authorization", "Bearer any-token").body(Empty::new());
//!
//! let answer = client.request(request()?).await?;
//! assert_eq!(answer.status(), 200);
//! let body = answer.into_body().collect().await?.to_bytes();
//! let body: serde_json::Value = serde_json::from_slice(&body)?;
//! let first = simulator.site().page_ids().next();
//! assert_eq!(body["results"][0]["id"].as_str(), first.as_deref());
//! assert!(body["_links"]["next"].as_str().is_some_and(|next| next.starts_with("/wiki/api/v2/pages?")));
//!
//! assert_eq!(client.request(request()?).await?.status(), 503);
//! assert_eq!(simulator.requests().len(), 2);
//! # Ok(())
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(example())
//! # }
//! ```
//!
//! # What it leaves out
//!
//! Everything that writes through Confluence's own API, drafts, tasks' and comments' likes, thumbnails, roles of spaces, the
//! audit log, and all of CQL but `type`, `space`, `lastmodified` and an order by time. Every page
//! has been changed after every page was created, so that both orders are arithmetic.

mod amounts;
mod answer;
mod block;
mod body;
mod body_text;
mod call;
mod content;
mod control;
mod credential;
mod cursor;
mod fault;
mod index_lag;
mod json;
mod listing;
mod media;
mod oauth;
mod permutation;
mod query;
mod random;
mod refusal;
mod route;
mod sent;
mod sequence;
mod server;
mod settings;
mod site;
mod timeline;
mod timestamp;
mod title;
mod v1;
mod v2;

pub use amounts::Amounts;
pub use content::Content;
pub use fault::{Fault, Faults, LimitReason, ParseFaultsError};
pub use index_lag::IndexLag;
pub use oauth::{
    Consent, OauthSettings, OauthSite, ParseTokenFaultError, TokenFault, TokenRequest,
};
pub use server::{Request, Simulator, StartError};
pub use settings::Settings;
pub use site::Site;
pub use site::inventory::Kind as ContentKind;
pub use site::mutation::{Change, Mutation, MutationError};
pub use site::permission::{RoleAssignment, SpacePermission};
pub use site::restriction::{Operation, Restriction};
