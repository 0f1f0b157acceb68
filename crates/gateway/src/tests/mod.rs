//! The gateway without sockets: what clients and venues are told, and when.

mod clients;
mod restart;
mod trading;
mod venues;
mod world;
