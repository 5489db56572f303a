//! The libraries and locations of the institution, which is made up.

use super::asked::{Asked, Done};
use super::refusal::Refusal;
use super::shape::{Member, Shape};

struct Library {
    code: &'static str,
    id: &'static str,
    name: &'static str,
    /// Code, name, type.
    locations: &'static [(&'static str, &'static str, &'static str)],
}

const LIBRARIES: [Library; 2] = [
    Library {
        code: "MAIN",
        id: "22500000001234",
        name: "Main Library",
        locations: &[("stacks", "Stacks", "OPEN"), ("offsite", "Remote Storage", "REMOTE")],
    },
    Library {
        code: "SPEC",
        id: "22500000011234",
        name: "Special Collections",
        locations: &[
            ("manuscripts", "Manuscripts", "CLOSED"),
            ("maps", "Maps", "CLOSED"),
            ("vault", "Vault", "CLOSED"),
        ],
    },
];

pub(super) fn library_name(code: &str) -> Option<&'static str> {
    LIBRARIES.iter().find(|library| library.code == code).map(|library| library.name)
}

pub(super) fn location_name(library: &str, code: &str) -> Option<&'static str> {
    let library = LIBRARIES.iter().find(|known| known.code == library)?;
    library.locations.iter().find(|(known, ..)| *known == code).map(|(_, name, _)| *name)
}

pub(super) fn libraries(asked: &Asked) -> Done {
    let one = |library: &Library| {
        let (first, name, _) = library.locations[0];
        Shape::Object(vec![
            Shape::link(asked.link(&format!("/conf/libraries/{}", library.code))),
            ("code", Shape::text(library.code)),
            ("id", Shape::text(library.id)),
            ("name", Shape::text(library.name)),
            ("path", Shape::text(format!("01EXAMPLE.01EXAMPLE_INST.{}", library.code))),
            ("description", Shape::Missing),
            ("resource_sharing", Shape::Flag(false)),
            ("campus", Shape::Code(String::new(), None)),
            ("proxy", Shape::text("")),
            ("default_location", Shape::Code(first.to_owned(), Some(name))),
        ])
    };
    // Recorded without a count.
    Done::Told("libraries", Shape::Object(vec![("library", Shape::Many(LIBRARIES.iter().map(one).collect()))]))
}

pub(super) fn locations(code: &str, asked: &Asked) -> Result<Done, Refusal> {
    let library = LIBRARIES.iter().find(|library| library.code == code);
    let unknown = || Refusal::new("402469", format!("The library code {code} is not valid."));
    let library = library.ok_or_else(unknown)?;
    let one = |(code, name, kind): &(&'static str, &'static str, &'static str)| {
        let kind_name = match *kind {
            "OPEN" => "Open",
            "CLOSED" => "Closed",
            _ => "Remote Storage",
        };
        let coded = |value: &str, meaning| Shape::Code(value.to_owned(), Some(meaning));
        let members: Vec<Member> = vec![
            Shape::link(asked.link(&format!("/conf/libraries/{}/locations/{code}", library.code))),
            ("code", Shape::text(*code)),
            ("name", Shape::text(*name)),
            ("external_name", Shape::text("")),
            ("type", coded(kind, kind_name)),
            ("remote_storage", Shape::text("")),
            ("map", Shape::text("")),
            ("suppress_from_publishing", Shape::text("false")),
            ("fulfillment_unit", coded("General", "General")),
            ("accession_placement", coded("none", "None")),
            ("call_number_type", coded("8", "Other scheme")),
        ];
        Shape::Object(members)
    };
    let list: Vec<Shape> = library.locations.iter().map(one).collect();
    Ok(Done::Told("locations", Shape::Object(vec![Shape::count(list.len()), ("location", Shape::Many(list))])))
}
