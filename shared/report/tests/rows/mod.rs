//! Rows made by hand, and what the files must say of them.

use domain::fact::PaidAt;
use domain::identifier::{Esercizio, Provvisorio};
use domain::money::Cents;
use jiff::Timestamp;
use jiff::civil::{date, datetime};
use report::row::{
    Allocation, AnomalyCode, AnomalyRow, AnomalyState, Candidate, Competence, Coverage, CreditRow,
    CreditState, DefectRow, DefectRule, Evidence, FlowRow, FlowState, InputKind, InputOutcome,
    InputRow, Intermediary, Message, Month, Organization, Party, PayableNotice, PaymentKey,
    PaymentRow, PaymentState, PositionRow, PositionState, ProposalLine, ProposalReason,
    ProposalRow, ProposalState, PspRow, Reading, ReadingKind, ReceiptPresence,
};

const ORGANIZATION: &str = "01234567897";

/// Monday 23 November 2026, 07:30 in Rome.
pub fn as_of() -> Timestamp {
    "2026-11-23T06:30:00Z".parse().unwrap()
}

fn provvisorio(number: u64) -> Provvisorio {
    Provvisorio { esercizio: Esercizio::new(2026).unwrap(), number }
}

pub fn organizations() -> Vec<Organization<'static>> {
    vec![Organization { fiscal_code: ORGANIZATION.into(), name: "Provincia di Prova".into() }]
}

pub fn coverage() -> Vec<Coverage<'static>> {
    vec![Coverage {
        organization: ORGANIZATION.into(),
        treasurer: "03069".into(),
        loaded_days: vec![date(2026, 11, 18), date(2026, 11, 20)],
        missing_days: vec![date(2026, 11, 19)],
    }]
}

pub fn intermediaries() -> Vec<Intermediary<'static>> {
    let named = |name: &'static str, receipts_expected| Intermediary {
        organization: ORGANIZATION.into(),
        name: name.into(),
        receipts_expected,
    };
    vec![named("INT-A", true), named("INT-B", false)]
}

pub fn refused_input() -> InputRow<'static> {
    InputRow {
        file: "flussi.zip!1.xml".into(),
        sha256: "ab".repeat(32).into(),
        kind: InputKind::Flow,
        outcome: InputOutcome::Refused,
        signature: Some("unverified".into()),
        counts: vec![("flows", 1), ("lines", 3)],
        defects: vec![DefectRow {
            line: Some(41),
            column: Some(7),
            field: Some("singoloImportoPagato".into()),
            rule: DefectRule::Amount,
            message: "troppi decimali".into(),
        }],
        defects_total: 1,
        to_mend: None,
    }
}

pub fn matched_credit() -> CreditRow<'static> {
    CreditRow {
        organization: ORGANIZATION.into(),
        esercizio: Esercizio::new(2026).unwrap(),
        number: 7,
        quietanza: Some(9007),
        account: "0000001".into(),
        amount: Cents::new(100_000),
        date: date(2026, 11, 2),
        value_date: date(2026, 11, 3),
        remitter: Some("Banca di Prova".into()),
        remittance: "/PUR/LGPE-RIVERSAMENTO/URI/IUF1".into(),
        end_to_end_id: None,
        transaction_reference: None,
        reading: Some(Reading {
            kind: ReadingKind::Flow,
            iuf: Some("IUF1".into()),
            iufs: Vec::new(),
            iuvs: Vec::new(),
            txt_progressive: None,
            declared_amount: None,
            rule: "known_iuf".into(),
            at: Some(27),
            raw: Some("IUF1".into()),
        }),
        state: CreditState::Matched,
        reversals: Vec::new(),
        regularised_by: Vec::new(),
        flows: vec!["IUF1".into()],
        allocated: Vec::new(),
        unallocated: Cents::ZERO,
        candidates: Vec::new(),
        anomalies: Vec::new(),
        source: Evidence { fact: None, file: "giornale.xml".into(), line: Some(120) },
    }
}

