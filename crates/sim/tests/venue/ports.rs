//! Ports: throttles, cancel on disconnect, drop copy, mass cancel, mass status.

use ringfence_sim::exchange::Throttle;

use super::world::{ALPHA, ALPHA_2, BETA, COPY, MILLI, SECOND, settings, world};

/// R105, section 3.8 (CME): beyond one number messages are refused, beyond another the port is
/// disconnected.
#[test]
fn a_throttle_refuses_and_then_disconnects() {
    let mut settings = settings();
    settings.rules.ports[usize::from(ALPHA)].throttle =
        Some(Throttle { take_max: 2, disconnect_max: 6 });
    let mut world = world(settings);
    world.order(ALPHA, "a", "AAA buy 100 10", "");
    world.skip(MILLI);
    world.order(ALPHA, "b", "AAA buy 100 10", "");
    world.skip(MILLI);
    world.order(ALPHA, "c", "AAA buy 100 10", "");
    world.cancel(ALPHA, "d", "a", 1);
    world.send(ALPHA, "H", "11=a 55=AAA 54=1");
    world.send(ALPHA, "E", "66=list");
    assert_eq!(vec!["0 0 0 100", "0 0 0 100", "8 8 0 0", "9 0 99"], world.reports(ALPHA));
    let reasons: Vec<_> = world.memory.rejects.iter().map(|reject| reject.1).collect();
    assert_eq!(vec![4, 4], reasons);
    assert_eq!(0, world.memory.logouts.len());
    world.order(ALPHA, "e", "AAA buy 100 10", "");
    assert_eq!(vec![ALPHA], world.memory.logouts);
    assert_eq!(0, world.take(ALPHA).len());
    world.order(BETA, "x", "AAA buy 100 9", "");
    assert_eq!(vec!["0 0 0 100"], world.reports(BETA));
    world.skip(SECOND - MILLI);
    world.order(ALPHA, "f", "AAA buy 100 10", "");
    world.skip(SECOND);
    world.order(ALPHA, "c", "AAA buy 100 10", "");
    assert_eq!(vec!["8 8 0 0", "0 0 0 100"], world.reports(ALPHA));
}

/// R105, section 3.6 (FIA 1.4): the open orders of a port are canceled when it is lost, if its
/// rules say so.
#[test]
fn orders_are_canceled_on_disconnect() {
    let mut settings = settings();
    settings.rules.ports[usize::from(ALPHA)].cancel_on_disconnect = true;
    let mut world = world(settings);
    for port in [ALPHA, ALPHA_2, BETA] {
        world.order(port, "a", "AAA buy 100 10", "");
        world.order(port, "b", "AAA buy 100 10", "");
    }
    world.cancel(ALPHA, "c", "b", 1);
    world.forget();
    for port in [ALPHA, ALPHA_2, BETA] {
        world.set_up(port, false);
    }
    let told = world.told(ALPHA, &[150, 39, 11, 58]);
    assert_eq!(vec!["35=8 150=4 39=4 11=a 58=cancel on disconnect"], told);
    assert_eq!(0, world.reports(ALPHA_2).len() + world.reports(BETA).len());
    assert_eq!(4, world.venue.exchange().open_orders().count());
}

/// R105, 15c3-5 (c)(2)(iv): the drop copy port gets every report of the firm, and only those.
#[test]
fn a_drop_copy_gets_every_report_of_the_firm() {
    let mut world = world(settings());
    world.order(ALPHA, "a", "AAA buy 100 10", "");
    world.order(ALPHA_2, "b", "AAA buy 50 9", "");
    world.order(BETA, "x", "AAA sell 100 10", "");
    world.cancel(ALPHA_2, "c", "b", 1);
    world.send(ALPHA, "H", "11=a 55=AAA 54=1");
    let mut own: Vec<String> = world.told(ALPHA, &[17, 150, 11]);
    own.extend(world.told(ALPHA_2, &[17, 150, 11]));
    let status = own.iter().position(|told| told.contains("150=I")).unwrap();
    own.remove(status);
    let copies = world.take(COPY);
    assert!(copies.iter().all(|copy| copy.get(797).as_deref() == Some("Y")));
    let mut copied: Vec<String> = copies.iter().map(|copy| copy.show(&[17, 150, 11])).collect();
    own.sort();
    copied.sort();
    assert_eq!(own, copied);
    assert_eq!(4, copied.len());
}

/// R105: a mass cancel is for a symbol, the port, or the firm, and says how many (FIX 533).
#[test]
fn a_mass_cancel_has_three_scopes() {
    for (fields, expected, left) in [
        ("530=1 55=AAA", "35=r 531=1 533=1", 4),
        ("530=6", "35=r 531=6 533=2", 3),
        ("530=7", "35=r 531=7 533=3", 2),
        ("530=1 55=ZZZ", "35=r 531=0 532=1", 5),
    ] {
        let mut world = world(settings());
        world.order(ALPHA, "a", "AAA buy 100 10", "");
        world.order(ALPHA, "b", "BBB buy 100 10", "");
        world.order(ALPHA_2, "a", "AAA buy 100 10", "");
        world.order(BETA, "a", "AAA buy 100 10", "");
        world.order(BETA, "b", "AAA buy 100 10", "");
        world.forget();
        world.send(ALPHA, "q", &format!("11=m 60=20240805-00:00:01 {fields}"));
        let told = world.told(ALPHA, &[531, 532, 533]);
        assert_eq!(expected, told[0], "{fields}");
        assert_eq!(left, world.venue.exchange().open_orders().count(), "{fields}");
    }
}

/// R105: a mass status tells every open order, numbered, or that there is none.
#[test]
fn a_mass_status_tells_every_open_order() {
    let mut world = world(settings());
    world.send(ALPHA, "AF", "584=m 585=7");
    let none = world.told(ALPHA, &[37, 150, 39, 103, 584, 911, 912]);
    assert_eq!(vec!["35=8 37=NONE 150=I 39=8 103=5 584=m 911=0 912=Y"], none);
    world.order(ALPHA, "a", "AAA buy 100 10", "");
    world.order(ALPHA, "b", "BBB buy 100 10", "");
    world.order(ALPHA_2, "c", "BBB buy 100 10", "");
    world.forget();
    world.send(ALPHA, "AF", "584=m 585=7");
    assert_eq!(
        vec!["35=8 11=a 150=I 584=m 911=2 912=N", "35=8 11=b 150=I 584=m 911=2 912=Y"],
        world.told(ALPHA, &[11, 150, 584, 911, 912])
    );
    world.send(ALPHA, "AF", "584=m 585=1 55=BBB");
    assert_eq!(vec!["35=8 11=b 911=1 912=Y"], world.told(ALPHA, &[11, 911, 912]));
    world.send(COPY, "AF", "584=m 585=7");
    assert_eq!(3, world.take(COPY).len());
}
