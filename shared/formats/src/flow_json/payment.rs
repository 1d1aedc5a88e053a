//! One payment of a flow: `Payment` of the FdR REST API; or a page of them.

use std::io::Read;

use domain::fact::{FlowLine, LineOutcome};
use domain::identifier::{Iur, Iuv};
use domain::money::Cents;
use jiff::civil::Date;
use struson::reader::{JsonReader, ValueType};

use super::page::Page;
use super::value::{Slot, amount, count, date_part, identifier};
use super::{Step, Walk};
use crate::{Located, Place, Rule};

/// The fields of a payment that were met.
#[derive(Debug, Default)]
pub(super) struct PaymentDraft {
    iuv: Slot<Iuv>,
    iur: Slot<Iur>,
    index: Slot<u8>,
    amount: Slot<Cents>,
    outcome: Slot<LineOutcome>,
    paid_on: Slot<Date>,
}

impl PaymentDraft {
    fn missing(&self) -> impl Iterator<Item = &'static str> {
        [
            ("iuv", self.iuv.is_absent()),
            ("iur", self.iur.is_absent()),
            ("pay", self.amount.is_absent()),
            ("payStatus", self.outcome.is_absent()),
            ("payDate", self.paid_on.is_absent()),
        ]
        .into_iter()
        .filter_map(|(field, missing)| missing.then_some(field))
    }

    fn line(self) -> Option<FlowLine> {
        // A missing transfer is the first (GovPay reads the XML form so).
        let index = if self.index.is_absent() { 1 } else { self.index.take()? };
        Some(FlowLine {
            iuv: self.iuv.take()?,
            iur: self.iur.take()?,
            index,
            amount: self.amount.take()?,
            outcome: self.outcome.take()?,
            paid_on: self.paid_on.take()?,
        })
    }
}

impl<R: Read> Walk<'_, R> {
    /// An element of `payments`: it is a page if it has `data`.
    pub(super) fn payment_or_page(&mut self) -> Step {
        let at = self.place();
        if !self.is(ValueType::Object, at, "payments")? {
            return Ok(());
        }
        self.payment = PaymentDraft::default();
        let mut page = Page::default();
        self.members(|walk, name, at| match name {
            "metadata" => walk.page_metadata(&mut page, at),
            "data" => {
                page.has_data = true;
                walk.elements(at, "data", Self::payment)
            }
            _ => walk.payment_member(name, at),
        })?;
        if page.has_data {
            self.pages.add(&page, at, &mut self.defects);
        } else {
            self.payment_ends(at);
        }
        Ok(())
    }

    fn payment(&mut self) -> Step {
        let at = self.place();
        if !self.is(ValueType::Object, at, "data")? {
            return Ok(());
        }
        self.payment = PaymentDraft::default();
        self.members(Self::payment_member)?;
        self.payment_ends(at);
        Ok(())
    }

    fn payment_member(&mut self, name: &str, at: Place) -> Step {
        match name {
            "iuv" => self.fill(
                |walk| &mut walk.payment.iuv,
                ("iuv", at),
                |value| identifier(value, Iuv::parse),
            ),
            "iur" => self.fill(
                |walk| &mut walk.payment.iur,
                ("iur", at),
                |value| identifier(value, Iur::parse),
            ),
            "idTransfer" => self.fill(
                |walk| &mut walk.payment.index,
                ("idTransfer", at),
                |value| {
                    count(value)
                        .ok()
                        .and_then(|index| u8::try_from(index).ok())
                        .filter(|index| (1..=5).contains(index))
                        .ok_or((Rule::Schema, "must be a whole number from 1 to 5"))
                },
            ),
            "pay" => self.fill(|walk| &mut walk.payment.amount, ("pay", at), amount),
            "payStatus" => self.fill(
                |walk| &mut walk.payment.outcome,
                ("payStatus", at),
                |value| {
                    let status = value.text()?;
                    if status.is_empty() || status.chars().count() > 35 {
                        return Err((Rule::Schema, "must have 1 to 35 characters"));
                    }
                    Ok(LineOutcome::from_status(status))
                },
            ),
            "payDate" => self.fill(|walk| &mut walk.payment.paid_on, ("payDate", at), date_part),
            _ => self.json.skip_value(),
        }
    }

    fn payment_ends(&mut self, at: Place) {
        let draft = std::mem::take(&mut self.payment);
        for field in draft.missing() {
            self.wrong(at, field, (Rule::Schema, "must be there"));
        }
        if let Some(record) = draft.line() {
            self.line(Located { at, record });
        }
    }
}
