//! Sessions over sockets: plain and TLS, both roles, and what a restart remembers.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ringfence_fix::endpoint::{SessionIndex, Standing};
use ringfence_fix::session::Role;
use ringfence_node::host::{Host, HostEvent, HostHandle, SystemClock};
use ringfence_node::journal::{Durability, Ending, verify};
use ringfence_node::net::{Listen, Peer, TlsClient, TlsServer};

use crate::certificates::Certificates;
use crate::client::{Client, connect, field};
use crate::ledger::Ledger;
use crate::world::{Events, Folder, initiator, options, settings};

const PATIENCE: Duration = Duration::from_secs(20);

fn until_up(handle: &HostHandle<Ledger>) {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let statuses = handle.sessions().unwrap().recv_timeout(PATIENCE).unwrap();
        if statuses[0].standing == Standing::Up {
            return;
        }
        assert!(Instant::now() < give_up, "{statuses:?}");
        std::thread::yield_now();
    }
}

/// FIX session layer: a logon, an order and a logout, and an end in good order: the peer is logged
/// out and the journal has its closing mark.
#[test]
fn a_session_begins_and_ends() {
    let (folder, events) = (Folder::new(), Events::default());
    let options = options(&folder, Durability::Process);
    let host = Host::open(
        options.clone(),
        settings(Role::Acceptor),
        Ledger::default(),
        Box::new(SystemClock::default()),
        events.log(),
    )
    .unwrap();
    let (handle, thread) = host.spawn().unwrap();
    let mut client = Client::logged_on(handle.addresses()[0], 1);
    client.send("D", "11=one|58=hello|");
    let answer = client.read();
    assert_eq!((Some("one"), Some("hello")), (field(&answer, "11"), field(&answer, "58")));
    handle.drain();
    let logout = client.read();
    assert_eq!(Some("5"), field(&logout, "35"));
    client.send("5", "");
    assert_eq!(None, client.next());
    drop(client);
    thread.join().unwrap().unwrap();
    let report = verify(&options.journal.path()).unwrap();
    assert_eq!(Ending::Closed, report.ending);
    let status = handle.status();
    assert_eq!(report.last_seq.unwrap().get(), status.last_seq);
    let counters = status.counters;
    assert_eq!((1, 0, 0), (counters.accepted, counters.lost, counters.alerts));
    assert_eq!((3, 3), (counters.messages_in, counters.messages_out));
    assert!(events.all().contains(&HostEvent::Draining));
    assert!(matches!(events.all().last(), Some(HostEvent::Ended { .. })));
}

/// R66, R67: a session through TLS, with certificates on both sides, from a host that dials to one
/// that listens; nobody is at the primary of the peer, and after two failures its backup is dialed.
#[test]
fn hosts_speak_through_tls() {
    let files = Certificates::new();
    let authority = files.authority("root");
    let server = files.identity(&authority, "venue.test");
    let client = files.identity(&authority, "client.test");
    let server = TlsServer::load(&server, Some(&authority.file)).unwrap();
    let client = TlsClient::load(&authority.file, "venue.test", Some(&client)).unwrap();
    let (one, two) = (Folder::new(), Folder::new());
    let mut accepting = options(&one, Durability::Process);
    accepting.listen[0].tls = Some(server);
    let open = |options, role, events: &Events| {
        let clock = Box::new(SystemClock::default());
        Host::open(options, settings(role), Ledger::default(), clock, events.log()).unwrap()
    };
    let events = [Events::default(), Events::default()];
    let (server, server_thread) = open(accepting, Role::Acceptor, &events[0]).spawn().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let peer = |port| Peer { host: "127.0.0.1".to_owned(), port, tls: Some(client.clone()) };
    let mut dialing = options(&two, Durability::Process);
    dialing.listen.clear();
    let peers = vec![peer(nobody.port()), peer(server.addresses()[0].port())];
    dialing.peers.insert(SessionIndex::new(0), peers);
    let (client, client_thread) = open(dialing, initiator(), &events[1]).spawn().unwrap();
    until_up(&client);
    until_up(&server);
    let failed = |event: &HostEvent| matches!(event, HostEvent::DialFailed { .. });
    assert_eq!(2, events[1].all().into_iter().filter(failed).count());
    client.drain();
    client_thread.join().unwrap().unwrap();
    server.drain();
    server_thread.join().unwrap().unwrap();
    assert_eq!((1, 1), (client.status().counters.dialed, server.status().counters.accepted));
}

