//! Benchmarks of the whole program: the rush for slots, the full hall, the first page. Each prints one line of JSON with its
//! conditions. Traffic goes to loopback only; every run is bounded and stops by itself.
//!
//! Run through `make bench`, which builds the server and this program in release mode and sets YUNQIA_BIN.

mod crowd;
mod hall;
mod idle;
mod limit;
mod page;
mod rush;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// 120 companies press "book" at 39 desks with 9 slots each until nothing is left; 2,000 within a second at 183 with 12
    Rush,
    /// Sockets in one hall hear messages at a steady pace
    Hall {
        #[arg(long, default_value_t = 5000)]
        sockets: usize,
        /// Messages a second
        #[arg(long, default_value_t = 10)]
        pace: u32,
        #[arg(long, default_value_t = 20)]
        seconds: u32,
        /// Sockets of one person, at most ten
        #[arg(long, default_value_t = 1)]
        tabs: usize,
        #[arg(long, value_enum, default_value = "paced")]
        rhythm: hall::Rhythm,
    },
    /// People who do nothing, and a server that is restarted under them
    Idle {
        #[arg(long, default_value_t = 20_000)]
        sockets: usize,
        #[arg(long, default_value_t = 1)]
        tabs: usize,
    },
    /// Bytes of the first page and the time to its first answers
    Page,
    /// Everything above, as `make bench` does it
    All,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Cli::parse().what {
        What::Rush => rushes().await,
        What::Hall { sockets, pace, seconds, tabs, rhythm } => {
            hall::run(hall::Wish { sockets, tabs, pace, seconds, rhythm }).await
        }
        What::Idle { sockets, tabs } => idle::run(sockets, tabs).await,
        What::Page => page::run().await,
        What::All => {
            rushes().await?;
            for (sockets, pace) in [(500, 100), (2_000, 25), (5_000, 10), (9_000, 5)] {
                for rhythm in [hall::Rhythm::Paced, hall::Rhythm::Bursts, hall::Rhythm::Saturated] {
                    hall::run(hall::Wish { sockets, tabs: 1, pace, seconds: 8, rhythm }).await?;
                }
            }
            idle::run(20_000.min(descriptors().saturating_sub(500)), 1).await?;
            page::run().await
        }
    }
}

/// How many files this program may have open; the server it starts has as many.
fn descriptors() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(1024)
}

/// Both engines, where there is a PostgreSQL (`TEST_POSTGRES_URL`).
async fn rushes() -> anyhow::Result<()> {
    let postgres = std::env::var("TEST_POSTGRES_URL").ok();
    if postgres.is_none() {
        eprintln!("no PostgreSQL (TEST_POSTGRES_URL): the rush is measured on SQLite alone");
    }
    for rush in [rush::COUNTY, rush::PROVINCE] {
        rush::run(&rush, None).await?;
        if let Some(server) = &postgres {
            rush::run(&rush, Some(server)).await?;
        }
    }
    Ok(())
}
