//! The rules of IO that a message is held to before it leaves.

use domain::identifier::{FiscalCode, FiscalCodeKind};
use engine::campaign::message::Message;
use jiff::Timestamp;

/// A rule of IO.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// Companies have no profile, and IO does not look at the check character: we do.
    #[error("fiscal_code is not that of a person, with the right check character")]
    FiscalCode,
    /// `subject`.
    #[error("subject has not 10 to 120 UTF-16 units")]
    Subject,
    /// A title is one line.
    #[error("subject has a control character")]
    SubjectControl,
    /// `markdown`.
    #[error("markdown has not 80 to 10000 UTF-16 units")]
    Markdown,
    /// The mail copy of a message begins after its last `---`.
    #[error("markdown has --- outside its front matter")]
    Rule,
    /// `due_date`: a year of four digits.
    #[error("due_date is not of this century")]
    DueDate,
    /// `payment_data.amount`.
    #[error("payment_data.amount is not 1 to 9999999999 cents")]
    Amount,
    /// The app needs a date to show a notice as expired.
    #[error("invalid_after_due_date without due_date")]
    Expiry,
}

impl Rule {
    /// The rule in words; nothing of the message.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FiscalCode => "fiscal_code",
            Self::Subject | Self::SubjectControl => "content.subject",
            Self::Markdown | Self::Rule => "content.markdown",
            Self::DueDate => "content.due_date",
            Self::Amount => "content.payment_data.amount",
            Self::Expiry => "content.payment_data.invalid_after_due_date",
        }
    }
}

const SUBJECT: std::ops::RangeInclusive<usize> = 10..=120;
const MARKDOWN: std::ops::RangeInclusive<usize> = 80..=10_000;
const AMOUNT: std::ops::RangeInclusive<i64> = 1..=9_999_999_999;

/// Holds a message to the rules of IO. The form of the notice number, and that dates exist, are
/// kept by their types.
///
/// # Errors
/// The first rule that is broken.
pub fn check(recipient: &FiscalCode, message: &Message) -> Result<(), Rule> {
    if recipient.kind() != FiscalCodeKind::Person || !recipient.verified() {
        return Err(Rule::FiscalCode);
    }
    // JavaScript counts UTF-16 units: an emoji is two.
    if !SUBJECT.contains(&message.subject.encode_utf16().count()) {
        return Err(Rule::Subject);
    }
    if message.subject.chars().any(char::is_control) {
        return Err(Rule::SubjectControl);
    }
    if !MARKDOWN.contains(&message.markdown.encode_utf16().count()) {
        return Err(Rule::Markdown);
    }
    if text_after_front_matter(&message.markdown).contains("---") {
        return Err(Rule::Rule);
    }
    let century = Timestamp::constant(946_684_800, 0)..Timestamp::constant(4_102_444_800, 0);
    if message.due_date.is_some_and(|due| !century.contains(&due)) {
        return Err(Rule::DueDate);
    }
    if let Some(payment) = &message.payment_data {
        if !AMOUNT.contains(&payment.amount.get()) {
            return Err(Rule::Amount);
        }
        if payment.invalid_after_due_date && message.due_date.is_none() {
            return Err(Rule::Expiry);
        }
    }
    Ok(())
}

/// The text without the front matter that holds the buttons, if it begins with one.
fn text_after_front_matter(markdown: &str) -> &str {
    let front = markdown.strip_prefix("---\n").and_then(|front| front.split_once("\n---\n"));
    front.map_or(markdown, |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use domain::identifier::NoticeNumber;
    use domain::money::Cents;
    use engine::campaign::message::PaymentData;

    use super::*;

    fn good() -> Message {
        Message {
            subject: "Un verbale è in scadenza".to_owned(),
            markdown: "x".repeat(80),
            due_date: Some("2026-04-07T21:59:59Z".parse().unwrap()),
            payment_data: Some(PaymentData {
                amount: Cents::new(8650),
                notice_number: NoticeNumber::parse("301011100007347557").unwrap(),
                invalid_after_due_date: true,
            }),
        }
    }

    fn judged(change: impl FnOnce(&mut Message)) -> Result<(), Rule> {
        let mut message = good();
        change(&mut message);
        check(&FiscalCode::parse("RSSMRA80A01H501U").unwrap(), &message)
    }

    fn priced(cents: i64) -> Result<(), Rule> {
        judged(|message| message.payment_data.as_mut().unwrap().amount = Cents::new(cents))
    }

    #[test]
    fn lengths_are_counted_in_utf_16_units() {
        let subject = |text: String| judged(|message| message.subject = text);
        assert_eq!(subject("x".repeat(9)), Err(Rule::Subject));
        assert_eq!(subject("x".repeat(10)), Ok(()));
        assert_eq!(subject("è".repeat(120)), Ok(()));
        assert_eq!(subject("x".repeat(121)), Err(Rule::Subject));
        assert_eq!(subject("🚗".repeat(60)), Ok(()));
        assert_eq!(subject("🚗".repeat(61)), Err(Rule::Subject), "122 units");
        assert_eq!(subject("due righe\nin un titolo".to_owned()), Err(Rule::SubjectControl));
        let markdown = |text: String| judged(|message| message.markdown = text);
        assert_eq!(markdown("x".repeat(79)), Err(Rule::Markdown));
        assert_eq!(markdown("x".repeat(10_000)), Ok(()));
        assert_eq!(markdown("x".repeat(10_001)), Err(Rule::Markdown));
        assert_eq!(markdown("🚗".repeat(40)), Ok(()));
        assert_eq!(markdown("🚗".repeat(5_001)), Err(Rule::Markdown));
    }

    #[test]
    fn three_hyphens_stand_in_the_front_matter_alone() {
        let markdown = |text: String| judged(|message| message.markdown = text);
        let text = "x".repeat(80);
        let front = "---\nit:\n  cta_1:\n    text: \"Vai\"\n    action: \"iohandledlink://https://a.it\"\n---\n";
        assert_eq!(markdown(format!("{front}{text}")), Ok(()));
        assert_eq!(markdown(format!("{front}{text}\n---\n")), Err(Rule::Rule));
        assert_eq!(markdown(format!("{text}\n---\nfine")), Err(Rule::Rule));
        assert_eq!(markdown(format!("---\n{text}")), Err(Rule::Rule), "it is never closed");
    }

    #[test]
    fn amounts_are_one_cent_to_ten_digits() {
        for (cents, good) in
            [(0, false), (1, true), (9_999_999_999, true), (10_000_000_000, false), (-1, false)]
        {
            assert_eq!(priced(cents).is_ok(), good, "{cents}");
        }
    }

    #[test]
    fn a_notice_expires_on_a_date() {
        assert_eq!(judged(|message| message.due_date = None), Err(Rule::Expiry));
        assert_eq!(
            judged(|message| message.due_date = Some("0026-04-07T21:59:59Z".parse().unwrap())),
            Err(Rule::DueDate)
        );
    }

    #[test]
    fn a_recipient_is_a_person_whose_code_is_right() {
        for (code, good) in [
            ("RSSMRA80A01H501U", true),
            ("RSSMRA80A01H501X", false), // check character
            ("01234567897", false),      // a company
        ] {
            let found = check(&FiscalCode::parse(code).unwrap(), &self::good());
            assert_eq!(found.is_ok(), good, "{code}");
        }
    }
}
