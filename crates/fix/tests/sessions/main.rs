//! Sessions as a counterparty sees them, without sockets: transcripts, restarts, bad links.

#![expect(unreachable_pub, reason = "one test binary of several modules")]

#[cfg(test)]
mod acceptance;
#[cfg(test)]
mod drills;
#[cfg(test)]
mod gaps;
#[cfg(test)]
mod host;
#[cfg(test)]
mod initiator;
#[cfg(test)]
mod logons;
#[cfg(test)]
mod noise;
#[cfg(test)]
mod pair;
#[cfg(test)]
mod probe;
#[cfg(test)]
mod records;
#[cfg(test)]
mod script;
mod untold;
