//! The socket as a client of the protocol has it: it knows its topics' numbers, drops what it knows, and fails the test
//! when a number is missing.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::Browser;

/// How long a frame is waited for.
const PATIENCE: Duration = Duration::from_secs(8);

/// A socket of one tab.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    pub hello: Value,
    /// Events of a frame that came with the one before them, and are next.
    unpacked: VecDeque<Value>,
    /// Frames that were looked at and not asked for yet.
    kept: VecDeque<Value>,
    /// The newest number of each topic.
    pub seen: HashMap<String, i64>,
    ids: u64,
}

impl Browser {
    /// Opens a socket with this browser's sign-in.
    pub async fn socket(&self) -> Socket {
        let stream = TcpStream::connect(self.address).await.expect("the server listens");
        Socket::open(stream, self.address, self.cookie()).await
    }

    /// A socket whose computer takes in little at a time.
    pub async fn narrow_socket(&self) -> Socket {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        let stream = socket.connect(self.address).await.expect("the server listens");
        Socket::open(stream, self.address, self.cookie()).await
    }
}

impl Socket {
    async fn open(stream: TcpStream, address: SocketAddr, cookie: Option<String>) -> Socket {
        let mut socket = Socket::try_open(stream, address, cookie, &format!("http://{address}"))
            .await
            .unwrap_or_else(|status| panic!("the socket was refused: {status}"));
        // A socket that may not stay is closed before anything is said.
        socket.hello = socket.next().await.unwrap_or(Value::Null);
        socket
    }

    /// The status if the server refuses.
    pub async fn try_open(
        stream: TcpStream,
        address: SocketAddr,
        cookie: Option<String>,
        origin: &str,
    ) -> Result<Socket, u16> {
        let mut request = format!("ws://{address}/ws?locale=en").into_client_request().expect("an address");
        let headers = request.headers_mut();
        headers.insert("origin", HeaderValue::from_str(origin).expect("an origin"));
        headers.insert("sec-websocket-protocol", HeaderValue::from_static("yunqia.v1"));
        // As the program's log gives it to every request.
        headers.insert("x-request-id", HeaderValue::from_static("of-this-socket"));
        if let Some(cookie) = cookie {
            headers.insert("cookie", HeaderValue::from_str(&cookie).expect("a cookie"));
        }
        match client_async(request, stream).await {
            Ok((stream, answer)) => {
                assert_eq!(answer.headers()["sec-websocket-protocol"], "yunqia.v1");
                let (unpacked, kept, seen) = (VecDeque::new(), VecDeque::new(), HashMap::new());
                Ok(Socket { stream, hello: Value::Null, unpacked, kept, seen, ids: 0 })
            }
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("no socket: {error}"),
        }
    }

    /// Subscribes from the start; the snapshot.
    pub async fn subscribe(&mut self, topic: &str) -> Value {
        let reply = self.subscribe_after(topic, None).await;
        assert_eq!(reply["recovered"], false, "{reply}");
        reply["snapshot"].clone()
    }

    /// Subscribes from a number; the reply.
    pub async fn subscribe_after(&mut self, topic: &str, after: Option<i64>) -> Value {
        let reply = self.ask(json!({ "t": "subscribe", "topic": topic, "after": after })).await;
        assert_eq!(reply["t"], "subscribed", "{reply}");
        let seq = if reply["recovered"] == true { after } else { reply["seq"].as_i64() };
        self.seen.insert(topic.to_owned(), seq.expect("a number"));
        // What came while the reply was on its way is counted from it.
        reply
    }

    /// Sends a frame with a new id; the answer to it.
    pub async fn ask(&mut self, mut frame: Value) -> Value {
        self.ids += 1;
        let id = self.ids.to_string();
        frame["id"] = json!(id);
        self.send(&frame.to_string()).await;
        self.wait(&format!("the answer to {frame}"), |answer| answer["id"] == id.as_str()).await
    }

    /// Does a command; the body of its acknowledgement.
    pub async fn does(&mut self, frame: Value) -> Value {
        let answer = self.ask(frame).await;
        assert_eq!(answer["t"], "ack", "{answer}");
        answer["body"].clone()
    }

