//! Which prefixes a piece of metadata uses, and which of them its envelope has to lend it.

use super::super::cursor::{Binding, same};
use super::{MAX_BINDINGS, Scan};
use memchr::memmem;
use std::borrow::Cow;

impl<'a> Scan<'a, '_> {
    pub(super) fn declare(&mut self, prefix: &'a str, uri: &'a str) {
        if self.depth == self.floor + 1
            && let Some(at) = self.scope[..self.envelope].iter().rposition(|binding| binding.prefix == prefix)
        {
            self.redeclared.push(at);
        }
        if self.scope.len() >= MAX_BINDINGS {
            return self.note("too many namespaces are declared");
        }
        self.scope.push(Binding::new(Cow::Borrowed(prefix), Cow::Borrowed(uri), self.depth));
    }

    pub(super) fn prefixes(&mut self, names: &[&'a str]) {
        for name in names {
            match name.split_once(':') {
                Some(("xmlns" | "xml", _)) | None => {}
                Some((prefix, _)) => self.prefix(prefix),
            }
        }
    }

    pub(super) fn prefix(&mut self, prefix: &str) {
        if self.problem.is_some() {
            return;
        }
        match self.scope.iter().rposition(|binding| same(&binding.prefix, prefix)) {
            Some(at) if self.scope[at].uri.is_empty() => self.note(format!("the prefix `{prefix}` is not declared")),
            Some(at) if at < self.envelope => self.used.push(at),
            Some(_) => {}
            None if prefix == "xml" => {}
            None => self.note(format!("the prefix `{prefix}` is not declared")),
        }
    }

    pub(super) fn default(&mut self) {
        if self.problem.is_none()
            && let Some(at) = self.scope.iter().rposition(|binding| binding.prefix.is_empty())
            && at < self.envelope
        {
            self.used.push(at);
        }
    }

    /// Copies the slice and adds the envelope's declarations that it needs to its first tag.
    pub(super) fn declared(&mut self, slice: &str, name_length: usize) -> String {
        let mut needed = std::mem::take(&mut self.used);
        for (at, binding) in self.scope[..self.envelope].iter().enumerate() {
            let is_settled = binding.prefix.is_empty() || needed.contains(&at) || self.redeclared.contains(&at);
            let shadowed = self.scope[at + 1..self.envelope].iter().any(|later| later.prefix == binding.prefix);
            // xsi:type="dcterms:URI" names a prefix inside a value: any mention counts as use.
            if !is_settled && !shadowed && mentions(slice, &binding.prefix) {
                needed.push(at);
            }
        }
        needed.retain(|at| !self.redeclared.contains(at));
        if needed.is_empty() {
            return slice.to_owned();
        }
        needed.sort_unstable();
        needed.dedup();
        let (head, tail) = slice.split_at(name_length);
        let mut text = String::with_capacity(slice.len() + needed.len() * 80);
        text.push_str(head);
        for at in needed {
            let Binding { prefix, uri, .. } = &self.scope[at];
            let colon = if prefix.is_empty() { "" } else { ":" };
            text.push_str(&format!(" xmlns{colon}{prefix}=\"{}\"", quick_xml::escape::escape(uri.as_ref())));
        }
        text.push_str(tail);
        text
    }
}

/// Whether a prefix stands anywhere in a text, its colon behind it.
fn mentions(text: &str, prefix: &str) -> bool {
    let bytes = text.as_bytes();
    memmem::find_iter(bytes, prefix.as_bytes()).any(|at| bytes.get(at + prefix.len()) == Some(&b':'))
}
