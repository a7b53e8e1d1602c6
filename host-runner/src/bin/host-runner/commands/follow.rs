//! `--all`: a list to its end, in flat memory.

use std::io::{self, IsTerminal as _};

use host_runner::{Answer, CallError, Function, PaginationLoop, Receipt, Tenant};
use indicatif::{ProgressBar, ProgressStyle};
use wasmtime::component::Val;

use super::continuations::Continuations;
use super::interruption::Interruption;
use crate::exit::Failure;
use crate::output::{Style, WholeList};
use crate::{report, visible};

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
            "`--all` is for lists, and `{}` answers none",
            function.camel_case_name()
        )));
    };
    if let Some(limit @ Val::Option(None)) = arguments.get_mut(limit) {
        *limit = Val::Option(Some(Box::new(Val::U32(AT_ONCE))));
    }
    let progress = progress();
    let out = visible::stdout(style.format);
    let mut list = WholeList::start(function, style, out).map_err(Failure::output)?;
    let mut printed = 0u64;
    // Where the list goes on behind the last row that was printed.
    let mut place = arguments.get(after).and_then(text).map(str::to_owned);
    let mut continuations = Continuations::from(place.as_deref());
    let mut interruption = Interruption::expect();
    // The answer that the list ends with, if it ends with one.
    let (last, ended) = loop {
        let (called, cost) = tokio::select! {
            biased;
            exit = interruption.happens() => break (None, Err(Failure::ListInterrupted(exit))),
            called = tenant.call_with_receipt(function, arguments.clone()) => called,
        };
        receipt.add(&cost);
        let answer = match called {
            Ok(answer) => answer,
            Err(error) => break (None, Err(error.into())),
        };
        let Some(items) = answer.items() else {
            return Err(Failure::Usage(format!(
                "`--all` is for lists, and `{}` answered none",
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
        let leads_on = match &next {
            Some(next) if answer.stopped().is_none() => continuations.follow(next, items.len()),
            _ => Ok(()),
        };
        // Rows that were printed would come twice from where they were asked for.
        if next.is_some() || !items.is_empty() {
            let leads_back = leads_on == Err(PaginationLoop::Repeated);
            place = next.clone().filter(|_| !leads_back);
        }
        if let Some(stopped) = answer.stopped() {
            let error = CallError::Component {
                error: Box::new(stopped),
                supplied_by: tenant.supplied_by().map(Box::new),
            };
            break (Some(answer), Err(error.into()));
        }
        if let Err(circle) = leads_on {
            break (None, Err(CallError::PaginationLoop(circle).into()));
        }
        let (Some(next), Some(slot)) = (next, arguments.get_mut(after)) else {
            break (Some(answer), Ok(()));
        };
        *slot = Val::Option(Some(Box::new(Val::String(next))));
    };
    progress.finish_and_clear();
    let left_out = list.end(last.as_ref()).map_err(Failure::output)?;
    for note in left_out.notes() {
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
        Some(after) => format!("; `--after {after}` goes on behind them"),
        None if printed > 0 => "; nothing leads behind them, so begin anew".to_owned(),
        None => String::new(),
    };
    format!("the list is not complete: {printed} items were printed{resume}")
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
