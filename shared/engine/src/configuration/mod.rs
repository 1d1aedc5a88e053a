//! `quadra.toml`: the organizations, their stations, their debt types, their accertamenti.

mod memory;
mod sending;
mod texts;

use std::collections::{BTreeMap, BTreeSet};

use domain::allocation::DefaultShare;
use domain::calendar::Calendar;
use domain::campaign::Kind;
use domain::identifier::{AuxDigit, OrganizationCode};
use domain::station::Station;
use jiff::civil::Date;
use messages::Template;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::campaign::pace::Limits;

pub use memory::{RememberError, Remembered, inferred, remember, remembered};
pub use texts::Subject;

/// Everything that the office decides, checked.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    /// The organizations, by fiscal code.
    pub organizations: BTreeMap<OrganizationCode, Organization>,
    /// Days on which the banks are closed beyond the holidays of the law.
    pub calendar: Calendar,
    /// Interest on late credits, per cent a year: ECB rate and 8 points.
    pub interest_rate_percent: Decimal,
}

/// One organization.
#[derive(Debug, Clone, Default)]
pub struct Organization {
    /// Its name, for people.
    pub name: String,
    /// Whom a citizen or a bank can write to.
    pub contacts: Option<String>,
    /// Where a driver's data are sent (art. 126-bis CdS): an https address.
    pub driver_form_url: Option<String>,
    /// Its own texts of messages; of the other kinds the house's are used.
    pub texts: BTreeMap<Kind, Template>,
    /// How fast, and how much, is sent to IO.
    pub sending: Limits,
    /// Who intermediates which IUVs, and when.
    pub stations: Vec<Station>,
    /// The debt types, by code.
    pub debt_types: BTreeMap<String, DebtType>,
    /// The registry of accertamenti.
    pub assessments: Vec<Assessment>,
}

/// A kind of debt.
#[derive(Debug, Clone, Default)]
pub struct DebtType {
    /// Whether it is a fine of the Codice della Strada.
    pub fine: bool,
    /// Key of the App IO service that writes about it: a name, never the secret.
    pub appio_service: Option<String>,
    /// What an invitation to pay calls it: title and description.
    pub subject: Subject,
    /// Where its payments go when the position does not say: shares that make 100.
    pub default_allocation: Vec<DefaultShare>,
}

/// An entry of the registry of accertamenti.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The debt type that it is for.
    pub debt_type: String,
    /// The year of the debts that it is for.
    pub year: i16,
    /// Its number, `year/number`.
    pub number: String,
    /// The chapter of the budget.
    pub chapter: Option<String>,
    /// The SIOPE code.
    pub siope: Option<String>,
    /// Whether reversali may be issued on it.
    pub state: AssessmentState,
}

/// State of an accertamento.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AssessmentState {
    /// It can be used.
    Definitive,
    /// Not yet.
    Provisional,
    /// No more.
    Closed,
}

/// What is wrong with a configuration: which rule, about which entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("configuration: {0}")]
pub struct ConfigurationError(pub String);

/// ECB rate and 8 points in the second half of 2026, where the office states no rate.
const DEFAULT_INTEREST_RATE: &str = "10.15";

impl Organization {
    /// The text of a kind of message: its own, else the house's.
    #[must_use]
    pub fn text(&self, kind: Kind) -> &Template {
        self.texts.get(&kind).unwrap_or_else(|| messages::builtin(kind))
    }
}

impl Configuration {
    /// Reads a configuration and checks it against its own rules.
    ///
    /// # Errors
    /// The first rule that is broken, with its place where the text itself is wrong.
    pub fn parse(text: &str) -> Result<Self, ConfigurationError> {
        let file: File =
            toml::from_str(text).map_err(|error| ConfigurationError(error.to_string()))?;
        let mut organizations = BTreeMap::new();
        for entry in file.organization {
            let code = parse_code(&entry.fiscal_code)?;
            let organization = entry.check(&code)?;
            if organizations.insert(code.clone(), organization).is_some() {
                return Err(ConfigurationError(format!("organization {code} is given twice")));
            }
        }
        if organizations.is_empty() {
            return Err(ConfigurationError("there is no [[organization]]".into()));
        }
        let rate = file.interest.rate_percent;
        let interest_rate_percent = percentage("interest.rate_percent", &rate)?;
        let extra_closures = file
            .calendar
            .extra_closures
            .iter()
            .map(|day| date("calendar.extra_closures", day))
            .collect::<Result<BTreeSet<_>, _>>()?;
        Ok(Self { organizations, calendar: Calendar::new(extra_closures), interest_rate_percent })
    }
}

fn parse_code(text: &str) -> Result<OrganizationCode, ConfigurationError> {
    text.parse()
        .map_err(|error| ConfigurationError(format!("organization.fiscal_code {text:?} {error}")))
}

fn percentage(field: &str, text: &str) -> Result<Decimal, ConfigurationError> {
    match text.parse::<Decimal>() {
        Ok(value) if value >= Decimal::ZERO && value <= Decimal::ONE_HUNDRED => Ok(value),
        _ => Err(ConfigurationError(format!("{field} must be a number from 0 to 100"))),
    }
}

