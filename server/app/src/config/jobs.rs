//! `[jobs]`: what the clock does, and how long things are kept.

use super::section::Wrong;

section! {
    /// Pace and patience of the jobs.
    Jobs = "jobs" {
        /// Expiries, offers, windows and reminders are looked at this often.
        every_seconds: u64 = 5, "a number of seconds";
        /// Events are kept this long, so that a client that was away resumes without a gap.
        events_hours: i64 = 48, "a number of hours";
        /// Answers to repeated requests are kept this long.
        answers_hours: i64 = 48, "a number of hours";
    }
}

impl Jobs {
    pub(super) fn judge(&self, wrong: &mut Wrong) {
        wrong.unless((1..=60).contains(&self.every_seconds), "jobs.every_seconds", "must be 1 to 60");
        wrong.unless((1..=24 * 90).contains(&self.events_hours), "jobs.events_hours", "must be 1 to 2160");
        wrong.unless((1..=24 * 30).contains(&self.answers_hours), "jobs.answers_hours", "must be 1 to 720");
    }
}
