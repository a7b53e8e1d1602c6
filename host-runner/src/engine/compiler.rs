//! Where components are compiled, and what that may take.
//!
//! A compiler's time and memory are the component's to choose: a body of 300 KB can take a minute
//! and gigabytes, and a thread that compiles cannot be ended. A process can: it limits its own
//! memory and processor time before it reads anything, and its parent ends it when its time is up.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use host_levels::{Effective, Kind, Precedence, Setting, Value};
use wasmtime::Engine;

use super::settings::{MemoryLayout, settings};

/// The first argument of the process that compiles.
const ARGUMENT: &str = "compile-component";

/// Exit code of that process for a component that the engine refuses, with the reason on standard
/// error. A panic has 101.
const REFUSED: u8 = 65;

/// Maximum length of what that process says on standard error, in bytes.
const SAID_BYTES: u64 = 4096;

/// Maximum number of threads of that process. Each takes a stack of 2 MiB and the working memory
/// for one function of the memory that all may use together; eight compile the connector in 60 ms.
const MAX_THREADS: usize = 8;

/// Address space of that process beyond the memory that it may use, in bytes: the program's own
/// file, and what the system's allocator reserves for each thread without using it.
#[cfg(target_os = "linux")]
const UNUSED_ADDRESS_BYTES: u64 = 4 << 30;

/// Maximum size of a component that that process reads, in bytes: no larger one is stored.
const COMPONENT_BYTES: u64 = 256 << 20;

/// Time between two looks at whether a process that has answered has ended, too.
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);

/// Where components are compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compiler {
    /// In a process of its own, for which this program is started. It is ended when it takes more
    /// than `limits.compile-seconds` or `limits.compile-mib`; only Linux and other systems that
    /// honor `RLIMIT_DATA` or `RLIMIT_AS` enforce the latter.
    Process {
        /// The program.
        program: PathBuf,
    },
    /// In this process, without limits on time and memory: what bounds both is the number and size
    /// of the parts of a component, which are limited before it is compiled.
    InProcess,
}

impl fmt::Display for Compiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process { program } => {
                write!(f, "components are compiled by `{}`", program.display())
            }
            Self::InProcess => f.write_str(
                "components are compiled in this process, without limits on time and memory",
            ),
        }
    }
}

/// What compiling one component may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CompileLimits {
    /// Time of the process that compiles.
    pub(crate) time: Duration,
    /// Its memory, in MiB.
    pub(crate) memory_mib: u64,
    /// Time of the call that needs the component, if a call does.
    pub(crate) call: Option<Duration>,
}

/// The setting for [`CompileLimits::time`].
const COMPILE_SECONDS: &str = "limits.compile-seconds";

/// The setting for [`CompileLimits::memory_mib`].
const COMPILE_MIB: &str = "limits.compile-mib";

/// The setting for [`CompileLimits::call`].
const CALL_SECONDS: &str = "limits.call-seconds";

/// The settings of what compiling may take.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        key: COMPILE_SECONDS,
        kind: Kind::Seconds,
        precedence: Precedence::ClusterOnly,
        documentation: "Maximum time for compiling a component, in seconds. It is compiled once, in a process of its own that is ended then; the time of the call that needs it ends it as well. A component with a JavaScript engine takes about twenty seconds. The component that this program carries has ten minutes at least, and takes less than one second.",
        default: || Some(Value::Seconds(60.0)),
    },
    Setting {
        key: COMPILE_MIB,
        kind: Kind::Number {
            least: 64,
            most: 65_536,
        },
        precedence: Precedence::ClusterOnly,
        documentation: "Maximum memory of the process that compiles a component, in MiB. The connector takes about 100. Where the operating system does not enforce it, as on macOS, `limits.compile-seconds` alone ends that process.",
        default: || Some(Value::Number(2048)),
    },
];

/// Minimum time for the component of this program, which is known to end. On a machine with thirty
/// processes for each core it was seen to take a minute; were it ended then, no call would ever be
/// made there.
const OWN_TIME: Duration = Duration::from_secs(600);

/// Minimum memory for the component of this program, in MiB. It takes about 60.
const OWN_MIB: u64 = 512;

