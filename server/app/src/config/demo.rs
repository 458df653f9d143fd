//! `[demo]`: trying Yunqia out with made-up people.

section! {
    /// The demo.
    Demo = "demo" {
        /// Fills an empty database with the demo and lets everybody sign in as its people. Never on a real server.
        enabled: bool = false, "true or false";
    }
}
