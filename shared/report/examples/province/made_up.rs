//! The rows of a Province that does not exist: sizes and proportions of a real one.

use domain::fact::PaidAt;
use domain::identifier::{Esercizio, Provvisorio};
use domain::money::Cents;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use report::row::{
    Allocation, AnomalyCode, AnomalyRow, AnomalyState, Breach, Candidate, Competence, Conservation,
    Coverage, CreditRow, CreditState, DefectRow, DefectRule, Evidence, FlowRow, FlowState,
    InputKind, InputOutcome, InputRow, Message, Month, Organization, Party, PayableNotice,
    PaymentKey, PaymentRow, PaymentState, PositionRow, PositionState, ProposalLine, ProposalReason,
    ProposalRow, ProposalState, PspRow, Reading, ReadingKind, ReceiptPresence,
};
use report::{Closing, Files, ReportError, ReportWriter};

const ORGANIZATION: &str = "01234567897";
const PSPS: [(&str, &str); 8] = [
    ("ABI01005", "Banca Nazionale di Fantasia S.p.A."),
    ("ABI03999", "Credito Padano Immaginario S.p.A."),
    ("BCITITMM", "Banca di Prova e del Territorio S.C."),
    ("BPPIITRRXXX", "Servizi Postali d'Esempio S.p.A."),
    ("CIPBITMM", "Carte e Pagamenti di Prova S.p.A."),
    ("PAYTITM1", "Istituto di Pagamento Esempio"),
    ("SIGPITM1", "Ricevitorie Riunite S.p.A."),
    ("UNCRITMM", "Banca Cooperativa Immaginaria di Montagna e Pianura"),
];

/// Monday 23 November 2026, 07:30 in Rome.
pub fn as_of() -> Timestamp {
    "2026-11-23T07:30:00+01:00".parse().expect("a written instant")
}

/// Pushes the rows of `positions` positions, with half again as many payments.
pub fn push<P: Files>(
    writer: &mut ReportWriter<P>,
    positions: u64,
) -> Result<Closing<'static>, ReportError> {
    let days = (positions / 20).max(40);
    let mut conservation = Conservation::default();
    for n in 0..positions + positions * 43 / 100 {
        writer.input(&input(n))?;
    }
    for n in 1..=days {
        let row = credit(n, days);
        conservation.add(row.state, row.amount);
        writer.credit(&row)?;
    }
    for psp in 0..PSPS.len() as u64 {
        for n in 0..days / PSPS.len() as u64 {
            writer.flow(&flow(psp, n))?;
        }
    }
    for n in 0..positions + positions * 43 / 100 {
        writer.payment(&payment(n))?;
    }
    for n in 0..positions {
        writer.position(&position(n))?;
    }
    for n in 0..days / 9 {
        writer.anomaly(&anomaly(n))?;
    }
    for n in 1..=days / 4 {
        writer.proposal(&proposal(n))?;
    }
    for (psp, (code, name)) in (0u64..).zip(PSPS) {
        for month in 1..=11 {
            writer.psp(&psp_month(psp, code, name, month))?;
        }
    }
    Ok(Closing {
        organizations: vec![Organization {
            fiscal_code: ORGANIZATION.into(),
            name: "Provincia di Prova".into(),
        }],
        coverage: vec![Coverage {
            organization: ORGANIZATION.into(),
            treasurer: "03069".into(),
            loaded_days: (1..=220).map(day).collect(),
            missing_days: vec![date(2026, 8, 14), date(2026, 11, 19)],
        }],
        intermediaries: Vec::new(),
        conservation,
    })
}

fn day(n: u64) -> Date {
    let days = i32::try_from(n % 326).expect("less than a year");
    date(2026, 1, 2).saturating_add(jiff::Span::new().days(days))
}

/// A number that looks drawn by lot, the same each time.
fn lot(n: u64, below: u64) -> u64 {
    let mixed = (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) % below
}

fn cents(n: u64) -> Cents {
    Cents::new(i64::try_from(n).expect("a small amount"))
}

fn input(n: u64) -> InputRow<'static> {
    let refused = n % 9_000 == 77;
    InputRow {
        file: format!("ricevute-{:03}.zip!{:06}.xml", n / 10_000, n % 10_000).into(),
        sha256: format!("{:064x}", u128::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15)).into(),
        kind: if n.is_multiple_of(50) { InputKind::Flow } else { InputKind::Receipt },
        outcome: match n {
            _ if refused => InputOutcome::Refused,
            _ if n % 400 == 3 => InputOutcome::Duplicate,
            _ => InputOutcome::Accepted,
        },
        signature: None,
        counts: vec![("receipts", 1)],
        defects: if refused { vec![defect()] } else { Vec::new() },
        defects_total: u64::from(refused),
        to_mend: None,
    }
}

