//! What a message says: the text of its kind, filled with the data of its position.

use domain::anomaly::Code;
use domain::campaign::{Account, Judgement, Kind};
use domain::clock::{in_rome, last_second};
use domain::fact::{NotSoFar, PositionVersion};
use jiff::civil::Date;
use messages::{TemplateError, Values};

use super::correction::Wrong;
use super::intent;
use super::message::{Message, PaymentData};
use crate::configuration::Organization;

/// Where the values of a text come from.
pub(super) struct Told<'a> {
    pub kind: Kind,
    pub position: &'a PositionVersion,
    pub account: &'a Account,
    pub judgement: &'a Judgement<'a>,
    pub settings: &'a Organization,
    pub today: Date,
}

impl Told<'_> {
    /// Writes the message of a position whose judgement lets it go.
    ///
    /// # Errors
    /// When what fills the text breaks a rule of form.
    pub fn message(&self) -> Result<Message, TemplateError> {
        self.filled(&self.values())
    }

    /// Writes that an earlier message was wrong.
    ///
    /// # Errors
    /// As [`Told::message`].
    pub fn correction(
        &self,
        wrong: &Wrong,
        history: &[intent::Sent],
    ) -> Result<Message, TemplateError> {
        let earlier = Told { kind: wrong.kind, ..*self };
        let title = self.settings.text(wrong.kind).title(&earlier.values())?;
        let sent = history.iter().find(|sent| wrong.is_about(sent));
        let values = self.values().title("titolo", &title);
        let values = with_date(values, "data_invio", sent.map(|sent| in_rome(sent.at).date()));
        let values = match &wrong.correction {
            Some(correction) => values.text("correzione", correction),
            None => values,
        };
        self.filled(&if wrong.notice_cancelled { values.flag("avviso_annullato") } else { values })
    }

    fn filled(&self, values: &Values) -> Result<Message, TemplateError> {
        let text = self.settings.text(self.kind).fill(values)?;
        let payment_data = self.judgement.notice.and_then(|notice| {
            Some(PaymentData {
                amount: notice.amount,
                notice_number: notice.notice_number?,
                invalid_after_due_date: self.kind == Kind::Discount,
            })
        });
        Ok(Message {
            subject: text.subject,
            markdown: text.markdown,
            due_date: self.judgement.due.map(last_second),
            payment_data,
        })
    }

    fn values(&self) -> Values {
        let contacts = self.settings.contacts.as_deref().unwrap_or_default();
        let values = self.asked(self.verbale(Values::default().text("contatti", contacts)));
        match self.kind {
            Kind::DueSoon | Kind::Discount => self.terms(values),
            Kind::Overdue => self.terms(values.date("data_calcolo", self.today)),
            Kind::Remainder => self.part_paid(values),
            Kind::PreEnforcement => self.before_enforcement(values),
            Kind::DriverData => self.driver_data(values),
            Kind::PaymentRecorded => self.recorded(values),
            Kind::PointsSent => self.points(values),
            Kind::Invitation => self.invitation(values),
            Kind::Correction => values,
        }
    }

    fn verbale(&self, values: Values) -> Values {
        let Some(fine) = self.position.fine.as_deref() else { return values };
        let values = values.text("numero", &fine.report_number);
        with_date(values, "data_verbale", fine.report_date)
    }

    fn asked(&self, values: Values) -> Values {
        let Some(notice) = self.judgement.notice else { return values };
        let values = values.amount("importo", notice.amount);
        match notice.notice_number {
            Some(number) => values.text("codice_avviso", number.as_str()),
            None => values,
        }
    }

    fn terms(&self, values: Values) -> Values {
        let Some(terms) = self.judgement.terms else { return values };
        values.date("scadenza", terms.full).date("scadenza_sconto", terms.reduced)
    }

    fn part_paid(&self, values: Values) -> Values {
        let Account { standing, payments, .. } = self.account;
        let values = values.amount("versato", standing.paid);
        let last = payments.iter().filter_map(|part| part.paid_on).max();
        let values = with_date(values, "data_pagamento", last);
        let late = standing.findings.iter().any(|(_, code)| *code == Code::PaidAfterDue);
        if late { values.flag("in_ritardo") } else { values }
    }

    fn before_enforcement(&self, values: Values) -> Values {
        let values = values.date("data_calcolo", self.today);
        let values = with_date(values, "data_invito", self.judgement.due);
        let notified_on = self.judgement.terms.map(|terms| terms.notified_on);
        let values = with_date(values, "data_notifica", notified_on);
        let paid = self.account.standing.paid;
        if paid.is_zero() { values } else { values.amount("versato", paid) }
    }

    fn driver_data(&self, values: Values) -> Values {
        let plate = self.position.fine.as_ref().and_then(|fine| fine.plate.as_deref());
        let values = values.text("targa", plate.unwrap_or_default());
        let values = values.date("data_calcolo", self.today);
        let form = self.settings.driver_form_url.as_deref().unwrap_or_default();
        with_date(values, "scadenza_dati", self.judgement.due).address("url_modulo", form)
    }

    fn recorded(&self, values: Values) -> Values {
        let values = values.amount("importo", self.account.standing.paid);
        let values = with_date(values, "data_registrazione", self.judgement.covered_on);
        match (self.judgement.driver_data_until, &self.settings.driver_form_url) {
            (Some(until), Some(form)) => {
                values.date("scadenza_dati", until).address("url_modulo", form)
            }
            _ => values,
        }
    }

    fn points(&self, values: Values) -> Values {
        let points = self.position.fine.as_ref().and_then(|fine| fine.points.as_ref());
        let Some(points) = points else { return values };
        let values = values.text("punti", &points.points.unwrap_or_default().to_string());
        match points.transmitted_on {
            Some(NotSoFar::On(day)) => values.date("data_trasmissione", day),
            _ => values,
        }
    }

    fn invitation(&self, values: Values) -> Values {
        let PositionVersion { debt_type, year, position_id, .. } = self.position;
        let debt_type = self.settings.debt_types.get(&**debt_type);
        let words = debt_type.map(|debt_type| debt_type.subject).unwrap_or_default().words();
        let reason = format!("{words}, anno {year}, pratica {position_id}");
        let values = values.text("oggetto", words).text("causale", &reason);
        with_date(values, "scadenza", self.judgement.due)
    }
}

fn with_date(values: Values, name: &'static str, date: Option<Date>) -> Values {
    match date {
        Some(date) => values.date(name, date),
        None => values,
    }
}
