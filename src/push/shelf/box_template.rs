//! What is written into an item, from the box: `{Type} {indicator}`, `{profile}`, or a text that is the same for all.

use crate::failure::{Advise, Kind};
use crate::push::placeholders::{Mistake, Pieces};
use crate::push::top_container::TopContainer;

/// Text with placeholders. Text before a placeholder without a value is left out with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxTemplate(Pieces<Placeholder>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placeholder {
    Kind,
    /// With a capital.
    CapitalKind,
    Indicator,
    Barcode,
    Profile,
    Display,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    #[error(transparent)]
    Mistake(#[from] Mistake),
    #[error("the template is empty")]
    Empty,
}

impl Advise for InvalidTemplate {
    fn kind(&self) -> Kind {
        Kind::Configuration
    }

    fn hint(&self) -> Option<String> {
        Some("known are {type}, {Type}, {indicator}, {barcode}, {profile} and {display}".to_owned())
    }
}

impl BoxTemplate {
    pub fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        let pieces = Pieces::parse(text, |name| {
            Some(match name {
                "type" => Placeholder::Kind,
                "Type" => Placeholder::CapitalKind,
                "indicator" => Placeholder::Indicator,
                "barcode" => Placeholder::Barcode,
                "profile" => Placeholder::Profile,
                "display" => Placeholder::Display,
                _ => return None,
            })
        })?;
        if text.trim().is_empty() {
            return Err(InvalidTemplate::Empty);
        }
        Ok(BoxTemplate(pieces))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Empty when the box has nothing of what the template names. One line, without blanks at its ends.
    pub fn fill(&self, container: &TopContainer) -> String {
        let (mut filled, mut has_value) = (String::new(), self.0.pieces.is_empty());
        for (before, placeholder) in &self.0.pieces {
            let value = value(*placeholder, container);
            if !value.is_empty() {
                filled += before;
                filled += &value;
                has_value = true;
            }
        }
        if !has_value {
            return String::new();
        }
        (filled + &self.0.after).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn value(placeholder: Placeholder, container: &TopContainer) -> String {
    let label = &container.label;
    let kind = label.kind.as_deref().unwrap_or_default().trim();
    match placeholder {
        Placeholder::Kind => kind.to_owned(),
        Placeholder::CapitalKind => {
            let mut letters = kind.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        }
        Placeholder::Indicator => label.indicator.trim().to_owned(),
        Placeholder::Barcode => container.barcode.clone().unwrap_or_default(),
        Placeholder::Profile => container.profile_name().unwrap_or_default().to_owned(),
        Placeholder::Display => label.display.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(template: &str, kind: &str, indicator: &str, expected: &str) {
        let json =
            json!({"uri": "/repositories/2/top_containers/1", "lock_version": 0, "type": kind, "indicator": indicator});
        let container = TopContainer::read(json).unwrap();
        assert_eq!(BoxTemplate::parse(template).unwrap().fill(&container), expected, "{template} {kind} {indicator}");
    }

    #[test]
    fn a_box_fills_a_template_and_what_it_does_not_have_is_left_out() {
        check("{type} {indicator}", "box", "1", "box 1");
        check("{Type} {indicator}", "box", "1", "Box 1");
        check("{Type} {indicator}", "", "1", "1");
        check("{Type} {indicator}, {profile}", "box", " 2\n", "Box 2");
        check("{profile}", "box", "1", "");
        check("MANUSCRIPT", "box", "1", "MANUSCRIPT");
        check("no. {indicator}", "box", "7", "no. 7");
    }

    #[test]
    fn a_template_with_a_mistake_is_refused_by_name() {
        let check = |text: &str, expected: &str| {
            assert_eq!(BoxTemplate::parse(text).unwrap_err().to_string(), expected);
        };
        check("{box}", "the template `{box}` names {box}, which is nothing");
        check("{type", "the template `{type` has a brace without its partner");
        check("type}", "the template `type}` has a brace without its partner");
        check(" ", "the template is empty");
    }
}
