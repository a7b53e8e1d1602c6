//! Long tables on a terminal, shown with the pager that the environment names.

use std::io::{self, IsTerminal as _, StdoutLock, Write};
use std::process::{Child, Command, Stdio};

/// The variables that name it, in this order. One that is empty says that there is none.
const VARIABLES: [&str; 2] = ["HOST_RUNNER_PAGER", "PAGER"];

/// What `less` is told where nobody tells it anything else: end when everything fits, show colors,
/// do not clear the screen.
const LESS: &str = "FRX";

/// The command of the pager, where output goes to a terminal.
pub(crate) fn command() -> Option<String> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let named = VARIABLES.iter().find_map(|name| std::env::var(name).ok())?;
    Some(named).filter(|command| !matches!(command.trim(), "" | "cat"))
}

/// Standard output, or a pager once there are more lines than the terminal has.
pub(crate) enum Paged {
    /// Without a pager.
    Plain(StdoutLock<'static>),
    /// What may still fit.
    Waiting {
        out: StdoutLock<'static>,
        command: String,
        begun: Vec<u8>,
        lines: usize,
    },
    /// The pager.
    Pager(Child),
}

impl Paged {
    /// For tables, with the pager of the environment.
    pub(crate) fn of_tables() -> Self {
        let out = io::stdout().lock();
        let height = terminal_size::terminal_size_of(io::stdout()).map(|(_, height)| height.0);
        match (command(), height) {
            (Some(command), Some(height)) if height > 0 => Self::Waiting {
                out,
                command,
                begun: Vec::new(),
                // The prompt of the shell takes the last one.
                lines: usize::from(height).saturating_sub(1),
            },
            _ => Self::Plain(out),
        }
    }

    /// For everything else.
    pub(crate) fn plain() -> Self {
        Self::Plain(io::stdout().lock())
    }

    fn start(command: &str) -> io::Result<Child> {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).stdin(Stdio::piped());
        if std::env::var_os("LESS").is_none() {
            shell.env("LESS", LESS);
        }
        shell.spawn()
    }

    fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Waiting { out, begun, .. } => {
                out.write_all(begun)?;
                begun.clear();
                out.flush()
            }
            Self::Pager(child) => {
                drop(child.stdin.take());
                child.wait().map(drop)
            }
        }
    }
}

impl Write for Paged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Waiting {
                command,
                begun,
                lines,
                ..
            } => {
                begun.extend_from_slice(bytes);
                if begun.iter().filter(|byte| **byte == b'\n').count() > *lines {
                    let mut child = Self::start(command)?;
                    // What is replaced is dropped, and would print it.
                    let begun = std::mem::take(begun);
                    let stdin = child.stdin.take();
                    *self = Self::Pager(child);
                    if let (Self::Pager(child), Some(mut stdin)) = (self, stdin) {
                        stdin.write_all(&begun)?;
                        child.stdin = Some(stdin);
                    }
                }
                Ok(bytes.len())
            }
            Self::Pager(child) => match &mut child.stdin {
                Some(stdin) => stdin.write(bytes),
                None => Err(io::ErrorKind::BrokenPipe.into()),
            },
        }
    }

    /// What may still fit stays here until the end.
    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Waiting { .. } => Ok(()),
            Self::Pager(child) => child.stdin.as_mut().map_or(Ok(()), Write::flush),
        }
    }
}

impl Drop for Paged {
    /// Waits until the reader has seen enough: what is said on standard error comes after it.
    fn drop(&mut self) {
        let _ = self.end();
    }
}
