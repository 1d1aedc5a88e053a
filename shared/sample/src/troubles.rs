//! Everything that can go wrong, in one table: how often, what is generated, and what is then
//! true by the rules of reconciliation. The documentation of [`Trouble`] is the table; the same
//! sentences are written into `truth.json`.

/// What a trouble happens to, and what its share is counted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// A debt position, with its payments and receipts (or a payment that has no position).
    Position,
    /// A flow, with its lines, revisions and transfers.
    Flow,
    /// An operating day's journal.
    Journal,
}

/// Declares [`Trouble`] and its table from one text.
macro_rules! troubles {
    ($($level:ident { $($name:ident $share:literal $generated:literal => $truth:literal;)+ })+) => {
        /// One way in which the three legs can disagree, or be hard to read.
        ///
        /// Each variant says: what is generated → what is then true.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Trouble {
            $($(#[doc = concat!($generated, " → ", $truth)] $name,)+)+
        }

        /// A row of the table.
        #[derive(Debug, Clone, Copy)]
        pub struct Row {
            /// Which trouble.
            pub trouble: Trouble,
            /// Its name in `truth.json`.
            pub name: &'static str,
            /// What it happens to.
            pub level: Level,
            /// How many in 100,000 positions, flows or journals have it.
            pub share: u32,
            /// What is generated.
            pub generated: &'static str,
            /// What is then true.
            pub truth: &'static str,
        }

        /// The whole table, in the order in which small samples take from it.
        pub const TABLE: &[Row] = &[
            $($(Row {
                trouble: Trouble::$name,
                name: stringify!($name),
                level: Level::$level,
                share: $share,
                generated: $generated,
                truth: $truth,
            },)+)+
        ];
    };
}

troubles! {
    Position {
        ReducedInTolerance 400 "a fine's reduced notice is paid the day after its term and credited the day after that"
            => "in time (2 days of DL 18/2016): due and paid the reduced sum, the rest is minor_revenue";
        PartPayment 600 "a fine's reduced notice is paid 7 to 25 days after its term"
            => "partially_paid, paid_after_due; residual full - reduced while the 60 days run at as_of, else left open";
        FullAfterTerm 300 "a fine's full notice is paid after its 60 days, no late notice exists"
            => "partially_paid, paid_after_due; what is due then is left open";
        PaidAfterDue 400 "a debt with one notice is paid after its due date"
            => "paid_after_due; nothing residual, the sum is the same";
        DuplicateTwoNotices 200 "a fine is paid reduced in time, then full as well"
            => "duplicate_payment; due the reduced sum, refundable the full one; minor_revenue left open";
        DuplicateSameNotice 200 "one notice is paid twice, two receipts, two flows"
            => "duplicate_payment, refundable once";
        DuplicateSameFlow 100 "one notice is paid twice, two receipts, one flow"
            => "duplicate_payment, refundable once";
        ReportedTwice 100 "the same IUV, IUR and index is a line of two flows, both credited"
            => "payment_reported_twice; one payment, nothing refundable; which IUF it carries is left open";
        Revoked 80 "a payment is reported, then revoked (code 3, positive amount, counted negative in total and credit)"
            => "payment revoked, payment_revoked; the position is unpaid";
        RevokedPlainSum 80 "the same, but total and credit count the revocation as positive"
            => "payment revoked, payment_revoked; the flow is credited; fdr_total_mismatch may be raised";
        StandInWithReceipt 300 "outcome 4 with a receipt that says standIn"
            => "an ordinary payment";
        NoRptWithReceipt 150 "outcome 9, and later the real receipt"
            => "receipt real; payment_without_rpt may remain";
        NoRptImplied 200 "outcome 9 without receipt, position known"
            => "receipt implied, payment_without_rpt";
        StandInNoRptImplied 150 "outcome 8 without receipt, position known"
            => "receipt implied, payment_without_rpt";
        UnknownIuv 150 "outcome 9, IUV that nobody issued, no receipt"
            => "receipt implied, no position: position_unknown, payment_without_rpt";
        UnknownIuvWithReceipt 100 "outcome 0 with receipt, IUV that no position has"
            => "no position: position_unknown";
        MistypedNotice 150 "outcome 9, one digit of a real notice is wrong, no receipt"
            => "position_unknown, payment_without_rpt, iuv_check_digit may be raised; the true position stays unpaid";
        ReceiptWithoutFlow 200 "a receipt and no line of any flow"
            => "payment paid, receipt_without_fdr";
        ReceiptMissing 300 "outcome 0, no receipt, from a station whose receipts reach us"
            => "receipt none, receipt_missing";
        SecondaryBeneficiary 500 "the Comune's notice: transfer 1 is theirs, transfer 2 ours, the flow has index 2 only"
            => "no position and no position_unknown; receipt_of_other_organization may be raised";
        PrimaryOfTwo 300 "our notice: transfer 1 ours, transfer 2 the Comune's; the position asks for our part"
            => "due and paid our part; receipt_of_other_organization may be raised";
        ReceiptAmountDiffers 100 "the receipt says one euro more than the line"
            => "row_amount_mismatch; which of the two is the payment's amount is left open";
        SingleTransferRfb 150 "no flow; a credit of its own with /RFB/ and the amount"
            => "credit matched, payment credited by that credit";
        SingleTransferRfs 100 "the same with an ISO 11649 reference in /RFS/ and an RT 6.2"
            => "credit matched, payment credited by that credit";
        SingleTransferAmountDiffers 50 "the credit named by /RFB/ is 3 cents short"
            => "credit anomaly, credit_amount_mismatch; payment paid";
        SingleTransferSeveral 50 "one notice paid twice with equal amounts, one /RFB/ credit"
            => "credit ambiguous, ambiguous_causale; two payments paid, duplicate_payment";
        TransferNamesReport 200 "a bank transfer without pagoPA marker that names report number and plate of an unpaid fine"
            => "credit_not_pagopa, credit proposed; the position stays unpaid";
        Cancelled 500 "version 2 cancels an unpaid position"
            => "cancelled";
        Amended 500 "version 2 in a later file asks for another amount, which is paid"
            => "due and paid what version 2 asks for";
        AmendedBefore 100 "the same, version 2 in a file that comes before version 1"
            => "due and paid what version 2 asks for";
        OtherIntermediary 500 "a line of segregation code 04, whose receipts do not reach us, position not exported"
            => "explained by its flow: no position_unknown, no receipt_missing";
        IntermediaryUnknown 100 "a notice of segregation code 17, in no station table"
            => "intermediary_unknown";
        OldStation 1500 "a notice of aux digit 0, application code 05, paid while that station was ours"
            => "receipt none, no receipt_missing";
        WrongCheckDigits 100 "a position whose notice was issued with wrong check digits, paid regularly"
            => "iuv_check_digit may be raised (information)";
        YearEnd 300 "a debt of 2025 paid by 31 December, credited in January of the next esercizio"
            => "an ordinary payment; provvisorio of 2026, accertamento of 2025";
        Company 500 "the debtor is a company"
            => "an ordinary payment";
        Abroad 500 "the debtor lives abroad"
            => "an ordinary payment";
        UnverifiedFiscalCode 100 "the debtor's fiscal code has a wrong check character"
            => "an ordinary payment";
    }
    Flow {
        FlowWithoutCredit 250 "the transfer never comes"
            => "flow reported, fdr_without_credit; payments reported";
        CreditWithoutFlow 250 "the transfer comes, the flow does not"
            => "credit_without_fdr, its state (open or anomaly) is left open; payments with a receipt are paid, receipt_without_fdr";
        PartlyCredited 200 "the transfer is 1 to 500 cents short"
            => "flow partially_credited, credit anomaly, credit_amount_mismatch; payments reported";
        OverCredited 150 "the transfer is 1 to 500 cents too much"
            => "flow over_credited, credit anomaly, credit_amount_mismatch; state of the payments left open";
        TransferTwice 100 "the same transfer twice, same TRN"
            => "flow over_credited, credit_duplicated; which credit is surplus and the payments are left open";
        Revision 300 "a revision with a later dataOraFlusso corrects a line, before D+4"
            => "the first superseded, the second credited";
        RevisionRest 200 "the same as two revisions of the REST form"
            => "the first superseded, the second credited";
        LateRevision 100 "a revision after 24:00 of D+4"
            => "the first superseded, the second credited, late_revision";
        FlowSentAgain 400 "the same flow twice, in another notation"
            => "one flow, credited";
        LateFlow 300 "the flow is sent on D+4"
            => "credited";
        LateCredit 300 "the transfer comes 3 operating days late"
            => "credited";
        TotalLies 100 "the declared total is 1.00 more than the lines, the transfer is the declared total"
            => "credited (D = 0), fdr_total_mismatch";
        CountLies 200 "the declared count is wrong"
            => "credited, fdr_count_mismatch";
        RowDuplicated 100 "one line is there twice, counted twice in total and transfer"
            => "credited, row_duplicated_in_flow; one payment of one amount";
        OutcomeUnknown 80 "one line has outcome 7"
            => "credited, outcome_unknown; fdr_total_mismatch may be raised";
        SplitByLines 300 "two transfers TXT/1 and TXT/2, each the sum of some lines"
            => "credited, both credits matched; allocation_ambiguous may be raised";
        SplitByTreasurer 150 "two credits with one causale, split at any cent"
            => "credited, both credits matched; allocation_ambiguous may be raised";
        TwoFlowsOneCredit 200 "one credit names two flows whole and is their sum"
            => "both flows credited, credit matched";
        CreditNamesOneOfTwo 80 "one credit names one flow and is the sum of it and another of that PSP"
            => "credit proposed; flows and payments left open";
        StornoReissued 150 "the credit is reversed and comes again under another number"
            => "first credit reversed, second matched, flow credited";
        StornoFirst 80 "the storno stands before its esecuzione in the file, nothing comes again"
            => "credit reversed, flow reported, payments reported; fdr_without_credit may be raised";
        StornoAfterRegularisation 50 "regularised by a reversale, then reversed"
            => "reversed_after_regularisation; states left open";
        Regularised 6000 "a reversale of the month after regularises the credit"
            => "credit regularised, flow credited";
        RegularisationUndone 150 "a reversale regularises the credit and is undone (STORNATO or RIPRISTINATO)"
            => "credit matched, flow credited";
        CausaleOldUri 3000 "/PUR/LGPE-RIVERSAMENTO/URI/ of SACI 1.3.1" => "matched";
        CausaleCumulativo 2000 "«Cumulativo pagamenti del» of SACI 1.4.0" => "matched";
        CausaleBlankInDate 500 "a blank inside the date of the IUF" => "matched";
        CausaleBlankAfterDate 400 "a blank after the date of the IUF" => "matched";
        CausaleBlankInMarker 300 "«L GPE-RIVERSAMENTO»" => "matched";
        CausaleBlankAroundDash 300 "«LGPE - RIVERSAMENTO»" => "matched";
        CausaleSlashesLost 400 "blanks for slashes" => "matched";
        CausaleDots 200 "dots for slashes" => "matched";
        CausaleWithoutPur 400 "no /PUR/" => "matched";
        CausaleTextBefore 500 "text of the bank glued before" => "matched";
        CausaleTwice 200 "the causale twice, the first time cut" => "matched";
        CausaleBankTags 500 "tags :RI3: and ZZ3 of the bank around it" => "matched";
        CausaleContinuation 300 "/ZZ4/ continuation marks inside the IUF" => "matched";
        CausaleLowerCase 200 "all in lower case" => "matched";
        CausaleGlued 150 "the IUF goes on beyond 35 characters" => "matched (it occurs whole); iuf_too_long may be raised";
        CausaleCutUnique 200 "the IUF is cut where only one known IUF begins so" => "matched; iuf_truncated may be raised";
        CausaleEndToEndOnly 150 "the IUF stands only in end_to_end_id" => "matched";
        CausaleCutToDate 100 "the IUF is cut to its date: no identifier, a pagoPA marker"
            => "credit proposed; flow and payments reported; a code of a damaged causale may be raised";
        CausaleNotProvided 80 "«URI NOT PROVIDED»: no identifier, a pagoPA marker"
            => "credit proposed; flow and payments reported; a code of a damaged causale may be raised";
    }
    Journal {
        SingleNotFound 1000 "a /RFB/ credit whose IUV nobody reported"
            => "credit anomaly, payment_not_found";
        NegativeSospeso 500 "SOSPESO ENTRATA ESEGUITO with a negative amount"
            => "credit_negative; its state is left open";
        CreditConflict 500 "a number that comes again with another amount"
            => "credit_conflict; its state is left open";
        PageMissing 500 "page 2 of 2 is not delivered; no credit is on it"
            => "journal_incomplete";
        JournalTotalsWrong 500 "totale_entrate of a conto is 1.00 too much"
            => "journal_totals_mismatch";
        JournalSentAgain 1500 "a cumulative journal repeats the day's and the day before's movements under another id"
            => "nothing changes";
    }
}

impl Trouble {
    /// Its row in [`TABLE`], which lists the variants in their order.
    #[must_use]
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

/// How many times each trouble of `level` happens on a base of `base` positions, flows or
/// journals: its share, at least once, in the order of the table while `room` lasts.
pub(crate) fn plan(level: Level, base: usize, room: usize) -> Vec<Trouble> {
    let rows = || TABLE.iter().filter(|row| row.level == level);
    let mut planned: Vec<Trouble> = rows().map(|row| row.trouble).take(room).collect();
    for row in rows() {
        let share = usize::try_from(row.share).unwrap_or(0);
        let more = (base * share / 100_000).saturating_sub(1);
        let room = room.saturating_sub(planned.len());
        planned.extend(std::iter::repeat_n(row.trouble, more.min(room)));
    }
    planned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_lists_the_variants_in_their_order() {
        for row in TABLE {
            assert_eq!(row.trouble.row().name, row.name);
        }
    }

    #[test]
    fn every_trouble_is_planned_once_and_then_by_its_share() {
        let positions = TABLE.iter().filter(|row| row.level == Level::Position).count();
        assert_eq!(plan(Level::Position, 100, 1000).len(), positions);
        assert_eq!(plan(Level::Position, 100, 3).len(), 3);
        let of = |trouble| {
            plan(Level::Position, 50_000, 50_000).iter().filter(|t| **t == trouble).count()
        };
        assert_eq!(of(Trouble::PartPayment), 300); // 600 in 100,000
    }
}
