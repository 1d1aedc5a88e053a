//! What must be true of every world.

use std::collections::BTreeMap;

use conformance::Home as _;
use domain::calendar::is_office_hour;
use engine::campaign::intent::{self, Sent, State};
use jiff::SignedDuration;

use crate::io::Taken;
use crate::world::World;

/// What holds whatever breaks.
pub fn holds(world: &World) {
    let taken = world.seen.taken.lock().unwrap();
    nobody_has_the_same_twice(&taken);
    nothing_left_when_it_must_not(world, &taken);
    the_ledger_denies_no_message(world, &taken);
    the_rate_and_the_cap_are_kept(world, &taken);
}

fn nobody_has_the_same_twice(taken: &[Taken]) {
    let mut count: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for message in taken {
        *count.entry((&message.recipient, &message.text)).or_default() += 1;
    }
    assert!(count.values().all(|&times| times == 1), "twice: {count:?}");
}

fn nothing_left_when_it_must_not(world: &World, taken: &[Taken]) {
    // Between the last look and the call there are two questions to the outside at most.
    let look = SignedDuration::from_secs(6);
    for message in taken {
        assert!(is_office_hour(message.at), "at {}", message.at);
        assert!(
            world.thrown_at.is_none_or(|thrown| message.at < thrown + look),
            "after the switch"
        );
        let target = world.targets.iter().filter(|target| target.text == message.text);
        for target in target {
            let others = world.targets.iter().filter(|other| other.text == target.text).count();
            let late = target.paid_at.is_some_and(|paid| message.at > paid + look);
            assert!(!late || others > 1, "after the payment of {}", target.position);
        }
    }
}

fn histories(world: &World) -> Vec<(String, Sent)> {
    let all = intent::histories(&mut world.memory.reader(), &world.organization).unwrap();
    all.into_iter()
        .flat_map(|(position, sent)| sent.into_iter().map(move |one| (position.clone(), one)))
        .collect()
}

/// A message that IO has is `Sent`, or a doubt; one that is `Sent` is with IO.
fn the_ledger_denies_no_message(world: &World, taken: &[Taken]) {
    let histories = histories(world);
    for (position, sent) in &histories {
        if let State::Sent { id, .. } = &sent.state {
            assert!(taken.iter().any(|message| message.id == *id), "{position} {id}");
        }
    }
    let may_have_arrived = |text: &str| {
        let of_text = |position: &str| {
            world.targets.iter().any(|target| target.position == position && target.text == text)
        };
        histories.iter().any(|(position, sent)| of_text(position) && sent.state.may_have_arrived())
    };
    for message in taken {
        assert!(may_have_arrived(&message.text), "denied: {message:?}: {histories:?}");
    }
}

fn the_rate_and_the_cap_are_kept(world: &World, taken: &[Taken]) {
    let calls = world.seen.calls.lock().unwrap();
    for (first, at) in calls.iter().enumerate() {
        let end = *at + SignedDuration::from_secs(5);
        let within = calls[first..].iter().take_while(|call| **call < end).count();
        assert!(within <= 150, "{within} calls in 5 seconds");
    }
    assert!(taken.len() <= world.limits.messages_per_day as usize);
}

/// The states that messages ended in.
pub fn states(world: &World) -> impl Iterator<Item = &'static str> {
    histories(world).into_iter().map(|(_, sent)| match sent.state {
        State::Planned => "planned",
        State::Sending => "sending",
        State::Sent { .. } => "sent",
        State::NotReachable { .. } => "not_reachable",
        State::Refused { .. } => "refused",
        State::RetryAt { .. } => "retry_at",
        State::Parked { .. } => "parked",
        State::Unknown { .. } => "unknown",
    })
}

/// Where nothing breaks every row is sent.
pub fn everybody_was_written_to(world: &World) {
    let histories = histories(world);
    assert_eq!(world.seen.taken.lock().unwrap().len(), world.targets.len());
    assert_eq!(histories.len(), world.targets.len());
    assert!(histories.iter().all(|(_, sent)| matches!(sent.state, State::Sent { .. })));
}

/// Nothing is held against a citizen to whom the service may not write.
pub fn nobody_is_blamed(world: &World) {
    assert!(world.seen.taken.lock().unwrap().is_empty());
    assert!(!world.seen.calls.lock().unwrap().is_empty());
    assert!(histories(world).iter().all(|(_, sent)| sent.state == State::Planned));
}