fn defect() -> DefectRow<'static> {
    DefectRow {
        line: Some(41),
        column: Some(7),
        field: Some("singoloImportoPagato".into()),
        rule: DefectRule::Amount,
        message: "atteso un importo con due decimali, trovati 3 decimali".into(),
    }
}

fn credit(n: u64, days: u64) -> CreditRow<'static> {
    let date = day(n * 326 / (days + 1));
    let state = match lot(n, 100) {
        0 => CreditState::Open,
        1 => CreditState::Anomaly,
        2 if n.is_multiple_of(3) => CreditState::Ambiguous,
        3 | 4 if n.is_multiple_of(2) => CreditState::Proposed,
        5 if n.is_multiple_of(4) => CreditState::Reversed,
        6..=59 => CreditState::Regularised,
        _ => CreditState::Matched,
    };
    let (psp, name) = PSPS[usize::try_from(lot(n, 8)).expect("small")];
    let iuf = format!("{date}{psp}-{:09}", lot(n, 1_000_000_000));
    CreditRow {
        organization: ORGANIZATION.into(),
        esercizio: Esercizio::new(2026).expect("a year"),
        number: n,
        quietanza: Some(n + 9_000),
        account: "0000001".into(),
        amount: cents(4_000 + lot(n, 240_000)),
        date,
        value_date: date,
        remitter: Some(name.into()),
        remittance: format!("/PUR/LGPE-RIVERSAMENTO/URI/{iuf}").into(),
        end_to_end_id: None,
        transaction_reference: Some(format!("03069269225308034812117121{n:05}IT").into()),
        reading: Some(Reading {
            kind: ReadingKind::Flow,
            iuf: Some(iuf.clone().into()),
            iufs: Vec::new(),
            iuvs: Vec::new(),
            txt_progressive: None,
            declared_amount: None,
            rule: "known_iuf".into(),
            at: Some(27),
            raw: Some(iuf.clone().into()),
        }),
        state,
        reversals: Vec::new(),
        regularised_by: Vec::new(),
        flows: if state == CreditState::Matched { vec![iuf.into()] } else { Vec::new() },
        allocated: Vec::new(),
        unallocated: Cents::ZERO,
        candidates: if state == CreditState::Proposed {
            vec![Candidate {
                subject: format!("position:CDS-2026-{n:06}").into(),
                score: 83,
                reasons: vec!["stesso importo".into(), "targa nella causale".into()],
            }]
        } else {
            Vec::new()
        },
        anomalies: Vec::new(),
        source: Evidence {
            fact: None,
            file: format!("giornale-{date}.xml").into(),
            line: Some(120 + n % 900),
        },
    }
}

fn flow(psp: u64, n: u64) -> FlowRow<'static> {
    let (code, name) = PSPS[usize::try_from(psp).expect("small")];
    let draw = lot(n * 8 + psp, 400);
    let total = cents(4_000 + lot(n * 8 + psp, 240_000));
    let (state, credited) = match draw {
        0 => (FlowState::Reported, Cents::ZERO),
        1 => (FlowState::PartiallyCredited, total - cents(3_000)),
        2 => (FlowState::OverCredited, total + total),
        3 => (FlowState::Superseded, Cents::ZERO),
        4..=9 => (FlowState::Pending, Cents::ZERO),
        _ => (FlowState::Credited, total),
    };
    let date = day(n * 7 + psp);
    FlowRow {
        organization: ORGANIZATION.into(),
        psp: code.into(),
        psp_name: Some(name.into()),
        iuf: format!("{n:05}-{date}{code}").into(),
        revision: Some(1),
        flow_time: as_of(),
        settlement_id: format!("TRN{n:012}").into(),
        settlement_date: date,
        declared_total: total,
        declared_count: 28,
        total,
        count: 28,
        state,
        credited,
        difference: credited - total,
        operating_day: Some(date),
        credit_due: Some(date),
        fdr_due: Some(as_of()),
        definitive_after: Some(as_of()),
        days_late: (draw < 3).then_some(4),
        interest: (draw < 3).then_some(cents(12)),
        credits: vec![Provvisorio {
            esercizio: Esercizio::new(2026).expect("a year"),
            number: n + 1,
        }],
        anomalies: Vec::new(),
    }
}

