//! Lanes: the spaces of a site in groups, whose rows are read side by side.

use std::collections::BTreeMap;

/// So many lanes, if there are more spaces. Each costs about one request more than a single list.
const LANES: usize = 32;

/// Spaces of a lane, at most: a request takes no more.
const MAX_SPACES: usize = 100;

/// Bytes of a step of a lane, about: several are held at once. A sync commits each, which costs some
/// milliseconds of waiting for the disk.
pub(crate) const LANE_BYTES: u32 = 1 << 20;

/// What the names of lanes begin with. No id of a space does.
const PREFIX: &str = "lane/";

/// Some spaces of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lane {
    /// The same from one run to the next: spaces come and go, and none ever changes its lane.
    pub(crate) name: String,
    /// Ids of its spaces, with commas between them.
    pub(crate) spaces: String,
}

/// Whether a partition is a lane, and not a space.
pub(crate) fn is_lane(partition: &str) -> bool {
    partition.starts_with(PREFIX)
}

/// The lanes of these spaces: one for each, or, if there are many, those that a hash of its id says.
pub(crate) fn lanes(spaces: &[String]) -> Vec<Lane> {
    if spaces.len() <= LANES {
        let lane = |space: &String| Lane {
            name: format!("{PREFIX}{space}"),
            spaces: space.clone(),
        };
        return spaces.iter().map(lane).collect();
    }
    let mut count = LANES;
    loop {
        let mut lanes: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for space in spaces {
            lanes.entry(hash(space) % count).or_default().push(space);
        }
        // A lane of one space is never too large, however many have the same hash.
        if lanes.values().all(|lane| lane.len() <= MAX_SPACES) || count > spaces.len() {
            let lane = |(place, spaces): (usize, Vec<&str>)| Lane {
                name: format!("{PREFIX}{place}-of-{count}"),
                spaces: spaces.join(","),
            };
            return lanes.into_iter().map(lane).collect();
        }
        count *= 2;
    }
}

fn hash(space: &str) -> usize {
    let [first, second, third, ..] = *blake3::hash(space.as_bytes()).as_bytes();
    usize::from(first) << 16 | usize::from(second) << 8 | usize::from(third)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn spaces(count: usize) -> Vec<String> {
        (0..count).map(|id| (65_536 + 3 * id).to_string()).collect()
    }

    #[test]
    fn every_space_is_in_one_lane_and_no_lane_has_more_than_a_request_takes() {
        for count in [0, 1, 32, 33, 500, 5_000] {
            let spaces = spaces(count);
            let lanes = lanes(&spaces);
            let mut all: Vec<&str> = Vec::new();
            for lane in &lanes {
                let own: Vec<&str> = lane.spaces.split(',').collect();
                assert!(own.len() <= MAX_SPACES, "{} of {count}", own.len());
                assert!(is_lane(&lane.name));
                all.extend(own);
            }
            all.sort_unstable();
            let mut wanted: Vec<&str> = spaces.iter().map(String::as_str).collect();
            wanted.sort_unstable();
            assert_eq!(all, wanted);
            assert!(lanes.len() <= 256, "{} of {count}", lanes.len());
        }
    }

    #[test]
    fn a_space_that_comes_changes_the_lane_of_no_other() {
        let before = lanes(&spaces(400));
        let after = lanes(&spaces(401));
        let lane_of = |lanes: &[Lane], space: &str| {
            let mut own = lanes.iter().filter(|lane| {
                let mut spaces = lane.spaces.split(',');
                spaces.any(|one| one == space)
            });
            own.next().unwrap().name.clone()
        };
        for space in spaces(400) {
            assert_eq!(lane_of(&before, &space), lane_of(&after, &space));
        }
    }
}
