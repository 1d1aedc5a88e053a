//! Who we are, when nobody configured it: the organization that the files name.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek};

use domain::identifier::OrganizationCode;
use formats::container::zip::Archive;
use formats::container::{self, Allowance, Limits, gzip, p7m};
use formats::journal::JournalRecord;
use formats::position::PositionLine;
use formats::recognise::{self, Kind};
use formats::{Defects, FlowRecord};

use super::input::{Input, head};
use super::unreadable;
use crate::port::PortResult;

/// What the inputs say of who they are for.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// The text of the first configuration among them.
    pub configuration: Option<String>,
    /// The organizations that journals, flows and positions name.
    pub organizations: BTreeSet<OrganizationCode>,
    /// The creditors that receipts name: they name other bodies' too, so they count only where
    /// nothing else does.
    pub creditors: BTreeSet<OrganizationCode>,
}

/// The largest configuration that is looked for among inputs.
const CONFIGURATION_BYTES_MAX: u64 = 1024 * 1024;

/// Reads the inputs to see whose they are. Nothing is stored; what is damaged is passed over, since
/// taking it in will tell.
///
/// # Errors
/// When an input cannot be read at all.
pub fn identify<I: Input>(inputs: &[I]) -> PortResult<Identity> {
    let mut identity = Identity::default();
    for input in inputs {
        let failed = |error: io::Error| unreadable(input.name(), &error);
        let size = input.size().map_err(failed)?;
        let mut file = input.open().map_err(failed)?;
        let Ok(allowance) = Allowance::of_file(size, Limits::STANDARD) else { continue };
        let head = head(&mut file).map_err(failed)?;
        file.rewind().map_err(failed)?;
        let _damage_is_told_later = match recognise::kind(&head) {
            Kind::Zip => identity.archive(&mut file, &allowance),
            _ => identity.wrapped(&mut file, &allowance),
        };
        if identity.configuration.is_some() {
            break;
        }
    }
    Ok(identity)
}

impl Identity {
    fn archive<R: Read + Seek>(
        &mut self,
        source: &mut R,
        allowance: &Allowance,
    ) -> Result<(), Defects> {
        let archive = Archive::open(source, allowance)?;
        for entry in archive.entries() {
            let _damage_is_told_later =
                archive.read(entry, source, |file| self.wrapped(file, archive.inside()))?;
        }
        Ok(())
    }

    fn wrapped(&mut self, file: &mut dyn Read, allowance: &Allowance) -> Result<(), Defects> {
        let mut file = file;
        let head = head(&mut file)
            .map_err(|error| formats::read_failure(&error, formats::Place::WHOLE_FILE))?;
        let kind = recognise::kind(&head);
        let mut file = io::Cursor::new(head).chain(file);
        match kind {
            Kind::Zip => self.archive(&mut container::spooled(file)?, allowance),
            Kind::Gzip => {
                let (mut inside, allowance) = gzip::unpacked(file, allowance)?;
                self.wrapped(&mut inside, &allowance)
            }
            Kind::P7m => {
                let (mut inside, allowance) = p7m::content(file, allowance)?;
                self.wrapped(&mut inside, &allowance)
            }
            Kind::Configuration => {
                let mut text = String::new();
                let read = (&mut file).take(CONFIGURATION_BYTES_MAX).read_to_string(&mut text);
                self.configuration = read.ok().map(|_| text);
                Ok(())
            }
            kind => self.document(&kind, &mut file),
        }
    }

    fn document(&mut self, kind: &Kind, file: &mut dyn Read) -> Result<(), Defects> {
        let text = formats::encoding::decoded(file)?;
        // Counted when all of it is read: a file that is refused names nobody.
        let mut organizations = BTreeSet::new();
        let mut creditors = BTreeSet::new();
        let mut flow = |record| {
            if let FlowRecord::Header(header) = record {
                organizations.insert(header.organization);
            }
        };
        match kind {
            Kind::FlowXml | Kind::SoapFlow => {
                formats::flow_xml::read(text, &mut |located| flow(located.record))
            }
            Kind::FlowJson => formats::flow_json::read(text, &mut |located| flow(located.record)),
            Kind::Journal => formats::journal::read(text, &mut |located| {
                if let JournalRecord::Opens { organization, .. } = located.record {
                    organizations.insert(organization);
                }
            }),
            Kind::PositionsJsonLines | Kind::PositionsCsv => {
                let mut line = |line: PositionLine<'_>| {
                    if let PositionLine::Good(located) = line {
                        organizations.insert(located.record.organization);
                    }
                };
                if *kind == Kind::PositionsCsv {
                    formats::position::read_csv(text, &mut line)
                } else {
                    formats::position::read_json_lines(text, &mut line)
                }
            }
            Kind::Receipt => formats::receipt::read(text, &mut |located| {
                creditors.insert(located.record.creditor);
            }),
            _ => Ok(()),
        }?;
        self.organizations.append(&mut organizations);
        self.creditors.append(&mut creditors);
        Ok(())
    }
}
