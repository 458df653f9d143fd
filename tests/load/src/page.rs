//! What a first visit costs in Chromium: bytes over the wire and the time until the page can be used. The browser is driven by
//! `tests/e2e/bench/page.js`, beside the end-to-end tests whose driver it shares; this starts the server and adds the conditions.

use std::{path::Path, process::Stdio};

use anyhow::Context;
use serde_json::{Value, json};

use yunqia_load::{
    scene::{self, Size},
    server::Server,
    stats,
};

const VISITS: usize = 20;

pub async fn run() -> anyhow::Result<()> {
    let Some(browser) = std::env::var_os("CHROMIUM") else {
        eprintln!("no Chromium (CHROMIUM): the first page is not measured");
        return Ok(());
    };
    let server = Server::start(&Server::program()?, None).await?;
    let size = Size { desks: 39, slots: 9, companies: 12, people: 12, live: false };
    let scene = scene::build(&server.db, &size).await?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("e2e");
    let output = tokio::process::Command::new("node")
        .current_dir(folder)
        .env("CHROMIUM", browser)
        .args(["bench/page.js", &format!("http://{}", server.address), &VISITS.to_string()])
        .args(["/", &format!("/sessions/{}", scene.session)])
        .stderr(Stdio::inherit())
        .output()
        .await
        .context("node drives the browser")?;
    anyhow::ensure!(output.status.success(), "the browser's visits failed: {}", output.status);
    for line in String::from_utf8(output.stdout)?.lines() {
        let mut seen: Value = serde_json::from_str(line)?;
        if seen["path"] != "/" {
            seen["path"] = json!("/sessions/{id}");
        }
        let mut report =
            json!({ "benchmark": "page", "conditions": stats::conditions(server.engine), "visits": VISITS });
        report.as_object_mut().expect("an object").extend(seen.as_object().cloned().unwrap_or_default());
        println!("{report}");
    }
    server.stop().await
}
