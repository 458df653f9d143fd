//! One node with a database of its own, killed and started again, removed with the run.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Context;
use yunqia_store::Db;

use crate::node::Node;

pub struct Server {
    pub address: SocketAddr,
    /// Another connection to its database.
    pub db: Db,
    pub engine: &'static str,
    node: Node,
    url: String,
    _folder: tempfile::TempDir,
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
        let (url, postgres) = match postgres {
            None => (format!("sqlite://{}/yunqia.db", folder.path().display()), None),
            Some(server) => {
                let name = format!("yunqia_load_{}", crate::fresh().simple());
                psql(server, &format!("CREATE DATABASE {name}"))?;
                (format!("{server}/{name}"), Some((server.to_owned(), name)))
            }
        };
        let node = Node::start(program, Node::settings(folder.path(), &url)).await?;
        let db = Db::open(&url).await?;
        let engine = db.engine();
        Ok(Server { address: node.address, db, engine, node, url, _folder: folder, postgres })
    }

    /// Another process of the program on the same data, for example `mail`; the caller starts and ends it.
    pub fn command(&self, subcommand: &str) -> Command {
        self.node.command(subcommand)
    }

    pub fn process(&self) -> u32 {
        self.node.process().expect("it runs until it is stopped")
    }

    /// Address of its database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends it; its data stay until [`Server::stop`].
    pub async fn rest(&mut self) -> anyhow::Result<()> {
        self.db.close().await;
        self.node.kill()
    }

    /// Ends it at once, as a power cut would (SIGKILL), and starts it again on the same data and address.
    pub async fn kill_and_start_again(&mut self) -> anyhow::Result<()> {
        self.node.kill()?;
        self.node.start_again().await
    }

    /// Ends it as a service manager does (SIGTERM), and starts it again on the same data and address.
    pub async fn stop_and_start_again(&mut self) -> anyhow::Result<()> {
        self.node.stop().await?;
        self.node.start_again().await
    }

    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.db.close().await;
        self.node.kill()?;
        if let Some((server, name)) = &self.postgres {
            psql(server, &format!("DROP DATABASE {name} WITH (FORCE)"))?;
        }
        Ok(())
    }
}

pub(crate) fn psql(server: &str, command: &str) -> anyhow::Result<()> {
    let status =
        Command::new("psql").args([&format!("{server}/postgres"), "-qc", command]).stdout(Stdio::null()).status()?;
    anyhow::ensure!(status.success(), "psql {command} failed");
    Ok(())
}
