//! The fields of the retail program, which no published dictionary has.

use ringfence_fix::dict::{DictionaryError, Specification};
use ringfence_fix::tag::Tag;

use super::tags;

/// What the program adds to a dictionary, behind its first line.
const CHANGES: &str = "
field 5701 RetailPart char P 1 2 3
field 5702 RetailInterest char N A B C
change D 5701
change 8 5701
change e 5702
change f 5702
";

/// Returns a dictionary with the fields of the retail program: 5701 in 35=D and 8, 5702 in e and f.
///
/// One that knows a field of the program already stays as it is: its writer has said all of it.
pub fn with_retail_program(spec: Specification) -> Result<Specification, DictionaryError> {
    let knows = |tag: Tag| spec.field(tag).is_some();
    if knows(tags::RETAIL) || knows(tags::RETAIL_INTEREST) {
        return Ok(spec);
    }
    let dialect = format!("dialect RETAIL {}{CHANGES}", spec.version());
    spec.with_dialect(&dialect)
}
