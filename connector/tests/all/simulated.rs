//! A simulated site behind a plain HTTP client.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use confluence_connector::{Answer, Confluence, Transport, TransportError};
use confluence_simulator::{Settings, Simulator};
use tokio::runtime::{Builder, Runtime};

/// A running simulator. It runs on threads of its own.
pub(crate) struct Simulated {
    pub(crate) simulator: Simulator,
    _runtime: Runtime,
}

impl Simulated {
    pub(crate) fn start(settings: Settings) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let simulator = runtime.block_on(Simulator::start(settings)).unwrap();
        Self {
            simulator,
            _runtime: runtime,
        }
    }

    pub(crate) fn of_pages(pages: u64) -> Self {
        Self::start(Settings {
            pages,
            ..Settings::default()
        })
    }

    pub(crate) fn client(&self) -> Client {
        let address = self.simulator.site_url();
        let address = address.strip_prefix("http://").unwrap();
        Client {
            host: address.to_owned(),
            stream: BufReader::new(TcpStream::connect(address).unwrap()),
        }
    }

    pub(crate) fn confluence(&self) -> Confluence<Client> {
        Confluence::new(self.client())
    }
}

/// One connection.
pub(crate) struct Client {
    host: String,
    stream: BufReader<TcpStream>,
}

impl Client {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).unwrap();
        bytes
    }
}

impl Transport for Client {
    fn get(&mut self, path_and_query: &str) -> Result<Answer, TransportError> {
        let head = format!(
            "GET /wiki{path_and_query} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer token\r\n\r\n",
            self.host
        );
        self.stream.get_mut().write_all(head.as_bytes()).unwrap();
        let status = self.line().split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            headers.push((name.to_owned(), value.trim().as_bytes().to_vec()));
        }
        let header = |name: &str| {
            let mut headers = headers.iter();
            let found = headers.find(|(given, _)| given.eq_ignore_ascii_case(name));
            found.map(|(_, value)| String::from_utf8(value.clone()).unwrap())
        };
        let body = match header("content-length") {
            Some(length) => self.bytes(length.parse().unwrap()),
            None => {
                let mut body = Vec::new();
                loop {
                    let length = usize::from_str_radix(&self.line(), 16).unwrap();
                    body.extend(self.bytes(length));
                    self.line();
                    if length == 0 {
                        break body;
                    }
                }
            }
        };
        Ok(Answer {
            status,
            headers,
            body,
        })
    }
}
