//! Concluding: a version of an outcome with its journal entry, put where there is none.
//!
//! The versions of a subject have no gap, and none is ever changed or deleted: so that the next one
//! is not there yet says that the one before is still the last, and one write does what would take
//! a transaction of two, at a quarter of its write units.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use engine::port::{Change, PortError, PortResult, Subject};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::Cloud;
use crate::failure::port_error;
use crate::turns::AT_ONCE;
use crate::version::Version;

impl Cloud {
    /// Stores changes; says of each whether it was. `mark` is of this call alone: with the place of
    /// the change it tells a write whose answer was lost, and that was sent again, from another's.
    pub(crate) async fn conclude(&self, changes: &[Change], mark: &str) -> PortResult<Vec<bool>> {
        // Changes of one subject follow each other.
        let mut subjects: HashMap<&Subject, Vec<usize>> = HashMap::with_capacity(changes.len());
        for (place, change) in changes.iter().enumerate() {
            subjects.entry(&change.subject).or_default().push(place);
        }
        let work = stream::iter(subjects.into_values()).map(|places| async move {
            let mut stored = Vec::with_capacity(places.len());
            for place in places {
                stored
                    .push((place, self.append(&changes[place], &format!("{mark}.{place}")).await?));
            }
            Ok::<_, PortError>(stored)
        });
        let done: Vec<Vec<(usize, bool)>> = work.buffer_unordered(AT_ONCE).try_collect().await?;
        let mut stored = vec![false; changes.len()];
        for (place, was) in done.into_iter().flatten() {
            stored[place] = was;
        }
        Ok(stored)
    }

    /// Puts the next version of a subject; false if the version before is not the last.
    async fn append(&self, change: &Change, mark: &str) -> PortResult<bool> {
        if change.from_version > 0 && !self.has_version(change).await? {
            return Ok(false);
        }
        let put = self
            .inner
            .dynamo
            .put_item()
            .table_name(&self.inner.names.journal)
            .set_item(Some(Version::of(change).write(mark)?))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = put.send().await else { return Ok(true) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                let gone = || PortError::Retry("an outcome cannot be stored: it vanished".into());
                Version::has_mark(failed.item().ok_or_else(gone)?, mark)
            }
            _ => Err(port_error("an outcome cannot be stored", &error)),
        }
    }

    /// Whether the version is there that a change comes from: the journal has no gap.
    async fn has_version(&self, change: &Change) -> PortResult<bool> {
        let get = self.inner.dynamo.get_item().table_name(&self.inner.names.journal);
        let get = get.set_key(Some(Version::key(&change.subject, change.from_version)?));
        let got = get.projection_expression("pk").consistent_read(true).send().await;
        Ok(got.map_err(|error| port_error("an outcome cannot be read", &error))?.item.is_some())
    }
}
