//! One input that is no container: from its bytes to units of facts.

use std::collections::BTreeSet;
use std::io::BufRead;

use domain::fact::{FlowRevision, PaidAt, PositionVersion, Receipt, Source};
use domain::identifier::OrganizationCode;
use formats::journal::JournalRecord;
use formats::position::PositionLine;
use formats::recognise::Kind;
use formats::{Defects, FlowRecord, Located, Place, Rule};
use jiff::civil::Date;

use super::units::{self, FlowUnits};
use crate::key;
use crate::port::Unit;

/// What was read of an input.
#[derive(Debug, Default)]
pub struct Read {
    /// How many records it has.
    pub records: u64,
    /// Whether a signature is part of it.
    pub signed: bool,
    /// What is wrong with it; for positions, with its bad lines.
    pub defects: Defects,
    /// For positions: the numbers of the bad lines.
    pub bad_lines: Vec<u64>,
    /// The flow revision that it carries, as partition and sort key.
    pub revision: Option<(String, String)>,
    /// The partition that says that the flow was refused, if it is.
    pub flow: Option<String>,
    /// Of a receipt that pays other bodies alone: which of us it came to, and the day of payment.
    pub pays_others: Option<(String, Option<Date>)>,
    /// Of a flow: its identifier, the code of its provider and its name.
    pub flow_told: Option<(String, String, Option<String>)>,
}

/// Reads an input of a known kind and hands its units over as they fill.
///
/// What was handed over must be forgotten when the answer has defects, but for positions: there
/// every line is judged by itself, and only good lines were handed over.
pub fn read(
    kind: &Kind,
    name: &str,
    input: impl BufRead,
    ours: &BTreeSet<OrganizationCode>,
    emit: &mut dyn FnMut(Unit),
) -> Read {
    let mut reader = Reader { name, ours, emit, read: Read::default() };
    match kind {
        Kind::FlowXml | Kind::SoapFlow => {
            reader.flow(|sink| formats::flow_xml::read(input, sink));
        }
        Kind::FlowJson => reader.flow(|sink| formats::flow_json::read(input, sink)),
        Kind::Journal => reader.journal(input),
        Kind::Receipt => reader.receipt(input),
        Kind::PositionsJsonLines => {
            reader.positions(|sink| formats::position::read_json_lines(input, sink));
        }
        Kind::PositionsCsv => reader.positions(|sink| formats::position::read_csv(input, sink)),
        Kind::Unknown { looks_like } => {
            let message = format!("not a format that is read: it looks like {looks_like}");
            reader.read.defects.push(Place::WHOLE_FILE, "", Rule::UnknownFormat, message);
        }
        Kind::Configuration | Kind::SampleTruth => {}
        Kind::Zip | Kind::Gzip | Kind::P7m => {
            let message = "a container inside a container inside a container";
            reader.read.defects.push(Place::WHOLE_FILE, "", Rule::Container, message);
        }
    }
    reader.read
}

struct Reader<'a> {
    name: &'a str,
    ours: &'a BTreeSet<OrganizationCode>,
    emit: &'a mut dyn FnMut(Unit),
    read: Read,
}

