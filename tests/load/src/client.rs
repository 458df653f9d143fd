//! A signed-in company's browser, reduced to what a benchmark needs.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

/// Status and text of a page, asked for by nobody in particular.
pub async fn text(address: SocketAddr, path: &str) -> anyhow::Result<(u16, String)> {
    let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::get(format!("http://{address}{path}")).body(Full::default())?;
    let answer = tokio::time::timeout(Duration::from_secs(15), client.request(request)).await??;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await?.to_bytes();
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}

#[derive(Clone)]
pub struct Browser {
    address: SocketAddr,
    cookie: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Browser {
    pub fn new(address: SocketAddr, cookie: String) -> Browser {
        Browser { address, cookie, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let request = Request::get(format!("http://{}{path}", self.address))
            .header("cookie", &self.cookie)
            .body(Full::default())?;
        let (status, body) = self.send(request).await?;
        anyhow::ensure!(status.is_success(), "GET {path}: {status} {body}");
        Ok(body)
    }

    /// POST with a fresh idempotency key.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<(StatusCode, Value)> {
        self.post_once(path, &crate::fresh().to_string(), body).await
    }

    /// POST with this idempotency key.
    pub async fn post_once(&self, path: &str, key: &str, body: &Value) -> anyhow::Result<(StatusCode, Value)> {
        let request = Request::post(format!("http://{}{path}", self.address))
            .header("cookie", &self.cookie)
            .header("origin", format!("http://{}", self.address))
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(Full::new(Bytes::from(body.to_string())))?;
        self.send(request).await
    }

    /// Uploads a file as a form does.
    pub async fn upload(&self, path: &str, name: &str, content: &[u8]) -> anyhow::Result<(StatusCode, Value)> {
        let mut form = format!(
            "--line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        form.extend_from_slice(content);
        form.extend_from_slice(b"\r\n--line--\r\n");
        let request = Request::post(format!("http://{}{path}", self.address))
            .header("cookie", &self.cookie)
            .header("origin", format!("http://{}", self.address))
            .header("content-type", "multipart/form-data; boundary=line")
            .body(Full::new(Bytes::from(form)))?;
        self.send(request).await
    }

    /// Downloads something that is no JSON.
    pub async fn download(&self, path: &str) -> anyhow::Result<(StatusCode, Bytes)> {
        let request = Request::get(format!("http://{}{path}", self.address))
            .header("cookie", &self.cookie)
            .body(Full::default())?;
        let answer = tokio::time::timeout(Duration::from_secs(30), self.client.request(request)).await??;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> anyhow::Result<(StatusCode, Value)> {
        let answer = tokio::time::timeout(Duration::from_secs(30), self.client.request(request)).await??;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }
}
