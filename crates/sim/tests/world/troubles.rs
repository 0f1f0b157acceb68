//! Troubles of a world: lines of the venues' fault scripts and blows from outside, from a seed.
//!
//! Whole kinds are switched off at random, so that each world is bad in its own few ways. Twelve
//! seconds are bad; then everything heals.

use core::fmt::{self, Display};

use ringfence_sim::rng::Rng;
use ringfence_sim::world::host::Crash;

/// Milliseconds in which troubles begin, and behind which everything heals.
const BAD_MS: u64 = 12_000;
pub(super) const HEALED_MS: u64 = 16_000;
/// Longest that a trouble lasts, milliseconds.
const LAST_MS: u64 = 3_000;

/// Something from outside that a process does not choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blow {
    /// It dies at its next durable write and is down for a while, ns.
    Crash(Crash, i64),
    /// Its connections break.
    Cut,
    /// Nothing passes to and from it, ns.
    Silence(i64),
    /// It does nothing, ns.
    Freeze(i64),
}

/// Whom a blow hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    Node,
    Venue(usize),
}

/// One trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// A line of the fault script of a venue.
    Line { venue: usize, text: String },
    /// A blow at a time since the beginning, milliseconds.
    Blow { at_ms: u64, whom: Whom, blow: Blow },
}

/// Names of everything that a script can say in a world.
pub(super) const FAULTS: [&str; 25] = [
    "ack_loss",
    "late_ack",
    "late_fill",
    "duplicate_fill",
    "fill_after_cancel",
    "symbols_down",
    "degrade",
    "saturate",
    "silence",
    "clock_offset",
    "reject_orders",
    "throttle",
    "disconnect",
    "unknown_execution",
    "halt",
    "reopen",
    "bust",
    "correct",
    "mass_bust",
    "cancel_orders",
    "restate",
    "band",
    "band_rule",
    "market_data_loss",
    "market_data_freeze",
];
/// Names of the blows.
pub(super) const BLOWS: [&str; 4] = ["a crash", "a cut", "an outage", "a freeze"];

impl Trouble {
    /// Returns the name of its kind.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Line { text, .. } => {
                let mut words = text.split(' ').skip(2);
                match words.next() {
                    Some("for") => words.nth(1).unwrap(),
                    word => word.unwrap(),
                }
            }
            Self::Blow { blow: Blow::Crash(..), .. } => "a crash",
            Self::Blow { blow: Blow::Cut, .. } => "a cut",
            Self::Blow { blow: Blow::Silence(_), .. } => "an outage",
            Self::Blow { blow: Blow::Freeze(_), .. } => "a freeze",
        }
    }
}

impl Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { venue, text } => write!(f, "LIT{}: {text}", venue + 1),
            Self::Blow { at_ms, whom, blow } => write!(f, "at {at_ms}ms {whom:?}: {blow:?}"),
        }
    }
}

/// What the scripts of a world may do, so that what is lost can still be known in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Copies go by a second session that loses nothing: reports of every kind may be lost.
    Copied,
    /// Answers may be lost; nothing is busted or corrected, and no fill is lost.
    Answers,
    /// Nothing is lost.
    None,
}

/// Kinds of lines and blows, by name.
const KINDS: [&str; 28] = [
    "ack_loss",
    "late_ack",
    "late_fill",
    "duplicate_fill",
    "phantom_fill",
    "fill_after_cancel",
    "symbols_down",
    "degrade",
    "saturate",
    "silence",
    "clock_offset",
    "reject_orders",
    "throttle",
    "disconnect",
    "unknown_execution",
    "halt",
    "bust",
    "correct",
    "mass_bust",
    "cancel_orders",
    "restate",
    "band",
    "market_data_loss",
    "market_data_freeze",
    "crash",
    "cut",
    "outage",
    "freeze",
];

/// Returns the troubles of a seed.
pub(super) fn draw(seed: u64, loss: Loss) -> Vec<Trouble> {
    let mut rng = Rng::stream(seed, &[4]);
    let busts = loss != Loss::Answers;
    let is_allowed = |kind: &str| match kind {
        "ack_loss" | "saturate" => loss != Loss::None,
        "bust" | "correct" | "mass_bust" => busts,
        _ => true,
    };
    let kinds: Vec<&str> = KINDS.into_iter().filter(|_| rng.below(5) < 2).collect();
    let kinds: Vec<&str> = kinds.into_iter().filter(|kind| is_allowed(kind)).collect();
    let count = 1 + rng.below(16);
    let mut troubles = Vec::new();
    for _ in 0..count {
        if let Some(kind) = pick(&mut rng, &kinds) {
            one(&mut rng, kind, loss, &mut troubles);
        }
    }
    troubles
}

fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> Option<T> {
    let at = rng.below(u64::try_from(from.len()).unwrap());
    from.get(usize::try_from(at).unwrap()).copied()
}

fn venue(rng: &mut Rng) -> usize {
    usize::try_from(rng.below(2)).unwrap()
}

fn symbol(rng: &mut Rng) -> &'static str {
    if rng.one_in(2) { "BAC" } else { "IBM" }
}

