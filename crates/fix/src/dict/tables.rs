//! The tables of a dictionary: every look-up is by number or by a short probe.

use std::collections::BTreeMap;

use super::kind::FieldType;
use super::specification::{Condition, FieldDefinition, Member, Specification};
use super::{Policies, RejectReason};
use crate::tag::{self, Tag};

/// Judges messages of one FIX version or dialect.
#[derive(Clone, Debug)]
pub struct Dictionary {
    begin_string: String,
    application_version: Option<String>,
    pub(super) policies: Policies,
    /// Formats in the order of their tags.
    formats: Vec<Format>,
    tags: Places,
    /// Fields of the transport, in order, where it is another version than the application.
    transport_tags: Option<Vec<Tag>>,
    /// Fields that the dialect does without, in order.
    removed: Vec<Tag>,
    pub(super) header: LayoutIndex,
    pub(super) trailer: LayoutIndex,
    layouts: Vec<Layout>,
    /// Message types in order.
    types: Vec<(Box<[u8]>, MessageTable)>,
    /// Message types of the standard, in order; more than there are messages.
    standard_types: Vec<Box<[u8]>>,
    session_codes: Vec<u16>,
}

/// Format and values of a field.
#[derive(Clone, Debug)]
pub(super) struct Format {
    pub(super) kind: FieldType,
    values: Values,
}

#[derive(Clone, Debug)]
enum Values {
    Any,
    /// One ASCII character each, as bits.
    Characters(u128),
    /// Words in order.
    Words(Vec<Box<[u8]>>),
}

/// Place of a layout in the table of layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LayoutIndex(u32);

/// A message that is known.
#[derive(Clone, Debug)]
pub(super) struct MessageTable {
    pub(super) is_admin: bool,
    pub(super) body: LayoutIndex,
    pub(super) conditions: Vec<Condition>,
}

/// The fields that may stand in one place: header, trailer, a body, an entry of a group.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    places: Places,
    pub(super) members: Vec<Slot>,
    /// A bit for each member that must be there.
    pub(super) required: Vec<u64>,
}

/// A field in its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    pub(super) tag: Tag,
    is_required: bool,
    pub(super) format: u32,
    pub(super) group: Option<LayoutIndex>,
}

/// Finds the place of a tag: a table of twice the size or more, probed from a hashed start.
#[derive(Clone, Debug)]
struct Places {
    slots: Vec<(u32, u32)>,
    shift: u32,
}

const FREE: u32 = 0;

impl Places {
    fn new(tags: impl ExactSizeIterator<Item = Tag>) -> Self {
        let size = (tags.len() * 2).next_power_of_two().max(2);
        let mut places =
            Self { slots: vec![(FREE, 0); size], shift: 32 - size.trailing_zeros().min(31) };
        for (place, tag) in (0_u32..).zip(tags) {
            let mut at = places.start(tag);
            while places.slots.get(at).is_some_and(|(found, _)| *found != FREE) {
                at = (at + 1) & (size - 1);
            }
            if let Some(slot) = places.slots.get_mut(at) {
                *slot = (tag.number(), place);
            }
        }
        places
    }
    fn start(&self, tag: Tag) -> usize {
        let hash = tag.number().wrapping_mul(0x9E37_79B9) >> self.shift;
        usize::try_from(hash).unwrap_or(0)
    }
    fn find(&self, tag: Tag) -> Option<u32> {
        let mut at = self.start(tag);
        loop {
            match self.slots.get(at)? {
                (found, place) if *found == tag.number() => {
                    return (*found != FREE).then_some(*place);
                }
                (FREE, _) => return None,
                _ => at = (at + 1) & (self.slots.len() - 1),
            }
        }
    }
}

impl Layout {
    pub(super) fn find(&self, tag: Tag) -> Option<u32> {
        self.places.find(tag)
    }
    /// Returns the number of 64-bit words with a bit for each member.
    pub(super) fn words(&self) -> usize {
        self.required.len()
    }
}

impl Format {
    fn new(tag: Tag, field: &FieldDefinition) -> Self {
        // Which message types there are is not for the list of the field to say.
        let is_type = tag == tag::MSG_TYPE;
        let values = if is_type { Values::Any } else { Values::new(field) };
        Self { kind: field.kind, values }
    }
    /// Returns whether the value, which is not empty, has the format of the field's type.
    pub(super) fn accepts(&self, value: &[u8]) -> bool {
        self.kind.accepts(value)
    }
    /// Returns whether the value, or each of several, is one of the list.
    pub(super) fn lists(&self, value: &[u8]) -> bool {
        if matches!(self.values, Values::Any) {
            true
        } else if self.kind.is_multiple() {
            value.split(|byte| *byte == b' ').all(|one| self.values.contain(one))
        } else {
            self.values.contain(value)
        }
    }
}

impl Values {
    fn new(definition: &FieldDefinition) -> Self {
        let values = &definition.values;
        if values.is_empty() || definition.kind.is_listed_elsewhere() {
            return Self::Any;
        }
        let bits = values.iter().try_fold(0_u128, |bits, value| match value.as_bytes() {
            [byte @ 0..128] => Some(bits | 1 << u32::from(*byte)),
            _ => None,
        });
        match bits {
            Some(bits) => Self::Characters(bits),
            None => Self::Words(values.iter().map(|value| value.as_bytes().into()).collect()),
        }
    }
    fn contain(&self, value: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Characters(bits) => {
                matches!(value, [byte @ 0..128] if bits >> u32::from(*byte) & 1 == 1)
            }
            Self::Words(words) => words.binary_search_by(|word| word.as_ref().cmp(value)).is_ok(),
        }
    }
}

