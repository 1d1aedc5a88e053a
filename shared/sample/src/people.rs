//! Made-up debtors: people, companies, plates. No name here belongs to anybody.

use domain::identifier::FiscalCodeKind;
use jiff::civil::Date;

use crate::dice::Dice;

/// Who owes.
pub(crate) struct Debtor {
    pub kind: FiscalCodeKind,
    pub fiscal_code: String,
    pub name: String,
    pub abroad: bool,
}

/// What kind of debtor a position asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Any,
    Company,
    Abroad,
    /// A person whose fiscal code has a wrong check character.
    Unverified,
}

const SURNAMES: [&str; 24] = [
    "Abbondi",
    "Bellucci",
    "Carrai",
    "Dal Monte",
    "D'Angiò",
    "Ferrucci",
    "Galigani",
    "Innocenti",
    "Lazzeri",
    "Mannucci",
    "Nencini",
    "Orlandini",
    "Pacinotti",
    "Quercioli",
    "Ranieri",
    "Santarnecchi",
    "Taddei",
    "Ughi",
    "Vannozzi",
    "Zucchelli",
    "Fo",
    "Bartalì",
    "Cecconi",
    "Del Corso",
];
const NAMES: [&str; 20] = [
    "Ada", "Bruno", "Caterina", "Duccio", "Elena", "Fabrizio", "Giulia", "Irene", "Leonardo",
    "Marta", "Niccolò", "Ottavia", "Pietro", "Rosalba", "Saverio", "Teresa", "Ugo", "Viola", "Noè",
    "Bianca",
];
const COMPANIES: [&str; 10] = [
    "Autotrasporti Prova S.r.l.",
    "Bottega del Marmo S.n.c.",
    "Cantieri dell'Arno S.p.A.",
    "Edilizia & Strade S.r.l.",
    "Frantoio La Macina S.a.s.",
    "Società Agricola Il Poggio",
    "Noleggi Tirreno S.p.A.",
    "Officine Meccaniche Prova S.r.l.",
    "Vivai del Serchio S.r.l.",
    "Cooperativa L'Àncora",
];
const HOME: [&str; 8] = ["G702", "A562", "C113", "G843", "L833", "H501", "D612", "E625"];
const ELSEWHERE: [&str; 5] = ["Z112", "Z110", "Z129", "Z133", "Z404"];

impl Debtor {
    /// The debtor that `dice` make.
    pub fn new(dice: &mut Dice, wanted: Wanted) -> Self {
        let any = wanted == Wanted::Any;
        if wanted == Wanted::Company || any && dice.percent(9) {
            return Self {
                kind: FiscalCodeKind::Company,
                fiscal_code: company_code(dice),
                name: dice.pick(&COMPANIES).to_owned(),
                abroad: false,
            };
        }
        let abroad = wanted == Wanted::Abroad || any && dice.percent(3);
        let (surname, name) = (dice.pick(&SURNAMES), dice.pick(&NAMES));
        let mut fiscal_code = person_code(dice, surname, name, abroad);
        if wanted == Wanted::Unverified {
            let right = fiscal_code.pop();
            fiscal_code.push(if right == Some('Z') { 'A' } else { 'Z' });
        }
        Self {
            kind: FiscalCodeKind::Person,
            fiscal_code,
            name: format!("{surname} {name}"),
            abroad,
        }
    }
}

/// A plate of the series in use since 1994.
pub(crate) fn plate(dice: &mut Dice) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPRSTVWXYZ";
    let mut letter = || char::from(dice.pick(LETTERS));
    let (a, b, c, d) = (letter(), letter(), letter(), letter());
    format!("{a}{b}{:03}{c}{d}", dice.below(1000))
}

/// 11 digits with their check digit (the VAT number's rule).
fn company_code(dice: &mut Dice) -> String {
    let base = format!("{:010}", 100_000_000 + dice.below(1_900_000_000));
    let sum: u32 = base
        .bytes()
        .enumerate()
        .map(|(i, b)| {
            let digit = u32::from(b - b'0');
            if i % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
        })
        .sum();
    format!("{base}{}", (10 - sum % 10) % 10)
}

/// A person's code (DM 23/12/1976): name, birth, place, check character.
fn person_code(dice: &mut Dice, surname: &str, name: &str, abroad: bool) -> String {
    let born = Date::constant(1945, 1, 1)
        .saturating_add(jiff::Span::new().days(dice.between(0, 60 * 365)));
    let day = u8::try_from(born.day()).unwrap_or(1) + if dice.percent(50) { 40 } else { 0 };
    let month = b"ABCDEHLMPRST"[usize::try_from(born.month() - 1).unwrap_or(0)];
    let place = dice.pick(if abroad { &ELSEWHERE[..] } else { &HOME[..] });
    let base = format!(
        "{}{}{:02}{}{day:02}{place}",
        three_letters(surname, false),
        three_letters(name, true),
        born.year() % 100,
        char::from(month),
    );
    let check = check_character(base.as_bytes());
    base + check.encode_utf8(&mut [0])
}

/// Consonants, then vowels, then X; a first name with four consonants or more skips its second.
fn three_letters(text: &str, first_name: bool) -> String {
    let plain = text.chars().filter_map(|c| match c.to_ascii_uppercase() {
        'ò' => Some('O'),
        'è' => Some('E'),
        'ì' => Some('I'),
        c if c.is_ascii_uppercase() => Some(c),
        _ => None,
    });
    let (vowels, mut consonants): (Vec<char>, Vec<char>) =
        plain.partition(|c| "AEIOU".contains(*c));
    if first_name && consonants.len() > 3 {
        consonants.remove(1);
    }
    consonants.into_iter().chain(vowels).chain(['X', 'X', 'X']).take(3).collect()
}

fn check_character(base: &[u8]) -> char {
    const ODD: [u8; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let even = |b: u8| if b.is_ascii_digit() { b - b'0' } else { b - b'A' };
    let value = |(i, &b): (usize, &u8)| {
        u32::from(if i % 2 == 0 { ODD[usize::from(even(b))] } else { even(b) })
    };
    let sum: u32 = base.iter().enumerate().map(value).sum();
    char::from_u32(u32::from('A') + sum % 26).expect("26 letters follow A")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::identifier::FiscalCode;

    #[test]
    fn fiscal_codes_are_right_unless_wanted_otherwise() {
        let mut dice = Dice::new(1, 1);
        for wanted in [Wanted::Any, Wanted::Company, Wanted::Abroad, Wanted::Unverified] {
            for _ in 0..200 {
                let debtor = Debtor::new(&mut dice, wanted);
                let code = FiscalCode::parse(&debtor.fiscal_code).unwrap();
                assert_eq!(code.verified(), wanted != Wanted::Unverified);
                assert_eq!(code.kind(), debtor.kind);
            }
        }
    }
}