/// A causale that is a formula, turns the direction of reading and speaks HTML.
pub fn hostile_credit() -> CreditRow<'static> {
    CreditRow {
        number: 12,
        quietanza: None,
        amount: Cents::new(23_450),
        remitter: Some("<b>Rossi</b>".into()),
        remittance: "=HYPERLINK(\"x\")\n\u{202E}fdp".into(),
        reading: None,
        state: CreditState::Open,
        flows: Vec::new(),
        candidates: vec![Candidate {
            subject: "position:CDS-1".into(),
            score: 80,
            reasons: vec!["stesso importo".into()],
        }],
        anomalies: vec![AnomalyCode::CreditNotPagopa],
        ..matched_credit()
    }
}

pub fn flow() -> FlowRow<'static> {
    FlowRow {
        organization: ORGANIZATION.into(),
        psp: "BCITITMM".into(),
        psp_name: Some("Banca di Prova".into()),
        iuf: "IUF1".into(),
        revision: None,
        // Before the clocks went back: the offset is the one of that day.
        flow_time: "2026-10-24T22:00:00Z".parse().unwrap(),
        settlement_id: "TRN1".into(),
        settlement_date: date(2026, 10, 30),
        declared_total: Cents::new(100_000),
        declared_count: 2,
        total: Cents::new(100_000),
        count: 2,
        state: FlowState::Credited,
        credited: Cents::new(100_000),
        difference: Cents::ZERO,
        operating_day: Some(date(2026, 10, 29)),
        credit_due: Some(date(2026, 10, 30)),
        fdr_due: Some("2026-11-01T23:00:00Z".parse().unwrap()),
        definitive_after: None,
        days_late: None,
        interest: None,
        credits: vec![provvisorio(7)],
        anomalies: Vec::new(),
    }
}

pub fn credited_payment() -> PaymentRow<'static> {
    PaymentRow {
        organization: ORGANIZATION.into(),
        iuv: "01000000000000001".into(),
        iur: "IUR1".into(),
        index: 1,
        amount: Cents::new(95_800),
        outcome: Some("0".into()),
        paid_at: Some(PaidAt::Moment(datetime(2026, 7, 9, 8, 5, 59, 0))),
        state: PaymentState::Credited,
        psp: Some("BCITITMM".into()),
        iuf: Some("IUF1".into()),
        position_id: Some("CDS-1".into()),
        notice_number: Some("301000000000000001".into()),
        intermediary: None,
        receipt: ReceiptPresence::Real,
        provvisorio: Some(provvisorio(7)),
        allocation: vec![
            Allocation {
                assessment: Some("2026/118".into()),
                chapter: Some("3020".into()),
                amount: Cents::new(95_000),
            },
            Allocation { assessment: None, chapter: None, amount: Cents::new(800) },
        ],
        unallocated: Cents::ZERO,
        labels: vec!["RT_IUF_TES"],
        candidates: Vec::new(),
        anomalies: Vec::new(),
    }
}

pub fn revoked_payment() -> PaymentRow<'static> {
    PaymentRow {
        iuv: "01000000000000002".into(),
        amount: Cents::new(-4_200),
        outcome: Some("3".into()),
        paid_at: Some(PaidAt::Day(date(2026, 11, 2))),
        state: PaymentState::Revoked,
        position_id: None,
        notice_number: None,
        receipt: ReceiptPresence::None,
        provvisorio: None,
        allocation: Vec::new(),
        unallocated: Cents::new(-4_200),
        labels: vec!["IUF_NO_TES"],
        intermediary: Some("INT-A".into()),
        anomalies: vec![AnomalyCode::PaymentRevoked, AnomalyCode::PositionUnknown],
        ..credited_payment()
    }
}

