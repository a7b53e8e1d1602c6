//! The content of attachments as a source of files.

use source::{FetchError, Fetched, FetchedFile, FileFuture, FileRequest, FileSource, SourceError};

use super::client::Client;
use crate::download::{AttachmentRequest, DownloadError, Target};
use crate::receipt::Receipt;

impl FileSource for Client {
    fn fetch<'a>(&'a self, request: &'a FileRequest) -> FileFuture<'a> {
        Box::pin(async move {
            let mut receipt = Receipt::default();
            let file = self.save(request, &mut receipt).await;
            self.add(&receipt);
            // The description of the attachment is the one object that is answered.
            let points = receipt.requests.min(2) + 1;
            let file = file.map_err(|error| not_fetched(error, request));
            Fetched::new(receipt.requests, points, file)
        })
    }
}

impl Client {
    async fn save(
        &self,
        request: &FileRequest,
        receipt: &mut Receipt,
    ) -> Result<FetchedFile, DownloadError> {
        let mut wanted = AttachmentRequest::new(request.key.clone());
        wanted.version = request.version;
        let download = self.tenant().download_metered(&wanted, receipt).await?;
        let target = Target::new(Some(request.path.clone())).overwriting();
        let saved = download.save(&target, |_| {}).await?;
        Ok(FetchedFile::new(saved.bytes, saved.sha256))
    }
}

fn not_fetched(error: DownloadError, request: &FileRequest) -> FetchError {
    match error {
        DownloadError::File { path, source } => FetchError::Disk {
            path,
            error: source,
        },
        DownloadError::Call(error) => FetchError::Source(super::streams::not_called(error)),
        error => {
            let kind = error.kind();
            let message = format!("cannot download the attachment `{}`: {error}", request.key);
            let mut told = SourceError::new(kind.as_str(), kind.as_str(), message);
            told.cause = error.cause().map(Into::into);
            told.resolution = error.resolution().map(Into::into);
            FetchError::Source(told.with_source(error))
        }
    }
}
