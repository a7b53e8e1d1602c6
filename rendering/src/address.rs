//! Addresses of pages, files and people.

use crate::anchor::{decode, key};
use crate::context::Context;
use crate::document::find;

/// A page, by the space it is in and its title.
pub(crate) fn page(
    context: &Context<'_>,
    space: Option<&str>,
    title: &str,
    anchor: Option<&str>,
) -> Option<String> {
    display(context, space, None, title, anchor)
}

/// A blog post, by its space, the day it was posted (`2012/01/30`) and its title.
pub(crate) fn blog_post(
    context: &Context<'_>,
    space: Option<&str>,
    day: &str,
    title: &str,
    anchor: Option<&str>,
) -> Option<String> {
    display(context, space, Some(day), title, anchor)
}

#[inline(never)]
fn display(
    context: &Context<'_>,
    space: Option<&str>,
    day: Option<&str>,
    title: &str,
    anchor: Option<&str>,
) -> Option<String> {
    let base = base(context)?;
    let space = space.or(context.space_key).filter(|key| !key.is_empty())?;
    if title.is_empty() {
        return None;
    }
    let mut address = format!("{base}/display/");
    encode(&mut address, space, "");
    if let Some(day) = day {
        address.push('/');
        encode(&mut address, day, "/");
    }
    address.push('/');
    encode(&mut address, title, "+");
    add_anchor(&mut address, anchor);
    Some(address)
}

/// Whether a page of that title in that space is the one that the body is of.
pub(crate) fn is_own(context: &Context<'_>, space: Option<&str>, title: &str) -> bool {
    let here = space.is_none() || space == context.space_key;
    let own = own_page(context).and_then(|page| {
        let behind = page.get(find(page, "/pages/")? + 7..)?;
        let (_, title) = behind.split_once('/')?;
        title.split(['?', '#', '/']).next()
    });
    // Addresses lack some of the punctuation of titles.
    let own = own.map(|own| key(&decode(&own.replace('+', " "))));
    here && own.is_some_and(|own| !own.is_empty() && own == key(title))
}

/// Content of any kind, by its id.
pub(crate) fn content(context: &Context<'_>, id: &str, anchor: Option<&str>) -> Option<String> {
    let base = base(context)?;
    if id.is_empty() {
        return None;
    }
    // `/pages/{id}` alone is no address of the site; this one leads to every kind of content.
    let mut address = format!("{base}/pages/viewpage.action?pageId=");
    encode(&mut address, id, "");
    add_anchor(&mut address, anchor);
    Some(address)
}

/// A space, by its key.
pub(crate) fn space(context: &Context<'_>, key: &str) -> Option<String> {
    let base = base(context)?;
    if key.is_empty() {
        return None;
    }
    let mut address = format!("{base}/spaces/");
    encode(&mut address, key, "");
    Some(address)
}

/// A place on the same page.
pub(crate) fn anchor(name: &str) -> Option<String> {
    let mut address = String::new();
    add_anchor(&mut address, Some(name));
    Some(address).filter(|address| !address.is_empty())
}

/// A file that is attached to the page, by its name.
pub(crate) fn file(name: &str) -> Option<String> {
    let mut address = String::new();
    encode(&mut address, name, "");
    Some(address).filter(|address| !address.is_empty())
}

/// Paths of the site that some links name without the `/wiki` before them.
const PATHS: [&str; 7] = [
    "display/",
    "download/",
    "pages/",
    "people/",
    "plugins/",
    "spaces/",
    "x/",
];

/// `address` as it can be followed from anywhere, if the site is known: links of a page may
/// leave its address away. Control characters and blanks around it go.
#[inline(never)]
pub(crate) fn absolute(context: &Context<'_>, address: &str) -> String {
    let mut address = address.trim().to_owned();
    address.retain(|c| !c.is_control());
    let address = complete(context, &address).unwrap_or(address);
    match within(context, &address) {
        Some(place) => place.to_owned(),
        None => address,
    }
}

