//! Whatever the seed of the maps: the same bytes and the same state (I6, R59).

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use ringfence_kernel::types::{Fields, RecordError, Scalar, Ts};
use ringfence_kernel::{Input, Kernel, encode};

struct Text<'a>(Vec<(&'a str, &'a str)>);

impl Fields for Text<'_> {
    fn field(&self, name: &str) -> Option<Scalar<'_>> {
        let (_, text) = self.0.iter().find(|(other, _)| *other == name)?;
        Some(match *text {
            "true" => Scalar::Bool(true),
            "false" => Scalar::Bool(false),
            number if number.parse::<u64>().is_ok() => Scalar::Number(number),
            text => Scalar::Text(text),
        })
    }
    fn stray(&self, known: &[ringfence_kernel::types::FieldSpec]) -> Option<String> {
        let stray = self.0.iter().find(|(name, _)| known.iter().all(|field| field.name != *name));
        stray.map(|(name, _)| (*name).to_string())
    }
}

fn input(line: &str) -> Result<Input, RecordError> {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap_or_default();
    Input::read(name, &Text(words.filter_map(|word| word.split_once('=')).collect()))
}

const DAY: &str = "
gateway_definition node=N1 build=b base_currency=USD error_account=err rearm_max=1
tick_definition ladder=us from_px=0.01 tick=0.01
phase_definition plan=us phase=continuous ord_types=limit sources=last age_max=9000000000 \
    collar=1000 drift=1000 drift_window=1000000000
account_definition account=firm limits=L tradable=false self_match_group=g self_match_policy=allow
account_definition account=err above=firm limits=L tradable=true
strategy_definition strategy=DMA direct=true
venue_definition venue=V provisional=false ack_timeout=1000000000 message_max=1000000
session_definition session=S ord_types=limit phases=continuous cancel_on_disconnect=false
entitlement session=S scope_kind=account scope=*
entitlement session=S scope_kind=symbol scope=*
entitlement session=S scope_kind=venue scope=*
entitlement session=S scope_kind=strategy scope=*
";

fn day() -> Vec<Input> {
    let mut lines: Vec<String> = Vec::new();
    for key in ringfence_kernel::limit::LimitKey::ALL {
        let name = key.name();
        let value = match name.ends_with("window") {
            true => "1000000000",
            false if key.may_be_unlimited() => "UNLIMITED",
            false => "0",
        };
        lines.push(format!(
            "limit_definition limits=L limit={name} value={value} warn=1 restrict=9"
        ));
    }
    let text = DAY.replace("\\\n", " ");
    let mut all: Vec<String> = text.lines().map(str::to_string).filter(|l| !l.is_empty()).collect();
    all.splice(1..1, lines);
    for n in 0..20 {
        all.push(format!(
            "account_definition account=a{n} above=firm limits=L tradable=true \
             self_match_group=g self_match_policy=allow"
        ));
        all.push(format!(
            "instrument_definition symbol=I{n} currency=USD multiplier=1 lot_size=1 ladder=us \
             plan=us limits=L average_volume=1000000 shares_outstanding=1000000 \
             negative_prices=false banded=false short_sale_rules=false"
        ));
    }
    all.push(format!("day_open trade_date=2013-08-01 config_digest={}", "a".repeat(64)));
    all.push("venue_session venue=V connected=true".into());
    all.push("phase_change phase=continuous".into());
    for n in 0..20 {
        all.push(format!("margin_requirement account=a{n} requirement=1 buying_power=1000000000"));
        all.push(format!("market_trade symbol=I{n} px=10.00 qty=100"));
    }
    for n in 0..400_u32 {
        let (account, symbol) = (n * 7 % 20, n * 11 % 20);
        all.push(format!(
            "new_order session=S cl_ord_id=C{n} account=a{account} strategy=DMA symbol=I{symbol} \
             side=buy ord_type=limit time_in_force=day order_qty=10 price=10.00 ex_destination=V"
        ));
        all.push(format!(
            "venue_report venue=V cl_ord_id=N1-20130801-{n}-0 exec_id=E{n} exec_type=trade \
             last_qty=10 last_px=10.00"
        ));
    }
    all.push("corporate_action symbol=I3 numerator=2 denominator=1".into());
    all.push("tick".into());
    all.iter().map(|line| input(line).unwrap_or_else(|why| panic!("{line}: {why}"))).collect()
}

fn run(seed: u64, inputs: &[Input]) -> (Vec<u8>, [u8; 32]) {
    let (mut kernel, mut bytes) = (Kernel::with_map_seed(seed), Vec::new());
    for (ts, input) in (1_i64..).zip(inputs) {
        let events = kernel.step(Ts::from_nanos(ts), input).expect("time rises");
        encode(input, events, &mut bytes);
    }
    (bytes, kernel.state().digest())
}

#[test]
fn i6_r59_the_order_of_maps_leaves_no_trace() {
    let inputs = day();
    let (bytes, digest) = run(1, &inputs);
    for seed in [0, 2, 0xDEAD_BEEF, u64::MAX] {
        let (other, other_digest) = run(seed, &inputs);
        assert!(bytes == other, "seed {seed} gave other bytes");
        assert_eq!(digest, other_digest, "seed {seed} gave another state");
    }
}

#[test]
fn i6_replay_gives_the_live_state_and_deciding_again_the_same_bytes() {
    let inputs = day();
    let (mut live, mut folded, mut again) = (Kernel::new(), Kernel::new(), Kernel::new());
    let mut accepted = 0;
    for (ts, input) in (1_i64..).zip(&inputs) {
        let now = Ts::from_nanos(ts);
        let mut record = Vec::new();
        let events = live.step(now, input).expect("time rises");
        let is_fill = |event: &ringfence_kernel::Event| event.name() == "fill_booked";
        accepted += events.iter().filter(|event| is_fill(event)).count();
        encode(input, events, &mut record);
        folded.fold(now, &record).expect("the record folds");
        again.verify(now, &record).expect("the record verifies");
    }
    assert_eq!(400, accepted, "every order was sent and filled");
    assert_eq!(live.state().digest(), folded.state().digest());
    assert_eq!(live.state().digest(), again.state().digest());
}

#[test]
fn i6_a_changed_record_does_not_verify() {
    let inputs = day();
    let mut kernel = Kernel::new();
    let mut record = Vec::new();
    let events = Kernel::new().step(Ts::from_nanos(1), &inputs[0]).expect("time").to_vec();
    encode(&inputs[0], &events, &mut record);
    if let Some(last) = record.last_mut() {
        *last = 35;
    }
    assert!(kernel.verify(Ts::from_nanos(1), &record).is_err());
}
