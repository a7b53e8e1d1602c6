//! Rust source as far as paths are concerned: without comments, literals, and what only tests have.

/// Code without comments, and its literals.
#[derive(Debug)]
pub(crate) struct Code<'a> {
    /// The code, in which each literal is its place in [`Code::literals`], in quotes.
    pub(crate) text: String,
    literals: Vec<&'a str>,
}

impl<'a> Code<'a> {
    pub(crate) fn of(source: &'a str) -> Self {
        let mut text = String::with_capacity(source.len());
        let mut literals = Vec::new();
        let mut rest = source;
        while let Some(first) = rest.chars().next() {
            let is_word = text.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let comment = if rest.starts_with("//") {
                Some(rest.find('\n').unwrap_or(rest.len()))
            } else if rest.starts_with("/*") {
                Some(rest.find("*/").map_or(rest.len(), |end| end + 2))
            } else {
                None
            };
            if let Some(bytes) = comment {
                rest = &rest[bytes..];
                continue;
            }
            let literal = match first {
                '"' => Some(text_bytes(rest)),
                'r' if !is_word || text.ends_with('b') => raw_text_bytes(rest),
                '\'' => character_bytes(rest),
                _ => None,
            };
            if let Some(bytes) = literal {
                text.push_str(&format!("\"{}\"", literals.len()));
                literals.push(&rest[..bytes]);
                rest = &rest[bytes..];
            } else {
                text.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        Self { text, literals }
    }

    /// The same without items that are `#[cfg(test)]`.
    pub(crate) fn without_tests(mut self) -> Self {
        self.text = without_tests(&self.text);
        self
    }

    /// The literals that are in the code.
    pub(crate) fn literals(&self) -> impl Iterator<Item = &'a str> {
        let places = self.text.split('"').skip(1).step_by(2);
        places.filter_map(|place| self.literals.get(place.parse::<usize>().ok()?).copied())
    }
}

/// The length of `"…"`.
fn text_bytes(rest: &str) -> usize {
    let mut escaped = false;
    for (index, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of `r"…"` or `r#"…"#`.
fn raw_text_bytes(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('r')?;
    let marks = after.len() - after.trim_start_matches('#').len();
    after[marks..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(marks));
    let start = 1 + marks + 1;
    let found = rest[start..].find(&end)?;
    Some(start + found + end.len())
}

/// The length of `'…'`, and nothing for a lifetime.
fn character_bytes(rest: &str) -> Option<usize> {
    let mut characters = rest.char_indices().skip(1);
    let (_, first) = characters.next()?;
    if first == '\\' {
        let (_, _) = characters.next()?;
        return characters
            .find(|(_, c)| *c == '\'')
            .map(|(index, _)| index + 1);
    }
    let (index, second) = characters.next()?;
    (second == '\'').then_some(index + 1)
}

/// The code without items that are `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find(MARK) {
        kept.push_str(&rest[..at]);
        let item = &rest[at + MARK.len()..];
        rest = &item[item_bytes(item)..];
    }
    kept.push_str(rest);
    kept
}

/// The length of the item that begins here: up to its `;`, or the end of its block.
fn item_bytes(item: &str) -> usize {
    let mut depth = 0usize;
    // A use has braces and ends in a semicolon all the same.
    let ends_in_semicolon = ["use ", "const ", "static ", "type "]
        .iter()
        .any(|word| first_word(item).starts_with(word));
    for (index, c) in item.char_indices() {
        match c {
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && c == '}' && !ends_in_semicolon {
                    return index + 1;
                }
            }
            ';' if depth == 0 => return index + 1,
            _ => {}
        }
    }
    item.len()
}

/// What follows attributes and `pub`.
fn first_word(item: &str) -> &str {
    let mut item = item.trim_start();
    loop {
        if let Some(rest) = item.strip_prefix("#[") {
            let Some((_, after)) = rest.split_once(']') else {
                return item;
            };
            item = after.trim_start();
        } else if let Some(rest) = item.strip_prefix("pub(") {
            let Some((_, after)) = rest.split_once(')') else {
                return item;
            };
            item = after.trim_start();
        } else if let Some(rest) = item.strip_prefix("pub ") {
            item = rest.trim_start();
        } else {
            return item;
        }
    }
}

/// The names of modules that are declared `#[cfg(test)] mod NAME;`.
pub(crate) fn test_modules(code: &str) -> Vec<String> {
    code.split("#[cfg(test)]")
        .skip(1)
        .filter_map(|item| {
            let name = first_word(item).strip_prefix("mod ")?;
            let (name, _) = name.split_once(';')?;
            let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
            is_name.then(|| name.to_owned())
        })
        .collect()
}

/// What the paths of a file lead to from the root of its crate: the first name behind `crate::`,
/// or behind as many `super::` as lead there. `depth` is how deep the module is, 1 for one of the
/// root.
pub(crate) fn names_from_root(code: &str, depth: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = code;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let starts = !(before.is_alphanumeric() || before == '_' || before == ':');
        let path = starts
            .then(|| {
                let from_crate = rest.strip_prefix("crate::");
                from_crate.or_else(|| {
                    let mut path = rest;
                    for _ in 0..depth {
                        path = path.strip_prefix("super::")?;
                    }
                    (!path.starts_with("super::")).then_some(path)
                })
            })
            .flatten();
        if let Some(path) = path {
            match path.strip_prefix('{') {
                Some(group) => names.extend(group_names(group)),
                None => names.push(word(path)),
            }
        }
        before = first;
        rest = &rest[first.len_utf8()..];
    }
    names
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// The first name of each path of `{a::b, c}`, from behind the brace.
fn group_names(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0usize;
    let mut item = String::new();
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => names.push(word(std::mem::take(&mut item).trim())),
            _ => {
                depth = match c {
                    '{' => depth + 1,
                    '}' => depth - 1,
                    _ => depth,
                };
                item.push(c);
            }
        }
    }
    names.push(word(item.trim()));
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn comments_and_literals_hold_no_paths() {
    let source = "// crate::a\nlet x = \"crate::b\"; /* crate::c */ let y = r#\"crate::d \" \"#; let z = '\"'; crate::e;";
    let code = Code::of(source);
    assert_eq!(names_from_root(&code.text, 1), ["e"]);
    let literals: Vec<&str> = code.literals().collect();
    assert_eq!(literals, ["\"crate::b\"", "r#\"crate::d \" \"#", "'\"'"]);
}

#[test]
fn groups_and_parents_lead_to_the_root() {
    let source = "use crate::{a::{b, c}, d}; use super::e; use super::super::f; use crate::g::h;";
    assert_eq!(names_from_root(source, 1), ["a", "d", "e", "g"]);
    assert_eq!(names_from_root(source, 2), ["a", "d", "f", "g"]);
}

#[test]
fn what_only_tests_have_does_not_count() {
    let source = "use crate::a;\n#[cfg(test)]\nuse crate::{b};\n#[cfg(test)]\nmod tests { use crate::c; fn f() {} }\n#[cfg(test)]\nmod fake;\nuse crate::d;";
    assert_eq!(names_from_root(&without_tests(source), 1), ["a", "d"]);
    assert_eq!(test_modules(source), ["fake"]);
}
