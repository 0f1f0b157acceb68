//! Sessions to venues: reconciliation before anything is sent, doubt, orphans, prices.

use ringfence_fix::endpoint::Application;
use ringfence_fix::tag;
use ringfence_fix::terms::Version;
use ringfence_kernel::types::Name;

use super::world::{CLIENT, LIT1, LIT1_COPY, LIT2, World};

fn positions(world: &World) -> i64 {
    let state = world.gateway.kernel().state();
    let account = state.directory.accounts.find(&Name::clipped("alice")).unwrap();
    let symbol = state.directory.instruments.find(&Name::clipped("BAC")).unwrap();
    state.positions.row(account, symbol).map_or(0, |row| row.confirmed_qty())
}

/// R50, R68: after a session broke, nothing new goes to the venue before every open child there
/// has been asked about and answered for.
#[test]
fn nothing_is_sent_before_reconciliation_is_complete() {
    let mut world = World::open(Version::Fix44);
    let (first, second) = (world.order("C1"), world.order("C2"));
    world.report(LIT1, &first, "150=0|39=0");
    world.report(LIT1, &second, "150=0|39=0");
    world.gateway.session_changed(LIT1, false, &mut world.log);
    world.log.sent.clear();
    world.gateway.session_changed(LIT1, true, &mut world.log);
    let asked: Vec<String> = world
        .take(LIT1)
        .iter()
        .filter(|sent| sent.msg_type == "H")
        .map(|sent| sent.get(tag::CL_ORD_ID).to_owned())
        .collect();
    assert_eq!([first.clone(), second.clone()], asked.as_slice());
    world.order("C3");
    assert_eq!(["8 8 8 100 0 0"], world.take_short(CLIENT).as_slice());
    world.deliver(LIT1, "8", &format!("11={first}|37=V|17=0|150=I|39=0|14=0|151=100"));
    world.order("C4");
    assert_eq!(["8 8 8 100 0 0"], world.take_short(CLIENT).as_slice());
    assert!(world.take(LIT1).iter().all(|sent| sent.msg_type != "D"));
    world.deliver(LIT1, "8", &format!("11={second}|37=V|17=0|150=I|39=0|14=0|151=100"));
    world.order("C5");
    assert_eq!(["8 A A 100 0 100"], world.take_short(CLIENT).as_slice());
    assert_eq!(1, world.take(LIT1).iter().filter(|sent| sent.msg_type == "D").count());
    assert!(world.log.notes.iter().any(|text| text.contains("reconciled")), "it is shown");
    let doubts = world.log.alerts.iter().filter(|text| text.contains("child_in_doubt"));
    assert_eq!(world.log.alerts.len(), doubts.count(), "good news is no alert");
}

/// R1, R50, R105: a venue that took part of a fill back and then filled the rest is done with the
/// order; so is one that refuses a cancel as too late. What is open here is asked about, and ends.
#[test]
fn an_order_that_its_venue_has_ended_is_asked_about() {
    let mut world = World::open(Version::Fix44);
    let id = world.order("C1");
    world.report(LIT1, &id, "150=0|39=0");
    world.report(LIT1, &id, "150=F|39=1|32=60|31=14|14=60|151=40");
    world.report(LIT1, &id, "19=E2|150=G|39=1|32=30|31=14|14=30|151=40");
    world.log.sent.clear();
    world.report(LIT1, &id, "150=F|39=4|32=40|31=14|14=70|151=0");
    let asked = |world: &mut World| {
        let sent = world.take(LIT1);
        sent.iter().filter(|sent| sent.msg_type == "H").count()
    };
    assert_eq!(1, asked(&mut world));
    world.deliver(LIT1, "8", &format!("11={id}|37=V|17=0|150=I|39=4|14=70|151=0"));
    assert_eq!(0, world.gateway.kernel().state().orders.open_children().count());
    assert_eq!(70, positions(&world));

    let id = world.order("C2");
    world.report(LIT1, &id, "150=0|39=0");
    world.deliver(CLIENT, "F", "41=C2|11=X2|55=BAC|54=1|60=20131008-14:00:00|38=100");
    let cancel = world.take(LIT1).iter().find(|sent| sent.msg_type == "F").unwrap().clone();
    let reject = format!("11={}|41={id}|37=V|39=4|434=1|102=0", cancel.get(tag::CL_ORD_ID));
    world.deliver(LIT1, "9", &reject);
    assert_eq!(1, asked(&mut world));
}

