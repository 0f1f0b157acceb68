//! Requests as bytes of a record: fixed order of the fields, no names, refused when malformed.

use ringfence_kernel::types::value::{Bytes, Malformed, Value};
use ringfence_kernel::types::{Name, Note, OrdType, Price, Qty, Side, TimeInForce, Ts, WireId};

use super::ids::PortId;

/// Most elements of a list in a record.
pub(crate) const LIST_MAX: usize = 1_000;

/// Something that a record of the venue can hold.
pub(crate) trait Coded: Sized {
    /// Appends the bytes.
    fn put(&self, out: &mut Vec<u8>);
    /// Reads what [`Coded::put`] wrote.
    fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed>;
}

macro_rules! coded_values {
    ($($name:ty),*) => {$(
        impl Coded for $name {
            fn put(&self, out: &mut Vec<u8>) {
                Value::put(self, out);
            }
            fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
                <$name as Value>::take(bytes)
            }
        }
    )*};
}

coded_values!(Name, Note, WireId, Price, Qty, Ts, Side, OrdType, TimeInForce, bool, u8, u32, u64);

impl Coded for PortId {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.raw().to_le_bytes());
    }
    fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
        Ok(Self::new(u16::from_le_bytes(bytes.array()?)))
    }
}

impl<T: Coded> Coded for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.is_some()));
        if let Some(value) = self {
            value.put(out);
        }
    }
    fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match bytes.array::<1>()? {
            [0] => Ok(None),
            [1] => T::take(bytes).map(Some),
            _ => Err(Malformed),
        }
    }
}

impl<T: Coded> Coded for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        let count = self.len().min(LIST_MAX);
        out.extend_from_slice(&u32::try_from(count).unwrap_or(0).to_le_bytes());
        for value in self.iter().take(count) {
            value.put(out);
        }
    }
    fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
        let count = u32::from_le_bytes(bytes.array()?);
        match usize::try_from(count) {
            Ok(count) if count <= LIST_MAX => (0..count).map(|_| T::take(bytes)).collect(),
            Ok(_) | Err(_) => Err(Malformed),
        }
    }
}

/// Declares a struct whose fields are written one after another.
macro_rules! coded_struct {
    ($(
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident { $($(#[doc = $fdoc:literal])* pub $field:ident: $kind:ty,)* }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        $vis struct $name { $($(#[doc = $fdoc])* pub $field: $kind,)* }

        impl $crate::exchange::coded::Coded for $name {
            fn put(&self, out: &mut Vec<u8>) {
                $($crate::exchange::coded::Coded::put(&self.$field, out);)*
            }
            fn take(
                bytes: &mut ringfence_kernel::types::value::Bytes<'_>,
            ) -> Result<Self, ringfence_kernel::types::value::Malformed> {
                Ok(Self { $($field: $crate::exchange::coded::Coded::take(bytes)?,)* })
            }
        }
    )*};
}
pub(crate) use coded_struct;

/// Declares an enum of single values, each behind its code; `Name = code` alone has no value.
macro_rules! coded_enum {
    ($(
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),*)])?
        $vis:vis enum $name:ident {
            $($(#[doc = $vdoc:literal])* $variant:ident $(($kind:ty))? = $code:literal,)*
        }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash $($(, $derive)*)?)]
        $vis enum $name { $($(#[doc = $vdoc])* $variant $(($kind))?,)* }

        impl $crate::exchange::coded::Coded for $name {
            fn put(&self, out: &mut Vec<u8>) {
                $crate::exchange::coded::coded_enum!(@put self out;
                    $($name $variant $(($kind))? $code;)*);
            }
            fn take(
                bytes: &mut ringfence_kernel::types::value::Bytes<'_>,
            ) -> Result<Self, ringfence_kernel::types::value::Malformed> {
                let [code] = bytes.array::<1>()?;
                $(if code == $code {
                    return Ok(Self::$variant $((<$kind as
                        $crate::exchange::coded::Coded>::take(bytes)?))?);
                })*
                Err(ringfence_kernel::types::value::Malformed)
            }
        }
    )*};
    (@put $self:ident $out:ident;) => {};
    (@put $self:ident $out:ident; $name:ident $variant:ident $code:literal; $($rest:tt)*) => {
        if matches!($self, $name::$variant) {
            $out.push($code);
        }
        $crate::exchange::coded::coded_enum!(@put $self $out; $($rest)*);
    };
    (@put $self:ident $out:ident; $name:ident $variant:ident ($kind:ty) $code:literal;
        $($rest:tt)*) => {
        if let $name::$variant(value) = $self {
            $out.push($code);
            <$kind as $crate::exchange::coded::Coded>::put(value, $out);
        }
        $crate::exchange::coded::coded_enum!(@put $self $out; $($rest)*);
    };
}
pub(crate) use coded_enum;
