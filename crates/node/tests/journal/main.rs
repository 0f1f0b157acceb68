//! Tests of the journal through its public interface, on real files.

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod common;
#[cfg(test)]
mod days;
#[cfg(test)]
mod folding;
#[cfg(test)]
mod follow;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod lookup;
#[cfg(test)]
mod model;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod report;
#[cfg(test)]
mod torn_tail;
#[cfg(test)]
mod wire;
