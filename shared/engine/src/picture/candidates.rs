//! The search for candidates: what may explain the credits and payments that nothing explains.
//!
//! The unexplained are few and the positions many: so what the unexplained name is indexed first,
//! and each open position is looked up in it once, in the pass that reads all of them anyway.
//! Flows are in memory: a credit looks up those of its amount and of its days.

use std::collections::{BTreeSet, HashMap};

use domain::candidate::{
    CANDIDATES_MAX, Clue, DAYS_APART_MAX, DebtTraits, FlowTraits, IuvDigits, Ranking, Sought,
    UnnamedCredit, settlement_key, slips,
};
use domain::debt::{DebtStanding, PositionState};
use domain::fact::PositionVersion;
use domain::identifier::{FiscalCode, Iuf, Provvisorio};
use domain::money::Cents;
use domain::payment::{Payment, PaymentKey};
use jiff::ToSpan;
use jiff::civil::Date;
use report::row::Candidate;

use super::credits::CreditView;
use super::flows::FlowView;
use super::{Province, texts};
use crate::key::{self, Kind};
use crate::port::{PortResult, ReadFacts, ReadOutcomes};
use crate::record::{self, PaymentsOutcome, ReceiptRecord, StandingRecord};

/// Payments of unknown IUVs for which positions are sought, the first in order of key: their slips
/// take 11 MB. Where there are more, whole positions are missing and not digits wrong.
const PAYMENTS_MAX: usize = 4_096;
/// What more of the unexplained share than this tells them not apart.
const SHARED_MAX: usize = 256;
/// Flows of one amount, and flows of near days, that one credit looks at.
const FLOWS_MAX: usize = 512;

/// The candidates of a credit or of a payment.
#[derive(Default)]
pub(crate) struct Candidates {
    /// Best first, at most [`CANDIDATES_MAX`].
    pub rows: Vec<Candidate<'static>>,
    /// Whether one of them is strong enough to propose it.
    pub proposed: bool,
}

impl Candidates {
    fn of(ranking: &Ranking) -> Self {
        let best = ranking.candidates();
        debug_assert!(best.len() <= CANDIDATES_MAX);
        Self {
            proposed: best.iter().any(|one| domain::candidate::is_strong(&one.clues)),
            rows: best
                .into_iter()
                .map(|one| Candidate {
                    score: domain::candidate::score(&one.clues),
                    reasons: one.clues.iter().map(|clue| texts::reason(*clue).into()).collect(),
                    subject: one.subject.into(),
                })
                .collect(),
        }
    }
}

/// Who seeks a position.
#[derive(PartialEq, Eq, Hash)]
enum Seeker {
    Credit(Provvisorio),
    Payment(PaymentKey),
}

/// What the unexplained name, and a position has.
#[derive(PartialEq, Eq, Hash)]
enum Token {
    Iuv(IuvDigits),
    Report(u64),
    Plate(Box<str>),
    FiscalCode(FiscalCode),
    Word(Box<str>),
    Amount(Cents),
}

/// The unexplained credits and payments, by what they name, with the best positions so far.
#[derive(Default)]
pub(crate) struct PositionSearch {
    sought: Vec<(Sought, Ranking)>,
    places: HashMap<Seeker, usize>,
    by_token: HashMap<Token, Vec<usize>>,
    /// Sorted when all is known.
    by_slip: Vec<(IuvDigits, usize)>,
}

impl PositionSearch {
    fn seek(&mut self, seeker: Seeker, sought: Sought) {
        let place = self.sought.len();
        let tokens = &sought.tokens;
        let named = tokens.iuvs.iter().filter_map(IuvDigits::of);
        let named = named
            .map(Token::Iuv)
            .chain(tokens.reports.iter().chain(&tokens.numbers).map(|n| Token::Report(n.number)))
            .chain(tokens.plates.iter().cloned().map(Token::Plate))
            .chain(tokens.fiscal_codes.iter().cloned().map(Token::FiscalCode))
            .chain(tokens.words.iter().cloned().map(Token::Word))
            .chain([Token::Amount(sought.amount)]);
        for token in named {
            self.by_token.entry(token).or_default().push(place);
        }
        let slips = sought.iuv.iter().flat_map(slips);
        self.by_slip.extend(slips.map(|slip| (slip, place)));
        self.places.insert(seeker, place);
        self.sought.push((sought, Ranking::default()));
    }

    fn close(&mut self) {
        self.by_token.retain(|_, places| places.len() <= SHARED_MAX);
        self.by_slip.sort_unstable();
    }

