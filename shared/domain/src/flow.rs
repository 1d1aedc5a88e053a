//! A flusso di rendicontazione: which revision is in force, and whether it adds up.

use crate::anomaly::Code;
use crate::fact::{FlowLine, FlowRevision, LineOutcome, Source};
use crate::identifier::{Iuf, Psp};
use crate::money::Cents;
use jiff::civil::Date;

/// What the lines of one revision add up to, line by line as they are read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineSums {
    /// How many lines.
    pub count: u64,
    /// Sum of the amounts, every one positive.
    pub plain: Cents,
    /// Sum with the revoked ones negative, whatever sign they were written with (SACI).
    pub algebraic: Cents,
    /// How many lines have an outcome that no specification knows.
    pub unknown_outcomes: u64,
    /// The latest `dataEsitoSingoloPagamento`.
    pub last_paid_on: Option<Date>,
}

impl LineSums {
    /// Counts one more line.
    pub fn add(&mut self, line: &FlowLine) {
        self.count += 1;
        self.plain += line.amount.abs();
        self.algebraic += signed_amount(line);
        self.unknown_outcomes += u64::from(matches!(line.outcome, LineOutcome::Unknown(_)));
        self.last_paid_on = self.last_paid_on.max(Some(line.paid_on));
    }
}

/// The amount of a line, negative when it revokes.
#[must_use]
pub fn signed_amount(line: &FlowLine) -> Cents {
    if line.outcome == LineOutcome::Revoked { -line.amount.abs() } else { line.amount.abs() }
}

/// How the declared total of a flow counts its revoked lines: SACI says negative, the samples of
/// the node count them positive. Either is accepted, and which one it is is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotalBasis {
    /// Revoked lines count negative, or there are none.
    Algebraic,
    /// Revoked lines count positive.
    Plain,
}

/// One revision and what was read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its header.
    pub header: FlowRevision,
    /// Its lines, added up.
    pub sums: LineSums,
    /// Where its header was read.
    pub source: Source,
}

impl Revision {
    /// How its declared total counts revoked lines.
    #[must_use]
    pub fn total_basis(&self) -> TotalBasis {
        let declared = self.header.declared_total;
        if declared != self.sums.algebraic && declared == self.sums.plain {
            TotalBasis::Plain
        } else {
            TotalBasis::Algebraic
        }
    }

    /// What its lines add up to, by that basis.
    #[must_use]
    pub fn total(&self) -> Cents {
        match self.total_basis() {
            TotalBasis::Algebraic => self.sums.algebraic,
            TotalBasis::Plain => self.sums.plain,
        }
    }

    /// Whether another revision is this one in another form: the REST and the XML form of a flow
    /// have the same time and the same lines, but only the first has a number.
    #[must_use]
    pub fn is_form_of(&self, other: &Self) -> bool {
        let (a, b) = (&self.header, &other.header);
        a.flow_time == b.flow_time
            && a.declared_total == b.declared_total
            && a.declared_count == b.declared_count
            && self.sums == other.sums
            && a.revision.is_some() != b.revision.is_some()
    }

    /// What is inconsistent in it. None of it keeps the flow from being matched.
    #[must_use]
    pub fn findings(&self) -> Vec<Code> {
        let mut findings = Vec::new();
        if self.total() != self.header.declared_total {
            findings.push(Code::FdrTotalMismatch);
        }
        if self.sums.count != self.header.declared_count {
            findings.push(Code::FdrCountMismatch);
        }
        if self.sums.unknown_outcomes > 0 {
            findings.push(Code::OutcomeUnknown);
        }
        findings
    }
}

/// Identity of a flow inside an organization: its PSP and its IUF.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowKey {
    /// The provider.
    pub psp: Psp,
    /// The flow identifier.
    pub iuf: Iuf,
}

