"""python examples/pages.py COMPONENT ENDPOINT, with the authorization in CONFLUENCE_AUTH."""

import os
import sys

from confluence_connector import ConfluenceError, Connection, Connector

component, endpoint = sys.argv[1:]
connector = Connector(component, Connection(endpoint, os.environ["CONFLUENCE_AUTH"]))

for space in connector.list_spaces(limit=3)["items"]:
    print(space["key"], space["name"])

pages = 0
after = None
while True:
    answer = connector.list_pages(limit=100, after=after, options={"body_format": "text"})
    pages += len(answer["items"])
    if stopped := answer["rest"]["stopped"]:
        raise ConfluenceError(stopped)
    after = answer["rest"]["after"]
    if after is None:
        break
print(pages, "pages")

try:
    connector.get_page_by_id("1")
except ConfluenceError as error:
    print(error.kind, error.status, error.resolution)
