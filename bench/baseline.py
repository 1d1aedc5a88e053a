"""What a developer would write in an afternoon, for run.py to compare `quadra run` with.

It loads journals, flows, receipts and positions into SQLite and counts, with one join, which payments
have a receipt and a notice. It keeps no history, checks no value, explains nothing and writes no
report: about a tenth of the work.

    python baseline.py INPUTS DATABASE
"""

import base64
import io
import json
import pathlib
import sqlite3
import sys
import zipfile

from lxml import etree

SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE credit (number TEXT, day TEXT, cents INTEGER, remittance TEXT);
CREATE TABLE line (iuf TEXT, iuv TEXT, iur TEXT, cents INTEGER, day TEXT);
CREATE TABLE receipt (iuv TEXT, cents INTEGER, payer TEXT);
CREATE TABLE notice (iuv TEXT, position TEXT, cents INTEGER, due TEXT);
"""

JOIN = """
SELECT count(*), sum(line.cents), count(receipt.iuv), count(notice.iuv)
FROM line LEFT JOIN receipt ON receipt.iuv = line.iuv LEFT JOIN notice ON notice.iuv = line.iuv
"""


def cents(amount):
    euro, _, fraction = amount.partition(".")
    return int(euro) * 100 + int((fraction + "00")[:2])


def local(element):
    return element.tag.rpartition("}")[2]


def records(source, *wanted):
    """The wanted elements of a document, as dictionaries of their leaves."""
    for _, element in etree.iterparse(source, events=("end",)):
        name = local(element)
        if name in wanted:
            yield name, {local(leaf): leaf.text for leaf in element.iter("*") if len(leaf) == 0}
            element.clear()


def journal(source):
    for _, row in records(source, "movimento_conto_evidenza"):
        if row["tipo_documento"] == "SOSPESO ENTRATA" and row["tipo_operazione"] == "ESEGUITO":
            yield row["numero_documento"], row["data_movimento"], cents(row["importo"]), row["causale"]


def flow_xml(content):
    if b"xmlRendicontazione>" in content:
        for _, answer in records(io.BytesIO(content), "nodoChiediFlussoRendicontazioneRisposta"):
            content = base64.b64decode(answer["xmlRendicontazione"])
    iuf = None
    for _, element in etree.iterparse(io.BytesIO(content), events=("end",)):
        name = local(element)
        if name == "identificativoFlusso":
            iuf = element.text
        elif name == "datiSingoliPagamenti":
            leaf = {local(child): child.text for child in element}
            yield (
                iuf,
                leaf["identificativoUnivocoVersamento"],
                leaf["identificativoUnivocoRiscossione"],
                cents(leaf["singoloImportoPagato"]),
                leaf["dataEsitoSingoloPagamento"],
            )
            element.clear()


def flow_json(content):
    document = json.loads(content)
    flow = document.get("flow", document)
    payments = document.get("payments") or document.get("paymentList") or []
    for page in payments:
        for payment in page.get("data", [page]):
            amount = cents(str(payment["pay"]))
            yield flow["fdr"], payment["iuv"], payment["iur"], amount, payment["payDate"]


def receipt(content):
    leaf = {}
    for _, element in etree.iterparse(io.BytesIO(content), events=("end",)):
        if len(element) == 0:
            leaf.setdefault(local(element), element.text)
    iuv = leaf.get("creditorReferenceId") or leaf["identificativoUnivocoVersamento"]
    amount = cents(leaf.get("paymentAmount") or leaf["importoTotalePagato"])
    return iuv, amount, leaf.get("entityUniqueIdentifierValue") or leaf["codiceIdentificativoUnivoco"]


def notices(lines):
    for line in lines:
        position = json.loads(line)
        for notice in position["notices"]:
            amount = cents(notice["amount"])
            yield notice["iuv"], position["position_id"], amount, notice.get("due_date")


def main(inputs, database):
    store = sqlite3.connect(database)
    store.executescript(SCHEMA)

    def insert(table, rows, columns):
        store.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * columns)})", rows)

    for path in sorted((inputs / "journals").iterdir()):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as pages:
                for name in pages.namelist():
                    insert("credit", journal(pages.open(name)), 4)
        else:
            insert("credit", journal(str(path)), 4)
    for path in sorted((inputs / "flows").rglob("*.*")):
        read = flow_json if path.suffix == ".json" else flow_xml
        insert("line", read(path.read_bytes()), 5)
    with zipfile.ZipFile(inputs / "receipts" / "receipts.zip") as receipts:
        insert("receipt", (receipt(receipts.read(name)) for name in receipts.namelist()), 3)
    for path in sorted((inputs / "positions").glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            insert("notice", notices(lines), 4)
    for table in ("receipt", "notice"):
        store.execute(f"CREATE INDEX {table}_iuv ON {table} (iuv)")
    store.commit()

    for table in ("credit", "line", "receipt", "notice"):
        print(table, store.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    print("joined", *store.execute(JOIN).fetchone())
    store.close()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2])
