//! Every repair by name, in the order in which they are applied.

use super::{Job, agents, dates, fixed_fields, length, links, notes, numbers, punctuation, subjects, title};
use crate::push::marc::MarcRecord;

/// Whether a repair is done when the profile does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    On,
    Off,
    /// It cannot be switched off: it is part of reading and comparing.
    Always,
}

/// What there is to know of a repair.
pub struct RepairInfo {
    pub repair: Repair,
    /// As a profile writes it.
    pub name: &'static str,
    /// The number in the list of ArchivesSpace's faults; an option that is no repair has none.
    pub fault: Option<u8>,
    pub switch: Switch,
    /// One line for README and terminal.
    pub documentation: &'static str,
    pub(super) action: fn(&mut MarcRecord, &mut Job),
}

macro_rules! repairs {
    ($($repair:ident $name:literal $fault:expr, $switch:ident, $action:expr, $documentation:literal;)*) => {
        /// A repair by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Repair { $($repair),* }

        static ALL: &[RepairInfo] = &[$(RepairInfo {
            repair: Repair::$repair,
            name: $name,
            fault: $fault,
            switch: Switch::$switch,
            documentation: $documentation,
            action: $action,
        }),*];
    };
}

repairs! {
    XmlForm "xml-form" Some(23), Always, nothing,
        "elements are read by namespace, whatever their prefix and the order of their attributes";
    EmptyFields "empty-fields" Some(8), On, numbers::empty_fields,
        "fields and subfields without any text are dropped";
    Drop049 "drop-049" Some(8), On, numbers::drop_049,
        "049 (OCLC's local holdings) is dropped";
    Drop852 "drop-852" Some(22), On, numbers::drop_852,
        "852 is dropped: it names institution and repository, not Alma's library and location";
    UnpublishedNotes "unpublished-notes" Some(13), On, notes::unpublished,
        "notes and names that ArchivesSpace does not publish are taken out, and labels that have lost their note";
    NoteLostText "note-lost-text" Some(12), On, notes::lost_text,
        "text between < and >, and lists, which the exporter leaves out of notes, are put back";
    ShelfLocation "shelf-location" Some(14), On, notes::shelf_location,
        "500 \"Location of resource\" is dropped, or moved to a field of your own";
    PrivateNotes "private-notes" Some(15), Off, notes::private,
        "541, 561 and 583 are marked private (first indicator 0), or dropped";
    LongFields "long-fields" Some(16), On, length::long_fields,
        "a note beyond the limit in bytes is split at paragraphs, sentences or words, or the record is held";
    NoteWhiteSpace "note-white-space" Some(12), On, notes::white_space,
        "line breaks, double blanks and blanks before punctuation are taken out of notes";
    OneLinkAField "one-link-a-field" Some(18), On, links::one_link_a_field,
        "an 856 with several $u becomes one field for each";
    FindingAidLink "finding-aid-link" Some(17), On, links::finding_aid,
        "856 says in $3 what it links to; the finding aid's address is added where it is missing";
    SubjectFunctions "subject-functions" Some(19), On, subjects::functions,
        "functions stand in 657, not in 656 with the occupations";
    SubjectEmptyCodes "subject-empty-codes" Some(19), On, subjects::empty_codes,
        "a term whose subfield has no code becomes a subdivision";
    SubjectSubdivisions "subject-subdivisions" Some(19), On, subjects::subdivisions,
        "headings typed as \"A -- B\" are split into $a and $v, $x, $y or $z";
    SubjectSources "subject-sources" Some(19), On, subjects::sources,
        "$2 holds a code of MARC's, or `local`; LCSH is said by the indicator";
    AgentMeetings "agent-meetings" Some(20), On, agents::meetings,
        "conferences and meetings stand in 111, 611 and 711";
    AgentIdentifiers "agent-identifiers" Some(20), On, agents::identifiers,
        "$0 loses the period that belongs before it and its double; VIAF's address goes to $1";
    AgentRelators "agent-relators" Some(20), On, agents::relators,
        "relator codes that are none and terms that could not be translated are dropped; terms are in lower case";
    AgentPunctuation "agent-punctuation" Some(20), On, agents::punctuation,
        "names end with one mark: no \",.\", a comma before $e, a period at the end";
    DateEntered "date-entered" Some(2), On, fixed_fields::date_entered,
        "008/00-05 is the day on which the resource was created, not that of its last change";
    DatesOfContent "dates-of-content" Some(3), On, dates::dates_of_content,
        "008/06-14 is from the inclusive dates before the bulk dates; unknown years are `uuuu`";
    PlaceOfRepository "place-of-repository" Some(4), On, fixed_fields::place_of_repository,
        "008/15-17 is MARC's code of the state or country, not ISO's";
    Languages "languages" Some(5), On, fixed_fields::languages,
        "008/35-37 is the language, the first of up to six, `mul` for more and `und` for none; 041 only for several";
    Leader "leader" Some(6), On, fixed_fields::leader,
        "leader/18 says `i` when punctuation is ISBD's and stays `u` otherwise";
    CatalogingSource "cataloging-source" Some(7), On, numbers::cataloging_source,
        "040 has the organization's code in $a and $c, a code in $e, and MARC's order";
    CallNumber "call-number" Some(9), On, numbers::call_number,
        "099 has second indicator 9, and is made by your template if there is one";
    TitleDates "title-dates" Some(10), On, title::dates,
        "245 has one comma before its dates, dates for readers, \"bulk\" before bulk dates and a final period";
    Extents "extents" Some(11), On, title::extents,
        "units of 300 are in lower case, and a summary in brackets follows the unit";
    TitleEntry "title-entry" Some(21), On, title::entry,
        "245 has first indicator 1 only when there is a main entry";
    IsbdPunctuation "isbd-punctuation" None, Off, punctuation::isbd,
        "final marks and marks between subfields as ISBD and DACS write them";
    OwnMark "own-mark" Some(1), On, numbers::own_mark,
        "035 with your prefix and the resource's URI, by which Alma can find the record again";
    FieldOrder "field-order" Some(24), On, order,
        "fields stand in numeric order; records are compared whatever the order inside a tag";
}

impl Repair {
    pub fn info(self) -> &'static RepairInfo {
        &ALL[self as usize]
    }

    /// As a profile writes it.
    pub fn name(self) -> &'static str {
        self.info().name
    }
}

/// All repairs, in the order in which they are applied.
pub fn all_repairs() -> &'static [RepairInfo] {
    ALL
}

/// Done by whoever reads the record.
fn nothing(_: &mut MarcRecord, _: &mut Job) {}

fn order(record: &mut MarcRecord, _: &mut Job) {
    record.sort();
}
