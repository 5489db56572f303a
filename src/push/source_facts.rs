//! What ArchivesSpace says of a resource beside its MARC, as far as a repair needs it.

/// `None` stands for "not asked": a repair that needs it says so and changes nothing. An empty list was asked for and is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceFacts {
    pub identity: Identity,
    pub dates: Option<Vec<DateFact>>,
    /// Codes of ISO 639-2b from `lang_materials`, each once, in their order.
    pub languages: Option<Vec<String>>,
    pub repository: Option<RepositoryFact>,
    pub notes: Option<Vec<NoteFact>>,
    pub agents: Option<Vec<AgentFact>>,
    pub subjects: Option<Vec<SubjectFact>>,
}

/// Who the resource is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// `/repositories/2/resources/1`.
    pub uri: Option<String>,
    /// `id_0` to `id_3`; those that the resource does not have are empty.
    pub ids: [String; 4],
    pub ead_id: Option<String>,
    pub title: Option<String>,
    /// `create_time`: `2022-04-03T17:30:35Z`.
    pub created: Option<String>,
    /// `finding_aid_description_rules`: `dacs`, or whatever was typed there.
    pub description_rules: Option<String>,
    /// `ead_location`.
    pub finding_aid: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateKind {
    Single,
    Inclusive,
    Bulk,
}

/// One of the `dates`; begin and end as ArchivesSpace holds them: `1968`, `1968-01-02`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFact {
    pub kind: DateKind,
    pub begin: Option<String>,
    pub end: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepositoryFact {
    /// Two letters of ISO 3166.
    pub country: Option<String>,
    /// State or province as it stands in the address: `Colorado` or `CO`.
    pub region: Option<String>,
    /// `org_code`, MARC's code of the organization: `CoDU`.
    pub org_code: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoteFact {
    /// ArchivesSpace's type: `abstract`, `physloc`.
    pub kind: String,
    /// Of the note and of the part of it whose text this is.
    pub publish: bool,
    /// The text with its markup, parts joined by empty lines.
    pub text: String,
    /// Lists, chronologies and defined lists, one item each, which the exporter leaves out.
    pub items: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentFact {
    /// `display_name.sort_name`: `Smith, Ann, 1900-1980`.
    pub name: String,
    pub publish: bool,
    /// A corporate entity that is a conference or meeting.
    pub is_meeting: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubjectFact {
    /// Each term with its type, `topical`, `function`, `geographic`…, in their order.
    pub terms: Vec<(String, String)>,
}
