//! A tighter bound where availability binds: the linear relaxation with slots, by a primal-dual method.
//!
//! Every set of prices on diaries, maxima and rooms proves a bound, so the method may stop at any step. The prices
//! also tell the search which meetings and slots a best timetable can use at all.

use crate::bits::Slots;
use crate::problem::Problem;

/// Prices are rounded up to this fraction of a unit of weight before they prove anything, in whole numbers.
const GRAIN: f64 = 65_536.0;

pub(crate) struct Prices<'p, const W: usize> {
    problem: &'p Problem<W>,
    /// Each meeting's first place among the pairs of meeting and slot.
    first: Vec<u32>,
    slot: Vec<u16>,
    held: Vec<f32>,
    held_sum: Vec<f32>,
    worth: Vec<f32>,
    rows: Rows,
    sum: Rows,
    use_of: Rows,
    step: Rows,
    limit: Rows,
    weight: f32,
    iterations: u32,
    since_restart: u32,
    best: i64,
    best_rows: Rows,
}

/// One number per rule: a participant in a slot, a participant's maximum, the rooms of a slot, a meeting.
#[derive(Clone)]
struct Rows {
    diary: Vec<f32>,
    most: Vec<f32>,
    room: Vec<f32>,
    once: Vec<f32>,
}

impl Rows {
    fn zero<const W: usize>(problem: &Problem<W>) -> Self {
        Self {
            diary: vec![0.0; problem.people.len() * problem.slots],
            most: vec![0.0; problem.people.len()],
            room: vec![0.0; problem.slots],
            once: vec![0.0; problem.meetings.len()],
        }
    }

    fn each(&mut self) -> [&mut Vec<f32>; 4] {
        [&mut self.diary, &mut self.most, &mut self.room, &mut self.once]
    }

    fn all(&self) -> [&Vec<f32>; 4] {
        [&self.diary, &self.most, &self.room, &self.once]
    }

    fn clear(&mut self) {
        self.each().into_iter().for_each(|row| row.fill(0.0));
    }
}

impl<'p, const W: usize> Prices<'p, W> {
    pub fn new(problem: &'p Problem<W>) -> Self {
        let mut first = vec![0];
        let mut slot = Vec::new();
        let mut step = Rows::zero(problem);
        for (m, c) in problem.meetings.iter().enumerate() {
            for t in c.mask.iter() {
                slot.push(t as u16);
                for p in [c.a, c.b] {
                    step.diary[p as usize * problem.slots + t] += 1.0;
                    step.most[p as usize] += 1.0;
                }
                step.room[t] += 1.0;
                step.once[m] += 1.0;
            }
            first.push(slot.len() as u32);
        }
        let mut limit = Rows::zero(problem);
        limit.diary.fill(1.0);
        limit.once.fill(1.0);
        limit.most = problem.people.iter().map(|p| p.max as f32).collect();
        limit.room = problem.rooms.iter().map(|&r| r as f32).collect();
        let worth = problem.meetings.iter().map(|c| c.weight as f32).collect::<Vec<_>>();
        let mean = worth.iter().sum::<f32>() / worth.len().max(1) as f32;
        for row in step.each() {
            row.iter_mut().for_each(|count| *count = if *count > 0.0 { 1.0 / *count } else { 0.0 });
        }
        let zero = Rows::zero(problem);
        Self {
            problem,
            first,
            held: vec![0.0; slot.len()],
            held_sum: vec![0.0; slot.len()],
            slot,
            worth,
            rows: zero.clone(),
            sum: zero.clone(),
            use_of: zero.clone(),
            step,
            limit,
            weight: mean.max(1.0),
            iterations: 0,
            since_restart: 0,
            best: i64::MAX,
            best_rows: zero,
        }
    }

    /// How many pairs of meeting and slot one step works through.
    pub fn size(&self) -> usize {
        self.slot.len()
    }

    /// One step of the primal-dual method; every so often the best prices so far are proven.
    pub fn improve(&mut self, steps: u32) {
        for _ in 0..steps {
            self.iterate();
            self.since_restart += 1;
        }
        self.prove_and_restart();
    }

