//! Cells in their columns, and what is in a cell.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::*;

/// The cells of each row as text has them.
fn rows(body: &str) -> Vec<Vec<String>> {
    text(body)
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

/// The cells of each row as a reader of Markdown shows them: lines end with a line feed.
fn shown(body: &str) -> Vec<Vec<String>> {
    let markdown = markdown(body);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for event in Parser::new_ext(&markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(Vec::new()),
            Event::Start(Tag::TableCell) => rows.last_mut().unwrap().push(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()) {
                    cell.push_str(&text);
                }
            }
            Event::InlineHtml(tag) if &*tag == "<br>" => {
                rows.last_mut().unwrap().last_mut().unwrap().push('\n');
            }
            Event::End(TagEnd::Table) => break,
            _ => {}
        }
    }
    rows
}

fn table(rows: &[String]) -> String {
    let rows: String = rows.iter().map(|row| format!("<tr>{row}</tr>")).collect();
    format!("<table><tbody>{rows}</tbody></table>")
}

#[test]
fn a_value_stays_in_its_column_beside_long_and_wide_cells() {
    // A shift plan of a year: a day each, and a name behind them all.
    let days: String = (1..=366).map(|day| format!("<td>d{day}</td>")).collect();
    let body = table(&[
        "<th>Who</th><th colspan=\"366\">Days</th><th>Team</th>".to_owned(),
        format!("<td>Ines</td>{days}<td>Blue</td>"),
    ]);
    for rows in [rows(&body), shown(&body)] {
        assert_eq!(rows[0].len(), 368);
        assert_eq!((&*rows[0][367], &*rows[1][367]), ("Team", "Blue"));
        assert_eq!(rows[1][366], "d366");
    }
    // 300 rows beside one cell.
    let mut lines = vec!["<td rowspan=\"300\">Hall</td><td>r0</td><td>v0</td>".to_owned()];
    lines.extend((1..300).map(|row| format!("<td>r{row}</td><td>v{row}</td>")));
    for rows in [rows(&table(&lines)), shown(&table(&lines)).split_off(1)] {
        for (at, row) in rows.iter().enumerate() {
            assert_eq!(
                row[..],
                ["Hall".to_owned(), format!("r{at}"), format!("v{at}")]
            );
        }
    }
    // Wide cells in every row.
    let lines: Vec<String> = (0..200)
        .map(|row| format!("<td>t{row}</td><td colspan=\"31\">b{row}</td><td>o{row}</td>"))
        .collect();
    for rows in [rows(&table(&lines)), shown(&table(&lines)).split_off(1)] {
        assert_eq!(rows.len(), 200);
        assert!(
            rows.iter()
                .enumerate()
                .all(|(at, row)| row[32] == format!("o{at}"))
        );
    }
}

#[test]
fn cells_that_reach_down_and_across_are_repeated_where_they_reach() {
    for (body, expected) in [
        (
            table(&[
                "<td>a</td><td rowspan=\"3\">b</td>".to_owned(),
                "<td>c</td>".to_owned(),
                "<td>d</td>".to_owned(),
            ]),
            "a\tb\nc\tb\nd\tb\n",
        ),
        (
            table(&[
                "<td rowspan=\"2\" colspan=\"2\">a</td><td>b</td>".to_owned(),
                "<td>c</td>".to_owned(),
                "<td>d</td><td>e</td><td>f</td>".to_owned(),
            ]),
            "a\ta\tb\na\ta\tc\nd\te\tf\n",
        ),
        (
            // As browsers read numbers that are none.
            table(&[
                "<td colspan=\"2px\">a</td><td rowspan=\"-1\">b</td>".to_owned(),
                "<td colspan=\"0\">c</td><td colspan=\"x\">d</td><td>e</td>".to_owned(),
            ]),
            "a\ta\tb\nc\td\te\n",
        ),
        (
            // To the end of the table.
            table(&[
                "<td rowspan=\"0\">a</td><td>b</td>".to_owned(),
                "<td>c</td>".to_owned(),
            ]),
            "a\tb\na\tc\n",
        ),
        (
            // A row of its own that all cells reach over.
            table(&[
                "<td rowspan=\"2\">a</td><td rowspan=\"2\">b</td>".to_owned(),
                String::new(),
                "<td>c</td><td>d</td>".to_owned(),
            ]),
            "a\tb\nc\td\n",
        ),
        (
            // Not into the next group of rows.
            "<table><thead><tr><th rowspan=\"9\">a</th><th>b</th></tr></thead>\
             <tbody><tr><td>c</td><td>d</td></tr></tbody></table>"
                .to_owned(),
            "a\tb\nc\td\n",
        ),
    ] {
        assert_eq!(text(&body), expected);
    }
    let cell = |text: &str, rows: u32| json!({"type": "tableCell", "attrs": {"rowspan": rows}, "content": [paragraph(&[words(text)])]});
    let body = document(&[json!({"type": "table", "content": [
        {"type": "tableRow", "content": [cell("a", 1), cell("b", 2), cell("c", 1)]},
        {"type": "tableRow", "content": [cell("d", 1), cell("e", 1)]},
    ]})]);
    assert_eq!(text(&body), "a\tb\tc\nd\tb\te\n");
    assert_eq!(
        markdown(&body),
        "| | | |\n| --- | --- | --- |\n| a | b | c |\n| d | b | e |\n"
    );
}

