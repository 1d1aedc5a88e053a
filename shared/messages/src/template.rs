//! A template: checked when it is made, filled without surprises.

use std::sync::Arc;

use domain::campaign::Kind;
use minijinja::{Environment, UndefinedBehavior, Value};
use sha2::{Digest, Sha256};

use crate::rules;
use crate::values::Values;

/// What a template may compute: without loops a text needs a tenth of it.
const FUEL: u64 = 10_000;
/// The longest source of a template, in bytes.
const SOURCE_MAX: usize = 20_000;
const SUBJECT: &str = "subject";
const MARKDOWN: &str = "markdown";

/// A text with places, that keeps the rules of its kind whatever fills it.
#[derive(Clone)]
pub struct Template {
    kind: Kind,
    environment: Arc<Environment<'static>>,
    version: Box<str>,
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Template({})", self.version)
    }
}

/// Two templates are the same if they say the same.
impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

/// A filled text.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// The title.
    pub subject: String,
    /// The text.
    pub markdown: String,
}

/// Why a template is refused: the rule that it breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the text of {}: {rule}", kind.code())]
pub struct TemplateError {
    /// The kind that the text is for.
    pub kind: Kind,
    /// The rule.
    pub rule: String,
}

impl Template {
    /// Reads a title and a text in the syntax of Jinja, and tries them against every rule.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn new(kind: Kind, subject: &str, markdown: &str) -> Result<Self, TemplateError> {
        let refuse = |rule: String| TemplateError { kind, rule };
        let (subject, markdown) = (subject.trim(), markdown.trim());
        if subject.len() + markdown.len() > SOURCE_MAX {
            return Err(refuse(format!("a text has at most {SOURCE_MAX} bytes")));
        }
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        for (name, source) in [(SUBJECT, subject), (MARKDOWN, markdown)] {
            let added = environment.add_template_owned(name, source.to_owned());
            added.map_err(|error| refuse(format!("syntax: {error}")))?;
        }
        let version = version(kind, subject, markdown);
        let template = Self { kind, environment: Arc::new(environment), version };
        template.check().map_err(refuse)?;
        Ok(template)
    }

    /// The kind that it is for.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Tells this text from any other: the kind and the beginning of a hash.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Fills it.
    ///
    /// # Errors
    /// When what fills it breaks a rule of form all the same: nothing of the values is told.
    pub fn fill(&self, values: &Values) -> Result<Text, TemplateError> {
        let filled = self.render(values).and_then(|text| {
            rules::of_form(&text.subject, &text.markdown).map_err(str::to_owned)?;
            Ok(text)
        });
        filled.map_err(|rule| TemplateError { kind: self.kind, rule })
    }

    /// Its title alone, as another message quotes it.
    ///
    /// # Errors
    /// When it cannot be filled.
    pub fn title(&self, values: &Values) -> Result<String, TemplateError> {
        let refuse = |rule| TemplateError { kind: self.kind, rule };
        Ok(self.render(values).map_err(refuse)?.subject)
    }

    fn check(&self) -> Result<(), String> {
        rules::of_places(self.kind, &self.places(SUBJECT)?, &self.places(MARKDOWN)?)?;
        for values in rules::trials(self.kind) {
            let Text { subject, markdown } = self.render(&values)?;
            rules::of_form(&subject, &markdown)?;
            rules::of_words(self.kind, &subject, &markdown)?;
            rules::of_content(self.kind, &values, &markdown)?;
        }
        Ok(())
    }

    /// The names that a part of it uses, in order.
    fn places(&self, part: &str) -> Result<Vec<String>, String> {
        let template = self.environment.get_template(part).map_err(|error| error.to_string())?;
        let mut names: Vec<_> = template.undeclared_variables(false).into_iter().collect();
        names.sort_unstable();
        Ok(names)
    }

    fn render(&self, values: &Values) -> Result<Text, String> {
        let all = Value::from_pairs(values.all(self.kind));
        let part = |name: &str| {
            let template = self.environment.get_template(name)?;
            template.render(all.clone())
        };
        // The engine's own words may quote what it was filling.
        let failed = |error: minijinja::Error| format!("syntax: {}", error.kind());
        Ok(Text {
            subject: part(SUBJECT).map_err(failed)?,
            markdown: part(MARKDOWN).map_err(failed)?,
        })
    }
}

fn version(kind: Kind, subject: &str, markdown: &str) -> Box<str> {
    let digest = Sha256::digest(format!("{subject}\n\n{markdown}"));
    let start = u64::from_be_bytes(std::array::from_fn(|place| digest[place]));
    format!("{}-{start:016x}", kind.code()).into()
}
