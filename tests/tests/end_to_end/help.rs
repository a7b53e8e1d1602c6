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
