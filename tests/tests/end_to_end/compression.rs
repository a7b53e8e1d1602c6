//! Compressed answers: read as the others are, and no larger than they may be.

use confluence_simulator::Simulator;
use serde_json::Value;
use tests::{AUTHORIZATION, Host};

use crate::front::{Coding, Front, Speaks};
use crate::site;

async fn list_behind(coding: Coding) -> (tests::Ended, Front) {
    list_of(&site().await, coding).await
}

async fn list_of(site: &Simulator, coding: Coding) -> (tests::Ended, Front) {
    let front = Front::start(site, Speaks::Plain, coding).await;
    let host = Host::new();
    host.set(&front.endpoint(), AUTHORIZATION, "app").ok();
    let words = ["listPages", "--limit", "250", "--output", "json"];
    let ended = host.call(&[&words[..], &["--receipt"]].concat());
    (ended, front)
}

fn receipt(ended: &tests::Ended) -> Value {
    let line = ended.stderr.lines().find(|line| line.starts_with('{'));
    serde_json::from_str(line.expect("a receipt is told")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_reads_the_same_in_every_coding() {
    let site = site().await;
    let (plain, _) = list_of(&site, Coding::Plain).await;
    let plain = plain.ok();
    assert_eq!(plain.ids().len(), 200);
    let whole = receipt(&plain);
    assert_eq!(whole["bytesReceived"], whole["bytesDecoded"]);
    for coding in [Coding::Gzip, Coding::Brotli, Coding::Zstd] {
        let (ended, _) = list_of(&site, coding).await;
        let ended = ended.ok();
        assert!(ended.stdout == plain.stdout, "{coding:?}");
        let receipt = receipt(&ended);
        assert_eq!(receipt["bytesDecoded"], whole["bytesDecoded"]);
        let received = receipt["bytesReceived"].as_u64().unwrap();
        assert!(received * 2 < whole["bytesReceived"].as_u64().unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_made_to_grow_is_cut() {
    let (ended, _) = list_behind(Coding::Bomb).await;
    let ended = ended.fails(16, &["200 times"]);
    let decoded = receipt(&ended)["bytesDecoded"].as_u64().unwrap();
    assert!(decoded < 1 << 20, "{decoded}");
}

#[tokio::test(flavor = "multi_thread")]
async fn compression_that_breaks_off_is_an_answer_that_broke_off() {
    let (ended, front) = list_behind(Coding::CutGzip).await;
    ended.fails(10, &[]);
    assert_eq!(front.requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coding_that_nobody_asked_for_is_not_taken_for_text() {
    let (ended, _) = list_behind(Coding::Unknown).await;
    ended.fails(13, &["`compress`"]);
}
