//! What the XML of Alma's API has in common: small values at known paths, with or without a namespace.

use crate::xml::{Elements, Error, Piece, Text};

/// An element without children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    /// Local names from the root on, joined by `/`: `item/item_data/barcode`.
    pub path: String,
    pub value: String,
    pub attributes: Vec<(String, String)>,
}

impl Leaf {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// All elements of a document that have no children, in document order; elements that Alma adds over time are among them.
pub(super) fn leaves(xml: &str) -> Result<Vec<Leaf>, Error> {
    let mut elements = Elements::new(xml)?;
    let (mut leaves, mut path) = (Vec::new(), Vec::new());
    // What is open and has had no child yet.
    let mut candidate: Option<(Leaf, Text)> = None;
    while let Some(piece) = elements.next()? {
        match (piece, &mut candidate) {
            (Piece::Start(start), _) => {
                path.push(start.local.to_owned());
                let attributes = elements.attributes().iter();
                let attributes = attributes.map(|a| (a.local.to_owned(), a.value.clone().into_owned())).collect();
                candidate = Some((Leaf { path: path.join("/"), value: String::new(), attributes }, Text::default()));
            }
            (Piece::Text(text) | Piece::Cdata(text), Some((_, value))) => value.push(text),
            (Piece::Character(character), Some((_, value))) => value.push_character(character),
            (Piece::Text(_) | Piece::Cdata(_) | Piece::Character(_), None) => {}
            (Piece::End, _) => {
                if let Some((leaf, value)) = candidate.take() {
                    leaves.push(Leaf { value: value.into_string(), ..leaf });
                }
                path.pop();
            }
        }
    }
    Ok(leaves)
}

/// Each element at depth two with this local name, as it stands in the text: the bibs of a `<bibs>`.
pub(super) fn parts<'x>(xml: &'x str, name: &str) -> Result<Vec<&'x str>, Error> {
    let mut elements = Elements::new(xml)?;
    let (mut parts, mut from) = (Vec::new(), None);
    while let Some(piece) = elements.next()? {
        match piece {
            Piece::Start(start) if elements.depth() == 2 && start.local == name => from = Some(elements.offset()),
            Piece::End if elements.depth() == 1 => parts.extend(from.take().map(|from| &xml[from..elements.end()])),
            Piece::Start(_) | Piece::End | Piece::Text(_) | Piece::Cdata(_) | Piece::Character(_) => {}
        }
    }
    Ok(parts)
}

/// `true` and `false` as Alma writes them, in JSON sometimes as texts with a capital.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_have_paths_values_and_attributes_whatever_the_namespace() {
        for dress in ["", " xmlns='http://x'"] {
            let xml = format!("<item{dress} link='l'><a desc='D'>1 &amp; 2</a>\n<b/><c> <d>x</d> </c></item>");
            let shown: Vec<String> = leaves(&xml)
                .unwrap()
                .iter()
                .map(|l| format!("{}={}{:?}", l.path, l.value, l.attribute("desc")))
                .collect();
            assert_eq!(shown, ["item/a=1 & 2Some(\"D\")", "item/b=None", "item/c/d=xNone"]);
        }
    }

    #[test]
    fn parts_are_the_elements_as_they_stand() {
        let xml = "<bibs n='2'>\n<bib><bib/></bib><other/><bib/></bibs>";
        assert_eq!(parts(xml, "bib").unwrap(), ["<bib><bib/></bib>", "<bib/>"]);
    }
}
