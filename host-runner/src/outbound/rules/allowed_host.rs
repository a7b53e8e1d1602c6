//! Hosts beside the connection's site that a level lets requests go to: `network.allow-hosts`.
//!
//! An entry is parsed once, when its file is read, into a type that cannot lead elsewhere: a scheme,
//! a name, a port, and a path. Names alone, since an address in an entry could be one of this
//! network; what a name resolves to is checked when it is dialled.

use std::fmt;
use std::str::FromStr;

use http::Uri;

use host_levels::{
    Bound, Effective, Kind, Level, LevelPath, Precedence, Setting, Value, is_unambiguous,
};

/// The hosts that may be asked beside the site.
const ALLOW_HOSTS: &str = "network.allow-hosts";

/// The setting of hosts beside the site.
pub(crate) const SETTINGS: &[Setting] = &[Setting {
    key: ALLOW_HOSTS,
    kind: Kind::List(check),
    precedence: Precedence::Restricts(Bound::Within(covers_allowed_host)),
    documentation: "Hosts besides the site that a component can reach: `https://api.example.com`, or `https://*.example.com:8443/prefix/` for all hosts below a suffix, with a port and a path prefix. Only GET requests to public addresses are sent to them, without a credential; redirects are not followed. An empty list denies all.",
    default: || Some(Value::List(Vec::new())),
}];

/// A host, or all hosts below a suffix, with a scheme, a port, and what paths there begin with.
///
/// Accepted are `https://api.example.com`, `https://*.example.com:8443/prefix/` and
/// `http://files.example.com`. A port that is not named is the scheme's own. `/prefix` is that path
/// and all below it, `/prefix/` what is below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AllowedHost {
    is_secure: bool,
    /// In lower case.
    name: String,
    /// Whether it is the hosts below the name, and not the one of that name.
    is_suffix: bool,
    port: u16,
    /// Begins with a slash.
    prefix: String,
}

/// Why a text is no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AllowedHostError {
    /// It does not begin with one of the two schemes.
    #[error(
        "an allowed host must start with `https://` or `http://`, such as `https://api.example.com` or `https://*.example.com:8443/prefix/`"
    )]
    Scheme,
    /// A user or a password stands before the host. It is not repeated.
    #[error(
        "an allowed host cannot have a user and password, because requests to it carry no credential: remove everything before the `@`"
    )]
    UserInfo,
    /// What stands there is no name of a host.
    #[error(
        "the host is not a valid name: use letters, digits, `-` and `.` (`xn--…` for others), with the prefix `*.` for all hosts below it"
    )]
    Name,
    /// It is an address.
    #[error("the host is an address: use its name, so that its address is checked on each request")]
    Address,
    /// It is this machine.
    #[error("the host is this machine, which only connections can reach")]
    ThisMachine,
    /// The port is none.
    #[error("the port must be between 1 and 65535")]
    Port,
    /// The path could be read in two ways.
    #[error(
        "the path must consist of letters, digits and `-._~` between single slashes, without `.`, `..`, query and fragment"
    )]
    Path,
}

/// The port of a scheme.
fn usual_port(is_secure: bool) -> u16 {
    if is_secure { 443 } else { 80 }
}

impl FromStr for AllowedHost {
    type Err = AllowedHostError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (is_secure, rest) = match text.split_once("://") {
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) => (false, rest),
            _ => return Err(AllowedHostError::Scheme),
        };
        if rest.contains('@') {
            return Err(AllowedHostError::UserInfo);
        }
        let (authority, prefix) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        if authority.starts_with('[') {
            return Err(AllowedHostError::Address);
        }
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, read_port(port).ok_or(AllowedHostError::Port)?),
            None => (authority, usual_port(is_secure)),
        };
        let (name, is_suffix) = match host.strip_prefix("*.") {
            Some(suffix) => (suffix, true),
            None => (host, false),
        };
        if !is_name(name) {
            return Err(AllowedHostError::Name);
        }
        let last = name.rsplit('.').next().unwrap_or_default();
        // `127.1` and `0x7f000001` are addresses, too.
        if last.bytes().all(|byte| byte.is_ascii_digit())
            || last.to_ascii_lowercase().starts_with("0x")
        {
            return Err(AllowedHostError::Address);
        }
        if last.eq_ignore_ascii_case("localhost") {
            return Err(AllowedHostError::ThisMachine);
        }
        if !is_plain(prefix) {
            return Err(AllowedHostError::Path);
        }
        Ok(Self {
            is_secure,
            name: name.to_ascii_lowercase(),
            is_suffix,
            port,
            prefix: prefix.to_owned(),
        })
    }
}

