//! The market tape: readers, selection and reconstruction, as those who follow it see them.

#[cfg(test)]
mod common;
#[cfg(test)]
mod feeds;
#[cfg(test)]
mod itch;
#[cfg(test)]
mod lobster;
#[cfg(test)]
mod quoted;
#[cfg(test)]
mod reconstruction;
#[cfg(test)]
mod selection;
#[cfg(test)]
mod summary;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod ticks;
