//! Judges a message in one pass over its fields.
//!
//! Where several things are wrong the first of these wins: the order of header, body and trailer; a
//! field that must be there and is not; then whatever stands first in the message. A message type
//! that is not known comes before all, a conditionally required field after all.

use super::tables::{Dictionary, Layout, LayoutIndex, MessageTable, Slot};
use super::{
    GROUP_DEPTH_MAX, LAYOUT_FIELDS_MAX, Policy, RejectReason, USER_DEFINED_TAG_MIN, Violation,
};
use crate::codec::Message;
use crate::tag::Tag;

/// Words of bits for every place that can be open at once: header, body, trailer and groups in each
/// other.
const WORDS_MAX: usize = (3 + GROUP_DEPTH_MAX) * LAYOUT_FIELDS_MAX.div_ceil(64);

/// A group whose entries are being read.
#[derive(Clone, Copy, Debug)]
struct OpenGroup {
    layout: LayoutIndex,
    /// Where its bits begin.
    bits: usize,
    /// The field that counts its entries, and where it stands in the message.
    count: Tag,
    count_at: usize,
    told: u64,
    entries: u64,
    /// Place of the last field of this entry.
    last: u32,
}

/// The open groups, the innermost last; there are no more than a dictionary nests.
#[derive(Default)]
struct OpenGroups {
    groups: [Option<OpenGroup>; GROUP_DEPTH_MAX],
    count: usize,
}

impl OpenGroups {
    fn last(&self) -> Option<OpenGroup> {
        self.groups.get(self.count.checked_sub(1)?).copied().flatten()
    }
    fn set_last(&mut self, group: OpenGroup) {
        let last = self.count.checked_sub(1).and_then(|at| self.groups.get_mut(at));
        if let Some(place) = last {
            *place = Some(group);
        }
    }
    fn push(&mut self, group: OpenGroup) {
        if let Some(place) = self.groups.get_mut(self.count) {
            *place = Some(group);
            self.count += 1;
        }
    }
    fn pop(&mut self) {
        self.count = self.count.saturating_sub(1);
    }
    /// Returns the open groups from the innermost outwards, each with its depth.
    fn inwards_out(&self) -> impl Iterator<Item = (usize, OpenGroup)> {
        let open = self.groups.iter().take(self.count).enumerate().rev();
        open.filter_map(|(depth, group)| Some((depth, (*group)?)))
    }
}

/// Parts of a message, in their order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Header,
    Body,
    Trailer,
}

impl Dictionary {
    /// Returns what is wrong with a message, or that nothing is.
    ///
    /// The first three fields and the CheckSum are where they must be: a parsed message has that.
    /// Cost: one look-up per field, and one more for each group that it is in or leaves; no memory
    /// is allocated.
    pub fn check(&self, message: &Message<'_>) -> Result<(), Violation> {
        let msg_type = message.msg_type();
        let Some(table) = self.message(msg_type) else {
            let is_standard = self.is_standard_type(msg_type);
            let reason = match is_standard {
                true => RejectReason::UnsupportedMessageType,
                false => RejectReason::InvalidMsgType,
            };
            return Err(Violation { reason, tag: None });
        };
        let layouts =
            (self.layout(self.header), self.layout(table.body), self.layout(self.trailer));
        let (Some(header), Some(body), Some(trailer)) = layouts else {
            return Err(Violation { reason: RejectReason::InvalidMsgType, tag: None });
        };
        let mut pass = Pass::new(self, table, [header, body, trailer]);
        for (at, (tag, value)) in message.fields().enumerate() {
            pass.at = at;
            pass.field(tag, value);
        }
        pass.finish()?;
        conditions(table, message)
    }
}

fn conditions(table: &MessageTable, message: &Message<'_>) -> Result<(), Violation> {
    for condition in &table.conditions {
        let Some(value) = message.get(condition.tag) else { continue };
        if !condition.values.iter().any(|wanted| wanted.as_bytes() == value) {
            continue;
        }
        if let Some(tag) = condition.needed.iter().find(|tag| message.get(**tag).is_none()) {
            return Err(Violation::at(RejectReason::ConditionallyRequiredFieldMissing, *tag));
        }
    }
    Ok(())
}

struct Pass<'p> {
    dictionary: &'p Dictionary,
    table: &'p MessageTable,
    layouts: [&'p Layout; 3],
    /// Where the bits of header, body and trailer begin.
    bits: [usize; 3],
    /// A bit for each member that was seen: header, body, trailer, then the open groups.
    seen: [u64; WORDS_MAX],
    /// Words that are in use.
    words: usize,
    groups: OpenGroups,
    part: Part,
    out_of_order: Option<Violation>,
    /// A field that an entry of a group must have.
    missing: Option<Violation>,
    /// The violation that stands first in the message, and where.
    first: Option<(usize, Violation)>,
    /// Number of the field that is looked at.
    at: usize,
    /// Whether a group was left in disorder, so that what its entries lack says nothing.
    is_disordered: bool,
}

