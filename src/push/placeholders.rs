//! Text with placeholders in braces, `MS {id_0}`: how it is read. What the placeholders are, and how they are filled, each template says.

/// A template as it was read. `P` is what may stand in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pieces<P> {
    /// As it was written.
    pub text: String,
    /// Each placeholder with the text before it.
    pub pieces: Vec<(String, P)>,
    pub after: String,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    #[error("the template `{template}` names {{{name}}}, which is nothing")]
    Unknown { template: String, name: String },
    #[error("the template `{0}` has a brace without its partner")]
    Brace(String),
}

impl<P> Pieces<P> {
    /// Reads a template whose placeholders `known` names.
    pub fn parse(text: &str, known: impl Fn(&str) -> Option<P>) -> Result<Self, Mistake> {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| Mistake::Brace(text.to_owned()))?;
            let unknown = || Mistake::Unknown { template: text.to_owned(), name: name.to_owned() };
            pieces.push((before.to_owned(), known(name).ok_or_else(unknown)?));
            rest = after;
        }
        if rest.contains('}') || pieces.iter().any(|(before, _)| before.contains('}')) {
            return Err(Mistake::Brace(text.to_owned()));
        }
        Ok(Pieces { text: text.to_owned(), pieces, after: rest.to_owned() })
    }
}