#[test]
fn an_anchor_in_a_value_that_is_repeated_is_in_one_place() {
    let anchor = "<ac:structured-macro ac:name=\"anchor\"><ac:parameter ac:name=\"\">gate</ac:parameter></ac:structured-macro>";
    let body = table(&[
        format!("<td rowspan=\"2\" colspan=\"2\">North {anchor}<p>7</p></td><td>a</td>"),
        "<td>b</td>".to_owned(),
    ]);
    let markdown = markdown(&body);
    assert_eq!(
        markdown.matches("<a id=\"gate\"></a>").count(),
        1,
        "{markdown}"
    );
    assert_eq!(markdown.matches("North").count(), 4, "{markdown}");
    let rows = shown(&body);
    assert_eq!(
        rows[1],
        ["North\n7", "North\n7", "a"].map(str::to_owned),
        "{markdown}"
    );
}

#[test]
fn a_title_that_spans_more_columns_than_there_are_adds_none() {
    let body = table(&[
        "<td colspan=\"1000\">Title</td>".to_owned(),
        "<td>a</td><td>b</td>".to_owned(),
    ]);
    assert_eq!(text(&body), "Title\tTitle\na\tb\n");
}

#[test]
fn a_table_too_large_to_lay_out_says_so() {
    let wide: Vec<String> = (0..400)
        .map(|row| format!("<td colspan=\"999\">a{row}</td><td>b{row}</td>"))
        .collect();
    let body = table(&wide);
    assert_eq!(rows(&body)[7], ["a7", "b7"]);
    assert_eq!(
        notices(&body),
        ["a table is too large to lay out: merged values are not repeated, and columns may shift"]
    );
    let long = "x".repeat(100_000);
    let heavy = table(&[format!("<td colspan=\"50\">{long}</td><td>b</td>")]);
    let row = &rows(&heavy)[0];
    assert_eq!((row[0].len(), &*row[1], &*row[50]), (100_000, "", "b"));
    assert_eq!(notices(&heavy).len(), 1);
}

#[test]
fn an_empty_corner_belongs_to_the_head() {
    for corner in [
        "<td></td>",
        "<td><br/></td>",
        "<td><p> </p></td>",
        "<td/><td/>",
    ] {
        let body = table(&[
            format!("{corner}<th>Mon</th><th>Tue</th>"),
            "<th>Ines</th><td>1</td><td>2</td><td>3</td>".to_owned(),
        ]);
        let markdown = markdown(&body);
        let head = markdown.lines().next().unwrap();
        assert!(head.contains("| Mon | Tue |"), "{markdown}");
    }
    for first in ["<th>Ines</th><td/>", "<td/><td/>", "<td>x</td><th>Mon</th>"] {
        let markdown = markdown(&table(&[first.to_owned()]));
        assert!(
            !markdown.starts_with("| Ines") && !markdown.starts_with("| x"),
            "{markdown}"
        );
    }
}

