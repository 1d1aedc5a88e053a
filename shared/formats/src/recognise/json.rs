//! JSON files, by the names in their first object.

use super::{Kind, unknown};

/// The kind of a JSON file; `text` begins with `{`.
pub(super) fn kind(text: &str) -> Kind {
    let object = FirstObject::of(text);
    let has = |name: &str| object.names.contains(&name);
    if object.names.first() == Some(&"quadra_sample_truth") {
        return Kind::SampleTruth;
    }
    if has("position_id") || has("debt_type") || has("notices") || has_position_line(text) {
        if object.closed && object.lines > 1 && !has_position_line(text) {
            return unknown("a debt position over several lines (one object a line is wanted)");
        }
        return Kind::PositionsJsonLines;
    }
    if has("flow") || has("fdr") && !has("published") || has("fdr") && has("sender") {
        return Kind::FlowJson;
    }
    if has("httpStatusCode") || has("appErrorCode") || has("errorId") {
        return unknown("an error answered by the FdR API");
    }
    if has("data") || has("metadata") {
        return if text.contains("\"iuv\"") {
            unknown("a bare page of payments, which names no flow")
        } else if text.contains("\"fdr\"") {
            unknown("a list of flows (the flows themselves are wanted)")
        } else {
            unknown("a page answered by an API")
        };
    }
    if has("payments") || has("paymentList") {
        // A long flow may have its fields after its payments: only a short one is known to have
        // none.
        return if object.closed {
            unknown("a bare page of payments, which names no flow")
        } else {
            Kind::FlowJson
        };
    }
    unknown("JSON of another kind")
}

/// Whether some line is a position, be it JSON or not: the first may be the one that is broken.
pub(super) fn has_position_line(text: &str) -> bool {
    text.lines().any(|line| line.starts_with('{') && line.contains("\"position_id\""))
}

/// The first object of a text, as far as it goes.
struct FirstObject<'t> {
    names: Vec<&'t str>,
    /// Whether its end was seen.
    closed: bool,
    /// How many lines it takes.
    lines: usize,
}

impl<'t> FirstObject<'t> {
    fn of(text: &'t str) -> Self {
        let mut object = Self { names: Vec::new(), closed: false, lines: 1 };
        let bytes = text.as_bytes();
        let (mut place, mut depth, mut name_comes) = (0, 0_usize, false);
        while let Some(&byte) = bytes.get(place) {
            match byte {
                b'"' => {
                    let start = place + 1;
                    place = end_of_string(bytes, start);
                    if depth == 1 && std::mem::take(&mut name_comes) {
                        object.names.extend(text.get(start..place));
                    }
                }
                b'{' | b'[' => {
                    depth += 1;
                    name_comes = depth == 1;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        object.closed = true;
                        return object;
                    }
                }
                b',' => name_comes = depth == 1,
                b'\n' => object.lines += 1,
                _ => {}
            }
            place += 1;
        }
        object
    }
}

/// The place of the quote that ends a string, or the end of the text.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut place = start;
    while let Some(&byte) = bytes.get(place) {
        match byte {
            b'"' => return place,
            b'\\' => place += 2,
            _ => place += 1,
        }
    }
    bytes.len()
}
