//! Sessions as a counterparty sees them, without sockets: transcripts, restarts, bad links.

mod acceptance;
mod host;
