//! What the office reads about an anomaly: explanation, next action, and a message ready to be sent
//! to whoever must act. In Italian, formal; of personal data only what a causale itself says.

mod action;
mod defect;
mod explanation;
mod message;
mod reason;
mod reference;
#[cfg(test)]
mod tests;

use domain::fact::Source;
use domain::identifier::{Iuf, Provvisorio};
use domain::money::Cents;
use domain::payment::PaymentKey;
use jiff::civil::Date;

pub(crate) use action::action;
pub(crate) use defect::defect;
pub(crate) use explanation::explanation;
pub(crate) use message::{Sender, message};
pub(crate) use reason::{candidate, contradiction, reason, verdict};

/// `1.234,50 €`.
pub(crate) fn euro(amount: Cents) -> String {
    report::Euro(amount).to_string()
}

/// `07/04/2026`.
pub(crate) fn day(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// A day behind its article: `il 07/04/2026`, `dell'11/04/2026`.
fn dated(article: &str, date: Date) -> String {
    match article {
        _ if !matches!(date.day(), 8 | 11) => format!("{article} {}", day(date)),
        "il" => format!("l'{}", day(date)),
        // `del` and `al` double their last letter: `dell'`, `all'`.
        other => format!("{other}l'{}", day(date)),
    }
}

/// `n. 2026/123 del 02/03/2026 di 57,00 €`.
pub(crate) fn provvisorio(number: Provvisorio, date: Option<Date>, amount: Cents) -> String {
    format!("{} di {}", credit_number(number, date), euro(amount))
}

/// `n. 2026/123 del 02/03/2026`.
fn credit_number(number: Provvisorio, date: Option<Date>) -> String {
    match date {
        Some(date) => format!("n. {number} {}", dated("del", date)),
        None => format!("n. {number}"),
    }
}

/// `57,00 € il 02/03/2026`.
pub(crate) fn booked(date: Date, amount: Cents) -> String {
    format!("{} {}", euro(amount), dated("il", date))
}

/// `n. 45 del 02/03/2026 per 57,00 €`.
pub(crate) fn reversale(number: u64, date: Date, amount: Cents) -> String {
    format!("n. {number} {} per {}", dated("del", date), euro(amount))
}

/// `IUV …, IUR …, indice 1, 57,00 €, pagato il 02/03/2026`.
pub(crate) fn payment(key: &PaymentKey, paid_on: Option<Date>, amount: Cents) -> String {
    let paid = paid_on.map_or_else(String::new, |paid| format!(", pagato {}", dated("il", paid)));
    format!("IUV {}, IUR {}, indice {}, {}{paid}", key.iuv, key.iur, key.index, euro(amount))
}

/// `… di Banca di Prova, riga 12 del file, pagamento del 02/03/2026 di 57,00 €`.
pub(crate) fn line(iuf: &Iuf, psp: &str, paid: Date, amount: Cents, at: &Source) -> String {
    let (paid, amount) = (dated("del", paid), euro(amount));
    format!("{iuf} di {psp}, riga {} del file, pagamento {paid} di {amount}", at.line)
}

/// `del 02/03/2026 nel flusso …`.
pub(crate) fn revoked(iuf: &Iuf, on: Date) -> String {
    format!("{} nel flusso {iuf}", dated("del", on))
}
