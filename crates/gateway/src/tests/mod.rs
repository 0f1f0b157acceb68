//! The gateway without sockets: what clients and venues are told, and when.

mod clients;
mod fields;
mod noise;
mod restart;
mod trading;
mod venues;
mod wording;
mod world;
