//! Passwords and random numbers: the door to argon2 and getrandom.

use crate::failure::Advise;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use sha2::{Digest as _, Sha256};

/// The hash of a password that nobody has: a name that nobody has must take as long as one that somebody has.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Y2FydG91Y2hlLW5vYm9keQ$p6oKKl9oYvCzLr5ZaFJ6BsAmJC/2yHhTYPPwWRmHqXw";

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the system gave no random numbers")]
    Random(#[source] getrandom::Error),
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

impl Advise for Error {}

/// 256 bits that nobody can guess.
pub fn random() -> Result<[u8; 32], Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(Error::Random)?;
    Ok(bytes)
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The argon2id hash of a password with a salt of its own, in PHC's form.
pub fn hash(password: &str) -> Result<String, Error> {
    let salt = random()?;
    let hash: Result<PasswordHash, _> = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt[..16]);
    hash.map(|hash| hash.to_string()).map_err(|error| Error::Hash(error.to_string()))
}

/// Whether a password is the hashed one. Without a hash it takes as long and is not.
pub fn is_password(password: &str, hash: Option<&str>) -> bool {
    let parsed = PasswordHash::new(hash.unwrap_or(NOBODY));
    let fits = parsed.is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
    fits && hash.is_some()
}

/// A token that proves that a form came from a page of ours, for those who have no session.
pub fn seal(key: &[u8; 32], text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(key);
    hash.update(text.as_bytes());
    hash.update(key);
    hex(&hash.finalize())
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub fn same(one: &str, other: &str) -> bool {
    let differs = one.bytes().zip(other.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b));
    one.len() == other.len() && differs == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_hash_and_no_other() {
        let (one, two) = (hash("correct horse").unwrap(), hash("correct horse").unwrap());
        assert!(one.starts_with("$argon2id$v=19$") && one != two, "{one} {two}");
        assert!(is_password("correct horse", Some(&one)) && is_password("correct horse", Some(&two)));
        assert!(!is_password("Correct horse", Some(&one)));
        assert!(!is_password("correct horse", None) && !is_password("", Some("nonsense")));
    }

    #[test]
    fn nobody_has_a_hash_that_is_computed_like_any_other() {
        assert!(PasswordHash::new(NOBODY).is_ok());
    }

    #[test]
    fn a_seal_depends_on_key_and_text() {
        let seals = [seal(&[1; 32], "a"), seal(&[2; 32], "a"), seal(&[1; 32], "b")];
        assert!(seals[0] != seals[1] && seals[0] != seals[2] && seals[0].len() == 64);
        assert!(same(&seals[0], &seal(&[1; 32], "a")) && !same(&seals[0], &seals[1]) && !same("a", "ab"));
    }
}