/// Dates may be TOML dates or texts.
fn date(field: &str, value: &toml::Value) -> Result<Date, ConfigurationError> {
    let text = match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Datetime(date) => date.to_string(),
        _ => String::new(),
    };
    text.parse().map_err(|_| ConfigurationError(format!("{field} must be a date, yyyy-mm-dd")))
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    organization: Vec<OrganizationEntry>,
    #[serde(default)]
    calendar: CalendarEntry,
    #[serde(default)]
    interest: InterestEntry,
}

#[derive(Deserialize, Default)]
struct CalendarEntry {
    #[serde(default)]
    extra_closures: Vec<toml::Value>,
}

#[derive(Deserialize)]
struct InterestEntry {
    rate_percent: String,
}

impl Default for InterestEntry {
    fn default() -> Self {
        Self { rate_percent: DEFAULT_INTEREST_RATE.into() }
    }
}

#[derive(Deserialize)]
struct OrganizationEntry {
    fiscal_code: String,
    name: String,
    contacts: Option<String>,
    driver_form_url: Option<String>,
    #[serde(default)]
    text: Vec<texts::TextEntry>,
    #[serde(default)]
    sending: sending::SendingEntry,
    #[serde(default)]
    station: Vec<StationEntry>,
    #[serde(default)]
    debt_type: Vec<DebtTypeEntry>,
    #[serde(default)]
    assessment: Vec<AssessmentEntry>,
}

#[derive(Deserialize)]
struct StationEntry {
    intermediary: String,
    aux_digit: u8,
    segregation_code: Option<String>,
    application_code: Option<String>,
    valid_from: toml::Value,
    valid_to: Option<toml::Value>,
    receipts: bool,
}

#[derive(Deserialize)]
struct DebtTypeEntry {
    code: String,
    #[serde(default)]
    fine: bool,
    appio_service: Option<String>,
    #[serde(default)]
    subject: Subject,
    #[serde(default)]
    default_allocation: Vec<ShareEntry>,
}

#[derive(Deserialize)]
struct ShareEntry {
    assessment: String,
    chapter: Option<String>,
    siope: Option<String>,
    share_percent: String,
}

#[derive(Deserialize)]
struct AssessmentEntry {
    debt_type: String,
    year: i16,
    number: String,
    chapter: Option<String>,
    siope: Option<String>,
    state: AssessmentState,
}

impl OrganizationEntry {
    fn check(self, code: &OrganizationCode) -> Result<Organization, ConfigurationError> {
        let stations =
            self.station.into_iter().map(StationEntry::check).collect::<Result<Vec<_>, _>>()?;
        no_overlap(&stations)?;
        let mut debt_types = BTreeMap::new();
        for entry in self.debt_type {
            let (name, debt_type) = entry.check()?;
            if debt_types.insert(name.clone(), debt_type).is_some() {
                return Err(ConfigurationError(format!(
                    "debt_type {name} of {code} is given twice"
                )));
            }
        }
        let assessments: Vec<_> = self
            .assessment
            .into_iter()
            .map(|entry| Assessment {
                debt_type: entry.debt_type,
                year: entry.year,
                number: entry.number,
                chapter: entry.chapter,
                siope: entry.siope,
                state: entry.state,
            })
            .collect();
        one_active_assessment(&assessments)?;
        texts::check_contacts(self.contacts.as_deref(), self.driver_form_url.as_deref())?;
        Ok(Organization {
            name: self.name,
            contacts: self.contacts,
            driver_form_url: self.driver_form_url,
            texts: texts::check(self.text)?,
            sending: self.sending.check()?,
            stations,
            debt_types,
            assessments,
        })
    }
}

impl StationEntry {
    fn check(self) -> Result<Station, ConfigurationError> {
        let name = &self.intermediary;
        let wrong = |what: &str| ConfigurationError(format!("station of {name}: {what}"));
        let aux = AuxDigit::from_digit(self.aux_digit)
            .ok_or_else(|| wrong("aux_digit must be 0, 1, 2 or 3"))?;
        let code = match (aux, &self.segregation_code, &self.application_code) {
            (AuxDigit::Three, Some(code), None) | (AuxDigit::Zero, None, Some(code)) => Some(code),
            (AuxDigit::One | AuxDigit::Two, None, None) => None,
            _ => {
                return Err(wrong(
                    "aux 3 needs segregation_code, aux 0 needs application_code, aux 1 and 2 neither",
                ));
            }
        };
        let code = match code {
            Some(code) if code.len() == 2 && code.bytes().all(|b| b.is_ascii_digit()) => {
                code.parse().ok()
            }
            Some(_) => return Err(wrong("the code must have two digits")),
            None => None,
        };
        let valid_from = date("station.valid_from", &self.valid_from)?;
        let valid_to =
            self.valid_to.as_ref().map(|day| date("station.valid_to", day)).transpose()?;
        if valid_to.is_some_and(|last| last < valid_from) {
            return Err(wrong("valid_to is before valid_from"));
        }
        Ok(Station {
            intermediary: self.intermediary.into(),
            aux,
            code,
            valid_from,
            valid_to,
            receipts: self.receipts,
        })
    }
}

