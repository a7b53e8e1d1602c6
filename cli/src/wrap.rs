//! Text of help, in lines that fit the terminal.

use clap::Command;
use unicode_width::UnicodeWidthStr as _;

use crate::output;

/// Width of help that is not printed on a terminal, in characters.
const DEFAULT_WIDTH: usize = 80;

/// Maximum width of help: longer lines are hard to read.
const MAX_WIDTH: usize = 100;

/// Columns of exit codes, at most.
const MAX_COLUMNS: usize = 4;

/// Minimum width that anything fits into.
const MIN_WIDTH: usize = 40;

/// The width of help: that of the terminal, or of the variable `COLUMNS`, within limits.
pub(crate) fn help_width() -> usize {
    let named = || std::env::var("COLUMNS").ok()?.parse().ok();
    output::terminal_width()
        .or_else(named)
        .unwrap_or(DEFAULT_WIDTH)
        .clamp(MIN_WIDTH, MAX_WIDTH)
}

/// The command and all below it, with help that is so wide: examples that are wider continue after a
/// backslash, as a shell reads them.
pub(crate) fn command(command: Command, width: usize) -> Command {
    let after = command.get_after_help().map(ToString::to_string);
    let names: Vec<String> = command
        .get_subcommands()
        .map(|below| below.get_name().to_owned())
        .collect();
    let mut command = command.term_width(width);
    if let Some(text) = after {
        command = command.after_help(examples(&text, width));
    }
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |below| self::command(below, width))
    })
}

/// A text whose indented lines are broken between words: commands, and exit codes, which begin with a
/// number and are in as many columns as there is room for.
pub(crate) fn examples(text: &str, width: usize) -> String {
    let mut lines = Vec::new();
    let mut codes = Vec::new();
    for line in text.lines() {
        let content = line.trim_start();
        if line.starts_with(' ') && content.starts_with(|c: char| c.is_ascii_digit()) {
            codes.push(content);
            continue;
        }
        lines.extend(columns(&std::mem::take(&mut codes), width));
        if line.starts_with("  ") && line.width() > width {
            lines.extend(continued(content, width));
        } else {
            lines.push(line.to_owned());
        }
    }
    lines.extend(columns(&codes, width));
    lines.join("\n")
}

/// Exit codes with their meanings, downwards in columns, or one below the other if they are long.
fn columns(codes: &[&str], width: usize) -> Vec<String> {
    let cells: Vec<String> = codes
        .iter()
        .filter_map(|code| code.split_once(' '))
        .map(|(number, meaning)| format!("{number:>4} {meaning}"))
        .collect();
    for rows in cells.len().div_ceil(MAX_COLUMNS)..cells.len() {
        let columns: Vec<&[String]> = cells.chunks(rows.max(1)).collect();
        let widths = columns.iter().map(|column| {
            let widths = column.iter().map(|cell| cell.width());
            widths.max().unwrap_or_default()
        });
        let widths: Vec<usize> = widths.collect();
        if widths.iter().sum::<usize>() + 2 * (columns.len() - 1) > width {
            continue;
        }
        let row = |at: usize| {
            let mut line = String::new();
            for (column, width) in columns.iter().zip(&widths) {
                let cell = column.get(at).map_or("", String::as_str);
                line.push_str(cell);
                line.push_str(&" ".repeat(width + 2 - cell.width()));
            }
            line.trim_end().to_owned()
        };
        return (0..rows).map(row).collect();
    }
    let lines = cells.iter().flat_map(|cell| {
        let content = cell.trim_start();
        let indent = " ".repeat(cell.len() - content.len());
        hanging(&indent, content, 5, width)
    });
    lines.collect()
}

/// A command in lines of which all but the last end in a backslash.
fn continued(command: &str, width: usize) -> Vec<String> {
    broken("  ", words(command).into_iter(), 6, " \\", width)
}

/// The words of a command: spaces in quotes separate none.
fn words(command: &str) -> Vec<&str> {
    let mut quote = None;
    command
        .split(|c| {
            match (quote, c) {
                (None, '\'' | '"') => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                _ => {}
            }
            quote.is_none() && c == ' '
        })
        .collect()
}

