//! A copy that does not exist yet. It is made when its first run begins, and not before: a run that turns out
//! not to be valid leaves no file behind.

use std::future::ready;

use sync::{Sink, SinkError, SinkFuture};

type Make = Box<dyn FnOnce() -> Result<Box<dyn Sink>, SinkError> + Send>;

/// A sink that is made once something is written to it. Until then it has nothing.
pub(super) struct NewCopy {
    make: Option<Make>,
    sink: Option<Box<dyn Sink>>,
}

impl NewCopy {
    /// One that this makes.
    pub(super) fn new<S: Sink + 'static>(
        make: impl FnOnce() -> Result<S, SinkError> + Send + 'static,
    ) -> Self {
        let make: Make = Box::new(|| Ok(Box::new(make()?)));
        Self {
            make: Some(make),
            sink: None,
        }
    }

    fn made(&mut self) -> Result<&mut (dyn Sink + 'static), SinkError> {
        if let Some(make) = self.make.take() {
            self.sink = Some(make()?);
        }
        self.sink.as_deref_mut().ok_or_else(|| SinkError::Unusable {
            sink: "the copy".to_owned(),
            reason: "it could not be made before".to_owned(),
        })
    }
}

macro_rules! new_copy {
    ($($kind:ident $name:ident<$life:lifetime>($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        impl Sink for NewCopy {$(
            fn $name<$life>(&$life mut self, $($argument: $type),*) -> SinkFuture<$life, $result> {
                new_copy!(@$kind self, $name($($argument),*) -> $result)
            }
        )*}
    };
    (@reads $self:ident, $name:ident($($argument:ident),*) -> $result:ty) => {
        match &mut $self.sink {
            Some(sink) => sink.$name($($argument),*),
            None => Box::pin(ready(Ok(<$result>::default()))),
        }
    };
    (@$writes:ident $self:ident, $name:ident($($argument:ident),*) -> $result:ty) => {
        match $self.made() {
            Ok(sink) => sink.$name($($argument),*),
            Err(error) => Box::pin(ready(Err(error))),
        }
    };
}

sync::sink_functions!(new_copy);
