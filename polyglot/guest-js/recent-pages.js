// The titles of the ten pages that were changed last, from the connector that this component is
// composed with. What it lists, how it continues and how it fails stands in the contract (`wit/`).

import { listPages } from "confluence:connector/confluence-service@0.3.0";

// A record of the contract is written with all of its fields that are no options.
const latestFirst = { sort: "-modified-date", status: [], spaceIds: [], raw: false, more: [] };

export const recent = {
  titles() {
    let listing;
    try {
      listing = listPages(undefined, 10, undefined, latestFirst);
    } catch (thrown) {
      // An error of the contract; what has no payload is a defect.
      const error = thrown.payload;
      if (error === undefined) throw thrown;
      throw `${error.message}: ${error.resolution}`;
    }
    // A list that ended early has its pages and an error.
    const stopped = listing.rest.stopped;
    if (stopped !== undefined) throw `${stopped.message}: ${stopped.resolution}`;
    return listing.items.map((page) => page.title);
  },
};
