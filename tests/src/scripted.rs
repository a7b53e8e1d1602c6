//! A server whose answers a test writes itself, byte for byte: what no real site would send.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request, as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which of all requests to the server it is, from 1.
    pub number: usize,
    /// Which of those on its connection it is, from 1.
    pub on_connection: usize,
    /// Request line and headers, with the empty line at the end.
    pub head: String,
    /// As many bytes as `content-length` says.
    pub body: Vec<u8>,
}

impl Asked {
    /// The path of the request line, with its query.
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// Head and body.
    pub fn text(&self) -> String {
        format!("{}{}", self.head, String::from_utf8_lossy(&self.body))
    }
}

/// What the server does with a request. Bytes are sent as they stand, heads too.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Sends this, and waits for the next request of the connection.
    Sends(Vec<u8>),
    /// Works on it for so many turns of the runtime, whether the connection is still there or not,
    /// and then sends this.
    Works(usize, Vec<u8>),
    /// Sends this, and closes.
    Closes(Vec<u8>),
    /// Sends this, and then nothing until the other side closes.
    Hangs(Vec<u8>),
    /// Sends the first, and the second again and again, with such a pause after each.
    Repeats(Vec<u8>, Vec<u8>, Duration),
}

/// An answer of this status and these headers, lines of which end with `\r\n`, with the length of
/// its body, and then the body.
pub fn answer(head: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

#[derive(Debug, Default)]
struct Seen {
    requests: Mutex<Vec<Asked>>,
    connections: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
    at_work: AtomicUsize,
    most_at_work: AtomicUsize,
}

impl Seen {
    fn requests(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A port that nothing listens on yet but that is taken, so that answers can name the address.
pub struct Address {
    listener: TcpListener,
    authority: String,
}

impl Address {
    /// A free port of this machine.
    pub async fn free() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a listener has an address");
        Self {
            listener,
            authority: address.to_string(),
        }
    }

    /// `http://HOST:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.authority)
    }

    /// Starts a server there.
    pub fn serve(self, script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Scripted {
        let server = Scripted {
            authority: self.authority,
            seen: Arc::default(),
        };
        let (seen, script) = (Arc::clone(&server.seen), Arc::new(script));
        let listener = self.listener;
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.connections.fetch_add(1, Ordering::SeqCst);
                let open = seen.open.fetch_add(1, Ordering::SeqCst) + 1;
                seen.most_open.fetch_max(open, Ordering::SeqCst);
                let (seen, script) = (Arc::clone(&seen), Arc::clone(&script));
                tokio::spawn(async move {
                    // A client that goes away is no failure of the server's.
                    let _ = converse(stream, &seen, &*script).await;
                    seen.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        server
    }
}

/// A server that runs until the runtime ends. It speaks HTTP/1.1 without TLS.
#[derive(Debug)]
pub struct Scripted {
    authority: String,
    seen: Arc<Seen>,
}

impl Scripted {
    /// Starts a server on a free port of this machine.
    pub async fn start(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Address::free().await.serve(script)
    }

    /// `HOST:PORT`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// `http://HOST:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.authority)
    }

    /// What was asked until now, in order.
    pub fn requests(&self) -> Vec<Asked> {
        self.seen.requests().clone()
    }

    /// The heads of what was asked until now, in order.
    pub fn heads(&self) -> Vec<String> {
        self.requests()
            .into_iter()
            .map(|asked| asked.head)
            .collect()
    }

    /// The same, and forgets it.
    pub fn take_heads(&self) -> Vec<String> {
        let asked = std::mem::take(&mut *self.seen.requests());
        asked.into_iter().map(|asked| asked.head).collect()
    }

    /// Connections that were opened until now.
    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// Connections that are open.
    pub fn open(&self) -> usize {
        self.seen.open.load(Ordering::SeqCst)
    }

    /// Connections that were open at once, at most.
    pub fn most_open(&self) -> usize {
        self.seen.most_open.load(Ordering::SeqCst)
    }

    /// Requests that were not answered yet at once, at most; also those whose connection is gone.
    pub fn most_at_work(&self) -> usize {
        self.seen.most_at_work.load(Ordering::SeqCst)
    }
}

async fn converse(
    mut stream: TcpStream,
    seen: &Seen,
    script: &(impl Fn(&Asked) -> Reply + Send + Sync),
) -> std::io::Result<()> {
    let mut rest = Vec::new();
    for on_connection in 1.. {
        let Some((head, body)) = request(&mut stream, &mut rest).await? else {
            break;
        };
        let asked = {
            let mut requests = seen.requests();
            let asked = Asked {
                number: requests.len() + 1,
                on_connection,
                head,
                body,
            };
            requests.push(asked.clone());
            asked
        };
        let at_work = seen.at_work.fetch_add(1, Ordering::SeqCst) + 1;
        seen.most_at_work.fetch_max(at_work, Ordering::SeqCst);
        let reply = script(&asked);
        if let Reply::Works(turns, _) = reply {
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
        }
        if !matches!(reply, Reply::Hangs(_)) {
            seen.at_work.fetch_sub(1, Ordering::SeqCst);
        }
        match reply {
            Reply::Sends(bytes) | Reply::Works(_, bytes) => stream.write_all(&bytes).await?,
            Reply::Closes(bytes) => {
                stream.write_all(&bytes).await?;
                return stream.shutdown().await;
            }
            Reply::Hangs(bytes) => {
                stream.write_all(&bytes).await?;
                // Bytes that still come are of no interest; the request stays at work.
                while stream.read(&mut [0; 1024]).await? > 0 {}
                return Ok(());
            }
            Reply::Repeats(first, piece, pause) => {
                stream.write_all(&first).await?;
                loop {
                    stream.write_all(&piece).await?;
                    if !pause.is_zero() {
                        tokio::time::sleep(pause).await;
                    }
                }
            }
        }
    }
    Ok(())
}

/// The next request, head and body; `None` when the other side closes before one is whole.
async fn request(
    stream: &mut TcpStream,
    bytes: &mut Vec<u8>,
) -> std::io::Result<Option<(String, Vec<u8>)>> {
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end + 4]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_length = name.eq_ignore_ascii_case("content-length");
                value.trim().parse::<usize>().ok().filter(|_| is_length)
            });
            let whole = end + 4 + length.unwrap_or_default();
            if bytes.len() >= whole {
                let body = bytes[end + 4..whole].to_vec();
                bytes.drain(..whole);
                return Ok(Some((head, body)));
            }
        }
        let mut piece = [0; 16_384];
        match stream.read(&mut piece).await? {
            0 => return Ok(None),
            length => bytes.extend_from_slice(&piece[..length]),
        }
    }
}
