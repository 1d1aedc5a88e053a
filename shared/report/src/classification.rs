//! `classificazioni.csv`: the labels of MyPivot and of the Piattaforma Unitaria, in the columns of
//! their own export of classifications, so that the offices' spreadsheets go on working.
//!
//! Columns that nothing here could fill (addresses, e-mail, units of the institutions) are left
//! out. Deviation: there a payment has the label of the last run; here each label that applies has
//! a row of its own.

use std::collections::HashMap;
use std::io::{self, Write};

use domain::identifier::Provvisorio;
use domain::legacy;
use domain::money::Cents;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::files::Files;
use crate::line::{Column, Line, column};
use crate::row::{CreditRow, CreditState, FlowRow, FlowState, Kind, PaymentRow, ReceiptPresence};
use crate::table::{csv_line, csv_writer};
use crate::writer::ReportError;

/// The name of the file.
const NAME: &str = "classificazioni.csv";

/// The export, being written beside the other files of a report. Flows and credits are remembered
/// until the payments come.
pub struct Classifications<F: Write> {
    csv: csv::Writer<F>,
    /// By organization, PSP and IUF.
    flows: HashMap<String, Flow>,
    /// By organization.
    credits: HashMap<String, HashMap<Provvisorio, Credit>>,
    key: String,
    line: Line,
    field: String,
}

/// What a payment's row says of its flow.
struct Flow {
    psp_name: Option<String>,
    time: Timestamp,
    settlement_id: String,
    settlement_date: Date,
    total: Cents,
    count: u64,
}

/// What a payment's row says of its provvisorio.
struct Credit {
    account: String,
    date: Date,
    value_date: Date,
    amount: Cents,
    remittance: String,
    remitter: Option<String>,
    iuf: Option<String>,
    iuv: Option<String>,
    quietanza: Option<u64>,
    provvisorio: Provvisorio,
}

impl<F: Write + Send> Classifications<F> {
    /// Begins the file.
    ///
    /// # Errors
    /// When it cannot be begun.
    pub fn create(files: &impl Files<File = F>) -> Result<Self, ReportError> {
        let made = files.create(NAME).and_then(|file| csv_writer(file, &KIND));
        Ok(Self {
            csv: made.map_err(failed)?,
            flows: HashMap::new(),
            credits: HashMap::new(),
            key: String::new(),
            line: Line::default(),
            field: String::new(),
        })
    }

    /// Remembers a flow; a revision that another replaced is not what its payments are in.
    pub fn flow(&mut self, row: &FlowRow<'_>) {
        if row.state == FlowState::Superseded {
            return;
        }
        let flow = Flow {
            psp_name: row.psp_name.as_deref().map(str::to_owned),
            time: row.flow_time,
            settlement_id: row.settlement_id.to_string(),
            settlement_date: row.settlement_date,
            total: row.declared_total,
            count: row.declared_count,
        };
        write_key(&mut self.key, [&row.organization, &row.psp, &row.iuf]);
        self.flows.insert(self.key.clone(), flow);
    }

    /// Remembers a provvisorio, and writes it if it has no payment.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn credit(&mut self, row: &CreditRow<'_>) -> Result<(), ReportError> {
        let provvisorio = Provvisorio { esercizio: row.esercizio, number: row.number };
        let reading = row.reading.as_ref();
        let credit = Credit {
            account: row.account.to_string(),
            date: row.date,
            value_date: row.value_date,
            amount: row.amount,
            remittance: row.remittance.to_string(),
            remitter: row.remitter.as_deref().map(str::to_owned),
            iuf: reading.and_then(|reading| reading.iuf.as_deref()).map(str::to_owned),
            iuv: reading.and_then(|reading| reading.iuvs.first()).map(ToString::to_string),
            quietanza: row.quietanza,
            provvisorio,
        };
        let settled = matches!(
            row.state,
            CreditState::Matched | CreditState::Regularised | CreditState::Reversed
        );
        if !settled && row.flows.is_empty() && row.allocated.is_empty() {
            let names_something = credit.iuf.is_some() || credit.iuv.is_some();
            self.line.clear();
            self.line.empty(LEGS_BEFORE_TREASURY);
            treasury(&credit, &mut self.line);
            self.line.text(legacy::unmatched_credit(names_something));
            self.write()?;
        }
        self.credits.entry(row.organization.to_string()).or_default().insert(provvisorio, credit);
        Ok(())
    }

    /// Writes a payment, once for each of its labels. Its flow and its provvisorio came before.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn payment(&mut self, row: &PaymentRow<'_>) -> Result<(), ReportError> {
        for label in &row.labels {
            self.line.clear();
            receipt(row, &mut self.line);
            self.reported(row);
            let credit = row
                .provvisorio
                .and_then(|number| self.credits.get(&*row.organization)?.get(&number));
            match credit {
                Some(credit) => treasury(credit, &mut self.line),
                None => self.line.empty(TREASURY),
            }
            self.line.text(label);
            self.write()?;
        }
        Ok(())
    }

    /// The columns of the flow.
    fn reported(&mut self, row: &PaymentRow<'_>) {
        let (Some(psp), Some(iuf)) = (&row.psp, &row.iuf) else {
            return self.line.empty(REPORTED);
        };
        write_key(&mut self.key, [&row.organization, psp, iuf]);
        let (flow, line) = (self.flows.get(&self.key), &mut self.line);
        line.text(iuf);
        line.instant_opt(flow.map(|flow| flow.time));
        line.text_opt(flow.map(|flow| flow.settlement_id.as_str()));
        line.date_opt(flow.map(|flow| flow.settlement_date));
        line.text(psp);
        line.text_opt(flow.and_then(|flow| flow.psp_name.as_deref()));
        line.count_opt(flow.map(|flow| flow.count));
        line.amount_opt(flow.map(|flow| flow.total));
        line.text(&row.iuv);
        line.text(&row.iur);
        line.amount(row.amount);
        line.text_opt(row.outcome.as_deref());
    }

    fn write(&mut self) -> Result<(), ReportError> {
        assert_eq!(self.line.cells().len(), COLUMNS.len(), "a cell for each column");
        csv_line(&mut self.csv, &self.line, &mut self.field).map_err(failed)
    }

    /// Writes out what is held, and gives the file back.
    pub(crate) fn finish(self) -> Result<F, ReportError> {
        self.csv.into_inner().map_err(|error| {
            let error = error.error();
            failed(io::Error::new(error.kind(), error.to_string()))
        })
    }
}

