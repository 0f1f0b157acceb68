//! What clients are told, in each version of FIX.

use ringfence_fix::endpoint::Application;
use ringfence_fix::tag;
use ringfence_fix::terms::Version;
use ringfence_kernel::types::Name;

use super::world::{CLIENT, COPY, LIT1, World};

pub(super) const ALL: [Version; 3] = [Version::Fix42, Version::Fix44, Version::Fixt11];

/// R52, R59: the life of an order as its client sees it: pending, new, two fills, filled; each
/// report carries what is filled and what is open (FIX 14, 151).
#[test]
fn an_order_lives() {
    for version in ALL {
        let mut world = World::open(version);
        let id = world.order("C1");
        let (new, partial, full) = match version {
            Version::Fix42 => ("150=0|20=0", "150=1|20=0", "150=2|20=0"),
            Version::Fix44 | Version::Fixt11 => ("150=0", "150=F", "150=F"),
        };
        world.report(LIT1, &id, &format!("{new}|39=0"));
        world.report(LIT1, &id, &format!("{partial}|39=1|32=40|31=10.00|14=40|151=60"));
        world.report(LIT1, &id, &format!("{full}|39=2|32=60|31=9.90|14=100|151=0"));
        let told = world.take(CLIENT);
        let fills = match version {
            Version::Fix42 => ["8 1 1 100 40 60", "8 2 2 100 100 0"],
            Version::Fix44 | Version::Fixt11 => ["8 F 1 100 40 60", "8 F 2 100 100 0"],
        };
        let short: Vec<String> = told.iter().map(|sent| sent.short()).collect();
        assert_eq!(["8 A A 100 0 100", "8 0 0 100 0 100", fills[0], fills[1]], short.as_slice());
        assert!(told.iter().all(|sent| sent.get(tag::CL_ORD_ID) == "C1"));
        let last = &told[3];
        assert_eq!(
            ["9.94", "9.9", "60", "LIT1"],
            [
                last.get(tag::AVG_PX),
                last.get(tag::LAST_PX),
                last.get(tag::LAST_QTY),
                last.get(tag::LAST_MKT),
            ]
        );
        let trans = if version == Version::Fix42 { "0" } else { "" };
        assert_eq!(trans, last.get(tag::EXEC_TRANS_TYPE));
        let mut ids: Vec<&str> = told.iter().map(|sent| sent.get(tag::EXEC_ID)).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(4, ids.len(), "FIX 17: every report has an identifier of its own");
    }
}

/// FIX 59=6, 126: each report about an order that ends at a time says when.
#[test]
fn a_report_says_when_its_order_ends() {
    for version in ALL {
        let mut world = World::open(version);
        let terms = "1=alice|100=LIT1|55=BAC|54=1|40=2|44=10.00|59=6|126=20130801-19:00:00";
        world.deliver(CLIENT, "D", &format!("11=C1|38=100|{terms}"));
        let sent = world.take(LIT1).pop().unwrap();
        let trans = if version == Version::Fix42 { "|20=0" } else { "" };
        world.report(LIT1, sent.get(tag::CL_ORD_ID), &format!("150=0|39=0{trans}"));
        let told = world.take(CLIENT);
        let ends: Vec<&str> = told.iter().map(|sent| sent.get(tag::EXPIRE_TIME)).collect();
        assert_eq!(["20130801-19:00:00.000"; 2], ends.as_slice());
    }
}

/// R29: a denied order is told at once, with reason, rule, limit, value and scope; nothing goes to
/// the venue.
#[test]
fn a_denial_names_rule_limit_value_and_scope() {
    for version in ALL {
        let mut world = World::open(version);
        let terms = "1=alice|100=LIT1|55=BAC|54=1|40=2|44=10.00|59=0";
        world.deliver(CLIENT, "D", &format!("11=C1|38=1001|{terms}"));
        let told = world.take(CLIENT);
        assert_eq!(1, told.len());
        assert_eq!("8 8 8 1001 0 0", told[0].short());
        assert_eq!("3", told[0].get(tag::ORD_REJ_REASON));
        let text = told[0].get(tag::TEXT);
        for part in ["MAX_ORDER_QTY", "rule 6", "1001 units", "1000 units", "symbol BAC"] {
            assert!(text.contains(part), "{part} in {text:?}");
        }
        assert!(world.take(LIT1).is_empty());
    }
}

