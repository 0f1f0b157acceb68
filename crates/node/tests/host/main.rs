//! Tests of hosts on real sockets and real journals.

#[cfg(test)]
#[path = "../support/certificates.rs"]
mod certificates;
#[cfg(test)]
#[path = "../support/client.rs"]
mod client;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod days;
#[cfg(test)]
mod drills;
#[cfg(test)]
mod ends;
#[cfg(test)]
#[path = "../support/ledger.rs"]
mod ledger;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod starts;
#[cfg(test)]
mod turns;
#[cfg(test)]
#[path = "../support/world.rs"]
mod world;
