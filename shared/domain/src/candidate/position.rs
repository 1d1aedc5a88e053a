//! Clues that a position is what a transfer or a payment paid.

use jiff::ToSpan;
use jiff::civil::Date;

use super::slip::one_slip_apart;
use super::{Clue, has_name};
use crate::causale::tokens::{ReportNumber, Tokens, name_words, plate_key, tokens};
use crate::fact::{Notice, PositionVersion};
use crate::identifier::{FiscalCode, Iuv};
use crate::money::Cents;

/// A notice is mostly paid in so many days before its last good one: 60 of term (art. 202 CdS) and
/// as many between its issue and its notification.
const PAYABLE_DAYS: i64 = 120;

/// A transfer outside pagoPA or a payment of an unknown IUV, for which a position is sought.
#[derive(Debug, Clone)]
pub struct Sought {
    /// What its text names; nothing for a payment.
    pub tokens: Tokens,
    /// The IUV that no position has; none for a transfer.
    pub iuv: Option<Iuv>,
    /// How much came.
    pub amount: Cents,
    /// When.
    pub on: Option<Date>,
}

impl Sought {
    /// A transfer by what the journal says of it.
    #[must_use]
    pub fn transfer(remitter: &str, remittance: &str, amount: Cents, on: Date) -> Self {
        // The bar keeps the end of the one from being read on in the other.
        let tokens = tokens(&format!("{remitter} | {remittance}"));
        Self { tokens, iuv: None, amount, on: Some(on) }
    }

    /// A payment of an IUV that no position has; `debtor` is whom its receipt names.
    #[must_use]
    pub fn payment(iuv: Iuv, debtor: &str, amount: Cents, on: Option<Date>) -> Self {
        Self { tokens: tokens(debtor), iuv: Some(iuv), amount, on }
    }

    /// What speaks for the position, in the order in which people are told.
    #[must_use]
    pub fn clues(&self, debt: &DebtTraits<'_>) -> Vec<Clue> {
        let mut clues = Vec::new();
        let named = |notice: &Notice| self.tokens.iuvs.contains(&notice.iuv);
        if debt.notices.iter().any(named) {
            clues.push(Clue::Notice);
        }
        let slip = |iuv: &Iuv| debt.notices.iter().any(|notice| one_slip_apart(iuv, &notice.iuv));
        if self.iuv.as_ref().is_some_and(slip) {
            clues.push(Clue::NoticeSlip);
        }
        clues.extend(self.report(debt));
        if debt.plate.as_ref().is_some_and(|plate| self.tokens.plates.contains(plate)) {
            clues.push(Clue::Plate);
        }
        if debt.fiscal_code.is_some_and(|code| self.tokens.fiscal_codes.contains(code)) {
            clues.push(Clue::FiscalCode);
        }
        if has_name(&self.tokens.words, &debt.name) && !self.names_another(debt) {
            clues.push(Clue::Name);
        }
        clues.extend(self.amount(debt));
        clues
    }

    /// Whether the text names a verbale or a notice, and not this debt's: the name of a debtor of
    /// several debts says nothing then.
    fn names_another(&self, debt: &DebtTraits<'_>) -> bool {
        let Tokens { reports, iuvs, .. } = &self.tokens;
        let own = |report: &ReportNumber| debt.report.is_some_and(|own| report.agrees_with(own));
        let named =
            reports.iter().any(own) || debt.notices.iter().any(|notice| iuvs.contains(&notice.iuv));
        let names_any = !reports.is_empty() || !iuvs.is_empty();
        names_any && !named
    }

    fn report(&self, debt: &DebtTraits<'_>) -> Option<Clue> {
        let own = debt.report?;
        let bare = || self.tokens.numbers.contains(&own).then_some(Clue::BareNumber(own));
        let mut agreeing: Vec<_> =
            self.tokens.reports.iter().filter(|report| report.agrees_with(own)).collect();
        agreeing.sort_by_key(|report| report.year.is_none());
        let Some(named) = agreeing.first().map(|named| **named) else { return bare() };
        Some(match (named.year, own.year) {
            (Some(_), Some(_)) => Clue::Report(named),
            _ => Clue::ReportWithoutYear(ReportNumber { year: None, ..named }),
        })
    }

