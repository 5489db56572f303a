//! What had to be put right before a record could be read.

use std::fmt;

/// One way in which an answer was spoilt and could be put right without guessing what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Repair {
    /// The bytes were not in the encoding that the server named.
    Encoding,
    /// Text stood before or after the document.
    Surroundings,
    /// Characters that XML 1.0 forbids were left out, or put together from the two halves that UTF-16 makes of them.
    ForbiddenCharacters,
    /// An `&` that begins no reference was escaped.
    BareAmpersands,
    /// A `<` that begins no tag was escaped.
    BareBrackets,
    /// HTML's names for characters were replaced by the characters.
    HtmlEntities,
    /// A prefix that nobody declared was bound, or the namespace of OAI-PMH put in its place.
    Namespaces,
    /// An XML declaration inside the metadata was left out.
    Declaration,
    /// A document type declaration was left out; nothing that it defines was used.
    Doctype,
}

impl Repair {
    pub const ALL: [Repair; 9] = [
        Repair::Encoding,
        Repair::Surroundings,
        Repair::ForbiddenCharacters,
        Repair::BareAmpersands,
        Repair::BareBrackets,
        Repair::HtmlEntities,
        Repair::Namespaces,
        Repair::Declaration,
        Repair::Doctype,
    ];

    /// The name in the store, in JSON and in summaries.
    pub fn as_str(&self) -> &'static str {
        match self {
            Repair::Encoding => "encoding",
            Repair::Surroundings => "surroundings",
            Repair::ForbiddenCharacters => "forbidden-characters",
            Repair::BareAmpersands => "bare-ampersands",
            Repair::BareBrackets => "bare-brackets",
            Repair::HtmlEntities => "html-entities",
            Repair::Namespaces => "namespaces",
            Repair::Declaration => "declaration",
            Repair::Doctype => "doctype",
        }
    }
}

/// A set of repairs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Repairs(u16);

impl Repairs {
    pub const NONE: Repairs = Repairs(0);

    pub fn of(repair: Repair) -> Self {
        Repairs(1 << repair as u8)
    }

    pub fn add(&mut self, repair: Repair) {
        *self = self.and(Repairs::of(repair));
    }

    pub fn and(self, other: Repairs) -> Self {
        Repairs(self.0 | other.0)
    }

    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Repair> {
        Repair::ALL.into_iter().filter(move |repair| self.0 & Repairs::of(*repair).0 != 0)
    }

    /// Names separated by blanks, as the store keeps them.
    pub fn words(&self) -> String {
        self.iter().map(|repair| repair.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Reads what `words` wrote.
    pub fn from_words(words: &str) -> Self {
        let named = |word: &str| Repair::ALL.into_iter().find(|repair| repair.as_str() == word);
        words.split_whitespace().filter_map(named).fold(Repairs::NONE, |all, one| all.and(Repairs::of(one)))
    }
}

impl fmt::Debug for Repairs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_repairs_are_read_back() {
        let mut all = Repairs::NONE;
        for repair in Repair::ALL {
            all.add(repair);
            assert_eq!(Repairs::from_words(&all.words()), all);
        }
        assert_eq!(all.iter().count(), Repair::ALL.len());
        assert_eq!(Repairs::from_words(""), Repairs::NONE);
    }
}
