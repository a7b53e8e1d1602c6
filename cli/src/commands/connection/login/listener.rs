//! The listener that a browser is sent back to.
//!
//! It serves one path, on both loopback addresses, until the first callback of this login. Whoever
//! connects and says nothing has a task and a time limit of its own, and holds nobody up.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use host_runner::{AuthorizationCode, Callback, LoginRequest, RedirectUri};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use zeroize::Zeroizing;

use super::of_callback;
use crate::exit::Failure;

/// How long a browser may take to send a request.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longest head of a request, in bytes. Cookies of `localhost` come along.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Connections at once. Browsers open a few ahead of need.
const MAX_CONNECTIONS: usize = 512;

/// A request whose head is here.
struct Asked {
    stream: TcpStream,
    /// `None` for everything but a GET.
    target: Option<Zeroizing<String>>,
}

pub(super) struct Listener {
    listeners: Vec<TcpListener>,
}

impl Listener {
    /// Listens at the port of a redirect URI, on both loopback addresses.
    pub(super) async fn bind(uri: &RedirectUri) -> Result<Self, Failure> {
        let port = uri.port();
        let mut listeners = Vec::new();
        let addresses: [SocketAddr; 2] = [
            (Ipv4Addr::LOCALHOST, port).into(),
            (Ipv6Addr::LOCALHOST, port).into(),
        ];
        for address in addresses {
            match TcpListener::bind(address).await {
                Ok(listener) => listeners.push(listener),
                // Machines without IPv6 have no such address.
                Err(error) if address.is_ipv6() && error.kind() != io::ErrorKind::AddrInUse => {}
                Err(source) => {
                    return Err(Failure::Listen {
                        port,
                        uri: uri.to_string(),
                        source,
                    });
                }
            }
        }
        Ok(Self { listeners })
    }

    /// Waits for the callback of this login.
    pub(super) async fn wait(self, request: &LoginRequest) -> Result<AuthorizationCode, Failure> {
        let mut asking: JoinSet<Option<Asked>> = JoinSet::new();
        let accept = |number: usize| {
            let listener = self.listeners.get(number);
            async move {
                match listener {
                    Some(listener) => listener.accept().await,
                    None => std::future::pending().await,
                }
            }
        };
        loop {
            let is_full = asking.len() >= MAX_CONNECTIONS;
            let accepted = tokio::select! {
                Some(asked) = asking.join_next() => {
                    if let Ok(Some(asked)) = asked
                        && let Some(ended) = answer(asked, request).await
                    {
                        return ended;
                    }
                    continue;
                }
                accepted = accept(0), if !is_full => accepted,
                accepted = accept(1), if !is_full => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    asking.spawn(read(stream));
                }
                // Out of descriptors, mostly.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

/// Reads the head of one request.
async fn read(mut stream: TcpStream) -> Option<Asked> {
    let head = async {
        let mut head = Zeroizing::new(Vec::with_capacity(4096));
        let mut piece = Zeroizing::new([0; 4096]);
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            let count = stream.read(&mut *piece).await.ok()?;
            let read = piece.get(..count)?;
            if count == 0 || head.len() + count > MAX_HEAD_BYTES {
                return None;
            }
            head.extend_from_slice(read);
        }
        let line = head.split(|byte| *byte == b'\r').next()?;
        let line = std::str::from_utf8(line).ok()?;
        let mut words = line.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        Some((method == "GET").then(|| Zeroizing::new(target.to_owned())))
    };
    let target = tokio::time::timeout(PATIENCE, head).await.ok()??;
    Some(Asked { stream, target })
}

/// Answers a request. How the login ends, if it does.
async fn answer(
    mut asked: Asked,
    request: &LoginRequest,
) -> Option<Result<AuthorizationCode, Failure>> {
    let target = asked.target.take();
    let target = target.as_deref().map_or("", String::as_str);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != request.redirect_uri().path() {
        say(&mut asked.stream, "404 Not Found", "Nothing is here", "").await;
        return None;
    }
    let callback = request.callback(query);
    let page = match &callback {
        Callback::Code(_) => (
            "200 OK",
            "Login received",
            "Return to the terminal. You can close this page.",
        ),
        Callback::Declined => (
            "200 OK",
            "Login declined",
            "Nothing was stored. You can close this page.",
        ),
        Callback::WrongState => (
            "400 Bad Request",
            "Not this login",
            "The `state` of this address is missing or belongs to another login. Open the URL that the terminal shows.",
        ),
        _ => (
            "400 Bad Request",
            "Login failed",
            "The terminal shows why. You can close this page.",
        ),
    };
    let (status, title, text) = page;
    say(&mut asked.stream, status, title, text).await;
    match of_callback(callback) {
        Ok(Some(code)) => Some(Ok(code)),
        Ok(None) => None,
        Err(failure) => Some(Err(failure)),
    }
}

/// Sends a page. A browser that does not wait for it is the browser's affair.
async fn say(stream: &mut TcpStream, status: &str, title: &str, text: &str) {
    let body = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>\n"
    );
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let sent = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await
    };
    let _ = tokio::time::timeout(PATIENCE, sent).await;
}
