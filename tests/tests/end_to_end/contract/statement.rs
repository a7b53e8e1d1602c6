//! The statement of allowed requests: `allowed.txt`, and whether a request is allowed by it.

use std::collections::BTreeSet;

const STATEMENT: &str = include_str!("allowed.txt");

/// The longest path with its query that edges let through, in bytes.
const LONGEST_URL: usize = 8_192;

/// Which requests may be sent, and by which functions.
#[derive(Debug, Default)]
pub(super) struct Statement {
    calls: Vec<Call>,
    /// Functions that send nothing.
    silent: Vec<String>,
}

/// One call of Confluence.
#[derive(Debug)]
struct Call {
    path: String,
    parameters: Vec<Parameter>,
    functions: Vec<String>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    takes: Takes,
    /// How often it may stand.
    most: usize,
    each_once: bool,
    required: bool,
    unseen: bool,
}

#[derive(Debug)]
enum Takes {
    Id,
    Text,
    Query,
    Cursor,
    Number(i64, i64),
    Words(Vec<String>),
}

impl Statement {
    pub(super) fn read() -> Self {
        Self::parse(STATEMENT)
    }

    fn parse(text: &str) -> Self {
        let mut statement = Self::default();
        for line in text.lines() {
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(functions) = line.strip_prefix("nothing is asked by ") {
                statement
                    .silent
                    .extend(functions.split(' ').map(str::to_owned));
            } else if line.starts_with('/') {
                statement.calls.push(Call {
                    path: line.to_owned(),
                    parameters: Vec::new(),
                    functions: Vec::new(),
                });
            } else {
                let call = statement
                    .calls
                    .last_mut()
                    .unwrap_or_else(|| panic!("`{line}` stands before any path"));
                let (word, rest) = line.trim().split_once(' ').expect("two words a line");
                if word == "by" {
                    call.functions.extend(rest.split(' ').map(str::to_owned));
                } else {
                    call.parameters.push(Parameter::parse(word, rest.trim()));
                }
            }
        }
        statement
    }

    /// Whether the statement has a word on a function.
    pub(super) fn knows(&self, function: &str) -> bool {
        self.silent
            .iter()
            .chain(self.calls.iter().flat_map(|call| &call.functions))
            .any(|known| known == function)
    }

    /// The functions that it has a word on.
    pub(super) fn functions(&self) -> BTreeSet<&str> {
        self.silent
            .iter()
            .chain(self.calls.iter().flat_map(|call| &call.functions))
            .map(String::as_str)
            .collect()
    }

    /// Everything that the walk gets to, a line each: calls by their functions, and parameters.
    pub(super) fn lines(&self) -> BTreeSet<String> {
        let mut lines = BTreeSet::new();
        for call in &self.calls {
            for function in &call.functions {
                lines.insert(format!("{} by {function}", call.path));
            }
            for parameter in call.parameters.iter().filter(|one| !one.unseen) {
                lines.insert(format!("{} {}", call.path, parameter.name));
            }
        }
        lines
    }

