//! `[mail]`: how letters leave.

use std::path::PathBuf;

use serde::Deserialize;
use yunqia_mail::Security;

use super::section::Wrong;

/// The way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Letters wait in the outbox until a way is set.
    Wait,
    /// A mail server.
    Smtp,
    /// A folder of `.eml` files.
    Folder,
    /// Letters count as sent and are only shown in the outbox: for demos and trials.
    Show,
}

section! {
    /// The mail server, the sender, the signature.
    Mail = "mail" {
        way: Way = Way::Wait, "one of \"wait\", \"smtp\", \"folder\", \"show\"";
        /// Take part in sending: with false, another process runs `yunqia mail`.
        worker: bool = true, "true or false";
        folder: Option<PathBuf> = None, "a folder";
        host: Option<String> = None, "a host name";
        /// By default 587 (starttls), 465 (tls) or 25.
        port: Option<u16> = None, "a port number";
        security: Security = Security::Starttls, "one of \"starttls\", \"tls\", \"plain_on_loopback\"";
        username: Option<String> = None, "a text";
        password: Option<String> = None, "a text";
        /// Read instead of `password`, so that the secret is in no other file.
        password_file: Option<PathBuf> = None, "a file";
        /// PEM file with a certificate authority to trust beside the public ones.
        root_certificates: Option<PathBuf> = None, "a file";
        /// The name to greet with; the machine's own by default.
        hello_name: Option<String> = None, "a host name";
        from_email: String = "no-reply@localhost".into(), "an e-mail address";
        from_name: String = "云洽 Yunqia".into(), "a text";
        reply_to: Option<String> = None, "an e-mail address";
        bounces_to: Option<String> = None, "an e-mail address";
        dkim_domain: Option<String> = None, "a domain";
        dkim_selector: Option<String> = None, "a selector such as \"2026a\"";
        dkim_key_file: Option<PathBuf> = None, "a file";
        connections_max: u32 = 4, "a number of connections";
        timeout_seconds: u64 = 30, "a number of seconds";
        /// At most this many letters a minute to one receiving domain; large providers throttle strangers.
        per_domain_per_minute: u32 = 60, "a number of letters";
        /// After a quiet time this many may leave for one domain at once.
        per_domain_burst: u32 = 20, "a number of letters";
        /// A folder with texts of your own in place of the built-in ones, as `server/mail/templates`.
        templates: Option<PathBuf> = None, "a folder";
        /// Stands before every subject, for example 【云上洽谈】; only where the sender has it registered.
        subject_prefix: Option<String> = None, "a text";
    }
}

impl Mail {
    pub(super) fn judge(&self, wrong: &mut Wrong) {
        wrong.unless(self.way != Way::Smtp || self.host.is_some(), "mail.host", "is needed with way = \"smtp\"");
        wrong.unless(
            self.way != Way::Folder || self.folder.is_some(),
            "mail.folder",
            "is needed with way = \"folder\"",
        );
        wrong.unless(
            self.password.is_none() || self.password_file.is_none(),
            "mail.password_file",
            "cannot be set together with mail.password",
        );
        let secret = self.password.is_some() || self.password_file.is_some();
        wrong.unless(
            secret == self.username.is_some(),
            "mail.username",
            "and a password are set together or not at all",
        );
        let dkim = [self.dkim_domain.is_some(), self.dkim_selector.is_some(), self.dkim_key_file.is_some()];
        wrong.unless(
            dkim.iter().all(|&set| set == dkim[0]),
            "mail.dkim_domain",
            "dkim_selector and dkim_key_file are set together or not at all",
        );
        for (key, email) in [
            ("mail.from_email", Some(&self.from_email)),
            ("mail.reply_to", self.reply_to.as_ref()),
            ("mail.bounces_to", self.bounces_to.as_ref()),
        ] {
            let right =
                email.is_none_or(|email| email.split_once('@').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty()));
            wrong.unless(right, key, "must be an e-mail address");
        }
        wrong.unless((1..=50).contains(&self.connections_max), "mail.connections_max", "must be 1 to 50");
        wrong.unless((1..=300).contains(&self.timeout_seconds), "mail.timeout_seconds", "must be 1 to 300");
        wrong.unless(self.per_domain_per_minute >= 1, "mail.per_domain_per_minute", "must be at least 1");
        wrong.unless(self.per_domain_burst >= 1, "mail.per_domain_burst", "must be at least 1");
    }
}
