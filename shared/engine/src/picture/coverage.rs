//! Journals: which days of which treasurer are loaded, whole, and whether their totals hold.

use std::collections::{BTreeMap, BTreeSet};

use domain::anomaly::Code;
use domain::calendar::Calendar;
use domain::fact::{JournalId, JournalPage, JournalTotals, Source};
use domain::identifier::OrganizationCode;
use domain::money::Cents;
use jiff::ToSpan;
use jiff::civil::Date;
use report::row::Coverage as CoverageRow;

use super::Province;
use super::finding::{About, Finding};
use super::names::treasurer;
use super::texts::euro;
use crate::key::Kind;
use crate::port::{PortError, PortResult, ReadFacts};
use crate::record::{self, JournalPageRecord};

/// The journals of an organization.
#[derive(Default)]
pub(crate) struct Coverage {
    journals: BTreeMap<JournalId, Vec<(JournalPage, Source)>>,
    /// Days of each treasurer whose journal is here with all its pages.
    loaded: BTreeMap<Box<str>, BTreeSet<Date>>,
    /// Whose journal is in each file.
    treasurers: BTreeMap<String, Box<str>>,
}

/// The longest period of a journal up to 1.4 whose days are listed: a leap year.
const DAYS_MAX: usize = 366;

impl Coverage {
    pub fn load(reader: &mut impl ReadFacts, code: &OrganizationCode) -> PortResult<Self> {
        let prefix = Kind::Journal.prefix(code);
        let mut journals: BTreeMap<JournalId, Vec<(JournalPage, Source)>> = BTreeMap::new();
        let mut treasurers = BTreeMap::new();
        reader.scan_facts(&prefix, &mut |fact| {
            let id = journal_id(&fact.partition, &prefix)?;
            let record: JournalPageRecord = record::read(&fact.body)?;
            let page = record.into_page(code, id.clone());
            treasurers.insert(fact.source.file.clone(), page.treasurer.clone());
            let pages = journals.entry(id).or_default();
            // Of a page that was sent again, the latest counts: pages come in the order of their
            // time.
            pages.retain(|(known, _)| known.page != page.page);
            pages.push((page, fact.source));
            Ok(())
        })?;
        let mut loaded: BTreeMap<Box<str>, BTreeSet<Date>> = BTreeMap::new();
        for pages in journals.values().filter(|pages| missing_pages(pages).is_empty()) {
            let (page, _) = &pages[0];
            loaded.entry(page.treasurer.clone()).or_default().extend(days(page));
        }
        Ok(Self { journals, loaded, treasurers })
    }

    /// The ABI of the treasurer whose journal is in a file.
    pub fn treasurer(&self, file: &str) -> Option<&str> {
        self.treasurers.get(file).map(|abi| &**abi)
    }

    /// Whether the journal of a day is here.
    pub fn is_loaded(&self, day: Date) -> bool {
        self.loaded.values().any(|days| days.contains(&day))
    }

    /// The working days before `today` that came after the last day of any journal; none when there
    /// is no journal at all.
    pub fn working_days_behind(&self, today: Date, calendar: &Calendar) -> Option<u64> {
        let last = self.loaded.values().filter_map(BTreeSet::last).max()?;
        let days = last.series(1.day()).skip(1).take_while(|day| *day < today);
        Some(days.filter(|day| calendar.is_operating_day(*day)).count() as u64)
    }

    /// One row for each treasurer: the days from its first to its last that are loaded, and those
    /// that are not: the working days between them, and the days of journals without all their
    /// pages.
    pub fn rows(&self, code: &OrganizationCode) -> Vec<CoverageRow<'static>> {
        let calendar = Calendar::default();
        let mut treasurers: BTreeMap<&str, BTreeSet<Date>> = BTreeMap::new();
        for (page, _) in self.journals.values().filter_map(|pages| pages.first()) {
            treasurers.entry(&page.treasurer).or_default().extend(days(page));
        }
        let row = |(treasurer, known): (&str, BTreeSet<Date>)| {
            let loaded = self.loaded.get(treasurer);
            let is_loaded = |day: &Date| loaded.is_some_and(|days| days.contains(day));
            let (first, last) = (known.first().copied()?, known.last().copied()?);
            let missing = first.series(1.day()).take_while(|day| *day <= last).filter(|day| {
                (calendar.is_operating_day(*day) || known.contains(day)) && !is_loaded(day)
            });
            Some(CoverageRow {
                organization: code.to_string().into(),
                treasurer: treasurer.to_owned().into(),
                loaded_days: loaded.into_iter().flatten().copied().collect(),
                missing_days: missing.collect(),
            })
        };
        treasurers.into_iter().filter_map(row).collect()
    }
}

/// The days that a journal is about.
fn days(page: &JournalPage) -> impl Iterator<Item = Date> {
    let days = page.first_day.series(1.day()).take_while(|day| *day <= page.last_day);
    days.take(DAYS_MAX)
}

fn journal_id(partition: &str, prefix: &str) -> PortResult<JournalId> {
    let damaged = || PortError::Final("the ledger holds a damaged journal".into());
    let rest = partition.strip_prefix(prefix).ok_or_else(damaged)?;
    let (esercizio, flow) = rest.split_once('#').ok_or_else(damaged)?;
    Ok(JournalId { esercizio: esercizio.parse().map_err(|_| damaged())?, flow: flow.into() })
}

