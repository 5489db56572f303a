//! Unpacks the body of an answer.

use std::io::Read as _;

/// Unpacks a body by what it is and not by what its header says: servers pack without a word, and say that they pack and
/// do not. Stops beyond the largest body that is taken.
pub(super) fn unpacked(body: Vec<u8>, is_deflated: bool, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    if body.starts_with(&[0x1F, 0x8B]) {
        flate2::read::GzDecoder::new(body.as_slice()).take(limit + 1).read_to_end(&mut plain)?;
        return Ok(plain);
    }
    if !is_deflated || body.trim_ascii_start().starts_with(b"<") {
        return Ok(body);
    }
    // The name means zlib's form; some servers send the bare one.
    if flate2::read::ZlibDecoder::new(body.as_slice()).take(limit + 1).read_to_end(&mut plain).is_err() {
        plain.clear();
        flate2::read::DeflateDecoder::new(body.as_slice()).take(limit + 1).read_to_end(&mut plain)?;
    }
    Ok(plain)
}
