//! Names: 1XX, 6XX and 7XX of agents.

use super::Job;
use super::punctuation::{end_with_period, is_control, last_text};
use crate::push::marc::{DataField, MarcRecord, Subfield};
use crate::push::source_facts::AgentFact;

pub(super) fn is_name(tag: &str) -> bool {
    matches!(tag, "100" | "110" | "111" | "600" | "610" | "611" | "700" | "710" | "711")
}

fn names(record: &mut MarcRecord) -> impl Iterator<Item = &mut DataField> {
    record.data_mut().filter(|field| is_name(&field.tag))
}

/// Whether a heading is the agent's: the same letters and digits, for the exporter sets the marks between its parts.
pub(super) fn names_this(field: &DataField, agent: &AgentFact) -> bool {
    let plain =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let is_part = |subfield: &&Subfield| matches!(subfield.code.as_str(), "a" | "b" | "c" | "d" | "g" | "n" | "q");
    let heading: String = field.subfields.iter().filter(is_part).map(|subfield| plain(&subfield.value)).collect();
    !heading.is_empty() && heading == plain(&agent.name)
}

/// The exporter writes all corporate entities as X10. In X11 the subordinate unit is $e and the relator $j.
pub(super) fn meetings(record: &mut MarcRecord, job: &mut Job) {
    let mut lacks = false;
    for field in names(record).filter(|field| field.tag.ends_with("10")) {
        let Some(agents) = &job.facts.agents else {
            lacks = true;
            continue;
        };
        if !agents.iter().any(|agent| agent.is_meeting && names_this(field, agent)) {
            continue;
        }
        field.tag.replace_range(1.., "11");
        for subfield in &mut field.subfields {
            match subfield.code.as_str() {
                "e" => "j".clone_into(&mut subfield.code),
                "b" => "e".clone_into(&mut subfield.code),
                _ => {}
            }
        }
    }
    if lacks {
        job.lacks("X10", "which agents are meetings");
    }
}

/// An agent with a record identifier gets the final period of the heading behind it: `$e creator $0 n50000001. $0 http://…`.
pub(super) fn identifiers(record: &mut MarcRecord, _: &mut Job) {
    for field in names(record) {
        let is_viaf = |value: &str| value.starts_with("http") && value.contains("viaf.org/");
        for subfield in field.subfields.iter_mut().filter(|subfield| subfield.code == "0") {
            subfield.value = subfield.value.trim_end_matches(|c: char| c == '.' || c.is_whitespace()).trim().to_owned();
            // VIAF identifies the person, not an authority record: that is $1.
            if is_viaf(&subfield.value) {
                "1".clone_into(&mut subfield.code);
            }
        }
        let addresses: Vec<String> =
            field.values("0").filter(|value| value.starts_with("http")).map(str::to_owned).collect();
        let is_double = |value: &str| addresses.iter().any(|address| address.rsplit('/').next() == Some(value));
        let is_number = |value: &str| !value.is_empty() && !is_double(value);
        field.subfields.retain(|subfield| subfield.code != "0" || is_number(&subfield.value));
        let place = |subfield: &Subfield| match subfield.code.as_str() {
            "2" => 1,
            "4" => 2,
            "0" => 3,
            "1" => 4,
            "5" => 5,
            _ => 0,
        };
        field.subfields.sort_by_key(place);
    }
}

/// `$4 zzz_local` is no code, and an unknown one can put "Translation missing: …" into $e.
pub(super) fn relators(record: &mut MarcRecord, _: &mut Job) {
    for field in names(record) {
        let relator = if field.tag.ends_with("11") { "j" } else { "e" };
        field.subfields.retain(|subfield| match subfield.code.as_str() {
            "4" => is_relator(subfield.value.trim()),
            code if code == relator => !subfield.value.to_lowercase().contains("translation missing"),
            _ => true,
        });
        for subfield in field.subfields.iter_mut().filter(|subfield| subfield.code == relator) {
            let term = subfield.value.trim().to_owned();
            let mut characters = term.chars();
            let (first, rest) = (characters.next(), characters.as_str());
            // A word in capitals is no term of MARC's, and somebody meant it so.
            if let Some(first) = first.filter(|first| first.is_uppercase() && !rest.starts_with(char::is_uppercase)) {
                subfield.value = first.to_lowercase().chain(rest.chars()).collect();
            }
        }
    }
    // A field of nothing but a code that is none names nobody.
    record.fields.retain(|field| field.data().is_none_or(|field| !is_name(&field.tag) || !field.subfields.is_empty()));
}

/// Three letters of MARC's list, or an address of the Library of Congress's.
fn is_relator(text: &str) -> bool {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_lowercase());
    is_code
        || text.starts_with("http://id.loc.gov/vocabulary/relators/")
        || text.starts_with("http://rdaregistry.info/")
}

/// One agent that is creator and subject gets its marks twice: `$d 1900-1980,.`
pub(super) fn punctuation(record: &mut MarcRecord, _: &mut Job) {
    for field in names(record) {
        let count = field.subfields.len();
        for at in 0..count {
            let next = field.subfields.get(at + 1).map(|next| next.code.clone());
            let is_relator = |code: &str| code == if field.tag.ends_with("11") { "j" } else { "e" };
            let is_before_relator = next.is_some_and(|code| is_relator(&code));
            let subfield = &mut field.subfields[at];
            if is_control(&subfield.code) {
                continue;
            }
            subfield.value = without_double_marks(&subfield.value);
            if is_before_relator && !subfield.value.ends_with([',', '-']) && !subfield.value.is_empty() {
                let bare = subfield.value.trim_end().to_owned();
                let keeps_period = is_abbreviated(&bare);
                subfield.value =
                    if keeps_period { format!("{bare},") } else { format!("{},", bare.trim_end_matches('.')) };
            }
        }
        if let Some(last) = last_text(field) {
            let bare = last.value.trim_end_matches([',', ' ']).to_owned();
            if !bare.is_empty() {
                last.value = bare;
            }
            end_with_period(&mut last.value);
        }
    }
}

/// `1980,.` → `1980,`; `Corporation.,` → `Corporation,`, but `Inc.,` stays.
fn without_double_marks(value: &str) -> String {
    let value = value.trim();
    let end = value.trim_end_matches([',', '.']);
    let marks = &value[end.len()..];
    if marks.len() < 2 || marks.bytes().all(|byte| byte == b'.') {
        return value.to_owned();
    }
    if marks.starts_with('.') && is_abbreviated(&format!("{end}.")) { format!("{end}.,") } else { format!("{end},") }
}

/// Whether the period at the end may belong to the word: an initial, or an abbreviation of up to five letters.
fn is_abbreviated(value: &str) -> bool {
    let word = value.strip_suffix('.').and_then(|bare| bare.rsplit([' ', '.', '-', ',']).next());
    word.is_some_and(|word| (1..=5).contains(&word.chars().count()) && word.chars().all(char::is_alphabetic))
}
