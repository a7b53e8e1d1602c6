use super::{Confluence, by_spaces};
use crate::{
    Error, GetOptions, ListOptions, Listing, Task, Transport, Window,
    error::quoted,
    query::{
        body_format::LIST_FORMATS,
        call::{By, Call, Dimension, MOST_PER_PAGE},
        due::{End, instant_ms},
        function::Function,
        ids,
        options::Takes,
    },
};

/// Whether tasks are ticked off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskStatus {
    /// Ticked off.
    Complete,
    /// Still to do.
    Incomplete,
    /// The same as incomplete.
    Open,
}

/// Which tasks to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskQuery {
    /// Only tasks due then or later: a day (`2026-01-31`, from its first millisecond in UTC), a
    /// time (`2026-01-31T12:00:00Z`) or milliseconds since 1970.
    pub due_date_from: Option<String>,
    /// Only tasks due then or earlier: in the same forms; a day up to its last millisecond.
    pub due_date_to: Option<String>,
    /// Only tasks of these spaces, by id or key.
    pub space_ids: Option<Vec<String>>,
    /// Only tasks of these accounts.
    pub assigned_to: Option<Vec<String>>,
    /// Only tasks in this state.
    pub status: Option<TaskStatus>,
}

/// Which tasks to get: one value of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueTaskQuery {
    /// Only tasks due on or before then: a day (`2026-01-31`, up to its last millisecond in UTC), a
    /// time (`2026-01-31T12:00:00Z`) or milliseconds since 1970.
    pub due_date: Option<String>,
    /// Only tasks of this space, by id or key.
    pub space_id: Option<String>,
    /// Only tasks of this account.
    pub assigned_to: Option<String>,
    /// Only tasks in this state.
    pub status: Option<TaskStatus>,
}

pub(super) const TAKES: Takes = Takes {
    body_formats: LIST_FORMATS,
    ..Takes::NONE
};

const SCOPE: &str = "read:task:confluence";

impl<T: Transport> Confluence<T> {
    /// Lists tasks. `GET /wiki/api/v2/tasks`.
    ///
    /// Options: `body_format` (`storage`, `atlas_doc_format`), `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn list_tasks(
        &mut self,
        query: &TaskQuery,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Task>, Error> {
        let mut call = Call::new(Function::ListTasks, "list tasks", SCOPE, "/api/v2/tasks");
        filter(&mut call, query)?;
        no_filters(options, "space-ids")?;
        TAKES.apply(options, &mut call)?;
        self.list_by_key(call, window)
    }

    /// Gets tasks that are due on or before a date. `GET /wiki/api/v2/tasks`.
    ///
    /// Options: as for [`list_tasks`](Self::list_tasks), which takes a time span, and several spaces
    /// and accounts.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_tasks(
        &mut self,
        query: &DueTaskQuery,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Task>, Error> {
        let mut call = Call::new(Function::GetTasks, "list tasks", SCOPE, "/api/v2/tasks");
        let due = due("due-date", &query.due_date, End::To)?;
        parameters(&mut call, None, due, query.status);
        let one = |value: &Option<String>| value.clone().map(|value| vec![value]);
        call.outer(accounts("assigned-to", one(&query.assigned_to).as_deref())?);
        call.inner(spaces("space-id", one(&query.space_id).as_deref())?);
        no_filters(options, "space-id")?;
        TAKES.apply(options, &mut call)?;
        self.list_by_key(call, window)
    }

    /// Gets a task. `GET /wiki/api/v2/tasks/{id}`.
    ///
    /// Options: `body_format` (`storage`, `atlas_doc_format`), `raw`.
    ///
    /// # Errors
    ///
    /// See [`get_page_by_id`](Self::get_page_by_id).
    pub fn get_task_by_id(&mut self, id: &str, options: &GetOptions) -> Result<Task, Error> {
        let id = ids::id("id", id)?;
        let path = format!("/api/v2/tasks/{id}");
        let mut call = Call::new(Function::Single, "get the task", SCOPE, path);
        TAKES.apply_single(options, &mut call)?;
        self.single(&call, &id)
    }
}

/// Refuses as options what other lists have as options, and tasks as parameters.
fn no_filters(options: &ListOptions, spaces: &str) -> Result<(), Error> {
    let (option, parameter) = if !options.status.is_empty() {
        ("status", "status")
    } else if !options.space_ids.is_empty() {
        ("space-ids", spaces)
    } else {
        return Ok(());
    };
    Err(Error::argument(
        "option-not-taken",
        format!("`{option}` is not an option to list tasks"),
        format!("it is the parameter `{parameter}` of this function"),
        format!("pass the parameter `{parameter}`, and omit the option"),
    ))
}

fn filter(call: &mut Call, query: &TaskQuery) -> Result<(), Error> {
    let from = due("due-date-from", &query.due_date_from, End::From)?;
    let to = due("due-date-to", &query.due_date_to, End::To)?;
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Error::argument(
            "dates-reversed",
            format!(
                "`due-date-from` (`{}`) is after `due-date-to` (`{}`)",
                quoted(query.due_date_from.as_deref().unwrap_or_default(), 60),
                quoted(query.due_date_to.as_deref().unwrap_or_default(), 60),
            ),
            "no task is due in such a time; the two are swapped",
            "swap them",
        ));
    }
    parameters(call, from, to, query.status);
    call.outer(accounts("assigned-to", query.assigned_to.as_deref())?);
    call.inner(spaces("space-ids", query.space_ids.as_deref())?);
    Ok(())
}

fn due(argument: &str, text: &Option<String>, end: End) -> Result<Option<i64>, Error> {
    text.as_deref()
        .map(|text| instant_ms(argument, text, end))
        .transpose()
}

fn parameters(call: &mut Call, from: Option<i64>, to: Option<i64>, status: Option<TaskStatus>) {
    call.parameter("due-at-from", from.map(|ms| ms.to_string()).as_deref());
    call.parameter("due-at-to", to.map(|ms| ms.to_string()).as_deref());
    call.parameter(
        "status",
        status.map(|status| match status {
            TaskStatus::Complete => "complete",
            TaskStatus::Incomplete | TaskStatus::Open => "incomplete",
        }),
    );
}

fn accounts(argument: &str, given: Option<&[String]>) -> Result<Option<Dimension>, Error> {
    given
        .map(|given| {
            Ok(Dimension {
                name: "assigned-to",
                by: By::Account,
                values: ids::accounts(argument, given)?,
                most: MOST_PER_PAGE as usize,
            })
        })
        .transpose()
}

fn spaces(argument: &str, given: Option<&[String]>) -> Result<Option<Dimension>, Error> {
    ids::spaces_of_tasks(argument, given.unwrap_or_default())?;
    by_spaces(argument, given, MOST_PER_PAGE as usize)
}
