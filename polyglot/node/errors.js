// What is thrown.

/** The component answered an error, in place of what it was asked for. */
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

/** The component stopped in the middle of a call, which it never should. */
export class ConnectorBroke extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = 'ConnectorBroke';
  }
}

/** Why settings are not given or not kept. The component answers it as an error of this kind. */
export class SettingsProblem extends Error {
  constructor({ kind, code, message, cause, resolution }) {
    super(message);
    this.name = 'SettingsProblem';
    // As the component takes it.
    this.payload = { kind, code, message, cause, resolution };
  }
}
