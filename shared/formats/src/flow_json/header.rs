//! The header of a flow: `SingleFlowResponse` of the FdR REST API.

use std::io::Read;

use domain::fact::FlowRevision;
use domain::identifier::{Iuf, OrganizationCode, Psp};
use domain::money::Cents;
use jiff::Timestamp;
use jiff::civil::Date;
use struson::reader::{JsonReader, ValueType};

use super::value::{Slot, amount, count, date_part, identifier, short_text, timestamp};
use super::{Step, Walk};
use crate::{Defects, Place, Rule};

/// The fields met so far.
#[derive(Debug, Default)]
pub(super) struct HeaderDraft {
    iuf: Slot<Iuf>,
    revision: Slot<u32>,
    flow_time: Slot<Timestamp>,
    settlement_id: Slot<Box<str>>,
    settlement_date: Slot<Date>,
    psp: Slot<Psp>,
    psp_alias: Slot<Psp>,
    psp_name: Slot<Box<str>>,
    organization: Slot<OrganizationCode>,
    declared_count: Slot<u64>,
    declared_total: Slot<Cents>,
    computed_count: Slot<u64>,
    /// As it is written: it is judged only where no total is declared.
    computed_total: Slot<Result<Cents, ()>>,
}

impl HeaderDraft {
    /// Whether nothing names a flow.
    pub(super) fn is_empty(&self) -> bool {
        self.iuf.is_absent() && self.flow_time.is_absent() && self.psp.is_absent()
    }

    /// Tells what is missing, and a computed total that is no amount where it is the one that
    /// counts.
    pub(super) fn judge(&self, at: Place, defects: &mut Defects) {
        let no_count = self.declared_count.is_absent() && self.computed_count.is_absent();
        let no_total = self.declared_total.is_absent() && self.computed_total.is_absent();
        for (field, missing) in [
            ("fdr", self.iuf.is_absent()),
            ("fdrDate", self.flow_time.is_absent()),
            ("regulation", self.settlement_id.is_absent()),
            ("regulationDate", self.settlement_date.is_absent()),
            ("sender.pspId", self.psp.is_absent()),
            ("receiver.organizationId", self.organization.is_absent()),
            ("totPayments", no_count),
            ("sumPayments", no_total),
        ] {
            if missing {
                defects.push(at, field, Rule::Schema, "must be there");
            }
        }
        if self.declared_total.is_absent() && matches!(self.computed_total, Slot::Is(Err(()))) {
            let message = "must have at most 13 digits and two decimals";
            defects.push(at, "computedSumPayments", Rule::Amount, message);
        }
    }

    /// The header, when all that must be there is.
    pub(super) fn revision(&self) -> Option<FlowRevision> {
        let computed_total = || self.computed_total.get().and_then(|total| total.ok());
        Some(FlowRevision {
            organization: self.organization.get()?.clone(),
            psp: self.psp.get()?.clone(),
            psp_alias: self.psp_alias.get().cloned(),
            psp_name: self.psp_name.get().cloned(),
            iuf: self.iuf.get()?.clone(),
            revision: self.revision.get().copied(),
            flow_time: *self.flow_time.get()?,
            settlement_id: self.settlement_id.get()?.clone(),
            settlement_date: *self.settlement_date.get()?,
            declared_count: *self.declared_count.get().or_else(|| self.computed_count.get())?,
            declared_total: self.declared_total.get().copied().or_else(computed_total)?,
        })
    }
}

impl<R: Read> Walk<'_, R> {
    pub(super) fn header_member(&mut self, name: &str, at: Place) -> Step {
        match name {
            "fdr" => self.fill(
                |walk| &mut walk.header.iuf,
                ("fdr", at),
                |value| identifier(value, Iuf::parse),
            ),
            "revision" => self.fill(
                |walk| &mut walk.header.revision,
                ("revision", at),
                |value| {
                    let wrong = (Rule::Schema, "must be a whole number from 1");
                    count(value)
                        .ok()
                        .and_then(|revision| u32::try_from(revision).ok())
                        .filter(|&revision| revision > 0)
                        .ok_or(wrong)
                },
            ),
            "fdrDate" => self.fill(|walk| &mut walk.header.flow_time, ("fdrDate", at), timestamp),
            "regulation" => {
                self.fill(|walk| &mut walk.header.settlement_id, ("regulation", at), short_text)
            }
            "regulationDate" => self.fill(
                |walk| &mut walk.header.settlement_date,
                ("regulationDate", at),
                date_part,
            ),
            "totPayments" => {
                self.fill(|walk| &mut walk.header.declared_count, ("totPayments", at), count)
            }
            "sumPayments" => {
                self.fill(|walk| &mut walk.header.declared_total, ("sumPayments", at), amount)
            }
            "computedTotPayments" => self.fill(
                |walk| &mut walk.header.computed_count,
                ("computedTotPayments", at),
                count,
            ),
            "computedSumPayments" => self.fill(
                |walk| &mut walk.header.computed_total,
                ("computedSumPayments", at),
                |value| Ok(amount(value).map_err(|_| ())),
            ),
            "sender" => self.sender(at),
            "receiver" => self.receiver(at),
            _ => self.json.skip_value(),
        }
    }

    fn sender(&mut self, at: Place) -> Step {
        if !self.is(ValueType::Object, at, "sender")? {
            return Ok(());
        }
        self.members(|walk, name, at| match name {
            "pspId" => walk.fill(
                |walk| &mut walk.header.psp,
                ("sender.pspId", at),
                |value| identifier(value, Psp::parse),
            ),
            "id" => walk.fill(
                |walk| &mut walk.header.psp_alias,
                ("sender.id", at),
                |value| identifier(value, Psp::parse),
            ),
            "pspName" => {
                walk.fill(|walk| &mut walk.header.psp_name, ("sender.pspName", at), short_text)
            }
            _ => walk.json.skip_value(),
        })
    }

    fn receiver(&mut self, at: Place) -> Step {
        if !self.is(ValueType::Object, at, "receiver")? {
            return Ok(());
        }
        self.members(|walk, name, at| match name {
            "organizationId" => walk.fill(
                |walk| &mut walk.header.organization,
                ("receiver.organizationId", at),
                |value| identifier(value, OrganizationCode::parse),
            ),
            _ => walk.json.skip_value(),
        })
    }
}
