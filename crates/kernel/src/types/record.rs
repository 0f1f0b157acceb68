//! Records and enumerations declared once: struct, bytes, JSON, schema and errors from one list.

use super::value::{Bytes, Malformed, Scalar, ValueError};

/// One line of the schema of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// Name of the field, field-standard snake_case.
    pub name: &'static str,
    /// Type of the field in words.
    pub kind: &'static str,
    /// Whether the field must be there.
    pub required: bool,
    /// What the field means, from its docstring.
    pub doc: &'static [&'static str],
}

/// One record of a union, for the printed schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordSpec {
    /// Name of the record.
    pub name: &'static str,
    /// What the record means, from its docstring.
    pub doc: &'static [&'static str],
    /// Its fields in journal order.
    pub fields: &'static [FieldSpec],
}

/// Why a record from outside was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// No record has this name.
    UnknownRecord(String),
    /// The record has no such field.
    UnknownField(String),
    /// A required field is missing.
    MissingField(&'static str),
    /// The field cannot be read.
    BadField(&'static str, ValueError),
}

impl core::fmt::Display for RecordError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::UnknownRecord(name) => write!(f, "unknown input {name:?}"),
            Self::UnknownField(name) => write!(f, "unknown field {name:?}"),
            Self::MissingField(name) => write!(f, "missing field {name:?}"),
            Self::BadField(name, why) => {
                write!(f, "field {name:?}: expected {}, found {}", why.expected, why.found)
            }
        }
    }
}

/// The fields of a record as they arrive from outside.
pub trait Fields {
    /// Returns the field called `name`, if it is there; null counts as absent.
    fn field(&self, name: &str) -> Option<Scalar<'_>>;
    /// Returns the first name that is not in `known`.
    fn stray(&self, known: &[FieldSpec]) -> Option<String>;
}

/// A record of a union: declared with `record!`.
pub trait Record: Sized {
    /// Name, docstring and fields.
    const SPEC: RecordSpec;

    /// Appends the journal bytes of all fields in order.
    fn put(&self, out: &mut Vec<u8>);
    /// Reads what [`Record::put`] wrote.
    fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed>;
    /// Appends `,"field":value` for every present field.
    fn show(&self, out: &mut String);
    /// Returns the record of fields from outside; refuses unknown and missing ones.
    fn read(fields: &dyn Fields) -> Result<Self, RecordError>;
}

