//! A list followed to its end, call after call.

use wasmtime::component::Val;

use super::Tenant;
use super::continuations::Continuations;
use crate::call::{Answer, CallError, ComponentError, PaginationLoop};
use crate::component::Function;
use crate::receipt::Receipt;

/// Items of one call where the caller gives no limit. Four pages of Confluence's largest size: the
/// start of an instance is paid once for four requests, and an answer is about 3 MB.
const ITEMS_PER_CALL: u32 = 1000;

/// A function is not a list: it has no `limit` or no `after`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{function}` is not a list: it has no parameters `limit` and `after`")]
pub struct NotAList {
    /// The function.
    pub function: String,
}

/// A list that is followed to its end: [`Tenant::follow`].
///
/// Each step is one call in an instance of its own, so that memory stays that of one answer,
/// however long the list is.
///
/// A list whose continuation tokens do not lead on ends with [`CallError::PaginationLoop`]: when a
/// token comes again, and after 100 consecutive results without items.
///
/// ```
/// # use host_runner::{Function, Tenant, bind};
/// # async fn pages(tenant: Tenant) -> Result<(), Box<dyn std::error::Error>> {
/// let list_pages = tenant.function("listPages")?;
/// let mut pages = tenant.follow(list_pages, bind(list_pages, &[], &[])?)?;
/// while let Some(answer) = pages.next().await {
///     for page in answer?.items().unwrap_or_default() {
///         println!("{page:?}");
///     }
/// }
/// println!("{}", pages.receipt());
/// # Ok(())
/// # }
/// ```
pub struct Follow {
    tenant: Tenant,
    function: Function,
    arguments: Vec<Val>,
    /// The place of `after` among the arguments.
    after: usize,
    position: Option<String>,
    continuations: Continuations,
    checkpoint: Option<String>,
    stopped: Option<ComponentError>,
    receipt: Receipt,
    state: State,
}

/// What the next step is.
enum State {
    /// A call.
    Call,
    /// An error, after an answer that was good.
    Fail(Box<CallError>),
    /// Nothing.
    Ended,
}

impl Tenant {
    /// Follows a list to its end, from where the arguments say. [`bind`](crate::bind) makes them.
    /// Without a `limit`, each call asks for 1 000 items.
    ///
    /// # Errors
    ///
    /// [`NotAList`] for a function without `limit` and `after`.
    pub fn follow(&self, function: &Function, arguments: Vec<Val>) -> Result<Follow, NotAList> {
        let place = |name: &str| {
            function
                .parameters()
                .iter()
                .position(|parameter| parameter.name() == name)
        };
        let (Some(limit), Some(after)) = (place("limit"), place("after")) else {
            return Err(NotAList {
                function: function.camel_case_name(),
            });
        };
        let mut arguments = arguments;
        if let Some(limit @ Val::Option(None)) = arguments.get_mut(limit) {
            *limit = Val::Option(Some(Box::new(Val::U32(ITEMS_PER_CALL))));
        }
        let position = arguments.get(after).and_then(text).map(str::to_owned);
        Ok(Follow {
            tenant: self.clone(),
            function: function.clone(),
            continuations: Continuations::from(position.as_deref()),
            position,
            arguments,
            after,
            checkpoint: None,
            stopped: None,
            receipt: Receipt::default(),
            state: State::Call,
        })
    }
}

impl Follow {
    /// The next answer. `None` after the last one, and after an error.
    ///
    /// An answer that the list stopped after is returned like any other; the error that stopped it
    /// follows.
    pub async fn next(&mut self) -> Option<Result<Answer, CallError>> {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Ended => None,
            State::Fail(error) => Some(Err(*error)),
            State::Call => Some(self.step().await),
        }
    }

    async fn step(&mut self) -> Result<Answer, CallError> {
        let arguments = self.arguments.clone();
        let (called, cost) = self
            .tenant
            .call_with_receipt(&self.function, arguments)
            .await;
        self.receipt.add(&cost);
        let answer = called?;
        let Some(items) = answer.items() else {
            return Err(CallError::Contract {
                reason: format!("`{}` returned no list", self.function.camel_case_name()),
            });
        };
        let next = answer.after().map(str::to_owned);
        let stopped = answer.stopped();
        let leads_on = match &next {
            Some(next) if stopped.is_none() => self.continuations.follow(next, items.len()),
            _ => Ok(()),
        };
        // Items that were returned would come twice from where they were asked for.
        if next.is_some() || !items.is_empty() {
            let leads_back = leads_on == Err(PaginationLoop::Repeated);
            self.position = next.clone().filter(|_| !leads_back);
        }
        if let Some(stopped) = stopped {
            self.stopped = Some(stopped.clone());
            self.state = State::Fail(Box::new(CallError::Component {
                error: Box::new(stopped),
                supplied_by: self.tenant.supplied_by().map(Box::new),
            }));
        } else if let Err(circle) = leads_on {
            self.state = State::Fail(Box::new(CallError::PaginationLoop(circle)));
        } else if let (Some(next), Some(slot)) = (next, self.arguments.get_mut(self.after)) {
            *slot = Val::Option(Some(Box::new(Val::String(next))));
            self.state = State::Call;
        } else {
            self.checkpoint = answer.checkpoint().map(str::to_owned);
        }
        Ok(answer)
    }

    /// Whether nothing is left: [`Follow::next`] returns `None` from now on.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// The continuation token after the last item that was returned: the `after` to go on from.
    /// `None` at the end, and where nothing leads on.
    #[must_use]
    pub fn position(&self) -> Option<&str> {
        self.position.as_deref()
    }

    /// Why the list stopped before its end, if it did.
    #[must_use]
    pub fn stopped(&self) -> Option<&ComponentError> {
        self.stopped.as_ref()
    }

    /// Where the next change feed begins, once this one is complete.
    #[must_use]
    pub fn checkpoint(&self) -> Option<&str> {
        self.checkpoint.as_deref()
    }

    /// What all calls have cost so far, together.
    #[must_use]
    pub fn receipt(&self) -> Receipt {
        self.receipt
    }
}