impl DebtTypeEntry {
    fn check(self) -> Result<(String, DebtType), ConfigurationError> {
        let shares = self
            .default_allocation
            .into_iter()
            .map(|entry| {
                Ok(DefaultShare {
                    assessment: entry.assessment.into(),
                    chapter: entry.chapter.map(Into::into),
                    siope: entry.siope.map(Into::into),
                    share_percent: percentage("share_percent", &entry.share_percent)?,
                })
            })
            .collect::<Result<Vec<_>, ConfigurationError>>()?;
        let sum: Decimal = shares.iter().map(|share| share.share_percent).sum();
        if !shares.is_empty() && sum != Decimal::ONE_HUNDRED {
            return Err(ConfigurationError(format!(
                "default_allocation of {} makes {sum}, not 100",
                self.code
            )));
        }
        let debt_type = DebtType {
            fine: self.fine,
            appio_service: self.appio_service,
            subject: self.subject,
            default_allocation: shares,
        };
        Ok((self.code, debt_type))
    }
}

/// A number belongs to one intermediary at a time.
fn no_overlap(stations: &[Station]) -> Result<(), ConfigurationError> {
    for (place, a) in stations.iter().enumerate() {
        for b in &stations[place + 1..] {
            let end = |station: &Station| station.valid_to.unwrap_or(Date::MAX);
            if (a.aux, a.code) == (b.aux, b.code)
                && a.valid_from <= end(b)
                && b.valid_from <= end(a)
            {
                return Err(ConfigurationError(format!(
                    "stations of {} and {} have the same code at the same time",
                    a.intermediary, b.intermediary
                )));
            }
        }
    }
    Ok(())
}

/// The registry has one active entry for each debt type and year.
fn one_active_assessment(assessments: &[Assessment]) -> Result<(), ConfigurationError> {
    let mut seen = BTreeSet::new();
    let active = assessments.iter().filter(|entry| entry.state != AssessmentState::Closed);
    for entry in active {
        if !seen.insert((&entry.debt_type, entry.year)) {
            return Err(ConfigurationError(format!(
                "two active assessments for {} {}",
                entry.debt_type, entry.year
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
[[organization]]
fiscal_code = "01234567897"
name = "Provincia di Prova"
[[organization.station]]
intermediary = "INT-A"
aux_digit = 3
segregation_code = "01"
valid_from = 2019-12-01
receipts = true
[[organization.debt_type]]
code = "CDS"
fine = true
[[organization.debt_type.default_allocation]]
assessment = "2026/118"
share_percent = "100"
[[organization.assessment]]
debt_type = "CDS"
year = 2026
number = "2026/118"
state = "definitive"
[calendar]
extra_closures = ["2026-04-03", 2027-03-26]
[interest]
rate_percent = "10.15"
"#;

    #[test]
    fn a_good_configuration_is_read() {
        let read = Configuration::parse(GOOD).unwrap();
        let organization = read.organizations.values().next().unwrap();
        assert_eq!(organization.stations[0].code, Some(1));
        assert!(!read.calendar.is_operating_day("2026-04-03".parse().unwrap()));
        assert!(!read.calendar.is_operating_day("2027-03-26".parse().unwrap()));
        assert!(organization.debt_types["CDS"].fine);
    }

    #[test]
    fn a_configuration_that_breaks_a_rule_is_refused_with_the_rule() {
        for (from, to, told) in [
            ("share_percent = \"100\"", "share_percent = \"99.9\"", "makes 99.9, not 100"),
            ("segregation_code = \"01\"", "", "aux 3 needs segregation_code"),
            ("segregation_code = \"01\"", "segregation_code = \"1\"", "two digits"),
            ("aux_digit = 3", "aux_digit = 4", "aux_digit must be"),
            ("\"01234567897\"", "\"0123\"", "11 to 16 characters"),
            ("\"10.15\"", "\"-1\"", "from 0 to 100"),
            ("state = \"definitive\"", "state = \"final\"", "unknown variant"),
            (
                "[calendar]",
                "[[organization.assessment]]\ndebt_type = \"CDS\"\nyear = 2026\nnumber = \"2026/9\"\nstate = \"provisional\"\n[calendar]",
                "two active assessments for CDS 2026",
            ),
            (
                "valid_from = 2019-12-01",
                "valid_from = 2019-12-01\nvalid_to = 2018-01-01",
                "before valid_from",
            ),
        ] {
            let text = GOOD.replace(from, to);
            assert_ne!(text, GOOD, "{from}");
            let error = Configuration::parse(&text).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
        let twice =
            format!("{GOOD}\n[[organization]]\nfiscal_code = \"01234567897\"\nname = \"B\"");
        assert!(Configuration::parse(&twice).unwrap_err().to_string().contains("twice"));
    }
}