impl CompileLimits {
    /// The limits in force, without a call that needs the component.
    pub(crate) fn in_force(effective: &Effective) -> Self {
        Self {
            time: effective.seconds(COMPILE_SECONDS).unwrap_or_default(),
            memory_mib: effective.size(COMPILE_MIB) as u64,
            call: None,
        }
    }

    /// The limits for the component of this program: the first call, however short its time is, waits
    /// for it, or the next one would begin anew.
    pub(super) fn of_own(self) -> Self {
        Self {
            time: self.time.max(OWN_TIME),
            memory_mib: self.memory_mib.max(OWN_MIB),
            call: None,
        }
    }

    /// The time that both have, and the setting that ends it.
    pub(super) fn patience(&self) -> (Duration, &'static str) {
        match self.call {
            Some(call) if call < self.time => (call, CALL_SECONDS),
            _ => (self.time, COMPILE_SECONDS),
        }
    }
}

/// Why a component was not compiled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// It took too long.
    #[error(
        "compiling it took more than the maximum of {} s, which is `{setting}`: raise that if the component is known to need it, and do not run one whose source is unknown",
        .limit.as_secs_f64()
    )]
    TimedOut {
        /// The limit.
        limit: Duration,
        /// The setting that has it.
        setting: &'static str,
    },
    /// It took too much memory.
    #[error(
        "compiling it took more than the maximum of {limit_mib} MiB of memory, which is `{COMPILE_MIB}`: raise that if the component is known to need it, and do not run one whose source is unknown"
    )]
    Memory {
        /// The limit, in MiB.
        limit_mib: u64,
    },
    /// Another process compiles it and did not finish in time.
    #[error(
        "another process has been compiling it for more than {} s, which is `{setting}`: try again, or raise that",
        .limit.as_secs_f64()
    )]
    Busy {
        /// The limit.
        limit: Duration,
        /// The setting that has it.
        setting: &'static str,
    },
    /// The program that compiles cannot be started.
    #[error("`{program}`, which compiles components, cannot be started: {source}")]
    Start {
        /// The program.
        program: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The program that compiles has another engine, or none.
    #[error(
        "`{program}`, which compiles components, has another version of the engine: it was replaced while this program runs; start this program again"
    )]
    OtherVersion {
        /// The program.
        program: PathBuf,
    },
    /// The process that compiles ended without an answer.
    #[error("the process that compiled it ended early ({ended}): {said}")]
    Ended {
        /// How it ended.
        ended: String,
        /// What it said.
        said: String,
    },
    /// The engine refuses the component.
    #[error("{reason}")]
    Refused {
        /// What the engine said.
        reason: String,
    },
}

impl Compiler {
    /// Compiles a component for an engine of this layout, in the time that is left to whoever needs
    /// it.
    pub(super) fn compile(
        &self,
        engine: &Engine,
        layout: MemoryLayout,
        component: &[u8],
        limits: &CompileLimits,
        left: Duration,
    ) -> Result<Vec<u8>, CompileError> {
        match self {
            Self::InProcess => compile_here(engine, component),
            Self::Process { program } => {
                let job = Job {
                    program,
                    layout,
                    limits,
                    left,
                };
                job.run(component, &compatibility(engine))
            }
        }
    }
}

/// Compiles in this process.
pub(super) fn compile_here(engine: &Engine, component: &[u8]) -> Result<Vec<u8>, CompileError> {
    engine
        .precompile_component(component)
        .map_err(|error| CompileError::Refused {
            reason: format!("{error:#}"),
        })
}

/// What tells engines apart that do not load each other's code.
pub(super) fn compatibility(engine: &Engine) -> [u8; blake3::OUT_LEN] {
    use std::hash::Hash as _;
    let mut hasher = StableHasher(blake3::Hasher::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    *hasher.0.finalize().as_bytes()
}

/// Whether an engine loads what a process compiles that knows nothing of how it was tuned.
pub(crate) fn takes_usual_code(engine: &Engine, layout: MemoryLayout) -> bool {
    Engine::new(&settings(layout)).is_ok_and(|usual| compatibility(&usual) == compatibility(engine))
}

/// A [`Hasher`](std::hash::Hasher) that answers the same in every process.
struct StableHasher(blake3::Hasher);

impl std::hash::Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.finalize();
        digest
            .as_bytes()
            .first_chunk()
            .map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}

