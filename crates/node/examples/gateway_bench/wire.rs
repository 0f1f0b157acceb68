//! The path with sockets: a host on its thread, and one thread that plays its peers.
//!
//! The playing thread never sleeps: it looks at its sockets in a circle, so it needs a core of its
//! own. A time is taken before bytes are written and after bytes were read.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use ringfence_fix::tag;
use ringfence_kernel::input::NewOrder;
use ringfence_kernel::types::Ts;
use ringfence_node::engine;
use ringfence_node::gateway::{GatewayNode, NodeAnswer, NodeCommand};
use ringfence_node::host::{Host, HostHandle, HostOptions, Status, SystemClock, silent};
use ringfence_node::journal::{Durability, JournalOptions, TradeDate};
use ringfence_node::net::{Listen, Peer};
use serde_json::json;

use crate::Outcome;
use crate::peer::{Answer, Inbox, Party, child_number, client_number};
use crate::rows::{Row, median, per_second, rate, spread, whole_ns};
use crate::scene::{CLIENT, Scene, VENUES, gateway_settings, sessions, venue_session};

/// Orders before the first one that is timed: the first touch of memory and of the sockets.
const WARM_UP: usize = 1_000;
/// Orders under way at most while warming up.
const WARM_UP_WINDOW: usize = 16;
/// Orders written at once at most.
const BURST_MAX: usize = 64;
/// Longest time without any progress.
const PATIENCE: Duration = Duration::from_secs(20);
const READ_BYTES: usize = 64 * 1024;

/// When the next order goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// At fixed times, whatever comes back.
    Every(Duration),
    /// As soon as fewer than so many are under way.
    Window(usize),
}

/// One run.
pub(crate) struct Plan<'a> {
    pub(crate) journals: &'a Path,
    pub(crate) durability: Durability,
    pub(crate) pace: Pace,
    pub(crate) orders: usize,
    /// Time after work in which the host does not sleep.
    pub(crate) busy_poll: Duration,
}

/// What was found.
pub(crate) struct Found {
    /// Nanoseconds from an order's bytes written to its child's read.
    child_ns: Vec<u64>,
    /// To the New report read, and to that of the fill.
    new_ns: Vec<u64>,
    fill_ns: Vec<u64>,
    /// Of all orders that count.
    pub(crate) wall_ns: u64,
    cpu_ns: u64,
    orders: usize,
    /// Messages that are no part of an order's life.
    others: usize,
    status: Status,
}

impl Found {
    pub(crate) fn child_p50(&self) -> u64 {
        median(&self.child_ns)
    }
    pub(crate) fn latency_rows(&self, case: &str) -> Vec<Row> {
        let row = |what: &str, nanos| spread(&format!("wire: {what}, {case}"), "ns", nanos, None);
        vec![row("order in, child out", &self.child_ns), row("order in, New back", &self.new_ns)]
    }
    pub(crate) fn flood_rows(&self, case: &str) -> Vec<Row> {
        let wall = format!("wire: order, New and fill, {case}");
        let cpu = format!("wire: the same for a second of the gateway's thread, {case}");
        vec![
            rate(&wall, "orders/s", self.orders, self.wall_ns),
            rate(&cpu, "orders/s", self.orders, self.cpu_ns),
        ]
    }
    /// Returns what the host counted.
    pub(crate) fn about(&self, case: &str) -> Row {
        let Self { status, .. } = self;
        json!({
            "case": case, "orders": self.orders, "fills": self.fill_ns.len(),
            "other_messages": self.others, "turns": status.counters.turns,
            "records": status.counters.records, "alerts": status.counters.alerts,
            "turn_ns_p50": status.turn_ns.quantile(500_000),
            "commit_ns_p50": status.commit_ns.quantile(500_000),
            "commit_ns_p99": status.commit_ns.quantile(990_000),
            "thread_cpu_ns": self.cpu_ns,
            "orders_per_s": per_second(self.orders, self.wall_ns),
        })
    }
}

/// Runs a host and its peers once.
pub(crate) fn run(scene: &Scene, plan: &Plan<'_>) -> Outcome<Found> {
    let folder = plan.journals.join(format!("gateway-bench-{}", std::process::id()));
    let day: TradeDate = "2013-08-01".parse()?;
    let journal = JournalOptions::new(&folder, day, plan.durability);
    let path = journal.path();
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut options = HostOptions::new(journal);
    options.listen.push(Listen { address: loopback, tls: None });
    options.busy_poll = plan.busy_poll;
    let mut listeners = Vec::new();
    for venue in 0..VENUES.len() {
        let listener = TcpListener::bind(loopback)?;
        let (host, port) = ("127.0.0.1".to_owned(), listener.local_addr()?.port());
        let peer = Peer { host, port, tls: None };
        options.peers.insert(venue_session(venue), vec![peer]);
        listeners.push(listener);
    }
    let (definitions, facts) = (scene.definitions.clone(), scene.facts.clone());
    let node = GatewayNode::new(gateway_settings(), definitions, facts);
    let clock = Box::new(SystemClock::default());
    let (handle, thread) = Host::open(options, sessions()?, node, clock, silent())?.spawn()?;
    let played = play(scene, plan, &handle, &listeners);
    handle.stop();
    thread.join().map_err(|_| "the host's thread panicked")??;
    let found = played?;
    let folded = engine::replay(&path)?;
    let open = folded.kernel().state().orders.open_orders().count();
    fs::remove_dir_all(&folder)?;
    if open > 0 {
        return Err(format!("expected every order filled in the journal, found {open} open").into());
    }
    Ok(found)
}

