//! Words that stay apart, and characters that reach no output.

use super::*;

#[test]
fn words_of_neighbouring_elements_stay_apart() {
    for (body, expected) in [
        ("<p>one<x-future>two</x-future>three</p>", "one two three\n"),
        (
            "<p><time datetime=\"2026-01-02\"/><time datetime=\"2026-01-03\"/></p>",
            "2026-01-02 2026-01-03\n",
        ),
        (
            "<select><option>one</option><option>two</option></select>",
            "one\n\ntwo\n",
        ),
        (
            "<fieldset><legend>one</legend>two</fieldset>",
            "one\n\ntwo\n",
        ),
        (
            "<p>by<ac:link><ri:user ri:account-id=\"7\"/></ac:link><ac:link><ri:user ri:account-id=\"8\"/></ac:link>on</p>",
            "by @7 @8 on\n",
        ),
        (
            "<p><button>one</button><button>two</button></p>",
            "one two\n",
        ),
        (
            "<ac:future>one</ac:future><ac:future>two</ac:future>",
            "one two\n",
        ),
    ] {
        assert_eq!(text(body), expected, "{body}");
    }
    let linked =
        "<p><a href=\"https://x.example/1\">one</a><a href=\"https://x.example/2\">two</a></p>";
    assert_eq!(
        markdown(linked),
        "[one](https://x.example/1) [two](https://x.example/2)\n"
    );
    let pages = ["One", "Two"]
        .map(|title| format!("<ac:link><ri:page ri:content-title=\"{title}\"/></ac:link>"));
    let body = format!("<p>see{}</p>", pages.concat());
    let alone = storage(&body, Format::Text, &Context::default())
        .unwrap()
        .text;
    assert_eq!(alone, "see One Two\n");
    let statuses = ["OPEN", "LATE"].map(|title| called("status", &[("title", title)], ""));
    assert_eq!(
        text(&format!("<p>a{}b</p>", statuses.concat())),
        "a OPEN LATE b\n"
    );
    let unknown = ["one", "two"].map(|title| called("gizmo", &[("title", title)], ""));
    assert_eq!(
        text(&format!("<p>a{}b</p>", unknown.concat())),
        "a one two b\n"
    );
    let date = json!({"type": "date", "attrs": {"timestamp": "1767139200000"}});
    let status = json!({"type": "status", "attrs": {"text": "DONE"}});
    let card = json!({"type": "inlineCard", "attrs": {"data": {"name": "card"}}});
    let future = json!({"type": "futureNode", "text": "future"});
    let body = document(&[paragraph(&[
        words("a"),
        date.clone(),
        date,
        status,
        card,
        future,
        words("b"),
    ])]);
    assert_eq!(text(&body), "a 2025-12-31 2025-12-31 DONE card future b\n");
}

#[test]
fn marks_and_known_elements_part_no_word() {
    for element in [
        "b",
        "em",
        "u",
        "span",
        "font",
        "mark",
        "small",
        "big",
        "sub",
        "code",
        "ac:inline-comment-marker",
    ] {
        let body = format!("<p>over<{element}>flow</{element}>ing</p>");
        assert_eq!(text(&body), "overflowing\n");
    }
    assert_eq!(text("<p>5<x-unit>%</x-unit> of</p>"), "5% of\n");
}

#[test]
fn control_characters_reach_no_output() {
    for control in [
        '\0', '\u{1}', '\u{8}', '\u{b}', '\u{1b}', '\u{7f}', '\u{85}', '\u{9f}',
    ] {
        let number = u32::from(control);
        for mark in [control.to_string(), format!("&#{number};")] {
            let code = called(
                "code",
                &[("title", &format!("T{mark}U"))],
                &plain(&format!("a{control}b\n\tc")),
            );
            let storage = format!(
                "<h2>H{mark}I</h2><p>x{mark}y <a href=\"https://x.example/{mark}a\">go</a> \
                 <ac:image ac:alt=\"A{mark}B\"><ri:attachment ri:filename=\"f{mark}.png\"/></ac:image></p>{code}\
                 <table><tr><td>p{mark}q</td><td>{code}</td></tr></table>{}{}",
                called("anchor", &[("", &format!("n{mark}"))], ""),
                called(&format!("gizmo{mark}"), &[], ""),
            );
            let adf = document(&[
                paragraph(&[words(&format!("x{control}y"))]),
                json!({"type": "codeBlock", "attrs": {"language": format!("l{control}")},
                       "content": [words(&format!("a{control}b"))]}),
                json!({"type": "media", "attrs": {"alt": format!("A{control}B"), "url": format!("https://x.example/{control}")}}),
                json!({"type": format!("future{control}")}),
            ]);
            for body in [storage, adf] {
                for output in [text(&body), markdown(&body), notices(&body).concat()] {
                    let found = output
                        .chars()
                        .find(|c| c.is_control() && !"\n\t".contains(*c));
                    assert_eq!(found, None, "{output:?}");
                }
            }
        }
    }
    // Tabs are indentation in code, and the ends of cells in the text of tables; nothing else.
    let code = called("code", &[], &plain("a\n\tb"));
    assert_eq!(text(&code), "a\n\tb\n");
    assert_eq!(
        text(&format!(
            "<table><tr><td>x\ty</td><td>{code}</td></tr></table>"
        )),
        "x y\ta /     b\n"
    );
}
