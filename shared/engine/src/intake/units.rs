//! From records to facts: one module for what every format becomes in the ledger.

use std::collections::BTreeSet;

use domain::fact::{
    FlowLine, FlowRevision, JournalPage, Movement, MovementDocument, PositionVersion, Receipt,
    Source,
};
use domain::flow::LineSums;
use domain::identifier::{Iuv, OrganizationCode};

use crate::key::{self, Find};
use crate::port::{Fact, Subject, Unit};
use crate::record::{
    self, AliasRecord, ChunkRecord, JournalPageRecord, LineRecord, MovementRecord, ReceiptRecord,
    RevisionRecord,
};
use crate::seal::Keyring;

/// Lines of a flow in one unit: each is a fact, and the chunk of them is one more.
const LINES_PER_UNIT: usize = Unit::FACTS_MAX - 1;

/// The facts of one flow revision, chunk by chunk and its header last: until the header is there,
/// its lines count for nothing.
pub struct FlowUnits {
    header: FlowRevision,
    header_line: u64,
    file: String,
    tag: String,
    sums: LineSums,
    rows: u64,
    chunk: ChunkRecord,
    unit: Unit,
}

impl FlowUnits {
    /// Begins a revision whose header stands on a line of a file.
    pub fn new(header: FlowRevision, file: &str, header_line: u64) -> Self {
        Self {
            tag: revision_tag(&header),
            header,
            header_line,
            file: file.to_owned(),
            sums: LineSums::default(),
            rows: 0,
            chunk: ChunkRecord::default(),
            unit: Unit::default(),
        }
    }

    /// Adds a line; hands a unit over when it is full.
    pub fn line(&mut self, line: &FlowLine, at: u64) -> Option<Unit> {
        self.sums.add(line);
        self.rows += 1;
        let partition = key::iuv(&self.header.organization, &line.iuv);
        let record = LineRecord {
            psp: self.header.psp.clone(),
            iuf: self.header.iuf.clone(),
            revision: self.tag.clone(),
            iur: line.iur.clone(),
            index: line.index,
            amount: line.amount,
            outcome: line.outcome.code().into(),
            paid_on: line.paid_on,
        };
        self.unit.asks.push(Subject(partition.clone()));
        self.unit.facts.push(Fact {
            partition,
            sort: format!("LINE#{}#{:08}", self.tag, self.rows),
            body: record::write(&record),
            source: self.source(at),
        });
        self.chunk.push(line);
        (self.unit.facts.len() == LINES_PER_UNIT).then(|| self.end_chunk())
    }

    /// Seals the revision: the last chunk, if any line is left, and the header. Also the partition
    /// and the sort key of the header.
    pub fn seal(mut self) -> (Vec<Unit>, (String, String)) {
        let mut units = Vec::new();
        if !self.unit.facts.is_empty() {
            units.push(self.end_chunk());
        }
        let partition = key::flow(&self.header.organization, &self.header.iuf);
        let sort = format!("REVISION#{}", self.tag);
        let sealed = (partition.clone(), sort.clone());
        let body = record::write(&RevisionRecord::new(&self.header, &self.sums));
        let source = self.source(self.header_line);
        let asks = vec![Subject(partition.clone())];
        units.push(Unit { facts: vec![Fact { partition, sort, body, source }], asks });
        (units, sealed)
    }

    fn end_chunk(&mut self) -> Unit {
        let chunk = std::mem::take(&mut self.chunk);
        let mut unit = std::mem::take(&mut self.unit);
        let first = unit.facts.first().map_or(0, |fact| fact.source.line);
        unit.facts.push(Fact {
            partition: key::lines(&self.header.organization, &self.header.iuf),
            sort: format!("LINES#{}#{:08}", self.tag, self.rows),
            body: record::write(&chunk),
            source: self.source(first),
        });
        unit
    }

    fn source(&self, line: u64) -> Source {
        Source { file: self.file.clone(), line }
    }
}

/// The tag of a revision: see [`key::revision_tag`].
#[must_use]
pub fn revision_tag(header: &FlowRevision) -> String {
    key::revision_tag(&header.iuf, &header.psp, header.flow_time, header.revision)
}

