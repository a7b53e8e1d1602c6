//! How a store is reached, and as whom: by the variables that its other clients read.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use serde_json::Value;
use url::Url;

use crate::answers::Answers;
use crate::connector::{Connector, origin};
use crate::location::{Location, Provider};
use crate::remote::Remote;
use crate::transport::Transport;

/// The domain of Google Cloud, unless the file with the credentials names that of another cloud.
const GOOGLE_DOMAIN: &str = "googleapis.com";

/// Where tokens for Google Cloud come from.
const GOOGLE_TOKENS: [&str; 3] = [
    "https://accounts.google.com",
    "https://oauth2.googleapis.com",
    "https://www.googleapis.com",
];

/// Where tokens for Azure come from, unless `AZURE_AUTHORITY_HOST` says otherwise.
const AZURE_TOKENS: &str = "https://login.microsoftonline.com";

/// How often a request is made again, and how long it takes at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// Before the first repetition; then twice as long each time, with jitter, up to 15 s.
    pub first_wait: Duration,
    /// How often, at most.
    pub max: usize,
}

impl Default for Retries {
    /// 10, from 100 ms on.
    fn default() -> Self {
        Self {
            first_wait: Duration::from_millis(100),
            max: 10,
        }
    }
}

/// Why a store cannot be reached. No value of a credential is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// Variables are not set.
    #[error("no credentials for `{location}`: {needed}")]
    NoCredentials {
        /// The store.
        location: String,
        /// What is needed.
        needed: &'static str,
    },
    /// A variable has a value that it cannot have.
    #[error("the variable `{variable}` is not valid: {reason}")]
    Variable {
        /// Its name.
        variable: &'static str,
        /// Why.
        reason: String,
    },
}

/// Credentials and endpoint of a store.
pub struct Access {
    location: Location,
    client: Client,
    origins: BTreeSet<String>,
}

enum Client {
    S3(Box<AmazonS3Builder>),
    Google(Box<GoogleCloudStorageBuilder>),
    /// With the variable that its credential is from.
    Azure(Box<MicrosoftAzureBuilder>, &'static str),
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("location", &self.location)
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}

/// Values of variables. An empty one is not set.
struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    fn first(&self, names: &[&'static str]) -> Option<(&'static str, String)> {
        names.iter().find_map(|name| Some((*name, self.get(name)?)))
    }

    fn is_true(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "true" | "1"))
    }
}

impl Access {
    /// By variables of the environment, which `get` returns. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`AccessError`] for variables that are missing or not valid.
    pub fn from_environment(
        location: &Location,
        get: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, AccessError> {
        let variables = Variables(get);
        match location.provider() {
            Provider::S3 => Self::s3(location, &variables),
            Provider::Google => Self::google(location, &variables),
            Provider::Azure => Self::azure(location, &variables),
        }
    }

    /// The origins that requests go to, such as `https://s3.eu-central-1.amazonaws.com:443`: that of the
    /// store, and those that its tokens come from.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.origins.iter().map(String::as_str)
    }

    /// The objects of the store.
    ///
    /// # Errors
    ///
    /// [`AccessError`] for a key or a file with credentials that cannot be used.
    pub fn connect(
        self,
        transport: Arc<dyn Transport>,
        retries: Retries,
    ) -> Result<Remote, AccessError> {
        let answers = Answers::default();
        let connector = Connector {
            transport,
            origins: self.origins,
            answers: answers.clone(),
        };
        let retry = RetryConfig {
            backoff: BackoffConfig {
                init_backoff: retries.first_wait,
                ..BackoffConfig::default()
            },
            max_retries: retries.max,
            ..RetryConfig::default()
        };
        // The origins decide. The library's own check would refuse what they allow.
        let options = ClientOptions::new().with_allow_http(true);
        let (variable, store): (_, object_store::Result<Arc<dyn ObjectStore>>) = match self.client {
            Client::S3(builder) => {
                let builder = builder.with_client_options(options).with_retry(retry);
                let built = builder.with_http_connector(connector).build();
                ("AWS_ENDPOINT_URL", built.map(|store| Arc::new(store) as _))
            }
            Client::Google(builder) => {
                let builder = builder.with_client_options(options).with_retry(retry);
                let built = builder.with_http_connector(connector).build();
                let variable = "GOOGLE_APPLICATION_CREDENTIALS";
                (variable, built.map(|store| Arc::new(store) as _))
            }
            Client::Azure(builder, variable) => {
                let builder = builder.with_client_options(options).with_retry(retry);
                let built = builder.with_http_connector(connector).build();
                (variable, built.map(|store| Arc::new(store) as _))
            }
        };
        // What the library says may repeat the value.
        let store = store.map_err(|_| AccessError::Variable {
            variable,
            reason: "the client of the store does not accept it".to_owned(),
        })?;
        Ok(Remote::with_answers(store, self.location, answers))
    }

