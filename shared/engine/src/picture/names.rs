//! What people call those who must act: one name for each, wherever it is told, so that what is
//! for one addressee stays together.

use std::collections::BTreeMap;

use domain::identifier::{Iuf, Psp};
use jiff::Timestamp;

use super::flows::FlowView;

/// Characters of the date that an IUF begins with (SACI 7: date, code of the provider, `-`).
const IUF_DATE: usize = 10;

/// The names of the providers, as their latest flows have them.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<Psp, (Timestamp, Box<str>)>);

impl Names {
    /// The names that these flows tell.
    pub fn of(flows: &[FlowView]) -> Self {
        let mut names = BTreeMap::<Psp, (Timestamp, Box<str>)>::new();
        for flow in flows {
            let header = &flow.revision().header;
            let Some(name) = &header.psp_name else { continue };
            let known = names.get(&flow.key.psp).map(|(time, name)| (*time, name));
            if known.is_none_or(|known| known < (header.flow_time, name)) {
                names.insert(flow.key.psp.clone(), (header.flow_time, name.clone()));
            }
        }
        Self(names)
    }

    /// `Banca di Prova (BPROITMM)`; `told` is how a receipt calls it, where no flow does.
    pub fn provider(&self, psp: &Psp, told: Option<&str>) -> String {
        let known = self.0.get(psp).map(|(_, name)| &**name);
        named(known.or(told), psp.as_str())
    }

    /// The provider that sent a transfer: the one that the identifier of the flow tells, else the
    /// one that is called like the remitter. `None` where the journal does not tell the remitter.
    pub fn remitter(&self, remitter: &str, iuf: Option<&Iuf>) -> Option<String> {
        let remitter = remitter.trim();
        let of_iuf = iuf.and_then(provider_of);
        let called = |name: &str| name.trim().eq_ignore_ascii_case(remitter);
        let by_name = || self.0.iter().find(|(_, (_, name))| called(name)).map(|(psp, _)| psp);
        match of_iuf.as_ref().filter(|psp| self.0.contains_key(*psp)).or_else(by_name) {
            Some(psp) => Some(self.provider(psp, None)),
            None => (!remitter.is_empty()).then(|| remitter.to_owned()),
        }
    }
}

/// `name (code)`, or the code alone.
pub(super) fn named(name: Option<&str>, code: &str) -> String {
    match name {
        Some(name) => format!("{name} ({code})"),
        None => code.to_owned(),
    }
}

/// The provider whose code an IUF carries.
fn provider_of(iuf: &Iuf) -> Option<Psp> {
    let (code, _) = iuf.as_str().get(IUF_DATE..)?.split_once('-')?;
    code.parse().ok()
}

/// `Tesoriere (ABI 09990)`: a journal tells no other name.
pub(super) fn treasurer(abi: Option<&str>) -> String {
    abi.map_or_else(|| "Tesoriere".to_owned(), |abi| format!("Tesoriere (ABI {abi})"))
}
