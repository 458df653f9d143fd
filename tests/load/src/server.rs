//! The program as a process: started on a free port with a database of its own, killed and started again, ended with the run.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};
use yunqia_store::Db;

pub struct Server {
    pub address: SocketAddr,
    /// Another connection to its database.
    pub db: Db,
    pub engine: &'static str,
    process: Process,
    /// Server and name of a PostgreSQL database to drop at the end.
    postgres: Option<(String, String)>,
}

impl Server {
    /// The program that `make bench` built.
    pub fn program() -> anyhow::Result<PathBuf> {
        Ok(std::env::var_os("YUNQIA_BIN").context("YUNQIA_BIN names no program: run `make bench`")?.into())
    }

    /// Starts it on SQLite, or in a new database of a PostgreSQL server (`postgres://user@host:port`).
    pub async fn start(program: &Path, postgres: Option<&str>) -> anyhow::Result<Server> {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let (url, postgres) = match postgres {
            None => (format!("sqlite://{}/yunqia.db", folder.path().display()), None),
            Some(server) => {
                let name = format!("yunqia_load_{}", crate::fresh().simple());
                psql(server, &format!("CREATE DATABASE {name}"))?;
                (format!("{server}/{name}"), Some((server.to_owned(), name)))
            }
        };
        let process = Process::start(program.to_owned(), address, folder, url.clone())?;
        process.ready().await?;
        let db = Db::open(&url).await?;
        let engine = db.engine();
        Ok(Server { address, db, engine, process, postgres })
    }

    pub fn process(&self) -> u32 {
        self.process.child.id()
    }

    /// Ends it at once, as a power cut would (SIGKILL), and starts it again on the same data and address.
    pub async fn kill_and_start_again(&mut self) -> anyhow::Result<()> {
        self.process.end()?;
        self.process.child = self.process.spawn()?;
        self.process.ready().await
    }

    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.db.close().await;
        self.process.end()?;
        if let Some((server, name)) = &self.postgres {
            psql(server, &format!("DROP DATABASE {name} WITH (FORCE)"))?;
        }
        Ok(())
    }
}

struct Process {
    program: PathBuf,
    address: SocketAddr,
    folder: tempfile::TempDir,
    url: String,
    child: Child,
}

impl Process {
    fn start(program: PathBuf, address: SocketAddr, folder: tempfile::TempDir, url: String) -> anyhow::Result<Process> {
        let child = command(&program, address, folder.path(), &url).spawn()?;
        Ok(Process { program, address, folder, url, child })
    }

    fn spawn(&self) -> anyhow::Result<Child> {
        Ok(command(&self.program, self.address, self.folder.path(), &self.url).spawn()?)
    }

    async fn ready(&self) -> anyhow::Result<()> {
        for _ in 0..300 {
            if tokio::net::TcpStream::connect(self.address).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("the server does not become ready")
    }

    fn end(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

/// Whatever ends the run, the process ends with it.
impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

fn command(program: &Path, address: SocketAddr, folder: &Path, url: &str) -> Command {
    let mut command = Command::new(program);
    command
        .arg("serve")
        .env_remove("YUNQIA_BIN")
        .env("YUNQIA_SERVER_LISTEN", address.to_string())
        .env("YUNQIA_SERVER_BASE_URL", format!("http://{address}"))
        .env("YUNQIA_SERVER_CONNECTIONS_MAX", "30000")
        .env("YUNQIA_DATA_DIR", folder)
        .env("YUNQIA_DATA_DATABASE_URL", url)
        .env("YUNQIA_LOG_LEVEL", "warn")
        .current_dir(folder)
        .stdout(Stdio::null());
    for limit in ["WRITES_PER_SECOND", "WRITES_BURST", "ANONYMOUS_PER_SECOND", "ANONYMOUS_BURST"] {
        command.env(format!("YUNQIA_LIMITS_{limit}"), "1000000");
    }
    command
}

fn psql(server: &str, command: &str) -> anyhow::Result<()> {
    let status =
        Command::new("psql").args([&format!("{server}/postgres"), "-qc", command]).stdout(Stdio::null()).status()?;
    anyhow::ensure!(status.success(), "psql {command} failed");
    Ok(())
}