/// Decision 0008: after a restart the numbers go on, and a resend is answered from the journal with
/// the same bytes, over several segments of it.
#[test]
fn a_restart_remembers() {
    const ORDERS: u64 = 600;
    let folder = Folder::new();
    let options = options(&folder, Durability::Process);
    let open = || {
        let clock = Box::new(SystemClock::default());
        let events = Events::default();
        let settings = settings(Role::Acceptor);
        Host::open(options.clone(), settings, Ledger::default(), clock, events.log()).unwrap()
    };
    let (handle, thread) = open().spawn().unwrap();
    let mut client = Client::logged_on(handle.addresses()[0], 1);
    let mut first = Vec::new();
    for number in 1..=ORDERS {
        client.send("D", &format!("11={number}|58={}|", "x".repeat(300)));
        first.push(client.read());
    }
    let next = client.next_out;
    handle.stop();
    thread.join().unwrap().unwrap();
    assert_eq!(None, client.next());
    assert!(verify(&options.journal.path()).unwrap().segments > 3);
    let (handle, thread) = open().spawn().unwrap();
    let mut client = Client::logged_on(handle.addresses()[0], next);
    client.send("2", "7=2|16=0|");
    for before in &first {
        let again = client.read();
        assert_eq!((Some("8"), Some("Y")), (field(&again, "35"), field(&again, "43")));
        for tag in ["34", "11", "58"] {
            assert_eq!(field(before, tag), field(&again, tag));
        }
        assert_eq!(field(before, "52"), field(&again, "122"));
    }
    let fill = client.read();
    assert_eq!((Some("4"), Some("Y")), (field(&fill, "35"), field(&fill, "123")));
    handle.stop();
    thread.join().unwrap().unwrap();
}

/// R61: a peer that is gone without a word is found by the heartbeat and its session ended.
#[test]
fn a_silent_peer_is_found() {
    let (folder, events) = (Folder::new(), Events::default());
    let host = Host::open(
        options(&folder, Durability::Process),
        settings(Role::Acceptor),
        Ledger::default(),
        Box::new(SystemClock::default()),
        events.log(),
    )
    .unwrap();
    let (handle, thread) = host.spawn().unwrap();
    let mut client = Client::new(connect(handle.addresses()[0]));
    client.send("A", "98=0|108=1|");
    let mut kinds = Vec::new();
    while let Some(message) = client.next() {
        kinds.extend(field(&message, "35").map(str::to_owned));
    }
    assert!(kinds.contains(&"0".to_owned()), "{kinds:?}");
    assert!(kinds.contains(&"1".to_owned()), "{kinds:?}");
    handle.stop();
    thread.join().unwrap().unwrap();
    let closing = |event: &HostEvent| matches!(event, HostEvent::Closing { .. });
    assert!(events.all().iter().any(closing), "{:?}", events.all());
}

/// A host can listen at several ports, plain and with TLS, for the same sessions.
#[test]
fn a_host_listens_at_several_ports() {
    let files = Certificates::new();
    let authority = files.authority("root");
    let identity = files.identity(&authority, "venue.test");
    let folder = Folder::new();
    let mut options = options(&folder, Durability::Process);
    let address = options.listen[0].address;
    let tls = Some(TlsServer::load(&identity, None).unwrap());
    options.listen.push(Listen { address, tls });
    let clock = Box::new(SystemClock::default());
    let log = Events::default().log();
    let host = Host::open(options, settings(Role::Acceptor), Ledger::default(), clock, log);
    let (handle, thread) = host.unwrap().spawn().unwrap();
    let mut client = Client::logged_on(handle.addresses()[0], 1);
    client.send("5", "");
    assert_eq!(Some("5"), field(&client.read(), "35"));
    drop(client);
    let tcp = connect(handle.addresses()[1]);
    let config = rustls_client(&authority.file);
    let name = "venue.test".try_into().unwrap();
    let tls = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut client = Client::new(rustls::StreamOwned::new(tls, tcp));
    client.next_out = 3;
    client.send("A", "98=0|108=30|");
    assert_eq!(Some("A"), field(&client.read(), "35"));
    handle.stop();
    thread.join().unwrap().unwrap();
}

fn rustls_client(roots: &std::path::Path) -> rustls::ClientConfig {
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;
    let mut store = rustls::RootCertStore::empty();
    store.add(CertificateDer::from_pem_file(roots).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(store)
        .with_no_client_auth()
}