    /// A command is refused with this code.
    pub async fn refused(&mut self, frame: Value, code: &str) -> Value {
        let answer = self.ask(frame).await;
        assert_eq!(answer["problem"]["code"], code, "{answer}");
        answer["problem"].clone()
    }

    pub async fn send(&mut self, text: &str) {
        self.stream.send(Message::Text(text.into())).await.expect("the socket is open");
    }

    /// The same where the server may have closed already; says whether it was sent.
    pub async fn try_send(&mut self, text: &str) -> bool {
        self.stream.send(Message::Text(text.into())).await.is_ok()
    }

    /// Forgets what was heard on a topic and not asked for; what comes from now on counts.
    pub fn forget(&mut self, topic: &str) {
        self.kept.retain(|frame| frame["topic"] != topic);
        self.unpacked.retain(|frame| frame["topic"] != topic);
    }

    /// The next event of a kind on a topic; the body.
    pub async fn event(&mut self, topic: &str, kind: &str) -> Value {
        let event = self
            .wait(&format!("{kind} on {topic}"), |frame| {
                frame["t"] == "event" && frame["topic"] == topic && frame["kind"] == kind
            })
            .await;
        event["body"].clone()
    }

    /// The next change of presence on a topic.
    pub async fn presence(&mut self, topic: &str) -> Value {
        self.wait(&format!("presence on {topic}"), |frame| frame["t"] == "presence" && frame["topic"] == topic).await
    }

    /// Waits for a frame that fits; the others are kept.
    pub async fn wait(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(place) = self.kept.iter().position(&fits) {
            return self.kept.remove(place).expect("it is there");
        }
        loop {
            match timeout(PATIENCE, self.next()).await {
                Err(_) => panic!("{what} did not come; there were {:?}", self.kept),
                Ok(None) => panic!("the socket closed before {what} came"),
                Ok(Some(frame)) if fits(&frame) => return frame,
                Ok(Some(frame)) => self.kept.push_back(frame),
            }
        }
    }

    /// Nothing of this kind comes for a while.
    pub async fn hears_nothing_of(&mut self, topic: &str, kind: &str) {
        let fits = |frame: &Value| frame["topic"] == topic && (frame["kind"] == kind || frame["t"] == kind);
        assert!(!self.kept.iter().any(fits), "{kind} came on {topic}");
        while let Ok(Some(frame)) = timeout(Duration::from_millis(700), self.next()).await {
            assert!(!fits(&frame), "{frame}");
            self.kept.push_back(frame);
        }
    }

    /// Closes as a browser does when its network is gone: without a word.
    pub fn vanish(self) -> HashMap<String, i64> {
        self.seen
    }

    /// Reads on until the server closes; the code.
    pub async fn closed(&mut self) -> u16 {
        let code = async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Close(Some(frame)))) => return u16::from(frame.code),
                    Some(Ok(_)) => {}
                    end => panic!("the socket ended without a code: {end:?}"),
                }
            }
        };
        timeout(PATIENCE * 3, code).await.expect("the server closes")
    }

    /// The next frame; events come one by one. None when the socket has closed.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(event) = self.unpacked.pop_front() {
                return Some(event);
            }
            let text = match self.stream.next().await? {
                Ok(Message::Text(text)) => text,
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => continue,
            };
            let frame: Value = serde_json::from_str(&text).expect("frames are JSON");
            if frame["t"] != "events" {
                return Some(frame);
            }
            self.unpacked = self.new_events(&frame);
        }
    }

    /// The events of a frame that are not known yet; every number must follow the one before.
    fn new_events(&mut self, frame: &Value) -> VecDeque<Value> {
        let topic = frame["topic"].as_str().expect("a topic").to_owned();
        let mut new = VecDeque::new();
        for event in frame["events"].as_array().expect("events") {
            let seq = event["seq"].as_i64().expect("a number");
            let seen = self.seen.entry(topic.clone()).or_insert(seq - 1);
            if seq <= *seen {
                continue;
            }
            assert_eq!(seq, *seen + 1, "an event of {topic} is missing");
            *seen = seq;
            new.push_back(
                json!({ "t": "event", "topic": topic, "seq": seq, "kind": event["kind"], "body": event["body"] }),
            );
        }
        new
    }
}