/// A process that compiles one component.
struct Job<'a> {
    program: &'a Path,
    layout: MemoryLayout,
    limits: &'a CompileLimits,
    left: Duration,
}

impl Job<'_> {
    fn run(&self, component: &[u8], compatibility: &[u8]) -> Result<Vec<u8>, CompileError> {
        let (limit, setting) = self.limits.patience();
        let time = self.limits.time.min(self.left);
        let deadline = Instant::now() + time;
        let mut child = self.start()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = pipes else {
            return Err(self.cannot_start(io::Error::other("it has no pipes")));
        };
        // What it answers has to fit into its memory.
        let most = self.limits.memory_mib << 20;
        let (done, is_done) = mpsc::sync_channel(1);
        let answered = thread::scope(|scope| {
            scope.spawn(move || write_all(input, component));
            let said = scope.spawn(move || read_start(errors, SAID_BYTES));
            scope.spawn(move || {
                let mut bytes = Vec::new();
                let read = output.take(most).read_to_end(&mut bytes);
                let _ = done.send(read.map(|_| bytes));
            });
            let bytes = is_done.recv_timeout(time);
            let ended = match bytes {
                Ok(_) => wait_until(&mut child, deadline),
                Err(_) => None,
            };
            if ended.is_none() {
                // It may have ended by itself a moment ago.
                let _ = child.kill();
                let _ = child.wait();
            }
            (bytes, ended, said.join().unwrap_or_default())
        });
        let (Ok(bytes), Some(ended), said) = answered else {
            return Err(CompileError::TimedOut { limit, setting });
        };
        if !ended.success() {
            return Err(self.failure(ended, &said));
        }
        let bytes = bytes.unwrap_or_default();
        match bytes.strip_prefix(compatibility) {
            Some(code) => Ok(code.to_vec()),
            None => Err(CompileError::OtherVersion {
                program: self.program.to_owned(),
            }),
        }
    }

    fn start(&self) -> Result<Child, CompileError> {
        let threads = thread::available_parallelism().map_or(1, |count| count.get());
        let threads = threads.min(MAX_THREADS);
        let mut command = Command::new(self.program);
        command
            .arg(ARGUMENT)
            .arg(self.layout.word())
            .arg(self.limits.memory_mib.to_string())
            .arg(self.limits.time.as_secs().saturating_add(1).to_string())
            // Secrets may be in it.
            .env_clear()
            .env("RAYON_NUM_THREADS", threads.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // Programs do not start without it there.
        #[cfg(windows)]
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        command.spawn().map_err(|source| self.cannot_start(source))
    }

    fn cannot_start(&self, source: io::Error) -> CompileError {
        CompileError::Start {
            program: self.program.to_owned(),
            source,
        }
    }

    /// What a process that did not end well says of the component.
    fn failure(&self, ended: ExitStatus, said: &str) -> CompileError {
        if ended.code() == Some(i32::from(REFUSED)) {
            return CompileError::Refused {
                reason: said.to_owned(),
            };
        }
        // The allocator of Rust, and the system where a thread has no room for its stack.
        let is_memory = ["memory allocation of", "Cannot allocate memory"];
        if is_memory.iter().any(|words| said.contains(words)) {
            return CompileError::Memory {
                limit_mib: self.limits.memory_mib,
            };
        }
        if took_too_long(ended) {
            return CompileError::TimedOut {
                limit: self.limits.time,
                setting: COMPILE_SECONDS,
            };
        }
        CompileError::Ended {
            ended: ended.to_string(),
            said: match said.trim() {
                "" => "it said nothing; the machine may have run out of memory".to_owned(),
                said => said.to_owned(),
            },
        }
    }
}

/// Whether a process was ended for the processor time that it took.
#[cfg(unix)]
fn took_too_long(ended: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    ended.signal() == Some(libc::SIGXCPU)
}

