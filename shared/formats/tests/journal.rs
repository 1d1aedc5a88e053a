//! What a page of a journal becomes, and why one is refused.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use domain::fact::{
    AccountTotals, JournalId, JournalPage, JournalTotals, Movement, MovementDocument, Operation,
    YearTotals,
};
use domain::identifier::{Esercizio, OrganizationCode};
use domain::money::Cents;
use formats::journal::{JournalRecord, MAX_SOSPESI};
use formats::{Defects, Place, Rule, journal};

const NEW: &str = include_str!("../fixtures/journal_1_8.xml");
const OLD: &str = include_str!("../fixtures/journal_1_4.xml");

fn read(xml: &str) -> Result<(Vec<Movement>, JournalPage, Vec<Place>), Defects> {
    let (mut movements, mut pages, mut places) = (vec![], vec![], vec![]);
    let mut opened = None;
    journal::read(xml.as_bytes(), &mut |located| {
        assert!(pages.is_empty(), "the page comes last");
        places.push(located.at);
        match located.record {
            JournalRecord::Opens { organization, journal } => {
                assert_eq!(places.len(), 1, "it comes first");
                opened = Some((organization, journal));
            }
            JournalRecord::Movement(movement) => movements.push(movement),
            JournalRecord::Page(page) => pages.push(page),
        }
    })?;
    let page = pages.remove(0);
    assert_eq!(opened, Some((page.organization.clone(), page.journal.clone())));
    Ok((movements, page, places))
}

fn with(xml: &str, change: (&str, &str)) -> String {
    assert!(xml.contains(change.0), "{}", change.0);
    xml.replacen(change.0, change.1, 1)
}

fn defects(xml: &str) -> Vec<(Rule, String)> {
    let defects = read(xml).expect_err("must be refused");
    let short = |field: &str| field.rsplit('/').next().unwrap_or_default().to_owned();
    defects.listed().iter().map(|defect| (defect.rule, short(&defect.field))).collect()
}

fn totals(opening: i64, credits: i64, debits: i64, closing: i64) -> JournalTotals {
    let [opening, credits, debits, closing] = [opening, credits, debits, closing].map(Cents::new);
    JournalTotals { opening, credits, debits, closing }
}

/// Provvisorio, document, operation, cents, whether it was negative.
fn told(movement: &Movement) -> (String, MovementDocument, Operation, i64, bool) {
    let Movement { provvisorio, document, operation, amount, negative, .. } = movement;
    (provvisorio.to_string(), *document, *operation, amount.get(), *negative)
}

#[test]
fn movements_of_provvisori_are_read_and_the_rest_is_counted() {
    use MovementDocument::{Reversale, Sospeso};
    let (movements, page, places) = read(NEW).unwrap();
    let expected = [
        ("2026/123".to_owned(), Sospeso, Operation::Executed, 10_140, false),
        ("2026/120".to_owned(), Sospeso, Operation::Reversed, 2_000, true),
        ("2026/118".to_owned(), Reversale(77), Operation::Regularised, 10_000, false),
        ("2026/119".to_owned(), Reversale(77), Operation::Regularised, 5_000, false),
    ];
    assert_eq!(movements.iter().map(told).collect::<Vec<_>>(), expected);
    assert_eq!(page.movements, 4);
    let at = |line, column| Place { line, column };
    assert_eq!(places, [at(2, 1), at(22, 5), at(58, 5), at(92, 7), at(96, 7), at(2, 1)]);
}

