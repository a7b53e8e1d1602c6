//! An order other than the one of the ids, without a table of it.

use crate::random::mix;

/// The affine bijection `index → (index · factor + shift) mod length`. Indexes can be moved behind all
/// others, also ones from `length` on.
#[derive(Debug, Clone)]
pub(crate) struct Permutation {
    length: u64,
    factor: u64,
    inverse: u64,
    shift: u64,
    /// Indexes that were moved to the end, each once.
    moved: Vec<u64>,
    /// The ranks, rising, that those of them below `length` had first.
    moved_ranks: Vec<u64>,
}

impl Permutation {
    pub(crate) fn new(seed: u64, length: u64) -> Self {
        let length = length.max(1);
        // Near the golden ratio, neighbours land far apart.
        let mut factor = (length as f64 * 0.618_034) as u64 | 1;
        while greatest_common_divisor(factor, length) != 1 {
            factor += 1;
        }
        factor %= length;
        Self {
            length,
            factor,
            inverse: inverse(factor, length),
            shift: mix(seed, 77, length) % length,
            moved: Vec::new(),
            moved_ranks: Vec::new(),
        }
    }

    /// Moves an index behind all others.
    pub(crate) fn move_to_end(&mut self, index: u64) {
        self.moved.retain(|other| *other != index);
        self.moved.push(index);
        let rank = self.first_rank(index);
        if index < self.length
            && let Err(place) = self.moved_ranks.binary_search(&rank)
        {
            self.moved_ranks.insert(place, rank);
        }
    }

    /// How many indexes keep their first place among each other.
    fn unmoved(&self) -> u64 {
        self.length - self.moved_ranks.len() as u64
    }

    /// The rank of `index`.
    pub(crate) fn rank(&self, index: u64) -> u64 {
        if self.moved.is_empty() {
            return self.first_rank(index);
        }
        if let Some(place) = self.moved.iter().position(|other| *other == index) {
            return self.unmoved() + place as u64;
        }
        let first = self.first_rank(index);
        first - self.moved_ranks.partition_point(|moved| *moved < first) as u64
    }

    /// The index of which `rank` is the rank.
    pub(crate) fn index(&self, rank: u64) -> u64 {
        if self.moved.is_empty() {
            return self.first_index(rank);
        }
        let at_end = rank.checked_sub(self.unmoved());
        if let Some(index) = at_end.and_then(|place| self.moved.get(place as usize)) {
            return *index;
        }
        let ranks = self.moved_ranks.iter();
        self.first_index(ranks.fold(rank, |first, moved| first + u64::from(*moved <= first)))
    }

    /// The rank that `index` had before any was moved.
    pub(crate) fn first_rank(&self, index: u64) -> u64 {
        (times(index % self.length, self.factor, self.length) + self.shift) % self.length
    }

    /// The index that had a rank before any was moved.
    pub(crate) fn first_index(&self, rank: u64) -> u64 {
        times(
            (rank % self.length + self.length - self.shift) % self.length,
            self.inverse,
            self.length,
        )
    }
}

fn times(left: u64, right: u64, modulus: u64) -> u64 {
    if modulus <= u64::from(u32::MAX) {
        // The remainder of 128 bits costs about ten times as much.
        left * right % modulus
    } else {
        (u128::from(left) * u128::from(right) % u128::from(modulus)) as u64
    }
}

fn greatest_common_divisor(mut left: u64, mut right: u64) -> u64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

fn inverse(factor: u64, length: u64) -> u64 {
    let (mut previous, mut current) = (0_i128, 1_i128);
    let (mut rest, mut divisor) = (i128::from(length), i128::from(factor));
    while divisor != 0 {
        let quotient = rest / divisor;
        (previous, current) = (current, previous - quotient * current);
        (rest, divisor) = (divisor, rest - quotient * divisor);
    }
    previous.rem_euclid(i128::from(length)) as u64
}

#[cfg(test)]
mod tests {
    use super::Permutation;

    #[test]
    fn every_rank_is_taken_once_and_leads_back() {
        for length in [1, 2, 3, 4, 7, 210, 211, 1024] {
            let permutation = Permutation::new(42, length);
            let mut ranks: Vec<u64> = (0..length).map(|index| permutation.rank(index)).collect();
            for index in 0..length {
                assert_eq!(
                    permutation.index(permutation.rank(index)),
                    index,
                    "length {length}"
                );
            }
            ranks.sort_unstable();
            assert_eq!(ranks, (0..length).collect::<Vec<_>>());
        }
    }

    #[test]
    fn moved_and_added_indexes_are_last_and_lead_back() {
        let mut permutation = Permutation::new(42, 7);
        for index in [3, 7, 5, 8, 3, 7] {
            permutation.move_to_end(index);
        }
        let order: Vec<u64> = (0..9).map(|rank| permutation.index(rank)).collect();
        assert!(order.ends_with(&[5, 8, 3, 7]), "{order:?}");
        for (rank, index) in order.iter().enumerate() {
            assert_eq!(permutation.rank(*index), rank as u64);
        }
    }

    #[test]
    fn lengths_beyond_32_bits_lead_back() {
        let permutation = Permutation::new(1, 5_000_000_007);
        for index in [0, 1, 4_999_999_999, 2_345_678_901] {
            assert_eq!(permutation.index(permutation.rank(index)), index);
        }
    }
}
