-- Facts: stored once, never changed. In order of arrival, so that storing appends; found by the
-- index, which is all that must stay in memory.
CREATE TABLE fact (
    id        INTEGER PRIMARY KEY,
    partition TEXT    NOT NULL,
    sort      TEXT    NOT NULL,
    body      TEXT    NOT NULL,
    file      TEXT    NOT NULL,
    line      INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX fact_key ON fact (partition, sort);

CREATE TRIGGER fact_stays BEFORE DELETE ON fact
WHEN OLD.id <= (SELECT fact FROM committed)
BEGIN
    SELECT RAISE(ABORT, 'a fact is never deleted');
END;

CREATE TRIGGER fact_keeps_its_content BEFORE UPDATE ON fact
WHEN NEW.id IS NOT OLD.id
    OR NEW.partition IS NOT OLD.partition
    OR NEW.sort IS NOT OLD.sort
    OR NEW.body IS NOT OLD.body
    OR (NEW.file, NEW.line) >= (OLD.file, OLD.line)
BEGIN
    SELECT RAISE(ABORT, 'of a fact only the source changes, to a smaller one');
END;

-- Smaller sources that a turn has met: given to their facts when it ends. Empty between turns.
CREATE TABLE smaller_source (
    id   INTEGER PRIMARY KEY,
    fact INTEGER NOT NULL,
    file TEXT    NOT NULL,
    line INTEGER NOT NULL
) STRICT;

-- The current outcome of each subject. Subjects are computed in their order, so what is written
-- together is stored together.
CREATE TABLE outcome (
    subject    TEXT    NOT NULL PRIMARY KEY,
    version    INTEGER NOT NULL,
    body       TEXT    NOT NULL,
    entry_hash BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

-- The journal: one entry for each change of an outcome, only ever appended.
CREATE TABLE entry (
    subject TEXT    NOT NULL,
    version INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    hash    BLOB    NOT NULL,
    PRIMARY KEY (subject, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER entry_stays BEFORE DELETE ON entry
BEGIN
    SELECT RAISE(ABORT, 'the journal is only appended to');
END;

CREATE TRIGGER entry_keeps_its_content BEFORE UPDATE ON entry
BEGIN
    SELECT RAISE(ABORT, 'the journal is only appended to');
END;

-- The queue: subjects to compute, each with the number of its latest ask.
CREATE TABLE ask (
    subject TEXT    NOT NULL PRIMARY KEY,
    ticket  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Asks of a turn: put into the queue when it ends. Empty between turns.
CREATE TABLE new_ask (
    ticket  INTEGER PRIMARY KEY,
    subject TEXT    NOT NULL
) STRICT;

-- How far the committed turns reach. What comes after is of a turn that goes on, and may be taken
-- back.
CREATE TABLE committed (
    fact   INTEGER NOT NULL,
    ticket INTEGER NOT NULL
) STRICT;

INSERT INTO committed VALUES (0, 0);

-- For people: `organization#kind#key` taken apart.
CREATE VIEW facts AS
SELECT
    substr(partition, 1, instr(partition || '#', '#') - 1) AS organization,
    substr(rest, 1, instr(rest || '#', '#') - 1)           AS kind,
    substr(rest, instr(rest || '#', '#') + 1)              AS key,
    sort, body, file, line
FROM (SELECT *, substr(partition, instr(partition || '#', '#') + 1) AS rest FROM fact);

CREATE VIEW outcomes AS
SELECT
    substr(subject, 1, instr(subject || '#', '#') - 1) AS organization,
    substr(rest, 1, instr(rest || '#', '#') - 1)       AS kind,
    substr(rest, instr(rest || '#', '#') + 1)          AS key,
    version,
    json_extract(body, '$.state')                      AS state,
    body,
    lower(hex(entry_hash))                             AS entry_hash
FROM (SELECT *, substr(subject, instr(subject || '#', '#') + 1) AS rest FROM outcome);

CREATE VIEW journal AS
SELECT
    substr(subject, 1, instr(subject || '#', '#') - 1) AS organization,
    substr(rest, 1, instr(rest || '#', '#') - 1)       AS kind,
    substr(rest, instr(rest || '#', '#') + 1)          AS key,
    version, body,
    lower(hex(hash))                                   AS hash
FROM (SELECT *, substr(subject, instr(subject || '#', '#') + 1) AS rest FROM entry);
