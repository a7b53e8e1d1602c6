//! What the options of every command make: a host, a scope, and limits.

use std::time::Duration;

use host_runner::{HostRunner, Limits, Scope, Setup};

use crate::command::SessionOptions;
use crate::exit::Failure;
use crate::folder;

impl SessionOptions {
    pub(crate) fn scope(&self) -> Scope {
        Scope {
            env: self.env.clone(),
            app: self.app.clone(),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            call: Duration::from_secs_f64(self.timeout),
            memory_bytes: self.memory as usize * 1024 * 1024,
            ..Limits::default()
        }
    }

    pub(crate) fn open(&self) -> Result<HostRunner, Failure> {
        let state = match &self.state_dir {
            Some(state) => state.clone(),
            None => folder::default_state()?,
        };
        Ok(Setup::new(state).limits(self.limits()).open()?)
    }
}
