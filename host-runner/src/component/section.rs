//! A component's own custom sections: what it says of itself, and what runs nothing.

use wasm_encoder::{ComponentSection as _, CustomSection};
use wasmparser::{Chunk, Parser, Payload};

/// The content of the first section of that name among the component's own, those of what is
/// nested in it left out.
pub(super) fn find<'a>(component: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut parser = Parser::new(0);
    let mut rest = component;
    loop {
        let Chunk::Parsed { consumed, payload } = parser.parse(rest, true).ok()? else {
            return None;
        };
        // What is nested is passed over as a whole.
        let nested = match payload {
            Payload::CustomSection(section) if section.name() == name => {
                return Some(section.data());
            }
            Payload::ModuleSection {
                unchecked_range, ..
            }
            | Payload::ComponentSection {
                unchecked_range, ..
            } => unchecked_range.len(),
            Payload::End(_) => return None,
            _ => 0,
        };
        rest = rest.get(consumed.checked_add(nested)?..)?;
    }
}

/// Adds a section at the component's end.
pub(super) fn append(component: &mut Vec<u8>, name: &str, content: &[u8]) {
    CustomSection {
        name: name.into(),
        data: content.into(),
    }
    .append_to_component(component);
}

/// Adds a section at the component's end, and takes those away that have its name.
pub(super) fn set(component: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut written = Vec::with_capacity(component.len() + content.len());
    let mut depth = 0u32;
    // Where the last section that was looked at ends, and what is kept up to there.
    let mut end = 0;
    for payload in Parser::new(0).parse_all(component) {
        let Ok(payload) = payload else { return };
        let (after, is_dropped) = match &payload {
            Payload::Version { range, .. } => {
                depth += 1;
                (range.end, false)
            }
            Payload::End(at) => {
                depth = depth.saturating_sub(1);
                (*at, false)
            }
            Payload::CustomSection(section) => {
                (section.range().end, depth == 1 && section.name() == name)
            }
            other => match other.as_section() {
                // What is nested ends where its last part does.
                Some(_) if is_nested(other) => continue,
                Some((_, range)) => (range.end, false),
                None => continue,
            },
        };
        if !is_dropped {
            written.extend_from_slice(component.get(end..after).unwrap_or_default());
        }
        end = end.max(after);
    }
    *component = written;
    append(component, name, content);
}

fn is_nested(payload: &Payload<'_>) -> bool {
    matches!(
        payload,
        Payload::ModuleSection { .. } | Payload::ComponentSection { .. }
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{append, find, set};
    use crate::component::embedded_component;

    #[test]
    fn a_section_that_is_set_again_is_there_once_and_nothing_else_changes() {
        let plain = embedded_component().to_vec();
        let mut once = plain.clone();
        append(&mut once, "revision", b"two");
        let mut twice = plain.clone();
        set(&mut twice, "revision", b"first");
        assert_eq!(find(&twice, "revision"), Some(&b"first"[..]));
        set(&mut twice, "revision", b"two");
        assert_eq!(twice, once);
        // In the middle, and several.
        let mut middle = wat::parse_str(
            r#"(component
                (@custom "revision" "1")
                (core module (@custom "revision" "inner"))
                (component (@custom "revision" "inner"))
                (@custom "revision" "2")
                (import "a" (func)))"#,
        )
        .unwrap();
        set(&mut middle, "revision", b"3");
        let expected = wat::parse_str(
            r#"(component
                (core module (@custom "revision" "inner"))
                (component (@custom "revision" "inner"))
                (import "a" (func))
                (@custom "revision" "3"))"#,
        )
        .unwrap();
        assert_eq!(middle, expected);
    }
}