/// R13: an order with a field that means nothing to us is refused with the field, never guessed.
#[test]
fn an_unreadable_order_is_refused_with_its_field() {
    let base = "11=C1|1=alice|100=LIT1|55=BAC";
    for (terms, field) in [
        ("54=9|38=100|40=2|44=10|59=0", "field 54"),
        ("54=1|38=100|40=P|44=10|59=0", "field 40"),
        ("54=1|38=100|40=2|44=10|59=1", "field 59"),
        ("54=1|38=1.5|40=2|44=10|59=0", "field 38"),
        ("54=1|38=-1|40=2|44=10|59=0", "field 38"),
        ("54=1|38=100|40=2|44=1e3|59=0", "field 44"),
        ("54=1|38=100|40=2|44=NaN|59=0", "field 44"),
        ("54=1|40=2|44=10|59=0", "field 38"),
    ] {
        let mut world = World::open(Version::Fix44);
        world.deliver(CLIENT, "D", &format!("{base}|{terms}"));
        let told = world.take(CLIENT);
        assert_eq!(1, told.len(), "{terms}");
        assert_eq!("8", told[0].get(tag::ORD_STATUS));
        assert!(told[0].get(tag::TEXT).starts_with(field), "{terms}: {:?}", told[0]);
        assert!(world.take(LIT1).is_empty());
    }
}

/// FIX 35=F and 35=9: a cancel is pending until the venue confirms; one for an order that is gone
/// is refused with its reason (FIX 102).
#[test]
fn a_cancel_is_pending_until_confirmed() {
    let mut world = World::open(Version::Fix44);
    let id = world.order("C1");
    world.report(LIT1, &id, "150=0|39=0");
    world.take(CLIENT);
    world.deliver(CLIENT, "F", "11=C2|41=C1|55=BAC|54=1|38=100");
    let asked = world.take(LIT1).pop().unwrap();
    assert_eq!(("F", id.as_str()), (asked.msg_type.as_str(), asked.get(tag::ORIG_CL_ORD_ID)));
    let cancel_id = asked.get(tag::CL_ORD_ID).to_owned();
    world.report(LIT1, &cancel_id, &format!("41={id}|150=4|39=4|14=0|151=0"));
    let told = world.take(CLIENT);
    let short: Vec<String> = told.iter().map(|sent| sent.short()).collect();
    assert_eq!(["8 6 6 100 0 100", "8 4 4 100 0 0"], short.as_slice());
    assert!(
        told.iter().all(|sent| {
            (sent.get(tag::CL_ORD_ID), sent.get(tag::ORIG_CL_ORD_ID)) == ("C2", "C1")
        })
    );
    for (request, answers, price) in [("F", "1", ""), ("G", "2", "|40=2|44=10")] {
        let fields = format!("11=X{request}|41=C1|55=BAC|54=1|38=50|60=x{price}");
        world.deliver(CLIENT, request, &fields);
        let told = world.take(CLIENT).pop().unwrap();
        assert_eq!("9", told.msg_type);
        assert_eq!(answers, told.get(tag::CXL_REJ_RESPONSE_TO));
        assert_eq!("0", told.get(tag::CXL_REJ_REASON));
        assert_eq!("4", told.get(tag::ORD_STATUS));
    }
}

