//! The stand-in's exporter writes what ArchivesSpace's own wrote of the same records.

use super::{quilts, world};
use cartouche::push::marc;
use cartouche::push::resource_uri::ResourceUri;
use serde_json::json;

/// A line a field; what was entered when (008/00-05) depends on the day of the export.
fn lines(xml: &str) -> Vec<String> {
    let reading = marc::read(xml).unwrap();
    assert!(reading.malformed.is_empty(), "{:?}", reading.malformed);
    let mut lines = vec![reading.record.leader.clone()];
    for field in &reading.record.fields {
        match field {
            marc::Field::Control { value, .. } => lines.push(format!("{} {}", field.tag(), &value[6..])),
            marc::Field::Data(data) => {
                // Blanks around a tag that was taken out are ArchivesSpace's own affair.
                let tidy = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
                let subfields = data.subfields.iter().map(|it| format!("${} {}", it.code, tidy(&it.value)));
                lines.push(format!("{} {}", field.tag(), subfields.collect::<Vec<_>>().join(" ")));
            }
        }
    }
    lines.sort();
    lines
}

#[test]
fn its_exports_are_those_of_the_real_exporter() {
    let world = world();
    let client = world.client("");
    let real = [
        (13, include_str!("../fixtures/archivesspace/marc-13.xml")),
        (15, include_str!("../fixtures/archivesspace/marc-15.xml")),
        (17, include_str!("../fixtures/archivesspace/marc-17.xml")),
    ];
    for (number, real) in real {
        let ours = client.marcxml(&ResourceUri::new(2, number)).unwrap().unwrap();
        let (ours, real) = (lines(&ours), lines(real));
        let ours_only: Vec<&String> = ours.iter().filter(|line| !real.contains(line)).collect();
        let real_only: Vec<&String> = real.iter().filter(|line| !ours.contains(line)).collect();
        assert!(ours_only.is_empty() && real_only.is_empty(), "resource {number}: {ours_only:#?} {real_only:#?}");
        assert_eq!(ours.len(), real.len(), "resource {number}");
    }
    assert_eq!(client.marcxml(&ResourceUri::new(2, 999)).unwrap(), None);
}

#[test]
fn what_it_gets_wrong_can_be_seen_in_it() {
    let world = world();
    let client = world.client("");
    world
        .sandbox
        .change_aspace(&quilts().to_string(), |record| {
            record["notes"] = json!([{"type": "physloc", "publish": false, "content": ["Vault 7."]}]);
            record["lang_materials"] = json!([]);
        })
        .unwrap();
    let marc = lines(&client.marcxml(&quilts()).unwrap().unwrap());
    let all = marc.join("\n");
    for (fault, text) in [
        ("an unpublished note", "500 $a Location of resource: Vault 7."),
        ("no language is several", "mul d"),
        ("the repository as a holding", "852 $a Allen Doe Research Center"),
        ("a comma behind the title", "245 $a Ottilie Vanner Brask Quilt Collection, $f"),
    ] {
        assert!(all.contains(text), "{fault}: {all}");
    }
    assert!(!marc.iter().any(|line| line.starts_with("035") || line.starts_with("001")), "nothing to know it by");
}