#[test]
fn a_movement_carries_what_its_row_says() {
    let (movements, _, _) = read(NEW).unwrap();
    let [first, second, third, _] = &movements[..] else { panic!() };
    assert_eq!(first.progressive, 0);
    assert_eq!(first.date.to_string(), "2026-03-03");
    assert_eq!(first.value_date.to_string(), "2026-03-02");
    assert_eq!((first.receipt_number, first.reversed_receipt_number), (Some(456), None));
    assert_eq!(&*first.account, "0000001");
    assert_eq!(&*first.remitter, "BANCA DI PROVA");
    assert_eq!(
        &*first.remittance,
        "/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/2026-03-02PSPPROV1-A000000001"
    );
    // No end_to_end_id: the bank's own is taken; of the two references the standard's.
    assert_eq!(first.end_to_end_id.as_deref(), Some(".PUR.LGPE-RIVERSAMENTO.TXT.0.URI.20"));
    assert_eq!(first.transaction_reference.as_deref(), Some("0999900000000001484000000000IT"));
    assert_eq!(first.internal_reference.as_deref(), Some("HUPBP1-0000123"));
    assert_eq!(second.value_date, second.date, "no value date");
    assert_eq!((second.receipt_number, second.reversed_receipt_number), (Some(457), Some(450)));
    assert_eq!((&*second.remitter, second.end_to_end_id.as_deref()), ("", Some("NOTPROVIDED")));
    assert_eq!((third.progressive, third.receipt_number), (1, None));
    let other = read(&with(NEW, ("<codice_riferimento_operazione>0999900000000001484000000000IT</codice_riferimento_operazione>", ""))).unwrap();
    assert_eq!(other.0[0].transaction_reference.as_deref(), Some("09999000000"), "the first cro");
}

#[test]
fn a_page_carries_its_totals_and_its_sums() {
    let (_, page, _) = read(NEW).unwrap();
    let expected = JournalPage {
        organization: OrganizationCode::parse("01234567897").unwrap(),
        journal: JournalId {
            esercizio: Esercizio::new(2026).unwrap(),
            flow: "GDC-20260304PROVA0000001".into(),
        },
        treasurer: "09999".into(),
        created: "2026-03-04T02:31:45".parse().unwrap(),
        page: 1,
        pages: 2,
        first_day: "2026-03-03".parse().unwrap(),
        last_day: "2026-03-03".parse().unwrap(),
        accounts: vec![
            // 101.40 - 20.00 + 150.00, and 12.34
            AccountTotals {
                account: "0000001".into(),
                declared: Some(totals(100_000, 23_140, 1_234, 121_906)),
                credits: Cents::new(23_140),
                debits: Cents::new(1_234),
            },
            AccountTotals {
                account: "0000002".into(),
                declared: None,
                credits: Cents::ZERO,
                debits: Cents::ZERO,
            },
        ],
        overall: Some(totals(100_000, 23_140, 1_234, 121_906)),
        year: Some(YearTotals {
            opening_fund: Cents::new(50_000),
            collected_orders: Cents::new(60_000),
            provisional_credits: Cents::new(13_140),
            credits: Cents::new(123_140),
            opening_deficit: Cents::ZERO,
            paid_orders: Cents::new(1_000),
            provisional_debits: Cents::new(234),
            debits: Cents::new(1_234),
            balance: Cents::new(121_906),
        }),
        movements: 4,
        signed: true,
    };
    assert_eq!(page, expected);
}

#[test]
fn a_journal_up_to_1_4_is_read() {
    let (movements, page, _) = read(OLD).unwrap();
    let regularised =
        ("2019/42".to_owned(), MovementDocument::Reversale(7), Operation::Executed, 3_000, false);
    // The second row has 0000000 for its sospeso: it regularises none.
    assert_eq!(movements.iter().map(told).collect::<Vec<_>>(), [regularised]);
    assert_eq!((page.page, page.pages, page.movements), (1, 1, 2));
    assert_eq!(page.first_day.to_string(), "2019-01-01");
    assert_eq!(page.last_day.to_string(), "2019-03-03");
    assert_eq!(page.created.to_string(), "2019-03-04T02:31:45", "on the clock of Rome");
    assert_eq!(&*page.journal.flow, "GIORNALE-7");
    assert_eq!((page.overall, page.year, page.accounts[0].declared), (None, None, None));
}

