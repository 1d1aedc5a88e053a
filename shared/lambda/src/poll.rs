//! What a poll of pagoPA's flows tells: its log, its answer.

use engine::poll::{End, Keyless, Polled};
use engine::port::PortError;
use serde_json::{Value, json};
use tracing::{info, warn};

use crate::Failure;

/// Tells what became of each account, and answers how much was fetched.
///
/// # Errors
/// When flows could not be had, or an intermediary has no key: somebody must look.
pub fn told(polled: &[Polled], keyless: &[Keyless]) -> Result<Value, Failure> {
    for Keyless { organization, intermediary } in keyless {
        warn!(%organization, intermediary, "there is no key: flows are not fetched");
    }
    let mut missed = keyless.len();
    for account in polled {
        for (flow, error) in &account.failed {
            warn!(iuf = %flow.iuf, revision = flow.revision, "a flow cannot be had: {error}");
        }
        let (organization, intermediary) = (&account.organization, &account.intermediary);
        if let End::Stopped(error) = &account.end {
            warn!(%organization, intermediary, "a poll stopped: {error}");
        }
        let stopped = matches!(account.end, End::Stopped(_));
        missed += account.failed.len() + account.unreadable + usize::from(stopped);
        let complete = matches!(account.end, End::Complete);
        let (archived, held, unreadable) = (account.archived, account.held, account.unreadable);
        let cursor = account.cursor.map(|cursor| cursor.to_string());
        info!(%organization, intermediary, archived, held, unreadable, complete, cursor, "polled");
    }
    if missed > 0 {
        let told = "flows were not fetched: the log says which".to_owned();
        return Err(PortError::Retry(told).into());
    }
    let archived: u64 = polled.iter().map(|account| account.archived).sum();
    Ok(json!({ "archived": archived }))
}

#[cfg(test)]
mod tests {
    use domain::identifier::OrganizationCode;

    use super::*;

    fn polled(end: End) -> Polled {
        Polled {
            organization: OrganizationCode::parse("01234567897").unwrap(),
            intermediary: "INT-A".into(),
            archived: 3,
            held: 0,
            failed: Vec::new(),
            unreadable: 0,
            cursor: None,
            end,
        }
    }

    #[test]
    fn a_poll_that_missed_something_fails_and_one_that_ran_out_of_time_does_not() {
        let all = told(&[polled(End::Complete), polled(End::OutOfTime)], &[]).unwrap();
        assert_eq!(all, json!({ "archived": 6 }));
        let stopped = End::Stopped(PortError::Final("the key is refused".into()));
        assert!(told(&[polled(End::Complete), polled(stopped)], &[]).is_err());
        assert!(told(&[Polled { unreadable: 1, ..polled(End::Complete) }], &[]).is_err());
        let organization = OrganizationCode::parse("01234567897").unwrap();
        let keyless = Keyless { organization, intermediary: "INT-B".into() };
        assert!(told(&[polled(End::Complete)], &[keyless]).is_err());
    }
}
