//! `[jobs]`: what the clock does.

use super::section::Wrong;

section! {
    /// Pace of the jobs.
    Jobs = "jobs" {
        /// Expiries, offers, windows and reminders are looked at this often.
        every_seconds: u64 = 5, "a number of seconds";
    }
}

impl Jobs {
    pub(super) fn judge(&self, wrong: &mut Wrong) {
        wrong.unless((1..=60).contains(&self.every_seconds), "jobs.every_seconds", "must be 1 to 60");
    }
}
