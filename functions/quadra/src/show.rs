//! What the terminal shows: progress while it works, then a short table. Nothing personal.

use std::path::Path;
use std::time::Duration;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use domain::money::Cents;
use engine::decide::Decided;
use engine::intake::Ingested;
use engine::picture::Overview;
use engine::reconcile::Reconciled;
use engine::record::{EntryRecord, InputOutcome};
use indicatif::{ProgressBar, ProgressStyle};
use sample::Summary;

use crate::command::CommandError;

/// A progress bar on a terminal; nothing in a pipe.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar that counts things.
    pub fn counting(what: &'static str) -> Self {
        Self::new(what, "{msg:22} {bar:30} {human_pos}/{human_len} {elapsed}")
    }

    /// A bar that counts bytes.
    pub fn bytes(what: &'static str) -> Self {
        Self::new(what, "{msg:22} {spinner} {bytes} {bytes_per_sec} {elapsed}")
    }

    fn new(what: &'static str, template: &str) -> Self {
        let bar = ProgressBar::new(0).with_message(what);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// So many more were done.
    pub fn add(&self, more: u64) {
        self.0.inc(more);
    }

    /// So many are done.
    pub fn set(&self, done: u64) {
        self.0.set_position(done);
    }

    /// So many are done, of so many.
    pub fn set_of(&self, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(done);
    }

    /// Takes the bar away.
    pub fn finish(self) {
        self.0.finish_and_clear();
    }
}

/// Prints to the standard output; a reader that went away is no failure.
pub fn print(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Tells why a command failed.
pub fn failure(error: &CommandError) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "quadra: {error}");
}

/// A table whose columns are numbers, but for the first.
pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Refused inputs that are shown; the report lists them all.
const REFUSED_SHOWN: usize = 20;

/// What came in, by kind, and why what was refused was.
pub fn ingested(ingested: &Ingested) {
    let mut shown = table(&["File in arrivo", "acquisiti", "in parte", "già noti", "scartati"]);
    for (kind, counts) in &ingested.counts {
        let outcomes = [
            InputOutcome::Accepted,
            InputOutcome::Partial,
            InputOutcome::Duplicate,
            InputOutcome::Refused,
        ];
        let count = |outcome| counts.get(&outcome).copied().unwrap_or(0).to_string();
        shown.add_row(std::iter::once(plural(kind).to_owned()).chain(outcomes.map(count)));
    }
    print(&shown.to_string());
    for input in ingested.refused.iter().take(REFUSED_SHOWN) {
        refusal(input);
    }
    if ingested.refused.len() > REFUSED_SHOWN {
        print(&format!("e altri {} file scartati.", ingested.refused.len() - REFUSED_SHOWN));
    }
    if ingested.known > 0 {
        print(&format!("{} file erano già stati letti.", ingested.known));
    }
}

fn plural(kind: &str) -> &str {
    match kind {
        "journal" => "giornali di cassa",
        "flow" => "flussi di rendicontazione",
        "receipt" => "ricevute",
        "positions" => "posizioni debitorie",
        "container" => "archivi",
        "configuration" => "configurazione",
        "sample_truth" => "verità della provincia di prova",
        _ => "sconosciuti",
    }
}

/// Defects of one input that are shown; the report lists them all.
const DEFECTS_SHOWN: usize = 5;

fn refusal(input: &EntryRecord) {
    let what = match input.outcome {
        InputOutcome::Partial => "acquisito in parte",
        _ => "scartato",
    };
    print(&format!("{}: {what}", input.file));
    for defect in input.defects.iter().take(DEFECTS_SHOWN) {
        print(&format!(
            "  riga {}, colonna {} {} [{}]: {}",
            defect.line, defect.column, defect.field, defect.rule, defect.message
        ));
    }
    let more = input.defects.len().saturating_sub(DEFECTS_SHOWN) as u64 + input.more_defects;
    if more > 0 {
        print(&format!("  e altri {more} difetti"));
    }
}

/// What came out.
pub fn overview(overview: &Overview, reconciled: Reconciled, out: &Path) {
    let mut shown = table(&["Quadratura", "importo €"]);
    let conservation = overview.conservation;
    for (name, amount) in [
        ("incassato", conservation.credits_in),
        ("abbinato", conservation.matched),
        ("proposto", conservation.proposed),
        ("da spiegare", conservation.unexplained),
        ("stornato", conservation.reversed),
    ] {
        shown.add_row(vec![name.to_owned(), euro(amount)]);
    }
    print(&shown.to_string());
    let Overview { credits, flows, payments, positions, .. } = overview;
    let open = overview.anomalies.iter().filter(|one| one.is_open()).count();
    print(&format!(
        "{credits} provvisori, {flows} flussi, {payments} pagamenti, {positions} posizioni; \
         {open} anomalie aperte; {} esiti calcolati, {} cambiati.",
        reconciled.computed, reconciled.changed
    ));
    print(&format!("Report: {}", out.join("report.html").display()));
}

/// What a reconciliation did.
pub fn reconciled(reconciled: Reconciled) {
    print(&format!("{} esiti calcolati, {} cambiati.", reconciled.computed, reconciled.changed));
}

/// What a person decided.
pub fn decided(decided: &Decided) {
    print(&format!("Decisione n. {} su {}: {}.", decided.number, decided.subject, decided.verdict));
}

/// What a sample holds.
pub fn sample(summary: &Summary, out: &Path) {
    print(&format!(
        "{} avvisi di {} posizioni, {} ricevute, {} flussi, {} provvisori ({} €): {}",
        summary.notices,
        summary.positions,
        summary.receipts,
        summary.flows,
        summary.credits,
        euro(summary.credits_in),
        out.display()
    ));
    print(&format!("Momento di riferimento: --as-of {}", summary.as_of));
}

/// `1.234,50`.
fn euro(amount: Cents) -> String {
    report::Comma(amount).to_string()
}
