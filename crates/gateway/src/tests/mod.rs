//! The gateway without sockets: what clients and venues are told, and when.

mod clients;
mod fields;
mod restart;
mod trading;
mod venues;
mod wording;
mod world;
