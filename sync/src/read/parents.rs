//! Rows of other streams that are needed to read one.

use std::collections::HashSet;

use arrow_array::Array as _;
use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use source::{Batch, MAX_PARENTS, Parent, SourceError, SystemColumn, VERSION_NUMBER};

use crate::folders::{FOLDERS, folder_of};

/// Whether an error says that a step needs parents.
pub(crate) fn needs_parents(error: &SourceError) -> bool {
    &*error.code == "parents-missing"
}

/// The rows of a batch as parents, as many in each part as a step may have.
///
/// A row of a set, such as a member of a group, stands for the last part of its key, an account, and
/// is a parent once. `seen` has those parts.
pub(super) fn parents_of(
    batch: &Batch,
    stream: &str,
    seen: &mut HashSet<String>,
) -> Vec<Vec<Parent>> {
    let versions = batch
        .records()
        .column_by_name(VERSION_NUMBER)
        .and_then(|column| column.as_primitive_opt::<Int64Type>());
    let parents: Vec<Parent> = (0..batch.rows())
        // What is deleted has no rows of its own.
        .filter(|row| batch.system(SystemColumn::Deleted, *row).is_none())
        .filter_map(|row| {
            let version = versions
                .filter(|versions| versions.is_valid(row))
                .and_then(|versions| u64::try_from(versions.value(row)).ok());
            Some(Parent {
                stream: stream.to_owned(),
                key: batch.system(SystemColumn::Key, row)?.to_owned(),
                version,
                container: batch
                    .system(SystemColumn::Container, row)
                    .map(str::to_owned),
            })
        })
        .filter(|parent: &Parent| match parent.key.rsplit_once('/') {
            Some((_, own)) => seen.insert(own.to_owned()),
            None => true,
        })
        .collect();
    groups(&parents)
}

/// The folders that rows of a batch are in, each once, as many in each part as a step may have.
pub(super) fn folders_of(batch: &Batch, seen: &mut HashSet<String>) -> Vec<Vec<Parent>> {
    let parents: Vec<Parent> = (0..batch.rows())
        .filter(|row| batch.system(SystemColumn::Deleted, *row).is_none())
        .filter_map(|row| folder_of(batch, row))
        .filter(|folder| seen.insert((*folder).to_owned()))
        .map(|folder| Parent::of_key(FOLDERS, folder))
        .collect();
    groups(&parents)
}

fn groups(parents: &[Parent]) -> Vec<Vec<Parent>> {
    let groups = parents.chunks(MAX_PARENTS);
    groups.map(<[Parent]>::to_vec).collect()
}
