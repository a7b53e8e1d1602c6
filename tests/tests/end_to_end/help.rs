//! Help: a command's own options first, and everything about one function in one place.

use tests::Host;

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
        assert!(words == ["call"] || at(own) < global, "{words:?}: {own}");
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
