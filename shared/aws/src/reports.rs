//! The report as objects of a bucket.

use std::io::{self, Write};

use report::Files;

use crate::Cloud;
use crate::objects::Upload;

/// A bucket where each file of the report is an object. Each shows whole, and `summary.json` last:
/// who finds it as new as the rest has all of one report.
#[derive(Clone)]
pub struct ReportsBucket {
    cloud: Cloud,
    bucket: String,
}

/// A file of the report on its way.
pub struct ReportObject {
    upload: Upload,
    last: bool,
}

impl ReportsBucket {
    /// The report in this bucket.
    #[must_use]
    pub fn new(cloud: Cloud, bucket: String) -> Self {
        Self { cloud, bucket }
    }
}

impl Files for ReportsBucket {
    type File = ReportObject;

    fn create(&self, name: &str) -> io::Result<ReportObject> {
        let upload = Upload::new(self.cloud.clone(), self.bucket.clone(), name.to_owned());
        Ok(ReportObject { upload, last: name == "summary.json" })
    }

    fn publish(&self, files: Vec<ReportObject>) -> io::Result<()> {
        let (last, first): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.last);
        first.into_iter().chain(last).try_for_each(|file| file.upload.finish())
    }
}

impl Write for ReportObject {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.upload.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.upload.flush()
    }
}
