//! What only this adapter does: attempts that die and are taken up, messages, limits of DynamoDB.

use std::time::{Duration, Instant};

use aws::{Attempt, AwsHome};
use conformance::Home as _;
use engine::port::{
    Asks, Change, Fact, Hash, Home as _, PortError, Put, ReadFacts, ReadOutcomes, Source, Subject,
    Unit, WriteFacts, WriteOutcomes,
};

use crate::{Emulated, emulated};

pub fn fact(partition: &str, sort: &str, body: &str) -> Fact {
    Fact {
        partition: partition.to_owned(),
        sort: sort.to_owned(),
        body: format!("{{\"text\":\"{body}\"}}"),
        source: Source { file: "input.xml".to_owned(), line: 1 },
    }
}

/// Unit `n` of an input: a fact, and who asks for it.
pub fn unit(n: usize) -> Unit {
    let partition = format!("p{n}");
    Unit { facts: vec![fact(&partition, "1", "x")], asks: vec![Subject(partition)] }
}

pub fn seen(home: &Emulated, partition: &str) -> usize {
    home.reader().facts(&[partition.to_owned()]).unwrap()[0].len()
}

pub fn attempt(home: &Emulated, deadline: Option<Instant>) -> (AwsHome, Attempt) {
    let attempt = Attempt::new(&["inbox/input.xml", "tag"], deadline);
    (AwsHome::for_attempt(home.cloud(), attempt.clone()), attempt)
}

/// Puts units until one fails, and commits if none does.
pub fn take_in(home: &AwsHome, units: usize) -> Result<Vec<Put>, PortError> {
    let mut writer = home.writer()?;
    writer.open()?;
    let puts = (0..units).map(|n| writer.put(unit(n))).collect::<Result<Vec<_>, _>>()?;
    writer.seal()?;
    writer.commit()?;
    Ok(puts)
}