#[cfg(not(unix))]
fn took_too_long(_ended: ExitStatus) -> bool {
    false
}

/// Writes what the other end may not read to its end: it says itself why not.
fn write_all(mut pipe: impl Write, bytes: &[u8]) {
    let _ = pipe.write_all(bytes);
}

/// The start of a text, and reads the rest, so that whoever writes it can go on.
fn read_start(mut pipe: impl Read, most: u64) -> String {
    let mut bytes = Vec::new();
    let _ = pipe.by_ref().take(most).read_to_end(&mut bytes);
    let _ = io::copy(&mut pipe, &mut io::sink());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Waits for a process that has nothing left to do. `None` when it does not end.
fn wait_until(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(BETWEEN_LOOKS),
            _ => return None,
        }
    }
}

/// Compiles a component from standard input to standard output, if this process was started for
/// that, and answers how to end it.
///
/// A program that names itself in [`HostRunnerBuilder::compiler`](crate::HostRunnerBuilder::compiler) calls this first, before
/// it reads anything or starts a thread. Other processes are not affected.
#[must_use]
pub fn compile_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != *ARGUMENT {
        return None;
    }
    let mut said = io::stderr();
    let ended = match Request::read(arguments) {
        Some(request) => request.serve(),
        None => Err("it takes a layout, an amount of memory in MiB, and seconds".to_owned()),
    };
    match ended {
        Ok(()) => Some(ExitCode::SUCCESS),
        Err(reason) => {
            let _ = said.write_all(reason.as_bytes());
            Some(REFUSED.into())
        }
    }
}

/// What a process was started to compile with.
struct Request {
    layout: MemoryLayout,
    memory_mib: u64,
    seconds: u64,
}

impl Request {
    fn read(arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let mut words = arguments.map(|word| word.into_string().ok());
        Some(Self {
            layout: MemoryLayout::from_word(&words.next()??)?,
            memory_mib: words.next()??.parse().ok()?,
            seconds: words.next()??.parse().ok()?,
        })
    }

    fn serve(&self) -> Result<(), String> {
        self.limit_this_process();
        let engine = Engine::new(&settings(self.layout)).map_err(|error| format!("{error:#}"))?;
        let mut component = Vec::new();
        io::stdin()
            .take(COMPONENT_BYTES)
            .read_to_end(&mut component)
            .map_err(|error| error.to_string())?;
        let code = compile_here(&engine, &component).map_err(|error| error.to_string())?;
        let mut out = io::stdout().lock();
        out.write_all(&compatibility(&engine))
            .and_then(|()| out.write_all(&code))
            .and_then(|()| out.flush())
            .map_err(|error| error.to_string())
    }

    /// Limits what this process may take. What cannot be limited is left: its parent ends it when
    /// its time is up.
    #[cfg(unix)]
    fn limit_this_process(&self) {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = |resource, wanted: u64| {
            let maximum = getrlimit(resource).maximum;
            let wanted = maximum.map_or(wanted, |maximum| maximum.min(wanted));
            let both = Rlimit {
                current: Some(wanted),
                maximum: Some(wanted),
            };
            let _ = setrlimit(resource, both);
        };
        // A dump of its memory is of no use to anybody.
        limit(Resource::Core, 0);
        let threads = std::env::var("RAYON_NUM_THREADS")
            .ok()
            .and_then(|count| count.parse::<u64>().ok());
        limit(
            Resource::Cpu,
            self.seconds.saturating_mul(threads.unwrap_or(1)),
        );
        // What is written to: memory that is reserved and not used does not count.
        limit(Resource::Data, self.memory_mib << 20);
        #[cfg(target_os = "linux")]
        {
            limit(
                Resource::As,
                (self.memory_mib << 20).saturating_add(UNUSED_ADDRESS_BYTES),
            );
            // Nobody reads the answer when the parent is gone.
            let _ = rustix::process::set_parent_process_death_signal(Some(
                rustix::process::Signal::KILL,
            ));
        }
    }

    #[cfg(not(unix))]
    fn limit_this_process(&self) {}
}
