//! Every bound is reached (rule 7 of STYLE.md): slow readers, too many peers, greedy peers.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ringfence_node::net::{Cut, Listen, NetError, NetOptions, OUTBOUND_BYTES_MIN, Sockets};

use crate::common::{Seen, Side, until};

/// A peer that does not read is cut with the reason, and only it.
#[test]
fn a_slow_reader_is_cut() {
    let options = NetOptions { outbound_bytes_max: 64 * 1024, ..NetOptions::default() };
    let mut sides = [Side::listening(None, options)];
    let slow = TcpStream::connect(sides[0].address()).unwrap();
    let slow_connection = until(&mut sides, |sides| sides[0].accepted());
    let mut other = TcpStream::connect(sides[0].address()).unwrap();
    let connections = until(&mut sides, |sides| (sides[0].sockets.len() == 2).then_some(2));
    assert_eq!(2, connections);
    let mut sent = 0;
    while sides[0].sockets.send(slow_connection, &[b'x'; 10_000]) {
        sides[0].sockets.flush();
        sent += 10_000;
        assert!(sent < 100_000_000, "a reader that never reads is not cut");
    }
    match until(&mut sides, |sides| sides[0].closed()) {
        Cut::SlowReader { waiting, max } => {
            assert_eq!(64 * 1024, max);
            assert!(waiting > max && waiting <= max + 10_000, "{waiting}");
        }
        Cut::Lost(why) => panic!("expected a slow reader, found {why}"),
    }
    other.write_all(b"still here").unwrap();
    until(&mut sides, |sides| (sides[0].received() == b"still here").then_some(()));
    drop(slow);
}

/// One connection more than allowed is closed at once and told; when one goes, another may come.
#[test]
fn one_connection_too_many_is_turned_away() {
    let options = NetOptions { connections_max: 2, ..NetOptions::default() };
    let mut sides = [Side::listening(None, options)];
    let address = sides[0].address();
    let first = TcpStream::connect(address).unwrap();
    let _second = TcpStream::connect(address).unwrap();
    let mut third = TcpStream::connect(address).unwrap();
    let why = until(&mut sides, |sides| {
        sides[0].first(
            |seen| if let Seen::TurnedAway(1, why) = seen { Some(why.clone()) } else { None },
        )
    });
    assert_eq!("there are 2 connections already", why);
    assert_eq!(0, third.read(&mut [0]).unwrap());
    drop(first);
    until(&mut sides, |sides| sides[0].closed());
    let _fourth = TcpStream::connect(address).unwrap();
    until(&mut sides, |sides| (sides[0].sockets.len() == 2).then_some(()));
}

/// Many that are turned away are one line, not one each: the first is told at once, the others
/// wait for the next line.
#[test]
fn a_flood_is_told_once() {
    let options = NetOptions { connections_max: 1, ..NetOptions::default() };
    let mut sides = [Side::listening(None, options)];
    let address = sides[0].address();
    let _first = TcpStream::connect(address).unwrap();
    for _ in 0..40 {
        let mut away = TcpStream::connect(address).unwrap();
        away.set_nonblocking(true).unwrap();
        until(&mut sides, |_| matches!(away.read(&mut [0]), Ok(0) | Err(_)).then_some(()));
    }
    let _last = TcpStream::connect(address).unwrap();
    sides[0].turn(Duration::from_secs(5));
    let lines = sides[0].seen.iter().filter(|seen| matches!(seen, Seen::TurnedAway(..)));
    assert_eq!(1, lines.count(), "{:?}", sides[0].seen);
}

/// Connections that we have closed, and whose peers do not end their side, give their place to one
/// that comes; one that is discarded has gone at once.
#[test]
fn the_closed_give_way() {
    let options = NetOptions { connections_max: 3, ..NetOptions::default() };
    let mut sides = [Side::listening(None, options)];
    let address = sides[0].address();
    let idle: Vec<TcpStream> = (0..3).map(|_| TcpStream::connect(address).unwrap()).collect();
    until(&mut sides, |sides| (sides[0].sockets.len() == 3).then_some(()));
    let accepted: Vec<_> = sides[0]
        .seen
        .iter()
        .filter_map(|seen| if let Seen::Accepted(id) = seen { Some(*id) } else { None })
        .collect();
    sides[0].sockets.close(accepted[0]);
    sides[0].turn(Duration::ZERO);
    assert_eq!(3, sides[0].sockets.len(), "it waits for its peer");
    let came = TcpStream::connect(address).unwrap();
    until(&mut sides, |sides| (sides[0].seen.len() == 4).then_some(()));
    assert!(matches!(sides[0].seen.last(), Some(Seen::Accepted(_))), "{:?}", sides[0].seen);
    assert_eq!(3, sides[0].sockets.len());
    sides[0].sockets.discard(accepted[1]);
    assert_eq!(2, sides[0].sockets.len());
    drop((idle, came));
}

/// A peer that sends without end gets its share of a turn, and the others get theirs.
#[test]
fn a_greedy_peer_gets_its_share() {
    let mut sides = [Side::listening(None, NetOptions::default())];
    let mut greedy = TcpStream::connect(sides[0].address()).unwrap();
    let mut modest = TcpStream::connect(sides[0].address()).unwrap();
    until(&mut sides, |sides| (sides[0].sockets.len() == 2).then_some(()));
    greedy.set_nonblocking(true).unwrap();
    let flood = vec![b'g'; 1_000_000];
    while greedy.write(&flood).is_ok() {}
    modest.write_all(b"m").unwrap();
    let mut turns = 0;
    let mut modest_came = false;
    while !modest_came {
        let mut bytes = BTreeMap::new();
        for seen in sides[0].turn(Duration::from_secs(5)) {
            if let Seen::Received(connection, came) = seen {
                modest_came |= came == b"m";
                *bytes.entry(connection).or_insert(0) += came.len();
            }
        }
        assert!(bytes.values().all(|count| *count <= 64 * 1024 + 32 * 1024), "{bytes:?}");
        turns += 1;
        assert!(turns < 4, "the modest peer waited for {turns} turns");
    }
}

/// Options out of their range are refused by name.
#[test]
fn options_have_ranges() {
    let cases = [
        (NetOptions { connections_max: 0, ..NetOptions::default() }, "connections_max"),
        (NetOptions { connections_max: 4_097, ..NetOptions::default() }, "connections_max"),
        (
            NetOptions { outbound_bytes_max: OUTBOUND_BYTES_MIN - 1, ..NetOptions::default() },
            "outbound_bytes_max",
        ),
    ];
    for (options, expected) in cases {
        match Sockets::open(Vec::new(), options) {
            Err(NetError::Option { name, .. }) => assert_eq!(expected, name),
            other => panic!("expected a refusal of {expected}, found {other:?}"),
        }
    }
    let listen = Listen { address: ([127, 0, 0, 1], 0).into(), tls: None };
    let many = Sockets::open(vec![listen; 17], NetOptions::default());
    assert!(matches!(many, Err(NetError::Option { name: "listen", .. })), "{many:?}");
}