    /// Looks a position up, if anything can still be paid on it.
    pub fn offer(&mut self, position: &PositionVersion, standing: &DebtStanding) {
        let open = matches!(standing.state, PositionState::Unpaid | PositionState::PartiallyPaid);
        if self.sought.is_empty() || !open {
            return;
        }
        let debt = DebtTraits::of(position, standing.residual);
        for place in self.who_may_pay(&debt) {
            let (sought, ranking) = &mut self.sought[place];
            ranking.offer(sought.clues(&debt), || format!("position:{}", position.position_id));
        }
    }

    /// Whether a transfer outside pagoPA may pay a position of which so much is left, and whether a
    /// payment of an unknown IUV may: asked of one position alone, so that the others do not
    /// matter. Only what identifies counts, and of an IUV with a slip the amount as well.
    pub fn who_pays(&self, position: &PositionVersion, residual: Cents) -> (bool, bool) {
        let debt = DebtTraits::of(position, residual);
        let (mut credit, mut payment) = (false, false);
        for place in self.who_may_pay(&debt) {
            let sought = &self.sought[place].0;
            let clues = sought.clues(&debt);
            let has_amount = || {
                clues.iter().any(|clue| matches!(clue, Clue::Residual(_) | Clue::NoticeAmount(_)))
            };
            if sought.iuv.is_none() {
                credit |= domain::candidate::is_strong(&clues);
            } else {
                payment |= clues.contains(&Clue::NoticeSlip) && has_amount();
            }
        }
        (credit, payment)
    }

    /// The unexplained that share a token with a position, each once.
    fn who_may_pay(&self, debt: &DebtTraits<'_>) -> Vec<usize> {
        let mut places = Vec::new();
        let mut look_up = |token: Token| {
            places.extend(self.by_token.get(&token).into_iter().flatten().copied());
        };
        for notice in debt.notices {
            look_up(Token::Amount(notice.amount));
            IuvDigits::of(&notice.iuv).map(Token::Iuv).into_iter().for_each(&mut look_up);
        }
        look_up(Token::Amount(debt.residual));
        debt.report.map(|report| Token::Report(report.number)).into_iter().for_each(&mut look_up);
        debt.plate.clone().map(Token::Plate).into_iter().for_each(&mut look_up);
        debt.fiscal_code.cloned().map(Token::FiscalCode).into_iter().for_each(&mut look_up);
        debt.name.iter().cloned().map(Token::Word).for_each(&mut look_up);
        for notice in debt.notices {
            let Some(digits) = IuvDigits::of(&notice.iuv) else { continue };
            let from = self.by_slip.partition_point(|(slip, _)| *slip < digits);
            let equal = self.by_slip[from..].iter().take_while(|(slip, _)| *slip == digits);
            places.extend(equal.take(SHARED_MAX).map(|(_, place)| *place));
        }
        places.sort_unstable();
        places.dedup();
        places
    }

    fn of(&self, seeker: &Seeker) -> Candidates {
        let ranking = self.places.get(seeker).map(|&place| &self.sought[place].1);
        ranking.map(Candidates::of).unwrap_or_default()
    }

    /// The positions that a transfer outside pagoPA may pay.
    pub fn of_credit(&self, credit: Provvisorio) -> Candidates {
        self.of(&Seeker::Credit(credit))
    }

    /// The positions that a payment of an unknown IUV may pay.
    pub fn of_payment(&self, payment: &PaymentKey) -> Candidates {
        self.of(&Seeker::Payment(payment.clone()))
    }
}

/// Flows by what a credit without identifier may tell of them.
#[derive(Default)]
pub(crate) struct FlowSearch {
    with_iuf: HashMap<Iuf, Vec<usize>>,
    with_settlement: HashMap<Box<str>, Vec<usize>>,
    /// Those that are not wholly credited: by what is missing and by day of settlement.
    lacking: HashMap<Cents, Vec<(Date, usize)>>,
    settled: Vec<(Date, usize)>,
}

impl FlowSearch {
    pub fn new(flows: &[FlowView]) -> Self {
        let mut search = Self::default();
        for (place, flow) in flows.iter().enumerate() {
            search.with_iuf.entry(flow.key.iuf.clone()).or_default().push(place);
            if let Some(key) = settlement_key(&flow.revision().header.settlement_id) {
                search.with_settlement.entry(key).or_default().push(place);
            }
            let missing = flow.missing();
            if missing > Cents::ZERO {
                let day = flow.revision().header.settlement_date;
                search.lacking.entry(missing).or_default().push((day, place));
                search.settled.push((day, place));
            }
        }
        search.lacking.values_mut().for_each(|flows| flows.sort_unstable());
        search.settled.sort_unstable();
        search
    }

