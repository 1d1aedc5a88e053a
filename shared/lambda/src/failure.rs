//! Why a call failed.

use appio::ClientError;
use engine::campaign::batch::BatchError;
use engine::campaign::correction::CorrectionError;
use engine::campaign::files::FilesError;
use engine::campaign::release::ReleaseError;
use engine::configuration::RememberError;
use engine::picture::PictureError;
use engine::port::PortError;
use engine::seal::SealError;

/// Why a call failed. It is told in a log: none of it is personal.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The environment is not as the template makes it.
    #[error("the environment has no {0}")]
    Environment(&'static str),
    /// The call says something that is not understood.
    #[error("the event is not understood: {0}")]
    Event(&'static str),
    /// AWS cannot be reached, or refuses.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The configuration cannot be used.
    #[error(transparent)]
    Configuration(#[from] RememberError),
    /// The ledger cannot be opened with the keys that are there.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The ledger is sealed, and its keys are gone: new ones would open nothing of it.
    #[error("the ledger is sealed, and its keys are not in the inbox")]
    NoKeys,
    /// The report cannot be written.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A plan or its files cannot be made.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// A person's word on a batch does not hold.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// A message cannot be corrected.
    #[error(transparent)]
    Correction(#[from] CorrectionError),
    /// A message cannot be released.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The address of IO is not safe.
    #[error(transparent)]
    Io(#[from] ClientError),
    /// The machine gives no thread.
    #[error("the runtime cannot start")]
    Runtime(#[from] std::io::Error),
}

impl Failure {
    /// Whether the same call will fail again, however often it is tried.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Port(error)
            | Self::Configuration(RememberError::Port(error))
            | Self::Seal(SealError::Port(error))
            | Self::Picture(PictureError::Port(error))
            | Self::Batch(BatchError::Port(error))
            | Self::Correction(CorrectionError::Port(error))
            | Self::Release(ReleaseError::Port(error)) => matches!(error, PortError::Final(_)),
            Self::Event(_) | Self::Batch(_) | Self::Correction(_) | Self::Release(_) => true,
            Self::Environment(_)
            | Self::NoKeys
            | Self::Seal(_)
            | Self::Files(_)
            | Self::Io(_)
            | Self::Runtime(_)
            | Self::Configuration(RememberError::Configuration(_))
            | Self::Picture(_) => false,
        }
    }
}
