//! What an identifier of a flow looks like: `<yyyy-MM-dd><PSP>-<flow>`, at most 35 characters
//! (SACI).

use jiff::civil::Date;

use super::text::is_identifier_byte;

/// The most characters that an IUF can have.
pub(super) const MAX_IUF: usize = 35;

/// The length of `yyyy-MM-dd`.
pub(super) const DATE: usize = 10;

/// How far a run of identifier characters, in lower case, has come on its way to an IUF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The beginning of a date.
    PartOfDate,
    /// A date and nothing more.
    Date,
    /// A date and what can be a PSP's code, or the beginning of one.
    Psp,
    /// A date, something, and a dash at the end.
    Dash,
    /// A date and more than a PSP's code: an identifier.
    Dated,
    /// No date: an identifier of old flows, if it has enough letters and digits.
    Undated,
    /// Too little, a word, a number, or a date that is damaged.
    Nothing,
    /// More than 35 characters.
    TooLong,
}

impl Form {
    pub(super) fn of(run: &[u8]) -> Self {
        if run.len() > MAX_IUF {
            Self::TooLong
        } else if run.len() < DATE && is_part_of_date(run) {
            Self::PartOfDate
        } else if !starts_with_date(run) {
            Self::without_date(run)
        } else {
            match run[DATE..].split_last() {
                None => Self::Date,
                Some((b'-' | b'_', _)) => Self::Dash,
                Some(_) if is_bare_psp(&run[DATE..]) => Self::Psp,
                Some(_) => Self::Dated,
            }
        }
    }

    /// Old flows have free identifiers: at least 4 characters with letters and digits, or a number
    /// too long to be a date, an amount or an account entry.
    fn without_date(run: &[u8]) -> Self {
        let digits = run.iter().filter(|byte| byte.is_ascii_digit()).count();
        let has_letter = run.iter().any(u8::is_ascii_alphabetic);
        let damaged_date = run.get(4) == Some(&b'-') && run.get(7) == Some(&b'-');
        let enough = if has_letter { run.len() >= 4 && digits > 0 } else { digits >= 9 };
        if enough && !damaged_date { Self::Undated } else { Self::Nothing }
    }
}

/// Whether `run` begins with a date of this century.
pub(super) fn starts_with_date(run: &[u8]) -> bool {
    let Some(date) = run.get(..DATE) else { return false };
    if !date.starts_with(b"20") || date[4] != b'-' || date[7] != b'-' {
        return false;
    }
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0i16, |sum, byte| {
            byte.is_ascii_digit().then(|| sum * 10 + i16::from(byte - b'0'))
        })
    };
    let (Some(year), Some(month), Some(day)) =
        (number(&date[..4]), number(&date[5..7]), number(&date[8..]))
    else {
        return false;
    };
    matches!((i8::try_from(month), i8::try_from(day)), (Ok(m), Ok(d)) if Date::new(year, m, d).is_ok())
}

fn is_part_of_date(run: &[u8]) -> bool {
    run.iter().zip(b"20dd-dd-dd").all(|(byte, expected)| match expected {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    })
}

/// Whether what follows the date can be all or the beginning of a PSP's code, with no flow behind
/// it: a BIC, `ABI` or `BIC` and digits, a fiscal code of 11 digits.
fn is_bare_psp(rest: &[u8]) -> bool {
    let digits_from = |from: usize| rest[from..].iter().all(u8::is_ascii_digit);
    let is_bic = || rest.iter().take(6).all(u8::is_ascii_alphabetic);
    let has_code = rest.starts_with(b"abi") || rest.starts_with(b"bic");
    let only_one_part = rest.iter().all(u8::is_ascii_alphanumeric);
    only_one_part
        && (rest.len() <= 11 && (is_bic() || digits_from(0))
            || has_code && rest.len() <= 8 && digits_from(3))
}

/// Whether a cut identifier says enough to name the only known one that begins so: it goes beyond
/// the date, or has 12 characters where there is no date.
pub(super) fn is_telling(cut: &[u8], known: &[u8]) -> bool {
    cut.len() > if starts_with_date(known) { DATE } else { 11 }
}

/// Whether `cut` could be an identifier of its own whose last number, not padded with zeros, just
/// has fewer digits than the known one's: `…-1` beside `…-12`.
pub(super) fn may_be_a_shorter_number(cut: &[u8], known: &[u8]) -> bool {
    let digits = cut.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let number = &cut[cut.len() - digits..];
    known.len() > cut.len()
        && (1..=4).contains(&digits)
        && number[0] != b'0'
        && known[cut.len()..].iter().all(u8::is_ascii_digit)
}

/// Whether an identifier known as whole is unmistakable wherever it stands: it begins with a date,
/// or is long and mixes letters and digits. Others count only in their place in the grammar.
pub(super) fn is_unmistakable(run: &[u8]) -> bool {
    Form::of(run) == Form::Dated
        || run.len() >= 12
            && run.iter().any(u8::is_ascii_digit)
            && run.iter().any(u8::is_ascii_alphabetic)
            && run.iter().copied().all(is_identifier_byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_told_apart() {
        for (run, expected) in [
            ("20", Form::PartOfDate),
            ("2021-03-1", Form::PartOfDate),
            ("2021-03-17", Form::Date),
            ("2021-03-17uncr", Form::Psp),
            ("2021-03-17uncritmm", Form::Psp),
            ("2021-03-17ppayitr1xxx", Form::Psp),
            ("2021-03-17abi03069", Form::Psp),
            ("2021-03-1712345678901", Form::Psp),
            ("2021-03-17uncritmm-", Form::Dash),
            ("2021-03-17uncritmm-1", Form::Dated),
            ("2017-09-11idpspfnzrend01", Form::Dated),
            ("2017-01-01abi00000011234", Form::Dated),
            ("2023-01-01abc123", Form::Dated),
            ("2018-05-31itbbitm1-0000000000040091", Form::Dated),
            ("2018-05-31itbbitm1-00000000000400911", Form::TooLong),
            ("2021-13-17uncritmm-1", Form::Nothing),
            ("2o21-03-17uncritmm-1", Form::Nothing),
            ("1021-03-17uncritmm-1", Form::Nothing),
            ("9f86d081884c7d65", Form::Undated),
            ("flusso1", Form::Undated),
            ("20210317", Form::Nothing),
            ("provided", Form::Nothing),
            ("1", Form::Nothing),
            ("", Form::PartOfDate),
        ] {
            assert_eq!(Form::of(run.as_bytes()), expected, "{run}");
        }
    }
}
