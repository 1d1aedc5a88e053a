//! The loop of a function: take an event, work, answer.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use tracing::error;

use crate::{Environment, Failure};

/// What is left of the time of a call for ending it in order.
const MARGIN: Duration = Duration::from_secs(20);

/// One call.
#[derive(Debug)]
pub struct Invocation {
    /// What it says.
    pub event: Value,
    /// When work must stop, to be taken up by another call.
    pub deadline: Instant,
}

/// Answers calls until the environment is taken away. The work is done on a thread of its own: it
/// may wait.
pub fn serve<W>(start: impl FnOnce(Environment) -> Result<W, Failure>) -> ExitCode
where
    W: Fn(Invocation) -> Result<Value, Failure> + Send + Sync + 'static,
{
    tracing_subscriber::fmt().json().with_target(false).with_current_span(false).init();
    match Environment::read().and_then(start).and_then(|work| run(Arc::new(work))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            error!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run<W>(work: Arc<W>) -> Result<(), Failure>
where
    W: Fn(Invocation) -> Result<Value, Failure> + Send + Sync + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let handler = service_fn(move |event: LambdaEvent<Value>| {
        let work = Arc::clone(&work);
        let deadline = deadline(event.context.deadline());
        let call = Invocation { event: event.payload, deadline };
        async move {
            let done = tokio::task::spawn_blocking(move || work(call)).await?;
            done.map_err(|failure| Error::from(failure.to_string()))
        }
    });
    let stopped = |error: Error| std::io::Error::other(error.to_string());
    Ok(runtime.block_on(lambda_runtime::run(handler)).map_err(stopped)?)
}

fn deadline(end: SystemTime) -> Instant {
    let left = end.duration_since(SystemTime::now()).unwrap_or_default();
    Instant::now() + left.saturating_sub(MARGIN.min(left / 2))
}
