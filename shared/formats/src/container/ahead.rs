//! Reading ahead of who seeks about: the entries of a zip and their headers stand one after the
//! other, and each is sought.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// Bytes that are read at once: some dozens of small entries.
const AHEAD_BYTES: usize = 64 * 1024;

/// A reader that asks the system only for what it has not read ahead.
#[derive(Debug)]
pub struct Ahead<R> {
    input: BufReader<R>,
    at: u64,
}

impl<R: Read + Seek> Ahead<R> {
    /// Reads `input` from where it stands.
    ///
    /// # Errors
    /// When it does not tell where it stands.
    pub fn of(mut input: R) -> io::Result<Self> {
        let at = input.stream_position()?;
        Ok(Self { input: BufReader::with_capacity(AHEAD_BYTES, input), at })
    }
}

impl<R: Read> Read for Ahead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl<R: Read + Seek> Seek for Ahead<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let near = match to {
            SeekFrom::Start(to) => to.checked_signed_diff(self.at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by).map(|_| by),
            SeekFrom::End(_) => None,
        };
        self.at = match near {
            Some(by) => {
                self.input.seek_relative(by)?;
                self.at.saturating_add_signed(by)
            }
            None => self.input.seek(to)?,
        };
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_and_stands_where_its_input_would() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect();
        let mut plain = io::Cursor::new(&bytes);
        plain.set_position(7);
        let mut ahead = Ahead::of(plain.clone()).unwrap();
        for to in [
            SeekFrom::Start(3),
            SeekFrom::Start(60_000),
            SeekFrom::Current(10_000),
            SeekFrom::Current(-1_000),
            SeekFrom::End(-5),
            SeekFrom::Start(0),
            SeekFrom::Start(199_990),
            SeekFrom::Current(-70_000),
            SeekFrom::Start(200_010),
            SeekFrom::Start(100),
        ] {
            assert_eq!(ahead.seek(to).unwrap(), plain.seek(to).unwrap(), "{to:?}");
            let (mut found, mut expected) = (Vec::new(), Vec::new());
            (&mut ahead).take(30).read_to_end(&mut found).unwrap();
            (&mut plain).take(30).read_to_end(&mut expected).unwrap();
            assert_eq!(found, expected, "{to:?}");
            assert_eq!(ahead.stream_position().unwrap(), plain.position(), "{to:?}");
        }
        assert!(ahead.seek(SeekFrom::Current(-1_000_000)).is_err());
    }
}
