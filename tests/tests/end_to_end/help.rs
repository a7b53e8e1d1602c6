//! Help: a command's own options first, and everything about one function in one place.

use host_runner::Function;
use tests::{AUTHORIZATION, Host};

use crate::caller::{Caller, scope};
use crate::site;

#[test]
fn own_options_come_first_and_global_options_last() {
    let host = Host::new();
    for (words, own) in [
        (&["connection", "add"][..], "--site"),
        (&["config", "set"], "--lock"),
        (&["download"], "--output-file"),
        (&["functions"], "--search"),
        (&["doctor"], "--offline"),
        (&["simulator", "serve"], "--pages"),
        (&["call"], "--columns"),
    ] {
        let help = host.run(&[words, &["--help"]].concat()).ok().stdout;
        let global = help
            .find("Global options:")
            .unwrap_or_else(|| panic!("{words:?}: {help}"));
        let at = |option: &str| {
            help.find(&format!(" {option}"))
                .unwrap_or_else(|| panic!("{option}: {help}"))
        };
        for option in ["--config-dir", "--env", "--timeout", "--otlp-endpoint"] {
            assert!(at(option) > global, "{words:?}: {option}");
        }
        assert!(at(own) < global, "{words:?}: {own}");
        assert!(help.contains("Examples:"), "{words:?}");
    }
}

#[test]
fn the_help_of_a_function_lists_its_parameters_and_all_options_of_the_call() {
    let host = Host::new();
    let help = host.run(&["call", "listPages", "--help"]).ok().stdout;
    for option in [
        "--ids",
        "--limit",
        "--after",
        "--sort",
        "--space-ids",
        "--body-format",
        "--status",
        "--all",
        "--output",
        "--columns",
        "--json",
        "--jq",
        "--web",
        "--csv-safe",
        "--receipt",
        "--env",
        "--timeout",
    ] {
        assert!(help.contains(option), "{option}: {help}");
    }
    assert!(
        help.contains("Examples:\n  host-runner call listPages\n"),
        "{help}"
    );
    assert!(help.contains("Lists pages."), "{help}");
    for words in [
        &["help", "call", "listPages"][..],
        &["call", "--help", "listPages"],
        &["call", "list-pages", "-h"],
    ] {
        assert_eq!(host.run(words).ok().stdout, help, "{words:?}");
    }
    let help = host.run(&["help", "call", "getPageById"]).ok().stdout;
    assert!(
        help.contains("--id <string>, required") && help.contains("getPageById ID"),
        "{help}"
    );
    host.run(&["help", "call", "listPage"])
        .fails(2, &["listPages"]);
    let general = host.run(&["help", "call"]).ok().stdout;
    assert!(general.contains("FUNCTION"), "{general}");
}

/// Ways to ask for help.
const HELP: [&[&str]; 3] = [&["--help"], &["--version"], &["sync", "run", "-h"]];

/// Only Linux has a device that is always full.
#[cfg(target_os = "linux")]
#[test]
fn help_that_cannot_be_written_is_an_error() {
    let host = Host::new();
    for words in HELP {
        let full = std::fs::File::create("/dev/full").unwrap();
        let ended = host.command().args(words).stdout(full).output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(25), "{words:?}: {said}");
        assert!(said.contains("error:"), "{words:?}: {said}");
    }
}

#[test]
fn help_that_nobody_reads_is_no_error() {
    let host = Host::new();
    for words in HELP {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = host.command().args(words).stdout(writer).output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{words:?}: {ended:?}");
        assert!(ended.stderr.is_empty(), "{words:?}: {ended:?}");
    }
}

