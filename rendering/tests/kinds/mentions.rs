//! People by their names.

use std::collections::BTreeMap;

use confluence_rendering::mentions;

use super::*;

const BODY: &str = "<p><ac:link><ri:user ri:account-id=\"712020:ab\"/></ac:link> and \
    <ac:link><ri:user ri:account-id=\"557058:cd\"/></ac:link>, \
    <ac:link><ri:user ri:account-id=\"712020:ab\"/></ac:link></p>";

#[test]
fn the_account_ids_of_a_body_are_found_once_each() {
    assert_eq!(mentions(BODY), ["557058:cd", "712020:ab"]);
    assert_eq!(mentions("<p>nobody</p>"), [""; 0]);
}

#[test]
fn names_are_shown_where_they_are_known() {
    let people = BTreeMap::from([("712020:ab".to_owned(), "Ines Ruiz".to_owned())]);
    let mut context = context();
    context.people = Some(&people);
    let named = storage(BODY, Format::Text, &context).unwrap().text;
    assert_eq!(named, "@Ines Ruiz and @557058:cd, @Ines Ruiz\n");
    let node = json!({"type": "mention", "attrs": {"id": "712020:ab"}});
    let body = document(&[paragraph(&[node])]);
    assert_eq!(
        adf(&body, Format::Text, &context).unwrap().text,
        "@Ines Ruiz\n"
    );
    let user = "<ri:user ri:account-id=\"712020:ab\"/>";
    let profile = storage(
        &called("profile", &[("user", user)], ""),
        Format::Text,
        &context,
    );
    assert_eq!(profile.unwrap().text, "@Ines Ruiz\n");
    assert_eq!(text(BODY), "@712020:ab and @557058:cd, @712020:ab\n");
}
