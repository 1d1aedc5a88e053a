//! `journals/`: the treasurer's giornale di cassa of every operating day, OPI 1.6 to 1.8.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use domain::money::Cents;
use jiff::civil::Date;
use zip::ZipWriter;

use super::xml::Xml;
use super::{entry_options, put};
use crate::calendar::{FIRST_DAY, LAST_JOURNAL, operating_after, operating_days};
use crate::dice::Dice;
use crate::error::{SampleError, at};
use crate::troubles::Trouble;
use crate::truth::journal_id;
use crate::world::{After, ORGANIZATION, World};

/// A signature of the right shape that signs nothing: the sample's journals are not verifiable.
const SIGNATURE: &str = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>\
<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/>\
<ds:Reference URI=\"\"><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>\
<ds:DigestValue>RVNFTVBJTw==</ds:DigestValue></ds:Reference></ds:SignedInfo>\
<ds:SignatureValue>RVNFTVBJTw==</ds:SignatureValue></ds:Signature>\n";

/// The conti di evidenza: what comes in, what goes out.
const ACCOUNTS: [(&str, &str); 2] = [("0000001", "CONTO ORDINARIO"), ("0000002", "CONTO SPESE")];
const INCOMING: usize = 0;
const OUTGOING: usize = 1;

/// A journal that was written, for the truth.
pub(crate) struct Journal {
    pub day: Date,
    pub id: String,
    pub pages: usize,
    /// The pages that are there.
    pub delivered: Vec<usize>,
    pub trouble: Option<Trouble>,
}

/// The provvisori of a reversale, with the amounts that it regularises.
type Children = Vec<(u32, Cents)>;

/// What a row of the journal is about.
#[derive(Clone)]
enum Document {
    /// A provvisorio di entrata: the credit it is.
    Sospeso(usize),
    /// A reversale: its number and its provvisori.
    Reversale(u32, Children),
    /// A mandato: its number.
    Mandato(u32),
}

#[derive(Clone)]
struct Row {
    account: usize,
    document: Document,
    operation: &'static str,
    /// As written, with its sign.
    amount: Cents,
    day: Date,
    /// `numero_movimento`.
    number: u64,
}

/// A day: its rows, and the balances before them.
#[derive(Clone)]
struct Day {
    date: Date,
    rows: Vec<Row>,
    opening: [Cents; 2],
    year: YearSoFar,
}

/// `totali_esercizio` after a day's rows.
#[derive(Clone, Copy, Default)]
struct YearSoFar {
    fund: Cents,
    orders: Cents,
    sospesi: Cents,
    mandati: Cents,
}

/// Writes the journals of the year.
pub(crate) fn write(world: &World, room: &Path) -> Result<Vec<Journal>, SampleError> {
    let mut journals = Vec::new();
    let days = days(world);
    for (ordinal, day) in days.iter().enumerate() {
        let marks = world.journals.iter().filter(|(marked, _)| *marked == day.date);
        let troubles: Vec<Trouble> = marks.map(|&(_, trouble)| trouble).collect();
        let trouble = troubles.first().copied();
        let missing = trouble == Some(Trouble::PageMissing);
        let sheet = Sheet {
            day,
            id: journal_id(day.date, false),
            latin: ordinal % 6 == 4,
            signature_first: ordinal % 4 == 1,
            lie: trouble == Some(Trouble::JournalTotalsWrong),
        };
        let parts = pages(&day.rows, missing, ordinal % 9 == 3);
        let delivered = if missing { 1 } else { parts.len() };
        let written: Vec<(String, Vec<u8>)> = (1..=delivered)
            .map(|page| (format!("{}-{page}.xml", day.date), sheet.page(world, &parts, page)))
            .collect();
        if ordinal == 20 {
            put_zipped(&room.join(format!("{}.zip", day.date)), &written)?;
        } else {
            for (name, bytes) in &written {
                put(&room.join(name), bytes)?;
            }
        }
        let pages = parts.len();
        let delivered = (1..=delivered).collect();
        journals.push(Journal { day: day.date, id: sheet.id, pages, delivered, trouble });
        if trouble == Some(Trouble::JournalSentAgain) && ordinal > 0 {
            journals.push(send_again(world, room, &days[ordinal - 1], day)?);
        }
    }
    Ok(journals)
}

