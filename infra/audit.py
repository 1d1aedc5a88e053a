"""Checks the journal and its digests as an auditor does: without a line of the program.

Each chain: versions from 1 without a gap, each entry with the hash of the one before and with its
own, each conclusion the one that its entry tells. Then the digests: each names the one before it by
its hash, says that the journal agreed with it, and was never put again. Then the journal must come
to the digest of the day that is asked for, or of the last one.
"""

import argparse
import datetime
import hashlib
import json
import sys
import zlib

import boto3

NONE = bytes(32)


def moment(text):
    """A moment, as the journal writes it, to the microsecond."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def version(item):
    """Subject, number, conclusion, entry and hash of an item of the journal."""
    subject, number = item["sk"]["S"].split("\0")
    stored = item["b"]
    both = stored["S"].encode() if "S" in stored else zlib.decompress(stored["B"], wbits=-15)
    length = int(item["l"]["N"])
    return subject, int(number), both[:length], both[length:], item["h"]["B"]


def chains(items):
    """The versions of each subject, in order."""
    found = {}
    for item in items:
        subject, *rest = version(item)
        found.setdefault(subject, []).append(rest)
    return {subject: sorted(found[subject]) for subject in sorted(found, key=str.encode)}


def faults(subject, versions):
    """What is wrong with a chain."""
    previous, before = NONE, None
    for place, (number, body, entry, kept) in enumerate(versions, 1):
        told = json.loads(entry)
        if number != place:
            yield f"{subject}: version {place} is missing"
            return
        if told["previous"] != previous.hex() or told["before"] != before:
            yield f"{subject}: version {number} does not follow from the one before"
        previous = hashlib.sha256(previous + entry).digest()
        if kept != previous:
            yield f"{subject}: the hash of version {number} is not that of its entry"
        before = json.loads(body)
        if told["after"] != before:
            yield f"{subject}: version {number} is not what its entry tells"


def heads(found, until):
    """What a digest says of the journal as it was until a moment, by organization."""
    sums = {}
    for subject, versions in found.items():
        head, hashed = None, NONE
        for number, _, entry, _ in versions:
            if moment(json.loads(entry)["at"]) >= until:
                break
            hashed = hashlib.sha256(hashed + entry).digest()
            head = number
        if head:
            told = sums.setdefault(subject.partition("#")[0], [0, 0, hashlib.sha256()])
            told[0] += 1
            told[1] += head
            told[2].update(f"{hashed.hex()} {head} {subject}\n".encode())
    return {
        name: {"subjects": subjects, "entries": entries, "sha256": digest.hexdigest()}
        for name, (subjects, entries, digest) in sums.items()
    }


def links(digests):
    """What is wrong with digests, given by day as their texts."""
    before = None
    for day, text in sorted(digests.items()):
        previous = json.loads(text)["previous"]
        if before is None and previous is not None:
            yield f"{day}: the digest of {previous['day']} before it is missing"
        if before is not None:
            named = {"day": before, "sha256": hashlib.sha256(digests[before].encode()).hexdigest()}
            if previous is None or {key: previous[key] for key in named} != named:
                yield f"{day}: does not name the digest of {before}"
            elif not previous["holds"]:
                yield f"{day}: the journal was not any more what the digest of {before} says"
        before = day


def kept(s3, bucket):
    """The digests of a bucket by day, each in its first version; and what was put again."""
    digests, again = {}, []
    versions = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix="digest/")
    for page in versions:
        # Of one key the latest comes first.
        for it in page.get("Versions", []):
            day = it["Key"].removeprefix("digest/").removesuffix(".json")
            if day in digests:
                again.append(f"{day}: its digest was put again")
            object_ = s3.get_object(Bucket=bucket, Key=it["Key"], VersionId=it["VersionId"])
            digests[day] = object_["Body"].read().decode()
        again += [f"{it['Key']}: deleted" for it in page.get("DeleteMarkers", [])]
    return digests, again


def audit(dynamo, s3, journal, bucket, day=None):
    """All that is wrong; the day whose digest was compared; and how many subjects there are."""
    pages = dynamo.get_paginator("scan").paginate(TableName=journal, ConsistentRead=True)
    found = chains(item for page in pages for item in page["Items"])
    digests, wrong = kept(s3, bucket)
    for subject, versions in found.items():
        wrong += faults(subject, versions)
    wrong += links(digests)
    day = day or max(digests, default=None)
    if day not in digests:
        return wrong + [f"{day or 'any day'}: there is no digest"], day, len(found)
    digest = json.loads(digests[day])
    if heads(found, moment(digest["until"])) != digest["organizations"]:
        wrong.append(f"{day}: the journal does not come to its digest")
    return wrong, day, len(found)


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("journal", help="the table of the journal")
    parser.add_argument("bucket", help="the bucket of the digests")
    parser.add_argument("--day", help="the day whose digest is compared: 2026-11-14")
    asked = parser.parse_args()
    dynamo, s3 = boto3.client("dynamodb"), boto3.client("s3")
    wrong, day, subjects = audit(dynamo, s3, asked.journal, asked.bucket, asked.day)
    print(
        "\n".join(wrong)
        or f"{subjects} chains are whole; the digest of {day} is that of the journal"
    )
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