fn play(
    scene: &Scene,
    plan: &Plan<'_>,
    handle: &HostHandle<GatewayNode>,
    listeners: &[TcpListener],
) -> Outcome<Found> {
    let address = *handle.addresses().first().ok_or("the host listens nowhere")?;
    let mut play = Play::connect(address, listeners)?;
    play.log_on()?;
    // The gateway says nothing to its client when a venue's session is up.
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = handle.command(NodeCommand::Show);
        let answer = answer.map_err(|why| format!("{why:?}"))?.recv_timeout(PATIENCE)?;
        if let NodeAnswer::Shown(status) = answer
            && status.sessions_up.iter().all(|is_up| *is_up)
        {
            break;
        }
        if Instant::now() > deadline {
            return Err("the sessions did not log on".into());
        }
    }
    let count = scene.orders.len();
    let warm = WARM_UP.min(plan.orders / 2);
    let last = (warm + plan.orders).min(count);
    play.orders(scene, Pace::Window(WARM_UP_WINDOW), warm)?;
    let (begun, cpu) = (Instant::now(), thread_cpu_ns("host")?);
    play.orders(scene, plan.pace, last)?;
    let wall_ns = whole_ns(begun.elapsed());
    let cpu_ns = thread_cpu_ns("host")?.saturating_sub(cpu);
    let taken = |ends: &[u64]| {
        let pairs = play.sent.iter().zip(ends).skip(warm);
        pairs.map(|(sent, end)| end.saturating_sub(*sent)).collect::<Vec<u64>>()
    };
    Ok(Found {
        child_ns: taken(&play.children),
        new_ns: taken(&play.news),
        fill_ns: taken(&play.fills),
        wall_ns,
        cpu_ns,
        orders: last - warm,
        others: play.others,
        status: handle.status(),
    })
}

/// One socket of the playing thread.
struct Line {
    stream: TcpStream,
    inbox: Inbox,
    party: Party,
    out: Vec<u8>,
}

impl Line {
    fn new(stream: TcpStream, name: &'static str) -> Outcome<Self> {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, inbox: Inbox::default(), party: Party::new(name), out: Vec::new() })
    }
    /// Reads what there is; returns how many bytes.
    fn read(&mut self, buffer: &mut [u8]) -> Outcome<usize> {
        match self.stream.read(buffer) {
            Ok(0) => Err("the gateway closed a connection".into()),
            Ok(count) => Ok(count),
            Err(why) if why.kind() == ErrorKind::WouldBlock => Ok(0),
            Err(why) => Err(why.into()),
        }
    }
    /// Writes what the socket takes.
    fn write(&mut self) -> Outcome<()> {
        while !self.out.is_empty() {
            match self.stream.write(&self.out) {
                Ok(count) => drop(self.out.drain(..count)),
                Err(why) if why.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(why) => return Err(why.into()),
            }
        }
        Ok(())
    }
}

/// The client, both venues, and what they saw when.
struct Play {
    client: Line,
    venues: Vec<Line>,
    origin: Instant,
    buffer: Vec<u8>,
    /// By order, nanoseconds since the origin.
    sent: Vec<u64>,
    children: Vec<u64>,
    news: Vec<u64>,
    fills: Vec<u64>,
    filled: usize,
    logons: usize,
    others: usize,
}