/// FIX 35=G: new terms are pending until the venue confirms; the identifier in force is the new one
/// afterwards (FIX 11, 41).
#[test]
fn a_replace_is_pending_until_confirmed() {
    let mut world = World::open(Version::Fix44);
    let id = world.order("C1");
    world.report(LIT1, &id, "150=0|39=0");
    world.take(CLIENT);
    world.deliver(CLIENT, "G", "11=C2|41=C1|55=BAC|54=1|38=250|40=2|44=10.01");
    let asked = world.take(LIT1).pop().unwrap();
    assert_eq!(
        ["G", "250", "10.01"],
        [asked.msg_type.as_str(), asked.get(tag::ORDER_QTY), asked.get(tag::PRICE)]
    );
    let new_id = asked.get(tag::CL_ORD_ID).to_owned();
    world.report(LIT1, &new_id, &format!("41={id}|150=5|39=0|38=250|14=0|151=250"));
    world.deliver(CLIENT, "H", "11=C2|55=BAC|54=1");
    let told = world.take(CLIENT);
    let short: Vec<String> = told.iter().map(|sent| sent.short()).collect();
    assert_eq!(["8 E E 100 0 100", "8 5 0 250 0 250", "8 I 0 250 0 250"], short.as_slice());
    assert_eq!(("C2", "C1"), (told[1].get(tag::CL_ORD_ID), told[1].get(tag::ORIG_CL_ORD_ID)));
}

/// FIX 41: a change names the identifier in force, or the one that waits; any other is refused with
/// the one in force (FIX 35=9, 102), and a cancel gets through by any.
#[test]
fn a_change_by_a_superseded_identifier_is_refused() {
    for version in ALL {
        let kind = if version == Version::Fix42 { "20=0|" } else { "" };
        let mut world = World::open(version);
        let id = world.order("C1");
        world.report(LIT1, &id, &format!("{kind}150=0|39=0"));
        let change = |world: &mut World, id: &str, of: &str| {
            world.log.sent.clear();
            let terms = "55=BAC|54=1|38=250|40=2|44=10.00|21=1|60=20130801-14:00:00";
            world.deliver(CLIENT, "G", &format!("11={id}|41={of}|{terms}"));
            world.log.sent.iter().rev().find(|sent| sent.to == CLIENT).unwrap().clone()
        };
        assert_eq!("8", change(&mut world, "C2", "C1").msg_type);
        let at_venue = world.last_id(LIT1, "G");
        // Whichever of the two it names, it is not stacked on the one that waits.
        for of in ["C1", "C2"] {
            let told = change(&mut world, &format!("P{of}"), of);
            assert_eq!(["9", "3"], [&*told.msg_type, told.get(tag::CXL_REJ_REASON)], "{of}");
        }
        world.report(LIT1, &at_venue, &format!("{kind}41={id}|150=5|39=0|38=250"));
        let told = change(&mut world, "C3", "C1");
        let reason = if version == Version::Fix42 { "2" } else { "99" };
        assert_eq!(["9", reason], [&*told.msg_type, told.get(tag::CXL_REJ_REASON)]);
        assert_eq!("field 41: not the ClOrdID in force, C2", told.get(tag::TEXT));
        assert_eq!(["0", "2"], [tag::ORD_STATUS, tag::CXL_REJ_RESPONSE_TO].map(|f| told.get(f)));
        assert!(world.take(LIT1).is_empty());
        assert_eq!("8", change(&mut world, "C3", "C2").msg_type, "the refused name is free");
        world.log.sent.clear();
        world.deliver(CLIENT, "F", "11=X1|41=C1|55=BAC|54=1|38=250|60=20130801-14:00:00");
        assert_eq!("F", world.take(LIT1)[0].msg_type, "a cancel by any identifier");
    }
}

/// R52: a bust and a correction refer to the report in which the client last saw the fill (FIX 19),
/// and quantities fall back.
#[test]
fn busts_and_corrections_refer_to_what_the_client_saw() {
    for version in ALL {
        let mut world = World::open(version);
        let id = world.order("C1");
        let is_42 = version == Version::Fix42;
        let fill = if is_42 { "20=0|150=2" } else { "150=F" };
        world.deliver(
            LIT1,
            "8",
            &format!("11={id}|37=V|17=F1|{fill}|39=2|32=100|31=10|14=100|151=0"),
        );
        let filled = world.take(CLIENT).pop().unwrap();
        let correct = if is_42 { "20=2|150=2" } else { "150=G" };
        world.deliver(
            LIT1,
            "8",
            &format!("11={id}|37=V|17=F2|19=F1|{correct}|39=2|32=100|31=9.50"),
        );
        let corrected = world.take(CLIENT).pop().unwrap();
        assert_eq!(filled.get(tag::EXEC_ID), corrected.get(tag::EXEC_REF_ID));
        assert_eq!("9.5", corrected.get(tag::AVG_PX));
        let bust = if is_42 { "20=1|150=4" } else { "150=H" };
        world.deliver(LIT1, "8", &format!("11={id}|37=V|17=F3|19=F2|{bust}|39=4"));
        let busted = world.take(CLIENT).pop().unwrap();
        assert_eq!(corrected.get(tag::EXEC_ID), busted.get(tag::EXEC_REF_ID), "{version:?}");
        assert_eq!(("0", "0"), (busted.get(tag::CUM_QTY), busted.get(tag::AVG_PX)));
        let kind = (busted.get(tag::EXEC_TRANS_TYPE), busted.get(tag::EXEC_TYPE));
        match version {
            Version::Fix42 => assert_eq!("1", kind.0),
            Version::Fix44 | Version::Fixt11 => assert_eq!(("", "H"), kind),
        }
    }
}

