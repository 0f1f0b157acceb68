//! The server that conversations are played against.

use std::collections::BTreeMap;
use std::net::TcpStream;

use ringfence_node::conformance::{ConformanceError, ConformanceServer, serve_conformance};
use ringfence_node::host::{HostError, silent};
use ringfence_node::net::NetError;

/// FIX session layer: the sessions of the conversations are there in every version.
#[test]
fn the_server_knows_every_version() {
    let opened = serve_conformance(0, &BTreeMap::new(), silent()).unwrap();
    let ConformanceServer { host, folder } = opened;
    let (handle, thread) = host.spawn().unwrap();
    drop(TcpStream::connect(handle.addresses()[0]).unwrap());
    assert_eq!(6, handle.sessions().unwrap().recv().unwrap().len());
    let taken = serve_conformance(handle.addresses()[0].port(), &BTreeMap::new(), silent());
    match taken.map(drop) {
        Err(ConformanceError::Host(HostError::Net(NetError::AddressTaken { .. }))) => {}
        other => panic!("expected a taken port, found {other:?}"),
    }
    handle.drain();
    thread.join().unwrap().unwrap();
    drop(folder);
}

/// A dictionary that cannot be read is named by its version.
#[test]
fn a_bad_dictionary_is_named() {
    let texts = BTreeMap::from([("FIX.4.4".to_owned(), "<fix>".to_owned())]);
    match serve_conformance(0, &texts, silent()).map(drop) {
        Err(ConformanceError::Dictionary { version, .. }) => assert_eq!("FIX.4.4", version),
        other => panic!("expected a dictionary that is refused, found {other:?}"),
    }
}