pub fn unpaid_position() -> PositionRow<'static> {
    PositionRow {
        organization: ORGANIZATION.into(),
        position_id: "CDS-1".into(),
        debt_type: Some("CDS".into()),
        report_number: Some("1/2026".into()),
        state: PositionState::Unpaid,
        due: Some(Cents::new(5_700)),
        paid: Cents::ZERO,
        residual: Some(Cents::new(5_700)),
        refundable: Cents::ZERO,
        minor_revenue: Cents::ZERO,
        payable: vec![PayableNotice {
            iuv: "01000000000000003".into(),
            amount: Cents::new(5_700),
            due_date: None,
        }],
        payments: Vec::new(),
        anomalies: Vec::new(),
    }
}

pub fn refundable_position() -> PositionRow<'static> {
    PositionRow {
        position_id: "CDS-2".into(),
        report_number: None,
        state: PositionState::Credited,
        due: Some(Cents::new(4_200)),
        paid: Cents::new(8_400),
        residual: Some(Cents::ZERO),
        refundable: Cents::new(4_200),
        payable: Vec::new(),
        payments: vec![
            PaymentKey { iuv: "01".into(), iur: "A".into(), index: 1 },
            PaymentKey { iuv: "02".into(), iur: "B".into(), index: 2 },
        ],
        anomalies: vec![AnomalyCode::DuplicatePayment],
        ..unpaid_position()
    }
}

pub fn open_anomaly() -> AnomalyRow<'static> {
    AnomalyRow {
        id: "a1".into(),
        organization: ORGANIZATION.into(),
        code: AnomalyCode::FdrWithoutCredit,
        subject: "flow:BCITITMM:IUF2".into(),
        amount: Some(Cents::new(23_450)),
        since: date(2026, 11, 3),
        state: AnomalyState::Open,
        competence: Competence { party: Party::Psp, name: Some("Banca di Prova".into()) },
        evidence: vec![Evidence {
            fact: Some("flow:BCITITMM:IUF2".into()),
            file: "flussi.zip!2.xml".into(),
            line: Some(14),
        }],
        candidates: Vec::new(),
        decision: None,
        explanation: "Il flusso IUF2 non ha il suo accredito.".into(),
        action: "Chiedere al PSP gli estremi del bonifico.".into(),
        message: Some(Message {
            opening: "Mittente: Provincia\nDestinatario: Banca di Prova".into(),
            subject: "Flusso senza accredito".into(),
            matter: "Manca l'accredito.".into(),
            closing: "Cordiali saluti".into(),
        }),
    }
}

pub fn closed_anomaly() -> AnomalyRow<'static> {
    AnomalyRow {
        id: "a2".into(),
        state: AnomalyState::Closed,
        amount: None,
        competence: Competence { party: Party::Organization, name: None },
        evidence: Vec::new(),
        message: None,
        ..open_anomaly()
    }
}

pub fn held_proposal() -> ProposalRow<'static> {
    ProposalRow {
        organization: ORGANIZATION.into(),
        provvisorio: provvisorio(7),
        state: ProposalState::Held,
        reason: Some(ProposalReason::NotDefinitive),
        total: Cents::new(100_000),
        lines: vec![ProposalLine {
            assessment: Some("2025/97".into()),
            chapter: Some("3020".into()),
            siope: Some("3020201001".into()),
            amount: Cents::new(100_000),
            residual: true,
        }],
        definitive_after: Some("2026-11-24T23:00:00Z".parse().unwrap()),
    }
}

pub fn psp_month() -> PspRow<'static> {
    PspRow {
        organization: ORGANIZATION.into(),
        psp: "BCITITMM".into(),
        psp_name: None,
        month: Month { year: 2026, month: 3 },
        flows: 31,
        late: 2,
        wrong: 0,
        integrative: 0,
        days_late: 5,
        amount_late: Cents::new(71_300),
        interest: Cents::new(41),
        breaches: Vec::new(),
    }
}