/// The fact of a movement of a journal.
pub fn movement(organization: &OrganizationCode, movement: Movement, source: Source) -> Unit {
    let partition = key::credit(organization, movement.provvisorio);
    let (kind, number) = match movement.document {
        MovementDocument::Sospeso => ("SOSPESO", 0),
        MovementDocument::Reversale(number) => ("REVERSALE", number),
    };
    let sort = format!(
        "{}{kind}#{number}#{}#{}#{}#{}{}",
        key::MOVEMENT,
        movement.operation.text(),
        movement.date,
        movement.progressive,
        if movement.negative { "-" } else { "" },
        movement.amount,
    );
    let body = record::write(&MovementRecord::from(movement));
    let sort = key::worded(&sort, &body);
    let asks = vec![Subject(partition.clone())];
    Unit { facts: vec![Fact { partition, sort, body, source }], asks }
}

/// The fact of a page of a journal.
pub fn page(page: &JournalPage, source: Source) -> Unit {
    let partition = key::journal(&page.organization, &page.journal);
    let sort = format!("PAGE#{:08}#{}", page.page, page.created);
    let body = record::write(&JournalPageRecord::from(page));
    Unit { facts: vec![Fact { partition, sort, body, source }], asks: Vec::new() }
}

/// The facts of a receipt: one for each transfer that brings money to one of `ours`.
///
/// Marche da bollo are not transferred, so they are no payments to us.
pub fn receipt(receipt: &Receipt, ours: &BTreeSet<OrganizationCode>, source: &Source) -> Unit {
    let mut unit = Unit::default();
    let transfers = receipt.transfers.iter();
    for transfer in transfers.filter(|t| ours.contains(&t.organization) && !t.stamp_duty) {
        let partition = key::iuv(&transfer.organization, &receipt.iuv);
        let kind = match receipt.kind {
            domain::fact::ReceiptKind::Rt => "1",
            domain::fact::ReceiptKind::SendRt => "2",
            domain::fact::ReceiptKind::SendRtV2 => "3",
        };
        unit.asks.push(Subject(partition.clone()));
        unit.facts.push(Fact {
            partition,
            sort: format!("{}{}#{}#{kind}", key::RECEIPT, transfer.iur, transfer.index),
            body: record::write(&ReceiptRecord::new(receipt, transfer)),
            source: source.clone(),
        });
    }
    unit
}

/// The facts of one version of a position: itself, that its IUVs are its own, and what it is found
/// by.
pub fn position(position: &PositionVersion, source: &Source) -> Unit {
    let organization = &position.organization;
    let partition = key::position(organization, &position.position_id);
    let alias = AliasRecord { position_id: position.position_id.to_string() };
    let alias = record::write(&alias);
    let own = |iuv: &Iuv| Fact {
        partition: key::iuv(organization, iuv),
        sort: key::ALIAS.to_owned(),
        body: alias.clone(),
        source: source.clone(),
    };
    let mut facts: Vec<_> = position.notices.iter().map(|notice| own(&notice.iuv)).collect();
    facts.insert(
        0,
        Fact {
            partition: partition.clone(),
            sort: format!("{}{:010}", key::VERSION, position.version),
            body: String::from_utf8(formats::position::to_json(position))
                .expect("a position is written as UTF-8"),
            source: source.clone(),
        },
    );
    let year = Keyring::period(position.year);
    facts.extend(found_by(position, year).map(|partition| Fact {
        partition,
        sort: position.position_id.to_string(),
        body: alias.clone(),
        source: source.clone(),
    }));
    Unit { facts, asks: vec![Subject(partition)] }
}

/// Where a position can be looked up, beside its own identifiers: what is personal, in a year.
pub(crate) fn found_by(position: &PositionVersion, year: i16) -> impl Iterator<Item = String> {
    let fine = position.fine.as_deref();
    let report = fine.map(|fine| (Find::Report, &*fine.report_number));
    let plate = fine.and_then(|fine| fine.plate.as_deref()).map(|plate| (Find::Plate(year), plate));
    let debtor = position.debtor.as_ref().and_then(|debtor| debtor.fiscal_code.as_ref());
    let fiscal = debtor.map(|code| (Find::Fiscal(year), code.as_str()));
    let organization = &position.organization;
    [report, plate, fiscal]
        .into_iter()
        .flatten()
        .map(move |(kind, value)| key::find(organization, kind, value))
}
