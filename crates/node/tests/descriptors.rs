//! The system has no descriptor left; alone in its process, because the others would notice.

use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use ringfence_node::net::{Listen, NetEvent, NetOptions, Sockets};

/// Without a descriptor for a new connection the listener says so and rests, without turning in
/// circles, and accepts it once there is one.
#[test]
fn a_listener_rests_without_descriptors() {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let listen = vec![Listen { address, tls: None }];
    let mut sockets = Sockets::open(listen, NetOptions::default()).unwrap();
    let _peer = TcpStream::connect(sockets.addresses()[0]).unwrap();
    let mut held = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        held.push(file);
    }
    let (mut turns, mut rested) = (0, 0);
    let started = Instant::now();
    while rested < 3 {
        sockets.wait(Duration::from_secs(1)).unwrap();
        turns += 1;
        while let Some(event) = sockets.next_event() {
            assert!(matches!(event, NetEvent::Resting { .. }), "{event:?}");
            rested += 1;
        }
    }
    assert!(started.elapsed() >= Duration::from_millis(400), "{:?}", started.elapsed());
    assert!(turns <= 10, "{turns} turns");
    drop(held);
    loop {
        sockets.wait(Duration::from_secs(20)).unwrap();
        if let Some(event) = sockets.next_event() {
            assert!(matches!(event, NetEvent::Accepted { .. }), "{event:?}");
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "never accepted");
    }
}
