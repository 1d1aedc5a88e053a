//! Who intermediates an IUV, by its number and the date: the station table of an organization.

use jiff::civil::Date;

use crate::identifier::{AuxDigit, Iuv, NoticeNumber};

/// One row of the station table: which IUVs a technology partner intermediates, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// The technology partner.
    pub intermediary: Box<str>,
    /// How the notice numbers of the station begin.
    pub aux: AuxDigit,
    /// Segregation code (aux 3) or application code (aux 0); none for aux 1 and 2.
    pub code: Option<u8>,
    /// First day.
    pub valid_from: Date,
    /// Last day; none while it runs.
    pub valid_to: Option<Date>,
    /// Whether its receipts reach us.
    pub receipts: bool,
}

/// The answer of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner<'a> {
    /// This station.
    Station(&'a Station),
    /// No station of the table at that date.
    Unknown,
    /// The number does not tell (RF, free text), or more than one station fits.
    Undecided,
}

/// Finds the station of an IUV on the day of payment.
///
/// The notice number tells it exactly. Without it a 17-digit IUV is read as aux 3, then as aux 2 or
/// 1; a 15-digit one is of aux 0, whose application code it does not carry.
#[must_use]
pub fn owner<'a>(
    stations: &'a [Station],
    iuv: &Iuv,
    notice: Option<&NoticeNumber>,
    day: Date,
) -> Owner<'a> {
    let valid = |station: &&Station| {
        station.valid_from <= day && station.valid_to.is_none_or(|last| day <= last)
    };
    let one = |fits: &dyn Fn(&Station) -> bool| -> Owner<'a> {
        let mut found = stations.iter().filter(valid).filter(|station| fits(station));
        match (found.next(), found.next()) {
            (Some(station), None) => Owner::Station(station),
            (Some(_), Some(_)) => Owner::Undecided,
            (None, _) => Owner::Unknown,
        }
    };
    if let Some(notice) = notice {
        let wanted = notice.station();
        return one(&|station| station.aux == wanted.aux && station.code == wanted.code);
    }
    if let Some(code) = iuv.segregation_code() {
        let segregated =
            one(&|station| station.aux == AuxDigit::Three && station.code == Some(code));
        return match segregated {
            Owner::Unknown => one(&|station| matches!(station.aux, AuxDigit::One | AuxDigit::Two)),
            found => found,
        };
    }
    if iuv.as_str().len() == 15 && iuv.as_str().bytes().all(|b| b.is_ascii_digit()) {
        return one(&|station| station.aux == AuxDigit::Zero);
    }
    Owner::Undecided
}

#[cfg(test)]
mod tests {
    use super::*;

    fn station(name: &str, aux: u8, code: Option<u8>, from: &str, to: Option<&str>) -> Station {
        Station {
            intermediary: name.into(),
            aux: AuxDigit::from_digit(aux).unwrap(),
            code,
            valid_from: from.parse().unwrap(),
            valid_to: to.map(|day| day.parse().unwrap()),
            receipts: true,
        }
    }

    #[test]
    fn a_code_can_move_between_intermediaries() {
        let stations = [
            station("A", 3, Some(1), "2019-12-01", Some("2026-03-31")),
            station("B", 3, Some(1), "2026-04-01", None),
            station("C", 0, Some(5), "2019-12-01", None),
            station("D", 0, Some(6), "2019-12-01", None),
        ];
        let name = |iuv: &str, notice: Option<&str>, day: &str| {
            let notice = notice.map(|text| text.parse().unwrap());
            match owner(&stations, &iuv.parse().unwrap(), notice.as_ref(), day.parse().unwrap()) {
                Owner::Station(station) => station.intermediary.to_string(),
                other => format!("{other:?}"),
            }
        };
        for (iuv, notice, day, expected) in [
            ("01000000000012373", None, "2026-03-31", "A"),
            ("01000000000012373", None, "2026-04-01", "B"),
            ("01000000000012373", None, "2019-11-30", "Unknown"),
            ("02000000000012373", None, "2026-04-01", "Unknown"),
            ("000000000004282", None, "2026-04-01", "Undecided"),
            ("000000000004282", Some("005000000000004282"), "2026-04-01", "C"),
            ("RF3301600201900000053964", None, "2026-04-01", "Undecided"),
        ] {
            assert_eq!(name(iuv, notice, day), expected, "{iuv} {day}");
        }
    }
}
