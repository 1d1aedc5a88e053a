//! Tables, configurations and other plain text.

use super::json::has_position_line;
use super::{Kind, unknown};

/// Whether a text is a `quadra.toml`.
pub(super) fn is_configuration(text: &str) -> bool {
    text.lines().any(|line| line.split('#').next().unwrap_or_default().trim() == "[[organization]]")
}

/// The kind of a text that is neither XML nor JSON.
pub(super) fn kind(text: &str) -> Kind {
    if has_position_line(text) {
        return Kind::PositionsJsonLines;
    }
    let header = text.lines().next().unwrap_or_default();
    let count = |separator: &char| header.matches(*separator).count();
    let separator = [';', ',', '\t', '|'].into_iter().max_by_key(count).unwrap_or(';');
    let columns: Vec<String> = header
        .split(separator)
        .map(|name| name.trim().trim_matches('"').trim().to_ascii_lowercase())
        .collect();
    if columns.iter().any(|name| name == "position_id") && matches!(separator, ';' | ',') {
        return Kind::PositionsCsv;
    }
    let some_column = |words: &[&str]| {
        columns.len() > 2 && columns.iter().any(|name| words.iter().any(|word| name.contains(word)))
    };
    let lower = text.to_lowercase();
    if columns.iter().any(|name| name == "iud") {
        unknown("a notification of a sector (IUD), which is not read yet")
    } else if lower.contains("bancoposta")
        || lower.contains("poste italiane")
        || lower.contains("bollettin")
    {
        unknown("a statement of Poste, which is not read yet")
    } else if some_column(&["provvisori", "sospes", "quietanza", "bolletta", "tesorier"]) {
        unknown("a treasurer's table (CSV), which is not read yet")
    } else if columns.len() > 2 {
        unknown("a table (CSV) of another kind")
    } else {
        unknown("plain text")
    }
}