fn payment(n: u64) -> PaymentRow<'static> {
    let (psp, _) = PSPS[usize::try_from(lot(n, 8)).expect("small")];
    let state = match lot(n, 100) {
        0 => PaymentState::Paid,
        1 | 2 => PaymentState::Reported,
        _ => PaymentState::Credited,
    };
    let paid_on = day(n / 300);
    PaymentRow {
        organization: ORGANIZATION.into(),
        iuv: format!("01{n:015}").into(),
        iur: format!("{:032x}", u128::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C)).into(),
        index: 1,
        amount: cents(2_940 + lot(n, 4_000)),
        outcome: (state != PaymentState::Paid).then(|| "0".into()),
        paid_at: Some(PaidAt::Moment(paid_on.at(10, 15, 20, 0))),
        state,
        psp: Some(psp.into()),
        iuf: (state != PaymentState::Paid).then(|| format!("{paid_on}{psp}-000000042").into()),
        position_id: Some(format!("CDS-2026-{:06}", n % 60_000).into()),
        notice_number: Some(format!("3{n:017}").into()),
        intermediary: Some("INT-A".into()),
        receipt: ReceiptPresence::Real,
        provvisorio: (state == PaymentState::Credited).then(|| Provvisorio {
            esercizio: Esercizio::new(2026).expect("a year"),
            number: n / 28 + 1,
        }),
        allocation: vec![
            Allocation {
                assessment: Some("2026/118".into()),
                chapter: Some("3020".into()),
                amount: cents(2_900),
            },
            Allocation {
                assessment: Some("2026/119".into()),
                chapter: Some("3021".into()),
                amount: cents(40 + lot(n, 4_000)),
            },
        ],
        unallocated: Cents::ZERO,
        labels: vec!["RT_IUF_TES"],
        candidates: Vec::new(),
        anomalies: Vec::new(),
    }
}

fn position(n: u64) -> PositionRow<'static> {
    let due = cents(4_200 + lot(n, 13_000));
    let (state, paid) = match lot(n, 1_000) {
        0..=5 => (PositionState::Paid, due),
        6..=25 => (PositionState::Reported, due),
        26..=29 => (PositionState::PartiallyPaid, cents(2_000)),
        30..=420 => (PositionState::Unpaid, Cents::ZERO),
        421..=440 => (PositionState::Cancelled, Cents::ZERO),
        441..=443 => (PositionState::Credited, due + due),
        _ => (PositionState::Credited, due),
    };
    let iuv = format!("01{n:015}");
    PositionRow {
        organization: ORGANIZATION.into(),
        position_id: format!("CDS-2026-{n:06}").into(),
        debt_type: Some("CDS".into()),
        report_number: Some(format!("{n}/2026").into()),
        state,
        due: Some(due),
        paid,
        residual: Some(if paid < due { due - paid } else { Cents::ZERO }),
        refundable: if paid > due { paid - due } else { Cents::ZERO },
        minor_revenue: Cents::ZERO,
        payable: if paid.is_zero() {
            vec![PayableNotice { iuv: iuv.clone().into(), amount: due, due_date: Some(day(n)) }]
        } else {
            Vec::new()
        },
        payments: if paid.is_zero() {
            Vec::new()
        } else {
            vec![PaymentKey { iuv: iuv.into(), iur: format!("RIC{n:010}").into(), index: 1 }]
        },
        anomalies: if paid > due { vec![AnomalyCode::DuplicatePayment] } else { Vec::new() },
    }
}

