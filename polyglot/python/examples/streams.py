"""Usage: python streams.py COMPONENT ENDPOINT

Counts the pages of each space, and the versions of the pages of the first one. CONFLUENCE_AUTH is as for
`pages.py`.
"""

import os
import sys

import pyarrow.compute as pc
from confluence_connector import Connection, Connector, parents_of

component, endpoint = sys.argv[1:]
connector = Connector(component, Connection(endpoint, os.environ["CONFLUENCE_AUTH"]))

# A table at once, if it fits into memory.
pages = connector.read("pages", columns=["id", "space_id", "version__number"]).read_all()
counts = pages.group_by("space_id").aggregate([("id", "count")]).sort_by("space_id").to_pylist()
for count in counts:
    print(count["space_id"], count["id_count"])

# Batch by batch, for any number of rows. Store `reading.state` with the rows to continue after an error.
first = pages.filter(pc.equal(pages["space_id"], counts[0]["space_id"]))
parents = [parent for batch in first.to_batches() for parent in parents_of("pages", batch)]
reading = connector.read("page_versions", parents=parents)
for batch in reading:
    print(batch.num_rows, "versions,", pc.max(batch["number"]).as_py(), "is the largest number")
print(reading.rows, "versions of", len(parents), "pages in", reading.requests, "requests")