/// The place that `address` leads to, if that is on the page itself: `#place`.
fn within<'a>(context: &Context<'_>, address: &'a str) -> Option<&'a str> {
    let place = address.get(address.find('#')?..)?;
    let page = own_page(context)?;
    // The title that follows the id may have changed since.
    let id = find(page, "/pages/")? + "/pages/".len();
    let behind = page.get(id..)?;
    let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
    let rest = address.strip_prefix(page.get(..id + digits)?)?;
    (digits > 0 && rest.starts_with(['/', '#', '?']) && place.len() > 1).then_some(place)
}

/// The page that the body is of. Comments have the address of their page with a query: places on it are
/// not theirs.
fn own_page<'a>(context: &Context<'a>) -> Option<&'a str> {
    context.page_url.filter(|page| !page.contains('?'))
}

/// Whether content of that id is the one that the body is of.
pub(crate) fn is_own_id(context: &Context<'_>, id: &str) -> bool {
    let behind = own_page(context).and_then(|page| {
        let behind = page.get(find(page, "/pages/")? + "/pages/".len()..)?;
        behind.split(['/', '?', '#']).next()
    });
    behind == Some(id)
}

fn complete(context: &Context<'_>, address: &str) -> Option<String> {
    of_site(context, address).or_else(|| of_page(context, address))
}

/// `address` where it is relative to the page: a query, or a path that says so by its dots. Others may be
/// the name of a file, or lack a scheme.
fn of_page(context: &Context<'_>, address: &str) -> Option<String> {
    let page = context.page_url?.split(['?', '#']).next()?;
    if address.starts_with('?') {
        return Some(format!("{page}{address}"));
    }
    let (folders, rest) = dots(address);
    if rest.len() == address.len() {
        return None;
    }
    let mut folder = page;
    for _ in 0..=folders {
        folder = folder.get(..folder.rfind('/')?)?;
    }
    // Nothing is above the site.
    find(folder, "://")?;
    Some(format!("{folder}/{rest}"))
}

/// How many folders up an address begins, and what follows the dots.
#[inline(never)]
fn dots(address: &str) -> (usize, &str) {
    let (mut folders, mut rest) = (0, address);
    loop {
        rest = match (rest.strip_prefix("./"), rest.strip_prefix("../")) {
            (Some(here), _) => here,
            (None, Some(up)) => {
                folders += 1;
                up
            }
            (None, None) => return (folders, rest),
        };
    }
}

/// `address` where it is relative to the site.
fn of_site(context: &Context<'_>, address: &str) -> Option<String> {
    let base = base(context)?;
    let (scheme, behind) = base.split_at_checked(find(base, "://")?)?;
    let behind = behind.get(3..)?;
    let (host, path) = behind.split_at(behind.find('/').unwrap_or(behind.len()));
    if let Some(elsewhere) = address.strip_prefix("//") {
        return (!elsewhere.is_empty()).then(|| format!("{scheme}://{elsewhere}"));
    }
    let Some(absolute) = address.strip_prefix('/') else {
        // Relative to a page, under whichever of its addresses: these say enough.
        let (_, rest) = dots(address);
        if rest.starts_with("viewpage.action?") {
            return Some(format!("{base}/pages/{rest}"));
        }
        let certain = rest.len() < address.len()
            || ["pages/viewpage.action?", "spaces/", "display/"]
                .iter()
                .any(|path| rest.starts_with(path));
        // `/pages/{id}` is no address of the site: it follows the space that the page is in.
        let id = rest.strip_prefix("pages/").unwrap_or_default();
        let known = certain
            && !id.starts_with(|first: char| first.is_ascii_digit())
            && PATHS.iter().any(|path| rest.starts_with(path));
        return known.then(|| format!("{base}/{rest}"));
    };
    let inside = format!("{address}/").starts_with(&format!("{path}/"));
    if !inside && PATHS.iter().any(|path| absolute.starts_with(path)) {
        return Some(format!("{base}/{absolute}"));
    }
    Some(format!("{scheme}://{host}/{absolute}"))
}

/// Names in the query of an address whose values are credentials, if they contain one of these.
const CREDENTIALS: [&str; 11] = [
    "apikey",
    "api_key",
    "api-key",
    "authorization",
    "credential",
    "jwt",
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
];

