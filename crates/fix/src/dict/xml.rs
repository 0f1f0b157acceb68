//! Reads dictionaries in the XML format of QuickFIX.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node, ParsingOptions};

use super::error::{DictionaryError, Problem};
use super::kind::FieldType;
use super::specification::{
    FieldDefinition, Member, MessageDefinition, Specification, add_value, check_depth,
};
use super::{COMPONENT_DEPTH_MAX, TAG_MAX, TEXT_BYTES_MAX, XML_NODES_MAX};
use crate::tag::Tag;

/// Returns what an XML dictionary of QuickFIX says.
///
/// Descriptions of values are not kept. A component that is used in a message stands there with its
/// fields, which are required only where the component is.
pub(super) fn read(text: &str) -> Result<Specification, DictionaryError> {
    if text.len() > TEXT_BYTES_MAX {
        let problem = Problem::TooMany { what: "bytes of text", max: TEXT_BYTES_MAX };
        return Err(DictionaryError::new(1, 1, problem));
    }
    let options = ParsingOptions { nodes_limit: XML_NODES_MAX, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        DictionaryError::new(at.row, at.col, Problem::NotXml(error.to_string()))
    })?;
    Reader { document: &document, names: BTreeMap::new(), components: BTreeMap::new() }.read()
}

struct Reader<'d> {
    document: &'d Document<'d>,
    names: BTreeMap<&'d str, Tag>,
    components: BTreeMap<&'d str, Node<'d, 'd>>,
}

/// Where a walk through a message is.
#[derive(Clone, Copy)]
struct Depth {
    groups: usize,
    components: usize,
}