/// Markdown whose paragraphs and items of lists are joined and broken anew.
pub(crate) fn markdown(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut block = String::new();
    let mut is_code = false;
    for line in text.trim().lines() {
        let content = line.trim_start();
        let fence = content.starts_with("```");
        let is_verbatim = is_code || fence || content.starts_with('|');
        let begins = is_verbatim
            || content.is_empty()
            || ["- ", "# ", "## "]
                .iter()
                .any(|mark| content.starts_with(mark));
        if begins {
            end(&mut block, width, &mut lines);
        }
        if is_verbatim || content.is_empty() {
            lines.push(line.to_owned());
        } else if block.is_empty() {
            line.trim_end().clone_into(&mut block);
        } else {
            block.push(' ');
            block.push_str(content.trim_end());
        }
        is_code ^= fence;
    }
    end(&mut block, width, &mut lines);
    lines.join("\n")
}

fn end(block: &mut String, width: usize, lines: &mut Vec<String>) {
    if block.is_empty() {
        return;
    }
    let text = std::mem::take(block);
    let content = text.trim_start();
    let indent = text.len() - content.len();
    let hang = indent + if content.starts_with("- ") { 2 } else { 0 };
    lines.extend(hanging(&" ".repeat(indent), content, hang, width));
}

/// `text` after `first`, in lines of at most `width` characters where words permit it. All but the
/// first begin with `hang` spaces.
pub(crate) fn hanging(first: &str, text: &str, hang: usize, width: usize) -> Vec<String> {
    broken(first, text.split_whitespace(), hang, "", width)
}

/// Words after `first`, in lines of at most `width` characters, of which all but the last end in `end`
/// and all but the first begin with `hang` spaces.
fn broken<'a>(
    first: &str,
    words: impl Iterator<Item = &'a str>,
    hang: usize,
    end: &str,
    width: usize,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in words {
        if !is_empty && line.width() + 1 + word.width() + end.width() > width {
            line.push_str(end);
            lines.push(std::mem::replace(&mut line, " ".repeat(hang)));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::{examples, markdown};

    #[test]
    fn paragraphs_and_items_are_broken_anew_and_tables_and_code_are_kept() {
        let text = "One two three\nfour five.\n\n- `a`: first item\n  that goes on\n- `b`: second\n\n# Errors\n\n| code | meaning |\n```\nlet a = 1;\n```";
        let expected = "One two\nthree four\nfive.\n\n- `a`:\n  first\n  item that\n  goes on\n- `b`:\n  second\n\n# Errors\n\n| code | meaning |\n```\nlet a = 1;\n```";
        assert_eq!(markdown(text, 11), expected);
        assert_eq!(
            markdown("One two three\nfour five.", 80),
            "One two three four five."
        );
    }

    #[test]
    fn examples_continue_after_a_backslash_outside_of_quotes() {
        let text = "Notes that are wider than that\n\nExamples:\n  run me\n  run --filter '.[] | .id' --to file";
        let expected = "Notes that are wider than that\n\nExamples:\n  run me\n  run --filter \\\n      '.[] | .id' \\\n      --to file";
        assert_eq!(examples(text, 20), expected);
        let codes = "Exit codes:\n  34 budget: a limit was reached";
        let expected = "Exit codes:\n  34 budget: a\n     limit was\n     reached";
        assert_eq!(examples(codes, 16), expected);
    }

    #[test]
    fn exit_codes_are_in_columns_that_fit() {
        let codes =
            "Exit codes:\n   0 success\n   1 error\n   2 usage\n  33 held\n 130 interrupted\n\nEnd";
        for (width, expected) in [
            (
                46,
                "   0 success     2 usage   130 interrupted\n   1 error      33 held",
            ),
            (
                32,
                "   0 success    33 held\n   1 error     130 interrupted\n   2 usage",
            ),
            (
                20,
                "   0 success\n   1 error\n   2 usage\n  33 held\n 130 interrupted",
            ),
        ] {
            let expected = format!("Exit codes:\n{expected}\n\nEnd");
            assert_eq!(examples(codes, width), expected, "{width}");
        }
    }
}