/// The text of an argument that was given.
fn text(argument: &Val) -> Option<&str> {
    match argument {
        Val::Option(inner) => text(inner.as_deref()?),
        Val::String(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use confluence_simulator::{Settings, Simulator};
    use host_levels::{ConnectionDefinition, Endpoint, Expected, Level, Scheme, Scope, TokenKind};

    use super::Follow;
    use crate::connection::Token;
    use crate::runner::{HostRunner, Tenant};
    use crate::{CallError, bind};

    async fn tenant(folder: &std::path::Path, settings: Settings) -> (Tenant, Simulator) {
        let site = Simulator::start(settings).await.unwrap();
        let host = HostRunner::builder(folder.join("config"), folder.join("state"))
            .open()
            .unwrap();
        let scope = Scope::default();
        for (key, value) in [("network.allow-loopback", "true"), ("retry.attempts", "0")] {
            host.config()
                .set(&scope, Level::Cluster, key, value)
                .unwrap();
        }
        let scheme = Scheme::Basic {
            user: "me@example.com".to_owned(),
        };
        let endpoint = Endpoint::parse(&site.endpoint()).unwrap();
        let definition = ConnectionDefinition::new(endpoint, scheme, TokenKind::Unscoped);
        let name = "default".parse().unwrap();
        let token = Token::parse("demo-token").unwrap();
        host.save_connection(
            &scope,
            Level::App,
            &name,
            &Expected::Any,
            &definition,
            &token,
        )
        .await
        .unwrap();
        // The host lives on in its tenant.
        (host.tenant(&scope).unwrap(), site)
    }

    fn follow(tenant: &Tenant, named: &[(&str, &str)]) -> Follow {
        let named: Vec<_> = named
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let function = tenant.function("listPages").unwrap();
        let arguments = bind(function, &[], &named).unwrap();
        tenant.follow(function, arguments).unwrap()
    }

    /// How many items come, how many answers they come in, and the error at the end.
    async fn read(follow: &mut Follow) -> (usize, usize, Option<CallError>) {
        let (mut items, mut answers) = (0, 0);
        while let Some(answer) = follow.next().await {
            match answer {
                Ok(answer) => {
                    items += answer.items().unwrap().len();
                    answers += 1;
                }
                Err(error) => return (items, answers, Some(error)),
            }
        }
        (items, answers, None)
    }

    #[tokio::test]
    async fn a_list_is_followed_to_its_end_and_its_calls_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let (tenant, _site) = tenant(folder.path(), Settings::default()).await;
        let mut pages = follow(&tenant, &[("limit", "60")]);
        let (items, answers, error) = read(&mut pages).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!((items, answers), (200, 4));
        assert_eq!(pages.position(), None);
        assert_eq!(pages.receipt().requests, 4);
        assert!(pages.next().await.is_none());
    }

    #[tokio::test]
    async fn a_list_that_fails_half_way_goes_on_from_its_position() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            faults: "3:401".parse().unwrap(),
            ..Settings::default()
        };
        let (tenant, _site) = tenant(folder.path(), settings).await;
        let mut pages = follow(&tenant, &[("limit", "60")]);
        let (items, _, error) = read(&mut pages).await;
        assert!(error.is_some());
        assert_eq!(items, 120);
        let position = pages.position().unwrap().to_owned();
        assert!(pages.next().await.is_none());
        let mut rest = follow(&tenant, &[("limit", "60"), ("after", &position)]);
        assert_eq!(read(&mut rest).await.0, 80);
    }

    #[tokio::test]
    async fn a_function_that_is_no_list_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (tenant, _site) = tenant(folder.path(), Settings::default()).await;
        let function = tenant.function("testConnection").unwrap();
        let refused = tenant.follow(function, Vec::new()).err().unwrap();
        assert_eq!(refused.function, "testConnection");
    }
}