pub const JSON: &[(&str, &str)] = &[
    (
        "inputs.jsonl",
        concat!(
            r#"{"file":"flussi.zip!1.xml","#,
            r#""sha256":"abababababababababababababababababababababababababababababababab","#,
            r#""kind":"flow","outcome":"refused","signature":"unverified","#,
            r#""counts":{"flows":1,"lines":3},"#,
            r#""defects":[{"line":41,"column":7,"field":"singoloImportoPagato","rule":"amount","#,
            r#""message":"troppi decimali"}],"defects_total":1}"#,
            "\n",
        ),
    ),
    (
        "credits.jsonl",
        concat!(
            r#"{"organization":"01234567897","esercizio":2026,"number":7,"quietanza":9007,"#,
            r#""account":"0000001","amount":"1000.00","date":"2026-11-02","#,
            r#""value_date":"2026-11-03","remitter":"Banca di Prova","#,
            r#""remittance":"/PUR/LGPE-RIVERSAMENTO/URI/IUF1","#,
            r#""reading":{"kind":"flow","iuf":"IUF1","rule":"known_iuf","at":27,"raw":"IUF1"},"#,
            r#""state":"matched","reversals":[],"regularised_by":[],"flows":["IUF1"],"#,
            r#""allocated":[],"unallocated":"0.00","candidates":[],"anomalies":[],"#,
            r#""source":{"file":"giornale.xml","line":120}}"#,
            "\n",
            r#"{"organization":"01234567897","esercizio":2026,"number":12,"#,
            r#""account":"0000001","amount":"234.50","date":"2026-11-02","#,
            r#""value_date":"2026-11-03","remitter":"<b>Rossi</b>","#,
            r#""remittance":"=HYPERLINK(\"x\")\n"#,
            "\u{202E}",
            r#"fdp","state":"open","reversals":[],"regularised_by":[],"flows":[],"#,
            r#""allocated":[],"unallocated":"0.00","#,
            r#""candidates":[{"subject":"position:CDS-1","score":80,"reasons":["stesso importo"]}],"#,
            r#""anomalies":["credit_not_pagopa"],"source":{"file":"giornale.xml","line":120}}"#,
            "\n",
        ),
    ),
    (
        "flows.jsonl",
        concat!(
            r#"{"organization":"01234567897","psp":"BCITITMM","psp_name":"Banca di Prova","#,
            r#""iuf":"IUF1","flow_time":"2026-10-25T00:00:00+02:00","settlement_id":"TRN1","#,
            r#""settlement_date":"2026-10-30","declared_total":"1000.00","declared_count":2,"#,
            r#""total":"1000.00","count":2,"state":"credited","credited":"1000.00","#,
            r#""difference":"0.00","operating_day":"2026-10-29","credit_due":"2026-10-30","#,
            r#""fdr_due":"2026-11-02T00:00:00+01:00","credits":["2026/7"],"anomalies":[]}"#,
            "\n",
        ),
    ),
    (
        "payments.jsonl",
        concat!(
            r#"{"organization":"01234567897","iuv":"01000000000000001","iur":"IUR1","index":1,"#,
            r#""amount":"958.00","outcome":"0","paid_at":"2026-07-09T08:05:59+02:00","#,
            r#""state":"credited","psp":"BCITITMM","iuf":"IUF1","position_id":"CDS-1","#,
            r#""notice_number":"301000000000000001","receipt":"real","provvisorio":"2026/7","#,
            r#""allocation":[{"assessment":"2026/118","chapter":"3020","amount":"950.00"},"#,
            r#"{"amount":"8.00"}],"unallocated":"0.00","labels":["RT_IUF_TES"],"#,
            r#""candidates":[],"anomalies":[]}"#,
            "\n",
            r#"{"organization":"01234567897","iuv":"01000000000000002","iur":"IUR1","index":1,"#,
            r#""amount":"-42.00","outcome":"3","paid_at":"2026-11-02","state":"revoked","#,
            r#""psp":"BCITITMM","iuf":"IUF1","intermediary":"INT-A","receipt":"none","allocation":[],"#,
            r#""unallocated":"-42.00","labels":["IUF_NO_TES"],"candidates":[],"#,
            r#""anomalies":["payment_revoked","position_unknown"]}"#,
            "\n",
        ),
    ),
    (
        "positions.jsonl",
        concat!(
            r#"{"organization":"01234567897","position_id":"CDS-1","debt_type":"CDS","#,
            r#""report_number":"1/2026","state":"unpaid","due":"57.00","paid":"0.00","#,
            r#""residual":"57.00","refundable":"0.00","minor_revenue":"0.00","#,
            r#""payable":[{"iuv":"01000000000000003","amount":"57.00"}],"payments":[],"#,
            r#""anomalies":[]}"#,
            "\n",
            r#"{"organization":"01234567897","position_id":"CDS-2","debt_type":"CDS","#,
            r#""state":"credited","due":"42.00","paid":"84.00","residual":"0.00","#,
            r#""refundable":"42.00","minor_revenue":"0.00","payable":[],"#,
            r#""payments":["01/A/1","02/B/2"],"anomalies":["duplicate_payment"]}"#,
            "\n",
        ),
    ),
    (
        "anomalies.jsonl",
        concat!(
            r#"{"id":"a1","organization":"01234567897","code":"fdr_without_credit","#,
            r#""subject":"flow:BCITITMM:IUF2","amount":"234.50","since":"2026-11-03","#,
            r#""state":"open","competence":{"party":"psp","name":"Banca di Prova"},"#,
            r#""evidence":[{"fact":"flow:BCITITMM:IUF2","file":"flussi.zip!2.xml","line":14}],"#,
            r#""explanation":"Il flusso IUF2 non ha il suo accredito.","#,
            r#""action":"Chiedere al PSP gli estremi del bonifico.","#,
            r#""message":"Mittente: Provincia\nDestinatario: Banca di Prova\n"#,
            r#"Oggetto: Flusso senza accredito\n\nManca l'accredito.\n\nCordiali saluti"}"#,
            "\n",
            r#"{"id":"a2","organization":"01234567897","code":"fdr_without_credit","#,
            r#""subject":"flow:BCITITMM:IUF2","since":"2026-11-03","state":"closed","#,
            r#""competence":{"party":"organization"},"evidence":[],"#,
            r#""explanation":"Il flusso IUF2 non ha il suo accredito.","#,
            r#""action":"Chiedere al PSP gli estremi del bonifico."}"#,
            "\n",
        ),
    ),
    (
        "proposals.jsonl",
        concat!(
            r#"{"organization":"01234567897","provvisorio":"2026/7","state":"held","#,
            r#""reason":"not_definitive","total":"1000.00","#,
            r#""lines":[{"assessment":"2025/97","chapter":"3020","siope":"3020201001","#,
            r#""amount":"1000.00","residual":true}],"#,
            r#""definitive_after":"2026-11-25T00:00:00+01:00"}"#,
            "\n",
        ),
    ),
    (
        "psp.jsonl",
        concat!(
            r#"{"organization":"01234567897","psp":"BCITITMM","month":"2026-03","flows":31,"#,
            r#""late":2,"wrong":0,"integrative":0,"days_late":5,"amount_late":"713.00","#,
            r#""interest":"0.41","breaches":[]}"#,
            "\n",
        ),
    ),
];

