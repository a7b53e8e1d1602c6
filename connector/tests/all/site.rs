//! A site that answers what a test scripted.

use confluence_connector::{
    Answer, Confluence, Error, ListOptions, Listing, Notice, Page, PageQuery, Transport,
    TransportError, Window,
};

type Respond = Box<dyn FnMut(usize, &str) -> Result<Answer, TransportError>>;

/// Remembers what was asked for and answers by a function of the request's number and URL.
pub(crate) struct Site {
    pub(crate) asked: Vec<String>,
    /// What was said to be next, and how many had been asked for then.
    pub(crate) expected: Vec<(usize, String)>,
    respond: Respond,
}

impl Transport for Site {
    fn get(&mut self, path_and_query: &str) -> Result<Answer, TransportError> {
        self.asked.push(path_and_query.to_owned());
        // A call whose list began with a limit of 1 asks for each row of it.
        assert!(self.asked.len() <= 1_000, "the call does not end");
        (self.respond)(self.asked.len() - 1, path_and_query)
    }

    fn expect(&mut self, path_and_query: &str) {
        self.expected
            .push((self.asked.len(), path_and_query.to_owned()));
    }
}

/// A site that answers by a function of the request's number, from 0, and its URL.
pub(crate) fn site(
    respond: impl FnMut(usize, &str) -> Result<Answer, TransportError> + 'static,
) -> Confluence<Site> {
    Confluence::new(Site {
        asked: Vec::new(),
        expected: Vec::new(),
        respond: Box::new(respond),
    })
}

/// A site that gives these answers, and fails the test when asked once more.
pub(crate) fn script(answers: Vec<Answer>) -> Confluence<Site> {
    let mut answers = answers.into_iter();
    site(move |_, url| {
        Ok(answers
            .next()
            .unwrap_or_else(|| panic!("not expected: {url}")))
    })
}

/// A site that must not be asked.
pub(crate) fn silent() -> Confluence<Site> {
    script(Vec::new())
}

pub(crate) fn asked(confluence: &mut Confluence<Site>) -> Vec<String> {
    confluence.transport_mut().asked.clone()
}

pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    Answer {
        status,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
            .collect(),
        body: body.as_bytes().to_vec(),
    }
}

pub(crate) fn ok(body: &str) -> Answer {
    answer(200, &[("atl-traceid", "trace-1")], body)
}

/// A page of rows with these ids, and the cursor of the next one.
pub(crate) fn rows(ids: &[u64], next: Option<&str>) -> Answer {
    let rows: Vec<String> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    let links = next.map_or(String::new(), |cursor| {
        format!(r#""next":"/wiki/api/v2/x?limit=5&cursor={cursor}""#)
    });
    ok(&format!(
        r#"{{"results":[{}],"_links":{{{links}}}}}"#,
        rows.join(",")
    ))
}

/// The value of a parameter, still encoded.
pub(crate) fn parameter<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    parameters(url, name).into_iter().next()
}

pub(crate) fn parameters<'a>(url: &'a str, name: &str) -> Vec<&'a str> {
    url.split_once('?')
        .map(|(_, query)| query)
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(given, _)| *given == name)
        .map(|(_, value)| value)
        .collect()
}

pub(crate) fn window(limit: u32, after: Option<String>) -> Window {
    Window {
        limit: Some(limit),
        after,
    }
}

pub(crate) fn pages(
    confluence: &mut Confluence<Site>,
    limit: u32,
    after: Option<String>,
) -> Result<Listing<Page>, Error> {
    confluence.list_pages(
        &PageQuery::default(),
        &window(limit, after),
        &ListOptions::default(),
    )
}

pub(crate) fn pages_by_id(
    confluence: &mut Confluence<Site>,
    ids: &[u64],
    window: &Window,
) -> Result<Listing<Page>, Error> {
    let query = PageQuery {
        ids: Some(ids.iter().map(u64::to_string).collect()),
    };
    confluence.list_pages(&query, window, &ListOptions::default())
}

pub(crate) fn ids(listing: &Listing<Page>) -> Vec<u64> {
    listing
        .items
        .iter()
        .map(|page| page.id.parse().unwrap())
        .collect()
}

pub(crate) fn with_code<'a>(notices: &'a [Notice], code: &str) -> Vec<&'a Notice> {
    notices
        .iter()
        .filter(|notice| notice.code == code)
        .collect()
}

/// A site whose list has `count` rows with the ids 1, 2, …, in pages of the size asked for. Its
/// cursors are the id that comes next, and it honours `id`.
pub(crate) fn library(count: u64) -> Confluence<Site> {
    site(move |_, url| {
        let size: usize = parameter(url, "limit").unwrap().parse().unwrap();
        let from: u64 = parameter(url, "cursor").map_or(1, |cursor| cursor.parse().unwrap());
        let wanted = parameters(url, "id");
        let all: Vec<u64> = (from..=count)
            .filter(|id| wanted.is_empty() || wanted.contains(&id.to_string().as_str()))
            .collect();
        let next = all.get(size).map(u64::to_string);
        Ok(rows(&all[..size.min(all.len())], next.as_deref()))
    })
}
