//! Tests of the sockets on loopback, with free ports.

#[cfg(test)]
mod bounds;
#[cfg(test)]
#[path = "../support/certificates.rs"]
mod certificates;
#[cfg(test)]
mod common;
#[cfg(test)]
mod plain;
#[cfg(test)]
mod tls;
