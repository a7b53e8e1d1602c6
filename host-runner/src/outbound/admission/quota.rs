//! The hourly quota of an OAuth app, in points, shared out among the tenants that use it.
//!
//! Confluence counts 65 000 points an hour for an app, for all sites and tenants together, and
//! refuses everybody until the hour is over when they are spent. One tenant that reads a large site
//! would take it all. Each may therefore take what nobody else is owed: a tenant that has been here
//! in this hour or the one before is owed an equal part.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use host_levels::{Bound, Effective, Kind, Level, LevelPath, Precedence, Setting, Value};

const POINTS_PER_HOUR: &str = "network.points-per-hour";

/// The setting of the quota.
pub(crate) const SETTINGS: &[Setting] = &[Setting {
    key: POINTS_PER_HOUR,
    kind: Kind::Number {
        least: 1,
        most: 10_000_000,
    },
    precedence: Precedence::Restricts(Bound::Maximum),
    documentation: "Maximum points per hour of all apps below this level together, over connections with a bearer token. Confluence grants an OAuth app 65000 for all of its tenants. Apps that made calls in this or the previous hour get equal shares; an app can use more only while the others can still get their share. The points of each wider level with this setting are shared in the same way. Without it, points are counted but not limited.",
    default: || None,
}];

/// Seconds of an hour. Quotas begin anew when the hour of UTC does.
const HOUR: u64 = 60 * 60;

/// What a tenant may spend, and of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quota {
    /// The level that has set it: whoever takes it from the same level shares it.
    pub(crate) owner: String,
    /// Points of all together in an hour.
    pub(crate) per_hour: u64,
    /// Who spends.
    pub(crate) tenant: String,
}

impl Quota {
    /// The quotas that connections of OAuth apps share, one for each level that has one, and in whose
    /// name the scope spends. Were it the narrowest one's alone, an app with a quota in its file would
    /// spend from that, and not from what the apps of the cluster share.
    pub(crate) fn in_force(effective: &Effective) -> Vec<Self> {
        let tenant = effective.scope().path(Level::App).as_str().to_owned();
        let quota = |(level, value): (Option<&LevelPath>, &Value)| match value {
            Value::Number(per_hour) => Some(Self {
                owner: level
                    .map(|level| level.as_str().to_owned())
                    .unwrap_or_default(),
                per_hour: u64::try_from(*per_hour).unwrap_or_default(),
                tenant: tenant.clone(),
            }),
            _ => None,
        };
        effective
            .all_values(POINTS_PER_HOUR)
            .filter_map(quota)
            .collect()
    }
}

/// What has been spent, by the owner of the quota.
#[derive(Debug, Default)]
pub(crate) struct Quotas(Mutex<HashMap<String, Spent>>);

#[derive(Debug, Default)]
struct Spent {
    /// Hours since 1970.
    hour: u64,
    tenants: HashMap<String, u64>,
    /// Who was here in the hour before.
    before: HashSet<String>,
}

impl Spent {
    fn begin(&mut self, hour: u64) {
        if hour == self.hour {
            return;
        }
        let tenants = std::mem::take(&mut self.tenants);
        self.before = if hour == self.hour + 1 {
            tenants.into_keys().collect()
        } else {
            HashSet::new()
        };
        self.hour = hour;
    }

    /// Whether a tenant may spend a point that nobody else is owed.
    fn allows(&self, tenant: &str, per_hour: u64) -> bool {
        let others: HashSet<&str> = self
            .tenants
            .keys()
            .chain(&self.before)
            .map(String::as_str)
            .filter(|other| *other != tenant)
            .collect();
        let part = per_hour / (others.len() as u64 + 1);
        let spent = |tenant: &str| self.tenants.get(tenant).copied().unwrap_or_default();
        let owed: u64 = others
            .iter()
            .map(|other| part.saturating_sub(spent(other)))
            .sum();
        let total: u64 = self.tenants.values().sum();
        spent(tenant) < part || total + owed < per_hour
    }
}

impl Quotas {
    /// Whether a request may leave. `now` is the time since 1970.
    ///
    /// # Errors
    ///
    /// How long it is until the hour is over, when the tenant has spent its part.
    pub(in crate::outbound) fn check(&self, quota: &Quota, now: Duration) -> Result<(), Duration> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = all.entry(quota.owner.clone()).or_default();
        spent.begin(now.as_secs() / HOUR);
        if spent.allows(&quota.tenant, quota.per_hour) {
            return Ok(());
        }
        Err(Duration::from_secs(HOUR - now.as_secs() % HOUR))
    }

    /// Counts what a request has cost.
    pub(in crate::outbound) fn spend(&self, quota: &Quota, now: Duration, points: u64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = all.entry(quota.owner.clone()).or_default();
        spent.begin(now.as_secs() / HOUR);
        *spent.tenants.entry(quota.tenant.clone()).or_default() += points;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Quota, Quotas};

    const HOUR: Duration = Duration::from_secs(3600);

    fn quota(tenant: &str) -> Quota {
        Quota {
            owner: "cluster".to_owned(),
            per_hour: 100,
            tenant: tenant.to_owned(),
        }
    }

    #[test]
    fn who_is_alone_may_spend_everything_and_then_waits_for_the_hour() {
        let quotas = Quotas::default();
        let now = HOUR * 5 + Duration::from_secs(600);
        quotas.spend(&quota("a"), now, 99);
        assert_eq!(quotas.check(&quota("a"), now), Ok(()));
        quotas.spend(&quota("a"), now, 1);
        assert_eq!(
            quotas.check(&quota("a"), now),
            Err(Duration::from_secs(3000))
        );
        assert_eq!(quotas.check(&quota("a"), HOUR * 6), Ok(()));
    }

    #[test]
    fn what_others_are_owed_is_left_to_them() {
        let quotas = Quotas::default();
        let now = HOUR * 5;
        quotas.spend(&quota("small"), now, 10);
        quotas.spend(&quota("large"), now, 60);
        // Of 100, 40 are left to the small one, which has taken 10 of its 50: 30 are nobody's.
        assert!(quotas.check(&quota("large"), now).is_err());
        assert_eq!(quotas.check(&quota("small"), now), Ok(()));
        quotas.spend(&quota("small"), now, 30);
        assert!(quotas.check(&quota("large"), now).is_err());
        assert!(quotas.check(&quota("small"), now).is_ok());
    }

    #[test]
    fn who_was_here_in_the_hour_before_is_owed_its_part() {
        let quotas = Quotas::default();
        quotas.spend(&quota("small"), HOUR * 5, 10);
        quotas.spend(&quota("large"), HOUR * 6, 50);
        assert!(quotas.check(&quota("large"), HOUR * 6).is_err());
        // It has not come for an hour: nothing is kept for it any more.
        quotas.spend(&quota("large"), HOUR * 7, 50);
        assert!(quotas.check(&quota("large"), HOUR * 7).is_ok());
    }

    #[test]
    fn quotas_of_different_levels_are_apart() {
        let quotas = Quotas::default();
        quotas.spend(&quota("a"), HOUR, 100);
        let other = Quota {
            owner: "env prod".to_owned(),
            ..quota("a")
        };
        assert!(quotas.check(&other, HOUR).is_ok());
        assert!(quotas.check(&quota("a"), HOUR).is_err());
    }
}
