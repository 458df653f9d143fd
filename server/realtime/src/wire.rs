//! The server's end of a WebSocket (RFC 6455) on any stream of bytes.
//!
//! Why not a library's: those that were measured keep a buffer for reading and one for writing with every socket, the second as
//! large as the largest frame that ever went through it, and copy each frame into it. A socket of the hall is idle almost
//! always and is sent what thousands of others are sent too, so this one reads into a buffer that lives only while it reads,
//! keeps bytes only of a frame that has not come whole, and hands shared frames to the network as they are, many at once.

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{decoder::Decoder, frame};

pub use crate::decoder::{Broken, Message};

/// Read at once.
const READ: usize = 4096;
/// Frames handed to the network at once.
const TOGETHER: usize = 64;
/// Answers to pings that may wait for a client that reads nothing.
const PONGS_MAX: usize = 16;

/// A stream that speaks WebSocket.
pub struct Wire<S> {
    stream: S,
    decoder: Decoder,
    out: VecDeque<Bytes>,
    /// The first frame of `out` has gone in part.
    begun: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// `message_max`: bytes that a message, or one frame of it, may have.
    pub fn new(stream: S, message_max: usize) -> Wire<S> {
        Wire { stream, decoder: Decoder::new(message_max), out: VecDeque::new(), begun: false }
    }

    /// The next frame of the client; None when the stream has ended. Pings are answered with the next flush.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Message, Broken>>> {
        loop {
            match self.decoder.next() {
                Ok(None) => {}
                Ok(Some(message)) => {
                    if let Message::Ping(payload) = &message
                        && self.out.len() < PONGS_MAX
                    {
                        self.out.push_back(frame::pong(payload));
                    }
                    return Poll::Ready(Some(Ok(message)));
                }
                Err(broken) => return Poll::Ready(Some(Err(broken))),
            }
            let mut room = [const { MaybeUninit::<u8>::uninit() }; READ];
            let mut room = ReadBuf::uninit(&mut room);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut room)) {
                Ok(()) if !room.filled().is_empty() => self.decoder.put(room.filled()),
                // How a stream ends makes no difference to the server.
                _ => return Poll::Ready(None),
            }
        }
    }

    /// Takes what comes and forgets it, until the stream ends: after a broken frame nothing can be told apart any more.
    pub async fn drain(&mut self) {
        let mut room = vec![0; READ];
        while let Ok(1..) = tokio::io::AsyncReadExt::read(&mut self.stream, &mut room).await {}
    }

    /// Puts a whole frame behind those that wait to be written.
    pub fn queue(&mut self, frame: Bytes) {
        self.out.push_back(frame);
    }

    /// Whether something waits to be written.
    pub fn is_full(&self) -> bool {
        !self.out.is_empty()
    }

    /// Drops the frames that have not begun to go: the client will not be told them.
    pub fn abandon(&mut self) {
        self.out.truncate(usize::from(self.begun));
    }

    /// Writes all that waits, with as few calls as the network allows.
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let mut parts = [IoSlice::new(&[]); TOGETHER];
            let mut count = 0;
            for (part, frame) in parts.iter_mut().zip(&self.out) {
                *part = IoSlice::new(frame);
                count += 1;
            }
            let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, &parts[..count]))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.wrote(written);
        }
        // Room for a burst is not kept for the quiet after it.
        self.out = VecDeque::new();
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn wrote(&mut self, mut written: usize) {
        while let Some(first) = self.out.front_mut() {
            if written < first.len() {
                first.advance(written);
                self.begun |= written > 0;
                return;
            }
            written -= first.len();
            self.out.pop_front();
            self.begun = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn frames_arrive_whole_and_in_order_through_a_narrow_stream() {
        let (server, mut client) = tokio::io::duplex(7);
        let mut wire = Wire::new(server, 1024);
        let frames: Vec<_> = (0..200).map(|n| frame::TextFrame::json(&format!("frame {n}"))).collect();
        frames.iter().for_each(|frame| wire.queue(frame.wire()));
        let expected: Vec<u8> = frames.iter().flat_map(|frame| frame.wire().to_vec()).collect();
        let read = tokio::spawn(async move {
            let mut got = vec![0; expected.len()];
            client.read_exact(&mut got).await.unwrap();
            assert_eq!(got, expected);
        });
        poll_fn(|cx| wire.poll_flush(cx)).await.unwrap();
        assert!(!wire.is_full());
        read.await.unwrap();
    }

    #[tokio::test]
    async fn what_is_abandoned_leaves_no_half_frame() {
        let (server, mut client) = tokio::io::duplex(5);
        let mut wire = Wire::new(server, 1024);
        for text in ["first", "second"] {
            wire.queue(frame::TextFrame::json(&text).wire());
        }
        assert!(poll_fn(|cx| Poll::Ready(wire.poll_flush(cx))).await.is_pending());
        wire.abandon();
        wire.queue(frame::close(4008, "behind"));
        let read = tokio::spawn(async move {
            let mut got = Vec::new();
            client.read_to_end(&mut got).await.unwrap();
            got
        });
        poll_fn(|cx| wire.poll_flush(cx)).await.unwrap();
        drop(wire);
        assert_eq!(read.await.unwrap(), b"\x81\x07\"first\"\x88\x08\x0f\xa8behind");
    }

    #[tokio::test]
    async fn a_ping_is_answered_with_its_own_words() {
        let (server, mut client) = tokio::io::duplex(1024);
        let mut wire = Wire::new(server, 1024);
        client.write_all(&[0x89, 0x82, 1, 1, 1, 1, b'h' ^ 1, b'i' ^ 1]).await.unwrap();
        let heard = poll_fn(|cx| wire.poll_next(cx)).await.unwrap().unwrap();
        assert_eq!(heard, Message::Ping(b"hi".to_vec()));
        poll_fn(|cx| wire.poll_flush(cx)).await.unwrap();
        let mut got = [0; 4];
        client.read_exact(&mut got).await.unwrap();
        assert_eq!(&got, b"\x8a\x02hi");
    }
}
