//! Frames of the WebSocket protocol as the server writes them (RFC 6455 §5.2): never masked, never in parts. A text frame is
//! encoded once, header and all, and the same bytes go to everybody.

use bytes::Bytes;
use serde::Serialize;

/// The longest header of a frame that is not masked.
const HEADER_MAX: usize = 10;
/// First byte of a whole message of text.
pub const TEXT: u8 = 0x81;
/// First byte of a whole message of bytes; the server itself sends none.
pub const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

/// A JSON text with its header, ready for the network; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextFrame {
    wire: Bytes,
    header: usize,
}

impl TextFrame {
    /// Encodes a value, which must be plain data: text keys, nothing that JSON cannot say.
    pub fn json(value: &impl Serialize) -> TextFrame {
        let mut room = vec![0; HEADER_MAX];
        serde_json::to_writer(&mut room, value).expect("text and JSON always encode");
        let header = header(TEXT, room.len() - HEADER_MAX);
        let begin = HEADER_MAX - header.len();
        room[begin..HEADER_MAX].copy_from_slice(&header);
        TextFrame { wire: Bytes::from(room).slice(begin..), header: header.len() }
    }

    /// Header and text.
    pub fn wire(&self) -> Bytes {
        self.wire.clone()
    }

    /// The text alone.
    pub fn text(&self) -> &[u8] {
        &self.wire[self.header..]
    }

    /// Bytes on the wire.
    pub fn len(&self) -> usize {
        self.wire.len()
    }

    /// Never: a frame has a header.
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// A whole message that is not JSON; `kind` is [`TEXT`] or [`BINARY`].
pub fn message(kind: u8, payload: &[u8]) -> Bytes {
    [&header(kind, payload.len()), payload].concat().into()
}

/// A ping without a payload.
pub fn ping() -> Bytes {
    Bytes::from_static(&[PING, 0])
}

/// The answer to a ping: its payload, at most 125 bytes.
pub(crate) fn pong(payload: &[u8]) -> Bytes {
    message(PONG, payload)
}

/// Ends the connection with a code and a reason of at most 123 bytes.
pub fn close(code: u16, reason: &str) -> Bytes {
    let payload = [&code.to_be_bytes(), reason.as_bytes()].concat();
    message(CLOSE, &payload[..payload.len().min(125)])
}

fn header(kind: u8, length: usize) -> Vec<u8> {
    let mut header = Vec::with_capacity(HEADER_MAX);
    header.push(kind);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..=125), _) => header.push(short),
        (_, Ok(middle)) => {
            header.push(126);
            header.extend(middle.to_be_bytes());
        }
        _ => {
            header.push(127);
            header.extend((length as u64).to_be_bytes());
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_stands_in_one_three_or_nine_bytes() {
        for (length, begin) in [
            (125, vec![0x81, 125]),
            (126, vec![0x81, 126, 0, 126]),
            (65_535, vec![0x81, 126, 0xff, 0xff]),
            (65_536, vec![0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            // The quotes of JSON count too.
            let frame = TextFrame::json(&"x".repeat(length - 2));
            assert_eq!(frame.wire()[..begin.len()], begin);
            assert_eq!((frame.len(), frame.text().len()), (begin.len() + length, length));
            assert!(frame.text().starts_with(b"\"x"));
        }
    }

    #[test]
    fn a_close_says_code_and_reason() {
        assert_eq!(&close(1012, "later")[..], b"\x88\x07\x03\xf4later");
        assert_eq!(close(1000, &"x".repeat(200)).len(), 127);
    }
}