#[test]
fn asks_are_messages_once_committed_each_subject_once() {
    let home = emulated!();
    let mut writer = home.writer();
    writer.open().unwrap();
    writer.put(Unit { asks: vec![Subject("b".into()), Subject("a".into())], ..unit(0) }).unwrap();
    writer.put(Unit { asks: vec![Subject("a".into())], ..unit(1) }).unwrap();
    writer.open().unwrap();
    writer.put(Unit { asks: vec![Subject("abandoned".into())], ..unit(2) }).unwrap();
    writer.abandon().unwrap();
    writer
        .put(Unit { facts: vec![fact("p0", "1", "other")], asks: vec![Subject("refused".into())] })
        .unwrap();
    writer.seal().unwrap();
    assert_eq!(home.messages(), [""; 0]);
    writer.commit().unwrap();
    assert_eq!(home.messages(), [r#"["a","b"]"#]);
    writer.ask(&[Subject("c".into())]).unwrap();
    assert_eq!(home.messages(), [r#"["c"]"#]);
}

/// A function that is killed leaves its turn open: the next delivery ends it, as one would have.
#[test]
fn an_attempt_that_died_is_taken_up_and_what_it_stored_is_still_new() {
    let home = emulated!();
    let (one, _) = attempt(&home, None);
    let mut killed = one.writer().unwrap();
    killed.open().unwrap();
    killed.put(unit(0)).unwrap();
    killed.put(unit(1)).unwrap();
    std::mem::forget(killed);
    assert_eq!((seen(&home, "p0"), seen(&home, "p1")), (0, 0));
    assert_eq!(take_in(&attempt(&home, None).0, 3).unwrap(), [Put::New; 3]);
    assert_eq!(["p0", "p1", "p2"].map(|name| seen(&home, name)), [1; 3]);
    assert_eq!(home.messages(), [r#"["p0","p1","p2"]"#]);
}

/// It may have died after the commit and before its messages: they are sent again.
#[test]
fn a_second_delivery_does_not_see_the_first_and_asks_again() {
    let home = emulated!();
    assert_eq!(take_in(&attempt(&home, None).0, 2).unwrap(), [Put::New; 2]);
    home.messages();
    let (again, _) = attempt(&home, None);
    assert_eq!(again.reader().unwrap().facts(&["p0".to_owned()]).unwrap(), [vec![]]);
    assert_eq!(take_in(&again, 2).unwrap(), [Put::New; 2]);
    assert_eq!(home.messages(), [r#"["p0","p1"]"#]);
    let other = AwsHome::for_attempt(home.cloud(), Attempt::new(&["another"], None));
    assert_eq!(take_in(&other, 2).unwrap(), [Put::Known; 2]);
    assert_eq!(seen(&home, "p0"), 1);
}

/// Two deliveries of one input at the same moment end as one.
#[test]
fn two_attempts_at_the_same_moment_end_as_one() {
    let home = emulated!();
    let puts: Vec<_> = std::thread::scope(|scope| {
        let work = || take_in(&attempt(&home, None).0, 10).unwrap();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(puts, vec![vec![Put::New; 10]; 4]);
    assert_eq!(seen(&home, "p9"), 1);
}

#[test]
fn an_attempt_whose_time_is_up_is_taken_up_where_it_was() {
    let home = emulated!();
    let (late, attempt_) = attempt(&home, Some(Instant::now() + Duration::from_secs(2)));
    let mut writer = late.writer().unwrap();
    writer.open().unwrap();
    writer.put(unit(0)).unwrap();
    std::thread::sleep(Duration::from_secs(2));
    assert!(matches!(writer.put(unit(1)), Err(PortError::Retry(_))));
    assert!(attempt_.ran_out_of_time());
    drop(writer);
    assert_eq!(seen(&home, "p0"), 0);
    // What was noted is not written again: whoever changed it meanwhile would not be noticed.
    let (next, _) = attempt(&home, None);
    assert_eq!(take_in(&next, 2).unwrap(), [Put::New; 2]);
    assert_eq!(["p0", "p1"].map(|name| seen(&home, name)), [1; 2]);
}

/// What could not be read to its end is not what the input says.
#[test]
fn a_spoiled_attempt_commits_nothing() {
    let home = emulated!();
    let (broken, attempt_) = attempt(&home, None);
    attempt_.spoil();
    assert!(matches!(take_in(&broken, 1), Err(PortError::Retry(_))));
    assert_eq!(seen(&home, "p0"), 0);
}

/// Who died in the middle holds nobody up for ever, and cannot come back with what it had.
#[test]
fn the_turn_of_a_dead_writer_is_given_up_for_who_says_otherwise() {
    let home = emulated!();
    let mut dead = home.writer();
    dead.open().unwrap();
    dead.put(unit(0)).unwrap();
    let mut writer = home.writer();
    writer.open().unwrap();
    let other = Unit { facts: vec![fact("p0", "1", "other")], asks: Vec::new() };
    assert_eq!(writer.put(other).unwrap(), Put::New);
    writer.seal().unwrap();
    writer.commit().unwrap();
    dead.seal().unwrap();
    assert!(matches!(dead.commit(), Err(PortError::Retry(_))));
    let facts = home.reader().facts(&["p0".to_owned()]).unwrap().remove(0);
    assert_eq!(facts, [fact("p0", "1", "other")]);
}

/// DynamoDB answers in pages of 1 MB: 40 outcomes of 300 KB, which do not deflate.
#[test]
fn what_is_larger_than_a_page_comes_whole_and_in_order() {
    let home = emulated!();
    let body = |seed: u64| -> String {
        let mut state = seed;
        (0..300_000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(
                    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
                        [usize::try_from(state >> 58).unwrap()],
                )
            })
            .collect()
    };
    let change = |n: u64| Change {
        subject: Subject(format!("s{n:02}")),
        from_version: 0,
        body: format!("\"{}\"", body(n)),
        entry: "{}".to_owned(),
        entry_hash: Hash::default(),
        answers: Vec::new(),
    };
    let changes: Vec<_> = (0..40).map(change).collect();
    assert_eq!(home.writer().conclude(&changes).unwrap(), [true; 40]);
    let mut found = Vec::new();
    let mut reader = home.reader();
    reader
        .scan_outcomes("s", &mut |subject, outcome| {
            found.push((subject, outcome.body));
            Ok(())
        })
        .unwrap();
    let expected: Vec<_> = changes.into_iter().map(|it| (it.subject, it.body)).collect();
    assert!(found == expected, "40 outcomes in order");
    let subjects: Vec<_> = expected.iter().map(|(subject, _)| subject.clone()).collect();
    let outcomes = reader.outcomes(&subjects).unwrap();
    assert!(
        outcomes.iter().zip(&expected).all(|(it, (_, body))| it.as_ref().unwrap().body == *body)
    );
}

/// A record is never cut.
#[test]
fn a_record_larger_than_an_item_is_refused_by_its_size() {
    let home = emulated!();
    let mut state = 1_u64;
    let noise: String = (0..700_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(u8::try_from(state >> 57).unwrap() % 94 + b'#')
        })
        .filter(|c| *c != '\\')
        .collect();
    let mut writer = home.writer();
    writer.open().unwrap();
    let refused = writer.put(Unit { facts: vec![fact("p", "1", &noise)], asks: Vec::new() });
    assert!(matches!(refused, Err(PortError::Final(text)) if text.contains("larger")));
}