/// Values of the options of all functions: what is wrong in them is found after the option itself.
const OPTIONS: [(&str, &str); 9] = [
    ("body-format", "storage"),
    ("mention-names", "true"),
    ("more", r#"[["a","b"]]"#),
    ("name-prefix", "a"),
    ("raw", "true"),
    ("sort", "asc"),
    ("space-ids", "65538"),
    ("status", "current"),
    ("version", "1"),
];

/// Arguments that a function needs, so that its options are what may be wrong.
fn required(function: &Function) -> Vec<(&str, &str)> {
    let needed = function.parameters().iter();
    needed
        .filter(|parameter| !parameter.is_optional())
        .map(|parameter| {
            let value = match parameter.name() {
                "attachment-id" => "att1",
                "id" if function.name() == "get-attachment-by-id" => "att1",
                "owner" => "page",
                "kind" => "footer",
                "archived" | "replies" => "false",
                "space" | "id-or-key" => "ENG",
                "since" => "2026-01-01",
                "cql" => "type=page",
                "account-ids" => "5f02b0ee1b040818b0400000",
                "group-id" => "0d3068ce-c136-44a3-8632-55fe3e163d58",
                _ => "98304",
            };
            (parameter.name(), value)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_help_of_every_function_lists_the_options_that_it_accepts_and_no_others() {
    let site = site().await;
    let host = Host::new();
    let caller = Caller::new();
    caller.connect("one", &site.endpoint(), AUTHORIZATION).await;
    let tenant = caller.host.tenant(&scope("one")).unwrap();
    let (mut accepted, mut rejected) = (0, 0);
    for function in tenant.functions() {
        let parameters = function.parameters();
        if !parameters.iter().any(|there| there.name() == "options") {
            continue;
        }
        let help = host.run(&["call", function.name(), "--help"]).ok().stdout;
        let listed: Vec<&str> = help
            .lines()
            .skip_while(|line| *line != "Options, by name:")
            .skip(1)
            .map_while(|line| line.strip_prefix("  --"))
            .map(|line| line.split(' ').next().unwrap())
            .collect();
        for (option, value) in OPTIONS {
            if parameters.iter().any(|there| there.name() == option) {
                assert!(!listed.contains(&option), "{}: {help}", function.name());
                continue;
            }
            let mut named = required(function);
            named.push((option, value));
            let named: Vec<(String, String)> = named
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let is_accepted = match host_runner::bind(function, &[], &named) {
                Ok(values) => {
                    let code = match tenant.call(function, values).await {
                        Err(host_runner::CallError::Component { error, .. }) => error.code,
                        _ => String::new(),
                    };
                    !["option-not-taken", "option-unknown", "sort-twice"].contains(&code.as_str())
                }
                Err(_) => false,
            };
            assert_eq!(
                listed.contains(&option),
                is_accepted,
                "`{option}` of {}: {help}",
                function.name()
            );
            *(if is_accepted {
                &mut accepted
            } else {
                &mut rejected
            }) += 1;
        }
        assert!(
            listed
                .iter()
                .all(|name| OPTIONS.iter().any(|(there, _)| there == name))
        );
    }
    assert!(accepted > 100 && rejected > 100, "{accepted}, {rejected}");
    // What is suggested is accepted, too.
    host.run(&["call", "getTasks", "--sorting", "asc"])
        .fails(2, &["getTasks"]);
    let ended = host.run(&["call", "getTasks", "--sorting", "asc"]);
    assert!(!ended.stderr.contains("`--sort`"), "{ended:#?}");
}

/// Helps of every kind: of the program, of commands with long examples, and of a function.
const HELPS: [&[&str]; 7] = [
    &["--help"],
    &["call", "--help"],
    &["help", "call"],
    &["sync", "run", "--help"],
    &["connection", "add", "-h"],
    &["call", "listPages", "--help"],
    &["functions", "listPages"],
];

/// What is shown of a text with colors.
fn plain(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('m').unwrap().1);
    std::iter::once(first.as_str()).chain(rest).collect()
}

/// The widest line that could have been broken between words. The usage of a command never is.
fn widest(help: &str) -> usize {
    let lines = help.lines().map(str::trim_end);
    let lines = lines.filter(|line| line.trim_start().contains(' ') && !line.starts_with("Usage:"));
    lines.map(|line| line.chars().count()).max().unwrap()
}

#[test]
fn help_is_80_columns_wide_where_no_width_is_known() {
    let host = Host::new();
    for words in HELPS {
        let help = host.run(words).ok().stdout;
        assert!(widest(&help) <= 80, "{words:?}: {help}");
    }
    let wide = host.run_with(HELPS[5], "", &[("COLUMNS", "95")]).ok();
    assert!((81..=95).contains(&widest(&wide.stdout)), "{wide:#?}");
    let help = host.run(&["call", "--help"]).ok().stdout;
    assert!(
        help.contains(
            "\n  host-runner call setApiUrlAndAuth https://DOMAIN.atlassian.net/wiki/api/v2/ \\\n      env:CONFLUENCE_AUTH app"
        ),
        "{help}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn options_with_a_value_from_a_variable_are_not_in_the_usage_of_an_error() {
    let host = Host::new();
    let variables = [
        ("HOST_RUNNER_ENV", "prod"),
        ("HOST_RUNNER_LOG_FORMAT", "json"),
    ];
    let ended = host.run_with(&["config", "set"], "", &variables);
    let ended = ended.fails(2, &["Usage: host-runner config set <KEY> <VALUE>\n"]);
    for option in ["--env", "--log-format", "--state-dir"] {
        assert!(!ended.stderr.contains(option), "{ended:#?}");
    }
}

#[test]
fn help_is_as_wide_as_the_terminal_up_to_100_columns() {
    let host = Host::new();
    for (columns, range) in [(60, 50..=60), (100, 90..=100), (200, 90..=100)] {
        for words in HELPS {
            let shown = host.on_terminal(columns, words, &[("PAGER", "cat")]);
            let help = plain(&shown.ok().stdout);
            assert!(
                range.contains(&widest(&help)),
                "{columns} {words:?}: {help}"
            );
        }
    }
}

#[test]
fn exit_codes_are_in_columns_at_every_width() {
    let host = Host::new();
    let mut codes: Vec<u16> = Vec::new();
    for (width, columns) in [("60", 2), ("80", 2), ("100", 3), ("40", 1)] {
        let help = host.run_with(&["--help"], "", &[("COLUMNS", width)]).ok();
        let table = help.stdout.split_once("Exit codes:\n").unwrap().1;
        let table = table.split_once("\n\n").unwrap().0;
        let rows: Vec<Vec<&str>> = table
            .lines()
            .map(|line| {
                line.split("  ")
                    .map(str::trim)
                    .filter(|cell| !cell.is_empty())
                    .collect()
            })
            .collect();
        assert_eq!(rows[0].len(), columns, "{table}");
        let number = |cell: &&str| cell.split_once(' ').unwrap().0.parse().unwrap();
        let mut shown: Vec<u16> = rows.iter().flatten().map(number).collect();
        shown.sort_unstable();
        if codes.is_empty() {
            codes.clone_from(&shown);
        }
        assert_eq!(shown, codes, "{table}");
        assert!(codes.len() > 30 && codes.contains(&143));
    }
}