    /// The flows that a credit may pay, in order of place: those that its causale begins, those
    /// that lack its amount, the nearest in time first, and those of its days.
    fn near(&self, view: &CreditView) -> BTreeSet<usize> {
        let day = view.credit.date;
        let begun =
            view.reading.candidates.iter().filter_map(|iuf| self.with_iuf.get(iuf)).flatten();
        let reference = view.credit.transaction_reference.as_deref().and_then(settlement_key);
        let settled = reference.and_then(|key| self.with_settlement.get(&key)).into_iter();
        let mut places: BTreeSet<_> =
            begun.chain(settled.flatten().take(FLOWS_MAX)).copied().collect();
        if let Some(equal) = self.lacking.get(&view.credit.amount) {
            let from = equal.partition_point(|(settled, _)| *settled < day);
            let from = from.saturating_sub(FLOWS_MAX / 2);
            places.extend(equal[from..].iter().take(FLOWS_MAX).map(|(_, place)| *place));
        }
        let (first, last) =
            (day.saturating_sub(DAYS_APART_MAX.days()), day.saturating_add(DAYS_APART_MAX.days()));
        let from = self.settled.partition_point(|(settled, _)| *settled < first);
        let near = self.settled[from..].iter().take_while(|(settled, _)| *settled <= last);
        places.extend(near.take(FLOWS_MAX).map(|(_, place)| *place));
        places
    }
}

impl Province<'_> {
    /// Collects what seeks a position: transfers outside pagoPA and payments of unknown IUVs.
    pub(super) fn seek_positions(
        &self,
        reader: &mut (impl ReadOutcomes + ReadFacts),
    ) -> PortResult<PositionSearch> {
        let mut search = PositionSearch::default();
        for view in self.credits.iter().filter(|view| view.is_outside_pagopa()) {
            let credit = &view.credit;
            // The bar keeps the name from being read on in the code.
            let code = credit.remitter_code.as_deref().unwrap_or_default();
            let remitter = format!("{} | {code}", credit.remitter);
            let (text, day) = (&credit.remittance, credit.date);
            let sought = Sought::transfer(&remitter, text, credit.amount, day);
            search.seek(Seeker::Credit(credit.provvisorio), sought);
        }
        let mut payments = Vec::new();
        reader.scan_outcomes(&Kind::Iuv.prefix(self.code), &mut |_, outcome| {
            if payments.len() == PAYMENTS_MAX {
                return Ok(());
            }
            let outcome: PaymentsOutcome = record::read(&outcome.body)?;
            // Of those that were chosen for a position too: a person may choose again.
            for payment in outcome.payments.into_iter().chain(outcome.given).map(Payment::from) {
                if payments.len() < PAYMENTS_MAX && self.lacks_position(&payment) {
                    payments.push(payment);
                }
            }
            Ok(())
        })?;
        for payment in payments {
            let debtor = self.debtor_on_receipt(reader, &payment.key)?;
            let (iuv, amount) = (payment.key.iuv.clone(), payment.amount());
            let sought = Sought::payment(iuv, &debtor, amount, payment.paid_on());
            search.seek(Seeker::Payment(payment.key), sought);
        }
        search.close();
        Ok(search)
    }

    /// Whom the receipts of a payment name as the debtor; nothing where there is none.
    fn debtor_on_receipt(
        &self,
        reader: &mut impl ReadFacts,
        payment: &PaymentKey,
    ) -> PortResult<String> {
        let facts = reader.facts(&[key::iuv(self.code, &payment.iuv)])?.remove(0);
        let of_payment = format!("{}{}#{}#", key::RECEIPT, payment.iur, payment.index);
        let receipts = facts.iter().filter(|fact| fact.sort.starts_with(&of_payment));
        let debtors = receipts.map(|fact| Ok(record::read::<ReceiptRecord>(&fact.body)?.debtor()));
        Ok(debtors.collect::<PortResult<Vec<_>>>()?.join(" | "))
    }

    /// The flows that a credit of pagoPA without a readable identifier may pay.
    pub(super) fn flows_for(&self, view: &CreditView) -> Candidates {
        let credit = &view.credit;
        let unnamed = UnnamedCredit::new(
            &credit.remitter,
            &credit.remittance,
            view.read_text().unwrap_or_default(),
            credit.amount,
            credit.date,
        )
        .transferred_as(credit.transaction_reference.as_deref());
        let mut ranking = Ranking::default();
        for place in self.flow_search.near(view) {
            let flow = &self.flows[place];
            let header = &flow.revision().header;
            let clues = unnamed.clues(FlowTraits {
                iuf: &flow.key.iuf,
                missing: flow.missing(),
                settled_on: header.settlement_date,
                settlement_id: &header.settlement_id,
                provider: header.psp_name.as_deref(),
                begins: view.reading.candidates.contains(&flow.key.iuf),
            });
            ranking.offer(clues, || flow.subject());
        }
        Candidates::of(&ranking)
    }
}