#[test]
fn every_operation_of_a_sospeso_is_a_movement() {
    for (word, operation) in [
        ("ESEGUITO", Operation::Executed),
        ("STORNATO", Operation::Reversed),
        ("REGOLARIZZATO", Operation::Regularised),
        ("RIPRISTINATO", Operation::Restored),
    ] {
        let (movements, _, _) = read(&with(NEW, (">ESEGUITO<", &format!(">{word}<")))).unwrap();
        assert_eq!(movements[0].operation, operation);
    }
}

/// The fixture with its REVERSALE row as `operation`, its first provvisorio replaced by `number`,
/// and these quietanze.
fn undone(operation: &str, number: &str, receipt: &str, reversed: &str) -> String {
    let quietanze = format!(
        "<numero_bolletta_quietanza>{receipt}</numero_bolletta_quietanza>\
         <numero_bolletta_quietanza_storno>{reversed}</numero_bolletta_quietanza_storno>\
         <data_movimento>2026-03-03</data_movimento>\n      <data_movimento_siope>2026-03-03</data_movimento_siope>\n      <tipo_esecuzione>REGOLARIZZAZIONE<"
    );
    let date = "<data_movimento>2026-03-03</data_movimento>\n      <data_movimento_siope>2026-03-03</data_movimento_siope>\n      <tipo_esecuzione>REGOLARIZZAZIONE<";
    let xml = with(NEW, (">REGOLARIZZATO<", &format!(">{operation}<")));
    let xml = with(&xml, ("<numero_provvisorio>0000118</numero_provvisorio>", number));
    with(&xml, (date, &quietanze))
}

#[test]
fn a_provvisorio_without_number_is_that_of_the_quietanza() {
    let zero = "<numero_provvisorio>0</numero_provvisorio>";
    for (operation, number, provvisorio) in [
        ("STORNATO", zero, "2026/71"),
        ("STORNATO", "", "2026/71"),
        ("RIPRISTINATO", zero, "2026/70"),
        ("RIPRISTINATO", "", "2026/70"),
        ("STORNATO", "<numero_provvisorio>118</numero_provvisorio>", "2026/118"),
    ] {
        let (movements, _, _) = read(&undone(operation, number, "70", "71")).unwrap();
        assert_eq!(movements[2].provvisorio.to_string(), provvisorio, "{operation} {number}");
    }
    let refused = [(Rule::Identifier, "numero_provvisorio".to_owned())];
    assert_eq!(defects(&undone("REGOLARIZZATO", zero, "70", "71")), refused);
    assert_eq!(defects(&undone("ESEGUITO", "", "70", "71")), refused);
    assert_eq!(defects(&undone("STORNATO", zero, "70", "0000000")), refused);
    assert_eq!(defects(&undone("RIPRISTINATO", zero, "0000000", "71")), refused);
}

#[test]
fn what_real_journals_do_is_no_defect() {
    for change in [
        (">CASSA<", ">UN MODO CHE NON C'È<"),
        ("<totale_entrate_conto_evidenza>231.40<", "<totale_entrate_conto_evidenza>1.00<"),
        (">2026-03-04T02:31:45<", ">2026-03-04T02:31:45.5+01:00<"),
        ("<data_riferimento_GdC>2026-03-03<", "<data_riferimento_GdC>2026-03-03+01:00<"),
        ("<tipo_esecuzione>CASSA</tipo_esecuzione>", ""),
        ("<pagina>1<", "<pagina>2<"),
        ("<causale>STORNO</causale>", "<causale/>"),
        ("<cro>09999000000</cro>", ""),
        ("<saldo_complessivo_precedente>1000.00</saldo_complessivo_precedente>", ""),
    ] {
        assert_eq!(read(&with(NEW, change)).unwrap().0.len(), 4, "{change:?}");
    }
}

