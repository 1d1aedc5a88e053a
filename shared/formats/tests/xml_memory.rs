//! Memory does not grow with the flow. A process of its own, since it looks at the peak of it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(target_os = "linux")]

use std::io::Read;

use formats::flow_xml;

/// Gives the head of a flow, then its line over and over, then its tail, holding only these.
struct Endless {
    pieces: [Vec<u8>; 3],
    left: usize,
    given: usize,
    part: usize,
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let Some(piece) = self.pieces.get(self.part) else { return Ok(0) };
        let count = (&piece[self.given..]).read(into)?;
        self.given += count;
        if self.given == piece.len() {
            self.given = 0;
            if self.part == 1 && self.left > 1 { self.left -= 1 } else { self.part += 1 }
        }
        Ok(count)
    }
}

#[test]
fn memory_is_flat_whatever_the_number_of_lines() {
    let text = include_str!("../fixtures/flow.xml");
    let (head, rest) = text.split_once("<datiSingoliPagamenti>").unwrap();
    let (line, _) = rest.split_once("</datiSingoliPagamenti>").unwrap();
    let (_, tail) = rest.rsplit_once("</datiSingoliPagamenti>").unwrap();
    let line = format!("<datiSingoliPagamenti>{line}</datiSingoliPagamenti>");
    let peak_after = |lines: usize| {
        let pieces = [head, &line, tail].map(|piece| piece.as_bytes().to_vec());
        let mut count = 0;
        flow_xml::read(Endless { pieces, left: lines, given: 0, part: 0 }, &mut |_| count += 1)
            .unwrap();
        assert_eq!(count, lines + 1);
        peak_kilobytes()
    };
    // A million lines with optimization, where they take two seconds and not twenty.
    let (few, many) = if cfg!(debug_assertions) { (1_000, 50_000) } else { (10_000, 1_000_000) };
    let small = peak_after(few);
    let large = peak_after(many);
    assert!(large <= small + 512, "{small} kB, then {large} kB");
}

/// The most memory that this process ever had (Linux).
fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}