/// Makes layouts; groups that are alike share one.
struct Builder<'s> {
    tags: &'s Places,
    layouts: Vec<Layout>,
    known: BTreeMap<Vec<Slot>, LayoutIndex>,
}

impl Builder<'_> {
    fn layout(&mut self, members: &[Member]) -> LayoutIndex {
        let slots: Vec<Slot> = members.iter().map(|member| self.slot(member)).collect();
        match self.known.get(&slots) {
            Some(index) => *index,
            None => {
                let index = self.push(slots.clone());
                self.known.insert(slots, index);
                index
            }
        }
    }
    fn slot(&mut self, member: &Member) -> Slot {
        Slot {
            tag: member.tag,
            is_required: member.is_required,
            // A member's field is defined: whoever places it has looked.
            format: self.tags.find(member.tag).unwrap_or(u32::MAX),
            group: member.group.as_ref().map(|group| self.layout(group)),
        }
    }
    fn push(&mut self, members: Vec<Slot>) -> LayoutIndex {
        let mut required = vec![0_u64; members.len().div_ceil(64)];
        for (at, _) in members.iter().enumerate().filter(|(_, slot)| slot.is_required) {
            if let Some(word) = required.get_mut(at / 64) {
                *word |= 1 << (at % 64);
            }
        }
        let places = Places::new(members.iter().map(|slot| slot.tag));
        // The number of layouts is bounded by that of placed fields.
        let index = u32::try_from(self.layouts.len()).unwrap_or(u32::MAX);
        self.layouts.push(Layout { places, members, required });
        LayoutIndex(index)
    }
}

impl Dictionary {
    pub(super) fn new(spec: &Specification, policies: Policies) -> Self {
        let tags: Vec<Tag> = spec.fields.keys().copied().collect();
        let tags = Places::new(tags.into_iter());
        let mut builder = Builder { tags: &tags, layouts: Vec::new(), known: BTreeMap::new() };
        let header = builder.layout(&spec.header);
        let trailer = builder.layout(&spec.trailer);
        let types = spec.messages.iter().map(|(msg_type, message)| {
            let body = builder.layout(&message.members);
            let conditions = message.conditions.clone();
            let table = MessageTable { is_admin: message.is_admin, body, conditions };
            (msg_type.as_bytes().into(), table)
        });
        let types = types.collect();
        let layouts = builder.layouts;
        let listed = |tag| spec.field(tag).into_iter().flat_map(|field| &field.values);
        let mut version = spec.version.iter().cloned();
        Self {
            begin_string: version.next().unwrap_or_default(),
            application_version: version.next(),
            policies,
            formats: spec.fields.iter().map(|(tag, field)| Format::new(*tag, field)).collect(),
            tags,
            transport_tags: (spec.version.len() > 1).then(|| spec.transport_tags()),
            removed: spec.removed.iter().copied().collect(),
            header,
            trailer,
            layouts,
            types,
            standard_types: listed(tag::MSG_TYPE).map(|word| word.as_bytes().into()).collect(),
            session_codes: listed(tag::SESSION_REJECT_REASON)
                .filter_map(|word| word.parse().ok())
                .collect(),
        }
    }
    /// Returns the BeginString (FIX 8) of its messages.
    pub fn begin_string(&self) -> &str {
        &self.begin_string
    }
    /// Returns the version of the application's messages where the transport has another one.
    pub fn application_version(&self) -> Option<&str> {
        self.application_version.as_deref()
    }
    /// Returns whether it defines messages of this MsgType (FIX 35).
    pub fn is_known_type(&self, msg_type: &[u8]) -> bool {
        self.message(msg_type).is_some()
    }
    /// Returns whether messages of this MsgType (FIX 35) belong to the session.
    pub fn is_admin(&self, msg_type: &[u8]) -> bool {
        self.message(msg_type).is_some_and(|message| message.is_admin)
    }
    /// Returns the type of a field.
    pub fn field_type(&self, tag: Tag) -> Option<FieldType> {
        let format = self.tags.find(tag)?;
        self.format(format).map(|format| format.kind)
    }
    /// Returns the SessionRejectReason (FIX 373) of a reason, where this version has it.
    ///
    /// FIX 4.2 ends at 11: what came later is rejected without a code.
    pub fn session_code(&self, reason: RejectReason) -> Option<u16> {
        reason.session_code().filter(|code| self.session_codes.contains(code))
    }
    pub(super) fn message(&self, msg_type: &[u8]) -> Option<&MessageTable> {
        let at = self.types.binary_search_by(|(known, _)| known.as_ref().cmp(msg_type)).ok()?;
        self.types.get(at).map(|(_, message)| message)
    }
    /// Returns whether the standard has this MsgType (FIX 35), known here or not.
    pub(super) fn is_standard_type(&self, msg_type: &[u8]) -> bool {
        self.standard_types.binary_search_by(|known| known.as_ref().cmp(msg_type)).is_ok()
    }
    /// Returns whether the version that a message is written in has the field: a message of the
    /// session is the transport's, and knows nothing of the application's fields.
    pub(super) fn is_defined(&self, tag: Tag, is_admin: bool) -> bool {
        match &self.transport_tags {
            Some(tags) if is_admin => tags.binary_search(&tag).is_ok(),
            Some(_) | None => self.tags.find(tag).is_some(),
        }
    }
    pub(super) fn is_removed(&self, tag: Tag) -> bool {
        self.removed.binary_search(&tag).is_ok()
    }
    pub(super) fn format(&self, index: u32) -> Option<&Format> {
        self.formats.get(usize::try_from(index).ok()?)
    }
    pub(super) fn layout(&self, index: LayoutIndex) -> Option<&Layout> {
        self.layouts.get(usize::try_from(index.0).ok()?)
    }
}
