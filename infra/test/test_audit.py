"""The auditor's reading of the journal, against the sums that the program's own tests expect."""

import hashlib
import json
import pathlib
import sys
import unittest
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

import audit

# The journal of shared/conformance/tests/digest.rs, and what it comes to there.
JOURNAL = {
    "01234567897#POS#a": ["2026-11-13T10:00:00Z", "2026-11-14T22:59:59Z"],
    "01234567897#POS#b": ["2026-11-14T09:00:00Z", "2026-11-14T23:00:00Z"],
    "98765432103#POS#a": ["2026-11-14T09:00:00Z"],
}
UNTIL = audit.moment("2026-11-14T23:00:00Z")
COMES_TO = {
    "01234567897": {
        "subjects": 2,
        "entries": 3,
        "sha256": "401df8d1133e248481407f2596cba0bd983b999a337b5871e5efebb005c68837",
    },
    "98765432103": {
        "subjects": 1,
        "entries": 1,
        "sha256": "814ea9faa78f800adcd4b82bf5cc2353bbf11ff09c09ea84fe89ace0a6a66c31",
    },
}


def item(subject, number, body, entry, kept):
    """A version as the table has it: deflated where it is long."""
    both = body + entry
    deflate = zlib.compressobj(wbits=-15)
    stored = {"B": deflate.compress(both) + deflate.flush()} if number % 2 else {"S": both.decode()}
    key = {"pk": {"S": "VERSION#0"}, "sk": {"S": f"{subject}\0{number:020}"}}
    return key | {"b": stored, "l": {"N": str(len(body))}, "h": {"B": kept}}


def chain(subject, moments):
    """The items of a subject whose conclusion is the number of its version."""
    previous, before = bytes(32), None
    for number, at in enumerate(moments, 1):
        body = json.dumps({"è": number}, ensure_ascii=False).encode()
        told = {"at": at, "facts": "", "before": before, "after": json.loads(body)}
        entry = json.dumps(told | {"previous": previous.hex()}, ensure_ascii=False).encode()
        previous, before = hashlib.sha256(previous + entry).digest(), told["after"]
        yield item(subject, number, body, entry, previous)


class Audit(unittest.TestCase):
    """What an auditor finds."""

    def test_the_journal_comes_to_what_the_program_says(self):
        entry = lambda at, n: f'{{"at":"{at}","n":{n}}}'.encode()
        items = [
            item(subject, number, b"{}", entry(at, number), bytes(32))
            for subject, moments in JOURNAL.items()
            for number, at in enumerate(moments, 1)
        ]
        self.assertEqual(audit.heads(audit.chains(reversed(items)), UNTIL), COMES_TO)

    def test_a_whole_chain_has_no_fault_and_a_touched_one_has(self):
        subject, moments = "01234567897#POS#a", [f"2026-11-1{n}T10:00:00Z" for n in range(4)]
        whole = list(chain(subject, moments))
        found = lambda items: [
            it for name, of in audit.chains(items).items() for it in audit.faults(name, of)
        ]
        self.assertEqual(found(whole), [])
        self.assertEqual(found(whole[:1] + whole[2:]), [f"{subject}: version 2 is missing"])
        touched = dict(whole[1], h={"B": bytes(32)})
        told = f"{subject}: the hash of version 2 is not that of its entry"
        self.assertEqual(found([whole[0], touched, *whole[2:]]), [told])
        # Another conclusion, with its entry as it was.
        text = whole[1]["b"]["S"].replace('{"è": 2}', '{"è": 9}', 1)
        touched = dict(whole[1], b={"S": text})
        told = f"{subject}: version 2 is not what its entry tells"
        self.assertEqual(found([whole[0], touched, *whole[2:]])[0], told)
        # Another first version with everything that follows from it alone.
        (other,) = chain(subject, ["2026-11-01T10:00:00Z"])
        told = f"{subject}: version 2 does not follow from the one before"
        self.assertEqual(found([other, *whole[1:]])[0], told)

    def test_digests_name_each_other(self):
        digest = lambda previous: json.dumps({"previous": previous, "organizations": {}})
        named = lambda day, text, holds: {
            "day": day,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "holds": holds,
        }
        first = digest(None)
        second = digest(named("2026-11-14", first, True))
        good = {"2026-11-14": first, "2026-11-16": second}
        self.assertEqual(list(audit.links(good)), [])
        missing = "2026-11-16: the digest of 2026-11-14 before it is missing"
        self.assertEqual(list(audit.links({"2026-11-16": second})), [missing])
        replaced = good | {"2026-11-14": digest(None) + " "}
        other = "2026-11-16: does not name the digest of 2026-11-14"
        self.assertEqual(list(audit.links(replaced)), [other])
        broken = good | {"2026-11-16": digest(named("2026-11-14", first, False))}
        told = "2026-11-16: the journal was not any more what the digest of 2026-11-14 says"
        self.assertEqual(list(audit.links(broken)), [told])


if __name__ == "__main__":
    unittest.main()
