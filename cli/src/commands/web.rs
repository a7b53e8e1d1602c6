//! `--web`: the page of an answer in a browser, or its address where there is no terminal.

use std::io::{self, IsTerminal as _};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use host_runner::{Answer, Function};
use serde_json::Value;

use crate::exit::Failure;
use crate::{output, report};

/// Opens the page of the one item that an answer is about.
pub(super) fn open(function: &Function, answer: &Answer) -> Result<(), Failure> {
    let document: Value = serde_json::from_str(&answer.to_json()).unwrap_or_default();
    let item = match document.get("items").and_then(Value::as_array) {
        None => &document,
        Some(items) => match items.as_slice() {
            [item] => item,
            items => {
                return Err(Failure::Usage(format!(
                    "`--web` opens one page, but there are {} items: choose one by its id, or pass `--limit 1`",
                    items.len()
                )));
            }
        },
    };
    let address = item.get("webUrl").and_then(Value::as_str).ok_or_else(|| {
        Failure::Usage(format!(
            "`{}` returned nothing that has a page: there is no `webUrl`",
            function.camel_case_name()
        ))
    })?;
    // Confluence sent it. Anything else than a web address could start another program.
    let is_web = url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
    if !is_web || address.starts_with('-') {
        return Err(Failure::Usage(format!(
            "refusing to open `{address}`: it is not a web address"
        )));
    }
    if !io::stdout().is_terminal() {
        return output::say(address);
    }
    if start(address) {
        report::note(&format!("opened {address} in the browser"));
        Ok(())
    } else {
        report::warning("no browser could be started; set the variable `BROWSER` to one");
        output::say(address)
    }
}

/// Starts the first browser that starts. `BROWSER` lists commands separated by colons, each with
/// `%s` for the address or without.
pub(super) fn start(address: &str) -> bool {
    let named = std::env::var("BROWSER")
        .ok()
        .filter(|named| !named.is_empty());
    let system = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let commands = named.unwrap_or_else(|| system.to_owned());
    commands.split(':').any(|command| {
        let mut words = command.split_whitespace();
        let Some(program) = words.next() else {
            return false;
        };
        let mut words: Vec<String> = words.map(|word| word.replace("%s", address)).collect();
        if !command.contains("%s") {
            words.push(address.to_owned());
        }
        let mut browser = Command::new(program);
        browser
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // A group of its own, so that it does not end with the terminal.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut browser, 0);
        browser.spawn().is_ok_and(is_at_work)
    })
}

/// How long a browser has to fail: `xdg-open` does when there is none, a browser goes on or ends
/// well.
const FAILS_WITHIN: Duration = Duration::from_secs(1);

/// Whether a program does not end with an error soon.
fn is_at_work(mut browser: Child) -> bool {
    let begun = Instant::now();
    loop {
        match browser.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if begun.elapsed() < FAILS_WITHIN => thread::sleep(Duration::from_millis(20)),
            Ok(None) | Err(_) => return true,
        }
    }
}