impl Play {
    fn connect(address: SocketAddr, listeners: &[TcpListener]) -> Outcome<Self> {
        let mut venues = Vec::new();
        for (listener, name) in listeners.iter().zip(VENUES) {
            venues.push(Line::new(listener.accept()?.0, name)?);
        }
        Ok(Self {
            client: Line::new(TcpStream::connect(address)?, CLIENT)?,
            venues,
            origin: Instant::now(),
            buffer: vec![0; READ_BYTES],
            sent: Vec::new(),
            children: Vec::new(),
            news: Vec::new(),
            fills: Vec::new(),
            filled: 0,
            logons: 0,
            others: 0,
        })
    }
    fn log_on(&mut self) -> Outcome<()> {
        self.client.party.logon(wall()?, &mut self.client.out);
        self.client.write()?;
        let deadline = Instant::now() + PATIENCE;
        while self.logons < 1 + VENUES.len() {
            self.look()?;
            if Instant::now() > deadline {
                return Err("no logon came".into());
            }
        }
        Ok(())
    }
    /// Sends orders up to the one before `end`, and waits until all are filled.
    fn orders(&mut self, scene: &Scene, pace: Pace, end: usize) -> Outcome<()> {
        let (first, begun) = (self.sent.len(), Instant::now());
        let (mut progress, mut filled) = (Instant::now(), self.filled);
        while self.filled < end {
            let due = match pace {
                Pace::Every(gap) => {
                    let passed = begun.elapsed().as_nanos() / gap.as_nanos().max(1);
                    first + usize::try_from(passed)? + 1
                }
                Pace::Window(most) => self.filled + most,
            };
            let next = self.sent.len();
            let burst = due.min(end).saturating_sub(next).min(BURST_MAX);
            if burst > 0 {
                self.send(scene.orders.get(next..next + burst).unwrap_or_default())?;
            }
            self.look()?;
            if self.filled > filled {
                (progress, filled) = (Instant::now(), self.filled);
            } else if progress.elapsed() > PATIENCE {
                let (sent, all) = (self.sent.len(), self.children.len());
                let text = format!("{sent} orders sent, {all} children, {filled} filled");
                return Err(format!("nothing comes any more: {text}").into());
            }
        }
        Ok(())
    }
    fn send(&mut self, orders: &[NewOrder]) -> Outcome<()> {
        let now = wall()?;
        for order in orders {
            self.client.party.order(order, now, &mut self.client.out);
        }
        let at = whole_ns(self.origin.elapsed());
        self.sent.extend(orders.iter().map(|_| at));
        self.client.write()
    }
    /// Looks at every socket once.
    fn look(&mut self) -> Outcome<()> {
        for venue in &mut self.venues {
            let count = venue.read(&mut self.buffer)?;
            if count == 0 {
                venue.write()?;
                continue;
            }
            let (at, now) = (whole_ns(self.origin.elapsed()), wall()?);
            let Line { inbox, party, out, .. } = venue;
            inbox.take(self.buffer.get(..count).unwrap_or_default(), |message| {
                match message.msg_type() {
                    b"A" => {
                        self.logons += 1;
                        party.logon(now, out);
                    }
                    // It asks for the session's status once it is up.
                    b"g" => {}
                    b"D" => {
                        let number = message.get(tag::CL_ORD_ID).and_then(child_number);
                        put(&mut self.children, number, at)?;
                        party.report(message, Answer::New, now, out);
                        party.report(message, Answer::Fill, now, out);
                    }
                    _ => self.others += 1,
                }
                Ok(())
            })?;
            venue.write()?;
        }
        self.look_at_client()
    }
    fn look_at_client(&mut self) -> Outcome<()> {
        let count = self.client.read(&mut self.buffer)?;
        if count == 0 {
            return self.client.write();
        }
        let at = whole_ns(self.origin.elapsed());
        self.client.inbox.take(self.buffer.get(..count).unwrap_or_default(), |message| {
            let number = message.get(tag::CL_ORD_ID).and_then(client_number);
            match (message.msg_type(), message.get(tag::EXEC_TYPE)) {
                (b"A", _) => self.logons += 1,
                (b"8", Some(b"A")) => {}
                (b"8", Some(b"0")) => put(&mut self.news, number, at)?,
                (b"8", Some(b"F")) => {
                    self.filled += 1;
                    put(&mut self.fills, number, at)?;
                }
                (b"8", Some(b"8")) => {
                    let why = message.text(tag::TEXT).unwrap_or_default();
                    return Err(format!("an order was refused: {why}").into());
                }
                _ => self.others += 1,
            }
            Ok(())
        })
    }
}

fn put(times: &mut Vec<u64>, number: Option<usize>, at: u64) -> Outcome<()> {
    let number = number.ok_or("an identifier without a number")?;
    if times.len() <= number {
        times.resize(number + 1, 0);
    }
    if let Some(time) = times.get_mut(number) {
        *time = at;
    }
    Ok(())
}

fn wall() -> Outcome<Ts> {
    let nanos = SystemTime::UNIX_EPOCH.elapsed()?.as_nanos();
    Ok(Ts::from_nanos(i64::try_from(nanos)?))
}

/// Returns what a thread of this process has used of a processor, nanoseconds.
fn thread_cpu_ns(name: &str) -> Outcome<u64> {
    for task in fs::read_dir("/proc/self/task")? {
        let folder = task?.path();
        if fs::read_to_string(folder.join("comm"))?.trim() == name {
            let told = fs::read_to_string(folder.join("schedstat"))?;
            return Ok(told.split_whitespace().next().ok_or("schedstat is empty")?.parse()?);
        }
    }
    Err(format!("no thread is called {name}").into())
}
