//! `[server]`: where the server listens and how long it waits.

use std::net::{Ipv4Addr, SocketAddr};

use super::section::Wrong;

section! {
    /// The listener and its limits.
    Server = "server" {
        listen: SocketAddr = (Ipv4Addr::LOCALHOST, 8080).into(), "an address and port such as \"127.0.0.1:8080\"";
        /// As people type it, without a slash at the end; links in letters begin with it, and `Origin` is compared to it.
        base_url: String = "http://localhost:8080".into(), "an address such as \"https://yunqia.example.org\"";
        /// Trust `X-Forwarded-For` of the proxy in front.
        behind_proxy: bool = false, "true or false";
        /// Connections that carry requests; further ones wait in the system's queue.
        connections_max: usize = 10_000, "a number of connections";
        /// Connections that have become sockets and are no longer among those; further ones are told to come back later.
        sockets_max: usize = 50_000, "a number of sockets";
        /// A client has this long for the head of each request, and may be silent this long between two.
        header_seconds: u64 = 10, "a number of seconds";
        /// A client that takes no byte for this long is dropped.
        write_seconds: u64 = 60, "a number of seconds";
        /// Who sends this as a bearer token reads `/metrics` from anywhere; without it only this machine does.
        metrics_token: Option<String> = None, "a long random text";
        /// What is under way may take this long after a request to stop.
        shutdown_seconds: u64 = 20, "a number of seconds";
    }
}

impl Server {
    pub(super) fn judge(&self, wrong: &mut Wrong) {
        let host = self.base_url.strip_prefix("https://").or_else(|| self.base_url.strip_prefix("http://"));
        let plain = host.is_some_and(|host| !host.is_empty() && !host.contains(['/', ' ', '?', '#', '@']));
        wrong.unless(plain, "server.base_url", "must be http:// or https:// and a host, without a path");
        wrong.unless((1..=1_000_000).contains(&self.connections_max), "server.connections_max", "must be 1 to 1000000");
        wrong.unless((1..=1_000_000).contains(&self.sockets_max), "server.sockets_max", "must be 1 to 1000000");
        wrong.unless((1..=300).contains(&self.header_seconds), "server.header_seconds", "must be 1 to 300");
        wrong.unless((1..=600).contains(&self.write_seconds), "server.write_seconds", "must be 1 to 600");
        let long = self.metrics_token.as_ref().is_none_or(|token| token.trim().len() >= 16);
        wrong.unless(long, "server.metrics_token", "must have at least 16 characters");
        wrong.unless(self.shutdown_seconds <= 600, "server.shutdown_seconds", "must be at most 600");
    }

    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}
