//! Whether an account may read a content, and which layer decides.

use std::collections::BTreeSet;

use crate::principal::Principal;

/// An account, as far as layers need to know it.
#[derive(Debug, Clone, Default)]
pub struct Member {
    /// Its id.
    pub account: String,
    /// The ids of the groups that it is in.
    pub groups: BTreeSet<String>,
}

/// Whether an account may read a content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// It passes every layer.
    Yes,
    /// It passes every layer if it belongs to these classes: the copy does not have who does.
    If(BTreeSet<String>),
    /// It does not pass a layer, by its place, whatever class it belongs to.
    No(usize),
}

impl Decision {
    /// What layers decide about an account.
    #[must_use]
    pub fn of(layers: &[Vec<Principal>], member: &Member) -> Self {
        let mut classes = BTreeSet::new();
        for (place, layer) in layers.iter().enumerate() {
            let passes = layer.iter().any(|principal| match principal {
                Principal::User(id) => *id == member.account,
                Principal::Group(id) => member.groups.contains(id),
                _ => false,
            });
            if passes {
                continue;
            }
            let class = layer.iter().find_map(|principal| match principal {
                Principal::Class(name) => Some(name.clone()),
                _ => None,
            });
            match class {
                Some(class) => classes.insert(class),
                None => return Self::No(place),
            };
        }
        if classes.is_empty() {
            Self::Yes
        } else {
            Self::If(classes)
        }
    }
}

/// The layers of the column `layers`.
#[must_use]
pub fn layers_of(json: &str) -> Option<Vec<Vec<Principal>>> {
    let lists: Vec<Vec<String>> = serde_json::from_str(json).ok()?;
    let parsed = lists.iter().map(|list| {
        let principals = list.iter().map(|text| Principal::parse(text));
        principals.collect()
    });
    parsed.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Decision, Member, layers_of};

    fn decide(layers: &str, groups: &[&str]) -> Decision {
        let member = Member {
            account: "a".to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        };
        Decision::of(&layers_of(layers).unwrap_or_default(), &member)
    }

    #[test]
    fn a_user_in_one_layer_and_a_group_with_that_user_in_another_are_the_same_person() {
        let layers = r#"[["user:a"],["group:g"]]"#;
        assert_eq!(decide(layers, &["g"]), Decision::Yes);
        assert_eq!(decide(layers, &[]), Decision::No(1));
    }

    #[test]
    fn an_outer_layer_decides_although_the_nearest_one_is_passed() {
        let layers = r#"[["group:all"],["user:b"],["user:a"]]"#;
        assert_eq!(decide(layers, &["all"]), Decision::No(1));
    }

    #[test]
    fn a_layer_of_deleted_groups_or_unknown_principals_lets_nobody_pass() {
        assert_eq!(
            decide(r#"[["user:a"],["group:gone"]]"#, &[]),
            Decision::No(1)
        );
        assert_eq!(decide(r#"[["user:a"],["robot:a"]]"#, &[]), Decision::No(1));
        assert_eq!(decide(r#"[["user:a"],[]]"#, &[]), Decision::No(1));
    }

    #[test]
    fn a_class_is_a_condition_and_not_a_yes() {
        let classes = BTreeSet::from(["all-licensed-users".to_owned()]);
        let layers = r#"[["class:all-licensed-users"],["user:a"]]"#;
        assert_eq!(decide(layers, &[]), Decision::If(classes));
    }
}
