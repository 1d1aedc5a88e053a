//! A made-up Province for `quadra sample`: positions, flows, receipts and journals of a year,
//! with every trouble that reconciliation knows, and `truth.json` that says what is true of them.
//!
//! **Architecture Invariant:** nothing here calls the rules of the engine. The generator decides
//! what happens (who pays what and when, which transfer comes, what is damaged) and writes down
//! what is then true by what it did. Where the rules leave something open the truth is `null`
//! and `why` says so.
//!
//! The table of troubles, with their proportions, what is generated and what is then true, is
//! [`Trouble`]. The rooms:
//!
//! | module | subject |
//! |---|---|
//! | `troubles` | the table |
//! | `world` | the facts in memory, and how they are brought about |
//! | `positions` | debts and who pays them, trouble by trouble |
//! | `flows`, `credits`, `causale` | what PSPs report and transfer, trouble by trouble |
//! | `truth` | what is true of each of them in the end |
//! | `write` | the files: configuration, positions, flows, receipts, journals, truth |
//!
//! Same seed and same number of notices: the same bytes on any machine.

mod calendar;
mod causale;
mod credits;
mod dice;
mod error;
mod flows;
mod notice;
mod people;
mod positions;
pub mod troubles;
mod truth;
mod world;
mod write;

use std::path::Path;

use domain::money::Cents;

pub use error::SampleError;
pub use troubles::Trouble;

/// The most notices that a sample can have.
pub const MAX_NOTICES: u32 = 1_000_000;

/// What to generate.
pub struct Options<'a> {
    /// How many payment notices, 1 to [`MAX_NOTICES`]. From 200 on every trouble occurs.
    pub notices: u32,
    /// Where chance begins: the same seed gives the same sample.
    pub seed: u64,
    /// The folder to write to; made if absent, refused if something is in it.
    pub out: &'a Path,
    /// Called now and then with how many payments and positions are written.
    pub progress: &'a mut dyn FnMut(u64),
}

/// What was generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Debt positions exported.
    pub positions: u64,
    /// Their notices.
    pub notices: u64,
    /// Receipts in the containers.
    pub receipts: u64,
    /// Flows written, revisions counted each.
    pub flows: u64,
    /// Credits in the journals.
    pub credits: u64,
    /// Sum of the credits.
    pub credits_in: Cents,
    /// Pages of journals.
    pub journal_pages: u64,
    /// How many times each trouble happened, in the order of the table.
    pub troubles: Vec<(Trouble, u64)>,
    /// The `--as-of` that the truth is meant for.
    pub as_of: &'static str,
}

/// Writes a sample into a folder.
///
/// Memory grows with the number of notices (about 250 bytes each); files are streamed.
///
/// # Errors
/// When the number of notices is out of range, the folder is not empty, or a file cannot be
/// written.
pub fn generate(options: &mut Options<'_>) -> Result<Summary, SampleError> {
    if options.notices == 0 || options.notices > MAX_NOTICES {
        return Err(SampleError::Notices(options.notices));
    }
    write::must_be_empty(options.out)?;
    let world = world::World::new(options.seed, options.notices);
    write::write(&world, options.out, options.progress)
}
