//! Names with and without a prefix.

use super::Fault;

/// `dc:title` → (`dc`, `title`).
pub(super) fn split_name(name: &str) -> Result<(&str, &str), Fault> {
    let bytes = name.as_bytes();
    let (prefix, local) = match bytes.iter().position(|byte| *byte == b':') {
        Some(colon) => (&name[..colon], &name[colon + 1..]),
        None => return if is_simple_name(name) { Ok(("", name)) } else { Err(not_a_name(name)) },
    };
    if is_simple_name(prefix) && is_simple_name(local) { Ok((prefix, local)) } else { Err(not_a_name(name)) }
}

fn not_a_name(name: &str) -> Fault {
    Fault::NotWellFormed(format!("`{name}` is not a name"))
}

fn is_simple_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let starts = |byte: u8| IN_NAMES[usize::from(byte)] == STARTS;
    bytes.first().is_some_and(|byte| starts(*byte)) && bytes.iter().all(|byte| IN_NAMES[usize::from(*byte)] > 0)
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
