//! Changes of a dialect to what a dictionary says.

use super::error::Problem;
use super::specification::{Member, Specification, push};
use super::xml::tag_of;
use crate::tag::Tag;

/// A change to the fields of a message, a group, the header or the trailer.
pub(super) enum Change {
    /// Adds the field at the end, or puts it in the place of the one that is there.
    Put(Member),
    /// Removes the field.
    Remove(Tag),
}

/// Applies a change at `place`: a MsgType, `header` or `trailer`, then the groups on the way in.
pub(super) fn change(spec: &mut Specification, place: &str, change: Change) -> Result<(), Problem> {
    let mut path = place.split('.');
    let first = path.next().unwrap_or_default();
    let undefined = |name: &str| Problem::Undefined(name.to_owned());
    let mut members = match first {
        "header" => &mut spec.header,
        "trailer" => &mut spec.trailer,
        msg_type => {
            &mut spec.messages.get_mut(msg_type).ok_or_else(|| undefined(msg_type))?.members
        }
    };
    for number in path {
        let tag = tag_of(number)?;
        let group = members.iter_mut().find(|member| member.tag == tag);
        members =
            group.and_then(|member| member.group.as_mut()).ok_or_else(|| undefined(number))?;
    }
    match change {
        Change::Put(member) => put(members, member),
        Change::Remove(tag) => {
            let at = members.iter().position(|member| member.tag == tag);
            let at = at.ok_or_else(|| Problem::Undefined(tag.to_string()))?;
            if members.len() == 1 && place.contains('.') {
                return Err(Problem::EmptyGroup(place.to_owned()));
            }
            members.remove(at);
            Ok(())
        }
    }
}

fn put(members: &mut Vec<Member>, member: Member) -> Result<(), Problem> {
    match members.iter_mut().find(|other| other.tag == member.tag) {
        Some(other) => {
            other.is_required = member.is_required;
            // A count that is named without brackets keeps the fields of its group.
            if member.group.is_some() {
                other.group = member.group;
            }
            Ok(())
        }
        None => push(members, member),
    }
}

/// Removes a field from the dictionary, from every message and every group.
pub(super) fn remove_field(spec: &mut Specification, tag: Tag) {
    spec.fields.remove(&tag);
    spec.removed.insert(tag);
    prune(&mut spec.header, tag);
    prune(&mut spec.trailer, tag);
    for message in spec.messages.values_mut() {
        prune(&mut message.members, tag);
        message.conditions.retain_mut(|condition| {
            condition.needed.retain(|needed| *needed != tag);
            condition.tag != tag && !condition.needed.is_empty()
        });
    }
}

/// Removes a field, and groups that have no other.
fn prune(members: &mut Vec<Member>, tag: Tag) {
    members.retain_mut(|member| {
        if let Some(group) = member.group.as_mut() {
            prune(group, tag);
            if group.is_empty() {
                return false;
            }
        }
        member.tag != tag
    });
}
