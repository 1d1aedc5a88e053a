//! What else the treasurer enters: transfers of single payments, transfers that are not pagoPA's,
//! errors of the journal; and the numbers of the provvisori.

use domain::money::Cents;
use jiff::civil::Date;

use crate::calendar::{FIRST_DAY, LAST_DAY, LAST_JOURNAL, operating_after, operating_days};
use crate::notice::Code;
use crate::troubles::{Level, Trouble, plan};
use crate::world::{After, Builder, Credit, CreditState, Movement, PSPS, Subject};

/// Transfers that have nothing to do with pagoPA: who sends them and what they say.
const OTHERS: [(&str, &str); 7] = [
    ("REGIONE DI PROVA", "TRASFERIMENTO FONDI VIABILITÀ ANNO IN CORSO"),
    ("COMUNE DI NESSUNLUOGO", "CONVENZIONE EDILIZIA SCOLASTICA QUOTA"),
    ("MINISTERO DI FANTASIA", "CONTRIBUTO STRAORDINARIO DECRETO"),
    ("CASSA PRESTITI ESEMPIO", "EROGAZIONE MUTUO POSIZIONE"),
    ("ASSICURAZIONI CAMPIONE", "RISARCIMENTO DANNI GUARD RAIL S.P."),
    ("CONSORZIO DI BONIFICA FINTO", "RIMBORSO LAVORI È COMPETENZA ENTE"),
    ("UNIVERSITÀ DEGLI ESEMPI", "CANONE LOCAZIONE AULE SEMESTRE"),
];

impl Builder {
    /// A credit of which nothing is known but day, amount and causale.
    pub fn bare_credit(&mut self, day: Date, amount: Cents, causale: String) -> usize {
        self.world.credits.push(Credit {
            day,
            number: 0,
            amount,
            remitter: "ORDINANTE DIVERSO",
            causale,
            end_to_end: None,
            trn: None,
            trouble: None,
            state: Some(CreditState::Open),
            flows: Vec::new(),
            names: None,
        });
        self.world.credits.len() - 1
    }

    /// A transfer for a flow; it counts in what the flow is credited.
    pub fn transfer(&mut self, flow: usize, day: Date, amount: Cents, causale: String) -> usize {
        let credit = self.bare_credit(day, amount, causale);
        let paid = &mut self.world.flows[flow];
        paid.credited += amount;
        let made = &mut self.world.credits[credit];
        made.remitter = PSPS[paid.psp].name;
        made.trn = Some(paid.trn.clone());
        made.state = Some(CreditState::Matched);
        made.flows = vec![flow];
        credit
    }

    /// A transfer of one payment, named by its IUV.
    pub fn single_credit(
        &mut self,
        trouble: Trouble,
        psp: usize,
        day: Date,
        code: Code,
        amount: Cents,
    ) -> usize {
        let short = trouble == Trouble::SingleTransferAmountDiffers;
        let amount = if short { amount - Cents::new(3) } else { amount };
        let iuv = code.iuv();
        let causale = match trouble {
            Trouble::SingleTransferRfs => format!("/RFS/{}/{amount}", in_fours(iuv.as_str())),
            _ => format!("/RFB/{iuv}/{amount}"),
        };
        let credit = self.bare_credit(day, amount, causale);
        let made = &mut self.world.credits[credit];
        made.remitter = PSPS[psp].name;
        made.trouble = Some(trouble);
        made.names = Some(iuv.to_string());
        made.state = Some(match trouble {
            Trouble::SingleTransferSeveral => CreditState::Ambiguous,
            Trouble::SingleTransferAmountDiffers | Trouble::SingleNotFound => CreditState::Anomaly,
            _ => CreditState::Matched,
        });
        credit
    }

    /// A bank transfer for a fine, outside pagoPA.
    pub fn transfer_naming(&mut self, position: usize, day: Date) -> usize {
        let report = self.world.report_number(position);
        let plate = self.world.plate(position);
        let amount = self.world.positions[position].notices[1].amount;
        let causale = format!("PAGAMENTO VERBALE N. {report} TARGA {plate}");
        let credit = self.bare_credit(day, amount, causale);
        let made = &mut self.world.credits[credit];
        made.trouble = Some(Trouble::TransferNamesReport);
        made.state = Some(CreditState::Proposed);
        credit
    }

