//! Where a database is, as a URL says it.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

/// The port of PostgreSQL.
const PORT: u16 = 5432;

/// The schema of a copy, unless the URL names another one.
const SCHEMA: &str = "confluence";

/// Maximum length of a name in PostgreSQL, in bytes.
pub(crate) const MAX_NAME: usize = 63;

/// Why a text is not the address of a database. No message repeats the text, which may contain a
/// password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// It does not begin with `postgresql://` or `postgres://`.
    #[error("the URL of a PostgreSQL database begins with `postgresql://`")]
    Scheme,
    /// It has a password, which other users of the machine could read in the list of processes.
    #[error(
        "the URL contains a password, which every user of this machine can read while the command runs; remove it, and put the password into the variable `PGPASSWORD` or the file `~/.pgpass`"
    )]
    Password,
    /// It names no database.
    #[error("the URL names no database; it is `postgresql://USER@HOST/DATABASE`")]
    Database,
    /// The port is not a number from 1 to 65535.
    #[error("the port in the URL is not a number from 1 to 65535")]
    Port,
    /// It has several hosts.
    #[error("the URL names several hosts; name one")]
    Hosts,
    /// A part of it is not UTF-8 once it is decoded.
    #[error("a part of the URL is not percent-encoded UTF-8")]
    Encoding,
    /// It has a parameter that there is not.
    #[error(
        "the URL has an unknown parameter `{0}`; parameters are `schema`, `sslmode`, `sslrootcert`, `host`, `port` and `user`"
    )]
    Parameter(String),
    /// A schema cannot have this name.
    #[error("`schema` must be 1 to 63 bytes long, and may not begin with `pg_`")]
    Schema,
    /// The value of `sslmode` is unknown, or leaves open whether TLS is used.
    #[error(
        "`sslmode` must be `verify-full` or `require`, which both check the server's certificate and its name, or `disable`"
    )]
    SslMode,
}

/// A host, or the folder of a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    Tcp(String),
    Socket(PathBuf),
}

/// Where a database is. It never contains a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub(crate) host: Host,
    pub(crate) port: u16,
    pub(crate) user: Option<String>,
    pub(crate) database: String,
    pub(crate) schema: String,
    /// Whether the connection is encrypted, and the server's certificate checked.
    pub(crate) is_tls: bool,
    /// A PEM file with the authorities that are trusted instead of the system's.
    pub(crate) authorities: Option<PathBuf>,
}

impl Address {
    /// The schema that the copy is in.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// The same database, with a copy in another schema.
    ///
    /// # Errors
    ///
    /// [`AddressError::Schema`] for a name that PostgreSQL does not allow.
    pub fn with_schema(mut self, schema: impl Into<String>) -> Result<Self, AddressError> {
        self.schema = schema.into();
        check_schema(&self.schema)?;
        Ok(self)
    }
}

fn check_schema(schema: &str) -> Result<(), AddressError> {
    let is_reserved = schema.starts_with("pg_") || schema.contains('\0');
    if schema.is_empty() || schema.len() > MAX_NAME || is_reserved {
        return Err(AddressError::Schema);
    }
    Ok(())
}

/// As in errors: without options.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgresql://")?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match &self.host {
            Host::Tcp(host) if host.contains(':') => write!(f, "[{host}]:{}", self.port)?,
            Host::Tcp(host) => write!(f, "{host}:{}", self.port)?,
            Host::Socket(folder) => write!(f, "{}:{}", folder.display(), self.port)?,
        }
        write!(f, "/{}", self.database)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let rest = text
            .strip_prefix("postgresql://")
            .or_else(|| text.strip_prefix("postgres://"))
            .ok_or(AddressError::Scheme)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, authority),
        };
        if user.is_some_and(|user| user.contains(':')) {
            return Err(AddressError::Password);
        }
        let (host, port) = host_and_port(place)?;
        let mut host = decoded(host)?;
        let mut port = match port {
            Some(port) => port_of(port)?,
            None => PORT,
        };
        let mut user = user.map(decoded).transpose()?;
        let mut schema = Cow::Borrowed(SCHEMA);
        let mut mode = None;
        let mut authorities = None;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(value)?;
            match name {
                "schema" => schema = value,
                "host" => host = value,
                "port" => port = port_of(&value)?,
                "user" => user = Some(value),
                "sslmode" => mode = Some(value),
                "sslrootcert" => authorities = Some(PathBuf::from(value.into_owned())),
                "password" => return Err(AddressError::Password),
                other => {
                    let shown = other.chars().take(MAX_NAME).collect();
                    return Err(AddressError::Parameter(shown));
                }
            }
        }
        check_schema(&schema)?;
        let database = decoded(database)?;
        if database.is_empty() {
            return Err(AddressError::Database);
        }
        let is_tls = match mode.as_deref() {
            Some("verify-full" | "require") => true,
            Some("disable") => false,
            Some(_) => return Err(AddressError::SslMode),
            None => !is_local(&host),
        };
        Ok(Self {
            host: if host.starts_with('/') {
                Host::Socket(PathBuf::from(host.into_owned()))
            } else if host.is_empty() {
                Host::Tcp("localhost".to_owned())
            } else {
                Host::Tcp(host.into_owned())
            },
            port,
            user: user.map(Cow::into_owned).filter(|user| !user.is_empty()),
            database: database.into_owned(),
            schema: schema.into_owned(),
            is_tls,
            authorities,
        })
    }
}

