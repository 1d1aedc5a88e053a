//! What there is still something to do about: it is not forgotten.

use std::collections::BTreeSet;

use domain::identifier::OrganizationCode;
use jiff::Timestamp;
use jiff::civil::Date;
use report::row::{AnomalyState, CreditState, Party, PositionState};

use super::rows::{self, Row};
use super::{PictureError, draw};
use crate::configuration::Configuration;
use crate::key::{self, Kind};
use crate::port::Home;

/// The partitions of what is open at `as_of`, in the words of the report:
///
/// - a position that is not yet credited nor cancelled, or that was paid on `since` or later;
/// - a provvisorio that a person must still look at;
/// - both, while somebody has to act on an anomaly of theirs;
/// - an anomaly that is open.
///
/// # Errors
/// When the ledger cannot be read.
pub(crate) fn still_open<H: Home>(
    home: &H,
    configuration: &Configuration,
    as_of: Timestamp,
    since: Date,
) -> Result<BTreeSet<String>, PictureError> {
    let (rows, receiver) = rows::channel();
    std::thread::scope(|scope| {
        let collecting = scope.spawn(move || {
            let mut look = Look { since, ..Look::default() };
            receiver.iter().flatten().for_each(|row| look.at(row));
            look.partitions()
        });
        let drawn = draw(home, configuration, as_of, rows);
        let open = collecting.join().expect("a collector of rows does not panic");
        drawn.map(|_| open)
    })
}

/// Rows, while they come: anomalies are the last.
#[derive(Default)]
struct Look {
    since: Date,
    open: BTreeSet<String>,
    /// Closed, unless an anomaly speaks of them: partition, and the subjects that may.
    closed: Vec<(String, Vec<(String, String)>)>,
    /// Organization and subject of the anomalies that somebody has to act on.
    troubled: BTreeSet<(String, String)>,
}

impl Look {
    fn at(&mut self, row: Row) {
        match row {
            Row::Position(row) => {
                let Some(code) = organization(&row.organization) else { return };
                let subject = |text: String| (code.to_string(), text);
                let of_payment = row.payments.iter().map(|one| subject(format!("payment:{one}")));
                let own = subject(format!("position:{}", row.position_id));
                let subjects = std::iter::once(own).chain(of_payment).collect();
                let closed =
                    matches!(row.state, PositionState::Credited | PositionState::Cancelled);
                self.add(key::position(&code, &row.position_id), closed, subjects);
            }
            Row::Payment(row) => {
                let recent = row.paid_at.is_some_and(|paid| paid.day() >= self.since);
                let code = organization(&row.organization).filter(|_| recent);
                if let (Some(code), Some(position)) = (code, &row.position_id) {
                    self.open.insert(key::position(&code, position));
                }
            }
            Row::Credit(row) => {
                let Some(code) = organization(&row.organization) else { return };
                let name = format!("{}/{}", row.esercizio, row.number);
                let Ok(provvisorio) = name.parse() else { return };
                let closed = matches!(
                    row.state,
                    CreditState::Open
                        | CreditState::Matched
                        | CreditState::Regularised
                        | CreditState::Reversed
                );
                let subjects = vec![(code.to_string(), format!("credit:{name}"))];
                self.add(key::credit(&code, provvisorio), closed, subjects);
            }
            Row::Anomaly(row) if row.state == AnomalyState::Open => {
                if let Some(code) = organization(&row.organization) {
                    self.open.insert(format!("{}{}", Kind::Anomaly.prefix(&code), row.id));
                }
                if row.competence.party != Party::None {
                    let (code, subject) = (row.organization.to_string(), row.subject.to_string());
                    self.troubled.insert((code, subject));
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, partition: String, closed: bool, subjects: Vec<(String, String)>) {
        if closed {
            self.closed.push((partition, subjects));
        } else {
            self.open.insert(partition);
        }
    }

    fn partitions(mut self) -> BTreeSet<String> {
        for (partition, subjects) in self.closed {
            if subjects.iter().any(|subject| self.troubled.contains(subject)) {
                self.open.insert(partition);
            }
        }
        self.open
    }
}

fn organization(text: &str) -> Option<OrganizationCode> {
    text.parse().ok()
}
