//! `yunqia match`: runs the matching engine alone, from a file to a file.

use std::{
    fs,
    io::{ErrorKind, Write},
    process::ExitCode,
    time::Instant,
};

use anyhow::Context;
use yunqia_matching::{Language, Options, Refusal, answer};

use crate::cli::Match;

/// The input is wrong; the place is named.
const WRONG: u8 = 2;
/// There is no timetable: meetings that must be held collide.
const IMPOSSIBLE: u8 = 3;

pub fn run(what: &Match) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let text = fs::read_to_string(&what.input).with_context(|| format!("{}", what.input.display()))?;
    let language = Language::from_tag(&what.language).unwrap_or_default();
    let options = Options { seed: what.seed, threads: what.threads.into(), seconds: what.seconds, rounds: what.rounds };
    let clock = || started.elapsed().as_secs_f64();
    let found = tokio::task::block_in_place(|| answer(&text, &options, language, &clock, &mut |_| true));
    match found {
        Ok(timetable) => {
            let timetable = format!("{timetable}\n");
            match &what.output {
                Some(path) => fs::write(path, timetable).with_context(|| format!("{}", path.display()))?,
                None => match std::io::stdout().write_all(timetable.as_bytes()) {
                    // Whoever reads may have seen enough.
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
                    written => written?,
                },
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(Refusal::Wrong(wrong)) => {
            eprintln!("yunqia: {}: {wrong}", what.input.display());
            Ok(ExitCode::from(WRONG))
        }
        Err(Refusal::Impossible(conflict)) => {
            eprintln!("yunqia: {}", conflict.text(language));
            Ok(ExitCode::from(IMPOSSIBLE))
        }
        Err(undecided @ Refusal::Undecided) => {
            eprintln!("yunqia: {undecided}");
            Ok(ExitCode::from(IMPOSSIBLE))
        }
    }
}