    fn amount(&self, debt: &DebtTraits<'_>) -> impl Iterator<Item = Clue> {
        let mut of_amount = debt.notices.iter().filter(|notice| notice.amount == self.amount);
        let amount = if debt.residual == self.amount {
            Some(Clue::Residual(self.amount))
        } else if of_amount.clone().next().is_some() {
            Some(Clue::NoticeAmount(self.amount))
        } else {
            None
        };
        let in_term = |notice: &Notice| {
            let (Some(on), Some(due)) = (self.on, notice.due_date) else { return false };
            on <= due && due <= on.saturating_add(PAYABLE_DAYS.days())
        };
        let in_term = of_amount.any(in_term).then_some(Clue::InTerm);
        amount.into_iter().chain(in_term)
    }
}

/// A position by what may name it.
pub struct DebtTraits<'a> {
    /// Its notices, with IUV, amount and term.
    pub notices: &'a [Notice],
    /// What is left to pay today.
    pub residual: Cents,
    /// Its verbale; the year from the verbale's date where the number has none.
    pub report: Option<ReportNumber>,
    /// The plate, as [`plate_key`] writes it.
    pub plate: Option<Box<str>>,
    /// The fiscal code of its debtor.
    pub fiscal_code: Option<&'a FiscalCode>,
    /// The words of its debtor's name.
    pub name: Vec<Box<str>>,
}

