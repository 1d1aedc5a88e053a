//! `quadra verify`: the audit of a ledger, and its result in words.

use std::process::ExitCode;

use engine::configuration::Configuration;
use engine::verify::{self, Audit, Check, Wrong};
use jiff::Timestamp;

use crate::command::CommandError;
use crate::home::Store;
use crate::show::{self, Bar};

/// Audits the ledger; fails where something is wrong.
///
/// # Errors
/// When the ledger cannot be read.
pub fn run(
    store: &Store,
    configuration: &Configuration,
    as_of: Timestamp,
) -> Result<ExitCode, CommandError> {
    let bar = Bar::counting("verifica");
    let audit = verify::verify(store, configuration, as_of, &mut |done| bar.set(done))?;
    bar.finish();
    show(&audit);
    Ok(if audit.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(audit: &Audit) {
    let mut shown = show::table(&["Verifica", "controllati", "errati", "non aggiornati"]);
    for (check, tally) in &audit.checks {
        let mut row = vec![name(*check).to_owned()];
        let counts = [tally.checked, tally.wrong, tally.not_up_to_date];
        row.extend(counts.iter().map(ToString::to_string));
        shown.add_row(row);
    }
    show::print(&shown.to_string());
    for fault in &audit.faults {
        show::print(&format!("{}: {}: {}", name(fault.check), fault.subject, said(fault.wrong)));
    }
    let more = audit.wrong() - audit.faults.len() as u64;
    if more > 0 {
        show::print(&format!("e altri {more} errori"));
    }
    if audit.not_up_to_date() > 0 {
        show::print("Gli esiti non aggiornati aspettano `quadra reconcile`: non sono errori.");
    }
    show::print(if audit.is_good() {
        "Il registro è integro."
    } else {
        "Il registro NON è integro: ripristinare una copia o rileggere i file d'origine."
    });
}

fn name(check: Check) -> &'static str {
    match check {
        Check::Chains => "catene del giornale degli esiti",
        Check::Flows => "esiti dei flussi, ricalcolati",
        Check::Credits => "esiti dei provvisori, ricalcolati",
        Check::Positions => "esiti delle posizioni, ricalcolati",
        Check::Iuvs => "esiti degli IUV senza posizione, ricalcolati",
        Check::FlowSums => "somme dei flussi, dalle righe",
        Check::Conservation => "quadratura di ogni centesimo",
    }
}

fn said(wrong: Wrong) -> String {
    match wrong {
        Wrong::EntryMissing(version) => format!("manca la registrazione {version}"),
        Wrong::EntryHash(version) => {
            format!("l'impronta della registrazione {version} non è quella del suo testo")
        }
        Wrong::EntryLink(version) => {
            format!("la registrazione {version} non segue dalla precedente")
        }
        Wrong::OutcomeNotOfJournal => "l'esito non è quello dell'ultima registrazione".into(),
        Wrong::NoOutcome => "ci sono registrazioni ma nessun esito".into(),
        Wrong::NoEntry => "c'è un esito ma nessuna registrazione".into(),
        Wrong::OutcomeNotOfFacts => "l'esito non è quello che segue dai fatti".into(),
        Wrong::NoFacts => "mancano i fatti da cui dovrebbe seguire".into(),
        Wrong::NeverConcluded => "ci sono fatti ma nessun esito".into(),
        Wrong::Sums => "le righe non danno i totali con cui il flusso è stato chiuso".into(),
        Wrong::NotConserved => "le somme non tornano".into(),
        Wrong::Unreadable => "un dato non si legge".into(),
    }
}
