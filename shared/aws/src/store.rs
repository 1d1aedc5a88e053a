//! Storing one fact, whoever else stores it at the same moment.

use std::time::Duration;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use engine::port::{Fact, PortError, PortResult};

use crate::Cloud;
use crate::claim::{Claim, StoredFact};
use crate::failure::port_error;
use crate::turn::Turn;
use crate::turns::{Record, Standing, Standings, pause};

/// How long a fact that says otherwise is slept for while nobody knows whether it counts. Who
/// stores it is taken for dead then, and its turn is given up for it.
const PATIENCE: Duration = Duration::from_secs(10);
/// Writes of one fact that meet another's, before the call fails.
const MEETINGS_MAX: u32 = 200;

/// What a fact was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// It was not there, or only by earlier attempts at the same input.
    New,
    /// It was there.
    Known,
    /// It is there with other content.
    Otherwise,
}

/// What to do about a fact that is there.
enum Step {
    Done(Found),
    /// Write it so, in place of what is there.
    Write(StoredFact, Found),
    /// This turn must end first.
    WaitFor(String),
}

impl Cloud {
    /// Stores a fact with the claim of the next unit of a turn.
    pub(crate) async fn store_fact(&self, turn: &Turn, fact: &Fact) -> PortResult<Found> {
        let claim = Claim { turn: turn.name.clone(), unit: turn.next, source: fact.source.clone() };
        let first = StoredFact::new(fact, claim.clone());
        let Some(mut there) = self.put_fact(&first, None).await? else { return Ok(Found::New) };
        let mut slept = Duration::ZERO;
        for meeting in 0..MEETINGS_MAX {
            let turns = there.claims.iter().map(|claim| claim.turn.as_str());
            let standings = self.standings(turns).await?;
            match step(turn, fact, &claim, &there, &standings) {
                Step::Done(found) => return Ok(found),
                Step::Write(wanted, found) => match self.put_fact(&wanted, Some(&there)).await? {
                    None => return Ok(found),
                    Some(other) => there = other,
                },
                Step::WaitFor(open) if slept >= PATIENCE => {
                    let record = Record { standing: Standing::Given, units: Vec::new() };
                    self.end_turn(&open, &record).await?;
                }
                Step::WaitFor(_) => {
                    tokio::time::sleep(pause(meeting)).await;
                    slept += pause(meeting);
                }
            }
        }
        Err(PortError::Retry("a fact cannot be stored: others keep writing it".to_owned()))
    }

    /// Writes a fact where there is none, or over one as it was read; what is there instead, if
    /// anything.
    async fn put_fact(
        &self,
        fact: &StoredFact,
        over: Option<&StoredFact>,
    ) -> PortResult<Option<StoredFact>> {
        let put = self
            .inner
            .dynamo
            .put_item()
            .table_name(&self.inner.names.ledger)
            .set_item(Some(fact.write()?))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match over {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(read) => put
                .condition_expression(StoredFact::UNCHANGED)
                .set_expression_attribute_values(Some(read.unchanged())),
        };
        let Err(error) = put.send().await else { return Ok(None) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                let there = failed.item().map(StoredFact::read).transpose()?;
                let gone = || PortError::Retry("a fact cannot be stored: it vanished".to_owned());
                there.map(Some).ok_or_else(gone)
            }
            _ => Err(port_error("a fact cannot be stored", &error)),
        }
    }
}

fn step(
    turn: &Turn,
    fact: &Fact,
    claim: &Claim,
    there: &StoredFact,
    standings: &Standings,
) -> Step {
    let own = |it: &Claim| it.turn == turn.name && !turn.left.has(it.unit);
    let others = |it: &Claim| it.turn != turn.name && standings.counts(it);
    let smallest =
        there.claims.iter().filter(|it| own(it) || others(it)).map(|it| &it.source).min();
    if there.body != fact.body {
        if smallest.is_some() {
            return Step::Done(Found::Otherwise);
        }
        let open = |it: &&Claim| it.turn != turn.name && *standings.of(&it.turn) == Standing::Open;
        if let Some(open) = there.claims.iter().find(open) {
            return Step::WaitFor(open.turn.clone());
        }
        let writes = there.writes + 1;
        return Step::Write(
            StoredFact { writes, ..StoredFact::new(fact, claim.clone()) },
            Found::New,
        );
    }
    let known = there.claims.iter().any(others) || there.claims.iter().any(own) && turn.met(fact);
    let found = if known { Found::Known } else { Found::New };
    if smallest.is_some_and(|smallest| *smallest <= fact.source) {
        return Step::Done(found);
    }
    let mut wanted = StoredFact { writes: there.writes + 1, ..there.clone() };
    wanted.claims.retain(|it| (&it.turn, it.unit) != (&claim.turn, claim.unit));
    wanted.claims.push(claim.clone());
    Step::Write(wanted, found)
}