#[test]
fn lists_in_a_cell_keep_their_nesting() {
    let list = "<ul><li>Pump<ul><li>Seal</li><li>Shaft<ol><li>Key</li></ol></li></ul></li><li>Tank</li></ul>";
    let body = table(&[format!("<td>{list}</td>")]);
    assert_eq!(
        text(&body),
        "- Pump / -- Seal / -- Shaft / -- 1. Key / - Tank\n"
    );
    assert_eq!(
        shown(&body)[1][0],
        "- Pump\n\u{a0}\u{a0}- Seal\n\u{a0}\u{a0}- Shaft\n\u{a0}\u{a0}\u{a0}\u{a0}1. Key\n- Tank"
    );
    let steps = "<ol><li><p>Stop</p><p>Wait</p><ul><li>a minute</li></ul></li><li>Start</li></ol>";
    let body = table(&[format!("<td>{steps}</td>")]);
    assert_eq!(text(&body), "1. Stop / Wait / -- a minute / 2. Start\n");
    assert_eq!(
        shown(&body)[1][0],
        "1. Stop\n\u{a0}\u{a0}Wait\n\u{a0}\u{a0}- a minute\n2. Start"
    );
    let item = |text: &str, inner: Value| json!({"type": "listItem", "content": [paragraph(&[words(text)]), inner]});
    let inner = json!({"type": "bulletList", "content": [
        {"type": "listItem", "content": [paragraph(&[words("below")])]}
    ]});
    let body = document(&[
        json!({"type": "table", "content": [{"type": "tableRow", "content": [
            {"type": "tableCell", "content": [{"type": "bulletList", "content": [item("above", inner)]}]}
        ]}]}),
    ]);
    assert_eq!(text(&body), "- above / -- below\n");
}

#[test]
fn code_in_a_cell_keeps_its_lines_and_indentation() {
    let code = "if x:\n    go(1)\n\n\tstop()";
    let storage = table(&[format!(
        "<td>{}</td><td>z</td>",
        called("code", &[], &plain(code))
    )]);
    let node = json!({"type": "codeBlock", "content": [words(code)]});
    let adf = document(&[
        json!({"type": "table", "content": [{"type": "tableRow", "content": [
            {"type": "tableCell", "content": [node]},
            {"type": "tableCell", "content": [paragraph(&[words("z")])]},
        ]}]}),
    ]);
    let pre = table(&[format!("<td><pre>{code}</pre></td><td>z</td>")]);
    for body in [storage, adf, pre] {
        assert_eq!(text(&body), "if x: /     go(1) /  /     stop()\tz\n");
        assert_eq!(
            shown(&body)[1],
            ["if x:\n    go(1)\n\n    stop()", "z"],
            "{}",
            markdown(&body)
        );
    }
    let bars = table(&[format!(
        "<td>{}</td>",
        called("noformat", &[], &plain("a\n  b | c\\n"))
    )]);
    assert_eq!(shown(&bars)[1][0].replace('\u{a0}', " "), "a\n  b | c\\n");
}

#[test]
fn the_columns_of_a_table_in_a_cell_are_told_apart() {
    let inner = table(&[
        "<th>valve</th><th>bar</th>".to_owned(),
        "<td>V1, V2</td><td>1,5</td>".to_owned(),
        "<td rowspan=\"2\">V|3</td><td>2</td>".to_owned(),
        "<td>3</td>".to_owned(),
    ]);
    let body = table(&[
        "<th>Pump</th><th>Note</th>".to_owned(),
        format!("<td><p>as of May</p>{inner}<p>checked</p></td><td>ok</td>"),
    ]);
    assert_eq!(
        rows(&body)[1],
        [
            "as of May / valve | bar / V1, V2 | 1,5 / V|3 | 2 / V|3 | 3 / checked",
            "ok"
        ]
    );
    let lines = "as of May\nvalve | bar\nV1, V2 | 1,5\nV|3 | 2\nV|3 | 3\nchecked";
    assert_eq!(shown(&body)[1], [lines, "ok"]);
}