/// FIX 35=Q: a fill that its client does not know is an alert with everything that a person needs,
/// after a correction too; a reference that is not known is refused (FIX 35=j, 380=1).
#[test]
fn a_fill_that_its_client_does_not_know_is_an_alert() {
    for version in ALL {
        let is_42 = version == Version::Fix42;
        let (fill, correct) = if is_42 { ("20=0|150=2", "20=2|150=2") } else { ("150=F", "150=G") };
        let mut world = World::open(version);
        let id = world.order("C1");
        let fields = format!("11={id}|37=V|17=F1|{fill}|39=2|32=100|31=10|14=100|151=0");
        world.deliver(LIT1, "8", &fields);
        let filled = world.take(CLIENT).pop().unwrap();
        let (order, exec) = (filled.get(tag::ORDER_ID), filled.get(tag::EXEC_ID));
        let about = format!("37={order}|17={exec}|127=B|55=BAC|54=2|38=100|32=100|31=10");
        world.log.sent.clear();
        world.log.alerts.clear();
        world.deliver(CLIENT, "Q", &format!("{about}|58=we sold"));
        let expected = format!(
            "client ALICE does not know a fill (35=Q): OrderID {order}, ExecID {exec}, ClOrdID C1, \
             buy BAC 100 at 10; DKReason B, wrong side: we sold"
        );
        assert_eq!([expected], world.log.alerts.as_slice());
        assert!(world.log.sent.is_empty() && world.log.refused.is_empty(), "copied nowhere");
        let fields = format!("11={id}|37=V|17=F2|19=F1|{correct}|39=2|32=100|31=9.50");
        world.deliver(LIT1, "8", &fields);
        world.restart();
        world.log.alerts.clear();
        world.deliver(CLIENT, "Q", &about);
        assert!(world.log.alerts[0].ends_with("9.5; DKReason B, wrong side: no text"));
        world.log.alerts.clear();
        let other = format!("37={order}|17={order}");
        for (unknown, reason) in [
            ("37=nope|17=nope", 1),
            (&*format!("37=nope|17={exec}"), 1),
            (&*other, 1),
            (&*format!("37={order}"), 5),
        ] {
            world.deliver(CLIENT, "Q", &format!("{unknown}|127=D|55=BAC|54=1"));
            assert_eq!(Some(reason), world.log.refused.pop().map(|refused| refused.1), "{unknown}");
        }
        assert!(world.log.alerts.is_empty());
    }
}

/// R49: each report to a client is copied to the drop copy session, marked as a copy (FIX 797).
#[test]
fn reports_are_copied() {
    let mut world = World::open(Version::Fix44);
    let id = world.order("C1");
    world.report(LIT1, &id, "150=0|39=0");
    let (told, copied) = (world.take(CLIENT), world.take(COPY));
    let ids = |sent: &[super::world::Sent]| -> Vec<String> {
        sent.iter().map(|sent| sent.get(tag::EXEC_ID).to_owned()).collect()
    };
    assert_eq!(ids(&told), ids(&copied));
    assert!(copied.iter().all(|sent| sent.get(tag::COPY_MSG_INDICATOR) == "Y"));
    assert!(told.iter().all(|sent| sent.get(tag::COPY_MSG_INDICATOR).is_empty()));
}

