//! The program under load: started on a free port with a database of its own, ended with the run.

use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};
use yunqia_store::Db;

pub struct Server {
    pub address: SocketAddr,
    pub db: Db,
    pub engine: &'static str,
    child: Child,
    _folder: tempfile::TempDir,
    /// Server and name of a PostgreSQL database to drop at the end.
    postgres: Option<(String, String)>,
}

impl Server {
    pub async fn start(postgres: Option<&str>) -> anyhow::Result<Server> {
        let program = std::env::var("YUNQIA_BIN").context("YUNQIA_BIN names no program: run `make bench`")?;
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let (url, postgres) = match postgres {
            None => (format!("sqlite://{}/yunqia.db", folder.path().display()), None),
            Some(server) => {
                let name = format!("yunqia_load_{}", uuid::Uuid::now_v7().simple());
                psql(server, &format!("CREATE DATABASE {name}"))?;
                (format!("{server}/{name}"), Some((server.to_owned(), name)))
            }
        };
        let child = Command::new(program)
            .arg("serve")
            .env_remove("YUNQIA_BIN")
            .env("YUNQIA_SERVER_LISTEN", address.to_string())
            .env("YUNQIA_SERVER_BASE_URL", format!("http://{address}"))
            .env("YUNQIA_SERVER_CONNECTIONS_MAX", "30000")
            .env("YUNQIA_DATA_DIR", folder.path())
            .env("YUNQIA_DATA_DATABASE_URL", &url)
            .env("YUNQIA_LOG_LEVEL", "warn")
            .envs(
                ["WRITES_PER_SECOND", "WRITES_BURST", "ANONYMOUS_PER_SECOND", "ANONYMOUS_BURST"]
                    .map(|limit| (format!("YUNQIA_LIMITS_{limit}"), "1000000")),
            )
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .spawn()?;
        let server =
            Server { address, db: Db::open("sqlite::memory:").await?, engine: "", child, _folder: folder, postgres };
        server.ready().await?;
        let db = Db::open(&url).await?;
        let engine = db.engine();
        Ok(Server { db, engine, ..server })
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

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.db.close().await;
        self.child.kill()?;
        self.child.wait()?;
        if let Some((server, name)) = &self.postgres {
            psql(server, &format!("DROP DATABASE {name} WITH (FORCE)"))?;
        }
        Ok(())
    }
}

fn psql(server: &str, command: &str) -> anyhow::Result<()> {
    let status =
        Command::new("psql").args([&format!("{server}/postgres"), "-qc", command]).stdout(Stdio::null()).status()?;
    anyhow::ensure!(status.success(), "psql {command} failed");
    Ok(())
}