/// Whether `text` gives something the name of a credential: `password: x`, `client_secret=x`.
#[inline(never)]
pub(crate) fn has_credential(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    // What is behind the last of these is the name of nothing. Each name is looked at once: a text may
    // be one word of a million letters.
    let Some((named, _)) = text.rsplit_once([':', '=']) else {
        return false;
    };
    named.split([':', '=']).any(|piece| {
        let piece = piece.trim_end_matches(|c: char| c.is_whitespace() || "\"'".contains(c));
        let before =
            piece.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "-_".contains(c));
        let name = piece.get(before.len()..).unwrap_or_default();
        CREDENTIALS.iter().any(|word| find(name, word).is_some())
    })
}

/// `address`, which is the parameter of a macro, without user, password, and a query that has a
/// credential: nobody sees those on the page.
#[inline(never)]
pub(crate) fn without_credentials(address: &str) -> String {
    let mut address = address.to_owned();
    if let Some(scheme) = find(&address, "://") {
        let begin = scheme + 3;
        let behind = address.get(begin..).unwrap_or_default();
        let host = behind.find(['/', '?', '#']).unwrap_or(behind.len());
        if let Some(user) = behind.get(..host).and_then(|host| host.rfind('@')) {
            address.replace_range(begin..=begin + user, "");
        }
    }
    for mark in ['#', '?'] {
        let Some((before, query)) = address.split_once(mark) else {
            continue;
        };
        let named = query.split(['&', ';', '?', '#']).any(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            let name = name.to_ascii_lowercase();
            pair.contains('=')
                && (CREDENTIALS.iter().any(|word| find(&name, word).is_some())
                    || ["auth", "sig", "signature", "code", "key"].contains(&name.as_str()))
        });
        if named {
            address = before.to_owned();
        }
    }
    address
}

/// The scheme of an address that runs code where it is followed.
#[inline(never)]
pub(crate) fn unsafe_scheme(address: &str) -> Option<&'static str> {
    // Browsers skip blanks and controls in a scheme.
    let mut scheme = address
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .map(|c| c.to_ascii_lowercase());
    let start: String = scheme.by_ref().take(11).collect();
    ["javascript:", "vbscript:", "data:"]
        .into_iter()
        .find(|prefix| start.starts_with(prefix))
        .map(|prefix| prefix.trim_end_matches(':'))
}

fn base<'a>(context: &Context<'a>) -> Option<&'a str> {
    context
        .base_url
        .map(|base| base.trim_end_matches('/'))
        .filter(|base| !base.is_empty())
}

fn add_anchor(address: &mut String, anchor: Option<&str>) {
    if let Some(anchor) = anchor.filter(|anchor| !anchor.is_empty()) {
        address.push('#');
        encode(address, anchor, "");
    }
}

