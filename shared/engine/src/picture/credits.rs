//! Credits, joined with what they pay.

use std::collections::{BTreeSet, HashSet};

use domain::anomaly::{Code, Party};
use domain::clock;
use domain::credit::Credit;
use domain::decision::{Choice, Contradiction, Decision};
use domain::fact::Source;
use domain::flow::FlowKey;
use domain::identifier::OrganizationCode;
use domain::money::Cents;
use domain::payment::PaymentKey;
use domain::proposal::Parts;
use domain::settlement::FlowStanding;
use jiff::civil::Date;
use report::row::{
    AllocatedLine, Candidate, Conservation, CreditRow, CreditState, Evidence, Reading, ReadingKind,
    Regularisation, Reversal,
};

use super::assignments::Payers;
use super::finding::{About, Finding, RELATED_MAX};
use super::flows::{FlowView, codes};
use super::names::treasurer;
use super::rows::{Row, Rows};
use super::singles::Single;
use super::{PictureError, Province, texts};
use crate::key::Kind;
use crate::port::{PortResult, ReadOutcomes};
use crate::record::{self, CreditOutcome, ReadingRecord, StandingRecord};
use crate::seal;

/// A credit and what was found out about it.
pub(crate) struct CreditView {
    pub credit: Credit,
    pub reading: ReadingRecord,
    pub standing: StandingRecord,
    /// The last day on which a reversale regularised it.
    pub regularised_on: Option<Date>,
    /// The single payment with its IUV.
    pub single: Single,
    /// What its payments put on which accertamento, while payments were read.
    pub parts: Parts,
    /// The decisions on it that hold.
    pub decisions: Vec<Decision>,
    /// What contradicts the position that it was chosen to pay, while positions were read.
    pub against: Vec<Contradiction>,
}

/// Reads the credits of an organization, in order of esercizio and number.
pub(crate) fn load(
    reader: &mut impl ReadOutcomes,
    code: &OrganizationCode,
) -> PortResult<Vec<CreditView>> {
    let mut credits = Vec::new();
    reader.scan_outcomes(&Kind::Credit.prefix(code), &mut |_, outcome| {
        let outcome: CreditOutcome = record::read(&outcome.body)?;
        credits.push(CreditView::new(outcome));
        Ok(())
    })?;
    Ok(credits)
}

impl CreditView {
    /// A credit as it was concluded, before payments are read.
    pub fn new(outcome: CreditOutcome) -> Self {
        let mut credit = outcome.credit();
        for text in [&mut credit.remitter, &mut credit.remittance] {
            if seal::is_forgotten(text) {
                *text = seal::FORGOTTEN.into();
            }
        }
        let regularised_on = credit.regularised_by.iter().map(|by| by.date).max();
        let (reading, standing) = (outcome.reading, outcome.standing);
        let (single, parts, against) = (Single::default(), Parts::default(), Vec::new());
        let decisions = outcome.decisions;
        Self { credit, reading, standing, regularised_on, single, parts, decisions, against }
    }

    /// What a person chose it to be.
    pub fn chosen(&self) -> Option<&Decision> {
        self.decisions.iter().find(|decision| decision.choice().is_some())
    }

    /// The payment that a person chose it to pay.
    pub fn chosen_payment(&self) -> Option<&PaymentKey> {
        match self.chosen()?.choice()? {
            Choice::Payment(key) => Some(key),
            _ => None,
        }
    }

    /// Whether its causale speaks of pagoPA, or a person chose that it pays a flow.
    fn speaks_of_pagopa(&self) -> bool {
        let reading = &self.reading;
        let names = !reading.iufs.is_empty() || !reading.iuvs.is_empty();
        reading.marker || names || !self.named().is_empty()
    }

    /// How anomalies and reports name it.
    pub fn subject(&self) -> String {
        format!("credit:{}", self.credit.provvisorio)
    }

    /// The part of its text that the reading is about.
    pub fn read_text(&self) -> Option<&str> {
        let (start, end) = self.reading.at?;
        let text = match self.reading.rule.as_deref() {
            Some("end_to_end_id") => self.credit.end_to_end_id.as_deref()?,
            _ if &*self.credit.remittance == seal::FORGOTTEN => return None,
            _ => &self.credit.remittance,
        };
        text.get(start..end)
    }

