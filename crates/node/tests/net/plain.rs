//! Connections without TLS: bytes arrive as they were sent, and every ending is told.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use ringfence_node::net::{Cut, Listen, NetError, NetOptions, Peer, Sockets};

use crate::common::{Seen, Side, session, until};

/// Bytes that a peer sends come out of its connection in order, and the answer goes back.
#[test]
fn bytes_come_and_go() {
    let mut sides = [Side::listening(None, NetOptions::default())];
    let mut peer = TcpStream::connect(sides[0].address()).unwrap();
    let sent: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    peer.write_all(&sent).unwrap();
    until(&mut sides, |sides| (sides[0].received().len() == sent.len()).then_some(()));
    assert_eq!(sent, sides[0].received());
    let connection = sides[0].accepted().unwrap();
    assert!(sides[0].sockets.send(connection, b"one "));
    assert!(sides[0].sockets.send(connection, b"two"));
    sides[0].sockets.flush();
    let mut answer = [0; 7];
    peer.read_exact(&mut answer).unwrap();
    assert_eq!(b"one two", &answer);
    drop(peer);
    let lost = Cut::Lost("the peer closed the connection".to_owned());
    assert_eq!(lost, until(&mut sides, |sides| sides[0].closed()));
    assert!(!sides[0].sockets.send(connection, b"late"));
}

/// What was queued before a connection is closed still reaches a peer, which has sent bytes that
/// nobody will read: the reason of a logout arrives.
#[test]
fn a_close_waits_for_what_was_queued() {
    let mut sides = [Side::listening(None, NetOptions::default())];
    let mut peer = TcpStream::connect(sides[0].address()).unwrap();
    let connection = until(&mut sides, |sides| sides[0].accepted());
    let sent = vec![7; 2_000_000];
    assert!(sides[0].sockets.send(connection, &sent));
    sides[0].sockets.close(connection);
    assert!(!sides[0].sockets.send(connection, b"after the close"));
    peer.write_all(b"unread").unwrap();
    let reader = thread::spawn(move || {
        let mut all = Vec::new();
        peer.read_to_end(&mut all).map(|_| all)
    });
    until(&mut sides, |sides| sides[0].sockets.is_empty().then_some(()));
    assert_eq!(sent, reader.join().unwrap().unwrap());
    assert_eq!(None, sides[0].closed());
}

/// A peer that never ends its side is dropped when its time is over.
#[test]
fn a_close_does_not_wait_for_ever() {
    let mut sides = [Side::listening(None, NetOptions::default())];
    let peer = TcpStream::connect(sides[0].address()).unwrap();
    let connection = until(&mut sides, |sides| sides[0].accepted());
    sides[0].sockets.close(connection);
    until(&mut sides, |sides| sides[0].sockets.is_empty().then_some(()));
    drop(peer);
}

/// An outgoing connection is told with its session; so is one that nobody takes.
#[test]
fn a_dial_succeeds_or_says_why() {
    let mut sides =
        [Side::listening(None, NetOptions::default()), Side::dialing(NetOptions::default())];
    let peer = sides[0].peer(None);
    sides[1].sockets.dial(session(), &peer);
    let connection = until(&mut sides, |sides| sides[1].dialed());
    assert!(sides[1].sockets.send(connection, b"hello"));
    sides[1].sockets.flush();
    until(&mut sides, |sides| (sides[0].received() == b"hello").then_some(()));
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    sides[1].sockets.dial(session(), &Peer { port, ..peer });
    let why = until(&mut sides, |sides| sides[1].dial_failed());
    assert!(why.contains("refused") && why.contains(&port.to_string()), "{why}");
}

/// A host name is looked up without holding the loop; one that is not there is told.
#[test]
fn a_name_is_looked_up() {
    let options = NetOptions { connect_timeout: Duration::from_secs(3), ..NetOptions::default() };
    let mut sides = [Side::listening(None, options), Side::dialing(options)];
    let named = Peer { host: "localhost".to_owned(), ..sides[0].peer(None) };
    sides[1].sockets.dial(session(), &named);
    until(&mut sides, |sides| sides[1].dialed());
    let nowhere = Peer { host: "no-such-host.invalid".to_owned(), ..named };
    sides[1].sockets.dial(session(), &nowhere);
    let why = until(&mut sides, |sides| sides[1].dial_failed());
    assert!(
        why.contains("no-such-host.invalid") || why.contains("the name was not found"),
        "{why}"
    );
}

/// A peer that does not answer is given up after the connect timeout.
#[test]
fn a_dial_ends_in_time() {
    let options =
        NetOptions { connect_timeout: Duration::from_millis(50), ..NetOptions::default() };
    let mut sides = [Side::dialing(options)];
    // A listener that never accepts; once its queue is full the system does not answer either.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let peer = Peer { host: address.ip().to_string(), port: address.port(), tls: None };
    let mut held = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        held.push(stream);
        assert!(held.len() < 20_000, "the queue of the listener has no end");
    }
    sides[0].sockets.dial(session(), &peer);
    let why = until(&mut sides, |sides| sides[0].dial_failed());
    assert!(why.contains("no connection within 50ms"), "{why}");
}

/// A port that is taken is an error that names the address.
#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let opened = Sockets::open(vec![Listen { address, tls: None }], NetOptions::default());
    match opened {
        Err(NetError::AddressTaken { address: found }) => assert_eq!(address, found),
        other => panic!("expected a taken port, found {other:?}"),
    }
    let text = NetError::AddressTaken { address }.to_string();
    assert_eq!(format!("{address}: expected a free port, found another listener"), text);
    let elsewhere = SocketAddr::from(([192, 0, 2, 1], 1));
    let opened =
        Sockets::open(vec![Listen { address: elsewhere, tls: None }], NetOptions::default());
    assert!(matches!(opened, Err(NetError::Listen { .. })), "{opened:?}");
}

/// A peer that ends in the middle of its bytes is seen to, after them.
#[test]
fn bytes_before_the_end_are_not_lost() {
    let mut sides = [Side::listening(None, NetOptions::default())];
    let mut peer = TcpStream::connect(sides[0].address()).unwrap();
    peer.write_all(b"8=FIX.4.4\x019=").unwrap();
    drop(peer);
    until(&mut sides, |sides| sides[0].closed());
    assert_eq!(b"8=FIX.4.4\x019=".to_vec(), sides[0].received());
    assert!(matches!(sides[0].seen.last(), Some(Seen::Closed(..))));
}

/// epoll(7): bytes and the end of a peer that come in one event are both seen, although a read
/// that fills no buffer is not repeated; a connection that was quiet hears later bytes.
#[test]
fn bytes_and_the_end_in_one_event_are_both_seen() {
    let mut sides = [Side::listening(None, NetOptions::default())];
    let mut peer = TcpStream::connect(sides[0].address()).unwrap();
    for expected in [1, 2] {
        peer.write_all(b"x").unwrap();
        until(&mut sides, |sides| (sides[0].received().len() == expected).then_some(()));
    }
    // Nothing is waited for between the two, so that the next wait finds them together.
    peer.write_all(b"yz").unwrap();
    drop(peer);
    until(&mut sides, |sides| sides[0].closed());
    assert_eq!(b"xxyz".to_vec(), sides[0].received());
}