/// A cumulative journal: the rows of two days that were delivered already, under another id.
fn send_again(world: &World, room: &Path, before: &Day, day: &Day) -> Result<Journal, SampleError> {
    let both = Day {
        rows: before.rows.iter().chain(&day.rows).cloned().collect(),
        opening: before.opening,
        ..day.clone()
    };
    let id = journal_id(day.date, true);
    let sheet =
        Sheet { day: &both, id: id.clone(), latin: false, signature_first: false, lie: false };
    let parts = vec![both.rows.clone()];
    put(&room.join(format!("{}-cumulativo.xml", day.date)), &sheet.page(world, &parts, 1))?;
    let trouble = Some(Trouble::JournalSentAgain);
    Ok(Journal { day: day.date, id, pages: 1, delivered: vec![1], trouble })
}

fn put_zipped(path: &Path, entries: &[(String, Vec<u8>)]) -> Result<(), SampleError> {
    let io = at(path);
    let mut container = ZipWriter::new(File::create(path).map_err(&io)?);
    for (name, bytes) in entries {
        container.start_file(name, entry_options()).map_err(|e| io(e.into()))?;
        container.write_all(bytes).map_err(&io)?;
    }
    container.finish().map_err(|e| io(e.into()))?;
    Ok(())
}

/// The rows of a journal on its pages. Where page 2 will be missing it holds no credit.
fn pages(rows: &[Row], missing: bool, two: bool) -> Vec<Vec<Row>> {
    let cut = if missing {
        rows.iter().position(|row| row.account == OUTGOING).unwrap_or(rows.len())
    } else if two && rows.len() > 1 {
        rows.len() / 2
    } else {
        return vec![rows.to_vec()];
    };
    vec![rows[..cut].to_vec(), rows[cut..].to_vec()]
}

/// Every operating day with its rows, in the order in which the treasurer enters them.
fn days(world: &World) -> Vec<Day> {
    let mut by_day: BTreeMap<Date, Vec<Row>> = BTreeMap::new();
    for row in early_stornos(world).chain(executions(world)).chain(later_rows(world)) {
        by_day.entry(row.day).or_default().push(row);
    }
    for row in reversali(world) {
        by_day.entry(row.day).or_default().push(row);
    }
    let mut balances = [Cents::new(512_345_678), Cents::new(9_800_000_000)];
    let mut year = YearSoFar { fund: balances[0] + balances[1], ..YearSoFar::default() };
    let mut dice = Dice::new(world.seed, u64::MAX);
    let mut days = Vec::new();
    for (ordinal, day) in (1..).zip(operating_days(FIRST_DAY, LAST_JOURNAL)) {
        if days.last().is_some_and(|last: &Day| last.date.year() != day.year()) {
            year = YearSoFar { fund: balances[0] + balances[1], ..YearSoFar::default() };
        }
        let mut rows = by_day.remove(&day).unwrap_or_default();
        rows.extend((0..=dice.below(3)).map(|place| {
            let number = ordinal * 10 + u32::try_from(place).unwrap_or(0);
            mandato(day, number, Cents::new(dice.between(5000, 20_000_000)))
        }));
        let opening = balances;
        for row in &rows {
            match row.document {
                Document::Sospeso(_) => year.sospesi += row.amount,
                Document::Reversale(..) => year.orders += row.amount,
                Document::Mandato(_) => year.mandati += row.amount,
            }
            balances[row.account] += signed(row);
        }
        days.push(Day { date: day, rows, opening, year });
    }
    days
}

fn signed(row: &Row) -> Cents {
    if row.account == INCOMING { row.amount } else { -row.amount }
}

