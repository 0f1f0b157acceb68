//! Venues of the consolidated tape: the letter of each and its market identifier code.
//!
//! Source: exchange codes of the consolidated tape as vendors print them; ISO 10383 for the codes.

use ringfence_kernel::types::Name;

/// The code of Nasdaq, whose feeds the LOBSTER and ITCH readers read.
pub const NASDAQ: &str = "XNAS";
/// The code of trades that no exchange made: dealers and dark pools, through FINRA's facility.
pub const OFF_EXCHANGE: &str = "FINR";

/// Letter and code of each venue. Nasdaq has two letters, one for its own listings.
pub const LETTERS: [(u8, &str); 15] = [
    (b'A', "XASE"),
    (b'B', "XBOS"),
    (b'C', "XCIS"),
    (b'D', OFF_EXCHANGE),
    (b'J', "EDGA"),
    (b'K', "EDGX"),
    (b'M', "XCHI"),
    (b'N', "XNYS"),
    (b'P', "ARCX"),
    (b'Q', NASDAQ),
    (b'T', NASDAQ),
    (b'W', "CBSX"),
    (b'X', "XPSX"),
    (b'Y', "BATY"),
    (b'Z', "BATS"),
];

/// The names of the venues by letter.
#[derive(Clone, Debug)]
pub struct Venues {
    names: [Option<Name>; 26],
}

impl Venues {
    /// Returns the venues of the consolidated tape.
    pub fn consolidated() -> Self {
        let mut names = [None; 26];
        for (letter, code) in LETTERS {
            if let Some(name) = names.get_mut(usize::from(letter.wrapping_sub(b'A'))) {
                *name = Name::new(code);
            }
        }
        Self { names }
    }
    /// Returns the venue of a letter, or nothing where the letter means none.
    pub fn get(&self, letter: u8) -> Option<Name> {
        self.names.get(usize::from(letter.wrapping_sub(b'A'))).copied().flatten()
    }
}
