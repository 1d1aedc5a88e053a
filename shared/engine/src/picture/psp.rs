//! How each provider kept its terms, month by month.

use std::collections::BTreeMap;

use domain::anomaly::Code;
use domain::clock::in_rome;
use domain::money::Cents;
use report::row::{Breach, Month, PspRow};

use super::rows::{Row, Rows};
use super::{PictureError, Province};

/// More wrong flows, or integrative transfers, than this in a month are a breach (SANP, service
/// levels).
const PER_MONTH_MAX: u64 = 30;

impl Province<'_> {
    /// Writes one row for each provider and month of flow.
    pub(super) fn write_psps(&self, rows: &mut Rows) -> Result<(), PictureError> {
        let mut months: BTreeMap<_, PspRow<'static>> = BTreeMap::new();
        for flow in &self.flows {
            let header = &flow.revision().header;
            let month = Month::from(in_rome(header.flow_time).date());
            let row = months.entry((flow.key.psp.clone(), month)).or_insert_with(|| PspRow {
                organization: self.code.to_string().into(),
                psp: flow.key.psp.to_string().into(),
                psp_name: None,
                month,
                flows: 0,
                late: 0,
                wrong: 0,
                integrative: 0,
                days_late: 0,
                amount_late: Cents::ZERO,
                interest: Cents::ZERO,
                breaches: Vec::new(),
            });
            if row.psp_name.is_none() {
                row.psp_name = header.psp_name.as_ref().map(|name| name.to_string().into());
            }
            let timing = self.timing(flow);
            row.flows += 1;
            if let Some(days) = timing.days_late {
                row.late += 1;
                row.days_late += u64::from(days);
                row.amount_late += timing.amount_late;
                row.interest += timing.interest.unwrap_or_default();
            }
            let wrong = flow.revision().findings();
            row.wrong += u64::from(wrong.iter().any(|code| *code != Code::FdrCountMismatch));
            row.integrative += u64::from(self.has_integrative_credit(flow));
        }
        for mut row in months.into_values() {
            if row.wrong > PER_MONTH_MAX {
                row.breaches.push(Breach::Nfer);
            }
            if row.integrative > PER_MONTH_MAX {
                row.breaches.push(Breach::Nbi);
            }
            rows.push(Row::Psp(row))?;
        }
        Ok(())
    }

    fn has_integrative_credit(&self, flow: &super::FlowView) -> bool {
        flow.credits.iter().filter_map(|credit| self.credit_places.get(credit)).any(|&place| {
            self.credits[place].reading.txt_progressive.is_some_and(|number| number > 0)
        })
    }
}
