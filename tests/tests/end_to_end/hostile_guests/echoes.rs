//! Guests that want to learn the credential from answers that repeat it, or a part of it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use async_compression::tokio::write::{BrotliEncoder, GzipEncoder, ZstdEncoder};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use host_runner::{
    CallError, ConnectionDefinition, Endpoint, Expected, Level, Limits, Receipt, Scheme, Scope,
    Token, TokenKind, bind,
};
use http::{Request, Response, header};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use wasmtime::component::Val;

use super::{Stage, error, guest, run};
use crate::front::{AUTHORITY, acceptor};

const CERTIFICATE: &[u8] = include_bytes!("../../../certificates/site.pem");
const KEY: &[u8] = include_bytes!("../../../certificates/site.key.pem");

/// What answers repeat.
const TOKEN: &str = "sesame-open-0123456789";
/// A token of the same length, of which no answer has anything.
const OTHER: &str = "QUARTZ+JUDGE+VOW+PHLYX";

/// More than what was joined to one piece when pieces were as they came.
const FILLER: usize = 5000;

/// An answer: its status, the parts that it is sent in, and whether it breaks off after them.
#[derive(Clone)]
struct Scripted {
    status: u16,
    parts: Vec<Vec<u8>>,
    breaks_off: bool,
}

impl Scripted {
    fn of(parts: impl IntoIterator<Item = String>) -> Self {
        Self {
            status: 200,
            parts: parts.into_iter().map(String::into_bytes).collect(),
            breaks_off: false,
        }
    }

    fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    fn breaking_off(self) -> Self {
        Self {
            breaks_off: true,
            ..self
        }
    }
}

/// How answers are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sending {
    Chunked,
    WithLength,
    Gzip,
    Brotli,
    Zstd,
    Tls,
    Http2,
}

/// Its parts, one after the other.
struct Parts {
    left: VecDeque<Bytes>,
    breaks_off: bool,
    written: Written,
    /// How much the connection has written when all parts are with the client. Before that, it does not
    /// break off: whether the client gets what is still here would be chance.
    complete_at: usize,
}

/// How much a connection has written.
type Written = Arc<AtomicUsize>;

