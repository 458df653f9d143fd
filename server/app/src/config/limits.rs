//! `[limits]`: how often one address or one person may ask. The defaults are for people; a benchmark raises them.

use super::section::Wrong;

section! {
    /// Rates.
    Limits = "limits" {
        /// Requests a second from one IP address without a sign-in, and how many may come at once.
        anonymous_per_second: u32 = 50, "a number of requests";
        anonymous_burst: u32 = 1000, "a number of requests";
        /// Changes a second by one signed-in person, and how many may come at once.
        writes_per_second: u32 = 5, "a number of requests";
        writes_burst: u32 = 60, "a number of requests";
        /// Sign-in letters an hour that one IP address may ask for; a county office shares one address.
        sign_in_letters_per_hour: u32 = 60, "a number of letters";
    }
}

impl Limits {
    pub(super) fn judge(&self, wrong: &mut Wrong) {
        let all = [
            self.anonymous_per_second,
            self.anonymous_burst,
            self.writes_per_second,
            self.writes_burst,
            self.sign_in_letters_per_hour,
        ];
        for (key, number) in Limits::KEYS.iter().zip(all) {
            wrong.unless(number >= 1, &format!("limits.{key}"), "must be at least 1");
        }
    }
}