/// R67: at a backup that is only tried, what is open is asked about and nothing new is sent, also
/// once all is answered for; back at the primary orders go again.
#[test]
fn a_tried_backup_takes_nothing_new() {
    let mut world = World::open(Version::Fix44);
    let open = world.order("C1");
    world.report(LIT1, &open, "150=0|39=0");
    assert_eq!((1, 0), (world.gateway.open_count(LIT1), world.gateway.open_count(LIT2)));
    world.gateway.session_changed(LIT1, false, &mut world.log);
    assert!(!world.gateway.is_settled(LIT1));
    world.log.drilled = Some(LIT1);
    world.gateway.session_changed(LIT1, true, &mut world.log);
    assert!(!world.gateway.is_settled(LIT1));
    let status = format!("11={open}|37=V|17=0|150=I|39=0|14=0|151=100");
    world.deliver(LIT1, "8", &status);
    assert!(world.gateway.is_settled(LIT1));
    let tried = |text: &String| text.contains("reconciled for a drill");
    world.report(LIT1, &open, "150=F|39=1|32=10|31=10.00|14=10|151=90");
    assert_eq!(1, world.log.alerts.iter().filter(|text| tried(text)).count());
    world.log.sent.clear();
    world.order("C2");
    assert_eq!(["8 8 8 100 0 0"], world.take_short(CLIENT).as_slice());
    assert!(world.take(LIT1).is_empty());
    world.gateway.session_changed(LIT1, false, &mut world.log);
    world.log.drilled = None;
    world.gateway.session_changed(LIT1, true, &mut world.log);
    world.deliver(LIT1, "8", &status.replace("14=0|151=100", "14=10|151=90"));
    world.order("C3");
    assert_eq!(1, world.take(LIT1).iter().filter(|sent| sent.msg_type == "D").count());
}

/// R50: an order without an answer is in doubt and asked about, again and again; the operator is
/// told; it is neither sent again nor free. An order that the venue never got is rejected.
#[test]
fn an_unanswered_order_is_asked_about_until_somebody_answers() {
    let mut world = World::open(Version::Fix44);
    let id = world.order("C1");
    world.log.sent.clear();
    world.wait(2);
    let asked = world.take(LIT1);
    assert_eq!(["H"], asked.iter().map(|s| s.msg_type.as_str()).collect::<Vec<_>>().as_slice());
    for seconds in [5, 10, 15] {
        world.wait(seconds);
    }
    assert_eq!(3, world.take(LIT1).len());
    assert!(world.log.alerts.iter().any(|text| text.contains("no answer about child")));
    assert!(world.take(CLIENT).is_empty(), "silence is not told as an end");
    world.deliver(LIT1, "8", &format!("11={id}|37=NONE|17=0|150=I|39=8|103=5|14=0|151=0"));
    assert_eq!(["8 8 8 100 0 0"], world.take_short(CLIENT).as_slice());
    world.wait(10);
    assert!(world.take(LIT1).is_empty());
}

/// R50: a status answer that an order is live tells its client so, once.
#[test]
fn an_answer_that_an_order_lives_is_told() {
    let mut world = World::open(Version::Fix42);
    let id = world.order("C1");
    world.wait(2);
    world.take(CLIENT);
    world.deliver(LIT1, "8", &format!("11={id}|37=V|17=0|20=3|150=0|39=0|14=0|151=100"));
    world.report(LIT1, &id, "20=0|150=0|39=0|14=0|151=100");
    assert_eq!(["8 0 0 100 0 100"], world.take_short(CLIENT).as_slice());
}

/// R8, R50: a change that the venue never got is taken back, one that it made counts, both by the
/// answer about its identifier.
#[test]
fn a_change_in_doubt_is_resolved_by_its_identifier() {
    for (answer, told, working) in [
        ("150=I|39=8|103=5|14=0|151=0", "9", "100"),
        ("150=I|39=0|38=250|14=0|151=250", "8", "250"),
    ] {
        let mut world = World::open(Version::Fix44);
        let id = world.order("C1");
        world.report(LIT1, &id, "150=0|39=0");
        world.deliver(CLIENT, "G", "11=C2|41=C1|55=BAC|54=1|38=250|40=2|44=10.00");
        world.gateway.session_changed(LIT1, false, &mut world.log);
        world.log.sent.clear();
        world.gateway.session_changed(LIT1, true, &mut world.log);
        let asked: Vec<String> = world
            .take(LIT1)
            .iter()
            .filter(|sent| sent.msg_type == "H")
            .map(|sent| sent.get(tag::CL_ORD_ID).to_owned())
            .collect();
        assert_eq!(2, asked.len(), "the order, and the change");
        world.deliver(LIT1, "8", &format!("11={}|37=V|17=0|150=I|39=0|14=0|151=100", asked[0]));
        world.take(CLIENT);
        world.deliver(LIT1, "8", &format!("11={}|37=V|17=0|{answer}", asked[1]));
        let last = world.take(CLIENT).pop().unwrap();
        assert_eq!(told, last.msg_type, "{answer}");
        world.deliver(CLIENT, "AF", "584=M|585=7");
        assert_eq!(working, world.take(CLIENT).pop().unwrap().get(tag::ORDER_QTY));
    }
}