fn host_and_port(place: &str) -> Result<(&str, Option<&str>), AddressError> {
    if place.contains(',') {
        return Err(AddressError::Hosts);
    }
    if let Some((host, rest)) = place
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        return Ok((host, rest.strip_prefix(':')));
    }
    Ok(match place.rsplit_once(':') {
        Some((host, port)) => (host, Some(port).filter(|port| !port.is_empty())),
        None => (place, None),
    })
}

fn port_of(text: &str) -> Result<u16, AddressError> {
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or(AddressError::Port)
}

fn decoded(text: &str) -> Result<Cow<'_, str>, AddressError> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map_err(|_| AddressError::Encoding)
}

/// Whether nobody else can listen on the way to a host.
fn is_local(host: &str) -> bool {
    let is_loopback = host
        .parse::<IpAddr>()
        .is_ok_and(|address| address.is_loopback());
    host.is_empty() || host.starts_with('/') || host == "localhost" || is_loopback
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{Address, AddressError};

    fn shown(text: &str) -> String {
        let address: Address = text.parse().unwrap();
        format!("{address} {} {}", address.schema, address.is_tls)
    }

    #[test]
    fn an_address_has_the_parts_of_its_url() {
        for (text, expected) in [
            (
                "postgresql://me@db.example/wiki",
                "postgresql://me@db.example:5432/wiki confluence true",
            ),
            (
                "postgres://me@localhost:1/wiki?schema=a%20b",
                "postgresql://me@localhost:1/wiki a b false",
            ),
            (
                "postgresql://[::1]:6/wiki?sslmode=verify-full",
                "postgresql://[::1]:6/wiki confluence true",
            ),
            (
                "postgresql:///wiki?host=/run/pg&port=9&user=a%40b",
                "postgresql://a@b@/run/pg:9/wiki confluence false",
            ),
            (
                "postgresql://me@%2Frun%2Fpg/wiki",
                "postgresql://me@/run/pg:5432/wiki confluence false",
            ),
            (
                "postgresql://10.0.0.1/wiki?sslmode=disable",
                "postgresql://10.0.0.1:5432/wiki confluence false",
            ),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn a_password_and_what_is_unclear_are_refused_without_repeating_them() {
        for (text, expected) in [
            ("postgresql://me:hidden@h/d", AddressError::Password),
            ("postgresql://h/d?password=hidden", AddressError::Password),
            ("mysql://hidden", AddressError::Scheme),
            ("postgresql://hidden", AddressError::Database),
            ("postgresql://h:0/hidden", AddressError::Port),
            ("postgresql://hidden,b/d", AddressError::Hosts),
            ("postgresql://h/%ff", AddressError::Encoding),
            ("postgresql://h/d?schema=pg_hidden", AddressError::Schema),
            ("postgresql://h/d?sslmode=prefer", AddressError::SslMode),
            (
                "postgresql://h/d?tls=hidden",
                AddressError::Parameter("tls".to_owned()),
            ),
        ] {
            let refused = text.parse::<Address>().unwrap_err();
            assert!(!refused.to_string().contains("hidden"), "{refused}");
            assert_eq!(refused, expected, "{text}");
        }
    }
}