    /// The flows that it names and that are here.
    pub fn named(&self) -> &[(Box<str>, Box<str>)] {
        match &self.standing {
            StandingRecord::Unsettled => &[],
            StandingRecord::Pays { flows }
            | StandingRecord::SeveralFlows { flows }
            | StandingRecord::Contradicts { flows, .. } => flows,
            StandingRecord::MayPay { flows } => &flows[..1],
        }
    }
}

/// Whether causali are damaged with many providers: then it is the treasurer who damages them.
pub(crate) fn damaged_with_many(credits: &[CreditView]) -> bool {
    const MANY: usize = 3;
    let damaged = credits.iter().filter(|view| view.reading.damage.is_some());
    let remitters: BTreeSet<_> = damaged.map(|view| &view.credit.remitter).collect();
    remitters.len() >= MANY
}

/// What a credit comes to: its state, what it pays, what else it may be.
pub(super) struct Concluded {
    pub state: CreditState,
    pub allocated: Vec<(PaymentKey, Cents)>,
    pub candidates: Vec<Candidate<'static>>,
    pub findings: Vec<Finding>,
}

impl Concluded {
    /// Whether it cannot be told which payments are its own, whoever closed the anomaly.
    pub fn is_ambiguous(&self) -> bool {
        self.findings.iter().any(|finding| finding.code == Code::AllocationAmbiguous)
    }

    /// Whether this is wrong with it, and no person closed it.
    pub fn has(&self, code: Code) -> bool {
        self.findings.iter().any(|finding| finding.code == code && finding.closed_by.is_none())
    }
}

