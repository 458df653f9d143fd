//! How many files the program may have open. Every connection is one, and the usual limit of a login (1,024) is for other
//! programs.

use crate::config::Server;

/// Beside those of its connections, a node needs descriptors for the database, files, letters and itself.
const BESIDE: u64 = 200;

/// How many a node needs that is as full as its configuration allows.
pub fn needed(server: &Server) -> u64 {
    server.connections_max as u64 + server.sockets_max as u64 + BESIDE
}

/// How many the program may have open once it has raised its limit; None: as many as it likes, or nobody knows here.
pub fn limit() -> Option<u64> {
    #[cfg(unix)]
    {
        rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum
    }
    #[cfg(not(unix))]
    {
        None
    }
}

/// Raises the limit to what the system allows, and says so in the log if that is not enough.
pub fn raise(server: &Server) {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        if limit.current != limit.maximum {
            limit.current = limit.maximum;
            if let Err(error) = setrlimit(Resource::Nofile, limit) {
                tracing::warn!(%error, "the limit of open files could not be raised");
            }
        }
        let needed = needed(server);
        if let Some(current) = getrlimit(Resource::Nofile).current
            && current < needed
        {
            tracing::warn!(
                current,
                needed,
                "too few files may be open for server.connections_max and server.sockets_max (LimitNOFILE= in the service, ulimit -Hn in a shell)"
            );
        }
    }
    #[cfg(not(unix))]
    let _ = server;
}
