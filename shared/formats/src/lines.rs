//! Lines of a text, none of them longer than a stated maximum.

use std::io::{self, BufRead};

/// Hands the lines of a text over, one at a time, without their line ends.
pub(crate) struct Lines<R> {
    input: R,
    bytes_max: usize,
    number: u64,
    /// A line that does not stand whole in the input's buffer.
    assembled: Vec<u8>,
    /// Bytes of the input's buffer that the last line took.
    taken: usize,
}

/// A line.
pub(crate) struct Line<'l> {
    /// From 1.
    pub number: u64,
    /// Its bytes; the first `bytes_max` of them when it is longer.
    pub bytes: &'l [u8],
    /// Whether it is longer.
    pub too_long: bool,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(input: R, bytes_max: usize) -> Self {
        Self { input, bytes_max, number: 0, assembled: Vec::new(), taken: 0 }
    }

    /// The next line, with the number that it has.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.input.consume(std::mem::take(&mut self.taken));
        self.number += 1;
        let buffer = self.input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let end = memchr::memchr(b'\n', buffer);
        if end.is_none_or(|end| end > self.bytes_max) {
            return self.assemble().map(Some);
        }
        // The buffer is asked for again because a borrow cannot be given back on one path only.
        let end = end.unwrap_or_default();
        self.taken = end + 1;
        let bytes = &self.input.fill_buf()?[..end];
        Ok(Some(Line { number: self.number, bytes: without_return(bytes), too_long: false }))
    }

    /// Copies a line that spans buffers; what is over the maximum is passed over.
    fn assemble(&mut self) -> io::Result<Line<'_>> {
        self.assembled.clear();
        let mut too_long = false;
        loop {
            let buffer = self.input.fill_buf()?;
            let end = memchr::memchr(b'\n', buffer);
            let part = &buffer[..end.unwrap_or(buffer.len())];
            let room = self.bytes_max - self.assembled.len();
            too_long |= part.len() > room;
            self.assembled.extend_from_slice(&part[..part.len().min(room)]);
            let consumed = part.len() + usize::from(end.is_some());
            let last = end.is_some() || buffer.is_empty();
            self.input.consume(consumed);
            if last {
                let bytes = without_return(&self.assembled);
                return Ok(Line { number: self.number, bytes, too_long });
            }
        }
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    #[test]
    fn lines_are_handed_over_whatever_the_buffer_and_cut_at_the_maximum() {
        let text = b"one\r\n\n12345678\n123456789\nlast";
        for capacity in 1..=text.len() + 1 {
            let mut lines = Lines::new(BufReader::with_capacity(capacity, &text[..]), 8);
            let mut read = Vec::new();
            while let Some(line) = lines.next().unwrap() {
                let bytes = String::from_utf8(line.bytes.to_vec()).unwrap();
                read.push((line.number, bytes, line.too_long));
            }
            let expected = [
                (1, "one", false),
                (2, "", false),
                (3, "12345678", false),
                (4, "12345678", true),
                (5, "last", false),
            ]
            .map(|(number, bytes, too_long)| (number, bytes.to_owned(), too_long));
            assert_eq!(read, expected, "buffer of {capacity}");
        }
    }
}
