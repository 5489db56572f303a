//! The frames between the program and Saxon's worker.
//!
//! A frame is the length of what follows in four bytes (big-endian), a letter, a number in four bytes, and fields, each of
//! them its length in four bytes and so many bytes. Texts are UTF-8. The number pairs an answer with its request.
//!
//! | to the worker | fields |
//! |---|---|
//! | `C` compile | URI and bytes of the stylesheet |
//! | `P` part, `N` no part | the bytes asked for; none |
//! | `A` apply | the record, then names and values of parameters |
//!
//! | from the worker | fields |
//! |---|---|
//! | `H` hello | product with version, how many records it works on at once |
//! | `L` load | URI of a part, URI of the one that includes it |
//! | `K` compiled | warnings |
//! | `R` refused | kind, file, line, words |
//! | `D` done | the result, then messages |
//! | `F` failed | kind, file, line, words, then messages |

use std::io::{self, Read};

/// No answer is larger; what claims to be is no frame.
const LARGEST: u32 = 512 * 1024 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub kind: u8,
    pub number: u32,
    pub fields: Vec<Vec<u8>>,
}

impl Frame {
    pub(super) fn new(kind: u8, number: u32) -> Frame {
        Frame { kind, number, fields: Vec::new() }
    }

    pub(super) fn with(mut self, field: &[u8]) -> Frame {
        self.fields.push(field.to_vec());
        self
    }

    /// A field as text; empty when there is none.
    pub(super) fn text(&self, at: usize) -> String {
        self.fields.get(at).map(|field| String::from_utf8_lossy(field).into_owned()).unwrap_or_default()
    }

    /// The fields from one on, as texts.
    pub(super) fn texts_from(&self, at: usize) -> Vec<String> {
        (at..self.fields.len()).map(|at| self.text(at)).collect()
    }

    /// The frame as bytes; nothing when it is larger than a frame can be.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        let length = 5 + self.fields.iter().map(|field| 4 + field.len()).sum::<usize>();
        let whole = u32::try_from(length).ok().filter(|length| *length <= LARGEST)?;
        let mut bytes = Vec::with_capacity(4 + length);
        bytes.extend(whole.to_be_bytes());
        bytes.push(self.kind);
        bytes.extend(self.number.to_be_bytes());
        for field in &self.fields {
            bytes.extend((field.len() as u32).to_be_bytes());
            bytes.extend(field);
        }
        Some(bytes)
    }

    /// Reads the next frame; an error at the end, in the middle of a frame, and at what is no frame.
    pub(super) fn read(from: &mut impl Read) -> io::Result<Frame> {
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "this is no frame");
        let length = read_number(from)?;
        if !(5..=LARGEST).contains(&length) {
            return Err(broken());
        }
        // As it comes, so that a length that is no length does not take memory.
        let mut body = Vec::new();
        from.take(u64::from(length)).read_to_end(&mut body)?;
        if body.len() != length as usize {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut rest = &body[1..];
        let mut frame = Frame::new(body[0], read_number(&mut rest)?);
        while !rest.is_empty() {
            let length = read_number(&mut rest)? as usize;
            let (field, after) = rest.split_at_checked(length).ok_or_else(broken)?;
            frame.fields.push(field.to_vec());
            rest = after;
        }
        Ok(frame)
    }
}

fn read_number(from: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_frame_is_read_as_it_was_written(
            kind: u8,
            number: u32,
            fields in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
        ) {
            let frame = Frame { kind, number, fields };
            let bytes = frame.bytes().unwrap();
            prop_assert_eq!(Frame::read(&mut bytes.as_slice()).unwrap(), frame);
            for cut in 0..bytes.len() {
                prop_assert!(Frame::read(&mut &bytes[..cut]).is_err(), "cut at {}", cut);
            }
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = Frame::read(&mut bytes.as_slice());
        }
    }

    #[test]
    fn words_of_a_java_machine_between_the_frames_are_no_frame() {
        assert!(Frame::read(&mut &b"Terminating due to java.lang.OutOfMemoryError"[..]).is_err());
    }
}
