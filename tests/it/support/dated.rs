//! A repository that obeys dates, whose faults a test adds: the way around a fault leads through windows.

use super::fake_repository::{Asked, Page, Reply, deleted, error, oai_dc, record};

/// One record of it.
#[derive(Debug, Clone)]
pub struct Item {
    pub identifier: String,
    pub datestamp: String,
    pub title: Option<String>,
}

/// Records in the order in which they are listed, and how the server takes dates.
#[derive(Debug, Clone)]
pub struct Dated {
    pub items: Vec<Item>,
    pub page: usize,
    pub until_is_exclusive: bool,
    pub says_size: bool,
    /// Dates with a time of day are refused, whatever Identify says.
    pub takes_days_only: bool,
}

impl Dated {
    /// Records of Alma that name IE1 and so on, an hour apart; five a page.
    pub fn hourly(count: usize) -> Self {
        let item = |number: usize| Item {
            identifier: format!("oai:alma:99{number}"),
            datestamp: format!("2026-10-{:02}T{:02}:30:00Z", 1 + number / 24, number % 24),
            title: Some(format!("Title {number}")),
        };
        let items = (1..=count).map(item).collect();
        Dated { items, page: 5, until_is_exclusive: false, says_size: false, takes_days_only: false }
    }

    pub fn identifiers(&self) -> Vec<String> {
        self.items.iter().map(|item| item.identifier.clone()).collect()
    }

    /// Whether a request would show the record on its page.
    pub fn shows(&self, asked: &Asked, identifier: &str) -> bool {
        match asked.verb() {
            "GetRecord" => asked.argument("identifier") == Some(identifier),
            _ => self.listed(asked).is_ok_and(|(items, _)| items.iter().any(|item| item.identifier == identifier)),
        }
    }

    pub fn answer(&self, asked: &Asked) -> Reply {
        match asked.verb() {
            "GetRecord" => {
                let wanted = asked.argument("identifier").unwrap_or_default();
                match self.items.iter().find(|item| item.identifier == wanted) {
                    Some(item) => Page::of(&[whole(item)]).of_verb("GetRecord"),
                    None => error("idDoesNotExist", "no such record"),
                }
            }
            verb @ ("ListRecords" | "ListIdentifiers") => match self.listed(asked) {
                Ok((items, rest)) => {
                    let records: Vec<String> = items
                        .iter()
                        .map(|item| if verb == "ListRecords" { whole(item) } else { header(item) })
                        .collect();
                    Page::of(&records).raw_token(&rest).of_verb(verb)
                }
                Err(code) => error(code, "?"),
            },
            _ => error("badVerb", "?"),
        }
    }

    /// The items of a page and the resumption token's element.
    fn listed(&self, asked: &Asked) -> Result<(Vec<Item>, String), &'static str> {
        let (from, until, start) = match asked.token() {
            Some(token) => {
                let parts: Vec<&str> = token.split('!').collect();
                (parts[0].to_owned(), parts[1].to_owned(), parts[2].parse().map_err(|_| "badResumptionToken")?)
            }
            None => {
                let date = |name: &str| asked.argument(name).unwrap_or_default().to_owned();
                (date("from"), date("until"), 0usize)
            }
        };
        if self.takes_days_only && [&from, &until].iter().any(|date| date.contains('T')) {
            return Err("badArgument");
        }
        let within = |item: &&Item| {
            let stamp = &item.datestamp[..if from.len().max(until.len()) == 10 { 10 } else { item.datestamp.len() }];
            let ends = until.is_empty() || *stamp < *until || (*stamp == *until && !self.until_is_exclusive);
            *stamp >= *from && ends
        };
        let all: Vec<Item> = self.items.iter().filter(within).cloned().collect();
        if all.is_empty() {
            return Err("noRecordsMatch");
        }
        let page: Vec<Item> = all.iter().skip(start).take(self.page).cloned().collect();
        let next = start + page.len();
        let size = if self.says_size { format!(" completeListSize=\"{}\"", all.len()) } else { String::new() };
        let token = if next < all.len() { format!("{from}!{until}!{next}") } else { String::new() };
        Ok((page, format!("<resumptionToken{size}>{token}</resumptionToken>")))
    }
}

fn whole(item: &Item) -> String {
    let number: String = item.identifier.chars().skip_while(|c| !c.is_ascii_digit()).skip(2).collect();
    match &item.title {
        Some(title) => {
            let metadata = oai_dc(title, &format!("oai:ros.example.org:IE{number}"));
            record(&item.identifier, &item.datestamp, &metadata)
        }
        None => deleted(&item.identifier, &item.datestamp),
    }
}

fn header(item: &Item) -> String {
    let whole = whole(item);
    let end = whole.find("</header>").unwrap() + "</header>".len();
    whole["<record>".len()..end].to_owned()
}
