//! Random days of members, operators and faults: both books tell the same, and nothing is lost.

use std::collections::BTreeMap;

use proptest::prelude::*;
use ringfence_fix::endpoint::Application;
use ringfence_kernel::types::{Bps, Money, OrdStatus, Phase, Price, Qty};
use ringfence_sim::book::{Book, FastBook, PlainBook};
use ringfence_sim::exchange::{BandKind, InstrumentIndex, OrderState, PortId, TradeState};
use ringfence_sim::venue::{Venue, VenueSettings};

use super::world::{
    ALPHA, ALPHA_2, BETA, MILLI, Sent, World, limit_band, px, retail_rules, settings, window,
};

/// Steps of one day.
const STEPS: usize = 70;

#[derive(Clone, Debug)]
enum Act {
    Send { port: u16, msg_type: &'static str, fields: String },
    Command(&'static str),
    Link { port: u16, is_up: bool },
    Wait { ms: i64 },
}

const COMMANDS: &[&str] = &[
    "halt symbol=AAA why=x",
    "halt why=x",
    "reopen",
    "reopen auction=3s",
    "pause",
    "for 3s ack_loss share=5000",
    "for 2s late_ack by=700ms",
    "for 3s late_fill by=300ms every=2",
    "for 2s duplicate_fill id=same",
    "for 4s symbols_down symbols=AAA..AAB",
    "for 5s degrade to=400ms",
    "for 5s saturate capacity=10 curve=10:1ms:0,300:900ms:4000",
    "for 1s silence hold=yes",
    "for 2s fill_after_cancel share=5000",
    "for 2s throttle take=2 disconnect=5 port=alpha",
    "for 2s reject_orders every=3",
    "for 3s market_data_loss port=alpha",
    "for 4s market_data_freeze symbol=AAA",
    "restate by=3000",
    "cancel_orders symbol=BBB",
    "mass_bust from=-4s to=-1s",
    "mass_bust from=-2s to=0s symbol=AAA",
    "bust exec=9",
    "correct exec=11 px=9.87",
    "correct exec=21 qty=1",
    "disconnect port=beta",
    "clear",
];

fn port() -> impl Strategy<Value = u16> {
    prop::sample::select(vec![ALPHA, BETA, ALPHA_2])
}

fn price() -> impl Strategy<Value = String> {
    (950_u32..1_050).prop_map(|cents| format!("{}.{:02}", cents / 100, cents % 100))
}

fn order() -> impl Strategy<Value = String> {
    let kind = prop_oneof![
        10 => price().prop_map(|px| format!("40=2 44={px}")),
        1 => Just("40=1".to_string()),
        1 => price().prop_map(|px| format!("40=3 99={px}")),
        1 => (price(), price()).prop_map(|(stop, px)| format!("40=4 99={stop} 44={px}")),
    ];
    let more = prop::sample::select(vec![
        "",
        "",
        "",
        "",
        "",
        "59=3",
        "59=4",
        "59=2",
        "59=7",
        "111=5",
        "111=0",
        "18=6",
        "59=3 110=5",
        "59=6 126=20240805-00:00:20",
        "59=3 5701=1",
        "59=3 5701=2",
        "5701=P",
    ]);
    let side = prop::sample::select(vec![1, 1, 2, 2, 5]);
    let symbol = prop::sample::select(vec!["AAA", "AAA", "AAA", "BBB"]);
    let id = 0_u32..60;
    (id, symbol, side, 1_u32..40, kind, more).prop_map(|(id, symbol, side, qty, kind, more)| {
        format!("11=o{id} 55={symbol} 54={side} 38={qty} {kind} {more}")
    })
}

fn act() -> impl Strategy<Value = Act> {
    let change = (0_u32..60, 0_u32..60, prop::sample::select(vec![1, 2]));
    let send = |msg_type| move |(port, fields): (u16, String)| Act::Send { port, msg_type, fields };
    prop_oneof![
        24 => (port(), order()).prop_map(send("D")),
        4 => (port(), change.clone().prop_map(|(id, orig, side)| {
            format!("11=c{id} 41=o{orig} 55=AAA 54={side}")
        })).prop_map(send("F")),
        4 => (port(), (change, price(), 1_u32..60).prop_map(|((id, orig, side), px, qty)| {
            format!("11=o{} 41=o{orig} 55=AAA 54={side} 40=2 44={px} 38={qty}", id + 60)
        })).prop_map(send("G")),
        1 => (port(), (0_u32..60).prop_map(|id| {
            format!("11=o{id} 55=AAA 54=1")
        })).prop_map(send("H")),
        1 => (port(), Just("11=m 530=6".to_string())).prop_map(send("q")),
        1 => (port(), Just("584=m 585=7".to_string())).prop_map(send("AF")),
        1 => (port(), (0_u32..9).prop_map(|id| {
            format!("262=m{id} 263=1 264=3 265=1 267=3 269=0 269=1 269=2 146=1 55=AAA")
        })).prop_map(send("V")),
        4 => prop::sample::select(COMMANDS.to_vec()).prop_map(Act::Command),
        1 => (port(), any::<bool>()).prop_map(|(port, is_up)| Act::Link { port, is_up }),
        8 => (1_i64..900).prop_map(|ms| Act::Wait { ms }),
    ]
}

/// A day with everything in it, thirty seconds long.
fn day(band: BandKind) -> VenueSettings {
    let mut settings = settings();
    let rules = &mut settings.rules;
    rules.limit_band = Some(limit_band());
    rules.session_band = Some(Bps::new(300));
    rules.retail = Some(retail_rules());
    for port in &mut rules.ports {
        port.is_retail = true;
    }
    rules.ports[usize::from(BETA)].cancel_on_disconnect = true;
    rules.windows = vec![
        window("pre", Phase::PreOpen, 0, 3),
        window("open", Phase::Auction, 3, 5),
        window("core", Phase::Continuous, 5, 18),
        window("close", Phase::Auction, 18, 20),
        window("night", Phase::Overnight, 22, 60),
    ];
    rules.windows[2].band = band;
    if let Some(limits) = &mut rules.limit_band {
        limits.mean_ns = 4_000 * MILLI;
        limits.stand_min_ns = 1_000 * MILLI;
        limits.limit_state_ns = 1_500 * MILLI;
        limits.pause_ns = 2_000 * MILLI;
        limits.width = Some(Bps::new(200));
    }
    settings
}

fn play<B: Book>(world: &mut World<B>, act: &Act) {
    match act {
        Act::Send { port, msg_type, fields } => world.send(*port, msg_type, fields),
        Act::Command(line) => {
            // Busts of executions that are not there are refused, as they should be.
            let _ = world.command(line);
        }
        Act::Link { port, is_up } => world.set_up(*port, *is_up),
        Act::Wait { ms } => {
            let to = world.memory.now.nanos() + ms * MILLI;
            world.run_to(ringfence_kernel::types::Ts::from_nanos(to));
        }
    }
}

fn trades_of<B: Book>(world: &World<B>, symbol: InstrumentIndex) -> usize {
    let trades = world.venue.exchange().ledger().trades();
    trades.iter().filter(|trade| trade.instrument == symbol).count()
}

/// Plays an act and checks that what traded could trade: in the band, not halted, not closed.
fn play_checked<B: Book>(world: &mut World<B>, act: &Act) {
    let symbols = [0, 1, 2].map(InstrumentIndex::new);
    let exchange = world.venue.exchange();
    let before = symbols.map(|at| {
        (exchange.security_status(at).unwrap().phase, exchange.band(at), trades_of(world, at))
    });
    let is_still = matches!(act, Act::Send { .. } | Act::Link { .. });
    let mark = world.venue.exchange().ledger().trades().len();
    play(world, act);
    if !is_still {
        return;
    }
    for (at, (phase, band, count)) in symbols.iter().zip(before) {
        let matching = matches!(phase, Phase::Continuous | Phase::Post | Phase::Overnight);
        // A canceled order that a fault fills was in the market before: it is no execution now.
        let has_ghosts = world.venue.faults().names().any(|name| name == "fill_after_cancel");
        assert!(matching || has_ghosts || trades_of(world, *at) == count, "{phase} {act:?}");
        let trades = &world.venue.exchange().ledger().trades()[mark..];
        for trade in trades.iter().filter(|trade| trade.instrument == *at) {
            let inside = band.is_none_or(|band| band.nearest(trade.px) == trade.px);
            assert!(inside || has_ghosts, "{trade:?} outside {band:?}");
        }
    }
}

/// Money, units and fees of all sum to nothing but the venue's fees; each order adds up.
fn check_conservation<B: Book>(world: &World<B>) {
    let exchange = world.venue.exchange();
    let statements = exchange.ledger().statements();
    let mut cash = Money::ZERO;
    let mut units: BTreeMap<InstrumentIndex, i128> = BTreeMap::new();
    for statement in statements.values() {
        cash += statement.cash;
        for (at, held) in &statement.units {
            *units.entry(*at).or_default() += held;
        }
    }
    assert_eq!(Money::ZERO, cash);
    assert!(units.values().all(|held| *held == 0), "{units:?}");
    let mut filled: BTreeMap<u64, Qty> = BTreeMap::new();
    let mut fees = Money::ZERO;
    let trades = exchange.ledger().trades().iter();
    for trade in trades.filter(|trade| trade.state == TradeState::Standing) {
        for side in trade.sides.into_iter().flatten() {
            *filled.entry(side.order.raw()).or_default() += trade.qty;
            fees += side.fee;
        }
    }
    let told = statements.values().fold(Money::ZERO, |sum, statement| sum + statement.fees);
    assert_eq!(fees, told);
    for number in 1_u64.. {
        let Some(order) = exchange.order(ringfence_sim::exchange::OrderNumber::new(number)) else {
            break;
        };
        assert_eq!(filled.get(&number).copied().unwrap_or_default(), order.cum_qty, "{order:?}");
        let accounted = order.cum_qty + order.voided_qty + order.leaves_qty;
        assert!(accounted <= order.terms.qty + order.voided_qty, "{order:?}");
        let is_open = order.state == OrderState::Open;
        assert_eq!(is_open, !order.leaves_qty.is_zero(), "{order:?}");
        assert_eq!(order.status() == OrdStatus::Filled, {
            order.state == OrderState::Closed && order.cum_qty >= order.terms.qty
        });
    }
}

/// What the messages say sums to what the exchange has, where no fault loses or doubles any.
fn check_messages(world: &World<FastBook>) {
    let mut cash: BTreeMap<u16, (i128, i128)> = BTreeMap::new();
    let mut last_of_exec: BTreeMap<String, (Qty, Price, Price)> = BTreeMap::new();
    let own = world.memory.sent.iter().filter(|sent| sent.get(797).is_none());
    for sent in own.filter(|sent| sent.msg_type == "8") {
        let number = |tag| sent.get(tag).map(|text| px(&text));
        let sign = if sent.get(54).as_deref() == Some("1") { -1 } else { 1 };
        let add =
            |(cash, fees): &mut (i128, i128), qty: Qty, px: Price, fee: Price, times: i128| {
                *cash += times * sign * px.times(qty, 1).nanos();
                *fees += times * i128::from(fee.nanos());
            };
        let kind = sent.get(150).unwrap();
        if !matches!(&kind[..], "F" | "G" | "H") {
            continue;
        }
        let entry = cash.entry(sent.port).or_default();
        let qty = Qty::parse(&sent.get(32).unwrap()).unwrap();
        let (price, fee) = (number(31).unwrap(), number(137).unwrap());
        if let Some(old) = sent.get(19).and_then(|id| last_of_exec.remove(&id)) {
            add(entry, old.0, old.1, old.2, -1);
        }
        if kind != "H" {
            add(entry, qty, price, fee, 1);
            last_of_exec.insert(sent.get(17).unwrap(), (qty, price, fee));
        }
    }
    let statements = world.venue.exchange().ledger().statements();
    for port in [ALPHA, BETA, ALPHA_2] {
        let statement = statements.get(&Some(PortId::new(port))).cloned().unwrap_or_default();
        let told = cash.get(&port).copied().unwrap_or_default();
        assert_eq!((statement.cash.nanos(), statement.fees.nanos()), told, "port {port}");
    }
}

fn unique_exec_ids(sent: &[Sent]) -> bool {
    let own = sent.iter().filter(|sent| sent.msg_type == "8" && sent.get(797).is_none());
    let mut ids: Vec<String> = own.filter_map(|sent| sent.get(17)).filter(|id| id != "0").collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    count == ids.len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Rule 32 of STYLE.md, R105: over either book the venue says the same, conserves shares and
    /// money, trades inside the band and never while halted, and folds to itself.
    #[test]
    fn random_days(acts in prop::collection::vec(act(), STEPS), is_limited in any::<bool>()) {
        let band = if is_limited { BandKind::LimitUpDown } else { BandKind::Session };
        let mut fast = World::over(day(band), FastBook::new);
        let mut plain = World::over(day(band), PlainBook::new);
        for act in &acts {
            play_checked(&mut fast, act);
            play(&mut plain, act);
            prop_assert_eq!(&fast.memory.sent, &plain.memory.sent);
        }
        prop_assert_eq!(&fast.memory.records, &plain.memory.records);
        prop_assert_eq!(&fast.memory.logouts, &plain.memory.logouts);
        check_conservation(&fast);
        play(&mut fast, &Act::Command("clear"));
        let mut folded = Venue::new(day(band), PlainBook::new).unwrap();
        for (ts, payload) in &fast.memory.records {
            folded.fold(*ts, payload).unwrap();
        }
        prop_assert_eq!(fast.venue.digest(), folded.digest());
    }

    /// R105: where no fault loses or doubles messages, they alone say what everybody has.
    #[test]
    fn messages_say_what_everybody_has(acts in prop::collection::vec(act(), STEPS)) {
        let harmless =
            ["halt", "pause", "reopen", "restate", "cancel", "mass_bust", "bust", "correct"];
        let mut world = World::over(day(BandKind::LimitUpDown), FastBook::new);
        for act in &acts {
            let is_bending = match act {
                Act::Command(line) => !harmless.iter().any(|word| line.starts_with(word)),
                Act::Send { .. } | Act::Link { .. } | Act::Wait { .. } => false,
            };
            if !is_bending {
                play(&mut world, act);
            }
        }
        check_messages(&world);
        check_conservation(&world);
        prop_assert!(unique_exec_ids(&world.memory.sent));
    }
}

/// What the random days have to reach: reports and refusals, states, liquidity.
const GUARDS: &[&str] = &[
    "8 0",
    "8 4",
    "8 5",
    "8 8",
    "8 C",
    "8 D",
    "8 F",
    "8 G",
    "8 H",
    "8 I",
    "9",
    "B",
    "W",
    "X",
    "Y",
    "r",
    "851=1",
    "851=2",
    "f limit state",
    "f limit pause",
    "f straddle state",
    "f straddle state over",
    "f halt",
    "f resumed",
    "f reopening auction",
    "logout",
    "interest filled",
];

fn count_reached(world: &World<FastBook>, reached: &mut BTreeMap<String, usize>) {
    for sent in &world.memory.sent {
        let what = match &sent.msg_type[..] {
            "8" => format!("8 {}", sent.get(150).unwrap()),
            "f" => format!("f {}", sent.get(58).unwrap().split(',').next().unwrap()),
            other => other.to_string(),
        };
        *reached.entry(what).or_default() += 1;
        if let Some(liquidity) = sent.get(851) {
            *reached.entry(format!("851={liquidity}")).or_default() += 1;
        }
    }
    *reached.entry("logout".to_string()).or_default() += world.memory.logouts.len();
    let orders = (1_u64..).map_while(|number| {
        world.venue.exchange().order(ringfence_sim::exchange::OrderNumber::new(number))
    });
    let is_interest = |retail| retail == ringfence_sim::exchange::Retail::Interest;
    let filled = orders.filter(|o| is_interest(o.terms.retail) && !o.cum_qty.is_zero());
    *reached.entry("interest filled".to_string()).or_default() += filled.count();
}

/// Rule 33 of STYLE.md: the random days reach what they are meant to test.
#[test]
fn random_days_reach_every_guard() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut reached: BTreeMap<String, usize> = BTreeMap::new();
    let mut runner = TestRunner::deterministic();
    for _ in 0..120 {
        let acts = prop::collection::vec(act(), STEPS).new_tree(&mut runner).unwrap().current();
        let mut world = World::over(day(BandKind::LimitUpDown), FastBook::new);
        world.send(ALPHA, "e", "324=s 55=AAA 263=1");
        for act in &acts {
            play(&mut world, act);
        }
        count_reached(&world, &mut reached);
    }
    for guard in GUARDS {
        assert!(reached.get(*guard).copied().unwrap_or(0) > 0, "{guard} in {reached:?}");
    }
}
