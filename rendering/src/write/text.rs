//! Runs as plain text.

use crate::document::{Piece, Run};

/// The text of `runs`, with `line_break` for breaks and addresses behind what they are linked to.
pub(super) fn inline(runs: &[Run], line_break: &str) -> String {
    let mut out = String::new();
    let mut rest = runs;
    while let Some((first, behind)) = rest.split_first() {
        let Some(link) = &first.style.link else {
            piece(&mut out, first, line_break);
            rest = behind;
            continue;
        };
        let linked = rest
            .iter()
            .take_while(|run| run.style.link.as_ref() == Some(link));
        let (linked, behind) = rest.split_at(linked.count());
        let before = out.len();
        for run in linked {
            piece(&mut out, run, line_break);
        }
        let shown = out.get(before..).unwrap_or_default();
        if !is_same(shown, link) {
            out.push_str(" (");
            out.push_str(link);
            out.push(')');
        }
        rest = behind;
    }
    out
}

fn piece(out: &mut String, run: &Run, line_break: &str) {
    match &run.piece {
        Piece::Text(text) => out.push_str(text),
        Piece::Break => out.push_str(line_break),
        Piece::Anchor(_) => {}
        Piece::Image {
            alternative,
            target,
        } => {
            let shown = if alternative.is_empty() {
                target
            } else {
                alternative
            };
            out.push_str("[image: ");
            out.push_str(shown);
            out.push(']');
        }
    }
}

/// Whether the address says nothing that is not shown: it is what is shown, or its encoding, or
/// a place on the same page.
fn is_same(shown: &str, link: &str) -> bool {
    let bare = link.strip_prefix("mailto:").unwrap_or(link);
    link.starts_with('#')
        || shown == bare
        || shown == link.trim_end_matches('/')
        || crate::address::file(shown).as_deref() == Some(link)
}
