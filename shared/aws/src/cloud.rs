//! The connection: clients with one configuration of retries and time-outs, and the runtime that
//! waits for them.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use tokio::runtime::Runtime;

use crate::turns::Turns;

/// Tries of one request, the first included.
const TRIES: u32 = 6;
/// For a connection to be there.
const CONNECT: Duration = Duration::from_secs(3);
/// For one try: more than the slowest page of a query takes.
const ATTEMPT: Duration = Duration::from_secs(20);
/// For a request with all its tries.
const REQUEST: Duration = Duration::from_mins(1);

/// Where AWS is, and as whom it is asked.
#[derive(Clone)]
pub struct Access {
    /// The region, `eu-south-1`.
    pub region: String,
    /// Another address than AWS's own: an emulator.
    pub endpoint: Option<String>,
    /// Identifier of the key.
    pub key_id: String,
    /// The key.
    pub secret: String,
    /// The token of a role.
    pub token: Option<String>,
}

/// The names of the tables, and of the queue of subjects where the function may ask.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Facts and turns.
    pub ledger: String,
    /// Outcomes with their journal.
    pub journal: String,
    /// The queue of subjects to compute; empty where a function may not ask.
    pub reconcile_queue: String,
}

/// A connection to AWS. A clone is the same connection.
#[derive(Clone)]
pub struct Cloud {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    runtime: Runtime,
    pub(crate) dynamo: aws_sdk_dynamodb::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) secrets: aws_sdk_secretsmanager::Client,
    pub(crate) names: Names,
    pub(crate) turns: Turns,
}

impl Cloud {
    /// Prepares a connection; nothing is asked yet.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub fn new(access: &Access, names: Names) -> std::io::Result<Self> {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        macro_rules! client {
            ($sdk:ident) => {{
                let config = $sdk::Config::builder()
                    .behavior_version(BehaviorVersion::latest())
                    .region(Region::new(access.region.clone()))
                    .credentials_provider(credentials(access))
                    .http_client(http.clone())
                    .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
                    .timeout_config(time_outs());
                let config = match &access.endpoint {
                    Some(endpoint) => config.endpoint_url(endpoint),
                    None => config,
                };
                $sdk::Client::from_conf(config.build())
            }};
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .thread_name("aws")
            .build()?;
        let (dynamo, s3, sqs) =
            (client!(aws_sdk_dynamodb), client!(aws_sdk_s3), client!(aws_sdk_sqs));
        let secrets = client!(aws_sdk_secretsmanager);
        let turns = Turns::default();
        Ok(Self { inner: Arc::new(Inner { runtime, dynamo, s3, sqs, secrets, names, turns }) })
    }

    /// Waits for what a request brings. Never called by a task of a runtime.
    pub(crate) fn wait<T>(&self, request: impl Future<Output = T>) -> T {
        self.inner.runtime.block_on(request)
    }
}

fn credentials(access: &Access) -> Credentials {
    let (id, secret) = (access.key_id.clone(), access.secret.clone());
    Credentials::new(id, secret, access.token.clone(), None, "environment")
}

fn time_outs() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(REQUEST)
        .build()
}