/// A connection that counts what it writes.
struct Counted {
    stream: TcpStream,
    written: Written,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.written.fetch_add(written, Ordering::SeqCst);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Body for Parts {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let is_written = self.written.load(Ordering::SeqCst) >= self.complete_at;
        if self.left.is_empty() && self.breaks_off && !is_written {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(match self.left.pop_front() {
            Some(part) => Some(Ok(Frame::data(part))),
            None if self.breaks_off => Some(Err(io::ErrorKind::Other.into())),
            None => None,
        })
    }
}

macro_rules! flushed {
    ($encoder:ident, $parts:expr) => {{
        let mut encoder = $encoder::new(Vec::new());
        let (mut packed, mut before) = (Vec::new(), 0);
        for part in $parts {
            encoder.write_all(part).await.unwrap();
            encoder.flush().await.unwrap();
            packed.push(encoder.get_ref()[before..].to_vec());
            before = encoder.get_ref().len();
        }
        encoder.shutdown().await.unwrap();
        packed.push(encoder.get_ref()[before..].to_vec());
        packed
    }};
}

impl Sending {
    async fn answer(self, scripted: &Scripted, written: Written) -> Response<Parts> {
        let mut answer = Response::builder()
            .status(scripted.status)
            .header(header::CONTENT_TYPE, "text/plain");
        let (coding, parts) = match self {
            Self::Gzip => (Some("gzip"), flushed!(GzipEncoder, &scripted.parts)),
            Self::Brotli => (Some("br"), flushed!(BrotliEncoder, &scripted.parts)),
            Self::Zstd => (Some("zstd"), flushed!(ZstdEncoder, &scripted.parts)),
            _ => (None, scripted.parts.clone()),
        };
        if let Some(coding) = coding {
            answer = answer.header(header::CONTENT_ENCODING, coding);
        }
        let length: usize = parts.iter().map(Vec::len).sum();
        if self == Self::WithLength {
            let missing = usize::from(scripted.breaks_off);
            answer = answer.header(header::CONTENT_LENGTH, length + missing);
        }
        let body = Parts {
            left: parts.into_iter().map(Bytes::from).collect(),
            breaks_off: scripted.breaks_off,
            complete_at: written.load(Ordering::SeqCst) + length,
            written,
        };
        answer.body(body).unwrap()
    }
}

/// A site whose answers depend on the query of a request.
struct Site {
    address: String,
    requests: Arc<AtomicUsize>,
}

impl Site {
    async fn start(
        sending: Sending,
        answers: impl Fn(&str) -> Scripted + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self {
            address: listener.local_addr().unwrap().to_string(),
            requests: Arc::default(),
        };
        let tls = match sending {
            Sending::Tls => Some(acceptor(CERTIFICATE, KEY, &[b"http/1.1"])),
            Sending::Http2 => Some(acceptor(CERTIFICATE, KEY, &[b"h2"])),
            _ => None,
        };
        let (answers, requests) = (Arc::new(answers), Arc::clone(&site.requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, requests) = (Arc::clone(&answers), Arc::clone(&requests));
                let tls = tls.clone();
                tokio::spawn(async move {
                    let written = Written::default();
                    let stream = Counted {
                        stream,
                        written: Arc::clone(&written),
                    };
                    let service = service_fn(move |request: Request<Incoming>| {
                        requests.fetch_add(1, Ordering::SeqCst);
                        let answer = answers(request.uri().query().unwrap_or_default());
                        let written = Arc::clone(&written);
                        async move { Ok::<_, Infallible>(sending.answer(&answer, written).await) }
                    });
                    let server = auto::Builder::new(TokioExecutor::new());
                    // A client that goes away is no failure of the site's.
                    let _ = match tls {
                        None => server.serve_connection(TokioIo::new(stream), service).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => {
                                server.serve_connection(TokioIo::new(stream), service).await
                            }
                            Err(_) => return,
                        },
                    };
                });
            }
        });
        site
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// A host with a guest and a connection to the site.
    async fn stage(
        &self,
        component: Vec<u8>,
        limits: Limits,
        sending: Sending,
        token: &str,
    ) -> Stage {
        let stage = Stage::with_limits(component, limits);
        let is_tls = matches!(sending, Sending::Tls | Sending::Http2);
        let scheme = if is_tls { "https" } else { "http" };
        stage.set_cluster("network.allow-loopback", "true");
        stage.set_cluster("network.ca-file", AUTHORITY);
        let definition = ConnectionDefinition::new(
            Endpoint::parse(&format!("{scheme}://{}", self.address)).unwrap(),
            Scheme::Basic {
                user: "me@example.com".to_owned(),
            },
            TokenKind::Unscoped,
        );
        stage
            .host
            .save_connection(
                &Scope::default(),
                Level::App,
                &"default".parse().unwrap(),
                &Expected::Any,
                &definition,
                &Token::parse(token).unwrap(),
            )
            .await
            .unwrap();
        stage
    }
}

const PATH: &str = "/wiki/api/v2/pages?";

/// Reads an answer to its end, and takes all of what it sees of it into a number: status, sizes and
/// bytes of pieces, and how it ends.
const OBSERVE: &str = r#"
    (global $seen (mut i32) (i32.const -2128831035))
    (func $see (param i32)
        (global.set $seen (i32.mul (i32.xor (global.get $seen) (local.get 0)) (i32.const 16777619))))
    (func $observe (param $response i32)
        (local $input i32) (local $at i32)
        (if (i32.ge_u (local.get $response) (i32.const 1000))
            (then (call $see (local.get $response)) (return)))
        (call $see (call $status (local.get $response)))
        (call $consume (local.get $response) (i32.const 256))
        (call $stream (i32.load (i32.const 260)) (i32.const 256))
        (local.set $input (i32.load (i32.const 260)))
        (loop $more
            (call $read (local.get $input) (i64.const 65536) (i32.const 256))
            (if (i32.load8_u (i32.const 256)) (then
                (call $see (i32.load8_u (i32.const 260)))
                (return)))
            (call $see (i32.load (i32.const 264)))
            (local.set $at (i32.load (i32.const 264)))
            (loop $byte
                (local.set $at (i32.sub (local.get $at) (i32.const 1)))
                (call $see (i32.load8_u (i32.add (i32.const 65536) (local.get $at))))
                (br_if $byte (local.get $at)))
            (br $more)))
