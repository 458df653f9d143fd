//! PostgreSQL and NATS of a test's own, which it stops, starts and lets run out of room.

use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};

/// The scripts of `tests/scripts`.
fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts").join(name)
}

/// The program that counts flushes; None, said aloud, where there is none or nobody may trace.
pub fn strace() -> anyhow::Result<Option<PathBuf>> {
    let found = Command::new(script("strace.sh")).stderr(Stdio::inherit()).output()?;
    if found.status.code() == Some(77) {
        missing("strace, or the right to trace,");
        return Ok(None);
    }
    anyhow::ensure!(found.status.success(), "strace.sh ended with {}", found.status);
    Ok(Some(String::from_utf8(found.stdout)?.trim().into()))
}

/// Says that something is missing. Where nothing may be skipped, that is a failure.
pub fn missing(what: &str) {
    assert!(std::env::var_os("TEST_NOTHING_SKIPPED").is_none(), "{what} is missing");
    eprintln!("skipped: {what} is missing");
}

/// A PostgreSQL server that keeps what it acknowledged when it is stopped at once.
pub struct Postgres {
    /// `postgres://USER:PASSWORD@HOST:PORT`.
    pub url: String,
    control: PathBuf,
    process: Child,
    /// The script ends its server when this is closed.
    words: Option<ChildStdin>,
}

impl Postgres {
    /// None, said aloud, where there is no PostgreSQL.
    pub fn start(connections_max: u32) -> anyhow::Result<Option<Postgres>> {
        let mut process = Command::new(script("postgres.sh"))
            .args(["bash", "-c", "echo \"$TEST_POSTGRES_URL\"; echo \"$TEST_POSTGRES_CONTROL\"; read -r _ || true"])
            .env("POSTGRES_OPTIONS", format!("-c synchronous_commit=on -c max_connections={connections_max}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let words = process.stdin.take();
        let mut said = BufReader::new(process.stdout.take().context("the script speaks")?).lines();
        let (Some(url), Some(control)) = (said.next(), said.next()) else {
            let status = process.wait()?;
            if status.code() == Some(77) {
                missing("PostgreSQL");
                return Ok(None);
            }
            bail!("postgres.sh ended with {status}");
        };
        Ok(Some(Postgres { url: url?, control: control?.into(), process, words }))
    }

    /// Where it listens.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.url.rsplit_once('@').context("an address with a user")?.1.parse()?)
    }

    /// The same server by another way, such as a [`crate::link::Link`].
    pub fn url_by(&self, way: SocketAddr, database: &str) -> String {
        let (user, _) = self.url.rsplit_once('@').unwrap_or_default();
        format!("{user}@{way}/{database}")
    }

    /// Makes an empty database; its address.
    pub fn database(&self, name: &str) -> anyhow::Result<String> {
        crate::server::psql(&self.url, &format!("CREATE DATABASE {name}"))?;
        Ok(format!("{}/{name}", self.url))
    }

    /// `stop`, `start` or `restart`: at once, as a crash would.
    pub async fn control(&self, what: &'static str) -> anyhow::Result<()> {
        let mut command = tokio::process::Command::new(&self.control);
        let status = command.arg(what).status().await?;
        anyhow::ensure!(status.success(), "PostgreSQL did not {what}");
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.words.take());
        let _ = self.process.wait();
    }
}

/// A nats-server on one port, stopped and started.
pub struct Nats {
    pub address: SocketAddr,
    program: PathBuf,
    process: Option<Child>,
}

impl Nats {
    /// Starts one; None, said aloud, where there is no nats-server.
    pub async fn start() -> anyhow::Result<Option<Nats>> {
        let found = Command::new(script("nats.sh")).stderr(Stdio::inherit()).output()?;
        if found.status.code() == Some(77) {
            missing("nats-server");
            return Ok(None);
        }
        anyhow::ensure!(found.status.success(), "nats.sh ended with {}", found.status);
        let program = String::from_utf8(found.stdout)?.trim().into();
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut nats = Nats { address, program, process: None };
        nats.start_again().await?;
        Ok(Some(nats))
    }

    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        let (host, port) = (self.address.ip().to_string(), self.address.port().to_string());
        let process = Command::new(&self.program)
            .args(["-a", &host, "-p", &port])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        self.process = Some(process);
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(self.address).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("nats-server does not listen")
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}
