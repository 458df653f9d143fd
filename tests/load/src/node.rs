//! One `yunqia serve` as a process: started on a free port, killed, told to stop, started again on the same place.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::bail;

/// How long a node may take to become ready, in tenths of a second.
const READY_TENTHS: u32 = 600;

pub struct Node {
    pub address: SocketAddr,
    program: PathBuf,
    settings: Vec<(String, String)>,
    child: Option<Child>,
}

impl Node {
    /// Starts a node on a free port of loopback with `YUNQIA_…` variables in `settings`.
    pub async fn start(program: &Path, settings: Vec<(String, String)>) -> anyhow::Result<Node> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut node = Node { address, program: program.to_owned(), settings, child: None };
        node.start_again().await?;
        Ok(node)
    }

    /// Where its data lie and which database it has; rates are lifted.
    pub fn settings(folder: &Path, database_url: &str) -> Vec<(String, String)> {
        let mut settings = vec![
            ("YUNQIA_DATA_DIR".to_owned(), folder.display().to_string()),
            ("YUNQIA_DATA_DATABASE_URL".to_owned(), database_url.to_owned()),
            ("YUNQIA_SERVER_CONNECTIONS_MAX".to_owned(), "30000".to_owned()),
            ("YUNQIA_LOG_LEVEL".to_owned(), std::env::var("TEST_LOG").unwrap_or_else(|_| "warn".to_owned())),
        ];
        for limit in ["WRITES_PER_SECOND", "WRITES_BURST", "ANONYMOUS_PER_SECOND", "ANONYMOUS_BURST"] {
            settings.push((format!("YUNQIA_LIMITS_{limit}"), "1000000".to_owned()));
        }
        settings
    }

    pub fn process(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Ends it at once, as a power cut would (SIGKILL).
    pub fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Tells it to stop (SIGTERM) and waits until it has.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
        for _ in 0..READY_TENTHS {
            if child.try_wait()?.is_some() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        child.kill()?;
        child.wait()?;
        bail!("the server did not stop when it was told to")
    }

    /// A process of the program with this node's settings, not yet started.
    pub fn command(&self, subcommand: &str) -> Command {
        let address = self.address.to_string();
        let mut command = Command::new(&self.program);
        command
            .arg(subcommand)
            .env_remove("YUNQIA_BIN")
            .env("YUNQIA_SERVER_LISTEN", &address)
            .env("YUNQIA_SERVER_BASE_URL", format!("http://{address}"))
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(std::env::temp_dir())
            .stdout(Stdio::null());
        command
    }

    /// Starts it on its old address and data, and waits until it listens.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        let child = self.command("serve").spawn()?;
        self.child = Some(child);
        for _ in 0..READY_TENTHS {
            if tokio::net::TcpStream::connect(self.address).await.is_ok() {
                return Ok(());
            }
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().transpose()).transpose()? {
                bail!("the server ended with {status}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("the server does not become ready")
    }

    /// Status and text of an address that machines ask: `/readyz`, `/metrics`.
    pub async fn asks(&self, path: &str) -> anyhow::Result<(u16, String)> {
        crate::client::text(self.address, path).await
    }

    /// Waits until `/readyz` answers with this text.
    pub async fn says(&self, ready: &str) -> anyhow::Result<()> {
        let mut last = String::new();
        for _ in 0..READY_TENTHS / 2 {
            if let Ok((_, text)) = self.asks("/readyz").await {
                if text == ready {
                    return Ok(());
                }
                last = text;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("/readyz does not become {ready:?}, it says {last:?}")
    }

    /// The value of a counter or gauge on `/metrics`; 0 if it is not there.
    pub async fn counts(&self, name: &str) -> anyhow::Result<f64> {
        let (_, text) = self.asks("/metrics").await?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(line.map_or(Ok(0.0), |value| value.trim().parse())?)
    }
}

/// Whatever ends the run, the process ends with it.
impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