impl<'a> DebtTraits<'a> {
    /// The traits of a position of which `residual` is left to pay.
    #[must_use]
    pub fn of(position: &'a PositionVersion, residual: Cents) -> Self {
        let fine = position.fine.as_deref();
        let debtor = position.debtor.as_ref();
        let report = fine.and_then(|fine| {
            let read = ReportNumber::read(&fine.report_number)?;
            Some(ReportNumber { year: read.year.or(fine.report_date.map(Date::year)), ..read })
        });
        Self {
            notices: &position.notices,
            residual,
            report,
            plate: fine.and_then(|fine| fine.plate.as_deref()).map(plate_key),
            fiscal_code: debtor.and_then(|debtor| debtor.fiscal_code.as_ref()),
            name: debtor
                .and_then(|debtor| debtor.name.as_deref())
                .map_or_else(Vec::new, name_words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Debtor, DebtorKind, Fine, Flags, PositionStatus, Tier};
    use crate::identifier::{NoticeNumber, OrganizationCode};
    use jiff::civil::date;

    fn notice(number: &str, tier: Tier, cents: i64, due: Date) -> Notice {
        let number = NoticeNumber::parse(number).unwrap();
        let (iuv, amount) = (number.iuv(), Cents::new(cents));
        Notice { notice_number: Some(number), iuv, tier, amount, due_date: Some(due) }
    }

    /// A fine of Mario Rossi: 44,40 until 9 February, 57,00 until 7 April.
    fn position() -> PositionVersion {
        let fine = Fine {
            report_number: "V/123/2026".into(),
            report_date: Some(date(2026, 1, 15)),
            violation_date: None,
            notified_on: None,
            discount_allowed: None,
            settleable: None,
            appeal: None,
            flags: Flags::default(),
            plate: Some("ab 123 cd".into()),
            half_maximum: None,
            prescription_from: None,
            driver_data: None,
            points: None,
        };
        PositionVersion {
            organization: OrganizationCode::parse("01234567897").unwrap(),
            position_id: "CDS-1".into(),
            version: 1,
            debt_type: "CDS".into(),
            year: 2026,
            status: PositionStatus::Open,
            debtor: Some(Debtor {
                kind: DebtorKind::Person,
                fiscal_code: Some(FiscalCode::parse("RSSMRA80A01H501U").unwrap()),
                name: Some("Rossi Mario".into()),
                abroad: None,
            }),
            notices: vec![
                notice("301000000000012373", Tier::Reduced, 4_440, date(2026, 2, 9)),
                notice("301000000000012474", Tier::Full, 5_700, date(2026, 4, 7)),
            ],
            items: None,
            fine: Some(Box::new(fine)),
            flags: None,
        }
    }

    #[test]
    fn a_transfer_is_known_by_what_it_names() {
        let position = position();
        let debt = DebtTraits::of(&position, Cents::new(5_700));
        let number = ReportNumber { number: 123, year: None };
        let report = ReportNumber { number: 123, year: Some(2026) };
        let (left, reduced) = (Clue::Residual(Cents::new(5_700)), Cents::new(4_440));
        let full = Cents::new(5_700);
        let other = Cents::new(1);
        for (remitter, remittance, amount, clues) in [
            (
                "ANNA BIANCHI",
                "VERBALE N. 123/2026 TARGA AB123CD",
                full,
                vec![Clue::Report(report), Clue::Plate, left, Clue::InTerm],
            ),
            ("ANNA BIANCHI", "verb 000123-26", other, vec![Clue::Report(report)]),
            ("ANNA BIANCHI", "VERBALE 123", other, vec![Clue::ReportWithoutYear(number)]),
            ("ANNA BIANCHI", "VERBALE 123/2025", other, vec![]),
            (
                "ANNA BIANCHI",
                "AVVISO 301000000000012373",
                reduced,
                vec![Clue::Notice, Clue::NoticeAmount(reduced)],
            ),
            ("ROSSI MARIO", "MULTA", other, vec![Clue::Name]),
            ("ANNA BIANCHI", "CF RSSMRA80A01H501U", other, vec![Clue::FiscalCode]),
            ("ANNA BIANCHI", "SALDO", full, vec![left, Clue::InTerm]),
            ("ANNA BIANCHI", "SALDO", other, vec![]),
        ] {
            let sought = Sought::transfer(remitter, remittance, amount, date(2026, 3, 2));
            assert_eq!(sought.clues(&debt), clues, "{remittance}");
        }
    }

    #[test]
    fn a_debtor_of_several_debts_is_believed_on_which_one_he_pays() {
        let position = position();
        let debt = DebtTraits::of(&position, Cents::new(5_700));
        let amount = Clue::Residual(Cents::new(5_700));
        for (text, clues) in [
            ("ROSSI MARIO MULTA", vec![Clue::Name, amount]),
            ("ROSSI MARIO VERBALE 999/2026", vec![amount]),
            ("ROSSI MARIO AVVISO 301000000000099999", vec![amount]),
        ] {
            let sought = Sought::transfer("", text, Cents::new(5_700), date(2026, 12, 2));
            assert_eq!(sought.clues(&debt), clues, "{text}");
        }
    }

    #[test]
    fn a_payment_is_known_by_a_slip_and_by_its_amount() {
        let position = position();
        let debt = DebtTraits::of(&position, Cents::new(5_700));
        let reduced = Cents::new(4_440);
        for (iuv, cents, on, clues) in [
            ("01000000000012374", 1, None, vec![Clue::NoticeSlip]),
            (
                "01000000000012337",
                4_440,
                Some(date(2026, 2, 9)),
                vec![Clue::NoticeSlip, Clue::NoticeAmount(reduced), Clue::InTerm],
            ),
            (
                "01000000000099999",
                4_440,
                Some(date(2026, 2, 10)),
                vec![Clue::NoticeAmount(reduced)],
            ),
            ("01000000000012373", 1, None, vec![]),
        ] {
            let sought = Sought::payment(Iuv::parse(iuv).unwrap(), "", Cents::new(cents), on);
            assert_eq!(sought.clues(&debt), clues, "{iuv}");
        }
    }

    #[test]
    fn a_payment_is_known_by_the_debtor_on_its_receipt() {
        let position = position();
        let debt = DebtTraits::of(&position, Cents::new(5_700));
        for (debtor, clues) in [
            ("Rossi Mario | RSSMRA80A01H501U", vec![Clue::FiscalCode, Clue::Name]),
            ("ROSSI MARIO | ANONIMO", vec![Clue::Name]),
            (" | BNCLRA85A41H501Z", vec![]),
            (" | ", vec![]),
        ] {
            let iuv = Iuv::parse("01000000000099999").unwrap();
            let sought = Sought::payment(iuv, debtor, Cents::new(1), None);
            assert_eq!(sought.clues(&debt), clues, "{debtor}");
        }
    }

    #[test]
    fn a_number_without_year_has_that_of_its_date() {
        let mut position = position();
        position.fine.as_mut().unwrap().report_number = "123".into();
        let year =
            |position: &PositionVersion| DebtTraits::of(position, Cents::ZERO).report.unwrap().year;
        assert_eq!(year(&position), Some(2026));
        position.fine.as_mut().unwrap().report_date = None;
        assert_eq!(year(&position), None);
    }
}