    /// The lines that allow a request of a function.
    ///
    /// # Errors
    ///
    /// Why no line does.
    pub(super) fn check(
        &self,
        function: &str,
        method: &str,
        url: &str,
    ) -> Result<Vec<String>, String> {
        if method != "GET" {
            return Err(format!("`{method}` is no `GET`"));
        }
        if url.len() > LONGEST_URL {
            return Err(format!("it has {} bytes", url.len()));
        }
        if let Some(odd) = url.bytes().find(|b| !is_plain(*b) && !b"/?&=%".contains(b)) {
            return Err(format!(
                "`{}` stands in it",
                char::from(odd).escape_default()
            ));
        }
        let (path, query) = match url.split_once('?') {
            Some((_, "")) => return Err("the query is empty".to_owned()),
            Some((path, query)) => (path, query),
            None => (url, ""),
        };
        let call = self
            .calls
            .iter()
            .find(|call| matches(&call.path, path))
            .ok_or_else(|| format!("no call has the path `{path}`"))?;
        if !call.functions.iter().any(|one| one == function) {
            return Err(format!("`{function}` is not to ask `{}`", call.path));
        }
        let mut given: Vec<(String, String)> = Vec::new();
        for pair in query.split('&').filter(|_| !query.is_empty()) {
            let (name, value) = pair
                .split_once('=')
                .ok_or_else(|| format!("`{pair}` is no parameter"))?;
            if value.contains('=') {
                return Err(format!("`{pair}` has a bare `=` in its value"));
            }
            given.push((name.to_owned(), decoded(value)?));
        }
        let mut used = vec![format!("{} by {function}", call.path)];
        for (name, value) in &given {
            let parameter = call
                .parameters
                .iter()
                .find(|parameter| parameter.name == *name)
                .ok_or_else(|| format!("`{}` takes no `{name}`", call.path))?;
            if !parameter.takes.takes(value) {
                return Err(format!("`{name}` does not take `{}`", value.escape_debug()));
            }
            used.push(format!("{} {name}", call.path));
        }
        for parameter in &call.parameters {
            let values: Vec<&str> = given
                .iter()
                .filter(|(name, _)| *name == parameter.name)
                .map(|(_, value)| value.as_str())
                .collect();
            let name = &parameter.name;
            if values.len() > parameter.most {
                return Err(format!("`{name}` stands {} times", values.len()));
            }
            if parameter.required && values.is_empty() {
                return Err(format!("`{name}` is missing"));
            }
            let distinct: BTreeSet<_> = values.iter().collect();
            if parameter.each_once && distinct.len() < values.len() {
                return Err(format!("`{name}` has a value twice"));
            }
        }
        Ok(used)
    }
}

impl Parameter {
    fn parse(name: &str, text: &str) -> Self {
        let (text, unseen) = match text.strip_suffix(" unseen") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let (required, text) = match text.strip_prefix("required ") {
            Some(text) => (true, text),
            None => (false, text),
        };
        let (text, each_once) = match text.strip_suffix(" each once") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let (text, most) = match text.split_once(" up to ") {
            Some((text, most)) => (text, most.parse().expect("a number of values")),
            None => (text, if each_once { usize::MAX } else { 1 }),
        };
        let takes = match text {
            "id" => Takes::Id,
            "text" => Takes::Text,
            "query" => Takes::Query,
            "cursor" => Takes::Cursor,
            "instant" => Takes::Number(i64::MIN, i64::MAX),
            _ => match text.split_once("..") {
                Some((least, most)) => Takes::Number(
                    least.parse().expect("a lower bound"),
                    most.parse().expect("an upper bound"),
                ),
                None => {
                    let words = text.trim_start_matches('±').split('|');
                    Takes::Words(if text.starts_with('±') {
                        words
                            .flat_map(|word| [word.to_owned(), format!("-{word}")])
                            .collect()
                    } else {
                        words.map(str::to_owned).collect()
                    })
                }
            },
        };
        Self {
            name: name.to_owned(),
            takes,
            most,
            each_once,
            required,
            unseen,
        }
    }
}

impl Takes {
    fn takes(&self, value: &str) -> bool {
        let clean = !value.is_empty() && !value.chars().any(char::is_control);
        match self {
            Self::Id => is_id(value),
            Self::Text => clean && value.chars().count() <= 255,
            // The rest of the URL has room for what this makes of it.
            Self::Query | Self::Cursor => clean,
            Self::Number(least, most) => value.parse::<i64>().is_ok_and(|number| {
                (*least..=*most).contains(&number) && number.to_string() == value
            }),
            Self::Words(words) => words.iter().any(|word| word == value),
        }
    }
}

/// The unreserved characters of a URL.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn is_id(text: &str) -> bool {
    text.parse::<i64>()
        .is_ok_and(|number| number >= 0 && number.to_string() == text)
}

fn matches(template: &str, path: &str) -> bool {
    let (mut wanted, mut found) = (template.split('/'), path.split('/'));
    loop {
        let is = match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some(wanted), Some(found)) => match wanted.trim_matches(['{', '}']) {
                _ if !wanted.starts_with('{') => wanted == found,
                "id" => is_id(found),
                "attachment" => found.strip_prefix("att").is_some_and(is_id),
                "group" => {
                    (1..=255).contains(&found.len())
                        && found
                            .bytes()
                            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
                }
                words => words.split('|').any(|word| word == found),
            },
            _ => false,
        };
        if !is {
            return false;
        }
    }
}

