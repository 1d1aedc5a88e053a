//! The suite of [`ReadFacts`] and [`WriteFacts`].

use std::sync::Barrier;
use std::thread;

use engine::port::{Fact, PortError, Put, ReadFacts, Source, Unit, WriteFacts};

use crate::Home;
use crate::fixture::{AWKWARD, fact, fact_from, seen, stored, unit};

/// How many try the same thing at the same moment.
const CREATORS: usize = 24;

/// Of 24 that store the same key with different contents, one stores it, and it stays.
pub fn of_many_creators_one_wins<H: Home>(home: &H) {
    let start = Barrier::new(CREATORS);
    let create = |creator: usize| {
        let mut writer = home.writer();
        let mine = fact("a", "1", &creator.to_string());
        start.wait();
        (stored(&mut writer, [unit([mine.clone()])]).remove(0), mine)
    };
    let puts: Vec<(Put, Fact)> = thread::scope(|scope| {
        let create = &create;
        let threads: Vec<_> =
            (0..CREATORS).map(|creator| scope.spawn(move || create(creator))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no creator fails")).collect()
    });
    let (winners, losers): (Vec<_>, Vec<_>) =
        puts.into_iter().partition(|(put, _)| *put == Put::New);
    assert_eq!(winners.len(), 1);
    assert!(losers.iter().all(|(put, _)| *put == Put::Conflict(0)));
    assert_eq!(seen(home, "a"), [winners[0].1.clone()]);
}

/// The same facts again are known, in the same unit or in others, before commit and after.
pub fn a_unit_of_known_facts_is_known<H: Home>(home: &H) {
    let mut writer = home.writer();
    let both = || [fact("a", "1", "x"), fact("b", "1", "y")];
    let first = stored(&mut writer, [unit(both()), unit(both())]);
    assert_eq!(first, [Put::New, Put::Known]);
    let [one, other] = both();
    let again = stored(&mut writer, [unit(both()), unit([other.clone()]), unit([one.clone()])]);
    assert_eq!(again, [Put::Known; 3]);
    let twice_in_one = unit([one.clone(), one.clone()]);
    assert_eq!(stored(&mut home.writer(), [twice_in_one]), [Put::Known]);
    assert_eq!((seen(home, "a"), seen(home, "b")), (vec![one], vec![other]));
}

/// A unit of which something was missing is new, and what was missing is there.
pub fn a_unit_with_one_new_fact_is_new<H: Home>(home: &H) {
    let mut writer = home.writer();
    stored(&mut writer, [unit([fact("a", "1", "x")])]);
    let mixed = [fact("a", "1", "x"), fact("a", "2", "y"), fact("a", "1", "x")];
    assert_eq!(stored(&mut writer, [unit(mixed)]), [Put::New]);
    assert_eq!(seen(home, "a"), [fact("a", "1", "x"), fact("a", "2", "y")]);
}

/// The place that is told is that of the fact which is there with other content.
pub fn the_same_key_with_other_content_is_refused_at_its_place<H: Home>(home: &H) {
    let mut writer = home.writer();
    stored(&mut writer, [unit([fact("a", "1", "x"), fact("a", "2", "x")])]);
    for place in 0..4 {
        let mut facts: Vec<Fact> = (0..4).map(|n| fact("b", &n.to_string(), "y")).collect();
        facts[place] = fact("a", "2", "other");
        assert_eq!(stored(&mut writer, [unit(facts)]), [Put::Conflict(place)]);
    }
    let after_a_known_one = [fact("a", "1", "x"), fact("a", "2", "other")];
    assert_eq!(stored(&mut writer, [unit(after_a_known_one)]), [Put::Conflict(1)]);
    assert_eq!(seen(home, "a"), [fact("a", "1", "x"), fact("a", "2", "x")]);
}

/// Two facts of one unit with one key and two contents: the second is the conflict.
pub fn a_fact_that_contradicts_its_own_unit_is_refused<H: Home>(home: &H) {
    let facts = [fact("a", "1", "x"), fact("a", "2", "x"), fact("a", "1", "other")];
    assert_eq!(stored(&mut home.writer(), [unit(facts)]), [Put::Conflict(2)]);
    assert_eq!(seen(home, "a"), []);
}

/// Of a refused unit no fact and no smaller source remains; the units around it do.
pub fn a_refused_unit_leaves_nothing<H: Home>(home: &H) {
    let mut writer = home.writer();
    stored(&mut writer, [unit([fact_from("a", "1", "x", "m", 5), fact("a", "2", "x")])]);
    let puts = stored(
        &mut writer,
        [
            unit([fact("b", "1", "before")]),
            unit([
                fact("b", "2", "in it"),
                fact_from("a", "1", "x", "a", 1),
                fact("a", "2", "other"),
                fact("b", "3", "in it"),
            ]),
            unit([fact("b", "4", "after")]),
        ],
    );
    assert_eq!(puts, [Put::New, Put::Conflict(2), Put::New]);
    assert_eq!(seen(home, "a"), [fact_from("a", "1", "x", "m", 5), fact("a", "2", "x")]);
    assert_eq!(seen(home, "b"), [fact("b", "1", "before"), fact("b", "4", "after")]);
}

/// Every fact of none is known.
pub fn an_empty_unit_is_known<H: Home>(home: &H) {
    assert_eq!(stored(&mut home.writer(), [Unit::default()]), [Put::Known]);
}

/// The limit is [`Unit::FACTS_MAX`].
pub fn a_unit_of_the_most_facts_is_stored_and_a_larger_one_is_refused<H: Home>(home: &H) {
    let facts = |count: usize| -> Vec<Fact> {
        (0..count).map(|n| fact("a", &format!("{n:03}"), "x")).collect()
    };
    assert_eq!(stored(&mut home.writer(), [unit(facts(Unit::FACTS_MAX))]), [Put::New]);
    assert_eq!(seen(home, "a"), facts(Unit::FACTS_MAX));
    let mut writer = home.writer();
    writer.open().expect("a scope can be opened");
    let refused = writer.put(unit(facts(Unit::FACTS_MAX + 1)));
    assert!(matches!(refused, Err(PortError::Final(_))));
    writer.abandon().expect("a scope can be abandoned");
    assert_eq!(seen(home, "a").len(), Unit::FACTS_MAX);
}

/// Neither put nor sealed is seen; committed is, by readers that were there and by new ones.
pub fn nothing_is_seen_before_commit<H: Home>(home: &H) {
    let mut reader = home.reader();
    let mut look = move || reader.facts(&["a".to_owned()]).expect("facts can be read").remove(0);
    let mut writer = home.writer();
    let one = fact("a", "1", "x");
    assert_eq!(look(), []);
    writer.open().expect("a scope can be opened");
    writer.open().expect("a scope can be opened in it");
    writer.put(unit([one.clone()])).expect("a unit can be put");
    assert_eq!((look(), seen(home, "a")), (vec![], vec![]));
    writer.seal().expect("the inner scope can be sealed");
    assert_eq!((look(), seen(home, "a")), (vec![], vec![]));
    writer.seal().expect("the outer scope can be sealed");
    assert_eq!((look(), seen(home, "a")), (vec![], vec![]));
    writer.commit().expect("it can be committed");
    assert_eq!((look(), seen(home, "a")), (vec![one.clone()], vec![one]));
}

/// What was abandoned can be put again, as new, with other content.
pub fn an_abandoned_scope_leaves_nothing<H: Home>(home: &H) {
    let mut writer = home.writer();
    stored(&mut writer, [unit([fact("a", "0", "x")])]);
    writer.open().expect("a scope can be opened");
    for n in 1..300 {
        let put = writer.put(unit([fact("a", &n.to_string(), "x")]));
        assert_eq!(put.expect("a unit can be put"), Put::New);
    }
    writer.abandon().expect("a scope can be abandoned");
    writer.open().expect("another can be opened");
    let put = writer.put(unit([fact("a", "1", "other")])).expect("a unit can be put");
    assert_eq!(put, Put::New);
    writer.seal().expect("it can be sealed");
    writer.commit().expect("it can be committed");
    assert_eq!(seen(home, "a"), [fact("a", "0", "x"), fact("a", "1", "other")]);
}

/// The outer scope decides.
pub fn a_sealed_scope_in_an_abandoned_one_leaves_nothing<H: Home>(home: &H) {
    let mut writer = home.writer();
    writer.open().expect("the outer scope can be opened");
    writer.put(unit([fact("a", "1", "outer")])).expect("a unit can be put");
    writer.open().expect("the inner scope can be opened");
    writer.put(unit([fact("a", "2", "inner")])).expect("a unit can be put");
    writer.seal().expect("the inner scope can be sealed");
    writer.abandon().expect("the outer scope can be abandoned");
    writer.commit().expect("it can be committed");
    assert_eq!(seen(home, "a"), []);
}

/// What the outer scope put before and after remains.
pub fn an_abandoned_scope_in_a_sealed_one_takes_only_its_own<H: Home>(home: &H) {
    let mut writer = home.writer();
    writer.open().expect("the outer scope can be opened");
    writer.put(unit([fact("a", "1", "outer")])).expect("a unit can be put");
    writer.open().expect("the inner scope can be opened");
    writer.put(unit([fact("a", "2", "inner")])).expect("a unit can be put");
    writer.abandon().expect("the inner scope can be abandoned");
    writer.put(unit([fact("a", "3", "outer")])).expect("a unit can be put");
    writer.seal().expect("the outer scope can be sealed");
    writer.commit().expect("it can be committed");
    assert_eq!(seen(home, "a"), [fact("a", "1", "outer"), fact("a", "3", "outer")]);
}

/// With a scope open, or sealed and not committed; and others are not held up by it afterwards.
pub fn a_writer_that_goes_away_leaves_nothing<H: Home>(home: &H) {
    for sealed in [false, true] {
        let mut writer = home.writer();
        writer.open().expect("a scope can be opened");
        writer.put(unit([fact("a", "1", "x")])).expect("a unit can be put");
        if sealed {
            writer.seal().expect("it can be sealed");
        }
        drop(writer);
        assert_eq!(seen(home, "a"), []);
    }
    assert_eq!(stored(&mut home.writer(), [unit([fact("a", "1", "y")])]), [Put::New]);
}

/// A put, a seal, an abandon outside a scope; a commit inside one. The writer is as good as before.
pub fn calls_out_of_order_are_refused<H: Home>(home: &H) {
    let mut writer = home.writer();
    assert!(matches!(writer.put(unit([fact("a", "1", "x")])), Err(PortError::Final(_))));
    assert!(matches!(writer.seal(), Err(PortError::Final(_))));
    assert!(matches!(writer.abandon(), Err(PortError::Final(_))));
    writer.commit().expect("there is nothing to commit");
    writer.open().expect("a scope can be opened");
    assert!(matches!(writer.commit(), Err(PortError::Final(_))));
    writer.put(unit([fact("a", "2", "x")])).expect("a unit can be put");
    writer.seal().expect("it can be sealed");
    assert!(matches!(writer.put(unit([fact("a", "3", "x")])), Err(PortError::Final(_))));
    writer.commit().expect("it can be committed");
    assert_eq!(seen(home, "a"), [fact("a", "2", "x")]);
}

/// By name and then by line as a number: `a:9` before `a:10` before `b:1`.
pub fn the_smallest_source_is_kept_whatever_the_order<H: Home>(home: &H) {
    let sources = [("b", 1), ("a", 10), ("a", 9)];
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (case, order) in orders.iter().enumerate() {
        let partition = format!("{case}");
        for (nth, &place) in order.iter().enumerate() {
            let (file, line) = sources[place];
            let put = unit([fact_from(&partition, "1", "x", file, line)]);
            let expected = if nth == 0 { Put::New } else { Put::Known };
            assert_eq!(stored(&mut home.writer(), [put]), [expected]);
        }
        let kept: Vec<Source> = seen(home, &partition).into_iter().map(|f| f.source).collect();
        assert_eq!(kept, [Source { file: "a".to_owned(), line: 9 }], "order {order:?}");
    }
}

/// The source is part of the scope as the fact is.
pub fn the_source_of_an_abandoned_scope_is_forgotten<H: Home>(home: &H) {
    let mut writer = home.writer();
    stored(&mut writer, [unit([fact_from("a", "1", "x", "m", 5)])]);
    writer.open().expect("a scope can be opened");
    let put = writer.put(unit([fact_from("a", "1", "x", "a", 1)])).expect("a unit can be put");
    assert_eq!(put, Put::Known);
    writer.abandon().expect("it can be abandoned");
    writer.commit().expect("it can be committed");
    assert_eq!(seen(home, "a"), [fact_from("a", "1", "x", "m", 5)]);
}

/// In the order asked for, a partition twice if asked twice, an unknown one empty; inside by bytes.
pub fn facts_come_partition_by_partition_in_order_of_sort<H: Home>(home: &H) {
    let sorts = ["é", "#", "a", "Z", "10", "9", "a#", "_", "a\u{10ffff}", "B"];
    // In order of code points, which is that of the bytes.
    let in_order = ["#", "10", "9", "B", "Z", "_", "a", "a#", "a\u{10ffff}", "é"];
    stored(&mut home.writer(), sorts.map(|sort| unit([fact("b", sort, "x")])));
    stored(&mut home.writer(), [unit([fact("a", "1", "x")])]);
    let asked = ["b", "unknown", "a", "b", "", "B"].map(str::to_owned);
    let b = in_order.map(|sort| fact("b", sort, "x")).to_vec();
    let expected = vec![b.clone(), vec![], vec![fact("a", "1", "x")], b, vec![], vec![]];
    assert_eq!(home.reader().facts(&asked).expect("facts can be read"), expected);
    assert_eq!(home.writer().facts(&asked).expect("facts can be read"), expected);
    assert_eq!(home.reader().facts(&[]).expect("nothing can be read"), Vec::<Vec<Fact>>::new());
}

/// No character of a prefix is special, and the order is that of the bytes.
pub fn a_scan_sees_exactly_the_partitions_of_its_prefix_in_order<H: Home>(home: &H) {
    let mut all: Vec<Fact> = AWKWARD
        .iter()
        .flat_map(|partition| [fact(partition, "2", "x"), fact(partition, "1", "x")])
        .collect();
    stored(&mut home.writer(), all.iter().rev().map(|fact| unit([fact.clone()])));
    all.sort_by(|a, b| (&a.partition, &a.sort).cmp(&(&b.partition, &b.sort)));
    for prefix in AWKWARD.iter().chain(&["b", "aa", "a##", "a\u{10fffe}"]) {
        let expected: Vec<Fact> =
            all.iter().filter(|fact| fact.partition.starts_with(prefix)).cloned().collect();
        let mut found = Vec::new();
        let scanned = home.reader().scan_facts(prefix, &mut |fact| {
            found.push(fact);
            Ok(())
        });
        scanned.expect("facts can be scanned");
        assert_eq!(found, expected, "prefix {prefix:?}");
    }
}

/// The visitor's own error, and no visit after it.
pub fn an_error_of_the_visitor_stops_the_scan_and_comes_out<H: Home>(home: &H) {
    let facts = ["1", "2", "3"].map(|sort| fact("a", sort, "x"));
    stored(&mut home.writer(), [unit(facts)]);
    let mut reader = home.reader();
    let mut visits = 0;
    let scanned = reader.scan_facts("a", &mut |_| {
        visits += 1;
        if visits == 2 { Err(PortError::Retry("enough".to_owned())) } else { Ok(()) }
    });
    assert!(matches!(scanned, Err(PortError::Retry(text)) if text == "enough"));
    assert_eq!(visits, 2);
    let again = reader.facts(&["a".to_owned()]).expect("the reader still reads");
    assert_eq!(again[0].len(), 3);
}

/// 400 KB, and text that needs escaping in one place or another.
pub fn large_bodies_come_back_as_they_were<H: Home>(home: &H) {
    let large = fact("a", "1", &"è\\\"' %_#".repeat(50_000));
    let awkward = fact("a", "2", "\u{feff}\u{202e}\r\n\t💶 '; DROP TABLE fact; --");
    assert!(large.body.len() >= 400_000);
    let mut writer = home.writer();
    stored(&mut writer, [unit([large.clone(), awkward.clone()])]);
    assert_eq!(seen(home, "a"), [large.clone(), awkward.clone()]);
    assert_eq!(stored(&mut writer, [unit([large.clone(), awkward])]), [Put::Known]);
    let mut other = large;
    other.body.push(' ');
    assert_eq!(stored(&mut writer, [unit([other])]), [Put::Conflict(0)]);
}
