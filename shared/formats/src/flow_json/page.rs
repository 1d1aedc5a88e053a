//! Pages of payments: `PaginatedPaymentsResponse` of the FdR REST API.

use std::collections::BTreeSet;
use std::io::Read;

use struson::reader::{JsonReader, ValueType};

use super::value::{Slot, count};
use super::{Step, Walk};
use crate::{Defects, Place, Rule};

/// The most pages that a flow may have.
pub const PAGES_MAX: u64 = 100_000;

/// What a page says of itself.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub has_data: bool,
    number: Slot<u64>,
    of: Slot<u64>,
}

/// The pages of a flow.
#[derive(Debug, Default)]
pub(super) struct Pages {
    met: BTreeSet<u64>,
    total: Option<u64>,
}

impl Pages {
    /// Adds a page; what it alone can have wrong is told.
    pub(super) fn add(&mut self, page: &Page, at: Place, defects: &mut Defects) {
        if page.number.is_absent() {
            defects.push(at, "metadata.pageNumber", Rule::Schema, "must be there");
        }
        if page.of.is_absent() {
            defects.push(at, "metadata.totPage", Rule::Schema, "must be there");
        }
        let (Some(&number), Some(&of)) = (page.number.get(), page.of.get()) else { return };
        let mut wrong = |message: String| {
            defects.push(at, "metadata", Rule::ControlTotal, message);
        };
        if of > PAGES_MAX {
            defects.push(at, "metadata.totPage", Rule::Limit, "must be at most 100000");
            return;
        }
        // An empty flow may say «page 1 of 0».
        if number == 0 || number > of.max(1) {
            wrong(format!("page {number} of {of} cannot be"));
        } else if !self.met.insert(number) {
            wrong(format!("page {number} must not be repeated"));
        }
        match self.total {
            Some(total) if total != of => wrong(format!("page {number} is of {of}, not {total}")),
            _ => self.total = Some(of),
        }
    }

    /// Tells the first page that is missing, and how many are.
    pub(super) fn judge(&self, defects: &mut Defects) {
        let Some(total) = self.total else { return };
        let mut missing = (1..=total).filter(|number| !self.met.contains(number));
        if let Some(first) = missing.next() {
            let others = missing.count();
            let message = format!("page {first} of {total} is missing, and {others} more");
            defects.push(Place::WHOLE_FILE, "payments", Rule::ControlTotal, message);
        }
    }
}

impl<R: Read> Walk<'_, R> {
    pub(super) fn page_metadata(&mut self, page: &mut Page, at: Place) -> Step {
        if !self.is(ValueType::Object, at, "metadata")? {
            return Ok(());
        }
        self.page = Page::default();
        self.members(|walk, name, at| match name {
            "pageNumber" => {
                walk.fill(|walk| &mut walk.page.number, ("metadata.pageNumber", at), count)
            }
            "totPage" => walk.fill(|walk| &mut walk.page.of, ("metadata.totPage", at), count),
            _ => walk.json.skip_value(),
        })?;
        let has_data = page.has_data;
        *page = std::mem::take(&mut self.page);
        page.has_data = has_data;
        Ok(())
    }
}
