//! What a message refers to, each on a line of its own.

use domain::anomaly::Code;
use domain::money::Cents;

use super::{credit_number, day, euro};
use crate::picture::finding::{About, Finding};

/// `- provvisorio: n. 2026/123 del 02/03/2026` and so on; never empty.
pub(super) fn references(finding: &Finding) -> String {
    let about = &finding.about;
    let mut lines = Lines::default();
    lines.flow(about);
    lines.credit(about);
    lines.payment(about);
    if let Some((id, on)) = &about.journal {
        lines.add("giornale di cassa", Some(id.clone()));
        lines.add("data di riferimento", Some(day(*on)));
    }
    lines.add("file", about.file.clone());
    lines.amounts(finding);
    lines.add("termine", about.due.map(day));
    for (what, which) in &about.related {
        lines.add(what, Some(which.clone()));
    }
    for candidate in &about.candidates {
        let flow = candidate.subject.strip_prefix("flow:").and_then(|flow| flow.split_once(':'));
        lines.add("flusso possibile (IUF)", flow.map(|(_, iuf)| iuf.to_owned()));
    }
    if lines.0.is_empty() {
        lines.add("oggetto", Some(finding.subject.clone()));
    }
    lines.0.join("\n")
}

#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn add(&mut self, what: &str, which: Option<String>) {
        self.0.extend(which.map(|which| format!("- {what}: {which}")));
    }

    fn flow(&mut self, about: &About) {
        self.add("identificativo flusso (IUF)", about.iuf.clone());
        self.add("PSP", about.psp.clone());
        self.add("data del flusso", about.flow_date.map(day));
        self.add("data di regolamento", about.settled_on.map(day));
        self.add("identificativo del bonifico (TRN o CRO)", about.transfer.clone());
    }

    fn credit(&mut self, about: &About) {
        let number = about.provvisorio.map(|number| credit_number(number, about.credit_date));
        self.add("provvisorio di entrata", number);
        self.add("conto", about.account.clone());
        self.add("causale ricevuta", about.remittance.as_ref().map(|text| format!("«{text}»")));
    }

    fn payment(&mut self, about: &About) {
        self.add("numero di avviso", about.notice.clone());
        self.add("IUV", about.iuv.clone());
        if let Some(key) = &about.payment {
            self.add("IUR", Some(key.iur.to_string()));
            self.add("indice del versamento", Some(key.index.to_string()));
        }
        self.add("data di pagamento", about.paid_on.map(day));
    }

    fn amounts(&mut self, finding: &Finding) {
        let about = &finding.about;
        if let Some((declared, lines)) = about.counts {
            self.add("pagamenti dichiarati", Some(declared.to_string()));
            self.add("pagamenti nelle righe", Some(lines.to_string()));
        }
        let (expected, found, amount) = match finding.code {
            Code::CreditAmountMismatch => ("importo atteso", "importo accreditato", "differenza"),
            Code::FdrTotalMismatch => ("totale dichiarato", "somma delle righe", "differenza"),
            Code::FdrWithoutCredit => ("totale del flusso", "già accreditato", "da accreditare"),
            Code::RowAmountMismatch => ("importo della ricevuta", "importo nel flusso", ""),
            Code::AmbiguousCausale => ("importo del flusso nominato", "", "importo"),
            Code::LateRevision => ("", "", "totale del flusso rettificato"),
            _ => ("", "", "importo"),
        };
        let mut add = |what: &str, which: Option<Cents>| {
            self.add(what, which.filter(|_| !what.is_empty()).map(euro));
        };
        add(expected, about.expected);
        add(found, about.found);
        add(amount, finding.amount);
    }
}
