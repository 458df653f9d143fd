//! What happens to clients that are slow, silent, too many, or in the middle of something when the server stops.

use axum::routing::get;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::JoinHandle,
    time::Instant,
};

use super::*;

const LIMITS: Limits = Limits {
    connections: 2,
    head: Duration::from_millis(200),
    write: Duration::from_millis(300),
    shutdown: Duration::from_secs(5),
};

async fn start() -> (SocketAddr, CancellationToken, JoinHandle<()>) {
    let router = Router::new()
        .route("/", get(|| async { "ok" }))
        .route(
            "/slow",
            get(|| async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                "done"
            }),
        )
        .route("/big", get(|| async { vec![0u8; 64 << 20] }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    (address, stop.clone(), tokio::spawn(serve(listener, router, LIMITS, stop)))
}

async fn ask(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
    stream
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut text)).await.expect("it ends");
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn who_never_finishes_a_request_or_never_begins_one_is_dropped() {
    let (address, _stop, _server) = start().await;
    let mut silent = TcpStream::connect(address).await.unwrap();
    assert_eq!(rest(&mut silent).await, "");
    let mut half = TcpStream::connect(address).await.unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
    assert!(!rest(&mut half).await.contains("200 OK"));
}

#[tokio::test]
async fn one_more_than_the_limit_waits_until_a_place_is_free() {
    let (address, _stop, _server) = start().await;
    let _silent = [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
    let began = Instant::now();
    let answer = rest(&mut ask(address, "/").await).await;
    assert!(answer.ends_with("ok"), "{answer}");
    assert!(began.elapsed() >= Duration::from_millis(100), "it did not wait for the silent ones to be dropped");
}

#[tokio::test]
async fn who_takes_no_answer_is_dropped() {
    let (address, stop, server) = start().await;
    let mut stream = ask(address, "/big").await;
    tokio::time::sleep(Duration::from_millis(900)).await;
    let got = rest(&mut stream).await;
    assert!(got.len() < 64 << 20, "the whole answer arrived");
    stop.cancel();
    server.await.unwrap();
}

#[tokio::test]
async fn a_request_under_way_is_finished_and_a_new_one_is_refused() {
    let (address, stop, server) = start().await;
    let mut under_way = ask(address, "/slow").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.cancel();
    assert!(rest(&mut under_way).await.ends_with("done"));
    server.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