fn mandato(day: Date, number: u32, amount: Cents) -> Row {
    Row {
        account: OUTGOING,
        document: Document::Mandato(number),
        operation: "ESEGUITO",
        amount,
        day,
        number: 900_000 + u64::from(number),
    }
}

fn sospeso(world: &World, credit: usize, day: Date, operation: &'static str) -> Row {
    let amount = world.credits[credit].amount;
    let reversed = operation == "STORNATO";
    // Some treasurers write a storno with a minus, some do not.
    let negative = reversed && credit.is_multiple_of(2);
    Row {
        account: INCOMING,
        document: Document::Sospeso(credit),
        operation,
        amount: if negative { -amount } else { amount },
        day,
        number: u64::from(world.credits[credit].number) * 2 + u64::from(reversed),
    }
}

fn early_stornos(world: &World) -> impl Iterator<Item = Row> {
    let first = world.movements.iter().filter(|m| m.what == After::Reversed { first: true });
    first.map(|movement| sospeso(world, movement.credit, movement.day, "STORNATO"))
}

fn executions(world: &World) -> impl Iterator<Item = Row> {
    let credits = world.credits.iter().enumerate();
    credits.map(|(number, credit)| sospeso(world, number, credit.day, "ESEGUITO"))
}

fn later_rows(world: &World) -> impl Iterator<Item = Row> {
    world.movements.iter().filter_map(|movement| match movement.what {
        After::Reversed { first: false } => {
            Some(sospeso(world, movement.credit, movement.day, "STORNATO"))
        }
        After::Again => {
            let mut row = sospeso(world, movement.credit, movement.day, "ESEGUITO");
            row.amount += Cents::new(100);
            row.number += 800_000;
            Some(row)
        }
        _ => None,
    })
}

/// The reversali: those of one day that only regularise are one, with all their provvisori.
fn reversali(world: &World) -> Vec<Row> {
    let mut rows: BTreeMap<(Date, u32, &'static str), Children> = BTreeMap::new();
    for movement in &world.movements {
        let (number, operation) = match movement.what {
            After::Regularised { reversale: 0 } => {
                (u32::try_from(movement.day.day_of_year()).unwrap_or(0), "ESEGUITO")
            }
            After::Regularised { reversale } => (reversale, "REGOLARIZZATO"),
            After::Undone { reversale } if reversale % 2 == 0 => (reversale, "STORNATO"),
            After::Undone { reversale } => (reversale, "RIPRISTINATO"),
            _ => continue,
        };
        let credit = &world.credits[movement.credit];
        let children = rows.entry((movement.day, number, operation)).or_default();
        children.push((credit.number, credit.amount));
    }
    let row = |((day, number, operation), children): (_, Children)| {
        let amount: Cents = children.iter().map(|child| child.1).sum();
        Row {
            account: INCOMING,
            document: Document::Reversale(number, children),
            operation,
            amount: if operation == "STORNATO" { -amount } else { amount },
            day,
            number: 700_000 + u64::from(number) * 2 + u64::from(operation == "STORNATO"),
        }
    };
    rows.into_iter().map(row).collect()
}

/// What the pages of one journal have in common.
struct Sheet<'a> {
    day: &'a Day,
    id: String,
    latin: bool,
    signature_first: bool,
    lie: bool,
}

