//! What a transfer says in its causale: the grammars of SACI, and how banks damage them.

use jiff::civil::Date;

use crate::troubles::Trouble;

/// Causale and end-to-end id of a transfer.
pub(crate) struct Remittance {
    pub causale: String,
    pub end_to_end: Option<String>,
}

/// The causale of SACI 2.0.0 and after.
pub(crate) fn plain(iuf: &str, progressive: u8) -> String {
    format!("/PUR/LGPE-RIVERSAMENTO/TXT/{progressive}/URI/{iuf}")
}

/// The causale of a flow settled on `day`, with the damage that a trouble does to it.
pub(crate) fn of(iuf: &str, day: Date, trouble: Option<Trouble>) -> Remittance {
    use Trouble as T;
    let (date, rest) = iuf.split_at(10);
    let whole = format!("/PUR/LGPE-RIVERSAMENTO/URI/{iuf}");
    let causale = match trouble {
        Some(T::CausaleOldUri) => whole,
        Some(T::CausaleCumulativo) => format!(
            "/PUR/LGPE-RIVERSAMENTO Cumulativo pagamenti del {}/URI/{iuf}",
            day.strftime("%Y%m%d")
        ),
        Some(T::CausaleBlankInDate) => {
            format!("/PUR/LGPE-RIVERSAMENTO/URI/{} {}{rest}", &date[..6], &date[6..])
        }
        Some(T::CausaleBlankAfterDate) => format!("/PUR/LGPE-RIVERSAMENTO/URI/{date} {rest}"),
        Some(T::CausaleBlankInMarker) => format!("/PUR/L GPE-RIVERSAMENTO/URI/{iuf}"),
        Some(T::CausaleBlankAroundDash) => format!("/PUR/LGPE - RIVERSAMENTO/URI/{iuf}"),
        Some(T::CausaleSlashesLost) => format!("PUR LGPE-RIVERSAMENTO URI {iuf}"),
        Some(T::CausaleDots) => format!(".PUR.LGPE-RIVERSAMENTO.URI.{iuf}"),
        Some(T::CausaleWithoutPur) => format!("LGPE-RIVERSAMENTO/URI/{iuf}"),
        Some(T::CausaleTextBefore) => format!("ACCREDITO BONIFICO DA PSP{whole}"),
        Some(T::CausaleTwice) => format!("{} {whole}", &whole[..40]),
        Some(T::CausaleBankTags) => format!(":RI3:{whole} ZZ3 VALUTA {}", day.strftime("%d%m%y")),
        Some(T::CausaleContinuation) => {
            let (head, tail) = whole.split_at(whole.len() - 8);
            format!("{head} /ZZ4/{tail}/ZZ4/")
        }
        Some(T::CausaleLowerCase) => whole.to_lowercase(),
        Some(T::CausaleGlued) => format!("{whole}RIVERSAMENTOPAGOPA"),
        Some(T::CausaleCutUnique) => whole[..whole.len() - 5].to_owned(),
        Some(T::CausaleEndToEndOnly) => "ACCREDITO RIVERSAMENTO PAGOPA".to_owned(),
        Some(T::CausaleCutToDate) => format!("/PUR/LGPE-RIVERSAMENTO/URI/{date}"),
        Some(T::CausaleNotProvided) => "/PUR/LGPE-RIVERSAMENTO/URI NOT PROVIDED".to_owned(),
        _ => plain(iuf, 0),
    };
    let end_to_end = (trouble == Some(T::CausaleEndToEndOnly)).then(|| iuf.to_owned());
    Remittance { causale, end_to_end }
}