fn one(rng: &mut Rng, kind: &'static str, loss: Loss, troubles: &mut Vec<Trouble>) {
    let at = rng.below(BAD_MS);
    let lasts = 1 + rng.below(LAST_MS);
    if let Some((whom, blow)) = blow(rng, kind, lasts) {
        troubles.push(Trouble::Blow { at_ms: at, whom, blow });
        return;
    }
    let venue = venue(rng);
    let mut add = |at: u64, what: String| {
        troubles.push(Trouble::Line { venue, text: format!("at {at}ms {what}") });
    };
    if let Some(what) = lasting(rng, kind, loss) {
        add(at, format!("for {lasts}ms {what}"));
        return;
    }
    let symbol = symbol(rng);
    match kind {
        "halt" => {
            let reason = match at % 3 {
                0 => "reason=news_pending ",
                1 => "reason=order_imbalance ",
                _ => "",
            };
            add(at, format!("halt {reason}symbol={symbol} why=news"));
            add(at + lasts, format!("reopen symbol={symbol} auction={}ms", rng.below(1_000)));
        }
        "bust" => {
            for _ in 0..5 {
                add(at, format!("bust exec={}", 1 + rng.below(200)));
            }
        }
        "correct" => {
            for _ in 0..5 {
                let exec = 1 + rng.below(200);
                add(at, format!("correct exec={exec} qty={}", 1 + rng.below(200)));
            }
        }
        "band" => {
            let (lower, upper) = if symbol == "BAC" { (1_395, 1_405) } else { (17_997, 18_003) };
            let px = |cents: u64| format!("{}.{:02}", cents / 100, cents % 100);
            let (lower, upper) = (px(lower), px(upper));
            add(at, format!("band symbol={symbol} lower={lower} upper={upper}"));
            add(at + lasts, format!("band_rule symbol={symbol}"));
        }
        _ => {
            let what = once(rng, kind, at, symbol);
            add(at, what);
        }
    }
}

fn blow(rng: &mut Rng, kind: &str, lasts_ms: u64) -> Option<(Whom, Blow)> {
    let ns = i64::try_from(lasts_ms * 1_000_000).unwrap();
    let blow = match kind {
        "crash" => {
            let place = [Crash::BeforeWrite, Crash::AfterWrite, Crash::Midway];
            Blow::Crash(pick(rng, &place)?, ns)
        }
        "cut" => Blow::Cut,
        "outage" => Blow::Silence(ns),
        "freeze" => Blow::Freeze(ns),
        _ => return None,
    };
    let whom = if rng.one_in(2) { Whom::Node } else { Whom::Venue(venue(rng)) };
    Some((whom, blow))
}

/// Returns a fault that lasts.
fn lasting(rng: &mut Rng, kind: &str, loss: Loss) -> Option<String> {
    let ms = |rng: &mut Rng, most: u64| 1 + rng.below(most);
    let share = |rng: &mut Rng| 1_000 + rng.below(9_001);
    Some(match kind {
        "ack_loss" => format!("ack_loss port=N1 share={}", share(rng)),
        "late_ack" => format!("late_ack port=N1 by={}ms", ms(rng, 2_500)),
        "late_fill" => format!("late_fill port=N1 by={}ms", ms(rng, 2_500)),
        "duplicate_fill" => format!("duplicate_fill port=N1 share={}", share(rng)),
        "phantom_fill" => format!("duplicate_fill port=N1 id=new share={}", share(rng)),
        "fill_after_cancel" => format!("fill_after_cancel share={}", share(rng)),
        "symbols_down" => "symbols_down symbols=A..BFZZZ".to_owned(),
        "degrade" => format!("degrade to={}ms", ms(rng, 2_500)),
        "saturate" => "saturate capacity=5 curve=50:0ms:0,100:300ms:500,300:900ms:5000".to_owned(),
        "silence" => {
            // A fill that is lost without a copy is lost for good.
            let held = loss != Loss::Copied || rng.one_in(2);
            format!("silence port=N1 hold={}", if held { "yes" } else { "no" })
        }
        "clock_offset" => {
            let sign = if rng.one_in(2) { "-" } else { "" };
            format!("clock_offset by={sign}{}ms", ms(rng, 3_600_000))
        }
        "market_data_loss" | "market_data_freeze" => kind.to_owned(),
        "reject_orders" => format!("reject_orders share={}", share(rng)),
        "throttle" => {
            let take = 1 + rng.below(4);
            format!("throttle port=N1 take={take} disconnect={}", take + 1 + rng.below(6))
        }
        _ => return None,
    })
}

/// Returns something that happens once.
fn once(rng: &mut Rng, kind: &str, at_ms: u64, symbol: &str) -> String {
    match kind {
        "disconnect" => "disconnect port=N1".to_owned(),
        "unknown_execution" => {
            let (side, qty) = (if rng.one_in(2) { "buy" } else { "sell" }, 1 + rng.below(900));
            let px = if symbol == "BAC" { "14" } else { "180" };
            format!("unknown_execution port=N1 symbol={symbol} side={side} qty={qty} px={px}")
        }
        "mass_bust" => {
            let from = at_ms.saturating_sub(rng.below(2_000));
            format!("mass_bust from={from}ms to={at_ms}ms")
        }
        "cancel_orders" => format!("cancel_orders symbol={symbol}"),
        "restate" => format!("restate symbol={symbol} by={}", 1_000 + rng.below(9_001)),
        other => panic!("no such kind: {other}"),
    }
}