impl Province<'_> {
    /// Writes the credits of the organization with what is proposed for them, and finds what is
    /// wrong with them. Says how many.
    pub(super) fn write_credits(
        &mut self,
        rows: &mut Rows,
        conservation: &mut Conservation,
    ) -> Result<u64, PictureError> {
        let mut all = Vec::new();
        let mut spoken_for = HashSet::new();
        for view in &self.credits {
            let concluded = self.conclude(view);
            spoken_for.extend(self.speaks_for(view, &concluded));
            let allocated: Cents = concluded.allocated.iter().map(|(_, amount)| *amount).sum();
            conservation.add(concluded.state, view.credit.amount);
            rows.push(Row::Credit(self.credit_row(view, &concluded, allocated)))?;
            if let Some(proposal) = self.proposal(view, &concluded) {
                rows.push(Row::Proposal(proposal))?;
            }
            all.extend(concluded.findings);
        }
        self.findings.extend(all);
        self.spoken_for = spoken_for;
        Ok(self.credits.len() as u64)
    }

    /// The flows that a credit names without paying them, and those that lack its amount and are
    /// proposed for it: its money may be theirs.
    pub(super) fn speaks_for(&self, view: &CreditView, concluded: &Concluded) -> Vec<FlowKey> {
        let keys = |flows: &[(Box<str>, Box<str>)]| {
            let places = flows.iter().filter_map(|flow| self.flow_place(flow));
            places.map(|place| self.flows[place].key.clone()).collect()
        };
        match (&view.standing, concluded.state) {
            _ if !view.credit.counts() => Vec::new(),
            (StandingRecord::Unsettled, CreditState::Proposed) => {
                let subjects = concluded.candidates.iter().map(|one| &*one.subject);
                let named = subjects
                    .filter_map(|subject| subject.strip_prefix("flow:")?.split_once(':'))
                    .filter_map(|(psp, iuf)| self.flow_place(&(psp.into(), iuf.into())))
                    .map(|place| &self.flows[place]);
                named
                    .filter(|flow| flow.missing() == view.credit.amount)
                    .map(|flow| flow.key.clone())
                    .collect()
            }
            (StandingRecord::Pays { .. } | StandingRecord::Unsettled, _) => Vec::new(),
            (
                StandingRecord::SeveralFlows { flows }
                | StandingRecord::MayPay { flows }
                | StandingRecord::Contradicts { flows, .. },
                _,
            ) => keys(flows),
        }
    }

    pub(super) fn conclude(&self, view: &CreditView) -> Concluded {
        let credit = &view.credit;
        let mut concluded = self.explain(view);
        for code in &credit.findings {
            concluded.findings.push(self.credit_finding(view, *code, Some(credit.amount)));
        }
        let contradicted = credit
            .findings
            .iter()
            .any(|code| matches!(code, Code::CreditConflict | Code::CreditNegative));
        if contradicted {
            // The treasurer must say first what came in: until then it is no ordinary transfer.
            concluded.findings.retain(|finding| finding.code != Code::CreditNotPagopa);
        }
        concluded.findings.extend(self.credit_contradicted(view));
        self.decided.close(&mut concluded.findings);
        if credit.reversed {
            concluded.state = CreditState::Reversed;
        } else if credit.is_regularised() {
            concluded.state = CreditState::Regularised;
        } else if contradicted {
            concluded.state = CreditState::Anomaly;
        }
        concluded
    }

    /// What explains a credit, whatever the treasurer did with it since.
    fn explain(&self, view: &CreditView) -> Concluded {
        let mut concluded = Concluded {
            state: CreditState::Open,
            allocated: Vec::new(),
            candidates: Vec::new(),
            findings: Vec::new(),
        };
        if !view.credit.counts() {
            return concluded;
        }
        let damage = view.reading.damage.as_deref().and_then(Code::from_code);
        // A choice answers what the causale left open.
        let damage = damage.filter(|_| view.chosen().is_none());
        match &view.standing {
            StandingRecord::Unsettled if view.chosen().is_some() => {
                as_chosen(view, &mut concluded);
            }
            StandingRecord::Pays { flows } => self.pays(view, flows, &mut concluded),
            StandingRecord::SeveralFlows { flows } => self.several(view, flows, &mut concluded),
            StandingRecord::MayPay { flows } => self.may_pay(view, flows, &mut concluded),
            StandingRecord::Contradicts { flows, code } => {
                self.contradicts(view, flows, Code::from_code(code), &mut concluded);
            }
            StandingRecord::Unsettled if !view.reading.iuvs.is_empty() => {
                self.single(view, &mut concluded);
            }
            StandingRecord::Unsettled if !view.reading.iufs.is_empty() => {
                // The flow may be here under an identifier that the bank spoiled.
                concluded.candidates = self.flows_for(view).rows;
                if self.as_of >= clock::midnight_after(self.flow_due_of(view)) {
                    concluded.findings.push(self.without_flow(view));
                }
            }
            StandingRecord::Unsettled => self.without_identifier(view, damage, &mut concluded),
        }
        if let Some(damage) =
            damage.filter(|_| concluded.findings.iter().all(|f| Some(f.code) != damage))
        {
            let mut finding = self.credit_finding(view, damage, Some(view.credit.amount));
            finding.about.matched = concluded.state == CreditState::Matched;
            concluded.findings.push(finding);
        }
        for finding in concluded.findings.iter_mut().filter(|one| is_answered_by_choice(one.code)) {
            finding.about.candidates.clone_from(&concluded.candidates);
        }
        concluded
    }

    /// The flow that it names is not here. If it came and was refused, that is for the organization
    /// to mend.
    fn without_flow(&self, view: &CreditView) -> Finding {
        let amount = Some(view.credit.amount);
        let mut finding = self.credit_finding(view, Code::CreditWithoutFdr, amount);
        let mut iufs = view.reading.iufs.iter();
        if iufs.any(|iuf| self.refused_flows.contains(&iuf.folded())) {
            finding.party = Party::Organization;
            finding.name = Some(self.settings.name.clone());
        }
        finding
    }

    /// The flow of a credit is due by D+2, and the credit itself came by D+1.
    fn flow_due_of(&self, view: &CreditView) -> Date {
        self.configuration.calendar.next_operating_day(view.credit.date)
    }

    fn pays(&self, view: &CreditView, flows: &[(Box<str>, Box<str>)], concluded: &mut Concluded) {
        concluded.state = CreditState::Matched;
        let places: Vec<_> = flows.iter().filter_map(|flow| self.flow_place(flow)).collect();
        let told = places.iter().all(|&place| !matches!(self.flows[place].payers, Payers::Unknown));
        if told {
            for place in places {
                let paid = self.flows[place].paid_by(view.credit.provvisorio);
                concluded.allocated.extend(paid.cloned());
            }
        } else {
            let amount = Some(view.credit.amount);
            concluded.findings.push(self.credit_finding(view, Code::AllocationAmbiguous, amount));
        }
    }

    fn contradicts(
        &self,
        view: &CreditView,
        flows: &[(Box<str>, Box<str>)],
        code: Option<Code>,
        concluded: &mut Concluded,
    ) {
        let places: Vec<_> = flows.iter().filter_map(|flow| self.flow_place(flow)).collect();
        let code = code.unwrap_or(Code::CreditAmountMismatch);
        if let [place] = places.as_slice() {
            let flow = &self.flows[*place];
            // With the single credits of its lines the sum is right after all.
            if flow.standing == FlowStanding::Credited {
                return self.pays(view, flows, concluded);
            }
            // A surplus pays no line; a part may pay some.
            if flow.standing == FlowStanding::PartiallyCredited {
                concluded.allocated.extend(flow.paid_by(view.credit.provvisorio).cloned());
            }
            if self.rest_may_come(flow) {
                return;
            }
        }
        concluded.state = CreditState::Anomaly;
        let mut finding = self.credit_finding(view, code, Some(view.credit.amount));
        let expected: Cents =
            places.iter().map(|&place| self.flows[place].revision().header.declared_total).sum();
        let found: Cents = match places.as_slice() {
            [place] => self.flows[*place].credited,
            _ => view.credit.amount,
        };
        finding.about.expected = Some(expected);
        finding.about.found = Some(found);
        if code == Code::CreditAmountMismatch {
            finding.amount = Some(match places.as_slice() {
                [place] if found > expected => self.surplus(&self.flows[*place], view),
                _ => found - expected,
            });
        }
        for &place in &places {
            finding.evidence.push(("flusso di rendicontazione", self.flows[place].source()));
        }
        concluded.findings.push(finding);
    }

    /// What of a credit is surplus of the flow that it names: all the surplus is told, and none of
    /// it twice.
    fn surplus(&self, flow: &FlowView, view: &CreditView) -> Cents {
        let mut left = flow.revision().header.declared_total;
        let mut beyond = Vec::new();
        let places = flow.credits.iter().filter_map(|credit| self.credit_places.get(credit));
        for one in places.map(|&place| &self.credits[place]) {
            match &one.standing {
                StandingRecord::Contradicts { code, .. } => {
                    if Code::from_code(code) == Some(Code::CreditAmountMismatch) {
                        beyond.push(&one.credit);
                    }
                }
                _ => left -= one.credit.amount,
            }
        }
        for credit in beyond {
            let rest = credit.amount - left.min(credit.amount);
            if credit.provvisorio == view.credit.provvisorio {
                return rest;
            }
            left -= credit.amount - rest;
        }
        view.credit.amount
    }

    /// Several providers have a flow with the identifier that it names: a person must say which.
    fn several(
        &self,
        view: &CreditView,
        flows: &[(Box<str>, Box<str>)],
        concluded: &mut Concluded,
    ) {
        concluded.state = CreditState::Ambiguous;
        concluded.findings.push(self.ambiguous(view));
        let places = flows.iter().filter_map(|flow| self.flow_place(flow));
        let candidate = |place: usize| Candidate {
            subject: self.flows[place].subject().into(),
            score: 50,
            reasons: vec!["ha l'identificativo che la causale nomina".into()],
        };
        concluded.candidates = places.map(candidate).collect();
    }

    /// What its causale names can be more than one thing: whoever wrote it must say which.
    fn ambiguous(&self, view: &CreditView) -> Finding {
        self.credit_finding(view, Code::AmbiguousCausale, Some(view.credit.amount))
    }

    /// It names one flow and is the sum of it and one other: a person must say so.
    fn may_pay(
        &self,
        view: &CreditView,
        flows: &[(Box<str>, Box<str>)],
        concluded: &mut Concluded,
    ) {
        concluded.state = CreditState::Proposed;
        let Some((first, others)) = flows.split_first() else { return };
        let named = &first.1;
        let mut finding = self.ambiguous(view);
        finding.about.expected =
            self.flow_place(first).map(|place| self.flows[place].revision().header.declared_total);
        concluded.findings.push(finding);
        let places = others.iter().filter_map(|other| self.flow_place(other));
        concluded.candidates = places
            .map(|place| Candidate {
                subject: self.flows[place].subject().into(),
                score: 90,
                reasons: vec![
                    format!("con il flusso {named} fa esattamente l'importo dell'accredito").into(),
                    "è dello stesso PSP e non ha ancora un accredito".into(),
                ],
            })
            .collect();
    }

    fn single(&self, view: &CreditView, concluded: &mut Concluded) {
        let amount = Some(view.credit.amount);
        match &view.single {
            Single::Pays(key) => {
                concluded.state = CreditState::Matched;
                concluded.allocated.push((key.clone(), view.credit.amount));
            }
            Single::Several(keys) => {
                concluded.state = CreditState::Ambiguous;
                concluded.findings.push(self.ambiguous(view));
                concluded.candidates = keys
                    .iter()
                    .map(|key| Candidate {
                        subject: format!("payment:{key}").into(),
                        score: 50,
                        reasons: vec!["ha lo stesso IUV e lo stesso importo".into()],
                    })
                    .collect();
            }
            Single::OtherAmount(expected) => {
                concluded.state = CreditState::Anomaly;
                let mut finding = self.credit_finding(view, Code::CreditAmountMismatch, amount);
                finding.about.expected = Some(*expected);
                finding.about.found = amount;
                finding.amount = Some(view.credit.amount - *expected);
                concluded.findings.push(finding);
            }
            Single::PaidAlready => {
                concluded.state = CreditState::Anomaly;
                concluded.findings.push(self.credit_finding(view, Code::CreditDuplicated, amount));
            }
            Single::Lost(_) => concluded.state = CreditState::Anomaly,
            Single::NotFound => {
                concluded.state = CreditState::Anomaly;
                concluded.findings.push(self.credit_finding(view, Code::PaymentNotFound, amount));
            }
        }
    }

    fn without_identifier(
        &self,
        view: &CreditView,
        damage: Option<Code>,
        concluded: &mut Concluded,
    ) {
        let amount = Some(view.credit.amount);
        let outside = !view.reading.marker && damage.is_none();
        let candidates = if outside {
            self.position_search.of_credit(view.credit.provvisorio)
        } else {
            self.flows_for(view)
        };
        if outside {
            concluded.findings.push(self.credit_finding(view, Code::CreditNotPagopa, amount));
        }
        if view.reading.marker && damage.is_none() {
            concluded.findings.push(self.credit_finding(view, Code::IufUnreadable, amount));
        }
        concluded.candidates = candidates.rows;
        if candidates.proposed {
            concluded.state = CreditState::Proposed;
        }
    }

    /// What may explain a credit, whatever was chosen for it so far.
    pub(super) fn candidates_for(&self, view: &CreditView) -> Vec<Candidate<'static>> {
        let candidates = self.explain(view).candidates;
        if view.chosen().is_none() || !candidates.is_empty() {
            candidates
        } else if view.is_outside_pagopa() {
            self.position_search.of_credit(view.credit.provvisorio).rows
        } else if view.reading.iufs.is_empty() && view.reading.iuvs.is_empty() {
            self.flows_for(view).rows
        } else {
            Vec::new()
        }
    }

    /// The place of a flow that was chosen. A provider may have taken another name since.
    pub(super) fn chosen_place(&self, key: &FlowKey) -> Option<usize> {
        let exactly = self.flow_places.get(key).copied();
        exactly.or_else(|| {
            let alike = |flow: &&FlowView| flow.key.iuf.folded() == key.iuf.folded();
            let mut places = (0..self.flows.len()).filter(|&place| alike(&&self.flows[place]));
            match (places.next(), places.next()) {
                (Some(only), None) => Some(only),
                _ => None,
            }
        })
    }

    /// The identifiers of the flows that a credit names, or was chosen to pay, and that are here,
    /// whatever became of it.
    fn flows_of(&self, view: &CreditView) -> Vec<report::row::Text<'static>> {
        if let Some(decision) = view.chosen() {
            let flows = decision.flows().iter();
            return flows.map(|flow| flow.key.iuf.to_string().into()).collect();
        }
        let here = |iuf: &&domain::identifier::Iuf| self.known_iufs.contains(&iuf.folded());
        view.reading.iufs.iter().filter(here).map(|iuf| iuf.to_string().into()).collect()
    }

    pub(super) fn flow_place(&self, (psp, iuf): &(Box<str>, Box<str>)) -> Option<usize> {
        let key = FlowKey { psp: psp.parse().ok()?, iuf: iuf.parse().ok()? };
        self.flow_places.get(&key).copied()
    }

    pub(super) fn credit_finding(
        &self,
        view: &CreditView,
        code: Code,
        amount: Option<Cents>,
    ) -> Finding {
        let credit = &view.credit;
        let named = view.named().first();
        let flow = named.and_then(|flow| self.flow_place(flow)).map(|place| &self.flows[place]);
        let told = view.reading.iufs.first();
        let psp = flow.map(|flow| self.psp_name(flow));
        let psp = psp.or_else(|| self.names.remitter(&credit.remitter, told));
        let party = self.credit_party(code);
        let name = match party {
            Party::Psp => psp.clone(),
            Party::Treasurer => Some(treasurer(self.coverage.treasurer(&credit.source.file))),
            Party::Organization | Party::None => Some(self.settings.name.clone()),
            Party::Intermediary | Party::Pagopa => None,
        };
        let evidence: Vec<_> =
            credit.evidence.iter().map(|source| ("provvisorio", source.clone())).collect();
        Finding {
            organization: self.code.clone(),
            code,
            subject: view.subject(),
            amount,
            since: credit.date,
            party,
            name,
            evidence,
            closed_by: None,
            about: About {
                iuf: named
                    .map(|(_, iuf)| iuf.to_string())
                    .or_else(|| told.map(ToString::to_string)),
                psp: psp.filter(|_| view.speaks_of_pagopa()),
                account: Some(credit.account.to_string()),
                remittance: Some(credit.remittance.to_string())
                    .filter(|text| !text.is_empty() && text != seal::FORGOTTEN),
                related: self.related(view, flow, code),
                transfer: credit.transaction_reference.as_ref().map(ToString::to_string),
                provvisorio: Some(credit.provvisorio),
                credit_date: Some(credit.date),
                iuv: view.reading.iuvs.first().map(ToString::to_string),
                due: (code == Code::CreditWithoutFdr).then(|| self.flow_due_of(view)),
                ..About::default()
            },
        }
    }

    /// What else an anomaly of a credit is about.
    fn related(
        &self,
        view: &CreditView,
        flow: Option<&FlowView>,
        code: Code,
    ) -> Vec<(&'static str, String)> {
        let credit = &view.credit;
        let booked = |label, booked: &[(Date, Cents)]| -> Vec<_> {
            let said = |&(day, amount): &(Date, Cents)| (label, texts::booked(day, amount));
            booked.iter().take(RELATED_MAX).map(said).collect()
        };
        match code {
            Code::CreditConflict => {
                let mut related = booked("registrato", &credit.executions);
                related.extend(booked("stornato", &credit.reversals));
                related
            }
            Code::ReversedAfterRegularisation => {
                let by = credit.regularised_by.iter().take(RELATED_MAX);
                let mut related: Vec<_> = by
                    .map(|by| ("reversale", texts::reversale(by.reversale, by.date, by.amount)))
                    .collect();
                related.extend(booked("stornato", &credit.reversals));
                related
            }
            Code::CreditDuplicated | Code::CreditAmountMismatch | Code::AllocationAmbiguous => {
                let others = flow.map(|flow| self.flow_credits(flow, Some(credit.provvisorio)));
                others.unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// A causale is damaged by the treasurer if that happens with many providers, else by the
    /// provider.
    fn credit_party(&self, code: Code) -> Party {
        let of_causale = matches!(
            code,
            Code::IufTruncated | Code::IufUnreadable | Code::IufTooLong | Code::AmbiguousCausale
        );
        if of_causale && self.damaged_with_many { Party::Treasurer } else { code.party() }
    }

    fn credit_row(
        &self,
        view: &CreditView,
        concluded: &Concluded,
        allocated: Cents,
    ) -> CreditRow<'static> {
        let credit = &view.credit;
        let line = |(key, amount): &(PaymentKey, Cents)| AllocatedLine {
            iuv: key.iuv.to_string().into(),
            iur: key.iur.to_string().into(),
            index: key.index,
            amount: *amount,
        };
        let text = |text: &Option<Box<str>>| text.as_ref().map(|text| text.to_string().into());
        CreditRow {
            organization: self.code.to_string().into(),
            esercizio: credit.provvisorio.esercizio,
            number: credit.provvisorio.number,
            quietanza: credit.receipt_number,
            account: credit.account.to_string().into(),
            amount: credit.amount,
            date: credit.date,
            value_date: credit.value_date,
            remitter: Some(credit.remitter.to_string().into()),
            remittance: credit.remittance.to_string().into(),
            end_to_end_id: text(&credit.end_to_end_id),
            transaction_reference: text(&credit.transaction_reference),
            reading: Some(reading_row(view)),
            state: concluded.state,
            reversals: credit
                .reversals
                .iter()
                .map(|&(date, amount)| Reversal { date, amount })
                .collect(),
            regularised_by: credit
                .regularised_by
                .iter()
                .map(|by| Regularisation {
                    reversale: by.reversale,
                    date: by.date,
                    amount: by.amount,
                })
                .collect(),
            flows: self.flows_of(view),
            allocated: concluded.allocated.iter().map(line).collect(),
            unallocated: credit.amount - allocated,
            candidates: concluded.candidates.clone(),
            anomalies: codes(&concluded.findings),
            source: evidence(&credit.source),
        }
    }
}

/// A person chose a payment or a position for it: it pays that, unless that is not here any
/// more.
fn as_chosen(view: &CreditView, concluded: &mut Concluded) {
    match &view.single {
        Single::Pays(key) => {
            concluded.state = CreditState::Matched;
            concluded.allocated.push((key.clone(), view.credit.amount));
        }
        _ => concluded.state = CreditState::Anomaly,
    }
}

/// Whether an anomaly of a credit is the question that its candidates may answer.
fn is_answered_by_choice(code: Code) -> bool {
    matches!(
        code,
        Code::CreditNotPagopa
            | Code::IufTruncated
            | Code::IufUnreadable
            | Code::IufTooLong
            | Code::AmbiguousCausale
    )
}

/// A place as evidence.
pub(super) fn evidence(source: &Source) -> Evidence<'static> {
    Evidence { fact: None, file: source.file.clone().into(), line: Some(source.line) }
}

