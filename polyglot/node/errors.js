// Errors.

/** A call failed. */
export class ConfluenceError extends Error {
  constructor(record) {
    super(`${record.message}: ${record.cause}; ${record.resolution}`);
    this.name = 'ConfluenceError';
    this.record = record;
    const { kind, code, cause, resolution, status, requestId, retryAfterMs, limitScope } = record;
    Object.assign(this, {
      kind,
      code,
      cause,
      resolution,
      status,
      requestId,
      retryAfterMs,
      limitScope,
    });
  }
}

/** The component trapped. */
export class ConnectorBroke extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = 'ConnectorBroke';
  }
}

/** Settings are invalid, missing, or cannot be stored. */
export class SettingsProblem extends Error {
  constructor({ kind, code, message, cause, resolution }) {
    super(`${message}: ${cause}; ${resolution}`);
    this.name = 'SettingsProblem';
    Object.assign(this, { kind, code, cause, resolution });
    // The WIT record that the component receives.
    this.payload = { kind, code, message, cause, resolution };
  }
}

/** The component returned columns that violate the contract. */
export class MalformedBatch extends ConnectorBroke {
  constructor(code, message) {
    super(message);
    this.name = 'MalformedBatch';
    this.code = code;
  }
}

/** The stream is not available on this site or to this account. */
export class StreamUnsupported extends Error {
  constructor(stream, reason) {
    super(`the stream \`${stream}\` is not available: ${reason}`);
    this.name = 'StreamUnsupported';
    this.stream = stream;
    this.reason = reason;
  }
}