/// Appends `text` as one segment. Of what is reserved only `kept` stays; with `+` in it, blanks
/// become `+` as Confluence writes them.
fn encode(address: &mut String, text: &str, kept: &str) {
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match byte {
            b' ' if kept == "+" => address.push('+'),
            b'/' if kept == "/" => address.push('/'),
            _ if plain => address.push(char::from(byte)),
            _ => {
                address.push('%');
                for digit in [byte >> 4, byte & 15] {
                    let digit = char::from_digit(u32::from(digit), 16).unwrap_or('0');
                    address.push(digit.to_ascii_uppercase());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context<'static> {
        Context {
            base_url: Some("https://s.example/wiki/"),
            space_key: Some("~7120"),
            ..Context::default()
        }
    }

    #[test]
    fn titles_are_encoded_as_one_segment() {
        assert_eq!(
            page(&context(), None, "C++ / Ünï? 100%", Some("Part one")).as_deref(),
            Some(
                "https://s.example/wiki/display/~7120/C%2B%2B+%2F+%C3%9Cn%C3%AF%3F+100%25#Part%20one"
            )
        );
        assert_eq!(
            blog_post(&context(), Some("ENG"), "2012/01/30", "Hi", None).as_deref(),
            Some("https://s.example/wiki/display/ENG/2012/01/30/Hi")
        );
    }

    #[test]
    fn an_address_that_cannot_be_known_is_none() {
        assert_eq!(page(&Context::default(), Some("A"), "B", None), None);
        assert_eq!(page(&context(), None, "", None), None);
        assert_eq!(content(&Context::default(), "1", None), None);
    }

    #[test]
    fn addresses_of_the_site_are_completed() {
        for (address, expected) in [
            (
                "/wiki/spaces/A/pages/1",
                "https://s.example/wiki/spaces/A/pages/1",
            ),
            ("/wiki", "https://s.example/wiki"),
            (
                "/spaces/A/pages/1",
                "https://s.example/wiki/spaces/A/pages/1",
            ),
            ("/browse/A-1", "https://s.example/browse/A-1"),
            ("//other.example/a", "https://other.example/a"),
            ("../../display/A/B", "https://s.example/wiki/display/A/B"),
            (
                "viewpage.action?pageId=1",
                "https://s.example/wiki/pages/viewpage.action?pageId=1",
            ),
            ("https://other.example/a", "https://other.example/a"),
            ("#here", "#here"),
            ("file.pdf", "file.pdf"),
            ("mailto:a@b.example", "mailto:a@b.example"),
            ("/wikis/a", "https://s.example/wikis/a"),
        ] {
            assert_eq!(absolute(&context(), address), expected);
        }
        assert_eq!(absolute(&Context::default(), "/wiki/a"), "/wiki/a");
    }

    #[test]
    fn addresses_of_the_page_itself_are_places_on_it() {
        let mut context = context();
        context.page_url = Some("https://s.example/wiki/spaces/A/pages/12/Pump");
        for (address, expected) in [
            (
                "https://s.example/wiki/spaces/A/pages/12/Old+title#Spare-parts",
                "#Spare-parts",
            ),
            ("/wiki/spaces/A/pages/12#a", "#a"),
            (
                "https://s.example/wiki/spaces/A/pages/123#a",
                "https://s.example/wiki/spaces/A/pages/123#a",
            ),
            (
                "https://s.example/wiki/spaces/A/pages/12/Pump",
                "https://s.example/wiki/spaces/A/pages/12/Pump",
            ),
        ] {
            assert_eq!(absolute(&context, address), expected);
        }
    }

    #[test]
    fn credentials_in_addresses_are_removed() {
        for (address, expected) in [
            ("https://u:p@x.example/a@b", "https://x.example/a@b"),
            ("https://x.example/a?b=1#c", "https://x.example/a?b=1#c"),
            (
                "https://x.example/a?b=1&access_token=t",
                "https://x.example/a",
            ),
            ("https://x.example/a#apiKey=t", "https://x.example/a"),
            ("https://x.example/a?tokens", "https://x.example/a?tokens"),
        ] {
            assert_eq!(without_credentials(address), expected);
        }
    }

    #[test]
    fn schemes_that_run_code_are_known_however_they_are_written() {
        assert_eq!(unsafe_scheme(" Java\nScript:alert(1)"), Some("javascript"));
        assert_eq!(unsafe_scheme("data:text/html,x"), Some("data"));
        assert_eq!(unsafe_scheme("https://data:1/"), None);
        assert_eq!(unsafe_scheme("database"), None);
    }

    #[test]
    fn the_names_of_credentials_are_found_where_something_is_given_to_them() {
        for text in [
            "password: x",
            "client_secret=x",
            "{\"api-key\" : 1}",
            "a: 1, my-token-2 = x",
            "PWD=",
        ] {
            assert!(has_credential(text), "{text}");
        }
        for text in [
            "the password",
            "a: token",
            "token of x: y",
            ": password",
            "",
        ] {
            assert!(!has_credential(text), "{text}");
        }
    }

    #[test]
    fn a_million_letters_are_looked_at_once() {
        assert!(!has_credential(&"token".repeat(200_000)));
        assert!(has_credential(&format!("{}=", "token".repeat(200_000))));
    }
}
