//! How many files the program may have open. Every connection is one, and the usual limit of a login (1,024) is for other
//! programs.

/// Raises the limit to what the system allows, and says so in the log if that is not enough for `connections`.
pub fn raise(connections: usize) {
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
        // The database, files that are read, connections to the mail server.
        let needed = connections as u64 + 200;
        if let Some(current) = getrlimit(Resource::Nofile).current
            && current < needed
        {
            tracing::warn!(
                current,
                needed,
                "too few files may be open for server.connections_max (LimitNOFILE= in the service, ulimit -Hn in a shell)"
            );
        }
    }
    #[cfg(not(unix))]
    let _ = connections;
}
