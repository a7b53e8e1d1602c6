//! A PostgreSQL server with a folder of its own, which ends with the process that started it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use tempfile::TempDir;

/// Whose processes a server belongs to where tests run as root, who may not start one: `nobody` on
/// all Linux distributions.
const NOBODY: u32 = 65_534;

/// A password that its user `guarded` has to send over TCP.
pub const PASSWORD: &str = "not-a-secret";

/// Ends the server once its standard input is closed, however that process ended, and removes the
/// folder.
const WATCH: &str = r#"
postgres="$1" data="$2" folder="$3" port="$4" tls="$5"
"$postgres" -D "$data" -k "$folder" -p "$port" -c listen_addresses=127.0.0.1 -c fsync=off \
  -c shared_buffers=16MB -c max_connections=60 -c autovacuum=off $tls > "$folder/log" 2>&1 < /dev/null &
server=$!
until [ -S "$folder/.s.PGSQL.$port" ] && grep -q 'ready to accept' "$folder/log"; do
  kill -0 $server 2> /dev/null || { echo failed; exit 1; }
  sleep 0.05
done
echo ready
cat > /dev/null
kill -INT $server
wait $server
rm -rf "$folder"
"#;

/// A running server.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    port: u16,
    /// What ends the server, once its standard input is closed.
    _watcher: Mutex<Child>,
}

impl Server {
    /// The one of this process. It is started the first time.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Starts one.
    #[must_use]
    pub fn start() -> Self {
        for _ in 0..5 {
            let folder = TempDir::with_prefix("pg-").unwrap().keep();
            let is_root = fs::metadata(&folder).unwrap().uid() == 0;
            if is_root {
                chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
            }
            let command = |program: &Path| {
                let mut command = Command::new(program);
                command.current_dir(&folder).env("LC_ALL", "C");
                if is_root {
                    command.uid(NOBODY).gid(NOBODY);
                }
                command
            };
            let data = folder.join("data");
            let made = command(&program("initdb"))
                .args(["--no-sync", "--username=postgres", "--auth-local=trust"])
                .args(["--auth-host=scram-sha-256", "--encoding=UTF8", "--pgdata"])
                .arg(&data)
                .output()
                .unwrap();
            assert!(
                made.status.success(),
                "{}",
                String::from_utf8_lossy(&made.stderr)
            );
            let is_tls = certificate(&folder, &data, &command);
            // Somebody else may take the port in between; then another one is tried.
            let port = TcpListener::bind("127.0.0.1:0")
                .unwrap()
                .local_addr()
                .unwrap()
                .port();
            let mut watcher = command(Path::new("sh"))
                .args(["-c", WATCH, "watch"])
                .arg(program("postgres"))
                .arg(&data)
                .arg(&folder)
                .arg(port.to_string())
                .arg(if is_tls { "-c ssl=on" } else { "" })
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut said = [0; 6];
            let heard = watcher.stdout.take().unwrap().read(&mut said);
            if heard.is_ok() && said.starts_with(b"ready") {
                let server = Self {
                    folder,
                    port,
                    _watcher: Mutex::new(watcher),
                };
                let role = format!("CREATE ROLE guarded LOGIN SUPERUSER PASSWORD '{PASSWORD}'");
                server.sql(&role);
                return server;
            }
            watcher.wait().unwrap();
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(log.contains("Address already in use"), "{log}");
        }
        panic!("no free port was found for PostgreSQL");
    }

    /// The folder of its socket.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its port, on 127.0.0.1 and in the name of its socket.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The certificate authority that its certificate for `localhost` is signed by.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// The URL of its database over the socket, which needs no password, and a schema.
    #[must_use]
    pub fn url(&self, schema: &str) -> String {
        format!(
            "postgresql://postgres@/postgres?host={}&port={}&schema={schema}",
            self.folder.display(),
            self.port
        )
    }

    /// Runs SQL in `psql`, and returns the rows: columns are separated by U+001F, and null is empty.
    pub fn sql(&self, sql: &str) -> Vec<Vec<String>> {
        let mut psql = Command::new(program("psql"))
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-F",
                "\u{1f}",
                "-v",
                "ON_ERROR_STOP=1",
            ])
            .args(["-U", "postgres", "-d", "postgres", "-h"])
            .arg(&self.folder)
            .args(["-p", &self.port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = psql.stdin.take().unwrap();
        input.write_all(sql.as_bytes()).unwrap();
        drop(input);
        let ended = psql.wait_with_output().unwrap();
        assert!(
            ended.status.success(),
            "{sql}: {}",
            String::from_utf8_lossy(&ended.stderr)
        );
        let text = String::from_utf8(ended.stdout).unwrap();
        text.lines()
            .map(|line| line.split('\u{1f}').map(str::to_owned).collect())
            .collect()
    }
}

/// Makes a certificate for `localhost`, and an authority. Returns whether `openssl` is there to do it.
fn certificate(folder: &Path, data: &Path, command: &dyn Fn(&Path) -> Command) -> bool {
    let script = r#"
set -e
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=authority \
  -keyout authority.key -out authority.pem
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$1/server.key" -out server.csr
printf 'subjectAltName=DNS:localhost\n' > names
openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \
  -extfile names -out "$1/server.crt"
chmod 600 "$1/server.key"
"#;
    let made = command(Path::new("sh"))
        .args(["-c", script, "certificate"])
        .arg(data)
        .env("HOME", folder)
        .output();
    made.is_ok_and(|made| made.status.success())
}

/// A program of PostgreSQL: in the `PATH`, or where Debian's packages have it.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).map(|folder| folder.join(name));
    let versions = fs::read_dir("/usr/lib/postgresql");
    let of_debian = versions
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin").join(name));
    let mut found = in_path.chain(of_debian).filter(|program| program.exists());
    found.next().unwrap_or_else(|| {
        panic!(
            "`{name}` of PostgreSQL was not found: these tests need a server; \
             `apt-get install postgresql` installs one"
        )
    })
}
