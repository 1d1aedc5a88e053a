//! What a person is asked about one credit, payment or anomaly at one moment: what is wrong, and
//! what may be chosen.

use domain::anomaly::Code;
use domain::clock::in_rome;
use domain::decision::{Choice, ChosenFlow, ChosenPosition};
use domain::fact::PositionVersion;
use domain::identifier::{Iuv, OrganizationCode, Provvisorio};
use domain::money::Cents;
use report::row::{Candidate, Conservation, PaymentRow, PositionRow};

use super::credits::CreditView;
use super::finding::Finding;
use super::rows::{self, Row};
use super::singles::Single;
use super::{PictureError, Province, inputs};
use crate::configuration::{Configuration, Organization};
use crate::key;
use crate::port::{Home, PortResult, ReadFacts};
use crate::reconcile::{read_position, versions};
use crate::record::StandingRecord;
use jiff::Timestamp;

/// What is asked about.
pub(crate) struct Asked<'a> {
    pub organization: (&'a OrganizationCode, &'a Organization),
    pub configuration: &'a Configuration,
    pub as_of: Timestamp,
    /// The subject of an anomaly.
    pub subject: &'a str,
    /// Which anomaly of the subject.
    pub code: Option<Code>,
    /// The candidate that a person wants to choose.
    pub candidate: Option<&'a str>,
}

/// The answer.
pub(crate) struct Question {
    /// What is wrong, whether or not a person closed it.
    pub finding: Option<Finding>,
    /// The subjects of the candidates, best first.
    pub proposed: Vec<String>,
    /// The amount of the credit or payment.
    pub amount: Option<Cents>,
    /// What it means to choose the candidate, if it is proposed.
    pub choice: Option<Choice>,
}

/// Works out the whole picture, and what it says of a subject.
pub(crate) fn question<H: Home>(home: &H, asked: &Asked) -> Result<Question, PictureError> {
    let (code, settings) = asked.organization;
    let mut reader = home.reader()?;
    let (configuration, as_of) = (asked.configuration, asked.as_of);
    let mut province = Province::load(&mut reader, code, settings, configuration, as_of)?;
    let (mut rows, drain) = rows::channel();
    let wanted = asked.candidate.and_then(|subject| subject.strip_prefix("position:"));
    let mut payments = rows::Payments::new();
    let position = std::thread::scope(|scope| {
        let drained = scope.spawn(move || {
            let mut found = None;
            for row in drain.iter().flatten() {
                match row {
                    Row::Position(row) if Some(&*row.position_id) == wanted => found = Some(row),
                    _ => {}
                }
            }
            found
        });
        province.positions_and_payments(home, &mut rows, &mut payments)?;
        province.write_credits(&mut rows, &mut Conservation::default())?;
        province.write_flows(&mut rows)?;
        province.journal_findings();
        let today = in_rome(as_of).date();
        if asked.subject.starts_with("file:") {
            let more = inputs::write(&mut home.reader()?, configuration, today, &mut rows)?;
            province.findings.extend(more);
        }
        rows.flush()?;
        drop(rows);
        Ok::<_, PictureError>(drained.join().expect("who drains rows does not panic"))
    })?;
    let mut findings = std::mem::take(&mut province.findings);
    findings.retain(|one| &*one.subject == asked.subject && Some(one.code) == asked.code);
    province.decided.close(&mut findings);
    let finding = findings.into_iter().next();
    province.answer(&mut reader, asked, finding, &payments, position.as_ref())
}

