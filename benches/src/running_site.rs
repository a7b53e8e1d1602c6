//! The site as a process of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::seen::Seen;
use crate::site::Site;
use crate::wire::Wire;

/// A site in a process of its own, which ends with this.
pub struct RunningSite {
    process: Child,
    told: BufReader<ChildStdout>,
    endpoint: String,
}

impl RunningSite {
    /// Starts `program`, which is `benchmark-site`, without TLS.
    #[must_use]
    pub fn start(program: &Path, site: Site) -> Self {
        Self::start_over(program, site, Wire::Plain)
    }

    /// Starts `program`, which is `benchmark-site`.
    #[must_use]
    pub fn start_over(program: &Path, site: Site, wire: Wire) -> Self {
        let numbers = [
            site.pages,
            site.per_answer,
            site.body_bytes,
            site.latency_ms,
            site.spaces,
        ];
        let mut process = Command::new(program)
            .args(numbers.map(|number| number.to_string()))
            .arg(wire.name())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the site starts");
        let output = process.stdout.take().expect("it was asked for");
        let mut told = BufReader::new(output);
        let endpoint = line(&mut told);
        Self {
            process,
            told,
            endpoint,
        }
    }

    /// What came so far.
    pub fn seen(&mut self) -> Seen {
        let input = self.process.stdin.as_mut().expect("it was asked for");
        writeln!(input).expect("the site reads");
        line(&mut self.told).parse().expect("the site tells them")
    }

    /// `http://127.0.0.1:PORT/wiki/api/v2/`, or with `https`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for RunningSite {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn line(output: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    output.read_line(&mut line).expect("the site tells it");
    line.trim().to_owned()
}
