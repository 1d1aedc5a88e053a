//! The bodies of requests.

use domain::identifier::FiscalCode;
use engine::campaign::message::Message;
use serde::Serialize;

/// `NewMessage`. IO drops fields that it does not know without a word: a test looks at the text
/// that this becomes.
#[derive(Serialize)]
struct NewMessage<'a> {
    fiscal_code: &'a str,
    /// Stated, so that a service that becomes Premium does not change what citizens get.
    feature_level_type: &'static str,
    content: &'a Message,
}

#[derive(Serialize)]
struct ProfileQuestion<'a> {
    fiscal_code: &'a str,
}

/// The body of POST /messages.
pub fn message(recipient: &FiscalCode, content: &Message) -> String {
    let fiscal_code = recipient.as_str();
    write(&NewMessage { fiscal_code, feature_level_type: "STANDARD", content })
}

/// The body of POST /profiles.
pub fn profile(recipient: &FiscalCode) -> String {
    write(&ProfileQuestion { fiscal_code: recipient.as_str() })
}

fn write(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("texts and whole numbers are JSON")
}

#[cfg(test)]
mod tests {
    use domain::identifier::NoticeNumber;
    use domain::money::Cents;
    use engine::campaign::message::PaymentData;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_message_is_written_as_io_reads_it() {
        let recipient = FiscalCode::parse("aaaaaa00a00a000a").unwrap();
        let content = Message {
            subject: "Verbale in scadenza".to_owned(),
            markdown: "Testo «con» \"virgolette\"\ne una riga.".to_owned(),
            due_date: Some("2026-04-07T21:59:59Z".parse().unwrap()),
            payment_data: Some(PaymentData {
                amount: Cents::new(8650),
                notice_number: NoticeNumber::parse("301011100007347557").unwrap(),
                invalid_after_due_date: false,
            }),
        };
        let written: Value = serde_json::from_str(&message(&recipient, &content)).unwrap();
        let expected = json!({
            "fiscal_code": "AAAAAA00A00A000A",
            "feature_level_type": "STANDARD",
            "content": {
                "subject": "Verbale in scadenza",
                "markdown": "Testo «con» \"virgolette\"\ne una riga.",
                "due_date": "2026-04-07T21:59:59.000Z",
                "payment_data": {
                    "amount": 8650,
                    "notice_number": "301011100007347557",
                    "invalid_after_due_date": false,
                },
            },
        });
        assert_eq!(written, expected);
    }

    #[test]
    fn what_is_not_there_is_left_out_and_never_null() {
        let recipient = FiscalCode::parse("AAAAAA00A00A000A").unwrap();
        let content = Message {
            subject: "s".to_owned(),
            markdown: "m".to_owned(),
            due_date: None,
            payment_data: None,
        };
        let written = message(&recipient, &content);
        assert!(!written.contains("null"), "{written}");
        let written: Value = serde_json::from_str(&written).unwrap();
        let fields: Vec<_> = written["content"].as_object().unwrap().keys().collect();
        assert_eq!(fields, ["markdown", "subject"]);
    }
}
