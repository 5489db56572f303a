//! Small texts compressed with a dictionary of what records have in common.
//!
//! The first byte names the dictionary, so that another can be added without touching what is stored.

use super::Error;
use zstd::bulk::{Compressor, Decompressor};

/// What nearly every record repeats, made by `zstd --train` from the metadata of sample-data as the sandbox publishes it.
/// Never change it: add another with another number.
const DICTIONARY_1: &[u8] = include_bytes!("dictionary_1.zdict");
const TAG_1: u8 = 1;
/// Below nought zstd leaves out the entropy coding of texts: 40 % larger than level 1, and nearly twice as fast.
const LEVEL: i32 = -5;

pub struct Codec {
    compressor: Compressor<'static>,
    decompressor: Decompressor<'static>,
}

impl Codec {
    pub fn new() -> Self {
        Codec {
            compressor: Compressor::with_dictionary(LEVEL, DICTIONARY_1)
                .expect("the dictionary is part of the program"),
            decompressor: Decompressor::with_dictionary(DICTIONARY_1).expect("the dictionary is part of the program"),
        }
    }

    pub fn pack(&mut self, bytes: &[u8]) -> Vec<u8> {
        let packed = self.compressor.compress(bytes).expect("memory suffices for one record");
        let mut tagged = Vec::with_capacity(packed.len() + 1);
        tagged.push(TAG_1);
        tagged.extend_from_slice(&packed);
        tagged
    }

    pub fn unpack(&mut self, tagged: &[u8]) -> Result<Vec<u8>, Error> {
        let damaged = |what: &str| Error::Damaged { what: what.to_owned() };
        let Some((&TAG_1, packed)) = tagged.split_first() else {
            return Err(damaged("a compressed text of an unknown kind"));
        };
        let size = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten();
        let size = size.ok_or_else(|| damaged("a compressed text without a size"))?;
        self.decompressor.decompress(packed, size as usize).map_err(|_| damaged("a compressed text that does not open"))
    }

    pub fn unpack_text(&mut self, tagged: &[u8]) -> Result<String, Error> {
        String::from_utf8(self.unpack(tagged)?)
            .map_err(|_| Error::Damaged { what: "a text that is not UTF-8".to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn unpacking_gives_back_what_was_packed(bytes in proptest::collection::vec(any::<u8>(), 0..5000)) {
            let mut codec = Codec::new();
            let packed = codec.pack(&bytes);
            prop_assert_eq!(codec.unpack(&packed).unwrap(), bytes);
        }

        #[test]
        fn damaged_bytes_are_an_error_not_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Codec::new().unpack(&bytes);
        }
    }
}
