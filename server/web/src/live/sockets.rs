//! The sockets of this node: how many a person has, and orders to them from outside.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use yunqia_domain::ids::{PersonId, SignInId};
use yunqia_realtime::Bell;

/// Sockets one person may have: tabs and devices.
const PER_PERSON_MAX: usize = 10;
/// Sockets without a sign-in from one address: an office or a school behind it, not the whole node.
const PER_ADDRESS_MAX: usize = 200;
/// After a restart so many come back in a second: half of what one small machine lets in.
const BACK_PER_SECOND: u64 = 3_000;
const RETRY_MS_MIN: u64 = 500;
const RETRY_MS_MAX: u64 = 30_000;
/// Seconds between two pings of a socket.
const PING_EVERY: u64 = 25;

/// Why the server ends a socket (RFC 6455 §7.4; 4000-4999 are ours).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    /// Nothing was heard from the other end.
    Idle,
    Restarting,
    SignInEnded,
    FellBehind,
    TooManySockets,
    NotUnderstood,
    TooManyFrames,
    /// More come at once than can be let in.
    Busy,
    /// The other end closes: it gets its own code back, or 1000.
    Answer(Option<u16>),
}

impl CloseCode {
    pub fn number(self) -> u16 {
        match self {
            CloseCode::Idle => 1001,
            CloseCode::Restarting => 1012,
            CloseCode::SignInEnded => 4001,
            CloseCode::FellBehind => 4008,
            CloseCode::TooManySockets => 4009,
            CloseCode::NotUnderstood => 4010,
            CloseCode::TooManyFrames => 4029,
            CloseCode::Busy => 1013,
            CloseCode::Answer(code) => code.unwrap_or(1000),
        }
    }

    /// What is said with it. Who is to come back later is told over what time to spread that, in milliseconds.
    pub fn reason(self, retry_ms: u64) -> String {
        let words = self.words();
        match self {
            CloseCode::Restarting | CloseCode::Busy => format!("{words}; retry_ms={retry_ms}"),
            _ => words.to_owned(),
        }
    }

    fn words(self) -> &'static str {
        match self {
            CloseCode::Idle => "nothing was heard",
            CloseCode::Restarting => "restarting",
            CloseCode::SignInEnded => "the sign-in has ended",
            CloseCode::FellBehind => "fell behind; resume",
            CloseCode::TooManySockets => "too many sockets",
            CloseCode::NotUnderstood => "frame not understood",
            CloseCode::TooManyFrames => "too many frames",
            CloseCode::Busy => "too many at once",
            CloseCode::Answer(_) => "",
        }
    }
}

/// What somebody else wants of a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Close(CloseCode),
    /// Stop listening to this topic: the person may not any more.
    Leave(String),
    /// Look again which topics the person may listen to.
    Check,
}

/// A socket as the rest of the node sees it.
pub struct Line {
    id: u64,
    address: IpAddr,
    pub person: Option<PersonId>,
    pub sign_in: Option<SignInId>,
    /// Wakes the socket's task: something is to be sent or done.
    pub bell: Arc<Bell>,
    /// It is time to ping.
    tick: AtomicBool,
    orders: Mutex<Vec<Order>>,
}

impl Line {
    pub fn order(&self, order: Order) {
        self.orders.lock().expect("no panic under this lock").push(order);
        self.bell.ring();
    }

    /// Whether it is time to ping; once.
    pub fn take_tick(&self) -> bool {
        self.tick.swap(false, Ordering::Relaxed)
    }

    pub fn take_orders(&self) -> Vec<Order> {
        std::mem::take(&mut *self.orders.lock().expect("no panic under this lock"))
    }
}

/// All sockets of the node.
pub struct Sockets {
    max: usize,
    state: Mutex<State>,
    ids: AtomicU64,
}

#[derive(Default)]
struct State {
    lines: HashMap<u64, Arc<Line>>,
    by_person: HashMap<PersonId, Vec<u64>>,
    /// How many sockets without a sign-in an address has.
    anonymous: HashMap<IpAddr, usize>,
    closing: Option<CloseCode>,
    /// How many there were when all were sent away.
    sent_away: usize,
}

impl Sockets {
    /// None yet, and at most `max`.
    pub fn new(max: usize) -> Sockets {
        Sockets { max, state: Mutex::default(), ids: AtomicU64::default() }
    }

