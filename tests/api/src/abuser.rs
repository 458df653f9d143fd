//! A client that does what no well-made client does: it writes the bytes of the protocol by hand.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::Browser;

/// How long the server may take to close.
const PATIENCE: Duration = Duration::from_secs(20);

/// A socket of which we hold the bytes.
pub struct Abuser {
    stream: TcpStream,
}

impl Browser {
    /// Opens a socket with this browser's sign-in, past every library.
    pub async fn raw_socket(&self) -> Abuser {
        let mut stream = TcpStream::connect(self.address).await.expect("the server listens");
        let cookie = self.cookie().map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: yunqia.v1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{cookie}\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("the server answers"));
        }
        let head = String::from_utf8_lossy(&head).to_lowercase();
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
        Abuser { stream }
    }
}

impl Abuser {
    /// Writes one frame: its first byte (RFC 6455 §5.2) and payload, masked as a client must.
    pub async fn frame(&mut self, first: u8, payload: &[u8]) {
        let mask = [1, 2, 3, 4];
        let mut frame = vec![first];
        match payload.len() {
            short @ 0..=125 => frame.push(0x80 | short as u8),
            middle @ 126..=65_535 => {
                frame.push(0x80 | 126);
                frame.extend((middle as u16).to_be_bytes());
            }
            long => {
                frame.push(0x80 | 127);
                frame.extend((long as u64).to_be_bytes());
            }
        }
        frame.extend(mask);
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        self.bytes(&frame).await;
    }

    /// Writes anything. The server may have closed already.
    pub async fn bytes(&mut self, bytes: &[u8]) {
        let _ = timeout(PATIENCE, self.stream.write_all(bytes)).await;
    }

    /// Reads on until the server closes; the code it gives.
    pub async fn closed(&mut self) -> u16 {
        let code = async {
            loop {
                let (first, payload) = self.next().await;
                if first == 0x88 {
                    return u16::from_be_bytes([payload[0], payload[1]]);
                }
            }
        };
        timeout(PATIENCE, code).await.expect("the server closes")
    }

    /// Reads frames until one of this kind comes; its payload.
    pub async fn wait(&mut self, kind: u8) -> Vec<u8> {
        let found = async {
            loop {
                let (first, payload) = self.next().await;
                if first == kind {
                    return payload;
                }
            }
        };
        timeout(PATIENCE, found).await.expect("the frame comes")
    }

    async fn next(&mut self) -> (u8, Vec<u8>) {
        let read = "the server says something or closes with a code";
        let first = self.stream.read_u8().await.expect(read);
        let length = match self.stream.read_u8().await.expect(read) {
            126 => usize::from(self.stream.read_u16().await.expect(read)),
            127 => self.stream.read_u64().await.expect(read) as usize,
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).await.expect(read);
        (first, payload)
    }
}
