//! `--all`: a list to its end, in flat memory.

use std::io::{self, BufWriter, IsTerminal as _};

use host_runner::{Answer, CallError, Function, Receipt, Tenant};
use indicatif::{ProgressBar, ProgressStyle};
use wasmtime::component::Val;

use crate::exit::Failure;
use crate::output::{LeftOut, Style, WholeList};
use crate::report;

/// Items asked for at once, when the caller does not say. Four pages of Confluence's largest
/// size: the instance's start is paid once for four requests, and an answer stays near 3 MB.
const AT_ONCE: u32 = 1000;

pub(crate) async fn run(
    tenant: &Tenant<'_>,
    function: &Function,
    mut arguments: Vec<Val>,
    style: &Style,
    receipt: &mut Receipt,
) -> Result<(), Failure> {
    let place = |name: &str| {
        function
            .parameters()
            .iter()
            .position(|parameter| parameter.name() == name)
    };
    let (Some(limit), Some(after)) = (place("limit"), place("after")) else {
        return Err(Failure::Usage(format!(
            "`--all` is for lists, but `{}` does not return one",
            function.camel_case_name()
        )));
    };
    if let Some(limit @ Val::Option(None)) = arguments.get_mut(limit) {
        *limit = Val::Option(Some(Box::new(Val::U32(AT_ONCE))));
    }
    let progress = progress();
    let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut list = WholeList::start(function, style, out).map_err(Failure::output)?;
    let mut printed = 0u64;
    // Where the list goes on behind the last row that was printed.
    let mut place = arguments.get(after).and_then(text).map(str::to_owned);
    // The answer that the list ends with, if it ends with one.
    let (last, ended) = loop {
        let (called, cost) = tenant.call_with_receipt(function, arguments.clone()).await;
        receipt.add(&cost);
        let answer = match called {
            Ok(answer) => answer,
            Err(error) => break (None, Err(error)),
        };
        let Some(items) = answer.items() else {
            return Err(Failure::Usage(format!(
                "`--all` is for lists, but `{}` did not return one",
                function.camel_case_name()
            )));
        };
        progress
            .suspend(|| list.add(items, &answer))
            .map_err(Failure::output)?;
        printed += items.len() as u64;
        progress.set_position(printed);
        for notice in answer.notices() {
            progress.suspend(|| report::note(&notice));
        }
        let next = answer.after().map(str::to_owned);
        // The component has no state: the same continuation would bring the same answer for ever.
        let is_stuck = next.is_some() && next == place && answer.stopped().is_none();
        // Rows that were printed would come twice from where they were asked for.
        if next.is_some() || !items.is_empty() {
            place = next.clone().filter(|_| !is_stuck);
        }
        if let Some(stopped) = answer.stopped() {
            let error = CallError::Component {
                error: Box::new(stopped),
                supplied_by: tenant.supplied_by().map(Box::new),
            };
            break (Some(answer), Err(error));
        }
        if is_stuck {
            let error = CallError::Contract {
                reason: "it returned the continuation token that it was given".to_owned(),
            };
            break (None, Err(error));
        }
        let (Some(next), Some(slot)) = (next, arguments.get_mut(after)) else {
            break (Some(answer), Ok(()));
        };
        *slot = Val::Option(Some(Box::new(Val::String(next))));
    };
    progress.finish_and_clear();
    let left_out = match &last {
        Some(last) => list.end(last).map_err(Failure::output)?,
        None => LeftOut::default(),
    };
    if let Some(note) = left_out.note() {
        report::note(&note);
    }
    if ended.is_err() {
        report::incomplete(&incomplete(printed, place.as_deref()), place.as_deref());
    }
    ended?;
    if let Some(checkpoint) = last.as_ref().and_then(Answer::checkpoint) {
        report::checkpoint(checkpoint);
    }
    Ok(())
}

/// The text of an argument that was given.
fn text(argument: &Val) -> Option<&str> {
    match argument {
        Val::Option(inner) => text(inner.as_deref()?),
        Val::String(text) => Some(text),
        _ => None,
    }
}

fn incomplete(printed: u64, place: Option<&str>) -> String {
    let resume = match place {
        Some(after) => format!("; continue with `--after {after}`"),
        None if printed > 0 => "; there is no continuation token, so start again".to_owned(),
        None => String::new(),
    };
    format!("the list is incomplete: {printed} items were printed{resume}")
}

/// A count of items on standard error, where that is a terminal.
fn progress() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let progress = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} items, {per_sec}, {elapsed}") {
        progress.set_style(style);
    }
    progress.enable_steady_tick(std::time::Duration::from_millis(100));
    progress
}