"#;

/// A guest that requests so many answers, by number, and returns what it saw of all of them.
fn observer(site: &Site, answers: usize, sending: Sending) -> Vec<u8> {
    let path = format!("{PATH}00");
    let digits = 1024 + site.address.len() + PATH.len();
    let scheme = u8::from(matches!(sending, Sending::Tls | Sending::Http2));
    let body = format!(
        "(loop $again
            (i32.store8 (i32.const {digits})
                (i32.add (i32.const 48) (i32.div_u (local.get $i) (i32.const 10))))
            (i32.store8 (i32.const {})
                (i32.add (i32.const 48) (i32.rem_u (local.get $i) (i32.const 10))))
            (local.set $a (call $request TEXT0 TEXT1))
            (drop (call $set-scheme (local.get $a)
                (i32.const 1) (i32.const {scheme}) (i32.const 0) (i32.const 0)))
            (call $observe (call $fetch (local.get $a)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const {answers}))))
        (global.get $seen)",
        digits + 1
    );
    guest(OBSERVE, &[&site.address, &path], &body)
}

/// Answers that have more and more of the credential at the end of a part, and no complete one.
fn partial_echoes() -> Vec<Scripted> {
    let filler = || "x".repeat(FILLER);
    let pair = format!("me@example.com:{TOKEN}");
    let encoded = STANDARD.encode(&pair);
    let mut answers = Vec::new();
    for secret in [TOKEN, &pair, &encoded] {
        for length in [1, 2, 8, secret.len() / 2, secret.len() - 8] {
            let part = || format!("{}{}", filler(), &secret[..length]);
            answers.push(Scripted::of([part(), format!("!{}", filler())]));
        }
    }
    let part = || format!("{}{}", filler(), &TOKEN[..TOKEN.len() - 1]);
    let two = || Scripted::of([part(), format!("!{}", filler())]);
    answers.extend([
        // At the end of the answer, and as all of it.
        Scripted::of([filler(), part()]),
        Scripted::of([TOKEN[..5].to_owned()]),
        two().with_status(404),
        two().with_status(500),
        two().breaking_off(),
        two().with_status(500).breaking_off(),
        // Over the limit.
        Scripted::of([part(), part(), part(), part(), part()]),
    ]);
    answers
}

