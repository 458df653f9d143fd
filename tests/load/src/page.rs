//! What a first visit costs: the page, its scripts and styles as they go over the wire, and the time until all are there.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::json;

use yunqia_load::{server::Server, stats};

const VISITS: usize = 20;

pub async fn run() -> anyhow::Result<()> {
    let server = Server::start(&Server::program()?, None).await?;
    let mut times = Vec::new();
    let mut bytes = (0, 0, 0);
    for _ in 0..VISITS {
        let began = Instant::now();
        bytes = visit(&server).await?;
        times.push(began.elapsed());
    }
    times.sort();
    let (page, files, count) = bytes;
    println!(
        "{}",
        json!({
            "benchmark": "page", "conditions": stats::conditions(server.engine), "visits": VISITS,
            "page_bytes": page, "script_and_style_bytes": files, "files": count,
            "ms_until_all_fetched": { "p50": stats::percentile(&times, 0.5), "p99": stats::percentile(&times, 0.99) },
        })
    );
    server.stop().await
}

/// Fetches the page and everything it names, compressed as a browser asks for it; (page, files, number of files).
async fn visit(server: &Server) -> anyhow::Result<(usize, usize, usize)> {
    // A client of its own: a first visit has no open connection.
    let client = Client::builder(TokioExecutor::new()).build_http();
    let get = async |path: &str| -> anyhow::Result<(Bytes, bool)> {
        let request = Request::get(format!("http://{}{path}", server.address))
            .header("accept-encoding", "gzip")
            .body(Empty::<Bytes>::new())?;
        let answer = tokio::time::timeout(Duration::from_secs(10), client.request(request)).await??;
        anyhow::ensure!(answer.status().is_success(), "{path}: {}", answer.status());
        let gzip = answer.headers().get("content-encoding").is_some_and(|encoding| encoding == "gzip");
        Ok((answer.into_body().collect().await?.to_bytes(), gzip))
    };
    let (page, gzip) = get("/").await?;
    let html = if gzip { unzip(&page)? } else { String::from_utf8_lossy(&page).into_owned() };
    let named: BTreeSet<&str> = html
        .split(['"', '\''])
        .filter(|text| text.starts_with("/_app/") && (text.ends_with(".js") || text.ends_with(".css")))
        .collect();
    anyhow::ensure!(!named.is_empty(), "the page names no scripts: was the front end built?");
    let mut sum = 0;
    for path in &named {
        sum += get(path).await?.0.len();
    }
    Ok((page.len(), sum, named.len()))
}

fn unzip(bytes: &[u8]) -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(bytes), &mut text)?;
    Ok(text)
}