fn missing_pages(pages: &[(JournalPage, Source)]) -> Vec<u32> {
    let have: BTreeSet<_> = pages.iter().map(|(page, _)| page.page).collect();
    let all = pages.iter().map(|(page, _)| page.pages).max().unwrap_or(1);
    // A journal of millions of pages would list millions: the first hundred tell enough.
    (1..=all).filter(|page| !have.contains(page)).take(100).collect()
}

impl Province<'_> {
    /// Journals that are incomplete or do not add up: the treasurer's.
    pub(super) fn journal_findings(&mut self) {
        let mut findings = Vec::new();
        for (id, pages) in &self.coverage.journals {
            let missing = missing_pages(pages);
            if !missing.is_empty() {
                let detail = said_missing(pages, &missing);
                findings.push(self.journal_finding(Code::JournalIncomplete, id, pages, detail));
                continue;
            }
            if let Some(detail) = wrong_totals(pages) {
                findings.push(self.journal_finding(Code::JournalTotalsMismatch, id, pages, detail));
            }
        }
        self.findings.extend(findings);
    }

    fn journal_finding(
        &self,
        code: Code,
        id: &JournalId,
        pages: &[(JournalPage, Source)],
        detail: String,
    ) -> Finding {
        let (page, _) = &pages[0];
        Finding {
            organization: self.code.clone(),
            code,
            subject: format!("journal:{}", id.flow),
            amount: None,
            since: page.last_day,
            party: code.party(),
            name: Some(treasurer(Some(&page.treasurer))),
            evidence: pages
                .iter()
                .map(|(_, source)| ("giornale di cassa", source.clone()))
                .collect(),
            closed_by: None,
            about: About {
                detail: Some(detail),
                journal: Some((id.flow.to_string(), page.last_day)),
                ..About::default()
            },
        }
    }
}

/// What does not hold among the totals of a whole journal, in words: over all its pages, since each
/// page repeats the totals of its accounts and may show only some of their movements.
fn wrong_totals(pages: &[(JournalPage, Source)]) -> Option<String> {
    let mut accounts: BTreeMap<&str, (Option<JournalTotals>, Cents, Cents)> = BTreeMap::new();
    for account in pages.iter().flat_map(|(page, _)| &page.accounts) {
        let sums = accounts.entry(&account.account).or_default();
        sums.0 = sums.0.or(account.declared);
        sums.1 += account.credits;
        sums.2 += account.debits;
    }
    for (name, (declared, credits, debits)) in &accounts {
        let Some(declared) = declared else { continue };
        if let Some(wrong) = unbalanced(declared) {
            return Some(format!("per il conto {name} {wrong}"));
        }
        for (what, declared, found) in
            [("entrate", declared.credits, *credits), ("uscite", declared.debits, *debits)]
        {
            if declared != found {
                return Some(format!(
                    "per il conto {name} il totale delle {what} dichiarato è {}, la somma dei \
                     movimenti è {}",
                    euro(declared),
                    euro(found)
                ));
            }
        }
    }
    let overall = pages.iter().find_map(|(page, _)| page.overall);
    overall.as_ref().and_then(unbalanced).map(|wrong| format!("nei totali complessivi {wrong}"))
}

fn unbalanced(totals: &JournalTotals) -> Option<String> {
    let closing = totals.opening + totals.credits - totals.debits;
    (closing != totals.closing).then(|| {
        format!(
            "il saldo finale dichiarato è {}, ma dal saldo iniziale e dai totali risulta {}",
            euro(totals.closing),
            euro(closing)
        )
    })
}

/// Which pages of a journal are missing.
fn said_missing(pages: &[(JournalPage, Source)], missing: &[u32]) -> String {
    let all = pages.iter().map(|(page, _)| page.pages).max().unwrap_or(1);
    let list: Vec<_> = missing.iter().map(ToString::to_string).collect();
    match list.as_slice() {
        [only] => format!("manca la pagina {only} di {all}"),
        several => format!("mancano le pagine {} di {all}", several.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(last_days: &[&str]) -> Coverage {
        let days = |last: &&str| (Box::from(*last), BTreeSet::from([last.parse().unwrap()]));
        Coverage { loaded: last_days.iter().map(days).collect(), ..Coverage::default() }
    }

    #[test]
    fn what_counts_are_working_days_after_the_last_journal_and_before_today() {
        let calendar = Calendar::default();
        for (last, today, behind) in [
            ("2026-11-20", "2026-11-20", 0), // a Friday, the same day
            ("2026-11-20", "2026-11-23", 0), // Monday: the weekend does not count
            ("2026-11-20", "2026-11-24", 1), // Tuesday: Monday's is not here
            ("2026-11-20", "2026-11-25", 2),
            ("2026-12-04", "2026-12-09", 1), // Monday 7; Tuesday 8 is a holiday
            ("2026-11-20", "2026-11-16", 0), // a journal of a later day
        ] {
            let behind = Some(behind);
            let today = today.parse().unwrap();
            assert_eq!(loaded(&[last]).working_days_behind(today, &calendar), behind, "{last}");
        }
        let today = "2026-11-24".parse().unwrap();
        let two = loaded(&["2026-11-10", "2026-11-20"]);
        assert_eq!(two.working_days_behind(today, &calendar), Some(1), "the latest of two");
        assert_eq!(loaded(&[]).working_days_behind(today, &calendar), None);
    }
}
