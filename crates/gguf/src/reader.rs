//! Reads little-endian scalars and strings from a prefix of a file, and keeps count of what must still follow.

use crate::Error;
use crate::limits::{HEADER_BYTES_MAX, STRING_BYTES_MAX};

/// Why reading stopped before the header's end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The prefix is too short: this many bytes of the file are needed at least.
    NeedMore(u64),
    /// The file is wrong.
    Malformed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Malformed(error)
    }
}

pub(crate) type ReadResult<T> = Result<T, Stop>;

/// A position in a prefix.
///
/// Counts in the file are promises: 10 strings are 80 bytes of lengths at least. Reading stops as soon as the promises
/// end behind the prefix, so nothing is ever allocated for a count whose bytes are not there, and the answer "need more"
/// grows with the first count read instead of with each string.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    prefix: &'a [u8],
    file_len: Option<u64>,
    pos: u64,
    /// Bytes that must follow what is read next, by the counts read so far.
    promised: u64,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(prefix: &'a [u8], file_len: Option<u64>) -> Self {
        Self {
            prefix,
            file_len,
            pos: 0,
            promised: 0,
        }
    }

    /// The offset in the file of the next byte.
    pub(crate) const fn pos(&self) -> u64 {
        self.pos
    }

    /// Notes that `n_bytes` will follow, and stops if they cannot.
    pub(crate) fn promise(&mut self, n_bytes: u64, what: &'static str) -> ReadResult<()> {
        self.promised = self.promised.saturating_add(n_bytes);
        self.need(0, what).map(|_| ())
    }

    /// Takes back `n_bytes` of a promise, to read them.
    pub(crate) const fn redeem(&mut self, n_bytes: u64) {
        self.promised -= n_bytes;
    }

    /// Reads `n_bytes`.
    pub(crate) fn take(&mut self, n_bytes: u64, what: &'static str) -> ReadResult<&'a [u8]> {
        let end = self.need(n_bytes, what)?;
        let bytes = &self.prefix[self.pos as usize..end as usize];
        self.pos = end;
        Ok(bytes)
    }

    /// Checks that `n_bytes` and all promises are there; gives the end of the `n_bytes`.
    fn need(&self, n_bytes: u64, what: &'static str) -> ReadResult<u64> {
        let offset = self.pos;
        let needed = offset.saturating_add(n_bytes).saturating_add(self.promised);
        if let Some(file_len) = self.file_len
            && needed > file_len
        {
            return Err(Error::Truncated {
                what,
                offset,
                needed,
                file_len,
            }
            .into());
        }
        if needed > HEADER_BYTES_MAX {
            let what = "the header's length";
            return Err(Error::OverLimit {
                what,
                offset,
                found: needed,
                limit: HEADER_BYTES_MAX,
            }
            .into());
        }
        if needed > self.prefix.len() as u64 {
            return Err(Stop::NeedMore(needed));
        }
        Ok(offset + n_bytes)
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> ReadResult<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N as u64, what)?);
        Ok(bytes)
    }

    pub(crate) fn u32(&mut self, what: &'static str) -> ReadResult<u32> {
        Ok(u32::from_le_bytes(self.array(what)?))
    }

    pub(crate) fn u64(&mut self, what: &'static str) -> ReadResult<u64> {
        Ok(u64::from_le_bytes(self.array(what)?))
    }

    /// A scalar of `N` bytes, by the function that makes it from them.
    pub(crate) fn scalar<T, const N: usize>(
        &mut self,
        from_le_bytes: fn([u8; N]) -> T,
    ) -> ReadResult<T> {
        Ok(from_le_bytes(self.array("a metadata value")?))
    }

    /// Reads a u64 that counts something, refused above `limit`.
    pub(crate) fn count(&mut self, what: &'static str, limit: u64) -> ReadResult<u64> {
        let offset = self.pos;
        let found = self.u64(what)?;
        within(found, limit, what, offset)
    }

    /// `n` scalars of `N` bytes each.
    pub(crate) fn scalars<T, const N: usize>(
        &mut self,
        n: u64,
        from_le_bytes: fn([u8; N]) -> T,
    ) -> ReadResult<Vec<T>> {
        let bytes = self.take(n.saturating_mul(N as u64), "a metadata array")?;
        let (items, _) = bytes.as_chunks::<N>();
        Ok(items.iter().map(|&item| from_le_bytes(item)).collect())
    }

    /// A string's bytes: its length, then itself.
    pub(crate) fn string(&mut self) -> ReadResult<&'a [u8]> {
        let len = self.count("the length of a string", STRING_BYTES_MAX)?;
        self.take(len, "a string")
    }

    /// A key or a name: UTF-8, and no longer than `len_max`.
    pub(crate) fn name(&mut self, what: &'static str, len_max: u64) -> ReadResult<String> {
        let len = self.count(what, len_max)?;
        let offset = self.pos;
        let bytes = self.take(len, what)?;
        match std::str::from_utf8(bytes) {
            Ok(name) => Ok(name.to_owned()),
            Err(_) => Err(Error::NotUtf8 { what, offset }.into()),
        }
    }
}

/// `found`, if it is not over `limit`.
pub(crate) fn within(found: u64, limit: u64, what: &'static str, offset: u64) -> ReadResult<u64> {
    if found > limit {
        return Err(Error::OverLimit {
            what,
            offset,
            found,
            limit,
        }
        .into());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_counts_towards_what_is_needed() {
        let mut reader = Reader::new(&[0; 16], None);
        assert!(reader.promise(12, "test").is_ok());
        assert!(reader.u32("test").is_ok());
        assert!(matches!(reader.u32("test"), Err(Stop::NeedMore(20))));
        reader.redeem(12);
        assert!(reader.u32("test").is_ok());
        assert!(matches!(
            reader.promise(u64::MAX, "test"),
            Err(Stop::Malformed(Error::OverLimit { .. }))
        ));
    }

    #[test]
    fn a_known_length_bounds_promises() {
        let mut reader = Reader::new(&[0; 4], Some(10));
        assert!(matches!(
            reader.promise(10, "test"),
            Err(Stop::NeedMore(10))
        ));
        assert!(matches!(
            reader.promise(1, "test"),
            Err(Stop::Malformed(Error::Truncated { needed: 11, .. }))
        ));
    }
}
