//! Which words of a value would change.

/// Words beyond this are not compared: the table of a comparison grows with their square.
const MOST: usize = 400;

/// A stretch of a value, and whether the other value has it, too.
pub type Stretch<'t> = (&'t str, bool);

/// Both values in stretches that are common or not.
pub fn compare<'t>(before: &'t str, after: &'t str) -> (Vec<Stretch<'t>>, Vec<Stretch<'t>>) {
    let (old, new) = (words(before), words(after));
    if old.len() > MOST || new.len() > MOST {
        return (vec![(before, before == after)], vec![(after, before == after)]);
    }
    let (mut kept_old, mut kept_new) = (vec![false; old.len()], vec![false; new.len()]);
    let lengths = lengths(&old, &new);
    let (mut i, mut j) = (0, 0);
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            (kept_old[i], kept_new[j]) = (true, true);
            (i, j) = (i + 1, j + 1);
        } else if lengths[i + 1][j] >= lengths[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    (joined(before, &old, &kept_old), joined(after, &new, &kept_new))
}

/// Letters and digits that stand together, or one other character.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if first.is_alphanumeric() {
            rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        words.push(&rest[..end]);
        rest = &rest[end..];
        if words.len() > MOST {
            break;
        }
    }
    words
}

/// For each pair of places the length of the longest common subsequence of what follows.
fn lengths(old: &[&str], new: &[&str]) -> Vec<Vec<u16>> {
    let mut lengths = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i][j] = match old[i] == new[j] {
                true => lengths[i + 1][j + 1] + 1,
                false => lengths[i + 1][j].max(lengths[i][j + 1]),
            };
        }
    }
    lengths
}

/// Neighbours of one kind as one stretch.
fn joined<'t>(text: &'t str, words: &[&str], kept: &[bool]) -> Vec<Stretch<'t>> {
    let mut stretches: Vec<Stretch<'t>> = Vec::new();
    let (mut at, mut start) = (0, 0);
    for (index, word) in words.iter().enumerate() {
        at += word.len();
        let is_last = index + 1 == words.len() || kept[index + 1] != kept[index];
        if is_last {
            stretches.push((&text[start..at], kept[index]));
            start = at;
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn changed_words_are_marked_and_the_rest_is_not() {
        let (before, after) = compare("Sunset at Montmajour", "Sunset near Montmajour, 1888");
        assert_eq!(before, [("Sunset ", true), ("at", false), (" Montmajour", true)]);
        assert_eq!(after, [("Sunset ", true), ("near", false), (" Montmajour", true), (", 1888", false)]);
    }

    #[test]
    fn a_value_of_too_many_words_is_marked_as_a_whole() {
        let long = "a ".repeat(MOST);
        assert_eq!(compare(&long, "a").0, [(long.as_str(), false)]);
    }

    proptest! {
        #[test]
        fn stretches_make_up_the_values_and_common_ones_are_the_same(before in "[ab é.]{0,40}", after in "[ab é.]{0,40}") {
            let (old, new) = compare(&before, &after);
            let all = |stretches: &[Stretch<'_>]| stretches.iter().map(|(text, _)| *text).collect::<String>();
            let common = |stretches: &[Stretch<'_>]| stretches.iter().filter(|(_, kept)| *kept).map(|(text, _)| *text).collect::<String>();
            prop_assert_eq!((all(&old), all(&new)), (before.clone(), after.clone()));
            prop_assert_eq!(common(&old), common(&new));
        }
    }
}