fn check(text: &str) -> Result<(), String> {
    text.parse::<AllowedHost>()
        .map(drop)
        .map_err(|error| error.to_string())
}

/// Whether one of some entries has all that another has.
fn covers_allowed_host(wide: &[String], narrow: &str) -> bool {
    let Ok(narrow) = narrow.parse::<AllowedHost>() else {
        return false;
    };
    parsed(wide).any(|(_, wide)| wide.covers(&narrow))
}

/// The hosts of a list that parse, with their texts.
fn parsed(texts: &[String]) -> impl Iterator<Item = (&str, AllowedHost)> {
    texts
        .iter()
        .filter_map(|text| Some((text.as_str(), text.parse().ok()?)))
}

/// A port as it is written in one way only.
fn read_port(text: &str) -> Option<u16> {
    let port = text.parse::<u16>().ok().filter(|port| *port != 0)?;
    (port.to_string() == text).then_some(port)
}

/// Whether a text is labels of letters, digits and hyphens with dots between them.
fn is_name(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

/// Whether every server reads a path alike.
fn is_plain(path: &str) -> bool {
    let inner = path.strip_prefix('/').unwrap_or_default();
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let is_segment = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    path == "/" || inner.split('/').all(is_segment)
}

impl AllowedHost {
    /// Whether a request may go to `uri`: the same scheme and port, a host that this is, and a path
    /// below the prefix that every server reads alike.
    pub(crate) fn has(&self, uri: &Uri) -> bool {
        let scheme = if self.is_secure { "https" } else { "http" };
        let Some(authority) = uri.authority().map(|authority| authority.as_str()) else {
            return false;
        };
        // Whoever writes a port in another way, or a user before the host, is not let through.
        let host = match authority.split_once(':') {
            Some((host, port)) => Some(host).filter(|_| read_port(port) == Some(self.port)),
            None => Some(authority).filter(|_| self.port == usual_port(self.is_secure)),
        };
        uri.scheme_str() == Some(scheme)
            && host.is_some_and(|host| self.has_name(host))
            && self.has_path(uri.path())
            && is_unambiguous(uri.path())
    }

    /// Whether it is spoken to over TLS.
    pub(in crate::outbound) fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// Whether it is one host, and not all those below a suffix.
    pub(in crate::outbound) fn is_one_host(&self) -> bool {
        !self.is_suffix
    }

    fn has_name(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        if !self.is_suffix {
            return host == self.name;
        }
        is_name(&host)
            && host
                .strip_suffix(self.name.as_str())
                .is_some_and(|front| front.len() > 1 && front.ends_with('.'))
    }

    fn has_path(&self, path: &str) -> bool {
        path.strip_prefix(self.prefix.as_str()).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with('/') || self.prefix.ends_with('/')
        })
    }

    /// Whether everything that `other` has, this has as well.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let has_name = match (self.is_suffix, other.is_suffix) {
            (true, true) => self.name == other.name || self.has_name(&other.name),
            (false, true) => false,
            (_, false) => self.has_name(&other.name),
        };
        self.is_secure == other.is_secure
            && self.port == other.port
            && has_name
            && self.has_path(&other.prefix)
    }
}

impl fmt::Display for AllowedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "https" } else { "http" };
        let star = if self.is_suffix { "*." } else { "" };
        write!(f, "{scheme}://{star}{}", self.name)?;
        if self.port != usual_port(self.is_secure) {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.prefix)
    }
}

/// The entries that are in force for an app.
#[derive(Debug, Clone)]
pub(crate) struct AllowedHosts {
    /// The app, which shares its requests there with no other.
    pub(crate) app: LevelPath,
    pub(crate) entries: Vec<AllowedHost>,
}

