//! The first two sheets of the workbook: the figures, and what is to be done.

use crate::book::{FrontLine, SheetCount};
use crate::italian::InFull;
use crate::line::{Column, Line, column};
use crate::overview::{Anomaly, TODO_MAX, Tallies};
use crate::row::{ByState, Kind};
use crate::wire::rome;
use crate::words::Word;
use crate::writer::Closing;
use jiff::Timestamp;

/// The figures: conservation of money, states of everything, what each sheet holds.
pub(crate) fn figures(
    as_of: Timestamp,
    closing: &Closing<'_>,
    tallies: &Tallies,
    sheets: &[SheetCount],
) -> Vec<FrontLine> {
    let mut lines = vec![
        FrontLine::Title("Riconciliazione degli incassi pagoPA".into()),
        FrontLine::Note(format!("Situazione a {}", InFull(rome(as_of)))),
    ];
    for organization in &closing.organizations {
        let (name, code) = (&organization.name, &organization.fiscal_code);
        let named = format!("{name}, codice fiscale {code}");
        lines.push(FrontLine::Note(crate::harmless::one_line(&named).into_owned()));
    }
    conservation(&mut lines, tallies);
    states(&mut lines, "Provvisori", &tallies.credits);
    states(&mut lines, "Flussi", &tallies.flows);
    states(&mut lines, "Pagamenti", &tallies.payments);
    states(&mut lines, "Posizioni", &tallies.positions);
    states(&mut lines, "Anomalie", &tallies.anomalies);
    states(&mut lines, "Proposte di reversale", &tallies.proposals);
    header(&mut lines, "Fogli di questa cartella", ["Foglio", "Righe", "", "Nota"]);
    lines.extend(sheets.iter().map(|sheet| FrontLine::Figures {
        label: sheet.name.into(),
        count: Some(sheet.rows.into()),
        amount: None,
        note: match sheet.left_out {
            0 => String::new(),
            left_out => format!("Altre {left_out} righe non ci stanno: sono nel file CSV."),
        },
    }));
    lines
}

fn conservation(lines: &mut Vec<FrontLine>, tallies: &Tallies) {
    let money = &tallies.conservation;
    header(lines, "Quadratura", ["Voce", "", "Importo", "Nota"]);
    for (label, amount, note) in [
        ("Incassato", money.credits_in, "è la somma delle quattro voci che seguono"),
        ("Abbinato", money.matched, "spiegato al centesimo o già regolarizzato"),
        ("Con proposta da confermare", money.proposed, "serve la scelta di una persona"),
        ("Da spiegare", money.unexplained, "nessuna spiegazione, o più d'una, o contraddetta"),
        ("Stornato", money.reversed, "ripreso dal tesoriere"),
    ] {
        lines.push(FrontLine::Figures {
            label: label.into(),
            count: None,
            amount: Some(amount),
            note: note.into(),
        });
    }
}

fn states<W: Word>(lines: &mut Vec<FrontLine>, title: &'static str, states: &ByState<W>) {
    header(lines, title, ["Stato", "Numero", "Importo", ""]);
    let total = states.total();
    let rows = states.present().map(|(state, tally)| (state.label(), tally));
    for (label, tally) in rows.chain([("Totale", total)]) {
        lines.push(FrontLine::Figures {
            label: label.into(),
            count: Some(tally.count),
            amount: Some(tally.amount),
            note: String::new(),
        });
    }
}

fn header(lines: &mut Vec<FrontLine>, title: &str, headers: [&'static str; 4]) {
    lines.push(FrontLine::Note(String::new()));
    lines.push(FrontLine::Title(title.into()));
    lines.push(FrontLine::Header(headers));
}

/// The sheet of what is to be done.
pub(crate) const TODO: Kind = Kind {
    stem: "anomalies",
    sheet: "Da fare",
    note: "Anomalie aperte su cui qualcuno deve agire, dalla più grande (le prime 2.000). Tutte \
           sono nel foglio Anomalie e in anomalies.csv.",
    columns: &[
        column("Chi deve agire", 26),
        column("Nome", 30),
        column("Anomalia", 44),
        column("Che cosa fare", 60),
        column("Oggetto", 44),
        column("Importo", 14),
        column("Dal", 12),
        column("Giorni", 8),
        column("Spiegazione", 80),
        column("Identificativo", 20),
    ] as &[Column],
};
const _: () = assert!(TODO_MAX == 2_000, "the note says so");

/// Fills the cells of [`TODO`].
pub(crate) fn todo(anomaly: &Anomaly, line: &mut Line) {
    line.clear();
    line.text(anomaly.party.label());
    line.text(&anomaly.name);
    line.text(anomaly.code.label());
    line.text(&anomaly.action);
    line.text(&anomaly.subject);
    line.amount_opt(anomaly.amount);
    line.date(anomaly.since);
    line.count(anomaly.days.unsigned_abs().into());
    line.text(&anomaly.explanation);
    line.text(&anomaly.id);
}
