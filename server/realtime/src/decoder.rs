//! What a client sends, byte by byte, as messages (RFC 6455 §5). Nothing is kept of a client that is between two frames.

/// One frame of a client, put together where it belongs to a message in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    /// The client ends the connection, with the code it gave.
    Close(Option<u16>),
    /// Part of a message that goes on: nothing to do, but it counts.
    Part,
}

/// Why the connection cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Against the protocol (RFC 6455 §7.4.1: 1002).
    Protocol,
    /// Text that is not UTF-8 (1007).
    NotText,
    /// Larger than a message may be (1009).
    TooLarge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Binary,
}

/// Turns bytes into messages.
#[derive(Debug)]
pub(crate) struct Decoder {
    /// Bytes that came and were not used yet.
    kept: Vec<u8>,
    /// The message that is coming in parts.
    parts: Option<(Kind, Vec<u8>)>,
    /// How much of a text in parts is known to be UTF-8.
    valid: usize,
    message_max: usize,
}

struct Header {
    last: bool,
    code: u8,
    mask: [u8; 4],
    begin: usize,
    length: usize,
}

impl Decoder {
    pub fn new(message_max: usize) -> Decoder {
        Decoder { kept: Vec::new(), parts: None, valid: 0, message_max }
    }

    /// More bytes from the stream.
    pub fn put(&mut self, bytes: &[u8]) {
        self.kept.extend_from_slice(bytes);
    }

    /// The next frame that has come whole.
    pub fn next(&mut self) -> Result<Option<Message>, Broken> {
        let Some(header) = self.header()? else { return Ok(None) };
        let end = header.begin + header.length;
        if self.kept.len() < end {
            return Ok(None);
        }
        let payload: Vec<u8> = self.kept[header.begin..end]
            .iter()
            .zip(header.mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask)
            .collect();
        if self.kept.len() == end {
            self.kept = Vec::new();
        } else {
            self.kept.drain(..end);
        }
        self.message(&header, payload).map(Some)
    }

    /// The header at the front, judged before the rest of the frame has come.
    fn header(&self) -> Result<Option<Header>, Broken> {
        let &[first, second, ..] = &*self.kept else { return Ok(None) };
        let (last, reserved, code) = (first & 0x80 != 0, first & 0x70, first & 0x0f);
        let (masked, short) = (second & 0x80 != 0, usize::from(second & 0x7f));
        let control = code >= 0x8;
        // What a client sends is masked; extensions were not agreed on; control frames are short and whole.
        if reserved != 0 || !masked || !matches!(code, 0x0..=0x2 | 0x8..=0xa) || (control && (!last || short > 125)) {
            return Err(Broken::Protocol);
        }
        if !control && (code == 0x0) != self.parts.is_some() {
            return Err(Broken::Protocol);
        }
        let (length, mask_at) = match short {
            126 => {
                let Some(&bytes) = self.kept[2..].first_chunk::<2>() else { return Ok(None) };
                (usize::from(u16::from_be_bytes(bytes)), 4)
            }
            127 => {
                let Some(&bytes) = self.kept[2..].first_chunk::<8>() else { return Ok(None) };
                (usize::try_from(u64::from_be_bytes(bytes)).map_err(|_| Broken::TooLarge)?, 10)
            }
            short => (short, 2),
        };
        let before = self.parts.as_ref().map_or(0, |(_, bytes)| bytes.len());
        if !control && length > self.message_max.saturating_sub(before) {
            return Err(Broken::TooLarge);
        }
        let Some(&mask) = self.kept[mask_at..].first_chunk::<4>() else { return Ok(None) };
        Ok(Some(Header { last, code, mask, begin: mask_at + 4, length }))
    }

    fn message(&mut self, header: &Header, payload: Vec<u8>) -> Result<Message, Broken> {
        let kind = match header.code {
            0x8 => return close(&payload),
            0x9 => return Ok(Message::Ping(payload)),
            0xa => return Ok(Message::Pong),
            0x1 => Kind::Text,
            0x2 => Kind::Binary,
            _ => {
                let Some((kind, mut bytes)) = self.parts.take() else { return Err(Broken::Protocol) };
                bytes.extend_from_slice(&payload);
                return self.data(kind, bytes, header.last);
            }
        };
        self.valid = 0;
        self.data(kind, payload, header.last)
    }

    fn data(&mut self, kind: Kind, bytes: Vec<u8>, last: bool) -> Result<Message, Broken> {
        match (kind, last) {
            (Kind::Text, true) => String::from_utf8(bytes).map(Message::Text).map_err(|_| Broken::NotText),
            (Kind::Binary, true) => Ok(Message::Binary(bytes)),
            (kind, false) => {
                // A character may be cut by the end of a part, but what cannot become one is refused at once.
                if kind == Kind::Text
                    && let Err(error) = std::str::from_utf8(&bytes[self.valid..])
                {
                    if error.error_len().is_some() {
                        return Err(Broken::NotText);
                    }
                    self.valid += error.valid_up_to();
                } else {
                    self.valid = bytes.len();
                }
                self.parts = Some((kind, bytes));
                Ok(Message::Part)
            }
        }
    }
}

