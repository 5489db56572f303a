use super::*;

/// Five records: `a` in the set `one`, `b` in `one:sub`, `c` deleted in `two`, `d` without metadata, `e` of another day.
struct Five {
    granularity: Granularity,
    paging: Paging,
    sets: [Vec<String>; 3],
}

impl Five {
    fn new(granularity: Granularity, size: usize) -> Self {
        let paging = Paging { size, cursor: true, complete_list_size: true, last_token: LastToken::Empty };
        let set = |spec: &str| vec![spec.to_owned()];
        Five { granularity, paging, sets: [set("one"), set("one:sub"), set("two")] }
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

const DC: MetadataFormat = MetadataFormat { prefix: "oai_dc", schema: "http://s", namespace: "http://n" };

impl Repository for Five {
    fn identity(&self) -> Identity {
        Identity {
            name: "Five & more".to_owned(),
            base_url: "http://five.example.org/oai?x=1&y=2".to_owned(),
            earliest: at("2020-01-01"),
            deleted: DeletedPolicy::Persistent,
            granularity: self.granularity,
            admin_email: "five@example.org".to_owned(),
            oai_identifier: None,
        }
    }

    fn metadata_formats(&self) -> Vec<MetadataFormat> {
        vec![DC, MetadataFormat { prefix: "never", ..DC }]
    }

    fn offers(&self, _item: &Item<'_>, prefix: &str) -> bool {
        prefix == "oai_dc"
    }

    fn sets(&self) -> Vec<Set> {
        vec![Set { spec: "one".to_owned(), name: "1".to_owned() }]
    }

    fn items(&self) -> Box<dyn Iterator<Item = Item<'_>> + '_> {
        let item = |identifier, date, set: usize, deleted| Item {
            identifier,
            datestamp: at(date),
            sets: &self.sets[set],
            deleted,
            position: identifier,
        };
        Box::new(
            [
                item("oai:x:a", "2020-03-03T10:00:00Z", 0, false),
                item("oai:x:b", "2020-03-03T09:00:00Z", 1, false),
                item("oai:x:c", "2020-03-03T10:00:01Z", 2, true),
                item("oai:x:d", "2020-03-03T23:59:59Z", 2, false),
                item("oai:x:e", "2020-01-01T00:00:00Z", 2, false),
            ]
            .into_iter(),
        )
    }

    fn find(&self, identifier: &str) -> Option<Item<'_>> {
        self.items().find(|item| item.identifier == identifier)
    }

    fn metadata(&self, item: &Item<'_>, _prefix: &str) -> Option<String> {
        (item.identifier != "oai:x:d").then(|| "<m/>".to_owned())
    }

    fn paging(&self) -> Paging {
        self.paging
    }

    fn write_token(&self, selection: &Selection, position: &str) -> String {
        let set = selection.set.as_deref().unwrap_or_default();
        format!("{}+&{set}+&{position}", selection.prefix)
    }

    fn read_token(&self, token: &str) -> Option<(Selection, String)> {
        let parts: Vec<&str> = token.split("+&").collect();
        let [prefix, set, position] = parts[..] else { return None };
        let set = (!set.is_empty()).then(|| set.to_owned());
        Some((Selection { prefix: prefix.to_owned(), set, from: None, until: None }, position.to_owned()))
    }
}

fn ask_of(five: &Five, query: &str) -> String {
    respond(five, &Query(crate::web::form::pairs(query)), at("2026-11-22T01:02:03Z"))
}

fn ask(query: &str) -> String {
    ask_of(&Five::new(Granularity::Second, 100), query)
}

/// The code of the error, or the local identifiers listed, in order.
fn gist(answer: &str) -> String {
    if let Some((_, rest)) = answer.split_once("<error code=\"") {
        return rest.split('"').next().unwrap().to_owned();
    }
    answer.split("<identifier>oai:x:").skip(1).map(|rest| &rest[..1]).collect()
}

fn check(query: &str, expected: &str) {
    assert_eq!(gist(&ask(query)), expected, "{query}");
}

#[test]
fn verbs_and_argument_names_are_checked() {
    check("", "badVerb");
    check("verb=", "badVerb");
    check("verb=identify", "badVerb");
    check("verb=Identify&verb=Identify", "badVerb");
    check("junk", "badVerb");
    check("verb=Identify&set=one", "badArgument");
    check("verb=ListSets&junk=1", "badArgument");
    check("verb=GetRecord&metadataPrefix=oai_dc", "badArgument");
    check("verb=GetRecord&identifier=oai:x:a", "badArgument");
    check("verb=GetRecord&identifier=oai:x:a&identifier=oai:x:a&metadataPrefix=oai_dc", "badArgument");
    check("verb=ListRecords", "badArgument");
    check("verb=ListIdentifiers&set=one", "badArgument");
    check("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument");
    check("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=junk", "badArgument");
    check("verb=ListIdentifiers&resumptionToken=junk&until=2000-02-05", "badArgument");
}

#[test]
fn values_are_checked() {
    check("verb=GetRecord&identifier=invalid\"id&metadataPrefix=oai_dc", "badArgument");
    check("verb=GetRecord&identifier=&metadataPrefix=oai_dc", "badArgument");
    check("verb=GetRecord&identifier=oai:x:a&metadataPrefix=a%20b", "badArgument");
    check("verb=ListRecords&metadataPrefix=oai_dc&set=", "badArgument");
    check("verb=ListRecords&metadataPrefix=oai_dc&set=a::b", "badArgument");
    for date in ["junk", "", "2020", "2020-02-30", "2020-3-3", "2020-03-03T10:00Z", "2020-03-03T10:00:00", "+2020-03-0"]
    {
        check(&format!("verb=ListRecords&metadataPrefix=oai_dc&from={date}"), "badArgument");
        check(&format!("verb=ListIdentifiers&metadataPrefix=oai_dc&until={date}"), "badArgument");
    }
    check("verb=ListRecords&metadataPrefix=oai_dc&from=2002-02-05&until=2002-02-06T05:35:00Z", "badArgument");
    check("verb=ListRecords&metadataPrefix=oai_dc&from=2020-03-04&until=2020-03-03", "badArgument");
    check("verb=ListRecords&metadataPrefix=oai_dc&from=2020-03-03T10:00:00.5Z", "badArgument");
}

#[test]
fn what_does_not_exist_is_said_with_its_own_code() {
    check("verb=GetRecord&identifier=oai:x:z&metadataPrefix=oai_dc", "idDoesNotExist");
    check("verb=GetRecord&identifier=really_wrong_id&metadataPrefix=oai_dc", "idDoesNotExist");
    check("verb=ListMetadataFormats&identifier=oai:x:z", "idDoesNotExist");
    check("verb=GetRecord&identifier=oai:x:a&metadataPrefix=mods", "cannotDisseminateFormat");
    check("verb=GetRecord&identifier=oai:x:a&metadataPrefix=never", "cannotDisseminateFormat");
    check("verb=ListRecords&metadataPrefix=mods", "cannotDisseminateFormat");
    check("verb=ListRecords&metadataPrefix=never", "noRecordsMatch");
    check("verb=ListIdentifiers&metadataPrefix=oai_dc&set=nowhere", "noRecordsMatch");
    check("verb=ListRecords&metadataPrefix=oai_dc&until=2019-01-01T00:00:00Z", "noRecordsMatch");
    check("verb=ListRecords&metadataPrefix=oai_dc&from=2030-01-01", "noRecordsMatch");
    check("verb=ListRecords&resumptionToken=junk", "badResumptionToken");
    check("verb=ListRecords&resumptionToken=", "badResumptionToken");
    check("verb=ListSets&resumptionToken=junk", "badResumptionToken");
    check("verb=ListRecords&resumptionToken=mods%2B%26%2B%26oai:x:a", "badResumptionToken");
    check("verb=ListRecords&resumptionToken=oai_dc%2B%26%2B%26oai:x:e", "badResumptionToken");
}

#[test]
fn lists_select_by_set_and_by_inclusive_dates() {
    let list = |more: &str, expected: &str| {
        check(&format!("verb=ListRecords&metadataPrefix=oai_dc{more}"), expected);
        check(&format!("verb=ListIdentifiers&metadataPrefix=oai_dc{more}"), expected);
    };
    list("", "abcde");
    list("&set=one", "ab");
    list("&set=one:sub", "b");
    list("&set=on", "noRecordsMatch");
    list("&from=2020-03-03", "abcd");
    list("&until=2020-03-03", "abcde");
    list("&from=2020-03-03&until=2020-03-03", "abcd");
    list("&from=2020-03-03T10:00:00Z", "acd");
    list("&until=2020-03-03T10:00:00Z", "abe");
    list("&from=2020-03-03T10:00:01Z&until=2020-03-03T10:00:01Z", "c");
}

#[test]
fn a_repository_of_days_refuses_seconds_and_writes_days() {
    let five = Five::new(Granularity::Day, 100);
    let seconds = "verb=ListRecords&metadataPrefix=oai_dc&from=2020-03-03T10:00:00Z";
    assert_eq!(gist(&ask_of(&five, seconds)), "badArgument");
    let answer = ask_of(&five, "verb=GetRecord&identifier=oai:x:a&metadataPrefix=oai_dc");
    assert!(answer.contains("<datestamp>2020-03-03</datestamp>"), "{answer}");
}

#[test]
fn pages_follow_each_other_to_an_empty_token() {
    let five = Five::new(Granularity::Second, 2);
    let token = |answer: &str| {
        let (_, rest) = answer.split_once("<resumptionToken").expect("a token");
        rest.split_once("</resumptionToken>").unwrap().0.to_owned()
    };
    let first = ask_of(&five, "verb=ListRecords&metadataPrefix=oai_dc");
    assert_eq!(gist(&first), "ab");
    assert_eq!(token(&first), " completeListSize=\"5\" cursor=\"0\">oai_dc+&amp;+&amp;oai:x:b");
    let second = ask_of(&five, "verb=ListRecords&resumptionToken=oai_dc%2B%26%2B%26oai:x:b");
    assert_eq!(gist(&second), "cd");
    assert_eq!(token(&second), " completeListSize=\"5\" cursor=\"2\">oai_dc+&amp;+&amp;oai:x:d");
    let last = ask_of(&five, "verb=ListRecords&resumptionToken=oai_dc%2B%26%2B%26oai:x:d");
    assert_eq!(gist(&last), "e");
    assert_eq!(token(&last), " completeListSize=\"5\" cursor=\"4\">");
}

#[test]
fn a_list_on_one_page_has_no_token_and_alma_ends_without_one() {
    let mut five = Five::new(Granularity::Second, 5);
    assert!(!ask_of(&five, "verb=ListRecords&metadataPrefix=oai_dc").contains("resumptionToken"));
    five.paging = Paging { size: 4, last_token: LastToken::Missing, ..five.paging };
    let last = ask_of(&five, "verb=ListRecords&resumptionToken=oai_dc%2B%26%2B%26oai:x:d");
    assert_eq!(gist(&last), "e");
    assert!(!last.contains("</resumptionToken>"), "{last}");
}

#[test]
fn deleted_records_and_those_without_metadata_carry_none() {
    let answer = ask("verb=ListRecords&metadataPrefix=oai_dc");
    assert_eq!(answer.matches("<metadata>").count(), 3);
    assert!(answer.contains("<header status=\"deleted\"><identifier>oai:x:c</identifier>"), "{answer}");
    let deleted = ask("verb=GetRecord&identifier=oai:x:c&metadataPrefix=oai_dc");
    assert!(deleted.contains("status=\"deleted\"") && !deleted.contains("<metadata>"), "{deleted}");
    let absent = ask("verb=GetRecord&identifier=oai:x:d&metadataPrefix=oai_dc");
    assert!(!absent.contains("status=") && !absent.contains("<metadata>"), "{absent}");
}

#[test]
fn the_request_is_echoed_unless_its_arguments_are_wrong() {
    let echoed = |query: &str, expected: &str| {
        let answer = ask(query);
        let request = answer.split_once("<request").unwrap().1.split_once("</request>").unwrap().0;
        assert_eq!(request, format!("{expected}>http://five.example.org/oai?x=1&amp;y=2"), "{query}");
    };
    echoed("verb=Identify", " verb=\"Identify\"");
    echoed("verb=junk&set=one", "");
    echoed("verb=ListRecords&set=one", "");
    echoed(
        "verb=ListRecords&resumptionToken=a%26%22%00",
        " verb=\"ListRecords\" resumptionToken=\"a&amp;&quot;\u{fffd}\"",
    );
    echoed("verb=ListRecords&metadataPrefix=mods", " verb=\"ListRecords\" metadataPrefix=\"mods\"");
}

#[test]
fn the_envelope_says_when_and_where_its_schema_is() {
    let answer = ask("verb=Identify");
    assert!(answer.contains("<responseDate>2026-11-22T01:02:03Z</responseDate>"), "{answer}");
    assert!(answer.contains("http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"));
    assert!(answer.contains("<granularity>YYYY-MM-DDThh:mm:ssZ</granularity>"), "{answer}");
    assert!(answer.contains("<repositoryName>Five &amp; more</repositoryName>"), "{answer}");
}

#[test]
fn formats_are_those_of_the_item_when_one_is_named() {
    assert_eq!(ask("verb=ListMetadataFormats").matches("<metadataFormat>").count(), 2);
    assert_eq!(ask("verb=ListMetadataFormats&identifier=oai:x:a").matches("<metadataFormat>").count(), 1);
}
