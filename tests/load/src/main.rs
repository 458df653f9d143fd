//! Benchmarks of the whole program: the rush for slots, the full hall, the first page. Each prints one line of JSON with its
//! conditions. Traffic goes to loopback only; every run is bounded and stops by itself.
//!
//! Run through `make bench`, which builds the server and this program in release mode and sets YUNQIA_BIN.

mod hall;
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
    /// 120 companies press "book" at 39 desks with 9 slots each until nothing is left
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
        What::Hall { sockets, pace, seconds } => hall::run(sockets, pace, seconds).await,
        What::Page => page::run().await,
        What::All => {
            rushes().await?;
            for sockets in [2000, 5000] {
                hall::run(sockets, 10, 20).await?;
            }
            page::run().await
        }
    }
}

/// Both engines, where there is a PostgreSQL (`TEST_POSTGRES_URL`).
async fn rushes() -> anyhow::Result<()> {
    rush::run(None).await?;
    match std::env::var("TEST_POSTGRES_URL") {
        Ok(server) => rush::run(Some(&server)).await,
        Err(_) => {
            eprintln!("no PostgreSQL (TEST_POSTGRES_URL): the rush is measured on SQLite alone");
            Ok(())
        }
    }
}