/// R49: a drop copy session sees its accounts and all below them; what it was not given, it never
/// sees, and one that was given nothing sees nothing.
#[test]
fn a_copy_is_of_its_accounts_alone() {
    for (named, is_copied) in [
        (Some("alice"), true),
        (Some("firm"), true),
        (Some("*"), true),
        (Some("error"), false),
        (Some("ali"), false),
        (None, false),
    ] {
        let mut world = World::open(Version::Fix44);
        let accounts = named.map(|name| vec![Name::clipped("house"), Name::clipped(name)]);
        let copied = accounts.map(|accounts| (COPY, accounts));
        world.gateway.settings.copied_accounts = copied.into_iter().collect();
        let id = world.order("C1");
        world.report(LIT1, &id, "150=0|39=0");
        assert_eq!(2, world.take(CLIENT).len());
        assert_eq!(if is_copied { 2 } else { 0 }, world.take(COPY).len(), "{named:?}");
    }
}

/// R51: an order sent again with PossResend is answered with its status and entered once; without
/// the flag the identifier is refused as used.
#[test]
fn an_identifier_counts_once() {
    let mut world = World::open(Version::Fix44);
    world.order("C1");
    let terms = "1=alice|100=LIT1|55=BAC|54=1|38=100|40=2|44=10.00|59=0";
    world.deliver(CLIENT, "D", &format!("97=Y|11=C1|{terms}"));
    world.deliver(CLIENT, "D", &format!("11=C1|{terms}"));
    let told = world.take_short(CLIENT);
    assert_eq!(["8 A A 100 0 100", "8 I 0 100 0 100", "8 8 8 100 0 0"], told.as_slice());
    assert_eq!(1, world.take(LIT1).iter().filter(|sent| sent.msg_type == "D").count());
}

/// FIX 35=q and 35=AF: everything of a client is asked about or canceled at once, and counted.
#[test]
fn many_orders_are_asked_about_and_canceled_at_once() {
    let mut world = World::open(Version::Fix44);
    for id in ["C1", "C2", "C3"] {
        let at_venue = world.order(id);
        world.report(LIT1, &at_venue, "150=0|39=0");
    }
    world.log.sent.clear();
    world.deliver(CLIENT, "AF", "584=M1|585=7");
    assert_eq!(3, world.take_short(CLIENT).len());
    world.deliver(CLIENT, "q", "11=Q1|530=7|60=x");
    let told = world.take(CLIENT);
    let answer = told.last().unwrap();
    assert_eq!(("r", "3"), (answer.msg_type.as_str(), answer.get(tag::TOTAL_AFFECTED_ORDERS)));
    assert_eq!(1, told.len(), "cancels of our own are told when they are done");
    let asked = world.take(LIT1);
    assert_eq!(3, asked.iter().filter(|sent| sent.msg_type == "F").count());
    for sent in &asked {
        let (id, orig) = (sent.get(tag::CL_ORD_ID), sent.get(tag::ORIG_CL_ORD_ID));
        world.report(LIT1, id, &format!("41={orig}|150=4|39=4|14=0|151=0"));
    }
    let told = world.take(CLIENT);
    let names: Vec<_> = told.iter().map(|sent| sent.get(tag::CL_ORD_ID)).collect();
    assert_eq!(["C1", "C2", "C3"], names.as_slice(), "by the names that the client gave them");
    assert!(told.iter().all(|sent| sent.get(tag::ORIG_CL_ORD_ID).is_empty()));
}