/// R47: a fill that nobody ordered is booked, its venue halted, the operator told, and the venue
/// gets a "don't know trade" (FIX 35=Q).
#[test]
fn an_orphan_is_booked_and_not_known() {
    let mut world = World::open(Version::Fix44);
    let fill = "150=F|39=2|55=BAC|54=1|32=500|31=10|14=500|151=0";
    world.report(LIT1, "SOMEBODY-ELSE", fill);
    let answer = world.take(LIT1).pop().unwrap();
    assert_eq!(("Q", "D"), (answer.msg_type.as_str(), answer.get(tag::DK_REASON)));
    assert_eq!("V1", answer.get(tag::ORDER_ID), "what the venue calls it");
    assert!(world.log.alerts.iter().any(|text| text.contains("ORPHAN")));
    assert_eq!(0, positions(&world));
    world.order("C1");
    assert_eq!(["8 8 8 100 0 0"], world.take_short(CLIENT).as_slice(), "the venue is halted");
}

/// R49: a copy that comes before the report itself is booked, and the report then changes nothing.
#[test]
fn a_fill_counts_once_by_whichever_stream_brings_it() {
    let mut world = World::open(Version::Fix44);
    let id = world.order("C1");
    let fill = format!("11={id}|37=V|17=F1|150=F|39=1|32=40|31=10|14=40|151=60");
    let other = format!("11={id}|37=V|17=F2|150=F|39=2|32=60|31=10|14=100|151=0");
    for (from, report) in [(LIT1, &fill), (LIT1_COPY, &fill), (LIT1_COPY, &other), (LIT1, &other)] {
        world.deliver(from, "8", report);
    }
    assert_eq!(100, positions(&world));
    assert_eq!(3, world.take(CLIENT).len(), "pending, and two fills");
}

/// R70: the kernel's quote is the best over all venues; a venue that goes down takes its prices
/// with it.
#[test]
fn prices_are_the_best_over_all_venues() {
    let mut world = World::open(Version::Fix44);
    let quote = |world: &World| {
        let state = world.gateway.kernel().state();
        let symbol = state.directory.instruments.find(&Name::clipped("BAC")).unwrap();
        let row = state.market.row(symbol).unwrap();
        [row.bid, row.ask].map(|px| px.map(|stamped| stamped.px.to_string()))
    };
    let snapshot = |bid: &str, ask: &str| {
        format!("262=r|55=BAC|268=2|269=0|270={bid}|271=100|269=1|270={ask}|271=100")
    };
    world.deliver(LIT1, "W", &snapshot("10.00", "10.03"));
    world.deliver(LIT2, "W", &snapshot("9.98", "10.02"));
    assert_eq!([Some("10".to_owned()), Some("10.02".to_owned())], quote(&world));
    world.deliver(LIT2, "X", "262=r|268=1|279=2|269=1|55=BAC|270=10.02");
    assert_eq!([Some("10".to_owned()), Some("10.03".to_owned())], quote(&world));
    world.gateway.session_changed(LIT1, false, &mut world.log);
    assert_eq!([Some("9.98".to_owned()), None], quote(&world));
    world.deliver(LIT2, "W", "262=r|55=BAC|268=1|269=1|270=0|271=0");
    assert_eq!([None, None], quote(&world), "an offer of nothing is none");
}

/// FIX 35=3: a new order that the venue's session refused is rejected by what was sent; a change
/// that was refused is taken back, and the order lives.
#[test]
fn a_session_reject_of_an_order_rejects_it() {
    let mut world = World::open(Version::Fix44);
    let id = world.order("C1");
    world.take(CLIENT);
    world.refuse(LIT1, "45=9|372=D|373=5|58=bad value", Some(("D", &format!("11={id}|55=BAC"))));
    assert_eq!(["8 8 8 100 0 0"], world.take_short(CLIENT).as_slice());
    let id = world.order("C2");
    world.report(LIT1, &id, "150=0|39=0");
    world.deliver(CLIENT, "G", "11=C3|41=C2|55=BAC|54=1|38=250|40=2|44=10.01");
    let change = world.take(LIT1).pop().unwrap().get(tag::CL_ORD_ID).to_owned();
    world.take(CLIENT);
    world.refuse(LIT1, "45=9|372=G|373=5|58=bad", Some(("G", &format!("41={id}|11={change}"))));
    assert_eq!("9", world.take(CLIENT).pop().unwrap().msg_type);
    world.deliver(CLIENT, "H", "11=C2|55=BAC|54=1");
    assert_eq!(["8 I 0 100 0 100"], world.take_short(CLIENT).as_slice());
    world.refuse(LIT1, "45=9|373=5|58=what", None);
    assert!(world.log.alerts.last().unwrap().contains("what"));
}

/// FIX 35=j: a new order that the venue could not read is rejected; another message of ours is only
/// told to the operator.
#[test]
fn a_business_reject_of_an_order_rejects_it() {
    let mut world = World::open(Version::Fix44);
    let id = world.order("C1");
    world.take(CLIENT);
    world.deliver(LIT1, "j", &format!("45=9|372=D|379={id}|380=0|58=no such field"));
    let told = world.take(CLIENT);
    assert_eq!("8 8 8 100 0 0", told[0].short());
    assert_eq!("no such field", told[0].get(tag::TEXT));
    world.deliver(LIT1, "j", "45=9|372=V|380=3|58=no market data here");
    assert!(world.take(CLIENT).is_empty());
    assert!(world.log.alerts.last().unwrap().contains("no market data here"));
}
