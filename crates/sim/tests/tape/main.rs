//! The market tape: readers, selection and reconstruction, as those who follow it see them.

mod common;
mod feeds;
mod itch;
mod lobster;
mod quoted;
mod reconstruction;
mod selection;
mod summary;
mod tables;
mod ticks;
