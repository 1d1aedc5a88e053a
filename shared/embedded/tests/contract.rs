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

/// The same behind the seal: what passes through is the contract's, whatever is sealed on the way.
mod sealed {
    use engine::port::Home as _;
    use engine::seal::{Keyring, Sealed, Sealing};

    use super::{Home, OneMachine, Reader, Store, TempDir, Writer};

    struct SealedMachine {
        home: Sealed<Store>,
        _data: TempDir,
    }

    impl Home for SealedMachine {
        type Reader = Sealing<Reader>;
        type Writer = Sealing<Writer>;

        fn reader(&self) -> Self::Reader {
            self.home.reader().expect("the store opens")
        }

        fn writer(&self) -> Self::Writer {
            self.home.writer().expect("the store opens")
        }
    }

    fn home() -> SealedMachine {
        let OneMachine { store, _data: data } = super::home();
        let home = Sealed::new(store, Keyring::new(&[1; 32])).expect("it has no other keys");
        SealedMachine { home, _data: data }
    }

    conformance::tests!(crate::sealed::home);
}