fn anomaly(n: u64) -> AnomalyRow<'static> {
    let (psp, name) = PSPS[usize::try_from(lot(n, 8)).expect("small")];
    let amount = cents(3_000 + lot(n, 190_000));
    let since = day(326 - lot(n, 110));
    let iuf = format!("{since}{psp}-{:09}", lot(n, 1_000_000_000));
    let (code, party, name, subject, explanation, action, message) = match lot(n, 9) {
        0..=2 => (
            AnomalyCode::FdrWithoutCredit,
            Party::Psp,
            Some(name),
            format!("flow:{psp}:{iuf}"),
            format!("Il flusso {iuf} è stato rendicontato, ma nel giornale di cassa l'accredito non c'è, e la giornata in cui era dovuto è caricata."),
            "Chiedere al PSP gli estremi del bonifico (TRN e data).",
            Some(format!("Spett.le {name},\n\nper il flusso di rendicontazione {iuf} del {since}, di importo {amount} euro, non risulta pervenuto il relativo accredito sul conto di tesoreria.\n\nSi chiede di comunicare TRN e data di regolamento, o di provvedere al riversamento.\n\nDistinti saluti")),
        ),
        3 | 4 => (
            AnomalyCode::CreditWithoutFdr,
            Party::Psp,
            Some(name),
            format!("credit:2026/{n}"),
            format!("Il provvisorio 2026/{n} cita il flusso {iuf}, che non è stato messo a disposizione entro il termine."),
            "Chiedere al PSP di pubblicare il flusso di rendicontazione.",
            Some(format!("Spett.le {name},\n\nil riversamento con causale {iuf} è pervenuto, ma il flusso di rendicontazione non risulta pubblicato.\n\nSi chiede di renderlo disponibile sul Nodo.\n\nDistinti saluti")),
        ),
        5 => (
            AnomalyCode::DuplicatePayment,
            Party::Organization,
            Some("Ufficio sanzioni"),
            format!("position:CDS-2026-{n:06}"),
            "Il verbale è stato pagato due volte, con due avvisi diversi.".to_owned(),
            "Disporre il rimborso della somma pagata in più.",
            None,
        ),
        6 => (
            AnomalyCode::PositionUnknown,
            Party::Organization,
            Some("Ufficio sanzioni"),
            format!("payment:01{n:015}/RIC{n}/1"),
            "È arrivato un pagamento il cui IUV non è di alcuna posizione.".to_owned(),
            "Cercare la posizione fra le candidate e decidere.",
            None,
        ),
        7 => (
            AnomalyCode::IufTruncated,
            Party::Treasurer,
            Some("Tesoriere ABI 03069"),
            format!("credit:2026/{n}"),
            "La causale riporta l'identificativo del flusso troncato.".to_owned(),
            "Chiedere al tesoriere di riportare la causale per intero.",
            Some("Spett.le Tesoriere,\n\nnei giornali di cassa le causali dei riversamenti pagoPA risultano troncate.\n\nSi chiede di riportarle per intero.\n\nDistinti saluti".to_owned()),
        ),
        _ => (
            AnomalyCode::PaymentWithoutRpt,
            Party::None,
            None,
            format!("payment:01{n:015}/RIC{n}/1"),
            "Il pagamento è stato accettato senza richiesta (esito 9).".to_owned(),
            "Nessuna azione.",
            None,
        ),
    };
    AnomalyRow {
        id: format!("{n:016x}").into(),
        organization: ORGANIZATION.into(),
        code,
        subject: subject.into(),
        amount: Some(amount),
        since,
        state: if n % 5 == 4 { AnomalyState::Closed } else { AnomalyState::Open },
        competence: Competence { party, name: name.map(Into::into) },
        evidence: vec![
            Evidence {
                fact: Some(format!("flow:{psp}:{iuf}").into()),
                file: format!("flussi-{since}.zip!{iuf}.xml").into(),
                line: Some(14),
            },
            Evidence { fact: None, file: format!("giornale-{since}.xml").into(), line: Some(812) },
        ],
        candidates: Vec::new(),
        decision: None,
        explanation: explanation.into(),
        action: action.into(),
        message: message.map(Message::whole),
    }
}

fn proposal(n: u64) -> ProposalRow<'static> {
    let total = cents(4_000 + lot(n, 240_000));
    let reason = match lot(n, 10) {
        0 => Some(ProposalReason::NotDefinitive),
        1 => Some(ProposalReason::AssessmentMissing),
        2 => Some(ProposalReason::AnomalyOpen),
        _ => None,
    };
    ProposalRow {
        organization: ORGANIZATION.into(),
        provvisorio: Provvisorio { esercizio: Esercizio::new(2026).expect("a year"), number: n },
        state: if reason.is_some() { ProposalState::Held } else { ProposalState::Ready },
        reason,
        total,
        lines: vec![
            ProposalLine {
                assessment: Some("2026/118".into()),
                chapter: Some("3020".into()),
                siope: Some("3020201001".into()),
                amount: total - cents(1_500),
                residual: false,
            },
            ProposalLine {
                assessment: Some("2025/97".into()),
                chapter: Some("3021".into()),
                siope: Some("3059999999".into()),
                amount: cents(1_500),
                residual: true,
            },
        ],
        definitive_after: Some(as_of()),
    }
}

fn psp_month(psp: u64, code: &'static str, name: &'static str, month: u8) -> PspRow<'static> {
    let flows = 20 + lot(psp * 12, 60);
    let late = lot(psp * 12 + u64::from(month), 4) * (psp % 3);
    PspRow {
        organization: ORGANIZATION.into(),
        psp: code.into(),
        psp_name: Some(name.into()),
        month: Month { year: 2026, month },
        flows,
        late,
        wrong: late / 2,
        integrative: 0,
        days_late: late * 3,
        amount_late: cents(late * 71_300),
        interest: cents(late * 41),
        breaches: if psp == 5 && month == 8 { vec![Breach::Nfer] } else { Vec::new() },
    }
}