pub const CSV: &[(&str, &str)] = &[
    (
        "payments.csv",
        "Ente;IUV;IUR;Indice;Importo;Pagato il;Stato;PSP;IUF;Provvisorio;Posizione;\
Numero avviso;Intermediario;Ricevuta;Codice esito;Accertamenti;Non imputato;\
Possibili posizioni;Anomalie;Etichette MyPivot e PU
01234567897;01000000000000001;IUR1;1;958,00;09/07/2026 08:05;accreditato;BCITITMM;IUF1;2026/7;\
CDS-1;301000000000000001;;presente;0;\
2026/118 cap. 3020 = 950,00, senza accertamento = 8,00;0,00;;;RT_IUF_TES
01234567897;01000000000000002;IUR1;1;-42,00;02/11/2026;revocato;BCITITMM;IUF1;;;;INT-A;assente;3;;\
-42,00;;Pagamento revocato, Pagamento senza posizione debitoria;IUF_NO_TES
",
    ),
    (
        "credits.csv",
        "Ente;Provvisorio;Quietanza;Data;Valuta;Importo;Stato;Ordinante;Causale;Flussi;Pagamenti;\
Non assegnato;Possibili spiegazioni;Reversali;Stornato il;Anomalie;Conto;TRN o CRO;End-to-end;\
File;Riga
01234567897;2026/7;9007;02/11/2026;03/11/2026;1000,00;abbinato;Banca di Prova;\
/PUR/LGPE-RIVERSAMENTO/URI/IUF1;IUF1;;0,00;;;;;0000001;;;giornale.xml;120
01234567897;2026/12;;02/11/2026;03/11/2026;234,50;da spiegare;<b>Rossi</b>;\
\"'=HYPERLINK(\"\"x\"\") \u{FFFD}fdp\";;;0,00;position:CDS-1 (80);;;\
Accredito che non proviene da pagoPA;0000001;;;giornale.xml;120
",
    ),
    (
        "classificazioni.csv",
        "cod_iud_e;cod_rp_silinviarp_id_univoco_versamento_e;cod_e_dom_id_dominio_e;\
cod_e_istit_att_id_univ_att_codice_id_univoco_e;\
num_e_dati_pag_dati_sing_pag_singolo_importo_pagato_e;\
dt_e_dati_pag_dati_sing_pag_data_esito_singolo_pagamento_e;\
cod_e_dati_pag_dati_sing_pag_id_univoco_riscoss_e;cod_identificativo_flusso_r;\
dt_data_ora_flusso_r;cod_identificativo_univoco_regolamento_r;dt_data_regolamento_r;\
cod_ist_mitt_id_univ_mitt_codice_identificativo_univoco_r;de_ist_mitt_denominazione_mittente_r;\
num_numero_totale_pagamenti_r;num_importo_totale_pagamenti_r;\
cod_dati_sing_pagam_identificativo_univoco_versamento_r;\
cod_dati_sing_pagam_identificativo_univoco_riscossione_r;\
num_dati_sing_pagam_singolo_importo_pagato_r;cod_dati_sing_pagam_codice_esito_singolo_pagamento_r;\
cod_conto_tesoreria;dt_data_contabile_t;dt_data_valuta_t;num_importo_tesoreria;de_causale_t;\
de_descrizione_ordinante_t;cod_id_univoco_flusso_t;cod_id_univoco_versamento_t;\
de_anno_bolletta_t;cod_bolletta_t;de_anno_provvisorio_t;cod_provvisorio_t;\
classificazione_completezza
;;;;;;;;;;;;;;;;;;;0000001;02/11/2026;03/11/2026;234,50;\
\"'=HYPERLINK(\"\"x\"\") \u{FFFD}fdp\";<b>Rossi</b>;;;;;2026;12;TES_NO_IUF_OR_IUV
CDS-1;01000000000000001;01234567897;BCITITMM;958,00;09/07/2026 08:05;IUR1;IUF1;25/10/2026 00:00;\
TRN1;30/10/2026;BCITITMM;Banca di Prova;2;1000,00;01000000000000001;IUR1;958,00;0;0000001;\
02/11/2026;03/11/2026;1000,00;/PUR/LGPE-RIVERSAMENTO/URI/IUF1;Banca di Prova;IUF1;;2026;9007;\
2026;7;RT_IUF_TES
;;;;;;;IUF1;25/10/2026 00:00;TRN1;30/10/2026;BCITITMM;Banca di Prova;2;1000,00;\
01000000000000002;IUR1;-42,00;3;;;;;;;;;;;;;IUF_NO_TES
",
    ),
];
