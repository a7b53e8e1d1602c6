//! One connection to the database, with what it has prepared.

use std::collections::HashMap;
use std::time::Duration;

use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, GenericClient, NoTls, Statement, Transaction};

use crate::address::{Address, Host};
use crate::error::Refused;
use crate::password::password;
use crate::schema::{self, Layout, quoted};
use crate::tls::Tls;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// So long after its last sign of life a vanished server or client is noticed, and its lock freed.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// A connection.
pub(crate) struct Session {
    pub(crate) client: Client,
    /// Statements by their text.
    statements: HashMap<String, Statement>,
    /// The stream that the temporary table has the columns of.
    pub(crate) staged: Option<String>,
}

impl Session {
    pub(crate) async fn connect(address: &Address) -> Result<Self, Refused> {
        let mut config = Config::new();
        match &address.host {
            Host::Tcp(host) => config.host(host),
            #[cfg(unix)]
            Host::Socket(folder) => config.host_path(folder),
            #[cfg(not(unix))]
            Host::Socket(folder) => config.host(&*folder.to_string_lossy()),
        };
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let user = address.user.clone().or_else(|| variable("PGUSER"));
        let user = user.or_else(|| variable("USER"));
        let user = user.unwrap_or_else(|| "postgres".to_owned());
        if let Some(password) = password(address, &user) {
            config.password(password);
        }
        config
            .user(&user)
            .port(address.port)
            .dbname(&address.database)
            .application_name("host-runner")
            .connect_timeout(CONNECT_TIMEOUT)
            .keepalives_idle(KEEPALIVE)
            .keepalives_interval(KEEPALIVE)
            .keepalives_retries(2);
        let client = if address.is_tls {
            config.ssl_mode(SslMode::Require);
            let tls = Tls::trusting(address.authorities.as_deref()).map_err(Refused::Tls)?;
            let (client, connection) = config.connect(tls).await?;
            tokio::spawn(connection);
            client
        } else {
            config.ssl_mode(SslMode::Disable);
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(connection);
            client
        };
        // The server notices a vanished client as the client notices a vanished server.
        let seconds = KEEPALIVE.as_secs();
        let set = format!(
            "SET search_path = {}; SET client_min_messages = warning; SET TimeZone = 'UTC'; \
             SET tcp_keepalives_idle = {seconds}; SET tcp_keepalives_interval = {seconds}; \
             SET tcp_keepalives_count = 2",
            quoted(&address.schema)
        );
        client.batch_execute(&set).await?;
        Ok(Self {
            client,
            statements: HashMap::new(),
            staged: None,
        })
    }

    /// Takes the lock of a schema, which this connection has until it ends. A run that was killed may
    /// hold it until the server has noticed, so it is waited for a moment.
    pub(crate) async fn lock(&self, schema: &str) -> Result<(), Refused> {
        let digest = blake3::hash(format!("host-runner sync {schema}").as_bytes());
        let number = digest.as_bytes().first_chunk().copied().unwrap_or_default();
        let lock = format!(
            "SET lock_timeout = '5s'; SELECT pg_advisory_lock({}); SET lock_timeout = 0",
            i64::from_be_bytes(number)
        );
        self.client
            .batch_execute(&lock)
            .await
            .map_err(|error| match error.code() {
                Some(state) if *state == SqlState::LOCK_NOT_AVAILABLE => Refused::Busy,
                _ => error.into(),
            })
    }

    /// A statement, compiled once.
    pub(crate) async fn prepare(&mut self, sql: &str) -> Result<Statement, Refused> {
        prepared(&self.client, &mut self.statements, sql).await
    }

    /// Begins a transaction of the run with this epoch, unless a newer one has begun.
    pub(crate) async fn begin(&mut self, epoch: i64) -> Result<Work<'_>, Refused> {
        let transaction = self
            .client
            .build_transaction()
            .isolation_level(tokio_postgres::IsolationLevel::ReadCommitted)
            .start()
            .await?;
        let mut work = Work {
            transaction,
            statements: &mut self.statements,
            staged: &mut self.staged,
        };
        let is_ours = "SELECT FROM _sync_meta WHERE epoch = $1 FOR UPDATE";
        let is_ours = work.prepare(is_ours).await?;
        if work
            .transaction
            .query_opt(&is_ours, &[&epoch])
            .await?
            .is_none()
        {
            return Err(Refused::Superseded);
        }
        Ok(work)
    }

    /// The layouts of all tables that there are.
    pub(crate) async fn layouts(&self) -> Result<HashMap<String, Layout>, Refused> {
        schema::layouts(&self.client).await
    }
}

/// A transaction.
pub(crate) struct Work<'a> {
    pub(crate) transaction: Transaction<'a>,
    statements: &'a mut HashMap<String, Statement>,
    pub(crate) staged: &'a mut Option<String>,
}

impl Work<'_> {
    pub(crate) async fn commit(self) -> Result<(), Refused> {
        Ok(self.transaction.commit().await?)
    }

    /// A statement, compiled once.
    pub(crate) async fn prepare(&mut self, sql: &str) -> Result<Statement, Refused> {
        prepared(&self.transaction, self.statements, sql).await
    }
}

async fn prepared(
    client: &impl GenericClient,
    statements: &mut HashMap<String, Statement>,
    sql: &str,
) -> Result<Statement, Refused> {
    if let Some(statement) = statements.get(sql) {
        return Ok(statement.clone());
    }
    let statement = client.prepare(sql).await?;
    statements.insert(sql.to_owned(), statement.clone());
    Ok(statement)
}
