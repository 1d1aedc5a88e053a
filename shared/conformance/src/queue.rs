//! The suite of [`WorkQueue`], with the asks of [`Unit`]s and the answers of [`Change`]s.

use std::thread;

use engine::port::{
    Asks, Change, Put, Subject, Ticket, Unit, WorkQueue, WriteFacts, WriteOutcomes,
};

use crate::Home;
use crate::fixture::{AWKWARD, change, fact, stored, subject, unit};

/// How many ask at the same moment.
const ASKERS: u64 = 24;

/// The asks of a unit come with its facts.
pub fn asks_are_seen_once_committed<H: Home<Writer: WorkQueue>>(home: &H) {
    let mut writer = home.writer();
    writer.open().expect("a scope can be opened");
    let put = writer.put(asking([fact("a", "1", "x")], &["s", "t"])).expect("a unit can be put");
    assert_eq!(put, Put::New);
    writer.seal().expect("it can be sealed");
    assert_eq!(asked_names(home), [""; 0]);
    writer.commit().expect("it can be committed");
    assert_eq!(asked_names(home), ["s", "t"]);
}

/// The attempt before may have died between storing and computing.
pub fn asks_of_known_facts_are_asks<H: Home<Writer: WorkQueue>>(home: &H) {
    let known = || asking([fact("a", "1", "x")], &["s"]);
    stored(&mut home.writer(), [known()]);
    answer_all(home);
    assert_eq!(stored(&mut home.writer(), [known()]), [Put::Known]);
    assert_eq!(asked_names(home), ["s"]);
    answer_all(home);
    assert_eq!(stored(&mut home.writer(), [asking([], &["s"])]), [Put::Known]);
    assert_eq!(asked_names(home), ["s"]);
}

/// Nothing of them remains: not an ask, not a later ticket for an earlier ask.
pub fn asks_of_a_refused_unit_or_an_abandoned_scope_are_none<H: Home<Writer: WorkQueue>>(home: &H) {
    let mut writer = home.writer();
    stored(&mut writer, [asking([fact("a", "1", "x")], &["s"])]);
    let before = asked(home);
    let refused = asking([fact("a", "1", "other")], &["s", "t"]);
    assert_eq!(stored(&mut writer, [refused]), [Put::Conflict(0)]);
    let refused = asking([fact("a", "2", "x"), fact("a", "1", "other")], &["s", "t"]);
    assert_eq!(stored(&mut writer, [refused]), [Put::Conflict(1)]);
    writer.open().expect("a scope can be opened");
    writer.put(asking([fact("a", "2", "x")], &["s", "t"])).expect("a unit can be put");
    writer.abandon().expect("it can be abandoned");
    writer.commit().expect("it can be committed");
    assert_eq!(asked(home), before);
}

/// In the order of asking, whoever asks.
pub fn tickets_count_upwards<H: Home<Writer: WorkQueue>>(home: &H) {
    let mut numbers = Vec::new();
    for name in ["b", "a", "c"] {
        home.writer().ask(&[subject(name)]).expect("it can be asked");
        numbers.push(number_of(home, name));
    }
    stored(&mut home.writer(), [asking([fact("a", "1", "x")], &["0"])]);
    numbers.push(number_of(home, "0"));
    assert!(numbers[0] > 0);
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
}

/// The subject is asked once, with the later ticket.
pub fn asking_again_gives_a_later_ticket<H: Home<Writer: WorkQueue>>(home: &H) {
    let mut writer = home.writer();
    writer.ask(&["s", "t"].map(subject)).expect("it can be asked");
    let first = number_of(home, "s");
    writer.ask(&["s", "s"].map(subject)).expect("it can be asked again");
    let second = number_of(home, "s");
    assert!(second > first);
    stored(&mut writer, [asking([], &["s"])]);
    assert!(number_of(home, "s") > second);
    assert_eq!(asked_names(home), ["s", "t"]);
}

/// Also when its ask has been answered.
pub fn the_last_ticket_is_the_last_given<H: Home<Writer: WorkQueue>>(home: &H) {
    let last = || home.writer().last_ticket().expect("the queue can be read");
    assert_eq!(last(), 0);
    home.writer().ask(&["b", "a"].map(subject)).expect("it can be asked");
    assert_eq!(last(), number_of(home, "a"));
    stored(&mut home.writer(), [asking([fact("a", "1", "x")], &["c"])]);
    let given = number_of(home, "c");
    assert_eq!(last(), given);
    answer_all(home);
    assert_eq!(last(), given);
}

/// A worker that answers by the last ticket must have been able to see what led to it.
pub fn tickets_that_are_not_committed_do_not_count<H: Home<Writer: WorkQueue>>(home: &H) {
    let mut worker = home.writer();
    let mut writer = home.writer();
    writer.open().expect("a scope can be opened");
    writer.put(asking([fact("a", "1", "x")], &["s"])).expect("a unit can be put");
    writer.seal().expect("it can be sealed");
    let before = worker.last_ticket().expect("the queue can be read");
    writer.commit().expect("it can be committed");
    let answering = Ticket { subject: subject("s"), number: before };
    worker.answer(&[answering]).expect("it can be answered");
    assert_eq!(asked_names(home), ["s"]);
}

/// Answering what is answered, or was never asked, does nothing.
pub fn an_answer_forgets_the_ask<H: Home<Writer: WorkQueue>>(home: &H) {
    let mut writer = home.writer();
    writer.ask(&["s", "t"].map(subject)).expect("it can be asked");
    let ticket = Ticket { subject: subject("s"), number: number_of(home, "s") };
    writer.answer(std::slice::from_ref(&ticket)).expect("it can be answered");
    assert_eq!(asked_names(home), ["t"]);
    let never = Ticket { subject: subject("never"), number: ticket.number };
    writer.answer(&[ticket, never]).expect("it can be answered again");
    assert_eq!(asked_names(home), ["t"]);
}