    /// Counts a new socket in; the code says why it may not stay. `address` is the one that requests are counted by.
    pub fn open(
        &self,
        address: IpAddr,
        person: Option<PersonId>,
        sign_in: Option<SignInId>,
    ) -> Result<Arc<Line>, CloseCode> {
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        let line = Arc::new(Line {
            id,
            address,
            person,
            sign_in,
            bell: Arc::default(),
            tick: AtomicBool::new(false),
            orders: Mutex::default(),
        });
        let mut state = self.state.lock().expect("no panic under this lock");
        if let Some(code) = state.closing {
            return Err(code);
        }
        if state.lines.len() >= self.max {
            // Not this person's doing: another node, or a later moment, may have room.
            return Err(CloseCode::Busy);
        }
        if let Some(person) = person {
            let own = state.by_person.entry(person).or_default();
            if own.len() >= PER_PERSON_MAX {
                return Err(CloseCode::TooManySockets);
            }
            own.push(id);
        } else {
            let here = state.anonymous.entry(address).or_default();
            if *here >= PER_ADDRESS_MAX {
                return Err(CloseCode::TooManySockets);
            }
            *here += 1;
        }
        state.lines.insert(id, Arc::clone(&line));
        metrics::gauge!("yunqia_sockets").set(state.lines.len() as f64);
        Ok(line)
    }

    pub fn close(&self, line: &Line) {
        let mut state = self.state.lock().expect("no panic under this lock");
        if state.lines.remove(&line.id).is_some() {
            state.forget(line);
        }
        metrics::gauge!("yunqia_sockets").set(state.lines.len() as f64);
    }

    pub fn count(&self) -> usize {
        self.state.lock().expect("no panic under this lock").lines.len()
    }

    /// Called once a second: every socket pings at its own second, so that thousands need one timer and do not ping at once.
    pub fn tick(&self, second: u64) {
        let state = self.state.lock().expect("no panic under this lock");
        for (_, line) in state.lines.iter().filter(|(id, _)| *id % PING_EVERY == second % PING_EVERY) {
            line.tick.store(true, Ordering::Relaxed);
            line.bell.ring();
        }
    }

    /// Over what time all who are here should come back if they were sent away now: at a pace that can be let in.
    pub fn retry_ms(&self) -> u64 {
        let state = self.state.lock().expect("no panic under this lock");
        let many = state.lines.len().max(state.sent_away) as u64;
        (many * 1000 / BACK_PER_SECOND).clamp(RETRY_MS_MIN, RETRY_MS_MAX)
    }

    /// Everybody goes, and nobody new comes.
    pub fn close_all(&self, code: CloseCode) {
        let mut state = self.state.lock().expect("no panic under this lock");
        state.closing = Some(code);
        state.sent_away = state.sent_away.max(state.lines.len());
        for line in state.lines.values() {
            line.order(Order::Close(code));
        }
    }

    /// The sign-in was ended: its sockets go at once.
    pub fn end_sign_in(&self, sign_in: SignInId) {
        let state = self.state.lock().expect("no panic under this lock");
        for line in state.lines.values().filter(|line| line.sign_in == Some(sign_in)) {
            line.order(Order::Close(CloseCode::SignInEnded));
        }
    }

    /// What a person may listen to has changed.
    pub fn recheck(&self, person: PersonId) {
        let state = self.state.lock().expect("no panic under this lock");
        for line in state.lines.values().filter(|line| line.person == Some(person)) {
            line.order(Order::Check);
        }
    }

    /// The sign-ins behind the sockets, each once.
    pub fn sign_ins(&self) -> Vec<SignInId> {
        let state = self.state.lock().expect("no panic under this lock");
        let mut sign_ins: Vec<_> = state.lines.values().filter_map(|line| line.sign_in).collect();
        sign_ins.sort();
        sign_ins.dedup();
        sign_ins
    }

    /// The person stops listening to a topic, on all their sockets.
    pub fn expel(&self, person: PersonId, topic: &str) {
        let state = self.state.lock().expect("no panic under this lock");
        for id in state.by_person.get(&person).into_iter().flatten() {
            if let Some(line) = state.lines.get(id) {
                line.order(Order::Leave(topic.to_owned()));
            }
        }
    }
}

