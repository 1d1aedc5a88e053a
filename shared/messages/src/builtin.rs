//! The house's own texts.

use std::sync::LazyLock;

use domain::campaign::Kind;

use crate::Template;

/// Title, an empty line, text.
const fn source(kind: Kind) -> &'static str {
    match kind {
        Kind::DueSoon => include_str!("texts/in_scadenza.md"),
        Kind::Discount => include_str!("texts/sconto.md"),
        Kind::Overdue => include_str!("texts/sollecito.md"),
        Kind::Remainder => include_str!("texts/conguaglio.md"),
        Kind::PreEnforcement => include_str!("texts/pre_ruolo.md"),
        Kind::DriverData => include_str!("texts/dati_conducente.md"),
        Kind::PaymentRecorded => include_str!("texts/pagamento_registrato.md"),
        Kind::PointsSent => include_str!("texts/punti_trasmessi.md"),
        Kind::Invitation => include_str!("texts/invito.md"),
        Kind::Correction => include_str!("texts/errata_corrige.md"),
    }
}

static TEMPLATES: LazyLock<[Template; 10]> = LazyLock::new(|| Kind::ALL.map(make));

fn make(kind: Kind) -> Template {
    let (subject, markdown) = source(kind).split_once("\n\n").expect("a title, then a text");
    Template::new(kind, subject, markdown).expect("the house's texts keep the rules: tested")
}

/// The house's text of a kind, where the organization has none of its own.
#[must_use]
pub fn builtin(kind: Kind) -> &'static Template {
    let place = Kind::ALL.iter().position(|one| *one == kind);
    &TEMPLATES[place.expect("ALL has every kind")]
}
