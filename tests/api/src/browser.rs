//! What a browser does: keeps the cookie, sends its origin, reads JSON.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use yunqia_domain::ids::PersonId;

/// One browser, with or without a person signed in.
#[derive(Clone)]
pub struct Browser {
    pub address: SocketAddr,
    /// Who is signed in, where the test knows.
    pub person: Option<PersonId>,
    pub email: String,
    locale: &'static str,
    cookie: Arc<Mutex<Option<String>>>,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Browser {
    pub fn new(address: SocketAddr) -> Browser {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Browser { address, person: None, email: String::new(), locale: "en", cookie: Arc::default(), client }
    }

    pub fn with_cookie(self, cookie: String) -> Browser {
        *self.cookie.lock().expect("no test panics while it holds this") = Some(cookie);
        self
    }

    /// The id of the person signed in.
    pub fn id(&self) -> PersonId {
        self.person.expect("this browser was made by signing in")
    }

    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().expect("no test panics while it holds this").clone()
    }

    /// The same browser in another language (`zh-Hans`, `zh-Hant`, `en`).
    pub fn in_language(&self, locale: &'static str) -> Browser {
        Browser { locale, ..self.clone() }
    }

    /// The same browser at another server on the same database.
    pub fn at(&self, address: SocketAddr) -> Browser {
        Browser { address, ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }

    /// POST with a fresh idempotency key.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_once(path, &crate::fresh(), body).await
    }

    /// POST with this idempotency key.
    pub async fn post_once(&self, path: &str, key: &str, body: Value) -> Answer {
        self.call(Method::POST, path).header("idempotency-key", key).json(&body).send().await
    }

    /// PUT without a version.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path).json(&body).send().await
    }

    /// PUT of a row that was read at this version.
    pub async fn put_at(&self, path: &str, version: i64, body: Value) -> Answer {
        self.call(Method::PUT, path).header("if-match", &format!("\"{version}\"")).json(&body).send().await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path).send().await
    }

    /// A call to build header by header.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let mut headers = HeaderMap::new();
        headers.insert("x-locale", HeaderValue::from_static(self.locale));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("Test Browser"));
        if method != Method::GET {
            headers.insert(header::ORIGIN, value(&format!("http://{}", self.address)));
        }
        if let Some(cookie) = self.cookie() {
            headers.insert(header::COOKIE, value(&cookie));
        }
        Call { browser: self.clone(), method, path: path.to_owned(), headers, body: Bytes::new() }
    }

    /// Keeps or forgets the cookie that an answer sets.
    fn keep_cookie(&self, headers: &HeaderMap) {
        for cookie in headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            let kept = pair.split_once('=').filter(|(_, secret)| !secret.is_empty()).map(|_| pair.to_owned());
            *self.cookie.lock().expect("no test panics while it holds this") = kept;
        }
    }
}

/// A request that is being put together.
pub struct Call {
    browser: Browser,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    /// Sets a header; an empty value removes it.
    pub fn header(mut self, name: &str, text: &str) -> Call {
        let name: HeaderName = name.parse().expect("a header's name");
        if text.is_empty() {
            self.headers.remove(name);
        } else {
            self.headers.insert(name, value(text));
        }
        self
    }

    pub fn json(self, body: &Value) -> Call {
        self.body("application/json", serde_json::to_vec(body).expect("JSON can be written"))
    }

    pub fn body(mut self, kind: &str, body: impl Into<Bytes>) -> Call {
        self.body = body.into();
        self.header("content-type", kind)
    }

    pub async fn send(self) -> Answer {
        let uri = format!("http://{}{}", self.browser.address, self.path);
        let what = format!("{} {}", self.method, self.path);
        let mut request = Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = uri.parse().unwrap_or_else(|error| panic!("{what}: {error}"));
        *request.headers_mut() = self.headers;
        let answer = self.browser.client.request(request).await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap_or_else(|error| panic!("{what}: {error:?}")).to_bytes();
        self.browser.keep_cookie(&parts.headers);
        Answer { what, status: parts.status, headers: parts.headers, body }
    }
}

/// What the server said.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The request's method and path, for messages of failed tests.
    pub what: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error} in {} {}", self.what, self.status, self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The answer must be this status.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Answer {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.what, self.text());
        self
    }

    /// 200 with JSON.
    #[track_caller]
    pub fn ok(&self) -> Value {
        self.is(200).json()
    }

    /// 201 with JSON.
    #[track_caller]
    pub fn created(&self) -> Value {
        self.is(201).json()
    }

    /// 204 without anything.
    #[track_caller]
    pub fn done(&self) {
        self.is(204);
        assert!(self.body.is_empty(), "{}: {}", self.what, self.text());
    }

    /// A problem document with this status and code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let problem = self.is(status).json();
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.what);
        assert_eq!(problem["code"], code, "{}: {problem}", self.what);
        problem
    }

    /// 422 that names this field and rule.
    #[track_caller]
    pub fn wrong_field(&self, pointer: &str, code: &str) {
        let problem = self.refused(422, "values_wrong");
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let named = errors.iter().any(|error| error["pointer"] == pointer && error["code"] == code);
        assert!(named, "{}: {pointer} {code} is not in {errors:?}", self.what);
    }
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("a header's value")
}
