//! `--all`: a list to its end, in flat memory.

use host_runner::{CallError, ErrorKind, Follow, Function, Receipt, Tenant, Val};
use indicatif::ProgressBar;

use super::call::{complete, empty};
use super::interruption::Interruption;
use crate::exit::Failure;
use crate::formats::Format;
use crate::output::{Style, WholeList};
use crate::{pager, progress, report, visible};

pub(crate) async fn run(
    tenant: &Tenant,
    function: &Function,
    arguments: Vec<Val>,
    style: &Style,
    is_narrowed: bool,
    receipt: &mut Receipt,
) -> Result<(), Failure> {
    let mut follow = tenant.follow(function, arguments).map_err(|error| {
        Failure::Usage(format!(
            "`--all` is for lists, but `{}` does not return one",
            error.function
        ))
    })?;
    let ended = print(&mut follow, function, style, is_narrowed).await;
    *receipt = follow.receipt();
    ended?;
    if let Some(checkpoint) = follow.checkpoint() {
        report::checkpoint(checkpoint);
    }
    Ok(())
}

async fn print(
    follow: &mut Follow,
    function: &Function,
    style: &Style,
    is_narrowed: bool,
) -> Result<(), Failure> {
    let progress = progress(style);
    let out = visible::stdout(style.format);
    let mut list = WholeList::start(function, style, out).map_err(Failure::output)?;
    let mut printed = 0u64;
    let mut last = None;
    let mut interruption = Interruption::expect();
    let ended = loop {
        // A list that was printed to its end is complete, whatever is interrupted then.
        if follow.has_ended() {
            break Ok(());
        }
        let step = tokio::select! {
            biased;
            exit = interruption.happens() => break Err(Failure::ListInterrupted(exit)),
            step = follow.next() => step,
        };
        let mut answer = match step {
            Some(Ok(answer)) => answer,
            Some(Err(mut error)) => {
                if let CallError::Component { error, .. } = &mut error {
                    complete(error);
                }
                break Err(error.into());
            }
            None => break Ok(()),
        };
        if printed == 0 && !is_narrowed {
            empty::explain(function, &mut answer);
        }
        let items = answer.items().unwrap_or_default();
        progress
            .suspend(|| list.add(items, &answer))
            .map_err(Failure::output)?;
        printed += items.len() as u64;
        progress.set_position(printed);
        for notice in answer.notices() {
            progress.suspend(|| report::note(&notice));
        }
        last = Some(answer);
    };
    progress.finish_and_clear();
    // A list that broke off between two answers has no last one.
    let is_whole = ended.is_ok() || follow.stopped().is_some();
    let last = last.as_ref().filter(|_| is_whole);
    // Where nothing was sent, only the reason is an answer; a JSON document has it as well.
    let is_refused = printed == 0 && matches!(&ended, Err(failure) if is_rejection(failure));
    if is_refused && style.format != Format::Json {
        return ended;
    }
    let left_out = list.end(last).map_err(Failure::output)?;
    for note in left_out.notes() {
        report::note(&note);
    }
    if let (Ok(()), 0, Some(answer)) = (&ended, printed, last) {
        empty::tell(function, answer, style, is_narrowed);
    }
    if ended.is_err() && !is_refused {
        let place = follow.position();
        report::incomplete(&incomplete(printed, place), place);
    }
    ended
}

/// Whether an argument was rejected.
fn is_rejection(failure: &Failure) -> bool {
    matches!(failure, Failure::Call(error) if error.kind() == ErrorKind::InvalidArgument)
}

fn incomplete(printed: u64, place: Option<&str>) -> String {
    let resume = match place {
        Some(after) => format!("; continue with `--after {after}`"),
        None if printed > 0 => "; there is no continuation token, so start again".to_owned(),
        None => String::new(),
    };
    let items = match printed {
        1 => "1 item was".to_owned(),
        _ => format!("{printed} items were"),
    };
    format!("the list is incomplete: {items} printed{resume}")
}

/// A count of items. A pager has the terminal to itself.
fn progress(style: &Style) -> ProgressBar {
    if style.format.is_table() && pager::command().is_some() {
        return ProgressBar::hidden();
    }
    progress::counter("{spinner} {pos} items, {rate}, {elapsed}")
}
