//! What a text may name: the placeholders of each kind.

use domain::campaign::Kind;

/// A place in a text that data fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placeholder {
    /// Its name.
    pub name: &'static str,
    /// Whether the text must name it, whatever else it says.
    pub must: bool,
    /// Whether there is always something to fill it with.
    pub always: bool,
}

const fn must(name: &'static str) -> Placeholder {
    Placeholder { name, must: true, always: true }
}

const fn may(name: &'static str) -> Placeholder {
    Placeholder { name, must: false, always: true }
}

/// There is not always something to fill it with: it is empty then.
const fn sometimes(name: &'static str) -> Placeholder {
    Placeholder { name, must: false, always: false }
}

/// What the texts of a kind may name.
#[must_use]
#[allow(clippy::too_many_lines, reason = "a table, one line for each place")]
pub(crate) const fn of(kind: Kind) -> &'static [Placeholder] {
    match kind {
        Kind::DueSoon => {
            const {
                &[
                    must("numero"),
                    must("data_verbale"),
                    must("importo"),
                    must("scadenza"),
                    must("contatti"),
                    may("codice_avviso"),
                ]
            }
        }
        Kind::Discount => {
            const {
                &[
                    must("numero"),
                    must("data_verbale"),
                    must("importo"),
                    must("scadenza_sconto"),
                    must("contatti"),
                    may("scadenza"),
                    may("codice_avviso"),
                ]
            }
        }
        Kind::Overdue => {
            const {
                &[
                    must("numero"),
                    must("data_verbale"),
                    must("importo"),
                    must("data_calcolo"),
                    must("contatti"),
                    may("scadenza"),
                    may("codice_avviso"),
                ]
            }
        }
        Kind::Remainder => {
            const {
                &[
                    must("numero"),
                    must("data_verbale"),
                    must("importo"),
                    must("versato"),
                    must("data_pagamento"),
                    must("contatti"),
                    may("codice_avviso"),
                    sometimes("in_ritardo"),
                ]
            }
        }
        Kind::PreEnforcement => {
            const {
                &[
                    must("numero"),
                    must("data_verbale"),
                    must("importo"),
                    must("data_calcolo"),
                    must("data_invito"),
                    must("contatti"),
                    may("data_notifica"),
                    may("codice_avviso"),
                    sometimes("versato"),
                ]
            }
        }
        Kind::DriverData => {
            const {
                &[
                    must("numero"),
                    must("data_verbale"),
                    must("scadenza_dati"),
                    must("data_calcolo"),
                    must("url_modulo"),
                    must("contatti"),
                    sometimes("targa"),
                ]
            }
        }
        Kind::PaymentRecorded => {
            const {
                &[
                    must("numero"),
                    must("data_verbale"),
                    must("importo"),
                    must("data_registrazione"),
                    must("contatti"),
                    sometimes("scadenza_dati"),
                    sometimes("url_modulo"),
                ]
            }
        }
        Kind::PointsSent => {
            const {
                &[
                    must("numero"),
                    must("data_verbale"),
                    must("data_trasmissione"),
                    must("contatti"),
                    may("punti"),
                ]
            }
        }
        Kind::Invitation => {
            const {
                &[
                    must("causale"),
                    must("importo"),
                    must("contatti"),
                    may("oggetto"),
                    may("codice_avviso"),
                    sometimes("scadenza"),
                ]
            }
        }
        Kind::Correction => {
            const {
                &[
                    must("titolo"),
                    must("data_invio"),
                    must("contatti"),
                    sometimes("avviso_annullato"),
                    sometimes("correzione"),
                ]
            }
        }
    }
}

/// What a title may name: nothing that is somebody's.
pub(crate) const fn of_title(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Invitation => &["oggetto"],
        Kind::Correction => &["titolo"],
        _ => &[],
    }
}