/// The place of the revision in force among the revisions of one flow; the others are superseded.
///
/// The highest revision number (REST) where there are numbers, else the latest `dataOraFlusso`
/// (XML). Where one flow came in both forms, the later of the two candidates; at the same time, the
/// numbered.
///
/// `None` only when there is no revision.
#[must_use]
pub fn current_revision(revisions: &[Revision]) -> Option<usize> {
    let time = |&(_, revision): &(usize, &Revision)| revision.header.flow_time;
    let numbered = revisions
        .iter()
        .enumerate()
        .filter(|(_, revision)| revision.header.revision.is_some())
        .max_by_key(|(_, revision)| (revision.header.revision, revision.header.flow_time));
    let unnumbered = revisions
        .iter()
        .enumerate()
        .filter(|(_, revision)| revision.header.revision.is_none())
        .max_by_key(time);
    match (numbered, unnumbered) {
        (Some(a), Some(b)) => Some(if time(&b) > time(&a) { b.0 } else { a.0 }),
        (a, b) => a.or(b).map(|(place, _)| place),
    }
}

/// Groups the revisions that carry one IUF by flow: two providers with an equal IUF have two flows,
/// but the REST form of a flow may name its provider otherwise than the XML form does.
///
/// Groups come in the order of their provider; each has at least one revision, oldest first.
#[must_use]
pub fn group_by_provider(mut revisions: Vec<Revision>) -> Vec<Vec<Revision>> {
    let order = |revision: &Revision| {
        let header = &revision.header;
        (header.psp_alias.is_none(), header.psp.clone(), header.revision, header.flow_time)
    };
    // Revisions that know an alias first, so that the others find their group whatever the order.
    revisions.sort_by_key(order);
    let same = |a: &FlowRevision, b: &FlowRevision| {
        let names = |header: &FlowRevision| {
            std::iter::once(header.psp.clone()).chain(header.psp_alias.clone()).collect::<Vec<_>>()
        };
        names(a).iter().any(|a| names(b).iter().any(|b| a.same_provider(b)))
    };
    let mut groups: Vec<Vec<Revision>> = Vec::new();
    for revision in revisions {
        match groups.iter_mut().find(|group| same(&group[0].header, &revision.header)) {
            Some(group) => group.push(revision),
            None => groups.push(vec![revision]),
        }
    }
    for group in &mut groups {
        group.sort_by_key(|revision| (revision.header.flow_time, revision.header.revision));
    }
    groups.sort_by(|a, b| a[0].header.psp.cmp(&b[0].header.psp));
    groups
}

