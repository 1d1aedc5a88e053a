//! What every adapter of a port must do: one suite of functions per port, run against each adapter,
//! so that two homes behave as one; and the adapter in memory, the simplest that passes.
//!
//! An adapter is tested with [`tests!`], which makes a test of each function. A function gets an
//! empty home and panics, saying what the contract says, when the home does otherwise. A home whose
//! queue delivers by itself, and is not looked into, takes the suite of the ledger alone, as
//! `tests!(ledger home)`; there is `None` where the test cannot run.
//!
//! And the [`simulator`], which runs the use cases themselves over a home.

mod chance;
pub mod facts;
mod fixture;
mod memory;
pub mod outcomes;
pub mod queue;
pub mod simulator;

pub use chance::SplitMix64;
pub use memory::{Memory, MemoryReader, MemoryWriter};

use engine::port::{Asks, ReadFacts, ReadJournal, ReadOutcomes, WriteFacts, WriteOutcomes};

/// One place where everything is stored, as a factory of the adapters under test.
pub trait Home: Sync {
    /// What only reads.
    type Reader: ReadFacts + ReadOutcomes + ReadJournal;
    /// What reads and writes.
    type Writer: WriteFacts + WriteOutcomes + Asks + ReadFacts + ReadOutcomes + ReadJournal;

    /// A new reader of this home.
    fn reader(&self) -> Self::Reader;

    /// A new writer of this home.
    fn writer(&self) -> Self::Writer;
}

/// Makes a test of each function of the suites. `$home` is a function that makes an empty home.
///
/// ```
/// conformance::tests!(conformance::Memory::default);
/// ```
#[macro_export]
macro_rules! tests {
    (ledger $home:expr) => {
        $crate::tests! { $home;
            facts {
                of_many_creators_one_wins
                a_unit_of_known_facts_is_known
                a_unit_with_one_new_fact_is_new
                the_same_key_with_other_content_is_refused_at_its_place
                a_fact_that_contradicts_its_own_unit_is_refused
                a_refused_unit_leaves_nothing
                an_empty_unit_is_known
                a_unit_of_the_most_facts_is_stored_and_a_larger_one_is_refused
                nothing_is_seen_before_commit
                an_abandoned_scope_leaves_nothing
                a_sealed_scope_in_an_abandoned_one_leaves_nothing
                an_abandoned_scope_in_a_sealed_one_takes_only_its_own
                a_writer_that_goes_away_leaves_nothing
                calls_out_of_order_are_refused
                the_smallest_source_is_kept_whatever_the_order
                the_source_of_an_abandoned_scope_is_forgotten
                facts_come_partition_by_partition_in_order_of_sort
                a_scan_sees_exactly_the_partitions_of_its_prefix_in_order
                an_error_of_the_visitor_stops_the_scan_and_comes_out
                large_bodies_come_back_as_they_were
            }
            outcomes {
                the_first_version_is_one
                a_change_from_another_version_is_refused
                a_version_cannot_be_skipped
                of_many_changes_from_one_version_one_wins
                each_change_of_a_batch_is_judged_alone
                changes_of_one_subject_follow_each_other_in_a_batch
                a_refused_change_leaves_no_entry
                a_scan_sees_exactly_the_subjects_of_its_prefix_in_order
                an_error_of_the_visitor_stops_the_scan_and_comes_out
                a_scan_of_the_journal_sees_every_entry_in_order
                an_error_of_the_visitor_stops_the_scan_of_the_journal
                large_bodies_come_back_as_they_were
            }
        }
    };
    (queue $home:expr) => {
        $crate::tests! { $home;
            queue {
                asks_are_seen_once_committed
                asks_of_known_facts_are_asks
                asks_of_a_refused_unit_or_an_abandoned_scope_are_none
                tickets_count_upwards
                asking_again_gives_a_later_ticket
                the_last_ticket_is_the_last_given
                tickets_that_are_not_committed_do_not_count
                an_answer_forgets_the_ask
                an_ask_during_the_work_survives_its_answer
                a_stored_change_answers_its_asks_and_a_refused_one_does_not
                a_change_may_answer_by_the_last_ticket
                of_many_askers_none_is_lost
                asked_subjects_come_in_order_by_prefix_and_at_most_so_many
            }
        }
    };
    ($home:expr) => {
        $crate::tests! { ledger || Some(($home)()) }
        $crate::tests! { queue || Some(($home)()) }
    };
    ($home:expr; $($suite:ident { $($name:ident)* })*) => {
        $(
            mod $suite {
                $(
                    #[test]
                    fn $name() {
                        if let Some(home) = ($home)() {
                            $crate::$suite::$name(&home);
                        }
                    }
                )*
            }
        )*
    };
}
