//! Which prefix stands for which namespace while a document is read.

use super::Fault;
use std::borrow::Cow;

pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// A stack that grows only with declarations: most tags have none.
#[derive(Default)]
pub(super) struct Scope<'x> {
    declarations: Vec<Declaration<'x>>,
}

struct Declaration<'x> {
    prefix: &'x str,
    namespace: Cow<'x, str>,
    depth: usize,
}

static NO_NAMESPACE: Cow<'static, str> = Cow::Borrowed("");
static XML_NAMESPACE: Cow<'static, str> = Cow::Borrowed(XML);

impl<'x> Scope<'x> {
    pub(super) fn declare(&mut self, prefix: &'x str, namespace: Cow<'x, str>, depth: usize) -> Result<(), Fault> {
        if prefix == "xmlns" || (prefix == "xml") != (namespace == XML) {
            return Err(Fault::NotWellFormed(format!("the prefix `{prefix}` may not stand for `{namespace}`")));
        }
        if !prefix.is_empty() && namespace.is_empty() {
            return Err(Fault::NotWellFormed(format!("the prefix `{prefix}` stands for no namespace")));
        }
        if self.declarations.iter().any(|other| other.depth == depth && other.prefix == prefix) {
            return Err(Fault::NotWellFormed(format!("the prefix `{prefix}` is declared twice")));
        }
        self.declarations.push(Declaration { prefix, namespace, depth });
        Ok(())
    }

    pub(super) fn resolve(&self, prefix: &str) -> Option<&Cow<'x, str>> {
        // The empty prefix is compared by its length alone: glibc's comparison of two empty texts reads through a dangling
        // pointer under an empty mask, and the processor takes its time to forgive that (a fifth of reading MARC).
        let is_same = |other: &str| other.len() == prefix.len() && (prefix.is_empty() || other == prefix);
        match self.declarations.iter().rev().find(|declaration| is_same(declaration.prefix)) {
            Some(declaration) => Some(&declaration.namespace),
            None if prefix.is_empty() => Some(&NO_NAMESPACE),
            None if prefix == "xml" => Some(&XML_NAMESPACE),
            None => None,
        }
    }

    /// Ends what the element at that depth declared.
    pub(super) fn forget(&mut self, depth: usize) {
        while self.declarations.last().is_some_and(|declaration| declaration.depth == depth) {
            self.declarations.pop();
        }
    }
}
