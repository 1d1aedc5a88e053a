//! The rules of a text: what it must say, what it must never say, how it may be formed.

use domain::campaign::Kind;

use crate::placeholder::{self, of_title};
use crate::values::{TITLE_UNITS_MAX, VALUE_CHARS_MAX, Values};
use crate::{MARKDOWN_UNITS, SUBJECT_UNITS, units};

/// Words of formal acts, of threats and of blame: a message is none of these.
const NEVER: [&str; 13] = [
    "ti notifichiamo",
    "si notifica",
    "ingiung",
    "ingiunzion",
    "diffid",
    "messa in mora",
    "mettiamo in mora",
    "ultimo avviso",
    "fermo amministrativo",
    "fermo del veicolo",
    "pignora",
    "ipotec",
    "hai commesso",
];

/// Of each line at least one must be there.
const fn always(kind: Kind) -> &'static [&'static [&'static str]] {
    const NO_ACT: &[&str] = &["non è una notifica", "bonari"];
    const APPEAL: &[&str] = &["ricorso"];
    const PAID: &[&str] = &["già pagato", "già versato"];
    match kind {
        Kind::DueSoon | Kind::Discount | Kind::Overdue | Kind::Remainder | Kind::PreEnforcement => {
            const { &[NO_ACT, APPEAL, PAID] }
        }
        // Not «ignore it if you paid»: the form is due all the same.
        Kind::DriverData => const { &[NO_ACT, APPEAL, &["modulo"]] },
        Kind::PointsSent => const { &[NO_ACT] },
        Kind::Invitation => const { &[PAID] },
        Kind::PaymentRecorded => &[],
        Kind::Correction => const { &[&["errore"]] },
    }
}

/// What the first sentence must name, since it is all that the e-mail copy and the preview show.
const fn first_names(kind: Kind) -> &'static str {
    match kind {
        Kind::Invitation => "causale",
        Kind::Correction => "titolo",
        _ => "numero",
    }
}

/// The rule that a filled text breaks, if any.
pub(crate) fn of_form(subject: &str, markdown: &str) -> Result<(), &'static str> {
    if !SUBJECT_UNITS.contains(&units(subject)) {
        return Err("the title has 10 to 120 UTF-16 units");
    }
    if !MARKDOWN_UNITS.contains(&units(markdown)) {
        return Err("the text has 80 to 10000 UTF-16 units");
    }
    if subject.chars().any(char::is_control) {
        return Err("the title is on one line");
    }
    if subject.contains("---") || markdown.contains("---") {
        return Err("no ---: the e-mail copy shows only what follows it");
    }
    if markdown.contains("![") {
        return Err("no pictures");
    }
    if markdown.lines().any(|line| line.trim_start().starts_with('|')) {
        return Err("no tables");
    }
    if [subject, markdown].iter().any(|text| has_tag(text)) {
        return Err("no HTML");
    }
    Ok(())
}

/// Whether a `<` opens a tag; one that is escaped does not.
fn has_tag(text: &str) -> bool {
    text.match_indices('<').any(|(place, _)| {
        let next = text[place + 1..].chars().next();
        !text[..place].ends_with('\\')
            && next.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'))
    })
}

/// The rule that the words of a filled text break, if any.
pub(crate) fn of_words(kind: Kind, subject: &str, markdown: &str) -> Result<(), String> {
    let text = plain(&format!("{subject}\n{markdown}"));
    if let Some(word) = NEVER.iter().find(|word| text.contains(*word)) {
        return Err(format!("never «{word}»: a message is no formal act, no threat, no blame"));
    }
    let lacks = |words: &&&[&str]| !words.iter().any(|word| text.contains(word));
    if let Some(words) = always(kind).iter().find(lacks) {
        return Err(format!("always «{}»", words.join("» or «")));
    }
    let alone = text.replace("anche se hai già pagato", "");
    if kind == Kind::DriverData && alone.contains("se hai già pagato") {
        return Err("never «se hai già pagato»: the form is due all the same".to_owned());
    }
    Ok(())
}

/// Lower case, without emphasis, with single blanks: as it is read.
fn plain(text: &str) -> String {
    let bare: String = text.to_lowercase().chars().filter(|c| !"*_`\\".contains(*c)).collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The rule that a text filled with `values` breaks by leaving out what it must tell, if any.
pub(crate) fn of_content(kind: Kind, values: &Values, markdown: &str) -> Result<(), String> {
    let told = |name: &str| markdown.contains(values.get(name));
    if let Some(place) = placeholder::of(kind).iter().find(|place| place.must && !told(place.name))
    {
        return Err(format!("the text must always tell {{{{ {} }}}}", place.name));
    }
    let first = markdown.split("\n\n").next().unwrap_or_default();
    let name = first_names(kind);
    if !first.contains(values.get(name)) {
        return Err(format!("the first paragraph must tell {{{{ {name} }}}}"));
    }
    Ok(())
}

/// The rule that the places of a text break, if any.
pub(crate) fn of_places(kind: Kind, in_title: &[String], in_text: &[String]) -> Result<(), String> {
    if let Some(name) = in_title.iter().find(|name| !of_title(kind).contains(&name.as_str())) {
        return Err(format!("the title must not name {{{{ {name} }}}}: phones show it locked"));
    }
    let known = |name: &str| placeholder::of(kind).iter().any(|place| place.name == name);
    if let Some(name) = in_text.iter().find(|name| !known(name)) {
        let names: Vec<_> = placeholder::of(kind).iter().map(|place| place.name).collect();
        return Err(format!("there is no {{{{ {name} }}}}: there are {}", names.join(", ")));
    }
    Ok(())
}

/// The longest that a value of a place gets, in characters.
const fn longest(name: &str) -> usize {
    match name.as_bytes() {
        b"contatti" | b"correzione" | b"url_modulo" => VALUE_CHARS_MAX,
        b"causale" => 300,
        b"numero" | b"targa" => 140,
        b"titolo" => TITLE_UNITS_MAX,
        b"oggetto" => 60,
        _ => 40,
    }
}

/// What a text is tried with: each place has a value of its own, as short or as long as there is,
/// with and without what there is not always.
pub(crate) fn trials(kind: Kind) -> Vec<Values> {
    let fill = |long: bool, sometimes: bool| {
        let mut values = Values::default();
        for (number, place) in placeholder::of(kind).iter().enumerate() {
            if place.always || sometimes {
                let most = longest(place.name);
                let short = format!("x{number}");
                let value = if long { format!("{short}{}", "x".repeat(most - 2)) } else { short };
                values = values.text(place.name, &value);
            }
        }
        values
    };
    [(false, false), (false, true), (true, false), (true, true)]
        .map(|(long, sometimes)| fill(long, sometimes))
        .into()
}