impl Province<'_> {
    fn answer(
        &self,
        reader: &mut impl ReadFacts,
        asked: &Asked,
        finding: Option<Finding>,
        payments: &rows::Payments,
        position: Option<&PositionRow>,
    ) -> Result<Question, PictureError> {
        let credit = asked.subject.strip_prefix("credit:");
        let place = credit
            .and_then(|text| text.parse::<Provvisorio>().ok())
            .and_then(|credit| self.credit_places.get(&credit));
        let view = place.map(|&place| &self.credits[place]);
        let payment = asked.subject.strip_prefix("payment:");
        let row = payments.iter().find(|row| {
            payment.is_some_and(|key| key == format!("{}/{}/{}", row.iuv, row.iur, row.index))
        });
        let candidates: Vec<Candidate> = match (view, row) {
            (Some(view), _) => self.candidates_for(view),
            (None, Some(row)) => self.candidates_of(row),
            (None, None) => Vec::new(),
        };
        let proposed: Vec<_> = candidates.iter().map(|one| one.subject.to_string()).collect();
        let wanted = asked.candidate.filter(|one| proposed.iter().any(|other| other == one));
        let amount = view.map(|view| view.credit.amount).or_else(|| row.map(|row| row.amount));
        let choice = match (wanted, position) {
            (Some(_), Some(row)) => {
                let notice = match view {
                    Some(view) => Some(self.notice_paid(reader, row, view.credit.amount)?),
                    None => None,
                };
                let position_id = row.position_id.to_string().into();
                // A credit without a notice to be filed under is not chosen at all.
                (notice != Some(None)).then(|| {
                    let notice = notice.flatten();
                    Choice::Position(ChosenPosition { position_id, notice, paid: row.paid })
                })
            }
            (Some(wanted), None) => view.and_then(|view| self.meaning(view, wanted)),
            (None, _) => None,
        };
        Ok(Question { finding, proposed, amount, choice })
    }

    fn candidates_of(&self, row: &PaymentRow) -> Vec<Candidate<'static>> {
        let (iuv, iur) = (row.iuv.parse(), row.iur.parse());
        let (Ok(iuv), Ok(iur)) = (iuv, iur) else { return Vec::new() };
        let key = domain::payment::PaymentKey { iuv, iur, index: row.index };
        self.position_search.of_payment(&key).rows
    }

    /// What a flow or a payment means as the choice for a credit: a credit that is the sum of the
    /// flow that it names and another pays both.
    fn meaning(&self, view: &CreditView, wanted: &str) -> Option<Choice> {
        if let Single::Several(keys) = &view.single
            && let Some(key) = keys.iter().find(|key| format!("payment:{key}") == wanted)
        {
            return Some(Choice::Payment(key.clone()));
        }
        let place = self.flows.iter().position(|flow| flow.subject() == wanted)?;
        let mut places = vec![place];
        if let StandingRecord::MayPay { flows } = &view.standing {
            places.insert(0, self.flow_place(flows.first()?)?);
        }
        let chosen = |place: usize| {
            let flow = &self.flows[place];
            ChosenFlow { key: flow.key.clone(), total: flow.revision().header.declared_total }
        };
        Some(Choice::Flows(places.into_iter().map(chosen).collect()))
    }

    /// The notice of a position that a transfer is taken to pay: one that can be paid and has its
    /// amount, else any that has it, else the first that can be paid, else the first.
    fn notice_paid(
        &self,
        reader: &mut impl ReadFacts,
        row: &PositionRow,
        amount: Cents,
    ) -> PortResult<Option<Iuv>> {
        let partition = key::position(self.code, &row.position_id);
        let facts = reader.facts(&[partition])?.remove(0);
        let Some(current) = versions(&facts).last() else { return Ok(None) };
        let position: PositionVersion = read_position(&current.body)?;
        let payable = || row.payable.iter().map(|notice| (&*notice.iuv, notice.amount));
        let any = || position.notices.iter().map(|notice| (notice.iuv.as_str(), notice.amount));
        let equal = |(_, other): &(&str, Cents)| *other == amount;
        let best = payable()
            .find(equal)
            .or_else(|| any().find(equal))
            .or_else(|| payable().next())
            .or_else(|| any().next());
        Ok(best.and_then(|(iuv, _)| iuv.parse().ok()))
    }
}
