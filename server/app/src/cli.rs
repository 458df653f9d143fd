//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Online promotion sessions: registration, one-to-one bookings, the hall, talks and letters.
#[derive(Debug, Parser)]
#[command(name = "yunqia", version, max_term_width = 100)]
pub struct Cli {
    /// Configuration file [default: yunqia.toml, if it is there]; every key can also be set as YUNQIA_SECTION_KEY
    #[arg(long, global = true, env = "YUNQIA_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server: pages, interface, sockets, jobs and the sending of letters
    ///
    /// Brings the schema up to date first. SIGTERM and Ctrl-C end it: no new connections, sockets are told to come
    /// back, requests under way are finished.
    Serve,
    /// Bring the database's schema to this program's version, then stop
    Migrate,
    /// The people who run this installation
    #[command(subcommand)]
    Operator(Operator),
    /// Read tables into the database, or check them
    #[command(subcommand)]
    Import(Import),
    /// Run a server with made-up people and sessions
    ///
    /// An empty database is filled: a bureau, 21 city bureaus, 39 centres, 300 companies, 2,062 projects on offer and
    /// four sessions whose times follow the day of the start, one of them under way. Anybody can sign in as its
    /// people and read their letters, so this is nothing for a real server.
    Demo(Demo),
    /// Send letters from the outbox, and nothing else
    ///
    /// For a machine that should not serve pages. Any number of these and of servers share the work.
    Mail,
    /// Copy the database, the files and the secret key into a new folder, while the server runs
    Backup(Backup),
    /// Put a backup back; the server must be stopped
    Restore(Restore),
    /// Look at the configuration and everything it names, and say how to mend what is wrong
    ///
    /// Ends with 0 when all is well or only warned about, with 1 when something must be mended.
    Doctor,
    /// Work out who meets whom and when, from a file to a file, without a database
    ///
    /// Ends with 0 and a timetable; with 2 when a value of the input is wrong, naming its place; with 3 when meetings
    /// that must be held collide, naming a small part of them.
    Match(Match),
    /// Print the description of the interface (OpenAPI 3.1)
    Openapi,
}

#[derive(Debug, Subcommand)]
pub enum Operator {
    /// Make the person with this address an operator; a new person signs in with a code sent there
    Add {
        /// An e-mail address at which the operator reads letters
        email: String,
    },
    /// List the operators
    List,
}

#[derive(Debug, Subcommand)]
pub enum Import {
    /// Projects on offer, found by their code; reading the same file again changes nothing
    ///
    /// Columns: id, division, sector, subsector, gbt4754, title_hans, title_hant, title_en, amount_wan, land_mu, mode,
    /// status. Amounts are whole 万元.
    Opportunities(Table),
    /// Companies, found by their identifier; reading the same file again changes nothing
    ///
    /// Columns: name_hans, name_hant, name_en, id_kind, id_value, region, sector, size. A region is a GB/T 2260 code or
    /// a country (ISO 3166).
    Companies(Table),
    /// Compare a table of divisions (columns code, name) with the ones Yunqia knows; writes nothing
    DivisionsCheck(File),
}

#[derive(Debug, Args)]
pub struct Table {
    /// UTF-8 with commas and a line of column names; a byte order mark is fine
    pub file: PathBuf,
    /// Leave wrong lines out instead of refusing the whole file
    #[arg(long)]
    pub skip_bad: bool,
}

#[derive(Debug, Args)]
pub struct File {
    pub file: PathBuf,
}

#[derive(Debug, Args)]
pub struct Demo {
    /// Fill the database and stop
    #[arg(long)]
    pub load_only: bool,
}

#[derive(Debug, Args)]
pub struct Backup {
    /// A folder that does not exist yet
    pub dest: PathBuf,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// A folder made by `yunqia backup`
    pub src: PathBuf,
    /// Replace what is there; it is kept beside with `.before-restore` at the end of its name
    #[arg(long)]
    pub replace: bool,
}

#[derive(Debug, Args)]
pub struct Match {
    /// The event: participants, candidate meetings, rooms (docs/matching.md)
    #[arg(long, value_name = "EVENT.json")]
    pub input: PathBuf,
    /// Where the timetable goes; to the terminal when not given
    #[arg(long, value_name = "OUT.json")]
    pub output: Option<PathBuf>,
    /// How long to search; less when the result is proven to be the best
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
    /// Rounds instead of seconds: the same number gives the same timetable on every machine
    #[arg(long)]
    pub rounds: Option<u64>,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub threads: u16,
    /// The language of the reasons: zh-Hans, zh-Hant or en
    #[arg(long, default_value = "en", value_parser = ["zh-Hans", "zh-Hant", "en"])]
    pub language: String,
}

impl Command {
    /// Runs until it is told to stop, and logs what it does; the others speak to the person at the terminal.
    pub fn is_service(&self) -> bool {
        matches!(self, Command::Serve | Command::Demo(_) | Command::Mail)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent_and_every_command_says_what_it_does() {
        let command = Cli::command();
        command.clone().debug_assert();
        let mut all: Vec<_> = command.get_subcommands().collect();
        while let Some(command) = all.pop() {
            assert!(command.get_about().is_some(), "{} has no help", command.get_name());
            all.extend(command.get_subcommands());
        }
    }
}