/// The wake-up is not lost: what came after the worker began is computed again.
pub fn an_ask_during_the_work_survives_its_answer<H: Home<Writer: WorkQueue>>(home: &H) {
    let mut worker = home.writer();
    worker.ask(&[subject("s")]).expect("it can be asked");
    let tickets = worker.asked("", 10).expect("the queue can be read");
    home.writer().ask(&[subject("s")]).expect("it can be asked during the work");
    worker.answer(&tickets).expect("it can be answered");
    assert_eq!(asked_names(home), ["s"]);

    let tickets = worker.asked("", 10).expect("the queue can be read");
    stored(&mut home.writer(), [asking([fact("a", "1", "x")], &["s"])]);
    let answering = Change { answers: tickets, ..change("s", 0, "x") };
    assert_eq!(worker.conclude(&[answering]).expect("it can be concluded"), [true]);
    assert_eq!(asked_names(home), ["s"]);
}

/// A change answers what it names, of whatever subject; a refused one answers nothing.
pub fn a_stored_change_answers_its_asks_and_a_refused_one_does_not<H: Home<Writer: WorkQueue>>(
    home: &H,
) {
    let mut writer = home.writer();
    writer.ask(&["s", "t", "u"].map(subject)).expect("it can be asked");
    let tickets = writer.asked("", 2).expect("the queue can be read");
    let refused = Change { answers: tickets.clone(), ..change("s", 3, "x") };
    assert_eq!(writer.conclude(&[refused]).expect("it can be concluded"), [false]);
    assert_eq!(asked_names(home), ["s", "t", "u"]);
    let stored = Change { answers: tickets, ..change("s", 0, "x") };
    assert_eq!(writer.conclude(&[stored]).expect("it can be concluded"), [true]);
    assert_eq!(asked_names(home), ["u"]);
}

/// The last ticket stands for every ask so far of a subject, none of those to come.
pub fn a_change_may_answer_by_the_last_ticket<H: Home<Writer: WorkQueue>>(home: &H) {
    let mut writer = home.writer();
    writer.ask(&["s", "t"].map(subject)).expect("it can be asked");
    let number = writer.last_ticket().expect("the queue can be read");
    let so_far = |name: &str| Ticket { subject: subject(name), number };
    writer.ask(&[subject("t")]).expect("it can be asked again");
    let changes =
        ["s", "t"].map(|name| Change { answers: vec![so_far(name)], ..change(name, 0, "x") });
    assert_eq!(writer.conclude(&changes).expect("it can be concluded"), [true, true]);
    assert_eq!(asked_names(home), ["t"]);
}

/// Of 24 at once, each ask has its own ticket and none is missing.
pub fn of_many_askers_none_is_lost<H: Home<Writer: WorkQueue>>(home: &H) {
    thread::scope(|scope| {
        for asker in 0..ASKERS {
            scope.spawn(move || {
                let mut writer = home.writer();
                for turn in 0..5 {
                    let name = format!("{asker:02}-{turn}");
                    writer.ask(&[Subject(name)]).expect("it can be asked");
                }
            });
        }
    });
    let names: Vec<String> = (0..ASKERS)
        .flat_map(|asker| (0..5).map(move |turn| format!("{asker:02}-{turn}")))
        .collect();
    assert_eq!(asked_names(home), names);
    let mut numbers: Vec<u64> = asked(home).into_iter().map(|ticket| ticket.number).collect();
    numbers.sort_unstable();
    assert!(numbers.is_sorted_by(|a, b| a < b), "each ask has its own ticket");
}

/// The first ones by subject, all of the prefix and nothing else; asking does not answer.
pub fn asked_subjects_come_in_order_by_prefix_and_at_most_so_many<H: Home<Writer: WorkQueue>>(
    home: &H,
) {
    let mut writer = home.writer();
    let mut all = AWKWARD;
    writer.ask(&all.map(subject)).expect("it can be asked");
    all.sort_unstable();
    for prefix in AWKWARD.iter().chain(&["b", "aa", "a##", "a\u{10fffe}"]) {
        for most in [0, 1, 3, 100] {
            let expected: Vec<&&str> =
                all.iter().filter(|name| name.starts_with(prefix)).take(most).collect();
            let tickets = writer.asked(prefix, most).expect("the queue can be read");
            let found: Vec<&String> = tickets.iter().map(|ticket| &ticket.subject.0).collect();
            assert_eq!(found, expected, "prefix {prefix:?}, at most {most}");
        }
    }
}

fn asking(facts: impl IntoIterator<Item = engine::port::Fact>, names: &[&str]) -> Unit {
    Unit { asks: names.iter().map(|name| subject(name)).collect(), ..unit(facts) }
}

fn asked<H: Home<Writer: WorkQueue>>(home: &H) -> Vec<Ticket> {
    home.writer().asked("", 1_000).expect("the queue can be read")
}

fn asked_names<H: Home<Writer: WorkQueue>>(home: &H) -> Vec<String> {
    asked(home).into_iter().map(|ticket| ticket.subject.0).collect()
}

fn number_of<H: Home<Writer: WorkQueue>>(home: &H, name: &str) -> u64 {
    let found = asked(home).into_iter().find(|ticket| ticket.subject.0 == name);
    found.map_or_else(|| panic!("{name} is not asked"), |ticket| ticket.number)
}

fn answer_all<H: Home<Writer: WorkQueue>>(home: &H) {
    let tickets = asked(home);
    home.writer().answer(&tickets).expect("it can be answered");
}
