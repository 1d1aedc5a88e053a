//! `quadra explain`: everything that is known of a key, as the help desk reads it.

use std::process::ExitCode;

use engine::configuration::Configuration;
use engine::explain::{self, Event, Explanation, Story};
use engine::port::Home;
use jiff::Timestamp;

use crate::command::CommandError;
use crate::home::Store;
use crate::show;

/// Tells what is known of a key; fails where nothing is.
///
/// # Errors
/// When the ledger cannot be read.
pub fn run(
    store: &Store,
    configuration: &Configuration,
    key: &str,
    as_of: Timestamp,
    json: bool,
) -> Result<ExitCode, CommandError> {
    let explanation = explain::explain(&mut store.reader()?, configuration, key, as_of)?;
    if json {
        show::print(&explanation.to_json());
    } else {
        show(&explanation);
    }
    let known = !explanation.subjects.is_empty();
    Ok(if known { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(explanation: &Explanation) {
    if explanation.subjects.is_empty() {
        show::print(&format!("{}: non se ne sa nulla.", explanation.key));
    }
    explanation.subjects.iter().for_each(story);
    if explanation.more > 0 {
        show::print(&format!("e altri {}: cercare con una chiave più precisa.", explanation.more));
    }
}

fn story(story: &Story) {
    show::print(&format!("{}: {}", story.subject, story.state));
    for conclusion in &story.conclusions {
        show::print(&format!("  {conclusion}"));
    }
    for event in &story.timeline {
        show::print(&format!("  {}", told(event)));
    }
    show::print("");
}

/// `2026-03-02            provvisorio 2026/123 …  [giornale.xml:12]`.
fn told(event: &Event) -> String {
    let at = event.at.as_deref().unwrap_or("—").replace('T', " ");
    let place = match (&event.file, event.line) {
        (Some(file), Some(line)) => format!("  [{file}:{line}]"),
        _ => String::new(),
    };
    format!("{at:19}  {}{place}", event.what)
}
