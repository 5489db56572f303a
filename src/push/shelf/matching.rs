//! Which item of a bib is which box: by Alma's number, then by barcode, then by type and number on the box. What is there twice
//! is told, on either side, and nobody guesses.

use super::reason::ShelfReason;
use crate::push::alma::ItemPid;
use crate::push::resource_uri::ContainerUri;
use std::collections::HashMap;

/// What a box is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxFacts {
    pub uri: ContainerUri,
    /// `ils_item_id`, or else the item that this program made for it.
    pub item: Option<ItemPid>,
    /// ArchivesSpace names the item, and not only our own store.
    pub is_named: bool,
    pub barcode: Option<String>,
    /// Type and indicator, and the description that would be written; in the form of `label`.
    pub labels: Vec<String>,
}

/// What an item is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFacts {
    pub pid: ItemPid,
    pub barcode: Option<String>,
    /// Its description and its enumeration, in the form of `label`.
    pub labels: Vec<String>,
}

/// What was found for a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// The item at this place of the list.
    Item(usize),
    /// No item is the box.
    Nothing,
    /// A person must say.
    Held(ShelfReason),
}

/// A text as people mean it: letters and numbers, without capitals, points and leading noughts. `Box.012` is `box 12`.
pub fn label(text: &str) -> String {
    let (mut words, mut word) = (Vec::new(), String::new());
    let mut was_number = false;
    for letter in text.chars().flat_map(char::to_lowercase) {
        let is_number = letter.is_ascii_digit();
        if !letter.is_alphanumeric() || (is_number != was_number && !word.is_empty()) {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            word.push(letter);
        }
        was_number = is_number;
    }
    words.push(word);
    let plain = |word: &String| {
        let without = word.trim_start_matches('0');
        if without.is_empty() && !word.is_empty() { "0".to_owned() } else { without.to_owned() }
    };
    let words: Vec<String> = words.iter().map(plain).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// One answer for each box, in their order.
pub fn matches(boxes: &[BoxFacts], items: &[ItemFacts]) -> Vec<Match> {
    let mut found: Vec<Option<Match>> = vec![None; boxes.len()];
    by_number(boxes, items, &mut found);
    by_barcode(boxes, items, &mut found);
    by_label(boxes, items, &mut found);
    for item in 0..items.len() {
        let claimants: Vec<usize> = (0..boxes.len()).filter(|at| found[*at] == Some(Match::Item(item))).collect();
        if claimants.len() > 1 {
            claimants.iter().for_each(|at| found[*at] = Some(several_boxes(boxes, &claimants)));
        }
    }
    found.into_iter().map(|one| one.unwrap_or(Match::Nothing)).collect()
}

/// The items that belong to no box.
pub fn without_box<'i>(items: &'i [ItemFacts], found: &[Match]) -> Vec<&'i ItemPid> {
    let is_taken = |at: usize| found.contains(&Match::Item(at));
    items.iter().enumerate().filter(|(at, _)| !is_taken(*at)).map(|(_, item)| &item.pid).collect()
}

fn by_number(boxes: &[BoxFacts], items: &[ItemFacts], found: &mut [Option<Match>]) {
    let mut claims: HashMap<&ItemPid, Vec<usize>> = HashMap::new();
    for (at, one) in boxes.iter().enumerate() {
        if let Some(pid) = &one.item {
            claims.entry(pid).or_default().push(at);
        }
    }
    for (pid, claimants) in claims {
        let item = items.iter().position(|item| item.pid == *pid);
        for at in &claimants {
            found[*at] = match item {
                // What ArchivesSpace says of it may be old: its barcode may tell.
                None => None,
                Some(_) if claimants.len() > 1 => Some(several_boxes(boxes, &claimants)),
                Some(item) => Some(Match::Item(item)),
            };
        }
    }
}

fn several_boxes(boxes: &[BoxFacts], which: &[usize]) -> Match {
    Match::Held(ShelfReason::SeveralBoxes(which.iter().map(|at| boxes[*at].uri).collect()))
}

fn several_items(items: &[ItemFacts], which: &[usize]) -> Match {
    Match::Held(ShelfReason::SeveralItems(which.iter().map(|at| items[*at].pid.clone()).collect()))
}

fn taken(found: &[Option<Match>], item: usize) -> Option<usize> {
    found.iter().position(|one| *one == Some(Match::Item(item)))
}

fn by_barcode(boxes: &[BoxFacts], items: &[ItemFacts], found: &mut [Option<Match>]) {
    let open: Vec<usize> = (0..boxes.len()).filter(|at| found[*at].is_none()).collect();
    for at in open {
        let Some(barcode) = &boxes[at].barcode else { continue };
        let rivals: Vec<usize> =
            (0..boxes.len()).filter(|other| boxes[*other].barcode.as_ref() == Some(barcode)).collect();
        let with: Vec<usize> = (0..items.len()).filter(|item| items[*item].barcode.as_ref() == Some(barcode)).collect();
        found[at] = match (rivals.len() > 1, with.as_slice()) {
            (true, _) => Some(several_boxes(boxes, &rivals)),
            (false, []) => None,
            // Another box may name this item by its number: one of the two is wrong, and both are told in the end.
            (false, [item]) => Some(Match::Item(*item)),
            (false, several) => Some(several_items(items, several)),
        };
    }
}

fn by_label(boxes: &[BoxFacts], items: &[ItemFacts], found: &mut [Option<Match>]) {
    let open: Vec<usize> = (0..boxes.len()).filter(|at| found[*at].is_none()).collect();
    let free: Vec<usize> = (0..items.len()).filter(|item| taken(found, *item).is_none()).collect();
    let meets = |one: &[String], other: &[String]| one.iter().any(|label| other.contains(label));
    for at in &open {
        let one = &boxes[*at];
        if let Some(pid) = &one.item {
            let pid = pid.clone();
            let why = if one.is_named { ShelfReason::UnknownItem(pid) } else { ShelfReason::ItemGone(pid) };
            found[*at] = Some(Match::Held(why));
            continue;
        }
        let rivals: Vec<usize> =
            open.iter().copied().filter(|other| meets(&boxes[*other].labels, &one.labels)).collect();
        let candidates: Vec<usize> =
            free.iter().copied().filter(|item| meets(&items[*item].labels, &one.labels)).collect();
        let is_alone_in_this = rivals.iter().filter(|other| boxes[**other].barcode.is_none()).count() < 2;
        found[*at] = Some(match (rivals.as_slice(), candidates.as_slice()) {
            // Each has a barcode of its own, and none of them is in Alma.
            (_, []) if one.barcode.is_some() || is_alone_in_this => Match::Nothing,
            ([_], [item]) => match (&one.barcode, &items[*item].barcode) {
                (Some(_), Some(theirs)) => {
                    let (item, barcode) = (items[*item].pid.clone(), theirs.clone());
                    Match::Held(ShelfReason::OtherBarcode { item, barcode })
                }
                (Some(_), None) | (None, _) => Match::Item(*item),
            },
            ([_], several) => several_items(items, several),
            (several, _) => several_boxes(boxes, several),
        });
    }
}

#[cfg(test)]
mod tests;