impl<'d> Reader<'d> {
    fn read(mut self) -> Result<Specification, DictionaryError> {
        let root = self.document.root_element();
        if root.tag_name().name() != "fix" {
            let found = root.tag_name().name().to_owned();
            return Err(self.error(root, Problem::NotFix(found)));
        }
        let mut spec = Specification { version: vec![self.version(root)?], ..Default::default() };
        let sections = self.sections(root)?;
        let section = |name| sections.get(name).copied();
        let Some(fields) = section("fields") else {
            return Err(self.error(root, Problem::Missing("the section fields")));
        };
        for field in elements(fields) {
            self.field(field, &mut spec)?;
        }
        for component in section("components").into_iter().flat_map(elements) {
            let name = self.attribute(component, "name")?;
            if self.components.insert(name, component).is_some() {
                return Err(self.error(component, Problem::Twice(name.to_owned())));
            }
        }
        if let Some(header) = section("header") {
            spec.header = self.members(header, &mut spec)?;
        }
        if let Some(trailer) = section("trailer") {
            spec.trailer = self.members(trailer, &mut spec)?;
        }
        for message in section("messages").into_iter().flat_map(elements) {
            self.message(message, &mut spec)?;
        }
        Ok(spec)
    }
    fn version(&self, root: Node<'d, 'd>) -> Result<String, DictionaryError> {
        let (kind, major) = (self.attribute(root, "type")?, self.attribute(root, "major")?);
        let minor = self.attribute(root, "minor")?;
        let pack = root.attribute("servicepack").unwrap_or("0");
        let pack = if pack == "0" { String::new() } else { format!("SP{pack}") };
        Ok(format!("{kind}.{major}.{minor}{pack}"))
    }
    fn sections(
        &self,
        root: Node<'d, 'd>,
    ) -> Result<BTreeMap<&'d str, Node<'d, 'd>>, DictionaryError> {
        let mut sections = BTreeMap::new();
        for section in elements(root) {
            let name = section.tag_name().name();
            if !["header", "trailer", "messages", "components", "fields"].contains(&name) {
                return Err(self.error(section, Problem::Unknown(name.to_owned())));
            }
            if sections.insert(name, section).is_some() {
                return Err(self.error(section, Problem::Twice(name.to_owned())));
            }
        }
        Ok(sections)
    }
    fn field(
        &mut self,
        node: Node<'d, 'd>,
        spec: &mut Specification,
    ) -> Result<(), DictionaryError> {
        let number = self.attribute(node, "number")?;
        let tag = tag_of(number).map_err(|problem| self.error(node, problem))?;
        let name = self.attribute(node, "name")?;
        let kind = self.attribute(node, "type")?;
        let Some(kind) = FieldType::named(kind) else {
            return Err(self.error(node, Problem::BadType(kind.to_owned())));
        };
        let mut values = BTreeSet::new();
        for value in elements(node) {
            if kind.is_listed_elsewhere() {
                break;
            }
            let word = self.attribute(value, "enum")?;
            add_value(&mut values, word).map_err(|problem| self.error(value, problem))?;
        }
        if spec.field(tag).is_some() || self.names.insert(name, tag).is_some() {
            return Err(self.error(node, Problem::Twice(name.to_owned())));
        }
        let definition = FieldDefinition { name: name.to_owned(), kind, values };
        spec.define_field(tag, definition).map_err(|problem| self.error(node, problem))
    }
    fn message(&self, node: Node<'d, 'd>, spec: &mut Specification) -> Result<(), DictionaryError> {
        let msg_type = self.attribute(node, "msgtype")?;
        let is_admin = match self.attribute(node, "msgcat")? {
            "admin" => true,
            "app" => false,
            other => return Err(self.error(node, Problem::BadFlag(other.to_owned()))),
        };
        let name = self.attribute(node, "name")?.to_owned();
        let members = self.members(node, spec)?;
        let message = MessageDefinition { name, is_admin, members, conditions: Vec::new() };
        spec.define_message(msg_type, message).map_err(|problem| self.error(node, problem))
    }
    fn members(
        &self,
        node: Node<'d, 'd>,
        spec: &mut Specification,
    ) -> Result<Vec<Member>, DictionaryError> {
        let mut members = Vec::new();
        let depth = Depth { groups: 0, components: 0 };
        self.walk(node, true, depth, &mut members, spec)?;
        Ok(members)
    }
    /// Puts the fields of `node` into `members`; they are required only if `is_required`.
    fn walk(
        &self,
        node: Node<'d, 'd>,
        is_required: bool,
        depth: Depth,
        members: &mut Vec<Member>,
        spec: &mut Specification,
    ) -> Result<(), DictionaryError> {
        for child in elements(node) {
            let name = self.attribute(child, "name")?;
            let is_required = is_required && self.is_required(child)?;
            let undefined = || self.error(child, Problem::Undefined(name.to_owned()));
            let group = match child.tag_name().name() {
                "field" => None,
                "group" => Some(self.group(child, name, depth, spec)?),
                "component" => {
                    let component = self.components.get(name).copied().ok_or_else(undefined)?;
                    if depth.components == COMPONENT_DEPTH_MAX {
                        let what = "components in each other";
                        let problem = Problem::TooMany { what, max: COMPONENT_DEPTH_MAX };
                        return Err(self.error(child, problem));
                    }
                    let depth = Depth { components: depth.components + 1, ..depth };
                    self.walk(component, is_required, depth, members, spec)?;
                    continue;
                }
                other => return Err(self.error(child, Problem::Unknown(other.to_owned()))),
            };
            let tag = self.names.get(name).copied().ok_or_else(undefined)?;
            spec.place(members, Member { tag, is_required, group })
                .map_err(|problem| self.error(child, problem))?;
        }
        Ok(())
    }
    fn group(
        &self,
        node: Node<'d, 'd>,
        name: &str,
        depth: Depth,
        spec: &mut Specification,
    ) -> Result<Vec<Member>, DictionaryError> {
        check_depth(depth.groups).map_err(|problem| self.error(node, problem))?;
        let mut members = Vec::new();
        let depth = Depth { groups: depth.groups + 1, ..depth };
        self.walk(node, true, depth, &mut members, spec)?;
        if members.is_empty() {
            return Err(self.error(node, Problem::EmptyGroup(name.to_owned())));
        }
        Ok(members)
    }
    fn is_required(&self, node: Node<'d, 'd>) -> Result<bool, DictionaryError> {
        match node.attribute("required") {
            Some("Y") => Ok(true),
            Some("N") | None => Ok(false),
            Some(other) => Err(self.error(node, Problem::BadFlag(other.to_owned()))),
        }
    }
    fn attribute(
        &self,
        node: Node<'d, 'd>,
        name: &'static str,
    ) -> Result<&'d str, DictionaryError> {
        node.attribute(name).ok_or_else(|| self.error(node, Problem::Missing(name)))
    }
    fn error(&self, node: Node<'d, 'd>, problem: Problem) -> DictionaryError {
        let at = self.document.text_pos_at(node.range().start);
        DictionaryError::new(at.row, at.col, problem)
    }
}

fn elements<'d>(node: Node<'d, 'd>) -> impl Iterator<Item = Node<'d, 'd>> {
    node.children().filter(Node::is_element)
}

/// Returns the tag of a number in a text.
pub(super) fn tag_of(text: &str) -> Result<Tag, Problem> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u32>() {
        Ok(number @ 1..=TAG_MAX) if is_plain => Ok(Tag::new(number)),
        Ok(_) | Err(_) => Err(Problem::BadTag(text.to_owned())),
    }
}
