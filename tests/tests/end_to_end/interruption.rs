//! Killed at any moment: the state opens afterwards, and holds the old value or the new one. A list
//! that is interrupted says where it continues.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use confluence_simulator::{Settings, Simulator};
use tests::Host;

/// Kills of each command.
const KILLS: u32 = 200;

/// Runs a command and kills it (SIGKILL) after a while. Answers whether it had ended before.
fn kill_after(host: &Host, words: &[&str], stdin: &str, moment: Duration) -> bool {
    use std::io::Write as _;
    let mut child = host
        .command()
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    while start.elapsed() < moment {
        std::thread::yield_now();
    }
    let ended = child.try_wait().unwrap().is_some();
    let _ = child.kill();
    child.wait().unwrap();
    ended
}

/// Moments spread evenly over the time that the command takes, and a little beyond, in an order
/// without a pattern. Answers how many runs were cut short.
fn kill_at_many_moments(
    host: &Host,
    mut command: impl FnMut(u32) -> (Vec<String>, String),
    mut check: impl FnMut(u32),
) -> u32 {
    let (words, stdin) = command(0);
    let start = Instant::now();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    host.run_with(&words, &stdin, &[]).ok();
    let whole = start.elapsed();
    let mut cut_short = 0;
    for round in 1..=KILLS {
        let (words, stdin) = command(round);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        // 73 and 200 have no common divisor, so that each of 200 moments comes once.
        let moment = whole.mul_f64(f64::from(round * 73 % KILLS) / f64::from(KILLS) * 1.1);
        cut_short += u32::from(!kill_after(host, &words, &stdin, moment));
        check(round);
    }
    cut_short
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

async fn site_for(token: &str) -> Simulator {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("me@example.com:{token}"));
    Simulator::start(Settings {
        credential: Some(format!("Basic {pair}")),
        pages: 10,
        ..Settings::default()
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_connection_is_done_or_not_begun() {
    let sites = [site_for("token-one").await, site_for("token-two").await];
    let tokens = ["token-one", "token-two"];
    let host = Host::new();
    let first = [
        "connection",
        "add",
        "--site",
        &sites[0].site_url(),
        "--user",
        "me@example.com",
    ];
    host.run_with(&first, tokens[0], &[]).ok();
    let cut_short = kill_at_many_moments(
        &host,
        |round| {
            let other = (round as usize + 1) % 2;
            let site = sites[other].site_url();
            let edit = ["connection", "edit", "--no-test", "--site", &site];
            (words(&edit), tokens[other].to_owned())
        },
        // Each site takes its own token alone: endpoint and token are from the same edit.
        |_| {
            host.call(&["listSpaces"]).ok();
        },
    );
    assert!(cut_short > 0, "no kill came in time");
    let asked: Vec<u64> = sites.iter().map(Simulator::request_count).collect();
    assert!(asked.iter().all(|asked| *asked > 0), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_of_the_key_is_done_or_not_begun() {
    let site = site_for("token-one").await;
    let host = Host::new();
    let first = [
        "connection",
        "add",
        "--site",
        &site.site_url(),
        "--user",
        "me@example.com",
    ];
    host.run_with(&first, "token-one", &[]).ok();
    let mut keys = std::collections::BTreeSet::new();
    let cut_short = kill_at_many_moments(
        &host,
        |_| (words(&["secrets", "rotate"]), String::new()),
        |_| {
            host.run(&["connection", "test"]).ok();
            keys.insert(std::fs::read(host.state().join("key")).unwrap());
        },
    );
    assert!(cut_short > 0, "no kill came in time");
    assert!(keys.len() > 1, "no rotation went through");
    host.call(&["listSpaces"]).ok();
}

#[test]
fn a_load_of_a_component_is_done_or_not_begun() {
    let host = Host::new();
    let variants = [1, 2].map(|mark: u8| {
        let mut bytes = host_runner::embedded_component().to_vec();
        bytes.extend([0, 3, 1, b'x', mark]);
        let path = host.state().join(format!("{mark}.wasm"));
        std::fs::write(&path, &bytes).unwrap();
        let digest = host_runner::Digest::of(&bytes).to_string();
        (path.display().to_string(), digest)
    });
    // Compiled once beforehand, so that the moments fall on what is written.
    for (path, _) in &variants {
        host.run(&["component", "load", path]).ok();
    }
    let stored = host.state().join("components");
    let cut_short = kill_at_many_moments(
        &host,
        |round| {
            // One of the two is stored anew each time.
            let (path, digest) = &variants[(round as usize + 1) % 2];
            let name = format!("{}.wasm", digest.trim_start_matches("sha256:"));
            let in_use = host.run(&["config", "get", "component.digest"]).ok();
            if in_use.stdout.trim() != digest {
                let _ = std::fs::remove_file(stored.join(name));
            }
            (words(&["component", "load", path]), String::new())
        },
        |round| {
            host.run(&["functions"]).ok();
            let digest = host.run(&["config", "get", "component.digest"]).ok();
            assert!(
                variants
                    .iter()
                    .any(|(_, known)| known == digest.stdout.trim()),
                "{round}: {digest:#?}"
            );
        },
    );
    assert!(cut_short > 0, "no kill came in time");
}

/// Follows a list of 20 000 pages, and reads so many lines of it.
fn following(host: &Host, lines: usize) -> (Child, BufReader<std::process::ChildStdout>, String) {
    let mut child = host.start(&["call", "listPages", "--all"]);
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut read = String::new();
    for _ in 0..lines {
        assert!(out.read_line(&mut read).unwrap() > 0);
    }
    (child, out, read)
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args([format!("-{name}"), child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_interrupted_says_where_it_continues() {
    let site = Simulator::start(Settings {
        pages: 20_000,
        ..Settings::default()
    })
    .await
    .unwrap();
    let host = Host::with_site(&site);
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let (mut child, mut out, mut printed) = following(&host, 2_500);
        signal(&child, name);
        out.read_to_string(&mut printed).unwrap();
        let mut stderr = String::new();
        let mut pipe = child.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{stderr}");
        let lines = printed.lines().count();
        assert!(printed.ends_with("}\n") && lines < 20_000, "{lines} lines");
        for line in printed.lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
        let told = format!("{lines} items were printed; continue with `--after ");
        let after = stderr
            .split(&told)
            .nth(1)
            .unwrap_or_else(|| panic!("{stderr}"));
        let after = after.split('`').next().unwrap();
        let left = host.call(&["listPages", "--all", "--after", after]).ok();
        assert_eq!(lines + left.line_ids().len(), 20_000);
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interruption_after_the_last_row_does_not_make_the_output_incomplete() {
    // A single response of the site, and more than a pipe holds.
    const PAGES: u64 = 240;
    let site = Simulator::start(Settings {
        pages: PAGES,
        ..Settings::default()
    })
    .await
    .unwrap();
    let host = Host::with_site(&site);
    for words in [
        &["call", "listPages", "--all", "--body-format", "storage"][..],
        &["read", "pages", "--in-order", "--bodies", "storage"],
    ] {
        let mut child = host.start(words);
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        assert!(out.read_line(&mut printed).unwrap() > 0);
        signal(&child, "INT");
        wait_until_received(&child);
        out.read_to_string(&mut printed).unwrap();
        let mut stderr = String::new();
        let mut pipe = child.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{stderr}");
        assert_eq!(printed.lines().count() as u64, PAGES);
        assert!(!stderr.contains("incomplete"), "{stderr}");
    }
}

/// Waits until no thread of a process has a signal to receive.
#[cfg(unix)]
fn wait_until_received(child: &Child) {
    let status = format!("/proc/{}/status", child.id());
    let is_pending = || {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let mut masks = status.lines().filter_map(|line| {
            let mask = line
                .strip_prefix("SigPnd:")
                .or(line.strip_prefix("ShdPnd:"))?;
            u64::from_str_radix(mask.trim(), 16).ok()
        });
        masks.any(|mask| mask != 0)
    };
    while is_pending() {
        std::thread::yield_now();
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_a_list_that_nobody_reads() {
    let site = Simulator::start(Settings {
        pages: 20_000,
        ..Settings::default()
    })
    .await
    .unwrap();
    let host = Host::with_site(&site);
    let (mut child, out, _) = following(&host, 1);
    let code = loop {
        signal(&child, "INT");
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        std::thread::yield_now();
    };
    assert_eq!(code, Some(130));
    drop(out);
}