/// FIX 35=r, 531=0, 532: a mass cancel that is refused is answered in its own words: an instrument
/// that nobody knows, a kind that is not offered, a field that is not taken; nothing is canceled.
#[test]
fn a_mass_cancel_is_refused_by_its_own_report() {
    for (fields, reason, text) in [
        ("530=1|55=ZZZ", "1", "UNKNOWN_INSTRUMENT at symbol ZZZ"),
        ("530=1", "1", "field 55: absent"),
        ("530=3", "0", "field 530: neither 1 nor 7"),
        ("530=7|54=1", "99", "field 54: not taken here"),
        ("530=7|55=BAC", "99", "field 55: there, and the request is about all"),
    ] {
        for version in [Version::Fix44, Version::Fixt11] {
            let mut world = World::open(version);
            world.order("C1");
            world.log.sent.clear();
            world.deliver(CLIENT, "q", &format!("11=Q1|60=20130801-14:00:00|{fields}"));
            let told = world.take(CLIENT).pop().unwrap();
            let found = [tag::MASS_CANCEL_RESPONSE, tag::MASS_CANCEL_REJECT_REASON, tag::TEXT];
            assert_eq!(("r", "Q1"), (told.msg_type.as_str(), told.get(tag::CL_ORD_ID)));
            assert_eq!(["0", reason, text], found.map(|field| told.get(field)), "{fields}");
            assert!(told.get(tag::TOTAL_AFFECTED_ORDERS).is_empty());
            assert!(world.log.refused.is_empty() && world.take(LIT1).is_empty(), "{fields}");
        }
    }
}

/// FIX 35=AF, 103=1: a question about an instrument that nobody knows is told so; one about which
/// nothing is open is told that (103=5).
#[test]
fn a_mass_status_of_an_unknown_instrument_says_so() {
    let mut world = World::open(Version::Fix44);
    for (symbol, reason, text) in
        [("ZZZ", "1", "UNKNOWN_INSTRUMENT at symbol ZZZ"), ("BAC", "5", "nothing is open")]
    {
        world.deliver(CLIENT, "AF", &format!("584=M1|585=1|55={symbol}"));
        let told = world.take(CLIENT).pop().unwrap();
        let found = [tag::TOT_NUM_REPORTS, tag::ORD_REJ_REASON, tag::TEXT];
        assert_eq!(["0", reason, text], found.map(|field| told.get(field)));
    }
}

/// R30: a session that brings more in one second than it may is refused by name, its cancels are
/// not; a second later it is taken again, and other sessions never noticed.
#[test]
fn a_session_in_a_hurry_is_refused_and_its_cancels_pass() {
    let mut world = World::open(Version::Fix44);
    let mut settings = super::world::settings(Version::Fix44);
    settings.client_message_max.insert(CLIENT, 2);
    world.gateway.settings = settings;
    for id in ["C1", "C2", "C3"] {
        world.order(id);
    }
    assert_eq!(Some((CLIENT, 0)), world.log.refused.last().map(|r| (r.0, r.1)));
    assert!(world.log.refused[0].2.contains("in one second"));
    assert_eq!(2, world.take(LIT1).len());
    world.deliver(CLIENT, "F", "11=X1|41=C1|55=BAC|54=1|38=100");
    assert_eq!(1, world.take(LIT1).iter().filter(|sent| sent.msg_type == "F").count());
    world.log.now += 1_000_000_000;
    world.order("C3");
    assert_eq!(1, world.take(LIT1).iter().filter(|sent| sent.msg_type == "D").count());
    assert_eq!(1, world.log.refused.len());
}

/// R30: more new orders at once than are taken are refused by name, and none is dropped; the next
/// turn takes orders again. What a drain refuses is named as well, and a cancel still passes.
#[test]
fn back_pressure_refuses_and_never_drops() {
    let mut world = World::open(Version::Fix44);
    let mut settings = super::world::settings(Version::Fix44);
    settings.orders_per_turn_max = 2;
    world.gateway.settings = settings;
    for id in ["C1", "C2", "C3"] {
        world.order(id);
    }
    let refused: Vec<u16> = world.log.refused.iter().map(|refused| refused.1).collect();
    assert_eq!([0], refused.as_slice());
    assert_eq!(2, world.take(LIT1).len());
    world.log.now += 1;
    world.order("C3");
    assert_eq!(1, world.take(LIT1).len());
    world.gateway.drain(&mut world.log);
    assert_eq!(3, world.take(LIT1).iter().filter(|sent| sent.msg_type == "F").count());
    assert!(!world.gateway.is_drained());
    world.order("C4");
    assert_eq!(Some(4), world.log.refused.last().map(|refused| refused.1));
    assert!(world.take(LIT1).is_empty());
}
