//! What a component has to have before it is instantiated: no import beyond its grant, and every
//! export that callers rely on.

use std::fmt;

use super::LoadError;
use super::function::Function;
use super::grant::Grant;

/// What a component lacks of what callers rely on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissingExport {
    /// A whole interface.
    Interface {
        /// Its name, without a version.
        interface: String,
    },
    /// A function of an interface.
    Function {
        /// Its signature.
        signature: String,
    },
    /// A function has another signature.
    Signature {
        /// The one that callers rely on.
        wanted: String,
        /// The one that it has.
        found: String,
    },
}

impl fmt::Display for MissingExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interface { interface } => write!(f, "the interface `{interface}`"),
            Self::Function { signature } => write!(f, "`{signature}`"),
            Self::Signature { wanted, found } if wanted == found => {
                write!(f, "`{wanted}`, which has other types in its records there")
            }
            Self::Signature { wanted, found } => {
                write!(f, "`{wanted}`, which is `{found}` there")
            }
        }
    }
}

/// Checks imports against a grant.
pub(crate) fn check_imports(imports: &[String], grant: &Grant) -> Result<(), LoadError> {
    let surplus = grant.surplus(imports);
    if surplus.is_empty() {
        Ok(())
    } else {
        Err(LoadError::SurplusImports { surplus })
    }
}

/// Checks that a component exports the `required` interfaces, each with the functions that the
/// `reference` component has in it.
pub(crate) fn check_exports(
    functions: &[Function],
    interfaces: &[String],
    required: &[String],
    reference: &[Function],
) -> Result<(), LoadError> {
    let mut lacks = Vec::new();
    for required in required {
        if !interfaces.iter().any(|name| unversioned(name) == required) {
            lacks.push(MissingExport::Interface {
                interface: required.clone(),
            });
            continue;
        }
        let of = |functions: &[Function]| -> Vec<Function> {
            functions
                .iter()
                .filter(|function| unversioned(function.interface()) == required)
                .cloned()
                .collect()
        };
        let found = of(functions);
        for wanted in of(reference) {
            let signature = wanted.signature();
            match found
                .iter()
                .find(|function| function.name() == wanted.name())
            {
                None => lacks.push(MissingExport::Function { signature }),
                Some(function) if !function.has_type_of(&wanted) => {
                    lacks.push(MissingExport::Signature {
                        wanted: signature,
                        found: function.signature(),
                    });
                }
                Some(_) => {}
            }
        }
    }
    if lacks.is_empty() {
        Ok(())
    } else {
        Err(LoadError::LacksExports { lacks })
    }
}

fn unversioned(name: &str) -> &str {
    name.split('@').next().unwrap_or(name)
}
