//! Under which account the program runs, for the journal.

/// The name of the account, as the system knows it.
///
/// The number of the real user of the process decides; `USER` and `LOGNAME` are only what somebody wrote into the
/// environment. An account that does not stand in `/etc/passwd`, as one of a directory (LDAP, Active Directory), is told by
/// its number, `uid 1234`: to ask a directory would take another program, or C.
pub fn user() -> String {
    let uid = rustix::process::getuid().as_raw();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    named(&accounts, uid).unwrap_or_else(|| format!("uid {uid}"))
}

/// The first field of the line whose third is the number.
fn named(accounts: &str, uid: u32) -> Option<String> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (!name.is_empty() && number.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_number_and_by_nothing_else() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\n\n# 100:\ncartouche:x:100:1000::/srv:/bin/false\n:x:7::::\n";
        assert_eq!(named(accounts, 100), Some("cartouche".to_owned()));
        assert_eq!(named(accounts, 0), Some("root".to_owned()));
        for unknown in [1000, 7, 10] {
            assert_eq!(named(accounts, unknown), None, "{unknown}");
        }
    }
}
