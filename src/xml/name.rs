//! Names with and without a prefix.

use super::Fault;

/// `dc:title` → (`dc`, `title`), in one pass; `None` for what is not a name.
pub(super) fn split_name(name: &str) -> Option<(&str, &str)> {
    let mut colon = None;
    let mut expected = STARTS;
    for (at, byte) in name.bytes().enumerate() {
        let is_first_colon = byte == b':' && colon.is_none() && expected == CONTINUES;
        if is_first_colon {
            colon = Some(at);
            expected = STARTS;
        } else if IN_NAMES[usize::from(byte)] >= expected {
            expected = CONTINUES;
        } else {
            return None;
        }
    }
    match colon {
        // Nothing stands before the end, or after the colon.
        _ if expected == STARTS => None,
        Some(at) => Some((&name[..at], &name[at + 1..])),
        None => Some(("", name)),
    }
}

pub(super) fn not_a_name(name: &str) -> Fault {
    Fault::NotWellFormed(format!("`{name}` is not a name"))
}

const CONTINUES: u8 = 1;
const STARTS: u8 = 2;

/// What a byte may do in a name without a colon. Beyond ASCII all is let through: no server was seen to use any.
static IN_NAMES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' | 0x80.. => STARTS,
            b'0'..=b'9' | b'.' | b'-' => CONTINUES,
            _ => 0,
        };
        byte += 1;
    }
    table
};