impl CreditView {
    /// Whether nothing in it is of pagoPA, and nothing else explains it.
    pub fn is_outside_pagopa(&self) -> bool {
        let (credit, reading) = (&self.credit, &self.reading);
        credit.counts()
            && !credit.is_regularised()
            && self.standing == StandingRecord::Unsettled
            && reading.iufs.is_empty()
            && reading.iuvs.is_empty()
            && reading.damage.is_none()
            && !reading.marker
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconcile::read_position;
    use domain::debt::assess;
    use domain::identifier::{Esercizio, Iuv};
    use jiff::civil::date;

    /// A fine of which 57,00 can be paid, with the status given.
    fn position(status: &str) -> PositionVersion {
        read_position(&format!(
            r#"{{"position_id":"P","version":1,"organization":"01234567897","debt_type":"CDS",
            "year":2026,"status":"{status}","notices":[{{"iuv":"01000000000012373",
            "tier":"single","amount":"57.00","due_date":"2026-04-07"}}],
            "fine":{{"report_number":"123/2026","plate":"AB123CD"}}}}"#
        ))
        .unwrap()
    }

    fn provvisorio(number: u64) -> Provvisorio {
        Provvisorio { esercizio: Esercizio::new(2026).unwrap(), number }
    }

    fn transfer(remittance: &str) -> Sought {
        Sought::transfer("ORDINANTE", remittance, Cents::new(5_700), date(2026, 3, 2))
    }

    fn offered(mut search: PositionSearch, status: &str) -> PositionSearch {
        search.close();
        let position = position(status);
        search.offer(&position, &assess(&position, &[], date(2026, 3, 20)));
        search
    }

    /// How many of so many transfers with one causale find the position.
    fn found(transfers: u64, remittance: &str, status: &str) -> usize {
        let mut search = PositionSearch::default();
        for number in 1..=transfers {
            search.seek(Seeker::Credit(provvisorio(number)), transfer(remittance));
        }
        let search = offered(search, status);
        let of = |number| search.of_credit(provvisorio(number)).rows.len();
        (1..=transfers).map(of).sum()
    }

    #[test]
    fn a_transfer_that_names_a_verbale_proposes_its_position() {
        let mut search = PositionSearch::default();
        search.seek(Seeker::Credit(provvisorio(1)), transfer("VERBALE 123/2026 ab 123 cd"));
        let candidates = offered(search, "open").of_credit(provvisorio(1));
        assert!(candidates.proposed);
        assert_eq!(candidates.rows[0].subject, "position:P");
        // 50 the verbale, 30 the plate, 25 what is left, 5 the term: more than the most.
        assert_eq!(candidates.rows[0].score, 99);
        assert_eq!(
            candidates.rows[0].reasons,
            [
                "la causale cita il verbale 123/2026",
                "la causale riporta la targa del veicolo",
                "l'importo è quello dovuto oggi (57,00\u{a0}€)",
                "la data rientra nel periodo per pagare quell'avviso",
            ]
        );
    }

    #[test]
    fn an_amount_alone_is_listed_and_not_proposed() {
        let mut search = PositionSearch::default();
        search.seek(Seeker::Credit(provvisorio(1)), transfer("SALDO"));
        let candidates = offered(search, "open").of_credit(provvisorio(1));
        assert_eq!((candidates.rows.len(), candidates.proposed), (1, false));
    }

    #[test]
    fn only_what_can_still_be_paid_is_a_candidate() {
        assert_eq!(found(1, "VERBALE 123/2026", "open"), 1);
        assert_eq!(found(1, "VERBALE 123/2026", "cancelled"), 0);
    }

    #[test]
    fn what_too_many_share_tells_them_not_apart() {
        let most = SHARED_MAX as u64;
        assert_eq!(found(most, "SALDO", "open"), SHARED_MAX);
        assert_eq!(found(most + 1, "SALDO", "open"), 0);
    }

    #[test]
    fn a_payment_with_a_digit_wrong_finds_its_position() {
        let key = |iuv: &str| PaymentKey {
            iuv: Iuv::parse(iuv).unwrap(),
            iur: domain::identifier::Iur::parse("1").unwrap(),
            index: 1,
        };
        let mut search = PositionSearch::default();
        for iuv in ["01000000000012374", "01000000000099999"] {
            let sought = Sought::payment(key(iuv).iuv, "", Cents::new(1), None);
            search.seek(Seeker::Payment(key(iuv)), sought);
        }
        let search = offered(search, "open");
        assert_eq!(search.of_payment(&key("01000000000012374")).rows.len(), 1);
        assert_eq!(search.of_payment(&key("01000000000099999")).rows.len(), 0);
    }
}
