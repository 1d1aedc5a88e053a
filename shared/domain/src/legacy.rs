//! The labels of MyPivot and of PagoPA's Piattaforma Unitaria, for the offices that know them.

/// Which of the three legs a payment has, in the words of those systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a leg that is there or not")]
pub struct Legs {
    /// A receipt (RT), real or implied.
    pub receipt: bool,
    /// A line of a flow (IUF).
    pub flow: bool,
    /// The money in the treasury (TES).
    pub treasury: bool,
    /// A position of the office (IUD).
    pub position: bool,
    /// Its flow and the credit of it have different amounts.
    pub amount_differs: bool,
    /// The debt was paid more than once.
    pub duplicate: bool,
}

/// The labels that those systems would give, the most telling first.
///
/// Deviation: there a payment has one label; here it has each that applies.
#[must_use]
pub fn labels(legs: Legs) -> Vec<&'static str> {
    let mut labels = Vec::new();
    labels.push(match (legs.receipt, legs.flow, legs.treasury) {
        (true, true, true) if legs.position => "IUD_RT_IUF_TES",
        (true, true, true) => "RT_IUF_TES",
        (true, true, false) if legs.position => "IUD_RT_IUF",
        (true, true, false) => "RT_IUF",
        (true, false, true) => "RT_TES",
        (true, false, false) => "RT_NO_IUF",
        (false, true, _) => "IUV_NO_RT",
        (false, false, true) => "TES_NO_MATCH",
        (false, false, false) => "IUD_NO_RT",
    });
    if legs.receipt && !legs.position {
        labels.push("RT_NO_IUD");
    }
    if legs.flow && legs.amount_differs {
        labels.push("IUF_TES_DIV_IMP");
    } else if legs.flow && !legs.treasury {
        labels.push("IUF_NO_TES");
    }
    if legs.duplicate {
        labels.push("DOPPI");
    }
    labels
}

/// The label of a provvisorio that no flow and no payment explains.
#[must_use]
pub fn unmatched_credit(names_something: bool) -> &'static str {
    if names_something { "TES_NO_MATCH" } else { "TES_NO_IUF_OR_IUV" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_combination_of_legs_has_its_labels() {
        // r receipt, f flow, t treasury, p position, d amount differs, 2 paid twice.
        for (legs, expected) in [
            ("rftp", "IUD_RT_IUF_TES"),
            ("rft", "RT_IUF_TES RT_NO_IUD"),
            ("rfp", "IUD_RT_IUF IUF_NO_TES"),
            ("rf", "RT_IUF RT_NO_IUD IUF_NO_TES"),
            ("rfpd", "IUD_RT_IUF IUF_TES_DIV_IMP"),
            ("rp", "RT_NO_IUF"),
            ("rtp", "RT_TES"),
            ("fp", "IUV_NO_RT IUF_NO_TES"),
            ("ft", "IUV_NO_RT"),
            ("rftp2", "IUD_RT_IUF_TES DOPPI"),
        ] {
            let has = |letter| legs.contains(letter);
            let found = labels(Legs {
                receipt: has('r'),
                flow: has('f'),
                treasury: has('t'),
                position: has('p'),
                amount_differs: has('d'),
                duplicate: has('2'),
            });
            assert_eq!(found.join(" "), expected, "{legs}");
        }
    }
}