/// The key of a flow, in memory that is used again: there is one for each label.
fn write_key(key: &mut String, parts: [&str; 3]) {
    key.clear();
    for part in parts {
        key.push_str(part);
        key.push('\n');
    }
}

fn failed(source: io::Error) -> ReportError {
    ReportError::Io { name: NAME, source }
}

/// The columns of the receipt: empty where there is none.
fn receipt(row: &PaymentRow<'_>, line: &mut Line) {
    line.text_opt(row.position_id.as_deref());
    if row.receipt == ReceiptPresence::None {
        return line.empty(LEGS_BEFORE_TREASURY - REPORTED - 1);
    }
    line.text(&row.iuv);
    line.text(&row.organization);
    line.text_opt(row.psp.as_deref());
    line.amount(row.amount);
    line.paid_at(row.paid_at);
    line.text(&row.iur);
}

/// The columns of the provvisorio.
fn treasury(credit: &Credit, line: &mut Line) {
    line.text(&credit.account);
    line.date(credit.date);
    line.date(credit.value_date);
    line.amount(credit.amount);
    line.text(&credit.remittance);
    line.text_opt(credit.remitter.as_deref());
    line.text_opt(credit.iuf.as_deref());
    line.text_opt(credit.iuv.as_deref());
    let year = credit.provvisorio.esercizio;
    line.display_opt(credit.quietanza.map(|_| year));
    line.count_opt(credit.quietanza);
    line.display(year);
    line.count(credit.provvisorio.number);
}

const KIND: Kind = Kind { stem: "classificazioni", sheet: "", note: "", columns: COLUMNS };

/// Columns of the flow, marked `_r`.
const REPORTED: usize = 12;
/// Columns of the receipt, marked `_e`, and of the flow.
const LEGS_BEFORE_TREASURY: usize = 7 + REPORTED;
/// Columns of the treasury, marked `_t`.
const TREASURY: usize = 12;
const _: () = assert!(COLUMNS.len() == LEGS_BEFORE_TREASURY + TREASURY + 1, "and the label");

const COLUMNS: &[Column] = &[
    column("cod_iud_e", 20),
    column("cod_rp_silinviarp_id_univoco_versamento_e", 20),
    column("cod_e_dom_id_dominio_e", 14),
    column("cod_e_istit_att_id_univ_att_codice_id_univoco_e", 16),
    column("num_e_dati_pag_dati_sing_pag_singolo_importo_pagato_e", 14),
    column("dt_e_dati_pag_dati_sing_pag_data_esito_singolo_pagamento_e", 17),
    column("cod_e_dati_pag_dati_sing_pag_id_univoco_riscoss_e", 36),
    column("cod_identificativo_flusso_r", 38),
    column("dt_data_ora_flusso_r", 17),
    column("cod_identificativo_univoco_regolamento_r", 36),
    column("dt_data_regolamento_r", 12),
    column("cod_ist_mitt_id_univ_mitt_codice_identificativo_univoco_r", 16),
    column("de_ist_mitt_denominazione_mittente_r", 30),
    column("num_numero_totale_pagamenti_r", 10),
    column("num_importo_totale_pagamenti_r", 14),
    column("cod_dati_sing_pagam_identificativo_univoco_versamento_r", 20),
    column("cod_dati_sing_pagam_identificativo_univoco_riscossione_r", 36),
    column("num_dati_sing_pagam_singolo_importo_pagato_r", 14),
    column("cod_dati_sing_pagam_codice_esito_singolo_pagamento_r", 9),
    column("cod_conto_tesoreria", 14),
    column("dt_data_contabile_t", 12),
    column("dt_data_valuta_t", 12),
    column("num_importo_tesoreria", 14),
    column("de_causale_t", 60),
    column("de_descrizione_ordinante_t", 30),
    column("cod_id_univoco_flusso_t", 38),
    column("cod_id_univoco_versamento_t", 20),
    column("de_anno_bolletta_t", 8),
    column("cod_bolletta_t", 10),
    column("de_anno_provvisorio_t", 8),
    column("cod_provvisorio_t", 10),
    column("classificazione_completezza", 22),
];
