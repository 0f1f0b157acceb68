//! Objects of JSON with the place where they stand, read field by field.

use serde_json::{Map, Value};

use super::SettingsError;

/// Longest text of settings, in bytes.
const TEXT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Returns the object of a text.
pub fn parse(text: &str) -> Result<Value, SettingsError> {
    if text.len() > TEXT_BYTES_MAX {
        let expected = format!("expected at most {TEXT_BYTES_MAX} bytes, found {}", text.len());
        return Err(SettingsError::at("(all)", expected));
    }
    serde_json::from_str(text).map_err(|why| SettingsError::at("(all)", why))
}

/// An object and its place.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    place: String,
}

impl<'a> Fields<'a> {
    /// Returns the fields of `value`, which stands at `place`.
    pub fn new(value: &'a Value, place: impl Into<String>) -> Result<Self, SettingsError> {
        let place = place.into();
        match value {
            Value::Object(object) => Ok(Self { object, place }),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Err(SettingsError::at(place, "expected an object")),
        }
    }
    /// Returns the place of the object.
    pub fn own_place(&self) -> &str {
        &self.place
    }
    /// Returns the place of a field.
    pub fn place(&self, key: &str) -> String {
        if self.place.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place) }
    }
    /// Returns the refusal of a field.
    pub fn refuse(&self, key: &str, text: impl std::fmt::Display) -> SettingsError {
        SettingsError::at(self.place(key), text)
    }
    /// Returns a field that is there and not null.
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key).filter(|value| !value.is_null())
    }
    /// Returns a text.
    pub fn text(&self, key: &str) -> Result<&'a str, SettingsError> {
        self.optional_text(key)?.ok_or_else(|| self.refuse(key, "expected a text, found nothing"))
    }
    /// Returns a text that may be absent.
    pub fn optional_text(&self, key: &str) -> Result<Option<&'a str>, SettingsError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.refuse(key, format!("expected a text, found {other}"))),
        }
    }
    /// Returns what `read` makes of a text.
    pub fn read<T>(
        &self,
        key: &str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, SettingsError> {
        let text = self.text(key)?;
        read(text).ok_or_else(|| self.refuse(key, format!("expected {expected}, found {text:?}")))
    }
    /// Returns true or false.
    pub fn boolean(&self, key: &str) -> Result<bool, SettingsError> {
        match self.get(key) {
            Some(Value::Bool(value)) => Ok(*value),
            other => Err(self.refuse(key, format!("expected true or false, found {other:?}"))),
        }
    }
    /// Returns an integer that fits its type.
    pub fn integer<T: TryFrom<i64>>(&self, key: &str) -> Result<T, SettingsError> {
        let found = self.get(key).and_then(Value::as_i64).and_then(|value| T::try_from(value).ok());
        found.ok_or_else(|| {
            self.refuse(key, format!("expected an integer in range, found {:?}", self.get(key)))
        })
    }
    /// Returns an integer above zero.
    pub fn positive(&self, key: &str) -> Result<i64, SettingsError> {
        let value: i64 = self.integer(key)?;
        if value > 0 { Ok(value) } else { Err(self.refuse(key, "expected more than zero")) }
    }
    /// Returns the items of a list, each with its place.
    pub fn list(
        &self,
        key: &str,
    ) -> Result<impl Iterator<Item = (String, &'a Value)> + use<'a>, SettingsError> {
        let place = self.place(key);
        match self.get(key) {
            Some(Value::Array(items)) => {
                Ok(items.iter().enumerate().map(move |(at, item)| (format!("{place}[{at}]"), item)))
            }
            other => Err(self.refuse(key, format!("expected a list, found {other:?}"))),
        }
    }
    /// Returns the texts of a list.
    pub fn texts(&self, key: &str) -> Result<Vec<&'a str>, SettingsError> {
        let text = |(place, item): (String, &'a Value)| {
            item.as_str().ok_or_else(|| SettingsError::at(place, "expected a text"))
        };
        self.list(key)?.map(text).collect()
    }
    /// Returns the integers of a list.
    pub fn integers<T: TryFrom<i64>>(&self, key: &str) -> Result<Vec<T>, SettingsError> {
        let integer = |(place, item): (String, &'a Value)| {
            let found = item.as_i64().and_then(|value| T::try_from(value).ok());
            found.ok_or_else(|| SettingsError::at(place, "expected an integer in range"))
        };
        self.list(key)?.map(integer).collect()
    }
    /// Returns the objects of a list.
    pub fn tables(&self, key: &str) -> Result<Vec<Self>, SettingsError> {
        self.list(key)?.map(|(place, item)| Self::new(item, place)).collect()
    }
    /// Returns an object that may be absent.
    pub fn table(&self, key: &str) -> Result<Option<Self>, SettingsError> {
        self.get(key).map(|value| Self::new(value, self.place(key))).transpose()
    }
}
