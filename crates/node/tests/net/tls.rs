//! Connections through TLS: who is believed, who is not, and what a wrong file says.

use std::io::{Read, Write};
use std::net::TcpStream;

use ringfence_node::net::{Cut, Identity, NetError, NetOptions, TlsClient, TlsServer};

use crate::certificates::Certificates;
use crate::common::{Side, session, until};

fn sides(server: TlsServer, client: TlsClient) -> [Side; 2] {
    let mut sides = [
        Side::listening(Some(server), NetOptions::default()),
        Side::dialing(NetOptions::default()),
    ];
    let peer = sides[0].peer(Some(client));
    sides[1].sockets.dial(session(), &peer);
    sides
}

/// Bytes go both ways through TLS, many more than one record holds, and the end is told.
#[test]
fn bytes_come_and_go() {
    let files = Certificates::new();
    let authority = files.authority("root");
    let server = TlsServer::load(&files.identity(&authority, "venue.test"), None).unwrap();
    let client = TlsClient::load(&authority.file, "venue.test", None).unwrap();
    let mut sides = sides(server, client);
    let connection = until(&mut sides, |sides| sides[1].dialed());
    let sent: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    assert!(sides[1].sockets.send(connection, &sent));
    until(&mut sides, |sides| (sides[0].received().len() == sent.len()).then_some(()));
    assert_eq!(sent, sides[0].received());
    let accepted = sides[0].accepted().unwrap();
    assert!(sides[0].sockets.send(accepted, b"goodbye"));
    sides[0].sockets.close(accepted);
    until(&mut sides, |sides| sides[1].closed());
    assert_eq!(b"goodbye".to_vec(), sides[1].received());
}

/// A server that wants certificates lets in who has one, and nobody else.
#[test]
fn a_client_must_show_its_certificate() {
    let files = Certificates::new();
    let (authority, stranger) = (files.authority("root"), files.authority("stranger"));
    let identity = files.identity(&authority, "venue.test");
    let server = TlsServer::load(&identity, Some(&authority.file)).unwrap();
    let known = files.identity(&authority, "client.test");
    let unknown = files.identity(&stranger, "mallory.test");
    let load = |identity| TlsClient::load(&authority.file, "venue.test", identity).unwrap();
    let mut good = sides(server.clone(), load(Some(&known)));
    let connection = until(&mut good, |sides| sides[1].dialed());
    assert!(good[1].sockets.send(connection, b"hello"));
    until(&mut good, |sides| (sides[0].received() == b"hello").then_some(()));
    for identity in [None, Some(&unknown)] {
        let mut bad = sides(server.clone(), load(identity));
        match until(&mut bad, |sides| sides[0].closed()) {
            Cut::Lost(why) => assert!(why.starts_with("TLS: "), "{why}"),
            other @ Cut::SlowReader { .. } => panic!("{other}"),
        }
        assert!(bad[0].received().is_empty());
        // TLS 1.3 lets the client believe for a moment that it is in; then it is told.
        until(&mut bad, |sides| {
            sides[1].dial_failed().or_else(|| sides[1].closed().map(|why| why.to_string()))
        });
    }
}

/// A server with another name, or signed by another authority, is not spoken to.
#[test]
fn a_server_must_be_the_one_expected() {
    let files = Certificates::new();
    let (authority, stranger) = (files.authority("root"), files.authority("stranger"));
    let server = TlsServer::load(&files.identity(&authority, "venue.test"), None).unwrap();
    let cases = [
        TlsClient::load(&authority.file, "other.test", None).unwrap(),
        TlsClient::load(&stranger.file, "venue.test", None).unwrap(),
    ];
    for client in cases {
        let mut sides = sides(server.clone(), client);
        let why = until(&mut sides, |sides| sides[1].dial_failed());
        assert!(why.contains("TLS: invalid peer certificate"), "{why}");
        assert_eq!(None, sides[1].dialed());
    }
}

/// A peer that speaks no TLS is cut, and nothing of what it sent gets through.
#[test]
fn plain_bytes_do_not_get_through() {
    let files = Certificates::new();
    let authority = files.authority("root");
    let server = TlsServer::load(&files.identity(&authority, "venue.test"), None).unwrap();
    let mut sides = [Side::listening(Some(server), NetOptions::default())];
    let mut peer = TcpStream::connect(sides[0].address()).unwrap();
    peer.write_all(b"8=FIX.4.4\x019=5\x0135=0\x0110=161\x01").unwrap();
    match until(&mut sides, |sides| sides[0].closed()) {
        Cut::Lost(why) => assert!(why.starts_with("TLS: "), "{why}"),
        other @ Cut::SlowReader { .. } => panic!("{other}"),
    }
    assert!(sides[0].received().is_empty());
    // An alert, then the end: not the bytes of anything else.
    let mut answer = Vec::new();
    let _ = peer.read_to_end(&mut answer);
    assert!(answer.len() < 10, "{answer:?}");
}

/// A file that is missing, empty, not PEM or of another kind is named with what was expected.
#[test]
fn a_wrong_file_is_named() {
    let files = Certificates::new();
    let authority = files.authority("root");
    let good = files.identity(&authority, "venue.test");
    let missing = authority.file.with_file_name("missing.pem");
    let empty = files.write("empty.pem", "");
    let mut cases: Vec<(_, _, Result<(), NetError>)> = Vec::new();
    for path in [&missing, &empty, &good.key] {
        let identity = Identity { certificates: path.clone(), ..good.clone() };
        let loaded = TlsServer::load(&identity, None).map(drop);
        cases.push((path, "certificates in PEM", loaded));
        let loaded = TlsServer::load(&good, Some(path)).map(drop);
        cases.push((path, "certificates in PEM", loaded));
        let loaded = TlsClient::load(path, "venue.test", None).map(drop);
        cases.push((path, "certificates in PEM", loaded));
    }
    for path in [&missing, &empty, &good.certificates] {
        let identity = Identity { key: path.clone(), ..good.clone() };
        cases.push((path, "a private key in PEM", TlsServer::load(&identity, None).map(drop)));
    }
    for (path, expected, loaded) in cases {
        match loaded {
            Err(NetError::File { expected: said, path: found, .. }) => {
                assert_eq!((path, expected), (&found, said));
            }
            other => panic!("expected a refusal of {}, found {other:?}", path.display()),
        }
    }
    let other = files.identity(&authority, "other.test");
    let mixed = Identity { key: other.key, ..good.clone() };
    assert!(matches!(TlsServer::load(&mixed, None), Err(NetError::Tls { .. })));
    let unnamed = TlsClient::load(&authority.file, "no name", None);
    assert!(matches!(unnamed, Err(NetError::Tls { .. })), "{unnamed:?}");
}