/// Undoes percent-encoding. Written out here, so that it shares no mistake with what it checks.
fn decoded(text: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let pair = [rest.next(), rest.next()]
            .map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
        let [Some(high), Some(low)] = pair else {
            return Err(format!("`{text}` has a broken escape"));
        };
        bytes.push(u8::try_from(high * 16 + low).expect("two digits are a byte"));
    }
    String::from_utf8(bytes).map_err(|_| format!("`{text}` is no UTF-8"))
}

#[test]
fn a_forbidden_request_is_caught() {
    let statement = Statement::read();
    let check = |function, method, url: &str| statement.check(function, method, url);
    let ids = |count: u32| -> String { (1..=count).map(|id| format!("&id={id}")).collect() };
    for url in [
        "/wiki/api/v2/pages",
        "/wiki/api/v2/pages?limit=250",
        "/wiki/api/v2/pages?limit=1&sort=-modified-date&status=current&status=archived",
        "/wiki/api/v2/pages?id=9223372036854775807&cursor=a%2B%2F%3D",
        &format!("/wiki/api/v2/pages?limit=250{}", ids(250)),
    ] {
        assert!(check("list-pages", "GET", url).is_ok(), "{url}");
    }
    for (url, why) in [
        ("/wiki/api/v2/pages?limit=0", "does not take `0`"),
        ("/wiki/api/v2/pages?limit=251", "does not take `251`"),
        ("/wiki/api/v2/pages?limit=025", "does not take"),
        ("/wiki/api/v2/pages?limit=25&limit=25", "2 times"),
        ("/wiki/api/v2/pages?limit=", "does not take ``"),
        ("/wiki/api/v2/pages?limit", "no parameter"),
        ("/wiki/api/v2/pages?", "empty"),
        ("/wiki/api/v2/pages?limit=25&", "no parameter"),
        ("/wiki/api/v2/pages?id=-1", "does not take"),
        ("/wiki/api/v2/pages?id=01", "does not take"),
        ("/wiki/api/v2/pages?id=9223372036854775808", "does not take"),
        ("/wiki/api/v2/pages?id=1%2C2", "does not take"),
        ("/wiki/api/v2/pages?id=1,2", "`,` stands in it"),
        ("/wiki/api/v2/pages?space-id=ENG", "does not take"),
        ("/wiki/api/v2/pages?space-key=ENG", "takes no `space-key`"),
        ("/wiki/api/v2/pages?expand=body", "takes no `expand`"),
        ("/wiki/api/v2/pages?sort=desc", "does not take"),
        ("/wiki/api/v2/pages?body-format=view", "does not take"),
        ("/wiki/api/v2/pages?status=draft", "does not take"),
        ("/wiki/api/v2/pages?status=current&status=current", "twice"),
        ("/wiki/api/v2/pages?cursor=a=", "bare `=`"),
        ("/wiki/api/v2/pages?cursor=a+b", "`+` stands in it"),
        ("/wiki/api/v2/pages?cursor=a%2", "broken escape"),
        ("/wiki/api/v2/pages?cursor=%FF", "no UTF-8"),
        ("/wiki/api/v2/pages?cursor=a%0Ab", "does not take"),
        ("/wiki/api/v2/pages?cursor=a b", "stands in it"),
        ("/wiki/api/v2/pages#x", "stands in it"),
        ("/wiki/api/v2/pages/", "no call"),
        ("/wiki/api/v2//pages", "no call"),
        ("/wiki/api/v2/pages/../spaces", "no call"),
        ("/wiki/api/v2/pages/1%2Flabels", "no call"),
        ("/wiki/api/v2/pages/att1", "no call"),
        ("/wiki/api/v2/attachments/1", "no call"),
        ("/wiki/rest/api/content/1", "no call"),
        ("/api/v2/pages", "no call"),
        ("/wiki/api/v2/tasks", "not to ask"),
        (
            &format!("/wiki/api/v2/pages?limit=250{}", ids(251)),
            "251 times",
        ),
    ] {
        let caught = check("list-pages", "GET", url).expect_err(url);
        assert!(caught.contains(why), "{url}: {caught}");
    }
    assert!(check("list-pages", "POST", "/wiki/api/v2/pages").is_err());
    assert!(
        check(
            "list-custom-content",
            "GET",
            "/wiki/api/v2/custom-content?limit=5"
        )
        .is_err()
    );
    let long = format!("/wiki/rest/api/search?cql={}", "x".repeat(9_000));
    assert!(check("search", "GET", &long).is_err());
}