fn reading_row(view: &CreditView) -> Reading<'static> {
    let reading = &view.reading;
    if let Some(decision) = view.chosen() {
        return decided_row(decision);
    }
    Reading {
        kind: match &*reading.kind {
            "flow" => ReadingKind::Flow,
            "single" => ReadingKind::Single,
            _ => ReadingKind::None,
        },
        iuf: reading.iufs.first().map(|iuf| iuf.to_string().into()),
        iufs: reading.iufs.iter().map(|iuf| iuf.to_string().into()).collect(),
        iuvs: reading.iuvs.iter().map(|iuv| iuv.to_string().into()).collect(),
        txt_progressive: reading.txt_progressive,
        declared_amount: reading.declared_cents.map(Cents::new),
        rule: reading.rule.as_deref().unwrap_or("none").to_owned().into(),
        at: reading.at.map(|(start, _)| start as u64),
        raw: view.read_text().map(|raw| raw.to_owned().into()),
    }
}

/// What a person says that a causale means.
fn decided_row(decision: &Decision) -> Reading<'static> {
    let flows = decision.flows().iter().map(|flow| flow.key.iuf.to_string().into());
    let flows: Vec<report::row::Text<'static>> = flows.collect();
    let (kind, payment) = match decision.choice() {
        Some(Choice::Flows(_)) => (ReadingKind::Flow, None),
        Some(Choice::Payment(key)) => (ReadingKind::Single, Some(key.iuv.to_string().into())),
        Some(Choice::Position(_)) | None => (ReadingKind::None, None),
    };
    Reading {
        kind,
        iuf: flows.first().cloned(),
        iufs: flows,
        iuvs: payment.into_iter().collect(),
        txt_progressive: None,
        declared_amount: None,
        rule: "decision".into(),
        at: None,
        raw: None,
    }
}
