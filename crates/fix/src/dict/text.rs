//! Reads our own text format: whole dictionaries and dialects.
//!
//! A statement begins at the first column and goes on over indented lines; `#` begins a comment.
//!
//! ```text
//! version FIX.4.2                    first statement of a dictionary
//! dialect NORTH FIX.4.2              first statement of a dialect; the version it is put on
//! field 54 Side char 1 2 5           tag, name, type, values; none: any
//! values 54 +6 -2                    values to add and to remove; `*`: any
//! block Parties 453[ 448 447 452 ]   fields that messages share
//! header 8! 9! 35!                   `!`: required
//! trailer 93 89 10!
//! message D NewOrderSingle app 11! @Parties 386[ 336 ] 55!
//! when D 40=2,4 44                   44 must be there when 40 is 2 or 4
//! change D 5700! -44 1               add or set as required, remove, add or set as optional
//! change D.453.802 2376              the same, inside a group
//! remove field 8201                  the field is gone from every message
//! remove message C
//! ```

use std::collections::{BTreeMap, BTreeSet};

use super::TEXT_BYTES_MAX;
use super::edit;
use super::error::{DictionaryError, Problem};
use super::kind::FieldType;
use super::specification::{
    Condition, FieldDefinition, Member, MessageDefinition, Specification, add_value, check_depth,
};
use super::xml::tag_of;

/// A word and where it stands.
#[derive(Clone, Copy)]
struct Word<'t> {
    text: &'t str,
    line: u32,
    column: u32,
}

impl Word<'_> {
    fn error(&self, problem: Problem) -> DictionaryError {
        DictionaryError::new(self.line, self.column, problem)
    }
    fn misplaced(&self) -> DictionaryError {
        self.error(Problem::Misplaced(self.text.to_owned()))
    }
}

/// The words of a statement behind its first one.
struct Words<'t> {
    rest: std::vec::IntoIter<Word<'t>>,
    last: Word<'t>,
}

impl<'t> Words<'t> {
    fn some(&mut self) -> Option<Word<'t>> {
        let word = self.rest.next()?;
        self.last = word;
        Some(word)
    }
    fn next(&mut self, what: &'static str) -> Result<Word<'t>, DictionaryError> {
        self.some().ok_or_else(|| self.last.error(Problem::Missing(what)))
    }
    fn end(&mut self) -> Result<(), DictionaryError> {
        self.some().map_or(Ok(()), |word| Err(word.misplaced()))
    }
}

/// Returns what a dictionary in our own format says.
pub(super) fn read(text: &str) -> Result<Specification, DictionaryError> {
    let mut reader = Reader { spec: Specification::default(), blocks: BTreeMap::new() };
    reader.statements(text, Reader::version)?;
    Ok(reader.spec)
}

/// Puts a dialect on a dictionary.
pub(super) fn apply(spec: Specification, text: &str) -> Result<Specification, DictionaryError> {
    let mut reader = Reader { spec, blocks: BTreeMap::new() };
    reader.statements(text, Reader::dialect)?;
    Ok(reader.spec)
}

struct Reader<'t> {
    spec: Specification,
    blocks: BTreeMap<&'t str, Vec<Member>>,
}