impl AllowedHosts {
    /// The hosts in force.
    pub(crate) fn in_force(effective: &Effective) -> Self {
        Self {
            app: effective.scope().path(Level::App),
            // Files are read strictly, so that each one parses.
            entries: parsed(&effective.list(ALLOW_HOSTS))
                .map(|(_, host)| host)
                .collect(),
        }
    }

    /// The entry that lets a request go to `uri`.
    pub(in crate::outbound) fn entry(&self, uri: &Uri) -> Option<&AllowedHost> {
        self.entries.iter().find(|entry| entry.has(uri))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{AllowedHost, AllowedHostError};

    fn parse(text: &str) -> AllowedHost {
        text.parse().unwrap()
    }

    fn has(entry: &str, uri: &str) -> bool {
        parse(entry).has(&uri.parse().unwrap())
    }

    #[test]
    fn an_entry_is_shown_as_it_is_understood() {
        for (text, shown) in [
            ("https://api.example.com", "https://api.example.com/"),
            ("https://API.example.com:443/", "https://api.example.com/"),
            (
                "https://*.example.com:8443/a/",
                "https://*.example.com:8443/a/",
            ),
            (
                "http://files.example.com/a-b/c_d.e~f",
                "http://files.example.com/a-b/c_d.e~f",
            ),
            (
                "http://files.example.com:443",
                "http://files.example.com:443/",
            ),
            (
                "https://xn--bcher-kva.example",
                "https://xn--bcher-kva.example/",
            ),
        ] {
            assert_eq!(parse(text).to_string(), shown);
            assert_eq!(parse(shown), parse(text));
        }
    }

    #[test]
    fn what_is_no_entry_is_refused_with_its_reason() {
        use AllowedHostError as Why;
        for (text, why) in [
            ("", Why::Scheme),
            ("*", Why::Scheme),
            ("api.example.com", Why::Scheme),
            ("*.example.com", Why::Scheme),
            ("ftp://api.example.com", Why::Scheme),
            ("HTTPS://api.example.com", Why::Scheme),
            ("https:api.example.com", Why::Scheme),
            ("https://me@api.example.com", Why::UserInfo),
            ("https://me:sesame@api.example.com/a", Why::UserInfo),
            ("https://", Why::Name),
            ("https:///a", Why::Name),
            ("https://*", Why::Name),
            ("https://*.", Why::Name),
            ("https://*.*.com", Why::Name),
            ("https://a.*.com", Why::Name),
            ("https://a*.example.com", Why::Name),
            ("https://api..example.com", Why::Name),
            ("https://api.example.com.", Why::Name),
            ("https://b\u{fc}cher.example", Why::Name),
            ("https://api.example.com\\a", Why::Name),
            ("https://api.example.com?x=1", Why::Name),
            ("https://api.example.com#x", Why::Name),
            (" https://api.example.com", Why::Scheme),
            ("https://api.example.com ", Why::Name),
            ("https://api.exa\tmple.com", Why::Name),
            ("https://10.0.0.1", Why::Address),
            ("https://104.192.136.1/a", Why::Address),
            ("https://2130706433", Why::Address),
            ("https://127.1", Why::Address),
            ("https://0x7f000001", Why::Address),
            ("https://[::1]", Why::Address),
            ("https://*.0.0.1", Why::Address),
            ("https://localhost", Why::ThisMachine),
            ("http://LocalHost:8080", Why::ThisMachine),
            ("http://api.localhost", Why::ThisMachine),
            ("http://*.localhost", Why::ThisMachine),
            ("https://api.example.com:", Why::Port),
            ("https://api.example.com:0", Why::Port),
            ("https://api.example.com:0443", Why::Port),
            ("https://api.example.com:+443", Why::Port),
            ("https://api.example.com:65536", Why::Port),
            ("https://api.example.com:a", Why::Port),
            ("https://api.example.com:1:2", Why::Port),
            ("https://api.example.com//", Why::Path),
            ("https://api.example.com/a//b", Why::Path),
            ("https://api.example.com/a/../b", Why::Path),
            ("https://api.example.com/./b", Why::Path),
            ("https://api.example.com/..", Why::Path),
            ("https://api.example.com/%61", Why::Path),
            ("https://api.example.com/a?b", Why::Path),
            ("https://api.example.com/a#b", Why::Path),
            ("https://api.example.com/a b", Why::Path),
            ("https://api.example.com/a;b", Why::Path),
            ("https://api.example.com/a,b", Why::Path),
            ("https://api.example.com/a\\b", Why::Path),
        ] {
            assert_eq!(text.parse::<AllowedHost>(), Err(why), "{text}");
        }
        assert!(!Why::UserInfo.to_string().contains("sesame"));
    }

    #[test]
    fn a_host_is_itself_and_a_suffix_is_what_is_below_it() {
        for uri in [
            "https://api.example.com",
            "https://api.example.com/a?b=c",
            "https://API.Example.com:443/a",
        ] {
            assert!(has("https://api.example.com", uri), "{uri}");
        }
        for uri in [
            "http://api.example.com/",
            "https://api.example.com:8443/",
            "https://api.example.com:0443/",
            "https://api.example.com:/",
            "https://api.example.com./",
            "https://example.com/",
            "https://a.api.example.com/",
            "https://evilapi.example.com/",
            "https://api.example.com.evil.example/",
            "https://me@api.example.com/",
            "https://api.example.com@evil.example/",
            "/a",
        ] {
            assert!(!has("https://api.example.com", uri), "{uri}");
        }
        for uri in [
            "https://a.example.com:8443/x",
            "https://b.a.EXAMPLE.com:8443/x",
        ] {
            assert!(has("https://*.example.com:8443", uri), "{uri}");
        }
        for uri in [
            "https://example.com:8443/x",
            "https://.example.com:8443/x",
            "https://evilexample.com:8443/x",
            "https://a.example.com/x",
            "https://a.example.com:443/x",
            "https://me@a.example.com:8443/x",
            "https://evil.example:8443/a.example.com",
            "https://a.example.com.evil.example:8443/x",
        ] {
            assert!(!has("https://*.example.com:8443", uri), "{uri}");
        }
    }

    #[test]
    fn a_path_is_below_the_prefix_on_whole_segments() {
        for (prefix, path, wanted) in [
            ("/a", "/a", true),
            ("/a", "/a/", true),
            ("/a", "/a/b", true),
            ("/a", "/ab", false),
            ("/a", "/A/b", false),
            ("/a", "/b/a", false),
            ("/a", "/", false),
            ("/a", "//a", false),
            ("/a", "/%61/b", false),
            ("/a/", "/a", false),
            ("/a/", "/a/", true),
            ("/a/", "/a/b", true),
            ("/a/", "/a/../b", false),
            ("/a/", "/a/%2e%2E/b", false),
            ("/a/", "/a/..;x/b", false),
            ("/a/", "/a/..%2fb", false),
            ("/a/", "/a/%252e%252e/b", false),
            ("/a/", "/a/..\\b", false),
            ("", "/b/../c", false),
            ("", "/b/c", true),
        ] {
            let entry = format!("https://api.example.com{prefix}");
            let uri = format!("https://api.example.com{path}");
            assert_eq!(has(&entry, &uri), wanted, "{prefix} {path}");
        }
    }

    #[test]
    fn an_entry_covers_what_is_no_wider() {
        for (wide, narrow) in [
            ("https://a.example", "https://A.example:443/"),
            ("https://a.example", "https://a.example/b/"),
            ("https://a.example/b", "https://a.example/b/c"),
            ("https://a.example/b", "https://a.example/b/"),
            ("https://*.example", "https://a.example"),
            ("https://*.example", "https://*.a.example/b"),
            ("https://*.example:1", "https://*.example:1"),
        ] {
            assert!(parse(wide).covers(&parse(narrow)), "{wide} {narrow}");
        }
        for (wide, narrow) in [
            ("https://a.example", "http://a.example"),
            ("https://a.example", "https://a.example:444"),
            ("https://a.example", "https://b.example"),
            ("https://a.example", "https://*.a.example"),
            ("https://a.example/b", "https://a.example"),
            ("https://a.example/b", "https://a.example/bc"),
            ("https://a.example/b/", "https://a.example/b"),
            ("https://*.a.example", "https://a.example"),
            ("https://*.a.example", "https://*.example"),
            ("https://*.a.example", "https://evila.example"),
            ("https://*.a.example", "https://*.evila.example"),
        ] {
            assert!(!parse(wide).covers(&parse(narrow)), "{wide} {narrow}");
        }
    }
}