/// The provider that a group of revisions is filed under: the REST name where one is known.
#[must_use]
pub fn provider(group: &[Revision]) -> Psp {
    let rest = group.iter().find(|revision| revision.header.psp_alias.is_some());
    let named = rest.or_else(|| group.iter().min_by(|a, b| a.header.psp.cmp(&b.header.psp)));
    named.expect("a group has a revision").header.psp.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revision(number: Option<u32>, time: &str) -> Revision {
        let header = FlowRevision {
            organization: "01234567897".parse().unwrap(),
            psp: "BCITITMM".parse().unwrap(),
            psp_alias: None,
            psp_name: None,
            iuf: "2026-03-02BCITITMM-1".parse().unwrap(),
            revision: number,
            flow_time: format!("2026-03-{time}:00Z").parse().unwrap(),
            settlement_id: "TRN".into(),
            settlement_date: "2026-03-02".parse().unwrap(),
            declared_count: 5,
            declared_total: Cents::new(5000),
        };
        let source = Source { file: "f.xml".into(), line: 1 };
        Revision { header, sums: LineSums::default(), source }
    }

    #[test]
    fn the_highest_number_is_in_force_else_the_latest_time() {
        for (revisions, current) in [
            (vec![(None, "02T10:00"), (None, "02T11:00"), (None, "02T09:00")], 1),
            (vec![(Some(2), "02T10:00"), (Some(1), "02T11:00")], 0),
            (vec![(Some(1), "02T10:00"), (Some(1), "02T11:00")], 1),
            (vec![(Some(1), "02T10:00"), (None, "02T11:00")], 1),
            (vec![(None, "02T10:00"), (Some(1), "02T10:00")], 1),
        ] {
            let revisions: Vec<_> = revisions.iter().map(|(n, time)| revision(*n, time)).collect();
            assert_eq!(current_revision(&revisions), Some(current));
        }
        assert_eq!(current_revision(&[]), None);
    }

    #[test]
    fn a_flow_in_two_forms_is_one_revision() {
        let (xml, rest) = (revision(None, "02T10:00"), revision(Some(1), "02T10:00"));
        assert!(xml.is_form_of(&rest) && rest.is_form_of(&xml));
        assert!(!xml.is_form_of(&revision(Some(1), "02T11:00")), "another time");
        assert!(!rest.is_form_of(&revision(Some(2), "02T10:00")), "another number");
        let mut more = revision(Some(1), "02T10:00");
        more.sums.add(&line("0", "1.00"));
        assert!(!xml.is_form_of(&more), "other lines");
    }

    fn line(outcome: &str, amount: &str) -> FlowLine {
        FlowLine {
            iuv: "01000000000012373".parse().unwrap(),
            iur: "1".parse().unwrap(),
            index: 1,
            amount: amount.parse().unwrap(),
            outcome: LineOutcome::from_code(outcome),
            paid_on: "2026-03-01".parse().unwrap(),
        }
    }

    #[test]
    fn a_total_may_count_revoked_lines_either_way_and_no_other() {
        // Four payments of 10.00 and a revocation of 10.00, with either sign.
        for (revoked, declared, total, basis, codes) in [
            ("10.00", "50.00", "50.00", TotalBasis::Plain, vec![]),
            ("-10.00", "50.00", "50.00", TotalBasis::Plain, vec![]),
            ("10.00", "30.00", "30.00", TotalBasis::Algebraic, vec![]),
            ("-10.00", "30.00", "30.00", TotalBasis::Algebraic, vec![]),
            ("10.00", "40.00", "30.00", TotalBasis::Algebraic, vec![Code::FdrTotalMismatch]),
        ] {
            let mut revision = revision(None, "02T10:00");
            revision.header.declared_total = declared.parse().unwrap();
            for (outcome, amount) in
                [("0", "10.00"), ("9", "10.00"), ("8", "10.00"), ("4", "10.00"), ("3", revoked)]
            {
                revision.sums.add(&line(outcome, amount));
            }
            assert_eq!(revision.total().to_string(), total, "{revoked} {declared}");
            assert_eq!(revision.total_basis(), basis);
            assert_eq!(revision.findings(), codes);
        }
    }

    #[test]
    fn a_wrong_count_and_an_unknown_outcome_are_found() {
        let mut revision = revision(None, "02T10:00");
        revision.header.declared_total = "10.00".parse().unwrap();
        revision.sums.add(&line("7", "10.00"));
        assert_eq!(revision.findings(), [Code::FdrCountMismatch, Code::OutcomeUnknown]);
    }

    #[test]
    fn rest_and_xml_name_one_provider_in_two_ways() {
        let mut rest = revision(Some(1), "02T10:00");
        rest.header.psp = "60000000001".parse().unwrap();
        rest.header.psp_alias = Some("BCITITMMXXX".parse().unwrap());
        let xml = revision(None, "02T09:00");
        let mut other = revision(None, "02T09:00");
        other.header.psp = "UNCRITMM".parse().unwrap();
        for revisions in [vec![rest.clone(), xml.clone(), other.clone()], vec![other, xml, rest]] {
            let groups = group_by_provider(revisions);
            let sizes: Vec<_> = groups.iter().map(Vec::len).collect();
            let names: Vec<_> = groups.iter().map(|g| provider(g).to_string()).collect();
            assert_eq!((sizes, names), (vec![2, 1], vec!["60000000001".into(), "UNCRITMM".into()]));
        }
    }
}
