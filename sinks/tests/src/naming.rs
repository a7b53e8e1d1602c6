//! Names of the columns that a sink adds.

use sync::{AddedValue, Naming, SinkError, SyncError};

use crate::runs::{SiteCopy, change, request, run_with};
use crate::site::Site;

/// Makes tests of the columns that a copy adds to those of streams.
#[macro_export]
macro_rules! naming_tests {
    ($copy:ty) => {
        #[tokio::test]
        async fn a_copy_has_the_added_names_of_its_first_run_and_keeps_them() {
            if <$copy as $crate::SiteCopy>::can_be_tested() {
                $crate::naming::a_copy_has_the_added_names_of_its_first_run_and_keeps_them::<$copy>()
                    .await;
            }
        }
    };
}

/// Every row has the values that its own columns have.
async fn check(copy: &impl SiteCopy, naming: Naming) {
    let mut columns = vec!["_sync_key", "_sync_at", "_sync_run"];
    let live = |value: AddedValue| value != AddedValue::DeletedAt;
    let added = naming.columns().iter().filter(|column| live(column.value));
    columns.extend(added.clone().map(|column| column.name));
    let rows = copy.rows("pages", &columns).await;
    assert_eq!(rows.len(), 4);
    for row in rows {
        let (own, foreign) = row.split_at(3);
        for (column, value) in added.clone().zip(foreign) {
            match column.value {
                AddedValue::Key => assert_eq!(*value, own[0]),
                AddedValue::WrittenAt => assert_eq!(*value, own[1]),
                AddedValue::Run => assert_eq!(*value, own[2]),
                AddedValue::Zero => assert_eq!(value, "0"),
                AddedValue::WrittenAtMillis => assert!(value.parse::<i64>().is_ok(), "{value}"),
                AddedValue::Meta => {
                    let run = value.split("\"sync_id\":").nth(1).unwrap().trim();
                    let run: String = run.chars().take_while(char::is_ascii_digit).collect();
                    assert_eq!(run, own[2], "{value}");
                }
                AddedValue::DeletedAt => panic!("the row is live"),
            }
        }
    }
}

/// See its name.
pub async fn a_copy_has_the_added_names_of_its_first_run_and_keeps_them<C: SiteCopy>() {
    for naming in [Naming::Airbyte, Naming::Singer, Naming::Dlt] {
        let (copy, site) = (C::new().await, Site::with_pages(5));
        let mut wanted = request();
        wanted.naming = Some(naming);
        run_with(&site, &copy, &wanted).await;
        change(&site, 3, |page| {
            page.version += 1;
            page.title = "new".to_owned();
        });
        change(&site, 5, |page| page.is_trashed = true);
        // Who names none has those of the copy.
        run_with(&site, &copy, &request()).await;
        check(&copy, naming).await;
        assert_eq!(copy.tombstones("pages").await.len(), 1);
        wanted.naming = Some(Naming::Sync);
        let mut sink = copy.sink().await;
        let refused = sync::sync(&site, sink.as_mut(), &wanted, &|| 0, &mut |_| ()).await;
        assert!(matches!(
            refused,
            Err(SyncError::Sink(SinkError::OtherNaming { has, .. })) if has == naming
        ));
    }
    let (copy, site) = (C::new().await, Site::with_pages(4));
    run_with(&site, &copy, &request()).await;
    let mut wanted = request();
    wanted.naming = Some(Naming::Airbyte);
    let mut sink = copy.sink().await;
    let refused = sync::sync(&site, sink.as_mut(), &wanted, &|| 0, &mut |_| ()).await;
    assert!(refused.is_err());
}
