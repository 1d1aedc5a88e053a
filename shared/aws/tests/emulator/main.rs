//! The adapters on an emulator of AWS, whose address is in `QUADRA_AWS_ENDPOINT`: passed over,
//! saying so, where there is none.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]
#![allow(clippy::print_stderr, reason = "who reads the log must see what was skipped")]

mod clean;
mod contract;
mod ledger;
mod objects;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aws::{Access, AwsHome, AwsReader, AwsWriter, Cloud, Names};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use conformance::Home;
use engine::port::Home as _;

/// An account of the emulator of its own, with its tables and its queue.
struct Emulated {
    endpoint: String,
    account: String,
    names: Names,
}

/// Runs what follows only where there is an emulator.
macro_rules! emulated {
    () => {
        match $crate::Emulated::new() {
            Some(home) => home,
            None => return,
        }
    };
}
pub(crate) use emulated;

/// A client of the test's own.
macro_rules! client {
    ($sdk:ident, $home:ident) => {{
        let config = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .region(Region::new("eu-south-1"))
            .credentials_provider($home.credentials())
            .endpoint_url(&$home.endpoint);
        $sdk::Client::from_conf(config.build())
    }};
}

impl Emulated {
    fn new() -> Option<Self> {
        let Ok(endpoint) = std::env::var("QUADRA_AWS_ENDPOINT") else {
            eprintln!("PASSED OVER: no emulator in QUADRA_AWS_ENDPOINT");
            return None;
        };
        let mut home = Self { endpoint, account: account(), names: Names::default() };
        home.names = Names {
            ledger: "ledger".to_owned(),
            journal: "journal".to_owned(),
            reconcile_queue: Emulated::run(home.sqs().create_queue().queue_name("subjects").send())
                .unwrap()
                .queue_url
                .unwrap(),
        };
        for table in ["ledger", "journal"] {
            home.create_table(table);
        }
        Some(home)
    }

    fn create_table(&self, name: &str) {
        let create = self.dynamo().create_table().table_name(name);
        let create = ["pk", "sk"].iter().fold(create, |create, key| {
            let kind = if *key == "pk" { KeyType::Hash } else { KeyType::Range };
            let text = AttributeDefinition::builder().attribute_name(*key);
            let text = text.attribute_type(ScalarAttributeType::S).build().unwrap();
            let schema = KeySchemaElement::builder().attribute_name(*key).key_type(kind);
            create.attribute_definitions(text).key_schema(schema.build().unwrap())
        });
        Self::run(create.billing_mode(BillingMode::PayPerRequest).send()).unwrap();
    }

    fn run<T>(request: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(request)
    }

    fn cloud(&self) -> Cloud {
        let access = Access {
            region: "eu-south-1".to_owned(),
            endpoint: Some(self.endpoint.clone()),
            key_id: self.account.clone(),
            secret: "secret".to_owned(),
            token: None,
        };
        Cloud::new(&access, self.names.clone()).unwrap()
    }

    fn credentials(&self) -> Credentials {
        Credentials::new(self.account.clone(), "secret", None, None, "test")
    }

    fn dynamo(&self) -> aws_sdk_dynamodb::Client {
        client!(aws_sdk_dynamodb, self)
    }

    fn sqs(&self) -> aws_sdk_sqs::Client {
        client!(aws_sdk_sqs, self)
    }

    fn s3(&self) -> aws_sdk_s3::Client {
        client!(aws_sdk_s3, self)
    }

    /// The messages of the queue of subjects; they are gone then.
    fn messages(&self) -> Vec<String> {
        let mut bodies = Vec::new();
        loop {
            let receive = self.sqs().receive_message().queue_url(&self.names.reconcile_queue);
            let got = Self::run(receive.max_number_of_messages(10).send()).unwrap();
            let got = got.messages.unwrap_or_default();
            if got.is_empty() {
                bodies.sort();
                return bodies;
            }
            bodies.extend(got.into_iter().map(|message| message.body.unwrap()));
        }
    }
}

/// Twelve digits that no other test has.
fn account() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let mixed = now.as_nanos() ^ u128::from(std::process::id()) << 20;
    let number = mixed + u128::from(NEXT.fetch_add(1, Ordering::Relaxed)) * 7_919;
    format!("{:012}", number % 1_000_000_000_000)
}

impl Home for Emulated {
    type Reader = AwsReader;
    type Writer = AwsWriter;

    fn reader(&self) -> AwsReader {
        AwsHome::new(self.cloud()).reader().unwrap()
    }

    fn writer(&self) -> AwsWriter {
        AwsHome::new(self.cloud()).writer().unwrap()
    }
}