fn close(payload: &[u8]) -> Result<Message, Broken> {
    let Some((&code, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() { Ok(Message::Close(None)) } else { Err(Broken::Protocol) };
    };
    // Codes that may be sent (RFC 6455 §7.4, and what IANA has registered since).
    match u16::from_be_bytes(code) {
        code @ (1000..=1003 | 1007..=1014 | 3000..=4999) if std::str::from_utf8(reason).is_ok() => {
            Ok(Message::Close(Some(code)))
        }
        _ if std::str::from_utf8(reason).is_err() => Err(Broken::NotText),
        _ => Err(Broken::Protocol),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MAX: usize = 1000;

    /// A frame as a client makes it.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [7, 77, 177, 9];
        let mut frame = vec![first];
        match payload.len() {
            short @ 0..=125 => frame.push(0x80 | short as u8),
            middle => {
                frame.push(0x80 | 126);
                frame.extend((middle as u16).to_be_bytes());
            }
        }
        frame.extend(mask);
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        frame
    }

    fn heard(bytes: &[u8]) -> Result<Vec<Message>, Broken> {
        let mut decoder = Decoder::new(MAX);
        decoder.put(bytes);
        let mut messages = Vec::new();
        while let Some(message) = decoder.next()? {
            messages.push(message);
        }
        Ok(messages)
    }

    #[test]
    fn parts_are_put_together_around_a_ping() {
        let (one, two) = "云洽".as_bytes().split_at(4);
        let bytes = [frame(0x01, one), frame(0x89, b"?"), frame(0x80, two)].concat();
        let expected = [Message::Part, Message::Ping(b"?".to_vec()), Message::Text("云洽".into())];
        assert_eq!(heard(&bytes).unwrap(), expected);
    }

    #[test]
    fn what_is_against_the_protocol_is_refused() {
        let broken = |bytes: &[u8]| heard(bytes).unwrap_err();
        assert_eq!(broken(&frame(0xc1, b"a")), Broken::Protocol, "a reserved bit");
        assert_eq!(broken(&frame(0x83, b"a")), Broken::Protocol, "an unknown kind");
        assert_eq!(broken(&[0x81, 0x01, b'a']), Broken::Protocol, "not masked");
        assert_eq!(broken(&frame(0x09, b"a")), Broken::Protocol, "a ping in parts");
        assert_eq!(broken(&frame(0x89, &[0; 126])), Broken::Protocol, "a long ping");
        assert_eq!(broken(&frame(0x80, b"a")), Broken::Protocol, "goes on with nothing");
        assert_eq!(broken(&[frame(0x01, b"a"), frame(0x81, b"b")].concat()), Broken::Protocol, "begins in a message");
        assert_eq!(broken(&frame(0x88, b"a")), Broken::Protocol, "half a code");
        assert_eq!(broken(&frame(0x88, &1005u16.to_be_bytes())), Broken::Protocol, "a code that is never sent");
        assert_eq!(broken(&frame(0x81, &[0xff])), Broken::NotText);
        assert_eq!(broken(&frame(0x01, &[0xff])), Broken::NotText, "before its end");
        assert_eq!(broken(&[frame(0x01, &[0xe4]), frame(0x80, b"")].concat()), Broken::NotText, "half a character");
    }

    #[test]
    fn what_is_too_large_is_refused_before_it_has_come() {
        let whole = frame(0x81, &[b'a'; MAX + 1]);
        assert_eq!(heard(&whole[..8]).unwrap_err(), Broken::TooLarge);
        let parts = [frame(0x01, &[b'a'; MAX]), frame(0x80, b"b")].concat();
        assert_eq!(heard(&parts).unwrap_err(), Broken::TooLarge);
        assert_eq!(heard(&[0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).unwrap_err(), Broken::TooLarge);
    }

    #[test]
    fn nothing_is_kept_between_two_frames() {
        let mut decoder = Decoder::new(MAX);
        decoder.put(&frame(0x81, &[b'a'; 900]));
        assert!(matches!(decoder.next(), Ok(Some(Message::Text(_)))));
        assert_eq!(decoder.kept.capacity(), 0);
    }

    proptest! {
        /// However the network cuts the bytes, the messages are the same.
        #[test]
        fn cuts_make_no_difference(texts in prop::collection::vec(".{0,200}", 0..8), cuts in prop::collection::vec(1usize..40, 1..200)) {
            let bytes: Vec<u8> = texts.iter().flat_map(|text| frame(0x81, text.as_bytes())).collect();
            let mut decoder = Decoder::new(MAX);
            let mut got = Vec::new();
            let mut rest = &bytes[..];
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                decoder.put(now);
                rest = later;
                while let Some(message) = decoder.next().unwrap() {
                    got.push(message);
                }
            }
            let expected: Vec<_> = texts.into_iter().map(Message::Text).collect();
            prop_assert_eq!(got, expected);
        }

        /// No bytes make it panic.
        #[test]
        fn anything_is_borne(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = heard(&bytes);
        }
    }
}