    fn s3(location: &Location, variables: &Variables<'_>) -> Result<Self, AccessError> {
        let id = variables.get("AWS_ACCESS_KEY_ID");
        let secret = variables.get("AWS_SECRET_ACCESS_KEY");
        let (Some(id), Some(secret)) = (id, secret) else {
            return Err(AccessError::NoCredentials {
                location: location.to_string(),
                needed: "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, and `AWS_SESSION_TOKEN` if they are temporary",
            });
        };
        let region = variables.first(&["AWS_REGION", "AWS_DEFAULT_REGION"]);
        let region = region.map_or_else(|| "us-east-1".to_owned(), |(_, region)| region);
        let is_region = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !region.chars().all(is_region) {
            return Err(AccessError::Variable {
                variable: "AWS_REGION",
                reason: "a region is such as `eu-central-1`".to_owned(),
            });
        }
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(location.bucket())
            .with_access_key_id(id)
            .with_secret_access_key(secret)
            .with_region(&region)
            // The server compares the body with it, so that a part is stored as it was or not at all.
            .with_checksum_algorithm(object_store::aws::Checksum::SHA256)
            // Not all stores that speak the protocol can delete several objects in one request.
            .with_disable_bulk_delete(true);
        if let Some(token) = variables.get("AWS_SESSION_TOKEN") {
            builder = builder.with_token(token);
        }
        let endpoint = variables.first(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]);
        let origin = match endpoint {
            Some((variable, url)) => {
                let allows_http = variables.is_true("AWS_ALLOW_HTTP");
                let endpoint = Endpoint::of(variable, &url, allows_http)?;
                builder = builder.with_endpoint(endpoint.url);
                endpoint.origin
            }
            None => format!("https://s3.{region}.amazonaws.com:443"),
        };
        Ok(Self {
            location: location.clone(),
            client: Client::S3(Box::new(builder)),
            origins: BTreeSet::from([origin]),
        })
    }

    fn google(location: &Location, variables: &Variables<'_>) -> Result<Self, AccessError> {
        let variable = "GOOGLE_APPLICATION_CREDENTIALS";
        let Some(path) = variables.get(variable) else {
            return Err(AccessError::NoCredentials {
                location: location.to_string(),
                needed: "set `GOOGLE_APPLICATION_CREDENTIALS` to the file with the key of a service account",
            });
        };
        let invalid = |reason: &str| AccessError::Variable {
            variable,
            reason: reason.to_owned(),
        };
        let text = std::fs::read_to_string(&path)
            .map_err(|error| invalid(&format!("`{path}` cannot be read: {error}")))?;
        let file: Value =
            serde_json::from_str(&text).map_err(|_| invalid("the file is not JSON"))?;
        let field = |name: &str| file.get(name).and_then(Value::as_str);
        let builder = GoogleCloudStorageBuilder::new().with_bucket_name(location.bucket());
        let builder = match field("type") {
            Some("authorized_user") => builder.with_application_credentials(path),
            None | Some("service_account") => builder.with_service_account_path(path),
            Some(_) => {
                return Err(invalid(
                    "the file must have the type `service_account` or `authorized_user`",
                ));
            }
        };
        let endpoint = match variables.get("GOOGLE_BASE_URL") {
            Some(url) => {
                let allows_http = variables.is_true("GOOGLE_ALLOW_HTTP");
                Endpoint::of("GOOGLE_BASE_URL", &url, allows_http)?
            }
            None => {
                let of_domain = |domain| format!("https://storage.{domain}");
                let url = field("gcs_base_url").map(str::to_owned);
                let url = url.or_else(|| field("universe_domain").map(of_domain));
                let url = url.unwrap_or_else(|| of_domain(GOOGLE_DOMAIN));
                Endpoint::of(variable, &url, false)?
            }
        };
        let mut origins = BTreeSet::from([endpoint.origin]);
        for url in GOOGLE_TOKENS.into_iter().chain(field("token_uri")) {
            origins.insert(Endpoint::of(variable, url, false)?.origin);
        }
        let builder = builder.with_base_url(&endpoint.url);
        Ok(Self {
            location: location.clone(),
            client: Client::Google(Box::new(builder)),
            origins,
        })
    }

    fn azure(location: &Location, variables: &Variables<'_>) -> Result<Self, AccessError> {
        let account = variables.first(&["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"]);
        let key = variables.first(&["AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_KEY"]);
        let signature = variables.get("AZURE_STORAGE_SAS_TOKEN");
        let app = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];
        let app = app.map(|name| variables.get(name));
        let missing = || AccessError::NoCredentials {
            location: location.to_string(),
            needed: "set `AZURE_STORAGE_ACCOUNT_NAME` and `AZURE_STORAGE_ACCOUNT_KEY`, `AZURE_STORAGE_SAS_TOKEN`, or `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET`",
        };
        let (variable, account) = account.ok_or_else(missing)?;
        let is_account = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if !account.chars().all(is_account) {
            return Err(AccessError::Variable {
                variable,
                reason: "an account has lower-case letters and digits only".to_owned(),
            });
        }
        let mut builder = MicrosoftAzureBuilder::new()
            .with_account(&account)
            .with_container_name(location.bucket());
        let mut origins = BTreeSet::new();
        let credential;
        (credential, builder) = match (key, signature, app) {
            (Some((variable, key)), _, _) => (variable, builder.with_access_key(key)),
            (None, Some(signature), _) => (
                "AZURE_STORAGE_SAS_TOKEN",
                builder.with_config(AzureConfigKey::SasKey, signature),
            ),
            (None, None, [Some(tenant), Some(client), Some(secret)]) => {
                let variable = "AZURE_AUTHORITY_HOST";
                let authority = variables.get(variable);
                let authority = authority.unwrap_or_else(|| AZURE_TOKENS.to_owned());
                let authority = Endpoint::of(variable, &authority, false)?;
                origins.insert(authority.origin);
                let builder = builder
                    .with_authority_host(authority.url)
                    .with_client_secret_authorization(client, secret, tenant);
                (variable, builder)
            }
            _ => return Err(missing()),
        };
        let endpoint = variables.first(&["AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"]);
        origins.insert(match endpoint {
            Some((variable, url)) => {
                let allows_http = variables.is_true("AZURE_ALLOW_HTTP");
                let endpoint = Endpoint::of(variable, &url, allows_http)?;
                builder = builder.with_endpoint(endpoint.url);
                endpoint.origin
            }
            None => format!("https://{account}.blob.core.windows.net:443"),
        });
        Ok(Self {
            location: location.clone(),
            client: Client::Azure(Box::new(builder), credential),
            origins,
        })
    }
}