    fn iterate(&mut self) {
        let slots = self.problem.slots;
        let tau = 1.0 / (6.0 * self.weight);
        self.use_of.clear();
        for (m, c) in self.problem.meetings.iter().enumerate() {
            let (from, to) = (self.first[m] as usize, self.first[m + 1] as usize);
            let (a, b) = (c.a as usize, c.b as usize);
            let rest = self.worth[m] - self.rows.once[m] - self.rows.most[a] - self.rows.most[b];
            let mut total = 0.0;
            for k in from..to {
                let t = self.slot[k] as usize;
                let gain = rest - self.rows.diary[a * slots + t] - self.rows.diary[b * slots + t] - self.rows.room[t];
                let old = self.held[k];
                let new = (old + tau * gain).clamp(0.0, 1.0);
                self.held[k] = new;
                self.held_sum[k] += new;
                let ahead = 2.0 * new - old;
                if ahead != 0.0 {
                    self.use_of.diary[a * slots + t] += ahead;
                    self.use_of.diary[b * slots + t] += ahead;
                    self.use_of.room[t] += ahead;
                    total += ahead;
                }
            }
            self.use_of.once[m] = total;
            self.use_of.most[a] += total;
            self.use_of.most[b] += total;
        }
        let weight = self.weight;
        let (use_of, step, limit) = (self.use_of.all(), self.step.all(), self.limit.all());
        for (kind, (price, sum)) in self.rows.each().into_iter().zip(self.sum.each()).enumerate() {
            for i in 0..price.len() {
                let new = price[i] + weight * step[kind][i] * (use_of[kind][i] - limit[kind][i]);
                price[i] = new.max(0.0);
                sum[i] += price[i];
            }
        }
    }

    /// Proves the bound of the present and of the average prices, and restarts from the average now and then.
    fn prove_and_restart(&mut self) {
        let present = self.rows.clone();
        let mut average = self.sum.clone();
        let share = 1.0 / self.since_restart.max(1) as f32;
        average.each().into_iter().for_each(|row| row.iter_mut().for_each(|price| *price *= share));
        let bounds = [self.proven(&present), self.proven(&average)];
        for (rows, bound) in [present, average.clone()].into_iter().zip(bounds) {
            if bound < self.best {
                self.best = bound;
                self.best_rows = rows;
            }
        }
        self.iterations += 1;
        if bounds[1] <= bounds[0] && self.since_restart >= 60 {
            self.rows = average;
            for (held, sum) in self.held.iter_mut().zip(&self.held_sum) {
                *held = sum * share;
            }
            self.forget_average();
        } else if self.since_restart >= 1000 {
            self.forget_average();
        }
    }

    fn forget_average(&mut self) {
        self.sum.clear();
        self.held_sum.fill(0.0);
        self.since_restart = 0;
    }

    /// The bound that prices prove, in grains: what all rules cost, and what meetings earn beyond their rules.
    fn proven(&self, rows: &Rows) -> i64 {
        let slots = self.problem.slots;
        let grains = |price: f32| (f64::from(price) * GRAIN).ceil() as i64;
        let whole = |row: &[f32]| row.iter().map(|&price| grains(price)).collect::<Vec<i64>>();
        let (diary, most, room) = (whole(&rows.diary), whole(&rows.most), whole(&rows.room));
        let mut total: i64 = diary.iter().sum();
        total += most.iter().zip(&self.problem.people).map(|(price, p)| price * i64::from(p.max)).sum::<i64>();
        total += room.iter().zip(&self.problem.rooms).map(|(price, &r)| price * i64::from(r)).sum::<i64>();
        for (m, c) in self.problem.meetings.iter().enumerate() {
            let (a, b) = (c.a as usize, c.b as usize);
            let places = &self.slot[self.first[m] as usize..self.first[m + 1] as usize];
            let cheapest = places
                .iter()
                .map(|&t| diary[a * slots + t as usize] + diary[b * slots + t as usize] + room[t as usize]);
            if let Some(cheapest) = cheapest.min() {
                total += ((c.weight * GRAIN as i64) - most[a] - most[b] - cheapest).max(0);
            }
        }
        total
    }

    /// The best bound so far: no timetable has a larger weight.
    pub fn bound(&self) -> i64 {
        if self.best == i64::MAX { i64::MAX } else { self.best.div_euclid(GRAIN as i64) }
    }

    pub fn exact(&self) -> f64 {
        self.best as f64 / GRAIN
    }

    /// The slots of each meeting that cost at most `slack` more than the meeting is worth at the best prices.
    pub fn hopeful(&self, slack: f32) -> Vec<Slots<W>> {
        let slots = self.problem.slots;
        let rows = &self.best_rows;
        let of = |(m, c): (usize, &crate::problem::Candidate<W>)| {
            let (a, b) = (c.a as usize, c.b as usize);
            let places = &self.slot[self.first[m] as usize..self.first[m + 1] as usize];
            let cost = |&t: &u16| {
                rows.diary[a * slots + t as usize] + rows.diary[b * slots + t as usize] + rows.room[t as usize]
            };
            let rest = self.worth[m] - rows.most[a] - rows.most[b];
            let cheapest = places.iter().map(cost).fold(f32::MAX, f32::min).min(rest);
            Slots::of(places.iter().filter(|&t| cost(t) - cheapest.min(rest) <= slack).map(|&t| t as usize))
        };
        self.problem.meetings.iter().enumerate().map(of).collect()
    }
}
