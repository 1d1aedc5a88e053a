//! Sending what was planned and is still right, at most once.
//!
//! For each row: may the citizen be written to (profile)? Is the position still as the plan saw it?
//! Then the intent becomes [`State::Sending`], if nobody else was first; the call is made; what
//! came of it is stored. With the intent claimed, the position, the switch and the hour are looked
//! at for the last time, and nothing stands between that look and the call. What dies in between
//! stays `Sending`, and whoever finds it makes it [`State::Unknown`].
//!
//! [`State::Sending`]: super::intent::State::Sending
//! [`State::Unknown`]: super::intent::State::Unknown

mod campaign;
mod deliver;
mod run;

pub use campaign::Campaign;
pub(super) use deliver::give_up;
pub use deliver::{Again, Done, SENDING_MAX, Sender};
pub use run::{Halt, Run, Summary, run};
