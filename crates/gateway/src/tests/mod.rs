//! The gateway without sockets: what clients and venues are told, and when.

mod clients;
mod noise;
mod restart;
mod venues;
mod world;
