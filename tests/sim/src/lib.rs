//! Whole events on a virtual clock: people of companies and centres do random things at the same time, refused or not, and
//! after every step the rules are looked at by `store::checks`, which shares nothing with the code that keeps them.
//!
//! A run goes in rounds. In each the clock moves, everybody looks ([`sight`]), and then two to eight people act at once on
//! what they saw, each in a transaction of their own, while others read and the jobs run. Half the rounds everybody is after
//! the same slot or booking, and some press their button twice.
//!
//! On SQLite the acts queue for the one writer in the order in which they are started, so everything comes from the seed: the
//! same seed is the same event, and a failure can be looked at again. There the rules are looked at after every act, inside
//! its transaction, so that the act to blame is the last one of the story. On PostgreSQL the acts truly overlap: who wins is
//! up to the machine, the rules are looked at when the round is over, and a seed is the same crowd but not the same event.
//!
//! The look after each act costs the same on the first day and on the last (`broken_rules_since`); everything is looked at
//! when a season ends (see [`people`]) and at the end.

pub mod fixture;
mod life;
mod people;
mod readers;
mod sight;
mod steps;

use std::collections::{BTreeMap, VecDeque};

use futures_util::future::{join, join_all};
use rand::{Rng, SeedableRng, rngs::StdRng};
use yunqia_actions::{Error, jobs};
use yunqia_domain::Timestamp;
use yunqia_store::{Tx, checks, db::sql};
use yunqia_tests_api::{Engine, Options, TestApp};

pub use people::World;
use readers::Watcher;
use sight::Sight;
use steps::Plan;

/// Acts named when a rule is broken.
const ACTS_REMEMBERED: usize = 60;

/// How a run went, for those who want to know that it did something.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub done: usize,
    pub refused: usize,
    /// Acts that two transactions fought over until the engine ended one of them (PostgreSQL only).
    pub contended: usize,
    /// Views that were read beside the acts and found true.
    pub read: usize,
    /// How often each kind of act was done.
    pub by_kind: BTreeMap<&'static str, usize>,
}

/// A fault put into the database behind the acts' backs, to prove that it is found.
#[derive(Clone, Copy)]
pub struct Sabotage {
    pub statement: &'static str,
    /// Acts before it.
    pub after: usize,
}

/// A run that is to be.
#[derive(Clone, Copy)]
pub struct Run {
    pub engine: Engine,
    pub seed: u64,
    /// Acts, done or refused.
    pub steps: usize,
    pub sabotage: Option<Sabotage>,
    /// Print every act.
    pub tells: bool,
}

/// Plays an event. None where the engine is not at hand; the error names the seed, the broken rules and the last acts.
pub async fn play(run: Run) -> Option<Result<Tally, String>> {
    let app = TestApp::start(run.engine, Options::default()).await?;
    let outcome = Player::new(run, &app).await.play().await;
    app.stop().await;
    Some(outcome.map_err(|what| format!("seed {} on {:?}: {what}", run.seed, run.engine)))
}

struct Player<'a> {
    run: Run,
    app: &'a TestApp,
    world: World,
    chance: StdRng,
    watcher: Watcher,
    tally: Tally,
    story: VecDeque<String>,
    step: usize,
    sabotaged: bool,
}

/// What became of one act.
enum Outcome {
    Done,
    Refused(Error),
    Broken(Vec<String>),
}

