//! Call numbers from a resource's identifiers: `{id_0} {id_1}`, `MS {id_0}.{id_1}`.

use super::placeholders::{Mistake, Pieces};
use super::source_facts::Identity;
use crate::failure::{Advise, Kind};

/// Text with placeholders.
///
/// Text between two placeholders is written only between two values: of `MS {id_0}.{id_1}` a resource with `id_0` alone
/// makes `MS 7`, not `MS 7.`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Pieces<Placeholder>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placeholder {
    Id(usize),
    EadId,
    Title,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    #[error(transparent)]
    Mistake(#[from] Mistake),
    #[error("the template `{0}` names nothing of the resource: every record would get the same call number")]
    Constant(String),
}

impl Advise for InvalidTemplate {
    fn kind(&self) -> Kind {
        Kind::Configuration
    }

    fn hint(&self) -> Option<String> {
        Some("known are {id_0}, {id_1}, {id_2}, {id_3}, {ead_id} and {title}".to_owned())
    }
}

impl Template {
    pub fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        let pieces = Pieces::parse(text, |name| {
            Some(match name {
                "id_0" => Placeholder::Id(0),
                "id_1" => Placeholder::Id(1),
                "id_2" => Placeholder::Id(2),
                "id_3" => Placeholder::Id(3),
                "ead_id" => Placeholder::EadId,
                "title" => Placeholder::Title,
                _ => return None,
            })
        })?;
        if pieces.pieces.is_empty() {
            return Err(InvalidTemplate::Constant(text.to_owned()));
        }
        Ok(Template(pieces))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// `None` when the resource has nothing of what the template names.
    pub fn fill(&self, identity: &Identity) -> Option<String> {
        let value = |placeholder: Placeholder| match placeholder {
            Placeholder::Id(at) => identity.ids[at].trim(),
            Placeholder::EadId => identity.ead_id.as_deref().unwrap_or_default().trim(),
            Placeholder::Title => identity.title.as_deref().unwrap_or_default().trim(),
        };
        let mut filled = String::new();
        for (at, (before, placeholder)) in self.0.pieces.iter().enumerate() {
            let value = value(*placeholder);
            let is_between = at > 0;
            match (value.is_empty(), is_between && filled.is_empty()) {
                (true, _) => {}
                (false, true) => filled = format!("{}{value}", self.0.pieces[0].0),
                (false, false) => filled += &format!("{before}{value}"),
            }
        }
        if filled.is_empty() { None } else { Some(filled + &self.0.after) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, ids: [&str; 4], expected: Option<&str>) {
        let identity = Identity { ids: ids.map(str::to_owned), ..Identity::default() };
        assert_eq!(Template::parse(template).unwrap().fill(&identity).as_deref(), expected, "{template} {ids:?}");
    }

    #[test]
    fn text_stands_only_between_two_values() {
        check("{id_0} {id_1}", ["MS", "7", "", ""], Some("MS 7"));
        check("MS {id_0}.{id_1}", ["7", "", "", ""], Some("MS 7"));
        check("MS {id_0}.{id_1}", ["7", "2", "", ""], Some("MS 7.2"));
        check("MS {id_0}.{id_1}", ["", "2", "", ""], Some("MS 2"));
        check("{id_0}-{id_1}-{id_2} (box)", ["a", "", "c", ""], Some("a-c (box)"));
        check("MS {id_0}", ["", "1", "", ""], None);
    }

    #[test]
    fn a_template_with_a_mistake_is_refused_by_name() {
        let check = |text: &str, expected: &str| assert_eq!(Template::parse(text).unwrap_err().to_string(), expected);
        check("{id_4}", "the template `{id_4}` names {id_4}, which is nothing");
        check("MS {id_0", "the template `MS {id_0` has a brace without its partner");
        check("MS id_0}", "the template `MS id_0}` has a brace without its partner");
        check("MS 1", "the template `MS 1` names nothing of the resource: every record would get the same call number");
    }
}