/// Where a store is, or what issues its tokens.
struct Endpoint {
    /// Scheme, host and port.
    origin: String,
    /// Without the slash at its end, after which the library would add another one.
    url: String,
}

impl Endpoint {
    /// Without TLS it is on this machine, or allowed by a variable: rows would cross the network readable.
    fn of(variable: &'static str, text: &str, allows_http: bool) -> Result<Self, AccessError> {
        let invalid = |reason: &str| AccessError::Variable {
            variable,
            reason: reason.to_owned(),
        };
        let not_url = || invalid("it must be a URL such as `https://HOST`");
        let url = Url::parse(text).map_err(|_| not_url())?;
        let has_login = !url.username().is_empty() || url.password().is_some();
        if has_login || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("the URL must not contain credentials, `?` or `#`"));
        }
        let is_loopback = url
            .host()
            .is_some_and(|host| host_levels::is_loopback(&host));
        match url.scheme() {
            "https" => {}
            "http" if is_loopback || allows_http => {}
            _ => return Err(invalid("the URL must begin with `https://`")),
        }
        let text = text.trim_end_matches('/');
        let uri: http::Uri = text.parse().map_err(|_| not_url())?;
        let origin = origin(&uri).ok_or_else(|| invalid("the URL has no host"))?;
        Ok(Self {
            origin,
            url: text.to_owned(),
        })
    }
}