/// Declares records: one struct each with its fields, codec and schema.
macro_rules! record {
    ($($(#[doc = $doc:literal])* $vis:vis struct $name:ident = $label:literal {
        $($(#[doc = $fdoc:literal])* $fvis:vis $field:ident : $type:ty),* $(,)?
    })*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        $vis struct $name { $($(#[doc = $fdoc])* $fvis $field: $type),* }

        impl $crate::types::record::Record for $name {
            const SPEC: $crate::types::record::RecordSpec = $crate::types::record::RecordSpec {
                name: $label,
                doc: &[$($doc),*],
                fields: &[$($crate::types::record::FieldSpec {
                    name: stringify!($field),
                    kind: <$type as $crate::types::value::Value>::KIND,
                    required: <$type as $crate::types::value::Value>::REQUIRED,
                    doc: &[$($fdoc),*],
                }),*],
            };

            fn put(&self, _out: &mut Vec<u8>) {
                $($crate::types::value::Value::put(&self.$field, _out);)*
            }
            fn take(
                _bytes: &mut $crate::types::value::Bytes<'_>,
            ) -> Result<Self, $crate::types::value::Malformed> {
                Ok(Self { $($field: $crate::types::value::Value::take(_bytes)?),* })
            }
            fn show(&self, _out: &mut String) {
                $({
                    let mark = _out.len();
                    _out.push_str(concat!(",\"", stringify!($field), "\":"));
                    if !$crate::types::value::Value::show(&self.$field, _out) {
                        _out.truncate(mark);
                    }
                })*
            }
            fn read(
                fields: &dyn $crate::types::record::Fields,
            ) -> Result<Self, $crate::types::record::RecordError> {
                use $crate::types::record::RecordError;
                if let Some(stray) = fields.stray(Self::SPEC.fields) {
                    return Err(RecordError::UnknownField(stray));
                }
                Ok(Self { $($field: match fields.field(stringify!($field)) {
                    Some(scalar) => <$type as $crate::types::value::Value>::read(scalar)
                        .map_err(|why| RecordError::BadField(stringify!($field), why))?,
                    None => <$type as $crate::types::value::Value>::absent()
                        .ok_or(RecordError::MissingField(stringify!($field)))?,
                }),* })
            }
        }
    )*};
}
pub(crate) use record;

/// Returns whether each code is larger than the one before: then none stands twice.
///
/// Declarations are refused when building where it is not so.
pub(crate) const fn rises(codes: &[u16]) -> bool {
    let (mut rest, mut last) = (codes, None);
    while let [code, after @ ..] = rest {
        if let Some(before) = last
            && *code <= before
        {
            return false;
        }
        (rest, last) = (after, Some(*code));
    }
    true
}

/// Declares a union of records with stable one-byte tags.
macro_rules! union {
    ($(#[$meta:meta])* $vis:vis enum $union:ident {
        $($name:ident = $tag:literal),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        $vis enum $union {
            $(#[doc = concat!("See [`", stringify!($name), "`].")] $name($name)),*
        }

        const _: () = assert!($crate::types::record::rises($union::TAGS), "a tag stands once");

        impl $union {
            /// Name, docstring and fields of every record, in tag order.
            pub const SPECS: &[$crate::types::record::RecordSpec] =
                &[$(<$name as $crate::types::record::Record>::SPEC),*];
            /// Tag of every record in the journal, in the order of `SPECS`.
            pub const TAGS: &[u16] = &[$($tag),*];

            /// Returns the name of the record.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name(_) =>
                    <$name as $crate::types::record::Record>::SPEC.name),* }
            }
            /// Appends the tag and the journal bytes.
            pub fn put(&self, out: &mut Vec<u8>) {
                match self { $(Self::$name(record) => {
                    out.push($tag);
                    $crate::types::record::Record::put(record, out);
                })* }
            }
            /// Reads what `put` wrote.
            pub fn take(
                bytes: &mut $crate::types::value::Bytes<'_>,
            ) -> Result<Self, $crate::types::value::Malformed> {
                match bytes.array::<1>()? {
                    $([$tag] => Ok(Self::$name($crate::types::record::Record::take(bytes)?)),)*
                    _ => Err($crate::types::value::Malformed),
                }
            }
            /// Appends `,"field":value` for every present field.
            pub fn show(&self, out: &mut String) {
                match self { $(Self::$name(record) =>
                    $crate::types::record::Record::show(record, out)),* }
            }
            /// Returns the record called `name` with `fields` from outside.
            pub fn read(
                name: &str,
                fields: &dyn $crate::types::record::Fields,
            ) -> Result<Self, $crate::types::record::RecordError> {
                use $crate::types::record::{Record, RecordError};
                $(if name == <$name as Record>::SPEC.name {
                    return <$name as Record>::read(fields).map(Self::$name);
                })*
                Err(RecordError::UnknownRecord(name.chars().take(60).collect()))
            }
        }

        $(impl From<$name> for $union {
            fn from(record: $name) -> Self {
                Self::$name(record)
            }
        })*
    };
}
pub(crate) use union;

/// Declares a closed set of names with stable codes.
macro_rules! domain_enum {
    ($($(#[doc = $doc:literal])* $vis:vis enum $name:ident {
        $($(#[doc = $vdoc:literal])* $variant:ident = $code:literal $text:literal),* $(,)?
    })*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[doc = $vdoc])* $variant),* }

        const _: () = assert!($crate::types::record::rises(&[$($code),*]), "a code stands once");

        impl $name {
            /// Every member, in code order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns the name on the wire of inputs and events.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
            /// Returns the member called `name`.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
            /// Returns the stable journal code.
            pub const fn code(self) -> u16 {
                match self { $(Self::$variant => $code),* }
            }
            /// Returns what the member means, from its docstring.
            pub const fn doc(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($vdoc),*]),* }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl $crate::types::value::Value for $name {
            const KIND: &'static str = concat!("one of", $(" ", $text),*);

            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.code().to_le_bytes());
            }
            fn take(
                bytes: &mut $crate::types::value::Bytes<'_>,
            ) -> Result<Self, $crate::types::value::Malformed> {
                match u16::from_le_bytes(bytes.array()?) {
                    $($code => Ok(Self::$variant),)*
                    _ => Err($crate::types::value::Malformed),
                }
            }
            fn show(&self, out: &mut String) -> bool {
                $crate::types::value::show_text(self.name(), out);
                true
            }
            fn read(
                scalar: $crate::types::value::Scalar<'_>,
            ) -> Result<Self, $crate::types::value::ValueError> {
                use $crate::types::value::{Scalar, Value, ValueError};
                match scalar {
                    Scalar::Text(text) => Self::from_name(text),
                    Scalar::Bool(_) | Scalar::Number(_) => None,
                }
                .ok_or_else(|| ValueError::new(<Self as Value>::KIND, scalar))
            }
        }
    )*};
}
pub(crate) use domain_enum;

#[cfg(test)]
mod tests {
    use super::rises;

    /// R11: a declaration in which a number stands twice, or came back further down, is refused.
    #[test]
    fn a_code_stands_once() {
        assert!(rises(&[]));
        assert!(rises(&[0, 1, 5]));
        assert!(!rises(&[1, 1]));
        assert!(!rises(&[1, 3, 2]));
        assert!(!rises(&[1, 2, 3, 1]));
    }
}
