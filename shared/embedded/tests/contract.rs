//! The adapter over SQLite does what the contract says.

use conformance::Home;
use embedded::{Reader, Store, Writer};
use tempfile::TempDir;

struct OneMachine {
    store: Store,
    _data: TempDir,
}

impl Home for OneMachine {
    type Reader = Reader;
    type Writer = Writer;

    fn reader(&self) -> Reader {
        self.store.reader().expect("the store opens")
    }

    fn writer(&self) -> Writer {
        self.store.writer().expect("the store opens")
    }
}

fn home() -> OneMachine {
    let data = TempDir::new().expect("a temporary folder");
    OneMachine { store: Store::open(data.path()).expect("the store opens"), _data: data }
}

conformance::tests!(crate::home);
