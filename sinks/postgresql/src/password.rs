//! Where the password of a database comes from: never from an argument.

use std::path::PathBuf;

use crate::address::{Address, Host};

/// The password for a database: of the variable `PGPASSWORD`, or of a line of the file that
/// `PGPASSFILE` names, by default `~/.pgpass`. None: the server may need none.
pub(crate) fn password(address: &Address, user: &str) -> Option<String> {
    let variable = std::env::var("PGPASSWORD").ok();
    if let Some(password) = variable.filter(|password| !password.is_empty()) {
        return Some(password);
    }
    let file = std::env::var_os("PGPASSFILE").map(PathBuf::from);
    let file = file.or_else(|| Some(std::env::home_dir()?.join(".pgpass")))?;
    if !is_private(&file) {
        return None;
    }
    let text = std::fs::read_to_string(file).ok()?;
    let host = match &address.host {
        Host::Tcp(host) => host.as_str(),
        Host::Socket(_) => "localhost",
    };
    let port = address.port.to_string();
    text.lines()
        .find_map(|line| of_line(line, [host, &port, &address.database, user]))
}

/// Whether nobody else may read a file: other clients ignore one that others may read, too.
fn is_private(file: &std::path::Path) -> bool {
    let Ok(metadata) = std::fs::metadata(file) else {
        return false;
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        metadata.is_file() && metadata.mode() & 0o077 == 0
    }
    #[cfg(not(unix))]
    metadata.is_file()
}

/// The password of a line `host:port:database:user:password`, if the others match. `*` matches all,
/// and a backslash takes the character after it as it is.
fn of_line(line: &str, wanted: [&str; 4]) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut characters = line.chars();
    for wanted in wanted {
        let mut field = String::new();
        let mut is_plain = true;
        loop {
            match characters.next()? {
                ':' => break,
                '\\' => {
                    is_plain = false;
                    field.push(characters.next()?);
                }
                other => field.push(other),
            }
        }
        if field != wanted && !(is_plain && field == "*") {
            return None;
        }
    }
    let mut password = String::new();
    while let Some(next) = characters.next() {
        password.push(match next {
            '\\' => characters.next()?,
            other => other,
        });
    }
    Some(password)
}

#[cfg(test)]
mod tests {
    use super::of_line;

    #[test]
    fn a_line_has_the_password_of_the_database_that_it_names() {
        let of = |line| of_line(line, ["h", "5432", "d", "a:b"]);
        assert_eq!(of(r"h:5432:d:a\:b:se\:cr\\et"), Some(r"se:cr\et".into()));
        assert_eq!(of("*:*:*:*:it"), Some("it".into()));
        for other in ["h:1:d:*:it", "# *:*:*:*:it", "h:5432:d", r"\*:*:*:*:it"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