    /// Up to two transfers a day that are not pagoPA's; their amounts are above any debt's.
    pub fn other_credits(&mut self) {
        for day in operating_days(operating_after(FIRST_DAY, 1), LAST_JOURNAL) {
            for _ in 0..self.dice.below(3) {
                let (remitter, text) = self.dice.pick(&OTHERS);
                let amount = Cents::new(self.dice.between(200_000, 9_000_000));
                let credit = self.bare_credit(day, amount, text.to_owned());
                self.world.credits[credit].remitter = remitter;
                // No trouble of the table: it is what a treasury is made of.
                self.world.not_pagopa.push(credit);
            }
        }
    }

    /// Troubles of journals and of credits that no slot or position brings.
    pub fn journal_troubles(&mut self) {
        let mut days = operating_days(operating_after(FIRST_DAY, 3), LAST_DAY);
        let planned = plan(Level::Journal, days.len(), days.len());
        self.dice.shuffle(&mut days);
        for (trouble, day) in planned.into_iter().zip(days) {
            self.happens(trouble);
            match trouble {
                Trouble::SingleNotFound => self.single_not_found(day),
                Trouble::NegativeSospeso => self.negative_sospeso(day),
                Trouble::CreditConflict => self.credit_conflict(day),
                _ => {
                    self.world.journals.push((day, trouble));
                    let codes: &[&str] = match trouble {
                        Trouble::PageMissing => &["journal_incomplete"],
                        Trouble::JournalTotalsWrong => &["journal_totals_mismatch"],
                        _ => continue,
                    };
                    self.raises(trouble, codes, &[Subject::Journal(day)]);
                    if trouble == Trouble::PageMissing {
                        // Totals can be checked over all pages only.
                        let codes = &["journal_totals_mismatch"];
                        self.may_raise(trouble, codes, &[Subject::Journal(day)]);
                    }
                }
            }
        }
    }

    fn single_not_found(&mut self, day: Date) {
        let trouble = Trouble::SingleNotFound;
        let code = Code::segregated(1, 7_000_000_000_000 + self.next_base());
        let psp = self.dice.place(PSPS.len());
        let amount = Cents::new(self.dice.between(1200, 38_000));
        let credit = self.single_credit(trouble, psp, day, code, amount);
        self.raises(trouble, &["payment_not_found"], &[Subject::Credit(credit)]);
    }

    fn negative_sospeso(&mut self, day: Date) {
        let trouble = Trouble::NegativeSospeso;
        let amount = -Cents::new(self.dice.between(200_000, 900_000));
        let credit = self.bare_credit(day, amount, "RETTIFICA ACCREDITO ERRATO".to_owned());
        self.world.credits[credit].trouble = Some(trouble);
        self.world.credits[credit].state = None;
        self.raises(trouble, &["credit_negative"], &[Subject::Credit(credit)]);
        self.may_raise(trouble, &["credit_not_pagopa"], &[Subject::Credit(credit)]);
    }

    fn credit_conflict(&mut self, day: Date) {
        let trouble = Trouble::CreditConflict;
        let amount = Cents::new(self.dice.between(200_000, 900_000));
        let credit = self.bare_credit(day, amount, "VERSAMENTO DEPOSITO CAUZIONALE".to_owned());
        self.world.credits[credit].trouble = Some(trouble);
        self.world.credits[credit].state = None;
        let day = operating_after(day, 1);
        self.world.movements.push(Movement { day, credit, what: After::Again });
        self.raises(trouble, &["credit_conflict"], &[Subject::Credit(credit)]);
        self.may_raise(trouble, &["credit_not_pagopa"], &[Subject::Credit(credit)]);
    }

    /// Numbers the provvisori in the order of their days, from 1 in each esercizio (the sample
    /// enters 2025 when it is nearly over).
    pub fn number_credits(&mut self) {
        let mut order: Vec<usize> = (0..self.world.credits.len()).collect();
        order.sort_by_key(|&credit| self.world.credits[credit].day);
        let (mut old, mut new) = (14_800, 0);
        for credit in order {
            let credit = &mut self.world.credits[credit];
            let next = if credit.day.year() == 2025 { &mut old } else { &mut new };
            *next += 1;
            credit.number = *next;
        }
    }
}

/// `RF18 5390 0754 7034`: how references are printed.
fn in_fours(text: &str) -> String {
    let groups: Vec<&str> = text
        .as_bytes()
        .chunks(4)
        .map(|group| std::str::from_utf8(group).expect("references are ASCII"))
        .collect();
    groups.join(" ")
}
