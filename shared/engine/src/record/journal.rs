//! Journals.

use domain::fact::{AccountTotals, JournalId, JournalPage, JournalTotals, YearTotals};
use domain::identifier::OrganizationCode;
use domain::money::Cents;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

/// Account, its declared totals, its credits and debits of the page, in cents.
type Account = (Box<str>, Option<[i64; 4]>, i64, i64);

/// A page of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalPageRecord {
    treasurer: Box<str>,
    created: DateTime,
    page: u32,
    pages: u32,
    first_day: Date,
    last_day: Date,
    accounts: Vec<Account>,
    overall: Option<[i64; 4]>,
    year: Option<[i64; 9]>,
    movements: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    signed: bool,
}

fn totals(totals: &JournalTotals) -> [i64; 4] {
    [totals.opening, totals.credits, totals.debits, totals.closing].map(Cents::get)
}

fn from_totals(cents: [i64; 4]) -> JournalTotals {
    let [opening, credits, debits, closing] = cents.map(Cents::new);
    JournalTotals { opening, credits, debits, closing }
}

impl From<&JournalPage> for JournalPageRecord {
    fn from(page: &JournalPage) -> Self {
        let account = |account: &AccountTotals| {
            let declared = account.declared.as_ref().map(totals);
            (account.account.clone(), declared, account.credits.get(), account.debits.get())
        };
        let year = |year: YearTotals| {
            [
                year.opening_fund,
                year.collected_orders,
                year.provisional_credits,
                year.credits,
                year.opening_deficit,
                year.paid_orders,
                year.provisional_debits,
                year.debits,
                year.balance,
            ]
            .map(Cents::get)
        };
        Self {
            treasurer: page.treasurer.clone(),
            created: page.created,
            page: page.page,
            pages: page.pages,
            first_day: page.first_day,
            last_day: page.last_day,
            accounts: page.accounts.iter().map(account).collect(),
            overall: page.overall.as_ref().map(totals),
            year: page.year.map(year),
            movements: page.movements,
            signed: page.signed,
        }
    }
}

impl JournalPageRecord {
    /// The page that was recorded.
    #[must_use]
    pub fn into_page(self, organization: &OrganizationCode, journal: JournalId) -> JournalPage {
        let account =
            |(account, declared, credits, debits): (_, Option<[i64; 4]>, i64, i64)| AccountTotals {
                account,
                declared: declared.map(from_totals),
                credits: Cents::new(credits),
                debits: Cents::new(debits),
            };
        let year = |cents: [i64; 9]| {
            let [
                opening_fund,
                collected_orders,
                provisional_credits,
                credits,
                opening_deficit,
                paid_orders,
                provisional_debits,
                debits,
                balance,
            ] = cents.map(Cents::new);
            YearTotals {
                opening_fund,
                collected_orders,
                provisional_credits,
                credits,
                opening_deficit,
                paid_orders,
                provisional_debits,
                debits,
                balance,
            }
        };
        JournalPage {
            organization: organization.clone(),
            journal,
            treasurer: self.treasurer,
            created: self.created,
            page: self.page,
            pages: self.pages,
            first_day: self.first_day,
            last_day: self.last_day,
            accounts: self.accounts.into_iter().map(account).collect(),
            overall: self.overall.map(from_totals),
            year: self.year.map(year),
            movements: self.movements,
            signed: self.signed,
        }
    }
}
