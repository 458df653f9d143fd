//! The bounded ring of a topic: its newest frames, shared by all who listen. It is the short history from which a brief
//! absence is made good, and the bound that a slow reader may not fall behind.

use std::collections::VecDeque;

use crate::frame::TextFrame;

/// One encoded text frame.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub text: TextFrame,
    /// Number of the last event in it; zero for a frame that is not numbered (presence).
    pub last: i64,
}

/// Frames carry indices of their own (0, 1, 2 …), numbered or not.
pub(crate) struct Ring {
    frames: VecDeque<Frame>,
    /// Index of the next frame.
    next: u64,
    bytes: usize,
    frames_max: usize,
    bytes_max: usize,
    /// Number of the newest event that went in; where the ring began if none did.
    position: i64,
    /// Events above this number are all in the ring.
    floor: i64,
}

impl Ring {
    pub fn new(position: i64, frames_max: usize, bytes_max: usize) -> Ring {
        Ring { frames: VecDeque::new(), next: 0, bytes: 0, frames_max, bytes_max, position, floor: position }
    }

    pub fn next(&self) -> u64 {
        self.next
    }

    pub fn position(&self) -> i64 {
        self.position
    }

    pub fn push(&mut self, frame: Frame) {
        self.bytes += frame.text.len();
        self.position = self.position.max(frame.last);
        self.frames.push_back(frame);
        self.next += 1;
        // The newest frame always stays, however large.
        while self.frames.len() > 1 && (self.frames.len() > self.frames_max || self.bytes > self.bytes_max) {
            let Some(old) = self.frames.pop_front() else { break };
            self.bytes -= old.text.len();
            self.floor = self.floor.max(old.last);
        }
    }

    /// The frame with this index; `Err` if it has been dropped, `Ok(None)` if it is still to come.
    pub fn get(&self, index: u64) -> Result<Option<&Frame>, ()> {
        let oldest = self.next - self.frames.len() as u64;
        match index.checked_sub(oldest) {
            None => Err(()),
            Some(offset) => Ok(self.frames.get(offset as usize)),
        }
    }

    /// Index from which every event above `after` can be read; None if some are no longer, or not yet, here.
    pub fn index_after(&self, after: i64) -> Option<u64> {
        if after < self.floor || after > self.position {
            return None;
        }
        let oldest = self.next - self.frames.len() as u64;
        let offset = self.frames.iter().position(|frame| frame.last > after).unwrap_or(self.frames.len());
        Some(oldest + offset as u64)
    }

    /// Makes every reader fall behind: events were missed and cannot be had any more.
    pub fn tear(&mut self, position: i64) {
        self.frames.clear();
        self.bytes = 0;
        // An index nobody has reached: all cursors are below the oldest.
        self.next += 1;
        self.position = position;
        self.floor = position;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(last: i64) -> Frame {
        Frame { text: TextFrame::json(&"012345"), last }
    }

    #[test]
    fn a_short_absence_is_made_good_from_the_ring() {
        let mut ring = Ring::new(10, 3, 1000);
        assert_eq!(ring.index_after(10), Some(0));
        assert_eq!(ring.index_after(9), None);
        ring.push(frame(12));
        ring.push(frame(13));
        assert_eq!(ring.index_after(10), Some(0));
        assert_eq!(ring.index_after(11), Some(0), "the frame holds 12 too");
        assert_eq!(ring.index_after(12), Some(1));
        assert_eq!(ring.index_after(13), Some(2));
        assert_eq!(ring.index_after(14), None, "that number is not known here yet");
    }

    #[test]
    fn what_the_ring_has_dropped_cannot_be_had_from_it() {
        let mut ring = Ring::new(0, 2, 1000);
        for seq in 1..=4 {
            ring.push(frame(seq));
        }
        assert!(ring.get(1).is_err());
        assert_eq!(ring.get(2).unwrap().unwrap().last, 3);
        assert!(ring.get(4).unwrap().is_none());
        assert_eq!(ring.index_after(1), None);
        assert_eq!(ring.index_after(2), Some(2));
    }

    #[test]
    fn bytes_bound_it_too_and_the_newest_stays() {
        let mut ring = Ring::new(0, 100, 15);
        ring.push(frame(1));
        ring.push(frame(2));
        assert!(ring.get(0).is_err());
        assert_eq!(ring.get(1).unwrap().unwrap().last, 2);
    }

    #[test]
    fn after_a_tear_every_cursor_has_fallen_behind() {
        let mut ring = Ring::new(0, 8, 1000);
        ring.push(frame(1));
        ring.tear(9);
        assert!(ring.get(0).is_err() && ring.get(1).is_err());
        assert_eq!(ring.index_after(9), Some(ring.next()));
    }
}