impl Sheet<'_> {
    /// One page as bytes.
    fn page(&self, world: &World, pages: &[Vec<Row>], page: usize) -> Vec<u8> {
        let mut xml = Xml::new(if self.latin { "ISO-8859-1" } else { "UTF-8" }, "");
        xml.open("flusso_giornale_di_cassa");
        if self.signature_first {
            xml.raw(SIGNATURE);
        }
        self.header(&mut xml, pages.len(), page);
        let rows = &pages[page - 1];
        for account in [INCOMING, OUTGOING] {
            // A conto with no row on any page is on the first, with its totals.
            let here = rows.iter().any(|row| row.account == account);
            let nowhere = !self.day.rows.iter().any(|row| row.account == account);
            if here || nowhere && page == 1 {
                self.account(world, &mut xml, rows, account);
            }
        }
        self.overall(&mut xml);
        if !self.signature_first {
            xml.raw(SIGNATURE);
        }
        xml.close("flusso_giornale_di_cassa");
        let text = xml.finish();
        if self.latin {
            text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
        } else {
            text.into_bytes()
        }
    }

    fn header(&self, xml: &mut Xml, pages: usize, page: usize) {
        let day = self.day.date;
        xml.open("testata_messaggio");
        xml.leaf("codice_ABI_BT", "09990");
        let created = operating_after(day, 1).at(2, 31, 45, 0);
        xml.leaf("data_ora_creazione_flusso", created);
        xml.leaf("codice_ente", "UFPRV0");
        xml.leaf("descrizione_ente", "PROVINCIA DI PROVA");
        xml.leaf("codice_istat_ente", "000099999");
        xml.leaf("codice_fiscale_ente", ORGANIZATION);
        xml.leaf("codice_tramite_ente", "A2A-99900000");
        xml.leaf("codice_tramite_BT", "A2A-99900001");
        xml.leaf("codice_ente_BT", "9990001");
        xml.close("testata_messaggio");
        let id = format!("{}#{page:03}#{pages:03}", self.id);
        xml.leaf("identificativo_flusso_BT", id);
        xml.leaf("pagina", page);
        xml.leaf("pagine_totali", pages);
        xml.leaf("esercizio", day.year());
        xml.leaf("data_riferimento_GdC", day);
    }

    fn account(&self, world: &World, xml: &mut Xml, rows: &[Row], account: usize) {
        xml.open("informazioni_conto_evidenza");
        xml.leaf("conto_evidenza", ACCOUNTS[account].0);
        xml.leaf("descrizione_conto_evidenza", ACCOUNTS[account].1);
        for row in rows.iter().filter(|row| row.account == account) {
            movement(world, xml, row);
        }
        let opening = self.day.opening[account];
        let total = self.sum(account);
        let (entrate, uscite) =
            if account == INCOMING { (total, Cents::ZERO) } else { (Cents::ZERO, total) };
        let lie = if self.lie && account == INCOMING { Cents::new(100) } else { Cents::ZERO };
        xml.leaf("saldo_precedente_conto_evidenza", opening);
        xml.leaf("totale_entrate_conto_evidenza", entrate + lie);
        xml.leaf("totale_uscite_conto_evidenza", uscite);
        xml.leaf("saldo_finale_conto_evidenza", opening + entrate - uscite);
        xml.close("informazioni_conto_evidenza");
    }

    /// The sum of a conto's rows on all pages, as written.
    fn sum(&self, account: usize) -> Cents {
        let rows = self.day.rows.iter().filter(|row| row.account == account);
        rows.map(|row| row.amount).sum()
    }

    fn overall(&self, xml: &mut Xml) {
        let opening = self.day.opening[INCOMING] + self.day.opening[OUTGOING];
        let (entrate, uscite) = (self.sum(INCOMING), self.sum(OUTGOING));
        xml.leaf("saldo_complessivo_precedente", opening);
        xml.leaf("totale_complessivo_entrate", entrate);
        xml.leaf("totale_complessivo_uscite", uscite);
        xml.leaf("saldo_complessivo_finale", opening + entrate - uscite);
        let year = self.day.year;
        let total = year.fund + year.orders + year.sospesi;
        xml.open("totali_esercizio");
        xml.leaf("fondo_di_cassa", year.fund);
        xml.leaf("totale_reversali_riscosse", year.orders);
        xml.leaf("totale_sospesi_entrata", year.sospesi);
        xml.leaf("totale_entrate", total);
        xml.leaf("deficit_di_cassa", Cents::ZERO);
        xml.leaf("totale_mandati_pagati", year.mandati);
        xml.leaf("totale_sospesi_uscita", Cents::ZERO);
        xml.leaf("totale_uscite", year.mandati);
        xml.leaf("saldo_esercizio", total - year.mandati);
        xml.close("totali_esercizio");
    }
}