impl<'p> Pass<'p> {
    fn new(dictionary: &'p Dictionary, table: &'p MessageTable, layouts: [&'p Layout; 3]) -> Self {
        let [header, body, trailer] = layouts;
        let body_at = header.words();
        let trailer_at = body_at + body.words();
        Self {
            dictionary,
            table,
            layouts,
            bits: [0, body_at, trailer_at],
            seen: [0; WORDS_MAX],
            words: trailer_at + trailer.words(),
            groups: OpenGroups::default(),
            part: Part::Header,
            out_of_order: None,
            missing: None,
            first: None,
            at: 0,
            is_disordered: false,
        }
    }
    fn field(&mut self, tag: Tag, value: &[u8]) {
        // Most fields stand in no group, and in the part that the field before them stood in.
        let is_flat = self.groups.count == 0;
        if is_flat && let Some(place) = self.layout(self.part).find(tag) {
            self.part_field(self.part, tag, place, value);
        } else if !is_flat && let Some((depth, place)) = self.in_group(tag) {
            self.close(depth + 1);
            self.group_field(tag, place, value);
        } else if let Some((part, place)) = self.in_part(tag) {
            self.close(0);
            self.part_field(part, tag, place, value);
        } else {
            self.stray_field(tag, value);
        }
    }
    /// Returns the innermost open group that has the field, and its place there.
    fn in_group(&self, tag: Tag) -> Option<(usize, u32)> {
        self.groups.inwards_out().find_map(|(depth, group)| {
            let place = self.dictionary.layout(group.layout)?.find(tag)?;
            Some((depth, place))
        })
    }
    /// Returns the part that has the field: the present one if it can be, then a later one.
    fn in_part(&self, tag: Tag) -> Option<(Part, u32)> {
        let parts = match self.part {
            Part::Header => [Part::Header, Part::Body, Part::Trailer],
            Part::Body => [Part::Body, Part::Trailer, Part::Header],
            Part::Trailer => [Part::Trailer, Part::Body, Part::Header],
        };
        parts.into_iter().find_map(|part| Some((part, self.layout(part).find(tag)?)))
    }
    fn layout(&self, part: Part) -> &'p Layout {
        let [header, body, trailer] = self.layouts;
        match part {
            Part::Header => header,
            Part::Body => body,
            Part::Trailer => trailer,
        }
    }
    fn part_field(&mut self, part: Part, tag: Tag, place: u32, value: &[u8]) {
        if part < self.part {
            if self.dictionary.policies.out_of_order == Policy::Refuse {
                let violation = Violation::at(RejectReason::TagOutOfOrder, tag);
                self.out_of_order.get_or_insert(violation);
            }
        } else {
            self.part = part;
        }
        let [header, body, trailer] = self.bits;
        let bits = match part {
            Part::Header => header,
            Part::Body => body,
            Part::Trailer => trailer,
        };
        if self.see(bits, place) {
            self.violate(RejectReason::TagAppearsMoreThanOnce, tag);
            return;
        }
        self.value(self.layout(part), place, tag, value);
    }
    fn group_field(&mut self, tag: Tag, place: u32, value: &[u8]) {
        let dictionary = self.dictionary;
        let Some(group) = self.groups.last() else { return };
        let Some(layout) = dictionary.layout(group.layout) else { return };
        if place == 0 {
            self.end_entry(group, layout);
            self.forget(group.bits, layout.words());
        } else if group.entries == 0 {
            self.is_disordered = true;
            self.violate(RejectReason::GroupFieldsOutOfOrder, tag);
        }
        let is_repeated = self.see(group.bits, place);
        let is_first = place == 0 || group.entries == 0;
        let entries = group.entries + u64::from(is_first);
        self.groups.set_last(OpenGroup { entries, last: place, ..group });
        if is_repeated {
            self.violate(RejectReason::TagAppearsMoreThanOnce, tag);
            return;
        }
        let is_strict = dictionary.policies.group_out_of_order == Policy::Refuse;
        if is_strict && !is_first && place < group.last {
            self.violate(RejectReason::GroupFieldsOutOfOrder, tag);
        }
        self.value(layout, place, tag, value);
    }
    /// A field that no place here has; open groups stay open.
    fn stray_field(&mut self, tag: Tag, value: &[u8]) {
        let policies = self.dictionary.policies;
        if self.part == Part::Header {
            self.part = Part::Body;
        }
        if value.is_empty() && policies.empty_value == Policy::Refuse {
            self.violate(RejectReason::TagWithoutValue, tag);
        }
        let is_user_defined = tag.number() >= USER_DEFINED_TAG_MIN;
        if is_user_defined && policies.user_defined == Policy::Accept {
            return;
        }
        let reason = if self.dictionary.is_defined(tag, self.table.is_admin) {
            RejectReason::TagNotDefinedForMessageType
        } else if self.dictionary.is_removed(tag) {
            RejectReason::UndefinedTag
        } else {
            RejectReason::InvalidTagNumber
        };
        self.violate(reason, tag);
    }
    fn value(&mut self, layout: &Layout, place: u32, tag: Tag, value: &[u8]) {
        let policies = self.dictionary.policies;
        let Some(slot) = member(layout, place) else { return };
        if value.is_empty() {
            if policies.empty_value == Policy::Refuse {
                self.violate(RejectReason::TagWithoutValue, tag);
            }
            return;
        }
        let Some(format) = self.dictionary.format(slot.format) else { return };
        if !format.accepts(value) {
            self.violate(RejectReason::IncorrectDataFormat, tag);
        } else if policies.unlisted_value == Policy::Refuse && !format.lists(value) {
            self.violate(RejectReason::ValueIncorrect, tag);
        }
        let Some(group) = slot.group else { return };
        match crate::codec::decimal(value) {
            Some(0) => {}
            Some(told) => self.open(group, tag, told),
            None => self.violate(RejectReason::IncorrectDataFormat, tag),
        }
    }
    fn open(&mut self, layout: LayoutIndex, count: Tag, told: u64) {
        let words = self.dictionary.layout(layout).map_or(0, Layout::words);
        let bits = self.words;
        self.forget(bits, words);
        self.words += words;
        let count_at = self.at;
        self.groups.push(OpenGroup { layout, bits, count, count_at, told, entries: 0, last: 0 });
    }
    /// Closes the open groups from `depth` on.
    fn close(&mut self, depth: usize) {
        while self.groups.count > depth {
            let Some(group) = self.groups.last() else { return };
            if let Some(layout) = self.dictionary.layout(group.layout) {
                self.end_entry(group, layout);
            }
            if group.entries != group.told {
                // Entries that begin otherwise were not counted: then their order is what is wrong.
                let at = if self.is_disordered { self.at } else { group.count_at };
                self.is_disordered = true;
                let violation = Violation::at(RejectReason::IncorrectGroupCount, group.count);
                self.violate_at(at, violation);
            }
            self.words = group.bits;
            self.groups.pop();
        }
    }
    fn end_entry(&mut self, group: OpenGroup, layout: &Layout) {
        if group.entries == 0 || self.is_disordered {
            return;
        }
        let missing = self.lacking(group.bits, layout);
        self.missing = self.missing.or(missing);
    }
    /// Returns the first member that must be there and is not.
    fn lacking(&self, bits: usize, layout: &Layout) -> Option<Violation> {
        let seen = self.seen.get(bits..).unwrap_or_default();
        let mut words = (0_u32..).zip(layout.required.iter().zip(seen));
        let (word, lacking) = words.find_map(|(at, (required, seen))| {
            let lacking = required & !seen;
            (lacking != 0).then_some((at, lacking))
        })?;
        let slot = member(layout, word * u64::BITS + lacking.trailing_zeros())?;
        Some(Violation::at(RejectReason::RequiredTagMissing, slot.tag))
    }
    /// Marks a member as seen; returns whether it was.
    fn see(&mut self, bits: usize, place: u32) -> bool {
        let at = bits + usize::try_from(place / u64::BITS).unwrap_or(usize::MAX);
        let bit = 1_u64 << (place % u64::BITS);
        match self.seen.get_mut(at) {
            Some(word) => {
                let was_seen = *word & bit != 0;
                *word |= bit;
                was_seen
            }
            None => false,
        }
    }
    fn forget(&mut self, bits: usize, words: usize) {
        for word in self.seen.iter_mut().skip(bits).take(words) {
            *word = 0;
        }
    }
    fn violate(&mut self, reason: RejectReason, tag: Tag) {
        self.violate_at(self.at, Violation::at(reason, tag));
    }
    fn violate_at(&mut self, at: usize, violation: Violation) {
        if self.first.is_none_or(|(first, _)| at < first) {
            self.first = Some((at, violation));
        }
    }
    fn finish(mut self) -> Result<(), Violation> {
        self.close(0);
        let [header, body, trailer] = self.layouts;
        let [header_at, body_at, trailer_at] = self.bits;
        let found = self
            .out_of_order
            .or_else(|| self.lacking(header_at, header))
            .or_else(|| self.lacking(body_at, body))
            .or(self.missing)
            .or_else(|| self.lacking(trailer_at, trailer))
            .or(self.first.map(|(_, violation)| violation));
        found.map_or(Ok(()), Err)
    }
}

fn member(layout: &Layout, place: u32) -> Option<&Slot> {
    layout.members.get(usize::try_from(place).ok()?)
}
