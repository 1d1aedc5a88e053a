//! A revision as one document, fetched page by page while it is read: constant memory.

use std::io::{self, Cursor, Read};

use super::port::{Account, Page, Published, PublishedFlows};
use crate::port::{PortError, PortResult};

/// The most pages of payments that are fetched: a million payments.
pub const PAGES_MAX: u32 = 1000;

/// `{"flow":…,"payments":[page,page…]}`, its parts byte for byte as the service gave them.
pub(super) struct Document<'a> {
    service: &'a mut dyn PublishedFlows,
    account: &'a Account,
    flow: &'a Published,
    part: Cursor<Vec<u8>>,
    /// The page that was last fetched, of so many; none left once the end was written.
    at: Option<(u32, u32)>,
    /// Why reading failed: a reader can only say that it did.
    failure: Option<PortError>,
}

impl<'a> Document<'a> {
    /// Fetches the header and the first page. None when the service has not both.
    pub fn begin(
        service: &'a mut dyn PublishedFlows,
        account: &'a Account,
        flow: &'a Published,
    ) -> PortResult<Option<Self>> {
        let Some(header) = service.flow(account, flow)? else { return Ok(None) };
        let Some(first) = service.payments(account, flow, 1)? else { return Ok(None) };
        if first.pages > PAGES_MAX {
            return Err(PortError::Final(format!("a flow must have at most {PAGES_MAX} pages")));
        }
        let part = [br#"{"flow":"#, &*header, br#","payments":["#, &*first.body].concat();
        let at = Some((1, first.pages));
        Ok(Some(Self { service, account, flow, part: Cursor::new(part), at, failure: None }))
    }

    /// What a failure of who reads this came from.
    pub fn cause(&mut self, of_reader: PortError) -> PortError {
        self.failure.take().unwrap_or(of_reader)
    }

    /// Fetches what comes next; false after the end.
    fn advance(&mut self) -> PortResult<bool> {
        let Some((at, pages)) = self.at else { return Ok(false) };
        let part = if at < pages {
            let page = self.page(at + 1, pages)?;
            self.at = Some((at + 1, pages));
            [b",", &*page.body].concat()
        } else {
            self.at = None;
            b"]}".to_vec()
        };
        self.part = Cursor::new(part);
        Ok(true)
    }

    fn page(&mut self, number: u32, of: u32) -> PortResult<Page> {
        match self.service.payments(self.account, self.flow, number)? {
            Some(page) if page.pages == of => Ok(page),
            Some(_) => Err(PortError::Final(format!("page {number} is of another count of pages"))),
            None => Err(PortError::Final(format!("page {number} of {of} is missing"))),
        }
    }
}

impl Read for Document<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.part.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.advance() {
                Ok(true) => {}
                Ok(false) => return Ok(0),
                Err(error) => {
                    let told = io::Error::other(error.to_string());
                    self.failure = Some(error);
                    return Err(told);
                }
            }
        }
    }
}