fn movement(world: &World, xml: &mut Xml, row: &Row) {
    let (kind, document, number) = match row.document {
        Document::Sospeso(credit) => ("ENTRATA", "SOSPESO ENTRATA", world.credits[credit].number),
        Document::Reversale(number, _) => ("ENTRATA", "REVERSALE", number),
        Document::Mandato(number) => ("USCITA", "MANDATO", number),
    };
    let credit = match row.document {
        Document::Sospeso(credit) => Some(&world.credits[credit]),
        _ => None,
    };
    xml.open("movimento_conto_evidenza");
    xml.leaf("identificativo_flusso", format_args!("{}0099900", row.day.strftime("%Y%m%d")));
    xml.leaf("numero_movimento", format_args!("{:07}", row.number));
    xml.leaf("tipo_movimento", kind);
    xml.leaf("tipo_documento", document);
    xml.leaf("tipo_operazione", row.operation);
    xml.leaf("numero_documento", format_args!("{number:07}"));
    if credit.is_some() {
        xml.open("sospeso_da_regolarizzare");
        xml.leaf("data_effettiva_sospeso", row.day);
        xml.leaf("codice_gestionale_provvisorio", "0000099999");
        xml.close("sospeso_da_regolarizzare");
    }
    let progressive = u32::from(credit.is_none());
    xml.leaf("progressivo_documento", format_args!("{progressive:07}"));
    xml.leaf("importo", row.amount);
    // The quietanza has a number of its own, which is not the provvisorio's.
    let reversed = credit.is_some() && row.operation == "STORNATO";
    let quietanza = if reversed { 0 } else { row.number + 40_000 };
    let undone = if reversed { row.number - 1 + 40_000 } else { 0 };
    xml.leaf("numero_bolletta_quietanza", format_args!("{quietanza:07}"));
    xml.leaf("numero_bolletta_quietanza_storno", format_args!("{undone:07}"));
    xml.leaf("data_movimento", row.day);
    xml.leaf("data_movimento_siope", row.day);
    xml.leaf("data_valuta_ente", row.day);
    xml.leaf("tipo_esecuzione", execution(row));
    if let Some(trn) = credit.and_then(|credit| credit.trn.as_ref()) {
        xml.leaf("codice_riferimento_operazione", trn);
    }
    if let Some(id) = credit.and_then(|credit| credit.end_to_end.as_ref()) {
        xml.leaf("end_to_end_id", id);
    }
    xml.leaf("destinazione", "LIBERA");
    xml.leaf("assoggettamento_bollo", "ESENTE BOLLO");
    let (name, causale) = match (&row.document, credit) {
        (_, Some(credit)) => (credit.remitter, credit.causale.as_str()),
        (Document::Reversale(..), _) => ("DIVERSI", "REGOLARIZZAZIONE PROVVISORI"),
        _ => ("FORNITORE DI PROVA", "PAGAMENTO FATTURE"),
    };
    xml.open("cliente");
    xml.leaf("anagrafica_cliente", name);
    xml.close("cliente");
    xml.leaf("causale", causale);
    if let Document::Reversale(_, children) = &row.document {
        for (number, amount) in children {
            xml.open("sospeso");
            xml.leaf("numero_provvisorio", number);
            xml.leaf("importo_provvisorio", amount);
            xml.close("sospeso");
        }
    }
    xml.close("movimento_conto_evidenza");
}

/// How a row was executed: most transfers are entered as CASSA, some values are of OPI 1.8 only.
fn execution(row: &Row) -> &'static str {
    match (&row.document, row.number % 5) {
        (Document::Reversale(..), _) => "REGOLARIZZAZIONE",
        (Document::Sospeso(_), 0 | 1) => "CASSA",
        (Document::Sospeso(_), 2) if row.day.month() > 6 => "SEPA INSTANT CREDIT TRANSFER",
        _ => "SEPA CREDIT TRANSFER",
    }
}
