"""Usage: python pages.py COMPONENT ENDPOINT

The variable CONFLUENCE_AUTH has the value of the `Authorization` header: `Basic ` and the base64 of
`email:token`, or `Bearer ` and a token.
"""

import os
import sys

from confluence_connector import ConfluenceError, Connection, Connector, SettingsProblem

component, endpoint = sys.argv[1:]
try:
    connector = Connector(component, Connection(endpoint, os.environ["CONFLUENCE_AUTH"]))
except SettingsProblem as problem:
    sys.exit(str(problem))

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
