//! Messages a second through a session, in one thread and without sockets: an order in, its echo
//! out, the record of both made but not written. Prints a checksum of the bytes that went out.

use std::sync::Arc;
use std::time::Instant;

use ringfence_fix::codec::{Body, encode};
use ringfence_fix::dict::{Policies, Specification, Version as Built};
use ringfence_fix::echo::Echo;
use ringfence_fix::endpoint::{ConnectionId, Effect, Endpoint, Recall, RecallError, Turn};
use ringfence_fix::session::{
    AnyMessage, CompIdsSuffice, Role, SessionSettings, Settings, Validate, Version,
};
use ringfence_fix::tag;
use ringfence_kernel::types::{Name, Ts};

const NOW: Ts = Ts::from_nanos(1_772_443_800_000_000_000);
const CONNECTION: ConnectionId = ConnectionId::new(1);
const BATCH: u64 = 16;

struct NoJournal;

impl Recall for NoJournal {
    fn payload(&mut self, record: u64, _: &mut Vec<u8>) -> Result<(), RecallError> {
        Err(RecallError { record, text: "nothing is kept".to_owned() })
    }
}

fn message(msg_type: &str, seq: u64, body: &Body, out: &mut Vec<u8>) {
    let mut header = Body::new();
    header.put(tag::MSG_TYPE, msg_type).number(tag::MSG_SEQ_NUM, seq);
    header.put(tag::SENDER_COMP_ID, "CLIENT").utc(tag::SENDING_TIME, NOW);
    header.put(tag::TARGET_COMP_ID, "BROKER");
    encode("FIX.4.2", header.bytes(), body.bytes(), out);
}

fn order(seq: u64, out: &mut Vec<u8>) {
    let mut body = Body::new();
    body.put(tag::CL_ORD_ID, format_args!("C{seq:09}")).put(tag::HANDL_INST, 1);
    body.put(tag::ACCOUNT, "ACC-1").put(tag::SYMBOL, "AAPL").put(tag::SIDE, 1);
    body.utc(tag::TRANSACT_TIME, NOW).number(tag::ORDER_QTY, 100);
    body.put(tag::ORD_TYPE, 2).put(tag::PRICE, "187.25").put(tag::TIME_IN_FORCE, 0);
    message("D", seq, &body, out);
}

fn run(name: &str, count: u64, validate: Arc<dyn Validate + Send + Sync>) -> Option<()> {
    let (ours, theirs) = (Name::new("BROKER")?, Name::new("CLIENT")?);
    let session = SessionSettings::new(Role::Acceptor, Version::Fix42, ours, theirs, validate);
    let settings = Settings {
        sessions: vec![session],
        authenticator: Box::new(CompIdsSuffice),
        logons_pending_max: 1,
        jitter_seed: 0,
    };
    let mut endpoint = Endpoint::new(settings, Echo::new()).ok()?;
    let mut turn = Turn::new();
    endpoint.start(NOW, &mut turn);
    turn.clear();
    endpoint.accepted(CONNECTION, NOW, &mut turn);
    let mut logon = Vec::new();
    let mut body = Body::new();
    body.put(tag::ENCRYPT_METHOD, 0).put(tag::HEART_BT_INT, 30);
    message("A", 1, &body, &mut logon);
    endpoint.received(CONNECTION, &logon, NOW, &mut NoJournal, &mut turn);
    let mut batches = Vec::new();
    for batch in 0..count / BATCH {
        let mut bytes = Vec::new();
        for place in 0..BATCH {
            order(2 + batch * BATCH + place, &mut bytes);
        }
        batches.push(bytes);
    }
    let mut sum = 0_u64;
    let begin = Instant::now();
    for bytes in &batches {
        turn.clear();
        endpoint.received(CONNECTION, bytes, NOW, &mut NoJournal, &mut turn);
        for effect in turn.effects() {
            if let Effect::Write { bytes, .. } = effect {
                let written = turn.bytes(bytes);
                sum = sum.wrapping_add(u64::try_from(written.len()).unwrap_or(0));
            }
        }
    }
    let nanos = begin.elapsed().as_nanos() / u128::from(count);
    println!("{name}: {nanos} ns an order, {count} orders, {sum} bytes out");
    Some(())
}

fn main() {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(400_000);
    let ran = run("no dictionary", count, Arc::new(AnyMessage));
    let built = Specification::compact(Built::Fix42).map(|it| it.dictionary(Policies::default()));
    let ran = ran.and_then(|()| run("dictionary", count, Arc::new(built.ok()?)));
    if ran.is_none() {
        eprintln!("the settings of the measurement are wrong");
    }
}