/// What a guest sees of the same answers with a credential, and what its call cost.
async fn observed(sending: Sending, token: &str) -> (u32, Receipt) {
    let answers = partial_echoes();
    let count = answers.len();
    let site = Site::start(sending, move |query| {
        answers[query.parse::<usize>().unwrap()].clone()
    })
    .await;
    let limits = Limits {
        answer_bytes: 4 * (FILLER as u64 + 10),
        handles: 10_000,
        ..Limits::default()
    };
    let stage = site
        .stage(observer(&site, count, sending), limits, sending, token)
        .await;
    let tenant = stage.tenant(&Scope::default());
    let function = tenant.function("run").unwrap();
    let arguments = bind(function, &[], &[]).unwrap();
    let (answer, receipt) = tenant.call_with_receipt(function, arguments).await;
    assert_eq!(site.requests(), count);
    match answer.unwrap().value() {
        Some(Val::U32(seen)) => (*seen, receipt),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guest_observes_does_not_depend_on_the_credential() {
    for sending in [
        Sending::Chunked,
        Sending::WithLength,
        Sending::Gzip,
        Sending::Brotli,
        Sending::Zstd,
        Sending::Tls,
        Sending::Http2,
    ] {
        let (seen, cost) = observed(sending, TOKEN).await;
        let (seen_by_other, cost_of_other) = observed(sending, OTHER).await;
        assert_eq!(seen, seen_by_other, "{sending:?}");
        let counts = |cost: Receipt| (cost.requests, cost.retries, cost.bytes_decoded, cost.points);
        assert_eq!(counts(cost), counts(cost_of_other), "{sending:?}");
    }
}

/// A guest that guesses the token letter by letter, has the site repeat each guess at the end of a part,
/// and takes a letter for right when the guess was kept from the first piece. Returns how many it has
/// found.
fn guesser(site: &Site) -> Vec<u8> {
    const LETTERS: &str = "seamopn-0123456789";
    let guess = 1024 + site.address.len() + LETTERS.len() + PATH.len();
    let start = guess - PATH.len();
    let letters = 1024 + site.address.len();
    let room = format!("{PATH}{}", "_".repeat(TOKEN.len()));
    let body = format!(
        "(loop $letter
            (local.set $b (i32.const 0))
            (loop $again
                (i32.store8 (i32.add (i32.const {guess}) (local.get $i))
                    (i32.load8_u (i32.add (i32.const {letters}) (local.get $b))))
                (local.set $a (call $fetch (call $request TEXT0 (i32.const {start})
                    (i32.add (i32.const {}) (local.get $i)))))
                ;; Denied: the guess was complete.
                (if (i32.ge_u (local.get $a) (i32.const 1000))
                    (then (return (i32.add (local.get $i) (i32.const 1)))))
                (call $consume (local.get $a) (i32.const 256))
                (call $stream (i32.load (i32.const 260)) (i32.const 256))
                (call $read (i32.load (i32.const 260)) (i64.const 65536) (i32.const 256))
                (if (i32.eq (i32.load (i32.const 264)) (i32.const {FILLER})) (then
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br $letter)))
                (local.set $b (i32.add (local.get $b) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $b) (i32.const {})))))
        (local.get $i)",
        PATH.len() + 1,
        LETTERS.len()
    );
    guest("", &[&site.address, LETTERS, &room], &body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_guesses_letter_by_letter_finds_none() {
    let sending = Sending::Chunked;
    let site = Site::start(sending, |query| {
        let filler = "x".repeat(FILLER);
        Scripted::of([format!("{filler}{query}"), format!("!{filler}")])
    })
    .await;
    let limits = Limits {
        handles: 100_000,
        ..Limits::default()
    };
    let stage = site.stage(guesser(&site), limits, sending, TOKEN).await;
    assert_eq!(stage.run().await.unwrap(), 0);
}

/// A guest that requests so many answers, and returns how the last one ended.
fn insisting(site: &Site, times: usize) -> Vec<u8> {
    let body = format!(
        "(loop $again
            (local.set $a (call $ask (call $request TEXT0 TEXT1)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const {times}))))
        (local.get $a)"
    );
    guest("", &[&site.address, PATH], &body)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_third_echo_of_a_call_ends_it() {
    let sending = Sending::Chunked;
    for (status, times) in [(200, 2), (200, 5), (503, 5), (404, 5)] {
        let site = Site::start(sending, move |_| {
            Scripted::of([format!("you sent {TOKEN}")]).with_status(status)
        })
        .await;
        let component = insisting(&site, times);
        let stage = site
            .stage(component, Limits::default(), sending, TOKEN)
            .await;
        // It is not requested again, whatever its status.
        stage.set_cluster("retry.attempts", "3");
        stage.set_cluster("retry.first-wait-seconds", "0.001");
        let ended = run(&stage.tenant(&Scope::default())).await;
        let cut = times.min(3);
        if times < 3 {
            assert_eq!(ended.unwrap(), error("HTTP-request-denied"));
        } else {
            let error = ended.unwrap_err();
            assert!(
                matches!(error, CallError::CredentialEchoed { answers: 3 }),
                "{error:?}"
            );
            assert_eq!(error.kind().as_str(), "credential-echoed");
            assert!(!format!("{error} {error:?}").contains(TOKEN));
            stage.has_everything_back().await;
        }
        assert_eq!(site.requests(), cut);
        let metrics = stage.host.metrics();
        let line = format!("host_runner_echoes_cut_total {cut}\n");
        assert!(metrics.contains(&line), "{metrics}");
        // The next call may have as many.
        if times < 3 {
            run(&stage.tenant(&Scope::default())).await.unwrap();
        }
    }
}