#[test]
fn a_field_that_is_no_value_is_a_defect() {
    for (change, rule, field) in [
        (("<pagina>1<", "<pagina>0<"), Rule::ControlTotal, "pagina"),
        (("<pagina>1<", "<pagina>5<"), Rule::ControlTotal, "pagina"),
        (("<pagine_totali>2<", "<pagine_totali>0<"), Rule::ControlTotal, "pagine_totali"),
        (("<pagina>1</pagina>", ""), Rule::Schema, "pagina"),
        (("<pagine_totali>2</pagine_totali>", ""), Rule::Schema, "pagine_totali"),
        (("<pagina>1<", "<pagina>10000000<"), Rule::Schema, "pagina"),
        ((">09999<", ">9999<"), Rule::Identifier, "codice_ABI_BT"),
        ((">2026-03-04T02:31:45<", ">2026-03-04<"), Rule::Date, "data_ora_creazione_flusso"),
        ((">01234567897<", ">0123456789<"), Rule::Identifier, "codice_fiscale_ente"),
        (
            (">GDC-20260304PROVA0000001#001#001<", ">#1<"),
            Rule::Identifier,
            "identificativo_flusso_BT",
        ),
        (("<esercizio>2026<", "<esercizio>1998<"), Rule::Identifier, "esercizio"),
        (
            ("<data_riferimento_GdC>2026-03-03<", "<data_riferimento_GdC>2026-02-30<"),
            Rule::Date,
            "data_riferimento_GdC",
        ),
        (
            ("<data_riferimento_GdC>2026-03-03</data_riferimento_GdC>", ""),
            Rule::Schema,
            "data_riferimento_GdC",
        ),
        ((">0000001</conto", "></conto"), Rule::Schema, "conto_evidenza"),
        (("<conto_evidenza>0000002</conto_evidenza>", ""), Rule::Schema, "conto_evidenza"),
        ((">ENTRATA<", ">ENTRATE<"), Rule::Schema, "tipo_movimento"),
        ((">MANDATO<", ">ASSEGNO<"), Rule::Schema, "tipo_documento"),
        ((">SOSPESO ENTRATA<", ">SOSPESO DI ENTRATA<"), Rule::Schema, "tipo_documento"),
        ((">ESEGUITO<", ">FATTO<"), Rule::Schema, "tipo_operazione"),
        (("<importo>12.34</importo>", ""), Rule::Schema, "importo"),
        (("<importo>101.40<", "<importo>101,40<"), Rule::Amount, "importo"),
        (
            (">0000123</numero_documento>", ">0000000</numero_documento>"),
            Rule::Identifier,
            "numero_documento",
        ),
        (("<numero_documento>0000123</numero_documento>", ""), Rule::Schema, "numero_documento"),
        (
            (">0000123</numero_documento>", ">A123</numero_documento>"),
            Rule::Identifier,
            "numero_documento",
        ),
        (
            ("<progressivo_documento>0000000</progressivo_documento>", ""),
            Rule::Schema,
            "progressivo_documento",
        ),
        ((">0000456<", ">4-56<"), Rule::Identifier, "numero_bolletta_quietanza"),
        (("<data_movimento>2026-03-03</data_movimento>", ""), Rule::Schema, "data_movimento"),
        (
            (">2026-03-02</data_valuta_ente>", ">ieri</data_valuta_ente>"),
            Rule::Date,
            "data_valuta_ente",
        ),
        (
            ("<anagrafica_cliente>BANCA DI PROVA</anagrafica_cliente>", ""),
            Rule::Schema,
            "anagrafica_cliente",
        ),
        (("<causale>STORNO</causale>", ""), Rule::Schema, "causale"),
        (
            ("<importo_provvisorio>50.00</importo_provvisorio>", ""),
            Rule::Schema,
            "importo_provvisorio",
        ),
        (
            ("<numero_provvisorio>119<", "<numero_provvisorio>1000000000000000000<"),
            Rule::Identifier,
            "numero_provvisorio",
        ),
        (("<fondo_di_cassa>500.00<", "<fondo_di_cassa>tanto<"), Rule::Amount, "fondo_di_cassa"),
    ] {
        let told = defects(&with(NEW, change));
        assert_eq!(told[0], (rule, field.to_owned()), "{change:?}: {told:?}");
    }
    let period = with(OLD, (">2019-03-03<", ">2018-12-31<"));
    assert_eq!(defects(&period), [(Rule::Date, "data_fine_periodo_riferimento".into())]);
}

