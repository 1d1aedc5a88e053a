//! What a failure of AWS means for who asked: try again, or not.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use engine::port::{PortError, PortResult};

/// What is refused for what it says. Everything else is worth another try: also a right or a table
/// that is missing, since somebody gives it back and the message must be there then.
const FINAL: &str = "ValidationException";

/// A failure of the store, in words that tell no content: what was tried, and AWS's own code.
pub(crate) fn port_error<E, R>(what: &str, error: &SdkError<E, R>) -> PortError
where
    E: ProvideErrorMetadata,
{
    let Some(service) = error.as_service_error() else {
        return PortError::Retry(format!("{what}: {}", kind(error)));
    };
    let code = service.code().unwrap_or("no code");
    let text = format!("{what}: {code}");
    if code == FINAL { PortError::Final(text) } else { PortError::Retry(text) }
}

/// Whether a write was done that DynamoDB does on a condition.
pub(crate) fn was_done<T, E, R>(what: &str, written: Result<T, SdkError<E, R>>) -> PortResult<bool>
where
    E: ProvideErrorMetadata,
{
    let Err(error) = written else { return Ok(true) };
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some("ConditionalCheckFailedException") => Ok(false),
        _ => Err(port_error(what, &error)),
    }
}

fn kind<E, R>(error: &SdkError<E, R>) -> &'static str {
    match error {
        SdkError::ConstructionFailure(_) => "the request cannot be made",
        SdkError::TimeoutError(_) => "no answer in time",
        SdkError::DispatchFailure(_) => "not reachable",
        SdkError::ResponseError(_) => "the answer cannot be read",
        _ => "failed",
    }
}

/// What a stored item lacks: written by something else than this version.
pub(crate) fn damaged() -> PortError {
    PortError::Final("the ledger holds a damaged item".to_owned())
}

/// A call out of its order: a mistake of the program, not of the store.
pub(crate) fn misuse(what: &str) -> PortError {
    PortError::Final(format!("the store was used wrongly: {what}"))
}