impl Reader<'_> {
    fn source(&self, at: Place) -> Source {
        Source { file: self.name.to_owned(), line: at.line }
    }

    /// Whether a file is for one of us; if not, that is its defect.
    fn is_ours(&mut self, organization: &OrganizationCode, at: Place, field: &'static str) -> bool {
        let ours = self.ours.contains(organization);
        if !ours {
            let message = "is another organization than those that are configured";
            self.read.defects.push(at, field, Rule::OrganizationMismatch, message);
        }
        ours
    }

    fn end(&mut self, result: Result<(), Defects>) {
        if let Err(defects) = result {
            self.read.defects.append(defects);
        }
    }

    fn flow(
        &mut self,
        read: impl FnOnce(&mut dyn FnMut(Located<FlowRecord>)) -> Result<(), Defects>,
    ) {
        let mut flow: Option<FlowUnits> = None;
        let result = read(&mut |Located { at, record }| match record {
            FlowRecord::Header(header) => flow = self.flow_header(header, at),
            FlowRecord::Line(line) => {
                self.read.records += 1;
                if let Some(unit) = flow.as_mut().and_then(|flow| flow.line(&line, at.line)) {
                    (self.emit)(unit);
                }
            }
        });
        self.end(result);
        if let Some(flow) = flow.filter(|_| self.read.defects.is_empty()) {
            let (units, revision) = flow.seal();
            units.into_iter().for_each(&mut *self.emit);
            self.read.revision = Some(revision);
        }
    }

    fn flow_header(&mut self, header: FlowRevision, at: Place) -> Option<FlowUnits> {
        let ours = self.is_ours(&header.organization, at, "identificativoUnivocoRicevente");
        self.read.flow = ours.then(|| key::refused_flow(&header.organization, &header.iuf));
        let name = header.psp_name.as_ref().map(ToString::to_string);
        self.read.flow_told = Some((header.iuf.to_string(), header.psp.to_string(), name));
        ours.then(|| FlowUnits::new(header, self.name, at.line))
    }

    fn journal(&mut self, input: impl BufRead) {
        let mut organization = None;
        let result = formats::journal::read(input, &mut |Located { at, record }| match record {
            JournalRecord::Opens { organization: named, .. } => {
                if self.is_ours(&named, at, "codice_fiscale_ente") {
                    organization = Some(named);
                }
            }
            JournalRecord::Movement(movement) => {
                self.read.records += 1;
                if let Some(organization) = &organization {
                    let unit = units::movement(organization, movement, self.source(at));
                    (self.emit)(unit);
                }
            }
            JournalRecord::Page(page) => {
                self.read.signed = page.signed;
                if organization.is_some() {
                    let unit = units::page(&page, self.source(at));
                    (self.emit)(unit);
                }
            }
        });
        self.end(result);
    }

    fn receipt(&mut self, input: impl BufRead) {
        let result = formats::receipt::read(input, &mut |Located { at, record }| {
            self.read.records += 1;
            if self.concerns_us(&record, at) {
                self.read.pays_others = self.pays_others(&record);
                let unit = units::receipt(&record, self.ours, &self.source(at));
                (self.emit)(unit);
            }
        });
        self.end(result);
    }

    /// A receipt reaches everybody who is paid by it: one that neither pays us nor was addressed to
    /// us is another organization's file.
    fn concerns_us(&mut self, receipt: &Receipt, at: Place) -> bool {
        let pays_us = receipt.transfers.iter().any(|t| self.ours.contains(&t.organization));
        let ours = |code| self.ours.contains(code);
        pays_us
            || ours(&receipt.creditor)
            || ours(&receipt.addressee)
            || self.is_ours(&receipt.creditor, at, "fiscalCodePA")
    }

    /// Which of us a receipt came to that pays other bodies alone, and when it was paid.
    fn pays_others(&self, receipt: &Receipt) -> Option<(String, Option<Date>)> {
        let transfers = &receipt.transfers;
        if transfers.is_empty() || transfers.iter().any(|t| self.ours.contains(&t.organization)) {
            return None;
        }
        let us = [&receipt.addressee, &receipt.creditor];
        let us = us.into_iter().find(|code| self.ours.contains(*code))?;
        Some((us.to_string(), receipt.paid_at.map(PaidAt::day)))
    }

    fn positions(
        &mut self,
        read: impl FnOnce(&mut dyn FnMut(PositionLine<'_>)) -> Result<(), Defects>,
    ) {
        let result = read(&mut |line| match line {
            PositionLine::Good(Located { at, record }) => self.position(&record, at),
            PositionLine::Bad { at, defects, .. } => {
                self.read.records += 1;
                self.read.bad_lines.push(at.line);
                self.read.defects.append(defects);
            }
        });
        self.end(result);
    }

    fn position(&mut self, position: &PositionVersion, at: Place) {
        self.read.records += 1;
        if self.is_ours(&position.organization, at, "organization") {
            let unit = units::position(position, &self.source(at));
            (self.emit)(unit);
        } else {
            self.read.bad_lines.push(at.line);
        }
    }
}