#[test]
fn a_sospeso_before_its_document_is_misplaced() {
    let document = "<tipo_documento>REVERSALE</tipo_documento>\n";
    let xml = with(NEW, (document, ""));
    let xml = with(&xml, ("</sospeso>\n    </mov", &format!("</sospeso>{document}    </mov")));
    let told = defects(&xml);
    assert_eq!(told, [(Rule::Schema, "sospeso".into()), (Rule::Schema, "sospeso".into())]);
}

#[test]
fn what_only_looks_like_a_journal_is_refused() {
    // The form before OPI: the header stands directly under the root.
    let flat = "<flusso_giornale_di_cassa><codice_ABI_BT>09999</codice_ABI_BT><esercizio>2014</esercizio>\
                <informazioni_conto_evidenza/></flusso_giornale_di_cassa>";
    assert_eq!(defects(flat), [(Rule::UnknownFormat, "testata_messaggio".into())]);
    assert_eq!(
        defects("<flusso_giornale_di_cassa/>"),
        [(Rule::UnknownFormat, "testata_messaggio".into())]
    );
    assert_eq!(
        defects("<flusso_ordinativi/>"),
        [(Rule::UnknownFormat, "flusso_ordinativi".into())]
    );
    let (before, rest) = NEW.split_once("<informazioni_conto_evidenza>").unwrap();
    let (_, behind) = rest.rsplit_once("</informazioni_conto_evidenza>").unwrap();
    let empty = format!("{before}{behind}");
    assert_eq!(defects(&empty), [(Rule::Schema, "informazioni_conto_evidenza".into())]);
}

#[test]
fn sospesi_of_a_row_are_bounded() {
    let sospeso = "<sospeso><numero_provvisorio>7</numero_provvisorio><importo_provvisorio>1</importo_provvisorio></sospeso>";
    let row = |count: usize| with(NEW, ("<sospeso>", &(sospeso.repeat(count - 2) + "<sospeso>")));
    assert_eq!(read(&row(MAX_SOSPESI)).unwrap().0.len(), MAX_SOSPESI + 2);
    assert_eq!(defects(&row(MAX_SOSPESI + 1)), [(Rule::Limit, "sospeso".into())]);
}

#[test]
fn accounts_of_a_page_are_bounded() {
    let account = "<informazioni_conto_evidenza><conto_evidenza>1</conto_evidenza></informazioni_conto_evidenza>";
    let page = |count: usize| {
        with(
            NEW,
            (
                "<saldo_complessivo_precedente>",
                &(account.repeat(count - 2) + "<saldo_complessivo_precedente>"),
            ),
        )
    };
    assert_eq!(read(&page(journal::MAX_ACCOUNTS)).unwrap().1.accounts.len(), journal::MAX_ACCOUNTS);
    assert_eq!(
        defects(&page(journal::MAX_ACCOUNTS + 1)),
        [(Rule::Limit, "informazioni_conto_evidenza".into())]
    );
}

#[test]
fn sums_that_pass_all_bounds_are_refused() {
    let row = "<movimento_conto_evidenza><tipo_movimento>ENTRATA</tipo_movimento><tipo_documento>GIROCONTO</tipo_documento>\
               <tipo_operazione>ESEGUITO</tipo_operazione><importo>9999999999999.99</importo></movimento_conto_evidenza>";
    // 2^63 cents are 9223 such amounts and a bit.
    let page = |count: usize| {
        with(
            OLD,
            ("<movimento_conto_evidenza>", &(row.repeat(count) + "<movimento_conto_evidenza>")),
        )
    };
    assert!(read(&page(9_223)).is_ok());
    assert_eq!(defects(&page(9_224)), [(Rule::Limit, "movimento_conto_evidenza".into())]);
}
