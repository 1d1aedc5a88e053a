//! Who else is at work.
//!
//! A conclusion is stored only if the version is still the one that was read. That keeps the older
//! of two conclusions out as long as the newer one is stored; where the newer one is what stands
//! there already, nothing would be stored, and the older could still come after it. So every worker
//! says that it is there before it reads, and who sees another stores also what does not change.

use domain::identifier::OrganizationCode;

use crate::key;
use crate::port::{PortResult, Subject, Ticket, WorkQueue};

/// That a worker is there, from before it reads until it has stored. One that dies leaves it behind
/// for the next to see.
pub struct Turn {
    ticket: Ticket,
    alone: bool,
}

impl Turn {
    /// Says that a worker of an organization is there.
    ///
    /// # Errors
    /// When the queue fails.
    pub fn begin(queue: &mut impl WorkQueue, organization: &OrganizationCode) -> PortResult<Self> {
        let subject = Subject(key::turn(organization));
        let before = queue.last_ticket()?;
        let nobody = number(queue, &subject)?.is_none();
        queue.ask(std::slice::from_ref(&subject))?;
        // Who asked in between has a ticket of its own, and one of the two is not the next.
        let number = number(queue, &subject)?.unwrap_or_default();
        let alone = nobody && number == before + 1;
        Ok(Self { ticket: Ticket { subject, number }, alone })
    }

    /// Whether nobody else has been there since it began. To be asked after reading, before
    /// storing: whoever comes later reads what is stored now.
    ///
    /// # Errors
    /// When the queue fails.
    pub fn is_alone(&mut self, queue: &mut impl WorkQueue) -> PortResult<bool> {
        self.alone = self.alone && number(queue, &self.ticket.subject)? == Some(self.ticket.number);
        Ok(self.alone)
    }

    /// Whether another was seen: then what does not change is stored too.
    #[must_use]
    pub fn saw_another(&self) -> bool {
        !self.alone
    }

    /// Says that the worker has stored everything.
    ///
    /// # Errors
    /// When the queue fails.
    pub fn end(self, queue: &mut impl WorkQueue) -> PortResult<()> {
        queue.answer(&[self.ticket])
    }
}

/// Whether anything of an organization is asked for; a turn that was left behind is.
///
/// # Errors
/// When the queue fails.
pub fn is_anything_asked(
    queue: &mut impl WorkQueue,
    organization: &OrganizationCode,
) -> PortResult<bool> {
    Ok(!queue.asked(&format!("{organization}#"), 1)?.is_empty())
}

fn number(queue: &mut impl WorkQueue, subject: &Subject) -> PortResult<Option<u64>> {
    let asked = queue.asked(&subject.0, 1)?;
    Ok(asked.into_iter().find(|ticket| ticket.subject == *subject).map(|ticket| ticket.number))
}