impl Player<'_> {
    async fn new(run: Run, app: &TestApp) -> Player<'_> {
        let mut chance = StdRng::seed_from_u64(run.seed);
        let world = World::build(app, &mut chance).await;
        let (watcher, tally, story) = (Watcher::default(), Tally::default(), VecDeque::new());
        Player { run, app, world, chance, watcher, tally, story, step: 0, sabotaged: false }
    }

    async fn play(mut self) -> Result<Tally, String> {
        while self.step < self.run.steps {
            if self.world.move_on(self.app, &mut self.chance).await {
                self.look(checks_all).await?;
            }
            self.round().await?;
        }
        self.look(checks_all).await?;
        Ok(self.tally)
    }

    /// Several people act at the same time, on what they saw before.
    async fn round(&mut self) -> Result<(), String> {
        let since = self.app.now();
        let sight = Sight::take(self.app, &self.world, &mut self.chance).await;
        let plans = self.plans(&sight);
        let jobs_run = self.chance.random_bool(0.6);
        let mut watcher = std::mem::take(&mut self.watcher);
        let readers = watcher.plan(&self.world, &mut self.chance);
        let acts = join_all(plans.iter().map(|plan| self.act(plan, &sight, since)));
        let background = async {
            if !jobs_run {
                return Ok(());
            }
            run_jobs(self.app).await
        };
        let (outcomes, (background, read)) = join(acts, join(background, watcher.read(self.app, readers))).await;
        self.watcher = watcher;
        for (plan, outcome) in plans.iter().zip(outcomes) {
            self.step += 1;
            let result = match outcome {
                Outcome::Done => {
                    self.tally.done += 1;
                    *self.tally.by_kind.entry(plan.what).or_default() += 1;
                    "done".to_owned()
                }
                Outcome::Refused(Error::Store(yunqia_store::Error::Contended(error))) => {
                    self.tally.contended += 1;
                    format!("contended: {error}")
                }
                Outcome::Refused(Error::Store(error)) => {
                    return Err(self.tell(vec![format!("{plan} failed in the database: {error:?}")]));
                }
                Outcome::Refused(error) => {
                    self.tally.refused += 1;
                    error.to_string()
                }
                Outcome::Broken(rules) => {
                    self.remember(format!("{} at {since}: {plan}: done", self.step));
                    return Err(self.tell(rules));
                }
            };
            self.remember(format!("{} at {since}: {plan}: {result}", self.step));
        }
        match background {
            Ok(()) | Err(Error::Store(yunqia_store::Error::Contended(_))) => {}
            Err(error) => return Err(self.tell(vec![format!("the jobs failed: {error:?}")])),
        }
        self.tally.read += read.seen;
        if !read.wrong.is_empty() {
            return Err(self.tell(read.wrong));
        }
        self.sabotage().await;
        self.look(async move |tx| checks::broken_rules_since(tx, since).await).await
    }

    /// What people are going to do, each with chance of their own. Now and then somebody presses twice.
    fn plans(&mut self, sight: &Sight) -> Vec<Plan> {
        let count = self.chance.random_range(2..=8);
        let mut plans: Vec<Plan> = Vec::new();
        for _ in 0..count {
            let plan = match plans.last() {
                Some(last) if self.chance.random_bool(0.1) => last.again(),
                _ => self.world.plan(sight, &mut self.chance),
            };
            plans.push(plan);
        }
        for (number, plan) in plans.iter_mut().enumerate() {
            plan.number = number as i64;
            plan.luck = self.chance.random();
        }
        plans
    }

    /// One act in a transaction of its own; what is refused leaves nothing behind.
    async fn act(&self, plan: &Plan, sight: &Sight, since: Timestamp) -> Outcome {
        let mut tx = self.app.write().await;
        match self.world.act(&mut tx, self.app.now(), plan, sight).await {
            Ok(()) => {}
            Err(error) => return Outcome::Refused(error),
        }
        if self.run.engine == Engine::Sqlite {
            let broken = checks::broken_rules_since(&mut tx, since).await.expect("the database can be read");
            if !broken.is_empty() {
                return Outcome::Broken(broken);
            }
        }
        match tx.commit().await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Refused(error.into()),
        }
    }

    async fn look(
        &mut self,
        rules: impl AsyncFnOnce(&mut Tx) -> yunqia_store::Result<Vec<String>>,
    ) -> Result<(), String> {
        let mut tx = self.app.read().await;
        let broken = rules(&mut tx).await.expect("the database can be read");
        if broken.is_empty() { Ok(()) } else { Err(self.tell(broken)) }
    }

    async fn sabotage(&mut self) {
        let Some(sabotage) = self.run.sabotage.filter(|s| self.step >= s.after && !self.sabotaged) else { return };
        let mut tx = self.app.write().await;
        // Until there is something that it hits.
        self.sabotaged = sql(sabotage.statement).execute(&mut tx).await.expect("the statement runs") > 0;
        tx.commit().await.expect("the fault is kept");
    }

    fn remember(&mut self, line: String) {
        if self.run.tells {
            println!("{line}");
        }
        self.story.push_back(line);
        if self.story.len() > ACTS_REMEMBERED {
            self.story.pop_front();
        }
    }

    fn tell(&mut self, wrong: Vec<String>) -> String {
        let story = self.story.make_contiguous().join("\n");
        let wrong = wrong.join("\n");
        let Run { seed, engine, .. } = self.run;
        format!(
            "after {} acts:\n{wrong}\n\nThe last acts:\n{story}\n\nAgain: YUNQIA_SIM_SEEDS={seed}..{} YUNQIA_SIM_STEPS={} \
             cargo test -p yunqia-tests-sim random_events_break_no_rule_on_{}",
            self.step,
            seed + 1,
            self.run.steps,
            format!("{engine:?}").to_lowercase()
        )
    }
}

async fn checks_all(tx: &mut Tx) -> yunqia_store::Result<Vec<String>> {
    checks::broken_rules(tx).await
}

/// What the clock does on a server, in its order.
async fn run_jobs(app: &TestApp) -> Result<(), Error> {
    jobs::advance_sessions(&app.db, app.now()).await?;
    jobs::expire_requests(&app.db, app.now()).await?;
    jobs::lapse_offers(&app.db, app.now()).await?;
    jobs::request_feedback(&app.db, app.now()).await?;
    let mut tx = app.write().await;
    yunqia_actions::attendance::end_stale(&mut tx, app.now()).await?;
    tx.commit().await?;
    Ok(())
}
