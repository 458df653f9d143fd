//! `yunqia openapi`: prints the description of the interface, from which clients are made.

use std::io::Write;

pub fn run() -> anyhow::Result<()> {
    let document = yunqia_web::routes::description();
    // A reader that closes the pipe early is no fault of ours.
    let _ = writeln!(std::io::stdout(), "{}", document.to_pretty_json()?);
    Ok(())
}