impl State {
    /// Counts a socket out where its person or its address had it.
    fn forget(&mut self, line: &Line) {
        if let Some(person) = line.person {
            if let Some(own) = self.by_person.get_mut(&person) {
                own.retain(|id| *id != line.id);
                if own.is_empty() {
                    self.by_person.remove(&person);
                }
            }
        } else if let Some(here) = self.anonymous.get_mut(&line.address) {
            *here -= 1;
            if *here == 0 {
                self.anonymous.remove(&line.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn an_address_has_only_so_many_sockets_without_a_sign_in() {
        let sockets = Sockets::new(10_000);
        let open = |address, person| sockets.open(address, person, None);
        let lines: Vec<_> = (0..PER_ADDRESS_MAX).map(|_| open(HERE, None).unwrap_or_else(|_| panic!())).collect();
        assert_eq!(open(HERE, None).err(), Some(CloseCode::TooManySockets));
        assert!(open(ELSEWHERE, None).is_ok(), "another address is not concerned");
        let ann = PersonId(uuid::Uuid::from_u128(1));
        assert!(open(HERE, Some(ann)).is_ok(), "who is signed in is counted by person");
        sockets.close(&lines[0]);
        assert!(open(HERE, None).is_ok());
        assert_eq!(open(HERE, None).err(), Some(CloseCode::TooManySockets), "only one had gone");
        lines.iter().for_each(|line| sockets.close(line));
        assert!(open(HERE, None).is_ok());
    }

    #[test]
    fn the_eleventh_socket_of_a_person_is_refused_until_one_goes() {
        let sockets = Sockets::new(10_000);
        let ann = Some(PersonId(uuid::Uuid::from_u128(1)));
        let lines: Vec<_> =
            (0..PER_PERSON_MAX).map(|_| sockets.open(HERE, ann, None).unwrap_or_else(|_| panic!())).collect();
        assert_eq!(sockets.open(HERE, ann, None).err(), Some(CloseCode::TooManySockets));
        assert!(sockets.open(HERE, None, None).is_ok(), "others are not concerned");
        sockets.close(&lines[0]);
        assert!(sockets.open(HERE, ann, None).is_ok());
    }

    #[test]
    fn a_full_node_asks_to_come_back_later() {
        let sockets = Sockets::new(2);
        let lines = [sockets.open(HERE, None, None), sockets.open(ELSEWHERE, None, None)];
        assert_eq!(sockets.open(HERE, None, None).err(), Some(CloseCode::Busy));
        sockets.close(lines[0].as_ref().unwrap_or_else(|_| panic!()));
        assert!(sockets.open(HERE, None, None).is_ok());
    }

    #[test]
    fn orders_reach_the_sockets_they_are_for() {
        let sockets = Sockets::new(10_000);
        let ann = PersonId(uuid::Uuid::from_u128(1));
        let sign_in = SignInId(uuid::Uuid::from_u128(9));
        let here = sockets.open(HERE, Some(ann), Some(sign_in)).unwrap_or_else(|_| panic!());
        let other = sockets.open(HERE, None, None).unwrap_or_else(|_| panic!());
        sockets.expel(ann, "hall:1");
        sockets.end_sign_in(sign_in);
        assert_eq!(here.take_orders(), [Order::Leave("hall:1".into()), Order::Close(CloseCode::SignInEnded)]);
        assert!(other.take_orders().is_empty());
        sockets.close_all(CloseCode::Restarting);
        assert_eq!(other.take_orders(), [Order::Close(CloseCode::Restarting)]);
        assert_eq!(sockets.open(HERE, None, None).err(), Some(CloseCode::Restarting));
    }

    #[test]
    fn who_is_sent_away_is_told_how_long_all_may_take_to_come_back() {
        let sockets = Sockets::new(10_000);
        assert_eq!(sockets.retry_ms(), RETRY_MS_MIN);
        let person = |n: u128| Some(PersonId(uuid::Uuid::from_u128(n)));
        let lines: Vec<_> =
            (0..6_000).map(|n| sockets.open(HERE, person(n), None).unwrap_or_else(|_| panic!())).collect();
        assert_eq!(sockets.retry_ms(), 2_000);
        sockets.close_all(CloseCode::Restarting);
        lines.iter().for_each(|line| sockets.close(line));
        assert_eq!(sockets.retry_ms(), 2_000, "the last to go is told the same as the first");
        assert_eq!(CloseCode::Restarting.reason(2_000), "restarting; retry_ms=2000");
        assert_eq!(CloseCode::Idle.reason(2_000), "nothing was heard");
    }

    #[test]
    fn each_socket_pings_at_its_own_second() {
        let sockets = Sockets::new(10_000);
        let person = |n: u128| Some(PersonId(uuid::Uuid::from_u128(n)));
        let lines: Vec<_> = (0..50).map(|n| sockets.open(HERE, person(n), None).unwrap_or_else(|_| panic!())).collect();
        for second in 0..PING_EVERY {
            sockets.tick(second);
            assert_eq!(lines.iter().filter(|line| line.take_tick()).count(), 2);
        }
    }
}