impl<'t> Reader<'t> {
    fn statements(
        &mut self,
        text: &'t str,
        first: fn(&mut Self, Word<'t>, &mut Words<'t>) -> Result<(), DictionaryError>,
    ) -> Result<(), DictionaryError> {
        if text.len() > TEXT_BYTES_MAX {
            let problem = Problem::TooMany { what: "bytes of text", max: TEXT_BYTES_MAX };
            return Err(DictionaryError::new(1, 1, problem));
        }
        let mut statements = split(text)?.into_iter();
        let Some((keyword, mut words)) = statements.next() else {
            return Err(DictionaryError::new(1, 1, Problem::Missing("a first statement")));
        };
        first(self, keyword, &mut words)?;
        for (keyword, mut words) in statements {
            self.statement(keyword, &mut words)?;
            words.end()?;
        }
        Ok(())
    }
    fn version(&mut self, keyword: Word<'t>, words: &mut Words<'t>) -> Result<(), DictionaryError> {
        if keyword.text != "version" {
            return Err(keyword.error(Problem::Missing("the statement version")));
        }
        self.spec.version.push(words.next("a version")?.text.to_owned());
        while let Some(word) = words.some() {
            self.spec.version.push(word.text.to_owned());
        }
        Ok(())
    }
    fn dialect(&mut self, keyword: Word<'t>, words: &mut Words<'t>) -> Result<(), DictionaryError> {
        if keyword.text != "dialect" {
            return Err(keyword.error(Problem::Missing("the statement dialect")));
        }
        let _name = words.next("the name of the dialect")?;
        let first = words.next("a version")?;
        let mut found = first.text.to_owned();
        while let Some(word) = words.some() {
            found.push(' ');
            found.push_str(word.text);
        }
        let expected = self.spec.version();
        if expected == found {
            Ok(())
        } else {
            Err(first.error(Problem::OtherVersion { expected, found }))
        }
    }
    fn statement(
        &mut self,
        keyword: Word<'t>,
        words: &mut Words<'t>,
    ) -> Result<(), DictionaryError> {
        match keyword.text {
            "field" => self.field(words),
            "values" => self.values(words),
            "block" => {
                let name = words.next("a name")?;
                let members = self.members(words)?;
                match self.blocks.insert(name.text, members) {
                    None => Ok(()),
                    Some(_) => Err(name.error(Problem::Twice(name.text.to_owned()))),
                }
            }
            "header" => {
                self.spec.header = self.members(words)?;
                Ok(())
            }
            "trailer" => {
                self.spec.trailer = self.members(words)?;
                Ok(())
            }
            "message" => self.message(words),
            "when" => self.condition(words),
            "change" => self.change(words),
            "remove" => self.remove(words),
            _ => Err(keyword.error(Problem::Unknown(keyword.text.to_owned()))),
        }
    }
    fn field(&mut self, words: &mut Words<'t>) -> Result<(), DictionaryError> {
        let number = words.next("a tag")?;
        let tag = tag_of(number.text).map_err(|problem| number.error(problem))?;
        let name = words.next("a name")?.text.to_owned();
        let kind = words.next("a type")?;
        let Some(kind) = FieldType::named(kind.text) else {
            return Err(kind.error(Problem::BadType(kind.text.to_owned())));
        };
        let mut values = BTreeSet::new();
        while let Some(value) = words.some() {
            add_value(&mut values, value.text).map_err(|problem| value.error(problem))?;
        }
        let definition = FieldDefinition { name, kind, values };
        self.spec.define_field(tag, definition).map_err(|problem| number.error(problem))
    }
    fn values(&mut self, words: &mut Words<'t>) -> Result<(), DictionaryError> {
        let number = words.next("a tag")?;
        let tag = self.defined(number, number.text)?;
        let Some(field) = self.spec.fields.get_mut(&tag) else {
            return Err(number.error(Problem::Undefined(number.text.to_owned())));
        };
        while let Some(word) = words.some() {
            if word.text == "*" {
                field.values.clear();
            } else if let Some(value) = word.text.strip_prefix('+') {
                add_value(&mut field.values, value).map_err(|problem| word.error(problem))?;
            } else if let Some(value) = word.text.strip_prefix('-') {
                if !field.values.remove(value) {
                    return Err(word.error(Problem::Undefined(value.to_owned())));
                }
            } else {
                return Err(word.misplaced());
            }
        }
        Ok(())
    }
    fn message(&mut self, words: &mut Words<'t>) -> Result<(), DictionaryError> {
        let msg_type = words.next("a MsgType")?;
        let name = words.next("a name")?.text.to_owned();
        let category = words.next("admin or app")?;
        let is_admin = match category.text {
            "admin" => true,
            "app" => false,
            other => return Err(category.error(Problem::BadFlag(other.to_owned()))),
        };
        let members = self.members(words)?;
        let message = MessageDefinition { name, is_admin, members, conditions: Vec::new() };
        self.spec.define_message(msg_type.text, message).map_err(|problem| msg_type.error(problem))
    }
    fn condition(&mut self, words: &mut Words<'t>) -> Result<(), DictionaryError> {
        let msg_type = words.next("a MsgType")?;
        let test = words.next("a test: tag=value,value")?;
        let Some((tag, values)) = test.text.split_once('=') else {
            return Err(test.misplaced());
        };
        let tag = self.defined(test, tag)?;
        let values = values.split(',').map(str::to_owned).collect();
        let first = words.next("a tag")?;
        let mut needed = vec![self.defined(first, first.text)?];
        while let Some(word) = words.some() {
            needed.push(self.defined(word, word.text)?);
        }
        let Some(message) = self.spec.messages.get_mut(msg_type.text) else {
            return Err(msg_type.error(Problem::Undefined(msg_type.text.to_owned())));
        };
        message.conditions.push(Condition { tag, values, needed });
        Ok(())
    }
    fn change(&mut self, words: &mut Words<'t>) -> Result<(), DictionaryError> {
        let place = words.next("header, trailer or a MsgType")?;
        while let Some(word) = words.some() {
            let change = match word.text.strip_prefix('-') {
                Some(number) => edit::Change::Remove(self.defined(word, number)?),
                None => edit::Change::Put(self.member(word, words, 0)?),
            };
            edit::change(&mut self.spec, place.text, change)
                .map_err(|problem| word.error(problem))?;
        }
        Ok(())
    }
    fn remove(&mut self, words: &mut Words<'t>) -> Result<(), DictionaryError> {
        let what = words.next("field or message")?;
        let name = words.next("what to remove")?;
        match what.text {
            "field" => {
                let tag = self.defined(name, name.text)?;
                edit::remove_field(&mut self.spec, tag);
                Ok(())
            }
            "message" => match self.spec.messages.remove(name.text) {
                Some(_) => Ok(()),
                None => Err(name.error(Problem::Undefined(name.text.to_owned()))),
            },
            _ => Err(what.error(Problem::Unknown(what.text.to_owned()))),
        }
    }
    fn members(&mut self, words: &mut Words<'t>) -> Result<Vec<Member>, DictionaryError> {
        self.until(words, 0, false)
    }
    /// Returns the members up to the end of the statement, or up to the closing bracket.
    fn until(
        &mut self,
        words: &mut Words<'t>,
        depth: usize,
        is_group: bool,
    ) -> Result<Vec<Member>, DictionaryError> {
        let mut members = Vec::new();
        while let Some(word) = words.some() {
            if word.text == "]" && is_group {
                return Ok(members);
            }
            let Some(block) = word.text.strip_prefix('@') else {
                let member = self.member(word, words, depth)?;
                self.spec.place(&mut members, member).map_err(|problem| word.error(problem))?;
                continue;
            };
            let (name, is_required) = without_mark(block);
            let Some(block) = self.blocks.get(name).cloned() else {
                return Err(word.error(Problem::Undefined(name.to_owned())));
            };
            for mut member in block {
                member.is_required &= is_required;
                self.spec.place(&mut members, member).map_err(|problem| word.error(problem))?;
            }
        }
        if is_group { Err(words.last.error(Problem::Missing("]"))) } else { Ok(members) }
    }
    /// Returns the member `54`, `54!`, `453[ ... ]` or `453![ ... ]` that begins with `word`.
    fn member(
        &mut self,
        word: Word<'t>,
        words: &mut Words<'t>,
        depth: usize,
    ) -> Result<Member, DictionaryError> {
        let (text, is_group) = match word.text.strip_suffix('[') {
            Some(text) => (text, true),
            None => (word.text, false),
        };
        let (number, is_required) = without_mark(text);
        let tag = self.defined(word, number)?;
        if !is_group {
            return Ok(Member { tag, is_required, group: None });
        }
        check_depth(depth).map_err(|problem| word.error(problem))?;
        let group = self.until(words, depth + 1, true)?;
        if group.is_empty() {
            return Err(word.error(Problem::EmptyGroup(number.to_owned())));
        }
        Ok(Member { tag, is_required, group: Some(group) })
    }
    fn defined(&self, word: Word<'t>, number: &str) -> Result<crate::tag::Tag, DictionaryError> {
        let tag = tag_of(number).map_err(|problem| word.error(problem))?;
        match self.spec.fields.contains_key(&tag) {
            true => Ok(tag),
            false => Err(word.error(Problem::Undefined(number.to_owned()))),
        }
    }
}

/// Returns a word without the mark of what is required, and whether it was there.
fn without_mark(word: &str) -> (&str, bool) {
    word.strip_suffix('!').map_or((word, false), |word| (word, true))
}

fn split(text: &str) -> Result<Vec<(Word<'_>, Words<'_>)>, DictionaryError> {
    let mut statements: Vec<(Word<'_>, Vec<Word<'_>>)> = Vec::new();
    for (line, content) in (1_u32..).zip(text.lines()) {
        let content = content.split_once('#').map_or(content, |(before, _)| before);
        let mut column = 1_u32;
        for piece in content.split(' ') {
            let word = Word { text: piece, line, column };
            column = column.saturating_add(u32::try_from(piece.len()).unwrap_or(u32::MAX));
            column = column.saturating_add(1);
            if piece.is_empty() {
                continue;
            }
            if word.column == 1 {
                statements.push((word, Vec::new()));
            } else if let Some((_, words)) = statements.last_mut() {
                words.push(word);
            } else {
                return Err(word.misplaced());
            }
        }
    }
    let words =
        |(keyword, rest): (_, Vec<_>)| (keyword, Words { rest: rest.into_iter(), last: keyword });
    Ok(statements.into_iter().map(words).collect())
}
