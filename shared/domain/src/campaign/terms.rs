//! The terms of a fine, counted from its notification.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::calendar::deadline;
use crate::debt::{FULL_TERM_DAYS, REDUCED_TERM_DAYS};
use crate::fact::{Fine, NotSoFar};

/// Art. 126-bis c. 2 CdS: the driver's data within 60 days.
const DRIVER_DATA_TERM_DAYS: u16 = 60;
/// Art. 201 c. 1 CdS: notified within 90 days of the violation.
const NOTIFIED_WITHIN_DAYS: i64 = 90;
/// Art. 209 CdS, art. 28 L. 689/81.
const PRESCRIPTION_YEARS: i64 = 5;
/// Closer to prescription than this it takes a formal act.
const PRESCRIPTION_NEAR_MONTHS: i64 = 6;

/// The terms of a fine that was notified on `notified_on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// N: the day of contestazione or notificazione.
    pub notified_on: Date,
    /// D5: the last day of the 30 % less.
    pub reduced: Date,
    /// D60: the last day of the minimum.
    pub full: Date,
    /// D126: the last day for the driver's data; counted anew where a new invitation was notified.
    pub driver_data: Date,
}

impl Terms {
    /// The terms of a fine; `None` where the day of notification is not known.
    pub(super) fn of(fine: &Fine) -> Option<Self> {
        let notified_on = day(fine.notified_on)?;
        let restarted_on = fine.driver_data.as_ref().and_then(|data| day(data.restarted_on));
        Some(Self {
            notified_on,
            reduced: deadline(notified_on, REDUCED_TERM_DAYS),
            full: deadline(notified_on, FULL_TERM_DAYS),
            driver_data: deadline(restarted_on.unwrap_or(notified_on), DRIVER_DATA_TERM_DAYS),
        })
    }
}

/// The day of something that has happened.
pub(super) fn day(known: Option<NotSoFar>) -> Option<Date> {
    match known {
        Some(NotSoFar::On(day)) => Some(day),
        Some(NotSoFar::NotYet) | None => None,
    }
}

/// Whether a fine was notified too late: the obligation may be extinguished.
pub(super) fn is_notified_late(violation: Date, notified_on: Date) -> bool {
    notified_on > violation.saturating_add(NOTIFIED_WITHIN_DAYS.days())
}

/// Whether a right that began on `from` is prescribed on `today`, or will be within 6 months.
pub(super) fn is_near_prescription(from: Date, today: Date) -> bool {
    let prescribed = from.saturating_add(PRESCRIPTION_YEARS.years());
    today > prescribed.saturating_sub(PRESCRIPTION_NEAR_MONTHS.months())
}
